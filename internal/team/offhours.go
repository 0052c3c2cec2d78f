package team

import (
	"time"
)

// OffHours is whether more people than usual worked at night and on weekends.
type OffHours struct {
	Basis

	// Above is the share of the people who did more of their work outside of
	// office hours than they themselves do usually, to one decimal.
	Above *float64 `json:"above_own_baseline_share"`
}

// Office hours are from 7 to 19 o'clock on Monday to Friday, in each person's
// own zone.
const (
	officeFrom, officeTo = 7, 19
	// leastActs is how much somebody must have done for a share of it to mean
	// anything.
	leastActs = 20
	// more is by how much a share must be over the baseline to be more.
	more = 0.1
)

const offHoursConvention = "Of each person with a zone and at least 20 acts both in the month and in the three months before: the share outside of 7 to 19 o'clock on Monday to Friday in their own zone, against their own share of before; " +
	"more is 10 percentage points more. Two thirds of projects follow office hours (Claes and others, ICSE 2018), and who does not usually is no exception."

// OffHoursOf compares the hours of a period with each person's own usual ones
// and tells how many of all do more.
func OffHoursOf(in *Input, p Period) OffHours {
	o := OffHours{Basis: Basis{Period: p.Label, Convention: offHoursConvention}}
	now, before := in.hours(p.From, p.To), in.hours(p.From.add(-90*day), p.From)
	people, above := 0, 0.0
	for i := range in.People {
		share, ok := now[i].share()
		usual, known := before[i].share()
		if in.People[i].Bot || !ok || !known {
			continue
		}
		people++
		if share > usual+more {
			above++
		}
	}
	o.Basis = o.of(people, people)
	if o.State == OK {
		o.Above = tenth(above / float64(people))
	}
	return o
}

// hoursOf counts acts, and those outside of office hours.
type hoursOf struct{ off, all int }

// share returns which share is outside of office hours, undefined of too few.
func (h hoursOf) share() (share float64, ok bool) {
	return float64(h.off) / float64(max(h.all, 1)), h.all >= leastActs
}

func (in *Input) hours(from, to Instant) []hoursOf {
	out := make([]hoursOf, len(in.People))
	for i := range in.Acts {
		a := &in.Acts[i]
		zone := in.People[a.Person].Zone
		// When an item was finished and a pull request merged is not always by the
		// hand of whom it belongs to.
		if zone == nil || a.At < from || a.At >= to || a.Kind == Finished || a.Kind == Merged {
			continue
		}
		out[a.Person].all++
		if outside(a.At.UTC().In(zone)) {
			out[a.Person].off++
		}
	}
	return out
}

func outside(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || t.Hour() < officeFrom || t.Hour() >= officeTo
}
