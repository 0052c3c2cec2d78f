package treesitter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	tree_sitter_java "github.com/tree-sitter/tree-sitter-java/bindings/go"
	tree_sitter_python "github.com/tree-sitter/tree-sitter-python/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

const (
	kindModule Kind = iota + 1
	kindIdentifier
	kindAnd
	kindIf
)

const fieldCondition Field = 1

func grammar(t testing.TB) *Grammar {
	t.Helper()
	g, err := NewGrammar(tree_sitter_python.Language(),
		[]string{kindModule: "module", kindIdentifier: "identifier", kindAnd: `"and"`, kindIf: "if_statement"},
		[]string{fieldCondition: "condition"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func parse(t testing.TB, g *Grammar, src string) *Tree {
	t.Helper()
	tree, err := g.Parse(t.Context(), []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tree.Close)
	return tree
}

func TestTree(t *testing.T) {
	t.Parallel()
	tree := parse(t, grammar(t), "if a and b:\n  c\nd\n")
	var got []string
	for i := range tree.Nodes {
		got = append(got, string(tree.Text(i)))
	}
	want := []string{"if a and b:\n  c\nd\n", "if a and b:\n  c", "a and b", "a", "and", "b", "c", "c", "c", "d", "d"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if got := tree.Child(1, fieldCondition); got != 2 {
		t.Errorf("the condition is node %d, want 2", got)
	}
	if got := tree.ChildOfKind(2, kindAnd); got != 4 {
		t.Errorf("the and is node %d, want 4", got)
	}
	if tree.Child(0, fieldCondition) >= 0 || tree.ChildOfKind(3, kindAnd) >= 0 {
		t.Error("found a child that is not there")
	}
	if n := tree.Nodes[1]; n.Kind != kindIf || n.Line != 1 || n.EndLine != 2 || n.Next != 9 || n.Parent != 0 {
		t.Errorf("the if is %+v", n)
	}
	if n := tree.Nodes[9]; n.Line != 3 || n.EndLine != 3 {
		t.Errorf("the last statement is %+v", n)
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	tree := parse(t, grammar(t), "if a and b:\n  c\nd\n")
	var got []string
	tree.Walk(1, func(i int) bool {
		got = append(got, fmt.Sprint("+", i))
		return tree.Nodes[i].Field != fieldCondition
	}, func(i int) {
		got = append(got, fmt.Sprint("-", i))
	})
	want := "+1 +2 -2 +6 +7 +8 -8 -7 -6 -1"
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Errorf("walk (-want +got):\n%s", diff)
	}
}

func TestErrorsAreMarked(t *testing.T) {
	t.Parallel()
	tree := parse(t, grammar(t), "a = = )\n")
	found := false
	for i := range tree.Nodes {
		found = found || tree.Nodes[i].Kind == Error
	}
	if !tree.Broken || !found {
		t.Errorf("broken %v, error node %v", tree.Broken, found)
	}
	if whole := parse(t, grammar(t), "a = 1\n"); whole.Broken {
		t.Error("a whole file is called broken")
	}
}

func TestNamesThatTheGrammarLacks(t *testing.T) {
	t.Parallel()
	_, err := NewGrammar(tree_sitter_java.Language(), []string{1: "module", 2: "block", 3: `"elif"`}, []string{1: "nothing"})
	want := "the grammar has no node module\nthe grammar has no node \"elif\"\nthe grammar has no field nothing"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ src, want string }{
		{"", ""},
		{"\uFEFFa\r\nb\rc\r\r\nd\n", "a\nb\nc\n\nd\n"},
		{"a\x00b", "a\x01b"},
		{"a\xffb\xc3", "a\uFFFDb\uFFFD"},
		{"größe", "größe"},
	} {
		if got := string(Normalise([]byte(tt.src))); got != tt.want {
			t.Errorf("Normalise(%q) = %q, want %q", tt.src, got, tt.want)
		}
	}
}

// Characters of several bytes must survive the borders of the pieces in which
// the lexer gets the source.
func TestCharactersOnPieceBorders(t *testing.T) {
	t.Parallel()
	g := grammar(t)
	for shift := range 4 {
		src := "x = '" + strings.Repeat("a", shift) + strings.Repeat("漢", 2000) + "'\n"
		if tree := parse(t, g, src); tree.Broken {
			t.Errorf("shifted by %d: broken", shift)
		}
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	_, err := grammar(t).Parse(t.Context(), make([]byte, MaxBytes+1))
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("error %v, want %v", err, ErrTooLong)
	}
}

// hostile makes the parser do quadratic work: its scanner reads to the end of
// the continued lines from every one of them.
var hostile = []byte(strings.Repeat("\\\n", 50_000))

func TestTooHard(t *testing.T) {
	t.Parallel()
	g := grammar(t)
	for range 3 {
		if _, err := g.Parse(t.Context(), hostile); !errors.Is(err, ErrTooHard) {
			t.Fatalf("error %v, want %v", err, ErrTooHard)
		}
		if tree := parse(t, g, "a = 1\n"); tree.Broken || len(tree.Nodes) != 5 {
			t.Errorf("after a parse that was given up: %d nodes, broken %v", len(tree.Nodes), tree.Broken)
		}
	}
}

// Every part of the budget ends a parse, and the next parse is as good as ever.
func TestEveryPartOfTheBudget(t *testing.T) {
	t.Parallel()
	g := grammar(t)
	src := []byte(strings.Repeat("a = b + c\n", 10_000))
	for _, tt := range []struct {
		name   string
		change func(*budget)
	}{
		{"steps", func(b *budget) { b.steps = 10 }},
		{"no steps", func(b *budget) { b.steps = 0 }},
		{"chunks", func(b *budget) { b.chunks = 5 }},
		{"memory", func(b *budget) { b.memory = 1 << 16 }},
		{"copies", func(b *budget) { b.copies = 1 << 16 }},
	} {
		allowed := budgetFor(len(src))
		tt.change(&allowed)
		if _, err := g.parse(t.Context(), src, allowed); !errors.Is(err, ErrTooHard) {
			t.Errorf("%s: error %v, want %v", tt.name, err, ErrTooHard)
		}
		tree, err := g.parse(t.Context(), src, budgetFor(len(src)))
		if err != nil {
			t.Fatal(err)
		}
		tree.Close()
	}
}

// Source that is denser than people write it, and long, takes less than half of
// each part of the budget. Real files were seen to take less than an eighth.
func TestBudgetLeavesRoom(t *testing.T) {
	t.Parallel()
	g := grammar(t)
	for _, line := range []string{"a=1\n", "f(a,b=c)\n", "a=b[c](d,e)+f.g if h and i else{j:k}\n"} {
		src := []byte(strings.Repeat(line, 100_000/len(line)))
		allowed := budgetFor(len(src))
		for _, part := range []*uint64{&allowed.steps, &allowed.memory, &allowed.copies, &allowed.chunks} {
			*part /= 2
		}
		tree, err := g.parse(t.Context(), src, allowed)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		tree.Close()
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	g := grammar(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Parse(ctx, []byte("a\n")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	ctx, cancel = context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := g.parse(ctx, hostile, budget{1 << 60, 1 << 60, 1 << 60, 1 << 60})
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestReadRecovers(t *testing.T) {
	t.Parallel()
	facts, err := grammar(t).Read(t.Context(), []byte("a\n"), func(*Tree) *language.Facts { panic("odd") })
	if facts != nil || err == nil || !strings.Contains(err.Error(), "odd") {
		t.Errorf("facts %v, error %v", facts, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	g := grammar(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			src := strings.Repeat("if a and b:\n  c\n", i+1)
			for range 5 {
				tree, err := g.Parse(t.Context(), []byte(src))
				if err != nil {
					t.Error(err)
					return
				}
				if len(tree.Nodes) != 1+8*(i+1) {
					t.Errorf("%d nodes for %d statements", len(tree.Nodes), i+1)
				}
				tree.Close()
			}
		})
	}
	wg.Wait()
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	want := "(module (if_statement condition: (identifier) consequence: (block (expression_statement (identifier)))))"
	if got := grammar(t).Describe([]byte("if a: b")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func BenchmarkParse(b *testing.B) {
	g := grammar(b)
	src := []byte(strings.Repeat("def f(a, b):\n    if a and b:\n        return a.c(b)[0]\n\n", 2000))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		tree, err := g.Parse(b.Context(), src)
		if err != nil {
			b.Fatal(err)
		}
		tree.Close()
	}
}
