package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	upsertBroken = `INSERT INTO sync_cursors (service_id, resource_id, stream, position, updated_at, broken_at) VALUES ($1, $2, $3, '', $4, $4)
		ON CONFLICT (service_id, resource_id, stream) DO UPDATE SET broken_at = COALESCE(sync_cursors.broken_at, excluded.broken_at) RETURNING broken_at`
	countDone = `SELECT count(*) FROM sync_cursors c WHERE c.service_id = $1 AND c.done_by = $2`
)

// PlaceBroken notes that c's task could not read a place to its end, and
// returns since when none could. It fails with ErrSyncLost or ErrSyncCancelled.
func (s *Store) PlaceBroken(ctx context.Context, c SyncClaim, p Place, now time.Time) (since time.Time, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, upsertBroken, p.ServiceID, p.ResourceID, p.Stream, now).Scan(database.ScanTime(&since))
	})
	return since, err
}

// PlacesDone counts the places of a service that a task read to their end.
func (s *Store) PlacesDone(ctx context.Context, serviceID, taskID string) (n int, err error) {
	err = s.queryRow(ctx, countDone, serviceID, taskID).Scan(&n)
	return n, err
}
