package azuredevops_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

func TestCheck(t *testing.T) {
	t.Parallel()
	fake, options := start(t)
	c, err := azuredevops.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Check(t.Context())
	if err != nil || got.Rates == nil || got.Rates.Remaining != 150 || got.Rates.Reset.Before(time.Now()) || got.Server != "Azure DevOps Server" {
		t.Errorf("%+v, %v", got, err)
	}
	want := &rampforge.Account{ID: "00000001-0000-4000-8000-000000000001", Login: "ada@contoso.example", Name: "Ada Lovelace", Email: "ada@contoso.example", EmailVerified: true}
	if diff := cmp.Diff(want, got.Account); diff != "" {
		t.Error(diff)
	}
	var lines []string
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %v %v", r.Kind, r.Key, r.Archived, r.Streams))
	}
	wantLines := []string{
		"project Fabrikam Fiber false [work_items sprints pipeline_runs deployments]",
		"repository Fabrikam Fiber/attic true [pull_requests commits]",
		"repository Fabrikam Fiber/web false [pull_requests commits]",
		"project Tailspin false [work_items sprints pipeline_runs]",
		"repository Tailspin/attic true [pull_requests commits]",
		"repository Tailspin/web false [pull_requests commits]",
	}
	if diff := cmp.Diff(wantLines, lines); diff != "" {
		t.Error(diff)
	}
	fake.Close()
	if _, err := c.Check(t.Context()); connector.Reason(err) != connector.ReasonUnreachable {
		t.Errorf("a server that is down: %v", err)
	}
}

// TestRemapping makes every record again from its raw form: it has to come out
// the same, or a mapping could not be run again later.
func TestRemapping(t *testing.T) {
	t.Parallel()
	_, options := start(t)
	c, err := azuredevops.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for resource, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if resource.Key == "Fabrikam Fiber" {
			continue // the other project is the smaller one
		}
		for _, stream := range resource.Streams {
			for page, err := range c.Read(t.Context(), resource, stream, nil) {
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Records {
					again, err := azuredevops.Normalise(r.Stream, r.ResourceID, slices.Clone(r.Raw))
					if diff := connectortest.Diff(r, again); err != nil || diff != "" {
						t.Errorf("%v\n%s", err, diff)
					}
					n++
				}
			}
		}
	}
	if n < 200 {
		t.Errorf("%d records only", n)
	}
}
