package store

import (
	"context"
	"database/sql"
	"time"
)

const (
	setCompared = `UPDATE sync_cursors SET compared_by = $4, compared_at = $5 WHERE service_id = $1 AND resource_id = $2 AND stream = $3`
	setAgain    = `UPDATE sync_cursors SET again_at = $4
		WHERE service_id = $1 AND resource_id = $2 AND stream = $3 AND position = $5 AND task_id = $6`
	selectMissingIDs = `SELECT m.id FROM missing_ids m WHERE m.service_id = $1 AND m.resource_id = $2 AND m.stream = $3`
	insertMissingID  = `INSERT INTO missing_ids (service_id, resource_id, stream, id) VALUES ($1, $2, $3, $4)`
	deleteMissingIDs = `DELETE FROM missing_ids WHERE service_id = $1 AND resource_id = $2 AND stream = $3`
	forgetMissingIDs = `DELETE FROM missing_ids WHERE service_id = $1 AND resource_id = $2`
	purgeMissingIDs  = `DELETE FROM missing_ids WHERE service_id = $1`
)

// PutMissing keeps what c's task found missing in a place, by a comparison that
// ended at the given moment, until Bury settles it. It fails with ErrSyncLost or
// ErrSyncCancelled.
func (s *Store) PutMissing(ctx context.Context, c SyncClaim, p Place, gone map[string]bool, ended time.Time) error {
	rows := make([][]any, 0, len(gone))
	for _, id := range sortedKeys(gone) {
		rows = append(rows, []any{p.ServiceID, p.ResourceID, p.Stream, id})
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, ended); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteMissingIDs, p.ServiceID, p.ResourceID, p.Stream); err != nil {
			return err
		}
		if err := s.runEach(ctx, tx, insertMissingID, rows); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, setCompared, p.ServiceID, p.ResourceID, p.Stream, c.TaskID, ended)
		return err
	})
}

// Missing returns what PutMissing kept of a place.
func (s *Store) Missing(ctx context.Context, p Place) (map[string]bool, error) {
	rows, err := s.query(ctx, selectMissingIDs, p.ServiceID, p.ResourceID, p.Stream)
	return idSet(rows, err)
}

// PlaceAgain notes that c's task, from the given moment on, looked through a
// place for what is missing elsewhere. It fails with ErrSyncLost or
// ErrSyncCancelled, and with ErrPositionLost when the place does not stand at any
// more.
func (s *Store) PlaceAgain(ctx context.Context, c SyncClaim, at Position, began, now time.Time) error {
	p := at.Place
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		noted, err := changed(tx.ExecContext(ctx, setAgain, p.ServiceID, p.ResourceID, p.Stream, began, string(at.Cursor), at.TaskID))
		if err == nil && !noted {
			return ErrPositionLost
		}
		return err
	})
}
