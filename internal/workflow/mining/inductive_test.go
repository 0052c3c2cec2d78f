package mining

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func treeOf(t *testing.T, cases ...string) string {
	t.Helper()
	return analyse(t, logOf(cases...), nil).Inductive.Text
}

func TestInductiveModels(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		log  []string
		want string
	}{
		// L1 of van der Aalst, Process Mining, 2016.
		{"the book's first log", []string{"a b c d*3", "a c b d*2", "a e d"}, "->( 'a', X( +( 'b', 'c' ), 'e' ), 'd' )"},
		// Its L2: e, f go back to before b and c.
		{"a loop around parallel activities", []string{"a b c d*3", "a c b d*4", "a b c e f b c d*2", "a b c e f c b d", "a c b e f b c d*2", "a c b e f b c e f c b d"}, "->( 'a', *( +( 'b', 'c' ), ->( 'e', 'f' ) ), 'd' )"},
		{"one activity", []string{"a"}, "'a'"},
		{"one activity again and again", []string{"a a", "a", "a a a"}, "*( 'a', tau )"},
		{"a case without an event", []string{"", "a b"}, "X( tau, ->( 'a', 'b' ) )"},
		{"a state that is left out", []string{"a b c", "a c"}, "->( 'a', X( tau, 'b' ), 'c' )"},
		{"states that are left out together", []string{"a b c d", "a d"}, "->( 'a', X( tau, ->( 'b', 'c' ) ), 'd' )"},
		{"review and rework", []string{"o p r d", "o p r p r d", "o p r p r p r d"}, "->( 'o', *( ->( 'p', 'r' ), tau ), 'd' )"},
		{"rework that is named", []string{"o r d", "o r f r d"}, "->( 'o', *( 'r', 'f' ), 'd' )"},
		{"two ways back", []string{"r", "r f r", "r g r f r"}, "*( 'r', 'f', 'g' )"},
		{"what happens once, anywhere", []string{"a b c x", "x a b b c", "a x c b", "c b a x"}, ""},
	} {
		got := treeOf(t, test.log...)
		if test.want != "" && got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestNoModel(t *testing.T) {
	t.Parallel()
	if m := analyse(t, logOf("", ""), nil).Inductive; m.Tree != nil || m.Reason == "" {
		t.Errorf("a log without events has the model %+v", m)
	}
	many := make([]string, modelled+1)
	for i := range many {
		many[i] = fmt.Sprint("a", i)
	}
	if m := analyse(t, logOf(strings.Join(many, " ")), nil).Inductive; m.Tree != nil || !strings.Contains(m.Reason, "501 activities") {
		t.Errorf("too many activities have the model %+v", m)
	}
}

// Every trace of a log fits its model, whatever the log, and the model has every
// activity once.
func TestEveryTraceFits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	kinds := map[TreeKind]int{}
	for range 400 {
		l := anyLog(r, r.IntN(12), 1+r.IntN(7), r.IntN(9))
		checkFits(t, l, DefaultLimits(), kinds)
		structured := logFrom(r, anyTree(r, 3, new(int)), 1+r.IntN(10))
		checkFits(t, structured, DefaultLimits(), kinds)
	}
	for _, kind := range []TreeKind{ActivityNode, SilentNode, SequenceNode, ChoiceNode, ParallelNode, LoopNode} {
		if kinds[kind] < 100 {
			t.Errorf("only %d nodes were a %s", kinds[kind], kind)
		}
	}
}

// With no work left to do the model is simple, says so, and still fits.
func TestSimplifiedModelFits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(23, 24))
	limits := DefaultLimits()
	simplified := 0
	for range 200 {
		limits.Work = r.IntN(200)
		if checkFits(t, anyLog(r, 20, 5, 8), limits, map[TreeKind]int{}).Simplified {
			simplified++
		}
	}
	if simplified < 100 {
		t.Errorf("only %d models were simplified", simplified)
	}
}

func checkFits(t *testing.T, l *Log, limits Limits, kinds map[TreeKind]int) InductiveModel {
	t.Helper()
	e := number(l)
	list := e.variants()
	model := e.inductive(list, limits)
	if len(e.names) == 0 {
		return model
	}
	if (model.Reason != "") != model.Simplified {
		t.Errorf("simplified %v, reason %q", model.Simplified, model.Reason)
	}
	leaves := count(model.Tree, kinds)
	if want := slices.Sorted(slices.Values(e.names)); !slices.Equal(slices.Sorted(slices.Values(leaves)), want) {
		t.Fatalf("%s has not each of %v once", model.Text, want)
	}
	for _, v := range list {
		if word := e.named(v.activities, len(v.activities)); !accepts(model.Tree, word) {
			t.Fatalf("%v does not fit %s", word, model.Text)
		}
	}
	return model
}

func count(t *Tree, kinds map[TreeKind]int) (leaves []string) {
	kinds[t.Kind]++
	if t.Kind == ActivityNode {
		leaves = append(leaves, t.Name)
	}
	for _, c := range t.Children {
		leaves = append(leaves, count(c, kinds)...)
	}
	return leaves
}

// accepts decides by the definition of the tree's language whether it has a
// word. No two children of a node share an activity.
func accepts(t *Tree, word []string) bool {
	switch t.Kind {
	case ActivityNode:
		return len(word) == 1 && word[0] == t.Name
	case SilentNode:
		return len(word) == 0
	case ChoiceNode:
		return slices.ContainsFunc(t.Children, func(c *Tree) bool { return accepts(c, word) })
	case SequenceNode:
		return acceptsSequence(t.Children, word)
	case ParallelNode:
		left := len(word)
		for _, c := range t.Children {
			part := projected(word, count(c, map[TreeKind]int{}))
			left -= len(part)
			if !accepts(c, part) {
				return false
			}
		}
		return left == 0
	}
	return acceptsLoop(t, word)
}

func projected(word, alphabet []string) (part []string) {
	for _, a := range word {
		if slices.Contains(alphabet, a) {
			part = append(part, a)
		}
	}
	return part
}

func acceptsSequence(children []*Tree, word []string) bool {
	if len(children) == 0 {
		return len(word) == 0
	}
	for i := range len(word) + 1 {
		if accepts(children[0], word[:i]) && acceptsSequence(children[1:], word[i:]) {
			return true
		}
	}
	return false
}

// acceptsLoop looks for where turns can end, each from where one can begin.
func acceptsLoop(t *Tree, word []string) bool {
	begins, ends := map[int]bool{0: true}, map[int]bool{}
	for grown := true; grown; {
		before := len(begins) + len(ends)
		reach(begins, ends, t.Children[:1], word)
		reach(ends, begins, t.Children[1:], word)
		grown = len(begins)+len(ends) > before
	}
	return ends[len(word)]
}

func reach(from, to map[int]bool, by []*Tree, word []string) {
	for _, i := range slices.Sorted(maps.Keys(from)) {
		for j := i; j <= len(word); j++ {
			if !to[j] && slices.ContainsFunc(by, func(c *Tree) bool { return accepts(c, word[i:j]) }) {
				to[j] = true
			}
		}
	}
}

// anyTree draws a tree of different activities.
func anyTree(r *rand.Rand, depth int, activities *int) *Tree {
	kinds := []TreeKind{SequenceNode, ChoiceNode, ParallelNode, LoopNode}
	if depth == 0 || r.IntN(4) == 0 {
		*activities++
		return &Tree{Kind: ActivityNode, Name: fmt.Sprintf("a%02d", *activities)}
	}
	t := &Tree{Kind: kinds[r.IntN(4)]}
	for range 2 + r.IntN(2) {
		if r.IntN(8) == 0 {
			t.Children = append(t.Children, &Tree{Kind: SilentNode})
			continue
		}
		t.Children = append(t.Children, anyTree(r, depth-1, activities))
	}
	return t
}

// logFrom draws cases of a tree.
func logFrom(r *rand.Rand, t *Tree, cases int) *Log {
	texts := make([]string, cases)
	for i := range texts {
		texts[i] = strings.Join(play(r, t), " ")
	}
	return logOf(texts...)
}

func play(r *rand.Rand, t *Tree) []string {
	switch t.Kind {
	case ActivityNode:
		return []string{t.Name}
	case SilentNode:
		return nil
	case ChoiceNode:
		return play(r, t.Children[r.IntN(len(t.Children))])
	case LoopNode:
		word := play(r, t.Children[0])
		for r.IntN(3) == 0 {
			word = append(word, play(r, t.Children[1+r.IntN(len(t.Children)-1)])...)
			word = append(word, play(r, t.Children[0])...)
		}
		return word
	}
	var words [][]string
	for _, c := range t.Children {
		words = append(words, play(r, c))
	}
	if t.Kind == SequenceNode {
		return slices.Concat(words...)
	}
	var mixed []string
	for {
		words = slices.DeleteFunc(words, func(w []string) bool { return len(w) == 0 })
		if len(words) == 0 {
			return mixed
		}
		i := r.IntN(len(words))
		mixed, words[i] = append(mixed, words[i][0]), words[i][1:]
	}
}

// Whatever the log, each of its traces fits the model.
func FuzzInductive(f *testing.F) {
	f.Add([]byte("abcd abd acbd"), 1000)
	f.Add([]byte("aab  ba b"), 100000)
	f.Add([]byte("prprd pd prfrd"), 10)
	f.Fuzz(func(t *testing.T, text []byte, work int) {
		if len(text) > 60 {
			text = text[:60]
		}
		cases := strings.Split(strings.Map(func(r rune) rune {
			if r == ' ' || r >= 'a' && r <= 'g' {
				return r
			}
			return 'h'
		}, string(text)), " ")
		for i, c := range cases {
			cases[i] = strings.Join(strings.Split(c[:min(len(c), 12)], ""), " ")
		}
		limits := DefaultLimits()
		limits.Work = work
		checkFits(t, logOf(cases...), limits, map[TreeKind]int{})
	})
}

// Many activities, more than are looked at each for itself, have a model that
// fits.
func TestModelOfManyActivities(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(25, 26))
	row := make([]string, lookedApart+30)
	for i := range row {
		row[i] = fmt.Sprintf("a%03d", i)
	}
	inOrder := strings.Join(row, " ")
	if got := treeOf(t, inOrder); got != "->( '"+strings.Join(row, "', '")+"' )" {
		t.Errorf("a row of many is %s", got)
	}
	texts := make([]string, 4)
	for i := range texts {
		for range 400 {
			texts[i] += row[r.IntN(len(row))] + " "
		}
	}
	model := analyse(t, logOf(texts...), nil).Inductive
	if !model.Simplified || model.Reason == "" {
		t.Errorf("disorder has the model %s", model.Text)
	}
}
