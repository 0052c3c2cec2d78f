package treesitter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	tree_sitter_python "github.com/tree-sitter/tree-sitter-python/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

const (
	kindOther treesitter.Kind = iota
	kindModule
	kindIdentifier
	kindAnd
	kindIf
)

const (
	fieldNone treesitter.Field = iota
	fieldCondition
)

func grammar(t testing.TB) *treesitter.Grammar {
	t.Helper()
	g, err := treesitter.NewGrammar(tree_sitter_python.Language(),
		[]string{kindModule: "module", kindIdentifier: "identifier", kindAnd: `"and"`, kindIf: "if_statement"},
		[]string{fieldCondition: "condition"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

func TestTree(t *testing.T) {
	t.Parallel()
	tree, err := grammar(t).Parse(t.Context(), []byte("if a and b:\n  c\nd\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	var got []string
	for i := range tree.Nodes {
		got = append(got, string(tree.Text(i)))
	}
	want := []string{"if a and b:\n  c\nd\n", "if a and b:\n  c", "a and b", "a", "and", "b", "c", "c", "c", "d", "d"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if got := tree.Child(1, fieldCondition); got != 2 {
		t.Errorf("condition of the if is node %d, want 2", got)
	}
	if n := tree.Nodes[1]; n.Kind != kindIf || n.Line != 1 || n.EndLine != 2 || n.Next != 9 {
		t.Errorf("the if is %+v", n)
	}
}
