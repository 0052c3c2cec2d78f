package rampforge

import (
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
	CreatedBy     string            `json:"-"`
	CreatedAt     time.Time         `json:"created_at"`
	UpdatedAt     time.Time         `json:"updated_at"`
}
