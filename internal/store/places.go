package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectCursor = `SELECT c.position, c.swept_at, c.task_id, c.done_by, c.anew_at, c.compared_by, c.compared_at, c.again_at FROM sync_cursors c
		WHERE c.service_id = $1 AND c.resource_id = $2 AND c.stream = $3`
	moveCursor = `UPDATE sync_cursors SET position = $4, updated_at = $5, task_id = $6
		WHERE service_id = $1 AND resource_id = $2 AND stream = $3 AND position = $7 AND task_id = $8`
	insertCursor = `INSERT INTO sync_cursors (service_id, resource_id, stream, position, updated_at, task_id) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (service_id, resource_id, stream) DO NOTHING`
	setDone = `UPDATE sync_cursors SET done_by = $4, done_at = $5, broken_at = NULL
		WHERE service_id = $1 AND resource_id = $2 AND stream = $3 AND position = $6 AND task_id = $7`
	insertDone = `INSERT INTO sync_cursors (service_id, resource_id, stream, position, updated_at, task_id, done_by, done_at) VALUES ($1, $2, $3, '', $5, $4, $4, $5)
		ON CONFLICT (service_id, resource_id, stream) DO NOTHING`
	upsertBroken = `INSERT INTO sync_cursors (service_id, resource_id, stream, position, updated_at, broken_at) VALUES ($1, $2, $3, '', $4, $4)
		ON CONFLICT (service_id, resource_id, stream) DO UPDATE SET broken_at = COALESCE(sync_cursors.broken_at, excluded.broken_at) RETURNING broken_at`
	countDone = `SELECT count(*) FROM sync_cursors c WHERE c.service_id = $1 AND c.done_by = $2`
)

// ErrPositionLost says that a place does not stand where the caller left it: a
// crash of the database took the last pages with their cursors, or the place is
// to be read anew. The pages after them must not be kept over that.
var ErrPositionLost = errors.New("the place does not stand where its reading left it")

// Place is one stream of one resource of a service.
type Place struct {
	ServiceID  string
	ResourceID string
	Stream     rampforge.Stream
}

// Position is where the reading of a place stands. Only Place of it is set
// before the first page.
type Position struct {
	Place

	Cursor  []byte     // JSON; nil before the first page
	SweptAt *time.Time // when its ids were last compared with the vendor's
	TaskID  string     // the task that kept the last page
	DoneBy  string     // the last task that read it to its end
	AnewAt  *time.Time // when it was last put back to its beginning, see ReadAnew

	ComparedBy string     // the last task that found something missing there, see PutMissing
	ComparedAt *time.Time // when it did
	AgainAt    *time.Time // when the reading began that last looked for what moved there
}

// Position returns where the reading of a place stands.
func (s *Store) Position(ctx context.Context, p Place) (Position, error) {
	at := Position{Place: p}
	var text string
	err := s.queryRow(ctx, selectCursor, p.ServiceID, p.ResourceID, p.Stream).Scan(&text, database.ScanNullTime(&at.SweptAt), &at.TaskID, &at.DoneBy, database.ScanNullTime(&at.AnewAt),
		&at.ComparedBy, database.ScanNullTime(&at.ComparedAt), database.ScanNullTime(&at.AgainAt))
	there, err := exists(err)
	if there && text != "" {
		at.Cursor = []byte(text)
	}
	return at, err
}

// advanceTx moves a place on from where it stands. The task belongs to that:
// one that reads from the beginning may come by the same cursors.
func (s *Store) advanceTx(ctx context.Context, tx *sql.Tx, c SyncClaim, at Position, cursor []byte, now time.Time) error {
	p := at.Place
	moved, err := changed(tx.ExecContext(ctx, moveCursor, p.ServiceID, p.ResourceID, p.Stream, string(cursor), now, c.TaskID, string(at.Cursor), at.TaskID))
	if err == nil && !moved && at.unread() {
		moved, err = changed(tx.ExecContext(ctx, insertCursor, p.ServiceID, p.ResourceID, p.Stream, string(cursor), now, c.TaskID))
	}
	if err == nil && !moved {
		return ErrPositionLost
	}
	return err
}

// unread reports whether there may be no row of the place yet.
func (at Position) unread() bool { return at.Cursor == nil && at.TaskID == "" }

// PlaceDone notes that c's task read a place to its end: when it goes on later,
// it begins with another. It fails with ErrSyncLost or ErrSyncCancelled, and
// with ErrPositionLost when the place does not stand at any more.
func (s *Store) PlaceDone(ctx context.Context, c SyncClaim, at Position, now time.Time) error {
	p := at.Place
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		done, err := changed(tx.ExecContext(ctx, setDone, p.ServiceID, p.ResourceID, p.Stream, c.TaskID, now, string(at.Cursor), at.TaskID))
		if err == nil && !done && at.unread() {
			done, err = changed(tx.ExecContext(ctx, insertDone, p.ServiceID, p.ResourceID, p.Stream, c.TaskID, now))
		}
		if err == nil && !done {
			return ErrPositionLost
		}
		return err
	})
}

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
