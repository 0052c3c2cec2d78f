package llmtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

func TestScriptAnswersInOrderAndKeepsWhatItWasAsked(t *testing.T) {
	t.Parallel()
	m := llmtest.Script(t, llmtest.Calls(llm.Call{ID: "1", Name: "search"}), llmtest.Text("It is in main.go [1]."), llmtest.Fail(llm.KindBlocked))
	first, err := m.Generate(t.Context(), &llm.Request{System: "one"}, nil)
	if err != nil || first.Finish != llm.FinishTools || len(first.Calls) != 1 {
		t.Errorf("the first turn: %+v, %v", first, err)
	}
	var got []string
	second, err := m.Generate(t.Context(), &llm.Request{System: "two"}, func(s string) error { got = append(got, s); return nil })
	if err != nil || second.Text != "It is in main.go [1]." || second.Finish != llm.FinishStop {
		t.Errorf("the second turn: %+v, %v", second, err)
	}
	if diff := cmp.Diff([]string{"It ", "is ", "in ", "main.go ", "[1]."}, got); diff != "" {
		t.Errorf("streamed (-want +got):\n%s", diff)
	}
	_, err = m.Generate(t.Context(), &llm.Request{System: "three"}, nil)
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.KindBlocked {
		t.Errorf("the third turn ends with %v", err)
	}
	if asked := m.Asked(); len(asked) != 3 || asked[1].System != "two" {
		t.Errorf("asked: %+v", asked)
	}
}

func TestScriptEndsWithItsReader(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	_, err := llmtest.Script(t, llmtest.Text("a b c")).Generate(t.Context(), &llm.Request{}, func(string) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("an error of the stream comes back as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = llmtest.Script(t, llmtest.Turn{Wait: time.Hour}).Generate(ctx, &llm.Request{}, nil)
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.KindTimeout || !errors.Is(err, context.Canceled) {
		t.Errorf("a model that is not waited for ends with %v", err)
	}
}
