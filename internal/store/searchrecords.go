package store

import (
	"context"
	"slices"
	"time"
)

const (
	// What was read lately has its payload still: there is an index of those.
	placeReadSince = `SELECT r.id FROM records r WHERE r.raw IS NOT NULL AND r.synced_at >= $4 AND r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NULL`
	someContents   = `SELECT r.id, r.resource_id, r.content, r.synced_at FROM records r WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NULL
		AND r.id IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)`
)

// PlaceReadSince returns the ids of a place's records that were read since a
// moment of late: of what was read long ago nobody knows.
func (s *Store) PlaceReadSince(ctx context.Context, p Place, since time.Time) (map[string]bool, error) {
	rows, err := s.query(ctx, placeReadSince, p.ServiceID, p.ResourceID, p.Stream, since)
	return idSet(rows, err)
}

// PlaceRecords hands the records of a place that have some ids to a function,
// until it fails. No statement is open meanwhile, so that it may write. What is
// gone is left out.
func (s *Store) PlaceRecords(ctx context.Context, p Place, ids []string, each func(RecordContent) error) error {
	const atOnce = 25
	for some := range slices.Chunk(ids, atOnce) {
		args := []any{p.ServiceID, p.ResourceID, p.Stream}
		for i := range atOnce {
			args = append(args, some[min(i, len(some)-1)])
		}
		rows, err := s.query(ctx, someContents, args...)
		list, err := collect(rows, err, scanContent)
		if err != nil {
			return err
		}
		for _, v := range list {
			if err := each(v); err != nil {
				return err
			}
		}
	}
	return nil
}
