package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	linksOfRepository = `SELECT l.item_id, ` + linkColumns + ` FROM knowledge_links l WHERE l.repository_id = $1 AND l.seen <> $2 ORDER BY l.path, l.id`
	// What somebody changed since it was read is not overwritten.
	moveLink = `UPDATE knowledge_links SET path = $4, symbol = $5, start_line = $6, end_line = $7, commit_hash = $8, lines_hash = $9, state = $10, detail = $11, moved = $12, seen = $13
		WHERE id = $1 AND commit_hash = $2 AND lines_hash = $3`
	staleItem = `UPDATE knowledge_items SET stale = EXISTS (SELECT 1 FROM knowledge_links l WHERE l.item_id = knowledge_items.id AND l.state <> 'current') WHERE id = $1`
)

// LinksBehind returns the links into a repository that were not looked up at a
// commit yet.
func (s *Store) LinksBehind(ctx context.Context, repositoryID, commit string) ([]ItemLink, error) {
	rows, err := s.query(ctx, linksOfRepository, repositoryID, commit)
	return collect(rows, err, scanLink)
}

// LinkMove is what became of a link at a commit.
type LinkMove struct {
	Was  ItemLink
	Link rampforge.KnowledgeLink // as it is now
}

// FollowLinks notes what became of links at a commit, and which items are stale
// by that, all or nothing, as long as c's worker has its scope: it fails with
// ErrSearchLost otherwise. A link that somebody changed meanwhile is left for the
// next time.
func (s *Store) FollowLinks(ctx context.Context, c SearchClaim, commit string, moves []LinkMove, now time.Time) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofSearchTx(ctx, tx, beatSearch, c, now); err != nil {
			return err
		}
		for i := range moves {
			if err := moveLinkTx(ctx, tx, &moves[i], commit); err != nil {
				return err
			}
		}
		return nil
	})
}

func moveLinkTx(ctx context.Context, tx *sql.Tx, m *LinkMove, commit string) error {
	there, err := changed(tx.ExecContext(ctx, lockItem, m.Was.ItemID)) // in the order of all who change an item
	if err != nil || !there {
		return err
	}
	l := &m.Link
	now, err := movedText(l.Now)
	if err != nil {
		return err
	}
	first, last := linesOf(&l.KnowledgePlace)
	if _, err := tx.ExecContext(ctx, moveLink, m.Was.ID, m.Was.Commit, m.Was.Hash, l.Path, l.Symbol, first, last, l.Commit, l.Hash, l.State, l.Detail, now, commit); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, staleItem, m.Was.ItemID)
	return err
}
