package calendar_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/calendar"
)

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestMidnight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, day, want string }{
		{"UTC", "1970-01-01", "1970-01-01T00:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00"},
		{"America/Santiago", "2023-09-03", "2023-09-03T01:00:00-03:00"}, // from 24:00 to 1:00
		{"America/Havana", "2023-03-12", "2023-03-12T01:00:00-04:00"},
		{"America/Havana", "2022-11-06", "2022-11-06T00:00:00-04:00"}, // the first of two
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"},
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00"}, // from 24:00 back to 23:00
		{"Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"}, // there was none
		{"Pacific/Apia", "2011-12-31", "2011-12-31T00:00:00+14:00"},
		{"Asia/Kathmandu", "0001-01-02", "0001-01-01T18:18:44Z"},
	} {
		day, err := time.Parse(time.DateOnly, test.day)
		if err != nil {
			t.Fatal(err)
		}
		want, err := time.Parse(time.RFC3339, test.want)
		if err != nil {
			t.Fatal(err)
		}
		zone := location(t, test.zone)
		if got := calendar.Midnight(day.Year(), day.Month(), day.Day(), zone); !got.Equal(want) || got.Location() != zone {
			t.Errorf("%s in %s begins at %v, want %v", test.day, test.zone, got, want)
		}
	}
}

// Each day begins at the first second of which the clocks show that date.
func TestMidnightIsTheFirstInstantOfTheDay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Africa/Cairo", "America/Santiago", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Fakaofo",
		"America/St_Johns", "Asia/Gaza", "Europe/Dublin", "Antarctica/Troll", "America/Scoresbysund", "Asia/Amman",
	} {
		zone := location(t, name)
		before := time.Time{}
		for day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
			got := calendar.Midnight(day.Year(), day.Month(), day.Day(), zone)
			date := func(at time.Time) string { return at.In(zone).Format(time.DateOnly) }
			want := day.Format(time.DateOnly)
			if got.Before(before) || date(got) < want || date(got.Add(-time.Second)) >= want {
				t.Fatalf("%s in %s begins at %v, the day before at %v", want, name, got, before)
			}
			before = got
		}
	}
}
