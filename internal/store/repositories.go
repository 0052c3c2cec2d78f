package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// RepositoryFilter narrows a list of repositories; a zero field narrows
// nothing.
type RepositoryFilter struct {
	Type   rampforge.RepositoryType
	Status rampforge.AnalysisStatus
}

const (
	repositoryColumns = `r.id, r.name, r.url, r.type, r.service_id, r.default_branch, r.last_analyzed, r.analysis_status, r.analysis_error, r.created_by, r.created_at`

	// repositoryVisible is the one place that says who may see a repository r:
	// administrators ($1), its creator ($2), and who made or is a member of a
	// project that is bound to it. Members are kept by address, so that
	// somebody may be made one before they register.
	repositoryVisible = `($1 OR r.created_by = $2 OR EXISTS (
		SELECT 1 FROM projects p WHERE p.repository_id = r.id AND (p.created_by = $2 OR EXISTS (
			SELECT 1 FROM project_members m WHERE m.project_id = p.id
				AND (m.user_id = $2 OR m.email_key = (SELECT u.email_key FROM users u WHERE u.id = $2))))))`

	repositoryMatches = repositoryVisible + ` AND ($3 = '' OR r.type = $3) AND ($4 = '' OR r.analysis_status = $4)`

	insertRepository = `INSERT INTO repositories (id, name, url, type, service_id, default_branch, analysis_status, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8)`
	selectRepository      = `SELECT ` + repositoryColumns + ` FROM repositories r WHERE ` + repositoryVisible + ` AND r.id = $3`
	selectRepositoryByURL = `SELECT ` + repositoryColumns + ` FROM repositories r WHERE ` + repositoryVisible + ` AND r.url = $3
		ORDER BY CASE WHEN r.created_by = $2 THEN 0 ELSE 1 END, r.created_at, r.id LIMIT 1`
	selectRepositories = `SELECT ` + repositoryColumns + ` FROM repositories r WHERE ` + repositoryMatches + `
		ORDER BY r.created_at DESC, r.id DESC LIMIT $5 OFFSET $6`
	countRepositories      = `SELECT count(*) FROM repositories r WHERE ` + repositoryMatches
	selectRepositoryExists = `SELECT 1 FROM repositories WHERE id = $1`
	// The update takes the row's lock on both databases; PostgreSQL's FOR UPDATE
	// is unknown to SQLite. Whatever changes a run locks its repository first, so
	// that two changes never wait for each other.
	lockRepository     = `UPDATE repositories SET name = name WHERE id = $1`
	lockRepositoryOf   = `UPDATE repositories SET name = name WHERE id = (SELECT repository_id FROM codebase_analyses WHERE id = $1)`
	unnameService      = `UPDATE repositories SET service_id = NULL WHERE service_id = $1`
	deleteRepository   = `DELETE FROM repositories WHERE id = $1`
	repositoryState    = `UPDATE repositories SET analysis_status = $2, analysis_error = $3 WHERE id = $1`
	repositoryAnalyzed = `UPDATE repositories SET analysis_status = 'completed', analysis_error = NULL, last_analyzed = $2,
		default_branch = COALESCE($3, default_branch) WHERE id = $1`
	// A cancelled run leaves the repository as it was before the run.
	repositoryRestore = `UPDATE repositories SET analysis_error = NULL,
		analysis_status = CASE WHEN last_analyzed IS NULL THEN 'pending' ELSE 'completed' END WHERE id = $1`
)

// CreateRepository inserts r, whose state starts as pending. It fails with
// RESOURCE_CONFLICT when r's creator has a repository of the same URL.
func (s *Store) CreateRepository(ctx context.Context, r rampforge.Repository) error {
	return s.InTx(ctx, func(tx *sql.Tx) error { return s.CreateRepositoryTx(ctx, tx, r) })
}

// CreateRepositoryTx is CreateRepository inside a transaction, which a
// conflict ends on PostgreSQL. A service that r names must be there.
func (s *Store) CreateRepositoryTx(ctx context.Context, tx *sql.Tx, r rampforge.Repository) error {
	if r.ServiceID != nil {
		// The lock keeps the service from being removed meanwhile.
		there, err := changed(tx.ExecContext(ctx, lockService, *r.ServiceID))
		if err != nil {
			return err
		}
		if !there {
			return rampforge.Invalid(rampforge.FieldIssue{Field: "service_id", Issue: "names no service"})
		}
	}
	_, err := tx.ExecContext(ctx, insertRepository, r.ID, r.Name, r.URL, r.Type, r.ServiceID, r.DefaultBranch, r.CreatedBy, r.CreatedAt)
	if database.IsUniqueViolation(err) {
		return rampforge.Wrap(rampforge.CodeConflict, err, "You have already added a repository with this address.")
	}
	return err
}

// Repository returns a repository that v may see.
func (s *Store) Repository(ctx context.Context, v Viewer, id string) (rampforge.Repository, error) {
	r, err := scanRepository(s.queryRow(ctx, selectRepository, v.Admin, v.UserID, id))
	return r, found(err, "repository")
}

// RepositoryByURL returns the repository of that URL that v may see, v's own
// before those of others and the oldest first.
func (s *Store) RepositoryByURL(ctx context.Context, v Viewer, url string) (rampforge.Repository, error) {
	r, err := scanRepository(s.queryRow(ctx, selectRepositoryByURL, v.Admin, v.UserID, url))
	return r, found(err, "repository")
}

// Repositories returns a page of the repositories that v may see, newest
// first, and how many there are on all pages.
func (s *Store) Repositories(ctx context.Context, v Viewer, f RepositoryFilter, p Page) ([]rampforge.Repository, int, error) {
	var total int
	err := s.queryRow(ctx, countRepositories, v.Admin, v.UserID, f.Type, f.Status).Scan(&total)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectRepositories, v.Admin, v.UserID, f.Type, f.Status, p.Limit, p.Offset)
	list, err := collect(rows, err, scanRepository)
	return list, total, err
}

// RepositoryExists reports whether a repository exists, whoever may see it.
func (s *Store) RepositoryExists(ctx context.Context, id string) (bool, error) {
	var one int
	err := s.queryRow(ctx, selectRepositoryExists, id).Scan(&one)
	return exists(err)
}

// DeleteRepositoryTx removes a repository, its analyses and their reports, and
// unbinds it from its projects. The run that is under way, if there is one, is
// announced as cancelled and returned, so that its job can be withdrawn; its
// worker ends when it finds the row gone. Events stay until they expire.
func (s *Store) DeleteRepositoryTx(ctx context.Context, tx *sql.Tx, id string, now time.Time) (*Run, error) {
	// The lock keeps a run from being started between the look for one and the
	// end of the transaction.
	result, err := tx.ExecContext(ctx, lockRepository, id)
	if err := changedOne(result, err, "repository"); err != nil {
		return nil, err
	}
	run, err := s.activeRunTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := s.leaveRepositorySearchTx(ctx, tx, id); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, deleteRepository, id); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, purgeSignatures, id); err != nil {
		return nil, err
	}
	if err := s.StalePeopleTx(ctx, tx); err != nil || run == nil {
		return nil, err
	}
	run.Analysis.Status = rampforge.AnalysisCancelled
	return run, s.appendRunEventTx(ctx, tx, run.Analysis, "The repository was removed.", now)
}

func scanRepository(row row) (rampforge.Repository, error) {
	var r rampforge.Repository
	var last, created database.Time
	err := row.Scan(&r.ID, &r.Name, &r.URL, &r.Type, &r.ServiceID, &r.DefaultBranch, &last, &r.AnalysisStatus, &r.AnalysisError, &r.CreatedBy, &created)
	r.LastAnalyzed, r.CreatedAt = last.Ptr(), created.Time
	return r, err
}
