package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestBuiltNeedsAnIndex(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pages fstest.MapFS
		want  bool
	}{
		"bare clone":        {fstest.MapFS{".gitkeep": {}}, false},
		"empty":             {fstest.MapFS{}, false},
		"built":             {fstest.MapFS{".gitkeep": {}, "index.html": {Data: []byte("<!doctype html>")}}, true},
		"a folder does not": {fstest.MapFS{"index.html": {Mode: fs.ModeDir}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := built(tc.pages); got != tc.want {
				t.Errorf("built = %v, want %v", got, tc.want)
			}
		})
	}
}

// The tracked .gitkeep is what lets a bare clone compile, so a build must put
// it back.
func TestGitkeepIsEmbedded(t *testing.T) {
	t.Parallel()
	if _, err := fs.Stat(FS(), ".gitkeep"); err != nil {
		t.Errorf("dist/.gitkeep: %v (web/public/.gitkeep re-creates it on every build)", err)
	}
}

var external = regexp.MustCompile(`(?:src|href)\s*=\s*["']?(?:https?:)?//`)

// Whatever was built must hold ReDoc with its licences and ask nothing of
// another host. A bare clone has no pages, and must say so.
func TestPages(t *testing.T) {
	t.Parallel()
	if !Built() {
		entries, err := fs.ReadDir(FS(), ".")
		if err != nil || len(entries) != 1 {
			t.Fatalf("no pages were built, yet dist holds %v (error %v)", entries, err)
		}
		return
	}
	for _, name := range []string{"redoc/redoc.standalone.js", "redoc/redoc.standalone.js.LICENSE.txt", "redoc/LICENSE.txt"} {
		if data, err := fs.ReadFile(FS(), name); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, error %v", name, len(data), err)
		}
	}
	index, err := fs.ReadFile(FS(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if found := external.Find(index); found != nil {
		t.Errorf("index.html asks another host: %s", found)
	}
	for _, inline := range []string{"<style", " style=", " onclick=", "<script>"} {
		if strings.Contains(string(index), inline) {
			t.Errorf("index.html holds %q, which default-src 'self' refuses", inline)
		}
	}
	redoc, err := fs.ReadFile(FS(), "redoc/redoc.standalone.js")
	if err == nil && strings.Contains(string(redoc), "cdn.redoc.ly") {
		t.Error("ReDoc asks cdn.redoc.ly for its logo")
	}
}
