package store

import (
	"context"
	"errors"
	"fmt"
)

// HeldColumns are the columns that an erasure walks as a list, by their tables.
func HeldColumns() map[string][]string {
	columns := map[string][]string{}
	for i := range holdings {
		for _, c := range holdings[i].columns {
			columns[holdings[i].table] = append(columns[holdings[i].table], c.name)
		}
	}
	return columns
}

// TryHeld runs the statements of every holding with values that no row has.
func TryHeld(ctx context.Context, s *Store) (err error) {
	for i := range holdings {
		h := &holdings[i]
		if _, e := s.pageOf(ctx, h, ""); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", h.table, e))
		}
		args := []any{any("none")}
		if h.numbered {
			args[0] = int64(-1)
		}
		for range 2 * len(h.columns) {
			args = append(args, "[]")
		}
		if _, e := s.db.Write().ExecContext(ctx, h.change, args...); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", h.table, e))
		}
	}
	return err
}
