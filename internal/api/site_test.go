package api_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestAnotherOrganizationIsAnotherSite: the endpoint of Azure DevOps is the same
// for every organization, whose ids are not.
func TestAnotherOrganizationIsAnotherSite(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service := w.add(client.NewService{Type: rampforge.ServiceAzureDevOps, Name: "azure", Endpoint: "https://dev.azure.com",
			Credentials: map[string]string{"organization": "example", "personal_access_token": planted}})
		w.keep(service, "one")
		for _, step := range []struct {
			credentials map[string]string
			synced      bool
		}{
			{map[string]string{"personal_access_token": "another-long-token"}, true},
			{map[string]string{"organization": "Example", "personal_access_token": "another-long-token"}, true},
			{map[string]string{"organization": "other", "personal_access_token": "another-long-token"}, false},
		} {
			changed, err := w.lead().UpdateService(ctx, service.ID, map[string]any{"credentials": step.credentials})
			if err != nil || (changed.LastSynced != nil) != step.synced {
				t.Errorf("with %v it was synced %v, %v", step.credentials, changed.LastSynced, err)
			}
		}
	})
}
