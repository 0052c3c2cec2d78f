package jiratest

import (
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Webhook is the message of an event, signed.
func (s *Server) Webhook(secret, event string, payload map[string]any) connector.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	payload["timestamp"], payload["webhookEvent"], payload["user"] = s.now.UnixMilli()+int64(s.sent), event, s.user(0)
	m := connectortest.Posted(payload, "X-Atlassian-Webhook-Identifier", "b5ab7e1a-"+strconv.Itoa(s.sent), "X-Atlassian-Webhook-Flow", "Primary")
	m.Header.Set("X-Hub-Signature", connectortest.Signature(m.Body, secret))
	return m
}

// IssueWebhook is the message of what happened to an issue: created, updated or
// deleted.
func (s *Server) IssueWebhook(secret, what, id string) connector.Message {
	return s.Webhook(secret, "jira:issue_"+what, object{
		"issue_event_type_name": "issue_generic",
		"issue":                 object{"id": id, "self": s.URL + "/rest/api/2/issue/" + id, "key": "GONE-1", "fields": object{"summary": "something"}},
	})
}
