package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Enqueue writes a job for an analysis into a transaction and returns the
// job's id. Every state row has the job that works it written beside it, so
// that neither exists without the other.
type Enqueue func(ctx context.Context, tx *sql.Tx, analysisID string) (jobID int64, err error)

const (
	insertRun = `INSERT INTO codebase_analyses (id, repository_id, status, options, progress, requested_by, created_at, heartbeat_at)
		VALUES ($1, $2, 'queued', $3, '{}', $4, $5, $5)`
	setRunJob = `UPDATE codebase_analyses SET job_id = $2 WHERE id = $1`
	// A job that was handed out twice finds the row running; it takes over only
	// from a worker that fell silent.
	claimRun = `UPDATE codebase_analyses SET status = 'running', owner = $3, heartbeat_at = $4, started_at = COALESCE(started_at, $4), attempts = attempts + 1
		WHERE id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5 AND attempts < $6))`
	beatRun = `UPDATE codebase_analyses SET heartbeat_at = $4
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' RETURNING cancel_requested`
	progressRun = `UPDATE codebase_analyses SET heartbeat_at = $4, progress = $5
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' RETURNING cancel_requested`
	finishRun = `UPDATE codebase_analyses SET status = $4, commit_hash = $5, error = $6, finished_at = $7, progress = $8, report = $9, report_etag = $10
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseRun = `UPDATE codebase_analyses SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	retryRun = `UPDATE codebase_analyses SET status = 'queued', owner = NULL, heartbeat_at = $4
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' AND attempts < $5`
	requeueRun = `UPDATE codebase_analyses SET status = 'queued', owner = NULL, heartbeat_at = $4
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentRun = `UPDATE codebase_analyses SET status = $4, error = $5, finished_at = $6
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	touchRun            = `UPDATE codebase_analyses SET heartbeat_at = $3 WHERE id = $1 AND job_id = $2 AND status = 'queued'`
	cancelQueued        = `UPDATE codebase_analyses SET status = 'cancelled', cancel_requested = TRUE, finished_at = $2 WHERE id = $1 AND status = 'queued'`
	endCancelledRun     = `UPDATE codebase_analyses SET status = 'cancelled', finished_at = $2 WHERE id = $1 AND status = 'running' AND cancel_requested`
	requestCancel       = `UPDATE codebase_analyses SET cancel_requested = TRUE WHERE id = $1 AND status = 'running'`
	countActive         = `SELECT status, count(*), sum(CASE WHEN heartbeat_at < $1 THEN 1 ELSE 0 END) FROM codebase_analyses WHERE status IN ('queued', 'running') GROUP BY status`
	selectRunRepository = `SELECT ` + repositoryColumns + ` FROM repositories r WHERE r.id = $1`
)

// StartRunTx queues an analysis a of its repository together with its job. It
// returns the run that is already under way, and false, when there is one:
// at most one is, of each repository. One that somebody asked to end is over then:
// its worker hears that it is lost and writes nothing more.
func (s *Store) StartRunTx(ctx context.Context, tx *sql.Tx, a rampforge.Analysis, enqueue Enqueue) (Run, bool, error) {
	result, err := tx.ExecContext(ctx, lockRepository, a.RepositoryID)
	if err := changedOne(result, err, "repository"); err != nil {
		return Run{}, false, err
	}
	active, err := s.activeRunTx(ctx, tx, a.RepositoryID)
	switch {
	case err != nil:
		return Run{}, false, err
	case active != nil && active.Cancelled:
		if _, err := tx.ExecContext(ctx, endCancelledRun, active.Analysis.ID, a.CreatedAt); err != nil {
			return Run{}, false, err
		}
		if _, err := s.announceTx(ctx, tx, active.Analysis.ID, "Cancelled.", a.CreatedAt); err != nil {
			return Run{}, false, err
		}
	case active != nil:
		return *active, false, nil
	}
	options, err := jsonText(a.Options)
	if err != nil {
		return Run{}, false, err
	}
	if _, err := tx.ExecContext(ctx, insertRun, a.ID, a.RepositoryID, options, a.RequestedBy, a.CreatedAt); err != nil {
		return Run{}, false, err
	}
	if err := s.giveJobTx(ctx, tx, a.ID, enqueue); err != nil {
		return Run{}, false, err
	}
	run, err := s.announceTx(ctx, tx, a.ID, "Waiting for a worker.", a.CreatedAt)
	return run, err == nil, err
}

// giveJobTx writes a new job for a run; an older job no longer matches the row
// and ends as soon as it is worked.
func (s *Store) giveJobTx(ctx context.Context, tx *sql.Tx, id string, enqueue Enqueue) error {
	job, err := enqueue(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, setRunJob, id, job)
	return err
}

// announceTx carries the state of a run to its repository and to the events.
func (s *Store) announceTx(ctx context.Context, tx *sql.Tx, id, message string, now time.Time) (Run, error) {
	run, err := s.runTx(ctx, tx, id)
	if err != nil {
		return Run{}, err
	}
	a := run.Analysis
	switch a.Status {
	case rampforge.AnalysisCancelled:
		_, err = tx.ExecContext(ctx, repositoryRestore, a.RepositoryID)
	case rampforge.AnalysisCompleted: // FinishRun writes more than the state
	default:
		_, err = tx.ExecContext(ctx, repositoryState, a.RepositoryID, a.Status, a.Error)
	}
	if err != nil {
		return Run{}, err
	}
	return run, s.appendRunEventTx(ctx, tx, a, message, now)
}

// Claim is who works a run: the job and the process.
type Claim struct {
	AnalysisID string
	JobID      int64
	Owner      string
}

// MaxAttempts is how often workers may die over one analysis before it is the
// analysis that is at fault: of memory, most likely.
const MaxAttempts = 3

// ClaimRun makes c the worker of its run and returns the run and its
// repository. It answers false when the run is not c's to work: it has another
// job by now, has ended, was removed, or is worked by somebody who was heard
// of after silentSince, or its workers died MaxAttempts times: the sweep ends it.
func (s *Store) ClaimRun(ctx context.Context, c Claim, now, silentSince time.Time) (Run, rampforge.Repository, bool, error) {
	var run Run
	var repository rampforge.Repository
	claimed, err := s.transition(ctx, c.AnalysisID, func(tx *sql.Tx) (bool, error) {
		won, err := changed(tx.ExecContext(ctx, claimRun, c.AnalysisID, c.JobID, c.Owner, now, silentSince, MaxAttempts))
		if err != nil || !won {
			return false, err
		}
		if run, err = s.announceTx(ctx, tx, c.AnalysisID, "A worker has begun.", now); err != nil {
			return false, err
		}
		repository, err = scanRepository(tx.QueryRowContext(ctx, selectRunRepository, run.Analysis.RepositoryID))
		return true, err
	})
	return run, repository, claimed, err
}

// transition runs a change of a run's state in a transaction that holds the
// lock of the run's repository.
func (s *Store) transition(ctx context.Context, id string, change func(tx *sql.Tx) (bool, error)) (bool, error) {
	var done bool
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		done = false
		there, err := changed(tx.ExecContext(ctx, lockRepositoryOf, id))
		if err != nil || !there {
			return err
		}
		done, err = change(tx)
		return err
	})
	return done && err == nil, err
}

// changed reports whether a statement changed a row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Pulse is what a worker learns when it reports that it lives.
type Pulse struct {
	Lost      bool // the run is not the worker's any more: it must stop and write nothing
	Cancelled bool // somebody asked for the run's end
}

// BeatRun says that c's worker lives.
func (s *Store) BeatRun(ctx context.Context, c Claim, now time.Time) (Pulse, error) {
	return pulse(s.db.Write().QueryRowContext(ctx, beatRun, c.AnalysisID, c.JobID, c.Owner, now))
}

// ProgressRun says that c's worker lives and how far it has come, to the row
// and to the events.
func (s *Store) ProgressRun(ctx context.Context, c Claim, p rampforge.Progress, now time.Time) (Pulse, error) {
	text, err := jsonText(p)
	if err != nil {
		return Pulse{}, err
	}
	var heard Pulse
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		heard, err = pulse(tx.QueryRowContext(ctx, progressRun, c.AnalysisID, c.JobID, c.Owner, now, text))
		if err != nil || heard.Lost {
			return err
		}
		run, err := s.runTx(ctx, tx, c.AnalysisID)
		if err != nil {
			return err
		}
		return s.appendRunEventTx(ctx, tx, run.Analysis, "", now)
	})
	return heard, err
}

func pulse(row *sql.Row) (Pulse, error) {
	var p Pulse
	err := row.Scan(&p.Cancelled)
	if errors.Is(err, sql.ErrNoRows) {
		return Pulse{Lost: true}, nil
	}
	return p, err
}

// Outcome is how a run ended.
type Outcome struct {
	Status        rampforge.AnalysisStatus // completed, failed or cancelled
	Commit        *string                  // the analysed commit, when it is known
	Error         *string                  // one sentence, for failed
	Progress      rampforge.Progress
	Report        []byte   // JSON, for completed
	Index         []byte   // encoded, for completed; nil for none
	DefaultBranch *string  // as the repository names it; nil leaves what is known
	Signatures    []Signed // that its commits carry; nil leaves what is known
	Message       string   // for the event
}

// FinishRun writes the end of c's run, its report and the event in one
// transaction. It answers false, and writes nothing, when the run is not c's
// any more.
func (s *Store) FinishRun(ctx context.Context, c Claim, o Outcome, now time.Time) (bool, error) {
	progress, err := jsonText(o.Progress)
	if err != nil {
		return false, err
	}
	erased, err := s.Erased(ctx) // they may have been since the analysis began
	if err != nil {
		return false, err
	}
	if o.Report, _, err = erased.JSON(o.Report); err != nil {
		return false, fmt.Errorf("reading a report: %w", err)
	}
	packed, etag := packReport(o.Report)
	return s.transition(ctx, c.AnalysisID, func(tx *sql.Tx) (bool, error) {
		won, err := changed(tx.ExecContext(ctx, finishRun, c.AnalysisID, c.JobID, c.Owner, o.Status, o.Commit, o.Error, now, progress, packed, etag))
		if err != nil || !won {
			return false, err
		}
		run, err := s.announceTx(ctx, tx, c.AnalysisID, o.Message, now)
		if err == nil && o.Status == rampforge.AnalysisCompleted {
			_, err = tx.ExecContext(ctx, repositoryAnalyzed, run.Analysis.RepositoryID, now, o.DefaultBranch)
		}
		if err == nil && o.Index != nil {
			if err = s.keepIndexTx(ctx, tx, run.Analysis, o.Index, now); err == nil {
				err = s.StaleRepositorySearchTx(ctx, tx, run.Analysis.RepositoryID, now)
			}
			if err == nil {
				err = s.StaleNarrativesTx(ctx, tx, run.Analysis.RepositoryID, now)
			}
		}
		if err == nil && o.Signatures != nil {
			err = s.replaceSignaturesTx(ctx, tx, run.Analysis.RepositoryID, o.Signatures)
		}
		return true, err
	})
}

// ReleaseRun hands c's run back with a new job, for another worker or for a
// later start of this one. It does not count as an attempt.
func (s *Store) ReleaseRun(ctx context.Context, c Claim, now time.Time, enqueue Enqueue) (bool, error) {
	return s.handBack(ctx, c, now, enqueue, "Handed back; waiting for a worker.", releaseRun)
}

// RetryRun hands c's run back as one whose process was killed, which counts as an
// attempt. It answers false when there were MaxAttempts of them.
func (s *Store) RetryRun(ctx context.Context, c Claim, now time.Time, enqueue Enqueue) (bool, error) {
	return s.handBack(ctx, c, now, enqueue, "Its process was killed; waiting for a worker.", retryRun, MaxAttempts)
}

func (s *Store) handBack(ctx context.Context, c Claim, now time.Time, enqueue Enqueue, message, query string, args ...any) (bool, error) {
	return s.transition(ctx, c.AnalysisID, func(tx *sql.Tx) (bool, error) {
		won, err := changed(tx.ExecContext(ctx, query, append([]any{c.AnalysisID, c.JobID, c.Owner, now}, args...)...))
		if err != nil || !won {
			return false, err
		}
		if err := s.giveJobTx(ctx, tx, c.AnalysisID, enqueue); err != nil {
			return false, err
		}
		_, err = s.announceTx(ctx, tx, c.AnalysisID, message, now)
		return true, err
	})
}

// SilentRuns returns at most limit runs that are queued or running and were
// last heard of before the given moment, the longest silent first.
func (s *Store) SilentRuns(ctx context.Context, before time.Time, limit int) ([]Run, error) {
	rows, err := s.query(ctx, selectSilentRuns, before, limit)
	return collect(rows, err, scanRun)
}

// RequeueRun gives a silent run a new job. It answers false when the run was
// heard of meanwhile.
func (s *Store) RequeueRun(ctx context.Context, r Run, before, now time.Time, enqueue Enqueue) (bool, error) {
	return s.transition(ctx, r.Analysis.ID, func(tx *sql.Tx) (bool, error) {
		won, err := changed(tx.ExecContext(ctx, requeueRun, r.Analysis.ID, r.JobID, before, now))
		if err != nil || !won {
			return false, err
		}
		if err := s.giveJobTx(ctx, tx, r.Analysis.ID, enqueue); err != nil {
			return false, err
		}
		_, err = s.announceTx(ctx, tx, r.Analysis.ID, "Its worker is gone; waiting for another.", now)
		return true, err
	})
}

// EndSilentRun ends a silent run as failed or cancelled; reason is the
// sentence for failed. It answers false when the run was heard of meanwhile.
func (s *Store) EndSilentRun(ctx context.Context, r Run, status rampforge.AnalysisStatus, reason *string, before, now time.Time) (bool, error) {
	return s.transition(ctx, r.Analysis.ID, func(tx *sql.Tx) (bool, error) {
		won, err := changed(tx.ExecContext(ctx, endSilentRun, r.Analysis.ID, r.JobID, before, status, reason, now))
		if err != nil || !won {
			return false, err
		}
		message := "Cancelled."
		if reason != nil {
			message = *reason
		}
		_, err = s.announceTx(ctx, tx, r.Analysis.ID, message, now)
		return true, err
	})
}

// TouchRun says that the job of a queued run was seen waiting.
func (s *Store) TouchRun(ctx context.Context, r Run, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchRun, r.Analysis.ID, r.JobID, now)
	return err
}

// CancelRunTx ends a queued run at once and asks the worker of a running one
// to end it. A run that has ended stays as it is. It returns the run as it is
// now.
func (s *Store) CancelRunTx(ctx context.Context, tx *sql.Tx, id string, now time.Time) (Run, error) {
	there, err := changed(tx.ExecContext(ctx, lockRepositoryOf, id))
	if err != nil {
		return Run{}, err
	}
	if !there {
		return Run{}, notFound("analysis")
	}
	ended, err := changed(tx.ExecContext(ctx, cancelQueued, id, now))
	if err != nil {
		return Run{}, err
	}
	if ended {
		return s.announceTx(ctx, tx, id, "Cancelled before it began.", now)
	}
	if _, err := tx.ExecContext(ctx, requestCancel, id); err != nil {
		return Run{}, err
	}
	return s.runTx(ctx, tx, id)
}

// JobCounts is how much work there is.
type JobCounts struct {
	Queued  int
	Running int
	Silent  int // of both, not heard of for a minute: their workers are gone, or none takes them
}

// JobCounts counts the analyses that are queued or running, at the given
// moment.
func (s *Store) JobCounts(ctx context.Context) (JobCounts, error) {
	rows, err := s.query(ctx, countActive, time.Now().Add(-time.Minute))
	type count struct {
		status    rampforge.AnalysisStatus
		n, silent int
	}
	counts, err := scanAll(rows, err, func(c *count) []any { return []any{&c.status, &c.n, &c.silent} })
	var total JobCounts
	for _, c := range counts {
		total.Silent += c.silent
		if c.status == rampforge.AnalysisRunning {
			total.Running = c.n
		} else {
			total.Queued = c.n
		}
	}
	return total, err
}
