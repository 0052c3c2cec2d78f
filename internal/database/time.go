package database

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Time scans a moment from either database, from a column or from an
// expression over one: SQLite gives integer microseconds since 1970 and
// PostgreSQL a timestamptz. NULL gives an invalid Time. A time.Time goes in as
// an argument as it is.
type Time struct { //nolint:recvcheck // Scan must change it, Ptr must not
	Time  time.Time // UTC
	Valid bool
}

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = Time{}
	case time.Time:
		*t = Time{Time: v.UTC(), Valid: true}
	case int64:
		*t = Time{Time: time.UnixMicro(v).UTC(), Valid: true}
	default:
		return fmt.Errorf("a %T is no time", src)
	}
	return nil
}

// Ptr returns the moment, or nil for NULL.
func (t Time) Ptr() *time.Time {
	if !t.Valid {
		return nil
	}
	return &t.Time
}

// ScanTime returns a scanner into a moment that is never NULL.
func ScanTime(into *time.Time) sql.Scanner { return timeInto{into} }

// ScanNullTime returns a scanner into a moment that is nil for NULL.
func ScanNullTime(into **time.Time) sql.Scanner { return nullTimeInto{into} }

type timeInto struct{ into *time.Time }

func (s timeInto) Scan(src any) error {
	var t Time
	if err := t.Scan(src); err != nil {
		return err
	}
	if !t.Valid {
		return errors.New("a time is NULL where it must not be")
	}
	*s.into = t.Time
	return nil
}

type nullTimeInto struct{ into **time.Time }

func (s nullTimeInto) Scan(src any) error {
	var t Time
	if err := t.Scan(src); err != nil {
		return err
	}
	*s.into = t.Ptr()
	return nil
}
