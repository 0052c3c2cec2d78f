package rampforge_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/rampforgeai/rampforge"

// floor says what one part of the house may import of the others. A part is a
// folder and everything below it, named from the module's root.
type floor struct {
	part string
	may  []string // parts, besides the root package and the part's own parent and children
}

// floors is the table of docs/design.md. A part that is missing here fails the
// test, so a new package chooses its floor in the open.
var floors = []floor{
	// F1: the machine. The root package only.
	{"internal/database", nil},
	{"internal/git", nil},
	{"internal/httpclient", nil},
	{"internal/secret", nil},
	{"internal/telemetry", nil},
	{"internal/config", nil},
	{"internal/stat", nil},       // pure
	{"internal/terms", nil},      // pure
	{"internal/vector", nil},     // pure
	{"internal/lazyregexp", nil}, // pure
	{"internal/nameless", nil},   // pure

	// F2: the product's subjects, strangers to each other.
	{"internal/store", []string{"internal/database", "internal/telemetry", "internal/terms", "internal/nameless"}},
	{"internal/queue", []string{"internal/telemetry"}},
	{"internal/cache", []string{"internal/httpclient", "internal/telemetry"}},
	{"internal/analysis", []string{"internal/lazyregexp", "internal/nameless"}}, // pure
	{"internal/workflow", []string{"internal/stat"}},                            // pure
	{"internal/team", []string{"internal/stat"}},                                // pure
	{"internal/connector", []string{"internal/httpclient"}},
	{"internal/llm", []string{"internal/httpclient", "internal/lazyregexp", "internal/telemetry", "internal/terms"}},

	// F3: the use cases.
	{"internal/assistant", slices.Concat(below3, []string{"internal/inspect"})}, // it indexes what is inspected
	{"internal/auth", below3},
	{"internal/inspect", below3},
	{"internal/ingest", below3},
	{"internal/measure", below3},

	// F4: the doors.
	{"internal/api", slices.Concat(below4, []string{"web"})},
	{"internal/worker", below4},
	{"web", nil},

	// F5: the wiring.
	{"internal/cli", everything},
	{"cmd/rampforge", []string{"internal/cli"}},
}

var (
	below3 = []string{
		"internal/database", "internal/git", "internal/httpclient", "internal/secret", "internal/telemetry",
		"internal/store", "internal/queue", "internal/cache", "internal/analysis", "internal/connector", "internal/llm",
		"internal/stat", "internal/terms", "internal/vector", "internal/lazyregexp", "internal/nameless", "internal/workflow", "internal/team",
	}
	below4     = slices.Concat(below3, []string{"internal/auth", "internal/inspect", "internal/ingest", "internal/measure", "internal/assistant"})
	everything = slices.Concat(below4, []string{"internal/config", "internal/api", "internal/worker", "web"})
)

// forTests are packages that tests import and products must not. They may
// import what the package they serve may, and that package.
var forTests = []string{"internal/store/storetest", "internal/git/gittest", "internal/analysis/language/languagetest", "internal/analysis/analysistest", "internal/connector/connectortest", "internal/connector/github/githubtest", "internal/connector/azuredevops/azuredevopstest", "internal/connector/confluence/confluencetest", "internal/connector/gitlab/gitlabtest", "internal/connector/jira/jiratest", "internal/connector/atlassian/atlassiantest", "internal/llm/llmtest", "internal/telemetry/telemetrytest", "test"}

type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// TestFloors executes the floor table: a package imports lower floors only and
// siblings are strangers.
func TestFloors(t *testing.T) {
	for _, pkg := range list(t) {
		path := strings.TrimPrefix(strings.TrimPrefix(pkg.ImportPath, module), "/")
		if path == "" {
			for _, imp := range pkg.Imports {
				if strings.Contains(imp, ".") {
					t.Errorf("the root package imports %s: it may import the standard library only", imp)
				}
			}
			continue
		}
		if isForTests(path) || strings.HasPrefix(path, "bench") {
			continue
		}
		i := slices.IndexFunc(floors, func(f floor) bool { return within(path, f.part) })
		if i < 0 {
			t.Errorf("%s has no floor: add it to the table in imports_test.go", path)
			continue
		}
		for _, imp := range pkg.Imports {
			checkImport(t, path, floors[i], imp)
		}
	}
}

func checkImport(t *testing.T, path string, f floor, imp string) {
	t.Helper()
	to, ours := strings.CutPrefix(imp, module+"/")
	switch {
	case !ours || within(to, f.part):
		return
	case isForTests(to):
		t.Errorf("%s imports %s outside its tests", path, to)
	case !slices.ContainsFunc(f.may, func(p string) bool { return within(to, p) }):
		t.Errorf("%s imports %s: the floor of %s allows %v", path, to, f.part, f.may)
	}
}

// TestAnalysisIsPure keeps the clock, the network and the database out of the
// analysis and of the metrics, so that the same input gives the same bytes.
func TestAnalysisIsPure(t *testing.T) {
	pure := []string{"internal/analysis", "internal/workflow", "internal/team", "internal/stat", "internal/vector", "internal/nameless"}
	forbidden := []string{"database/sql", "log/slog", "math/rand", "net", "net/http", "os", "os/exec"}
	for _, pkg := range list(t) {
		path := strings.TrimPrefix(pkg.ImportPath, module+"/")
		if isForTests(path) || !slices.ContainsFunc(pure, func(part string) bool { return within(path, part) }) {
			continue
		}
		for _, imp := range pkg.Imports {
			if slices.Contains(forbidden, imp) {
				t.Errorf("%s imports %s: it is pure", path, imp)
			}
		}
	}
}

func within(path, part string) bool {
	return path == part || strings.HasPrefix(path, part+"/")
}

func isForTests(path string) bool {
	return slices.ContainsFunc(forTests, func(p string) bool { return within(path, p) })
}

func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listed
		err := dec.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("reading the output of go list: %v", err)
		}
		all = append(all, pkg)
	}
}
