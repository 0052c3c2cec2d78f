package graph

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestCountUses counts the files of dependencies whose names are not those of
// what is imported.
func TestCountUses(t *testing.T) {
	t.Parallel()
	file := func(path, lang string, imports ...string) File {
		f := File{Path: path, Language: lang, Kind: "programming", Facts: &language.Facts{}}
		for _, p := range imports {
			f.Facts.Imports = append(f.Facts.Imports, language.Import{Path: p})
		}
		return f
	}
	g := Resolve(Tree{Files: []File{
		file("a.go", "Go", "github.com/acme/log", "github.com/acme/log/level", "github.com/acme/log/v2/x"),
		file("b.go", "Go", "github.com/acme/log/level", "github.com/acme/logging", "fmt"),
		file("a.py", "Python", "yaml", "PIL.Image", "sklearn.svm", "cv2", "os", "attr", "requests.auth", "google.cloud.storage.blob"),
		file("b.py", "Python", "yaml.nodes", "dotenv", "jwt", "typing_extensions", "socketio"),
		file("web/a.ts", "TypeScript", "react", "react/jsx-runtime", "@scope/kit/button", "node:fs"),
		file("web/ui/b.ts", "TypeScript", "react"),
		file("A.java", "Java", "com.google.common.collect.ImmutableList", "org.junit.Test", "java.util.List"),
	}})
	type dependency struct {
		ecosystem, name, manifest string
		imports                   []string
		files                     int
	}
	tests := []dependency{
		{"go", "github.com/acme/log", "go.mod", nil, 2},
		{"go", "github.com/acme/log/v2", "go.mod", nil, 1},
		{"go", "github.com/acme/unused", "go.mod", nil, 0},
		{"pypi", "PyYAML", "requirements.txt", nil, 2},
		{"pypi", "Pillow", "requirements.txt", nil, 1},
		{"pypi", "scikit-learn", "requirements.txt", nil, 1},
		{"pypi", "opencv-python-headless", "requirements.txt", nil, 1},
		{"pypi", "attrs", "requirements.txt", nil, 1},
		{"pypi", "Requests", "requirements.txt", nil, 1},
		{"pypi", "google-cloud-storage", "requirements.txt", nil, 1},
		{"pypi", "python-dotenv", "requirements.txt", nil, 1},
		{"pypi", "PyJWT", "requirements.txt", nil, 1},
		{"pypi", "typing-extensions", "requirements.txt", nil, 1},
		{"pypi", "odd-name", "requirements.txt", []string{"socketio"}, 1},
		{"npm", "react", "web/package.json", nil, 1},
		{"npm", "react", "web/ui/package.json", nil, 1},
		{"npm", "react", "other/package.json", nil, 0},
		{"npm", "@scope/kit", "web/package.json", nil, 1},
		{"maven", "com.google.guava:guava", "pom.xml", nil, 1},
		{"maven", "junit:junit", "pom.xml", nil, 1},
		{"hex", "plug", "mix.exs", nil, 7},
	}
	var externals []report.External
	for _, d := range tests {
		e := report.External{Ecosystem: d.ecosystem, Name: d.name, Manifest: d.manifest, Imports: d.imports}
		if d.ecosystem == "hex" {
			e.Files = d.files // no parser reads it: it stays
		}
		externals = append(externals, e)
	}
	g.CountUses(externals)
	for i, d := range tests {
		if externals[i].Files != d.files {
			t.Errorf("%s of %s: %d files, want %d", d.name, d.manifest, externals[i].Files, d.files)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"src/main/java/org/example/shop/order":  "order",
		"shop/src/main/java/org/example/order":  "shop/order",
		"order/src/main/java/org/example/order": "order",
		"internal/store":                        "internal/store",
		"mysrc/main/java/x":                     "mysrc/main/java/x",
	} {
		if got := withoutSourceRoot(in); got != want {
			t.Errorf("withoutSourceRoot(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"a/src/test/java/x/Y.java":         "a/src/main/java/x/Y.java",
		"src/test/kotlin/x/Y.kt":           "src/main/java/x/Y.kt",
		"src/main/java-templates/x/Y.java": "src/main/java/x/Y.java",
		"src/test/resources/x.yml":         "src/main/resources/x.yml",
		"src/test/x.py":                    "src/test/x.py",
	} {
		if got := logicalPath(in); got != want {
			t.Errorf("logicalPath(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"A short text.": "A short text.",
		"The first sentence is long enough. The second is not all there": "The first sentence is long enough.",
		"Words without any end that go on and on and on and on and on":   "Words without any end that go on and on…",
	} {
		if got := shorten(in, 40); got != want {
			t.Errorf("shorten(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestTelling holds the weights of aider's repository map.
func TestTelling(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		refs, declared int
		want           float32
	}{
		{"", 1, 1, 1},
		{"open", 4, 1, 2},
		{"resolveImport", 4, 1, 20},
		{"resolve_import", 9, 1, 30},
		{"_private", 1, 1, 1}, // ten times for its words, a tenth for being private
		{"_x", 1, 1, 0.1},
		{"open", 4, 6, 0.2},
	}
	for _, test := range tests {
		got := weigh(test.name, test.refs, test.declared)
		if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b float32) bool { return a-b < 1e-5 && b-a < 1e-5 })); diff != "" {
			t.Errorf("weigh(%q, %d, %d): %s", test.name, test.refs, test.declared, diff)
		}
	}
}

// TestJoin joins the packages of a folder with more than a person takes in:
// groups that use each other, shared foundations, and no circle that the code
// does not have.
func TestJoin(t *testing.T) {
	t.Parallel()
	var tree Tree
	add := func(dir string, uses ...string) {
		for n := range 4 {
			f := File{Path: dir + "/" + string(rune('a'+n)) + ".js", Language: "JavaScript", Kind: "programming", Code: 100, Facts: &language.Facts{}}
			for _, used := range uses {
				f.Facts.Imports = append(f.Facts.Imports, language.Import{Path: "../" + used + "/" + string(rune('a'+n))})
			}
			tree.Files = append(tree.Files, f)
		}
	}
	for _, area := range []string{"order", "stock", "people"} {
		add("internal/"+area+"-api", area+"-logic", "log")
		add("internal/"+area+"-logic", area+"-store", area+"-rules", "log")
		add("internal/"+area+"-rules", "errors")
		add("internal/"+area+"-store", "errors", "log")
	}
	for _, base := range []string{"log", "errors", "clock", "ids", "text"} {
		add("internal/" + base)
	}
	g := Resolve(tree)
	m := g.Map(Hints{})
	a := m.Architecture()
	if n := len(a.Components); n < 4 || n > mostComponents {
		t.Errorf("%d components", n)
	}
	if len(a.Cycles) > 0 {
		t.Errorf("joining made circles: %v", a.Cycles)
	}
	checkMap(t, g, m)
	for _, area := range []string{"order", "stock", "people"} {
		logic, store := m.ComponentOf("internal/"+area+"-logic/a.js"), m.ComponentOf("internal/"+area+"-store/a.js")
		other := m.ComponentOf("internal/clock/a.js")
		if logic != store && logic == other {
			t.Errorf("%s: logic is in %s, store in %s", area, logic, store)
		}
	}
}
