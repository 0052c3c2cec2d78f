package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	claimSyncTask = `UPDATE sync_tasks SET status = 'running', owner = $3, heartbeat_at = $4, started_at = COALESCE(started_at, $4), attempts = attempts + 1,
		paused_until = NULL WHERE id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5))`
	beatSyncTask = `UPDATE sync_tasks SET heartbeat_at = $4, records = records + $5, deleted = deleted + $6
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' RETURNING cancel_requested`
	setSyncProgress = `UPDATE sync_tasks SET progress = $2 WHERE id = $1`
	finishSyncTask  = `UPDATE sync_tasks SET status = $4, errors = $5, finished_at = $6, notes = $7
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseSyncTask = `UPDATE sync_tasks SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	// To wait is no failure: the attempts begin anew.
	pauseSyncTask = `UPDATE sync_tasks SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = 0, paused_until = $5, pauses = $6
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	promoteFollowing = `UPDATE sync_tasks SET following = FALSE, heartbeat_at = $2
		WHERE service_id = (SELECT e.service_id FROM sync_tasks e WHERE e.id = $1) AND status = 'queued' AND following RETURNING id`
	silentSyncTasks = `SELECT t.id, t.job_id, t.status, t.attempts, t.cancel_requested, t.owner FROM sync_tasks t
		WHERE t.status IN ('queued', 'running') AND NOT t.following AND t.heartbeat_at < $1 ORDER BY t.heartbeat_at LIMIT $2`
	requeueSyncTask = `UPDATE sync_tasks SET status = 'queued', owner = NULL, heartbeat_at = $4
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentSync = `UPDATE sync_tasks SET status = $4, errors = $5, finished_at = $6
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	touchSyncTask = `UPDATE sync_tasks SET heartbeat_at = $3 WHERE id = $1 AND job_id = $2 AND status = 'queued'`

	// A sync of some resources says nothing about the service as a whole, and one
	// that was cancelled is still due.
	serviceOfTask = `SELECT t.service_id FROM sync_tasks t WHERE t.id = $1`
	syncedService = `UPDATE services SET sync_ended = CASE WHEN e.status = 'cancelled' THEN sync_ended ELSE $2 END,
		last_synced = CASE WHEN e.status IN ('completed', 'partial') THEN $2 ELSE last_synced END,
		sync_failures = CASE e.status WHEN 'failed' THEN sync_failures + 1 WHEN 'cancelled' THEN sync_failures ELSE 0 END
		FROM sync_tasks e WHERE e.id = $1 AND e.resources = '[]' AND services.id = e.service_id`
	// One refusal is enough: vendors lock accounts that are refused too often.
	serviceRefused = `UPDATE services SET auth_needed = TRUE, last_error = $3, failures = CASE WHEN failures < $4 THEN $4 ELSE failures END,
		status = CASE WHEN next_check IS NULL THEN status ELSE 'error' END
		WHERE id = (SELECT e.service_id FROM sync_tasks e WHERE e.id = $1) AND updated_at = $2`
)

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

// ProgressSync keeps how far c's task is, and tells it. It fails with
// ErrSyncLost or ErrSyncCancelled.
func (s *Store) ProgressSync(ctx context.Context, c SyncClaim, p rampforge.SyncProgress, message string, now time.Time) error {
	text, err := jsonText(p)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, setSyncProgress, c.TaskID, text); err != nil {
			return err
		}
		return s.announceSyncTx(ctx, tx, c.TaskID, message, now)
	})
}

// SyncEnd is how a task ended.
type SyncEnd struct {
	Status  rampforge.SyncStatus
	Faults  []rampforge.SyncFault
	Notes   []rampforge.SyncFault
	Message string
	Refused *SyncRefusal // nil when the service did not refuse the sign-in
}

// SyncRefusal is a sign-in that a service refused.
type SyncRefusal struct {
	Error   string    // a sentence with the reason
	Updated time.Time // the service's UpdatedAt: credentials that were entered since are not refused yet
}

// FinishSync writes the end of c's task, to the service when it was synced and
// whether it refused the sign-in, and gives the task that follows its job. It
// fails with ErrSyncLost.
func (s *Store) FinishSync(ctx context.Context, c SyncClaim, end SyncEnd, now time.Time, enqueue Enqueue) error {
	faults, err := jsonText(append([]rampforge.SyncFault{}, end.Faults...))
	if err != nil {
		return err
	}
	notes, err := jsonText(append([]rampforge.SyncFault{}, end.Notes...))
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err := changed(tx.ExecContext(ctx, finishSyncTask, c.TaskID, c.JobID, c.Owner, end.Status, faults, now, notes))
		if err != nil {
			return err
		}
		if !won {
			return ErrSyncLost
		}
		if r := end.Refused; r != nil {
			if _, err := tx.ExecContext(ctx, serviceRefused, c.TaskID, r.Updated, r.Error, MaxServiceFailures); err != nil {
				return err
			}
		}
		return s.endedSyncTx(ctx, tx, c.TaskID, end.Message, now, enqueue)
	})
}

// endedSyncTx does what every end of a task brings with it.
func (s *Store) endedSyncTx(ctx context.Context, tx *sql.Tx, taskID, message string, now time.Time, enqueue Enqueue) error {
	if _, err := tx.ExecContext(ctx, syncedService, taskID, now); err != nil {
		return err
	}
	if err := s.announceSyncTx(ctx, tx, taskID, message, now); err != nil {
		return err
	}
	var service string
	if err := tx.QueryRowContext(ctx, serviceOfTask, taskID).Scan(&service); err != nil {
		return err
	}
	if err := s.StaleServiceSearchTx(ctx, tx, service); err != nil {
		return err
	}
	if err := s.StaleWorkflowsTx(ctx, tx, service, now); err != nil {
		return err
	}
	var next string
	there, err := exists(tx.QueryRowContext(ctx, promoteFollowing, taskID, now).Scan(&next))
	if err != nil || !there {
		return err
	}
	return s.renewSyncTx(ctx, tx, next, "Waiting for a worker.", now, enqueue)
}

// SyncPause is for how long a task is put aside.
type SyncPause struct {
	Until   time.Time
	Pauses  int // see rampforge.SyncTask
	Message string
}

// PauseSync hands c's task back until the pause is over: enqueue makes a job
// that begins then. What was kept stays kept.
func (s *Store) PauseSync(ctx context.Context, c SyncClaim, pause SyncPause, now time.Time, enqueue Enqueue) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err := changed(tx.ExecContext(ctx, pauseSyncTask, c.TaskID, c.JobID, c.Owner, now, pause.Until, pause.Pauses))
		if err != nil {
			return err
		}
		if !won {
			return ErrSyncLost
		}
		return s.renewSyncTx(ctx, tx, c.TaskID, pause.Message, now, enqueue)
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

// announceSyncTx keeps what is said of a task, and tells who asked for it.
func (s *Store) announceSyncTx(ctx context.Context, tx *sql.Tx, taskID, message string, now time.Time) error {
	t, err := scanSyncTask(tx.QueryRowContext(ctx, saySyncTask, taskID, message))
	if err != nil {
		return err
	}
	state := rampforge.JobState(t.State())
	if t.Status == rampforge.SyncPartial {
		state = rampforge.JobCompleted
	}
	stage := t.Progress.Stage
	if stage == "" || t.Status.Finished() {
		stage = string(t.State())
	}
	return s.AppendEventTx(ctx, tx, rampforge.Event{At: now, UserID: t.RequestedBy, Job: rampforge.JobEvent{
		ID: t.ID, Kind: "sync", State: state, Message: message,
		Progress: rampforge.Progress{Done: int64(t.Progress.StreamsDone), Total: int64(t.Progress.StreamsTotal), Unit: "streams", Stage: stage},
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

// EndSilentSync ends a silent task by what the fault says; one that was cancelled
// has no fault, whoever ends it. It answers false when the task was heard of
// meanwhile.
func (s *Store) EndSilentSync(ctx context.Context, t SilentSync, status rampforge.SyncStatus, fault rampforge.SyncFault, before, now time.Time, enqueue Enqueue) (won bool, err error) {
	faults := []rampforge.SyncFault{fault}
	if status == rampforge.SyncCancelled {
		faults = faults[:0]
	}
	text, err := jsonText(faults)
	if err != nil {
		return false, err
	}
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err = changed(tx.ExecContext(ctx, endSilentSync, t.TaskID, t.JobID, before, status, text, now))
		if err != nil || !won {
			return err
		}
		return s.endedSyncTx(ctx, tx, t.TaskID, fault.Message, now, enqueue)
	})
	return won, err
}

// TouchSync says that the job of a queued task was seen waiting.
func (s *Store) TouchSync(ctx context.Context, t SilentSync, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchSyncTask, t.TaskID, t.JobID, now)
	return err
}
