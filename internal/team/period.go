package team

import "time"

// Period is a calendar month, from From until before To.
type Period struct {
	Label    string // 2026-10
	From, To Instant
}

// LastPeriod returns the last whole calendar month of a zone before a moment.
func LastPeriod(now time.Time, zone *time.Location) Period {
	local := now.In(zone)
	to := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, zone)
	from := to.AddDate(0, -1, 0)
	return Period{Label: from.Format("2006-01"), From: At(from), To: At(to)}
}

// has reports whether a moment is of the period.
func (p Period) has(t Instant) bool { return t >= p.From && t < p.To }
