package api_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow"
)

// worked makes a project of the team lead whose tracker has items that were
// finished, and brings its facts up to date.
func (w *world) worked(items int) string {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "Worked"})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.db.Write().ExecContext(w.t.Context(), `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, 'svc_w', 'r', '', $2)`, p.ID, time.Now().UTC())
	if err != nil {
		w.t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	var records []rampforge.Record
	for i := range items {
		created := now.Add(-time.Duration(10*i+100) * time.Hour)
		event := func(after int, from, to string) rampforge.WorkItemEvent {
			return rampforge.WorkItemEvent{Field: rampforge.FieldStatus, From: from, FromID: from, To: to, ToID: to, At: created.Add(time.Duration(after) * time.Hour)}
		}
		records = append(records, rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprint(i), Raw: []byte(`{}`), UpdatedAt: now, WorkItem: &rampforge.WorkItem{
			Key: fmt.Sprint("W-", i), Type: "Story", Status: "Fertig", StatusID: "Fertig", StatusCategory: rampforge.StatusDone, Resolution: "Done", Labels: []string{"blue"},
			Reporter: &rampforge.Account{ID: "acc1", Login: "ada"}, CreatedAt: created, UpdatedAt: now,
			Events: []rampforge.WorkItemEvent{event(4, "Offen", "Läuft"), event(4+i+1, "Läuft", "Fertig")},
		}})
	}
	open := rampforge.Record{Stream: rampforge.StreamWorkItems, ID: "o", Raw: []byte(`{}`), UpdatedAt: now, WorkItem: &rampforge.WorkItem{
		Key: "W-o", Type: "Bug", Status: "Läuft", StatusID: "Läuft", StatusCategory: rampforge.StatusInProgress, CreatedAt: now.Add(-time.Hour), UpdatedAt: now}}
	other := open
	other.ID, other.WorkItem = "n", &rampforge.WorkItem{Key: "W-n", Type: "Bug", Status: "Offen", StatusID: "Offen", StatusCategory: rampforge.StatusToDo, CreatedAt: now.Add(-time.Hour), UpdatedAt: now}
	w.told("svc_w", append(records, open, other)...)
	w.refreshed(p.ID)
	return p.ID
}

// told keeps records as a sync of a service does.
func (w *world) told(service string, records ...rampforge.Record) {
	w.t.Helper()
	ctx, now := w.t.Context(), time.Now().UTC()
	var run rampforge.SyncRun
	err := w.store.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = w.store.StartSyncTx(ctx, tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{{ID: service, Type: rampforge.ServiceJira}}, RequestedBy: "usr", At: now}, w.enqueue)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	silent, err := w.store.SilentSyncs(ctx, now.Add(time.Hour), 10)
	if err != nil || len(silent) != 1 {
		w.t.Fatal(silent, err)
	}
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: silent[0].JobID, Owner: "one"}
	_, _, err = w.store.ClaimSync(ctx, c, now, now)
	byStream := map[rampforge.Stream][]rampforge.Record{}
	for _, r := range records {
		byStream[r.Stream] = append(byStream[r.Stream], r)
	}
	for stream, page := range byStream {
		var at store.Position
		if err == nil {
			at, err = w.store.Position(ctx, store.Place{ServiceID: service, ResourceID: "r", Stream: stream})
		}
		if err == nil {
			err = w.store.PutPage(ctx, c, &at, page, []byte(now.String()), nil, now)
		}
	}
	if err == nil {
		err = w.store.FinishSync(ctx, c, store.SyncEnd{Status: rampforge.SyncCompleted}, now, w.enqueue)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// refreshed does what the job of a project's workflow does.
func (w *world) refreshed(projectID string) {
	w.t.Helper()
	ctx, now := w.t.Context(), time.Now().UTC()
	silent, err := w.store.SilentWorkflows(ctx, now.Add(time.Hour), 10)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range silent {
		if v.ProjectID != projectID {
			continue
		}
		c := store.WorkflowClaim{ProjectID: projectID, JobID: v.JobID, Owner: "one"}
		was, claimed, err := w.store.ClaimWorkflow(ctx, c, now, now)
		if err != nil || !claimed {
			w.t.Fatal(claimed, err)
		}
		m := measure.New(measure.Options{Store: w.store, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Subject: func(s rampforge.Signature) string { return s.Email }})
		if err := m.Refresh(ctx, c, was); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	w.t.Fatal("the project is up to date")
}

func (w *world) asLead(method, path, body string, headers ...string) answer {
	w.t.Helper()
	return w.raw(method, path, body, append(w.bearer(rampforge.RoleTeamLead), headers...)...)
}

func decoded[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status >= 300 {
		t.Fatalf("%d %v: %.500s", a.status, err, a.body)
	}
	return v
}

func TestWorkflow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		id := w.worked(12)
		path := "/api/v1/projects/" + id + "/workflow"
		kept := w.asLead("GET", path, "")
		report := decoded[measure.Document](t, kept)
		cycle := report.Analysis.Performance.CycleTime
		if report.ProjectID != id || cycle.State != "ok" || cycle.N != 12 || report.AsOfSource != "facts" || !report.AsOf.Equal(report.GeneratedAt) || report.Items.Total != 14 {
			t.Errorf("%.600s", kept.body)
		}
		tag := kept.header.Get("ETag")
		if strings.HasPrefix(tag, "W/") || len(tag) < 20 || kept.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("ETag %q, %v", tag, kept.header)
		}
		if a := w.asLead("GET", path, "", "If-None-Match", tag); a.status != http.StatusNotModified || a.body != "" || a.header.Get("ETag") != tag {
			t.Errorf("%d %q", a.status, a.body)
		}
		if a := w.asLead("HEAD", path, ""); a.status != 200 || a.body != "" || a.header.Get("ETag") != tag {
			t.Errorf("HEAD: %d %q", a.status, a.body)
		}
		if a := w.raw("GET", path, "", w.bearer(rampforge.RoleDeveloper)...); a.status != http.StatusNotFound {
			t.Errorf("to somebody who is no member: %d", a.status)
		}

		// The same moment has the same bytes, and a row for each thing counted.
		asOf := report.AsOf.Format(time.RFC3339Nano)
		query := "?explain=1&limit=5&offset=10&as_of=" + url.QueryEscape(asOf) + "&from=" + url.QueryEscape(report.Window.From.Format(time.RFC3339Nano))
		one, two := w.asLead("GET", path+query, ""), w.asLead("GET", path+query, "")
		if one.body != two.body || one.header.Get("ETag") != two.header.Get("ETag") {
			t.Error("the same question has two answers")
		}
		explained := decoded[measure.Document](t, one).Analysis.Performance.CycleTime.Explain
		if explained == nil || len(explained.Rows) != 2 || explained.Total != 12 || explained.HasMore || explained.Offset != 10 || explained.Limit != 5 {
			t.Errorf("%+v", explained)
		}
		if early := decoded[measure.Document](t, w.asLead("GET", path+"?as_of=2020-01-01&type=Story&granularity=day&seed=7", "")); early.AsOfSource != "request" || early.Items.Total != 0 || early.Granularity != "day" {
			t.Errorf("%+v, %+v", early.Items, early.AsOf)
		}
	})
}

// TestWorkflowQueries name every fault at once, and what to write.
func TestWorkflowQueries(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		id := w.worked(1)
		for query, fields := range map[string]string{
			"from=yesterday": "query.from", "to=2026-13-01": "query.to", "as_of=2999-01-01": "query.as_of", "granularity=year": "query.granularity", "seed=-1": "query.seed",
			"from=2026-02-01&to=2026-01-01": "query.from", "from=2026-02-01&to=2026-02-01": "query.from", "from=2999-01-01": "query.from", "as_of=2026-04-01T00:00:00Z&from=2026-04-01T00:00:00Z": "query.from",
			"as_of=2026-04-01&from=2026-05-01&to=2027-03-01": "query.from", "as_of=2026-04-01&from=2026-04-01&to=2026-04-02": "query.from", "explain=maybe": "query.explain",
			"from=1970-01-01&granularity=day": "query.granularity", "from=1500-01-01&granularity=month": "query.from", "from=0001-01-01": "query.from", "as_of=0001-01-01T00:00:00Z": "query.as_of",
			"explain=1&metric=bogus": "query.metric",
			"explain=1&limit=0":      "query.limit", "explain=1&offset=x": "query.offset", "explain=1&limit=5000&seed=x&granularity=hour": "query.granularity query.limit query.seed",
		} {
			a := w.asLead("GET", "/api/v1/projects/"+id+"/workflow?"+query, "")
			if got := faultyFields(t, a); a.status != http.StatusUnprocessableEntity || got != fields {
				t.Errorf("%s: %d %q, want %q", query, a.status, got, fields)
			}
		}
		for path, field := range map[string]string{"metrics?format=xml": "query.format", "model?algorithm=alpha": "query.algorithm", "model?algorithm=dfg&format=bpmn": "query.format"} {
			if a := w.asLead("GET", "/api/v1/projects/"+id+"/workflow/"+path, ""); a.status != http.StatusUnprocessableEntity || faultyFields(t, a) != field {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
	})
}

// TestWorkflowOfAllTimes: a window may begin long ago, and tells what it is.
func TestWorkflowOfAllTimes(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		path := "/api/v1/projects/" + w.worked(12) + "/workflow"
		a := w.asLead("GET", path+"?from=1970-01-01", "")
		r := decoded[measure.Document](t, a)
		epoch := time.Unix(0, 0)
		if p := r.Analysis.Performance; !r.Window.From.Equal(epoch) || p.CycleTime.N != 12 || len(p.Throughput.Series) > workflow.MaxSteps || len(a.body) > 4<<20 {
			t.Errorf("%v, %d finished, %d steps in %d bytes", r.Window.From, p.CycleTime.N, len(p.Throughput.Series), len(a.body))
		}
		r = decoded[measure.Document](t, w.asLead("GET", path+"?as_of=1970-01-01T00:00:00Z", ""))
		if !r.AsOf.Equal(epoch) || !r.Window.To.Equal(epoch) || !r.Window.From.Equal(epoch.Add(-measure.DefaultWindow)) || r.Items.Total != 0 {
			t.Errorf("as of %v: %+v", r.AsOf, r.Window)
		}
		// The window ends with what is known, also when it was asked for until later.
		r = decoded[measure.Document](t, w.asLead("GET", path+"?as_of=2020-01-01&to=2026-01-01", ""))
		if !r.Window.To.Equal(r.AsOf) || !r.Window.From.Equal(r.AsOf.Add(-measure.DefaultWindow)) {
			t.Errorf("as of %v: %+v", r.AsOf, r.Window)
		}
	})
}

// TestSettingsOfNewStates names a state of records that came a moment ago.
func TestSettingsOfNewStates(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "New"})
		if err != nil {
			t.Fatal(err)
		}
		const log = `<log><trace><string key="concept:name" value="1"/>` +
			`<event><string key="concept:name" value="Begun"/><date key="time:timestamp" value="2026-01-01T10:00:00Z"/></event>` +
			`<event><string key="concept:name" value="Ended"/><date key="time:timestamp" value="2026-01-02T10:00:00Z"/></event></trace></log>`
		if a := w.asLead("POST", "/api/v1/projects/"+p.ID+"/import?format=xes", log, "Content-Type", "application/xml"); a.status/100 != 2 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		done := make(chan answer, 1)
		go func() {
			done <- w.asLead("PUT", "/api/v1/projects/"+p.ID+"/workflow/settings", `{"commitment_state":"Begun","done_state":"Ended"}`)
		}()
		select {
		case a := <-done:
			t.Fatalf("it was answered before there were facts: %d %s", a.status, a.body)
		case <-time.After(100 * time.Millisecond): // only a chance to be wrong
		}
		w.refreshed(p.ID)
		if a := <-done; a.status != http.StatusOK {
			t.Errorf("%d %s", a.status, a.body)
		}
	}, func(s *setting) { s.api.ReportWait = 30 * time.Second })
}

// TestFirstWorkflow waits for a report that is made for the first time.
func TestFirstWorkflow(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "New"})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan answer)
		go func() { done <- w.asLead("GET", "/api/v1/projects/"+p.ID+"/workflow", "") }()
		for t.Context().Err() == nil { // the request asks for the work
			if v, err := w.store.Workflow(t.Context(), p.ID); err == nil && v.Status == store.WorkflowQueued {
				break
			}
			select {
			case a := <-done:
				t.Fatalf("it was answered without waiting: %d %s", a.status, a.body)
			default:
			}
			time.Sleep(5 * time.Millisecond)
		}
		w.refreshed(p.ID)
		a := <-done
		report := decoded[measure.Document](t, a)
		if report.Items.Total != 0 || report.Analysis.Performance.CycleTime.State != "no_data" && report.Analysis.Performance.CycleTime.State != "not_configured" {
			t.Errorf("%.400s", a.body)
		}
	}, func(s *setting) { s.api.ReportWait = 30 * time.Second })
}

// TestNoWorkflowYet says when to ask again.
func TestNoWorkflowYet(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "New"})
		if err != nil {
			t.Fatal(err)
		}
		if a := w.asLead("GET", "/api/v1/projects/"+p.ID+"/workflow", ""); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "ask again") {
			t.Errorf("%d %v: %s", a.status, a.header, a.body)
		}
	})
}

func TestWorkflowSettings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		id := w.worked(12)
		path := "/api/v1/projects/" + id + "/workflow/settings"
		type settings struct {
			Revision  int64
			Settings  rampforge.WorkflowSettings
			Effective struct {
				Zone            string
				CommitmentState *string `json:"commitment_state"`
				States          []struct {
					Name, Category string
					CategoryBy     string `json:"category_by"`
				}
			}
			Seen struct {
				Types, Resolutions, Labels []string
				States                     []struct{ Name string }
			}
		}
		before := w.asLead("GET", path, "")
		s := decoded[settings](t, before)
		if s.Revision != 0 || len(s.Effective.States) != 3 || s.Effective.CommitmentState == nil || *s.Effective.CommitmentState != "Läuft" || before.header.Get("ETag") != `"0"` {
			t.Errorf("%s", before.body)
		}
		if diff := cmp.Diff([][]string{{"Bug", "Story"}, {"Done"}, {"blue"}}, [][]string{s.Seen.Types, s.Seen.Resolutions, s.Seen.Labels}); diff != "" || len(s.Seen.States) != 3 {
			t.Errorf("%s\n%s", diff, before.body)
		}
		faulty := `{"zone":"Mars/Olympus","commitment_state":"Working","done_state":"fertig","states":[{"name":"Läuft","category":"busy","order":0},{"name":"läuft"},{"name":""}]}`
		a := w.asLead("PUT", path, faulty)
		if got := faultyFields(t, a); got != "commitment_state states[0].category states[0].order states[1].name states[2].name zone" {
			t.Errorf("%d %s: %s", a.status, got, a.body)
		}
		long := strings.Repeat("ä", 501)
		a = w.asLead("PUT", path, `{"zone":"Mars","excluded_types":["Bug","`+long+`"],"withdrawn_resolutions":["`+long+`"],"bots":["`+long+`"],"production_environments":["`+long+
			`"],"deployment_pipelines":["`+long+`"],"incidents":{"types":["`+long+`"],"labels":["`+long+`"]}}`)
		if got := faultyFields(t, a); got != "bots[0] deployment_pipelines[0] excluded_types[1] incidents.labels[0] incidents.types[0] production_environments[0] withdrawn_resolutions[0] zone" {
			t.Errorf("%d %s: %.500s", a.status, got, a.body)
		}
		good := `{"zone":"Europe/Berlin","states":[{"name":"Offen","category":"in_progress","wait":true}],"commitment_state":"Offen","excluded_types":["Bug"]}`
		changed := decoded[settings](t, w.asLead("PUT", path, good, "If-Match", `"0"`))
		if changed.Revision != 1 || changed.Effective.Zone != "Europe/Berlin" || *changed.Effective.CommitmentState != "Offen" || changed.Settings.ExcludedTypes[0] != "Bug" {
			t.Errorf("%+v", changed)
		}
		if a := w.asLead("PUT", path, good, "If-Match", `"0"`); a.status != http.StatusConflict {
			t.Errorf("of an older revision: %d %s", a.status, a.body)
		}
		if a := w.raw("PUT", path, good, w.bearer(rampforge.RoleObserver)...); a.status != http.StatusForbidden {
			t.Errorf("an observer changed it: %d", a.status)
		}
		w.refreshed(id)
		report := decoded[measure.Document](t, w.asLead("GET", "/api/v1/projects/"+id+"/workflow", ""))
		if report.Zone != "Europe/Berlin" || report.Items.Total != 12 || *report.CommitmentState != "Offen" {
			t.Errorf("%s, %+v", report.Zone, report.Items)
		}
	})
}

// TestMetricsAreNoFormulas: a spreadsheet takes no word of a tracker for one,
// blanks before it or not.
func TestMetricsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"=1+1", " =1+1", "\u00a0@x", "'=1", "＝1", "\nx", "-1"} {
		text, err := api.MetricsCSV([]api.MetricRow{{Name: "n", Value: word}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || rows[1][1] != "'"+word {
			t.Errorf("%q is %q, %v", word, rows[1][1], err)
		}
	}
}

// noneZero fails for each field of a value that has none.
func noneZero(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch {
	case v.IsZero():
		t.Errorf("the test sets no %s", path)
	case v.Kind() == reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			noneZero(t, path, v.Elem())
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			noneZero(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			noneZero(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
}

// TestEveryWorkflowSetting can be set and read: a field that is added has to be
// added here, and then to what the API takes.
func TestEveryWorkflowSetting(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		path := "/api/v1/projects/" + w.worked(12) + "/workflow/settings"
		on := new(true)
		want := rampforge.WorkflowSettings{
			Zone: "Europe/Berlin", CommitmentState: "Läuft", DoneState: "Fertig",
			States:        []rampforge.StateSettings{{Name: "Läuft", Category: new(rampforge.StatusInProgress), Order: new(2), Wait: on}},
			ExcludedTypes: []string{"Bug"}, WithdrawnResolutions: []string{"no"}, Bots: []string{"robot"}, ProductionEnvironments: []string{"eu"}, DeploymentPipelines: []string{"ship"},
			Incidents: rampforge.IncidentRules{Types: []string{"Incident"}, Labels: []string{"outage"}}, PersonWIPLimit: 3, BlackoutDays: []string{"2026-05-01", "2026-12-24/2027-01-01"},
			People: rampforge.PeopleMetricsSwitch{Workload: on, Collaboration: on, ReviewLoad: on, Knowledge: on, Skills: on, Newcomers: on, OffHours: on, Insights: on},
		}
		noneZero(t, "settings", reflect.ValueOf(want))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		type settings struct{ Settings rampforge.WorkflowSettings }
		for _, a := range []answer{w.asLead("PUT", path, string(text)), w.asLead("GET", path, "")} {
			if diff := cmp.Diff(want, decoded[settings](t, a).Settings); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		for body, field := range map[string]string{
			`{"person_wip_limit":-1}`: "person_wip_limit", `{"person_wip_limit":1.5}`: "person_wip_limit",
			`{"blackout_days":["2026-12-24","24.12.2026"]}`: "blackout_days[1]", `{"blackout_days":["2026-02-29"]}`: "blackout_days[0]",
			`{"blackout_days":["2026-12-24/2026-12-23"]}`: "blackout_days[0]", `{"blackout_days":["2026-01-01/2027-01-02"]}`: "blackout_days[0]",
		} {
			if a := w.asLead("PUT", path, body); a.status != http.StatusUnprocessableEntity || faultyFields(t, a) != field {
				t.Errorf("%s: %d %s", body, a.status, a.body)
			}
		}
	})
}

func TestWorkflowExports(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		id := w.worked(12)
		path := "/api/v1/projects/" + id + "/workflow"
		report := decoded[measure.Document](t, w.asLead("GET", path, ""))
		a := w.asLead("GET", path+"/metrics", "")
		rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") || !strings.Contains(a.header.Get("Content-Disposition"), "workflow-metrics.csv") {
			t.Fatal(err, a.header)
		}
		values := map[string][]string{}
		for _, row := range rows[1:] {
			if values[row[0]] != nil {
				t.Errorf("%s is there twice", row[0])
			}
			if !slices.Contains([]string{"ok", "not_configured", "no_data", "insufficient_data", "suppressed"}, row[3]) {
				t.Errorf("%s has the state %q", row[0], row[3])
			}
			values[row[0]] = row
		}
		for name, want := range map[string]string{"performance_metrics.cycle_time.p50": fmt.Sprint(*report.Analysis.Performance.CycleTime.P50)} {
			if row := values[name]; row == nil || row[1] != want || row[3] != "ok" || row[4] != "12" {
				t.Errorf("%s: %q, want %s", name, row, want)
			}
		}
		var asJSON struct {
			Metrics []struct {
				Name  string
				Value any
			}
		}
		if err := json.Unmarshal([]byte(w.asLead("GET", path+"/metrics?format=json", "").body), &asJSON); err != nil || len(asJSON.Metrics) != len(rows)-1 {
			t.Errorf("%v: %d metrics as JSON, %d as CSV", err, len(asJSON.Metrics), len(rows)-1)
		}

		bpmn := w.asLead("GET", path+"/model?format=bpmn", "")
		var definitions struct{ XMLName xml.Name }
		if err := xml.NewDecoder(bytes.NewReader([]byte(bpmn.body))).Decode(&definitions); err != nil || definitions.XMLName.Local != "definitions" || !strings.Contains(bpmn.body, "Läuft") {
			t.Errorf("%d %v: %.300s", bpmn.status, err, bpmn.body)
		}
		for _, algorithm := range []string{"heuristics", "dfg"} {
			diagram := w.asLead("GET", path+"/model?format=mermaid&algorithm="+algorithm, "")
			if diagram.status != 200 || !strings.Contains(diagram.body, "Läuft") || !strings.Contains(diagram.body, "-->") {
				t.Errorf("%s: %d %s", algorithm, diagram.status, diagram.body)
			}
			decoded[map[string]any](t, w.asLead("GET", path+"/model?algorithm="+algorithm, ""))
		}
		if model := decoded[struct{ Text string }](t, w.asLead("GET", path+"/model", "")); !strings.Contains(model.Text, "Fertig") {
			t.Errorf("%+v", model)
		}
	})
}

// faultyFields are the fields that an answer faults, in their order.
func faultyFields(t *testing.T, a answer) string {
	t.Helper()
	var e struct {
		Details struct {
			Fields []struct{ Field string }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Fatalf("%d %v: %s", a.status, err, a.body)
	}
	var fields []string
	for _, f := range e.Details.Fields {
		fields = append(fields, f.Field)
	}
	slices.Sort(fields)
	return strings.Join(fields, " ")
}

// TestARefreshThatFails is told beside the report of before, which stays as it
// was, and with the settings that are not in it.
func TestARefreshThatFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		type refresh struct {
			Refresh *struct {
				Status      string
				WantedSince *time.Time `json:"wanted_since"`
				FactsAt     *time.Time `json:"facts_at"`
				Message     *string
				RetryAt     *time.Time `json:"retry_at"`
			} `json:"workflow_refresh"`
		}
		id := w.worked(12)
		project := "/api/v1/projects/" + id
		before := w.asLead("GET", project+"/workflow", "")
		tag := before.header.Get("ETag")
		told := func(status string) {
			t.Helper()
			for _, path := range []string{"/workflow", "/workflow?granularity=day", "/workflow/metrics", "/workflow/model"} {
				if a := w.asLead("GET", project+path, ""); a.status != http.StatusOK || a.header.Get("X-Workflow-Refresh") != status {
					t.Errorf("%s: %d, %q, want %s", path, a.status, a.header.Get("X-Workflow-Refresh"), status)
				}
			}
			a := w.asLead("GET", project+"/workflow", "", "If-None-Match", tag)
			if a.status != http.StatusNotModified || a.header.Get("X-Workflow-Refresh") != status || a.header.Get("ETag") != tag {
				t.Errorf("%d %v", a.status, a.header)
			}
			for _, path := range []string{"", "/workflow/settings"} {
				r := decoded[refresh](t, w.asLead("GET", project+path, "")).Refresh
				failed := status == "failed"
				if r == nil || r.Status != status || (r.WantedSince == nil) != (status == "current") || r.FactsAt == nil || (r.RetryAt != nil) != failed || (r.Message != nil) != failed {
					t.Errorf("%s: %+v, want %s", path, r, status)
				} else if failed && *r.Message != "The moon is in the way." {
					t.Errorf("%s: %s", path, *r.Message)
				}
			}
		}
		told("current")
		decoded[any](t, w.asLead("PUT", project+"/workflow/settings", `{"zone":"Asia/Tokyo"}`))
		told("queued")
		silent, err := w.store.SilentWorkflows(t.Context(), time.Now().Add(time.Hour), 10)
		if err != nil || len(silent) != 1 {
			t.Fatal(silent, err)
		}
		c, now := store.WorkflowClaim{ProjectID: id, JobID: silent[0].JobID, Owner: "one"}, time.Now().UTC()
		was, _, err := w.store.ClaimWorkflow(t.Context(), c, now, now)
		if err != nil {
			t.Fatal(err)
		}
		told("running")
		if err := w.store.FailWorkflow(t.Context(), c, was, "The moon is in the way.", now.Add(time.Minute), now); err != nil {
			t.Fatal(err)
		}
		told("failed")
	})
}

// TestAMomentOfTheFuture that a report tells, as of an imported log whose last
// event is to come, can be asked for again.
func TestAMomentOfTheFuture(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		id := w.logged(time.Now().UTC().AddDate(1, 0, 0).Truncate(time.Second))
		path := "/api/v1/projects/" + id + "/workflow"
		kept := w.asLead("GET", path, "")
		report := decoded[measure.Document](t, kept)
		if !report.AsOf.After(time.Now().AddDate(0, 11, 0)) || report.AsOfSource != "last_event" {
			t.Fatalf("as of %s, %s", report.AsOf, report.AsOfSource)
		}
		at := func(v time.Time) string { return url.QueryEscape(v.Format(time.RFC3339Nano)) }
		again := decoded[measure.Document](t, w.asLead("GET", path+"?as_of="+at(report.AsOf)+"&from="+at(report.Window.From)+"&to="+at(report.Window.To), ""))
		if again.AsOfSource != "request" || !again.AsOf.Equal(report.AsOf) || again.Window != report.Window || again.Items != report.Items || again.Analysis.Performance.CycleTime.N != report.Analysis.Performance.CycleTime.N {
			t.Errorf("%+v %+v, want %+v %+v", again.Window, again.Items, report.Window, report.Items)
		}
		later := w.asLead("GET", path+"?as_of="+at(report.AsOf.Add(time.Second)), "")
		if later.status != http.StatusUnprocessableEntity || faultyFields(t, later) != "query.as_of" {
			t.Errorf("%d %s", later.status, later.body)
		}
	})
}

// logged makes a project of the team lead that has nothing but an imported log,
// whose last event is of a moment.
func (w *world) logged(last time.Time) string {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "Logged"})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err = w.db.Write().ExecContext(w.t.Context(), `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, 'svc_l', 'r', '', $2)`, p.ID, last); err != nil {
		w.t.Fatal(err)
	}
	var records []rampforge.Record
	for i := range 12 {
		at := last.Add(-time.Duration(i) * time.Hour)
		event := func(before time.Duration, from, to string) rampforge.WorkItemEvent {
			return rampforge.WorkItemEvent{Field: rampforge.FieldStatus, From: from, FromID: from, To: to, ToID: to, At: at.Add(-before)}
		}
		records = append(records, rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprint(i), Raw: []byte(`{}`), UpdatedAt: at, WorkItem: &rampforge.WorkItem{
			Key: fmt.Sprint("L-", i), Type: "case", Status: "C", StatusID: "C", StatusCategory: rampforge.StatusDone, EventLog: true, CreatedAt: at.Add(-9 * time.Hour), UpdatedAt: at,
			Events: []rampforge.WorkItemEvent{event(9*time.Hour, "", "A"), event(5*time.Hour, "A", "B"), event(0, "B", "C")},
		}})
	}
	w.told("svc_l", records...)
	w.refreshed(p.ID)
	return p.ID
}
