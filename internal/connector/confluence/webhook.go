package confluence

import (
	"cmp"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
)

// Webhook reads what Confluence sends to a webhook.
func Webhook() connector.Webhook {
	return connector.Webhook{Verify: atlassian.Verify, Parse: parseWebhook}
}

// changing begin the names of the events of what documents hold.
var changing = []string{"page_", "blog_", "blogpost_", "attachment_", "label_", "space_", "content_"}

// parseWebhook tells of documents that go and come back. One that is only in
// the bin is gone too: it is in no list.
func parseWebhook(m connector.Message) (rampforge.Delivery, error) {
	var in struct {
		Event   string          `json:"event"`
		Webhook string          `json:"webhookEvent"`
		Page    connector.Thing `json:"page"`
		Blog    connector.Thing `json:"blog"`
		Post    connector.Thing `json:"blogpost"`
		Content connector.Thing `json:"content"`
	}
	if err := connector.ReadMessage(m, &in); err != nil {
		return rampforge.Delivery{}, err
	}
	event := cmp.Or(in.Event, in.Webhook)
	d := atlassian.NewDelivery(m, event)
	for _, prefix := range changing {
		d.Sync = d.Sync || strings.HasPrefix(event, prefix)
	}
	kind, what, _ := strings.Cut(event, "_")
	gone := what == "trashed" || what == "removed" || what == "deleted"
	if kind != "page" && kind != "blog" && kind != "blogpost" || !gone && what != "restored" {
		return d, nil
	}
	id := cmp.Or(in.Page.ID, in.Blog.ID, in.Post.ID, in.Content.ID)
	if id == "" {
		return d, connector.Incomplete(event, "the id of the document")
	}
	d.Changes = []rampforge.RecordChange{{Stream: rampforge.StreamDocuments, ID: string(id), Gone: gone}}
	d.Sync = !gone
	return d, nil
}
