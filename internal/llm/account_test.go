package llm_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/llm/mask"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// The parts of the house fit.
var (
	_ llm.Budget = (*store.Store)(nil)
	_ llm.Cache  = (*cache.Cache)(nil)
)

// TestBudgets: what a request may need is reserved, what it took is counted.
func TestBudgets(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	turn := llmtest.Text("In retry.go [1].")
	turn.Tokens = llm.Tokens{Input: 300, Output: 60, Thinking: 40}
	m := llmtest.Answer(func(*llm.Request) llmtest.Turn { return turn })
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	p := policy(t, m, func(o *llm.Options) {
		o.Budget, o.PerUser, o.PerDay, o.Now = store.New(db), 1400, 2000, func() time.Time { return at }
	})
	send := func(user string) *llm.Response {
		t.Helper()
		r := sourced()
		r.User, r.MaxTokens = user, 1000 // and about 17 for what is said
		res, _, err := ask(t.Context(), p, r, false)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	row := func(user string) string {
		t.Helper()
		var n [5]int
		err := db.Read().QueryRowContext(t.Context(), `SELECT requests, input, output, thinking, promised FROM model_usage WHERE day = '2026-05-04' AND user_id = $1`, user).
			Scan(&n[0], &n[1], &n[2], &n[3], &n[4])
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(n)
	}
	if res := send("usr_1"); res.Fallback != "" {
		t.Errorf("with 1400 left: %+v", res)
	}
	if got := row("usr_1"); got != "[1 300 60 40 0]" {
		t.Errorf("after one answer: %s", got)
	}
	if res := send("usr_1"); !strings.HasPrefix(res.Fallback, "Your tokens of today are spent") {
		t.Errorf("with 1000 left for a request of 1017: %+v", res)
	}
	if res := send("usr_2"); res.Fallback != "" {
		t.Errorf("another user: %+v", res)
	}
	// A model that fails without saying anything is taken to have read nothing; one
	// that breaks off has read all.
	turn = failing(llm.KindBlocked, 0)
	send("usr_3")
	if got := row("usr_3"); !strings.HasPrefix(got, "[1 ") || !strings.HasSuffix(got, " 0]") || got == "[1 0 0 0 0]" {
		t.Errorf("after an answer that was blocked: %s", got)
	}
	turn = failing(llm.KindRefused, 0)
	send("usr_4")
	if got := row("usr_4"); got != "[1 0 0 0 0]" {
		t.Errorf("after a refusal: %s", got)
	}
	turn = llmtest.Turn{Pieces: []string{"x"}, Tokens: llm.Tokens{Input: 700, Output: 200}}
	send("usr_5")
	if res := send("usr_6"); !strings.HasPrefix(res.Fallback, "Today's tokens of all users are spent") {
		t.Errorf("with too few left for all: %+v", res)
	}
	at = at.Add(12 * time.Hour)
	if res := send("usr_1"); res.Fallback != "" {
		t.Errorf("the next day: %+v", res)
	}
}

// TestSecretsAreNotSent: not in messages, not in sources, not in what tools
// answered, and what the asker has stays as it is.
func TestSecretsAreNotSent(t *testing.T) {
	t.Parallel()
	secret := "ghp_" + "R5tB2mXq8LwZ0nVc" + "7yHs4KdJ1fGa9PeU3oTi" // in parts, as others look for them too
	r := sourced()
	r.Question = "What is " + secret + "?"
	r.Messages = []llm.Message{
		{Role: llm.RoleUser, Text: "token " + secret},
		{Role: llm.RoleTool, Results: []llm.CallResult{{ID: "1", Name: "read_file", Content: "x = " + secret}}},
	}
	r.Sources[0].Text += "\n" + secret
	before := fmt.Sprint(r)
	m := llmtest.Script(t, llmtest.Text("No."))
	sent := llm.NewSent(2)
	p := policy(t, m, func(o *llm.Options) { o.Mask, o.Sent = mask.Text, sent })
	if _, _, err := ask(t.Context(), p, r, false); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(m.Asked()[0])
	if strings.Contains(got, secret) || strings.Count(got, "[masked GitHub token]") != 4 {
		t.Errorf("sent: %s", got)
	}
	if fmt.Sprint(r) != before {
		t.Error("the asker's request changed")
	}
	list := sent.List()
	if len(list) != 1 || strings.Contains(fmt.Sprint(list), secret) || list[0].Masked != 3 || list[0].Outcome != "ok" || list[0].Request.User != "usr_1" {
		t.Errorf("kept: %+v", list)
	}
}

func TestSentKeepsTheLast(t *testing.T) {
	t.Parallel()
	sent := llm.NewSent(3)
	m := llmtest.Answer(func(r *llm.Request) llmtest.Turn {
		if r.User == "4" {
			return failing(llm.KindBlocked, 0)
		}
		return llmtest.Text("Yes.")
	})
	p := policy(t, m, func(o *llm.Options) { o.Sent = sent })
	for i := range 5 {
		r := sourced()
		r.User = fmt.Sprint(i)
		if _, _, err := ask(t.Context(), p, r, false); err != nil {
			t.Fatal(err)
		}
		if i == 1 && len(sent.List()) != 2 {
			t.Errorf("after two: %d", len(sent.List()))
		}
	}
	var got []string
	for _, s := range sent.List() {
		got = append(got, s.Request.User+" "+s.Outcome)
	}
	if fmt.Sprint(got) != "[4 blocked 3 ok 2 ok]" {
		t.Errorf("%v", got)
	}
	if list := llm.NewSent(0).List(); list != nil {
		t.Errorf("off: %v", list)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	turn := llmtest.Text("In retry.go [1].")
	turn.Tokens = llm.Tokens{Input: 2_000_000, Output: 100_000, Thinking: 300_000}
	m := llmtest.Script(t, turn, failing(llm.KindBlocked, 0))
	p := policy(t, m, func(o *llm.Options) { o.Registry, o.Price = registry, llm.Price{Input: 0.3, Output: 2.5} })
	for range 2 {
		if _, _, err := ask(t.Context(), p, sourced(), true); err != nil {
			t.Fatal(err)
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			name := f.GetName()
			for _, l := range metric.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"rampforge_model_request_duration_seconds scripted ok ask": 1, "rampforge_model_request_duration_seconds scripted blocked ask": 1,
		"rampforge_model_tokens_total thinking scripted ask": 300_000, "rampforge_model_first_text_seconds scripted ask": 1,
	} {
		if got[name] != want {
			t.Errorf("%s is %g, want %g: %v", name, got[name], want, got)
		}
	}
	// 0.60 for what went in, 1.00 for what came out; the blocked one read a few.
	if cost := got["rampforge_model_cost_total scripted ask"]; cost < 1.6 || cost > 1.6001 {
		t.Errorf("the cost is %g", cost)
	}
	if _, err := llm.NewPolicy(llm.Options{Model: m, Registry: registry, Now: time.Now}); err != nil {
		t.Errorf("two policies do not share their metrics: %v", err)
	}
}

// brokenBudget is a database that is away.
type brokenBudget struct{ llm.Budget }

func TestAnswersGoOnWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	budget := brokenBudget{store.New(db)}
	if err := db.Close(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	p := policy(t, llmtest.Script(t, llmtest.Text("Yes.")), func(o *llm.Options) { o.Budget = budget })
	if res, _, err := ask(t.Context(), p, sourced(), false); err != nil || res.Text != "Yes." {
		t.Errorf("%+v, %v", res, err)
	}
}
