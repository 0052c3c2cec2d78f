package azuredevops_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

func start(t *testing.T) (*azuredevopstest.Server, connector.Options) {
	t.Helper()
	fake := azuredevopstest.New(1)
	t.Cleanup(fake.Close)
	return fake, connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceAzureDevOps, Endpoint: fake.Endpoint()},
		Credentials: map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Token},
		Client:      fake.Client(),
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{Open: azuredevops.Open, Start: func(t *testing.T) *connectortest.Fake {
		t.Helper()
		fake, options := start(t)
		return &connectortest.Fake{
			Options: options,
			Wrong:   map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": "wrong"},
			Fail:    fake.Fail,
			Change: func() (rampforge.Stream, string) {
				return rampforge.StreamWorkItems, fake.ChangeWorkItem()
			},
		}
	}})
}
