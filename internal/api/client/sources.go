package client

import (
	"context"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
)

// SourceRef names a resource of a service.
type SourceRef struct {
	ServiceID  string `json:"service_id"`
	ResourceID string `json:"resource_id"`
}

// RecordPlace is where a record comes from.
type RecordPlace struct {
	ID          string    `json:"id"`
	ServiceID   string    `json:"service_id"`
	ResourceID  string    `json:"resource_id"`
	ResourceKey string    `json:"resource_key"`
	SyncedAt    time.Time `json:"synced_at"`
}

// VendorAccount is a vendor's account as lists show it.
type VendorAccount struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	Bot   bool   `json:"bot"`
}

// WorkItem is a work item in a list.
type WorkItem struct {
	RecordPlace

	Key            string                   `json:"key"`
	Type           string                   `json:"type"`
	Title          string                   `json:"title"`
	URL            string                   `json:"url"`
	Status         string                   `json:"status"`
	StatusCategory rampforge.StatusCategory `json:"status_category"`
	Priority       string                   `json:"priority"`
	Labels         []string                 `json:"labels"`
	Reporter       *VendorAccount           `json:"reporter"`
	Assignees      []VendorAccount          `json:"assignees"`
	Estimate       *float64                 `json:"estimate"`
	SprintIDs      []string                 `json:"sprint_ids"`
	Comments       int                      `json:"comments"`
	CreatedAt      time.Time                `json:"created_at"`
	UpdatedAt      time.Time                `json:"updated_at"`
	ClosedAt       *time.Time               `json:"closed_at"`
}

// WorkItems is a page of work items.
type WorkItems struct {
	WorkItems []WorkItem `json:"work_items"`
	Page
}

// PullRequest is a pull request in a list.
type PullRequest struct {
	RecordPlace

	Number    int             `json:"number"`
	Title     string          `json:"title"`
	URL       string          `json:"url"`
	State     string          `json:"state"`
	Author    *VendorAccount  `json:"author"`
	Assignees []VendorAccount `json:"assignees"`
	Reviews   int             `json:"reviews"`
	Comments  int             `json:"comments"`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
	MergedAt  *time.Time      `json:"merged_at"`
}

// PullRequests is a page of pull requests.
type PullRequests struct {
	PullRequests []PullRequest `json:"pull_requests"`
	Page
}

// Sprint is a sprint in a list.
type Sprint struct {
	RecordPlace

	Name    string     `json:"name"`
	State   string     `json:"state"`
	StartAt *time.Time `json:"start_at"`
	EndAt   *time.Time `json:"end_at"`
}

// Sprints is a page of sprints.
type Sprints struct {
	Sprints []Sprint `json:"sprints"`
	Page
}

// Sources lists what a project is bound to.
func (c *Client) Sources(ctx context.Context, projectID string) ([]rampforge.ProjectSource, error) {
	return get[[]rampforge.ProjectSource](ctx, c, projectPath(projectID)+"/sources")
}

// SetSources binds a project to these resources and to no others.
func (c *Client) SetSources(ctx context.Context, projectID string, sources []SourceRef) ([]rampforge.ProjectSource, error) {
	return send[[]rampforge.ProjectSource](ctx, c, http.MethodPut, projectPath(projectID)+"/sources", map[string]any{"sources": sources})
}

// SyncProject syncs the sources of a project, and waits for the end for at most
// wait.
func (c *Client) SyncProject(ctx context.Context, projectID string, force bool, wait time.Duration) (Sync, error) {
	return send[Sync](ctx, c, http.MethodPost, projectPath(projectID)+"/sync", map[string]any{"force_refresh": force}, prefer(wait)...)
}

// WorkItems lists the work items of a project. The query may hold state,
// status_category, type, assignee, updated_since and search.
func (c *Client) WorkItems(ctx context.Context, projectID string, q Query) (WorkItems, error) {
	return get[WorkItems](ctx, c, q.on(projectPath(projectID)+"/work-items"))
}

// PullRequests lists the pull requests of a project. The query may hold state,
// assignee, updated_since and search.
func (c *Client) PullRequests(ctx context.Context, projectID string, q Query) (PullRequests, error) {
	return get[PullRequests](ctx, c, q.on(projectPath(projectID)+"/pull-requests"))
}

// Sprints lists the sprints of a project. The query may hold state,
// updated_since and search.
func (c *Client) Sprints(ctx context.Context, projectID string, q Query) (Sprints, error) {
	return get[Sprints](ctx, c, q.on(projectPath(projectID)+"/sprints"))
}
