package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// A reason to look again counts, whatever is under way: who began before it
	// finds that there is more to do.
	staleProject = `INSERT INTO workflows (project_id, status, heartbeat_at, wanted_since) VALUES ($1, 'current', $2, $2)
		ON CONFLICT (project_id) DO UPDATE SET wanted = workflows.wanted + 1, wanted_since = COALESCE(workflows.wanted_since, excluded.wanted_since)`
	wantProject     = staleProject + ` WHERE workflows.status IN ('current', 'failed')`
	staleProjectsOf = `INSERT INTO workflows (project_id, status, heartbeat_at, wanted_since)
		SELECT v.project_id, 'current', $2, $2 FROM (SELECT DISTINCT b.project_id FROM project_sources b WHERE b.service_id = $1 AND NOT b.removed) v
		WHERE TRUE ORDER BY v.project_id
		ON CONFLICT (project_id) DO UPDATE SET wanted = workflows.wanted + 1, wanted_since = COALESCE(workflows.wanted_since, excluded.wanted_since)`
	// What nobody asked for: of an older version, whose reasons are long ago, and
	// where the last attempt failed.
	agedWorkflows = `SELECT p.id FROM projects p LEFT JOIN workflows w ON w.project_id = p.id
		WHERE w.status = 'failed' AND (w.retry_at IS NULL OR w.retry_at <= $2)
			OR (w.status IS NULL OR w.status = 'current') AND (w.facts_at IS NULL OR w.facts_at < $1) AND p.status = 'active'
				AND EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND NOT b.removed)
		ORDER BY p.id LIMIT $3`
	idleWorkflowsOf = `SELECT w.project_id FROM workflows w WHERE w.status IN ('current', 'failed') AND w.wanted > w.done
		AND EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = w.project_id AND b.service_id = $1 AND NOT b.removed) ORDER BY w.project_id`
	remakeOf        = `SELECT w.project_id, w.remake FROM workflows w WHERE EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = w.project_id AND b.service_id = $1) ORDER BY w.project_id`
	setRemake       = `UPDATE workflows SET remake = $2 WHERE project_id = $1`
	queueWorkflow   = `UPDATE workflows SET status = 'queued', owner = NULL, attempts = 0, heartbeat_at = $2 WHERE project_id = $1 AND status IN ('current', 'failed') AND wanted > done`
	setWorkflowJob  = `UPDATE workflows SET job_id = $2 WHERE project_id = $1`
	workflowColumns = `w.project_id, w.status, w.wanted, w.done, w.remake, w.facts_at, w.revision, w.message,
		w.wanted_since, w.failures, w.retry_at, w.unreadable`
	selectWorkflow = `SELECT ` + workflowColumns + ` FROM workflows w WHERE w.project_id = $1`
	claimWorkflow  = `UPDATE workflows SET status = 'running', owner = $3, heartbeat_at = $4, attempts = attempts + 1
		WHERE project_id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5))`
	beatWorkflow = `UPDATE workflows SET heartbeat_at = $4 WHERE project_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	// What came while it was worked is wanted since about the last beat.
	finishWorkflow = `UPDATE workflows SET status = 'current', done = $4, facts_at = $5, revision = revision + $6, message = '', heartbeat_at = $7,
		failures = 0, retry_at = NULL, unreadable = $8, wanted_since = CASE WHEN wanted > $4 THEN heartbeat_at END,
		remake = CASE WHEN wanted > $4 THEN remake ELSE '[]' END WHERE project_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	failWorkflow = `UPDATE workflows SET status = 'failed', done = $4, message = $5, failures = failures + 1, retry_at = $6, heartbeat_at = $7
		WHERE project_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseWorkflow = `UPDATE workflows SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE project_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	silentWorkflows = `SELECT w.project_id, COALESCE(w.job_id, 0), w.status, w.attempts FROM workflows w
		WHERE w.status IN ('queued', 'running') AND w.heartbeat_at < $1 ORDER BY w.heartbeat_at LIMIT $2`
	touchWorkflow     = `UPDATE workflows SET heartbeat_at = $3 WHERE project_id = $1 AND job_id = $2 AND status = 'queued'`
	requeueWorkflow   = `UPDATE workflows SET status = 'queued', owner = NULL, heartbeat_at = $4 WHERE project_id = $1 AND COALESCE(job_id, 0) = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentWorkflow = `UPDATE workflows SET status = 'failed', done = wanted, message = $4, failures = failures + 1, retry_at = $5, heartbeat_at = $6
		WHERE project_id = $1 AND COALESCE(job_id, 0) = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
)

// WorkflowStatus is whether the facts of a project are brought up to date.
type WorkflowStatus string

// The states of a project's facts.
const (
	WorkflowCurrent WorkflowStatus = "current"
	WorkflowQueued  WorkflowStatus = "queued"
	WorkflowRunning WorkflowStatus = "running"
	WorkflowFailed  WorkflowStatus = "failed" // the last attempt; what was before stands
)

// Workflow is how far the facts of a project are.
type Workflow struct {
	ProjectID string
	Status    WorkflowStatus
	Wanted    int64      // counts the reasons to look again
	Done      int64      // what of Wanted the facts and the report show
	Remake    []string   // services whose facts are made anew, whatever their records' times say
	FactsAt   *time.Time // all that was kept before is in the facts; nil: there are none
	Revision  int64      // of the facts
	Message   string     // why the last attempt failed

	WantedSince *time.Time // the first reason of those that are not shown yet; nil: all are
	Failures    int        // in a row
	RetryAt     *time.Time // of one that failed
	Unreadable  int        // how many records no facts could be made of
}

// WorkflowClaim is who brings a project's facts up to date: the job and the
// process.
type WorkflowClaim struct {
	ProjectID string
	JobID     int64
	Owner     string
}

// ErrWorkflowLost says that a project's facts are not the worker's any more: it
// must stop and write nothing.
var ErrWorkflowLost = errors.New("the project's facts are another worker's now, or it is gone")

// QueueWorkflows says what writes the jobs that bring projects' facts up to
// date. It is called once, before the store is used. Without it what is stale
// waits for who looks for it.
func (s *Store) QueueWorkflows(enqueue Enqueue) { s.workflowJobs = enqueue }

func scanWorkflow(r row) (w Workflow, err error) {
	err = r.Scan(&w.ProjectID, &w.Status, &w.Wanted, &w.Done, jsonColumn{&w.Remake}, database.ScanNullTime(&w.FactsAt), &w.Revision, &w.Message,
		database.ScanNullTime(&w.WantedSince), &w.Failures, database.ScanNullTime(&w.RetryAt), &w.Unreadable)
	return w, err
}

// Workflow returns how far the facts of a project are; RESOURCE_NOT_FOUND says
// that nobody asked for any yet.
func (s *Store) Workflow(ctx context.Context, projectID string) (Workflow, error) {
	w, err := scanWorkflow(s.queryRow(ctx, selectWorkflow, projectID))
	return w, found(err, "workflow")
}

// StaleWorkflow notes that the facts or the report of a project may be behind,
// with a job that looks.
func (s *Store) StaleWorkflow(ctx context.Context, projectID string, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return s.StaleWorkflowTx(ctx, tx, projectID, now) })
}

// StaleWorkflowTx is StaleWorkflow in the transaction of what it is about.
func (s *Store) StaleWorkflowTx(ctx context.Context, tx *sql.Tx, projectID string, now time.Time) error {
	if _, err := tx.ExecContext(ctx, staleProject, projectID, now); err != nil {
		return err
	}
	return s.queueWorkflowTx(ctx, tx, projectID, now)
}

// WantWorkflow is StaleWorkflow for no reason but that time went by: it does
// nothing while the facts are brought up to date, or wait for that.
func (s *Store) WantWorkflow(ctx context.Context, projectID string, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		wanted, err := changed(tx.ExecContext(ctx, wantProject, projectID, now))
		if err != nil || !wanted {
			return err
		}
		return s.queueWorkflowTx(ctx, tx, projectID, now)
	})
}

// AgedWorkflows lists projects whose facts nobody asked to bring up to date: of
// active projects with sources those that have none, or none since before; and
// those where the last attempt failed and that are to be tried again by now.
func (s *Store) AgedWorkflows(ctx context.Context, before, now time.Time, limit int) ([]string, error) {
	rows, err := s.query(ctx, agedWorkflows, before, now, limit)
	return scanAll(rows, err, func(id *string) []any { return []any{id} })
}

// RemakeWorkflowsTx is StaleWorkflowsTx for records of a service that changed
// without having been read again: all facts of them are made anew.
func (s *Store) RemakeWorkflowsTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time) error {
	if _, err := tx.ExecContext(ctx, staleProjectsOf, serviceID, now); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, remakeOf, serviceID)
	list, err := scanAll(rows, err, func(w *Workflow) []any { return []any{&w.ProjectID, jsonColumn{&w.Remake}} })
	if err != nil {
		return err
	}
	for _, w := range list {
		text, err := jsonText(append(w.Remake, serviceID))
		if err == nil {
			_, err = tx.ExecContext(ctx, setRemake, w.ProjectID, text)
		}
		if err != nil {
			return err
		}
	}
	return s.queueWorkflowsTx(ctx, tx, serviceID, now)
}

// StaleWorkflowsTx does for every project that is bound to a service what
// StaleWorkflowTx does for one.
func (s *Store) StaleWorkflowsTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time) error {
	if _, err := tx.ExecContext(ctx, staleProjectsOf, serviceID, now); err != nil {
		return err
	}
	return s.queueWorkflowsTx(ctx, tx, serviceID, now)
}

func (s *Store) queueWorkflowsTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time) error {
	rows, err := tx.QueryContext(ctx, idleWorkflowsOf, serviceID)
	ids, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	for _, id := range ids {
		if err == nil {
			err = s.queueWorkflowTx(ctx, tx, id, now)
		}
	}
	return err
}

// queueWorkflowTx gives a project's facts a job, unless they have one or are
// worked: who works them finds what came meanwhile.
func (s *Store) queueWorkflowTx(ctx context.Context, tx *sql.Tx, projectID string, now time.Time) error {
	queued, err := changed(tx.ExecContext(ctx, queueWorkflow, projectID, now))
	if err != nil || !queued {
		return err
	}
	return s.giveWorkflowJobTx(ctx, tx, projectID)
}

func (s *Store) giveWorkflowJobTx(ctx context.Context, tx *sql.Tx, projectID string) error {
	if s.workflowJobs == nil {
		return nil
	}
	job, err := s.workflowJobs(ctx, tx, projectID)
	if err == nil {
		_, err = tx.ExecContext(ctx, setWorkflowJob, projectID, job)
	}
	return err
}

// ClaimWorkflow makes c the worker of its project's facts. It answers false
// when they are not c's to work.
func (s *Store) ClaimWorkflow(ctx context.Context, c WorkflowClaim, now, silentSince time.Time) (w Workflow, claimed bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if claimed, err = changed(tx.ExecContext(ctx, claimWorkflow, c.ProjectID, c.JobID, c.Owner, now, silentSince)); err != nil || !claimed {
			return err
		}
		w, err = scanWorkflow(tx.QueryRowContext(ctx, selectWorkflow, c.ProjectID))
		return err
	})
	return w, claimed && err == nil, err
}

// BeatWorkflow says that c lives. It fails with ErrWorkflowLost.
func (s *Store) BeatWorkflow(ctx context.Context, c WorkflowClaim, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return ofWorkflowTx(ctx, tx, beatWorkflow, c, now) })
}

func ofWorkflowTx(ctx context.Context, tx *sql.Tx, text string, c WorkflowClaim, args ...any) error {
	mine, err := changed(tx.ExecContext(ctx, text, append([]any{c.ProjectID, c.JobID, c.Owner}, args...)...))
	if err == nil && !mine {
		return ErrWorkflowLost
	}
	return err
}

// FailWorkflow notes why c could not bring the facts up to date; what was
// before stands, until it is tried again. was is as ClaimWorkflow returned it.
// It fails with ErrWorkflowLost.
func (s *Store) FailWorkflow(ctx context.Context, c WorkflowClaim, was Workflow, message string, retryAt, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofWorkflowTx(ctx, tx, failWorkflow, c, was.Wanted, message, retryAt, now); err != nil {
			return err
		}
		return s.queueWorkflowTx(ctx, tx, c.ProjectID, now) // if somebody asked meanwhile
	})
}

// ReleaseWorkflow hands c's work back to the queue. It fails with
// ErrWorkflowLost.
func (s *Store) ReleaseWorkflow(ctx context.Context, c WorkflowClaim, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofWorkflowTx(ctx, tx, releaseWorkflow, c, now); err != nil {
			return err
		}
		return s.giveWorkflowJobTx(ctx, tx, c.ProjectID)
	})
}

// SilentWorkflow is a project whose facts wait or are worked, and nothing was
// heard of it for a while.
type SilentWorkflow struct {
	ProjectID string
	JobID     int64 // 0 is none
	Status    WorkflowStatus
	Attempts  int
}

// SilentWorkflows lists those that nothing was heard of since before.
func (s *Store) SilentWorkflows(ctx context.Context, before time.Time, limit int) ([]SilentWorkflow, error) {
	rows, err := s.query(ctx, silentWorkflows, before, limit)
	return scanAll(rows, err, func(v *SilentWorkflow) []any { return []any{&v.ProjectID, &v.JobID, &v.Status, &v.Attempts} })
}

// TouchWorkflow says that a job waits, and is no fault.
func (s *Store) TouchWorkflow(ctx context.Context, v SilentWorkflow, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchWorkflow, v.ProjectID, v.JobID, now)
	return err
}

// RequeueWorkflow gives a silent project a new job. It reports whether it did.
func (s *Store) RequeueWorkflow(ctx context.Context, v SilentWorkflow, before, now time.Time) (taken bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if taken, err = changed(tx.ExecContext(ctx, requeueWorkflow, v.ProjectID, v.JobID, before, now)); err != nil || !taken {
			return err
		}
		return s.giveWorkflowJobTx(ctx, tx, v.ProjectID)
	})
	return taken, err
}

// EndSilentWorkflow ends the attempts at a project whose workers died over it,
// until it is tried again.
func (s *Store) EndSilentWorkflow(ctx context.Context, v SilentWorkflow, message string, retryAt, before, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, endSilentWorkflow, v.ProjectID, v.JobID, before, message, retryAt, now)
	return err
}
