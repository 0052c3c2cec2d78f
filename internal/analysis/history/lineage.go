package history

import "github.com/rampforgeai/rampforge"

// lineages follows files through their renames. A lineage is one file, under
// all the names that it had.
//
// The commits are taken parents first, so that branches that ran side by side
// come one after the other: a change under a name that another branch has
// already given up belongs to the file that had it. A file that is deleted and
// added again is the same file, as in the tools whose measures are used here,
// which know paths only; a file added where another was renamed away is a new
// one. The renames of one commit happen at once, so that two files can swap
// their names.
type lineages struct {
	of    []int32 // by path; -1 for a path that never changed
	moved []bool  // by path: its file has another name now
	n     int32
}

// at returns the file that has or had a path.
func (l *lineages) at(path int32) int32 {
	if l.of[path] < 0 {
		l.of[path] = l.n
		l.n++
	}
	return l.of[path]
}

func (l *lineages) add(path int32) int32 {
	if l.moved[path] {
		l.of[path], l.moved[path] = -1, false
	}
	return l.at(path)
}

// trace gives every change its lineage.
func (h *History) trace() {
	l := lineages{of: make([]int32, len(h.paths)), moved: make([]bool, len(h.paths))}
	for i := range l.of {
		l.of[i] = -1
	}
	h.lineage = make([]int32, len(h.changes))
	for i := range h.commits {
		l.follow(h.changesOf(&h.commits[i]), h.lineagesOf(&h.commits[i]))
	}
	h.lineages = l
	h.touched = h.lineageCommits(func(*commit) bool { return true })
}

// follow fills lineage with the files of one commit's changes.
func (l *lineages) follow(changes []change, lineage []int32) {
	for i, c := range changes {
		if c.old >= 0 {
			lineage[i] = l.at(c.old)
		}
	}
	for _, c := range changes {
		if c.old >= 0 {
			l.moved[c.old] = true
		}
	}
	for i, c := range changes {
		if c.old >= 0 {
			l.of[c.path], l.moved[c.path] = lineage[i], false
		}
	}
	for i, c := range changes {
		switch {
		case c.old >= 0:
		case c.status == rampforge.ChangeAdded:
			lineage[i] = l.add(c.path)
		default:
			lineage[i] = l.at(c.path)
		}
	}
}

// lineageCommits lists for each lineage the commits that changed it and that
// pass a test, each once, in the order of the history.
func (h *History) lineageCommits(pass func(*commit) bool) index {
	return newIndex(int(h.lineages.n), func(yield func(key, item int32)) {
		last := make([]int32, h.lineages.n)
		for i := range h.commits {
			c := &h.commits[i]
			if c.count == 0 || !pass(c) {
				continue
			}
			for _, l := range h.lineagesOf(c) {
				if last[l] != number(i)+1 {
					last[l] = number(i) + 1
					yield(l, number(i))
				}
			}
		}
	})
}
