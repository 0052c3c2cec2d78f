package history

import (
	"path"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

// Kind says what a path is, today or in the past.
type Kind uint8

// The kinds of paths.
const (
	KindOther Kind = iota
	KindCode       // source code that is not a test
	KindTest
)

const maxMonths = 24

// Activity says how the repository changes over time. Months end with that of
// the analysed commit and count commits without merges; contributors are
// people, co-authors included. The size of commits, in files and in folders,
// who is named in trailers, and the share of commits to code that also change a test cover the window of hotspots; commits
// that change nothing are left out. kind is asked about every path of that
// window, those that are gone included.
func (h *History) Activity(kind func(path string) Kind) report.Activity {
	a := report.Activity{Months: h.months()}
	kinds := make([]Kind, len(h.paths))
	asked := make([]bool, len(h.paths))
	var sizes, folders []int32
	code, withTest := 0, 0
	for i := range h.commits {
		c := &h.commits[i]
		if c.count == 0 || c.when < h.hotspots {
			continue
		}
		sizes, folders = append(sizes, c.count), append(folders, h.foldersOf(c))
		var has [KindTest + 1]bool
		for _, change := range h.changesOf(c) {
			if p := change.path; !asked[p] {
				asked[p], kinds[p] = true, kind(h.paths[p])
			}
			has[kinds[change.path]] = true
		}
		if has[KindCode] {
			code++
			if has[KindTest] {
				withTest++
			}
		}
	}
	a.CommitSize, a.CommitFolders = stats.Distribution(sizes), stats.Distribution(folders)
	if code > 0 {
		a.TestsWithCode = new(float64(withTest) / float64(code))
	}
	h.trailerUses(&a)
	a.People = h.peoplePeriods()
	return a
}

// foldersOf counts the folders that hold what a commit changed.
func (h *History) foldersOf(c *commit) int32 {
	seen := map[string]bool{}
	for _, k := range h.changesOf(c) {
		seen[path.Dir(h.paths[k.path])] = true
	}
	return number(len(seen))
}

// months counts the last months, those without a commit included, from the
// month of the oldest commit on.
func (h *History) months() []report.Month {
	if len(h.commits) == 0 {
		return []report.Month{}
	}
	last := monthNumber(h.head)
	first := max(last-maxMonths+1, min(last, monthNumber(time.Unix(h.from, 0))))
	months := make([]report.Month, last-first+1)
	people := make([]map[int32]bool, len(months))
	for i := range months {
		months[i].Month = time.Date(0, time.Month(first+i+1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
		people[i] = map[int32]bool{}
	}
	for i := range h.commits {
		c := &h.commits[i]
		at := monthNumber(time.Unix(c.when, 0)) - first
		if c.merge || at < 0 {
			continue
		}
		months[at].Commits++
		for p := range h.contributors(number(i)) {
			people[at][p] = true
		}
	}
	for i := range months {
		months[i].Contributors = len(people[i])
	}
	return months
}

// monthNumber counts months, in UTC.
func monthNumber(t time.Time) int {
	t = t.UTC()
	return t.Year()*12 + int(t.Month()) - 1
}
