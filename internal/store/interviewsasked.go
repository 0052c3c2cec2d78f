package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

const (
	// What stands in an interview of somebody that is open, was answered in one, or
	// is not known.
	askedQuestions = `SELECT q.id, q.content, q.status, q.follow_up, q.asked_again, q.thin, q.answer FROM interview_questions q JOIN interviews i ON i.id = q.interview_id
		WHERE i.project_id = $1 AND i.email_key = $2 AND (i.status = 'open' OR q.status IN ('asked_again', 'answered', 'unknown')) ORDER BY q.id`
	// The questions that items of theirs came of, whose interview may be removed.
	itemQuestions = `SELECT k.question FROM knowledge_items k JOIN users u ON u.id = k.author_id WHERE k.project_id = $1 AND u.email_key = $2 AND k.question <> '' ORDER BY k.id`
	// One in which nothing is asked stands in nobody's way.
	openInterviews = `SELECT i.id, i.content FROM interviews i WHERE i.project_id = $1 AND i.email_key = $2 AND i.status = 'open'
		AND EXISTS (SELECT 1 FROM interview_questions q WHERE q.interview_id = i.id) ORDER BY i.created_at, i.id`
)

// AskedOf returns what somebody was asked in a project and need not be asked
// again, without versions; of a question whose interview is removed only the text.
func (s *Store) AskedOf(ctx context.Context, projectID, email string) ([]rampforge.InterviewQuestion, error) {
	rows, err := s.query(ctx, askedQuestions, projectID, EmailKey(email))
	list, err := collect(rows, err, scanQuestion)
	if err != nil {
		return nil, err
	}
	rows, err = s.query(ctx, itemQuestions, projectID, EmailKey(email))
	texts, err := scanAll(rows, err, func(text *string) []any { return []any{text} })
	for _, text := range texts {
		list = append(list, rampforge.InterviewQuestion{Text: text})
	}
	return list, err
}

// openAlreadyTx refuses a second interview of the same person and the same choice
// while one is open. The update takes the project's lock, so that of two at once
// the second sees the first.
func openAlreadyTx(ctx context.Context, tx *sql.Tx, i *rampforge.Interview) error {
	if _, err := tx.ExecContext(ctx, lockProject, i.ProjectID); err != nil {
		return err
	}
	type open struct {
		id      string
		content interviewContent
	}
	rows, err := tx.QueryContext(ctx, openInterviews, i.ProjectID, EmailKey(i.Person.Email))
	list, err := scanAll(rows, err, func(o *open) []any { return []any{&o.id, jsonColumn{&o.content}} })
	for _, o := range list {
		if slices.Equal(choiceOf(o.content.Paths), choiceOf(i.Paths)) && slices.Equal(choiceOf(o.content.Components), choiceOf(i.Components)) {
			e := rampforge.Errorf(rampforge.CodeConflict, "An interview of this person about the same code is open: go on with it, or finish or remove it first.")
			e.Details = map[string]any{"interview_id": o.id}
			return e
		}
	}
	return err
}

// choiceOf is a choice of paths or components in the form that compares.
func choiceOf(list []string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, strings.Trim(strings.TrimPrefix(strings.TrimSpace(v), "./"), "/"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
