package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

const legacyRoot = "/api/v1/project-management"

// registerLegacyReads registers what an older front end reads: thin adapters
// over what the others answer.
func (a *API) registerLegacyReads() {
	legacy := func(id, path, summary, instead string, errors ...int) route {
		return route{id: id, method: http.MethodGet, path: legacyRoot + path, tag: tagProjects, policy: observers, deprecated: true, summary: summary, description: "Use " + instead + ".", errors: errors}
	}
	handle(a, legacy("legacy-dashboard", "/dashboard", "Your projects at a glance", "GET /api/v1/projects"), a.legacyDashboard)
	handle(a, legacy("legacy-projects", "/projects", "The projects that you may see, newest first, with counts", "GET /api/v1/projects"), a.legacyProjects)
	handle(a, legacy("legacy-project", "/projects/{id}", "A project with counts", "GET /api/v1/projects/{id}", http.StatusNotFound), a.legacyProject)
	handle(a, legacy("legacy-work-items", "/work-items", "The work items of your projects, the last updated first", "GET /api/v1/projects/{id}/work-items", http.StatusNotFound), a.legacyWorkItems)
	handle(a, legacy("legacy-team-members", "/team-members", "The members of your projects, each once", "GET /api/v1/projects/{id}/members", http.StatusNotFound), a.legacyMembers)
}

// legacyProjectShown is a project as an older front end has it. Its team and
// workflows are lists that stay empty: other calls tell of both.
type legacyProjectShown struct {
	ID          string                  `json:"id"`
	Name        string                  `json:"name"`
	Key         *string                 `json:"key"`
	ProjectType *rampforge.PMTool       `json:"project_type"`
	Status      rampforge.ProjectStatus `json:"status"`
	Description string                  `json:"description"`
	URL         *string                 `json:"url"`
	LastSynced  *time.Time              `json:"last_synced"`
	LegacyCounts
	BacklogWorkItems  int              `json:"backlog_work_items" doc:"Neither in progress nor completed"`
	ActiveTeamMembers int              `json:"active_team_members" doc:"Members of the project"`
	TeamMembers       []struct{}       `json:"team_members"`
	Workflows         []struct{}       `json:"workflows"`
	RecentWorkItems   []legacyWorkItem `json:"recent_work_items"`
}

// LegacyCounts are how many work items there are, and where.
type LegacyCounts struct {
	TotalWorkItems      int `json:"total_work_items"`
	CompletedWorkItems  int `json:"completed_work_items"`
	InProgressWorkItems int `json:"in_progress_work_items"`
}

func legacyCountsOf(c store.StateCounts) LegacyCounts {
	return LegacyCounts{c.Total(), c[rampforge.StatusDone], c[rampforge.StatusInProgress]}
}

type legacyWorkItem struct {
	ID         string        `json:"id"`
	ExternalID string        `json:"external_id"`
	ItemType   string        `json:"item_type"`
	Title      string        `json:"title"`
	Status     string        `json:"status"`
	Assignee   *accountShown `json:"assignee" doc:"The first one"`
	UpdatedAt  time.Time     `json:"updated_at"`
	URL        string        `json:"url"`
}

type legacyDashboardAnswer struct {
	Body struct {
		TotalProjects  int `json:"total_projects"`
		ActiveProjects int `json:"active_projects"`
		LegacyCounts
		ActiveTeamMembers int                  `json:"active_team_members"`
		RecentProjects    []legacyProjectShown `json:"recent_projects"`
	}
}

// How much of a list an overview shows.
const (
	recentProjects  = 5
	recentWorkItems = 5
)

func (a *API) legacyDashboard(ctx context.Context, _ *nothing) (*legacyDashboardAnswer, error) {
	viewer := requestOf(ctx).viewer()
	out := &legacyDashboardAnswer{}
	states, err := a.options.Store.VisibleStates(ctx, viewer)
	if err != nil {
		return nil, err
	}
	out.Body.LegacyCounts = legacyCountsOf(states)
	newest, total, err := a.options.Store.Projects(ctx, viewer, "", store.Page{Limit: recentProjects})
	if err != nil {
		return nil, err
	}
	out.Body.TotalProjects = total
	if _, out.Body.ActiveProjects, err = a.options.Store.Projects(ctx, viewer, rampforge.ProjectActive, store.Page{Limit: 1}); err != nil {
		return nil, err
	}
	if _, out.Body.ActiveTeamMembers, err = a.options.Store.VisibleMembers(ctx, viewer, "", store.Page{Limit: 1}); err != nil {
		return nil, err
	}
	out.Body.RecentProjects, err = a.legacyShown(ctx, newest)
	return out, err
}

func (a *API) legacyShown(ctx context.Context, projects []rampforge.Project) ([]legacyProjectShown, error) {
	viewer := requestOf(ctx).viewer()
	counts, err := a.options.Store.ProjectStates(ctx, viewer)
	if err != nil {
		return nil, err
	}
	out := make([]legacyProjectShown, 0, len(projects))
	for _, p := range projects {
		sources, err := a.options.Store.ProjectSources(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		management, states := managementOf(p, sources), counts[p.ID]
		shown := legacyProjectShown{
			ID: p.ID, Name: p.Name, Key: p.PMProjectKey, ProjectType: p.PMTool, Status: p.Status, Description: p.Description, URL: management.WorkspaceURL, LastSynced: management.LastSynced,
			LegacyCounts: legacyCountsOf(states), BacklogWorkItems: states[rampforge.StatusToDo] + states[rampforge.StatusUnknown], TeamMembers: []struct{}{}, Workflows: []struct{}{},
		}
		if _, shown.ActiveTeamMembers, err = a.options.Store.ProjectMembers(ctx, p.ID, store.Page{Limit: 1}); err != nil {
			return nil, err
		}
		items, _, err := a.options.Store.VisibleWorkItems(ctx, viewer, p.ID, "", store.Page{Limit: recentWorkItems})
		if err == nil {
			shown.RecentWorkItems, err = legacyItems(items)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, nil
}

func legacyItems(records []store.ListedRecord) ([]legacyWorkItem, error) {
	out := make([]legacyWorkItem, 0, len(records))
	for _, r := range records {
		var v rampforge.WorkItem
		if err := json.Unmarshal(r.Content, &v); err != nil {
			return nil, fmt.Errorf("reading the record %s of %s: %w", r.ID, r.ServiceID, err)
		}
		shown := legacyWorkItem{ID: r.ID, ExternalID: v.Key, ItemType: v.Type, Title: v.Title, Status: v.Status, UpdatedAt: v.UpdatedAt, URL: v.URL}
		if len(v.Assignees) > 0 {
			shown.Assignee = shownAccount(&v.Assignees[0])
		}
		out = append(out, shown)
	}
	return out, nil
}

type legacyProjectsAnswer struct {
	Body struct {
		Projects []legacyProjectShown `json:"projects"`
		Paged
	}
}

func (a *API) legacyProjects(ctx context.Context, in *projectsInput) (*legacyProjectsAnswer, error) {
	found, total, err := a.options.Store.Projects(ctx, requestOf(ctx).viewer(), rampforge.ProjectStatus(in.Status), in.stored())
	if err != nil {
		return nil, err
	}
	out := &legacyProjectsAnswer{}
	out.Body.Paged = in.of(total, len(found))
	out.Body.Projects, err = a.legacyShown(ctx, found)
	return out, err
}

type legacyProjectAnswer struct{ Body legacyProjectShown }

func (a *API) legacyProject(ctx context.Context, in *ByID) (*legacyProjectAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	shown, err := a.legacyShown(ctx, []rampforge.Project{p})
	if err != nil {
		return nil, err
	}
	return &legacyProjectAnswer{shown[0]}, nil
}

// LegacyList is what the lists of an older front end take.
type LegacyList struct {
	Page
	ProjectID string `query:"project_id" maxLength:"100" doc:"Only of this project"`
}

// legacyProjectSeen fails with RESOURCE_NOT_FOUND when the list is of a project that the caller
// may not see.
func (a *API) legacyProjectSeen(ctx context.Context, in LegacyList) error {
	if in.ProjectID == "" {
		return nil
	}
	_, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ProjectID)
	return err
}

type legacyWorkItemsInput struct {
	LegacyList
	Status string `query:"status" maxLength:"200" doc:"Only those in this state, as the tracker calls it"`
}

type legacyWorkItemsAnswer struct {
	Body struct {
		WorkItems []legacyWorkItem `json:"work_items"`
		Paged
	}
}

func (a *API) legacyWorkItems(ctx context.Context, in *legacyWorkItemsInput) (*legacyWorkItemsAnswer, error) {
	if err := a.legacyProjectSeen(ctx, in.LegacyList); err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.VisibleWorkItems(ctx, requestOf(ctx).viewer(), in.ProjectID, in.Status, in.stored())
	if err != nil {
		return nil, err
	}
	out := &legacyWorkItemsAnswer{}
	out.Body.Paged = in.of(total, len(found))
	out.Body.WorkItems, err = legacyItems(found)
	return out, err
}

type legacyMembersAnswer struct {
	Body struct {
		TeamMembers []rampforge.ProjectMember `json:"team_members"`
		Paged
	}
}

func (a *API) legacyMembers(ctx context.Context, in *LegacyList) (*legacyMembersAnswer, error) {
	if err := a.legacyProjectSeen(ctx, *in); err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.VisibleMembers(ctx, requestOf(ctx).viewer(), in.ProjectID, in.stored())
	out := &legacyMembersAnswer{}
	out.Body.TeamMembers, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}
