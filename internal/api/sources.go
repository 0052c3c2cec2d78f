package api

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerSources() {
	handle(a, route{id: "list-project-sources", method: http.MethodGet, path: oneProject + "/sources", tag: tagProjects, policy: observers,
		summary: "What of which services a project is bound to", description: sourcesDescription, errors: notThere}, a.sources)
	handle(a, route{id: "set-project-sources", method: http.MethodPut, path: oneProject + "/sources", tag: tagProjects, policy: teamLeads,
		summary: "Bind a project by hand", description: "Replaces the sources. What is taken out is not bound again by itself; what stays is bound as it was. " + sourcesDescription, errors: notThere}, a.setSources)
	handle(a, route{id: "sync-project", method: http.MethodPost, path: oneProject + "/sync", tag: tagProjects, policy: developers, status: http.StatusAccepted,
		summary: "Read what is new of a project's sources", description: "Of nothing else of their services. " + syncDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.syncProject)
}

const sourcesDescription = "A project is bound by itself to the resource of its pm_tool that has its pm_project_key, and to the repository at its repository_url, as soon as an enabled service was seen to have it."

type sourcesInput struct {
	ByID
	Body struct {
		Sources []struct {
			ServiceID  string `json:"service_id" minLength:"1" maxLength:"100"`
			ResourceID string `json:"resource_id" minLength:"1" maxLength:"200"`
		} `json:"sources" maxItems:"100" doc:"Resources that the services were seen to have"`
	}
}

func (a *API) sources(ctx context.Context, in *ByID) (*list[rampforge.ProjectSource], error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return a.sourcesOf(ctx, p.ID)
}

func (a *API) sourcesOf(ctx context.Context, projectID string) (*list[rampforge.ProjectSource], error) {
	found, err := a.options.Store.ProjectSources(ctx, projectID)
	return listOf(found, len(found)), err
}

func (a *API) setSources(ctx context.Context, in *sourcesInput) (*list[rampforge.ProjectSource], error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	wanted := make([]store.SourceRef, 0, len(in.Body.Sources))
	for _, v := range in.Body.Sources {
		wanted = append(wanted, store.SourceRef{ServiceID: v.ServiceID, ResourceID: v.ResourceID})
	}
	now := a.options.Now().UTC()
	err = a.options.Store.InTx(ctx, func(tx *sql.Tx) error {
		return a.options.Store.SetProjectSourcesTx(ctx, tx, p.ID, wanted, now)
	})
	if err != nil {
		return nil, err
	}
	a.record(ctx, "project.sources", p.ID, true, map[string]any{"sources": len(wanted)})
	return a.sourcesOf(ctx, p.ID)
}

type syncProjectInput struct {
	ByID
	Prefer []string `header:"Prefer" doc:"wait=N: wait at most N seconds, up to 60, for the end"`
	Body   struct {
		ForceRefresh *bool `json:"force_refresh" required:"false" doc:"Read everything from the beginning"`
	}
}

func (a *API) syncProject(ctx context.Context, in *syncProjectInput) (*syncAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	services, resources, err := a.toSync(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	return a.startSync(ctx, services, resources, value(in.Body.ForceRefresh), in.Prefer)
}

// toSync returns the enabled services of a project's sources, and the sources
// of each.
func (a *API) toSync(ctx context.Context, projectID string) ([]rampforge.Service, map[string][]string, error) {
	sources, err := a.options.Store.ProjectSources(ctx, projectID)
	if err != nil {
		return nil, nil, err
	}
	var services []rampforge.Service
	resources, seen := map[string][]string{}, map[string]bool{}
	for _, source := range sources {
		if !seen[source.ServiceID] {
			seen[source.ServiceID] = true
			service, err := a.options.Store.Service(ctx, source.ServiceID)
			if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
				continue // removed; what was synced of it stays
			}
			if err != nil {
				return nil, nil, err
			}
			if service.Enabled {
				services = append(services, service)
			}
		}
		resources[source.ServiceID] = append(resources[source.ServiceID], source.ResourceID)
	}
	if len(services) == 0 {
		return nil, nil, rampforge.Errorf(rampforge.CodeConflict, "This project is bound to no enabled service: set its pm_tool and pm_project_key or its repository_url, bind its sources by hand, or enable their service.")
	}
	return services, resources, nil
}
