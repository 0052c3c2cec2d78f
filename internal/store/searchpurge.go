package store

import (
	"context"
	"database/sql"
)

// A scope that nobody can search any more is left: it is of nothing, and what it
// has is removed piece by piece. To remove 100,000 passages at once would hold up
// all other writers of SQLite for seconds.
const (
	leave                 = `UPDATE search_scopes SET repository_id = NULL, service_id = '', resource_id = CAST(number AS TEXT), status = 'current', wanted = done, embed_at = NULL, job_id = NULL, owner = NULL `
	leaveRepositorySearch = leave + `WHERE repository_id = $1`
	// A resource that no project is bound to any more is searched by nobody.
	leaveUnboundSearch = leave + `WHERE repository_id IS NULL AND service_id <> ''
		AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.service_id = search_scopes.service_id AND b.resource_id = search_scopes.resource_id AND NOT b.removed)`
	leftSearch        = `SELECT c.number FROM search_scopes c WHERE c.repository_id IS NULL AND c.project_id IS NULL AND c.service_id = '' ORDER BY c.number LIMIT $1`
	purgePassages     = `DELETE FROM passages WHERE id IN (SELECT m.id FROM passages m WHERE m.id BETWEEN $1 AND $2 ORDER BY m.id LIMIT $3)`
	purgeTerms        = `DELETE FROM search_terms WHERE scope = $1 AND term IN (SELECT t.term FROM search_terms t WHERE t.scope = $1 ORDER BY t.term LIMIT $2)`
	deleteLeftSearch  = `DELETE FROM search_scopes WHERE number = $1 AND repository_id IS NULL AND project_id IS NULL AND service_id = ''`
	leftSearchAtOnce  = 100
	passagesAtOnce    = 1000
	searchTermsAtOnce = 5000
)

// leaveRepositorySearchTx leaves the passages of a repository that is removed.
// Who brings them up to date hears with the next write that they are lost.
func (s *Store) leaveRepositorySearchTx(ctx context.Context, tx *sql.Tx, repositoryID string) error {
	_, err := tx.ExecContext(ctx, leaveRepositorySearch, repositoryID)
	return err
}

// PurgeSearch removes the passages that nobody can search any more, each time
// some of them. It returns how many scopes there were. Any number of processes
// may do it at once.
func (s *Store) PurgeSearch(ctx context.Context) (int, error) {
	rows, err := s.query(ctx, leftSearch, leftSearchAtOnce)
	left, err := scanAll(rows, err, func(number *int64) []any { return []any{number} })
	if err != nil {
		return 0, err
	}
	for i, number := range left {
		if err := s.purgeScope(ctx, number); err != nil {
			return i, err
		}
	}
	return len(left), nil
}

func (s *Store) purgeScope(ctx context.Context, number int64) error {
	first, last := passageIDs(number, "")
	if err := s.purgeEach(ctx, purgePassages, first, last, passagesAtOnce); err != nil {
		return err
	}
	if err := s.purgeEach(ctx, purgeTerms, number, searchTermsAtOnce); err != nil {
		return err
	}
	_, err := s.db.Write().ExecContext(ctx, deleteLeftSearch, number)
	return err
}

// purgeEach runs a statement that removes some rows until there are none.
func (s *Store) purgeEach(ctx context.Context, text string, args ...any) error {
	for {
		n, err := affected(s.db.Write().ExecContext(ctx, text, args...))
		if err != nil || n == 0 {
			return err
		}
	}
}
