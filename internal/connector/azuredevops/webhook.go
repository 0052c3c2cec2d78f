package azuredevops

import (
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Webhook reads what a service hook of Azure DevOps sends. It cannot sign: it
// signs in, with any user and the secret as password.
func Webhook() connector.Webhook {
	return connector.Webhook{
		Verify: func(m connector.Message, secret string, _ time.Time) bool {
			return connector.PasswordIs(m.Header, secret)
		},
		Parse: parseWebhook,
	}
}

// changing begin the names of the events of what the streams hold.
var changing = []string{"workitem.", "git.", "ms.vss-code.", "build.", "ms.vss-release.", "ms.vss-pipelines."}

// parseWebhook tells of work items that go and come back. Who sets up a hook
// sends a sample of its event first, about work item 5 of a project that is not
// theirs: only records of the project that a message names are meant, and what
// comes from no subscription is a trial.
func parseWebhook(m connector.Message) (rampforge.Delivery, error) {
	var in struct {
		ID           connector.Ident `json:"id"`
		Subscription connector.Ident `json:"subscriptionId"`
		Notification connector.Ident `json:"notificationId"`
		Event        string          `json:"eventType"`
		Resource     connector.Thing `json:"resource"`
		Containers   struct {
			Project connector.Thing `json:"project"`
		} `json:"resourceContainers"`
	}
	if err := connector.ReadMessage(m, &in); err != nil {
		return rampforge.Delivery{}, err
	}
	d := rampforge.Delivery{ID: connector.DeliveryID(string(in.ID)), Event: in.Event}
	if d.ID == "" && in.Subscription != "" && in.Notification != "" {
		d.ID = connector.DeliveryID(string(in.Subscription + ":" + in.Notification))
	}
	if in.Subscription != "" && strings.Trim(string(in.Subscription), "0-") == "" {
		return d, nil
	}
	for _, prefix := range changing {
		d.Sync = d.Sync || strings.HasPrefix(in.Event, prefix)
	}
	gone := in.Event == "workitem.deleted"
	if !gone && in.Event != "workitem.restored" {
		return d, nil
	}
	if in.Resource.ID == "" || in.Containers.Project.ID == "" {
		return d, connector.Incomplete(in.Event, "the id of the work item or of its project")
	}
	d.Changes = []rampforge.RecordChange{{
		Stream: rampforge.StreamWorkItems, ID: string(in.Resource.ID), ResourceID: string(in.Containers.Project.ID), Gone: gone,
	}}
	d.Sync = !gone
	return d, nil
}
