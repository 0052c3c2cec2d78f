package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// refreshHeader tells beside a workflow report whether all that is wanted is in
// it: it is of the moment of the request, and the report is not, so that the
// same report has the same bytes and tag.
const refreshHeader = "X-Workflow-Refresh"

// workflowRefresh is how far a project's workflow report is behind.
type workflowRefresh struct {
	Status      store.WorkflowStatus `json:"status" enum:"current,queued,running,failed" doc:"current: all that is known is in the report; queued, running: it is brought up to date; failed: the last attempt did, and the report of before stands"`
	WantedSince *time.Time           `json:"wanted_since" doc:"Since when something is to be looked at that the report does not show; null: nothing is"`
	FactsAt     *time.Time           `json:"facts_at" doc:"What was kept before is in the report; null: there is none yet"`
	Message     *string              `json:"message" doc:"Why the last attempt failed"`
	RetryAt     *time.Time           `json:"retry_at" doc:"When an attempt that failed is made again by itself; a sync or a change of settings makes it at once"`
}

// workflowRefresh returns how far a project's report is behind; nil, before
// anybody asked for one.
func (a *API) workflowRefresh(ctx context.Context, projectID string) (*workflowRefresh, error) {
	w, err := a.options.Store.Workflow(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, nil //nolint:nilnil // that is what it says
	}
	if err != nil {
		return nil, err
	}
	out := &workflowRefresh{Status: w.Status, WantedSince: w.WantedSince, FactsAt: w.FactsAt}
	if w.Status == store.WorkflowFailed {
		out.Message, out.RetryAt = &w.Message, w.RetryAt
	}
	return out, nil
}

// tellsRefresh documents the header of an answer that is made of a report.
func tellsRefresh(r *huma.Response) {
	r.Headers = map[string]*huma.Param{refreshHeader: {
		Description: "Whether the facts that it is made of are up to date: current, queued, running or failed. Why it failed, and since when, workflow_refresh of the project and of its settings says",
		Schema:      &huma.Schema{Type: huma.TypeString, Enum: []any{"current", "queued", "running", "failed"}},
	}}
}
