package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/rampforgeai/rampforge"
)

// NewService is a service to be added. What is nil or empty is the server's
// default.
type NewService struct {
	Type          rampforge.ServiceType   `json:"service_type"`
	Name          string                  `json:"name"`
	Endpoint      string                  `json:"endpoint"`
	Transport     rampforge.Transport     `json:"transport,omitempty"`
	Credentials   map[string]string       `json:"credentials"`
	Enabled       *bool                   `json:"enabled,omitempty"`
	Rates         *rampforge.ServiceRates `json:"rate_limits,omitempty"`
	Timeout       *int                    `json:"timeout,omitempty"`
	RetryAttempts *int                    `json:"retry_attempts,omitempty"`
	Scope         []string                `json:"scope,omitempty"`
	SyncInterval  *int                    `json:"sync_interval,omitempty"`
}

// Connected is the answer to connecting a service.
type Connected struct {
	Status         rampforge.ServiceStatus `json:"status"`
	Message        string                  `json:"message"`
	ConnectionTime time.Time               `json:"connection_time"`
	TestResults    struct {
		Authentication string `json:"authentication"`
		APIAccess      string `json:"api_access"`
		RateLimits     struct {
			Remaining *int       `json:"remaining"`
			ResetTime *time.Time `json:"reset_time"`
		} `json:"rate_limits"`
	} `json:"test_results"`
}

// ServiceHealth is how a service is.
type ServiceHealth struct {
	ServiceID      string    `json:"service_id"`
	Status         string    `json:"status"`
	ResponseTimeMS int64     `json:"response_time_ms"`
	LastCheck      time.Time `json:"last_check"`
	Details        struct {
		APIStatus       string  `json:"api_status"`
		RateLimitStatus string  `json:"rate_limit_status"`
		Authentication  string  `json:"authentication"`
		Message         *string `json:"message"`
		Hint            *string `json:"hint"`
	} `json:"details"`
}

// ServicesHealth is how all enabled services are.
type ServicesHealth struct {
	OverallStatus     string `json:"overall_status"`
	TotalServices     int    `json:"total_services"`
	HealthyServices   int    `json:"healthy_services"`
	UnhealthyServices int    `json:"unhealthy_services"`
	HealthChecks      []struct {
		ServiceID      string                  `json:"service_id"`
		Type           rampforge.ServiceType   `json:"service_type"`
		Status         rampforge.ServiceStatus `json:"status"`
		ResponseTimeMS *int64                  `json:"response_time_ms"`
		LastCheck      *time.Time              `json:"last_check"`
	} `json:"health_checks"`
	CheckTime time.Time `json:"check_time"`
}

const services = "/api/v1/mcp/services"

func servicePath(id string) string { return services + "/" + url.PathEscape(id) }

// CreateService adds a service.
func (c *Client) CreateService(ctx context.Context, s NewService) (rampforge.Service, error) {
	return send[rampforge.Service](ctx, c, http.MethodPost, services, s)
}

// Services lists services and how many there are. The query may hold enabled
// and service_type.
func (c *Client) Services(ctx context.Context, q Query) ([]rampforge.Service, int, error) {
	return counted[rampforge.Service](ctx, c, q.on(services))
}

// Service returns a service.
func (c *Client) Service(ctx context.Context, id string) (rampforge.Service, error) {
	return get[rampforge.Service](ctx, c, servicePath(id))
}

// UpdateService changes the given fields of a service.
func (c *Client) UpdateService(ctx context.Context, id string, change map[string]any) (rampforge.Service, error) {
	return send[rampforge.Service](ctx, c, http.MethodPut, servicePath(id), change)
}

// DeleteService removes a service, and what was synced of it if purge says so.
func (c *Client) DeleteService(ctx context.Context, id string, purge bool) error {
	path := servicePath(id)
	if purge {
		path += "?purge=true"
	}
	_, err := c.Call(ctx, http.MethodDelete, path, nil, nil)
	return err
}

// ConnectService signs in to a service.
func (c *Client) ConnectService(ctx context.Context, id string) (Connected, error) {
	return send[Connected](ctx, c, http.MethodPost, servicePath(id)+"/connect", nil)
}

// DisconnectService leaves a service alone.
func (c *Client) DisconnectService(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodPost, servicePath(id)+"/disconnect", nil, nil)
	return err
}

// ServiceHealth asks a service whether it works.
func (c *Client) ServiceHealth(ctx context.Context, id string) (ServiceHealth, error) {
	return get[ServiceHealth](ctx, c, servicePath(id)+"/health")
}

// Resources is a page of what a service has.
type Resources struct {
	Resources []rampforge.Resource
	Total     int // on all pages
	// Truncated is that the service has more than the server reads: name those to
	// sync in the service's scope.
	Truncated bool
}

// ServiceResources lists what of a service can be bound.
func (c *Client) ServiceResources(ctx context.Context, id string, q Query) (Resources, error) {
	var out Resources
	header, err := c.countedInto(ctx, q.on(servicePath(id)+"/resources"), &out.Resources, &out.Total)
	out.Truncated = header.Get("X-Truncated") == "true"
	return out, err
}

// RemapService makes the records of a service anew of the payloads that are
// kept; dry counts only. One that is under way is returned as it stands.
func (c *Client) RemapService(ctx context.Context, id string, dry bool) (rampforge.Remap, error) {
	return send[rampforge.Remap](ctx, c, http.MethodPost, servicePath(id)+"/remap", map[string]bool{"dry_run": dry})
}

// ServiceRemap returns the remap of a service that was started last.
func (c *Client) ServiceRemap(ctx context.Context, id string) (rampforge.Remap, error) {
	return get[rampforge.Remap](ctx, c, servicePath(id)+"/remap")
}

// ServicesHealth tells how all enabled services are.
func (c *Client) ServicesHealth(ctx context.Context) (ServicesHealth, error) {
	return get[ServicesHealth](ctx, c, "/api/v1/mcp/health")
}

// ServiceTools lists the tools of a service's MCP server. q.Filter may hold
// refresh.
func (c *Client) ServiceTools(ctx context.Context, id string, q Query) ([]rampforge.ServiceTool, int, error) {
	return counted[rampforge.ServiceTool](ctx, c, q.on(servicePath(id)+"/tools"))
}

// ServiceTool returns one tool with its definition.
func (c *Client) ServiceTool(ctx context.Context, id, name string) (rampforge.ServiceTool, error) {
	return get[rampforge.ServiceTool](ctx, c, servicePath(id)+"/tools/"+url.PathEscape(name))
}

// ApproveTool approves a tool as it was looked at. hash "" is as it is now.
func (c *Client) ApproveTool(ctx context.Context, id, name, hash string) (rampforge.ServiceTool, error) {
	body := map[string]any{}
	if hash != "" {
		body["hash"] = hash
	}
	return send[rampforge.ServiceTool](ctx, c, http.MethodPost, servicePath(id)+"/tools/"+url.PathEscape(name)+"/approve", body)
}
