package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// observer times statements by name, and makes a span of each that runs inside a
// trace. It never sees an argument.
type observer struct {
	engine    Engine
	durations *prometheus.HistogramVec
	failures  *prometheus.CounterVec
	plumbing  []string // functions that only pass statements on

	statements sync.Map // text to *statement
	known      atomic.Int64
	other      *statement
}

// statement is what is known of a text.
type statement struct {
	name     string
	duration prometheus.Observer
	failures *prometheus.CounterVec
}

const (
	// maxStatements bounds the texts that are remembered. The product has some
	// hundreds; what a program writes anew each time must not fill the memory.
	maxStatements = 4096
	otherName     = "other"
)

func newObserver(engine Engine, registry prometheus.Registerer) (*observer, error) {
	o := &observer{
		engine: engine,
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rampforge_database_statement_duration_seconds", Help: "Time from the start of a statement until its last row was read, by the function that runs it.",
			Buckets: []float64{.001, .01, .1, 1, 10}, // there are hundreds of names; native histograms tell more
			// A factor of 1.1 tells a quantile to within five per cent.
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 60, NativeHistogramMinResetDuration: time.Hour,
		}, []string{"statement"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rampforge_database_statement_failures_total", Help: "Statements that failed, but for those that their caller broke off, by the function that runs them.",
		}, []string{"statement"}),
	}
	o.other = o.named(otherName)
	return o, errors.Join(registry.Register(o.durations), registry.Register(o.failures))
}

func (o *observer) named(name string) *statement {
	return &statement{name: name, duration: o.durations.WithLabelValues(name), failures: o.failures}
}

// of returns what is known of a text. The first time it looks who runs it.
func (o *observer) of(text string) *statement {
	if known, ok := o.statements.Load(text); ok {
		if s, ok := known.(*statement); ok {
			return s
		}
	}
	if o.known.Load() >= maxStatements {
		return o.other
	}
	known, raced := o.statements.LoadOrStore(strings.Clone(text), o.named(o.name(text)))
	if !raced {
		o.known.Add(1)
	}
	if s, ok := known.(*statement); ok {
		return s
	}
	return o.other
}

// run is one run of a statement.
type run struct {
	of    *statement
	start time.Time
	span  trace.Span // nil outside traces
}

// begin begins a run. A span is made within a trace only: a poll of the queue is
// none of its own.
func (o *observer) begin(ctx context.Context, s *statement) run {
	r := run{of: s, start: time.Now()}
	if parent := trace.SpanFromContext(ctx); parent.IsRecording() {
		//nolint:spancheck // end ends it
		_, r.span = parent.TracerProvider().Tracer(tracer).Start(ctx, s.name, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(r.start),
			trace.WithAttributes(attribute.String("db.system.name", string(o.engine)), attribute.String("db.query.summary", s.name)))
	}
	return r
}

// tracer names this package to those who collect spans.
const tracer = "github.com/rampforgeai/rampforge/internal/database"

func (r run) end(err error) {
	now := time.Now()
	r.of.duration.Observe(now.Sub(r.start).Seconds())
	failed := err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, driver.ErrSkip) && !errors.Is(err, context.Canceled)
	if failed {
		r.of.failures.WithLabelValues(r.of.name).Inc()
	}
	if r.span == nil {
		return
	}
	if failed {
		r.span.SetStatus(codes.Error, "") // what a database says may quote what is stored
	}
	r.span.End(trace.WithTimestamp(now))
}

// Plumbing names functions of other packages that only pass statements on, such
// as "store.query": a statement is named after who calls them. It comes before
// the first statement.
func (db *DB) Plumbing(functions ...string) {
	if db.observer != nil {
		db.observer.plumbing = functions
	}
}

const module = "github.com/rampforgeai/rampforge/"

// name is what a statement is called: by River what it calls it itself, a word
// of transactions by itself, and any other by the function that runs it.
func (o *observer) name(text string) string {
	if rest, ok := strings.CutPrefix(text, "-- name: "); ok {
		name, _, _ := strings.Cut(rest, " ")
		return "river." + name
	}
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), " ")
	switch word = strings.Trim(word, ";"); word {
	case "begin", "commit", "rollback", "savepoint", "release":
		return word
	case "--", "":
		return "ping"
	}
	return o.caller()
}

// passes are functions of this package that only pass statements on.
var passes = regexp.MustCompile(`internal/database\.\(?\*?(observe[a-zA-Z]*|postgresTracer)\)?\.|internal/database\.\(\*DB\)\.(InTx|once|Ping)\b|internal/database\.observeRows`)

func (o *observer) caller() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, module) && !passes.MatchString(frame.Function) {
			if name := functionName(frame.Function); !slices.Contains(o.plumbing, name) {
				return name
			}
		}
		if !more {
			return otherName
		}
	}
}

// decoration is what a compiler adds to the name of a function: its type
// parameters, and closures in it.
var decoration = regexp.MustCompile(`\[[^\]]*\]|(\.func\d+|\.gowrap\d+|-range\d+|\.\d+)+$`)

// receiver is the type of a method.
var receiver = regexp.MustCompile(`^(\w+)\.\(\*?(\w+)\)\.`)

// functionName is the name of a function with its package, and with its type
// unless the package is named after that: store.User, database.DB.Migrate.
func functionName(full string) string {
	name := decoration.ReplaceAllString(full[strings.LastIndexByte(full, '/')+1:], "")
	if m := receiver.FindStringSubmatch(name); m != nil {
		prefix := m[1] + "."
		if !strings.EqualFold(m[1], m[2]) {
			prefix += m[2] + "."
		}
		name = prefix + name[len(m[0]):]
	}
	return name
}
