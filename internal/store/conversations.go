package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	conversationColumns = `c.id, c.project_id, c.user_id, c.title, c.bookmarked, (SELECT count(*) FROM answers n WHERE n.conversation_id = c.id), c.created_at, c.updated_at`
	// A conversation c is seen by its owner alone, administrators included, and
	// only while they may see its project p.
	ownConversations = ` FROM conversations c JOIN projects p ON p.id = c.project_id
		WHERE ` + projectVisible + ` AND c.user_id = $2 || '' AND c.project_id = $3`
	ownConversation      = ownConversations + ` AND c.id = $4`
	selectConversation   = `SELECT ` + conversationColumns + ownConversation
	selectConversations  = `SELECT ` + conversationColumns + ownConversations + ` AND (NOT $4 OR c.bookmarked) ORDER BY c.updated_at DESC, c.id DESC LIMIT $5 OFFSET $6`
	countConversations   = `SELECT count(*)` + ownConversations + ` AND (NOT $4 OR c.bookmarked)`
	insertConversation   = `INSERT INTO conversations (id, project_id, user_id, title, bookmarked, created_at, updated_at) VALUES ($1, $2, $3, $4, FALSE, $5, $5)`
	touchConversation    = `UPDATE conversations SET updated_at = $2 WHERE id = $1`
	changeConversation   = `UPDATE conversations SET title = coalesce($2, title), bookmarked = coalesce($3, bookmarked) WHERE id = $1`
	deleteConversation   = `DELETE FROM conversations WHERE id = $1`
	insertAnswer         = `INSERT INTO answers (id, conversation_id, question, content, asked_at) VALUES ($1, $2, $3, $4, $5)`
	answerColumns        = `n.id, n.conversation_id, n.question, n.content, n.feedback, n.feedback_note, n.asked_at`
	selectAnswers        = `SELECT ` + answerColumns + ` FROM answers n WHERE n.conversation_id = $1 ORDER BY n.asked_at DESC, n.id DESC LIMIT $2 OFFSET $3`
	updateAnswerFeedback = `UPDATE answers SET feedback = $3, feedback_note = $4 WHERE id = $1 AND conversation_id = $2`
)

// ConversationChange changes what is not nil.
type ConversationChange struct {
	Title      *string
	Bookmarked *bool
}

// Conversation returns a conversation of v's own about a project that v may see.
func (s *Store) Conversation(ctx context.Context, v Viewer, projectID, id string) (rampforge.Conversation, error) {
	c, err := scanConversation(s.queryRow(ctx, selectConversation, v.Admin, v.UserID, projectID, id))
	return c, found(err, "conversation")
}

// Conversations returns a page of v's own conversations about a project, those
// asked last first, and how many there are.
func (s *Store) Conversations(ctx context.Context, v Viewer, projectID string, bookmarked bool, p Page) ([]rampforge.Conversation, int, error) {
	var total int
	if err := s.queryRow(ctx, countConversations, v.Admin, v.UserID, projectID, bookmarked).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectConversations, v.Admin, v.UserID, projectID, bookmarked, p.Limit, p.Offset)
	list, err := collect(rows, err, scanConversation)
	return list, total, err
}

// KeepAnswer keeps an answer to v. Where it names no conversation, one of the
// given title begins with it. The answer is returned with its ids.
func (s *Store) KeepAnswer(ctx context.Context, v Viewer, projectID, title string, a rampforge.Answer) (rampforge.Answer, error) {
	begins := a.ConversationID == ""
	if begins {
		a.ConversationID = NewID("conv")
	} else if _, err := s.Conversation(ctx, v, projectID, a.ConversationID); err != nil {
		return a, err
	}
	a.ID = NewID("ans")
	content, err := jsonText(a)
	if err != nil {
		return a, fmt.Errorf("writing an answer: %w", err)
	}
	erased, err := s.Erased(ctx)
	if err != nil {
		return a, err
	}
	if content, err = erased.json(content); err != nil { // it quotes files, which name people
		return a, fmt.Errorf("reading an answer: %w", err)
	}
	question, _ := erased.Text(a.Question)
	title, _ = erased.Text(title)
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		if begins {
			_, err = tx.ExecContext(ctx, insertConversation, a.ConversationID, projectID, v.UserID, title, a.AskedAt)
		} else {
			var result sql.Result
			result, err = tx.ExecContext(ctx, touchConversation, a.ConversationID, a.AskedAt)
			err = changedOne(result, err, "conversation") // it may have been deleted meanwhile
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, insertAnswer, a.ID, a.ConversationID, question, content, a.AskedAt)
		}
		return err
	})
	return a, err
}

// Answers returns a page of the answers of a conversation of v's own, newest
// first.
func (s *Store) Answers(ctx context.Context, v Viewer, projectID, conversationID string, p Page) ([]rampforge.Answer, error) {
	if _, err := s.Conversation(ctx, v, projectID, conversationID); err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, selectAnswers, conversationID, p.Limit, p.Offset)
	return collect(rows, err, scanAnswer)
}

// ChangeConversation renames a conversation of v's own, or sets its bookmark.
func (s *Store) ChangeConversation(ctx context.Context, v Viewer, projectID, id string, c ConversationChange) (rampforge.Conversation, error) {
	if _, err := s.Conversation(ctx, v, projectID, id); err != nil {
		return rampforge.Conversation{}, err
	}
	result, err := s.db.Write().ExecContext(ctx, changeConversation, id, c.Title, c.Bookmarked)
	if err := changedOne(result, err, "conversation"); err != nil {
		return rampforge.Conversation{}, err
	}
	return s.Conversation(ctx, v, projectID, id)
}

// DeleteConversation removes a conversation of v's own with its answers.
func (s *Store) DeleteConversation(ctx context.Context, v Viewer, projectID, id string) error {
	if _, err := s.Conversation(ctx, v, projectID, id); err != nil {
		return err
	}
	result, err := s.db.Write().ExecContext(ctx, deleteConversation, id)
	return changedOne(result, err, "conversation")
}

// SetFeedback keeps what v says of an answer in a conversation of v's own.
func (s *Store) SetFeedback(ctx context.Context, v Viewer, projectID, conversationID, answerID string, f rampforge.Feedback, note string) error {
	if _, err := s.Conversation(ctx, v, projectID, conversationID); err != nil {
		return err
	}
	result, err := s.db.Write().ExecContext(ctx, updateAnswerFeedback, answerID, conversationID, f, note)
	return changedOne(result, err, "answer")
}

func scanConversation(r row) (c rampforge.Conversation, err error) {
	err = r.Scan(&c.ID, &c.ProjectID, &c.UserID, &c.Title, &c.Bookmarked, &c.Questions, database.ScanTime(&c.CreatedAt), database.ScanTime(&c.UpdatedAt))
	return c, err
}

func scanAnswer(r row) (a rampforge.Answer, err error) {
	var id, conversation, question string
	var feedback rampforge.Feedback
	var note string
	var asked time.Time
	if err := r.Scan(&id, &conversation, &question, jsonColumn{&a}, &feedback, &note, database.ScanTime(&asked)); err != nil {
		return a, err
	}
	a.ID, a.ConversationID, a.Question, a.Feedback, a.FeedbackNote, a.AskedAt = id, conversation, question, feedback, note, asked
	return a, nil
}
