package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectUnread = `SELECT u.id, u.asked FROM unread_ids u WHERE u.service_id = $1 AND u.resource_id = $2 AND u.stream = $3`
	insertUnread = `INSERT INTO unread_ids (service_id, resource_id, stream, id, asked) VALUES ($1, $2, $3, $4, $5)`
	deleteUnread = `DELETE FROM unread_ids WHERE service_id = $1 AND resource_id = $2 AND stream = $3 AND id = $4`
	askUnread    = `UPDATE unread_ids SET asked = TRUE WHERE service_id = $1 AND resource_id = $2 AND stream = $3`
	// Nobody's task: whoever reads the place at this moment has lost it.
	restartPlace = `UPDATE sync_cursors SET position = '', task_id = '', updated_at = $4, anew_at = $4
		WHERE service_id = $1 AND resource_id = $2 AND stream = $3 AND (anew_at IS NULL OR anew_at <= $5)`
	purgeUnread = `DELETE FROM unread_ids WHERE service_id = $1`
)

// PutUnread keeps, in place of those before, the ids that the vendor has in a
// place and that are not kept there, as long as the task is c's.
func (s *Store) PutUnread(ctx context.Context, c SyncClaim, p Place, ids map[string]bool, now time.Time) error {
	before, err := s.unread(ctx, s.db.Read(), p)
	if err != nil || len(before) == 0 && len(ids) == 0 {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		before, err := s.unread(ctx, tx, p)
		if err != nil {
			return err
		}
		var news [][]any
		for _, id := range sortedKeys(ids) {
			if _, known := before[id]; !known {
				news = append(news, []any{p.ServiceID, p.ResourceID, p.Stream, id, false})
			}
		}
		for _, id := range sortedKeys(before) {
			if ids[id] {
				continue
			}
			if _, err := tx.ExecContext(ctx, deleteUnread, p.ServiceID, p.ResourceID, p.Stream, id); err != nil {
				return err
			}
		}
		return s.runEach(ctx, tx, insertUnread, news)
	})
}

// Unread returns the ids that the vendor had in a place when it was last
// compared, and that were not kept there: true are those for whose sake the
// place was read anew already.
func (s *Store) Unread(ctx context.Context, p Place) (map[string]bool, error) {
	return s.unread(ctx, s.db.Read(), p)
}

func (s *Store) unread(ctx context.Context, q database.Querier, p Place) (map[string]bool, error) {
	rows, err := q.QueryContext(ctx, selectUnread, p.ServiceID, p.ResourceID, p.Stream)
	type unread struct {
		id    string
		asked bool
	}
	list, err := collect(rows, err, func(r row) (u unread, err error) {
		err = r.Scan(&u.id, &u.asked)
		return u, err
	})
	ids := make(map[string]bool, len(list))
	for _, u := range list {
		ids[u.id] = u.asked
	}
	return ids, err
}

// ReadAnew has the next sync read a place from its beginning, for the sake of
// what is unread there, unless that was so after the given moment already. It
// reports whether it did.
func (s *Store) ReadAnew(ctx context.Context, c SyncClaim, p Place, after, now time.Time) (anew bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		anew, err = changed(tx.ExecContext(ctx, restartPlace, p.ServiceID, p.ResourceID, p.Stream, now, after))
		if err != nil || !anew {
			return err
		}
		_, err := tx.ExecContext(ctx, askUnread, p.ServiceID, p.ResourceID, p.Stream)
		return err
	})
	return anew, err
}
