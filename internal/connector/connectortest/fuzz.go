package connectortest

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// FuzzWebhook gives a webhook messages that nobody wrote, beside those of cases.
// Whatever comes, the answer is one that can be kept, or an error that the
// sender can read.
func FuzzWebhook(f *testing.F, hook connector.Webhook, eventHeader string, cases map[string]ParseCase) {
	f.Helper()
	for _, c := range cases {
		m := c.Message
		f.Add(m.Header.Get(eventHeader), m.Header.Get("Authorization")+m.Header.Get("Webhook-Signature")+m.Header.Get("X-Hub-Signature"), m.Body)
	}
	f.Fuzz(func(t *testing.T, event, proof string, body []byte) {
		m := connector.Message{Header: http.Header{}, Body: body}
		for _, name := range []string{"Authorization", "Webhook-Signature", "X-Hub-Signature", "X-Hub-Signature-256", "X-Gitlab-Token", "Webhook-Id", "X-Github-Delivery", "X-Atlassian-Webhook-Identifier"} {
			m.Header.Set(name, proof)
		}
		m.Header.Set(eventHeader, event)
		if hook.Verify(m, "a secret that nobody guesses", time.Unix(1, 0)) && !strings.Contains(proof, "guesses") {
			t.Errorf("%q proves to know the secret", proof)
		}
		d, err := hook.Parse(m)
		if err != nil {
			if rampforge.ErrorCode(err) != rampforge.CodeInvalid {
				t.Errorf("%v", err)
			}
			return
		}
		if !utf8.ValidString(d.ID) || strings.ContainsAny(d.ID, " \x00") || len(d.ID) > 200 || len(d.Changes) > 1 {
			t.Errorf("%+v", d)
		}
		for _, c := range d.Changes {
			if c.ID == "" || !utf8.ValidString(c.ID) || strings.ContainsRune(c.ID, 0) || len(c.ID) > 2100 {
				t.Errorf("%+v", c)
			}
		}
	})
}

// ParseCase is a message and what it comes to, but for the id.
type ParseCase struct {
	Message connector.Message
	Sync    bool
	Changes []rampforge.RecordChange
}

// CheckWebhook judges messages that a fake vendor wrote with the secret: each
// is taken with it and not with another one, and comes to what the case says.
func CheckWebhook(t *testing.T, hook connector.Webhook, secret string, cases map[string]ParseCase) {
	t.Helper()
	ids := map[string]string{}
	for name, c := range cases {
		if !hook.Verify(c.Message, secret, time.Now()) {
			t.Errorf("%s: what was sent with the secret is refused", name)
		}
		for _, other := range []string{"", secret + "x", secret[1:], "another secret altogether"} {
			if hook.Verify(c.Message, other, time.Now()) {
				t.Errorf("%s: taken with the secret %q", name, other)
			}
		}
		if hook.Verify(connector.Message{Header: http.Header{}, Body: c.Message.Body}, secret, time.Now()) {
			t.Errorf("%s: taken without a proof", name)
		}
		d, err := hook.Parse(c.Message)
		if err != nil || d.Sync != c.Sync || d.Event == "" {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
		if len(d.Changes) != len(c.Changes) || len(c.Changes) == 1 && d.Changes[0] != c.Changes[0] {
			t.Errorf("%s: %+v, want %+v", name, d.Changes, c.Changes)
		}
		if d.ID != "" && ids[d.ID] != "" {
			t.Errorf("%s and %s have the same id", name, ids[d.ID])
		}
		ids[d.ID] = name
		again, err := hook.Parse(c.Message)
		if err != nil || again.ID != d.ID {
			t.Errorf("%s: sent again it is %q instead of %q, %v", name, again.ID, d.ID, err)
		}
	}
}
