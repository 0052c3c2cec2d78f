package mining

import (
	"math/rand/v2"
	"testing"
)

func leaf(name string) *Tree { return &Tree{Kind: ActivityNode, Name: name} }

func silent() *Tree { return &Tree{Kind: SilentNode} }

func TestNodesAreFolded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		tree *Tree
		want string
	}{
		{"a row in a row", node(SequenceNode, leaf("a"), node(SequenceNode, leaf("b"), leaf("c"))), "->( 'a', 'b', 'c' )"},
		{"a choice in a choice", node(ChoiceNode, silent(), node(ChoiceNode, leaf("a"), leaf("b"))), "X( tau, 'a', 'b' )"},
		{"nothing twice", node(ChoiceNode, leaf("a"), silent(), node(ChoiceNode, silent(), leaf("b"))), "X( tau, 'a', 'b' )"},
		{"any order in any order", node(ParallelNode, node(ParallelNode, leaf("a"), leaf("b")), leaf("c")), "+( 'a', 'b', 'c' )"},
		{"nothing in a row", node(SequenceNode, silent(), leaf("a"), silent()), "'a'"},
		{"nothing in any order", node(ParallelNode, silent(), silent()), "tau"},
		{"a loop keeps its parts", node(LoopNode, node(LoopNode, leaf("a"), silent()), silent()), "*( *( 'a', tau ), tau )"},
		{"a quote in a name", leaf("it's"), `'it\'s'`},
	} {
		if got := test.tree.String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// Folding changes no language: what the plain tree plays the folded one has, and
// the other way round.
func TestFoldingKeepsTheLanguage(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(71, 72))
	for range 300 {
		plain := anyTree(r, 3, new(int))
		folded := fold(plain)
		for range 5 {
			if word := play(r, plain); !accepts(folded, word) {
				t.Fatalf("%v fits %s, and not %s", word, plain, folded)
			}
			if word := play(r, folded); !accepts(plain, word) {
				t.Fatalf("%v fits %s, and not %s", word, folded, plain)
			}
		}
	}
}

func fold(t *Tree) *Tree {
	if len(t.Children) == 0 {
		return t
	}
	children := make([]*Tree, len(t.Children))
	for i, c := range t.Children {
		children[i] = fold(c)
	}
	return node(t.Kind, children...)
}
