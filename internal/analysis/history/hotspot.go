package history

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

// MaxHotspots is how many hotspots of each kind a report lists.
const MaxHotspots = 50

// Hotspots returns the source files where change and complexity meet, tests
// apart, highest score first, at most limit of each. area names the component
// of a path.
//
// The score is the product of two percentile ranks (stats.PercentileRanks): of
// the commits in the window of hotspots that changed the file, among all source
// files of its kind, and of its complexity. Complexity is ranked among the
// files that are measured alike: cognitive complexity where functions were
// read, lines of code elsewhere. A file that did not change in the window, or
// has no complexity, is not a hotspot.
func (t *Tree) Hotspots(limit int, area func(path string) string) (code, tests []report.Hotspot) {
	return t.hotspots(limit, area, false, t.h.hotspots), t.hotspots(limit, area, true, t.h.hotspots)
}

const windowHotspots = 10

// HotspotWindows returns the hotspots of the last quarter of a year, the last
// year, and everything, tests apart: what is hot now, and what has been all
// along. Scores are as in Hotspots, with the revisions of each window. A window
// in which no commit lies, and one that begins before the history does, is left
// out; the whole history never is.
func (t *Tree) HotspotWindows(area func(path string) string) []report.HotspotWindow {
	h := t.h
	windows := []report.HotspotWindow{}
	for _, w := range []struct {
		name string
		from int64
	}{{"quarter", h.head.AddDate(0, -3, 0).Unix()}, {"year", h.head.AddDate(-1, 0, 0).Unix()}, {"all", h.from}} {
		commits := h.commitsSince(w.from)
		if commits == 0 || w.name != "all" && w.from <= h.from {
			continue
		}
		windows = append(windows, report.HotspotWindow{
			Name: w.name, From: time.Unix(w.from, 0).UTC(), Commits: commits, Files: t.hotspots(windowHotspots, area, false, w.from),
		})
	}
	return windows
}

// commitsSince counts commits without merges.
func (h *History) commitsSince(from int64) int {
	n := 0
	for i := range h.commits {
		if c := &h.commits[i]; !c.merge && c.when >= from {
			n++
		}
	}
	return n
}

func (t *Tree) hotspots(limit int, area func(path string) string, test bool, since int64) []report.Hotspot {
	spots := make([]report.Hotspot, 0, len(t.files))
	parsed := make([]bool, 0, len(t.files))
	for i, f := range t.files {
		if !f.Source || f.Test != test {
			continue
		}
		s := report.Hotspot{Path: f.Path, Revisions: t.revisions(i, since), Complexity: f.Complexity, Measure: report.MeasureCognitive, Lines: f.Code}
		if !f.Parsed {
			s.Complexity, s.Measure = int(f.Code), report.MeasureLines
		}
		spots = append(spots, s)
		parsed = append(parsed, f.Parsed)
	}
	rank(spots, func(int) bool { return true }, func(s *report.Hotspot) (int, *float64) { return s.Revisions, &s.RevisionRank })
	byComplexity := func(s *report.Hotspot) (int, *float64) { return s.Complexity, &s.ComplexityRank }
	rank(spots, func(i int) bool { return parsed[i] }, byComplexity)
	rank(spots, func(i int) bool { return !parsed[i] }, byComplexity)
	spots = slices.DeleteFunc(spots, func(s report.Hotspot) bool { return s.Revisions == 0 || s.Complexity <= 0 })
	for i := range spots {
		spots[i].Score = spots[i].RevisionRank * spots[i].ComplexityRank
	}
	slices.SortFunc(spots, func(a, b report.Hotspot) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Revisions, a.Revisions), cmp.Compare(a.Path, b.Path))
	})
	spots = slices.Clip(spots[:min(limit, len(spots))])
	for i := range spots {
		s := &spots[i]
		s.Component = area(s.Path)
		s.LastChanged = t.h.lastChanged(t.h.lineageAt(s.Path))
	}
	return spots
}

// rank fills the percentile rank of one measure among the spots that are in.
func rank(spots []report.Hotspot, in func(i int) bool, measure func(*report.Hotspot) (value int, rank *float64)) {
	var members, values []int
	for i := range spots {
		if in(i) {
			value, _ := measure(&spots[i])
			members, values = append(members, i), append(values, value)
		}
	}
	for i, r := range stats.PercentileRanks(values) {
		_, to := measure(&spots[members[i]])
		*to = r
	}
}

// Revisions yields every file and how many commits in the window of hotspots
// changed it.
func (t *Tree) Revisions() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for i := range t.files {
			if !yield(t.files[i].Path, t.revisions(i, t.h.hotspots)) {
				return
			}
		}
	}
}

// revisions counts the commits since a second that changed a file.
func (t *Tree) revisions(file int, since int64) int {
	l := t.lineage[file]
	if l < 0 {
		return 0
	}
	n := 0
	for _, c := range t.h.touched.of(l) {
		if t.h.commits[c].when >= since {
			n++
		}
	}
	return n
}
