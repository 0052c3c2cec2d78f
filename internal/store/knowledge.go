package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// A knowledge item k that is approved is seen by all who see its project p;
	// another by its author ($2) and by those who lead ($3).
	knowledgeVisible = projectVisible + ` AND ($3 OR k.state = 'approved' OR k.author_id = $2 || '')`
	// An author is gone without an active account that sees the project.
	authorGone = `NOT EXISTS (SELECT 1 FROM users a WHERE a.id = k.author_id AND a.is_active AND (a.role = 'admin' OR p.created_by = a.id
		OR EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND (m.user_id = a.id OR m.email_key = a.email_key))))`
	knowledgeColumns = `k.id, k.project_id, k.title, k.body, k.question, COALESCE(k.author_id, ''), COALESCE(u.name, ''), COALESCE(u.named_as_expert, TRUE),
		k.interview_id, k.question_id, k.state, k.stale, k.created_at, k.updated_at, k.approved_at, k.confirmed_at,
		COALESCE(k.approved_by, ''), COALESCE(v.name, ''), COALESCE(v.named_as_expert, TRUE), ` + authorGone + `, k.revised`
	knowledgeFrom = ` FROM knowledge_items k JOIN projects p ON p.id = k.project_id LEFT JOIN users u ON u.id = k.author_id LEFT JOIN users v ON v.id = k.approved_by`
	// A path means the file and what lies below the folder.
	linkedTo      = `EXISTS (SELECT 1 FROM knowledge_links l WHERE l.item_id = k.id AND (l.path = $6 OR l.path LIKE $7 ESCAPE '\'))`
	ofKnowledge   = knowledgeFrom + ` WHERE ` + knowledgeVisible + ` AND k.project_id = $4`
	knowledgeFits = ofKnowledge + ` AND ($5 = '' OR k.state = $5) AND ($6 = '' OR ` + linkedTo + `) AND ($8 OR k.stale = $9) AND (NOT $10 OR k.author_id = $2 || '')`
	selectItem    = `SELECT ` + knowledgeColumns + ofKnowledge + ` AND k.id = $5`
	selectItems   = `SELECT ` + knowledgeColumns + knowledgeFits + ` ORDER BY k.updated_at DESC, k.id DESC LIMIT CAST($11 AS BIGINT) OFFSET $12`
	countItems    = `SELECT count(*)` + knowledgeFits
	itemByID      = `SELECT ` + knowledgeColumns + knowledgeFrom + ` WHERE k.id = $1`
	lockItem      = `UPDATE knowledge_items SET state = state WHERE id = $1`
	insertItem    = `INSERT INTO knowledge_items (id, project_id, author_id, interview_id, question_id, title, body, question, state, stale, created_at, updated_at, approved_at, confirmed_at, approved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	updateItem = `UPDATE knowledge_items SET title = $2, body = $3, state = $4, stale = $5, updated_at = $6, approved_at = $7, confirmed_at = $8, approved_by = $9, revised = $10 WHERE id = $1`
	deleteItem = `DELETE FROM knowledge_items WHERE id = $1`
	// What was never approved, or is not any more, goes with the account of its
	// author, but for what somebody changed since.
	deleteOrphanItems = `DELETE FROM knowledge_items WHERE author_id IS NULL AND state <> 'approved' AND NOT revised`

	linkColumns = `l.id, COALESCE(l.repository_id, ''), l.path, l.symbol, l.start_line, l.end_line, l.commit_hash, l.lines_hash, l.state, l.detail, l.moved`
	linksOfItem = `SELECT l.item_id, ` + linkColumns + ` FROM knowledge_links l WHERE l.item_id = $1 ORDER BY l.place`
	insertLink  = `INSERT INTO knowledge_links (id, item_id, place, repository_id, path, symbol, start_line, end_line, commit_hash, lines_hash, state, detail, moved)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	deleteLinks = `DELETE FROM knowledge_links WHERE item_id = $1`
)

// KnowledgeFilter narrows a list of items; a zero field narrows nothing.
type KnowledgeFilter struct {
	State rampforge.KnowledgeState
	Path  string // of a file, or of a folder that one lies below
	Stale *bool
	Own   bool
}

// KnowledgeItems returns a page of the items of a project that r may see, those
// that changed last first, and how many there are.
func (s *Store) KnowledgeItems(ctx context.Context, r Reader, projectID string, f KnowledgeFilter, p Page) ([]rampforge.KnowledgeItem, int, error) {
	below := ""
	if f.Path != "" {
		below = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Path) + "/%"
	}
	args := []any{r.Admin, r.UserID, r.Leads, projectID, f.State, f.Path, below, f.Stale == nil, f.Stale != nil && *f.Stale, f.Own}
	var total int
	if err := s.queryRow(ctx, countItems, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectItems, append(args, p.Limit, p.Offset)...)
	list, err := collect(rows, err, scanItem)
	for i := range list {
		if err == nil {
			list[i].Links, err = linksOf(ctx, s.db.Read(), list[i].ID)
		}
	}
	return list, total, err
}

// KnowledgeItem returns an item of a project that r may see.
func (s *Store) KnowledgeItem(ctx context.Context, r Reader, projectID, id string) (rampforge.KnowledgeItem, error) {
	k, err := scanItem(s.queryRow(ctx, selectItem, r.Admin, r.UserID, r.Leads, projectID, id))
	if err != nil {
		return k, found(err, "knowledge item")
	}
	k.Links, err = linksOf(ctx, s.db.Read(), id)
	return k, err
}

// CreateKnowledge keeps a new item.
func (s *Store) CreateKnowledge(ctx context.Context, k rampforge.KnowledgeItem) error {
	return s.InTx(ctx, func(tx *sql.Tx) error { return s.putKnowledgeTx(ctx, tx, &k) })
}

func (s *Store) putKnowledgeTx(ctx context.Context, tx *sql.Tx, k *rampforge.KnowledgeItem) error {
	k.Stale = isStale(k.Links)
	if _, err := tx.ExecContext(ctx, insertItem, k.ID, k.ProjectID, accountOf(k.Author), k.InterviewID, k.QuestionID, whole(k.Title), whole(k.Text), whole(k.Question),
		k.State, k.Stale, k.CreatedAt, k.UpdatedAt, k.ApprovedAt, k.ConfirmedAt, accountOf(k.ApprovedBy)); err != nil {
		return fmt.Errorf("writing a knowledge item: %w", err)
	}
	if err := putLinksTx(ctx, tx, k); err != nil {
		return err
	}
	return s.indexKnowledgeTx(ctx, tx, k, k.UpdatedAt)
}

func accountOf(a *rampforge.KnowledgeAuthor) *string {
	if a == nil {
		return nil
	}
	return &a.UserID
}

// ChangeKnowledge lets change change an item, while nobody else does, and keeps
// it; what search finds of it is changed with it. Whether the caller may is the
// caller's to know.
func (s *Store) ChangeKnowledge(ctx context.Context, id string, now time.Time, change func(*rampforge.KnowledgeItem) error) (k rampforge.KnowledgeItem, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		if k, err = lockedItemTx(ctx, tx, id); err != nil {
			return err
		}
		if err := change(&k); err != nil {
			return err
		}
		k.UpdatedAt, k.Stale = now, isStale(k.Links)
		if _, err := tx.ExecContext(ctx, updateItem, k.ID, whole(k.Title), whole(k.Text), k.State, k.Stale, k.UpdatedAt, k.ApprovedAt, k.ConfirmedAt, accountOf(k.ApprovedBy), k.Revised); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteLinks, id); err != nil {
			return err
		}
		if err := putLinksTx(ctx, tx, &k); err != nil {
			return err
		}
		return s.indexKnowledgeTx(ctx, tx, &k, now)
	})
	return k, err
}

func lockedItemTx(ctx context.Context, tx *sql.Tx, id string) (rampforge.KnowledgeItem, error) {
	there, err := changed(tx.ExecContext(ctx, lockItem, id))
	if err == nil && !there {
		err = notFound("knowledge item")
	}
	if err != nil {
		return rampforge.KnowledgeItem{}, err
	}
	k, err := scanItem(tx.QueryRowContext(ctx, itemByID, id))
	if err == nil {
		k.Links, err = linksOf(ctx, tx, id)
	}
	return k, err
}

// DeleteKnowledge removes an item, and what search finds of it.
func (s *Store) DeleteKnowledge(ctx context.Context, id string, now time.Time) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		k, err := lockedItemTx(ctx, tx, id)
		if err != nil {
			return err
		}
		k.State = rampforge.KnowledgeRetired
		if err := s.indexKnowledgeTx(ctx, tx, &k, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, deleteItem, id)
		return err
	})
}

// DeleteOrphanKnowledge removes what people whose accounts are gone never
// approved.
func (s *Store) DeleteOrphanKnowledge(ctx context.Context) (int64, error) {
	return affected(s.db.Write().ExecContext(ctx, deleteOrphanItems))
}

func isStale(links []rampforge.KnowledgeLink) bool {
	for i := range links {
		if links[i].State != rampforge.LinkCurrent {
			return true
		}
	}
	return false
}

func putLinksTx(ctx context.Context, tx *sql.Tx, k *rampforge.KnowledgeItem) error {
	for at := range k.Links {
		l := &k.Links[at]
		if l.ID == "" {
			l.ID = NewID("lnk")
		}
		now, err := movedText(l.Now)
		if err != nil {
			return err
		}
		var repository *string
		if l.RepositoryID != "" {
			repository = &l.RepositoryID
		}
		first, last := linesOf(&l.KnowledgePlace)
		if _, err := tx.ExecContext(ctx, insertLink, l.ID, k.ID, at, repository, l.Path, l.Symbol, first, last, l.Commit, l.Hash, l.State, l.Detail, now); err != nil {
			return fmt.Errorf("writing a link of a knowledge item: %w", err)
		}
	}
	return nil
}

func movedText(p *rampforge.KnowledgePlace) (string, error) {
	if p == nil {
		return "", nil
	}
	return jsonText(p)
}

func linesOf(p *rampforge.KnowledgePlace) (first, last int) {
	if p.StartLine == nil || p.EndLine == nil {
		return 0, 0
	}
	return *p.StartLine, *p.EndLine
}

func linksOf(ctx context.Context, from database.Querier, itemID string) ([]rampforge.KnowledgeLink, error) {
	rows, err := from.QueryContext(ctx, linksOfItem, itemID)
	list, err := collect(rows, err, scanLink)
	out := make([]rampforge.KnowledgeLink, 0, len(list))
	for i := range list {
		out = append(out, list[i].KnowledgeLink)
	}
	return out, err
}

// ItemLink is a link, and the item that it is of.
type ItemLink struct {
	rampforge.KnowledgeLink

	ItemID string
}

func scanLink(r row) (l ItemLink, err error) {
	var first, last int
	var now string
	if err = r.Scan(&l.ItemID, &l.ID, &l.RepositoryID, &l.Path, &l.Symbol, &first, &last, &l.Commit, &l.Hash, &l.State, &l.Detail, &now); err != nil {
		return l, err
	}
	if first > 0 {
		l.StartLine, l.EndLine = &first, &last
	}
	if now != "" {
		err = json.Unmarshal([]byte(now), &l.Now)
	}
	return l, err
}

func scanItem(r row) (k rampforge.KnowledgeItem, err error) {
	var author, approver rampforge.KnowledgeAuthor
	var named, approverNamed bool
	err = r.Scan(&k.ID, &k.ProjectID, &k.Title, &k.Text, &k.Question, &author.UserID, &author.Name, &named, &k.InterviewID, &k.QuestionID, &k.State, &k.Stale,
		database.ScanTime(&k.CreatedAt), database.ScanTime(&k.UpdatedAt), database.ScanNullTime(&k.ApprovedAt), database.ScanNullTime(&k.ConfirmedAt),
		&approver.UserID, &approver.Name, &approverNamed, &k.AuthorGone, &k.Revised)
	k.Links = []rampforge.KnowledgeLink{}
	if author.UserID != "" {
		k.Author, k.Unnamed = &author, !named
	}
	if approver.UserID != "" {
		k.ApprovedBy, k.Discreet = &approver, !approverNamed
	}
	return k, err
}
