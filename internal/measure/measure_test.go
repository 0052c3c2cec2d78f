package measure_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// world is a store with a project, and vendors that tell of records.
type world struct {
	*store.Store

	t    testing.TB
	db   *database.DB
	m    *measure.Measurer
	now  time.Time
	user rampforge.User
	job  int64
	logs *bytes.Buffer
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, _ *store.Store, db *database.DB) { test(t, newWorld(t, db)) })
}

func newWorld(t testing.TB, db *database.DB) *world {
	w := &world{Store: store.New(db), t: t, db: db, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), logs: &bytes.Buffer{}}
	w.QueueWorkflows(w.enqueue)
	w.m = w.measurer()
	var err error
	w.user, err = w.CreateUser(t.Context(), store.Registration{Email: "ada@example.com", Name: "Ada", PasswordHash: "x", Role: rampforge.RoleAdmin, At: w.now})
	w.must(err)
	return w
}

// measurer is that of another process: it has read nothing yet.
func (w *world) measurer() *measure.Measurer {
	return measure.New(measure.Options{
		Store: w.Store, Logger: slog.New(slog.NewTextHandler(w.logs, nil)), Now: func() time.Time { return w.now },
		Subject: func(s rampforge.Signature) string { return s.Email },
	})
}

func (w *world) ctx() context.Context { return w.t.Context() }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enqueue(context.Context, *sql.Tx, string) (int64, error) {
	w.job++
	return w.job, nil
}

func (w *world) tx(do func(tx *sql.Tx) error) {
	w.t.Helper()
	w.must(w.InTx(w.ctx(), do))
}

// project makes a project that is bound to resources of the service.
func (w *world) project(id string, resources ...string) string {
	w.t.Helper()
	w.tx(func(tx *sql.Tx) error {
		return w.CreateProjectTx(w.ctx(), tx, rampforge.Project{ID: id, Name: id, Status: rampforge.ProjectActive, CreatedBy: w.user.ID, CreatedAt: w.now, UpdatedAt: w.now}, nil)
	})
	w.bind(id, resources...)
	return id
}

func (w *world) bind(id string, resources ...string) {
	w.t.Helper()
	w.exec(`DELETE FROM project_sources WHERE project_id = $1`, id)
	for _, r := range resources {
		w.exec(`INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, 'svc', $2, '', $3)`, id, r, w.now)
	}
	w.must(w.StaleWorkflow(w.ctx(), id, w.now))
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	_, err := w.db.Write().ExecContext(w.ctx(), text, args...)
	w.must(err)
}

// sync runs a sync of the service to its end.
func (w *world) sync(do func(c store.SyncClaim)) {
	w.t.Helper()
	var run rampforge.SyncRun
	w.tx(func(tx *sql.Tx) (err error) {
		run, err = w.StartSyncTx(w.ctx(), tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{{ID: "svc", Type: rampforge.ServiceJira}}, RequestedBy: "usr", At: w.now}, w.enqueue)
		return err
	})
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: w.job, Owner: "one"}
	_, claimed, err := w.ClaimSync(w.ctx(), c, w.now, w.now)
	if w.must(err); !claimed {
		w.t.Fatal("the sync was not claimed")
	}
	do(c)
	w.must(w.FinishSync(w.ctx(), c, store.SyncEnd{Status: rampforge.SyncCompleted}, w.now, w.enqueue))
}

// tell has the vendor tell of records of a resource.
func (w *world) tell(resource string, records ...rampforge.Record) {
	w.t.Helper()
	w.sync(func(c store.SyncClaim) {
		for _, r := range records {
			r.Raw = []byte(`{}`)
			if r.UpdatedAt.IsZero() {
				r.UpdatedAt = w.now
			}
			at, err := w.Position(w.ctx(), store.Place{ServiceID: "svc", ResourceID: resource, Stream: r.Stream})
			w.must(err)
			w.must(w.PutPage(w.ctx(), c, &at, []rampforge.Record{r}, []byte(`{}`), nil, w.now))
		}
	})
}

// refresh brings a project up to date, if it waits for that.
func (w *world) refresh(id string) bool {
	w.t.Helper()
	silent, err := w.SilentWorkflows(w.ctx(), w.now.Add(time.Hour), 100)
	w.must(err)
	i := slices.IndexFunc(silent, func(v store.SilentWorkflow) bool { return v.ProjectID == id })
	if i < 0 {
		return false
	}
	c := store.WorkflowClaim{ProjectID: id, JobID: silent[i].JobID, Owner: "one"}
	was, claimed, err := w.ClaimWorkflow(w.ctx(), c, w.now, w.now)
	if w.must(err); !claimed {
		w.t.Fatal("the project was not claimed")
	}
	w.must(w.m.Refresh(w.ctx(), c, was))
	return true
}

// keys are the keys of the items in the facts of a project, as another process
// reads them.
func (w *world) keys(id string) string {
	w.t.Helper()
	log, err := w.measurer().Log(w.ctx(), id)
	w.must(err)
	var keys []string
	for i := range log.Items {
		keys = append(keys, log.Items[i].Key)
	}
	return strings.Join(keys, " ")
}

func (w *world) state(id string) store.Workflow {
	w.t.Helper()
	v, err := w.Workflow(w.ctx(), id)
	w.must(err)
	return v
}

// item is a work item that moved to a status an hour ago.
func (w *world) item(id, status string) rampforge.Record {
	return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: id, WorkItem: &rampforge.WorkItem{
		Key: "K" + id, Type: "Story", Status: status, StatusID: status, StatusCategory: rampforge.StatusInProgress, CreatedAt: w.now.Add(-24 * time.Hour), UpdatedAt: w.now,
		Events: []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus, From: "open", FromID: "open", To: status, ToID: status, At: w.now.Add(-time.Hour)}},
	}}
}

// TestFactsFollowRecords goes through all that may happen to a record, and to
// what a project is bound to.
func TestFactsFollowRecords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1", "r2")
		check := func(what, want string) {
			t.Helper()
			w.now = w.now.Add(time.Hour)
			if !w.refresh(p) {
				t.Errorf("%s: nobody asked to look again", what)
			}
			if got := w.keys(p); got != want {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
			if w.refresh(p) {
				t.Errorf("%s: it is looked at twice", what)
			}
		}
		check("nothing", "")
		w.tell("r1", w.item("1", "doing"), w.item("2", "doing"))
		w.tell("r2", w.item("3", "doing"))
		w.tell("r3", w.item("4", "doing"))
		check("three records of two sources", "K1 K2 K3")
		revision := w.state(p).Revision

		w.tell("r1", w.item("1", "doing")) // by now an hour later
		check("one that was read again", "K1 K2 K3")
		if w.state(p).Revision != revision+1 {
			t.Errorf("revision %d after %d", w.state(p).Revision, revision)
		}
		w.sync(func(store.SyncClaim) {})
		check("a sync that brought nothing", "K1 K2 K3")
		if v := w.state(p); v.Revision != revision+1 || v.FactsAt == nil || !v.FactsAt.Equal(w.now) {
			t.Errorf("%+v at %s", v, w.now)
		}

		place := func(r string) store.Place {
			return store.Place{ServiceID: "svc", ResourceID: r, Stream: rampforge.StreamWorkItems}
		}
		w.sync(func(c store.SyncClaim) {
			_, err := w.Bury(w.ctx(), c, place("r1"), []string{"2"}, nil, w.now, w.now)
			w.must(err)
		})
		check("one was deleted", "K1 K3")
		w.sync(func(c store.SyncClaim) { w.must(w.Revive(w.ctx(), c, place("r1"), []string{"2"}, w.now)) })
		check("and is there again", "K1 K2 K3")
		w.tell("r3", w.item("3", "doing"))
		check("one was moved away", "K1 K2")
		w.bind(p, "r1", "r3")
		check("a source came and another went", "K1 K2 K3 K4")
		w.exec(`UPDATE records SET content = replace(content, '"K4"', '"N4"')`)
		w.tx(func(tx *sql.Tx) error { return w.RemakeWorkflowsTx(w.ctx(), tx, "svc", w.now) })
		check("records were mapped anew", "K1 K2 K3 N4")
		if got := w.state(p).Remake; len(got) != 0 {
			t.Errorf("%v is to be made anew still", got)
		}
		w.tx(func(tx *sql.Tx) error { return w.PurgeServiceTx(w.ctx(), tx, "svc", w.now) })
		check("all was purged", "")
	})
}

// TestSprintsOfSeveralPlaces are there as long as one of the project's sources
// shows them.
func TestSprintsOfSeveralPlaces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		sprint := rampforge.Record{Stream: rampforge.StreamSprints, ID: "7", Sprint: &rampforge.Sprint{Name: "Seven", State: "active"}}
		w.tell("r1", sprint)
		w.tell("r2", sprint)
		names := func() (names []string) {
			w.now = w.now.Add(time.Hour)
			w.refresh(p)
			log, err := w.measurer().Log(w.ctx(), p)
			w.must(err)
			for _, v := range log.Sprints {
				names = append(names, v.Name)
			}
			return names
		}
		if got := names(); !slices.Equal(got, []string{"Seven"}) {
			t.Errorf("%q", got)
		}
		sprint.Sprint = &rampforge.Sprint{Name: "Sieben", State: "closed"}
		w.tell("r2", sprint)
		if got := names(); !slices.Equal(got, []string{"Sieben"}) {
			t.Errorf("renamed: %q", got)
		}
		w.bind(p, "r3")
		if got := names(); len(got) != 0 {
			t.Errorf("of no source: %q", got)
		}
	})
}

// TestDamagedFactsAreMadeAnew: facts of another version, or that a disk spoiled,
// are never counted.
func TestDamagedFactsAreMadeAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"), w.item("2", "doing"))
		w.refresh(p)
		good, err := w.m.Report(w.ctx(), p, measure.Query{Granularity: "day"})
		w.must(err)
		w.exec(`UPDATE workflow_packs SET data = $1 WHERE kind = 'i'`, []byte("spoiled"))
		other := w.measurer()
		if _, err := other.Report(w.ctx(), p, measure.Query{Granularity: "day"}); rampforge.ErrorCode(err) != rampforge.CodeUnavailable {
			t.Errorf("a report of spoiled facts: %v", err)
		}
		before := w.state(p)
		w.m = other
		if !w.refresh(p) {
			t.Fatal("nobody asked to make the facts anew")
		}
		if got := w.keys(p); got != "K1 K2" || w.state(p).Revision != before.Revision+1 {
			t.Errorf("%q at revision %d", got, w.state(p).Revision)
		}
		again, err := w.m.Report(w.ctx(), p, measure.Query{Granularity: "day"})
		if err != nil || !bytes.Equal(good, again) {
			t.Errorf("%v: %s", err, cmp.Diff(string(good), string(again)))
		}
	})
}

// TestUnreadableRecordsAreTold: what is kept of a record and cannot be read any
// more is in no number, and the report says how many there are.
func TestUnreadableRecordsAreTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"), w.item("2", "doing"), rampforge.Record{Stream: rampforge.StreamSprints, ID: "7", Sprint: &rampforge.Sprint{Name: "Seven", State: "active"}})
		w.refresh(p)
		told := func(what, keys string, unreadable int) {
			t.Helper()
			w.now = w.now.Add(time.Hour)
			w.must(w.StaleWorkflow(w.ctx(), p, w.now))
			w.refresh(p)
			kept, err := w.m.Kept(w.ctx(), p, 0)
			w.must(err)
			window, err := w.measurer().Report(w.ctx(), p, measure.Query{Granularity: "day"})
			w.must(err)
			for _, text := range [][]byte{kept.JSON, window} {
				if !bytes.Contains(text, fmt.Appendf(nil, `"unreadable_records":%d}`, unreadable)) {
					t.Errorf("%s: %s", what, text[max(0, len(text)-200):])
				}
			}
			if got := w.keys(p); got != keys {
				t.Errorf("%s: %q", what, got)
			}
		}
		told("all is well", "K1 K2", 0)
		good := `{"name":"Seven","state":"active"}`
		w.exec(`UPDATE records SET content = '[]' WHERE id IN ('1', '7')`)
		w.tx(func(tx *sql.Tx) error { return w.RemakeWorkflowsTx(w.ctx(), tx, "svc", w.now) })
		told("two are damaged", "K2", 2)
		log, err := w.m.Log(w.ctx(), p)
		w.must(err)
		if len(log.Sprints) != 0 || strings.Count(w.logs.String(), "no facts are made of a record") < 2 { // twice each where all is made anew
			t.Errorf("%v\n%s", log.Sprints, w.logs)
		}
		told("and are so still", "K2", 2)
		w.exec(`UPDATE records SET content = $1 WHERE id = '7'`, good)
		w.tell("r1", w.item("1", "done"))
		told("they were mended", "K1 K2", 0)
	})
}

// TestRefreshIsAllOrNothing: what was claimed by somebody else meanwhile is not
// written, and a worker that dies leaves what was there before.
func TestRefreshIsAllOrNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"))
		w.refresh(p)
		w.tell("r1", w.item("2", "doing"))
		silent, err := w.SilentWorkflows(w.ctx(), w.now.Add(time.Hour), 100)
		if w.must(err); len(silent) != 1 {
			t.Fatalf("%+v", silent)
		}
		dead := store.WorkflowClaim{ProjectID: p, JobID: silent[0].JobID, Owner: "dead"}
		was, claimed, err := w.ClaimWorkflow(w.ctx(), dead, w.now, w.now)
		if w.must(err); !claimed {
			t.Fatal("not claimed")
		}
		w.tell("r1", w.item("3", "doing")) // comes while it is worked
		if got := w.state(p); got.Status != store.WorkflowRunning || got.Wanted != was.Wanted+1 {
			t.Errorf("%+v", got)
		}
		taken, err := w.RequeueWorkflow(w.ctx(), store.SilentWorkflow{ProjectID: p, JobID: dead.JobID}, w.now.Add(time.Minute), w.now)
		if w.must(err); !taken {
			t.Fatal("not taken over")
		}
		if err := w.m.Refresh(w.ctx(), dead, was); !errors.Is(err, store.ErrWorkflowLost) {
			t.Errorf("the dead one wrote: %v", err)
		}
		if got := w.keys(p); got != "K1" {
			t.Errorf("of one that died %q is there", got)
		}
		w.refresh(p)
		if got := w.keys(p); got != "K1 K2 K3" || w.state(p).Status != store.WorkflowCurrent {
			t.Errorf("%q, %+v", got, w.state(p))
		}
	})
}

// TestSettingsChangeNoFact: only the report is computed again.
func TestSettingsChangeNoFact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"))
		w.refresh(p)
		before, err := w.WorkflowReport(w.ctx(), p)
		w.must(err)
		revision := w.state(p).Revision
		w.tx(func(tx *sql.Tx) error {
			_, err := w.PutWorkflowSettingsTx(w.ctx(), tx, p, rampforge.WorkflowSettings{Zone: "Asia/Kathmandu"}, 0, w.user.ID, w.now)
			return err
		})
		if !w.refresh(p) {
			t.Fatal("nobody asked for another report")
		}
		after, err := w.WorkflowReport(w.ctx(), p)
		w.must(err)
		text, err := after.JSON()
		w.must(err)
		if after.ETag == before.ETag || w.state(p).Revision != revision || !bytes.Contains(text, []byte(`"zone":"Asia/Kathmandu"`)) {
			t.Errorf("revision %d after %d: %.300s", w.state(p).Revision, revision, text)
		}
		w.tx(func(tx *sql.Tx) error {
			_, err := w.PutWorkflowSettingsTx(w.ctx(), tx, p, rampforge.WorkflowSettings{}, 0, w.user.ID, w.now)
			if rampforge.ErrorCode(err) != rampforge.CodeConflict {
				t.Errorf("a change of an older revision: %v", err)
			}
			return nil
		})
	})
}

// TestReportsOfWindows are computed of the facts as they are, and the same
// question has the same bytes as its answer.
func TestReportsOfWindows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		if _, err := w.m.Report(w.ctx(), p, measure.Query{}); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("before there is a fact: %v", err)
		}
		w.tell("r1", w.item("1", "doing"))
		w.refresh(p)
		kept, err := w.WorkflowReport(w.ctx(), p)
		w.must(err)
		want, err := kept.JSON()
		w.must(err)
		w.now = w.now.Add(time.Hour)
		for _, m := range []*measure.Measurer{w.m, w.measurer()} {
			got, err := m.Report(w.ctx(), p, measure.Query{})
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v: %s", err, cmp.Diff(string(want), string(got)))
			}
		}
		early, err := w.m.Report(w.ctx(), p, measure.Query{AsOf: w.now.Add(-26 * time.Hour), From: w.now.Add(-48 * time.Hour)})
		if err != nil || !bytes.Contains(early, []byte(`"as_of_source":"request"`)) || !bytes.Contains(early, []byte(`"items":{"total":0,`)) {
			t.Errorf("%v: %.400s", err, early)
		}
	})
}

// TestOneMomentHasOneAnswer, whatever happens later that changes no number of
// it: settings that are the same, a new item, a look at what did not change.
func TestOneMomentHasOneAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"))
		w.refresh(p)
		moment := measure.Query{AsOf: w.now.Add(-30 * time.Minute)}
		first, err := w.m.Report(w.ctx(), p, moment)
		w.must(err)
		for what, do := range map[string]func(){
			"the same settings": func() {
				w.tx(func(tx *sql.Tx) error {
					v, err := w.WorkflowSettings(w.ctx(), p)
					w.must(err)
					_, err = w.PutWorkflowSettingsTx(w.ctx(), tx, p, v.Settings, v.Revision, w.user.ID, w.now)
					return err
				})
			},
			"a look": func() { w.must(w.StaleWorkflow(w.ctx(), p, w.now)) },
			"a new item": func() {
				v := w.item("2", "doing")
				v.WorkItem.CreatedAt = w.now
				v.WorkItem.Events = nil
				w.tell("r1", v)
			},
		} {
			w.now = w.now.Add(time.Hour)
			if do(); !w.refresh(p) {
				t.Fatalf("after %s nobody asked to look again", what)
			}
			again, err := w.m.Report(w.ctx(), p, moment)
			if err != nil || !bytes.Equal(first, again) {
				t.Errorf("after %s: %v: %s", what, err, cmp.Diff(string(first), string(again)))
			}
		}
	})
}

// TestAnImportedLogStaysAsItIs: looking at it again changes no byte, so nobody
// has to fetch it again.
func TestAnImportedLogStaysAsItIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		v := w.item("1", "done")
		v.WorkItem.EventLog, v.WorkItem.CreatedAt = true, v.WorkItem.Events[0].At
		w.tell("r1", v)
		w.refresh(p)
		before, err := w.WorkflowReport(w.ctx(), p)
		w.must(err)
		w.now = w.now.Add(time.Hour)
		w.must(w.StaleWorkflow(w.ctx(), p, w.now))
		w.refresh(p)
		after, err := w.WorkflowReport(w.ctx(), p)
		if w.must(err); after.ETag != before.ETag || !after.GeneratedAt.Equal(w.now) {
			t.Errorf("%s of %s, and before %s", after.ETag, after.GeneratedAt, before.ETag)
		}
	})
}

// TestAnImportedLogEndsWhereItEnds: its report is as of its last event, not as of
// today.
func TestAnImportedLogEndsWhereItEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		v := w.item("1", "done")
		v.WorkItem.EventLog = true
		v.WorkItem.Events[0].At = time.Date(2011, 2, 3, 4, 5, 6, 0, time.UTC)
		v.WorkItem.CreatedAt = v.WorkItem.Events[0].At
		w.tell("r1", v)
		w.refresh(p)
		text, err := w.m.Report(w.ctx(), p, measure.Query{})
		if err != nil || !bytes.Contains(text, []byte(`"as_of":"2011-02-03T04:05:06.000001Z"`)) || !bytes.Contains(text, []byte(`"as_of_source":"last_event"`)) {
			t.Errorf("%v: %.300s", err, text)
		}
	})
}

// TestAccounts tells people and bots apart, by what is known of them and by what
// the project says.
func TestAccounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		v := w.item("1", "doing")
		v.WorkItem.Reporter = &rampforge.Account{ID: "a1", Login: "ada"}
		v.WorkItem.Assignees = []rampforge.Account{{ID: "b1", Login: "builder"}, {ID: "x1"}}
		w.tell("r1", v, rampforge.Record{Stream: rampforge.StreamCommits, ID: "c", Commit: &rampforge.VendorCommit{Hash: "c", Author: rampforge.Signature{Name: "Ada", Email: "ada@example.com"}}})
		for _, v := range []struct{ id, kind, service, subject, login string }{{"i1", "account", "svc", "a1", "ada"}, {"i2", "account", "svc", "b1", "builder"}, {"i3", "git", "", "ada@example.com", ""}} {
			w.exec(`INSERT INTO people (id, name, name_key, bot, created_at, updated_at) VALUES ($1, '', '', FALSE, $2, $2)`, "p"+v.id, w.now)
			w.exec(`INSERT INTO identities (id, kind, service_id, subject, vendor, host, login, name, email, verified, bot, person_id, born, since)
				VALUES ($1, $2, $3, $4, '', '', $5, '', '', FALSE, FALSE, $6, '', $7)`, v.id, v.kind, v.service, v.subject, v.login, "p"+v.id, w.now)
		}
		w.tx(func(tx *sql.Tx) error {
			_, err := w.PutWorkflowSettingsTx(w.ctx(), tx, p, rampforge.WorkflowSettings{Bots: []string{"Builder", "nobody"}}, 0, w.user.ID, w.now)
			return err
		})
		w.refresh(p)
		log, err := w.m.Log(w.ctx(), p)
		w.must(err)
		var got []string
		for _, a := range log.Accounts {
			got = append(got, fmt.Sprintf("%q %s %t", log.Symbols.Text(a.Account), a.Person, a.Bot))
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{`"svc\x00Ada\x00ada@example.com" pi3 false`, `"svc\x00a1" pi1 false`, `"svc\x00b1" pi2 true`}, got); diff != "" {
			t.Error(diff)
		}
	})
}
