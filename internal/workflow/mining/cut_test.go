package mining

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// partsOf names the parts of a cut: "a b|c" are two.
func partsOf(e *events, g grouping) string {
	parts := make([]string, g.count)
	for p, members := range g.members() {
		names := make([]string, len(members))
		for i, a := range members {
			names[i] = e.names[a]
		}
		parts[p] = strings.Join(names, " ")
	}
	return strings.Join(parts, "|")
}

func relationOf(l *Log) (*events, *relation) {
	e := number(l)
	return e, e.sublog(e.variants()).relation()
}

func TestCutsByHand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		log  []string
		kind TreeKind
		want string
	}{
		{"either or", []string{"a b", "c", "d c"}, ChoiceNode, "a b|c d"},
		{"in a row", []string{"c a b"}, SequenceNode, "c|a|b"},
		{"some in any order", []string{"c a b d", "c b a d"}, SequenceNode, "c|a b|d"},
		{"some left out each for itself", []string{"a b c d", "a c d", "a b d", "a d"}, SequenceNode, "a|b|c|d"},
		// b and c are left out together only: one choice, not two.
		{"some left out together", []string{"a b c d", "a d"}, SequenceNode, "a|b c|d"},
		{"one left out at the beginning", []string{"a b c", "b c"}, SequenceNode, "a|b|c"},
		{"one left out at the end", []string{"a b c", "a b"}, SequenceNode, "a|b|c"},
		{"all in any order", []string{"a b c", "a c b", "b a c", "b c a", "c a b", "c b a"}, ParallelNode, "a|b|c"},
		{"two rows side by side", []string{"a b c d", "c d a b", "a c b d", "c a d b", "a c d b", "c a b d"}, ParallelNode, "a b|c d"},
		{"again by a way back", []string{"a b c a b"}, LoopNode, "a b|c"},
		{"again by one way back of two", []string{"a b", "a b c a b", "a b d e a b"}, LoopNode, "a b|c|d e"},
		// c comes after a, which is no end: it belongs to what happens first.
		{"no way back", []string{"a b", "a c b", "a b a b"}, "", ""},
		// c leads to a but not to d, which cases begin with too; f the other way round.
		{"ways back to one beginning only", []string{"a b c a b", "d b f d b"}, "", ""},
		{"nothing but again", []string{"a a"}, "", ""},
	} {
		e, r := relationOf(logOf(test.log...))
		c, ok := r.findCut()
		if !ok {
			if test.kind != "" {
				t.Errorf("%s: no cut, want %s %s", test.name, test.kind, test.want)
			}
			continue
		}
		if got := partsOf(e, c.parts); c.kind != test.kind || got != test.want {
			t.Errorf("%s: %s %s, want %s %s", test.name, c.kind, got, test.kind, test.want)
		}
	}
}

// Whatever the log, the parts of a cut are as its kind promises.
func TestCutsHold(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(61, 62))
	found := map[TreeKind]int{}
	for range 3000 {
		l := logFrom(r, anyTree(r, 2, new(int)), 1+r.IntN(6))
		_, relation := relationOf(l)
		if relation.size() == 0 {
			continue
		}
		c, ok := relation.findCut()
		if !ok {
			continue
		}
		found[c.kind]++
		reach := relation.reachable()
		for i := range relation.size() {
			for j := range relation.size() {
				if p, q := c.parts.of[i], c.parts.of[j]; p < q && !promised(relation, reach, c.kind, p, i, j) {
					t.Fatalf("%s: %d of part %d and %d of part %d do not fit", c.kind, i, p, j, q)
				}
			}
		}
	}
	for _, kind := range []TreeKind{ChoiceNode, SequenceNode, ParallelNode, LoopNode} {
		if found[kind] < 50 {
			t.Errorf("only %d cuts were a %s", found[kind], kind)
		}
	}
}

// promised is the definition of a cut for an activity i of part p and j of a
// later one.
func promised(r *relation, reach matrix, kind TreeKind, p, i, j int) bool {
	forth, back := r.next.has(i, j), r.next.has(j, i)
	switch kind {
	case ChoiceNode:
		return !forth && !back
	case SequenceNode:
		return reach.has(i, j) && !reach.has(j, i)
	case ParallelNode:
		return forth && back
	}
	if p > 0 {
		return !forth && !back
	}
	return (!forth || r.ends[i]) && (!back || r.starts[i])
}

// What becomes of a relation without an activity is the relation of the log
// without it.
func TestRelationWithoutAnActivity(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(63, 64))
	for range 300 {
		l := anyLog(r, 1+r.IntN(8), 2+r.IntN(5), 8)
		e := number(l)
		log := e.sublog(e.variants())
		if len(log.ends) == 0 {
			continue
		}
		relation, past := log.relation(), log.past()
		for a := range log.activities {
			rest := newBuilder(len(log.activities))
			log.each(func(trace []int32) {
				for _, b := range trace {
					if int(b) != a {
						rest.add(b)
					}
				}
				rest.end()
			})
			want := rest.within(log).relation()
			got := relation.without(a, past[a])
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("without %d the relation is %v, want %v", a, got, want)
			}
		}
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	// 0–70, 1–3, 3–5 and every other one alone, over more than one word of bits.
	next := newMatrix(130)
	for _, pair := range [][2]int{{0, 70}, {1, 3}, {3, 5}} {
		next.set(pair[0], pair[1])
		next.set(pair[1], pair[0])
	}
	g := components(130, func(i int, open []uint64) {
		for w, word := range next.row(i) {
			open[w] &= word
		}
	})
	if g.count != 127 || g.of[70] != g.of[0] || g.of[5] != g.of[1] || g.of[0] == g.of[1] || g.of[129] != 126 {
		t.Errorf("%d groups: %v", g.count, g.of)
	}
	g.merge(g.of[1], g.of[0])
	g.renumber()
	if g.count != 126 || g.of[5] != 0 || g.of[2] != 1 {
		t.Errorf("merged, %d groups: %v", g.count, g.of)
	}
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	m := newMatrix(67)
	m.set(2, 66)
	m.set(2, 0)
	back := m.transposed()
	if !back.has(66, 2) || !back.has(0, 2) || back.has(2, 66) || !m.has(2, 66) {
		t.Error("the relation is not turned round")
	}
	var members []int
	each(m.row(2), func(i int) { members = append(members, i) })
	if !slices.Equal(members, []int{0, 66}) {
		t.Errorf("members %v", members)
	}
}
