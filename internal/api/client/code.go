package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rampforgeai/rampforge"
)

// NewRepository is a repository to add; what is "" is found out.
type NewRepository struct {
	URL  string                   `json:"url"`
	Name string                   `json:"name,omitempty"`
	Type rampforge.RepositoryType `json:"type,omitempty"`
	// ServiceID is the service whose token it is fetched with.
	ServiceID string `json:"service_id,omitempty"`
}

// AddRepository adds a repository.
func (c *Client) AddRepository(ctx context.Context, r NewRepository) (rampforge.Repository, error) {
	return send[rampforge.Repository](ctx, c, http.MethodPost, "/api/v1/repositories", r)
}

// Repositories lists the repositories that one may see, and their total.
func (c *Client) Repositories(ctx context.Context, q Query) ([]rampforge.Repository, int, error) {
	return counted[rampforge.Repository](ctx, c, q.on("/api/v1/repositories"))
}

// Repository returns a repository.
func (c *Client) Repository(ctx context.Context, id string) (rampforge.Repository, error) {
	return get[rampforge.Repository](ctx, c, "/api/v1/repositories/"+url.PathEscape(id))
}

// DeleteRepository removes a repository.
func (c *Client) DeleteRepository(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodDelete, "/api/v1/repositories/"+url.PathEscape(id), nil, nil)
	return err
}

// AnalysisRequest is what one may choose of an analysis; its zero value is the
// default.
type AnalysisRequest struct {
	ForceRefresh        bool                   `json:"force_refresh,omitempty"`
	AnalysisType        rampforge.AnalysisType `json:"analysis_type,omitempty"`
	IncludeDependencies *bool                  `json:"include_dependencies,omitempty"`
	Ref                 string                 `json:"ref,omitempty"`
}

// Started names the run that was asked for.
type Started struct {
	AnalysisID          string                   `json:"analysis_id"`
	RepositoryID        string                   `json:"repository_id"`
	ProjectID           *string                  `json:"project_id"`
	Status              rampforge.AnalysisStatus `json:"status"`
	EstimatedCompletion *time.Time               `json:"estimated_completion"`
	Message             string                   `json:"message"`
}

// Analyze asks for an analysis of a repository and, with a wait, waits for its
// end, at most that long and at most a minute.
func (c *Client) Analyze(ctx context.Context, repositoryID string, r AnalysisRequest, wait time.Duration) (Started, error) {
	return send[Started](ctx, c, http.MethodPost, "/api/v1/repositories/"+url.PathEscape(repositoryID)+"/analyze", r, prefer(wait)...)
}

func prefer(wait time.Duration) []string {
	if wait <= 0 {
		return nil
	}
	return []string{"Prefer", fmt.Sprintf("wait=%d", int(wait.Seconds()))}
}

// Report is the newest report of a repository: what a program most often asks
// of it, and the whole of it as the server wrote it.
type Report struct {
	ID           string                   `json:"id"`
	RepositoryID string                   `json:"repository_id"`
	ProjectID    *string                  `json:"project_id"`
	Status       rampforge.AnalysisStatus `json:"status"`
	Commit       string                   `json:"commit"`
	CreatedAt    time.Time                `json:"created_at"`

	JSON json.RawMessage `json:"-"`
	ETag string          `json:"-"`
}

// Report returns the newest report of a repository, or false when it still has
// the given ETag.
func (c *Client) Report(ctx context.Context, repositoryID, etag string) (Report, bool, error) {
	return c.report(ctx, "/api/v1/repositories/"+url.PathEscape(repositoryID)+"/analysis", etag)
}

func (c *Client) report(ctx context.Context, path, etag string) (Report, bool, error) {
	var headers []string
	if etag != "" {
		headers = []string{"If-None-Match", etag}
	}
	var text json.RawMessage
	answer, err := c.Call(ctx, http.MethodGet, path, nil, &text, headers...)
	if err != nil || answer.Status == http.StatusNotModified {
		return Report{}, false, err
	}
	r := Report{JSON: text, ETag: answer.Header.Get("ETag")}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, false, fmt.Errorf("reading the report: %w", err)
	}
	return r, true, nil
}

// Analyses is a page of analyses.
type Analyses struct {
	Analyses []rampforge.Analysis `json:"analyses"`
	Page
}

// Analyses lists the analyses of a repository, newest first.
func (c *Client) Analyses(ctx context.Context, repositoryID string, q Query) (Analyses, error) {
	return get[Analyses](ctx, c, q.on("/api/v1/repositories/"+url.PathEscape(repositoryID)+"/analyses"))
}

// Analysis is a run with its report, which is nil until it is completed.
type Analysis struct {
	rampforge.Analysis
	Report json.RawMessage `json:"report"`
}

// Analysis returns a run.
func (c *Client) Analysis(ctx context.Context, id string) (Analysis, error) {
	return get[Analysis](ctx, c, "/api/v1/analyses/"+url.PathEscape(id))
}

// Cancel asks for the end of a run.
func (c *Client) Cancel(ctx context.Context, id string) (rampforge.Analysis, error) {
	return send[rampforge.Analysis](ctx, c, http.MethodPost, "/api/v1/analyses/"+url.PathEscape(id)+"/cancel", nil)
}

// Impact tells what a change of a file (path) or a symbol may touch, as the
// server wrote it.
func (c *Client) Impact(ctx context.Context, repositoryID string, q Query) (json.RawMessage, error) {
	return c.question(ctx, repositoryID, "impact", q)
}

// CodeGraph returns a part of the graph of components, files or symbols, as JSON.
func (c *Client) CodeGraph(ctx context.Context, repositoryID string, q Query) (json.RawMessage, error) {
	return c.question(ctx, repositoryID, "graph", q)
}

// CodeFiles tells what is known of a file, or what a folder holds.
func (c *Client) CodeFiles(ctx context.Context, repositoryID string, q Query) (json.RawMessage, error) {
	return c.question(ctx, repositoryID, "files", q)
}

// CompareAnalyses tells what changed between two analyses.
func (c *Client) CompareAnalyses(ctx context.Context, repositoryID string, q Query) (json.RawMessage, error) {
	return c.question(ctx, repositoryID, "compare", q)
}

func (c *Client) question(ctx context.Context, repositoryID, about string, q Query) (json.RawMessage, error) {
	return get[json.RawMessage](ctx, c, q.on("/api/v1/repositories/"+url.PathEscape(repositoryID)+"/"+about))
}

// SimulateOffboarding tells what nobody knows any more when people leave, for
// all of them together.
func (c *Client) SimulateOffboarding(ctx context.Context, repositoryID string, people []string, q Query) (json.RawMessage, error) {
	body := map[string][]string{"people": people}
	return send[json.RawMessage](ctx, c, http.MethodPost, q.on("/api/v1/repositories/"+url.PathEscape(repositoryID)+"/simulate/offboarding"), body)
}
