package api

import (
	"context"
	"net/http"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerRemaps() {
	handle(a, route{id: "remap-service", method: http.MethodPost, path: oneService + "/remap", tag: tagServices, policy: admins, status: http.StatusAccepted,
		summary: "Make the records of a service anew of the payloads that are kept", description: remapDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.remapService)
	handle(a, route{id: "get-service-remap", method: http.MethodGet, path: oneService + "/remap", tag: tagServices, policy: admins,
		summary: "How the remap of a service stands that was started last", errors: notThere}, a.serviceRemap)
}

const remapDescription = "For a mapping that changed with an update. No service is asked; records whose payload is not kept any more stay as they are until they are read again, " +
	"and what is gone at the vendor stays gone. One that is under way is not started twice: the answer is that one, and 409 when it is a dry run and the other not."

type remapInput struct {
	ByID
	Body struct {
		DryRun *bool `json:"dry_run" required:"false" doc:"Count what would change, and write nothing"`
	}
}

type remapAnswer struct{ Body rampforge.Remap }

func (a *API) remapService(ctx context.Context, in *remapInput) (*remapAnswer, error) {
	if _, err := a.options.Store.Service(ctx, in.ID); err != nil {
		return nil, err
	}
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	dry := value(in.Body.DryRun)
	remap, started, err := a.options.Store.StartRemap(ctx, rampforge.Remap{
		ID: store.NewID("remap"), ServiceID: in.ID, DryRun: dry, RequestedBy: requestOf(ctx).identity.User.ID, CreatedAt: a.options.Now().UTC(),
	}, a.options.EnqueueRemap)
	if err != nil {
		return nil, err
	}
	if !started && remap.DryRun != dry {
		return nil, rampforge.Errorf(rampforge.CodeConflict, "Another remap of this service is under way, with dry_run %t: wait for its end.", remap.DryRun)
	}
	if started {
		a.record(ctx, "service.remapped", in.ID, true, map[string]any{"remap_id": remap.ID, "dry_run": dry})
	}
	return &remapAnswer{remap}, nil
}

func (a *API) serviceRemap(ctx context.Context, in *ByID) (*remapAnswer, error) {
	remap, err := a.options.Store.NewestRemap(ctx, in.ID)
	return &remapAnswer{remap}, err
}
