package confluence_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

const hookSecret = "a secret of Confluence's webhook"

func hookCases(t testing.TB) map[string]connectortest.ParseCase {
	t.Helper()
	s := confluencetest.New(t, confluencetest.Options{Seed: 1, Documents: 5})
	page := func(gone bool) []rampforge.RecordChange {
		return []rampforge.RecordChange{{Stream: rampforge.StreamDocuments, ID: "131087", Gone: gone}}
	}
	cases := map[string]connectortest.ParseCase{
		"login":      {Message: s.Webhook(hookSecret, "user_reactivated", "1")},
		"automation": {Message: connectortest.Posted(map[string]any{"page": "131087"}, "Authorization", "Basic aG9vazphIHNlY3JldCBvZiBDb25mbHVlbmNlJ3Mgd2ViaG9vaw=="), Sync: true},
	}
	for _, event := range []string{"page_trashed", "page_removed", "blog_trashed", "blog_removed"} {
		cases[event] = connectortest.ParseCase{Message: s.Webhook(hookSecret, event, "131087"), Changes: page(true)}
	}
	for _, event := range []string{"page_restored", "blog_restored"} {
		cases[event] = connectortest.ParseCase{Message: s.Webhook(hookSecret, event, "131087"), Changes: page(false), Sync: true}
	}
	for _, event := range []string{"page_created", "page_updated", "page_moved", "blog_created", "attachment_removed", "label_added", "space_removed", "content_permissions_updated"} {
		cases[event] = connectortest.ParseCase{Message: s.Webhook(hookSecret, event, "131087"), Sync: true}
	}
	return cases
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	connectortest.CheckWebhook(t, confluence.Webhook(), hookSecret, hookCases(t))
}

func FuzzWebhook(f *testing.F) {
	connectortest.FuzzWebhook(f, confluence.Webhook(), "X-Event", hookCases(f))
}
