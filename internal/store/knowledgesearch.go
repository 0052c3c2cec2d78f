package store

import (
	"context"
	"database/sql"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	knowledgeScope = `INSERT INTO search_scopes (project_id, resource_id, status, wanted, done, heartbeat_at) VALUES ($1, $1, 'current', 0, 0, $2) ON CONFLICT DO NOTHING`
	// The update takes the row's lock: all that changes the passages of a project
	// follows each other. What is new is to be embedded, where anything is.
	lockKnowledgeScope = `UPDATE search_scopes SET indexed_at = $2, heartbeat_at = $2, embed_at = CASE WHEN embed_space <> 0 THEN $2 ELSE embed_at END WHERE project_id = $1`
	scopeOfProject     = `SELECT c.number FROM search_scopes c WHERE c.project_id = $1`

	knowledgeAbout = `SELECT DISTINCT k.id` + ofKnowledge + ` AND k.state = 'approved' AND ` + linkedHere + ` ORDER BY k.id LIMIT 50`
	linkedHere     = `EXISTS (SELECT 1 FROM knowledge_links l WHERE l.item_id = k.id AND (l.path = $5 OR l.path LIKE $6 ESCAPE '\'))`
)

// knowledgePassage is what search finds of an item. Its author is not in it:
// who asks is told with each answer, as long as the author may be named.
func knowledgePassage(k *rampforge.KnowledgeItem) rampforge.Passage {
	names, paths := []string{k.Title}, []string{}
	for i := range k.Links {
		l := &k.Links[i]
		names = append(names, l.Symbol, path.Base(l.Path))
		paths = append(paths, l.Path)
	}
	return rampforge.Passage{
		Kind: rampforge.PassageKnowledge, Key: k.ID, Version: k.UpdatedAt.UTC().Format(time.RFC3339Nano), Title: k.Title,
		Names: strings.Join(names, "\n"), Text: k.Text, Paths: paths, At: k.ApprovedAt,
	}
}

// indexKnowledgeTx has search find an item that is approved, and no other. It is
// a part of the change of the item: what is not approved any more is found by
// nobody from the same moment.
func (s *Store) indexKnowledgeTx(ctx context.Context, tx *sql.Tx, k *rampforge.KnowledgeItem, now time.Time) error {
	if _, err := tx.ExecContext(ctx, knowledgeScope, k.ProjectID, now); err != nil {
		return fmt.Errorf("making the scope of a project's knowledge: %w", err)
	}
	if _, err := tx.ExecContext(ctx, lockKnowledgeScope, k.ProjectID, now); err != nil {
		return err
	}
	var number int64
	if err := tx.QueryRowContext(ctx, scopeOfProject, k.ProjectID).Scan(&number); err != nil {
		return err
	}
	w := newPassageWriter(number)
	defer splitters.Put(w.splitter)
	if k.State == rampforge.KnowledgeApproved {
		p := knowledgePassage(k)
		w.add(&p)
	}
	key := PassageKey{Kind: rampforge.PassageKnowledge, Key: k.ID}
	rows, err := tx.QueryContext(ctx, passagesOfKey, number, key.Kind, key.Key)
	old, err := scanAll(rows, err, func(p *rampforge.Passage) []any { return []any{&p.ID, &p.Names, &p.Text} })
	if err != nil {
		return err
	}
	if len(old) > 0 {
		for i := range old {
			w.count(w.read(&old[i]), -1)
		}
		w.dropped = append(w.dropped, key)
	}
	if err := s.writePassagesTx(ctx, tx, w, w.counted()); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, forgetTerms, number)
	return err
}

// KnowledgeAbout returns the approved items of a project that v may see which
// are linked to a file, or to one below a folder.
func (s *Store) KnowledgeAbout(ctx context.Context, v Viewer, projectID, file string) ([]rampforge.KnowledgeItem, error) {
	below := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(file) + "/%"
	rows, err := s.query(ctx, knowledgeAbout, v.Admin, v.UserID, false, projectID, file, below)
	ids, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	list := make([]rampforge.KnowledgeItem, 0, len(ids))
	for _, id := range ids {
		if err != nil {
			break
		}
		k, failed := s.KnowledgeItem(ctx, Reader{Viewer: v}, projectID, id)
		switch {
		case rampforge.ErrorCode(failed) == rampforge.CodeNotFound: // gone since
		case failed != nil:
			err = failed
		default:
			list = append(list, k)
		}
	}
	return list, err
}
