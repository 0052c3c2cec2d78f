package assistant_test

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

// embedded is over the harbour, whose passages are embedded by what their words
// mean: a vessel is a ship.
func embedded(t *testing.T) *asked {
	t.Helper()
	a := overHarbour(t)
	s, now := a.Assistant.Store, time.Date(2025, 7, 1, 13, 0, 0, 0, time.UTC)
	policy, err := llm.NewEmbedPolicy(llm.EmbedOptions{
		Embedder: &llmtest.Embedder{Length: 64, Same: map[string]string{"vessel": "ship", "board": "aboard"}}, Identity: "test", Concurrency: 1, Timeout: 10 * time.Second,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	space, err := s.UseEmbeddings(t.Context(), policy.Space(), now)
	if err != nil {
		t.Fatal(err)
	}
	embeds := search.Embeds{Embedder: policy, Space: space}
	err = s.InTx(t.Context(), func(tx *sql.Tx) error {
		return s.StaleRepositorySearchTx(t.Context(), tx, *a.Project.RepositoryID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	indexed(t, s, &search.Indexer{
		Store: s, Now: func() time.Time { return now }, Embeds: &embeds, Reader: a.inspector,
		Request: func(context.Context, rampforge.Repository) (inspect.Request, error) { return a.request, nil },
	})
	a.Assistant.Meaning = &search.Meaning{Embeds: embeds, Store: s, MaxBytes: 1 << 20, Patience: 10 * time.Second, Logger: slog.New(slog.DiscardHandler)}
	return a
}

// TestFoundByMeaning has a model asked where no passage has the words of a
// question and some mean it. What it says is held to its sources as ever, and
// where it says nothing nothing is answered.
func TestFoundByMeaning(t *testing.T) {
	t.Parallel()
	a := embedded(t)
	const question = "Which vessel needs somebody aboard?"
	if answer := a.ask(question); !answer.Abstained {
		t.Errorf("without a model it is answered: %s", answer.Text)
	}
	a.Assistant.Model = llmtest.Script(t, llmtest.Text("Every ship longer than 90 metres takes a pilot on board [1].\n"))
	answer := a.ask(question)
	if says(t, answer, "Every ship longer than 90 metres takes a pilot on board [1]."); answer.Abstained || answer.Model != "scripted" {
		t.Errorf("%+v", answer)
	}
	for _, said := range []string{"Cranes unload bananas all day long [1].\n", "NOT FOUND\n"} {
		a.Assistant.Model = llmtest.Script(t, llmtest.Text(said))
		if answer = a.ask(question); !answer.Abstained || strings.Contains(answer.Text, "bananas") || answer.Note != "" {
			t.Errorf("%q: %+v", said, answer)
		}
	}
	a.Assistant.Model = llmtest.Script(t, llmtest.Fail(llm.KindUnavailable))
	if answer = a.ask(question); !answer.Abstained {
		t.Errorf("where the model is away: %+v", answer)
	}
}
