package history

import (
	"math"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Area is a part of the tree that is looked at as a whole.
type Area struct {
	Name  string
	Path  string
	Files []string // paths
}

// Knowledge says who knows what, in the order of areas. An area of which no
// commit of a person is known is left out.
func (t *Tree) Knowledge(areas []Area) report.Knowledge {
	k := report.Knowledge{TruckFactor: t.TruckFactor(nil), Areas: make([]report.KnowledgeArea, 0, len(areas))}
	creator, here := t.h.creators(), t.h.here
	for _, a := range areas {
		o := t.Ownership(a.Files)
		if o.Band == nil {
			continue
		}
		files := append([]string{}, a.Files...) // not nil, which would be the whole tree
		k.Areas = append(k.Areas, report.KnowledgeArea{
			Name: a.Name, Path: a.Path, Files: len(a.Files), Ownership: *o.Band, People: o.People, Left: o.Left,
			TruckFactor: t.TruckFactor(files), KnowledgeLoss: t.loss(files, creator, here), OrphanedFiles: t.orphans(files, here),
			Reviewers: t.reviewers(a.Files), AgeMonths: t.medianAge(a.Files),
		})
	}
	return k
}

// loss is the share of the files, of those that a person is known to have
// added, whose first author made no commit in the last year. It is nil for a
// partial history, which does not show who added what.
func (t *Tree) loss(paths []string, creator []int32, here []bool) *float64 {
	if !t.h.complete {
		return nil
	}
	added, lost := 0, 0
	for _, p := range sortedOnce(paths) {
		l := t.h.lineageAt(p)
		if l < 0 || creator[l] < 0 {
			continue
		}
		added++
		if !here[creator[l]] {
			lost++
		}
	}
	if added == 0 {
		return nil
	}
	return new(float64(lost) / float64(added))
}

// orphans counts the files that had an author by the degree of authorship and
// have none left who made a commit in the last year. It is nil where no author
// of a file is known, and for a partial history.
func (t *Tree) orphans(paths []string, here []bool) *int {
	files := t.authored(paths)
	if !t.h.complete || len(files) == 0 {
		return nil
	}
	n := 0
	for _, people := range files {
		if !slices.ContainsFunc(people, func(a authorship) bool { return a.author && here[a.person] }) {
			n++
		}
	}
	return &n
}

// creators returns who added each file first, -1 for a bot or when no commit
// says so.
func (h *History) creators() []int32 {
	const unseen, unknown = -2, -1
	creator := make([]int32, h.lineages.n)
	for i := range creator {
		creator[i] = unseen
	}
	for i := range h.changes {
		l := h.lineage[i]
		if creator[l] != unseen || h.changes[i].status != rampforge.ChangeAdded {
			continue
		}
		creator[l] = h.commits[h.owner[i]].author
		if h.people[creator[l]].apart {
			creator[l] = unknown
		}
	}
	for i := range creator {
		creator[i] = max(creator[i], unknown)
	}
	return creator
}

// active reports for each person whether they wrote a commit, alone or with
// others, in the year that ends with the analysed commit. Merges count: who
// merges is still here.
func (h *History) active() []bool {
	since := h.activeSince()
	active := make([]bool, len(h.people))
	for i, last := range h.lastSeen() {
		active[i] = last >= since
	}
	return active
}

// activeSince is the second from which on a commit says that its people are
// still here.
func (h *History) activeSince() int64 { return h.head.AddDate(-1, 0, 0).Unix() }

// never is when somebody was seen who wrote no commit.
const never = math.MinInt64

// lastSeen returns for each person the time of the newest commit that they
// wrote, alone or with others. Bots are never seen.
func (h *History) lastSeen() []int64 {
	last := make([]int64, len(h.people))
	for i := range last {
		last[i] = never
	}
	for i := range h.commits {
		for p := range h.contributors(number(i)) {
			last[p] = max(last[p], h.commits[i].when)
		}
	}
	return last
}
