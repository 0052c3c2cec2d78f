package diagram

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

func graph(names ...string) *codeindex.Graph {
	g := &codeindex.Graph{}
	for i, name := range names {
		g.Nodes = append(g.Nodes, codeindex.GraphNode{ID: fmt.Sprint(i, name), Label: name, Test: i%3 == 2})
	}
	for i := range names {
		for _, j := range []int{i + 1, 2*i + 1, i / 3} {
			if j < len(names) {
				g.Edges = append(g.Edges, codeindex.GraphEdge{From: g.Nodes[i].ID, To: g.Nodes[j].ID})
			}
		}
	}
	g.Edges = append(g.Edges, codeindex.GraphEdge{From: "nowhere", To: g.Nodes[0].ID})
	return g
}

var hostile = []string{
	`"]; click n0 "javascript:alert(1)`, "</title><script>alert(1)</script>", `\`, `a\" -> b`, "\xff\xfe", "line\nbreak\x00\x1b", "", "-->", "]]>", strings.Repeat("long/", 100), "\u202eevil", "#quot;", "ünï",
}

func drawings(g *codeindex.Graph) map[string]string {
	return map[string]string{"mermaid": Mermaid(g), "dot": DOT(g), "svg": SVG(g)}
}

var (
	mermaidLine = regexp.MustCompile(`^(flowchart TD|  n\d+\["[^"\[\]<>()\\]*"\]|  n\d+ --> n\d+)$`)
	dotLine     = regexp.MustCompile(`^(digraph code \{|  rankdir=TB;|  node \[.*\];|  n\d+ \[label="([^"\\]|\\["\\])*", tooltip="([^"\\]|\\["\\])*"(, style=dashed)?\];|  n\d+ -> n\d+;|\})$`)
)

// valid holds a drawing against the grammar of what we write, and SVG against
// XML's.
func valid(t *testing.T, kind, text string) {
	t.Helper()
	line := mermaidLine
	switch kind {
	case "svg":
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if e, ok := token.(xml.StartElement); ok && !slices.Contains([]string{"svg", "defs", "marker", "path", "g", "title", "rect", "text"}, e.Name.Local) {
				t.Errorf("a name became the element %s", e.Name.Local)
			}
		}
	case "dot":
		line = dotLine
	}
	for l := range strings.Lines(text) {
		if !line.MatchString(strings.TrimSuffix(l, "\n")) {
			t.Errorf("%s: %q", kind, l)
		}
	}
}

func TestDrawingsAreValid(t *testing.T) {
	t.Parallel()
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprint("node ", i)
	}
	for name, g := range map[string]*codeindex.Graph{"hostile": graph(hostile...), "many": graph(many...), "one": graph("a"), "nothing": {}} {
		for kind, text := range drawings(g) {
			valid(t, kind, text)
			if again := drawings(g)[kind]; again != text {
				t.Errorf("%s of %s is another one the next time", kind, name)
			}
		}
	}
}

// TestDrawingsCanBeRead draws more than anybody reads.
func TestDrawingsCanBeRead(t *testing.T) {
	t.Parallel()
	g := &codeindex.Graph{Total: 700}
	for i := range 200 {
		g.Nodes = append(g.Nodes, codeindex.GraphNode{ID: fmt.Sprint(i), Label: fmt.Sprint("node ", i)})
		for j := range i {
			g.Edges = append(g.Edges, codeindex.GraphEdge{From: fmt.Sprint(i), To: fmt.Sprint(j), Weight: 1 + i*j%7})
		}
	}
	for kind, text := range drawings(g) {
		if n := strings.Count(text, "node "); !strings.Contains(text, "and 500 more") || !strings.Contains(text, "19300 lighter edges") || n < 200 || n > 401 {
			t.Errorf("%s: node stands there %d times", kind, n)
		}
		if strings.Contains(text, "\uFFFD") {
			t.Errorf("%s shows an id that nothing has", kind)
		}
	}
	if n := strings.Count(Mermaid(g), "-->"); n != 600 {
		t.Errorf("%d edges", n)
	}
	g.Total, g.Nodes = 200, g.Nodes[:3]
	g.Edges = nil
	if text := Mermaid(g); strings.Count(text, "node ") != 3 || !strings.Contains(text, "and 197 more") {
		t.Errorf("three of 200:\n%s", text)
	}
}

// TestNoBoxStandsAlone has a node whose only edge is the lightest of many.
func TestNoBoxStandsAlone(t *testing.T) {
	t.Parallel()
	g := &codeindex.Graph{}
	for i := range 12 {
		g.Nodes = append(g.Nodes, codeindex.GraphNode{ID: fmt.Sprint(i), Label: fmt.Sprint("node ", i)})
		for j := range min(i, 10) {
			g.Edges = append(g.Edges, codeindex.GraphEdge{From: fmt.Sprint(min(i, 10)), To: fmt.Sprint(j), Weight: 9})
		}
	}
	g.Edges = append(g.Edges, codeindex.GraphEdge{From: "11", To: "0", Weight: 1})
	if text := Mermaid(g); !strings.Contains(text, "n11 --> n0\n") || strings.Count(text, "-->") != 36 {
		t.Errorf("the last one stands alone:\n%s", text)
	}
}

// TestDotIsWhatGraphvizReads runs where Graphviz is installed, which .ci/run sees
// to: there a missing one is a failure.
func TestDotIsWhatGraphvizReads(t *testing.T) {
	t.Parallel()
	dot, err := exec.LookPath("dot")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("Graphviz is not installed: .ci/run installs it")
	case err != nil:
		t.Skip("no Graphviz: install it to have its own reader judge what is drawn")
	}
	cmd := exec.CommandContext(t.Context(), dot, "-Tsvg")
	cmd.Stdin = strings.NewReader(DOT(graph(hostile...)))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestRows puts users above what they use, but for cycles.
func TestRows(t *testing.T) {
	t.Parallel()
	rows := rowsOf(5, [][2]int{{0, 1}, {1, 2}, {0, 2}, {2, 3}, {3, 1}})
	if got := fmt.Sprint(rows); got != "[[0 4] [1] [2] [3]]" {
		t.Error(got)
	}
	chain := make([][2]int, 20_000)
	for i := range chain {
		chain[i] = [2]int{i, i + 1}
	}
	if n := len(rowsOf(len(chain)+1, chain)); n != len(chain)+1 {
		t.Errorf("a chain has %d rows", n)
	}
}

func FuzzDrawings(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for kind, text := range drawings(graph("first", name, "last")) {
			valid(t, kind, text)
		}
	})
}
