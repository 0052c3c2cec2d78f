package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const (
	staleNarratives = `INSERT INTO narrative_states (repository_id, status, heartbeat_at) VALUES ($1, 'current', $2)
		ON CONFLICT (repository_id) DO UPDATE SET wanted = narrative_states.wanted + 1`
	// What is of a version that described nothing.
	newNarratives = `INSERT INTO narrative_states (repository_id, status, heartbeat_at)
		SELECT r.id, 'current', $1 FROM repositories r WHERE r.last_analyzed IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM narrative_states c WHERE c.repository_id = r.id)
			AND EXISTS (SELECT 1 FROM code_indexes i WHERE i.repository_id = r.id)
		ON CONFLICT (repository_id) DO NOTHING`
	dueNarratives = `SELECT c.repository_id FROM narrative_states c WHERE (c.status = 'current' OR c.status = 'failed' AND (c.retry_at IS NULL OR c.retry_at <= $1))
		AND c.wanted > c.done ORDER BY c.heartbeat_at, c.repository_id LIMIT $2`
	queueNarratives      = `UPDATE narrative_states SET status = 'queued', owner = NULL, attempts = 0, heartbeat_at = $2 WHERE repository_id = $1 AND status IN ('current', 'failed') AND wanted > done`
	setNarrativesJob     = `UPDATE narrative_states SET job_id = $2 WHERE repository_id = $1`
	selectNarrativeState = `SELECT c.repository_id, c.status, c.wanted, c.done, c.revision, c.commit_hash, c.requests, c.tokens, c.message, c.failures
		FROM narrative_states c WHERE c.repository_id = $1`
	claimNarratives = `UPDATE narrative_states SET status = 'running', owner = $3, heartbeat_at = $4, attempts = attempts + 1
		WHERE repository_id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5))`
	beatNarratives   = `UPDATE narrative_states SET heartbeat_at = $4 WHERE repository_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	finishNarratives = `UPDATE narrative_states SET status = 'current', done = $4, commit_hash = $5, message = '', failures = 0, retry_at = NULL, heartbeat_at = $6
		WHERE repository_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	failNarratives = `UPDATE narrative_states SET status = 'failed', message = $4, failures = failures + 1, retry_at = $5, heartbeat_at = $6
		WHERE repository_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseNarratives = `UPDATE narrative_states SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE repository_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	silentNarratives = `SELECT c.repository_id, COALESCE(c.job_id, 0), c.status, c.attempts FROM narrative_states c
		WHERE c.status IN ('queued', 'running') AND c.heartbeat_at < $1 ORDER BY c.heartbeat_at LIMIT $2`
	touchNarratives     = `UPDATE narrative_states SET heartbeat_at = $3 WHERE repository_id = $1 AND job_id = $2 AND status = 'queued'`
	requeueNarratives   = `UPDATE narrative_states SET status = 'queued', owner = NULL, heartbeat_at = $4 WHERE repository_id = $1 AND COALESCE(job_id, 0) = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentNarratives = `UPDATE narrative_states SET status = 'failed', message = $4, failures = failures + 1, retry_at = $5, heartbeat_at = $6
		WHERE repository_id = $1 AND COALESCE(job_id, 0) = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
)

// NarrativeState is whether the descriptions of a repository are up to date. Its
// statuses are those of the scopes of the search.
type NarrativeState struct {
	RepositoryID     string
	Status           SearchStatus
	Wanted, Done     int64  // reasons to look again, and what of them the descriptions show
	Revision         int64  // counts their changes
	Commit           string // of the report that they are of
	Requests, Tokens int64  // that the model took for that commit
	Message          string // why the last attempt failed
	Failures         int    // in a row
}

// NarrativeClaim is who brings the descriptions of a repository up to date: the job
// and the process.
type NarrativeClaim struct {
	RepositoryID string
	JobID        int64
	Owner        string
}

// ErrNarrativesLost says that descriptions are not the worker's any more: it must
// stop and write nothing.
var ErrNarrativesLost = errors.New("the descriptions of the repository are another worker's now, or it is gone")

// EnqueueNarratives writes the job of a repository's descriptions into tx and
// returns its id.
type EnqueueNarratives func(ctx context.Context, tx *sql.Tx, repositoryID string) (int64, error)

func scanNarrativeState(r row) (c NarrativeState, err error) {
	err = r.Scan(&c.RepositoryID, &c.Status, &c.Wanted, &c.Done, &c.Revision, &c.Commit, &c.Requests, &c.Tokens, &c.Message, &c.Failures)
	return c, err
}

// NarrativeState returns the state of a repository's descriptions, the zero one
// where they were never asked for. Whether somebody may see it is known from the
// repository.
func (s *Store) NarrativeState(ctx context.Context, repositoryID string) (NarrativeState, error) {
	c, err := scanNarrativeState(s.queryRow(ctx, selectNarrativeState, repositoryID))
	if errors.Is(err, sql.ErrNoRows) {
		return NarrativeState{RepositoryID: repositoryID}, nil
	}
	return c, err
}

// StaleNarrativesTx notes that the descriptions of a repository may be behind. Who
// looks for what is due gives it a job.
func (s *Store) StaleNarrativesTx(ctx context.Context, tx *sql.Tx, repositoryID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, staleNarratives, repositoryID, now)
	return err
}

// QueueNarratives gives a job to the repositories whose descriptions are due, some
// at most: what is new, what changed, and what failed and is to be tried again.
func (s *Store) QueueNarratives(ctx context.Context, enqueue EnqueueNarratives, limit int, now time.Time) error {
	if _, err := s.db.Write().ExecContext(ctx, newNarratives, now); err != nil {
		return err
	}
	rows, err := s.query(ctx, dueNarratives, now, limit)
	due, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	for _, id := range due {
		if err == nil {
			err = s.db.InTx(ctx, func(tx *sql.Tx) error {
				queued, err := changed(tx.ExecContext(ctx, queueNarratives, id, now))
				if err != nil || !queued {
					return err
				}
				return giveNarrativesJobTx(ctx, tx, enqueue, id)
			})
		}
	}
	return err
}

func giveNarrativesJobTx(ctx context.Context, tx *sql.Tx, enqueue EnqueueNarratives, repositoryID string) error {
	job, err := enqueue(ctx, tx, repositoryID)
	if err == nil {
		_, err = tx.ExecContext(ctx, setNarrativesJob, repositoryID, job)
	}
	return err
}

// ClaimNarratives makes c the worker of the descriptions of its repository. It
// answers false when that is not c's to work.
func (s *Store) ClaimNarratives(ctx context.Context, c NarrativeClaim, now, silentSince time.Time) (was NarrativeState, claimed bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if claimed, err = changed(tx.ExecContext(ctx, claimNarratives, c.RepositoryID, c.JobID, c.Owner, now, silentSince)); err != nil || !claimed {
			return err
		}
		was, err = scanNarrativeState(tx.QueryRowContext(ctx, selectNarrativeState, c.RepositoryID))
		return err
	})
	return was, claimed && err == nil, err
}

// BeatNarratives says that c lives. It fails with ErrNarrativesLost.
func (s *Store) BeatNarratives(ctx context.Context, c NarrativeClaim, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return ofNarrativesTx(ctx, tx, beatNarratives, c, now) })
}

func ofNarrativesTx(ctx context.Context, tx *sql.Tx, text string, c NarrativeClaim, args ...any) error {
	mine, err := changed(tx.ExecContext(ctx, text, append([]any{c.RepositoryID, c.JobID, c.Owner}, args...)...))
	if err == nil && !mine {
		return ErrNarrativesLost
	}
	return err
}

// FinishNarratives notes that the descriptions show what was wanted when c began,
// at a commit. It fails with ErrNarrativesLost.
func (s *Store) FinishNarratives(ctx context.Context, c NarrativeClaim, was NarrativeState, commit string, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		return ofNarrativesTx(ctx, tx, finishNarratives, c, was.Wanted, commit, now)
	})
}

// FailNarratives notes why c could not bring them up to date. It fails with
// ErrNarrativesLost.
func (s *Store) FailNarratives(ctx context.Context, c NarrativeClaim, message string, retryAt, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		return ofNarrativesTx(ctx, tx, failNarratives, c, message, retryAt, now)
	})
}

// ReleaseNarratives hands c's work back to the queue. It fails with
// ErrNarrativesLost.
func (s *Store) ReleaseNarratives(ctx context.Context, c NarrativeClaim, enqueue EnqueueNarratives, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofNarrativesTx(ctx, tx, releaseNarratives, c, now); err != nil {
			return err
		}
		return giveNarrativesJobTx(ctx, tx, enqueue, c.RepositoryID)
	})
}

// SilentNarrative is a repository whose descriptions wait or are worked, and
// nothing was heard of that for a while.
type SilentNarrative struct {
	RepositoryID string
	JobID        int64 // 0 is none
	Status       SearchStatus
	Attempts     int
}

// SilentNarratives lists those that nothing was heard of since before.
func (s *Store) SilentNarratives(ctx context.Context, before time.Time, limit int) ([]SilentNarrative, error) {
	rows, err := s.query(ctx, silentNarratives, before, limit)
	return scanAll(rows, err, func(v *SilentNarrative) []any { return []any{&v.RepositoryID, &v.JobID, &v.Status, &v.Attempts} })
}

// TouchNarratives says that a job waits, and is no fault.
func (s *Store) TouchNarratives(ctx context.Context, v SilentNarrative, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchNarratives, v.RepositoryID, v.JobID, now)
	return err
}

// RequeueNarratives gives silent ones a new job. It reports whether it did.
func (s *Store) RequeueNarratives(ctx context.Context, v SilentNarrative, enqueue EnqueueNarratives, before, now time.Time) (taken bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if taken, err = changed(tx.ExecContext(ctx, requeueNarratives, v.RepositoryID, v.JobID, before, now)); err != nil || !taken {
			return err
		}
		return giveNarrativesJobTx(ctx, tx, enqueue, v.RepositoryID)
	})
	return taken, err
}

// EndSilentNarratives ends the attempts at what workers died over, until it is
// tried again.
func (s *Store) EndSilentNarratives(ctx context.Context, v SilentNarrative, message string, retryAt, before, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, endSilentNarratives, v.RepositoryID, v.JobID, before, message, retryAt, now)
	return err
}
