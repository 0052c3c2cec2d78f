package api

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
)

const webhookPath = "/api/v1/webhooks/"

const (
	// maxWebhook bounds a message. GitHub sends up to 25 MB, but what is larger
	// than some hundred KB is the list of a huge push's commits, and a message
	// that is refused only means that the next sync brings what it told of.
	maxWebhook = 5 << 20
	// usualWebhook is the size up to which any number is read at the same time,
	// and largeWebhooks how many larger ones: strangers can send them.
	usualWebhook  = 1 << 20
	largeWebhooks = 8
	maxCountedID  = 100 // no service's id is longer
)

func (a *API) registerWebhooks() {
	handle(a, route{id: "receive-webhook", method: http.MethodPost, path: webhookPath + "{service_id}", tag: tagServices, policy: public, status: http.StatusAccepted,
		summary: "What a service tells by itself", description: webhookDescription,
		errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}}, a.receiveWebhook)
}

const webhookDescription = "For the vendor's webhook, not for people: it shows the service's webhook_secret in the vendor's own way " +
	"(GitHub, Jira and Confluence sign, GitLab signs or sends a token, Azure DevOps signs in). The answer comes before anything is done. " +
	"A message that comes again does nothing. A service without a webhook_secret is 404, as an unknown one."

// webhookInput has the request itself: what is signed are its bytes.
type webhookInput struct {
	ID string `path:"service_id"`

	request *http.Request
}

// Resolve implements huma.Resolver.
func (in *webhookInput) Resolve(c huma.Context) []error {
	in.request, _ = humago.Unwrap(c)
	return nil
}

type webhookAnswer struct {
	Body struct {
		Accepted  bool `json:"accepted"`
		Duplicate bool `json:"duplicate" doc:"It came before, and does nothing"`
	}
}

func (a *API) receiveWebhook(ctx context.Context, in *webhookInput) (*webhookAnswer, error) {
	// A flood from elsewhere must not use up what the vendor needs: the service
	// is counted for each address.
	if err := a.limits.account(ctx, "webhook", in.ID[:min(len(in.ID), maxCountedID)]+" "+site(requestOf(ctx).address), a.options.Rates.Webhook); err != nil {
		a.metrics.delivered("", "limited")
		return nil, err
	}
	body, err := a.readWebhook(ctx, in.request)
	if err != nil {
		a.metrics.delivered("", "unread")
		return nil, err
	}
	receipt, err := a.options.Webhooks.Receive(ctx, in.ID, connector.Message{Header: in.request.Header, Body: body})
	a.metrics.delivered(receipt.Type, string(receipt.Outcome))
	if err != nil {
		return nil, err
	}
	out := &webhookAnswer{}
	out.Body.Accepted, out.Body.Duplicate = true, receipt.Outcome == ingest.OutcomeDuplicate
	return out, nil
}

func (a *API) readWebhook(ctx context.Context, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxWebhook {
		return nil, bodyError(&http.MaxBytesError{Limit: maxWebhook})
	}
	if r.ContentLength < 0 || r.ContentLength > usualWebhook {
		select {
		case a.large <- struct{}{}:
			defer func() { <-a.large }()
		default:
			return nil, rampforge.Errorf(rampforge.CodeUnavailable, "Too many large messages come at the same time: send it again.")
		}
	}
	arrivesWithin(requestOf(ctx).writer, a.patience.Webhook)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, bodyError(err)
	}
	return body, nil
}

// maxBody is how large the body of a request may be.
func (a *API) maxBody(r *http.Request) int64 {
	switch {
	case strings.HasPrefix(r.URL.Path, webhookPath):
		return maxWebhook
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/api/v1/projects/") && strings.HasSuffix(strings.TrimRight(r.URL.Path, "/"), "/import"):
		return a.options.ImportMaxBytes
	}
	return a.options.MaxBodyBytes
}

func newDeliveries() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rampforge_webhook_deliveries_total", Help: "Messages of vendors' webhooks by type of service and what became of them.",
	}, []string{"service_type", "outcome"})
}

// delivered counts a message. Whose it is counts only when it is known.
func (m *metrics) delivered(kind rampforge.ServiceType, outcome string) {
	if kind == "" {
		kind = unknown
	}
	m.deliveries.WithLabelValues(string(kind), outcome).Inc()
}
