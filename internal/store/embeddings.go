package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	useSpace = `INSERT INTO embedding_spaces (name, used_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET used_at = excluded.used_at RETURNING number`
	// What was left has no job.
	wantEmbeddings = `UPDATE search_scopes SET embed_space = $1, embed_at = $2, embed_note = '', embed_failures = 0 WHERE embed_space <> $1 AND (repository_id IS NOT NULL OR project_id IS NOT NULL OR service_id <> '')`
	dropEmbeddings = `UPDATE search_scopes SET embed_space = 0, embed_at = NULL, embed_note = '', embed_failures = 0 WHERE embed_space <> 0`
	// What permits and forbids to send code: the projects that are over a scope.
	scopeProjects = `SELECT count(*), COALESCE(SUM(CASE WHEN p.ai_code THEN 0 ELSE 1 END), 0) FROM projects p JOIN search_scopes c ON c.number = $1
		WHERE c.repository_id = p.repository_id OR c.project_id = p.id OR c.repository_id IS NULL AND EXISTS (
			SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.service_id = c.service_id AND b.resource_id = c.resource_id AND NOT b.removed)`
	// Who is asked whether a change of a project permits or forbids something.
	permissionOfRepository = `UPDATE search_scopes SET embed_at = $2 WHERE repository_id = $1 AND embed_space <> 0`
	permissionOfKnowledge  = `UPDATE search_scopes SET embed_at = $2 WHERE project_id = $1 AND embed_space <> 0`
	permissionOfResources  = `UPDATE search_scopes SET embed_at = $2 WHERE repository_id IS NULL AND embed_space <> 0 AND EXISTS (
		SELECT 1 FROM project_sources b WHERE b.project_id = $1 AND b.service_id = search_scopes.service_id AND b.resource_id = search_scopes.resource_id)`
	unembedded = `SELECT m.id, m.title, m.body FROM passages m WHERE m.id BETWEEN $1 AND $2
		AND NOT EXISTS (SELECT 1 FROM passage_embeddings v WHERE v.passage_id = m.id AND v.space = $3) ORDER BY m.id LIMIT $4`
	knownEmbeddings = `SELECT e.text_hash FROM embeddings e WHERE e.space = $1 AND e.text_hash IN (
		$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`
	newEmbedVersion = `UPDATE search_scopes SET embed_version = embed_version + 1 WHERE number = $1`
	insertEmbedding = `INSERT INTO embeddings (space, text_hash, scale, vector) VALUES ($1, $2, $3, $4) ON CONFLICT (space, text_hash) DO NOTHING`
	linkEmbedding   = `INSERT INTO passage_embeddings (passage_id, space, embedding, version)
		SELECT m.id, e.space, e.id, c.embed_version FROM passages m JOIN search_scopes c ON c.number = m.scope JOIN embeddings e ON e.space = $2 AND e.text_hash = $3
		WHERE m.id = $1 ON CONFLICT (passage_id, space) DO NOTHING`
	unlinkEmbeddings = `DELETE FROM passage_embeddings WHERE passage_id IN (
		SELECT v.passage_id FROM passage_embeddings v WHERE v.passage_id BETWEEN $1 AND $2 ORDER BY v.passage_id LIMIT $3)`
	// What is to be embedded of them is due until it is done.
	termsDone = `UPDATE search_scopes SET embed_at = $7, done = $4, commit_hash = $5, indexed_at = CASE WHEN wanted = $4 THEN $6 ELSE indexed_at END, message = '', failures = 0, retry_at = NULL, heartbeat_at = $7
		WHERE number = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	// What was permitted or forbidden meanwhile is to be looked at.
	restEmbedding = `UPDATE search_scopes SET status = 'current', embed_at = CASE WHEN embed_at > $8 THEN embed_at ELSE $4 END, embed_note = $5, embed_failures = $6, embed_space = $9, heartbeat_at = $7
		WHERE number = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	moreWanted = `SELECT c.wanted > c.done FROM search_scopes c WHERE c.number = $1`

	embeddingsAtOnce = 2000
)

// UseEmbeddings has the passages of all scopes embedded in the space of a name,
// from where that was left, and returns its number. It is called again and again
// while the space is used.
func (s *Store) UseEmbeddings(ctx context.Context, space string, now time.Time) (number int64, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, useSpace, space, now).Scan(&number); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, wantEmbeddings, number, now)
		return err
	})
	return number, err
}

// UseNoEmbeddings has nothing embedded any more.
func (s *Store) UseNoEmbeddings(ctx context.Context) error {
	_, err := s.db.Write().ExecContext(ctx, dropEmbeddings)
	return err
}

// The kinds of passages by what permits to send them. What the analysis says is
// made of code, and a pull request holds it.
var (
	kindsOfCode    = []rampforge.PassageKind{rampforge.PassageDocument, rampforge.PassageCode, rampforge.PassageReport, rampforge.PassageFile, rampforge.PassageCommit}
	kindsOfWords   = []rampforge.PassageKind{rampforge.PassageKnowledge}
	kindsOfRecords = []rampforge.PassageKind{rampforge.PassagePage, rampforge.PassageWorkItem}
)

// SendableKinds returns the kinds of a scope's passages that may be sent to a
// model: of a repository all where each project over it permits it, of a resource
// pages and work items, and pull requests likewise, and knowledge items, which speak
// of code by name, where their project permits it. What no project is over is sent
// nowhere.
func (s *Store) SendableKinds(ctx context.Context, c SearchScope) ([]rampforge.PassageKind, error) {
	var projects, forbid int64
	if err := s.queryRow(ctx, scopeProjects, c.Number).Scan(&projects, &forbid); err != nil || projects == 0 {
		return nil, err
	}
	switch {
	case c.ProjectID != "" && forbid > 0:
		return nil, nil
	case c.ProjectID != "":
		return kindsOfWords, nil
	case c.RepositoryID != "" && forbid > 0:
		return nil, nil
	case c.RepositoryID != "":
		return kindsOfCode, nil
	case forbid > 0:
		return kindsOfRecords, nil
	}
	return slices.Concat(kindsOfRecords, []rampforge.PassageKind{rampforge.PassagePullRequest}), nil
}

// permissionChangedTx has the scopes under a project looked at again, since what
// may be sent of them may have changed.
func (s *Store) permissionChangedTx(ctx context.Context, tx *sql.Tx, now time.Time, projectID string, repositories ...string) error {
	for _, id := range repositories {
		if _, err := tx.ExecContext(ctx, permissionOfRepository, id, now); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, permissionOfKnowledge, projectID, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, permissionOfResources, projectID, now)
	return err
}

// Unembedded returns passages of a scope, of one kind, that have no vector in a
// space, from one id on; with their ids, titles and texts alone.
func (s *Store) Unembedded(ctx context.Context, scope int64, kind rampforge.PassageKind, space, from int64, limit int) ([]rampforge.Passage, error) {
	first, last := passageIDs(scope, kind)
	rows, err := s.query(ctx, unembedded, max(first, from), last, space, limit)
	return scanAll(rows, err, func(p *rampforge.Passage) []any { return []any{&p.ID, &p.Title, &p.Text} })
}

// KnownEmbeddings returns which of some texts, by their hashes, have a vector in
// a space.
func (s *Store) KnownEmbeddings(ctx context.Context, space int64, hashes [][]byte) (map[string]bool, error) {
	const atOnce = 25
	known := map[string]bool{}
	for some := range slices.Chunk(hashes, atOnce) {
		args := []any{space}
		for i := range atOnce {
			args = append(args, some[min(i, len(some)-1)])
		}
		rows, err := s.query(ctx, knownEmbeddings, args...)
		list, err := scanAll(rows, err, func(hash *[]byte) []any { return []any{hash} })
		if err != nil {
			return nil, err
		}
		for _, hash := range list {
			known[string(hash)] = true
		}
	}
	return known, nil
}

// TextVector is the vector of a text, as bytes with a scale; without bytes the
// model refuses the text.
type TextVector struct {
	Hash   []byte
	Scale  float32
	Vector []byte
}

// PutEmbeddings keeps new vectors of texts in a space, and which text each of
// some passages of c's scope has. It fails with ErrSearchLost.
func (s *Store) PutEmbeddings(ctx context.Context, c SearchClaim, space int64, made []TextVector, hashOf map[int64][]byte, now time.Time) error {
	made = slices.Clone(made)
	slices.SortFunc(made, func(a, b TextVector) int { return slices.Compare(a.Hash, b.Hash) }) // two writers never wait for each other
	rows := make([][]any, len(made))
	for i, v := range made {
		rows[i] = []any{space, v.Hash, float64(v.Scale), append([]byte{}, v.Vector...)}
	}
	var links [][]any
	for _, id := range sortedIDs(hashOf) {
		links = append(links, []any{id, space, hashOf[id]})
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofSearchTx(ctx, tx, beatSearch, c, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, newEmbedVersion, c.Scope); err != nil {
			return err
		}
		if err := s.runEach(ctx, tx, insertEmbedding, rows); err != nil {
			return err
		}
		for _, link := range links {
			if _, err := tx.ExecContext(ctx, linkEmbedding, link...); err != nil {
				return err
			}
		}
		return nil
	})
}

func sortedIDs(of map[int64][]byte) []int64 {
	ids := make([]int64, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// DropEmbeddings forgets the vectors of a scope's passages, except those of some
// kinds. What is left of the vectors is purged later.
func (s *Store) DropEmbeddings(ctx context.Context, scope int64, except []rampforge.PassageKind) error {
	for _, kind := range rampforge.PassageKinds {
		if slices.Contains(except, kind) {
			continue
		}
		first, last := passageIDs(scope, kind)
		if err := s.purgeEach(ctx, unlinkEmbeddings, first, last, embeddingsAtOnce); err != nil {
			return err
		}
	}
	return nil
}

// SearchIndexed notes what FinishSearch does, while c goes on to embed. It fails
// with ErrSearchLost.
func (s *Store) SearchIndexed(ctx context.Context, c SearchClaim, was SearchScope, commit string, indexedAt, now time.Time) error {
	if err := s.forgetGoneTerms(ctx, c.Scope); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return ofSearchTx(ctx, tx, termsDone, c, was.Wanted, commit, indexedAt, now) })
}

// EmbedRest is how far a scope's passages are embedded.
type EmbedRest struct {
	Space    int64      // 0 is none
	Began    time.Time  // when who says so began
	Next     *time.Time // when to go on; nil: nothing is left
	Note     string     // why that waits
	Failures int        // in a row
}

// RestEmbedding ends c's work for now. It fails with ErrSearchLost.
func (s *Store) RestEmbedding(ctx context.Context, c SearchClaim, r EmbedRest, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		return ofSearchTx(ctx, tx, restEmbedding, c, r.Next, cut(r.Note, maxProjected), r.Failures, now, r.Began, r.Space)
	})
}

// SearchWanted reports whether there is a reason to look at a scope's words again.
func (s *Store) SearchWanted(ctx context.Context, scope int64) (wanted bool, err error) {
	err = s.queryRow(ctx, moreWanted, scope).Scan(&wanted)
	return wanted, err
}
