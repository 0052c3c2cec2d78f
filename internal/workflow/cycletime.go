package workflow

import (
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// CycleTime is how long items took that were finished in the window, from where
// work began to where it ended.
type CycleTime struct {
	Basis
	Unit string `json:"unit"`
	Distribution
	Histogram     []Bar         `json:"histogram"`
	DaysInclusive DaysInclusive `json:"days_inclusive"`
}

// DaysInclusive is the same in days on which the item was there, the first and
// the last included.
type DaysInclusive struct {
	Convention string `json:"convention"`
	Unit       string `json:"unit"`
	Distribution
}

const (
	unitHours       = "hours"
	unitItems       = "items"
	nothingFinished = "No work item was finished in the window."
	emptyWindow     = "The window is empty."
	daysConvention  = "date of the end − date of the beginning + 1 (Vacanti), in the project's zone"
)

// cycleTime is the Kanban Guide's: elapsed time, nights and weekends included.
// A reopened item counts once, until it was done at last.
func cycleTime(c *calc) CycleTime {
	started := func(f *flow) facts.Time { return f.started }
	return elapsed(c, "cycle_time", c.config.missing(true, true), started,
		"finished − started: from the first entry into the commitment state or a later one to the last entry into done, elapsed hours; percentiles of type 7")
}

// LeadTime is how long items took that were finished in the window, since they
// were created.
type LeadTime CycleTime

func leadTime(c *calc) LeadTime {
	created := func(f *flow) facts.Time { return f.created }
	return LeadTime(elapsed(c, "lead_time", c.config.missing(false, true), created,
		"finished − created: from the creation to the last entry into done, elapsed hours; percentiles of type 7"))
}

// elapsed is the distribution of the time from a moment to the end, of what was
// finished in the window.
func elapsed(c *calc, metric, missing string, since func(*flow) facts.Time, convention string) CycleTime {
	m := CycleTime{
		Basis:         basisOf(convention, len(c.done), MinSample, missing, nothingFinished),
		Unit:          unitHours,
		Histogram:     []Bar{},
		DaysInclusive: DaysInclusive{Convention: daysConvention, Unit: "days"},
	}
	if missing != "" {
		return m
	}
	long, days := make([]facts.Time, len(c.done)), make([]int, 0)
	for i, f := range c.done {
		from := since(f)
		long[i] = f.finished - from
		days = count(days, c.days.day(f.finished)-c.days.day(from)+1)
	}
	sorted := sortedHours(long)
	m.Distribution, m.Histogram = distributionOf(sorted), histogramOf(sorted)
	m.DaysInclusive.Distribution = distributionOf(counted(days, len(c.done)))
	m.Explain = c.q.explained(metric, len(c.done), func(i int) ExplainedRow {
		f := c.done[i]
		return ExplainedRow{
			ID: f.item.ID, Key: f.item.Key, From: instant(since(f)), To: instant(f.finished), Value: number(hours(f.finished - since(f))),
			Parts: map[string]float64{"days_inclusive": float64(c.days.day(f.finished) - c.days.day(since(f)) + 1)},
		}
	})
	return m
}

// count counts a small whole number: to sort a hundred thousand of them takes
// longer.
func count(counts []int, value int) []int {
	for len(counts) <= value {
		counts = append(counts, 0)
	}
	counts[value]++
	return counts
}

// counted returns the numbers that were counted, sorted.
func counted(counts []int, n int) []float64 {
	sorted := make([]float64, 0, n)
	for value, times := range counts {
		for range times {
			sorted = append(sorted, float64(value))
		}
	}
	return sorted
}
