package githubtest

import (
	"fmt"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Webhook is the message of an event of the first repository, signed.
func (s *Server) Webhook(secret, event string, payload map[string]any) connector.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	payload["repository"], payload["sender"] = s.repoJSON(s.repos[0]), user{id: 100, login: "ada", kind: "User"}.json()
	m := connectortest.Posted(payload, "X-GitHub-Event", event, "X-GitHub-Delivery", fmt.Sprintf("72d3162e-cc78-11e3-81ab-%012x", s.nextID),
		"X-GitHub-Hook-ID", "292430182", "User-Agent", "GitHub-Hookshot/044aadd")
	m.Header.Set("X-Hub-Signature-256", connectortest.Signature(m.Body, secret))
	return m
}

// IssueWebhook is the message of what happened to an issue, which need not be
// there any more.
func (s *Server) IssueWebhook(secret, action, id string, number int) connector.Message {
	key, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		panic(err)
	}
	issue := any(object{"id": key, "number": number, "title": "gone", "state": "open"})
	s.mu.Lock()
	for _, i := range s.repos[0].issues {
		if i.number == number {
			issue = s.issueJSON(s.repos[0], i)
		}
	}
	s.mu.Unlock()
	return s.Webhook(secret, "issues", object{"action": action, "issue": issue})
}
