package confluencetest

import (
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Webhook is the message of what happened to a document, signed: page_updated,
// page_trashed, blog_removed and the like.
func (s *Server) Webhook(secret, event, id string) connector.Message {
	number, err := strconv.Atoi(id)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	field, kind := "page", "page"
	if event[:4] == "blog" {
		field, kind = "blog", "blogpost"
	}
	m := connectortest.Posted(object{
		"timestamp": s.clock.UnixMilli() + int64(s.sent), "event": event, "userKey": "ff80818154",
		field: object{"id": number, "title": "A document", "spaceKey": s.spaces[0].key, "contentType": kind, "version": 2},
	})
	m.Header.Set("X-Hub-Signature", connectortest.Signature(m.Body, secret))
	return m
}
