package atlassian

import (
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Verify judges a message of Jira or Confluence: by its signature where it has
// one, and else by the secret itself in Authorization, which is all that the
// products' automation rules and older servers can send.
func Verify(m connector.Message, secret string, _ time.Time) bool {
	if signature := m.Header.Get("X-Hub-Signature"); signature != "" {
		return connector.SignedSHA256(signature, m.Body, secret)
	}
	return connector.PasswordIs(m.Header, secret)
}

// NewDelivery begins the delivery of a message. Its identifier stays when it is
// sent again. A message that names no event is an automation rule's: whoever
// made the rule wants what changed to be read.
func NewDelivery(m connector.Message, event string) rampforge.Delivery {
	d := rampforge.Delivery{ID: connector.DeliveryID(m.Header.Get("X-Atlassian-Webhook-Identifier")), Event: event}
	if event == "" {
		d.Event, d.Sync = "automation", true
	}
	return d
}
