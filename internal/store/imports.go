package store

import (
	"context"
	"database/sql"
	"errors"
	"hash/maphash"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	insertImport = `INSERT INTO imports (id, project_id, name, name_key, format, state, created_by, created_at, heartbeat_at)
		VALUES ($1, $2, $3, $4, $5, 'staging', $6, $7, $7)`
	beatImport  = `UPDATE imports SET heartbeat_at = $2 WHERE id = $1 AND state = 'staging'`
	stageRecord = `INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, raw, synced_at, type, status, assignees, search)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	keepImport = `UPDATE imports SET state = 'kept', cases = $2, events = $3, empty_cases = $4, skipped = $5, first_event = $6, last_event = $7, heartbeat_at = $8
		WHERE id = $1 AND state = 'staging'`
	formerImport  = `SELECT i.id FROM imports i WHERE i.project_id = $1 AND i.name_key = $2 AND i.state = 'kept'`
	dropImport    = `UPDATE imports SET state = 'gone', heartbeat_at = $3 WHERE project_id = $1 AND id = $2 AND state = 'kept'`
	abandonImport = `UPDATE imports SET state = 'gone' WHERE id = $1 AND state = 'staging'`
	unbindImport  = `DELETE FROM project_sources WHERE service_id = $1`
	importColumns = `SELECT i.id, i.project_id, i.name, EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = i.project_id AND b.service_id = i.id AND NOT b.removed), i.format, i.cases, i.events, i.empty_cases, i.skipped, i.first_event, i.last_event, i.created_by, i.created_at FROM imports i`
	selectImports = importColumns + ` WHERE i.project_id = $1 AND i.state = 'kept' ORDER BY i.created_at DESC, i.id DESC LIMIT $2 OFFSET $3`
	countImports  = `SELECT count(*) FROM imports i WHERE i.project_id = $1 AND i.state = 'kept'`
	silentImports = `UPDATE imports SET state = 'gone' WHERE state = 'staging' AND heartbeat_at < $1`
	orphanImports = `UPDATE imports SET state = 'gone' WHERE state = 'kept' AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = imports.project_id)`
	goneImports   = `SELECT i.id FROM imports i WHERE i.state = 'gone' ORDER BY i.id LIMIT $1`
	purgeSome     = `DELETE FROM records WHERE service_id = $1 AND stream = 'work_items' AND id IN (SELECT r.id FROM records r WHERE r.service_id = $1 AND r.stream = 'work_items' ORDER BY r.id LIMIT $2)`
	deleteImport  = `DELETE FROM imports WHERE id = $1 AND state = 'gone'`
	itemsAfter    = `SELECT r.id, r.content, r.synced_at, r.updated_at FROM records r
		WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = 'work_items' AND r.deleted_at IS NULL AND (r.updated_at, r.id) > ($3, $4) AND ($5 = '' OR r.type = $5)
		ORDER BY r.updated_at, r.id LIMIT $6`
)

// ErrImportLost says that an import was silent for so long that it was given
// up, or that its project is gone: nothing may be written of it any more.
var ErrImportLost = errors.New("the import was given up")

// BeginImport makes room for the records of an import, which nobody sees before
// KeepImport.
func (s *Store) BeginImport(ctx context.Context, v rampforge.Import) error {
	erased, err := s.Erased(ctx)
	if err != nil {
		return err
	}
	v.Name, _ = erased.Text(v.Name)
	_, err = s.db.Write().ExecContext(ctx, insertImport, v.ID, v.ProjectID, v.Name, importKey(v.Name), v.Format, v.CreatedBy, v.CreatedAt)
	return err
}

func importKey(name string) string { return strings.ToLower(name) }

// StageImport writes work items of an import, each with another id than any
// before, all or nothing. It fails with ErrImportLost.
func (s *Store) StageImport(ctx context.Context, importID string, items []rampforge.Record, now time.Time) error {
	erased, err := s.Erased(ctx)
	if err != nil {
		return err
	}
	for i := range items {
		if _, err := erased.Record(importID, &items[i]); err != nil {
			return err
		}
	}
	rows, err := recordRows(Place{ServiceID: importID, ResourceID: importID, Stream: rampforge.StreamWorkItems}, items, now)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if s.db.Engine() == database.Postgres {
			if _, err := tx.ExecContext(ctx, commitLater); err != nil {
				return err
			}
		}
		staging, err := changed(tx.ExecContext(ctx, beatImport, importID, now))
		if err == nil && !staging {
			err = ErrImportLost
		}
		if err != nil {
			return err
		}
		return s.runEach(ctx, tx, stageRecord, rows)
	})
}

// BeatImport says that an import lives. It fails with ErrImportLost.
func (s *Store) BeatImport(ctx context.Context, importID string, now time.Time) error {
	staging, err := changed(s.db.Write().ExecContext(ctx, beatImport, importID, now))
	if err == nil && !staging {
		err = ErrImportLost
	}
	return err
}

// KeepImport makes what was staged a source of its project, in place of the
// import that had its name, and reports whether there was one. The statuses are
// what the file says of those of its work items. It fails with ErrImportLost,
// and with RESOURCE_NOT_FOUND when the project is gone.
func (s *Store) KeepImport(ctx context.Context, v rampforge.Import, statuses []rampforge.TrackerStatus, now time.Time) (replaced bool, err error) {
	skipped, err := jsonText(v.Skipped)
	if err != nil {
		return false, err
	}
	streams, err := jsonText([]rampforge.Stream{rampforge.StreamWorkItems})
	if err != nil {
		return false, err
	}
	erased, err := s.Erased(ctx)
	if err != nil {
		return false, err
	}
	v.Name, _ = erased.Text(v.Name)
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, lockProject, v.ProjectID) // one of two imports of one name is the later
		if err := changedOne(result, err, "project"); err != nil {
			return err
		}
		var former string
		switch err := tx.QueryRowContext(ctx, formerImport, v.ProjectID, importKey(v.Name)).Scan(&former); {
		case err == nil:
			if replaced, err = s.unbindImportTx(ctx, tx, v.ProjectID, former, now); err != nil {
				return err
			}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		staged, err := changed(tx.ExecContext(ctx, keepImport, v.ID, v.Cases, v.Events, v.EmptyCases, skipped, v.FirstEvent, v.LastEvent, now))
		if err == nil && !staged {
			err = ErrImportLost
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, upsertResource, v.ID, v.ID, rampforge.KindImport, plain(v.Name), plain(v.Name), "", false, streams, now, "", ""); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, bindByHand, v.ProjectID, v.ID, v.ID, now); err != nil {
			return err
		}
		if err := s.runEach(ctx, tx, upsertStatus, statusRows(v.ID, v.ID, statuses, now)); err != nil {
			return err
		}
		return s.StaleWorkflowTx(ctx, tx, v.ProjectID, now)
	})
	return replaced && err == nil, err
}

// unbindImportTx takes an import out of its project; what is left of it is
// removed by PurgeImports.
func (s *Store) unbindImportTx(ctx context.Context, tx *sql.Tx, projectID, importID string, now time.Time) (bool, error) {
	kept, err := changed(tx.ExecContext(ctx, dropImport, projectID, importID, now))
	if err != nil || !kept {
		return false, err
	}
	for _, text := range []string{unbindImport, purgeResources, purgeStatuses} {
		if _, err := tx.ExecContext(ctx, text, importID); err != nil {
			return false, err
		}
	}
	return true, nil
}

// DeleteImport takes an import out of its project.
func (s *Store) DeleteImport(ctx context.Context, projectID, importID string, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, lockProject, projectID)
		if err := changedOne(result, err, "project"); err != nil {
			return err
		}
		was, err := s.unbindImportTx(ctx, tx, projectID, importID, now)
		if err == nil && !was {
			err = notFound("import")
		}
		if err != nil {
			return err
		}
		return s.StaleWorkflowTx(ctx, tx, projectID, now)
	})
}

// AbandonImport gives up an import that was not kept.
func (s *Store) AbandonImport(ctx context.Context, importID string) error {
	_, err := s.db.Write().ExecContext(ctx, abandonImport, importID)
	return err
}

// Imports returns a page of the imports of a project, the newest first, and how
// many there are. Whether the caller may see the project is the caller's to
// know.
func (s *Store) Imports(ctx context.Context, projectID string, p Page) ([]rampforge.Import, int, error) {
	var total int
	if err := s.queryRow(ctx, countImports, projectID).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectImports, projectID, p.Limit, p.Offset)
	list, err := collect(rows, err, func(r row) (v rampforge.Import, err error) {
		err = r.Scan(&v.ID, &v.ProjectID, &v.Name, &v.Bound, &v.Format, &v.Cases, &v.Events, &v.EmptyCases, jsonColumn{&v.Skipped},
			database.ScanNullTime(&v.FirstEvent), database.ScanNullTime(&v.LastEvent), &v.CreatedBy, database.ScanTime(&v.CreatedAt))
		return v, err
	})
	return list, total, err
}

// The steps in which PurgeImports removes things: no transaction holds others up
// for long.
const (
	purgedAtOnce  = 2000
	purgedImports = 100
)

// PurgeImports removes what is left of imports that are gone, of those that are
// staged and silent since before, and of those of removed projects. Any number
// of processes may at once. It returns how many imports it removed.
func (s *Store) PurgeImports(ctx context.Context, before time.Time) (int, error) {
	if _, err := s.db.Write().ExecContext(ctx, silentImports, before); err != nil {
		return 0, err
	}
	if _, err := s.db.Write().ExecContext(ctx, orphanImports); err != nil {
		return 0, err
	}
	rows, err := s.query(ctx, goneImports, purgedImports)
	gone, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	if err != nil {
		return 0, err
	}
	for i, id := range gone {
		if err := s.purgeImport(ctx, id); err != nil {
			return i, err
		}
	}
	return len(gone), nil
}

func (s *Store) purgeImport(ctx context.Context, id string) error {
	for {
		n, err := affected(s.db.Write().ExecContext(ctx, purgeSome, id, purgedAtOnce))
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		for _, text := range []string{unbindImport, purgeResources, purgeStatuses, deleteImport} {
			if _, err := tx.ExecContext(ctx, text, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// readAtOnce is how many work items are read by one statement: reading all of
// them by one would keep SQLite's log from shrinking for as long as a client
// takes to receive them.
const readAtOnce = 500

// EachWorkItem hands every work item of a project's sources to each, source by
// source, the last updated last; kind is its type, "" every one. One that is
// changed meanwhile is handed over once. Those that are gone at the vendor are left
// out. Whether the caller may see the project is the caller's to know.
func (s *Store) EachWorkItem(ctx context.Context, projectID, kind string, each func(ListedRecord) error) error {
	sources, err := s.ProjectSources(ctx, projectID)
	if err != nil {
		return err
	}
	for _, source := range sources {
		if err := s.eachOf(ctx, source, kind, each); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eachOf(ctx context.Context, source rampforge.ProjectSource, kind string, each func(ListedRecord) error) error {
	var after time.Time
	var last string
	seed, handed := maphash.MakeSeed(), map[uint64]struct{}{} // sums of ids: what changes meanwhile comes again, at its new time
	for {
		rows, err := s.query(ctx, itemsAfter, source.ServiceID, source.ResourceID, after, last, kind, readAtOnce)
		list, err := collect(rows, err, func(r row) (v ListedRecord, err error) {
			var content string
			err = r.Scan(&v.ID, &content, database.ScanTime(&v.SyncedAt), database.ScanTime(&after))
			v.ServiceID, v.ResourceID, v.Content = source.ServiceID, source.ResourceID, []byte(content)
			return v, err
		})
		if err != nil {
			return err
		}
		for _, v := range list {
			sum := maphash.String(seed, v.ID)
			if _, again := handed[sum]; again {
				continue
			}
			handed[sum] = struct{}{}
			if err := each(v); err != nil {
				return err
			}
		}
		if len(list) < readAtOnce {
			return nil
		}
		last = list[len(list)-1].ID
	}
}
