package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// importing is a world with a project of the team lead and the developer.
type importing struct {
	*world
	project string
}

func withProject(w *world) importing {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "Shop & more", TeamMembers: []string{"developer@example.com", "observer@example.com"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return importing{w, p.ID}
}

// send imports a file as the developer.
func (w importing) send(query, body string, headers ...string) (int, rampforge.Import, client.Error) {
	w.t.Helper()
	return w.sendTo(w.project, query, body, headers...)
}

func (w importing) sendTo(project, query, body string, headers ...string) (int, rampforge.Import, client.Error) {
	w.t.Helper()
	a := w.raw(http.MethodPost, "/api/v1/projects/"+project+"/import"+query, body, append(headers, "Authorization", "Bearer "+w.people[rampforge.RoleDeveloper].session.AccessToken)...)
	var made rampforge.Import
	var fault struct {
		Message string
		Code    rampforge.Code
		Details struct{ Fields []rampforge.FieldIssue }
	}
	if err := json.Unmarshal([]byte(a.body), &made); err != nil {
		w.t.Fatalf("%d: %v: %s", a.status, err, a.body)
	}
	if a.status >= http.StatusBadRequest {
		if err := json.Unmarshal([]byte(a.body), &fault); err != nil {
			w.t.Fatal(err)
		}
	}
	return a.status, made, client.Error{Status: a.status, Code: fault.Code, Message: fault.Message, Fields: fault.Details.Fields}
}

// get reads a path below the project as the observer.
func (w importing) get(path string) answer {
	w.t.Helper()
	a := w.raw(http.MethodGet, "/api/v1/projects/"+w.project+path, "", "Authorization", "Bearer "+w.people[rampforge.RoleObserver].session.AccessToken)
	if a.status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	return a
}

func (w importing) items() []string {
	w.t.Helper()
	var list struct {
		WorkItems []struct {
			Key    string `json:"key"`
			Status string `json:"status"`
		} `json:"work_items"`
	}
	if err := json.Unmarshal([]byte(w.get("/work-items").body), &list); err != nil {
		w.t.Fatal(err)
	}
	keys := []string{}
	for _, v := range list.WorkItems {
		keys = append(keys, v.Key+" "+v.Status)
	}
	return keys
}

const smallXES = `<log><trace><string key="concept:name" value="A-1"/>
<event><string key="concept:name" value="Open"/><date key="time:timestamp" value="2024-01-01T08:00:00+01:00"/><string key="org:resource" value="ada@example.com"/><string key="lifecycle:transition" value="start"/></event>
<event><string key="concept:name" value="Open"/><date key="time:timestamp" value="2024-01-01T09:00:00+01:00"/><string key="lifecycle:transition" value="complete"/></event>
</trace><trace><string key="concept:name" value="A-1"/>
<event><string key="concept:name" value="Close"/><date key="time:timestamp" value="2024-01-03T08:00:00Z"/></event></trace><trace/></log>`

func unlimited(s *setting) { s.api.Rates.Bulk = api.Rate{} }

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := withProject(w)
		status, made, fault := s.send("?name=Old%20tracker", smallXES)
		if status != http.StatusCreated || made.Format != "xes" || made.Cases != 2 || made.Events != 3 || !made.Bound || made.EmptyCases != 1 || made.Skipped.Total != 0 {
			t.Fatalf("%d %+v, %s", status, made, fault.Message)
		}
		if made.FirstEvent == nil || made.FirstEvent.String() != "2024-01-01 07:00:00 +0000 UTC" || made.LastEvent.String() != "2024-01-03 08:00:00 +0000 UTC" {
			t.Errorf("from %v to %v", made.FirstEvent, made.LastEvent)
		}
		if diff := cmp.Diff([]string{"A-1 Close", "A-1 Open"}, s.items()); diff != "" {
			t.Error(diff)
		}
		var sources []rampforge.ProjectSource
		if err := json.Unmarshal([]byte(s.get("/sources").body), &sources); err != nil {
			t.Fatal(err)
		}
		if len(sources) != 1 || sources[0].Kind != "import" || sources[0].Name != "Old tracker" || sources[0].ServiceID != made.ID || sources[0].LastSynced == nil {
			t.Errorf("the sources %+v", sources)
		}
		// The same name again takes its place; another stands beside it.
		status, second, _ := s.send("?name=old%20TRACKER&format=csv", "case,activity,time\nB,Open,2024-01-01\n")
		if status != http.StatusOK || second.ID == made.ID {
			t.Errorf("%d %+v", status, second)
		}
		if diff := cmp.Diff([]string{"B Open"}, s.items()); diff != "" {
			t.Error(diff)
		}
		if status, _, _ := s.send("", "case,activity,time\nC,Open,2023-01-01\n"); status != http.StatusCreated {
			t.Errorf("another name: %d", status)
		}
		var list struct{ Imports []rampforge.Import }
		if err := json.Unmarshal([]byte(s.get("/imports").body), &list); err != nil || len(list.Imports) != 2 || list.Imports[0].Name != "Import" || list.Imports[1].Name != "old TRACKER" {
			t.Errorf("the imports %+v, %v", list, err)
		}
		s.binding(second.ID, list.Imports[0].ID)
		// What is taken out is gone at once, and its records with the housekeeping.
		if _, err := w.developer().Call(t.Context(), http.MethodDelete, "/api/v1/projects/"+s.project+"/imports/"+second.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.developer().Call(t.Context(), http.MethodDelete, "/api/v1/projects/"+s.project+"/imports/"+second.ID, nil, nil); client.StatusOf(err) != http.StatusNotFound {
			t.Errorf("deleted twice: %v", err)
		}
		if diff := cmp.Diff([]string{"C Open"}, s.items()); diff != "" {
			t.Error(diff)
		}
		s.purged(2, 1)
		s.audited("project.imported", "project.import_deleted")
	}, unlimited)
}

// binding takes an import out of the sources by hand and puts it back, in its
// own project alone.
func (w importing) binding(ids ...string) {
	w.t.Helper()
	put := func(project string, ids ...string) int {
		sources := []map[string]string{}
		for _, id := range ids {
			sources = append(sources, map[string]string{"service_id": id, "resource_id": id})
		}
		_, err := w.lead().Call(w.t.Context(), http.MethodPut, "/api/v1/projects/"+project+"/sources", map[string]any{"sources": sources}, nil)
		return client.StatusOf(err)
	}
	if status := put(w.project); status != 0 || len(w.items()) != 0 {
		w.t.Errorf("taking imports out: %d, left %v", status, w.items())
	}
	if list := w.get("/imports").body; strings.Count(list, `"bound":false`) != len(ids) || strings.Contains(list, `"bound":true`) {
		w.t.Errorf("imports that were taken out are listed as %s", list)
	}
	other, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "other"})
	if err != nil {
		w.t.Fatal(err)
	}
	if status := put(other.ID, ids...); status != http.StatusUnprocessableEntity {
		w.t.Errorf("an import in another project: %d", status)
	}
	if status := put(w.project, ids...); status != 0 || len(w.items()) != 2 {
		w.t.Errorf("putting imports back: %d, there are %v", status, w.items())
	}
	if list := w.get("/imports").body; strings.Count(list, `"bound":true`) != len(ids) {
		w.t.Errorf("imports that were put back are listed as %s", list)
	}
}

// purged removes what is left of imports, and counts what there is then.
func (w importing) purged(imports, records int) {
	w.t.Helper()
	n, err := w.store.PurgeImports(w.t.Context(), w.t0())
	var left int
	if errCount := w.db.Read().QueryRowContext(w.t.Context(), `SELECT count(*) FROM records`).Scan(&left); err != nil || errCount != nil || n != imports || left != records {
		w.t.Errorf("%d imports were removed and %d records are left, want %d and %d (%v, %v)", n, left, imports, records, err, errCount)
	}
}

func (w importing) audited(actions ...string) {
	w.t.Helper()
	a := w.raw(http.MethodGet, "/api/v1/audit", "", "Authorization", "Bearer "+w.people[rampforge.RoleAdmin].session.AccessToken)
	for _, action := range actions {
		if !strings.Contains(a.body, `"`+action+`"`) {
			w.t.Errorf("the audit log has no %s", action)
		}
	}
}

// TestImportWays sends a file in every way that there is.
func TestImportWays(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		s := withProject(w)
		log := "case;activity;time\n1;A;2024-01-01\n"
		var packed, form bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write([]byte(log))
		_ = z.Close()
		m := multipart.NewWriter(&form)
		_ = m.WriteField("note", "not a file")
		part, _ := m.CreateFormFile("file", `C:\logs\Help desk.csv`)
		_, _ = part.Write([]byte(log))
		_ = m.Close()
		for name, c := range map[string]struct {
			query, body string
			headers     []string
			named       string
		}{
			"as it is":  {"", log, []string{"Content-Type", "text/csv"}, "Import"},
			"packed":    {"?name=p", packed.String(), []string{"Content-Encoding", "gzip"}, "p"},
			"a .gz":     {"", packed.String(), []string{"Content-Type", "application/gzip", "Content-Disposition", `attachment; filename="desk.csv.gz"`}, "desk"},
			"curl's":    {"?format=csv&name=%20x%20", log, []string{"Content-Type", "application/x-www-form-urlencoded"}, "x"},
			"a form":    {"", form.String(), []string{"Content-Type", m.FormDataContentType()}, "Help desk"},
			"a slash/":  {"?name=y", log, nil, "y"},
			"overruled": {"?format=csv&name=z", log, []string{"Content-Type", "application/xml"}, "z"},
		} {
			status, made, fault := s.send(c.query, c.body, c.headers...)
			if status > http.StatusCreated || made.Name != c.named || made.Format != "csv" || made.Events != 1 {
				t.Errorf("%s: %d %+v %s", name, status, made, fault.Message)
			}
		}
	}, unlimited)
}

func TestImportRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := withProject(w)
		large := "case,activity,time\n" + strings.Repeat("1,A,2024-01-01\n", 10_000)
		var bomb bytes.Buffer
		z := gzip.NewWriter(&bomb)
		_, _ = z.Write([]byte(large))
		_ = z.Close()
		for name, c := range map[string]struct {
			query, body string
			headers     []string
			status      int
			want        string
		}{
			"empty":            {"", "", nil, 422, "the file: is empty"},
			"a bad format":     {"?format=pdf", smallXES, nil, 422, "format"},
			"bad words":        {"?zone=Vienna&timestamp_format=dd", smallXES, nil, 422, "timestamp_format: "},
			"no case":          {"?name=none", "case,activity,time\n", nil, 422, "the file: has no case with an event"},
			"a local zone":     {"?zone=Local", smallXES, nil, 422, "zone: must be an IANA name"},
			"no such column":   {"?case=Ticket", "id,activity,time\n", nil, 422, `case: there is no column "Ticket"`},
			"day or month":     {"", "case,activity,time\n1,A,01/02/2024\n", nil, 422, "timestamp_format"},
			"an entity":        {"", `<!DOCTYPE log [<!ENTITY x "y">]><log/>`, nil, 422, "has a DOCTYPE"},
			"cut":              {"?on_error=skip", smallXES[:300], nil, 422, "ends"},
			"too large":        {"", large, nil, 413, "at most 100000 bytes"},
			"a bomb":           {"", bomb.String(), nil, 413, "at most 100000 bytes"},
			"a strange coding": {"", smallXES, []string{"Content-Encoding", "br"}, 415, "br is not known"},
			"no part":          {"", "--b--", []string{"Content-Type", "multipart/form-data; boundary=b"}, 422, "no part with a file"},
			"no boundary":      {"", "x", []string{"Content-Type", "multipart/form-data"}, 422, "no readable form"},
		} {
			status, _, fault := s.send(c.query, c.body, c.headers...)
			if status != c.status || !strings.Contains(fault.Message, c.want) {
				t.Errorf("%s: %d %s, want %d %s", name, status, fault.Message, c.status, c.want)
			}
		}
		// What is wrong with the query is told at once.
		_, _, fault := s.send("?zone=Vienna&timestamp_format=dd&format=pdf&transitions=some&name="+strings.Repeat("n", 201), smallXES)
		if got := fieldsOf(fault.Fields); got != "format name timestamp_format transitions zone" {
			t.Errorf("the fields %s", got)
		}
		// Every fault is told, and nothing of the file is kept.
		_, _, fault = s.send("", "case,activity,time\n1,A,2024-01-01\n1,,2024-01-01\n2,A,2024-01-02\n,A,2024-01-02\n")
		want := []rampforge.FieldIssue{{Field: "line 3", Issue: `has no value in the column "activity"`}, {Field: "line 5", Issue: `has no value in the column "case"`}}
		if diff := cmp.Diff(want, fault.Fields); diff != "" || len(s.items()) != 0 {
			t.Errorf("%v\n%s", s.items(), diff)
		}
		if _, err := w.store.PurgeImports(t.Context(), s.t0()); err != nil {
			t.Fatal(err)
		}
		s.purged(0, 0)
		// With leave to, what is faulty is left out and told.
		status, made, _ := s.send("?on_error=skip", "case,activity,time\n1,A,2024-01-01\n1,,2024-01-01\n2,A,2024-01-02\n,A,2024-01-02\n")
		if status != 201 || made.Events != 2 || made.Skipped.Total != 2 || len(made.Skipped.Rows) != 2 || *made.Skipped.Rows[0].Line != 3 || made.Skipped.Rows[0].Issue != want[0].Issue {
			t.Errorf("%d %+v", status, made)
		}
	}, unlimited, func(s *setting) { s.api.ImportMaxBytes = 100_000 })
}

func fieldsOf(issues []rampforge.FieldIssue) string {
	names := []string{}
	for _, v := range issues {
		names = append(names, v.Field)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestImportsOfRemovedProject go with it: the housekeeping is asked at once.
func TestImportsOfRemovedProject(t *testing.T) {
	asked := 0
	onSQLite(t, func(t *testing.T, w *world) {
		s := withProject(w)
		if status, _, fault := s.send("", smallXES); status != 201 || asked != 0 {
			t.Fatalf("%d %s, asked %d times", status, fault.Message, asked)
		}
		if err := w.lead().DeleteProject(t.Context(), s.project); err != nil || asked != 1 {
			t.Errorf("%v, asked %d times", err, asked)
		}
		s.purged(1, 0)
	}, unlimited, func(s *setting) { s.api.Tidy = func() { asked++ } })
}

func TestImportIsBulk(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		s := withProject(w)
		if status, _, _ := s.send("", smallXES); status != 201 {
			t.Fatal(status)
		}
		if status, _, fault := s.send("", smallXES); status != 429 {
			t.Errorf("%d %s", status, fault.Message)
		}
	}, func(s *setting) { s.api.Rates.Bulk = api.Rate{Limit: 1, Window: 1 << 40} })
}

const itemLines = `{"id":"1","key":"SHOP-1","type":"Bug","title":"=HYPERLINK(\"x\")","url":"","status":"Done","status_id":"3","status_category":"done","resolution":"Done","priority":"","labels":["a"],"reporter":{"id":"u1","login":"ada@example.com","name":"Ada","bot":false},"assignees":[{"id":"bob@example.com","login":"","name":"bob@example.com","bot":false}],"estimate":3,"sprint_ids":[],"parent_id":"","links":[],"flagged":false,"created_at":"2024-01-01T08:00:00Z","updated_at":"2024-01-03T08:00:00Z","closed_at":null,"history_incomplete":false,"history":[{"field":"status","from":"Open","to":"Done","from_id":"1","to_id":"3","at":"2024-01-03T08:00:00Z","actor":{"id":"u1","login":"","name":"Ada","bot":false}},{"field":"assignee","from":"","to":"bob@example.com","from_id":"","to_id":"bob@example.com","at":"2024-01-03T08:00:00Z","actor":null}]}
{"key":"SHOP-2","type":"Story","created_at":"2024-02-01T00:00:00Z","status":"Open"}
`

// TestExport writes what was imported and imports that: the same comes out again.
func TestExport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := withProject(w)
		for _, f := range []string{itemLines, smallXES} {
			if status, _, fault := s.send(fmt.Sprintf("?name=%d", len(f)), f); status != 201 {
				t.Fatal(fault.Message)
			}
		}
		first := s.get("/export/work-items?format=jsonl")
		if got := first.header.Get("Content-Disposition"); got != "attachment; filename=shop-more-work-items.jsonl" {
			t.Errorf("the file is %q", got)
		}
		copied := importing{w, s.project}
		other, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "copy", TeamMembers: []string{"developer@example.com", "observer@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		copied.project = other.ID
		if status, made, fault := copied.send("?on_error=skip", first.body); status != 201 || made.Cases != 4 || made.Skipped.Total != 0 {
			t.Fatalf("%d %+v %s", status, made, fault.Message)
		}
		if diff := cmp.Diff(lines(first.body), lines(copied.get("/export/work-items?format=jsonl").body)); diff != "" {
			t.Errorf("the copy is another:\n%s", diff)
		}
		for _, path := range []string{"/export/work-items?format=jsonl", "/export/work-items", "/export/event-log", "/export/event-log?format=csv", "/work-items"} {
			if body := s.get(path).body; strings.Contains(body, "@example.com") {
				t.Errorf("%s tells an address:\n%s", path, body)
			}
		}
		table := s.get("/export/work-items")
		if !strings.Contains(table.body, `"'=HYPERLINK(""x"")"`) || !strings.HasPrefix(table.header.Get("Content-Type"), "text/csv") {
			t.Errorf("%s", table.body)
		}
		s.roundTrip("xes")
		s.roundTrip("csv")
		for query, want := range map[string]int{"?type=Bug": 1, "?from=2024-01-15T00:00:00Z": 1, "?to=2024-01-15T00:00:00Z": 3, "?from=2024-01-15": 1, "?to=2024-01-15": 3, "?type=Epic": 0} {
			if got := strings.Count(s.get("/export/event-log"+query).body, "<trace>"); got != want {
				t.Errorf("%s has %d cases, want %d", query, got, want)
			}
		}
		for _, path := range []string{"/export/work-items", "/export/event-log"} {
			a := w.raw(http.MethodGet, "/api/v1/projects/"+s.project+path+"?from=soon&to=2024-13-01&format=pdf", "", "Authorization", "Bearer "+w.people[rampforge.RoleObserver].session.AccessToken)
			if got := faultyFields(t, a); a.status != 422 || got != "format from to" || !strings.Contains(a.body, "is no moment: write 2026-01-31T15:04:05Z") {
				t.Errorf("%d %s %s", a.status, got, a.body)
			}
		}
		s.audited("project.exported")
	}, unlimited)
}

// TestExportedStates: what a project's states mean goes with its work, those that
// no item is in any more too, so that the copy's report is the same.
func TestExportedStates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := withProject(w)
		var file strings.Builder
		for i := range 12 {
			at := func(hours int) string {
				return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(24*i+hours) * time.Hour).Format(time.RFC3339)
			}
			fmt.Fprintf(&file, `{"id":"%d","type":"Story","status":"Fertig","status_id":"9","status_category":"done","created_at":"%s","updated_at":"%s","history":[`, i, at(0), at(90))
			fmt.Fprintf(&file, `{"field":"status","from":"Offen","from_id":"1","from_category":"todo","to":"Analyse","to_id":"2","to_category":"in_progress","to_position":2,"at":"%s"},`, at(5))
			fmt.Fprintf(&file, `{"field":"status","from":"Analyse","from_id":"2","to":"Bau","to_id":"3","to_category":"in_progress","to_position":1,"at":"%s"},`, at(10+i))
			fmt.Fprintf(&file, `{"field":"status","from":"Bau","from_id":"3","to":"Abnahme","at":"%s"},{"field":"status","from":"Abnahme","to":"Fertig","to_id":"9","at":"%s"}]}`+"\n", at(50), at(90))
		}
		if status, _, fault := s.send("", file.String()); status != 201 {
			t.Fatal(fault.Message, fault.Fields)
		}
		w.refreshed(s.project)
		own := `{"states":[{"name":"Abnahme","category":"in_progress"}]}`
		if a := w.asLead("PUT", "/api/v1/projects/"+s.project+"/workflow/settings", own); a.status != 200 {
			t.Fatal(a.body)
		}
		w.refreshed(s.project)
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "copy", TeamMembers: []string{"developer@example.com", "observer@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		exported := s.get("/export/work-items?format=jsonl").body
		again := importing{w, p.ID}
		if status, _, fault := again.send("", exported); status != 201 {
			t.Fatal(fault.Message, fault.Fields)
		}
		if diff := cmp.Diff(lines(exported), lines(again.get("/export/work-items?format=jsonl").body)); diff != "" {
			t.Errorf("before there are facts of the copy it is another:\n%s", diff)
		}
		w.refreshed(p.ID)
		const moment = "/workflow?as_of=2026-04-01&from=2026-02-01"
		type report struct {
			States   []struct{ Name, Category string }
			Analysis struct {
				Performance map[string]any `json:"performance_metrics"`
				Process     map[string]any `json:"process_mining"`
				Forecast    any
			} `json:"workflow_analysis"`
		}
		first, second := decoded[report](t, s.get(moment)), decoded[report](t, again.get(moment))
		if cycle, _ := first.Analysis.Performance["cycle_time"].(map[string]any); cycle["state"] != "ok" || len(first.States) != 5 || first.States[1].Name != "Bau" {
			t.Fatalf("%v, %v", cycle, first.States)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("the copy's report is another:\n%s", diff)
		}
		for line, want := range map[string]string{
			`"from_category":"busy"`: "from_category", `"to_category":"busy"`: "to_category", `"to_position":-1`: "to_position", `"from_position":1.5`: "from_position",
		} {
			bad := `{"id":"1","created_at":"2026-03-01T08:00:00Z","history":[{"field":"status","to":"A","at":"2026-03-01T09:00:00Z",` + line + `}]}`
			if status, _, fault := again.send("", bad); status != 422 || len(fault.Fields) != 1 || !strings.Contains(fault.Fields[0].Issue, want) {
				t.Errorf("%s: %d %+v", line, status, fault.Fields)
			}
		}
	}, unlimited)
}

func lines(text string) []string {
	all := strings.Split(text, "\n")
	// Their order is that of the imports' ids.
	set := map[string]bool{}
	for _, l := range all {
		set[l] = true
	}
	return sortedSet(set)
}

// roundTrip exports the event log, imports it into a project of its own and
// exports that.
func (w importing) roundTrip(format string) {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "Shop & more", TeamMembers: []string{"developer@example.com", "observer@example.com"}})
	if err != nil {
		w.t.Fatal(err)
	}
	first := w.get("/export/event-log?format=" + format).body
	again := importing{w.world, p.ID}
	if status, _, fault := again.send("?format="+format, first); status != 201 {
		w.t.Fatal(fault.Message)
	}
	if diff := cmp.Diff(lines(first), lines(again.get("/export/event-log?format="+format).body)); diff != "" {
		w.t.Errorf("by %s:\n%s", format, diff)
	}
}

func sortedSet(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// t0 is before anything of a test was written.
func (w importing) t0() time.Time { return time.Now().Add(-time.Hour) }
