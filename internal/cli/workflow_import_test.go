package cli_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// visited is an event of a made-up event log.
type visited struct {
	activity, lifecycle string
	at                  time.Time
}

// eventLog makes an event log: permits that are filed, checked and decided, some
// of them sent back, some of them again and again, with events of one moment.
func eventLog() (cases [][]visited) {
	random := rand.New(rand.NewPCG(3, 5))
	for n := range 60 {
		when := at(2, 3, 7, 0).Add(time.Duration(n*37) * time.Hour)
		var events []visited
		add := func(activity string) {
			events = append(events, visited{activity, "start", when})
			if random.IntN(5) > 0 {
				when = when.Add(time.Duration(random.IntN(40*360)) * 10 * time.Second)
			}
			events = append(events, visited{activity, "complete", when})
			when = when.Add(time.Duration(random.IntN(50*360)) * 10 * time.Second)
		}
		add("Antrag <gestellt>")
		for random.IntN(3) == 0 {
			add("審査")
		}
		add("Prüfung")
		if random.IntN(3) == 0 {
			add("Rückfrage")
			add("Prüfung")
		}
		if random.IntN(8) > 0 {
			add("Bescheid & Ende")
		}
		cases = append(cases, events)
	}
	return cases
}

// asXES writes an event log with all that the format allows: extensions, globals,
// classifiers, containers and attributes within attributes, in which there are
// names that count elsewhere.
func asXES(cases [][]visited) string {
	var x strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<global scope="event"><string key="concept:name" value="none"/><date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>
<classifier name="Activity" keys="concept:name"/>
<list key="about"><values><string key="concept:name" value="not an event"/></values></list>
`)
	for n, events := range cases {
		fmt.Fprintf(&x, `<trace><string key="concept:name" value="Permit %d"><string key="concept:name" value="within"/></string><int key="fee" value="%d"/>`, n, 10*n)
		for _, e := range events {
			fmt.Fprintf(&x, `<event><string key="concept:name" value="%s"/><string key="lifecycle:transition" value="%s"/><date key="time:timestamp" value="%s"><date key="time:timestamp" value="1999-01-01T00:00:00Z"/></date><container key="c"><string key="org:resource" value="nobody"/></container><string key="org:resource" value="desk %d"/></event>`,
				escape(e.activity), e.lifecycle, e.at.In(time.FixedZone("", 3600)).Format("2006-01-02T15:04:05.000-07:00"), n%4)
		}
		x.WriteString("</trace>\n")
	}
	x.WriteString("</log>\n")
	return x.String()
}

// bring imports a file and waits for the project's report.
func (s *server) bring(project, query, file string) (made map[string]any) {
	s.t.Helper()
	s.another(project, func() {
		made = s.ask("POST", "/api/v1/projects/"+project+"/import?"+query, file, "Content-Type", "application/octet-stream")
	})
	return made
}

// workflowOfXES feeds a project by an event log alone.
func workflowOfXES(t *testing.T, url string, long bool) {
	t.Helper()
	s := serve(t, url)
	cases := eventLog()
	project := s.project("Permits")
	made := s.bring(project, "format=xes&name=permits&transitions=complete", asXES(cases))
	r := s.count(t, project, "", 0)
	r.isWord("as_of_source", "last_event")
	if r.text(performance+"cycle_time.state") != "not_configured" {
		t.Errorf("activities have categories that nobody gave them: %v", r.at(performance+"cycle_time"))
	}
	r.agreesWith(cases)

	s.settle(project, `{"zone":"Asia/Tokyo","states":[{"name":"Antrag <gestellt>","category":"todo"},{"name":"審査","category":"in_progress"},{"name":"Prüfung","category":"in_progress"},
			{"name":"Rückfrage","category":"in_progress","wait":true},{"name":"Bescheid & Ende","category":"done"}]}`)
	named := []string{"Antrag <gestellt>", "審査", "Prüfung", "Rückfrage", "Bescheid & Ende"}
	r = s.count(t, project, "", 0, named...)
	r.agreesWith(cases)
	for _, metric := range []string{"cycle_time", "flow_efficiency", "throughput"} {
		if r.text(performance+metric+".state") != "ok" {
			t.Errorf("%s: %v", metric, r.at(performance+metric))
		}
	}
	if long {
		s.count(t, project, "from=2025-02-17&to=2025-04-20&as_of=2025-04-25T00:00:00Z&granularity=day", 100, named...)
	}

	// What is taken out is gone.
	s.another(project, func() {
		if a := s.send("DELETE", fmt.Sprint("/api/v1/projects/", project, "/imports/", made["id"]), ""); a.status != http.StatusNoContent {
			t.Fatalf("%d %s", a.status, a.body)
		}
	})
	r = s.count(t, project, "", 0, named...)
	r.is("items.total", 0)
	r.is(miningPath+".events", 0)
}

// agreesWith compares the process with the events that were completed.
func (r *recount) agreesWith(cases [][]visited) {
	r.t.Helper()
	moves, ways, events := map[string]float64{}, map[string]float64{}, 0.0
	for _, c := range cases {
		way := []string{}
		for _, e := range c {
			if e.lifecycle != "complete" {
				continue
			}
			if n := len(way); n > 0 {
				moves[way[n-1]+" → "+e.activity]++
			}
			way = append(way, e.activity)
		}
		ways[strings.Join(way, " → ")]++
		events += float64(len(way))
	}
	r.is(miningPath+".n", float64(len(cases)))
	r.is(miningPath+".events", events)
	r.is(miningPath+".variants.total", float64(len(ways)))
	r.is(miningPath+".transitions_total", float64(len(moves)))
	for i := range r.list(miningPath + ".transitions") {
		at := fmt.Sprintf("%s.transitions[%d]", miningPath, i)
		r.is(at+".count", moves[r.text(at+".from")+" → "+r.text(at+".to")])
	}
}

// TestWorkflowThereAndBack exports a tracker's histories as an event log, imports them
// into another project, and finds the same process.
func TestWorkflowThereAndBack(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		tracker := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 5})
		tracker.Tell(stories(), toldSprints())
		s := serve(t, url)
		there, _ := s.bound("There", "jira", tracker.URL, "10001", tracker.Credentials())
		file := string(s.get("/api/v1/projects/" + there + "/export/event-log?format=xes").body)
		back := s.project("Back")
		s.bring(back, "format=xes", file)
		one := s.ask("GET", "/api/v1/projects/"+there+"/workflow?as_of=2025-06-16T12:00:00Z", "")
		two := s.ask("GET", "/api/v1/projects/"+back+"/workflow?as_of=2025-06-16T12:00:00Z", "")
		for _, part := range []string{"transitions", "activities", "start", "end", "rework", "heuristics_net", "inductive_model", "events", "n"} {
			a, b := (&recount{t: t, report: one}).at(miningPath+"."+part), (&recount{t: t, report: two}).at(miningPath+"."+part)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s: there %v\nand back %v", part, a, b)
			}
		}
		if a, b := paths(t, one), paths(t, two); !reflect.DeepEqual(a, b) || len(a) < 10 {
			t.Errorf("there %v\nand back %v", a, b)
		}
	})
}

// paths are the variants of a report without how long they took: an imported case
// is over, whatever it was before.
func paths(t *testing.T, report map[string]any) (list []string) {
	t.Helper()
	r := &recount{t: t, report: report}
	for i := range r.list(miningPath + ".variants.list") {
		at := fmt.Sprintf("%s.variants.list[%d]", miningPath, i)
		list = append(list, fmt.Sprint(r.at(at+".activities"), r.at(at+".count"), r.at(at+".share"), r.at(at+".cases")))
	}
	return list
}
