package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	analysisColumns = `a.id, a.repository_id, a.status, a.options, a.commit_hash, a.error, a.progress, a.requested_by, a.created_at, a.started_at, a.finished_at`

	selectAnalysis = `SELECT ` + analysisColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.id = $3`
	selectAnalyses = `SELECT ` + analysisColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.repository_id = $3 ORDER BY a.created_at DESC, a.id DESC LIMIT CAST($4 AS BIGINT) OFFSET $5`
	countAnalyses = `SELECT count(*) FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.repository_id = $3`
)

// Analysis returns an analysis of a repository that v may see.
func (s *Store) Analysis(ctx context.Context, v Viewer, id string) (rampforge.Analysis, error) {
	a, err := scanAnalysis(s.queryRow(ctx, selectAnalysis, v.Admin, v.UserID, id))
	return a, found(err, "analysis")
}

// Analyses returns a page of the analyses of a repository that v may see,
// newest first, and how many there are on all pages.
func (s *Store) Analyses(ctx context.Context, v Viewer, repositoryID string, p Page) ([]rampforge.Analysis, int, error) {
	var total int
	err := s.queryRow(ctx, countAnalyses, v.Admin, v.UserID, repositoryID).Scan(&total)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectAnalyses, v.Admin, v.UserID, repositoryID, p.Limit, p.Offset)
	list, err := collect(rows, err, scanAnalysis)
	return list, total, err
}

// LatestAnalysis returns the newest analysis, in whatever state, of a
// repository that v may see.
func (s *Store) LatestAnalysis(ctx context.Context, v Viewer, repositoryID string) (rampforge.Analysis, error) {
	a, err := scanAnalysis(s.queryRow(ctx, selectAnalyses, v.Admin, v.UserID, repositoryID, 1, 0))
	return a, found(err, "analysis")
}

func scanAnalysis(row row) (rampforge.Analysis, error) {
	var a rampforge.Analysis
	err := row.Scan(analysisFields(&a)...)
	return a, err
}

// analysisFields are the places for analysisColumns.
func analysisFields(a *rampforge.Analysis) []any {
	return []any{
		&a.ID, &a.RepositoryID, &a.Status, jsonColumn{&a.Options}, &a.Commit, &a.Error, jsonColumn{&a.Progress}, &a.RequestedBy,
		database.ScanTime(&a.CreatedAt), database.ScanNullTime(&a.StartedAt), database.ScanNullTime(&a.FinishedAt),
	}
}

// Run is an analysis with what its worker needs to know.
type Run struct {
	Analysis  rampforge.Analysis
	JobID     int64  // the one job that may work it
	Owner     string // the process that works it, "" while it is queued
	Attempts  int    // how often a worker took it and did not hand it back
	Cancelled bool   // somebody asked for its end
}

const (
	runColumns       = analysisColumns + `, a.job_id, a.owner, a.attempts, a.cancel_requested`
	selectRun        = `SELECT ` + runColumns + ` FROM codebase_analyses a WHERE a.id = $1`
	selectActiveRun  = `SELECT ` + runColumns + ` FROM codebase_analyses a WHERE a.repository_id = $1 AND a.status IN ('queued', 'running')`
	selectSilentRuns = `SELECT ` + runColumns + ` FROM codebase_analyses a WHERE a.status IN ('queued', 'running') AND a.heartbeat_at < $1 ORDER BY a.heartbeat_at, a.id LIMIT $2`
)

func scanRun(row row) (Run, error) {
	var r Run
	var job sql.NullInt64
	var owner sql.NullString
	err := row.Scan(append(analysisFields(&r.Analysis), &job, &owner, &r.Attempts, &r.Cancelled)...)
	r.JobID, r.Owner = job.Int64, owner.String
	return r, err
}

// Run returns a run, whoever may see it.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	run, err := scanRun(s.queryRow(ctx, selectRun, id))
	return run, found(err, "analysis")
}

func (s *Store) runTx(ctx context.Context, tx *sql.Tx, id string) (Run, error) {
	run, err := scanRun(tx.QueryRowContext(ctx, selectRun, id))
	return run, found(err, "analysis")
}

// activeRunTx returns the run of a repository that is queued or running, and
// nil when there is none.
func (s *Store) activeRunTx(ctx context.Context, tx *sql.Tx, repositoryID string) (*Run, error) {
	run, err := scanRun(tx.QueryRowContext(ctx, selectActiveRun, repositoryID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &run, err
}
