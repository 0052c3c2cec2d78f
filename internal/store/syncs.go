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
	syncTaskColumns = `t.id, t.service_id, t.service_type, t.force_refresh, t.status, t.records, t.deleted, t.errors, t.requested_by, t.created_at, t.started_at, t.finished_at`

	insertSyncRun = `INSERT INTO sync_runs (id, requested_by, created_at) VALUES ($1, $2, $3)`
	// The index allows one active task of a service: a second request finds it.
	insertSyncTask = `INSERT INTO sync_tasks (id, service_id, service_type, force_refresh, status, requested_by, created_at, heartbeat_at)
		VALUES ($1, $2, $3, $4, 'queued', $5, $6, $6) ON CONFLICT (service_id) WHERE status IN ('queued', 'running') DO NOTHING`
	activeSyncTask = `SELECT t.id FROM sync_tasks t WHERE t.service_id = $1 AND t.status IN ('queued', 'running')`
	insertRunTask  = `INSERT INTO sync_run_tasks (run_id, task_id) VALUES ($1, $2)`
	setSyncJob     = `UPDATE sync_tasks SET job_id = $2 WHERE id = $1`
	selectSyncRun  = `SELECT r.id, r.requested_by, r.created_at FROM sync_runs r WHERE r.id = $1`
	selectRunTasks = `SELECT ` + syncTaskColumns + ` FROM sync_run_tasks rt JOIN sync_tasks t ON t.id = rt.task_id WHERE rt.run_id = $1 ORDER BY t.service_id`
	selectSyncTask = `SELECT ` + syncTaskColumns + ` FROM sync_tasks t WHERE t.id = $1`
	newestSyncTask = `SELECT ` + syncTaskColumns + ` FROM sync_tasks t WHERE t.service_id = $1 ORDER BY t.created_at DESC, t.id DESC LIMIT 1`
	claimSyncTask  = `UPDATE sync_tasks SET status = 'running', owner = $3, heartbeat_at = $4, started_at = COALESCE(started_at, $4), attempts = attempts + 1
		WHERE id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5))`
	beatSyncTask = `UPDATE sync_tasks SET heartbeat_at = $4, records = records + $5, deleted = deleted + $6
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' RETURNING cancel_requested`
	finishSyncTask = `UPDATE sync_tasks SET status = $4, errors = $5, finished_at = $6
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseSyncTask = `UPDATE sync_tasks SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	silentSyncTasks = `SELECT t.id, t.job_id, t.status, t.attempts, t.cancel_requested, t.owner FROM sync_tasks t
		WHERE t.status IN ('queued', 'running') AND t.heartbeat_at < $1 ORDER BY t.heartbeat_at LIMIT $2`
	requeueSyncTask = `UPDATE sync_tasks SET status = 'queued', owner = NULL, heartbeat_at = $4
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentSync = `UPDATE sync_tasks SET status = $4, errors = $5, finished_at = $6
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	touchSyncTask = `UPDATE sync_tasks SET heartbeat_at = $3 WHERE id = $1 AND job_id = $2 AND status = 'queued'`
)

// SyncRequest is what it takes to start a sync run.
type SyncRequest struct {
	RunID       string
	Services    []rampforge.Service
	Force       bool
	RequestedBy string
	At          time.Time
}

// startAttempts bounds how often a start meets a task that ends at that moment.
const startAttempts = 5

// StartSyncTx queues the sync of services, each with its job. A service that
// is being synced already is not synced twice: the run shares its task.
func (s *Store) StartSyncTx(ctx context.Context, tx *sql.Tx, r SyncRequest, enqueue Enqueue) (rampforge.SyncRun, error) {
	if _, err := tx.ExecContext(ctx, insertSyncRun, r.RunID, r.RequestedBy, r.At); err != nil {
		return rampforge.SyncRun{}, err
	}
	services := slices.Clone(r.Services)
	// In one order, so that two requests never wait for each other.
	slices.SortFunc(services, func(a, b rampforge.Service) int { return cmp.Compare(a.ID, b.ID) })
	for _, service := range services {
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

// joinSyncTx returns the active task of a service, made if there was none.
func (s *Store) joinSyncTx(ctx context.Context, tx *sql.Tx, r SyncRequest, service rampforge.Service, enqueue Enqueue) (string, error) {
	for range startAttempts {
		id := NewID("sync")
		made, err := changed(tx.ExecContext(ctx, insertSyncTask, id, service.ID, service.Type, r.Force, r.RequestedBy, r.At))
		if err != nil {
			return "", err
		}
		if made {
			job, err := enqueue(ctx, tx, id)
			if err == nil {
				_, err = tx.ExecContext(ctx, setSyncJob, id, job)
			}
			if err == nil {
				err = s.announceSyncTx(ctx, tx, id, "Waiting for a worker.", r.At)
			}
			return id, err
		}
		err = tx.QueryRowContext(ctx, activeSyncTask, service.ID).Scan(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			return id, err
		}
	}
	return "", rampforge.Errorf(rampforge.CodeUnavailable, "The service %s is synced over and over at this moment: try again.", service.Name)
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

func scanSyncTask(r row) (t rampforge.SyncTask, err error) {
	t.Faults = []rampforge.SyncFault{}
	err = r.Scan(&t.ID, &t.ServiceID, &t.ServiceType, &t.Force, &t.Status, &t.Records, &t.Deleted, jsonColumn{&t.Faults}, &t.RequestedBy,
		database.ScanTime(&t.CreatedAt), database.ScanNullTime(&t.StartedAt), database.ScanNullTime(&t.FinishedAt))
	return t, err
}

// SyncClaim is who works a task: the job and the process.
type SyncClaim struct {
	TaskID string
	JobID  int64
	Owner  string
}

// ErrSyncLost says that a task is not the claim's any more: nothing of what
// came with it was written.
var ErrSyncLost = errors.New("the sync is another worker's by now")

// ErrSyncCancelled says that somebody asked for the end of the sync.
var ErrSyncCancelled = errors.New("somebody asked for the end of the sync")

// ClaimSync makes c the worker of its task. It answers false when the task is
// not c's to work.
func (s *Store) ClaimSync(ctx context.Context, c SyncClaim, now, silentSince time.Time) (t rampforge.SyncTask, claimed bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		claimed, err = changed(tx.ExecContext(ctx, claimSyncTask, c.TaskID, c.JobID, c.Owner, now, silentSince))
		if err != nil || !claimed {
			return err
		}
		if t, err = scanSyncTask(tx.QueryRowContext(ctx, selectSyncTask, c.TaskID)); err != nil {
			return err
		}
		return s.announceSyncTx(ctx, tx, c.TaskID, "Began.", now)
	})
	return t, claimed, err
}

// BeatSync says that c lives. It fails with ErrSyncLost or ErrSyncCancelled.
func (s *Store) BeatSync(ctx context.Context, c SyncClaim, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return s.countSyncTx(ctx, tx, c, 0, 0, now) })
}

// countSyncTx adds to the counts of c's task; it fails, and with it the
// transaction, when the task is not c's any more.
func (s *Store) countSyncTx(ctx context.Context, tx *sql.Tx, c SyncClaim, records, deleted int, now time.Time) error {
	var cancelled bool
	err := tx.QueryRowContext(ctx, beatSyncTask, c.TaskID, c.JobID, c.Owner, now, records, deleted).Scan(&cancelled)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrSyncLost
	case err == nil && cancelled:
		return ErrSyncCancelled
	}
	return err
}

// FinishSync writes the end of c's task, and to the service that it was synced
// where anything could be read. It fails with ErrSyncLost.
func (s *Store) FinishSync(ctx context.Context, c SyncClaim, status rampforge.SyncStatus, faults []rampforge.SyncFault, message string, now time.Time) error {
	text, err := jsonText(append([]rampforge.SyncFault{}, faults...))
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err := changed(tx.ExecContext(ctx, finishSyncTask, c.TaskID, c.JobID, c.Owner, status, text, now))
		if err != nil {
			return err
		}
		if !won {
			return ErrSyncLost
		}
		if status == rampforge.SyncCompleted || status == rampforge.SyncPartial {
			if _, err := tx.ExecContext(ctx, syncedService, c.TaskID, now); err != nil {
				return err
			}
		}
		return s.announceSyncTx(ctx, tx, c.TaskID, message, now)
	})
}

// ReleaseSync hands c's task back with a new job. What it kept stays kept.
func (s *Store) ReleaseSync(ctx context.Context, c SyncClaim, now time.Time, enqueue Enqueue) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err := changed(tx.ExecContext(ctx, releaseSyncTask, c.TaskID, c.JobID, c.Owner, now))
		if err != nil {
			return err
		}
		if !won {
			return ErrSyncLost
		}
		return s.renewSyncTx(ctx, tx, c.TaskID, "Handed back; waiting for a worker.", now, enqueue)
	})
}

func (s *Store) renewSyncTx(ctx context.Context, tx *sql.Tx, taskID, message string, now time.Time, enqueue Enqueue) error {
	job, err := enqueue(ctx, tx, taskID)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, setSyncJob, taskID, job); err != nil {
		return err
	}
	return s.announceSyncTx(ctx, tx, taskID, message, now)
}

// announceSyncTx tells everybody who asked for a task how it stands.
func (s *Store) announceSyncTx(ctx context.Context, tx *sql.Tx, taskID, message string, now time.Time) error {
	t, err := scanSyncTask(tx.QueryRowContext(ctx, selectSyncTask, taskID))
	if err != nil {
		return err
	}
	state := rampforge.JobState(t.Status)
	if t.Status == rampforge.SyncPartial {
		state = rampforge.JobCompleted
	}
	return s.AppendEventTx(ctx, tx, rampforge.Event{At: now, UserID: t.RequestedBy, Job: rampforge.JobEvent{
		ID: t.ID, Kind: "sync", State: state, Message: message,
		Progress: rampforge.Progress{Done: t.Records, Unit: "records", Stage: string(t.Status)},
	}})
}

// SilentSync is a task that was not heard of for a while.
type SilentSync struct {
	TaskID    string
	JobID     int64
	Status    rampforge.SyncStatus
	Attempts  int
	Cancelled bool
	Owner     string
}

// SilentSyncs returns at most limit tasks that were last heard of before the
// given moment, the longest silent first.
func (s *Store) SilentSyncs(ctx context.Context, before time.Time, limit int) ([]SilentSync, error) {
	rows, err := s.query(ctx, silentSyncTasks, before, limit)
	return collect(rows, err, func(r row) (t SilentSync, err error) {
		var job sql.NullInt64
		var owner sql.NullString
		err = r.Scan(&t.TaskID, &job, &t.Status, &t.Attempts, &t.Cancelled, &owner)
		t.JobID, t.Owner = job.Int64, owner.String
		return t, err
	})
}

// RequeueSync gives a silent task a new job. It answers false when the task
// was heard of meanwhile.
func (s *Store) RequeueSync(ctx context.Context, t SilentSync, before, now time.Time, enqueue Enqueue) (won bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err = changed(tx.ExecContext(ctx, requeueSyncTask, t.TaskID, t.JobID, before, now))
		if err != nil || !won {
			return err
		}
		return s.renewSyncTx(ctx, tx, t.TaskID, "Its worker is gone; waiting for another.", now, enqueue)
	})
	return won, err
}

// EndSilentSync ends a silent task. It answers false when the task was heard
// of meanwhile.
func (s *Store) EndSilentSync(ctx context.Context, t SilentSync, status rampforge.SyncStatus, fault rampforge.SyncFault, before, now time.Time) (won bool, err error) {
	text, err := jsonText([]rampforge.SyncFault{fault})
	if err != nil {
		return false, err
	}
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err = changed(tx.ExecContext(ctx, endSilentSync, t.TaskID, t.JobID, before, status, text, now))
		if err != nil || !won {
			return err
		}
		return s.announceSyncTx(ctx, tx, t.TaskID, fault.Message, now)
	})
	return won, err
}

// TouchSync says that the job of a queued task was seen waiting.
func (s *Store) TouchSync(ctx context.Context, t SilentSync, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchSyncTask, t.TaskID, t.JobID, now)
	return err
}
