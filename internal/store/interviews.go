package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// An interview i is seen by who is asked ($2), and by those who lead ($3), as
	// long as they see its project p.
	interviewVisible = projectVisible + ` AND ($3 OR i.user_id = $2 || '' OR i.email_key = (SELECT u.email_key FROM users u WHERE u.id = $2 || ''))`
	interviewColumns = `i.id, i.project_id, u.id, COALESCE(u.email, i.email), COALESCE(u.name, ''), COALESCE(u.named_as_expert, TRUE),
		i.reason, i.status, i.commit_hash, i.content, COALESCE(i.created_by, ''), i.created_at, i.updated_at, i.finished_at`
	interviewFrom    = ` FROM interviews i JOIN projects p ON p.id = i.project_id LEFT JOIN users u ON u.email_key = i.email_key`
	ofInterviews     = interviewFrom + ` WHERE ` + interviewVisible + ` AND i.project_id = $4`
	selectInterview  = `SELECT ` + interviewColumns + ofInterviews + ` AND i.id = $5`
	selectInterviews = `SELECT ` + interviewColumns + ofInterviews + ` AND ($5 = '' OR i.status = $5) ORDER BY i.created_at DESC, i.id DESC LIMIT $6 OFFSET $7`
	countInterviews  = `SELECT count(*)` + ofInterviews + ` AND ($5 = '' OR i.status = $5)`
	insertInterview  = `INSERT INTO interviews (id, project_id, user_id, email_key, email, reason, status, commit_hash, content, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10, $10)`
	// The update takes the row's lock on both databases.
	touchInterview  = `UPDATE interviews SET updated_at = $2 WHERE id = $1 AND status = 'open'`
	finishInterview = `UPDATE interviews SET status = 'finished', updated_at = $2, finished_at = $2 WHERE id = $1 AND status = 'open'`
	deleteInterview = `DELETE FROM interviews WHERE id = $1`

	insertQuestion  = `INSERT INTO interview_questions (id, interview_id, place, content, status) VALUES ($1, $2, $3, $4, 'open')`
	selectQuestions = `SELECT q.id, q.content, q.status, q.follow_up, q.asked_again, q.thin, q.answer FROM interview_questions q WHERE q.interview_id = $1 ORDER BY q.place`
	updateQuestion  = `UPDATE interview_questions SET status = $2, follow_up = $3, asked_again = $4, thin = $5, answer = $6 WHERE id = $1`
	selectVersions  = `SELECT n.question_id, n.follow_up, n.answer, n.created_at FROM interview_answers n JOIN interview_questions q ON q.id = n.question_id
		WHERE q.interview_id = $1 ORDER BY n.question_id, n.version`
	insertVersion = `INSERT INTO interview_answers (id, question_id, version, follow_up, answer, created_at) VALUES ($1, $2, $3, $4, $5, $6)`
)

// Reader is a viewer of knowledge: who leads also sees what is not approved, and
// the interviews of others.
type Reader struct {
	Viewer

	Leads bool
}

// interviewContent is what of an interview lies in one column.
type interviewContent struct {
	Paths      []string `json:"paths"`
	Components []string `json:"components"`
	Notes      []string `json:"notes"`
}

// questionContent is what of a question does not change.
type questionContent struct {
	Kind   string                     `json:"kind"`
	Topic  string                     `json:"topic"`
	Text   string                     `json:"text"`
	Why    string                     `json:"why"`
	Case   rampforge.InterviewCase    `json:"case"`
	Probes []rampforge.InterviewProbe `json:"probes"`
	Needs  []string                   `json:"needs"`
}

// CreateInterview keeps an interview with its questions, all open. Who is asked is
// named by address, and by account where there is one. RESOURCE_CONFLICT says that
// one of the same person and choice is open.
func (s *Store) CreateInterview(ctx context.Context, i rampforge.Interview) error {
	content, err := jsonText(interviewContent{i.Paths, i.Components, i.Notes})
	if err != nil {
		return err
	}
	rows := make([][]any, len(i.Questions))
	for at, q := range i.Questions {
		text, err := jsonText(questionContent{q.Kind, q.Topic, q.Text, q.Why, q.Case, q.Probes, q.Needs})
		if err != nil {
			return err
		}
		rows[at] = []any{q.ID, i.ID, at, whole(text)}
	}
	var by *string
	if i.CreatedBy != "" {
		by = &i.CreatedBy
	}
	return s.InTx(ctx, func(tx *sql.Tx) error {
		if err := openAlreadyTx(ctx, tx, &i); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, insertInterview, i.ID, i.ProjectID, i.Person.UserID, EmailKey(i.Person.Email), i.Person.Email, i.Reason, i.Commit, content, by, i.CreatedAt)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := tx.ExecContext(ctx, insertQuestion, row...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Interview returns an interview of a project that r may see, with its questions.
func (s *Store) Interview(ctx context.Context, r Reader, projectID, id string) (rampforge.Interview, error) {
	i, err := scanInterview(s.queryRow(ctx, selectInterview, r.Admin, r.UserID, r.Leads, projectID, id))
	if err != nil {
		return i, found(err, "interview")
	}
	i.Questions, err = questionsOf(ctx, s.db.Read(), id)
	return i, err
}

// Interviews returns a page of the interviews of a project that r may see,
// newest first and without their questions, and how many there are.
func (s *Store) Interviews(ctx context.Context, r Reader, projectID string, status rampforge.InterviewStatus, p Page) ([]rampforge.Interview, int, error) {
	var total int
	if err := s.queryRow(ctx, countInterviews, r.Admin, r.UserID, r.Leads, projectID, status).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectInterviews, r.Admin, r.UserID, r.Leads, projectID, status, p.Limit, p.Offset)
	list, err := collect(rows, err, scanInterview)
	return list, total, err
}

// ChangeQuestion lets change change a question of an open interview, while nobody
// else does, and keeps it with the versions of its answer that are new.
// RESOURCE_CONFLICT says that the interview is finished.
func (s *Store) ChangeQuestion(ctx context.Context, interviewID, questionID string, now time.Time, change func(*rampforge.InterviewQuestion) error) (q rampforge.InterviewQuestion, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		if err := openInterview(changed(tx.ExecContext(ctx, touchInterview, interviewID, now))); err != nil {
			return err
		}
		all, err := questionsOf(ctx, tx, interviewID)
		if err != nil {
			return err
		}
		at := -1
		for i := range all {
			if all[i].ID == questionID {
				at = i
			}
		}
		if at < 0 {
			return notFound("question")
		}
		q = all[at]
		kept := len(q.Versions)
		if err := change(&q); err != nil {
			return err
		}
		return putQuestionTx(ctx, tx, &q, kept)
	})
	return q, err
}

func openInterview(open bool, err error) error {
	if err == nil && !open {
		err = rampforge.Errorf(rampforge.CodeConflict, "This interview is finished: what was answered is knowledge items now, which can be changed there.")
	}
	return err
}

func putQuestionTx(ctx context.Context, tx *sql.Tx, q *rampforge.InterviewQuestion, kept int) error {
	thin, err := jsonText(append([]string{}, q.Thin...))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, updateQuestion, q.ID, q.Status, textOf(q.FollowUp), q.AskedAgain, thin, whole(textOf(q.Answer))); err != nil {
		return err
	}
	for i := kept; i < len(q.Versions); i++ {
		v := q.Versions[i]
		if _, err := tx.ExecContext(ctx, insertVersion, NewID("anv"), q.ID, i+1, whole(v.FollowUp), whole(v.Text), v.CreatedAt); err != nil {
			return err
		}
	}
	return nil
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// FinishInterview ends an open interview and keeps what items makes of it, all or
// nothing. RESOURCE_CONFLICT says that it is finished already.
func (s *Store) FinishInterview(ctx context.Context, i rampforge.Interview, now time.Time, items func(questions []rampforge.InterviewQuestion) []rampforge.KnowledgeItem) ([]rampforge.KnowledgeItem, error) {
	var made []rampforge.KnowledgeItem
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		if err := openInterview(changed(tx.ExecContext(ctx, finishInterview, i.ID, now))); err != nil {
			return err
		}
		questions, err := questionsOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		made = items(questions)
		for at := range made {
			if err := s.putKnowledgeTx(ctx, tx, &made[at]); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// DeleteInterview removes an interview with its answers. The items that came of
// it stay.
func (s *Store) DeleteInterview(ctx context.Context, id string) error {
	result, err := s.db.Write().ExecContext(ctx, deleteInterview, id)
	return changedOne(result, err, "interview")
}

func scanInterview(r row) (i rampforge.Interview, err error) {
	var content interviewContent
	var named bool
	person := rampforge.InterviewPerson{}
	err = r.Scan(&i.ID, &i.ProjectID, &person.UserID, &person.Email, &person.Name, &named, &i.Reason, &i.Status, &i.Commit, jsonColumn{&content}, &i.CreatedBy,
		database.ScanTime(&i.CreatedAt), database.ScanTime(&i.UpdatedAt), database.ScanNullTime(&i.FinishedAt))
	i.Paths, i.Components, i.Notes = append([]string{}, content.Paths...), append([]string{}, content.Components...), append([]string{}, content.Notes...)
	i.Questions = []rampforge.InterviewQuestion{}
	i.Person, i.Unnamed = &person, !named
	return i, err
}

func questionsOf(ctx context.Context, from database.Querier, interviewID string) ([]rampforge.InterviewQuestion, error) {
	rows, err := from.QueryContext(ctx, selectQuestions, interviewID)
	list, err := collect(rows, err, scanQuestion)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(list))
	for i := range list {
		at[list[i].ID] = i
	}
	type version struct {
		rampforge.InterviewAnswer

		question string
	}
	rows, err = from.QueryContext(ctx, selectVersions, interviewID)
	versions, err := scanAll(rows, err, func(v *version) []any {
		return []any{&v.question, &v.FollowUp, &v.Text, database.ScanTime(&v.CreatedAt)}
	})
	for _, v := range versions {
		if i, ok := at[v.question]; ok {
			list[i].Versions = append(list[i].Versions, v.InterviewAnswer)
		}
	}
	return list, err
}

func scanQuestion(r row) (q rampforge.InterviewQuestion, err error) {
	var content questionContent
	var followUp, answer string
	err = r.Scan(&q.ID, jsonColumn{&content}, &q.Status, &followUp, &q.AskedAgain, jsonColumn{&q.Thin}, &answer)
	q.Kind, q.Topic, q.Text, q.Why, q.Case = content.Kind, content.Topic, content.Text, content.Why, content.Case
	q.Probes, q.Needs = append([]rampforge.InterviewProbe{}, content.Probes...), append([]string{}, content.Needs...)
	q.Versions = []rampforge.InterviewAnswer{}
	if followUp != "" {
		q.FollowUp = &followUp
	}
	if answer != "" {
		q.Answer = &answer
	}
	return q, err
}
