package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Connectors opens the connector of a service. It reaches nobody; errors that
// the service's settings are at fault for are rampforge.CodeInvalid.
type Connectors interface {
	Open(ctx context.Context, service rampforge.Service, credentials map[string]string) (connector.Connector, error)
}

// Services knows the services' credentials and asks the services. Every field
// must be set.
type Services struct {
	Store      *store.Store
	Sealer     *secret.Sealer
	Connectors Connectors
	Logger     *slog.Logger
	Interval   time.Duration // between the checks of a service
	Now        func() time.Time
}

// Discoverer is a connector whose server says itself what can be asked of it.
type Discoverer interface {
	// Discover asks anew, and has the answer reviewed.
	Discover(ctx context.Context) error
}

// Discover asks the MCP server of a service for its tools. A service that has
// none in between has no tools either.
func (s *Services) Discover(ctx context.Context, id string) error {
	row, err := s.Store.ServiceSecret(ctx, id)
	if err != nil {
		return err
	}
	credentials, err := s.Unseal(row)
	if err != nil {
		return explain(err, row.Service, nil)
	}
	_, err = ask(ctx, s, row.Service, credentials, func(ctx context.Context, c connector.Connector) (struct{}, error) {
		if d, ok := c.(Discoverer); ok {
			return struct{}{}, d.Discover(ctx)
		}
		return struct{}{}, nil
	})
	if err != nil {
		return explain(err, row.Service, credentials)
	}
	return nil
}

// ReasonConfiguration is a service that is set up in a way that cannot work.
const ReasonConfiguration = "configuration"

// Open opens the connector of a stored service, whose faults and notes hold no
// credential. The caller closes it.
func (s *Services) Open(ctx context.Context, id string) (rampforge.Service, connector.Connector, error) {
	row, err := s.Store.ServiceSecret(ctx, id)
	if err != nil {
		return rampforge.Service{}, nil, err
	}
	credentials, err := s.Unseal(row)
	if err != nil {
		return row.Service, nil, explain(err, row.Service, nil)
	}
	c, err := s.Connectors.Open(ctx, row.Service, credentials)
	if err != nil {
		return row.Service, nil, explain(err, row.Service, credentials)
	}
	return row.Service, discreet{c, func(text string) bool { return holds(text, credentials) }}, nil
}

// Seal seals the credentials of one service.
func (s *Services) Seal(id string, credentials map[string]string) (store.SealedCredentials, error) {
	text, err := json.Marshal(credentials)
	if err != nil {
		return store.SealedCredentials{}, fmt.Errorf("writing credentials: %w", err)
	}
	sealed, err := s.Sealer.Seal(text, id)
	return store.SealedCredentials{KeyID: sealed.KeyID, Text: sealed.Text}, err
}

// WebhookSecret is the credential that the vendor shows us, and not we the
// vendor.
const WebhookSecret = "webhook_secret"

// Unseal returns the credentials of a service in clear, as one signs in with
// them: without the webhook's secret, which no connector is given. They must
// not reach a log, an error or an answer.
func (s *Services) Unseal(row store.ServiceSecret) (map[string]string, error) {
	credentials, err := s.UnsealAll(row)
	delete(credentials, WebhookSecret)
	return credentials, err
}

// UnsealAll returns all that is sealed of a service. What is said of Unseal
// holds for it.
func (s *Services) UnsealAll(row store.ServiceSecret) (map[string]string, error) {
	text, err := s.Sealer.Open(secret.Sealed{KeyID: row.Sealed.KeyID, Text: row.Sealed.Text}, row.Service.ID)
	if err != nil {
		return nil, err
	}
	var credentials map[string]string
	if err := json.Unmarshal(text, &credentials); err != nil {
		return nil, secret.ErrBroken
	}
	return credentials, nil
}

// Reseal seals the credentials of every service under the present key, each by
// itself, and returns how many it sealed anew. What cannot be opened is named
// in the error and stays as it is. It may be run again at any time.
func (s *Services) Reseal(ctx context.Context) (int, error) {
	rows, err := s.Store.ServicesSealedOtherwise(ctx, s.Sealer.KeyID())
	if err != nil {
		return 0, err
	}
	done := 0
	var faults []error
	for _, row := range rows {
		credentials, err := s.UnsealAll(row)
		if err != nil {
			faults = append(faults, fmt.Errorf("service %q (%s): %w", row.Service.Name, row.Service.ID, err))
			continue
		}
		sealed, err := s.Seal(row.Service.ID, credentials)
		if err != nil {
			return done, err
		}
		changed, err := s.Store.ResealService(ctx, row.Service.ID, row.Sealed, sealed)
		if err != nil {
			return done, err
		}
		if changed {
			done++
		}
	}
	return done, errors.Join(faults...)
}

// hints say what to change where a connector says nothing.
var hints = map[string]string{
	connector.ReasonAuthentication: "Enter new credentials.",
	connector.ReasonPermission:     "Give the credentials permission to read, or enter others.",
	connector.ReasonNotFound:       "Check the endpoint and what the credentials may see.",
	connector.ReasonUnreachable:    "Check the endpoint and the network between this server and the service.",
	connector.ReasonTimeout:        "Try again later, or check the network between this server and the service.",
	connector.ReasonRateLimited:    "Wait, and lower the service's rate limits if it happens often.",
	connector.ReasonVendor:         "The fault is the service's own: try again later.",
	connector.ReasonMalformed:      "Check that the endpoint leads to the service's API.",
	ReasonConfiguration:            "Change the settings of the service.",
}

// explain makes of every fault an error that says what to change and about
// which service, and that holds no credential.
func explain(err error, service rampforge.Service, credentials map[string]string) *rampforge.Error {
	fault := classify(err)
	details := map[string]any{"reason": "", "hint": ""}
	maps.Copy(details, fault.Details)
	if hint, _ := details["hint"].(string); hint == "" {
		reason, _ := details["reason"].(string)
		details["hint"] = hints[reason]
	}
	details["service_id"] = service.ID
	fault.Details = details
	if holds(said(fault), credentials) {
		reason, _ := details["reason"].(string)
		fault = withheld(fault, reason)
		fault.Details["service_id"] = service.ID
	}
	return fault
}

// classify returns a copy of the fault that a connector told, or a fault of
// that kind for anything else.
func classify(err error) *rampforge.Error {
	known, ok := errors.AsType[*rampforge.Error](err)
	switch {
	case ok && known.Code == rampforge.CodeMCPService:
		fault := *known
		return &fault
	case errors.Is(err, secret.ErrUnknownKey), errors.Is(err, secret.ErrBroken):
		what, todo, _ := strings.Cut(err.Error(), ": ")
		return connector.Errorf(connector.ReasonAuthentication, upper(what)+".", upper(todo)+".", nil)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return connector.Errorf(connector.ReasonTimeout, "The service did not answer in time.", "", err)
	case ok && known.Code == rampforge.CodeInvalid:
		return connector.Errorf(ReasonConfiguration, known.Message, "", known.Err)
	case ok && known.Code == rampforge.CodeRateLimited:
		fault := connector.Errorf(connector.ReasonRateLimited, known.Message, "", known.Err)
		fault.RetryAfter = known.RetryAfter
		return fault
	case ok && known.Code == rampforge.CodeExternal:
		return connector.Errorf(connector.ReasonUnreachable, known.Message, "", known.Err)
	}
	return connector.Errorf(connector.ReasonVendor, "The service could not be asked.", "", err)
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
