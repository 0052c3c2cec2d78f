// Package calendar tells when days begin, by one rule for all that counts by
// the day. It is pure.
package calendar

import "time"

// Midnight returns when a day begins in a zone: the first instant at which its
// clocks show that day or a later one. Where they are put forward at midnight it
// is when they skip to; where they are put back to midnight it is the first of
// the two; a day that a zone left out (Pacific/Apia, 2011-12-30) begins with the
// next one. Months and days out of range count on, as those of time.Date do.
func Midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	shown := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() // what the clocks show, as if it were UTC
	// No zone is further from UTC than this.
	const furthest = 26 * time.Hour
	for at := time.Unix(shown, 0).Add(-furthest).In(zone); ; {
		_, offset := at.Zone()
		begins := time.Unix(shown-int64(offset), 0).In(zone)
		if begins.Before(at) {
			begins = at
		}
		_, end := at.ZoneBounds()
		if end.IsZero() || begins.Before(end) {
			return begins
		}
		at = end
	}
}
