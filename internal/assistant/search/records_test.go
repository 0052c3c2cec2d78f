package search_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// desk is a store with a project that is bound to the resource "r" of the service
// "svc", which a test plays the sync of.
type desk struct {
	*store.Store

	t       *testing.T
	db      *database.DB
	project string
	member  rampforge.User
	job     int64
	now     time.Time
}

func each(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		d := &desk{Store: s, t: t, db: db, project: store.NewID("prj"), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		var err error
		d.member, err = s.CreateUser(t.Context(), store.Registration{Email: "ann@example.com", Name: "Ann", PasswordHash: "x", Role: rampforge.RoleDeveloper, At: d.now})
		d.must(err)
		d.exec(`INSERT INTO projects (id, name, created_by, created_at, updated_at) VALUES ($1, 'Shop', $2, $3, $3)`, d.project, d.member.ID, d.now)
		d.bind()
		test(t, d)
	})
}

func (d *desk) bind() {
	d.t.Helper()
	d.exec(`INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, 'svc', 'r', '', $2)`, d.project, d.now)
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) exec(text string, args ...any) {
	d.t.Helper()
	_, err := d.db.Write().ExecContext(d.t.Context(), text, args...)
	d.must(err)
}

func (d *desk) enqueue(context.Context, *sql.Tx, string) (int64, error) {
	d.job++
	return d.job, nil
}

// sync plays a sync that reads some records and finds others gone.
func (d *desk) sync(records []rampforge.Record, gone ...string) {
	d.t.Helper()
	d.now = d.now.Add(time.Hour)
	ctx := d.t.Context()
	var run rampforge.SyncRun
	d.must(d.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = d.StartSyncTx(ctx, tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{{ID: "svc", Type: rampforge.ServiceJira}}, RequestedBy: "usr_x", At: d.now}, d.enqueue)
		return err
	}))
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: d.job, Owner: "one"}
	_, _, err := d.ClaimSync(ctx, c, d.now, d.now)
	d.must(err)
	for _, r := range records {
		r.Raw = []byte(`{}`)
		at, err := d.Position(ctx, store.Place{ServiceID: "svc", ResourceID: "r", Stream: r.Stream})
		d.must(err)
		d.must(d.PutPage(ctx, c, &at, []rampforge.Record{r}, []byte(`1`), nil, d.now))
	}
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamDocuments} {
		_, err := d.Bury(ctx, c, store.Place{ServiceID: "svc", ResourceID: "r", Stream: stream}, gone, nil, d.now, d.now)
		d.must(err)
	}
	d.must(d.FinishSync(ctx, c, store.SyncEnd{Status: rampforge.SyncCompleted}, d.now, d.enqueue))
}

// index brings what is due up to date, and says how many scopes that was.
func (d *desk) index() (refreshed int) {
	d.t.Helper()
	d.now = d.now.Add(time.Minute)
	ctx := d.t.Context()
	indexer := &search.Indexer{Store: d.Store, Now: func() time.Time { return d.now }}
	var due []store.SearchClaim
	d.must(d.QueueSearch(ctx, func(_ context.Context, _ *sql.Tx, scope int64) (int64, error) {
		d.job++
		due = append(due, store.SearchClaim{Scope: scope, JobID: d.job, Owner: "one"})
		return d.job, nil
	}, 10, d.now))
	for _, c := range due {
		was, claimed, err := d.ClaimSearch(ctx, c, d.now, d.now)
		d.must(err)
		if !claimed {
			d.t.Fatal("the scope is not to be had")
		}
		d.must(indexer.Refresh(ctx, c, was))
	}
	return len(due)
}

// found are the titles of what a member finds, best first.
func (d *desk) found(question string) string {
	d.t.Helper()
	found, err := search.Ask(d.t.Context(), d.Store, store.ViewerOf(d.member), d.project, search.Question{Text: question})
	d.must(err)
	titles := make([]string, len(found.Hits))
	for i := range found.Hits {
		titles[i] = found.Hits[i].Title
	}
	return strings.Join(titles, ", ")
}

func (d *desk) finds(want map[string]string) {
	d.t.Helper()
	for question, titles := range want {
		if got := d.found(question); got != titles {
			d.t.Errorf("%q finds %q, want %q", question, got, titles)
		}
	}
}

// ids are those of the passages of a record, in the order of their writing.
func (d *desk) ids(key string) (ids []int64) {
	d.t.Helper()
	rows, err := d.db.Read().QueryContext(d.t.Context(), `SELECT id FROM passages WHERE key = $1 ORDER BY id`, key)
	d.must(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		d.must(rows.Scan(&id))
		ids = append(ids, id)
	}
	d.must(rows.Err())
	return ids
}

func workItem(id, title, body string, comments ...string) rampforge.Record {
	at := time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)
	w := &rampforge.WorkItem{Key: "SHOP-" + id, Type: "Bug", Title: title, Body: body, URL: "https://tracker.example.com/SHOP-" + id, Labels: []string{"checkout"},
		Links: []rampforge.WorkItemLink{{Kind: "blocks", ID: "77", Key: "SHOP-77"}}, CreatedAt: at, UpdatedAt: at}
	for i, text := range comments {
		w.Comments = append(w.Comments, rampforge.Comment{ID: fmt.Sprint(i), Body: text, CreatedAt: at.Add(time.Duration(i) * time.Hour)})
	}
	return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: id, UpdatedAt: at, WorkItem: w}
}

func page(id, title, body string, restricted bool) rampforge.Record {
	at := time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)
	return rampforge.Record{Stream: rampforge.StreamDocuments, ID: id, UpdatedAt: at, Document: &rampforge.Document{Title: title, URL: "https://wiki.example.com/" + id,
		Body: body, Format: "storage", Ancestors: []string{"Handbook"}, Restricted: restricted, UpdatedAt: at}}
}

const runbook = `<h1>Deploying</h1><p>Ask the <strong>release captain</strong> before you deploy.</p>
<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">bash</ac:parameter><ac:plain-text-body><![CDATA[kubectl rollout restart <deployment> && echo "done"]]></ac:plain-text-body></ac:structured-macro>
<h2>Rollback</h2><p>The previous image is kept for a fortnight.</p>`

// TestRecordsAreFound by what they say and what is said on them, and lead back to
// where they stand.
func TestRecordsAreFound(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		at := time.Date(2026, 2, 2, 8, 0, 0, 0, time.UTC)
		pull := rampforge.Record{Stream: rampforge.StreamPullRequests, ID: "p1", UpdatedAt: at, PullRequest: &rampforge.PullRequest{
			Number: 42, Title: "Round halves to even", Body: "## Why\n\nThe ledger was off by a cent.\n\n## How\n\nBanker's rounding.", URL: "https://host.example.com/pull/42",
			SourceBranch: "fix/SHOP-31-rounding", MergeCommit: "feedc0de", UpdatedAt: at,
			Reviews:  []rampforge.Review{{State: "changes_requested", Body: "Please cover negative amounts.", SubmittedAt: at}, {State: "approved", SubmittedAt: at}},
			Comments: []rampforge.Comment{{Body: "This overflows for yen.", Path: "money/round.go", Line: 12, CreatedAt: at}},
		}}
		d.sync([]rampforge.Record{workItem("31", "Totals are off", "Seen in *Vienna* only.", "It is the rounding of halves."), pull, page("w1", "Runbook", runbook, false)})
		if n := d.index(); n != 1 {
			t.Fatalf("%d scopes were due", n)
		}
		for question, want := range map[string]string{"what waits for SHOP-77": "SHOP-31 Totals are off", "SHOP-31": "SHOP-31 Totals are off", "banker's rounding": "#42 Round halves to even › How"} {
			if got, _, _ := strings.Cut(d.found(question), ", "); got != want {
				t.Errorf("%q finds %q first, want %q", question, got, want)
			}
		}
		if got := d.found("SHOP-31"); !strings.Contains(got, "#42 Round halves to even") {
			t.Errorf("the pull request whose branch is named for a work item is not among %q", got)
		}
		d.finds(map[string]string{
			"Vienna":           "SHOP-31 Totals are off",
			"ledger":           "#42 Round halves to even › Why",
			"negative amounts": "#42 Round halves to even",
			"overflows":        "#42 Round halves to even (on money/round.go, line 12)",
			"release captain":  "Handbook › Runbook › Deploying",
			"kubectl rollout":  "Handbook › Runbook › Deploying",
			"fortnight":        "Handbook › Runbook › Deploying › Rollback",
		})
		found, err := search.Ask(t.Context(), d.Store, store.ViewerOf(d.member), d.project, search.Question{Text: "kubectl"})
		d.must(err)
		if text := found.Hits[0].Text; !strings.Contains(text, `kubectl rollout restart <deployment> && echo "done"`) || strings.Contains(text, "ac:") || strings.Contains(text, "CDATA") {
			t.Errorf("the code of a macro is\n%s", text)
		}
		found, err = search.Ask(t.Context(), d.Store, store.ViewerOf(d.member), d.project, search.Question{Text: "ledger", Kinds: []rampforge.PassageKind{rampforge.PassagePullRequest}})
		d.must(err)
		if hit := found.Hits[0]; hit.URL != "https://host.example.com/pull/42" || hit.Commit != "feedc0de" || hit.At == nil || !hit.At.Equal(at) || hit.StartLine != 0 {
			t.Errorf("a pull request is found as %+v", hit)
		}
	})
}

// TestRecordsThatChange are indexed anew, those that did not are not.
func TestRecordsThatChange(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.sync([]rampforge.Record{workItem("1", "Slow", "Takes a minute."), workItem("2", "Ugly", "Wrong colour."), page("3", "Salaries", "<p>Everybody earns gold.</p>", false)})
		d.index()
		slow, ugly := d.ids("1"), d.ids("2")
		// The page is restricted from now on, which is no new version of it.
		d.sync([]rampforge.Record{workItem("1", "Slow", "Takes an hour."), workItem("2", "Ugly", "Wrong colour."), page("3", "Salaries", "<p>Everybody earns gold.</p>", true)})
		if n := d.index(); n != 1 {
			t.Fatalf("%d scopes were due", n)
		}
		d.finds(map[string]string{"minute": "", "hour": "SHOP-1 Slow", "colour": "SHOP-2 Ugly", "gold": "", "salaries": ""})
		if cmp.Diff(ugly, d.ids("2")) != "" || slices.Equal(slow, d.ids("1")) {
			t.Errorf("of what did not change %v became %v; of what did, %v became %v", ugly, d.ids("2"), slow, d.ids("1"))
		}
		// It may be read by everybody again, and something is gone.
		d.sync([]rampforge.Record{page("3", "Salaries", "<p>Everybody earns gold.</p>", false)}, "1")
		d.index()
		d.finds(map[string]string{"hour": "", "gold": "Handbook › Salaries"})
		// It is seen again without being read, as after a fault of the vendor.
		d.exec(`UPDATE records SET deleted_at = NULL WHERE id = '1'`)
		d.exec(`UPDATE search_scopes SET wanted = wanted + 1`)
		d.index()
		d.finds(map[string]string{"hour": "SHOP-1 Slow"})
		if n := d.index(); n != 0 {
			t.Errorf("%d scopes are due when nothing happened", n)
		}
	})
}

// TestSourcesThatGo are found by nobody at once; what was kept goes with the next
// look, and is there again when they come back.
func TestSourcesThatGo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.sync([]rampforge.Record{workItem("1", "Slow", "Takes a minute.")})
		d.index()
		d.finds(map[string]string{"minute": "SHOP-1 Slow"})
		d.exec(`UPDATE project_sources SET removed = TRUE`)
		d.finds(map[string]string{"minute": ""})
		d.index()
		if n, err := d.PurgeSearch(t.Context()); n != 1 || err != nil || len(d.ids("1")) != 0 {
			t.Errorf("%d scopes were left, %v: %v", n, err, d.ids("1"))
		}
		d.exec(`UPDATE project_sources SET removed = FALSE`)
		d.index()
		d.finds(map[string]string{"minute": "SHOP-1 Slow"})
		d.must(d.InTx(t.Context(), func(tx *sql.Tx) error { return d.PurgeServiceTx(t.Context(), tx, "svc", d.now) }))
		d.index()
		d.finds(map[string]string{"minute": ""})
		if ids := d.ids("1"); len(ids) != 0 {
			t.Errorf("%v are kept of what was purged", ids)
		}
	})
}

// TestWhoFindsRecords: members of a project and admins alone, of what the project
// is bound to; so is what is said of the index.
func TestWhoFindsRecords(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.sync([]rampforge.Record{workItem("1", "Slow", "Takes a minute.")})
		d.index()
		other, err := d.CreateUser(t.Context(), store.Registration{Email: "bert@example.com", Name: "Bert", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: d.now})
		d.must(err)
		unbound := store.NewID("prj")
		d.exec(`INSERT INTO projects (id, name, created_by, created_at, updated_at) VALUES ($1, 'Other', $2, $3, $3)`, unbound, other.ID, d.now)
		for name, c := range map[string]struct {
			v       store.Viewer
			project string
			hits    int
		}{
			"a member":                    {store.ViewerOf(d.member), d.project, 1},
			"an admin":                    {store.Viewer{UserID: "usr_admin", Admin: true}, d.project, 1},
			"a stranger":                  {store.ViewerOf(other), d.project, 0},
			"nobody":                      {store.Viewer{}, d.project, 0},
			"a member of another one":     {store.ViewerOf(other), unbound, 0},
			"an admin in another one":     {store.Viewer{Admin: true}, unbound, 0},
			"a project that there is not": {store.Viewer{Admin: true}, "prj_x", 0},
		} {
			found, err := d.Search(t.Context(), c.v, c.project, store.SearchQuery{Terms: []string{"minut"}, Limit: 9})
			d.must(err)
			scopes, err := d.ProjectScopes(t.Context(), c.v, c.project)
			d.must(err)
			if len(found.Passages) != c.hits || found.Total != int64(c.hits) || found.Frequencies["minut"] != int64(c.hits) || len(scopes) != c.hits {
				t.Errorf("%s finds %d of %d, %v in %d scopes", name, len(found.Passages), found.Total, found.Frequencies, len(scopes))
			}
		}
	})
}

// TestKeysWin has a work item that the question names by its key before others
// that have its letters and its number apart, or speak of it.
func TestKeysWin(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.sync([]rampforge.Record{
			workItem("6", "SHOP is 1 of many, SHOP and 1 again", "SHOP 1, SHOP 1, SHOP 1."), workItem("4", "Another", "As in SHOP-1, and as in SHOP-1 before."), workItem("1", "Salaries", "Nothing more."),
		})
		d.index()
		for _, question := range []string{"SHOP-1", "What is SHOP-1?"} {
			if got := d.found(question); !strings.HasPrefix(got, "SHOP-1 ") {
				t.Errorf("%q finds %s", question, got)
			}
		}
	})
}
