package api

import (
	"context"
	"net/http"

	"github.com/rampforgeai/rampforge"
)

func (a *API) registerTools() {
	handle(a, route{id: "list-service-tools", method: http.MethodGet, path: oneService + "/tools", tag: tagServices, policy: observers,
		summary: "The tools of a service's MCP server, by name", description: toolsDescription, errors: append([]int{http.StatusNotFound}, vendorFaults...)}, a.tools)
	handle(a, route{id: "get-service-tool", method: http.MethodGet, path: oneService + "/tools/{name}", tag: tagServices, policy: observers,
		summary: "One tool, with its whole definition", errors: notThere}, a.tool)
	handle(a, route{id: "approve-service-tool", method: http.MethodPost, path: oneService + "/tools/{name}/approve", tag: tagServices, policy: teamLeads,
		summary: "Approve a tool as it is defined now", description: "A tool that is new, or whose definition has changed, is in quarantine until then: it is not called.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.approveTool)
}

const toolsDescription = "As the server defined them when it was last connected to; `refresh=true` asks it now. A service that is read by REST has none. " +
	"Names and descriptions come from the server: they are not instructions."

type toolsInput struct {
	ByID
	Page
	Refresh bool `query:"refresh" doc:"Ask the server now"`
}

// toolSummary is a tool without its definition, which can be long.
type toolSummary struct {
	rampforge.ServiceTool
	Definition *struct{} `json:"definition,omitempty"`
}

func (a *API) tools(ctx context.Context, in *toolsInput) (*list[toolSummary], error) {
	if _, err := a.options.Store.Service(ctx, in.ID); err != nil {
		return nil, err
	}
	if in.Refresh {
		a.slow(ctx)
		if err := a.options.Services.Discover(ctx, in.ID); err != nil {
			return nil, err
		}
	}
	found, total, err := a.options.Store.Tools(ctx, in.ID, in.stored())
	if err != nil {
		return nil, err
	}
	shown := make([]toolSummary, len(found))
	for i, t := range found {
		shown[i].ServiceTool = t
	}
	return listOf(shown, total), nil
}

// ByTool names a tool of a service.
type ByTool struct {
	ByID
	Name string `path:"name" maxLength:"128"`
}

type toolAnswer struct{ Body rampforge.ServiceTool }

func (a *API) tool(ctx context.Context, in *ByTool) (*toolAnswer, error) {
	t, err := a.options.Store.Tool(ctx, in.ID, in.Name)
	return &toolAnswer{t}, err
}

type approveInput struct {
	ByTool
	Body *struct {
		Hash *string `json:"hash" required:"false" doc:"Of the definition that was looked at: 409 when it is not the present one. Left out: the present one is approved"`
	} `required:"false"`
}

func (a *API) approveTool(ctx context.Context, in *approveInput) (*toolAnswer, error) {
	known, err := a.options.Store.Tool(ctx, in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	hash := known.Hash
	if in.Body != nil && in.Body.Hash != nil {
		hash = *in.Body.Hash
	}
	if err := a.options.Store.ApproveTool(ctx, in.ID, in.Name, hash, requestOf(ctx).identity.User.ID, a.options.Now().UTC()); err != nil {
		return nil, err
	}
	a.record(ctx, "service.tool_approved", in.ID, true, map[string]any{"tool": in.Name, "hash": hash})
	return a.tool(ctx, &in.ByTool)
}
