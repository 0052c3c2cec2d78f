package workflow

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/calendar"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// zoned tells on which day of a zone an instant is. It knows the zone's
// offsets of a stretch of time: looking one up for each of a million instants
// would take longer than the rest.
type zoned struct {
	zone    *time.Location
	since   []facts.Time // when each offset begins to hold, ascending
	offsets []facts.Time // of local time from UTC
}

// day is the length of a day without a change of the clocks, hour of an hour.
const (
	hour = facts.Time(time.Hour / time.Microsecond)
	day  = 24 * hour
)

// newCalendar returns the days of a zone from one instant to another.
func newCalendar(zone *time.Location, from, to facts.Time) *zoned {
	c := &zoned{zone: zone}
	for at := from; ; {
		local := at.Moment().In(zone)
		_, offset := local.Zone()
		c.since = append(c.since, at)
		c.offsets = append(c.offsets, facts.Time(offset)*(hour/3600))
		_, end := local.ZoneBounds()
		if end.IsZero() || facts.Bound(end) > to {
			return c
		}
		at = facts.Bound(end)
	}
}

// day returns the number of the day on which an instant is, from 1970-01-01 on.
func (c *zoned) day(at facts.Time) int {
	i := len(c.since) - 1
	for i > 0 && c.since[i] > at {
		i--
	}
	local := at + c.offsets[i]
	n := local / day
	if local%day < 0 {
		n--
	}
	return int(n)
}

// Step is one step of a series: a day, a week or a month of the project's zone.
type Step struct {
	Date string    `json:"date"` // the first day
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Partial says that the window begins or ends within it: then From and To are
	// those of the window.
	Partial bool `json:"partial"`

	from, to facts.Time
}

// series are the steps of a window, and which of them each of its days is in.
type series struct {
	steps []Step
	days  *zoned
	first int   // the day of the window's beginning
	byDay []int // of first and the days after it
}

// series returns the steps of a window, the first and the last cut to it. An
// empty window has none.
func (c *zoned) series(from, to facts.Time, by Granularity) *series {
	s := &series{steps: []Step{}, days: c, first: c.day(from)}
	if from >= to {
		return s
	}
	local := from.Moment().In(c.zone)
	year, month, date := local.Date()
	switch by {
	case ByWeek:
		date -= (int(local.Weekday()) + 6) % 7 // to Monday
	case ByMonth:
		date = 1
	case ByDay:
	}
	for begin := c.midnight(year, month, date); begin < to; {
		name := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		switch by {
		case ByWeek:
			date += 7
		case ByMonth:
			month++
		case ByDay:
			date++
		}
		end := c.midnight(year, month, date)
		if begin < end { // else the zone left this day out
			s.add(Step{Date: name, Partial: begin < from || end > to, from: max(begin, from), to: min(end, to)})
		}
		begin = end
	}
	return s
}

func (s *series) add(step Step) {
	step.From, step.To = step.from.Moment(), step.to.Moment()
	for last := s.days.day(step.to - 1); s.first+len(s.byDay) <= last; {
		s.byDay = append(s.byDay, len(s.steps))
	}
	s.steps = append(s.steps, step)
}

// of returns the index of the step that an instant of the window is in. One from
// before the window is in the first, and one from after it in none: len(steps).
func (s *series) of(at facts.Time) int {
	switch {
	case len(s.steps) == 0 || at >= s.steps[len(s.steps)-1].to:
		return len(s.steps)
	case at < s.steps[0].from:
		return 0
	}
	i := s.byDay[s.days.day(at)-s.first]
	for at < s.steps[i].from { // the clocks were put back over midnight, and showed the next day before
		i--
	}
	return i
}

// midnight returns when a day begins.
func (c *zoned) midnight(year int, month time.Month, date int) facts.Time {
	return facts.Bound(calendar.Midnight(year, month, date, c.zone))
}
