package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Figures are metrics that are read by a query. Whichever replica is scraped
// reads them, at most once in Every, within Bound; a scrape never fails for them
// and never waits longer. While they cannot be read they are told as they were
// for three times Every, and then not at all: no figure is better than an old
// one.
type Figures struct {
	name   string
	read   func(ctx context.Context) ([]prometheus.Metric, error)
	every  time.Duration
	bound  time.Duration
	now    func() time.Time
	logger *slog.Logger
	failed prometheus.Counter

	mu      sync.Mutex
	tried   time.Time
	known   time.Time
	metrics []prometheus.Metric
	failing bool
}

// FiguresOptions configures Figures. Zero durations are the defaults.
type FiguresOptions struct {
	Name   string // of the figures, for the log and the count of failures
	Read   func(ctx context.Context) ([]prometheus.Metric, error)
	Every  time.Duration // 15 s
	Bound  time.Duration // 2 s
	Logger *slog.Logger
	Now    func() time.Time // nil is time.Now
}

// NewFigures returns figures that nobody has read yet.
func NewFigures(o FiguresOptions) *Figures {
	f := &Figures{name: o.Name, read: o.Read, every: o.Every, bound: o.Bound, now: o.Now, logger: o.Logger, failed: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "rampforge_figures_failures_total", Help: "How often figures that are read by a query could not be read.", ConstLabels: prometheus.Labels{"figures": o.Name},
	})}
	if f.every == 0 {
		f.every = 15 * time.Second
	}
	if f.bound == 0 {
		f.bound = 2 * time.Second
	}
	if f.now == nil {
		f.now = time.Now
	}
	return f
}

// Describe implements prometheus.Collector. Which figures there are is known
// when they are read.
func (f *Figures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f *Figures) Collect(to chan<- prometheus.Metric) {
	for _, m := range f.latest() {
		to <- m
	}
	to <- f.failed
}

// latest are the figures, read anew when they are due. Who scrapes at the same
// time waits for the one reading.
func (f *Figures) latest() []prometheus.Metric {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if !f.tried.IsZero() && now.Sub(f.tried) < f.every {
		return f.metrics
	}
	f.tried = now
	ctx, cancel := context.WithTimeout(context.Background(), f.bound)
	defer cancel()
	metrics, err := f.read(ctx)
	if err != nil {
		f.failed.Inc()
		if !f.failing {
			f.logger.WarnContext(ctx, "figures for the metrics cannot be read: the last ones are told for a while", slog.String("figures", f.name), slog.Any("error", err))
		}
		f.failing = true
		if now.Sub(f.known) > 3*f.every {
			f.metrics = nil
		}
		return f.metrics
	}
	f.metrics, f.known, f.failing = metrics, now, false
	return f.metrics
}
