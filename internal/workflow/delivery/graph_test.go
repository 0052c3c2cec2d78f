package delivery

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Walks with the same marks look at each commit and at each line between two
// once, however many walks there are: 2,000 commits with 1,999 first and 1,990
// second parents, of which every fourth is deployed.
func TestWalksAreLinearTogether(t *testing.T) {
	t.Parallel()
	const commits = 2_000
	hash := func(i int) string { return fmt.Sprintf("%06d", i) }
	var all []facts.Commit
	for i := range commits {
		c := facts.Commit{Hash: hash(i)}
		for _, back := range []int{1, 10} {
			if i >= back {
				c.Parents = append(c.Parents, hash(i-back))
			}
		}
		c.Parents = append(c.Parents, "not in the history")
		all = append(all, c)
	}
	g := newGraph(all, 0)
	marks, asked, found := make([]bool, commits), 0, 0
	walks := 0
	for i := 3; i < commits; i += 4 {
		walks++
		g.walk(int32(i), func(at int32) bool { asked++; return marks[at] }, func(at int32) { found++; marks[at] = true })
	}
	if found != commits || asked > len(g.parents)+walks {
		t.Errorf("%d walks found %d commits of %d and asked %d times, for %d lines", walks, found, commits, asked, len(g.parents))
	}
}

func TestGraphIsOfItsSource(t *testing.T) {
	t.Parallel()
	all := []facts.Commit{{Source: 1, Hash: "a"}, {Source: 2, Hash: "a"}, {Source: 2, Hash: "b", Parents: []string{"a"}}, {Source: 4, Hash: "b"}}
	g := newGraph(all, 2)
	if len(g.commits) != 2 || g.place("b") != 1 || g.place("c") != -1 || len(g.parents) != 1 {
		t.Errorf("got %+v", g)
	}
	if g := newGraph(all, 3); len(g.commits) != 0 || g.place("a") != -1 {
		t.Errorf("a source without commits has %+v", g)
	}
}
