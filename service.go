package rampforge

import (
	"hash/fnv"
	"slices"
	"time"
)

// ServiceType is the vendor whose system a service connects to.
type ServiceType string

// The service types of the contract.
const (
	ServiceGitHub      ServiceType = "github"
	ServiceGitLab      ServiceType = "gitlab"
	ServiceJira        ServiceType = "jira"
	ServiceAzureDevOps ServiceType = "azure_devops"
	ServiceConfluence  ServiceType = "confluence"
)

// ServiceTypes lists every service type.
func ServiceTypes() []ServiceType {
	return []ServiceType{ServiceGitHub, ServiceGitLab, ServiceJira, ServiceAzureDevOps, ServiceConfluence}
}

// Valid reports whether the type is one of the contract.
func (t ServiceType) Valid() bool { return slices.Contains(ServiceTypes(), t) }

// Transport is how a service is spoken to.
type Transport string

// The transports of the contract.
const (
	TransportREST Transport = "rest"
	TransportMCP  Transport = "mcp"
)

// ServiceStatus is what became of the last attempt to reach a service.
type ServiceStatus string

// The service states of the contract. Whether a service is enabled, whether it
// is reachable and whether it asks for a sign-in are three facts: a service
// that is connected may be disabled.
const (
	ServiceDisconnected ServiceStatus = "disconnected"
	ServiceConnecting   ServiceStatus = "connecting"
	ServiceConnected    ServiceStatus = "connected"
	ServiceError        ServiceStatus = "error"
)

// ServiceRates are how often a service may be asked. 0 is no limit of ours.
type ServiceRates struct {
	PerMinute int `json:"requests_per_minute"`
	PerHour   int `json:"requests_per_hour"`
}

// ServiceServer is what an MCP server says of itself.
type ServiceServer struct {
	Name            string `json:"name"`
	Version         string `json:"version"`
	ProtocolVersion string `json:"protocol_version"`
	ToolCount       int    `json:"tool_count"`
}

// Service is a configured connection to a vendor's system. Its credentials are
// kept sealed and apart; Credentials holds them masked.
type Service struct {
	ID            string            `json:"id"`
	Type          ServiceType       `json:"service_type"`
	Name          string            `json:"name"`
	Endpoint      string            `json:"endpoint"`
	Transport     Transport         `json:"transport"`
	Enabled       bool              `json:"enabled"`
	Status        ServiceStatus     `json:"status"`
	AuthNeeded    bool              `json:"auth_needed"`
	LastConnected *time.Time        `json:"last_connected"`
	LastError     *string           `json:"last_error"`
	LastSynced    *time.Time        `json:"last_synced"`
	Rates         ServiceRates      `json:"rate_limits"`
	Timeout       int               `json:"timeout"` // seconds of one request
	RetryAttempts int               `json:"retry_attempts"`
	Scope         []string          `json:"scope"` // ids of the resources to sync; empty is everything that the credentials see
	Credentials   map[string]string `json:"credentials"`
	Server        *ServiceServer    `json:"server"`
	SyncInterval  *int              `json:"sync_interval"` // minutes between two syncs; nil is the installation's default, 0 is only by hand
	NextSync      *time.Time        `json:"next_sync"`     // nil when it is not synced by itself
	SyncEnded     *time.Time        `json:"-"`             // when all of it was last synced, or was tried to
	SyncFailures  int               `json:"-"`             // such syncs that failed since the last that did not
	CreatedBy     string            `json:"-"`
	CreatedAt     time.Time         `json:"created_at"`
	UpdatedAt     time.Time         `json:"updated_at"`
}

// maxSyncBackoff bounds how rarely a service whose syncs fail is synced.
const maxSyncBackoff = 24 * time.Hour

// NextSyncAt returns when a service is to be synced by itself, nil when it is
// not: because it is disabled or not connected, or is synced by hand only.
// standard is the interval of services that have none of their own; 0 is by
// hand. The time counts from the end of the last sync, with up to a tenth more,
// so that not all services are synced at once, and doubles with each failure, up
// to a day.
func (s Service) NextSyncAt(standard time.Duration) *time.Time {
	every := standard
	if s.SyncInterval != nil {
		every = time.Duration(*s.SyncInterval) * time.Minute
	}
	if every <= 0 || !s.Enabled || s.Status != ServiceConnected {
		return nil
	}
	if s.SyncEnded == nil {
		return &s.CreatedAt
	}
	wait := every
	for range min(s.SyncFailures, 20) {
		wait = min(2*wait, max(every, maxSyncBackoff))
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.ID)) // never fails
	wait += wait / 10 * time.Duration(h.Sum32()%100) / 100
	next := s.SyncEnded.Add(wait)
	return &next
}
