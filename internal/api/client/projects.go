package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/rampforgeai/rampforge"
)

// NewProject is a project to make.
type NewProject struct {
	Name          string           `json:"name"`
	Description   string           `json:"description,omitempty"`
	RepositoryURL string           `json:"repository_url,omitempty"`
	PMTool        rampforge.PMTool `json:"pm_tool,omitempty"`
	PMProjectKey  string           `json:"pm_project_key,omitempty"`
	TeamMembers   []string         `json:"team_members,omitempty"`
}

// Project is a project with what belongs to it.
type Project struct {
	rampforge.Project
	Repository        *rampforge.Repository `json:"repository"`
	ProjectManagement struct {
		Tool         *rampforge.PMTool `json:"tool"`
		ProjectKey   *string           `json:"project_key"`
		WorkspaceURL *string           `json:"workspace_url"`
		LastSynced   *time.Time        `json:"last_synced"`

		Sources []rampforge.ProjectSource `json:"sources"`
		Unbound []rampforge.ProjectWish   `json:"unbound"`
	} `json:"project_management"`
	Team struct {
		Size    int                       `json:"size"`
		Members []rampforge.ProjectMember `json:"members"`
	} `json:"team"`
	Metrics struct {
		ComplexityScore    *float64 `json:"complexity_score"`
		FeatureCount       *int     `json:"feature_count"`
		TechnicalDebtRatio *float64 `json:"technical_debt_ratio"`
		TestCoverage       *float64 `json:"test_coverage"`
	} `json:"metrics"`
}

// Projects is a page of projects.
type Projects struct {
	Projects []rampforge.Project `json:"projects"`
	Page
}

// Members is a page of a project's members.
type Members struct {
	Members []rampforge.ProjectMember `json:"members"`
	Page
}

func projectPath(id string) string { return "/api/v1/projects/" + url.PathEscape(id) }

// CreateProject makes a project.
func (c *Client) CreateProject(ctx context.Context, p NewProject) (Project, error) {
	return send[Project](ctx, c, http.MethodPost, "/api/v1/projects", p)
}

// Projects lists the projects that one may see.
func (c *Client) Projects(ctx context.Context, q Query) (Projects, error) {
	return get[Projects](ctx, c, q.on("/api/v1/projects"))
}

// Project returns a project.
func (c *Client) Project(ctx context.Context, id string) (Project, error) {
	return get[Project](ctx, c, projectPath(id))
}

// UpdateProject changes the named fields of a project; nil clears one.
func (c *Client) UpdateProject(ctx context.Context, id string, change map[string]any) (Project, error) {
	return send[Project](ctx, c, http.MethodPut, projectPath(id), change)
}

// DeleteProject removes a project.
func (c *Client) DeleteProject(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodDelete, projectPath(id), nil, nil)
	return err
}

// Members lists the members of a project.
func (c *Client) Members(ctx context.Context, id string, q Query) (Members, error) {
	return get[Members](ctx, c, q.on(projectPath(id)+"/members"))
}

// ProjectReport returns the newest report of a project's repository, or false
// when it still has the given ETag.
func (c *Client) ProjectReport(ctx context.Context, id, etag string) (Report, bool, error) {
	return c.report(ctx, projectPath(id)+"/analysis", etag)
}

// AnalyzeProject is Analyze for a project's repository.
func (c *Client) AnalyzeProject(ctx context.Context, id string, r AnalysisRequest, wait time.Duration) (Started, error) {
	return send[Started](ctx, c, http.MethodPost, projectPath(id)+"/analyze", r, prefer(wait)...)
}
