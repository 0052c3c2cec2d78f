package api

import (
	"context"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
)

// registerLegacyInsights registers what an older front end reads of how work
// flows: a few numbers of the workflow report.
func (a *API) registerLegacyInsights() {
	handle(a, route{id: "legacy-project-analytics", method: http.MethodGet, path: legacyRoot + "/projects/{id}/analytics", tag: tagProjects, policy: observers, deprecated: true,
		summary: "How a project's work flows, in short", description: "Use GET /api/v1/projects/{id}/workflow.", errors: notThere}, a.legacyAnalytics)
	handle(a, route{id: "legacy-workflow-analysis", method: http.MethodGet, path: legacyRoot + "/insights/workflow-analysis", tag: tagProjects, policy: observers, deprecated: true,
		summary: "How the work of your projects flows, in short", description: "Those that have a workflow report, among a page of the projects that you may see, newest first. Use GET /api/v1/projects/{id}/workflow."}, a.legacyInsights)
}

// legacyInsight is what an older front end shows of a project's workflow. It
// ranks nobody: the two lists of the most active people stay empty.
type legacyInsight struct {
	ProjectID     string     `json:"project_id"`
	AnalysisDate  *time.Time `json:"analysis_date"`
	Patterns      legacyWork `json:"workflow_patterns"`
	Communication struct {
		Assignees struct{}       `json:"most_active_assignees"`
		Reporters struct{}       `json:"most_active_reporters"`
		Team      map[string]int `json:"team_distribution" doc:"Members by role; invited are those without an account"`
	} `json:"communication_patterns"`
	Team struct {
		ActiveMembers int      `json:"active_members" doc:"Members of the project"`
		Days          *float64 `json:"avg_completion_time_days" doc:"Mean lead time of the last 90 days; null when it is not known"`
		Points        *float64 `json:"velocity_story_points" doc:"Mean of what was completed in a sprint"`
	} `json:"team_metrics"`
}

type legacyWork struct {
	Status     map[string]int `json:"status_distribution"`
	Type       map[string]int `json:"type_distribution"`
	Priority   map[string]int `json:"priority_distribution"`
	Completion map[string]int `json:"completion_trends" doc:"Work items finished in a week, by its Monday"`
}

type legacyAnalyticsAnswer struct{ Body legacyInsight }

func (a *API) legacyAnalytics(ctx context.Context, in *ByID) (*legacyAnalyticsAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	out := &legacyAnalyticsAnswer{}
	out.Body, _, err = a.legacyInsight(ctx, p)
	return out, err
}

type legacyInsightsAnswer struct {
	Body struct {
		Analyzed int             `json:"total_projects_analyzed"`
		Insights []legacyInsight `json:"insights"`
		Paged
	}
}

func (a *API) legacyInsights(ctx context.Context, in *Page) (*legacyInsightsAnswer, error) {
	projects, total, err := a.options.Store.Projects(ctx, requestOf(ctx).viewer(), "", in.stored())
	if err != nil {
		return nil, err
	}
	out := &legacyInsightsAnswer{}
	out.Body.Insights, out.Body.Paged = []legacyInsight{}, in.of(total, len(projects))
	for _, p := range projects {
		insight, known, err := a.legacyInsight(ctx, p)
		if err != nil {
			return nil, err
		}
		if known {
			out.Body.Insights = append(out.Body.Insights, insight)
		}
	}
	out.Body.Analyzed = len(out.Body.Insights)
	return out, nil
}

// legacyInsight tells of a project, and whether there is a report of it.
func (a *API) legacyInsight(ctx context.Context, p rampforge.Project) (out legacyInsight, known bool, err error) {
	var kept measure.Summary
	if known, err = a.options.Store.WorkflowSummary(ctx, p.ID, &kept); err != nil {
		return out, false, err
	}
	out.ProjectID = p.ID
	if known {
		out.AnalysisDate = &kept.Overview.AsOf
	}
	v := &kept.Overview
	out.Patterns = legacyWork{filled(v.Statuses), filled(v.Types), filled(v.Priorities), filled(v.Finished)}
	if v.LeadHours != nil {
		out.Team.Days = new(*v.LeadHours / 24)
	}
	out.Team.Points = kept.Velocity.Average
	if out.Communication.Team, err = a.options.Store.MemberRoles(ctx, p.ID); err != nil {
		return out, false, err
	}
	_, out.Team.ActiveMembers, err = a.options.Store.ProjectMembers(ctx, p.ID, store.Page{Limit: 1})
	return out, known, err
}

// filled is a map that is never null.
func filled(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}
