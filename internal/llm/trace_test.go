package llm_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

// TestARequestIsASpan of the trace that it is in, with its model, outcome and
// tokens, and nothing that was said.
func TestARequestIsASpan(t *testing.T) {
	t.Parallel()
	for outcome, turn := range map[string]llmtest.Turn{"ok": llmtest.Text("In retry.go [1]."), "refused": failing(llm.KindRefused, 0)} {
		spans := tracetest.NewSpanRecorder()
		ctx, root := trace.NewTracerProvider(trace.WithSpanProcessor(spans)).Tracer("test").Start(t.Context(), "root")
		p := policy(t, llmtest.Script(t, turn))
		if _, _, err := ask(ctx, p, sourced(), false); err != nil {
			t.Fatal(err)
		}
		root.End()
		if n := len(spans.Ended()); n != 2 {
			t.Fatalf("%s: %d spans", outcome, n)
		}
		span, facts := spans.Ended()[0], map[string]string{}
		for _, a := range span.Attributes() {
			facts[string(a.Key)] = a.Value.String()
			if strings.Contains(a.Value.String(), "retr") {
				t.Errorf("%s tells %s", a.Key, a.Value.String())
			}
		}
		if span.Name() != "chat "+p.Name() || facts["rampforge.outcome"] != outcome || facts["rampforge.purpose"] != "ask" {
			t.Errorf("%s: %s, %v", outcome, span.Name(), facts)
		}
		if failed := span.Status().Code == codes.Error; failed != (outcome != "ok") {
			t.Errorf("%s: failed %t", outcome, failed)
		}
		if _, _, err := ask(t.Context(), policy(t, llmtest.Script(t, turn)), sourced(), false); err != nil || len(spans.Ended()) != 2 {
			t.Errorf("%s: outside of a trace there are %d spans, %v", outcome, len(spans.Ended()), err)
		}
	}
}
