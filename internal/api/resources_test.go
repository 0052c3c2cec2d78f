package api_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestWhoOnlyReadsSeesTheResourcesOfTheirProjects: the list of a service names
// everything that its token sees.
func TestWhoOnlyReadsSeesTheResourcesOfTheirProjects(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service, other := w.add(jiraService("one")), w.add(jiraService("two"))
		w.has(service, trackerOf("1", "PAY"), trackerOf("2", "SECRET"), trackerOf("3", "SHOP"), trackerOf("4", "TAX"))
		w.has(other, trackerOf("1", "PAY"))
		for _, p := range []client.NewProject{
			{Name: "Pay", PMTool: rampforge.PMToolJira, PMProjectKey: "PAY", TeamMembers: []string{"developer@example.com"}},
			{Name: "Shop", PMTool: rampforge.PMToolJira, PMProjectKey: "SHOP", TeamMembers: []string{"developer@example.com"}},
			{Name: "Tax", PMTool: rampforge.PMToolJira, PMProjectKey: "TAX"},
		} {
			if _, err := w.lead().CreateProject(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		keys := func(who *client.Client, serviceID string, q client.Query) ([]string, int) {
			list, err := who.ServiceResources(ctx, serviceID, q)
			if err != nil {
				t.Error(err)
			}
			out := []string{}
			for _, r := range list.Resources {
				out = append(out, r.Key)
			}
			return out, list.Total
		}
		// The vendor would refuse: it is not asked for who only reads.
		w.vendor.answer(errors.New("the vendor was asked"))
		for what, test := range map[string]struct {
			who     *client.Client
			service string
			page    client.Query
			want    []string
			total   int
		}{
			"a member":             {w.developer(), service.ID, nil, []string{"PAY", "SHOP"}, 2},
			"a member, page two":   {w.developer(), service.ID, client.Paging(1, 1), []string{"SHOP"}, 2},
			"of another service":   {w.developer(), other.ID, nil, []string{}, 0},
			"a member of nothing":  {w.observer(), service.ID, nil, []string{}, 0},
			"nothing on this page": {w.observer(), service.ID, client.Paging(5, 5), []string{}, 0},
		} {
			got, total := keys(test.who, test.service, test.page)
			if diff := cmp.Diff(test.want, got); diff != "" || total != test.total {
				t.Errorf("%s sees %d (-want +got):\n%s", what, total, diff)
			}
		}
		_, err := w.observer().ServiceResources(ctx, "svc_unknown", nil)
		wantStatus(t, "an unknown service", err, http.StatusNotFound)
		if _, err := w.lead().ServiceResources(ctx, service.ID, nil); client.StatusOf(err) < http.StatusInternalServerError {
			t.Errorf("the service was not asked for a team lead: %v", err)
		}
		w.vendor.answer(nil)
		for _, who := range []*client.Client{w.lead(), w.admin()} {
			if _, total := keys(who, service.ID, nil); total != 3 {
				t.Errorf("a lead sees %d resources, not what the service has", total)
			}
		}
	})
}
