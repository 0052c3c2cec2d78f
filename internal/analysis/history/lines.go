package history

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

const (
	// maxMeasured is how many commits are measured in lines: the contents of
	// each are read, and a median needs no more.
	maxMeasured = 100
	// maxMeasuredFiles leaves out commits that change so many files that reading
	// them would take as long as reading a history. They are no typical ones.
	maxMeasuredFiles = 500
)

// Measured lists the commits whose lines say what a typical one changes: the
// newest of the window of hotspots that change a file, without merges. It is
// empty for a partial history.
func (h *History) Measured() []string {
	if !h.complete {
		return nil
	}
	var newest []int32
	for i := range h.commits {
		if c := &h.commits[i]; !c.merge && c.when >= h.hotspots && c.count > 0 && c.count <= maxMeasuredFiles {
			newest = append(newest, number(i))
		}
	}
	slices.SortFunc(newest, func(a, b int32) int {
		return cmp.Or(cmp.Compare(h.commits[b].when, h.commits[a].when), cmp.Compare(b, a))
	})
	hashes := make([]string, 0, maxMeasured)
	for _, i := range newest[:min(len(newest), maxMeasured)] {
		hashes = append(hashes, h.hashes[i])
	}
	return hashes
}

// CommitLines says how many lines a commit adds and deletes, of those that were
// measured. Those that change no line, as a binary file or a mode, are left out.
func CommitLines(lines []int64) report.Distribution {
	return stats.Distribution(slices.DeleteFunc(slices.Clone(lines), func(n int64) bool { return n == 0 }))
}
