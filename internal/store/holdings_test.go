package store_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// elsewhere are the columns of text or bytes that are not in the list of an erasure,
// by the reason for it. A name of a table alone is all of its columns.
var elsewhere = map[string]string{
	"erased with the person, in one transaction": `accounts.login accounts.name accounts.email signatures.source signatures.email signatures.name signatures.proper
		identities.born identities.login identities.name identities.email identities.subject people.name people.name_key person_suggestions.reasons
		users.email users.email_key users.name users.password_hash users.skills users.learning_progress users.timezone
		invitations.email invitations.email_key project_members.email project_members.email_key interviews.email interviews.email_key
		user_sessions.device user_sessions.address audit_log.address`,
	"walked in a way of its own": `records.content records.assignees records.search records.title records.key records.state records.raw records.status records.type
		passages.title passages.names passages.body codebase_analyses.report codebase_analyses.report_etag code_indexes.content`,
	"made anew of what was made nameless": `workflow_packs.data workflow_reports.report workflow_reports.summary workflow_reports.etag workflows.remake
		search_terms.term passage_terms passage_terms_config passage_terms_data passage_terms_docsize passage_terms_idx`,
	"an id, by which things are found again": `accounts.id accounts.service_id answers.id answers.conversation_id api_tokens.id api_tokens.user_id audit_log.id audit_log.actor_id audit_log.request_id
		code_indexes.analysis_id code_indexes.repository_id codebase_analyses.id codebase_analyses.repository_id codebase_analyses.requested_by
		conversations.id conversations.project_id conversations.user_id document_runs.id document_runs.project_id document_runs.repository_id document_runs.requested_by
		document_sections.project_id events.repository_id events.user_id generated_documents.project_id
		identities.id identities.person_id identities.service_id identity_decisions.a identity_decisions.b identity_decisions.decided_by
		imports.id imports.project_id imports.created_by installation.first_user interview_answers.id interview_answers.question_id
		interview_questions.id interview_questions.interview_id interviews.id interviews.project_id interviews.user_id interviews.created_by invitations.invited_by
		knowledge_items.id knowledge_items.approved_by knowledge_items.author_id knowledge_items.interview_id knowledge_items.project_id knowledge_items.question_id
		knowledge_links.id knowledge_links.item_id knowledge_links.repository_id missing_ids model_usage.user_id narrative_states.repository_id narratives.repository_id
		people.id people.merged_into people.user_id person_suggestions.a person_suggestions.b person_suggestions.id project_members.project_id project_members.user_id
		project_sources.project_id project_sources.resource_id project_sources.service_id projects.id projects.created_by projects.repository_id
		records.id records.resource_id records.service_id records.stream remaps.id remaps.requested_by remaps.service_id repositories.id repositories.created_by repositories.service_id
		resources.id resources.service_id search_scopes.project_id search_scopes.repository_id search_scopes.resource_id search_scopes.service_id
		service_tools.approved_by service_tools.service_id services.id services.created_by signatures.account_id sprint_places
		sync_cursors.resource_id sync_cursors.service_id sync_cursors.stream sync_cursors.task_id sync_cursors.compared_by sync_cursors.done_by
		sync_run_tasks sync_runs sync_tasks.id sync_tasks.requested_by sync_tasks.service_id team_figures.project_id
		tracker_statuses.id tracker_statuses.resource_id tracker_statuses.service_id unread_ids used_refresh_tokens.session_id user_sessions.id user_sessions.user_id users.id
		webhook_deliveries.id webhook_deliveries.service_id webhook_queues workflow_packs.project_id workflow_reports.project_id workflow_settings.project_id workflow_settings.updated_by workflows.project_id`,
	"one of the program's own words": `answers.feedback api_tokens.scopes audit_log.action backfills.name codebase_analyses.status codebase_analyses.progress
		document_runs.changed document_runs.kinds document_runs.progress document_runs.status document_sections.key document_sections.kind
		generated_documents.changed generated_documents.kind generated_documents.made_of identities.host identities.kind identities.vendor imports.format imports.state
		interview_questions.status interviews.reason interviews.status invitations.role knowledge_items.state knowledge_links.seen knowledge_links.state model_usage.day
		narrative_states.status narratives.model passages.kind passages.version project_sources.wish projects.pm_tool projects.status remaps.position remaps.status
		repositories.analysis_status repositories.type resources.kind resources.streams search_scopes.status service_tools.kind services.service_type services.status services.transport
		sync_tasks.forced sync_tasks.service_type sync_tasks.status team_figures.figure team_figures.period tracker_statuses.category user_sessions.revoked_why users.role
		webhook_deliveries.event workflow_packs.kind workflows.status embedding_spaces.name rate_counts.ends`,
	"the name of a process": `codebase_analyses.owner document_runs.owner narrative_states.owner remaps.owner search_scopes.owner sync_tasks.owner workflows.owner`,
	"a digest, a hash or a key": `api_tokens.hash api_tokens.prefix codebase_analyses.commit_hash document_sections.sources_hash embeddings erasure_key erasures.digest
		generated_documents.commit_hash interviews.commit_hash knowledge_links.commit_hash knowledge_links.lines_hash narrative_states.commit_hash narratives.cited narratives.commit_hash
		passages.commit_hash rate_counts.key search_scopes.commit_hash services.sealed services.sealed_key used_refresh_tokens.hash user_sessions.refresh_hash webhook_deliveries.digest`,
	"a pseudonym":              `erasures.pseudonym backfills.position`,
	"kept, as the docs say":    `api_tokens.name service_tools.definition service_tools.description service_tools.title service_tools.name service_tools.hash service_tools.approved_hash services.credentials`,
	"settled by who set it up": `services.scope services.server codebase_analyses.options`,
	"an address, a path or a name of code, by which things are found again": `knowledge_links.moved knowledge_links.path knowledge_links.symbol narratives.places narratives.subject
		passages.key passages.path passages.paths passages.symbol passages.url projects.pm_project_key projects.repository_url repositories.default_branch repositories.url
		resources.key resources.match_key resources.match_url resources.url services.endpoint sync_cursors.position sync_tasks.progress sync_tasks.resources`,
	"of the queue, which keeps ids and prunes what is over": `river_client river_client_queue river_job river_leader river_migration river_queue`,
}

// TestEveryTextIsHeld: whoever adds a column says whether an erasure looks into it.
func TestEveryTextIsHeld(t *testing.T) {
	t.Parallel()
	known := map[string]string{}
	for reason, names := range elsewhere {
		for name := range strings.FieldsSeq(names) {
			if was := known[name]; was != "" {
				t.Errorf("%s is there twice: %s, and %s", name, was, reason)
			}
			known[name] = reason
		}
	}
	for table, columns := range store.HeldColumns() {
		for _, c := range columns {
			if known[table+"."+c] != "" {
				t.Errorf("%s.%s is in the list, and is not: %s", table, c, known[table+"."+c])
			}
			known[table+"."+c] = "in the list"
		}
	}
	storetest.Each(t, func(t *testing.T, _ *store.Store, db *database.DB) {
		there := map[string]bool{}
		for _, name := range textColumns(t, db) {
			table, _, _ := strings.Cut(name, ".")
			there[name], there[table] = true, true
			if known[name] == "" && known[table] == "" {
				t.Errorf("%s may hold a name, and no erasure looks into it: put it into the list, or say here why not", name)
			}
		}
		for name := range known {
			if !there[name] && !strings.HasPrefix(name, "passage_terms_") && name != "rate_counts.ends" { // of one database alone
				t.Errorf("%s is no column of text", name)
			}
		}
	})
}

// textColumns are the columns of a schema that can hold a text or bytes.
func textColumns(t *testing.T, db *database.DB) []string {
	t.Helper()
	query := `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.type NOT IN ('INTEGER', 'BIGINT', 'BOOLEAN', 'TIMESTAMP', 'DOUBLE PRECISION', 'REAL', 'DATETIME') ORDER BY 1`
	if db.Engine() == database.Postgres {
		query = `SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c WHERE c.table_schema = current_schema()
			AND c.data_type NOT IN ('bigint', 'integer', 'smallint', 'boolean', 'timestamp with time zone', 'timestamp without time zone', 'double precision', 'real') ORDER BY 1`
	}
	rows, err := db.Read().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestHeldStatementsRun runs the statements of every holding on both databases.
func TestHeldStatementsRun(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		if err := store.TryHeld(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}
