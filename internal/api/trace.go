package api

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracerOf is nil without a provider: then a request pays nothing for traces.
func tracerOf(traces trace.TracerProvider) trace.Tracer {
	if traces == nil {
		return nil
	}
	return traces.Tracer("github.com/rampforgeai/rampforge/internal/api")
}

// startSpan begins the span of a request, in the trace that the client names. Of
// what load balancers and Prometheus ask every few seconds there is none.
func (a *API) startSpan(r *http.Request) (context.Context, trace.Span) {
	ctx := r.Context()
	if a.tracer == nil || strings.HasPrefix(r.URL.Path, "/api/health") || r.URL.Path == "/metrics" {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	return a.tracer.Start(ctx, knownMethod(r.Method), trace.WithSpanKind(trace.SpanKindServer))
}

// endSpan tells how a request ended: its route, and neither path nor query.
func endSpan(span trace.Span, r *http.Request, req *request, status int) {
	if span == nil {
		return
	}
	method, route := knownMethod(r.Method), routeOf(r.Pattern)
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status), attribute.String("rampforge.request.id", req.id))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// routeOf is the path of a pattern, "none" where no route was found.
func routeOf(pattern string) string {
	_, route, _ := strings.Cut(pattern, " ")
	if route == "" {
		return "none"
	}
	return route
}
