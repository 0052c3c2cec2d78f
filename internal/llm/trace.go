package llm

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// startSpan begins the span of a request to a model with all its attempts, within
// a trace only. Nothing that is said is in it.
func startSpan(ctx context.Context, operation, model, purpose string) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, nil
	}
	return parent.TracerProvider().Tracer("github.com/rampforgeai/rampforge/internal/llm").Start(ctx, operation+" "+model,
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("gen_ai.operation.name", operation),
			attribute.String("gen_ai.request.model", model), attribute.String("rampforge.purpose", purpose)))
}

func endSpan(span trace.Span, outcome string, took Tokens) {
	if span == nil {
		return
	}
	span.SetAttributes(attribute.String("rampforge.outcome", outcome),
		attribute.Int("gen_ai.usage.input_tokens", took.Input), attribute.Int("gen_ai.usage.output_tokens", took.Output+took.Thinking))
	switch outcome {
	case outcomeOK, outcomeCached, outcomeCut, outcomeCancelled:
	default:
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
