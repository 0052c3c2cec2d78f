// Package telemetry makes the product's logger and carries the facts of a
// request or job (their ids) through a context into every line. It writes to
// the writer that it is given and knows nothing of what it logs.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// LogOptions says how lines look.
type LogOptions struct {
	JSON  bool
	Level slog.Level
}

// NewLogger returns a logger that writes a line for each record to w, adds the
// attributes that With put into the record's context, and blanks what looks
// like a secret.
func NewLogger(w io.Writer, o LogOptions) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.Level, ReplaceAttr: redact}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if o.JSON {
		h = slog.NewJSONHandler(w, options)
	}
	return slog.New(contextHandler{h})
}

type attrsKey struct{}

// With returns a context whose log lines carry attrs, besides those that ctx
// carries already: request_id, user_id, job_id.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	carried, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return context.WithValue(ctx, attrsKey{}, slices.Concat(carried, attrs))
}

// contextHandler adds the context's attributes to each record.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	attrs, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	span := trace.SpanContextFromContext(ctx)
	if len(attrs) > 0 || span.IsValid() {
		r = r.Clone()
		r.AddAttrs(attrs...)
	}
	if span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

const redacted = "[redacted]"

// secretKeys are attribute names whose value is never written.
var secretKeys = []string{"password", "secret", "token", "authorization", "api_key", "apikey", "credential", "cookie", "private_key"}

// secretValues finds secrets inside longer text: bearer headers, JSON web
// tokens, the product's own tokens, the vendors' token formats, and user
// information in URLs.
var secretValues = regexp.MustCompile(`(?i:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}` +
	`|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*` +
	`|\brf_[A-Za-z0-9_-]{16,}` +
	`|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|ATATT|AKIA|AIza)[A-Za-z0-9_=-]{10,}` +
	`|://[^\s/@:]*:[^\s/@]+@`)

// redact blanks secrets as the last line of defence: no code should log one.
func redact(_ []string, a slog.Attr) slog.Attr {
	key := strings.ToLower(a.Key)
	if slices.ContainsFunc(secretKeys, func(k string) bool { return strings.Contains(key, k) }) && a.Value.Kind() == slog.KindString {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if s := a.Value.String(); mayHoldSecret(s) {
			a.Value = slog.StringValue(Redact(s))
		}
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(Redact(err.Error()))
		}
	default: // numbers, times and groups hold no text of their own
	}
	return a
}

// secretMarks are parts of text without which secretValues finds nothing.
var secretMarks = []string{"eyJ", "rf_", "://", "gh", "glpat-", "xox", "ATATT", "AKIA", "AIza"}

// mayHoldSecret spares most values the regular expression, which costs more
// than the rest of an access line.
func mayHoldSecret(s string) bool {
	if len(s) < 12 {
		return false
	}
	for _, mark := range secretMarks {
		if strings.Contains(s, mark) {
			return true
		}
	}
	lower := strings.ToLower(s)
	return strings.Contains(lower, "bearer") || strings.Contains(lower, "basic")
}

// Redact blanks what looks like a secret in text that came from outside, such
// as a program's error output.
func Redact(s string) string {
	return secretValues.ReplaceAllStringFunc(s, func(m string) string {
		if strings.HasPrefix(m, "://") {
			return "://" + redacted + "@"
		}
		return redacted
	})
}
