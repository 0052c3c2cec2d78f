// Package llmtest is for tests of what asks models: a model that answers as it
// is told, and loopback servers that speak as the vendors do.
package llmtest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// Turn is one answer of a Model.
type Turn struct {
	// Pieces are what is streamed; the text of the answer is all of them.
	Pieces []string
	Calls  []llm.Call
	Finish llm.Finish // "" is stop, or tool_calls where there are calls
	Tokens llm.Tokens
	// Err ends the answer after its pieces, as a stream does that breaks.
	Err error
	// Wait is how long the answer takes to begin; it ends early with the context.
	Wait time.Duration
	// Dimensions is how many numbers the vectors of a server have that is asked for
	// embeddings: those of an Embedder.
	Dimensions int
}

// Text is a turn that answers with a text, streamed by its words.
func Text(text string) Turn { return Turn{Pieces: strings.SplitAfter(text, " ")} }

// Calls is a turn that wants tools called.
func Calls(calls ...llm.Call) Turn { return Turn{Calls: calls} }

// Fail is a turn that ends with an error of a kind.
func Fail(kind llm.Kind) Turn {
	return Turn{Err: &llm.Error{Kind: kind, Message: "The scripted model fails with " + string(kind) + "."}}
}

// Model answers by a script and keeps what it was asked. It is safe for
// concurrent use.
type Model struct {
	answer func(r *llm.Request) Turn

	mu    sync.Mutex
	asked []llm.Request
}

// Script returns a model that answers with the turns, one after the other. To
// be asked more often fails the test.
func Script(t testing.TB, turns ...Turn) *Model {
	var mu sync.Mutex
	next := 0
	return Answer(func(*llm.Request) Turn {
		mu.Lock()
		defer mu.Unlock()
		if next == len(turns) {
			t.Errorf("the scripted model is asked more than %d times", len(turns))
			return Fail(llm.KindInvalid)
		}
		next++
		return turns[next-1]
	})
}

// Answer returns a model that answers as a function says.
func Answer(answer func(r *llm.Request) Turn) *Model { return &Model{answer: answer} }

// Asked returns the requests so far.
func (m *Model) Asked() []llm.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]llm.Request(nil), m.asked...)
}

// Name is the model's.
func (*Model) Name() string { return "scripted" }

// Generate answers with the next turn.
func (m *Model) Generate(ctx context.Context, r *llm.Request, stream func(text string) error) (*llm.Response, error) {
	m.mu.Lock()
	m.asked = append(m.asked, *r)
	m.mu.Unlock()
	turn := m.answer(r)
	if err := wait(ctx, turn.Wait); err != nil {
		return nil, err
	}
	for _, piece := range turn.Pieces {
		if stream == nil {
			break
		}
		if err := stream(piece); err != nil {
			return nil, err
		}
	}
	if turn.Err != nil {
		return nil, turn.Err
	}
	return &llm.Response{
		Text: strings.Join(turn.Pieces, ""), Calls: turn.Calls, Model: m.Name(), Finish: finish(turn), Tokens: turn.Tokens, Took: turn.Wait,
	}, nil
}

func finish(t Turn) llm.Finish {
	switch {
	case t.Finish != "":
		return t.Finish
	case len(t.Calls) > 0:
		return llm.FinishTools
	}
	return llm.FinishStop
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		if ctx.Err() == nil {
			return nil
		}
	case <-ctx.Done():
	}
	return &llm.Error{Kind: llm.KindTimeout, Message: "The scripted model was not waited for.", Err: context.Cause(ctx)}
}
