package llm_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/gemini"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/llm/mask"
	"github.com/rampforgeai/rampforge/internal/llm/openai"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

const dimensions = 24

// embedders are the models that a service embeds with, each in front of a server
// that answers with the replies.
var embedders = map[string]func(t *testing.T, replies ...llmtest.Reply) (llm.Embedder, *llmtest.Server){
	"vertex": func(t *testing.T, replies ...llmtest.Reply) (llm.Embedder, *llmtest.Server) {
		server := llmtest.Gemini(t, replies...)
		e, err := gemini.NewEmbedder(t.Context(), gemini.Options{Model: "text-embedding-005", Project: "plugh", Location: "europe-west1", CredentialsFile: account(t, tokens(t)), BaseURL: server.URL, Guard: loopback(t)}, dimensions)
		return embedder(t, e, err), server
	},
	"gemini": func(t *testing.T, replies ...llmtest.Reply) (llm.Embedder, *llmtest.Server) {
		server := llmtest.Gemini(t, replies...)
		e, err := gemini.NewEmbedder(t.Context(), gemini.Options{APIKey: "xyzzy", BaseURL: server.URL, Guard: loopback(t)}, dimensions)
		return embedder(t, e, err), server
	},
	"openai": func(t *testing.T, replies ...llmtest.Reply) (llm.Embedder, *llmtest.Server) {
		server := llmtest.OpenAI(t, replies...)
		e, err := openai.NewEmbedder(openai.Options{BaseURL: server.URL, Guard: loopback(t)}, dimensions)
		return embedder(t, e, err), server
	},
}

func embedder(t *testing.T, e llm.Embedder, err error) llm.Embedder {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func embedPolicy(t *testing.T, e llm.Embedder, change ...func(*llm.EmbedOptions)) *llm.EmbedPolicy {
	t.Helper()
	o := llm.EmbedOptions{Embedder: e, Timeout: time.Minute, Retries: 2, Concurrency: 3, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	for _, c := range change {
		c(&o)
	}
	p, err := llm.NewEmbedPolicy(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var embeddedReply = llmtest.Reply{Turn: llmtest.Turn{Dimensions: dimensions}}

func documents(texts ...string) *llm.EmbedRequest {
	return &llm.EmbedRequest{Task: llm.TaskDocument, Texts: texts}
}

func product(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestVendorsEmbed(t *testing.T) {
	t.Parallel()
	for name, open := range embedders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, server := open(t, embeddedReply, embeddedReply)
			p := embedPolicy(t, e)
			got, err := p.Embed(t.Context(), documents("retry the payment", "a cart of items", "検索"))
			if err != nil || len(got.Vectors) != 3 {
				t.Fatalf("%+v, %v", got, err)
			}
			want, err := (&llmtest.Embedder{Length: dimensions}).Embed(t.Context(), documents("retry the payment", "a cart of items", "検索"))
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range got.Vectors {
				of := want.Vectors[i]
				if same := product(v, of) / math.Sqrt(product(of, of)); math.Abs(same-1) > 1e-5 || math.Abs(product(v, v)-1) > 1e-5 {
					t.Errorf("the vector %d is another one, or not of the length of one: %g", i, same)
				}
			}
			if got.Tokens <= 0 {
				t.Error("no tokens are counted")
			}
			if _, err := p.Embed(t.Context(), &llm.EmbedRequest{Task: llm.TaskQuery, Texts: []string{"how are payments retried?"}}); err != nil {
				t.Fatal(err)
			}
			asked := server.Asked()
			if sent := fmt.Sprint(asked[0].Body); !strings.Contains(sent, "retry the payment") || !strings.Contains(sent, "imension") || !strings.Contains(sent, ":24") {
				t.Errorf("the request is %s", sent)
			}
			if google := name != "openai"; google && (!strings.Contains(fmt.Sprint(asked[0].Body), "RETRIEVAL_DOCUMENT") || !strings.Contains(fmt.Sprint(asked[1].Body), "RETRIEVAL_QUERY")) {
				t.Errorf("the tasks are not told apart: %v, %v", asked[0].Body, asked[1].Body)
			}
			if err := p.Check(t.Context()); err != nil {
				t.Errorf("it is not there: %v", err)
			}
		})
	}
}

func TestVendorsFailToEmbed(t *testing.T) {
	t.Parallel()
	for fault, want := range map[llmtest.Fault]llm.Kind{
		llmtest.Limited: llm.KindLimited, llmtest.Unavailable: llm.KindUnavailable, llmtest.Denied: llm.KindRefused, llmtest.Missing: llm.KindRefused,
		llmtest.Cut: llm.KindBroken, llmtest.Malformed: llm.KindBroken, llmtest.Huge: llm.KindTooLong, llmtest.Silent: llm.KindTimeout, llmtest.Endless: llm.KindTimeout,
		llmtest.Fewer: llm.KindUnreadable, llmtest.Shorter: llm.KindUnreadable, llmtest.Beyond: llm.KindUnreadable, llmtest.Zeros: llm.KindUnreadable, llmtest.NoUnit: llm.KindBroken,
	} {
		for name, open := range embedders {
			t.Run(fmt.Sprintf("%s/%s", name, fault), func(t *testing.T) {
				t.Parallel()
				e, _ := open(t, llmtest.Reply{Turn: embeddedReply.Turn, Fault: fault, RetryAfter: 7 * time.Second})
				p := embedPolicy(t, e, func(o *llm.EmbedOptions) {
					o.Retries = 0
					if want == llm.KindTimeout {
						o.Timeout = 300 * time.Millisecond
					}
				})
				got, err := p.Embed(t.Context(), documents("a secret text", "another one"))
				e2, ok := errors.AsType[*llm.Error](err)
				if fault == llmtest.Beyond && name != "openai" && ok && e2.Kind == llm.KindBroken {
					return // the SDK reads 32 bits and refuses by itself
				}
				if !ok || e2.Kind != want || got != nil {
					t.Fatalf("it gives %+v, %v (%v)", got, err, kindOf(err))
				}
				if strings.Contains(e2.Message, "secret text") || !strings.HasSuffix(e2.Message, ".") {
					t.Errorf("the message is %q", e2.Message)
				}
				if fault == llmtest.Limited && e2.RetryAfter != 7*time.Second {
					t.Errorf("to be asked again after %s", e2.RetryAfter)
				}
			})
		}
	}
}

// TestVertexTakesOneTextOfGemini: the server refuses two.
func TestVertexTakesOneTextOfGemini(t *testing.T) {
	t.Parallel()
	server := llmtest.Gemini(t, embeddedReply, embeddedReply, embeddedReply)
	e, err := gemini.NewEmbedder(t.Context(), gemini.Options{Project: "plugh", Location: "europe-west1", CredentialsFile: account(t, tokens(t)), BaseURL: server.URL, Guard: loopback(t)}, dimensions)
	if err != nil {
		t.Fatal(err)
	}
	got, err := embedPolicy(t, e).Embed(t.Context(), documents("one", "two", "three"))
	if err != nil || len(got.Vectors) != 3 || len(server.Asked()) != 3 {
		t.Errorf("%d requests, %v", len(server.Asked()), err)
	}
}

// TestEmbeddingsAreAskedAgain within the policy's bounds, and left alone after
// them.
func TestEmbeddingsAreAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := 2
		e := &llmtest.Embedder{Length: 8, Err: func(*llm.EmbedRequest) error {
			if fails--; fails >= 0 {
				return &llm.Error{Kind: llm.KindLimited, Message: "Too much.", RetryAfter: 3 * time.Second}
			}
			return nil
		}}
		p := embedPolicy(t, e)
		began := time.Now()
		if _, err := p.Embed(t.Context(), documents("one")); err != nil || time.Since(began) < 6*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		asked := 0
		down := &llmtest.Embedder{Length: 8, Err: func(*llm.EmbedRequest) error {
			asked++
			return &llm.Error{Kind: llm.KindUnavailable, Message: "It is down."}
		}}
		p = embedPolicy(t, down)
		for range 3 {
			if _, err := p.Embed(t.Context(), documents("one")); kindOf(err) != llm.KindUnavailable {
				t.Errorf("%v", err)
			}
		}
		if asked != 5 || p.Check(t.Context()) == nil {
			t.Errorf("a model that is down is asked %d times", asked)
		}
	})
}

// TestEmbeddingsAreBounded: what is sent is masked, cut, parted and kept for
// administrators.
func TestEmbeddingsAreBounded(t *testing.T) {
	t.Parallel()
	registry, sent := prometheus.NewRegistry(), llm.NewSent(10)
	e := &llmtest.Embedder{Length: 8}
	p := embedPolicy(t, e, func(o *llm.EmbedOptions) {
		o.Mask, o.Registry, o.Sent, o.Price = mask.Text, registry, sent, llm.Price{Input: 2}
	})
	if _, err := llm.NewPolicy(llm.Options{Model: llmtest.Script(t), Registry: registry, Now: time.Now}); err != nil {
		t.Fatalf("both policies cannot be there: %v", err)
	}
	texts := make([]string, 40)
	for i := range texts {
		texts[i] = fmt.Sprintf("text %d", i)
	}
	texts[3] = "password = \"gT7-xQ2#mK9vLp4Z\""
	texts[4] = strings.Repeat("ä", 4000) // 8000 bytes
	got, err := p.Embed(t.Context(), &llm.EmbedRequest{User: "usr_1", Task: llm.TaskDocument, Texts: texts})
	if err != nil || len(got.Vectors) != 40 {
		t.Fatal(err)
	}
	all := e.Texts(llm.TaskDocument)
	if len(e.Asked()) != 3 || len(all) != 40 || slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, "gT7-xQ2") || len(s) > 4096 }) {
		t.Errorf("%d requests of %d texts", len(e.Asked()), len(all))
	}
	list := sent.List()
	masked := 0
	for _, s := range list {
		masked += s.Masked
	}
	if len(list) != 3 || list[0].Request.Purpose != "embed" || list[0].Outcome != "ok" || masked != 1 {
		t.Errorf("what was sent is kept as %+v", list)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	cost := 0.0
	for _, f := range families {
		if f.GetName() == "rampforge_model_cost_total" {
			cost = f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	if cost <= 0 {
		t.Error("what it costs is not counted")
	}
}

// TestEmbeddingsLeaveTokensToQuestions: documents take half of a day.
func TestEmbeddingsLeaveTokensToQuestions(t *testing.T) {
	t.Parallel()
	e := &llmtest.Embedder{Length: 8}
	p := embedPolicy(t, e, func(o *llm.EmbedOptions) { o.Budget, o.PerDay = store.New(storetest.SQLite(t)), 1000 })
	long := strings.Repeat("word ", 150) // 250 tokens by estimate, 151 as they are counted
	for range 2 {
		if _, err := p.Embed(t.Context(), documents(long)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Embed(t.Context(), documents(long)); kindOf(err) != llm.KindBudget {
		t.Errorf("%v", err)
	}
	if _, err := p.Embed(t.Context(), &llm.EmbedRequest{User: "usr_1", Task: llm.TaskQuery, Texts: []string{"where?"}}); err != nil {
		t.Errorf("no question can be asked: %v", err)
	}
}

// TestQuestionsAreRemembered: the same question is embedded once.
func TestQuestionsAreRemembered(t *testing.T) {
	t.Parallel()
	kept, err := cache.New(cache.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kept.Close)
	e := &llmtest.Embedder{Length: 8}
	p := embedPolicy(t, e, func(o *llm.EmbedOptions) { o.Cache, o.CacheFor = kept, time.Hour })
	r := &llm.EmbedRequest{Task: llm.TaskQuery, Texts: []string{"where?"}}
	first, err := p.Embed(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Embed(t.Context(), r)
	if err != nil || len(e.Asked()) != 1 || math.Abs(product(first.Vectors[0], again.Vectors[0])-1) > 1e-5 {
		t.Errorf("asked %d times, %v", len(e.Asked()), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Embed(ctx, &llm.EmbedRequest{Task: llm.TaskQuery, Texts: []string{"another"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("an asker who is gone gets %v", err)
	}
}

func TestEmbedBatches(t *testing.T) {
	t.Parallel()
	server := llmtest.OpenAI(t, embeddedReply, embeddedReply, embeddedReply)
	e, err := openai.NewEmbedder(openai.Options{BaseURL: server.URL, Guard: loopback(t)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	texts := slices.Repeat([]string{"a text"}, 250)
	got, err := embedPolicy(t, e).Embed(t.Context(), documents(texts...))
	if err != nil || len(got.Vectors) != 250 || len(server.Asked()) != 3 {
		t.Errorf("%d requests, %v", len(server.Asked()), err)
	}
	if _, asked := server.Asked()[0].Body["dimensions"]; asked {
		t.Error("a length is asked for that is not configured")
	}
}
