package jira_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

const hookSecret = "a secret of Jira's webhook"

func hookCases(t testing.TB) map[string]connectortest.ParseCase {
	t.Helper()
	s := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 5})
	sprint := map[string]any{"sprint": map[string]any{"id": 34, "name": "Sprint 34", "state": "active"}}
	rule := connectortest.Posted(map[string]any{"issue": map[string]any{"id": "10001"}}, "Authorization", "Bearer "+hookSecret)
	cases := map[string]connectortest.ParseCase{
		"issue deleted":  {Message: s.IssueWebhook(hookSecret, "deleted", "10002"), Changes: []rampforge.RecordChange{{Stream: rampforge.StreamWorkItems, ID: "10002", Gone: true}}},
		"issue updated":  {Message: s.IssueWebhook(hookSecret, "updated", "10002"), Sync: true},
		"sprint deleted": {Message: s.Webhook(hookSecret, "sprint_deleted", sprint), Sync: true, Changes: []rampforge.RecordChange{{Stream: rampforge.StreamSprints, ID: "34", Gone: true}}},
		"user created":   {Message: s.Webhook(hookSecret, "user_created", map[string]any{})},
		"automation":     {Message: rule, Sync: true},
	}
	for _, event := range []string{"jira:issue_created", "comment_deleted", "sprint_closed", "issuelink_created"} {
		cases[event] = connectortest.ParseCase{Message: s.Webhook(hookSecret, event, map[string]any{}), Sync: true}
	}
	return cases
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	connectortest.CheckWebhook(t, jira.Webhook(), hookSecret, hookCases(t))
}

func FuzzWebhook(f *testing.F) {
	connectortest.FuzzWebhook(f, jira.Webhook(), "X-Event", hookCases(f))
}
