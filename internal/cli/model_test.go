package cli

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/extractive"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

func configured(t *testing.T, environ ...string) *config.Config {
	t.Helper()
	c, err := config.Load(environ, "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// askModel asks the model of a configuration.
func askModel(t *testing.T, c *config.Config) (*llm.Policy, *llm.Response) {
	t.Helper()
	p, _, err := modelFor(t.Context(), c, modelParts{registry: prometheus.NewRegistry(), logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Generate(t.Context(), &llm.Request{
		Purpose: "ask", Messages: []llm.Message{{Role: llm.RoleUser, Text: "Where are retries decided?"}},
		Sources: []llm.Source{{Number: 1, Title: "retry.go", Text: "// Retries are decided here.\nfunc decide() bool", Score: 1}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, res
}

// TestModelsOfTheOperator: addresses on this machine work because they are
// configured, and OUTBOUND_ALLOW need not name them.
func TestModelsOfTheOperator(t *testing.T) {
	t.Parallel()
	reply := llmtest.Reply{Turn: llmtest.Text("In retry.go [1].")}
	local := llmtest.OpenAI(t, reply)
	p, res := askModel(t, configured(t, "OPENAI_BASE_URL="+local.URL, "OPENAI_MODEL=llama3"))
	if res.Text != "In retry.go [1]." || res.Model != "llama3" || res.Fallback != "" {
		t.Errorf("a local model: %+v", res)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Errorf("it answers, and the check says %v", err)
	}
	gateway := llmtest.Gemini(t, reply)
	p, res = askModel(t, configured(t, "GEMINI_API_KEY=xyzzy", "GEMINI_BASE_URL="+gateway.URL))
	if res.Text != "In retry.go [1]." || res.Model != "gemini-2.5-flash" {
		t.Errorf("Gemini behind a gateway: %+v", res)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Errorf("it answers, and the check says %v", err)
	}
}

func TestWithoutAModel(t *testing.T) {
	t.Parallel()
	p, res := askModel(t, configured(t))
	if res.Model != extractive.Name || res.Fallback != "" || !strings.Contains(res.Text, "func decide() bool") {
		t.Errorf("%+v", res)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Errorf("there is nothing that could be down: %v", err)
	}
}

// TestModelThatCannotBeAsked: the server works, answers say why they are quotes,
// and the check tells the truth.
func TestModelThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	for name, environ := range map[string][]string{
		"no such file":  {"VERTEX_AI_PROJECT_ID=plugh", "GOOGLE_APPLICATION_CREDENTIALS=/does/not/exist.json"},
		"nobody there":  {"OPENAI_MODEL=llama3", "OPENAI_BASE_URL=" + down.URL + "/v1", "AI_TIMEOUT=5s"},
		"wrong address": {"OPENAI_MODEL=llama3", "OPENAI_BASE_URL=http://[::1%25lo]:1/v1", "AI_TIMEOUT=5s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, environ...)
			p, res := askModel(t, c)
			if res.Model != extractive.Name || res.Fallback == "" || !strings.Contains(res.Text, "func decide() bool") {
				t.Errorf("%+v", res)
			}
			if p.Check(t.Context()) == nil {
				t.Error("the check finds nothing")
			}
			if f := checkAI(t.Context(), c); f.verdict != warned || f.remedy == "" {
				t.Errorf("doctor says %+v", f)
			}
		})
	}
}

// TestCheckTakesNoTokens: a model is listed, not asked, and once for many checks.
func TestCheckTakesNoTokens(t *testing.T) {
	t.Parallel()
	var paths []string
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": []any{}, "name": "models/gemini-2.5-flash"})
	}))
	defer server.Close()
	check := func(environ ...string) error {
		t.Helper()
		p, _, err := modelFor(t.Context(), configured(t, environ...), modelParts{logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		first := p.Check(t.Context())
		if again := p.Check(t.Context()); (again == nil) != (first == nil) {
			t.Errorf("checked again: %v, then %v", first, again)
		}
		return first
	}
	openAI := []string{"OPENAI_MODEL=llama3", "OPENAI_BASE_URL=" + server.URL + "/v1"}
	gemini := []string{"GEMINI_API_KEY=k", "GEMINI_BASE_URL=" + server.URL}
	for _, c := range []struct {
		environ []string
		status  int
		works   bool
	}{
		{openAI, 200, true}, {openAI, 404, true}, {openAI, 401, false}, {openAI, 503, false},
		{gemini, 200, true}, {gemini, 404, false}, {gemini, 403, false},
	} {
		status, paths = c.status, nil
		if err := check(c.environ...); (err == nil) != c.works {
			t.Errorf("%v, %d: %v", c.environ, c.status, err)
		}
		if len(paths) != 1 || !strings.HasPrefix(paths[0], "GET ") {
			t.Errorf("%v: %v", c.environ, paths)
		}
	}
}
