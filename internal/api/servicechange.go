package api

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	maxServiceName    = 100
	maxCredential     = 8192
	minWebhookSecret  = 16 // characters: whoever knows it can tell us that records are gone
	maxRate           = 1_000_000
	maxServiceTimeout = 300 // seconds
	maxRetries        = 10
	maxScope          = 1000
	maxScopeID        = 200
	minSyncInterval   = 5     // minutes
	maxSyncInterval   = 10080 // minutes
	defaultTimeout    = 30
	defaultRetries    = 3
)

// ratesInput are rate limits of a request; what is left out is no limit.
type ratesInput struct {
	PerMinute *int `json:"requests_per_minute" required:"false"`
	PerHour   *int `json:"requests_per_hour" required:"false"`
}

// ServiceSettings are what a request may say of any service.
type ServiceSettings struct {
	Transport     *rampforge.Transport `json:"transport" required:"false" enum:"rest,mcp" doc:"Default: mcp when the endpoint's path ends in /mcp or /sse or its scheme is stdio, else rest"`
	Enabled       *bool                `json:"enabled" required:"false" doc:"Default: true"`
	Rates         optional[ratesInput] `json:"rate_limits" required:"false" doc:"How often the service may be asked; 0 is no limit of ours"`
	Timeout       *int                 `json:"timeout" required:"false" doc:"Seconds of one request, 1–300; default 30"`
	RetryAttempts *int                 `json:"retry_attempts" required:"false" doc:"0–10; default 3"`
	SyncInterval  optional[int]        `json:"sync_interval" required:"false" doc:"Minutes between two syncs, 5–10080; null is the installation's default, 0 only by hand"`
	Scope         []string             `json:"scope" required:"false" nullable:"true" doc:"Ids of the resources to sync; empty is everything that the credentials see"`
}

type newServiceInput struct {
	Validate bool `query:"validate" doc:"Ask the service first, and add it only if it can be used"`
	Body     struct {
		ServiceSettings
		Type        rampforge.ServiceType `json:"service_type" enum:"github,gitlab,jira,azure_devops,confluence"`
		Name        string                `json:"name" doc:"At most 100 characters; no two services have the same"`
		Endpoint    string                `json:"endpoint" example:"https://api.github.com"`
		Credentials map[string]string     `json:"credentials"`
	}
}

func (a *API) createService(ctx context.Context, in *newServiceInput) (*serviceAnswer, error) {
	now := a.options.Now().UTC()
	v := rampforge.Service{
		ID: store.NewID("svc"), Type: in.Body.Type, Name: strings.TrimSpace(in.Body.Name), Enabled: true, Timeout: defaultTimeout, RetryAttempts: defaultRetries,
		CreatedBy: requestOf(ctx).identity.User.ID, CreatedAt: now, UpdatedAt: now,
	}
	issues, err := a.setEndpoint(ctx, &v, in.Body.Endpoint, in.Body.Transport)
	if err != nil {
		return nil, err
	}
	in.Body.apply(&v)
	credentials := cleaned(v.Type, in.Body.Credentials)
	issues = slices.Concat(serviceIssues(v), issues, credentialIssues(v.Type, credentials))
	for name, value := range credentials {
		if masked(value) {
			issues = append(issues, rampforge.FieldIssue{Field: "credentials." + name, Issue: "is masked: give the credential itself"})
		}
	}
	if len(issues) > 0 {
		return nil, rampforge.Invalid(issues...)
	}
	v.Credentials = masks(credentials)
	if in.Validate {
		a.slow(ctx)
		if h := a.options.Services.Try(ctx, v, toSignIn(credentials)); h.Err != nil {
			h.Err.Details["service_id"] = nil // there is none yet
			return nil, h.Err
		}
	}
	sealed, err := a.options.Services.Seal(v.ID, credentials)
	if err == nil {
		err = a.options.Store.CreateService(ctx, v, sealed)
	}
	if err != nil {
		return nil, err
	}
	a.record(ctx, "service.created", v.ID, true, map[string]any{"name": v.Name, "service_type": v.Type, "endpoint": v.Endpoint})
	return a.storedService(ctx, v.ID)
}

type serviceUpdate struct {
	ByID
	Body struct {
		ServiceSettings
		Type        *rampforge.ServiceType `json:"service_type" required:"false" enum:"github,gitlab,jira,azure_devops,confluence" doc:"Cannot be changed"`
		Name        *string                `json:"name" required:"false"`
		Endpoint    *string                `json:"endpoint" required:"false"`
		Credentials changedCredentials     `json:"credentials" required:"false" nullable:"true" doc:"Left out, empty or masked they stay as they are; a webhook_secret that is null or empty is removed"`
	}
}

func (a *API) updateService(ctx context.Context, in *serviceUpdate) (*serviceAnswer, error) {
	known, err := a.options.Store.Service(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	// The name service is asked before the row is locked.
	moved, wanted := known, in.Body.Transport
	var issues []rampforge.FieldIssue
	if in.Body.Endpoint != nil {
		issues, err = a.setEndpoint(ctx, &moved, *in.Body.Endpoint, wanted)
	} else if wanted != nil {
		moved.Transport = *wanted
		issues = transportIssues(moved.Transport, moved.Endpoint)
	}
	if err != nil {
		return nil, err
	}
	if in.Body.Type != nil && *in.Body.Type != known.Type {
		issues = append(issues, rampforge.FieldIssue{Field: "service_type", Issue: "cannot be changed: add another service"})
	}
	entered := false
	changed, err := a.options.Store.UpdateService(ctx, in.ID, a.options.Now().UTC(), func(row *store.ServiceSecret) error {
		v := &row.Service
		before := v.Endpoint
		if in.Body.Endpoint != nil {
			v.Endpoint = moved.Endpoint
		}
		if in.Body.Endpoint != nil || wanted != nil {
			v.Transport = moved.Transport
		}
		if in.Body.Name != nil {
			v.Name = strings.TrimSpace(*in.Body.Name)
		}
		in.Body.apply(v)
		credentials, more := a.newCredentials(*row, in.Body.Credentials, !sameHost(before, v.Endpoint))
		if len(issues) == 0 { // somebody may have changed the endpoint since it was looked at
			more = append(more, transportIssues(v.Transport, v.Endpoint)...)
		}
		if faults := slices.Concat(serviceIssues(*v), issues, more); len(faults) > 0 {
			return rampforge.Invalid(faults...)
		}
		if credentials == nil {
			return nil
		}
		entered = true
		row.Moved = a.otherOrganization(*row, credentials)
		v.Credentials = masks(credentials)
		row.Sealed, err = a.options.Services.Seal(v.ID, credentials)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.record(ctx, "service.changed", in.ID, true, map[string]any{"name": changed.Name, "endpoint": changed.Endpoint, "credentials_changed": entered})
	return a.storedService(ctx, in.ID)
}

// apply changes what the request speaks of.
func (s ServiceSettings) apply(v *rampforge.Service) {
	if s.Enabled != nil {
		v.Enabled = *s.Enabled
	}
	if s.Rates.Given {
		rates := value(s.Rates.Value)
		v.Rates = rampforge.ServiceRates{PerMinute: value(rates.PerMinute), PerHour: value(rates.PerHour)}
	}
	if s.Timeout != nil {
		v.Timeout = *s.Timeout
	}
	if s.RetryAttempts != nil {
		v.RetryAttempts = *s.RetryAttempts
	}
	if s.Scope != nil {
		v.Scope = s.Scope
	}
	if s.SyncInterval.Given {
		v.SyncInterval = s.SyncInterval.Value
	}
}

func serviceIssues(v rampforge.Service) []rampforge.FieldIssue {
	var issues []rampforge.FieldIssue
	add := func(wrong bool, field, issue string) {
		if wrong {
			issues = append(issues, rampforge.FieldIssue{Field: field, Issue: issue})
		}
	}
	outside := func(n, most int) bool { return n < 0 || n > most }
	add(v.Name == "", "name", "must not be empty")
	add(strings.ContainsFunc(v.Name, isControl), "name", "must not hold control characters")
	add(utf8.RuneCountInString(v.Name) > maxServiceName, "name", fmt.Sprintf("must have at most %d characters", maxServiceName))
	add(outside(v.Rates.PerMinute, maxRate), "rate_limits.requests_per_minute", fmt.Sprintf("must be between 0 and %d", maxRate))
	add(outside(v.Rates.PerHour, maxRate), "rate_limits.requests_per_hour", fmt.Sprintf("must be between 0 and %d", maxRate))
	add(outside(v.Timeout-1, maxServiceTimeout-1), "timeout", fmt.Sprintf("must be between 1 and %d seconds", maxServiceTimeout))
	add(outside(v.RetryAttempts, maxRetries), "retry_attempts", fmt.Sprintf("must be between 0 and %d", maxRetries))
	if n := v.SyncInterval; n != nil {
		add(*n != 0 && (*n < minSyncInterval || *n > maxSyncInterval), "sync_interval", fmt.Sprintf("must be between %d and %d minutes, 0 for only by hand, or null for the default", minSyncInterval, maxSyncInterval))
	}
	add(len(v.Scope) > maxScope, "scope", fmt.Sprintf("must have at most %d entries", maxScope))
	add(slices.ContainsFunc(v.Scope, func(id string) bool { return id == "" || utf8.RuneCountInString(id) > maxScopeID }),
		"scope", fmt.Sprintf("must hold ids of resources: 1 to %d characters each", maxScopeID))
	return issues
}

// setEndpoint checks an address and keeps it with the transport that the
// request wants, or that the address speaks for.
func (a *API) setEndpoint(ctx context.Context, v *rampforge.Service, address string, wanted *rampforge.Transport) ([]rampforge.FieldIssue, error) {
	address = strings.TrimSpace(address)
	v.Endpoint, v.Transport = address, transportOf(address)
	if wanted != nil {
		v.Transport = *wanted
	}
	if address == "" {
		return []rampforge.FieldIssue{{Field: "endpoint", Issue: "must not be empty"}}, nil
	}
	issues := transportIssues(v.Transport, address)
	var normal string
	var err error
	if isStdio(address) {
		if role := requestOf(ctx).identity.User.Role; role != rampforge.RoleAdmin {
			return nil, rampforge.Errorf(rampforge.CodeForbidden, "Only an admin may add a service that starts a program on the server's machine.")
		}
		normal, err = a.options.Endpoints.CheckProgram(v.Type, address)
	} else {
		normal, err = a.options.Endpoints.CheckEndpoint(ctx, address)
	}
	invalid, ok := errors.AsType[*rampforge.Error](err)
	switch {
	case ok && invalid.Code == rampforge.CodeInvalid:
		renamed, _ := errors.AsType[*rampforge.Error](aboutField(invalid, "endpoint"))
		return append(renamed.Fields, issues...), nil
	case err != nil:
		return nil, err
	}
	v.Endpoint = normal
	return issues, nil
}

func isStdio(address string) bool { return strings.HasPrefix(strings.ToLower(address), "stdio:") }

// transportOf is the transport of a service that does not name it.
func transportOf(address string) rampforge.Transport {
	path := address
	if u, err := url.Parse(address); err == nil {
		path = u.Path
	}
	path = strings.TrimRight(path, "/")
	if isStdio(address) || strings.HasSuffix(path, "/mcp") || strings.HasSuffix(path, "/sse") {
		return rampforge.TransportMCP
	}
	return rampforge.TransportREST
}

// transportIssues says which addresses a transport cannot be used with.
func transportIssues(t rampforge.Transport, endpoint string) []rampforge.FieldIssue {
	if t == rampforge.TransportREST && isStdio(endpoint) {
		return []rampforge.FieldIssue{{Field: "transport", Issue: "must be mcp for a program on the server's machine (stdio:)"}}
	}
	return nil
}

// sameHost reports whether what is sent to two addresses reaches the same.
func sameHost(one, two string) bool {
	if isStdio(one) || isStdio(two) {
		return one == two
	}
	a, err := url.Parse(one)
	if err != nil {
		return false
	}
	b, err := url.Parse(two)
	return err == nil && a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}
