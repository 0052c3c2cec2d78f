package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// registerLegacy registers the calls of an older front end: thin adapters over
// what the others do, for as long as it is in use.
func (a *API) registerLegacy() {
	handle(a, route{id: "legacy-sync-project", method: http.MethodPost, path: "/api/v1/project-management/sync", tag: tagProjects, policy: teamLeads, status: http.StatusAccepted, deprecated: true,
		summary: "Read what is new of one resource of a service", description: "Use POST /api/v1/projects/{id}/sync. " + syncDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.legacySync)
	handle(a, route{id: "legacy-sync-projects", method: http.MethodPost, path: "/api/v1/project-management/sync-all", tag: tagProjects, policy: developers, status: http.StatusAccepted, deprecated: true,
		summary: "Read what is new of all of your active projects", description: "Starts a sync of each project and waits for none; the newest 100 projects. Use POST /api/v1/projects/{id}/sync."}, a.legacySyncAll)
}

type legacySyncInput struct {
	Prefer []string `header:"Prefer" doc:"wait=N: wait at most N seconds, up to 60, for the end"`
	Body   struct {
		ServiceID         string `json:"service_id" minLength:"1" maxLength:"100"`
		ProjectIdentifier string `json:"project_identifier" minLength:"1" maxLength:"1000" doc:"Key or id of a resource that the service was seen to have"`
	}
}

func (a *API) legacySync(ctx context.Context, in *legacySyncInput) (*syncAnswer, error) {
	service, err := a.options.Store.Service(ctx, in.Body.ServiceID)
	if err != nil {
		return nil, err
	}
	if !service.Enabled {
		return nil, rampforge.Errorf(rampforge.CodeConflict, "The service is disabled: enable it first.")
	}
	resource, err := a.options.Store.ResourceNamed(ctx, service.ID, in.Body.ProjectIdentifier)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "project_identifier", Issue: "names nothing that the service was seen to have: list its resources first"})
	}
	if err != nil {
		return nil, err
	}
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	return a.startSync(ctx, []rampforge.Service{service}, map[string][]string{service.ID: {resource.ID}}, false, in.Prefer)
}

type legacySyncAllAnswer struct {
	Body struct {
		Message     string             `json:"message"`
		TotalSynced int                `json:"total_synced" doc:"Projects that were looked at"`
		Successful  int                `json:"successful" doc:"Those whose sync was started"`
		Failed      int                `json:"failed" doc:"Those that are bound to nothing that can be synced"`
		Results     []legacySyncResult `json:"results"`
		StartedAt   time.Time          `json:"started_at"`
	}
}

type legacySyncResult struct {
	ProjectID string               `json:"project_id"`
	Name      string               `json:"name"`
	Status    rampforge.SyncStatus `json:"status" enum:"running,failed"`
	SyncID    *string              `json:"sync_id" doc:"For GET /api/v1/mcp/sync/{id}"`
	Error     *string              `json:"error"`
}

func (a *API) legacySyncAll(ctx context.Context, _ *nothing) (*legacySyncAllAnswer, error) {
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	projects, _, err := a.options.Store.Projects(ctx, requestOf(ctx).viewer(), rampforge.ProjectActive, store.Page{Limit: maxSynced})
	if err != nil {
		return nil, err
	}
	out := &legacySyncAllAnswer{}
	out.Body.Results, out.Body.TotalSynced, out.Body.StartedAt = []legacySyncResult{}, len(projects), a.options.Now().UTC()
	for i := range projects {
		result := legacySyncResult{ProjectID: projects[i].ID, Name: projects[i].Name, Status: rampforge.SyncRunning}
		run, err := a.beginProjectSync(ctx, projects[i].ID)
		switch {
		case rampforge.ErrorCode(err) == rampforge.CodeConflict:
			result.Status, result.Error = rampforge.SyncFailed, new(rampforge.ErrorMessage(err))
			out.Body.Failed++
		case err != nil:
			return nil, err
		default:
			result.SyncID = &run.ID
			out.Body.Successful++
		}
		out.Body.Results = append(out.Body.Results, result)
	}
	out.Body.Message = fmt.Sprintf("The syncs of %d projects were started.", out.Body.Successful)
	return out, nil
}

func (a *API) beginProjectSync(ctx context.Context, projectID string) (rampforge.SyncRun, error) {
	services, resources, err := a.toSync(ctx, projectID)
	if err != nil {
		return rampforge.SyncRun{}, err
	}
	return a.beginSync(ctx, services, resources, false)
}
