package workflow

import (
	"fmt"
	"math"
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Distribution is how a number is spread over what was counted. With fewer than
// MinSample values all of it is null.
type Distribution struct {
	P50  *float64 `json:"p50"`
	P70  *float64 `json:"p70"`
	P85  *float64 `json:"p85"`
	P95  *float64 `json:"p95"`
	Mean *float64 `json:"mean"`
	Min  *float64 `json:"min"`
	Max  *float64 `json:"max"`
}

// distributionOf returns the distribution of sorted values.
func distributionOf(sorted []float64) Distribution {
	if len(sorted) < MinSample {
		return Distribution{}
	}
	at := func(p float64) *float64 { return number(stat.Percentile(sorted, p)) }
	return Distribution{
		P50: at(0.50), P70: at(0.70), P85: at(0.85), P95: at(0.95),
		Mean: number(stat.Mean(sorted)), Min: number(sorted[0]), Max: number(sorted[len(sorted)-1]),
	}
}

// number returns v as a report tells it: to six decimals, which is less than
// four milliseconds of an hour. Sums differ in the last bits of a float64
// between machines; the report's bytes must not.
func number(v float64) *float64 {
	if v = math.Round(v*1e6) / 1e6; v == 0 {
		v = 0 // and not -0
	}
	return &v
}

// share returns part/whole, and null of nothing.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	return number(float64(part) / float64(whole))
}

// hours returns a duration in hours.
func hours(d facts.Time) float64 { return float64(d) / float64(hour) }

// sortedHours sorts durations and returns them in hours.
func sortedHours(durations []facts.Time) []float64 {
	sortDurations(durations)
	out := make([]float64, len(durations))
	for i, d := range durations {
		out[i] = hours(d)
	}
	return out
}

// sortDurations sorts durations, none of which is negative. Many are sorted by
// their digits, the lowest first (LSD radix sort): a report sorts a million.
func sortDurations(durations []facts.Time) {
	const (
		few  = 2048
		bits = 11 // of a digit: the counts stay in the fastest cache
		mask = 1<<bits - 1
	)
	if len(durations) < few {
		slices.Sort(durations)
		return
	}
	from, to := durations, make([]facts.Time, len(durations))
	longest := slices.Max(durations)
	for shift := 0; longest>>shift > 0; shift += bits {
		var places [mask + 1]int
		for _, d := range from {
			places[d>>shift&mask]++
		}
		at := 0
		for digit, n := range places {
			places[digit], at = at, at+n
		}
		for _, d := range from {
			digit := d >> shift & mask
			to[places[digit]] = d
			places[digit]++
		}
		from, to = to, from
	}
	if &from[0] != &durations[0] {
		copy(durations, from)
	}
}

// Bar is one bar of a histogram.
type Bar struct {
	From  float64  `json:"from"` // at least
	To    *float64 `json:"to"`   // less than; null is without end
	Count int      `json:"count"`
}

// maxBars is how many bars a histogram has at most, besides the one for all
// that is far out.
const maxBars = 20

// barWidths are the widths in hours that people read at a glance.
var barWidths = []float64{1, 2, 4, 8, 12, 24, 48, 72, 168, 336, 672}

// histogramOf counts sorted hours in bars of one width, the narrowest with which
// the 95th percentile is within maxBars. The last bar holds what is beyond.
func histogramOf(sorted []float64) []Bar {
	bars := []Bar{}
	if len(sorted) < MinSample {
		return bars
	}
	p95 := stat.Percentile(sorted, 0.95)
	width := barWidths[len(barWidths)-1]
	for _, w := range barWidths {
		if p95 < w*maxBars {
			width = w
			break
		}
	}
	for at := 0; at < len(sorted); {
		from := width * float64(len(bars))
		bar := Bar{From: from, To: number(from + width)}
		if len(bars) == maxBars {
			bar.To = nil
		}
		for at < len(sorted) && (bar.To == nil || sorted[at] < *bar.To) {
			at++
			bar.Count++
		}
		bars = append(bars, bar)
	}
	return bars
}

// basisOf says whether a metric has a value that takes least things to count:
// missing is what the project has to set first, nothing is what it says when
// there is nothing to count.
func basisOf(convention string, n, least int, missing, nothing string) Basis {
	b := Basis{State: OK, N: n, Convention: convention}
	switch {
	case missing != "":
		b.State, b.Reason, b.N = NotConfigured, missing, 0
	case n == 0:
		b.State, b.Reason = NoData, nothing
	case n < least:
		b.State, b.Reason = InsufficientData, fmt.Sprintf("There are %d to count, and a distribution takes %d.", n, least)
	}
	return b
}
