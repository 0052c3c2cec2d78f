package api_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/llm/mask"
)

// TestSentRequests: an administrator reads what was sent, without the secrets,
// and nobody else does.
func TestSentRequests(t *testing.T) {
	sent := llm.NewSent(5)
	secret := "glpat-" + "x9K2mQ7vB4nR8tZ1pL5w" // in parts, as others look for them too
	policy, err := llm.NewPolicy(llm.Options{
		Model: llmtest.Answer(func(*llm.Request) llmtest.Turn {
			return llmtest.Turn{Pieces: []string{"Yes."}, Tokens: llm.Tokens{Input: 9, Output: 2}}
		}),
		Sent: sent, Mask: mask.Text, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = policy.Generate(t.Context(), &llm.Request{
		Purpose: "ask", User: "usr_1", System: "Answer.", Tools: []llm.Tool{{Name: "search"}},
		Messages: []llm.Message{
			{Role: llm.RoleUser, Text: "Is " + secret + " ours?"},
			{Role: llm.RoleModel, Calls: []llm.Call{{ID: "1", Name: "search", Arguments: json.RawMessage(`{"q":"x"}`)}}},
			{Role: llm.RoleTool, Results: []llm.CallResult{{ID: "1", Name: "search", Content: "nothing", Failed: true}}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	onSQLite(t, func(t *testing.T, w *world) {
		get := func(role rampforge.Role) (int, string) {
			got := w.raw(http.MethodGet, "/api/v1/model-requests", "", "Authorization", "Bearer "+w.people[role].session.AccessToken)
			return got.status, got.body
		}
		status, body := get(rampforge.RoleAdmin)
		for _, want := range []string{
			`"purpose":"ask"`, `"user_id":"usr_1"`, `"model":"scripted"`, `"outcome":"ok"`, `"masked_secrets":1`, `"tokens":{"input":9,"output":2,"thinking":0}`,
			`"text":"Is [masked GitLab token] ours?"`, `"arguments":"{\"q\":\"x\"}"`, `"content":"nothing","failed":true`, `"tools":["search"]`,
		} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%d: %s is not in %s", status, want, body)
			}
		}
		if status, _ := get(rampforge.RoleTeamLead); status != http.StatusForbidden {
			t.Errorf("a team lead gets %d", status)
		}
	}, func(s *setting) { s.api.Sent = sent })
}

func TestSentRequestsAreOff(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		got := w.raw(http.MethodGet, "/api/v1/model-requests", "", "Authorization", "Bearer "+w.people[rampforge.RoleAdmin].session.AccessToken)
		if got.status != http.StatusOK || strings.TrimSpace(got.body) != `{"requests":[]}` {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}
