package feature

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/graph"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// enough is the precision and the recall that every framework must reach.
const enough = 0.95

// lists are the files of a fixture that say what must be found, a line each.
var lists = []string{"endpoints", "commands", "jobs", "models", "pages", "rpc"}

// score counts what was found for a framework.
type score struct{ right, wrong, missed int }

func (s score) precision() float64 { return ratio(s.right, s.right+s.wrong) }
func (s score) recall() float64    { return ratio(s.right, s.right+s.missed) }

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// TestFixtures holds what is found against what each fixture says. A framework
// is the name of a fixture up to its first hyphen; its fixtures count together.
func TestFixtures(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatal("no fixtures", err)
	}
	scores := map[string]score{}
	for _, path := range fixtures {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		framework, _, _ := strings.Cut(name, "-")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := scores[framework]
			compare(t, archive, &s)
			scores[framework] = s
		})
	}
	for framework, s := range scores {
		if s.precision() < enough || s.recall() < enough {
			t.Errorf("%s: precision %.3f, recall %.3f", framework, s.precision(), s.recall())
		}
	}
	compareTable(t, scores)
}

var update = flag.Bool("update", false, "write the table of the documentation")

// document holds the table of precision and recall, between two lines.
const (
	document   = "../../../docs/analysis.md"
	tableBegin = "<!-- fixtures: go test ./internal/analysis/feature -update -->\n"
	tableEnd   = "<!-- end of fixtures -->\n"
)

// compareTable holds the table of the documentation against what was counted.
func compareTable(t *testing.T, scores map[string]score) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	was, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no table of fixtures", document)
	}
	var b strings.Builder
	b.WriteString("\n| framework | to be found | precision | recall |\n|---|---|---|---|\n")
	for _, framework := range slices.Sorted(maps.Keys(scores)) {
		s := scores[framework]
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f |\n", framework, s.right+s.missed, s.precision(), s.recall())
	}
	b.WriteString("\n")
	switch {
	case was == b.String():
	case *update:
		if err := os.WriteFile(document, []byte(before+tableBegin+b.String()+tableEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table in %s is not what the fixtures give: run with -update", document)
	}
}

// compare counts the lines that are right, and logs the others.
func compare(t *testing.T, archive *txtar.Archive, s *score) {
	t.Helper()
	expected := map[string][]string{}
	var files []txtar.File
	for _, f := range archive.Files {
		if slices.Contains(lists, f.Name) {
			expected[f.Name] = linesOf(string(f.Data))
			continue
		}
		files = append(files, f)
	}
	in := inputOf(t, files)
	found := describe(Read(in))
	for _, name := range lists {
		rest := slices.Clone(found[name])
		for _, line := range expected[name] {
			if i := slices.Index(rest, line); i >= 0 {
				rest = slices.Delete(rest, i, i+1)
				s.right++
				continue
			}
			s.missed++
			t.Logf("%s: missed %s", name, line)
		}
		for _, line := range rest {
			s.wrong++
			t.Logf("%s: wrong  %s", name, line)
		}
	}
}

func linesOf(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// describe writes what was found as fixtures do.
func describe(r *Result) map[string][]string {
	out := map[string][]string{}
	add := func(list string, at report.Location, parts ...string) {
		for i := range parts {
			parts[i] = strings.ReplaceAll(parts[i], " ", "_")
		}
		out[list] = append(out[list], fmt.Sprintf("%s %s:%d", strings.Join(parts, " "), at.Path, at.Line))
	}
	for _, e := range r.Endpoints {
		add("endpoints", e.Location, e.Method, e.Path, orDash(e.Handler))
	}
	for _, c := range r.Commands {
		add("commands", c.Location, c.Name)
	}
	for _, j := range r.Jobs {
		detail := j.Schedule
		if detail == nil {
			detail = j.Queue
		}
		add("jobs", j.Location, j.Kind, j.Name, orDash(detail))
	}
	for _, m := range r.Models {
		add("models", m.Location, m.Kind, m.Name)
	}
	for _, p := range r.Pages {
		add("pages", p.Location, p.Path)
	}
	for _, p := range r.RPC {
		add("rpc", p.Location, p.Protocol, p.Service, p.Method)
	}
	return out
}

func orDash(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

// inputOf reads the files of a fixture as the analysis does.
func inputOf(t *testing.T, files []txtar.File) Input {
	t.Helper()
	var in Input
	var paths []string
	var manifests []manifest.File
	for _, f := range files {
		paths = append(paths, f.Name)
		in.Files = append(in.Files, readFile(t, f))
	}
	slices.SortFunc(in.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, p := range manifest.Select(paths) {
		for _, f := range files {
			if f.Name == p {
				manifests = append(manifests, manifest.File{Path: p, Content: f.Data})
			}
		}
	}
	read := manifest.Read(paths, manifests)
	in.Layout, in.External, in.EntryPoints, in.Programs = read.Layout, read.External, read.EntryPoints, read.Programs
	tree := graph.Tree{Paths: paths, Layout: in.Layout}
	for _, f := range in.Files {
		if f.Facts != nil {
			tree.Files = append(tree.Files, graph.File{Path: f.Path, Language: f.Language, Kind: source.KindProgramming, Code: 10, Test: f.Test, Facts: f.Facts})
		}
	}
	in.Uses = graph.Resolve(tree).Uses
	return in
}

func readFile(t *testing.T, f txtar.File) File {
	t.Helper()
	attributes := source.ReadAttributes(nil)
	s := source.ByPath(rampforge.TreeFile{Path: f.Name, Mode: rampforge.ModeFile, Size: int64(len(f.Data))}, attributes, 1<<20)
	if s.Skip == "" {
		s = source.Read(s, f.Data, attributes)
	}
	out := File{Path: f.Name, Language: s.Language, Test: s.Test, Aside: s.Documentation && !IsAPIDocument(f.Name) || s.TestData || s.Skip != ""}
	if Wanted(f.Name) {
		out.Content = f.Data
	}
	if s.Skip != "" {
		return out
	}
	for _, p := range builtin.Parsers() {
		if slices.Contains(p.Languages(), s.Language) {
			facts, err := p.Parse(t.Context(), f.Name, f.Data)
			if err != nil {
				t.Fatal(f.Name, err)
			}
			out.Facts, out.Test = facts, out.Test || facts.Test
		}
	}
	return out
}
