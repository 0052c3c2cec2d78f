package gitlab_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
)

const (
	hookSecret   = "a token of a webhook"
	signingToken = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
)

func hookCases(t testing.TB, secret string) map[string]connectortest.ParseCase {
	t.Helper()
	s := gitlabtest.Start(t, gitlabtest.Options{Seed: 1})
	page := func(gone bool) []rampforge.RecordChange {
		return []rampforge.RecordChange{{Stream: rampforge.StreamDocuments, ID: "101:notes/Übersicht", Gone: gone}}
	}
	cases := map[string]connectortest.ParseCase{
		"issue":        {Message: s.IssueWebhook(gitlabtest.App, secret, 2), Sync: true},
		"page deleted": {Message: s.WikiWebhook(gitlabtest.App, secret, "delete", "notes/Übersicht"), Changes: page(true)},
		"page created": {Message: s.WikiWebhook(gitlabtest.App, secret, "create", "notes/Übersicht"), Changes: page(false), Sync: true},
		"page updated": {Message: s.WikiWebhook(gitlabtest.App, secret, "update", "notes/Übersicht"), Sync: true},
		"job":          {Message: s.Webhook(gitlabtest.App, secret, "build", nil)},
		"emoji":        {Message: s.Webhook(gitlabtest.App, secret, "emoji", nil)},
	}
	for _, kind := range []string{"push", "note", "merge_request", "pipeline", "deployment"} {
		cases[kind] = connectortest.ParseCase{Message: s.Webhook(gitlabtest.App, secret, kind, map[string]any{"action": "delete"}), Sync: true}
	}
	return cases
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	connectortest.CheckWebhook(t, gitlab.Webhook(), hookSecret, hookCases(t, hookSecret))
}

func TestWebhookSigned(t *testing.T) {
	t.Parallel()
	cases, now := hookCases(t, hookSecret), time.Now()
	for name, c := range cases {
		c.Message = gitlabtest.Signed(c.Message, signingToken, now)
		cases[name] = c
	}
	connectortest.CheckWebhook(t, gitlab.Webhook(), signingToken, cases)
	m, verify := cases["push"].Message, gitlab.Webhook().Verify
	for name, later := range map[string]time.Duration{"too old": 6 * time.Minute, "of the future": -6 * time.Minute} {
		if verify(m, signingToken, now.Add(later)) {
			t.Errorf("a message is taken that is %s", name)
		}
	}
	changed := func(f func(*connector.Message)) connector.Message {
		other := connector.Message{Header: m.Header.Clone(), Body: append([]byte(nil), m.Body...)}
		f(&other)
		return other
	}
	for name, other := range map[string]connector.Message{
		"another id":   changed(func(m *connector.Message) { m.Header.Set("Webhook-Id", "other") }),
		"another time": changed(func(m *connector.Message) { m.Header.Set("Webhook-Timestamp", "1") }),
		"no time":      changed(func(m *connector.Message) { m.Header.Del("Webhook-Timestamp") }),
		"another body": changed(func(m *connector.Message) { m.Body[0] = ' ' }),
		"a signature of another sort": changed(func(m *connector.Message) {
			m.Header.Set("Webhook-Signature", "v1a,"+m.Header.Get("Webhook-Signature")[3:])
		}),
		// The secret in clear does not save a signature that is wrong.
		"a wrong one and the token": changed(func(m *connector.Message) {
			m.Header.Set("Webhook-Signature", "v1,AAAA")
			m.Header.Set("X-Gitlab-Token", signingToken)
		}),
	} {
		if verify(other, signingToken, now) {
			t.Errorf("taken with %s", name)
		}
	}
	if !verify(changed(func(m *connector.Message) {
		m.Header.Set("Webhook-Signature", "v1,AAAA "+m.Header.Get("Webhook-Signature"))
	}), signingToken, now) {
		t.Error("of two signatures the second is right, and they are refused")
	}
}

func FuzzWebhook(f *testing.F) {
	cases := hookCases(f, hookSecret)
	for name, c := range cases {
		c.Message = gitlabtest.Signed(c.Message, signingToken, time.Unix(1, 0))
		cases[name] = c
	}
	connectortest.FuzzWebhook(f, gitlab.Webhook(), "X-Gitlab-Event", cases)
}
