package forecast

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// History is how many items were finished and added on each day until a moment.
// Days without either are zeros, and are samples like any other.
type History struct {
	First Date // the date of Days[0]
	Days  []Day
}

// Day is what happened on one day.
type Day struct{ Finished, Added int }

// kept is how many days of history a forecast has a use for: what the earliest
// forecast of the backtest is drawn from, and what happened since.
const kept = maxSample + backtestHorizon + 7*maxOrigins

// Tally counts when items were finished and added, in any order, by the days of
// a zone. The last day is the last that was over at asOf, so that no day is
// counted in part; the first is the one after the day of since, when the first
// thing that is known happened, or the earliest that a forecast has a use for.
func Tally(finished, added []facts.Time, since facts.Time, asOf time.Time, zone *time.Location) History {
	if zone == nil {
		zone = time.UTC
	}
	end := DateOf(asOf, zone) // that day is not over yet
	first := end - kept
	if since != 0 {
		first = max(first, DateOf(since.UTC(), zone)+1)
	}
	if first >= end {
		return History{First: end}
	}
	h := History{First: first, Days: make([]Day, end-first)}
	starts := make([]facts.Time, len(h.Days)+1)
	for i := range starts {
		starts[i] = facts.Bound(first.plus(i).begins(zone))
	}
	each(finished, starts, func(day int) { h.Days[day].Finished++ })
	each(added, starts, func(day int) { h.Days[day].Added++ })
	return h
}

// each calls count with the day of each time, when it is of one. Days are not
// all of 24 hours, so the division is a guess that is near.
func each(times, starts []facts.Time, count func(day int)) {
	last := len(starts) - 1
	for _, t := range times {
		if t < starts[0] || t >= starts[last] {
			continue
		}
		day := min(int((t-starts[0])/(24*60*60*1e6)), last-1)
		for t < starts[day] {
			day--
		}
		for t >= starts[day+1] {
			day++
		}
		count(day)
	}
}

// firstWholeDay returns the first date that begins at or after a moment.
func firstWholeDay(t time.Time, zone *time.Location) Date {
	d := DateOf(t, zone)
	if d.begins(zone).Before(t) {
		d++
	}
	return d
}

// on returns the date of the i-th day, and of days after the last.
func (h *History) on(i int) Date { return h.First.plus(i) }

// sample is the days that a forecast draws from, oldest first.
type sample struct {
	dates    []Date
	days     []Day
	finished int
	added    int
}

// newSample takes up to size days before the end-th of a history. Days without
// work by the calendar are no samples: they say nothing of days with work.
func newSample(h *History, end, size int, blackout map[Date]bool) sample {
	var s sample
	for i := max(0, end-size); i < end; i++ {
		date, day := h.on(i), h.Days[i]
		if blackout[date] {
			continue
		}
		s.dates, s.days = append(s.dates, date), append(s.days, day)
		s.finished += day.Finished
		s.added += day.Added
	}
	return s
}

// lacks says why a forecast cannot be drawn from a sample; "" is that it can.
func (s *sample) lacks() string {
	switch {
	case len(s.days) < minSample:
		return "fewer than 30 whole days of history are known; ask again when there are"
	case s.finished == 0:
		return "nothing was finished on any day of the sample"
	case s.finished < minFinished:
		return "fewer than ten items were finished in the sample"
	}
	return ""
}
