package golang

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

func read(content map[string]string, paths ...string) *evidence.Findings {
	var files []evidence.File
	for name, text := range content {
		files = append(files, evidence.File{Path: name, Content: []byte(text)})
	}
	f := evidence.NewFindings()
	Read(evidence.NewTree(paths, files), f)
	return f
}

func TestRequire(t *testing.T) {
	t.Parallel()
	f := read(map[string]string{
		"go.mod": `module example.org/a // comment
go 1.26
require example.org/one v1.0.0 // why it is here
require (
	example.org/two/v2 v2.3.4-0.20260101000000-abcdefabcdef // indirect

	// a comment
	example.org/b v0.0.0
	example.org/tools v1.0.0 // indirect; a tool
)
tool (
	example.org/tools/cmd/x
	example.org/a/internal/gen
)
exclude example.org/one v0.9.0
retract v1.0.0
future directive of a newer Go
`, "b/go.mod": "module example.org/b\n",
	})
	var got []string
	for _, e := range f.External {
		got = append(got, fmt.Sprintf("%s %s %s %d", e.Name, e.Version, e.Scope, e.Line))
	}
	want := []string{
		"example.org/one v1.0.0 runtime 3",
		"example.org/two/v2 v2.3.4-0.20260101000000-abcdefabcdef indirect 5",
		// An unknown directive takes the lax reader, which does not read tools:
		// the module stays what its comment says.
		"example.org/tools v1.0.0 indirect 9",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	f := read(map[string]string{
		"a/go.mod": "module example.org/a\nreplace (\n\texample.org/in => ../b\n\texample.org/version v1.0.0 => ./own\n\texample.org/fork => example.org/other v1.0.0\n\texample.org/out => ../../c\n\texample.org/gone => ./gone\n\texample.org/abs => /usr/x\n)\n",
		"go.work":  "go 1.26\nuse ./a\nreplace example.org/everywhere => ./b\n",
	}, "b/b.go", "a/own/x.go")
	want := []evidence.GoModule{{
		Path: "example.org/a", Dir: "a", Replace: map[string]string{"example.org/in": "b", "example.org/version": "a/own", "example.org/everywhere": "b"},
	}}
	if diff := cmp.Diff(want, f.Layout.GoModules); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		root  string
		paths []string
		want  []string
	}{
		{"the root", ".", []string{"main.go", "cmd/a/main.go"}, []string{".", "./cmd/a"}},
		{"a module in a folder", "m", []string{"m/main.go", "m/cmd/a/main.go", "cmd/b/main.go"}, []string{".", "./cmd/a"}},
		{"cmd itself", ".", []string{"cmd/main.go"}, []string{"./cmd"}},
		{"test data", ".", []string{"cmd/a/testdata/main.go"}, nil},
		{"a library", ".", []string{"a.go", "sub/main.go"}, nil},
		{"many", ".", []string{"cmd/a/main.go", "cmd/b/main.go", "cmd/c/main.go", "cmd/d/main.go", "cmd/e/main.go"}, []string{"./cmd/a", "./cmd/b", "./cmd/c", "./cmd/d"}},
	} {
		if diff := cmp.Diff(tc.want, programs(tc.root, evidence.NewTree(tc.paths, nil))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]bool{"module a\n": true, "": false, "go 1.26\n": false, "module a\nunknown x\n": true, "{{ template }}": false} {
		if got := parse("go.mod", []byte(content)) != nil; got != want {
			t.Errorf("%q is a go.mod: %v", content, got)
		}
	}
}
