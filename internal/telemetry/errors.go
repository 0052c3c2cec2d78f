package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"
	"go.opentelemetry.io/otel/trace"
)

// ErrorOptions say where errors are told.
type ErrorOptions struct {
	DSN         string // of Sentry, or of what speaks as it does; "" tells nobody
	Environment string // such as production; "" is that
	Release     string
}

// Errors tell what went wrong by the program's own fault to a server that speaks
// as Sentry does. It is what the log says at the level ERROR, and less of it: no
// header, query, body, e-mail address or quoted text. A nil one tells nobody.
type Errors struct {
	client *sentry.Client
	quota  quota
}

// NewErrors returns what tells errors, nil when no DSN is set.
func NewErrors(o ErrorOptions) (*Errors, error) {
	if o.DSN == "" {
		return nil, nil //nolint:nilnil // nobody is told
	}
	if o.Environment == "" {
		o.Environment = "production"
	}
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: o.DSN, Release: "rampforge@" + o.Release, Environment: o.Environment,
		// Sentry's own would add the machine, the modules, and lines of source.
		Integrations:   func([]sentry.Integration) []sentry.Integration { return nil },
		MaxBreadcrumbs: -1, DisableClientReports: true,
	})
	if err != nil {
		return nil, fmt.Errorf("the DSN %w", errBadDSN)
	}
	return &Errors{client: client}, nil
}

// CheckErrors says what is wrong with a DSN, without sending anything.
func CheckErrors(dsn string) error {
	if dsn == "" {
		return nil
	}
	if _, err := sentry.NewDsn(dsn); err != nil {
		return errBadDSN
	}
	return nil
}

// errBadDSN repeats nothing of a DSN, which the library's own words do.
var errBadDSN = errors.New("must look like https://key@host/number")

// Close sends what was not sent, as far as ctx allows.
func (e *Errors) Close(ctx context.Context) {
	if e == nil {
		return
	}
	e.client.FlushWithContext(ctx)
	e.client.Close()
}

// Logger returns a logger that tells the errors of another one besides.
func (e *Errors) Logger(logger *slog.Logger) *slog.Logger {
	if e == nil {
		return logger
	}
	return slog.New(&errorHandler{Handler: logger.Handler(), errors: e})
}

// errorHandler tells records of the level ERROR.
type errorHandler struct {
	slog.Handler

	errors *Errors
	attrs  []slog.Attr
}

// Enabled implements slog.Handler.
func (h *errorHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError || h.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *errorHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		h.errors.tell(ctx, r, h.attrs)
		if !h.Handler.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *errorHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &errorHandler{Handler: h.Handler.WithAttrs(attrs), errors: h.errors, attrs: slices.Concat(h.attrs, attrs)}
}

// WithGroup implements slog.Handler.
func (h *errorHandler) WithGroup(name string) slog.Handler {
	return &errorHandler{Handler: h.Handler.WithGroup(name), errors: h.errors, attrs: h.attrs}
}

// tags are the attributes that are told: none is free text, or says who somebody
// is.
var tags = []string{
	"request_id", "job_id", "analysis_id", "task_id", "repository_id", "service_id", "project_id", "remap_id", "document_run_id", "search_scope",
	"code", "route", "method", "status", "part", "kind",
}

func (e *Errors) tell(ctx context.Context, r slog.Record, attrs []slog.Attr) {
	event := sentry.NewEvent()
	event.Level, event.Timestamp, event.Logger = sentry.LevelError, r.Time, "rampforge"
	cause := ""
	of := ""
	take := func(a slog.Attr) bool {
		switch {
		case a.Key == "error" || a.Key == "panic" || a.Key == "panic_val": // River's is the last
			cause = a.Value.String()
			if err, ok := a.Value.Any().(error); ok {
				of = rootType(err)
			}
		case slices.Contains(tags, a.Key):
			event.Tags[a.Key] = scrub(a.Value.String())
		}
		return true
	}
	carried, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	for _, a := range slices.Concat(attrs, carried) {
		take(a)
	}
	r.Attrs(take)
	if code := event.Tags["code"]; code != "" && code != "INTERNAL_ERROR" {
		event.Level = sentry.LevelWarning // somebody else's fault, such as a vendor's
	}
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		event.Tags["trace_id"], event.Tags["span_id"] = s.TraceID().String(), s.SpanID().String()
	}
	said := scrub(cause)
	stack := stackHere()
	event.Exception = []sentry.Exception{{Type: r.Message, Value: said, Stacktrace: stack}}
	// Ids and numbers make no groups of their own.
	event.Fingerprint = []string{r.Message, of, event.Tags["code"], event.Tags["route"], shape(said), culprit()}
	if e.quota.allows(strings.Join(event.Fingerprint, "\x00"), time.Now()) {
		e.client.CaptureEvent(event, nil, nil)
	}
}

// stackHere is the stack of who logs, without the loggers.
func stackHere() *sentry.Stacktrace {
	stack := sentry.NewStacktrace()
	if stack == nil {
		return nil
	}
	for n := len(stack.Frames); n > 0; n-- { // the latest call is the last
		if f := stack.Frames[n-1]; f.Module != "log/slog" && !strings.HasSuffix(f.Module, "/internal/telemetry") && !strings.Contains(f.Module, "getsentry/sentry-go") {
			stack.Frames = stack.Frames[:n]
			break
		}
	}
	for i := range stack.Frames {
		f := &stack.Frames[i]
		f.InApp = strings.Contains(f.Module, "rampforge")
		f.AbsPath, f.PreContext, f.PostContext, f.ContextLine, f.Vars = "", nil, nil, "", nil
	}
	return stack
}

// culprit is the function of ours that a panic came from, "" where nobody
// panics: other errors are logged where they arrive, which says nothing of where
// they came from.
func culprit() string {
	var pcs [100]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	panicked := false
	for {
		frame, more := frames.Next()
		panicked = panicked || frame.Function == "runtime.gopanic"
		if panicked && strings.Contains(frame.Function, "rampforge") {
			return frame.Function
		}
		if !more {
			return ""
		}
	}
}

// rootType is the type of the error that began it, which holds where its text
// changes.
func rootType(err error) string {
	for {
		switch e := err.(type) { //nolint:errorlint // it goes down the chain by itself
		case interface{ Unwrap() error }:
			if inner := e.Unwrap(); inner != nil {
				err = inner
				continue
			}
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 && all[0] != nil {
				err = all[0]
				continue
			}
		}
		return fmt.Sprintf("%T", err)
	}
}

const (
	perGroup  = 5   // events of one group in a minute
	perMinute = 100 // of all together
	maxGroups = 1000
)

// quota bounds what is told in a minute: a database that is away makes an error
// of each request.
type quota struct {
	mu     sync.Mutex
	minute time.Time
	all    int
	groups map[string]int
}

func (q *quota) allows(group string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(q.minute) {
		q.minute, q.all, q.groups = minute, 0, map[string]int{}
	}
	if q.all >= perMinute || q.groups[group] >= perGroup || len(q.groups) >= maxGroups {
		return false
	}
	q.all++
	q.groups[group]++
	return true
}
