package forecast

import "time"

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
	return time.Date(1970, time.January, 1+int(d), 0, 0, 0, 0, zone)
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
