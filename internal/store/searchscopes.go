package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	staleRepositorySearch = `INSERT INTO search_scopes (repository_id, status, heartbeat_at) VALUES ($1, 'current', $2)
		ON CONFLICT (repository_id) DO UPDATE SET wanted = search_scopes.wanted + 1`
	staleServiceSearch = `UPDATE search_scopes SET wanted = wanted + 1 WHERE repository_id IS NULL AND service_id = $1`
	againServiceSearch = `UPDATE search_scopes SET wanted = wanted + 1, indexed_at = NULL WHERE repository_id IS NULL AND service_id = $1`
	// What is new, and what is of a version that indexed nothing.
	newRepositorySearch = `INSERT INTO search_scopes (repository_id, status, heartbeat_at)
		SELECT r.id, 'current', $1 FROM repositories r WHERE r.last_analyzed IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM search_scopes c WHERE c.repository_id = r.id)
			AND EXISTS (SELECT 1 FROM code_indexes i WHERE i.repository_id = r.id)
		ON CONFLICT (repository_id) DO NOTHING`
	newResourceSearch = `INSERT INTO search_scopes (service_id, resource_id, status, heartbeat_at)
		SELECT v.service_id, v.resource_id, 'current', $1 FROM (SELECT DISTINCT b.service_id, b.resource_id FROM project_sources b WHERE NOT b.removed) v
		WHERE NOT EXISTS (SELECT 1 FROM search_scopes c WHERE c.repository_id IS NULL AND c.service_id = v.service_id AND c.resource_id = v.resource_id)
		ON CONFLICT DO NOTHING`
	// Words come before what is embedded of them.
	dueSearch = `SELECT c.number FROM search_scopes c WHERE (c.status = 'current' OR c.status = 'failed' AND (c.retry_at IS NULL OR c.retry_at <= $1))
		AND (c.wanted > c.done OR c.embed_at <= $1) ORDER BY CASE WHEN c.wanted > c.done THEN 0 ELSE 1 END, c.number LIMIT $2`
	queueSearch = `UPDATE search_scopes SET status = 'queued', owner = NULL, attempts = 0, heartbeat_at = $2
		WHERE number = $1 AND status IN ('current', 'failed') AND (wanted > done OR embed_at <= $2)`
	setSearchJob = `UPDATE search_scopes SET job_id = $2 WHERE number = $1`
	scopeColumns = `c.number, COALESCE(c.repository_id, ''), COALESCE(c.project_id, ''), c.service_id, c.resource_id, c.commit_hash, c.passages, c.status, c.wanted, c.done, c.indexed_at, c.message, c.failures, c.embed_space, c.embed_at, c.embed_note, c.embed_failures`
	selectScope  = `SELECT ` + scopeColumns + ` FROM search_scopes c WHERE c.number = $1`
	scopeOfRepo  = `SELECT ` + scopeColumns + ` FROM search_scopes c WHERE c.repository_id = $1`
	claimSearch  = `UPDATE search_scopes SET status = 'running', owner = $3, heartbeat_at = $4, attempts = attempts + 1
		WHERE number = $1 AND job_id = $2 AND (status = 'queued' OR (status = 'running' AND heartbeat_at < $5))`
	beatSearch = `UPDATE search_scopes SET heartbeat_at = $4 WHERE number = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	// Where there was a reason to look again meanwhile, it may be that everything
	// has to be looked at.
	finishSearch = `UPDATE search_scopes SET status = 'current', done = $4, commit_hash = $5, indexed_at = CASE WHEN wanted = $4 THEN $6 ELSE indexed_at END, message = '', failures = 0, retry_at = NULL, heartbeat_at = $7
		WHERE number = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	failSearch = `UPDATE search_scopes SET status = 'failed', message = $4, failures = failures + 1, retry_at = $5, heartbeat_at = $6
		WHERE number = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	releaseSearch = `UPDATE search_scopes SET status = 'queued', owner = NULL, heartbeat_at = $4, attempts = attempts - 1
		WHERE number = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	forgetTerms  = `DELETE FROM search_terms WHERE scope = $1 AND passages <= 0`
	goneTerms    = `SELECT t.term FROM search_terms t WHERE t.scope = $1 AND t.passages <= 0 ORDER BY t.term LIMIT $2`
	forgetTerm   = `DELETE FROM search_terms WHERE scope = $1 AND term = $2 AND passages <= 0`
	silentSearch = `SELECT c.number, COALESCE(c.job_id, 0), c.status, c.attempts FROM search_scopes c
		WHERE c.status IN ('queued', 'running') AND c.heartbeat_at < $1 ORDER BY c.heartbeat_at LIMIT $2`
	touchSearch     = `UPDATE search_scopes SET heartbeat_at = $3 WHERE number = $1 AND job_id = $2 AND status = 'queued'`
	requeueSearch   = `UPDATE search_scopes SET status = 'queued', owner = NULL, heartbeat_at = $4 WHERE number = $1 AND COALESCE(job_id, 0) = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
	endSilentSearch = `UPDATE search_scopes SET status = 'failed', message = $4, failures = failures + 1, retry_at = $5, heartbeat_at = $6
		WHERE number = $1 AND COALESCE(job_id, 0) = $2 AND heartbeat_at < $3 AND status IN ('queued', 'running')`
)

// SearchStatus is whether the passages of a scope are brought up to date.
type SearchStatus string

// The states of a scope.
const (
	SearchCurrent SearchStatus = "current"
	SearchQueued  SearchStatus = "queued"
	SearchRunning SearchStatus = "running"
	SearchFailed  SearchStatus = "failed" // the last attempt; what was before stands
)

// SearchScope is what is indexed together: a repository, a resource of a service,
// or the knowledge items of a project. The words of the last change with the items;
// it has a job only where they are to be embedded.
type SearchScope struct {
	Number                int64
	RepositoryID          string // "" for the others
	ProjectID             string // of knowledge
	ServiceID, ResourceID string
	Commit                string // of a repository: what is indexed
	Passages              int64
	Status                SearchStatus
	Wanted, Done          int64      // reasons to look again, and what of them the passages show
	IndexedAt             *time.Time // what was kept before is in the passages
	Message               string     // why the last attempt failed
	Failures              int        // in a row
	EmbedSpace            int64      // in which its passages are embedded; 0 is none
	EmbedAt               *time.Time // when to go on; nil where nothing is left
	EmbedNote             string     // why that waits
	EmbedFailures         int        // in a row
}

// SearchClaim is who brings a scope up to date: the job and the process.
type SearchClaim struct {
	Scope int64
	JobID int64
	Owner string
}

// ErrSearchLost says that a scope is not the worker's any more: it must stop and
// write nothing.
var ErrSearchLost = errors.New("the scope of the search is another worker's now, or it is gone")

// EnqueueScope writes the job of a scope into tx and returns its id.
type EnqueueScope func(ctx context.Context, tx *sql.Tx, scope int64) (int64, error)

func scanScope(r row) (c SearchScope, err error) {
	err = r.Scan(&c.Number, &c.RepositoryID, &c.ProjectID, &c.ServiceID, &c.ResourceID, &c.Commit, &c.Passages, &c.Status, &c.Wanted, &c.Done,
		database.ScanNullTime(&c.IndexedAt), &c.Message, &c.Failures, &c.EmbedSpace, database.ScanNullTime(&c.EmbedAt), &c.EmbedNote, &c.EmbedFailures)
	return c, err
}

// ScopeOfRepository returns the scope of a repository; RESOURCE_NOT_FOUND says
// that it was never analysed. Whether somebody may see it is known from the
// repository.
func (s *Store) ScopeOfRepository(ctx context.Context, repositoryID string) (SearchScope, error) {
	c, err := scanScope(s.queryRow(ctx, scopeOfRepo, repositoryID))
	return c, found(err, "search index")
}

// StaleRepositorySearchTx notes that the passages of a repository may be behind.
// Who looks for scopes that are due gives it a job.
func (s *Store) StaleRepositorySearchTx(ctx context.Context, tx *sql.Tx, repositoryID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, staleRepositorySearch, repositoryID, now)
	return err
}

// StaleServiceSearchTx notes it of the resources of a service.
func (s *Store) StaleServiceSearchTx(ctx context.Context, tx *sql.Tx, serviceID string) error {
	_, err := tx.ExecContext(ctx, staleServiceSearch, serviceID)
	return err
}

// againServiceSearchTx has all records of a service looked at again: nothing of
// a record says that it was mapped anew.
func (s *Store) againServiceSearchTx(ctx context.Context, tx *sql.Tx, serviceID string) error {
	_, err := tx.ExecContext(ctx, againServiceSearch, serviceID)
	return err
}

// QueueSearch gives a job to the scopes that are due, some at most: what is new,
// what changed, and what failed and is to be tried again.
func (s *Store) QueueSearch(ctx context.Context, enqueue EnqueueScope, limit int, now time.Time) error {
	for _, text := range []string{newRepositorySearch, newResourceSearch} {
		if _, err := s.db.Write().ExecContext(ctx, text, now); err != nil {
			return err
		}
	}
	if _, err := s.db.Write().ExecContext(ctx, leaveUnboundSearch); err != nil {
		return err
	}
	rows, err := s.query(ctx, dueSearch, now, limit)
	due, err := scanAll(rows, err, func(number *int64) []any { return []any{number} })
	for _, number := range due {
		if err == nil {
			err = s.db.InTx(ctx, func(tx *sql.Tx) error {
				queued, err := changed(tx.ExecContext(ctx, queueSearch, number, now))
				if err != nil || !queued {
					return err
				}
				return giveSearchJobTx(ctx, tx, enqueue, number)
			})
		}
	}
	return err
}

func giveSearchJobTx(ctx context.Context, tx *sql.Tx, enqueue EnqueueScope, number int64) error {
	job, err := enqueue(ctx, tx, number)
	if err == nil {
		_, err = tx.ExecContext(ctx, setSearchJob, number, job)
	}
	return err
}

// ClaimSearch makes c the worker of its scope. It answers false when that is not
// c's to work.
func (s *Store) ClaimSearch(ctx context.Context, c SearchClaim, now, silentSince time.Time) (scope SearchScope, claimed bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if claimed, err = changed(tx.ExecContext(ctx, claimSearch, c.Scope, c.JobID, c.Owner, now, silentSince)); err != nil || !claimed {
			return err
		}
		scope, err = scanScope(tx.QueryRowContext(ctx, selectScope, c.Scope))
		return err
	})
	return scope, claimed && err == nil, err
}

// BeatSearch says that c lives. It fails with ErrSearchLost.
func (s *Store) BeatSearch(ctx context.Context, c SearchClaim, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return ofSearchTx(ctx, tx, beatSearch, c, now) })
}

func ofSearchTx(ctx context.Context, tx *sql.Tx, text string, c SearchClaim, args ...any) error {
	mine, err := changed(tx.ExecContext(ctx, text, append([]any{c.Scope, c.JobID, c.Owner}, args...)...))
	if err == nil && !mine {
		return ErrSearchLost
	}
	return err
}

// FinishSearch notes that the passages show what was wanted when c began, at a
// commit, and all records that were kept before indexedAt. It fails with
// ErrSearchLost.
func (s *Store) FinishSearch(ctx context.Context, c SearchClaim, was SearchScope, commit string, indexedAt, now time.Time) error {
	if err := s.forgetGoneTerms(ctx, c.Scope); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		return ofSearchTx(ctx, tx, finishSearch, c, was.Wanted, commit, indexedAt, now)
	})
}

// forgetGoneTerms removes the terms of a scope that no passage has any more. They are
// looked for while others may write, which takes long, and removed some at a time.
// That it is done by halves, or twice, changes nothing.
func (s *Store) forgetGoneTerms(ctx context.Context, scope int64) error {
	const atOnce = 200
	for {
		rows, err := s.query(ctx, goneTerms, scope, atOnce)
		gone, err := scanAll(rows, err, func(term *string) []any { return []any{term} })
		if err != nil || len(gone) == 0 {
			return err
		}
		args := make([][]any, len(gone))
		for i, term := range gone {
			args[i] = []any{scope, term}
		}
		if err := s.db.InTx(ctx, func(tx *sql.Tx) error { return s.runEach(ctx, tx, forgetTerm, args) }); err != nil {
			return err
		}
		if len(gone) < atOnce {
			return nil
		}
	}
}

// FailSearch notes why c could not bring its scope up to date. It fails with
// ErrSearchLost.
func (s *Store) FailSearch(ctx context.Context, c SearchClaim, message string, retryAt, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return ofSearchTx(ctx, tx, failSearch, c, message, retryAt, now) })
}

// ReleaseSearch hands c's work back to the queue. It fails with ErrSearchLost.
func (s *Store) ReleaseSearch(ctx context.Context, c SearchClaim, enqueue EnqueueScope, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofSearchTx(ctx, tx, releaseSearch, c, now); err != nil {
			return err
		}
		return giveSearchJobTx(ctx, tx, enqueue, c.Scope)
	})
}

// SilentSearch is a scope that waits or is worked, and nothing was heard of it
// for a while.
type SilentSearch struct {
	Scope    int64
	JobID    int64 // 0 is none
	Status   SearchStatus
	Attempts int
}

// SilentSearches lists those that nothing was heard of since before.
func (s *Store) SilentSearches(ctx context.Context, before time.Time, limit int) ([]SilentSearch, error) {
	rows, err := s.query(ctx, silentSearch, before, limit)
	return scanAll(rows, err, func(v *SilentSearch) []any { return []any{&v.Scope, &v.JobID, &v.Status, &v.Attempts} })
}

// TouchSearch says that a job waits, and is no fault.
func (s *Store) TouchSearch(ctx context.Context, v SilentSearch, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchSearch, v.Scope, v.JobID, now)
	return err
}

// RequeueSearch gives a silent scope a new job. It reports whether it did.
func (s *Store) RequeueSearch(ctx context.Context, v SilentSearch, enqueue EnqueueScope, before, now time.Time) (taken bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		if taken, err = changed(tx.ExecContext(ctx, requeueSearch, v.Scope, v.JobID, before, now)); err != nil || !taken {
			return err
		}
		return giveSearchJobTx(ctx, tx, enqueue, v.Scope)
	})
	return taken, err
}

// EndSilentSearch ends the attempts at a scope whose workers died over it, until
// it is tried again.
func (s *Store) EndSilentSearch(ctx context.Context, v SilentSearch, message string, retryAt, before, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, endSilentSearch, v.Scope, v.JobID, before, message, retryAt, now)
	return err
}
