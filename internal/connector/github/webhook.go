package github

import (
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Webhook reads what GitHub sends to a webhook of a repository or of an
// organization.
func Webhook() connector.Webhook { return connector.Webhook{Verify: verify, Parse: parse} }

func verify(m connector.Message, secret string, _ time.Time) bool {
	return connector.SignedSHA256(m.Header.Get("X-Hub-Signature-256"), m.Body, secret)
}

// changing are the events of what the streams hold.
var changing = map[string]bool{
	"issues": true, "issue_comment": true, "sub_issues": true, "issue_dependencies": true,
	"pull_request": true, "pull_request_review": true, "pull_request_review_comment": true, "pull_request_review_thread": true,
	"push": true, "workflow_run": true, "deployment": true, "deployment_status": true, "repository": true,
}

// parse tells of issues that are gone at once: GitHub deletes no pull request.
// An issue that is transferred has another id where it goes.
func parse(m connector.Message) (rampforge.Delivery, error) {
	var in struct {
		Action string          `json:"action"`
		Issue  connector.Thing `json:"issue"`
	}
	if err := connector.ReadMessage(m, &in); err != nil {
		return rampforge.Delivery{}, err
	}
	event := m.Header.Get("X-Github-Event")
	d := rampforge.Delivery{ID: connector.DeliveryID(m.Header.Get("X-Github-Delivery")), Event: event, Sync: changing[event]}
	if event != "issues" || in.Action != "deleted" && in.Action != "transferred" {
		return d, nil
	}
	if in.Issue.ID == "" {
		return d, connector.Incomplete(event, "the id of the issue")
	}
	d.Changes = []rampforge.RecordChange{{Stream: rampforge.StreamWorkItems, ID: string(in.Issue.ID), Gone: true}}
	d.Sync = in.Action == "transferred"
	return d, nil
}
