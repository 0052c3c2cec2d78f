package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVersionsOfLockFiles are told where the manifest says none.
func TestVersionsOfLockFiles(t *testing.T) {
	t.Parallel()
	files := []File{
		{Path: "Gemfile", Content: []byte("gem 'sail'\ngem 'mast', '~> 2.0'\ngem 'keel'\n")},
		{Path: "Gemfile.lock", Content: []byte("GEM\n  remote: https://gems.example/\n  specs:\n    keel (3.1.4-x86_64-linux)\n    keel (3.1.4)\n    mast (2.0.9)\n    sail (1.2.0)\n      mast (>= 2)\n      wind (0.1)\n\nDEPENDENCIES\n  sail\n")},
		{Path: "py/pyproject.toml", Content: []byte("[project]\nname = 'x'\ndependencies = ['Harbour_Light', 'anchor>=2', 'ghost']\n")},
		{Path: "uv.lock", Content: []byte("version = 1\n\n[[package]]\nname = \"harbour-light\"\nversion = \"4.5.6\"\n\n[[package]]\nname = \"anchor\"\nversion = \"2.9\"\n")},
	}
	var paths []string
	for _, f := range files {
		if len(Select([]string{f.Path})) != 1 {
			t.Errorf("%s is not read", f.Path)
		}
		paths = append(paths, f.Path)
	}
	got := map[string]string{}
	for _, e := range Read(paths, files).External {
		got[e.Name] = e.Version
	}
	want := map[string]string{"sail": "1.2.0", "mast": "~> 2.0", "keel": "3.1.4", "Harbour_Light": "4.5.6", "anchor": ">=2", "ghost": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
