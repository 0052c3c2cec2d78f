package documents_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// says makes a document of a repository as one text, with what was not found.
func says(t *testing.T, k rampforge.DocumentKind, in documents.Inputs) string {
	t.Helper()
	d, _ := documents.Merge(nil, compose(t, k, in), false, noon)
	return documents.Markdown(&d)
}

// want fails the test unless a text has some parts and lacks others, which begin
// with a "!".
func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		bare, without := strings.CutPrefix(p, "!")
		if strings.Contains(text, bare) == without {
			t.Errorf("want %q in:\n%s", p, text)
		}
	}
}

func spring(folder, name, pkg, path string) string {
	return "-- " + folder + name + "Controller.java --\npackage " + pkg + ";\n\nimport org.springframework.web.bind.annotation.*;\n\n@RestController\npublic class " + name + "Controller {\n\n    @GetMapping(\"" + path + "\")\n    public String show() {\n        return \"shown\";\n    }\n}\n" +
		"-- " + folder + name + ".java --\npackage " + pkg + ";\n\nimport jakarta.persistence.*;\n\n@Entity\n@Table(name = \"" + strings.ToLower(name) + "s\")\npublic class " + name + " {\n    @Id\n    private Long id;\n\n    private String name;\n}\n"
}

// TestPackagesOfSamples has the software in packages that are called like folders
// of examples.
func TestPackagesOfSamples(t *testing.T) {
	t.Parallel()
	const pom = "-- pom.xml --\n<project>\n  <groupId>com.example</groupId>\n  <artifactId>demo</artifactId>\n  <version>1</version>\n</project>\n"
	for _, pkg := range []string{"org.springframework.samples.petclinic.owner", "com.example.demo", "com.example.testing"} {
		folder := "src/main/java/" + strings.ReplaceAll(pkg, ".", "/") + "/"
		in := of(t, gittest.Build(t, pom+spring(folder, "Owner", pkg, "/owners/all")+"-- commit: Show owners --\n"))
		want(t, says(t, rampforge.DocumentAPIReference, in), "GET /owners/all", "!Left out", "!none was found.")
		want(t, says(t, rampforge.DocumentArchitecture, in), "**Owner** (table `owners`")
	}
}

const router = "package %s\n\nimport \"net/http\"\n\nfunc routes(mux *http.ServeMux) {\n\tmux.HandleFunc(\"GET %s\", show)\n}\n\nfunc show(w http.ResponseWriter, r *http.Request) {}\n"

func routes(pkg, path string) string {
	return strings.NewReplacer("package %s", "package "+pkg, "GET %s", "GET "+path).Replace(router)
}

// TestFoldersOfExamples leaves out what shows the software beside it, says how
// much that is, and never leaves out what is used or most of the code. What the
// analysis says of such folders is given, so that the documents alone decide.
func TestFoldersOfExamples(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ name, example, own, uses string }{
		{"at the top", "examples/show.go", "shop/routes.go", ""},
		{"in a package", "services/shop/examples/show.go", "services/shop/routes.go", ""},
		{"in the source", "", "src/demo/routes.go", ""},
		{"deep", "", "shop/samples/routes.go", ""},
		{"the product is a demo", "examples/show.go", "demo/routes.go", ""},
		{"the software uses it", "examples/show.go", "samples/routes.go", "\n\nimport \"example.com/shop/samples\"\n\nfunc More() { samples.Start() }\n" + strings.Repeat("\nvar _ = 1\n", 90)},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			script := "-- go.mod --\nmodule example.com/shop\n\ngo 1.25\n-- services/shop/go.mod --\nmodule example.com/shop/services/shop\n\ngo 1.25\n-- " + v.own + " --\n" + routes(path.Base(path.Dir(v.own)), "/orders/all") +
				"\nfunc Start() {}\n" + strings.Repeat("\nvar _ = 1\n", 30) + "-- shop/more.go --\npackage shop\n" + v.uses
			if v.example != "" {
				script += "-- " + v.example + " --\n" + routes("main", "/shown/first")
			}
			in := of(t, gittest.Build(t, script+"-- commit: Show it --\n"))
			r := *in.Report
			r.Endpoints = []report.Endpoint{{Method: "GET", Path: "/orders/all", Location: report.Location{Path: v.own, Line: 6}}}
			left := "!Left out"
			if v.example != "" {
				r.Endpoints = append(r.Endpoints, report.Endpoint{Method: "GET", Path: "/shown/first", Location: report.Location{Path: v.example, Line: 6}})
				left = "folders that show something: 1 endpoint."
			}
			in.Report = &r
			want(t, says(t, rampforge.DocumentAPIReference, in), "GET /orders/all", "!/shown/first", left)
		})
	}
}

// TestMoreEndpoints has more endpoints than a reference lists: they are counted as
// what they are.
func TestMoreEndpoints(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, shop(t)))
	r := *in.Report
	r.Endpoints, r.Beside = nil, []string{"examples"}
	for i := range 607 {
		r.Endpoints = append(r.Endpoints, report.Endpoint{Method: "GET", Path: fmt.Sprint("/things/", i), Framework: "net/http", Location: report.Location{Path: "README.md", Line: 1}})
	}
	r.Endpoints = append(r.Endpoints, report.Endpoint{Method: "GET", Path: "/shown", Location: report.Location{Path: "examples/a.go", Line: 1}})
	in.Report = &r
	want(t, says(t, rampforge.DocumentAPIReference, in), "These are the first 600 endpoints. 7 more of the software are not listed", "folders that show something: 1 endpoint.", "GET /things/599`", "!GET /things/600`")
}

// testsLine is what a reference says of the tests of an endpoint, "" for nothing.
func testsLine(text, path string) string {
	_, rest, _ := strings.Cut(text, path)
	entry, _, _ := strings.Cut(rest, "\n- `")
	entry, _, _ = strings.Cut(entry, "\n## ")
	_, tests, _ := strings.Cut(entry, "tests: ")
	tests, _, _ = strings.Cut(tests, "\n")
	return tests
}

// sourceSays reports whether the source that a text cites first begins so.
func sourceSays(text, cited, source string) bool {
	m := mark.FindStringSubmatch(cited)
	return m != nil && strings.Contains(text, "\n"+m[1]+". "+source)
}
