// Package builtin lists the vendors that the program speaks to. It may import
// every vendor's folder.
package builtin

import (
	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// Connectors returns what opens the connectors, by the type of service.
func Connectors() map[rampforge.ServiceType]connector.Open {
	return map[rampforge.ServiceType]connector.Open{
		rampforge.ServiceAzureDevOps: azuredevops.Open,
		rampforge.ServiceConfluence:  confluence.Open,
		rampforge.ServiceGitHub:      github.Open,
		rampforge.ServiceGitLab:      gitlab.Open,
		rampforge.ServiceJira:        jira.Open,
	}
}

// MCP returns what is known of the vendors' MCP servers, by the type of
// service.
func MCP() map[rampforge.ServiceType]mcpclient.Vendor {
	return map[rampforge.ServiceType]mcpclient.Vendor{
		rampforge.ServiceAzureDevOps: azuredevops.MCP(),
		rampforge.ServiceConfluence:  confluence.MCP(),
		rampforge.ServiceGitHub:      github.MCP(),
		rampforge.ServiceGitLab:      gitlab.MCP(),
		rampforge.ServiceJira:        jira.MCP(),
	}
}

// Webhooks returns what reads the vendors' webhooks, by the type of service.
func Webhooks() map[rampforge.ServiceType]connector.Webhook {
	return map[rampforge.ServiceType]connector.Webhook{
		rampforge.ServiceAzureDevOps: azuredevops.Webhook(),
		rampforge.ServiceConfluence:  confluence.Webhook(),
		rampforge.ServiceGitHub:      github.Webhook(),
		rampforge.ServiceGitLab:      gitlab.Webhook(),
		rampforge.ServiceJira:        jira.Webhook(),
	}
}
