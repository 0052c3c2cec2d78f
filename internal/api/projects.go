package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

const oneProject = "/api/v1/projects/{id}"

func (a *API) registerProjects() {
	handle(a, route{id: "list-projects", method: http.MethodGet, path: "/api/v1/projects", tag: tagProjects, policy: observers,
		summary: "The projects that you may see, newest first"}, a.projects)
	handle(a, route{id: "create-project", method: http.MethodPost, path: "/api/v1/projects", tag: tagProjects, policy: teamLeads, status: http.StatusCreated,
		summary: "Make a project", description: "A repository_url binds it to the repository of that address, which is added when you may see none. You are a member.",
		errors: []int{http.StatusConflict}}, a.createProject)
	handle(a, route{id: "get-project", method: http.MethodGet, path: oneProject, tag: tagProjects, policy: observers,
		summary: "A project with its repository, team and figures", errors: notThere}, a.project)
	handle(a, route{id: "update-project", method: http.MethodPut, path: oneProject, tag: tagProjects, policy: teamLeads,
		summary: "Change a project", description: "What is left out stays as it is; null clears what can be empty. team_members replaces the members; who made the project stays one.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.updateProject)
	handle(a, route{id: "delete-project", method: http.MethodDelete, path: oneProject, tag: tagProjects, policy: teamLeads, status: http.StatusNoContent,
		summary: "Remove a project", description: "Its repository stays. Only who made it, and admins, may.", errors: notThere}, a.deleteProject)
	handle(a, route{id: "list-project-members", method: http.MethodGet, path: oneProject + "/members", tag: tagProjects, policy: observers,
		summary: "The members of a project", errors: notThere}, a.members)
	handle(a, route{id: "get-project-analysis", method: http.MethodGet, path: oneProject + "/analysis", tag: tagProjects, policy: observers,
		summary: "The newest report of a project's repository", description: reportDescription, errors: notThere}, a.projectReport)
	handle(a, route{id: "analyze-project", method: http.MethodPost, path: oneProject + "/analyze", tag: tagProjects, policy: developers, status: http.StatusAccepted,
		summary: "Analyse a project's repository", description: analyzeDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.analyzeProject)
	a.registerSources()
	a.registerWorkflow()
	a.registerRecords()
	a.registerImports()
	a.registerExports()
	a.answers(oneProject+"/analysis", jsonType, reflect.TypeFor[reportDocument](), "The report")
}

type projectsInput struct {
	Page
	Status string `query:"status" enum:"active,archived" doc:"Only those in this state"`
}

type projectsAnswer struct {
	Body struct {
		Projects []rampforge.Project `json:"projects"`
		Paged
	}
}

func (a *API) projects(ctx context.Context, in *projectsInput) (*projectsAnswer, error) {
	found, total, err := a.options.Store.Projects(ctx, requestOf(ctx).viewer(), rampforge.ProjectStatus(in.Status), in.stored())
	out := &projectsAnswer{}
	out.Body.Projects, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

// projectDetail is a project with what belongs to it. What is not known is
// null.
type projectDetail struct {
	rampforge.Project
	Repository        *rampforge.Repository `json:"repository"`
	ProjectManagement projectManagement     `json:"project_management"`
	Team              projectTeam           `json:"team"`
	Metrics           projectMetrics        `json:"metrics"`
	Refresh           *workflowRefresh      `json:"workflow_refresh" doc:"Whether the workflow report, which the velocity is of, is up to date; null before anybody asked for one"`
}

type projectManagement struct {
	Tool         *rampforge.PMTool `json:"tool"`
	ProjectKey   *string           `json:"project_key"`
	WorkspaceURL *string           `json:"workspace_url"`
	LastSynced   *time.Time        `json:"last_synced"`
	// Sources is what the project is bound to, Unbound what it names and is not.
	Sources []rampforge.ProjectSource `json:"sources"`
	Unbound []rampforge.ProjectWish   `json:"unbound" doc:"What the project names and no service was seen to have; it is bound when one is"`
}

type projectTeam struct {
	Size     int                       `json:"size"`
	Members  []rampforge.ProjectMember `json:"members" doc:"The first 100; all by /members"`
	Velocity velocity                  `json:"velocity"`
}

// velocity is of the board that stands for the project; it is unknown where no
// sprint is.
type velocity struct {
	CurrentSprint *float64 `json:"current_sprint"`
	Average       *float64 `json:"average"`
	Trend         *string  `json:"trend"`
}

type projectMetrics struct {
	ComplexityScore    *float64 `json:"complexity_score"`
	FeatureCount       *int     `json:"feature_count"`
	TechnicalDebtRatio *float64 `json:"technical_debt_ratio"`
	TestCoverage       *float64 `json:"test_coverage"`
}

type projectAnswer struct{ Body projectDetail }

func (a *API) project(ctx context.Context, in *ByID) (*projectAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return a.detail(ctx, p)
}

// shownMembers is how many members a project's detail holds.
const shownMembers = 100

func (a *API) detail(ctx context.Context, p rampforge.Project) (*projectAnswer, error) {
	viewer := requestOf(ctx).viewer()
	sources, err := a.options.Store.ProjectSources(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	out := &projectAnswer{projectDetail{Project: p, ProjectManagement: managementOf(p, sources)}}
	out.Body.Team.Members, out.Body.Team.Size, err = a.options.Store.ProjectMembers(ctx, p.ID, store.Page{Limit: shownMembers})
	if err == nil {
		_, err = a.options.Store.WorkflowSummary(ctx, p.ID, &struct {
			Velocity *velocity `json:"velocity"`
		}{&out.Body.Team.Velocity})
	}
	if err == nil {
		out.Body.Refresh, err = a.workflowRefresh(ctx, p.ID)
	}
	if err != nil || p.RepositoryID == nil {
		return out, err
	}
	repository, err := a.options.Store.Repository(ctx, viewer, *p.RepositoryID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return out, nil // removed since the project was read
	}
	if err != nil {
		return nil, err
	}
	out.Body.Repository = &repository
	kept, err := a.options.Store.NewestReport(ctx, viewer, repository.ID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	summary, err := a.facts.of(kept)
	out.Body.Metrics = projectMetrics{ComplexityScore: summary.ComplexityScore, FeatureCount: summary.FeatureCount, TechnicalDebtRatio: summary.Debt.Ratio, TestCoverage: summary.Totals.Coverage}
	return out, err
}

// managementOf tells of a project's tracker: the source that its key was matched
// with, or else one of a service of its tool.
func managementOf(p rampforge.Project, sources []rampforge.ProjectSource) projectManagement {
	out := projectManagement{Tool: p.PMTool, ProjectKey: p.PMProjectKey, Sources: sources, Unbound: store.Unbound(p, sources)}
	i := slices.IndexFunc(sources, func(v rampforge.ProjectSource) bool { return v.Wish == rampforge.WishTracker })
	if i < 0 && p.PMTool != nil {
		i = slices.IndexFunc(sources, func(v rampforge.ProjectSource) bool { return string(v.ServiceType) == string(*p.PMTool) })
	}
	if i < 0 {
		return out
	}
	out.LastSynced = sources[i].LastSynced
	if sources[i].URL != "" {
		out.WorkspaceURL = &sources[i].URL
	}
	return out
}

type membersInput struct {
	ByID
	Page
}

type membersAnswer struct {
	Body struct {
		Members []rampforge.ProjectMember `json:"members"`
		Paged
	}
}

func (a *API) members(ctx context.Context, in *membersInput) (*membersAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.ProjectMembers(ctx, p.ID, in.stored())
	out := &membersAnswer{}
	out.Body.Members, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

func (a *API) projectReport(ctx context.Context, in *reportInput) (*streamAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if p.RepositoryID == nil {
		return nil, rampforge.Errorf(rampforge.CodeNotFound, "This project has no repository, and so no report: set repository_url first.")
	}
	return a.newestReport(ctx, in, *p.RepositoryID, &p.ID)
}

func (a *API) analyzeProject(ctx context.Context, in *analyzeInput) (*analyzeAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if p.RepositoryID == nil {
		return nil, rampforge.Errorf(rampforge.CodeConflict, "This project has no repository: set repository_url first.")
	}
	out, err := a.analyze(ctx, in, *p.RepositoryID)
	if err != nil {
		return nil, err
	}
	out.Body.ProjectID = &p.ID
	return out, nil
}
