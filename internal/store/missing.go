package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	markMissing = `UPDATE resources SET missing_since = $2 WHERE service_id = $1 AND seen_at < $2 AND missing_since IS NULL`
	// Those alone that hold something: the others concern nobody.
	selectMissing = `SELECT s.id, s.key, s.missing_since FROM resources s WHERE s.service_id = $1 AND s.missing_since IS NOT NULL AND (
		EXISTS (SELECT 1 FROM records r WHERE r.service_id = s.service_id AND r.resource_id = s.id AND r.deleted_at IS NULL AND r.stream <> 'sprints')
		OR EXISTS (SELECT 1 FROM sprint_places p WHERE p.service_id = s.service_id AND p.resource_id = s.id)) ORDER BY s.key, s.id`
	lockMissing  = `UPDATE resources SET missing_since = missing_since WHERE service_id = $1 AND id = $2 AND missing_since IS NOT NULL`
	buryResource = `UPDATE records SET deleted_at = $3 WHERE service_id = $1 AND resource_id = $2 AND stream <> 'sprints' AND deleted_at IS NULL`
	hideSprints  = `DELETE FROM sprint_places WHERE service_id = $1 AND resource_id = $2`
	buryUnshown  = `UPDATE records SET deleted_at = $2 WHERE service_id = $1 AND stream = 'sprints' AND deleted_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM sprint_places p WHERE p.service_id = records.service_id AND p.id = records.id)`
	forgetCursors = `DELETE FROM sync_cursors WHERE service_id = $1 AND resource_id = $2`
	forgetUnread  = `DELETE FROM unread_ids WHERE service_id = $1 AND resource_id = $2`
)

// MissingResource is one that its service has no more, and that holds something.
type MissingResource struct {
	ID    string
	Key   string
	Since time.Time // when it was first missing in a whole list, in a row
}

// MissResources notes that c's service lists no other resources than those that
// PutResources kept at the moment now, and returns the missing ones that hold
// something, by key. It fails with ErrSyncLost or ErrSyncCancelled.
func (s *Store) MissResources(ctx context.Context, c SyncClaim, serviceID string, now time.Time) (missing []MissingResource, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, markMissing, serviceID, now); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, selectMissing, serviceID)
		missing, err = collect(rows, err, func(r row) (m MissingResource, err error) {
			err = r.Scan(&m.ID, &m.Key, database.ScanTime(&m.Since))
			return m, err
		})
		return err
	})
	return missing, err
}

// BuryResource leaves tombstones for what a missing resource holds; of sprints,
// for those that no other shows. Where its reading stands is forgotten: if it is
// listed again, it is read from the beginning, which brings back what is there.
// It returns how many there are. It fails with ErrSyncLost or ErrSyncCancelled.
func (s *Store) BuryResource(ctx context.Context, c SyncClaim, serviceID, id string, now time.Time) (buried int, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		buried = 0
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		there, err := changed(tx.ExecContext(ctx, lockMissing, serviceID, id))
		if err != nil || !there { // somebody saw it just now
			return err
		}
		for _, text := range []string{forgetCursors, forgetUnread, forgetMissingIDs, hideSprints} {
			if _, err := tx.ExecContext(ctx, text, serviceID, id); err != nil {
				return err
			}
		}
		records, err := affected(tx.ExecContext(ctx, buryResource, serviceID, id, now))
		if err != nil {
			return err
		}
		sprints, err := affected(tx.ExecContext(ctx, buryUnshown, serviceID, now))
		if err != nil {
			return err
		}
		buried = int(records + sprints)
		return s.countSyncTx(ctx, tx, c, 0, buried, now)
	})
	return buried, err
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
