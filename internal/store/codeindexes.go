package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge"
)

// keptIndexes is how many analyses of one repository keep their code index: an
// index has megabytes, and what is asked about is nearly always the newest or
// the one before.
const keptIndexes = 10

const (
	insertCodeIndex = `INSERT INTO code_indexes (analysis_id, repository_id, finished_at, content) VALUES ($1, $2, $3, $4)`
	pruneIndexes    = `DELETE FROM code_indexes WHERE repository_id = $1 AND analysis_id NOT IN
		(SELECT i.analysis_id FROM code_indexes i WHERE i.repository_id = $1 ORDER BY i.finished_at DESC, i.analysis_id DESC LIMIT $2)`
	indexedColumns = analysisColumns + `, EXISTS (SELECT 1 FROM code_indexes i WHERE i.analysis_id = a.id)`
	selectNewest   = `SELECT ` + indexedColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.repository_id = $3 AND a.status = 'completed' ORDER BY a.finished_at DESC, a.id DESC LIMIT 1`
	selectBefore = `SELECT ` + indexedColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.repository_id = $3 AND a.status = 'completed' AND a.finished_at < $4 AND a.commit_hash <> $5
		ORDER BY a.finished_at DESC, a.id DESC LIMIT 1`
	selectNamed = `SELECT ` + indexedColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.repository_id = $3 AND a.status = 'completed'
		AND (a.id = $4 OR substr(a.commit_hash, 1, length(CAST($4 AS TEXT))) = CAST($4 AS TEXT))
		ORDER BY a.finished_at DESC, a.id DESC LIMIT 1`
	selectCodeIndex = `SELECT content FROM code_indexes WHERE analysis_id = $1`
)

// Indexed is a completed analysis, and whether its code index is kept.
type Indexed struct {
	Analysis rampforge.Analysis
	Indexed  bool
}

// NewestIndexed returns the newest completed analysis of a repository that v
// may see. It fails with RESOURCE_NOT_FOUND before the first one.
func (s *Store) NewestIndexed(ctx context.Context, v Viewer, repositoryID string) (Indexed, error) {
	return s.indexed(ctx, selectNewest, v.Admin, v.UserID, repositoryID)
}

// IndexedBefore returns the newest completed analysis of another commit that
// ended before the given one.
func (s *Store) IndexedBefore(ctx context.Context, v Viewer, a rampforge.Analysis) (Indexed, error) {
	var finished time.Time
	commit := ""
	if a.FinishedAt != nil {
		finished = *a.FinishedAt
	}
	if a.Commit != nil {
		commit = *a.Commit
	}
	return s.indexed(ctx, selectBefore, v.Admin, v.UserID, a.RepositoryID, finished, commit)
}

// IndexedNamed returns the newest completed analysis of a repository that has
// an id, or whose commit begins with it.
func (s *Store) IndexedNamed(ctx context.Context, v Viewer, repositoryID, name string) (Indexed, error) {
	return s.indexed(ctx, selectNamed, v.Admin, v.UserID, repositoryID, name)
}

func (s *Store) indexed(ctx context.Context, query string, args ...any) (Indexed, error) {
	var i Indexed
	err := s.queryRow(ctx, query, args...).Scan(append(analysisFields(&i.Analysis), &i.Indexed)...)
	return i, found(err, "analysis")
}

// CodeIndex returns the encoded code index of an analysis, nil when none is
// kept. Whether somebody may see it is known from the analysis.
func (s *Store) CodeIndex(ctx context.Context, analysisID string) ([]byte, error) {
	var content []byte
	err := s.queryRow(ctx, selectCodeIndex, analysisID).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return content, err
}

// keepIndexTx keeps the code index of an analysis that ends, and forgets the
// oldest ones of its repository.
func (s *Store) keepIndexTx(ctx context.Context, tx *sql.Tx, a rampforge.Analysis, content []byte, now time.Time) error {
	if _, err := tx.ExecContext(ctx, insertCodeIndex, a.ID, a.RepositoryID, now, content); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, pruneIndexes, a.RepositoryID, keptIndexes)
	return err
}
