package api

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	allServices = "/api/v1/mcp/services"
	oneService  = allServices + "/{id}"
)

// Endpoints checks where a service is before the address is stored, and
// returns it normalised. What the asker can mend comes back as rampforge.Error
// with CodeInvalid. A host that cannot be found just now is none of that.
type Endpoints interface {
	CheckEndpoint(ctx context.Context, address string) (string, error)
	// CheckProgram does so for the name of a program on this machine: stdio:NAME.
	CheckProgram(kind rampforge.ServiceType, address string) (string, error)
}

func (a *API) registerServices() {
	handle(a, route{id: "list-services", method: http.MethodGet, path: allServices, tag: tagServices, policy: observers,
		summary: "The services, newest first"}, a.services)
	handle(a, route{id: "create-service", method: http.MethodPost, path: allServices, tag: tagServices, policy: teamLeads, status: http.StatusCreated,
		summary: "Add a service", description: "Nothing is asked of the service unless validate=true says so: then it is added only if it can be used. " + credentialsDescription,
		errors: append([]int{http.StatusConflict}, vendorFaults...)}, a.createService)
	handle(a, route{id: "get-service", method: http.MethodGet, path: oneService, tag: tagServices, policy: observers,
		summary: "A service, its credentials masked", errors: notThere}, a.service)
	handle(a, route{id: "update-service", method: http.MethodPut, path: oneService, tag: tagServices, policy: teamLeads,
		summary: "Change a service", description: "What is left out stays as it is, credentials above all; a masked credential stays too. An endpoint on another host needs its credentials anew, so that they reach nobody else. Another site, that is another endpoint, transport or organization, ends the syncs under way: the next reads everything from the beginning, and what the new site lacks becomes a tombstone; until then last_synced is null. " + credentialsDescription,
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.updateService)
	handle(a, route{id: "delete-service", method: http.MethodDelete, path: oneService, tag: tagServices, policy: teamLeads, status: http.StatusNoContent,
		summary: "Remove a service and its credentials", description: "What was synced stays, unless purge=true says otherwise.", errors: notThere}, a.deleteService)
	handle(a, route{id: "connect-service", method: http.MethodPost, path: oneService + "/connect", tag: tagServices, policy: teamLeads,
		summary: "Sign in to a service and read once", description: "From then on it is checked in the background.", errors: append([]int{http.StatusNotFound, http.StatusConflict}, vendorFaults...)}, a.connectService)
	handle(a, route{id: "disconnect-service", method: http.MethodPost, path: oneService + "/disconnect", tag: tagServices, policy: teamLeads,
		summary: "Leave a service alone", description: "Its credentials stay.", errors: notThere}, a.disconnectService)
	handle(a, route{id: "get-service-health", method: http.MethodGet, path: oneService + "/health", tag: tagServices, policy: observers,
		summary: "Ask a service whether it works", description: "As the background checks do; a service that is down is an answer and no error.", errors: notThere}, a.serviceHealth)
	handle(a, route{id: "list-service-resources", method: http.MethodGet, path: oneService + "/resources", tag: tagServices, policy: observers,
		summary:     "What of a service can be bound: repositories, projects, boards, spaces",
		description: "Team leads and admins get what the service answers at this moment. Who else asks gets, of what it was last seen to have, what their projects are bound to, and the service is not asked.",
		errors:      append([]int{http.StatusNotFound, http.StatusConflict}, vendorFaults...)}, a.serviceResources)
	handle(a, route{id: "get-services-health", method: http.MethodGet, path: "/api/v1/mcp/health", tag: tagServices, policy: observers,
		summary: "How the enabled services are, by their last checks"}, a.servicesHealth)
}

const credentialsDescription = "Credentials: token for GitHub and GitLab; username and api_token, or token, for Jira and Confluence; organization and personal_access_token for Azure DevOps; besides, webhook_secret for any of them, at least 16 characters, which the service shows when it calls the webhook."

// vendorFaults are the statuses of a service that cannot be used.
var vendorFaults = []int{http.StatusBadRequest, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// vendorStatuses has the reasons that are not 502.
var vendorStatuses = map[string]int{
	connector.ReasonAuthentication: http.StatusBadRequest,
	connector.ReasonPermission:     http.StatusBadRequest,
	ingest.ReasonConfiguration:     http.StatusBadRequest,
	connector.ReasonUnreachable:    http.StatusServiceUnavailable,
	connector.ReasonTimeout:        http.StatusGatewayTimeout,
}

type servicesInput struct {
	Page
	Enabled string `query:"enabled" enum:"true,false" doc:"Only those that are, or are not"`
	Type    string `query:"service_type" enum:"github,gitlab,jira,azure_devops,confluence" doc:"Only those of this type"`
}

func (a *API) services(ctx context.Context, in *servicesInput) (*list[rampforge.Service], error) {
	filter := store.ServiceFilter{Type: rampforge.ServiceType(in.Type)}
	if in.Enabled != "" {
		filter.Enabled = new(in.Enabled == "true")
	}
	found, total, err := a.options.Store.Services(ctx, filter, in.stored())
	for i := range found {
		found[i].NextSync = found[i].NextSyncAt(a.options.SyncEvery)
	}
	return listOf(found, total), err
}

type serviceAnswer struct{ Body rampforge.Service }

func (a *API) service(ctx context.Context, in *ByID) (*serviceAnswer, error) {
	return a.storedService(ctx, in.ID)
}

func (a *API) storedService(ctx context.Context, id string) (*serviceAnswer, error) {
	s, err := a.options.Store.Service(ctx, id)
	s.NextSync = s.NextSyncAt(a.options.SyncEvery)
	return &serviceAnswer{s}, err
}

type deleteServiceInput struct {
	ByID
	Purge bool `query:"purge" doc:"Remove what was synced too"`
}

func (a *API) deleteService(ctx context.Context, in *deleteServiceInput) (*nothing, error) {
	known, err := a.options.Store.Service(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	err = a.options.Store.InTx(ctx, func(tx *sql.Tx) error {
		if err := a.options.Store.DeleteServiceTx(ctx, tx, in.ID); err != nil || !in.Purge {
			return err
		}
		return a.options.Store.PurgeServiceTx(ctx, tx, in.ID, time.Now())
	})
	if err == nil {
		if in.Purge {
			a.resolvePeople(ctx)
		}
		a.record(ctx, "service.deleted", in.ID, true, map[string]any{"name": known.Name, "purge": in.Purge})
	}
	return nil, err
}

type connectAnswer struct {
	Body struct {
		Status         rampforge.ServiceStatus `json:"status"`
		Message        string                  `json:"message"`
		ConnectionTime time.Time               `json:"connection_time"`
		TestResults    struct {
			Authentication string      `json:"authentication" example:"success"`
			APIAccess      string      `json:"api_access" example:"success"`
			RateLimits     vendorRates `json:"rate_limits"`
		} `json:"test_results"`
	}
}

// vendorRates is what a vendor tells of its rate limit; null is not told.
type vendorRates struct {
	Remaining *int       `json:"remaining"`
	ResetTime *time.Time `json:"reset_time"`
}

func (a *API) connectService(ctx context.Context, in *ByID) (*connectAnswer, error) {
	a.slow(ctx)
	h, err := a.options.Services.Connect(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	a.record(ctx, "service.connected", in.ID, h.Err == nil, nil)
	if h.Err != nil {
		return nil, h.Err
	}
	out := &connectAnswer{}
	out.Body.Status, out.Body.ConnectionTime = rampforge.ServiceConnected, h.At
	out.Body.Message = "Connected to " + h.Service.Name + "."
	out.Body.TestResults.Authentication, out.Body.TestResults.APIAccess = "success", "success"
	if r := h.Check.Rates; r != nil {
		out.Body.TestResults.RateLimits = vendorRates{&r.Remaining, new(r.Reset.UTC())}
	}
	return out, nil
}

// slow gives an answer that waits for a service the time that this may take.
func (a *API) slow(ctx context.Context) {
}

type disconnectAnswer struct {
	Body struct {
		Status            rampforge.ServiceStatus `json:"status"`
		Message           string                  `json:"message"`
		DisconnectionTime time.Time               `json:"disconnection_time"`
	}
}

func (a *API) disconnectService(ctx context.Context, in *ByID) (*disconnectAnswer, error) {
	known, err := a.options.Store.Service(ctx, in.ID)
	if err == nil {
		err = a.options.Store.DisconnectService(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	a.record(ctx, "service.disconnected", in.ID, true, nil)
	out := &disconnectAnswer{}
	out.Body.Status, out.Body.Message = rampforge.ServiceDisconnected, "Disconnected from "+known.Name+"."
	out.Body.DisconnectionTime = a.options.Now().UTC()
	return out, nil
}

const unknown = "unknown"

type serviceHealthAnswer struct {
	Body struct {
		ServiceID      string    `json:"service_id"`
		Status         string    `json:"status" enum:"healthy,degraded,unhealthy"`
		ResponseTimeMS int64     `json:"response_time_ms"`
		LastCheck      time.Time `json:"last_check"`
		Details        struct {
			APIStatus       string  `json:"api_status" enum:"operational,limited,down"`
			RateLimitStatus string  `json:"rate_limit_status" enum:"normal,low,exceeded,unknown"`
			Authentication  string  `json:"authentication" enum:"valid,invalid,unknown"`
			Message         *string `json:"message" doc:"What is wrong"`
			Hint            *string `json:"hint" doc:"What to change"`
		} `json:"details"`
	}
}

func (a *API) serviceHealth(ctx context.Context, in *ByID) (*serviceHealthAnswer, error) {
	a.slow(ctx)
	h, err := a.options.Services.Health(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &serviceHealthAnswer{}
	out.Body.ServiceID, out.Body.LastCheck, out.Body.ResponseTimeMS = in.ID, h.At, h.Took.Milliseconds()
	out.Body.Status, out.Body.Details.APIStatus, out.Body.Details.Authentication = healthy, "operational", "valid"
	out.Body.Details.RateLimitStatus = rateStatus(h.Check.Rates)
	if h.Err == nil {
		return out, nil
	}
	hint, _ := h.Err.Details["hint"].(string)
	out.Body.Details.Message, out.Body.Details.Hint = &h.Err.Message, &hint
	out.Body.Details.RateLimitStatus = unknown
	switch h.Reason() {
	case connector.ReasonPermission:
		out.Body.Status, out.Body.Details.APIStatus = degraded, "limited"
	case connector.ReasonRateLimited:
		out.Body.Status, out.Body.Details.APIStatus, out.Body.Details.RateLimitStatus = degraded, "limited", "exceeded"
	case connector.ReasonAuthentication:
		out.Body.Status, out.Body.Details.Authentication = unhealthy, "invalid"
	default:
		out.Body.Status, out.Body.Details.APIStatus, out.Body.Details.Authentication = unhealthy, "down", unknown
	}
	return out, nil
}

// fewRequests is how few requests may be left before somebody should know.
const fewRequests = 100

func rateStatus(r *connector.Rates) string {
	switch {
	case r == nil:
		return unknown
	case r.Remaining <= 0:
		return "exceeded"
	case r.Remaining < fewRequests:
		return "low"
	}
	return "normal"
}

type resourcesInput struct {
	ByID
	Page
}

type resourcesAnswer struct {
	Total     string `header:"X-Total-Count" doc:"How many there are on all pages"`
	Truncated string `header:"X-Truncated" doc:"true when the service lists more than this server reads: name those to sync in the service's scope"`
	Body      []rampforge.Resource
}

func (a *API) serviceResources(ctx context.Context, in *resourcesInput) (*resourcesAnswer, error) {
	if !leads(requestOf(ctx)) {
		return a.knownResources(ctx, in)
	}
	a.slow(ctx)
	found, more, err := a.options.Services.Resources(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	from := min(in.Offset, len(found))
	return &resourcesAnswer{Total: strconv.Itoa(len(found)), Truncated: strconv.FormatBool(more), Body: found[from:min(from+in.Limit, len(found))]}, nil
}

// knownResources answers who only reads. The service is not asked: its list
// names what only its token may see, and costs of its rate limit.
func (a *API) knownResources(ctx context.Context, in *resourcesInput) (*resourcesAnswer, error) {
	if _, err := a.options.Store.Service(ctx, in.ID); err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.VisibleResources(ctx, requestOf(ctx).viewer(), in.ID, in.stored())
	if err != nil {
		return nil, err
	}
	return &resourcesAnswer{Total: strconv.Itoa(total), Truncated: "false", Body: append([]rampforge.Resource{}, found...)}, nil
}

type servicesHealthAnswer struct {
	Body struct {
		OverallStatus     string         `json:"overall_status" enum:"healthy,degraded,unhealthy"`
		TotalServices     int            `json:"total_services"`
		HealthyServices   int            `json:"healthy_services"`
		UnhealthyServices int            `json:"unhealthy_services"`
		HealthChecks      []serviceCheck `json:"health_checks"`
		CheckTime         time.Time      `json:"check_time"`
	}
}

type serviceCheck struct {
	ServiceID      string                  `json:"service_id"`
	Type           rampforge.ServiceType   `json:"service_type"`
	Status         rampforge.ServiceStatus `json:"status" enum:"connected,disconnected,error"`
	ResponseTimeMS *int64                  `json:"response_time_ms"`
	LastCheck      *time.Time              `json:"last_check"`
}

func (a *API) servicesHealth(ctx context.Context, _ *nothing) (*servicesHealthAnswer, error) {
	states, err := a.options.Store.ServiceStates(ctx)
	if err != nil {
		return nil, err
	}
	out := &servicesHealthAnswer{}
	body := &out.Body
	body.HealthChecks, body.CheckTime, body.TotalServices = []serviceCheck{}, a.options.Now().UTC(), len(states)
	for _, state := range states {
		check := serviceCheck{ServiceID: state.Service.ID, Type: state.Service.Type, Status: state.Service.Status, LastCheck: state.LastCheck}
		if state.Took != nil {
			check.ResponseTimeMS = new(state.Took.Milliseconds())
		}
		if check.Status == rampforge.ServiceConnecting {
			check.Status = rampforge.ServiceDisconnected // not yet
		}
		if check.Status == rampforge.ServiceConnected {
			body.HealthyServices++
		}
		body.HealthChecks = append(body.HealthChecks, check)
	}
	body.UnhealthyServices = body.TotalServices - body.HealthyServices
	switch {
	case body.UnhealthyServices == 0:
		body.OverallStatus = healthy
	case body.HealthyServices == 0:
		body.OverallStatus = unhealthy
	default:
		body.OverallStatus = degraded
	}
	return out, nil
}

// record adds a line about the caller to the audit log. A line that cannot be
// written does not undo what was done.
func (a *API) record(ctx context.Context, action, target string, success bool, details map[string]any) {
	req := requestOf(ctx)
	err := a.options.Store.Audit(context.WithoutCancel(ctx), rampforge.AuditEntry{
		At: a.options.Now().UTC(), ActorID: req.identity.User.ID, Action: action, TargetID: target,
		Address: req.address, RequestID: req.id, Success: success, Details: details,
	})
	if err != nil {
		req.logger.ErrorContext(ctx, "writing the audit log failed", slog.String("action", action), slog.Any("error", err))
	}
}

// vendorStatus is the status of a service's fault; 0 for every other error.
func vendorStatus(e *rampforge.Error) int {
	if e.Code != rampforge.CodeMCPService {
		return 0
	}
	return vendorStatuses[connector.Reason(e)]
}
