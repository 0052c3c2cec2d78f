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
	documentRunColumns = `n.id, n.project_id, n.kinds, n.force, n.status, n.progress, n.changed, n.error, n.requested_by, n.created_at, n.started_at, n.finished_at`

	// The index allows one active run of a project: a second request finds it.
	insertDocumentRun = `INSERT INTO document_runs (id, project_id, repository_id, kinds, force, status, requested_by, created_at, heartbeat_at)
		VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $7) ON CONFLICT (project_id) WHERE status IN ('queued', 'running') DO NOTHING`
	// One that somebody asked to end is over when another is asked for: its worker
	// hears that it is lost and writes nothing more.
	overtakeDocumentRun  = `UPDATE document_runs SET status = 'cancelled', finished_at = $2 WHERE project_id = $1 AND status = 'running' AND cancel_requested RETURNING id`
	activeDocumentRun    = `SELECT ` + documentRunColumns + ` FROM document_runs n WHERE n.project_id = $1 AND n.status IN ('queued', 'running')`
	selectDocumentRun    = `SELECT ` + documentRunColumns + ` FROM document_runs n WHERE n.id = $1`
	visibleDocumentRun   = `SELECT ` + documentRunColumns + ` FROM document_runs n JOIN projects p ON p.id = n.project_id WHERE ` + projectVisible + ` AND n.project_id = $3 AND n.id = $4`
	newestDocumentRun    = `SELECT ` + documentRunColumns + ` FROM document_runs n JOIN projects p ON p.id = n.project_id WHERE ` + projectVisible + ` AND n.project_id = $3 ORDER BY n.created_at DESC, n.id DESC LIMIT 1`
	repositoryOfDocument = `SELECT n.repository_id FROM document_runs n WHERE n.id = $1`
	setDocumentJob       = `UPDATE document_runs SET job_id = $2 WHERE id = $1`
	claimDocumentRun     = `UPDATE document_runs SET status = 'running', owner = $3, heartbeat_at = $4, started_at = COALESCE(started_at, $4), attempts = attempts + 1
		WHERE id = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5 AND attempts < $6))`
	beatDocumentRun = `UPDATE document_runs SET heartbeat_at = $4 WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' AND NOT cancel_requested`
	moveDocumentRun = `UPDATE document_runs SET heartbeat_at = $4, progress = $5, changed = $6
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' AND NOT cancel_requested`
	finishDocumentRun = `UPDATE document_runs SET status = $4, error = $5, finished_at = $6
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' AND NOT cancel_requested`
	endCancelledDocumentRun = `UPDATE document_runs SET status = 'cancelled', finished_at = $4
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' AND cancel_requested`
	releaseDocumentRun = `UPDATE document_runs SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE id = $1 AND job_id = $2 AND owner = $3 AND status = 'running' AND NOT cancel_requested`
	silentDocumentRuns = `SELECT n.id, n.job_id, n.status, n.attempts, n.cancel_requested FROM document_runs n
		WHERE n.status IN ('queued', 'running') AND n.heartbeat_at < $1 ORDER BY n.heartbeat_at LIMIT $2`
	touchDocumentRun   = `UPDATE document_runs SET heartbeat_at = $3 WHERE id = $1 AND job_id = $2 AND status = 'queued'`
	requeueDocumentRun = `UPDATE document_runs SET status = 'queued', owner = NULL, heartbeat_at = $4
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentDocumentRun = `UPDATE document_runs SET status = $4, error = $5, finished_at = $6
		WHERE id = $1 AND job_id = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	cancelQueuedDocumentRun = `UPDATE document_runs SET status = 'cancelled', cancel_requested = TRUE, finished_at = $2 WHERE id = $1 AND status = 'queued'`
	cancelDocumentRun       = `UPDATE document_runs SET cancel_requested = TRUE WHERE id = $1 AND status = 'running'`
	deleteOldDocumentRuns   = `DELETE FROM document_runs WHERE project_id = $1 AND status NOT IN ('queued', 'running')
		AND id NOT IN (SELECT k.id FROM document_runs k WHERE k.project_id = $1 ORDER BY k.created_at DESC, k.id DESC LIMIT $2)`
)

// keptDocumentRuns is how many runs of a project are remembered.
const keptDocumentRuns = 20

// ErrDocumentsLost says that a run is not the worker's any more, or is to end: it
// must stop and write nothing.
var ErrDocumentsLost = errors.New("the documents are another worker's now, or they are not wanted any more")

// DocumentClaim is who works a run of documents: the job and the process.
type DocumentClaim struct {
	RunID string
	JobID int64
	Owner string
}

func scanDocumentRun(r row) (v rampforge.DocumentRun, err error) {
	v.Changed = []rampforge.DocumentChange{}
	err = r.Scan(&v.ID, &v.ProjectID, jsonColumn{&v.Kinds}, &v.Force, &v.Status, jsonColumn{&v.Progress}, jsonColumn{&v.Changed}, &v.Error, &v.RequestedBy,
		database.ScanTime(&v.CreatedAt), database.ScanNullTime(&v.StartedAt), database.ScanNullTime(&v.FinishedAt))
	return v, err
}

// StartDocuments queues a run of documents of a project and its repository with
// its job. When one is under way it returns that one, and false.
func (s *Store) StartDocuments(ctx context.Context, r rampforge.DocumentRun, repositoryID string, enqueue Enqueue) (v rampforge.DocumentRun, started bool, err error) {
	kinds, err := jsonText(r.Kinds)
	if err != nil {
		return v, false, err
	}
	err = s.InTx(ctx, func(tx *sql.Tx) (err error) {
		result, err := tx.ExecContext(ctx, lockProject, r.ProjectID)
		if err := changedOne(result, err, "project"); err != nil {
			return err
		}
		var overtaken string
		over, err := exists(tx.QueryRowContext(ctx, overtakeDocumentRun, r.ProjectID, r.CreatedAt).Scan(&overtaken))
		if err == nil && over {
			_, err = s.announceDocumentsTx(ctx, tx, overtaken, saidCancelled, r.CreatedAt)
		}
		if err != nil {
			return err
		}
		if started, err = changed(tx.ExecContext(ctx, insertDocumentRun, r.ID, r.ProjectID, repositoryID, kinds, r.Force, r.RequestedBy, r.CreatedAt)); err != nil {
			return err
		}
		if !started {
			v, err = scanDocumentRun(tx.QueryRowContext(ctx, activeDocumentRun, r.ProjectID))
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteOldDocumentRuns, r.ProjectID, keptDocumentRuns); err != nil {
			return err
		}
		if err := s.giveDocumentJobTx(ctx, tx, r.ID, enqueue); err != nil {
			return err
		}
		v, err = s.announceDocumentsTx(ctx, tx, r.ID, "Waiting for a worker.", r.CreatedAt)
		return err
	})
	return v, started && err == nil, err
}

const saidCancelled = "Cancelled."

func (s *Store) giveDocumentJobTx(ctx context.Context, tx *sql.Tx, id string, enqueue Enqueue) error {
	job, err := enqueue(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, setDocumentJob, id, job)
	return err
}

// announceDocumentsTx carries the state of a run to the events, and returns it.
func (s *Store) announceDocumentsTx(ctx context.Context, tx *sql.Tx, id, message string, now time.Time) (rampforge.DocumentRun, error) {
	v, err := scanDocumentRun(tx.QueryRowContext(ctx, selectDocumentRun, id))
	if err != nil {
		return v, err
	}
	var repository string
	if err := tx.QueryRowContext(ctx, repositoryOfDocument, id).Scan(&repository); err != nil {
		return v, err
	}
	return v, s.AppendEventTx(ctx, tx, rampforge.Event{At: now, RepositoryID: repository, UserID: v.RequestedBy,
		Job: rampforge.JobEvent{ID: v.ID, Kind: "documents", State: v.Status, Progress: v.Progress, Message: message}})
}

// DocumentRun returns a run of a project that v may see.
func (s *Store) DocumentRun(ctx context.Context, v Viewer, projectID, id string) (rampforge.DocumentRun, error) {
	r, err := scanDocumentRun(s.queryRow(ctx, visibleDocumentRun, v.Admin, v.UserID, projectID, id))
	return r, found(err, "run of documents")
}

// NewestDocumentRun returns the run of a project that v may see that was started
// last.
func (s *Store) NewestDocumentRun(ctx context.Context, v Viewer, projectID string) (rampforge.DocumentRun, error) {
	r, err := scanDocumentRun(s.queryRow(ctx, newestDocumentRun, v.Admin, v.UserID, projectID))
	return r, found(err, "run of documents")
}

// ClaimDocuments makes c the worker of its run and returns it. It answers false
// when it is not c's to work: it has another job by now, has ended, or is worked
// by somebody who was heard of after silentSince, or its workers died MaxAttempts
// times: the sweep ends it.
func (s *Store) ClaimDocuments(ctx context.Context, c DocumentClaim, now, silentSince time.Time) (v rampforge.DocumentRun, claimed bool, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) (err error) {
		if claimed, err = changed(tx.ExecContext(ctx, claimDocumentRun, c.RunID, c.JobID, c.Owner, now, silentSince, MaxAttempts)); err != nil || !claimed {
			return err
		}
		v, err = s.announceDocumentsTx(ctx, tx, c.RunID, "A worker has begun.", now)
		return err
	})
	return v, claimed && err == nil, err
}

// BeatDocuments says that the worker of c's run lives. It fails with
// ErrDocumentsLost, also where somebody asked for its end.
func (s *Store) BeatDocuments(ctx context.Context, c DocumentClaim, now time.Time) error {
	return s.ofDocuments(ctx, c, beatDocumentRun, "", now, now)
}

// FinishDocuments writes the end of c's run; reason is the sentence for failed. It
// fails with ErrDocumentsLost.
func (s *Store) FinishDocuments(ctx context.Context, c DocumentClaim, status rampforge.JobState, reason *string, now time.Time) error {
	message := "Completed."
	if reason != nil {
		message = *reason
	}
	return s.ofDocuments(ctx, c, finishDocumentRun, message, now, status, reason, now)
}

// EndCancelledDocuments ends c's run where somebody asked for its end; else it
// fails with ErrDocumentsLost.
func (s *Store) EndCancelledDocuments(ctx context.Context, c DocumentClaim, now time.Time) error {
	return s.ofDocuments(ctx, c, endCancelledDocumentRun, saidCancelled, now, now)
}

// ofDocuments changes c's run, and tells of it where there is a message.
func (s *Store) ofDocuments(ctx context.Context, c DocumentClaim, text, message string, now time.Time, args ...any) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		mine, err := changed(tx.ExecContext(ctx, text, append([]any{c.RunID, c.JobID, c.Owner}, args...)...))
		switch {
		case err != nil:
			return err
		case !mine:
			return ErrDocumentsLost
		case message == "":
			return nil
		}
		_, err = s.announceDocumentsTx(ctx, tx, c.RunID, message, now)
		return err
	})
}

// ReleaseDocuments hands c's run back to the queue; the documents that it made
// stay. It fails with ErrDocumentsLost.
func (s *Store) ReleaseDocuments(ctx context.Context, c DocumentClaim, now time.Time, enqueue Enqueue) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		mine, err := changed(tx.ExecContext(ctx, releaseDocumentRun, c.RunID, c.JobID, c.Owner, now))
		if err != nil {
			return err
		}
		if !mine {
			return ErrDocumentsLost
		}
		if err := s.giveDocumentJobTx(ctx, tx, c.RunID, enqueue); err != nil {
			return err
		}
		_, err = s.announceDocumentsTx(ctx, tx, c.RunID, "Handed back; waiting for a worker.", now)
		return err
	})
}

// SilentDocuments is a run whose worker was not heard of for a while.
type SilentDocuments struct {
	ID        string
	JobID     int64
	Status    rampforge.JobState
	Attempts  int
	Cancelled bool // somebody asked for its end
}

// SilentDocuments lists runs that nobody was heard of since before.
func (s *Store) SilentDocuments(ctx context.Context, before time.Time, limit int) ([]SilentDocuments, error) {
	rows, err := s.query(ctx, silentDocumentRuns, before, limit)
	return scanAll(rows, err, func(v *SilentDocuments) []any {
		return []any{&v.ID, &v.JobID, &v.Status, &v.Attempts, &v.Cancelled}
	})
}

// TouchDocuments says that a run waits, and is no fault.
func (s *Store) TouchDocuments(ctx context.Context, v SilentDocuments, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchDocumentRun, v.ID, v.JobID, now)
	return err
}

// RequeueDocuments gives a silent run a new job. It reports whether it did.
func (s *Store) RequeueDocuments(ctx context.Context, v SilentDocuments, before, now time.Time, enqueue Enqueue) (taken bool, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) (err error) {
		if taken, err = changed(tx.ExecContext(ctx, requeueDocumentRun, v.ID, v.JobID, before, now)); err != nil || !taken {
			return err
		}
		if err := s.giveDocumentJobTx(ctx, tx, v.ID, enqueue); err != nil {
			return err
		}
		_, err = s.announceDocumentsTx(ctx, tx, v.ID, "Its worker is gone; waiting for another.", now)
		return err
	})
	return taken && err == nil, err
}

// EndSilentDocuments ends a run whose worker is gone: as cancelled, or as failed
// with the reason.
func (s *Store) EndSilentDocuments(ctx context.Context, v SilentDocuments, status rampforge.JobState, reason *string, before, now time.Time) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		ended, err := changed(tx.ExecContext(ctx, endSilentDocumentRun, v.ID, v.JobID, before, status, reason, now))
		if err != nil || !ended {
			return err
		}
		message := saidCancelled
		if reason != nil {
			message = *reason
		}
		_, err = s.announceDocumentsTx(ctx, tx, v.ID, message, now)
		return err
	})
}

// CancelDocuments ends a queued run at once and asks the worker of a running one
// to end it. One that has ended stays as it is. It returns the run as it is now.
func (s *Store) CancelDocuments(ctx context.Context, id string, now time.Time) (v rampforge.DocumentRun, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		ended, err := changed(tx.ExecContext(ctx, cancelQueuedDocumentRun, id, now))
		if err != nil {
			return err
		}
		if ended {
			v, err = s.announceDocumentsTx(ctx, tx, id, "Cancelled before it began.", now)
			return err
		}
		if _, err := tx.ExecContext(ctx, cancelDocumentRun, id); err != nil {
			return err
		}
		v, err = scanDocumentRun(tx.QueryRowContext(ctx, selectDocumentRun, id))
		return found(err, "run of documents")
	})
	return v, err
}
