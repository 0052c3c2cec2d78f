package workflow

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func instantOf(t *testing.T, text string) facts.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return facts.At(at)
}

func TestSeries(t *testing.T) {
	t.Parallel()
	type step struct {
		date    string
		hours   float64
		partial bool
	}
	tests := []struct {
		name, zone, from, to string
		by                   Granularity
		want                 []step
	}{
		{
			name: "clocks put forward: the Sunday has 23 hours", zone: "Europe/Berlin", by: ByDay,
			from: "2026-03-28T00:00:00+01:00", to: "2026-03-31T00:00:00+02:00",
			want: []step{{"2026-03-28", 24, false}, {"2026-03-29", 23, false}, {"2026-03-30", 24, false}},
		},
		{
			name: "clocks put back: 25 hours", zone: "Europe/Berlin", by: ByDay,
			from: "2026-10-25T00:00:00+02:00", to: "2026-10-26T12:00:00+01:00",
			want: []step{{"2026-10-25", 25, false}, {"2026-10-26", 12, true}},
		},
		{
			name: "weeks begin on Monday, and the first one is cut", zone: "Europe/Berlin", by: ByWeek,
			from: "2026-03-25T00:00:00+01:00", to: "2026-04-06T00:00:00+02:00",
			want: []step{{"2026-03-23", 5*24 - 1, true}, {"2026-03-30", 7 * 24, false}},
		},
		{
			name: "months", zone: "UTC", by: ByMonth,
			from: "2026-01-01T00:00:00Z", to: "2026-03-02T00:00:00Z",
			want: []step{{"2026-01-01", 31 * 24, false}, {"2026-02-01", 28 * 24, false}, {"2026-03-01", 24, true}},
		},
		{
			name: "a day that begins at one o'clock", zone: "Asia/Beirut", by: ByDay, // 2022-03-27 had no midnight
			from: "2022-03-26T00:00:00+02:00", to: "2022-03-28T00:00:00+03:00",
			want: []step{{"2022-03-26", 24, false}, {"2022-03-27", 23, false}},
		},
		{
			name: "a day with two midnights", zone: "America/Havana", by: ByDay, // clocks went from 1 to 0 on 2022-11-06
			from: "2022-11-05T00:00:00-04:00", to: "2022-11-07T00:00:00-05:00",
			want: []step{{"2022-11-05", 24, false}, {"2022-11-06", 25, false}},
		},
		{
			name: "a day that was left out", zone: "Pacific/Apia", by: ByDay, // it went from one side of the date line to the other
			from: "2011-12-29T00:00:00-10:00", to: "2012-01-01T00:00:00+14:00",
			want: []step{{"2011-12-29", 24, false}, {"2011-12-31", 24, false}},
		},
		{name: "an empty window at noon", zone: "UTC", by: ByDay, from: "2026-01-01T12:00:00Z", to: "2026-01-01T12:00:00Z"},
		{name: "a window that ends before it begins", zone: "UTC", by: ByMonth, from: "2026-01-02T00:00:00Z", to: "2026-01-01T12:00:00Z"},
		{name: "an empty window", zone: "UTC", by: ByDay, from: "2026-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			from, to := instantOf(t, test.from), instantOf(t, test.to)
			s := newCalendar(zone, from, to).series(from, to, test.by)
			if len(s.steps) != len(test.want) {
				t.Fatalf("%d steps, want %d: %+v", len(s.steps), len(test.want), s.steps)
			}
			for i, want := range test.want {
				got := s.steps[i]
				if long := hours(got.to - got.from); got.Date != want.date || long != want.hours || got.Partial != want.partial {
					t.Errorf("step %d is %s of %v hours, partial %v; want %+v", i, got.Date, long, got.Partial, want)
				}
				if s.of(got.from) != i || s.of(got.to-1) != i {
					t.Errorf("the ends of step %d are in %d and %d", i, s.of(got.from), s.of(got.to-1))
				}
			}
			if n := len(s.steps); s.of(max(from, to)) != n || n > 0 && s.of(from-1) != 0 {
				t.Errorf("before and after the window are steps %d and %d of %d", s.of(from-1), s.of(to), n)
			}
		})
	}
}

// The day of an instant is that of the standard library, across changes of the
// clocks and before 1970.
func TestCalendarDay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		from, to := instantOf(t, "1969-12-30T00:00:00Z"), instantOf(t, "2027-01-01T00:00:00Z")
		c := newCalendar(zone, from, to)
		for at := from; at < to; at += 17*day + 5*hour + 7 {
			year, month, date := at.UTC().In(zone).Date()
			if want := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Unix() / 86400; int64(c.day(at)) != want && want >= 0 {
				t.Fatalf("%s: day of %s is %d, want %d", name, at.UTC(), c.day(at), want)
			}
		}
	}
}

// Steps follow each other without a gap, and each instant is in the one that it
// lies in, whatever the clocks do.
func TestSeriesOfAnyWindow(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Africa/Cairo", "America/Santiago", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia",
		"Pacific/Fakaofo", "Asia/Gaza", "Europe/Dublin", "Antarctica/Troll", "America/Scoresbysund",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			from := facts.At(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)) + facts.Time(r.IntN(37*365*24))*hour
			if strings.HasPrefix(name, "Pacific") {
				from = facts.At(time.Date(2011, 12, 20, 0, 0, 0, 0, time.UTC)) + facts.Time(r.IntN(30*24))*hour
			}
			to := from + facts.Time(1+r.IntN(60*24))*hour
			for _, by := range []Granularity{ByDay, ByWeek, ByMonth} {
				s := newCalendar(zone, from, to).series(from, to, by)
				at := from
				for i, step := range s.steps {
					if step.from != at || step.to <= step.from || s.of(step.from) != i || s.of(step.to-1) != i || s.of((step.from+step.to)/2) != i {
						t.Fatalf("%s: step %d of a %s is from %v to %v, after %v; its ends are in %d and %d", name, i, by, step.from.UTC(), step.to.UTC(), at.UTC(), s.of(step.from), s.of(step.to-1))
					}
					at = step.to
				}
				if at != to {
					t.Fatalf("%s: by the %s it ends at %v, not at %v", name, by, at.UTC(), to.UTC())
				}
			}
		}
	}
}
