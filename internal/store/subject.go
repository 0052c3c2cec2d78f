package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// section is one list of what is kept of a person: its rows by column. Each text
// takes the account's id as $1 and, where it has one, an address as $2.
type section struct {
	name, text string
	byAddress  bool // asked once for each address
}

// What is kept of a person: $1 is the id of their account, $2 an address of theirs.
const (
	subjectAccount          = `SELECT u.id, u.email, u.name, u.role, u.is_active, u.skills, u.learning_progress, u.timezone, u.named_as_expert, u.created_at, u.updated_at, u.last_active FROM users u WHERE u.id = $1`
	subjectSessions         = `SELECT s.id, s.device, s.address, s.created_at, s.last_used, s.expires_at, s.revoked_at, s.revoked_why FROM user_sessions s WHERE s.user_id = $1 ORDER BY s.created_at`
	subjectAPITokens        = `SELECT t.id, t.name, t.prefix, t.scopes, t.created_at, t.expires_at, t.last_used, t.revoked_at FROM api_tokens t WHERE t.user_id = $1 ORDER BY t.created_at`
	subjectConversations    = `SELECT c.id, c.project_id, c.title, c.bookmarked, c.created_at, c.updated_at FROM conversations c WHERE c.user_id = $1 ORDER BY c.created_at`
	subjectAnswers          = `SELECT a.id, a.conversation_id, a.question, a.content, a.feedback, a.feedback_note, a.asked_at FROM answers a JOIN conversations c ON c.id = a.conversation_id WHERE c.user_id = $1 ORDER BY a.asked_at`
	subjectInterviews       = `SELECT i.id, i.project_id, i.email, i.reason, i.status, i.content, i.created_at, i.updated_at, i.finished_at FROM interviews i WHERE i.user_id = $1 OR i.email_key = $2 ORDER BY i.created_at`
	subjectInterviewAnswers = `SELECT v.id, q.interview_id, v.question_id, q.content AS question, v.version, v.follow_up, v.answer, v.created_at
		FROM interview_answers v JOIN interview_questions q ON q.id = v.question_id JOIN interviews i ON i.id = q.interview_id WHERE i.user_id = $1 OR i.email_key = $2 ORDER BY v.created_at, v.id`
	subjectKnowledge   = `SELECT k.id, k.project_id, k.title, k.body, k.question, k.state, k.created_at, k.updated_at, k.approved_at FROM knowledge_items k WHERE k.author_id = $1 ORDER BY k.created_at`
	subjectMemberships = `SELECT m.project_id, p.name AS project, m.email, m.added_at FROM project_members m JOIN projects p ON p.id = m.project_id WHERE m.user_id = $1 OR m.email_key = $2 ORDER BY m.added_at`
	subjectInvitations = `SELECT i.email, i.role, i.created_at FROM invitations i WHERE i.email_key = $2 OR i.invited_by = $1 AND i.email_key = $2 ORDER BY i.created_at`
	subjectMade        = `SELECT 'project' AS what, p.id, p.name, p.created_at FROM projects p WHERE p.created_by = $1
		UNION ALL SELECT 'repository', r.id, r.name, r.created_at FROM repositories r WHERE r.created_by = $1
		UNION ALL SELECT 'service', s.id, s.name, s.created_at FROM services s WHERE s.created_by = $1`
	subjectModelUsage = `SELECT m.day, m.requests, m.input, m.output, m.thinking FROM model_usage m WHERE m.user_id = $1 ORDER BY m.day`
	subjectAuditLog   = `SELECT a.id, a.at, a.action, a.target_id, a.address, a.request_id, a.success, a.details, a.actor_id = $1 AS by_the_person FROM audit_log a WHERE a.actor_id = $1 OR a.target_id = $1 OR a.target_id = $2 ORDER BY a.at, a.id`
	subjectSignatures = `SELECT s.source, s.email, s.name, s.account_id FROM signatures s WHERE lower(s.email) = $2 OR lower(s.proper) = $2 AND $1 = $1 ORDER BY s.source, s.email, s.name`
)

// sections are what is kept of a person besides who they are and their work. No
// hash of a password or token is in them.
var sections = []section{
	{name: "account", text: subjectAccount},
	{name: "sessions", text: subjectSessions},
	{name: "api_tokens", text: subjectAPITokens},
	{name: "conversations", text: subjectConversations},
	{name: "answers", text: subjectAnswers},
	{name: "interviews", byAddress: true, text: subjectInterviews},
	{name: "interview_answers", byAddress: true, text: subjectInterviewAnswers},
	{name: "knowledge", text: subjectKnowledge},
	{name: "memberships", byAddress: true, text: subjectMemberships},
	{name: "invitations", byAddress: true, text: subjectInvitations},
	{name: "made", text: subjectMade},
	{name: "model_usage", text: subjectModelUsage},
	{name: "audit_log", byAddress: true, text: subjectAuditLog},
	{name: "signatures", byAddress: true, text: subjectSignatures},
}

// moments, documents and switches are the columns that are not plain text or
// numbers.
var (
	moments   = []string{"at", "created_at", "updated_at", "last_active", "last_used", "expires_at", "revoked_at", "asked_at", "finished_at", "approved_at", "added_at"}
	documents = []string{"skills", "learning_progress", "scopes", "content", "details"}
	switches  = []string{"is_active", "named_as_expert", "bookmarked", "success", "by_the_person"}
)

// SubjectSection is one list of what is kept of a person.
type SubjectSection struct {
	Name string
	Rows []map[string]any
}

// SubjectSections reads what is kept of a person, a list at a time, but for the
// records of their work.
func (s *Store) SubjectSections(ctx context.Context, v Subject, visit func(SubjectSection) error) error {
	userID := "-" // nobody's
	if v.User != nil {
		userID = v.User.ID
	}
	for _, c := range sections {
		out := SubjectSection{Name: c.name, Rows: []map[string]any{}}
		asked := [][]any{{userID}}
		if c.byAddress {
			asked = [][]any{{userID, "-"}} // by the account alone
		}
		if c.byAddress && len(v.Addresses) > 0 {
			asked = nil
			for _, address := range v.Addresses {
				asked = append(asked, []any{userID, address})
			}
		}
		seen := map[string]bool{}
		for _, args := range asked {
			rows, err := s.query(ctx, c.text, args...)
			list, err := plainRows(rows, err)
			if err != nil {
				return err
			}
			for _, row := range list {
				key, err := json.Marshal(row)
				if err != nil {
					return err
				}
				if !seen[string(key)] { // found by the account and by an address
					seen[string(key)] = true
					out.Rows = append(out.Rows, row)
				}
			}
		}
		if err := visit(out); err != nil {
			return err
		}
	}
	return nil
}

// plainRows reads rows by the names of their columns.
func plainRows(rows *sql.Rows, err error) ([]map[string]any, error) {
	if err != nil {
		return nil, err
	}
	columns, err := rows.Columns()
	return collect(rows, err, func(r row) (map[string]any, error) {
		into := make([]any, len(columns))
		for n, name := range columns {
			switch {
			case slices.Contains(moments, name):
				into[n] = &database.Time{}
			case slices.Contains(switches, name):
				into[n] = new(bool)
			default:
				into[n] = new(any)
			}
		}
		if err := r.Scan(into...); err != nil {
			return nil, err
		}
		out := map[string]any{}
		for n, name := range columns {
			switch value := into[n].(type) {
			case *database.Time:
				out[name] = value.Ptr()
			case *bool:
				out[name] = *value
			case *any:
				out[name] = plainValue(name, *value)
			}
		}
		return out, nil
	})
}

func plainValue(column string, value any) any {
	if bytes, ok := value.([]byte); ok {
		value = string(bytes)
	}
	if text, ok := value.(string); ok && json.Valid([]byte(text)) && (slices.Contains(documents, column) || column == "question" && strings.HasPrefix(text, "{")) {
		return json.RawMessage(text)
	}
	return value
}

// SubjectRecord is a record of a vendor in which a person is named.
type SubjectRecord struct {
	ServiceID string           `json:"service_id"`
	Stream    rampforge.Stream `json:"stream"`
	ID        string           `json:"id"`
	Key       string           `json:"key"`
	Title     string           `json:"title"`
	UpdatedAt time.Time        `json:"updated_at"`
	Roles     []string         `json:"roles"`
	Comments  []SubjectComment `json:"comments,omitempty"` // of their own
}

// SubjectComment is what a person wrote.
type SubjectComment struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// SubjectRecords hands on the records in which a person is named, by accounts of
// services and by addresses of commits, with what they are there as, and what
// they wrote there. What others did and wrote is left out.
func (s *Store) SubjectRecords(ctx context.Context, v Subject, visit func(SubjectRecord) error) error {
	rows, err := s.query(ctx, recordServices)
	services, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	if err != nil {
		return err
	}
	for _, service := range services {
		is := v.in(service)
		err := s.eachRecord(ctx, service, func(page []keptRecord) error {
			for i := range page {
				if found, ok := is.named(service, &page[i].Record); ok {
					if err := visit(found); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// subjectIn is how a person is known in a service.
type subjectIn struct {
	accounts, addresses map[string]bool
}

func (v *Subject) in(service string) subjectIn {
	is := subjectIn{accounts: map[string]bool{}, addresses: map[string]bool{}}
	for _, a := range v.Accounts {
		if a.ServiceID == service {
			is.accounts[a.ID] = true
		}
	}
	for _, a := range v.Addresses {
		is.addresses[a] = true
	}
	return is
}

func (is subjectIn) account(a *rampforge.Account) bool {
	return a != nil && (is.accounts[a.ID] || a.Email != "" && is.addresses[EmailKey(a.Email)])
}

func (is subjectIn) named(service string, r *rampforge.Record) (SubjectRecord, bool) {
	var roles []string
	visitAccounts(r, func(role string, a *rampforge.Account) {
		if is.account(a) && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	})
	if c := r.Commit; c != nil {
		for role, v := range map[string]rampforge.Signature{"authored": c.Author, "committed": c.Committer} {
			if is.addresses[EmailKey(v.Email)] && !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	if len(roles) == 0 {
		return SubjectRecord{}, false
	}
	slices.Sort(roles)
	p := projection(r)
	found := SubjectRecord{ServiceID: service, Stream: r.Stream, ID: r.ID, Key: p.key, Title: p.title, UpdatedAt: r.UpdatedAt.UTC(), Roles: roles}
	var comments []rampforge.Comment
	switch {
	case r.WorkItem != nil:
		comments = r.WorkItem.Comments
	case r.PullRequest != nil:
		comments = r.PullRequest.Comments
	}
	for _, c := range comments {
		if is.account(c.Author) {
			found.Comments = append(found.Comments, SubjectComment{At: c.CreatedAt.UTC(), Text: c.Body})
		}
	}
	return found, true
}
