package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/extractive"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

// policy puts a policy with short bounds around a model.
func policy(t *testing.T, m llm.Model, change ...func(*llm.Options)) *llm.Policy {
	t.Helper()
	o := llm.Options{
		Model: m, Fallback: extractive.New(), Retries: 2, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Timeouts: llm.Timeouts{First: 10 * time.Second, Next: 3 * time.Second, Whole: time.Minute},
	}
	for _, c := range change {
		c(&o)
	}
	p, err := llm.NewPolicy(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sourced() *llm.Request {
	r := question("Where are retries decided?")
	r.Purpose, r.User = "ask", "usr_1"
	r.Sources = []llm.Source{{Number: 1, Title: "retry.go", Text: "// decide says whether retries go on.\nfunc decide() bool", Score: 1}}
	return r
}

func failing(kind llm.Kind, after time.Duration) llmtest.Turn {
	return llmtest.Turn{Err: &llm.Error{Kind: kind, Message: "It fails: " + string(kind) + ".", RetryAfter: after}}
}

func TestFailuresThatMayPassAreTriedAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []llm.Kind{llm.KindLimited, llm.KindUnavailable, llm.KindTimeout, llm.KindBroken} {
		synctest.Test(t, func(t *testing.T) {
			m := llmtest.Script(t, failing(kind, 7*time.Second), failing(kind, 0), llmtest.Text("In retry.go [1]."))
			begin := time.Now()
			res, streamed, err := ask(t.Context(), policy(t, m), sourced(), true)
			if err != nil || res.Text != "In retry.go [1]." || streamed != res.Text || res.Fallback != "" {
				t.Errorf("%s: %+v, %q, %v", kind, res, streamed, err)
			}
			if took := time.Since(begin); took < 7*time.Second || took > 10*time.Second || res.Took != took {
				t.Errorf("%s: answered after %s, the vendor asked for 7s: %s", kind, took, res.Took)
			}
		})
	}
}

func TestFailuresThatStayAreAnsweredFromTheSources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		turn  llmtest.Turn
		asked int
	}{
		{failing(llm.KindBlocked, 0), 1}, {failing(llm.KindRefused, 0), 1}, {failing(llm.KindInvalid, 0), 1}, {failing(llm.KindTooLong, 0), 1},
		{failing(llm.KindUnavailable, 0), 3},
		{failing(llm.KindLimited, time.Hour), 1}, // nobody waits that long for an answer
	} {
		synctest.Test(t, func(t *testing.T) {
			m := llmtest.Answer(func(*llm.Request) llmtest.Turn { return c.turn })
			res, streamed, err := ask(t.Context(), policy(t, m), sourced(), true)
			if err != nil || res.Model != extractive.Name || res.Fallback != c.turn.Err.Error() || streamed != res.Text || !strings.Contains(res.Text, "func decide() bool") {
				t.Errorf("%v: %+v, %v", c.turn.Err, res, err)
			}
			if got := len(m.Asked()); got != c.asked {
				t.Errorf("%v: asked %d times, want %d", c.turn.Err, got, c.asked)
			}
			// What only the model can do fails.
			structured, bare := sourced(), question("?")
			structured.Schema = json.RawMessage(`{}`)
			for _, r := range []*llm.Request{structured, bare} {
				if _, _, err := ask(t.Context(), policy(t, m), r, false); !errors.Is(err, c.turn.Err) {
					t.Errorf("%v: it ends with %v", c.turn.Err, err)
				}
			}
		})
	}
}

// TestAnswersThatBreakAreCut: what was shown is not mixed with another answer.
func TestAnswersThatBreakAreCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		half := llmtest.Turn{Pieces: []string{"It is in ", "retry"}, Err: &llm.Error{Kind: llm.KindBroken, Message: "It broke off."}}
		m := llmtest.Script(t, half)
		res, streamed, err := ask(t.Context(), policy(t, m), sourced(), true)
		if err != nil || res.Text != "It is in retry" || streamed != res.Text || res.Finish != llm.FinishCut || res.Cut != "It broke off." || res.Model != "scripted" || res.Fallback != "" {
			t.Errorf("%+v, %q, %v", res, streamed, err)
		}
		// Nobody saw it: it is tried again.
		res, _, err = ask(t.Context(), policy(t, llmtest.Script(t, half, llmtest.Text("whole"))), sourced(), false)
		if err != nil || res.Text != "whole" || res.Finish != llm.FinishStop {
			t.Errorf("without a stream: %+v, %v", res, err)
		}
		// Nor is a structured answer shown before it fits.
		r := sourced()
		r.Schema = json.RawMessage(`{"type":"object"}`)
		half.Pieces = []string{`{"a`}
		res, streamed, err = ask(t.Context(), policy(t, llmtest.Script(t, half, llmtest.Text(`{"a": 1}`))), r, true)
		if err != nil || res.Text != `{"a": 1}` || streamed != res.Text {
			t.Errorf("structured: %+v, %q, %v", res, streamed, err)
		}
	})
}

// slow says its pieces with pauses between them.
type slow struct{ pauses []time.Duration }

func (slow) Name() string { return "slow" }

func (m slow) Generate(ctx context.Context, _ *llm.Request, stream func(string) error) (*llm.Response, error) {
	var text strings.Builder
	for _, pause := range m.pauses {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, llm.Failure(ctx, ctx.Err())
		}
		text.WriteString("word ")
		if err := stream("word "); err != nil {
			return nil, err
		}
	}
	return &llm.Response{Text: text.String(), Model: "slow", Finish: llm.FinishStop}, nil
}

func TestTimeoutsGrow(t *testing.T) {
	t.Parallel()
	steady := make([]time.Duration, 100)
	for i := range steady {
		steady[i] = 2 * time.Second
	}
	for name, c := range map[string]struct {
		pauses []time.Duration
		words  int
		cut    string // or fallback
		took   time.Duration
	}{
		"in time":        {[]time.Duration{9 * time.Second, 2 * time.Second, 2 * time.Second}, 3, "", 13 * time.Second},
		"stops":          {[]time.Duration{time.Second, 4 * time.Second}, 1, "The model stopped in the middle of its answer for 3s.", 4 * time.Second},
		"talks for ever": {steady, 30, "The model did not answer in whole within 1m0s.", time.Minute},
		"says nothing":   {[]time.Duration{time.Hour}, 0, "The model said nothing within 10s.", 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			res, streamed, err := ask(t.Context(), policy(t, slow{pauses: c.pauses}, func(o *llm.Options) { o.Retries = 0 }), sourced(), true)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took != c.took {
				t.Errorf("%s: it took %s, want %s", name, took, c.took)
			}
			if c.words == 0 {
				if res.Fallback != c.cut || res.Model != extractive.Name {
					t.Errorf("%s: %+v", name, res)
				}
				return
			}
			if n := strings.Count(streamed, "word"); n < c.words-1 || n > c.words || res.Cut != c.cut || res.Text != streamed || (res.Finish == llm.FinishCut) != (c.cut != "") {
				t.Errorf("%s: %d words, %+v", name, n, res)
			}
		})
	}
}

func TestWhoIsGoneGetsNoOtherAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(t, slow{pauses: []time.Duration{time.Hour}})
		for range 10 { // their leaving says nothing of the model
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			res, _, err := ask(ctx, p, sourced(), true)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || res != nil {
				t.Fatalf("%+v, %v", res, err)
			}
		}
		enough := errors.New("enough")
		_, err := policy(t, llmtest.Script(t, llmtest.Text("a b"))).Generate(t.Context(), sourced(), func(string) error { return enough })
		if err != enough { //nolint:errorlint // the very same
			t.Errorf("the stream's error comes back as %v", err)
		}
		if p.Check(t.Context()) != nil {
			t.Error("the circuit opened")
		}
	})
}

func TestCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var works atomic.Bool
		m := llmtest.Answer(func(*llm.Request) llmtest.Turn {
			if works.Load() {
				return llmtest.Text("Yes.")
			}
			return failing(llm.KindUnavailable, 0)
		})
		p := policy(t, m, func(o *llm.Options) { o.Retries = 0 })
		get := func() *llm.Response {
			t.Helper()
			res, _, err := ask(t.Context(), p, sourced(), false)
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		for range 5 {
			if res := get(); res.Fallback != "It fails: unavailable." {
				t.Errorf("closed: %+v", res)
			}
		}
		if res := get(); !strings.Contains(res.Fallback, "failed 5 times in a row and is left alone until") || len(m.Asked()) != 5 {
			t.Errorf("open: %+v, asked %d times", res, len(m.Asked()))
		}
		if err := p.Check(t.Context()); err == nil {
			t.Error("the check does not see the open circuit")
		}
		works.Store(true)
		time.Sleep(31 * time.Second)
		if res := get(); res.Text != "Yes." {
			t.Errorf("after a while: %+v", res)
		}
		if err := p.Check(t.Context()); err != nil {
			t.Errorf("closed again: %v", err)
		}
		// What says no works.
		said := llmtest.Answer(func(*llm.Request) llmtest.Turn { return failing(llm.KindBlocked, 0) })
		p = policy(t, said)
		for range 20 {
			get()
		}
		if len(said.Asked()) != 20 {
			t.Errorf("asked %d times", len(said.Asked()))
		}
	})
}

func TestConcurrencyIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		m := llmtest.Answer(func(*llm.Request) llmtest.Turn {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return llmtest.Text("Yes.")
		})
		p := policy(t, m, func(o *llm.Options) { o.Concurrency = 3 })
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				if res, _, err := ask(t.Context(), p, sourced(), false); err != nil || res.Text != "Yes." {
					t.Errorf("%+v, %v", res, err)
				}
			})
		}
		group.Wait()
		if most.Load() != 3 {
			t.Errorf("%d at once", most.Load())
		}
		// Who would wait too long for their turn is told so.
		p = policy(t, llmtest.Answer(func(*llm.Request) llmtest.Turn { time.Sleep(9 * time.Second); return llmtest.Text("Yes.") }),
			func(o *llm.Options) { o.Concurrency, o.Timeouts.Whole = 1, 10*time.Second })
		var waited atomic.Int64
		for range 3 {
			group.Go(func() {
				res, _, err := ask(t.Context(), p, sourced(), false)
				if err != nil {
					t.Error(err)
				} else if strings.Contains(res.Fallback, "waited for its turn in vain") {
					waited.Add(1)
				}
			})
		}
		group.Wait()
		if waited.Load() != 1 { // one was answered, one began and did not end, one did not begin
			t.Errorf("%d waited in vain", waited.Load())
		}
	})
}

// kept is a cache.
type kept struct {
	mu     sync.Mutex
	values map[string][]byte
}

func (k *kept) Get(_ context.Context, key string) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.values[key]
	return v, ok
}

func (k *kept) Set(_ context.Context, key string, value []byte, _ time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.values[key] = value
}

// Turn lets everybody go at once: that nobody does is the real cache's matter.
func (k *kept) Turn(context.Context, string) (func(), bool) { return func() {}, false }

func (k *kept) copy() map[string][]byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.values)
}

// TestAnswersAreRemembered: by everything that goes in, whoever asks.
func TestAnswersAreRemembered(t *testing.T) {
	t.Parallel()
	cache := &kept{values: map[string][]byte{}}
	with := func(o *llm.Options) { o.Cache, o.CacheFor = cache, time.Hour }
	call := llm.Call{ID: "1", Name: "search", Arguments: json.RawMessage(`{"q":"x"}`), Signature: []byte{9}}
	m := llmtest.Script(t, llmtest.Turn{Pieces: []string{"In ", "retry.go [1]."}, Calls: []llm.Call{call}, Tokens: llm.Tokens{Input: 5}})
	p := policy(t, m, with)
	if _, _, err := ask(t.Context(), p, sourced(), true); err != nil {
		t.Fatal(err)
	}
	other := sourced()
	other.User, other.Purpose = "usr_2", "describe"
	res, streamed, err := ask(t.Context(), p, other, true)
	if err != nil || !res.Cached || res.Text != "In retry.go [1]." || streamed != res.Text || len(res.Calls) != 1 || string(res.Calls[0].Signature) != "\x09" || res.Finish != llm.FinishTools {
		t.Errorf("%+v, %q, %v", res, streamed, err)
	}
	zero, half := 0, 0.5
	changes := map[string]func(*llm.Request){
		"system": func(r *llm.Request) { r.System += "!" }, "message": func(r *llm.Request) { r.Messages[0].Text += "!" },
		"role":     func(r *llm.Request) { r.Messages[0].Role = llm.RoleModel },
		"question": func(r *llm.Request) { r.Question = "!" }, "source": func(r *llm.Request) { r.Sources[0].Text += "!" },
		"tools": func(r *llm.Request) { r.Tools = []llm.Tool{{Name: "x"}} }, "schema": func(r *llm.Request) { r.Schema = json.RawMessage(`{}`) },
		"tokens": func(r *llm.Request) { r.MaxTokens = 1 }, "thinking": func(r *llm.Request) { r.ThinkingTokens = &zero },
		"temperature": func(r *llm.Request) { r.Temperature = &half },
	}
	for name, change := range changes {
		r := sourced()
		change(r)
		fresh := llmtest.Answer(func(*llm.Request) llmtest.Turn { return llmtest.Text(`"new"`) })
		if res, _, err := ask(t.Context(), policy(t, fresh, with), r, false); err != nil || res.Cached || len(fresh.Asked()) != 1 {
			t.Errorf("another %s: %+v, %v", name, res, err)
		}
	}
	fresh := llmtest.Answer(func(*llm.Request) llmtest.Turn { return llmtest.Text("new") })
	if res, _, err := ask(t.Context(), policy(t, fresh, with, func(o *llm.Options) { o.Identity = "elsewhere" }), sourced(), false); err != nil || res.Cached {
		t.Errorf("a model elsewhere: %+v, %v", res, err)
	}
}

func TestOnlyWholeAnswersAreRemembered(t *testing.T) {
	t.Parallel()
	cut := llmtest.Text("So far")
	cut.Finish = llm.FinishLength
	for name, turn := range map[string]llmtest.Turn{
		"length": cut, "failed": failing(llm.KindBlocked, 0), "broken": {Pieces: []string{"So"}, Err: &llm.Error{Kind: llm.KindBroken, Message: "No."}},
	} {
		cache := &kept{values: map[string][]byte{}}
		p := policy(t, llmtest.Script(t, turn), func(o *llm.Options) { o.Cache, o.CacheFor = cache, time.Hour })
		if _, _, err := ask(t.Context(), p, sourced(), true); err != nil {
			t.Fatal(err)
		}
		if len(cache.copy()) != 0 {
			t.Errorf("%s is remembered", name)
		}
	}
}
