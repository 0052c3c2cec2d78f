package telemetry_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/rampforgeai/rampforge/internal/telemetry"
	"github.com/rampforgeai/rampforge/internal/telemetry/telemetrytest"
)

func newTraces(t *testing.T, o telemetry.TraceOptions) *telemetry.Traces {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	traces, err := telemetry.NewTraces(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return traces
}

func shutdown(t *testing.T, traces *telemetry.Traces) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	if err := traces.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

func TestSpansReachTheCollectorByTheEnd(t *testing.T) {
	t.Parallel()
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		collector := telemetrytest.NewCollector(t)
		reaches(t, collector, telemetry.TraceOptions{Endpoint: collector.URL + "/", Protocol: "http/protobuf"})
	})
	t.Run("grpc", func(t *testing.T) {
		t.Parallel()
		collector := telemetrytest.NewCollector(t)
		reaches(t, collector, telemetry.TraceOptions{Endpoint: collector.ServeGRPC(t), Protocol: "grpc"})
	})
	t.Run("grpc for traces alone", func(t *testing.T) {
		t.Parallel()
		collector := telemetrytest.NewCollector(t)
		reaches(t, collector, telemetry.TraceOptions{Endpoint: "http://127.0.0.1:1", TracesEndpoint: collector.ServeGRPC(t), Protocol: "grpc"})
	})
}

// reaches sends a span by the options to the collector that they name.
func reaches(t *testing.T, collector *telemetrytest.Collector, o telemetry.TraceOptions) {
	t.Helper()
	o.Headers, o.Attributes, o.Service, o.Version = "x-key=a%20key", "team=a%2Cb,service.name=overridden", "ramp", "1.2.3"
	traces := newTraces(t, o)
	_, span := traces.Provider().Tracer("test").Start(t.Context(), "one")
	span.End()
	shutdown(t, traces)
	spans := collector.Spans()
	if len(spans) != 1 || spans[0].Name != "one" {
		t.Fatalf("the collector has %v", spans)
	}
	for name, want := range map[string]string{"service.name": "ramp", "service.version": "1.2.3", "team": "a,b"} {
		if got := spans[0].Resource[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := collector.Header("X-Key"); got != "a key" {
		t.Errorf("the header is %q", got)
	}
}

// TestTooManyLeavesAreNotSent: a first sync has a hundred thousand statements.
func TestTooManyLeavesAreNotSent(t *testing.T) {
	t.Parallel()
	collector := telemetrytest.NewCollector(t)
	traces := newTraces(t, telemetry.TraceOptions{TracesEndpoint: collector.URL + "/v1/traces"})
	tracer := traces.Provider().Tracer("test")
	ctx, root := tracer.Start(t.Context(), "root")
	for range 1500 {
		_, leaf := tracer.Start(ctx, "leaf", trace.WithSpanKind(trace.SpanKindClient))
		leaf.End()
	}
	_, inner := tracer.Start(ctx, "inner")
	inner.End()
	root.End()
	_, other := tracer.Start(t.Context(), "other root")
	other.End()
	shutdown(t, traces)
	counts := map[string]int{}
	for _, s := range collector.Spans() {
		counts[s.Name]++
	}
	if counts["leaf"] != 1000 || counts["inner"] != 1 || counts["root"] != 1 || counts["other root"] != 1 {
		t.Errorf("the collector has %v", counts)
	}
}

func TestSamplers(t *testing.T) {
	t.Parallel()
	for sampler, want := range map[string]int{"always_on": 20, "always_off": 0, "parentbased_always_on": 20, "parentbased_always_off": 0, "": 20} {
		collector := telemetrytest.NewCollector(t)
		traces := newTraces(t, telemetry.TraceOptions{Endpoint: collector.URL, Sampler: sampler})
		for range 20 {
			_, span := traces.Provider().Tracer("test").Start(t.Context(), "one")
			span.End()
		}
		shutdown(t, traces)
		if got := len(collector.Spans()); got != want {
			t.Errorf("%q keeps %d, want %d", sampler, got, want)
		}
	}
	for name, o := range map[string]telemetry.TraceOptions{
		"no sampler": {Sampler: "sometimes"}, "no ratio": {Sampler: "traceidratio", SamplerArg: "2"}, "NaN": {Sampler: "traceidratio", SamplerArg: "NaN"},
		"no address": {Endpoint: "localhost:4318"}, "no pair": {Headers: "planted-secret"}, "no escape": {Headers: "a=%zz"},
	} {
		if err := telemetry.CheckTraces(o); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := telemetry.CheckTraces(telemetry.TraceOptions{Sampler: "parentbased_traceidratio", SamplerArg: "0.25"}); err != nil {
		t.Error(err)
	}
}

// TestACollectorThatIsAwayCostsTheSpansAlone: making spans never waits for it, and
// the end waits no longer than it may.
func TestACollectorThatIsAwayCostsTheSpansAlone(t *testing.T) {
	t.Parallel()
	stuck := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stuck:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(stuck)
	for name, o := range map[string]telemetry.TraceOptions{
		"refuses": {Endpoint: "http://127.0.0.1:1"}, "never answers": {Endpoint: server.URL},
		"refuses gRPC": {Endpoint: "http://127.0.0.1:1", Protocol: "grpc"}, "speaks no gRPC": {Endpoint: server.URL, Protocol: "grpc"},
	} {
		traces := newTraces(t, o)
		for i := range 10_000 {
			_, span := traces.Provider().Tracer("test").Start(t.Context(), fmt.Sprint(i))
			span.End()
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 100*time.Millisecond)
		_ = traces.Shutdown(ctx) // it says that it could not
		if ctx.Err() == nil && name == "never answers" {
			t.Errorf("%s: the end was reached without the collector", name)
		}
		cancel()
	}
}

// TestWithoutAnEndpointNothingRuns: no goroutine, no span.
func TestWithoutAnEndpointNothingRuns(t *testing.T) {
	t.Parallel()
	traces := newTraces(t, telemetry.TraceOptions{})
	if traces != nil {
		t.Error("there are traces")
	}
	_, span := traces.Provider().Tracer("test").Start(t.Context(), "one")
	if span.IsRecording() || span.SpanContext().IsValid() {
		t.Error("there is a span")
	}
	shutdown(t, traces)
}

func TestLogLinesNameTheirSpan(t *testing.T) {
	t.Parallel()
	collector := telemetrytest.NewCollector(t)
	traces := newTraces(t, telemetry.TraceOptions{Endpoint: collector.URL})
	defer shutdown(t, traces)
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, telemetry.LogOptions{JSON: true})
	ctx, span := traces.Provider().Tracer("test").Start(t.Context(), "one")
	defer span.End()
	logger.InfoContext(ctx, "within")
	want := fmt.Sprintf(`"trace_id":"%s","span_id":"%s"`, span.SpanContext().TraceID(), span.SpanContext().SpanID())
	if !strings.Contains(out.String(), want) {
		t.Errorf("%s lacks %s", out.String(), want)
	}
	out.Reset()
	logger.InfoContext(t.Context(), "without")
	if strings.Contains(out.String(), "trace_id") {
		t.Errorf("a line outside says %s", out.String())
	}
}

// TestNothingRunsAfterTheEnd: what sends spans and errors ends with the server.
func TestNothingRunsAfterTheEnd(t *testing.T) { //nolint:paralleltest // it counts goroutines
	collector, sentry := telemetrytest.NewCollector(t), telemetrytest.NewSentry(t)
	run := func() {
		traces := newTraces(t, telemetry.TraceOptions{Endpoint: collector.URL})
		errs, err := telemetry.NewErrors(telemetry.ErrorOptions{DSN: sentry.DSN})
		if err != nil {
			t.Fatal(err)
		}
		ctx, span := traces.Provider().Tracer("test").Start(t.Context(), "one")
		errs.Logger(slog.New(slog.DiscardHandler)).ErrorContext(ctx, "something failed")
		span.End()
		shutdown(t, traces)
		errs.Close(t.Context())
	}
	for range 20 {
		run()
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		stacks := make([]byte, 4<<20)
		all := string(stacks[:runtime.Stack(stacks, true)])
		if !strings.Contains(all, "getsentry/sentry-go") && !strings.Contains(all, "go.opentelemetry.io/otel/sdk") {
			break // idle connections end by themselves
		}
		if time.Now().After(deadline) {
			t.Fatal(all)
		}
	}
	if n := len(sentry.Events()); n != 20 {
		t.Errorf("%d errors were told", n)
	}
}
