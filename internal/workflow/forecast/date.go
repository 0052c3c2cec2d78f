package forecast

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/calendar"
)

// Date is a day of the calendar, without a zone: the days since 1970-01-01.
type Date int32

// DateOf returns the date that a moment has in a zone; nil is UTC.
func DateOf(t time.Time, zone *time.Location) Date {
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := t.In(zone).Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)) //nolint:gosec // G115: the years are of four digits
}

// plus returns the date some days later.
func (d Date) plus(days int) Date { return d + Date(days) } //nolint:gosec // G115: some years

// begins returns when the date begins in a zone. Where the clocks skip midnight
// it is when they skip to.
func (d Date) begins(zone *time.Location) time.Time {
	return calendar.Midnight(1970, time.January, 1+int(d), zone)
}

// String returns the date as ISO 8601 has it.
func (d Date) String() string { return d.begins(time.UTC).Format(time.DateOnly) }

// MarshalText returns String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return err
	}
	*d = DateOf(t, time.UTC)
	return nil
}

// maxRange is how many days one entry of days without work may have.
const maxRange = 366

// ParseDays reads a date, or two with a slash between them for all days from the
// first to the last, at most 366.
func ParseDays(text string) (first, last Date, err error) {
	from, to, isRange := strings.Cut(text, "/")
	if !isRange {
		to = from
	}
	if first.UnmarshalText([]byte(from)) != nil || last.UnmarshalText([]byte(to)) != nil {
		return 0, 0, errors.New("is no date: write one as 2026-12-24, or 2026-12-24/2027-01-01 for all days from one to another")
	}
	switch {
	case last < first:
		return 0, 0, errors.New("ends before it begins")
	case last-first >= maxRange:
		return 0, 0, fmt.Errorf("has more than %d days", maxRange)
	}
	return first, last, nil
}

// Days returns all days of entries as ParseDays reads them; those that it does
// not are left out.
func Days(entries []string) map[Date]bool {
	days := map[Date]bool{}
	for _, text := range entries {
		if first, last, err := ParseDays(text); err == nil {
			for d := first; d <= last; d++ {
				days[d] = true
			}
		}
	}
	return days
}
