package gitlabtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Webhook is the message of something that happened in a project, with the
// secret token.
func (s *Server) Webhook(projectID int, secret, kind string, attributes map[string]any) connector.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(projectID)
	s.sent++
	name := strings.ReplaceAll(kind, "_", " ")
	return connectortest.Posted(object{
		"object_kind": kind, "event_type": kind, "user": s.users[0], "object_attributes": attributes,
		"project": object{"id": p.id, "name": p.data["name"], "path_with_namespace": p.data["path_with_namespace"], "web_url": p.data["web_url"]},
	}, "X-Gitlab-Event", strings.ToUpper(name[:1])+name[1:]+" Hook", "X-Gitlab-Token", secret, "X-Gitlab-Instance", s.URL,
		"X-Gitlab-Event-UUID", "13792a34-cac6-4fda-95a8-000000000001", "Idempotency-Key", fmt.Sprintf("f5e5f430-f57b-4e6e-9fac-%012d", s.sent))
}

// Signed is the message with a signature of now instead of the token.
func Signed(m connector.Message, token string, now time.Time) connector.Message {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(token, "whsec_"))
	if err != nil {
		panic(err)
	}
	id, at := m.Header.Get("Idempotency-Key"), strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(m.Body)
	signed := connector.Message{Header: m.Header.Clone(), Body: m.Body}
	signed.Header.Del("X-Gitlab-Token")
	signed.Header.Set("Webhook-Id", id)
	signed.Header.Set("Webhook-Timestamp", at)
	signed.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return signed
}

// IssueWebhook is the message of an update of the nth issue.
func (s *Server) IssueWebhook(projectID int, secret string, n int) connector.Message {
	s.mu.Lock()
	row := (*s.project(projectID).rows("issues"))[n]
	attributes := object{"id": row.id, "iid": row.number, "title": row.data["title"], "action": "update", "state": row.data["state"], "updated_at": stamp(row.updated)}
	s.mu.Unlock()
	return s.Webhook(projectID, secret, "issue", attributes)
}

// WikiWebhook is the message of what happened to a page of the wiki.
func (s *Server) WikiWebhook(projectID int, secret, action, slug string) connector.Message {
	return s.Webhook(projectID, secret, "wiki_page", object{
		"slug": slug, "title": slug, "format": "markdown", "action": action, "message": action + " " + slug, "url": s.URL + "/-/wikis/" + slug,
	})
}

// DeletePage removes a page of the wiki.
func (s *Server) DeletePage(projectID int, slug string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(projectID)
	p.wikis = slices.DeleteFunc(p.wikis, func(page object) bool { return page["slug"] == slug })
}
