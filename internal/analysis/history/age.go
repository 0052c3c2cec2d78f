package history

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

// ageBands are the months where one band of ages ends and the next begins.
var ageBands = []int{3, 12, 24, 48}

// CodeAge says how long ago the source files were changed for the last time,
// in calendar months up to the analysed commit, as code-maat's code-age does
// (31 January to 1 February is one month). A file of which no commit is known,
// as at the edge of a shallow clone, has no age.
func (t *Tree) CodeAge() report.CodeAge {
	age := report.CodeAge{Bands: []report.AgeBand{}}
	var ages []int
	var lines []int64
	var total int64
	for i, f := range t.files {
		if !f.Source {
			continue
		}
		months := t.age(i)
		if months < 0 {
			age.Unknown++
			continue
		}
		ages, lines, total = append(ages, months), append(lines, f.Code), total+f.Code
	}
	age.Months = stats.Distribution(ages)
	if len(ages) == 0 {
		return age
	}
	for i := range len(ageBands) + 1 {
		band := report.AgeBand{}
		if i > 0 {
			band.From = ageBands[i-1]
		}
		if i < len(ageBands) {
			band.To = &ageBands[i]
		}
		var inBand int64
		for k, months := range ages {
			if months >= band.From && (band.To == nil || months < *band.To) {
				band.Files++
				inBand += lines[k]
			}
		}
		if total > 0 {
			band.Share = float64(inBand) / float64(total)
		}
		age.Bands = append(age.Bands, band)
	}
	return age
}

// age is the months since a file's last change, -1 when none is known.
func (t *Tree) age(file int) int {
	l := t.lineage[file]
	if l < 0 || len(t.h.touched.of(l)) == 0 {
		return -1
	}
	return monthsBetween(t.h.lastChanged(l), t.h.head)
}

func monthsBetween(from, to time.Time) int { return max(0, monthNumber(to)-monthNumber(from)) }

// medianAge is the median age of files in months; nil when none is known.
func (t *Tree) medianAge(paths []string) *float64 {
	var ages []int
	for _, p := range sortedOnce(paths) {
		if i, ok := t.file(p); ok {
			if months := t.age(i); months >= 0 {
				ages = append(ages, months)
			}
		}
	}
	return stats.Distribution(ages).P50
}
