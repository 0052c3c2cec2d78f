package builtin

import (
	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
)

// Normalisers returns what makes a record of what a connector kept as its Raw,
// by the type of service. They ask nobody.
func Normalisers() map[rampforge.ServiceType]func(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
	return map[rampforge.ServiceType]func(rampforge.Stream, string, []byte) (rampforge.Record, error){
		rampforge.ServiceAzureDevOps: azuredevops.Normalise,
		rampforge.ServiceConfluence:  confluence.Normalise,
		rampforge.ServiceGitHub:      github.Normalise,
		rampforge.ServiceGitLab:      gitlab.Normalise,
		rampforge.ServiceJira:        jira.Normalise,
	}
}
