package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
)

func TestTeamReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCrew(w)
		r := c.team(true)
		period := lastMonth(1).Format("2006-01")
		for what, b := range map[string]team.Basis{"wip": r.Workload.WIP.Basis, "reviews": r.Workload.ReviewLoad.Basis, "collaboration": r.TeamDynamics.Collaboration.Basis} {
			// Six of the team, and four users who did nothing.
			if b.State != team.OK || b.N != 10 || b.Period != period || b.Explain == nil || b.Explain.Total == 0 {
				t.Errorf("%s: %+v", what, b)
			}
		}
		if r.Workload.OffHours.State != team.Off || r.TeamDynamics.Newcomers.State != team.NoData && r.TeamDynamics.Newcomers.State != team.Suppressed {
			t.Errorf("%+v, %+v", r.Workload.OffHours, r.TeamDynamics.Newcomers)
		}
		// 21 pull requests; one to six of each author, reviewed by the next or the
		// one after the next: 4, 5, 1, 3, 3, 5.
		want := []team.Ask{{Area: "ledger", People: []string{"Yorick Plugh", "Zelda Quux"}}, {Area: "payments", People: []string{"Zelda Quux"}}}
		if diff := cmp.Diff(want, r.WhoToAsk); diff != "" {
			t.Error(diff)
		}
		if len(r.Members) != 4 || r.Workload.ReviewLoad.Explain.Total != 20 || r.KnowledgeRisk.Areas[0].Area != "payments" || r.KnowledgeRisk.Areas[0].Risk != "high" || len(r.Recommendations) == 0 {
			t.Errorf("%+v", r)
		}
		if c.team(false).Workload.ReviewLoad.Explain != nil {
			t.Error("explained without having been asked")
		}

		// The tag of an answer holds until something changes.
		token := w.people[rampforge.RoleObserver].session.AccessToken
		first := w.raw(http.MethodGet, "/api/v1/projects/"+c.project+"/team", "", "Authorization", "Bearer "+token)
		again := w.raw(http.MethodGet, "/api/v1/projects/"+c.project+"/team", "", "Authorization", "Bearer "+token, "If-None-Match", first.header.Get("ETag"))
		if first.status != http.StatusOK || first.header.Get("ETag") == "" || again.status != http.StatusNotModified {
			t.Errorf("%d %q, then %d", first.status, first.header.Get("ETag"), again.status)
		}
	})
}

// leak is a number that stands beside somebody.
type leak struct{ path, who, number string }

// leaks walks JSON and returns the numbers that stand beside one of the names:
// in an object that holds the name as a value, in a list of such values or as a
// key, however deep below it; in a list that holds the name; and in a text with
// both.
func leaks(v any, path string, names map[string]bool, beside string) (found []leak) {
	switch v := v.(type) {
	case float64:
		if beside != "" {
			found = append(found, leak{path, beside, fmt.Sprint(v)})
		}
	case string:
		if who := namedIn(v, names); who != "" && who != v && strings.ContainsAny(strings.ReplaceAll(v, who, ""), "0123456789") {
			found = append(found, leak{path, who, v})
		}
	case []any:
		for _, e := range v {
			if text, ok := e.(string); ok && beside == "" {
				beside = namedIn(text, names)
			}
		}
		for i, e := range v {
			found = append(found, leaks(e, fmt.Sprintf("%s[%d]", path, i), names, beside)...)
		}
	case map[string]any:
		for k, e := range v {
			if beside == "" && k != "created_by" { // a project is not about who made it
				beside = whoIn(e, names)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			of := beside
			if of == "" {
				of = namedIn(k, names)
			}
			found = append(found, leaks(v[k], path+"."+k, names, of)...)
		}
	}
	return found
}

// whoIn returns who a value names: a text, or one of a list of texts.
func whoIn(v any, names map[string]bool) string {
	switch v := v.(type) {
	case string:
		return namedIn(v, names)
	case []any:
		for _, e := range v {
			if text, ok := e.(string); ok {
				if who := namedIn(text, names); who != "" {
					return who
				}
			}
		}
	}
	return ""
}

func namedIn(text string, names map[string]bool) string {
	for name := range names {
		if strings.Contains(text, name) {
			return name
		}
	}
	return ""
}

// TestLeaksAreFound plants every kind of leak.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"Zelda Quux": true, "usr_z": true}
	for text, want := range map[string]int{
		`{"members":[{"name":"Zelda Quux","reviews":7}]}`:                    1,
		`{"members":[{"id":"usr_z","load":{"deep":[{"x":1},2]}}]}`:           2,
		`{"most_active":{"Zelda Quux":7}}`:                                   1,
		`{"rows":[["Zelda Quux",7]]}`:                                        1,
		`{"text":"Zelda Quux did 7 reviews"}`:                                1,
		`{"area":"payments","experts":["Zelda Quux"],"truck_factor":1}`:      1,
		`{"explain":{"rows":[{"id":"usr_z","value":3.5,"from":null}]}}`:      1,
		`{"size":1,"members":[{"name":"Zelda Quux","skills":["Go"]}]}`:       0,
		`{"areas":[{"area":"payments","n":1}],"ask":[{"p":["Zelda Quux"]}]}`: 0,
		`{"name":"Somebody else","reviews":7}`:                               0,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if found := leaks(v, "", names, ""); len(found) != want {
			t.Errorf("%s: %v, want %d", text, found, want)
		}
	}
}

// everybody returns all that people of a crew are known by.
func (c *crew) everybody() map[string]bool {
	c.t.Helper()
	names := map[string]bool{"Somebody": true}
	for i := range crewNames {
		names[crewNames[i]], names[loginOf(crewNames[i])], names[accountOf(i).ID] = true, true, true
	}
	for _, p := range c.people {
		names[p.user.ID], names[p.user.Email] = true, true
	}
	page, err := c.admin().People(c.t.Context(), client.Query{"limit": "100"})
	if err != nil || len(page.People) < 10 {
		c.t.Fatalf("%+v, %v", page, err)
	}
	for _, p := range page.People {
		names[p.ID] = true
	}
	return names
}

// TestNoNumbersBesideNames walks what every role is answered, with each way to
// ask, and fails on a number that stands beside somebody.
func TestNoNumbersBesideNames(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCrew(w)
		names := c.everybody()
		paths := c.aboutPeople()
		read := 0
		for _, role := range rampforge.Roles() {
			token := w.people[role].session.AccessToken
			for _, path := range paths {
				got := w.raw(http.MethodGet, path, "", "Authorization", "Bearer "+token)
				if got.status == http.StatusOK && !strings.Contains(got.header.Get("Content-Type"), "json") {
					if who := namedIn(got.body, names); who != "" {
						t.Errorf("%s as %s names %s", path, role, who)
					}
					continue
				}
				if got.status == http.StatusNotFound && role == rampforge.RoleObserver && strings.Contains(path, "/interviews/") {
					continue // of somebody else
				}
				var v any
				if err := json.Unmarshal([]byte(got.body), &v); err != nil || got.status != http.StatusOK {
					t.Errorf("%s as %s: %d, %v", path, role, got.status, err)
					continue
				}
				if strings.Contains(got.body, "Zelda") {
					read++
				}
				for _, l := range leaks(v, "", names, "") {
					t.Errorf("%s as %s: %s stands beside %s at %s", path, role, l.number, l.who, l.path)
				}
			}
		}
		if read < 8 {
			t.Errorf("only %d answers hold a name at all: the test proves nothing", read)
		}
		wantForbidden(t, w)
	})
}

// records are the ends of routes that show records with their people, as their
// vendors do, and of the code report, which says who wrote what. They count
// nothing for a person.
var records = []string{"/work-items", "/pull-requests", "/analysis", "/export/work-items", "/export/event-log", "/search"}

// aboutPeople returns every route that may tell of the project's people, those
// that come to be as well.
func (c *crew) aboutPeople() []string {
	c.t.Helper()
	interview, item := c.known()
	run := c.documented(c.project)
	paths := []string{"/api/v1/projects", "/api/v1/people", "/api/v1/people/" + whose(c.t, c.lead(), "zelda").ID}
	for path, operations := range c.document().Paths {
		ofProject := strings.HasPrefix(path, "/api/v1/projects/{id}") || strings.HasPrefix(path, "/api/v1/project-management/")
		_, get := operations["get"]
		if !ofProject || !get || slices.ContainsFunc(records, func(end string) bool { return strings.HasSuffix(path, end) }) {
			continue
		}
		if strings.Contains(path, "/conversations/") {
			continue // one's own questions, for nobody else
		}
		path = strings.NewReplacer("{id}", c.project, "{interview_id}", interview, "{item_id}", item, "{run_id}", run.ID, "{kind}", string(rampforge.DocumentArchitecture)).Replace(path)
		if strings.Contains(path, "{") {
			c.t.Errorf("%s is not walked: say what stands in its path", path)
		}
		paths = append(paths, path, path+"?explain=1")
	}
	if !slices.Contains(paths, "/api/v1/projects/"+c.project+"/team?explain=1") {
		c.t.Errorf("the team's report is not among %v", paths)
	}
	return paths
}

// known makes an interview of the developer and an approved item of theirs.
func (c *crew) known() (interviewID, itemID string) {
	c.t.Helper()
	u, now := c.people[rampforge.RoleDeveloper].user, time.Now()
	i := rampforge.Interview{
		ID: store.NewID("int"), ProjectID: c.project, Person: &rampforge.InterviewPerson{UserID: &u.ID, Email: u.Email, Name: u.Name}, Reason: rampforge.InterviewLeaving, Commit: "abc", CreatedAt: now,
		Questions: []rampforge.InterviewQuestion{{ID: store.NewID("inq"), Kind: "risk", Text: "What is waited for in line 12?", Case: rampforge.InterviewCase{Path: "pay.go", StartLine: new(12), EndLine: new(12)}}},
	}
	k := rampforge.KnowledgeItem{
		ID: store.NewID("kno"), ProjectID: c.project, Title: "What is waited for", Text: "The bank.", Author: &rampforge.KnowledgeAuthor{UserID: u.ID}, State: rampforge.KnowledgeApproved, ApprovedAt: &now, CreatedAt: now, UpdatedAt: now,
		Links: []rampforge.KnowledgeLink{{KnowledgePlace: rampforge.KnowledgePlace{Path: "pay.go", StartLine: new(12), EndLine: new(12), Commit: "abc"}, State: rampforge.LinkChanged, Detail: "1 of the 2 lines is not there any more."}},
	}
	if err := errors.Join(c.store.CreateInterview(c.t.Context(), i), c.store.CreateKnowledge(c.t.Context(), k)); err != nil {
		c.t.Fatal(err)
	}
	return i.ID, k.ID
}

// wantForbidden: nobody asks for another's numbers: there is no such path.
func wantForbidden(t *testing.T, w *world) {
	t.Helper()
	id := w.people[rampforge.RoleDeveloper].user.ID
	for _, path := range []string{"/api/v1/users/" + id + "/insights", "/api/v1/auth/" + id + "/insights", "/api/v1/people/" + whose(t, w.lead(), "zelda").ID + "/insights"} {
		got := w.raw(http.MethodGet, path, "", "Authorization", "Bearer "+w.people[rampforge.RoleAdmin].session.AccessToken)
		if got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}
