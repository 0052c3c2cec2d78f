package history

import (
	"math"
	"slices"

	"github.com/rampforgeai/rampforge"
)

// The degree of authorship, from Avelino et al., "A Novel Approach for
// Estimating Truck Factors" (ICPC 2016), with the weights of Fritz et al. 2014.
const (
	doaBase       = 3.293
	doaFirst      = 1.098
	doaDelivery   = 0.164
	doaAcceptance = 0.321
	doaShare      = 0.75 // of the highest degree of the file
)

// authorship is what one person has to do with one file.
type authorship struct {
	person int32
	// changes are the records of the person that the measure counts: one for
	// having added the file, and each modification and rename.
	changes int32
	author  bool
}

// authorships computes for each source file who has to do with it, as the
// authors' own tool does (github.com/aserg-ufmg/Truck-Factor):
//
//   - a file's records are those of its path and, through each rename, of its
//     older paths, whenever they were made;
//   - FA is 1 for everyone with an add record, DL counts modifications and
//     renames, AC is the others' DL;
//   - deletions and changes of the type of a file count nothing;
//   - an author has more than 0.75 of the highest degree of the file, and a
//     degree of at least 3.293 or an add record.
//
// Other than there, bots have no records. A file without records has no
// authorships, and the truck factor leaves it out.
func (t *Tree) authorships() [][]authorship {
	h := t.h
	records := newIndex(len(h.paths), func(yield func(key, item int32)) {
		for i := range h.changes {
			switch h.changes[i].status {
			case rampforge.ChangeAdded, rampforge.ChangeModified, rampforge.ChangeRenamed:
				yield(h.changes[i].path, number(i))
			default:
			}
		}
	})
	w := &pathWalk{h: h, records: records, visit: make([]int32, len(h.paths))}
	added, delivered := newTally(len(h.people)), newTally(len(h.people))
	all := make([][]authorship, len(t.files))
	for i, f := range t.files {
		path, known := h.pathIDs[f.Path]
		if !f.Source || !known {
			continue
		}
		for _, c := range w.recordsOf(path) {
			person := h.commits[h.owner[c]].author
			switch {
			case h.people[person].apart:
			case h.changes[c].status == rampforge.ChangeAdded:
				added.add(person)
			default:
				delivered.add(person)
			}
		}
		all[i] = degrees(added, delivered)
		added.reset()
		delivered.reset()
	}
	return all
}

// pathWalk gathers the records of a path and of the paths that it was renamed
// from.
type pathWalk struct {
	h       *History
	records index   // path → changes
	visit   []int32 // by path: the round in which it was seen
	round   int32
	queue   []int32
	found   []int32
}

// maxNames bounds the older names of one file. Real files have a few; a history
// made to hurt could give every file the names of all others.
const maxNames = 256

func (w *pathWalk) recordsOf(path int32) []int32 {
	w.round++
	w.queue, w.found = append(w.queue[:0], path), w.found[:0]
	w.visit[path] = w.round
	for at := 0; at < len(w.queue); at++ {
		for _, c := range w.records.of(w.queue[at]) {
			w.found = append(w.found, c)
			if old := w.h.changes[c].old; old >= 0 && w.visit[old] != w.round && len(w.queue) < maxNames {
				w.visit[old] = w.round
				w.queue = append(w.queue, old)
			}
		}
	}
	return w.found
}

// degrees turns counted records into authorships, in the order of people.
func degrees(added, delivered *tally) []authorship {
	people := slices.Concat(added.seen, delivered.seen)
	if len(people) == 0 {
		return nil
	}
	slices.Sort(people)
	people = slices.Compact(people)
	var deliveries int32
	for _, p := range delivered.seen {
		deliveries += delivered.count[p]
	}
	degree := func(p int32) float64 {
		d := doaBase + doaDelivery*float64(delivered.count[p]) - doaAcceptance*math.Log(float64(1+deliveries-delivered.count[p]))
		if added.count[p] > 0 {
			d += doaFirst
		}
		return d
	}
	highest := math.Inf(-1)
	for _, p := range people {
		highest = max(highest, degree(p))
	}
	all := make([]authorship, len(people))
	for i, p := range people {
		first := min(added.count[p], 1)
		d := degree(p)
		all[i] = authorship{person: p, changes: first + delivered.count[p], author: d/highest > doaShare && (d >= doaBase || first > 0)}
	}
	return all
}
