package treesitter

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	tree_sitter "github.com/tree-sitter/go-tree-sitter"
	tree_sitter_java "github.com/tree-sitter/tree-sitter-java/bindings/go"
)

const abiSource = `package a.b;

/** Doc. */
class A<T> extends B {
	int f(int... a) {
		if (a != null && a.length > 0) { return a[0]; }
		else return new A<>() { int g() { return 1; } }.g();
	}
	int broken( {
	}
}
`

// TestABI compares what reader.c reads through its own declarations of the C
// library with what the module's Go API says of the same source. It is there
// to fail when a new version of the library changes its layout.
func TestABI(t *testing.T) {
	t.Parallel()
	lang := tree_sitter.NewLanguage(tree_sitter_java.Language())
	var names, fields []string
	own := map[string]int{}
	for id := range lang.NodeKindCount() {
		name := lang.NodeKindForId(uint16(id))
		if !lang.NodeKindIsNamed(uint16(id)) {
			name = `"` + name + `"`
		}
		if _, ok := own[name]; !ok && lang.NodeKindIsVisible(uint16(id)) {
			own[name] = len(names) + 1
			names = append(names, name)
		}
	}
	for id := range lang.FieldCount() {
		fields = append(fields, lang.FieldNameForId(uint16(id+1)))
	}
	g, err := NewGrammar(tree_sitter_java.Language(), append([]string{""}, names...), append([]string{""}, fields...))
	if err != nil {
		t.Fatal(err)
	}
	tree := parse(t, g, abiSource)
	var got []string
	for _, n := range tree.Nodes {
		kind, field := "ERROR", ""
		if n.Kind != Error {
			kind = names[n.Kind-1]
		}
		if n.Field != 0 {
			field = fields[n.Field-1]
		}
		got = append(got, fmt.Sprintf("%s %s %d-%d lines %d-%d missing %v", kind, field, n.Start, n.End, n.Line, n.EndLine, n.Missing))
	}
	if diff := cmp.Diff(viaModule(t, lang), got); diff != "" {
		t.Errorf("nodes (-module's API +reader.c):\n%s", diff)
	}
}

func viaModule(t *testing.T, lang *tree_sitter.Language) []string {
	t.Helper()
	parser := tree_sitter.NewParser()
	defer parser.Close()
	if err := parser.SetLanguage(lang); err != nil {
		t.Fatal(err)
	}
	tree := parser.Parse([]byte(abiSource), nil)
	defer tree.Close()
	cursor := tree.Walk()
	defer cursor.Close()
	var nodes []string
	var visit func()
	visit = func() {
		n := cursor.Node()
		kind := n.Kind()
		if !n.IsNamed() {
			kind = `"` + kind + `"`
		}
		endLine := n.EndPosition().Row + 1
		if n.EndPosition().Column == 0 && endLine > 1 && endLine > n.StartPosition().Row+1 {
			endLine--
		}
		nodes = append(nodes, fmt.Sprintf("%s %s %d-%d lines %d-%d missing %v", kind, cursor.FieldName(),
			n.StartByte(), n.EndByte(), n.StartPosition().Row+1, endLine, n.IsMissing()))
		if cursor.GotoFirstChild() {
			for more := true; more; more = cursor.GotoNextSibling() {
				visit()
			}
			cursor.GotoParent()
		}
	}
	visit()
	return nodes
}
