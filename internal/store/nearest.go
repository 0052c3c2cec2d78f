package store

import (
	"context"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	embeddedScopes = `SELECT ` + scopeColumns + `, c.embed_version` + ofProject + ` AND c.embed_space = $4 AND c.embed_version > 0 AND c.passages > 0 ORDER BY c.number`
	// Version by version, so that who has those of before reads what is new alone.
	someVectors = `SELECT v.passage_id, e.scale, e.vector FROM passage_embeddings v JOIN embeddings e ON e.id = v.embedding
		WHERE v.passage_id BETWEEN $1 AND $2 AND v.space = $3 AND v.version > $4 AND v.version <= $5 ORDER BY v.passage_id LIMIT $6`
	spareEmbeddings = `DELETE FROM embeddings WHERE id IN (SELECT e.id FROM embeddings e WHERE e.id > $1 AND e.id <= $2
		AND NOT EXISTS (SELECT 1 FROM passage_embeddings v WHERE v.embedding = e.id))`
	embeddingsUntil = `SELECT COALESCE(MAX(l.id), 0) FROM (SELECT e.id FROM embeddings e WHERE e.id > $1 ORDER BY e.id LIMIT $2) l`
	oldSpaces       = `SELECT p.number FROM embedding_spaces p WHERE p.used_at < $1 ORDER BY p.number`
	// Somebody may begin to use it meanwhile.
	stillOld        = ` AND EXISTS (SELECT 1 FROM embedding_spaces p WHERE p.number = $1 AND p.used_at < $3)`
	unlinkSpace     = `DELETE FROM passage_embeddings WHERE embedding IN (SELECT e.id FROM embeddings e WHERE e.space = $1 ORDER BY e.id LIMIT $2)` + stillOld
	deleteSpaceSome = `DELETE FROM embeddings WHERE id IN (SELECT e.id FROM embeddings e WHERE e.space = $1 ORDER BY e.id LIMIT $2)` + stillOld
	deleteSpace     = `DELETE FROM embedding_spaces WHERE number = $1 AND used_at < $2 AND NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.space = $1)`

	vectorsAtOnce = 2000
	// spaceRetention is how long the vectors of a space stay that nobody uses.
	spaceRetention = 24 * time.Hour
)

// EmbeddedScope is a scope whose passages have vectors, as far as they may be
// sent to a model.
type EmbeddedScope struct {
	SearchScope

	Version int64                   // grows with each write of vectors
	Kinds   []rampforge.PassageKind // that may be sent
}

// EmbeddedScopes returns the scopes of a project that v may see which have
// vectors in a space.
func (s *Store) EmbeddedScopes(ctx context.Context, v Viewer, projectID string, space int64) ([]EmbeddedScope, error) {
	rows, err := s.query(ctx, embeddedScopes, v.Admin, v.UserID, projectID, space)
	list, err := collect(rows, err, func(r row) (e EmbeddedScope, err error) {
		e.SearchScope, err = scanScope(versioned{r, &e.Version})
		return e, err
	})
	for i := range list {
		if err == nil {
			list[i].Kinds, err = s.SendableKinds(ctx, list[i].SearchScope)
		}
	}
	return slices.DeleteFunc(list, func(e EmbeddedScope) bool { return len(e.Kinds) == 0 }), err
}

// versioned is a row with the version of vectors behind a scope's columns.
type versioned struct {
	row

	version *int64
}

func (v versioned) Scan(to ...any) error { return v.row.Scan(append(to, v.version)...) }

// KindOfPassage returns the kind of a passage by its id.
func KindOfPassage(id int64) rampforge.PassageKind {
	return rampforge.PassageKinds[min(int(id>>sequenceBits&(1<<kindBits-1)), len(rampforge.PassageKinds)-1)]
}

// PassageVector is the vector of a passage; see TextVector.
type PassageVector struct {
	ID     int64
	Scale  float32
	Vector []byte
}

// Vectors hands the vectors of a scope in a space that were written after one
// version, up to another, to a function. No statement is open meanwhile.
func (s *Store) Vectors(ctx context.Context, scope, space, after, until int64, each func(PassageVector)) error {
	first, last := passageIDs(scope, "")
	for {
		rows, err := s.query(ctx, someVectors, first, last, space, after, until, vectorsAtOnce)
		list, err := scanAll(rows, err, func(v *PassageVector) []any { return []any{&v.ID, &v.Scale, &v.Vector} })
		if err != nil {
			return err
		}
		for _, v := range list {
			each(v)
		}
		if len(list) < vectorsAtOnce {
			return nil
		}
		first = list[len(list)-1].ID + 1
	}
}

// PassagesByID returns passages by their ids, in their order; some may be gone.
// Who asks has to know that they may be seen.
func (s *Store) PassagesByID(ctx context.Context, ids []int64) ([]rampforge.Passage, error) {
	return s.passagesByID(ctx, ids)
}

// PurgeEmbeddings removes the vectors of texts that no passage has any more, and
// those of spaces that nobody has used for a day. Any number of processes may do
// it at once.
func (s *Store) PurgeEmbeddings(ctx context.Context, now time.Time) error {
	rows, err := s.query(ctx, oldSpaces, now.Add(-spaceRetention))
	old, err := scanAll(rows, err, func(number *int64) []any { return []any{number} })
	for _, number := range old {
		if err == nil {
			err = s.purgeSpace(ctx, number, now)
		}
	}
	for after := int64(0); err == nil; {
		var until int64
		if err = s.queryRow(ctx, embeddingsUntil, after, embeddingsAtOnce).Scan(&until); err != nil || until == 0 {
			return err
		}
		_, err = s.db.Write().ExecContext(ctx, spareEmbeddings, after, until)
		after = until
	}
	return err
}

func (s *Store) purgeSpace(ctx context.Context, number int64, now time.Time) error {
	before := now.Add(-spaceRetention)
	for {
		if _, err := s.db.Write().ExecContext(ctx, unlinkSpace, number, embeddingsAtOnce, before); err != nil {
			return err
		}
		n, err := affected(s.db.Write().ExecContext(ctx, deleteSpaceSome, number, embeddingsAtOnce, before))
		if err != nil {
			return err
		}
		if n == 0 {
			_, err := s.db.Write().ExecContext(ctx, deleteSpace, number, before)
			return err
		}
	}
}
