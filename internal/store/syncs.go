package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	syncTaskColumns = `id, service_id, service_type, resources, force_refresh, forced, status, records, deleted, errors, notes, progress, message,
		paused_until, pauses, requested_by, created_at, started_at, finished_at`

	insertSyncRun = `INSERT INTO sync_runs (id, requested_by, created_at) VALUES ($1, $2, $3)`
	// The indexes allow one active task of a service, and one that follows it: a
	// second request finds them.
	insertSyncTask = `INSERT INTO sync_tasks (id, service_id, service_type, resources, force_refresh, forced, status, requested_by, created_at, heartbeat_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $8) ON CONFLICT (service_id) WHERE status IN ('queued', 'running') AND NOT following DO NOTHING`
	insertFollowing = `INSERT INTO sync_tasks (id, service_id, service_type, resources, force_refresh, forced, status, requested_by, created_at, heartbeat_at, following)
		VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $8, TRUE) ON CONFLICT (service_id) WHERE status IN ('queued', 'running') AND following DO NOTHING`
	// The updates take the row's lock: a task that somebody joins neither begins
	// nor ends meanwhile.
	lockActiveSync = `UPDATE sync_tasks SET message = message WHERE service_id = $1 AND status IN ('queued', 'running') AND NOT following
		RETURNING ` + syncTaskColumns + `, cancel_requested`
	lockFollowingSync = `UPDATE sync_tasks SET message = message WHERE service_id = $1 AND status IN ('queued', 'running') AND following
		RETURNING ` + syncTaskColumns + `, cancel_requested`
	endCancelled   = `UPDATE sync_tasks SET status = 'cancelled', finished_at = $2 WHERE id = $1`
	widenSyncTask  = `UPDATE sync_tasks SET resources = $2, force_refresh = $3, forced = $4 WHERE id = $1`
	insertRunTask  = `INSERT INTO sync_run_tasks (run_id, task_id) VALUES ($1, $2)`
	setSyncJob     = `UPDATE sync_tasks SET job_id = $2 WHERE id = $1`
	selectSyncRun  = `SELECT r.id, r.requested_by, r.created_at FROM sync_runs r WHERE r.id = $1`
	selectRunTasks = `SELECT ` + syncTaskColumns + ` FROM sync_run_tasks rt JOIN sync_tasks t ON t.id = rt.task_id WHERE rt.run_id = $1 ORDER BY t.service_id`
	selectSyncTask = `SELECT ` + syncTaskColumns + ` FROM sync_tasks t WHERE t.id = $1`
	newestSyncTask = `SELECT ` + syncTaskColumns + ` FROM sync_tasks t WHERE t.service_id = $1 ORDER BY t.created_at DESC, t.id DESC LIMIT 1`
	countFullSyncs = `SELECT count(*) FROM sync_tasks t WHERE t.service_id = $1 AND t.status IN ('queued', 'running') AND t.resources = '[]' AND NOT t.cancel_requested`
	saySyncTask    = `UPDATE sync_tasks SET message = $2 WHERE id = $1 RETURNING ` + syncTaskColumns
)

// SyncRequest is what it takes to start a sync run.
type SyncRequest struct {
	RunID       string
	Services    []rampforge.Service
	Resources   map[string][]string // by the service's id: those to sync; none is every one in the service's scope
	Force       bool
	RequestedBy string // "" is the schedule
	At          time.Time
}

// startAttempts bounds how often a start meets a task that ends at that moment.
const startAttempts = 5

// StartSyncTx queues the sync of services, each with its job. A service that
// is being synced already is not synced twice: the run shares its task, unless
// the end of that was asked for.
func (s *Store) StartSyncTx(ctx context.Context, tx *sql.Tx, r SyncRequest, enqueue Enqueue) (rampforge.SyncRun, error) {
	if _, err := tx.ExecContext(ctx, insertSyncRun, r.RunID, r.RequestedBy, r.At); err != nil {
		return rampforge.SyncRun{}, err
	}
	services := slices.Clone(r.Services)
	// In one order, so that two requests never wait for each other.
	slices.SortFunc(services, func(a, b rampforge.Service) int { return cmp.Compare(a.ID, b.ID) })
	for _, service := range services {
		// Whoever changes the service at this moment either knows of the task, or
		// is done before it begins. One that is gone has nothing to be locked.
		if _, err := tx.ExecContext(ctx, lockService, service.ID); err != nil {
			return rampforge.SyncRun{}, err
		}
		task, err := s.joinSyncTx(ctx, tx, r, service, enqueue)
		if err != nil {
			return rampforge.SyncRun{}, err
		}
		if _, err := tx.ExecContext(ctx, insertRunTask, r.RunID, task); err != nil {
			return rampforge.SyncRun{}, err
		}
	}
	rows, err := tx.QueryContext(ctx, selectRunTasks, r.RunID)
	tasks, err := collect(rows, err, scanSyncTask)
	return rampforge.SyncRun{ID: r.RunID, RequestedBy: r.RequestedBy, CreatedAt: r.At, Tasks: tasks}, err
}

// joinSyncTx returns the task of a service that does what r asks for: the one
// under way, as it is or widened while nothing was read yet, or one that
// follows it, or a new one.
func (s *Store) joinSyncTx(ctx context.Context, tx *sql.Tx, r SyncRequest, service rampforge.Service, enqueue Enqueue) (string, error) {
	wanted := rampforge.SyncScope{Resources: r.Resources[service.ID], Force: r.Force}
	for range startAttempts {
		id, made, err := s.insertSyncTx(ctx, tx, insertSyncTask, r, service, wanted)
		if err != nil {
			return "", err
		}
		if made {
			return id, s.renewSyncTx(ctx, tx, id, "Waiting for a worker.", r.At, enqueue)
		}
		var dying bool
		active, err := scanSyncTaskAnd(tx.QueryRowContext(ctx, lockActiveSync, service.ID), &dying)
		if errors.Is(err, sql.ErrNoRows) {
			continue // it ended just now
		}
		if err != nil {
			return "", err
		}
		// Nothing more comes of one whose end was asked for: one that nobody works
		// ends here, and what is asked for follows one that somebody does.
		if dying {
			if active.Status != rampforge.SyncQueued {
				return s.followSyncTx(ctx, tx, r, service, wanted)
			}
			if err := s.endDyingTx(ctx, tx, active.ID, r.At, enqueue); err != nil {
				return "", err
			}
			continue
		}
		// What was read already is not read anew for who comes later: a place of
		// it that has to be asks for a task of its own.
		if active.Covers(wanted) || active.StartedAt == nil {
			return active.ID, widenTx(ctx, tx, active, wanted)
		}
		if active.Status == rampforge.SyncQueued && active.CoversForce(wanted) {
			return active.ID, widenTx(ctx, tx, active, wanted)
		}
		return s.followSyncTx(ctx, tx, r, service, wanted)
	}
	return "", rampforge.Errorf(rampforge.CodeUnavailable, "The service %s is synced over and over at this moment: try again.", service.Name)
}

// followSyncTx returns the task that begins when the active one ends. The
// active one is locked, so that it does not end meanwhile.
func (s *Store) followSyncTx(ctx context.Context, tx *sql.Tx, r SyncRequest, service rampforge.Service, wanted rampforge.SyncScope) (string, error) {
	id, made, err := s.insertSyncTx(ctx, tx, insertFollowing, r, service, wanted)
	if err != nil {
		return "", err
	}
	if made {
		return id, s.announceSyncTx(ctx, tx, id, "Waiting for the end of the sync under way.", r.At)
	}
	var dying bool
	next, err := scanSyncTaskAnd(tx.QueryRowContext(ctx, lockFollowingSync, service.ID), &dying)
	if err != nil {
		return "", err
	}
	if !dying {
		return next.ID, widenTx(ctx, tx, next, wanted)
	}
	if _, err := tx.ExecContext(ctx, endCancelled, next.ID, r.At); err != nil {
		return "", err
	}
	if err := s.announceSyncTx(ctx, tx, next.ID, saidDying, r.At); err != nil {
		return "", err
	}
	return s.followSyncTx(ctx, tx, r, service, wanted)
}

// saidDying is said of a task whose end was asked for before anybody worked it.
const saidDying = "Cancelled."

// endDyingTx ends a task that nobody works and whose end was asked for.
func (s *Store) endDyingTx(ctx context.Context, tx *sql.Tx, taskID string, now time.Time, enqueue Enqueue) error {
	if _, err := tx.ExecContext(ctx, endCancelled, taskID, now); err != nil {
		return err
	}
	return s.endedSyncTx(ctx, tx, taskID, saidDying, now, enqueue)
}

func (s *Store) insertSyncTx(ctx context.Context, tx *sql.Tx, text string, r SyncRequest, service rampforge.Service, scope rampforge.SyncScope) (id string, made bool, err error) {
	resources, forced, err := scopeTexts(scope)
	if err != nil {
		return "", false, err
	}
	id = NewID("sync")
	made, err = changed(tx.ExecContext(ctx, text, id, service.ID, service.Type, resources, scope.Force, forced, r.RequestedBy, r.At))
	return id, made, err
}

// widenTx makes a task that nobody works do what is wanted too.
func widenTx(ctx context.Context, tx *sql.Tx, t rampforge.SyncTask, wanted rampforge.SyncScope) error {
	if t.Covers(wanted) {
		return nil
	}
	scope := t.Union(wanted)
	resources, forced, err := scopeTexts(scope)
	if err == nil {
		_, err = tx.ExecContext(ctx, widenSyncTask, t.ID, resources, scope.Force, forced)
	}
	return err
}

func scopeTexts(scope rampforge.SyncScope) (resources, forced string, err error) {
	if resources, err = jsonText(append([]string{}, scope.Resources...)); err != nil {
		return "", "", err
	}
	forced, err = jsonText(append([]string{}, scope.Forced...))
	return resources, forced, err
}

// StartDueSync starts a sync of all of a service if, while nobody else looks,
// it is due and none is under way. It reports whether it did.
func (s *Store) StartDueSync(ctx context.Context, serviceID string, due func(rampforge.Service) bool, now time.Time, enqueue Enqueue) (started bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		started = false
		result, err := tx.ExecContext(ctx, lockService, serviceID)
		if there, err := changed(result, err); err != nil || !there {
			return err
		}
		service, err := scanService(tx.QueryRowContext(ctx, selectService, serviceID))
		if err != nil || !due(service) {
			return err
		}
		var active int
		if err := tx.QueryRowContext(ctx, countFullSyncs, serviceID).Scan(&active); err != nil || active > 0 {
			return err
		}
		started = true
		_, err = s.StartSyncTx(ctx, tx, SyncRequest{RunID: NewID("sync"), Services: []rampforge.Service{service}, At: now}, enqueue)
		return err
	})
	return started, err
}

// SyncRun returns a run. Services are everybody's to see, and so are their
// syncs.
func (s *Store) SyncRun(ctx context.Context, id string) (rampforge.SyncRun, error) {
	var r rampforge.SyncRun
	err := s.queryRow(ctx, selectSyncRun, id).Scan(&r.ID, &r.RequestedBy, database.ScanTime(&r.CreatedAt))
	if err != nil {
		return r, found(err, "sync run")
	}
	rows, err := s.query(ctx, selectRunTasks, id)
	r.Tasks, err = collect(rows, err, scanSyncTask)
	return r, err
}

// NewestSync returns the newest task of a service.
func (s *Store) NewestSync(ctx context.Context, serviceID string) (rampforge.SyncTask, error) {
	t, err := scanSyncTask(s.queryRow(ctx, newestSyncTask, serviceID))
	return t, found(err, "sync")
}

func scanSyncTask(r row) (rampforge.SyncTask, error) { return scanSyncTaskAnd(r) }

// scanSyncTaskAnd reads a task and the columns after its own.
func scanSyncTaskAnd(r row, more ...any) (t rampforge.SyncTask, err error) {
	t.Faults, t.Notes = []rampforge.SyncFault{}, []rampforge.SyncFault{}
	err = r.Scan(append([]any{
		&t.ID, &t.ServiceID, &t.ServiceType, jsonColumn{&t.Resources}, &t.Force, jsonColumn{&t.Forced}, &t.Status, &t.Records, &t.Deleted,
		jsonColumn{&t.Faults}, jsonColumn{&t.Notes}, jsonColumn{&t.Progress}, &t.Message, database.ScanNullTime(&t.PausedUntil), &t.Pauses, &t.RequestedBy,
		database.ScanTime(&t.CreatedAt), database.ScanNullTime(&t.StartedAt), database.ScanNullTime(&t.FinishedAt),
	}, more...)...)
	return t, err
}
