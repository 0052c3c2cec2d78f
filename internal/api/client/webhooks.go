package client

import (
	"context"
	"net/http"
	"net/url"
)

// Received is the answer to the message of a webhook.
type Received struct {
	Accepted  bool `json:"accepted"`
	Duplicate bool `json:"duplicate"`
}

// Webhook sends a message to the webhook of a service, as a vendor does.
func (c *Client) Webhook(ctx context.Context, serviceID string, header http.Header, body []byte) (Received, error) {
	var headers []string
	for name, values := range header {
		for _, v := range values {
			headers = append(headers, name, v)
		}
	}
	return send[Received](ctx, c, http.MethodPost, "/api/v1/webhooks/"+url.PathEscape(serviceID), body, headers...)
}
