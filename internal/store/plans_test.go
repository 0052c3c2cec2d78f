package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// crowded fills a database with records of many resources, and makes a project
// of two of them.
func crowded(t *testing.T, s *store.Store, db *database.DB) (projectID string) {
	t.Helper()
	users := withProjects(t, s)
	p := users.make(1, users.admin)
	numbers, stamp, line, text := `WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 12000)`, `datetime(1700000000 + i, 'unixepoch')`, `char(10)`, `hex(randomblob(1500))`
	if db.Engine() == database.Postgres {
		numbers, stamp, line, text = `WITH g AS (SELECT i FROM generate_series(1, 12000) i)`, `to_timestamp(1700000000 + i)`, `chr(10)`, `repeat(md5(i::text), 55)`
	}
	for _, q := range []string{
		numbers + ` INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, synced_at, type, status, assignees, search)
			SELECT 'svc_' || (i % 2), CASE i % 10 WHEN 0 THEN 'pull_requests' WHEN 1 THEN 'sprints' ELSE 'work_items' END, CAST(i AS TEXT), 'r' || (i % 41), 'K-' || i, 'Title ' || i,
				'todo', ` + stamp + `, ` + text + `, ` + stamp + `, 'Bug', 'Open', ` + line + ` || 'acc' || (i % 50) || ` + line + `, 'title ' || i FROM g`,
		`INSERT INTO sprint_places (service_id, resource_id, id, seen_at) SELECT r.service_id, r.resource_id, r.id, r.synced_at FROM records r WHERE r.stream = 'sprints'`,
		fmt.Sprintf(`INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) SELECT '%s', v.s, v.r, '', CURRENT_TIMESTAMP
			FROM (SELECT 'svc_0' AS s, 'r0' AS r UNION ALL SELECT 'svc_1', 'r1') v`, p.ID),
	} {
		if _, err := db.Write().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err, q)
		}
	}
	if db.Engine() == database.Postgres {
		if _, err := db.Write().ExecContext(t.Context(), `VACUUM ANALYZE records, sprint_places, project_sources`); err != nil {
			t.Fatal(err)
		}
	}
	return p.ID
}

// plan returns how a database runs a statement, a line for each step. PostgreSQL
// is made to choose the records by an index: a table of tests is small enough to
// be read whole, and freshly written, and only of one that is neither it is told
// by the costs that an index has all that it takes.
func plan(t *testing.T, db *database.DB, text string, args ...any) []string {
	t.Helper()
	explain := `EXPLAIN QUERY PLAN `
	tx, err := db.Read().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if db.Engine() == database.Postgres {
		explain = `EXPLAIN `
		for _, way := range []string{"seqscan", "bitmapscan"} {
			if _, err := tx.ExecContext(t.Context(), `SET LOCAL enable_`+way+` = off`); err != nil {
				t.Fatal(err)
			}
		}
	}
	rows, err := tx.QueryContext(t.Context(), explain+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var step string
		var none any
		into := []any{&step}
		if db.Engine() == database.SQLite {
			into = []any{&none, &none, &none, &step}
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, strings.TrimSpace(step))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// TestListsAreReadFromTheirIndex: whatever a list is narrowed by, the records
// that it leaves out are not read, and neither are those of other projects.
func TestListsAreReadFromTheirIndex(t *testing.T) {
	t.Parallel()
	queries := constants(t)
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		project := crowded(t, s, db)
		never, lately := time.Time{}, time.Unix(1700011000, 0).UTC()
		filters := map[string][]any{ // updated_since, status_category, state, type, assignee, search
			"nothing": {never, "", "", "", "", ""}, "since": {lately, "", "", "", "", ""}, "category": {never, "todo", "", "", "", ""},
			"state and type": {never, "", "Open", "Bug", "", ""}, "assignee": {never, "", "", "", "\nacc12\n", ""}, "search": {never, "", "", "", "", "%title 11%"},
			"everything": {lately, "todo", "Open", "Bug", "\nacc12\n", "%title%"},
		}
		for name, filter := range filters {
			for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests} {
				args := append([]any{project, stream}, filter...)
				wantIndexed(t, db, name, plan(t, db, queries["countProjectRecords"], args...))
				for _, offset := range []int{0, 1500} {
					wantIndexed(t, db, fmt.Sprint(name, " from ", offset), plan(t, db, queries["selectProjectRecords"], append(args, 50, offset)...))
				}
			}
		}
		for _, filter := range [][]any{{never, "", ""}, {lately, "active", "%sprint%"}} {
			for _, steps := range [][]string{
				plan(t, db, queries["countProjectSprints"], append([]any{project}, filter...)...),
				plan(t, db, queries["selectProjectSprints"], append(append([]any{project}, filter...), 50, 0)...),
			} {
				for _, step := range steps {
					if strings.Contains(step, "Seq Scan on records") || strings.HasPrefix(step, "SCAN r") || strings.HasPrefix(step, "SCAN k") {
						t.Errorf("sprints by %v: %s\n%s", filter, step, strings.Join(steps, "\n"))
					}
				}
			}
		}
	})
}

// wantIndexed finds the step that chooses the records, and reads no other of
// them whole.
func wantIndexed(t *testing.T, db *database.DB, what string, steps []string) {
	t.Helper()
	chosen := "SEARCH r USING COVERING INDEX records_listed (service_id=? AND resource_id=? AND stream=?"
	if db.Engine() == database.Postgres {
		chosen = "Index Only Scan using records_listed on records r"
	}
	found := false
	for _, step := range steps {
		found = found || strings.Contains(step, chosen)
		if strings.Contains(step, "Seq Scan on records") || strings.HasPrefix(step, "SCAN k") {
			t.Errorf("by %s all records are read: %s", what, step)
		}
	}
	if !found {
		t.Errorf("by %s the records are not chosen in their index:\n%s", what, strings.Join(steps, "\n"))
	}
}

// TestFactsAreComparedInIndexes: what a project's facts are compared with is read
// from indexes, whatever else there is.
func TestFactsAreComparedInIndexes(t *testing.T) {
	t.Parallel()
	queries := constants(t)
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		project := crowded(t, s, db)
		for _, want := range []struct{ steps, index string }{
			{strings.Join(plan(t, db, queries["placeIDs"], "svc_0", "r0", rampforge.StreamWorkItems), "\n"), "records_listed"},
			{strings.Join(plan(t, db, queries["placeContents"], "svc_0", "r0", rampforge.StreamWorkItems), "\n"), "records_listed"},
			{strings.Join(plan(t, db, queries["readSince"], project, time.Unix(1700011000, 0).UTC()), "\n"), "records_raw"},
		} {
			if !strings.Contains(want.steps, want.index) || strings.Contains(want.steps, "TEMP B-TREE") || strings.Contains(want.steps, "Sort") {
				t.Errorf("not by %s:\n%s", want.index, want.steps)
			}
		}
	})
}
