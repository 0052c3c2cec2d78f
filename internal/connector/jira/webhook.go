package jira

import (
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
)

// Webhook reads what Jira sends to a webhook that an administrator made.
func Webhook() connector.Webhook {
	return connector.Webhook{Verify: atlassian.Verify, Parse: parseWebhook}
}

// changing begin the names of the events of what the streams hold.
var changing = []string{"issue_", "issuelink_", "comment_", "sprint_", "board_", "project_"}

func parseWebhook(m connector.Message) (rampforge.Delivery, error) {
	var in struct {
		Event  string          `json:"webhookEvent"`
		Issue  connector.Thing `json:"issue"`
		Sprint connector.Thing `json:"sprint"`
	}
	if err := connector.ReadMessage(m, &in); err != nil {
		return rampforge.Delivery{}, err
	}
	d := atlassian.NewDelivery(m, in.Event)
	event := strings.TrimPrefix(in.Event, "jira:")
	for _, prefix := range changing {
		d.Sync = d.Sync || strings.HasPrefix(event, prefix)
	}
	change := rampforge.RecordChange{Gone: true}
	switch event {
	case "issue_deleted":
		change.Stream, change.ID, d.Sync = rampforge.StreamWorkItems, string(in.Issue.ID), false
	case "sprint_deleted": // its issues change too
		change.Stream, change.ID = rampforge.StreamSprints, string(in.Sprint.ID)
	default:
		return d, nil
	}
	if change.ID == "" {
		return d, connector.Incomplete(in.Event, "the id of what was deleted")
	}
	d.Changes = []rampforge.RecordChange{change}
	return d, nil
}
