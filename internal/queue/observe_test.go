package queue_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/queue"
)

// ends works analyses, each to the end that its id names.
type ends struct {
	river.WorkerDefaults[queue.AnalysisArgs]
}

func (ends) Work(ctx context.Context, job *river.Job[queue.AnalysisArgs]) error {
	switch id := job.Args.AnalysisID; id {
	case "panic":
		panic("made up")
	case "error":
		return errors.New("made up")
	case "nothing":
	case "end of the process":
		<-ctx.Done()
		return ctx.Err()
	default:
		queue.Ended(ctx, queue.Outcome(id))
	}
	return nil
}

func TestJobsAreCountedByWhatTheyCameTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		registry := prometheus.NewPedanticRegistry()
		spans := tracetest.NewSpanRecorder()
		traces := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
		o := queue.Options{
			Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: slog.New(slog.DiscardHandler), Workers: river.NewWorkers(), Concurrency: 2,
			Registry: registry, Traces: traces,
		}
		river.AddWorker(o.Workers, ends{})
		q, err := queue.New(o)
		if err != nil {
			t.Fatal(err)
		}
		asked, request := traces.Tracer("test").Start(t.Context(), "request")
		for _, id := range []string{"nothing", "failed", "cancelled", "panic", "error"} {
			if _, err := enqueue(asked, db, q, id); err != nil {
				t.Fatal(err)
			}
		}
		request.End()
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, q) })
		for deadline := time.Now().Add(30 * time.Second); len(spans.Ended()) < 6; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d of the jobs ended", len(spans.Ended())-1)
			}
		}
		if diff := cmp.Diff(map[string]float64{"completed": 1, "failed": 1, "cancelled": 1, "fault": 2}, jobs(t, registry, "rampforge_job_duration_seconds", "analysis")); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]float64{"failed": 1, "fault": 2}, jobs(t, registry, "rampforge_job_failures_total", "analysis")); diff != "" {
			t.Errorf("failures (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]float64{"failed": 0, "fault": 0}, jobs(t, registry, "rampforge_job_failures_total", "narrative")); diff != "" {
			t.Errorf("failures of a kind that has none (-want +got):\n%s", diff)
		}
		for _, s := range spans.Ended() {
			if s.Name() == "request" {
				continue
			}
			if s.Name() != "job analysis" || s.SpanContext().TraceID() == request.SpanContext().TraceID() {
				t.Errorf("%s is in the request's trace", s.Name())
			}
			if len(s.Links()) != 1 || s.Links()[0].SpanContext.SpanID() != request.SpanContext().SpanID() {
				t.Errorf("%s is linked with %v, want the request", s.Name(), s.Links())
			}
		}
	})
}

// jobs are the counts of a metric for a kind, by outcome.
func jobs(t *testing.T, registry *prometheus.Registry, name, kind string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if f.GetName() == name && labels["kind"] == kind {
				counts[labels["outcome"]] += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return counts
}

// TestAJobThatIsBrokenOffIsNoFault: it is handed back as the process ends.
func TestAJobThatIsBrokenOffIsNoFault(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		registry := prometheus.NewPedanticRegistry()
		o := queue.Options{Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: slog.New(slog.DiscardHandler), Workers: river.NewWorkers(), Concurrency: 1, Registry: registry}
		begun := make(chan struct{})
		river.AddWorker(o.Workers, begins{begun: begun})
		q, err := queue.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := enqueue(t.Context(), db, q, "end of the process"); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-begun
		stop(t, q)
		if diff := cmp.Diff(map[string]float64{"handed_back": 1}, jobs(t, registry, "rampforge_job_duration_seconds", "analysis")); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]float64{"failed": 0, "fault": 0}, jobs(t, registry, "rampforge_job_failures_total", "analysis")); diff != "" {
			t.Errorf("failures (-want +got):\n%s", diff)
		}
	})
}

// begins says when it does, and ends as ends does.
type begins struct {
	river.WorkerDefaults[queue.AnalysisArgs]

	begun chan struct{}
}

func (b begins) Work(ctx context.Context, job *river.Job[queue.AnalysisArgs]) error {
	close(b.begun)
	return ends{}.Work(ctx, job)
}

func TestDepths(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		q := open(t, db, nil)
		before := time.Now().Add(-time.Second)
		err := db.InTx(t.Context(), func(tx *sql.Tx) error {
			for range 3 {
				if _, err := q.EnqueueAnalysis(t.Context(), tx, "ana_1"); err != nil {
					return err
				}
			}
			_, err := q.EnqueueSyncAt(time.Now().Add(time.Hour))(t.Context(), tx, "task_1")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		depths, err := q.Depths(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		oldest := depths["analysis"].Oldest
		if oldest.Before(before) || oldest.After(time.Now().Add(time.Second)) {
			t.Errorf("the oldest analysis waits since %s", oldest)
		}
		want := map[string]queue.Depth{}
		for _, kind := range queue.Kinds {
			want[kind] = queue.Depth{}
		}
		want["analysis"], want["sync"] = queue.Depth{Waiting: 3, Oldest: oldest}, queue.Depth{Scheduled: 1}
		if diff := cmp.Diff(want, depths); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		metrics, err := q.Figures(t.Context(), oldest.Add(90*time.Second))
		if err != nil || len(metrics) != 4*len(queue.Kinds) {
			t.Errorf("%d metrics, %v", len(metrics), err)
		}
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(fixed(metrics))
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		ages := map[string]float64{}
		for _, m := range families[len(families)-1].GetMetric() {
			ages[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
		}
		if ages["analysis"] != 90 || ages["sync"] != 0 {
			t.Errorf("the oldest wait since %v", ages)
		}
	})
}

type fixed []prometheus.Metric

func (fixed) Describe(chan<- *prometheus.Desc) {}

func (f fixed) Collect(to chan<- prometheus.Metric) {
	for _, m := range f {
		to <- m
	}
}
