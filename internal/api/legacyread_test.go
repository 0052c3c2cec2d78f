package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// object reads one answer of the older front end's calls.
func (w *world) object(role rampforge.Role, path string) map[string]any {
	w.t.Helper()
	a := w.raw(http.MethodGet, "/api/v1/project-management/"+path, "", w.bearer(role)...)
	var out map[string]any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	return out
}

// picked is what of an object has the given names.
func picked(v any, names ...string) map[string]any {
	whole, _ := v.(map[string]any)
	out := map[string]any{}
	for _, name := range names {
		if value, ok := whole[name]; ok {
			out[name] = value
		}
	}
	return out
}

// TestTheOlderFrontEndReads has two projects share a tracker's project: its work
// items are counted once, and only for who may see one of them.
func TestTheOlderFrontEndReads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		item := func(n int, status string, category rampforge.StatusCategory) rampforge.Record {
			at := day.AddDate(0, 0, n)
			return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprint(n), UpdatedAt: at, WorkItem: &rampforge.WorkItem{
				Key: fmt.Sprint("PAY-", n), Title: fmt.Sprint("Item ", n), Type: "Bug", Status: status, StatusCategory: category, UpdatedAt: at, CreatedAt: day, URL: "https://jira.example.com/" + fmt.Sprint(n),
				Assignees: []rampforge.Account{{ID: "aa", Login: "ada@example.com", Name: "Ada"}},
			}}
		}
		tracker := w.add(jiraService("Tracker"))
		w.has(tracker, trackerOf("10", "PAY"), trackerOf("11", "OPS"))
		var made []client.Project
		for i, key := range []string{"PAY", "PAY", "OPS"} {
			p, err := w.lead().CreateProject(ctx, client.NewProject{Name: fmt.Sprint("P", i), PMTool: rampforge.PMToolJira, PMProjectKey: key, TeamMembers: []string{"observer@example.com", "invited@example.com"}[:i]})
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, p)
		}
		w.keep(tracker, "10", item(1, "Open", rampforge.StatusToDo), item(2, "Doing", rampforge.StatusInProgress), item(3, "Closed", rampforge.StatusDone), item(4, "?", rampforge.StatusUnknown))
		w.keep(tracker, "11", item(5, "Closed", rampforge.StatusDone))
		if _, err := w.lead().UpdateProject(ctx, made[0].ID, map[string]any{"status": "archived"}); err != nil {
			t.Fatal(err)
		}
		counts := []string{"total_projects", "active_projects", "total_work_items", "completed_work_items", "in_progress_work_items", "active_team_members"}
		for role, want := range map[rampforge.Role]map[string]any{
			rampforge.RoleTeamLead:  {"total_projects": 3.0, "active_projects": 2.0, "total_work_items": 5.0, "completed_work_items": 2.0, "in_progress_work_items": 1.0, "active_team_members": 3.0},
			rampforge.RoleAdmin:     {"total_projects": 3.0, "active_projects": 2.0, "total_work_items": 5.0, "completed_work_items": 2.0, "in_progress_work_items": 1.0, "active_team_members": 3.0},
			rampforge.RoleObserver:  {"total_projects": 2.0, "active_projects": 2.0, "total_work_items": 5.0, "completed_work_items": 2.0, "in_progress_work_items": 1.0, "active_team_members": 3.0},
			rampforge.RoleDeveloper: {"total_projects": 0.0, "active_projects": 0.0, "total_work_items": 0.0, "completed_work_items": 0.0, "in_progress_work_items": 0.0, "active_team_members": 0.0},
		} {
			if diff := cmp.Diff(want, picked(w.object(role, "dashboard"), counts...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", role, diff)
			}
		}
		recent, _ := w.object(rampforge.RoleTeamLead, "dashboard")["recent_projects"].([]any)
		if len(recent) != 3 {
			t.Fatalf("%v", recent)
		}
		want := map[string]any{"id": made[1].ID, "name": "P1", "key": "PAY", "project_type": "jira", "status": "active", "url": "https://jira.example.com/browse/PAY",
			"total_work_items": 4.0, "completed_work_items": 1.0, "in_progress_work_items": 1.0, "backlog_work_items": 2.0, "active_team_members": 2.0, "team_members": []any{}, "workflows": []any{}}
		names := []string{"id", "name", "key", "project_type", "status", "url", "total_work_items", "completed_work_items", "in_progress_work_items", "backlog_work_items", "active_team_members", "team_members", "workflows"}
		if diff := cmp.Diff(want, picked(recent[1], names...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, picked(w.object(rampforge.RoleObserver, "projects/"+made[1].ID), names...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		list := w.object(rampforge.RoleObserver, "projects?limit=1&offset=1")
		if diff := cmp.Diff(map[string]any{"total": 2.0, "limit": 1.0, "offset": 1.0, "has_more": false}, picked(list, "total", "limit", "offset", "has_more")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for path, want := range map[string][]string{
			"work-items":                               {"PAY-5", "PAY-4", "PAY-3", "PAY-2", "PAY-1"},
			"work-items?project_id=" + made[0].ID:      {"PAY-4", "PAY-3", "PAY-2", "PAY-1"},
			"work-items?status=Closed&limit=1":         {"PAY-5"},
			"work-items?limit=2&offset=3":              {"PAY-2", "PAY-1"},
			"work-items?status=Nobody+has+this+status": {},
		} {
			got := []string{}
			items, _ := w.object(rampforge.RoleTeamLead, path)["work_items"].([]any)
			for _, v := range items {
				got = append(got, fmt.Sprint(picked(v, "external_id")["external_id"]))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
		shown, _ := w.object(rampforge.RoleTeamLead, "work-items?limit=1")["work_items"].([]any)
		if diff := cmp.Diff(map[string]any{"id": "5", "external_id": "PAY-5", "item_type": "Bug", "title": "Item 5", "status": "Closed", "updated_at": "2026-03-06T00:00:00Z", "url": "https://jira.example.com/5",
			"assignee": map[string]any{"id": "aa", "login": "ada", "name": "Ada", "bot": false}}, shown[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		members := w.object(rampforge.RoleTeamLead, "team-members")
		if rows, _ := members["team_members"].([]any); members["total"] != 3.0 || len(rows) != 3 {
			t.Errorf("%v", members)
		}
		for _, path := range []string{"work-items", "team-members"} {
			if a := w.raw(http.MethodGet, "/api/v1/project-management/"+path+"?project_id="+made[0].ID, "", w.bearer(rampforge.RoleDeveloper)...); a.status != http.StatusNotFound {
				t.Errorf("%s of a project that is not there for them: %d", path, a.status)
			}
		}
	})
}

// TestTheOlderFrontEndReadsInsights: what it shows are numbers of the workflow
// report, and of a project without one nothing but its members.
func TestTheOlderFrontEndReadsInsights(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.worked(12)
		bare, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "Bare", TeamMembers: []string{"invited@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		var report struct {
			Analysis struct {
				Performance struct {
					Throughput struct {
						Series []struct {
							Date     string  `json:"date"`
							Finished float64 `json:"finished"`
						} `json:"series"`
					} `json:"throughput"`
					LeadTime struct {
						Mean *float64 `json:"mean"`
					} `json:"lead_time"`
				} `json:"performance_metrics"`
			} `json:"workflow_analysis"`
		}
		a := w.raw(http.MethodGet, "/api/v1/projects/"+id+"/workflow", "", w.bearer(rampforge.RoleTeamLead)...)
		if err := json.Unmarshal([]byte(a.body), &report); err != nil || report.Analysis.Performance.LeadTime.Mean == nil {
			t.Fatalf("%v: %.300s", err, a.body)
		}
		finished := map[string]any{}
		for _, step := range report.Analysis.Performance.Throughput.Series {
			finished[step.Date] = step.Finished
		}
		got := w.object(rampforge.RoleTeamLead, "projects/"+id+"/analytics")
		want := map[string]any{
			"project_id": id, "analysis_date": got["analysis_date"],
			"workflow_patterns": map[string]any{
				"status_distribution": map[string]any{"Fertig": 12.0, "Läuft": 1.0, "Offen": 1.0}, "type_distribution": map[string]any{"Story": 12.0, "Bug": 2.0},
				"priority_distribution": map[string]any{}, "completion_trends": finished,
			},
			"communication_patterns": map[string]any{"most_active_assignees": map[string]any{}, "most_active_reporters": map[string]any{}, "team_distribution": map[string]any{"team_lead": 1.0}},
			"team_metrics":           map[string]any{"active_members": 1.0, "avg_completion_time_days": *report.Analysis.Performance.LeadTime.Mean / 24, "velocity_story_points": nil},
		}
		if diff := cmp.Diff(want, got); diff != "" || got["analysis_date"] == nil {
			t.Errorf("(-want +got):\n%s", diff)
		}
		all := w.object(rampforge.RoleTeamLead, "insights/workflow-analysis")
		insights, _ := all["insights"].([]any)
		if len(insights) != 1 || all["total_projects_analyzed"] != 1.0 || all["total"] != 2.0 {
			t.Errorf("%v", all)
		} else if diff := cmp.Diff(want, insights[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		none := w.object(rampforge.RoleTeamLead, "projects/"+bare.ID+"/analytics")
		if diff := cmp.Diff(map[string]any{"analysis_date": nil, "team_metrics": map[string]any{"active_members": 2.0, "avg_completion_time_days": nil, "velocity_story_points": nil}},
			picked(none, "analysis_date", "team_metrics")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
