package github_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

const hookSecret = "It's a Secret to Everybody"

func TestWebhook(t *testing.T) {
	t.Parallel()
	s := githubtest.New(githubtest.Options{Seed: 1})
	ids, numbers := s.Issues()
	gone := []rampforge.RecordChange{{Stream: rampforge.StreamWorkItems, ID: ids[0], Gone: true}}
	is := func(event, action string) connectortest.ParseCase {
		return connectortest.ParseCase{Message: s.Webhook(hookSecret, event, map[string]any{"action": action}), Sync: true}
	}
	cases := map[string]connectortest.ParseCase{
		"deleted":     {Message: s.IssueWebhook(hookSecret, "deleted", ids[0], numbers[0]), Changes: gone},
		"transferred": {Message: s.IssueWebhook(hookSecret, "transferred", ids[0], numbers[0]), Changes: gone, Sync: true},
		"edited":      {Message: s.IssueWebhook(hookSecret, "edited", ids[0], numbers[0]), Sync: true},
		"ping":        {Message: s.Webhook(hookSecret, "ping", map[string]any{"zen": "Speak like a human.", "hook_id": 1})},
		"star":        {Message: s.Webhook(hookSecret, "star", map[string]any{"action": "created"})},
	}
	for _, event := range []string{"pull_request", "pull_request_review", "issue_comment", "push", "workflow_run", "deployment_status", "repository"} {
		cases[event] = is(event, "edited")
	}
	connectortest.CheckWebhook(t, github.Webhook(), hookSecret, cases)
}

// TestWebhookSignature has the example of GitHub's own documentation.
func TestWebhookSignature(t *testing.T) {
	t.Parallel()
	m := connectortest.Posted("", "X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	m.Body = []byte("Hello, World!")
	if !github.Webhook().Verify(m, hookSecret, time.Now()) {
		t.Error("the documented signature is refused")
	}
	for _, wrong := range []string{"", "sha256=", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
		"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17zz"} {
		m.Header.Set("X-Hub-Signature-256", wrong)
		if github.Webhook().Verify(m, hookSecret, time.Now()) {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	s := githubtest.New(githubtest.Options{Seed: 1})
	ids, numbers := s.Issues()
	connectortest.FuzzWebhook(f, github.Webhook(), "X-Github-Event", map[string]connectortest.ParseCase{
		"deleted": {Message: s.IssueWebhook(hookSecret, "deleted", ids[0], numbers[0])},
		"ping":    {Message: s.Webhook(hookSecret, "ping", map[string]any{})},
	})
}
