package delivery

import (
	"sort"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// graph is the history of a source: its commits with their parents, by place.
type graph struct {
	commits []facts.Commit // of the source, as the log has them
	places  map[string]int32
	parents []int32 // of commit i, those from first[i] on and before first[i+1]; unknown ones are left out
	first   []int32

	// stands says for a commit which pull request it stands for, by its index in
	// pulls plus one: it was made when the pull request's commits were squashed.
	stands []int32
	apps   int // that are deployed from here
}

// graph returns the history of a source, made once.
func (c *calc) graph(source facts.Symbol) *graph {
	g, ok := c.graphs[source]
	if !ok {
		g = newGraph(c.Log.Commits, source)
		c.graphs[source] = g
	}
	return g
}

func newGraph(all []facts.Commit, source facts.Symbol) *graph {
	from := sort.Search(len(all), func(i int) bool { return all[i].Source >= source })
	to := from + sort.Search(len(all)-from, func(i int) bool { return all[from+i].Source > source })
	g := &graph{commits: all[from:to], places: make(map[string]int32, to-from), stands: make([]int32, to-from)}
	for i := range g.commits {
		g.places[g.commits[i].Hash] = int32(i)
	}
	g.first, g.parents = make([]int32, 0, to-from+1), make([]int32, 0, to-from)
	for i := range g.commits {
		g.first = append(g.first, int32(len(g.parents))) //nolint:gosec // G115: a history has fewer commits
		for _, hash := range g.commits[i].Parents {
			if parent, ok := g.places[hash]; ok {
				g.parents = append(g.parents, parent)
			}
		}
	}
	g.first = append(g.first, int32(len(g.parents))) //nolint:gosec // G115: a history has fewer commits
	return g
}

// place returns where a commit is, -1 when it is not in the history.
func (g *graph) place(hash string) int32 {
	if place, ok := g.places[hash]; ok {
		return place
	}
	return -1
}

// walk calls found for each commit that can be reached from one and that seen
// does not have yet, which found must mark. Over all walks with the same marks
// each commit is met once, so that they take linear time together.
func (g *graph) walk(from int32, seen func(place int32) bool, found func(place int32)) {
	if seen(from) {
		return
	}
	found(from)
	open := []int32{from}
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		for _, parent := range g.parents[g.first[at]:g.first[at+1]] {
			if !seen(parent) {
				found(parent)
				open = append(open, parent)
			}
		}
	}
}

// land finds where the merged pull requests are in the histories: at their
// merge commit, else at a commit that makes the same change, else at their head.
func (c *calc) land() {
	for i := range c.pulls {
		p := &c.pulls[i]
		if p.merged == 0 {
			continue
		}
		g := c.graphs[p.pr.Source]
		if g == nil || g.apps == 0 {
			continue
		}
		if p.pr.MergeCommit != "" {
			p.landed = g.place(p.pr.MergeCommit)
		}
		if p.landed < 0 && p.pr.HeadCommit != "" {
			p.landed = c.equivalent(g, p.pr.HeadCommit)
		}
		if p.landed < 0 || !g.squashed(p) {
			continue
		}
		// Of several that claim to be the same commit it is the first by id.
		if other := g.stands[p.landed]; other == 0 || p.pr.ID < c.pulls[other-1].pr.ID {
			g.stands[p.landed] = int32(i) + 1
		}
	}
}

// equivalent returns where a commit, or one that makes the same change, is.
func (c *calc) equivalent(g *graph, hash string) int32 {
	if place := g.place(hash); place >= 0 {
		return place
	}
	for _, same := range c.Equivalent[hash] {
		if place := g.place(same); place >= 0 {
			return place
		}
	}
	return -1
}

// squashed reports whether a pull request landed as one commit that holds the
// changes of all of its own. It did not when it landed as a merge, when its own
// commits are in the history, or when they were rebased: a rebase keeps when a
// change was authored.
func (g *graph) squashed(p *pull) bool {
	landed := &g.commits[p.landed]
	if len(landed.Parents) > 1 || len(p.pr.Commits) == 0 {
		return false
	}
	for _, own := range p.pr.Commits {
		if own.Authored == landed.Authored || g.place(own.Hash) >= 0 {
			return false
		}
	}
	return true
}
