package httpclient_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// TestRoutesNameNothing: the route of a request to a service tells what kind of
// thing it asks for and never which.
func TestRoutesNameNothing(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/repos/acme/api/pulls/12/comments":                          "/repos/{}/{}/pulls/{}/comments",
		"/api/v3/repos/issues/commits/commits/0af7651916cd43dd":      "/api/v3/repos/{}/{}/commits/{}",
		"/api/v4/projects/acme%2Fsecret/merge_requests/3/notes":      "/api/v4/projects/{}/merge_requests/{}/notes",
		"/rest/api/3/issue/SECRET-7/changelog":                       "/rest/api/3/issue/{}/changelog",
		"/rest/agile/1.0/board/7/sprint":                             "/rest/agile/1.0/board/{}/sprint",
		"/wiki/api/v2/spaces/issues/pages/Salaries":                  "/wiki/api/v2/spaces/{}/pages/{}",
		"/acme/Secret%20Project/_apis/git/repositories/pullrequests": "/{}/{}/_apis/git/repositories/{}",
		"/graphql":                      "/graphql",
		"":                              "",
		"/" + strings.Repeat("x/", 100): "/" + strings.Repeat("{}/", 15) + "…",
	} {
		if got := httpclient.RouteOf(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

// TestAServiceIsSeenAndNotTold: a request is a span of the trace it is in, its
// limits are known, and the service hears nothing of the trace.
func TestAServiceIsSeenAndNotTold(t *testing.T) {
	t.Parallel()
	port := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(strings.ToLower(name), "trace") {
				t.Errorf("the service is told %s", name)
			}
		}
		w.Header().Set("X-Ratelimit-Limit", "5000")
		w.Header().Set("X-Ratelimit-Remaining", "4321")
		w.WriteHeader(http.StatusNotFound)
	})
	registry := prometheus.NewPedanticRegistry()
	metrics, err := httpclient.NewVendorMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	client := g.VendorClient(httpclient.VendorOptions{Key: "svc_1", Vendor: rampforge.ServiceGitHub, Metrics: metrics})
	spans := tracetest.NewSpanRecorder()
	ctx, root := trace.NewTracerProvider(trace.WithSpanProcessor(spans)).Tracer("test").Start(t.Context(), "root")
	ask := func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/repos/planted/planted/issues?q=planted", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer planted")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	ask()
	root.End()
	if n := len(spans.Ended()); n != 2 {
		t.Fatalf("%d spans", n)
	}
	span := spans.Ended()[0]
	if span.Name() != "GET /repos/{}/{}/issues" || span.Parent().SpanID() != root.SpanContext().SpanID() {
		t.Errorf("%s, child of %s", span.Name(), span.Parent().SpanID())
	}
	for _, a := range span.Attributes() {
		if strings.Contains(a.Value.String(), "planted") {
			t.Errorf("%s tells %s", a.Key, a.Value.String())
		}
	}
	gathered := func() map[string]float64 {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				values[f.GetName()] += m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
		return values
	}
	values := gathered()
	if values["rampforge_vendor_limit_remaining_requests"] != 4321 || values["rampforge_vendor_limit_requests"] != 5000 || values["rampforge_vendor_request_duration_seconds"] != 1 {
		t.Errorf("the metrics are %v", values)
	}
	metrics.Forget("svc_1")
	if _, known := gathered()["rampforge_vendor_limit_requests"]; known {
		t.Error("the limits of a service that is gone are told")
	}
	ask() // outside of what still records
	if n := len(spans.Ended()); n != 2 {
		t.Errorf("%d spans after the end of the trace", n)
	}
}
