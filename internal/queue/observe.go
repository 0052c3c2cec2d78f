package queue

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// observer counts and times jobs, makes a trace of each, and links it with the
// request that wrote the job: the trace's id is kept with the job.
type observer struct {
	river.MiddlewareDefaults

	durations *prometheus.HistogramVec
	failures  *prometheus.CounterVec
	tracer    trace.Tracer
	logger    *slog.Logger
	now       func() time.Time
}

func newObserver(registry prometheus.Registerer, traces trace.TracerProvider, logger *slog.Logger) (*observer, error) {
	if traces == nil {
		traces = noop.NewTracerProvider()
	}
	o := &observer{
		durations: prometheus.NewHistogramVec(telemetry.Histogram("rampforge_job_duration_seconds", "Duration of the work of a job, by kind and by what it came to.",
			[]float64{.1, .5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400}), []string{kindLabel, "outcome"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rampforge_job_failures_total", Help: "Jobs that failed, by kind: failed for a reason that a person was told of, fault for one of the program's own.",
		}, []string{kindLabel, "outcome"}),
		tracer: traces.Tracer("github.com/rampforgeai/rampforge/internal/queue"),
		logger: logger,
		now:    time.Now,
	}
	for _, kind := range Kinds { // the first failure must be a rise
		o.failures.WithLabelValues(kind, string(Failed))
		o.failures.WithLabelValues(kind, string(Fault))
	}
	if registry == nil {
		return o, nil
	}
	return o, errors.Join(registry.Register(o.durations), registry.Register(o.failures))
}

// kindLabel is the label of metrics and the key of log lines.
const kindLabel = "kind"

// carrierKey is where the trace of who wrote a job is kept in its metadata.
// Stored jobs carry it, so it never changes.
const carrierKey = "rampforge_trace"

// InsertMany implements rivertype.JobInsertMiddleware.
func (o *observer) InsertMany(ctx context.Context, jobs []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	if trace.SpanFromContext(ctx).IsRecording() {
		carrier := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(ctx, carrier)
		for _, job := range jobs {
			job.Metadata = withCarrier(job.Metadata, carrier)
		}
	}
	return insert(ctx)
}

func withCarrier(metadata []byte, carrier propagation.MapCarrier) []byte {
	all := map[string]any{}
	if len(metadata) > 0 && json.Unmarshal(metadata, &all) != nil {
		return metadata
	}
	all[carrierKey] = carrier
	with, err := json.Marshal(all)
	if err != nil {
		return metadata
	}
	return with
}

// origin is the span that wrote a job, as far as it is known.
func origin(ctx context.Context, job *rivertype.JobRow) []trace.Link {
	var kept map[string]json.RawMessage
	var carrier propagation.MapCarrier
	if json.Unmarshal(job.Metadata, &kept) != nil || json.Unmarshal(kept[carrierKey], &carrier) != nil {
		return nil
	}
	from := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(ctx, carrier))
	if !from.IsValid() {
		return nil
	}
	return []trace.Link{{SpanContext: from}}
}

// Work implements rivertype.WorkerMiddleware.
func (o *observer) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) (err error) {
	ctx, span := o.tracer.Start(ctx, "job "+job.Kind, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(origin(ctx, job)...),
		trace.WithAttributes(attribute.String("rampforge.job.kind", job.Kind), attribute.Int64("rampforge.job.id", job.ID)))
	noted := &atomic.Value{}
	began, returned := o.now(), false
	defer func() {
		outcome := Completed
		if said, ok := noted.Load().(Outcome); ok {
			outcome = said
		}
		switch {
		case returned && err != nil && ctx.Err() != nil: // this process ends: the sweep finds what is left
			outcome = Returned
		case !returned || err != nil: // it panicked, or its row could not be written
			outcome = Fault
		}
		o.durations.WithLabelValues(job.Kind, string(outcome)).Observe(o.now().Sub(began).Seconds())
		span.SetAttributes(attribute.String("rampforge.job.outcome", string(outcome)))
		if outcome == Failed || outcome == Fault {
			o.failures.WithLabelValues(job.Kind, string(outcome)).Inc()
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}()
	err = work(context.WithValue(ctx, outcomeKey{}, noted))
	returned = true
	if err != nil { // its row could not be written: nothing else tells of it
		level, what := slog.LevelError, "a job failed"
		if ctx.Err() != nil {
			level, what = slog.LevelInfo, "a job is broken off, as this process ends"
		}
		o.logger.Log(ctx, level, what, slog.String(kindLabel, job.Kind), slog.Int64("job_id", job.ID), slog.Any("error", err))
	}
	return err
}
