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
	remapColumns = `id, service_id, dry_run, status, position, message, requested_by, created_at, started_at, finished_at`

	// The index allows one active remap of a service: a second request finds it.
	insertRemap = `INSERT INTO remaps (id, service_id, dry_run, status, requested_by, created_at, heartbeat_at) VALUES ($1, $2, $3, 'queued', $4, $5, $5)
		ON CONFLICT (service_id) WHERE status IN ('queued', 'running') DO NOTHING`
	newestRemap = `SELECT ` + remapColumns + ` FROM remaps m WHERE m.service_id = $1 ORDER BY m.created_at DESC, m.id DESC LIMIT 1`
	selectRemap = `SELECT ` + remapColumns + ` FROM remaps m WHERE m.id = $1`
	setRemapJob = `UPDATE remaps SET job_id = $2 WHERE id = $1`
	claimRemap  = `UPDATE remaps SET status = 'running', owner = $3, heartbeat_at = $4, started_at = COALESCE(started_at, $4), attempts = attempts + 1
		WHERE id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5))`
	moveRemap    = `UPDATE remaps SET position = $4, heartbeat_at = $5 WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	beatRemap    = `UPDATE remaps SET heartbeat_at = $4 WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	finishRemap  = `UPDATE remaps SET status = $4, message = $5, finished_at = $6 WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseRemap = `UPDATE remaps SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	silentRemaps   = `SELECT m.id, m.job_id, m.status, m.attempts FROM remaps m WHERE m.status IN ('queued', 'running') AND m.heartbeat_at < $1 ORDER BY m.heartbeat_at LIMIT $2`
	touchRemap     = `UPDATE remaps SET heartbeat_at = $3 WHERE id = $1 AND job_id = $2 AND status = 'queued'`
	requeueRemap   = `UPDATE remaps SET status = 'queued', owner = NULL, heartbeat_at = $4 WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentRemap = `UPDATE remaps SET status = 'failed', message = $4, finished_at = $5 WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	purgeRemaps    = `DELETE FROM remaps WHERE service_id = $1`
)

// ErrRemapLost says that a remap is not the worker's any more: it must stop and
// write nothing.
var ErrRemapLost = errors.New("the remap is another worker's now, or it is gone")

// RemapPosition is how far a remap is.
type RemapPosition struct {
	Stream rampforge.Stream      `json:"stream"`
	ID     string                `json:"id"` // of the last record
	Counts rampforge.RemapCounts `json:"counts"`
}

// RemapClaim is who works a remap: the job and the process.
type RemapClaim struct {
	RemapID string
	JobID   int64
	Owner   string
}

func scanRemap(r row) (v rampforge.Remap, at RemapPosition, err error) {
	err = r.Scan(&v.ID, &v.ServiceID, &v.DryRun, &v.Status, jsonColumn{&at}, &v.Message, &v.RequestedBy, database.ScanTime(&v.CreatedAt),
		database.ScanNullTime(&v.StartedAt), database.ScanNullTime(&v.FinishedAt))
	v.RemapCounts = at.Counts
	return v, at, err
}

// StartRemap queues a remap with its job. When one of the service is under way
// it returns that one, and false.
func (s *Store) StartRemap(ctx context.Context, r rampforge.Remap, enqueue Enqueue) (v rampforge.Remap, started bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if started, err = changed(tx.ExecContext(ctx, insertRemap, r.ID, r.ServiceID, r.DryRun, r.RequestedBy, r.CreatedAt)); err != nil {
			return err
		}
		if started {
			if err := s.giveRemapJobTx(ctx, tx, r.ID, enqueue); err != nil {
				return err
			}
		}
		v, _, err = scanRemap(tx.QueryRowContext(ctx, newestRemap, r.ServiceID))
		return err
	})
	return v, started, err
}

func (s *Store) giveRemapJobTx(ctx context.Context, tx *sql.Tx, id string, enqueue Enqueue) error {
	job, err := enqueue(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, setRemapJob, id, job)
	return err
}

// NewestRemap returns the remap of a service that was started last.
func (s *Store) NewestRemap(ctx context.Context, serviceID string) (rampforge.Remap, error) {
	v, _, err := scanRemap(s.queryRow(ctx, newestRemap, serviceID))
	return v, found(err, "remap of the service")
}

// ClaimRemap makes c the worker of its remap and returns it with how far it is.
// It answers false when it is not c's to work: it has another job by now, has
// ended, or is worked by somebody who was heard of after silentSince.
func (s *Store) ClaimRemap(ctx context.Context, c RemapClaim, now, silentSince time.Time) (v rampforge.Remap, at RemapPosition, claimed bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if claimed, err = changed(tx.ExecContext(ctx, claimRemap, c.RemapID, c.JobID, c.Owner, now, silentSince)); err != nil || !claimed {
			return err
		}
		v, at, err = scanRemap(tx.QueryRowContext(ctx, selectRemap, c.RemapID))
		return err
	})
	return v, at, claimed && err == nil, err
}

// MoveRemapTx keeps how far c's remap is, and that its worker lives. It fails
// with ErrRemapLost.
func (s *Store) MoveRemapTx(ctx context.Context, tx *sql.Tx, c RemapClaim, at RemapPosition, now time.Time) error {
	text, err := jsonText(at)
	if err != nil {
		return err
	}
	return ofRemapTx(ctx, tx, moveRemap, c, text, now)
}

// BeatRemap says that the worker of c's remap lives. It fails with ErrRemapLost.
func (s *Store) BeatRemap(ctx context.Context, c RemapClaim, now time.Time) error {
	return s.ofRemap(ctx, beatRemap, c, now)
}

// FinishRemap writes the end of c's remap. It fails with ErrRemapLost.
func (s *Store) FinishRemap(ctx context.Context, c RemapClaim, status rampforge.SyncStatus, message string, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofRemapTx(ctx, tx, finishRemap, c, status, message, now); err != nil {
			return err
		}
		return s.remappedTx(ctx, tx, c.RemapID, now)
	})
}

// remappedTx has the facts of what a remap changed made anew: nothing else of a
// record says that it was mapped again.
func (s *Store) remappedTx(ctx context.Context, tx *sql.Tx, remapID string, now time.Time) error {
	v, at, err := scanRemap(tx.QueryRowContext(ctx, selectRemap, remapID))
	if err != nil || v.DryRun || at.Counts.Changed == 0 {
		return err
	}
	if err := s.againServiceSearchTx(ctx, tx, v.ServiceID); err != nil {
		return err
	}
	return s.RemakeWorkflowsTx(ctx, tx, v.ServiceID, now)
}

func (s *Store) ofRemap(ctx context.Context, text string, c RemapClaim, args ...any) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return ofRemapTx(ctx, tx, text, c, args...) })
}

func ofRemapTx(ctx context.Context, tx *sql.Tx, text string, c RemapClaim, args ...any) error {
	mine, err := changed(tx.ExecContext(ctx, text, append([]any{c.RemapID, c.JobID, c.Owner}, args...)...))
	if err == nil && !mine {
		return ErrRemapLost
	}
	return err
}

// ReleaseRemap hands c's remap back to the queue, to go on from where it is.
func (s *Store) ReleaseRemap(ctx context.Context, c RemapClaim, now time.Time, enqueue Enqueue) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		mine, err := changed(tx.ExecContext(ctx, releaseRemap, c.RemapID, c.JobID, c.Owner, now))
		if err != nil || !mine {
			return err
		}
		return s.giveRemapJobTx(ctx, tx, c.RemapID, enqueue)
	})
}

// SilentRemap is a remap whose worker was not heard of for a while.
type SilentRemap struct {
	ID       string
	JobID    int64
	Status   rampforge.SyncStatus
	Attempts int
}

// SilentRemaps lists remaps that nobody was heard of since before.
func (s *Store) SilentRemaps(ctx context.Context, before time.Time, limit int) ([]SilentRemap, error) {
	rows, err := s.query(ctx, silentRemaps, before, limit)
	return scanAll(rows, err, func(v *SilentRemap) []any { return []any{&v.ID, &v.JobID, &v.Status, &v.Attempts} })
}

// TouchRemap says that a remap waits, and is no fault.
func (s *Store) TouchRemap(ctx context.Context, v SilentRemap, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchRemap, v.ID, v.JobID, now)
	return err
}

// RequeueRemap gives a silent remap a new job. It reports whether it did.
func (s *Store) RequeueRemap(ctx context.Context, v SilentRemap, before, now time.Time, enqueue Enqueue) (taken bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if taken, err = changed(tx.ExecContext(ctx, requeueRemap, v.ID, v.JobID, before, now)); err != nil || !taken {
			return err
		}
		return s.giveRemapJobTx(ctx, tx, v.ID, enqueue)
	})
	return taken, err
}

// EndSilentRemap ends a remap whose workers died over it.
func (s *Store) EndSilentRemap(ctx context.Context, v SilentRemap, message string, before, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		ended, err := changed(tx.ExecContext(ctx, endSilentRemap, v.ID, v.JobID, before, message, now))
		if err != nil || !ended {
			return err
		}
		return s.remappedTx(ctx, tx, v.ID, now)
	})
}
