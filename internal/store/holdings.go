package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/nameless"
)

// A holding is where texts lie that may name somebody. Erasure makes them nameless
// and export says which of them name a person: both walk the same list, so that
// neither knows a place that the other does not. A test holds it against the
// schemas: every column of text or bytes is here, or says why it is not.
type holding struct {
	table string
	// page reads rows after a key ($1), in its order, $2 at most: the key, and the
	// columns below. change writes them to the row of a key ($1) as long as they are
	// what was read: the new values come first, and then those.
	page, change string
	columns      []heldColumn
	numbered     bool // the key is a number
}

type heldColumn struct {
	name string
	form heldForm
}

// heldForm is how a column says what it says.
type heldForm int

const (
	heldText heldForm = iota
	heldJSON
	heldKey // a text in lower case
)

const (
	heldRepositories = `SELECT t.id, t.name, COALESCE(t.analysis_error, '') FROM repositories t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameRepositories = `UPDATE repositories SET name = $2, analysis_error = CASE WHEN analysis_error IS NULL THEN NULL ELSE $3 END WHERE id = $1 AND name = $4 AND COALESCE(analysis_error, '') = $5`
	heldAnalyses     = `SELECT t.id, COALESCE(t.error, '') FROM codebase_analyses t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameAnalyses     = `UPDATE codebase_analyses SET error = $2 WHERE id = $1 AND error = $3`
	heldProjects     = `SELECT t.id, t.name, t.description FROM projects t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameProjects     = `UPDATE projects SET name = $2, description = $3 WHERE id = $1 AND name = $4 AND description = $5`
	heldEvents       = `SELECT t.sequence, t.payload FROM events t WHERE t.sequence > $1 ORDER BY t.sequence LIMIT $2`
	nameEvents       = `UPDATE events SET payload = $2 WHERE sequence = $1 AND payload = $3`
	heldResources    = `SELECT t.service_id || ' ' || t.id, t.name FROM resources t WHERE t.service_id || ' ' || t.id > $1 ORDER BY t.service_id || ' ' || t.id LIMIT $2`
	// By its key a vendor's resource is found again; that of an import is its name.
	nameResources = `UPDATE resources SET name = $2, key = CASE WHEN kind = 'import' THEN $2 ELSE key END WHERE service_id || ' ' || id = $1 AND name = $3`
	heldStatuses  = `SELECT t.service_id || ' ' || t.resource_id || ' ' || t.id, t.name FROM tracker_statuses t
		WHERE t.service_id || ' ' || t.resource_id || ' ' || t.id > $1 ORDER BY t.service_id || ' ' || t.resource_id || ' ' || t.id LIMIT $2`
	nameStatuses = `UPDATE tracker_statuses SET name = $2 WHERE service_id || ' ' || resource_id || ' ' || id = $1 AND name = $3`
	heldTasks    = `SELECT t.id, t.message, t.errors, t.notes FROM sync_tasks t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameTasks    = `UPDATE sync_tasks SET message = $2, errors = $3, notes = $4 WHERE id = $1 AND message = $5 AND errors = $6 AND notes = $7`
	heldRemaps   = `SELECT t.id, t.message FROM remaps t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameRemaps   = `UPDATE remaps SET message = $2 WHERE id = $1 AND message = $3`
	heldServices = `SELECT t.id, t.name, t.name_key, COALESCE(t.last_error, '') FROM services t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameServices = `UPDATE services SET name = $2, name_key = CASE WHEN EXISTS (SELECT 1 FROM services o WHERE o.name_key = $3 AND o.id <> $1) THEN $3 || ' ' || id ELSE $3 END,
		last_error = CASE WHEN last_error IS NULL THEN NULL ELSE $4 END WHERE id = $1 AND name = $5 AND name_key = $6 AND COALESCE(last_error, '') = $7`
	heldDeliveries = `SELECT t.service_id || ' ' || t.id, t.changes FROM webhook_deliveries t WHERE t.service_id || ' ' || t.id > $1 ORDER BY t.service_id || ' ' || t.id LIMIT $2`
	nameDeliveries = `UPDATE webhook_deliveries SET changes = $2 WHERE service_id || ' ' || id = $1 AND changes = $3`
	heldWorkflow   = `SELECT t.project_id, t.settings FROM workflow_settings t WHERE t.project_id > $1 ORDER BY t.project_id LIMIT $2`
	nameWorkflow   = `UPDATE workflow_settings SET settings = $2 WHERE project_id = $1 AND settings = $3`
	heldImports    = `SELECT t.id, t.name, t.name_key, t.skipped FROM imports t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	// Two imports whose names become one both stay.
	nameImports = `UPDATE imports SET name = $2, skipped = $4,
		name_key = CASE WHEN EXISTS (SELECT 1 FROM imports o WHERE o.project_id = imports.project_id AND o.name_key = $3 AND o.id <> $1) THEN $3 || ' ' || id ELSE $3 END
		WHERE id = $1 AND name = $5 AND name_key = $6 AND skipped = $7`
	heldFigures    = `SELECT t.project_id || ' ' || t.figure, t.value FROM team_figures t WHERE t.project_id || ' ' || t.figure > $1 ORDER BY t.project_id || ' ' || t.figure LIMIT $2`
	nameFigures    = `UPDATE team_figures SET value = $2 WHERE project_id || ' ' || figure = $1 AND value = $3`
	heldTalks      = `SELECT t.id, t.title FROM conversations t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameTalks      = `UPDATE conversations SET title = $2 WHERE id = $1 AND title = $3`
	heldAnswers    = `SELECT t.id, t.question, t.feedback_note, t.content FROM answers t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameAnswers    = `UPDATE answers SET question = $2, feedback_note = $3, content = $4 WHERE id = $1 AND question = $5 AND feedback_note = $6 AND content = $7`
	heldInterviews = `SELECT t.id, t.content FROM interviews t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameInterviews = `UPDATE interviews SET content = $2 WHERE id = $1 AND content = $3`
	heldAsked      = `SELECT t.id, t.follow_up, t.answer, t.content, t.thin FROM interview_questions t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameAsked      = `UPDATE interview_questions SET follow_up = $2, answer = $3, content = $4, thin = $5 WHERE id = $1 AND follow_up = $6 AND answer = $7 AND content = $8 AND thin = $9`
	heldVersions   = `SELECT t.id, t.follow_up, t.answer FROM interview_answers t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameVersions   = `UPDATE interview_answers SET follow_up = $2, answer = $3 WHERE id = $1 AND follow_up = $4 AND answer = $5`
	heldKnowledge  = `SELECT t.id, t.title, t.body, t.question FROM knowledge_items t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameKnowledge  = `UPDATE knowledge_items SET title = $2, body = $3, question = $4 WHERE id = $1 AND title = $5 AND body = $6 AND question = $7`
	heldLinks      = `SELECT t.id, t.detail FROM knowledge_links t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameLinks      = `UPDATE knowledge_links SET detail = $2 WHERE id = $1 AND detail = $3`
	heldRuns       = `SELECT t.id, COALESCE(t.error, '') FROM document_runs t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameRuns       = `UPDATE document_runs SET error = $2 WHERE id = $1 AND error = $3`
	heldDocuments  = `SELECT t.project_id || ' ' || t.kind, t.title, t.not_found FROM generated_documents t WHERE t.project_id || ' ' || t.kind > $1 ORDER BY t.project_id || ' ' || t.kind LIMIT $2`
	nameDocuments  = `UPDATE generated_documents SET title = $2, not_found = $3 WHERE project_id || ' ' || kind = $1 AND title = $4 AND not_found = $5`
	heldSections   = `SELECT t.project_id || ' ' || t.kind || ' ' || t.key, t.content FROM document_sections t
		WHERE t.project_id || ' ' || t.kind || ' ' || t.key > $1 ORDER BY t.project_id || ' ' || t.kind || ' ' || t.key LIMIT $2`
	nameSections   = `UPDATE document_sections SET content = $2 WHERE project_id || ' ' || kind || ' ' || key = $1 AND content = $3`
	heldNarratives = `SELECT t.repository_id || ' ' || t.subject, t.body, t.note, t.citations FROM narratives t
		WHERE t.repository_id || ' ' || t.subject > $1 ORDER BY t.repository_id || ' ' || t.subject LIMIT $2`
	nameNarratives = `UPDATE narratives SET body = $2, note = $3, citations = $4 WHERE repository_id || ' ' || subject = $1 AND body = $5 AND note = $6 AND citations = $7`
	heldFacts      = `SELECT t.project_id, t.message FROM workflows t WHERE t.project_id > $1 ORDER BY t.project_id LIMIT $2`
	nameFacts      = `UPDATE workflows SET message = $2 WHERE project_id = $1 AND message = $3`
	heldScopes     = `SELECT t.number, t.message, t.embed_note FROM search_scopes t WHERE t.number > $1 ORDER BY t.number LIMIT $2`
	nameScopes     = `UPDATE search_scopes SET message = $2, embed_note = $3 WHERE number = $1 AND message = $4 AND embed_note = $5`
	heldDescribed  = `SELECT t.repository_id, t.message FROM narrative_states t WHERE t.repository_id > $1 ORDER BY t.repository_id LIMIT $2`
	nameDescribed  = `UPDATE narrative_states SET message = $2 WHERE repository_id = $1 AND message = $3`
	heldAudit      = `SELECT t.id, t.target_id, t.details FROM audit_log t WHERE t.id > $1 ORDER BY t.id LIMIT $2`
	nameAudit      = `UPDATE audit_log SET target_id = $2, details = $3 WHERE id = $1 AND target_id = $4 AND details = $5`
)

// holdings are all of them but for those that have a walk of their own: the records
// of services, what is searched, and what analyses keep packed.
var holdings = []holding{
	{table: "repositories", page: heldRepositories, change: nameRepositories, columns: texts("name", "analysis_error")},
	{table: "codebase_analyses", page: heldAnalyses, change: nameAnalyses, columns: texts("error")},
	{table: "projects", page: heldProjects, change: nameProjects, columns: texts("name", "description")},
	{table: "events", page: heldEvents, change: nameEvents, columns: documentsAfter(nil, "payload"), numbered: true},
	{table: "resources", page: heldResources, change: nameResources, columns: texts("name")},
	{table: "tracker_statuses", page: heldStatuses, change: nameStatuses, columns: texts("name")},
	{table: "sync_tasks", page: heldTasks, change: nameTasks, columns: documentsAfter(texts("message"), "errors", "notes")},
	{table: "remaps", page: heldRemaps, change: nameRemaps, columns: texts("message")},
	{table: "services", page: heldServices, change: nameServices, columns: []heldColumn{{"name", heldText}, {"name_key", heldKey}, {"last_error", heldText}}},
	{table: "webhook_deliveries", page: heldDeliveries, change: nameDeliveries, columns: documentsAfter(nil, "changes")},
	{table: "workflow_settings", page: heldWorkflow, change: nameWorkflow, columns: documentsAfter(nil, "settings")},
	{table: "imports", page: heldImports, change: nameImports, columns: documentsAfter(append(texts("name"), heldColumn{"name_key", heldKey}), "skipped")},
	{table: "team_figures", page: heldFigures, change: nameFigures, columns: documentsAfter(nil, "value")},
	{table: "conversations", page: heldTalks, change: nameTalks, columns: texts("title")},
	{table: "answers", page: heldAnswers, change: nameAnswers, columns: documentsAfter(texts("question", "feedback_note"), "content")},
	{table: "interviews", page: heldInterviews, change: nameInterviews, columns: documentsAfter(nil, "content")},
	{table: "interview_questions", page: heldAsked, change: nameAsked, columns: documentsAfter(texts("follow_up", "answer"), "content", "thin")},
	{table: "interview_answers", page: heldVersions, change: nameVersions, columns: texts("follow_up", "answer")},
	{table: "knowledge_items", page: heldKnowledge, change: nameKnowledge, columns: texts("title", "body", "question")},
	{table: "knowledge_links", page: heldLinks, change: nameLinks, columns: texts("detail")},
	{table: "document_runs", page: heldRuns, change: nameRuns, columns: texts("error")},
	{table: "generated_documents", page: heldDocuments, change: nameDocuments, columns: documentsAfter(texts("title"), "not_found")},
	{table: "document_sections", page: heldSections, change: nameSections, columns: documentsAfter(nil, "content")},
	{table: "narratives", page: heldNarratives, change: nameNarratives, columns: documentsAfter(texts("body", "note"), "citations")},
	{table: "workflows", page: heldFacts, change: nameFacts, columns: texts("message")},
	{table: "search_scopes", page: heldScopes, change: nameScopes, columns: texts("message", "embed_note"), numbered: true},
	{table: "narrative_states", page: heldDescribed, change: nameDescribed, columns: texts("message")},
	{table: "audit_log", page: heldAudit, change: nameAudit, columns: documentsAfter(texts("target_id"), "details")},
}

func texts(names ...string) (columns []heldColumn) {
	for _, n := range names {
		columns = append(columns, heldColumn{n, heldText})
	}
	return columns
}

func documentsAfter(columns []heldColumn, names ...string) []heldColumn {
	for _, n := range names {
		columns = append(columns, heldColumn{n, heldJSON})
	}
	return columns
}

// heldAtOnce is how many rows are looked through in one step.
const heldAtOnce = 200

// heldRow is a row of a holding.
type heldRow struct {
	key    string
	values []string
}

// pageOf reads rows of a holding after a key; "" is the beginning.
func (s *Store) pageOf(ctx context.Context, h *holding, after string) ([]heldRow, error) {
	from := any(after)
	if h.numbered {
		number, err := strconv.ParseInt("0"+after, 10, 64)
		if err != nil {
			return nil, err
		}
		from = number
	}
	rows, err := s.query(ctx, h.page, from, heldAtOnce)
	return collect(rows, err, func(r row) (heldRow, error) {
		v := heldRow{values: make([]string, len(h.columns))}
		into := []any{&v.key}
		for i := range v.values {
			into = append(into, &v.values[i])
		}
		err := r.Scan(into...)
		return v, err
	})
}

// without returns the values of a row as they are without the names, and whether
// they are others. A text of JSON that is none is a text.
func (h *holding) without(names *nameless.Register, r heldRow) (now []string, changed bool) {
	now = make([]string, len(r.values))
	for i, was := range r.values {
		var other bool
		if now[i], other = h.columns[i].without(names, was); other {
			changed = true
		}
	}
	return now, changed
}

func (c heldColumn) without(names *nameless.Register, was string) (now string, changed bool) {
	if c.form == heldJSON {
		if text, changed, err := names.JSON([]byte(was)); err == nil {
			return string(text), changed
		}
	}
	now, changed = names.Text(was)
	if changed && c.form == heldKey {
		now = strings.ToLower(now)
	}
	return now, changed
}

// eraseHeld makes a page of a holding nameless and returns the key after which the
// next begins, "" for none, and how many rows changed. A row that somebody else
// changes meanwhile is left for the next pass.
func (s *Store) eraseHeld(ctx context.Context, h *holding, after string) (next string, n int, err error) {
	page, err := s.pageOf(ctx, h, after)
	if err != nil || len(page) == 0 {
		return "", 0, err
	}
	erased, err := s.Erased(ctx)
	if err != nil {
		return "", 0, err
	}
	var changes [][]any
	for _, r := range page {
		now, other := h.without(erased.Names(), r)
		if !other {
			continue
		}
		key := any(r.key)
		if h.numbered {
			if key, err = strconv.ParseInt(r.key, 10, 64); err != nil {
				return "", 0, err
			}
		}
		args := []any{key}
		for _, list := range [][]string{now, r.values} {
			for _, v := range list {
				args = append(args, v)
			}
		}
		changes = append(changes, args)
	}
	next = page[len(page)-1].key
	if len(changes) == 0 {
		return next, 0, nil
	}
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		n = 0
		for _, args := range changes {
			won, err := changed(tx.ExecContext(ctx, h.change, args...))
			if err != nil {
				return fmt.Errorf("making %s nameless: %w", h.table, err)
			}
			if won {
				n++
			}
		}
		return nil
	})
	return next, n, err
}
