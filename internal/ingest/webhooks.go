package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Webhooks takes what vendors send by themselves. Every field must be set.
type Webhooks struct {
	Services *Services
	Hooks    map[rampforge.ServiceType]connector.Webhook
	Enqueue  store.Enqueue // writes a job for the deliveries of a service
}

// Outcome is what became of a message.
type Outcome string

// The outcomes.
const (
	OutcomeAccepted  Outcome = "accepted"
	OutcomeDuplicate Outcome = "duplicate" // it came before
	OutcomeIgnored   Outcome = "ignored"   // of an event that nobody here needs, or of a disabled service
	OutcomeUnknown   Outcome = "unknown"   // there is no such service, or it has no webhook
	OutcomeRefused   Outcome = "refused"   // by somebody who does not know the secret
	OutcomeMalformed Outcome = "malformed"
	OutcomeFailed    Outcome = "failed" // by a fault of this side
)

// Receipt tells of a message. Type is "" when the service is unknown.
type Receipt struct {
	Type    rampforge.ServiceType
	Outcome Outcome
}

// nobody's secret is compared where there is none, so that a service without a
// webhook takes the time of one with. Guessing it would be answered as well by
// 404.
const nobodys = "a service that has no webhook has no secret either"

// Receive takes one message: it is kept, and worked later, when it returns. Its
// errors are rampforge.Error where the sender can do something: RESOURCE_NOT_FOUND
// for a service that is unknown or has no webhook, AUTHENTICATION_ERROR, and
// VALIDATION_ERROR for a message that nobody can read.
func (w *Webhooks) Receive(ctx context.Context, serviceID string, m connector.Message) (Receipt, error) {
	service, secret, err := w.secret(ctx, serviceID)
	if err != nil {
		return Receipt{Outcome: OutcomeFailed}, err
	}
	now := w.Services.Now().UTC()
	hook, known := w.Hooks[service.Type]
	if secret == "" || !known {
		w.Hooks[rampforge.ServiceGitHub].Verify(m, nobodys, now)
		return Receipt{Outcome: OutcomeUnknown}, rampforge.Errorf(rampforge.CodeNotFound, "There is no webhook at this address: give the service a webhook_secret first.")
	}
	receipt := Receipt{Type: service.Type, Outcome: OutcomeRefused}
	if !hook.Verify(m, secret, now) {
		return receipt, rampforge.Errorf(rampforge.CodeUnauthenticated, "The webhook's secret is not the one of this service, or the message was changed on its way.")
	}
	delivery, err := hook.Parse(m)
	if err != nil {
		receipt.Outcome = OutcomeMalformed
		return receipt, err
	}
	if delivery.Empty() || !service.Enabled {
		receipt.Outcome = OutcomeIgnored
		return receipt, nil
	}
	content := m.Body
	if delivery.Event == "" && len(delivery.Changes) == 0 {
		// A rule of a vendor's automation sends the same words each time; to ask
		// for one more sync is all that they can do.
		content = now.AppendFormat(bytes.Clone(content), time.RFC3339Nano)
	}
	digest := sha256.Sum256(content)
	taken := false
	err = w.Services.Store.InTx(ctx, func(tx *sql.Tx) (err error) {
		taken, err = w.Services.Store.TakeDeliveryTx(ctx, tx, serviceID, delivery, hex.EncodeToString(digest[:]), now, w.Enqueue)
		return err
	})
	switch {
	case err != nil:
		receipt.Outcome = OutcomeFailed
	case taken:
		receipt.Outcome = OutcomeAccepted
	default:
		receipt.Outcome = OutcomeDuplicate
	}
	return receipt, err
}

// secret returns a service and the secret of its webhook, "" for none.
func (w *Webhooks) secret(ctx context.Context, serviceID string) (rampforge.Service, string, error) {
	row, err := w.Services.Store.ServiceSecret(ctx, serviceID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return rampforge.Service{}, "", nil
	}
	if err != nil || row.Service.Credentials[WebhookSecret] == "" {
		return row.Service, "", err
	}
	all, err := w.Services.UnsealAll(row)
	if err != nil {
		w.Services.Logger.WarnContext(ctx, "a webhook is not taken: its secret cannot be read under the present key", slog.String("service_id", serviceID), slog.Any("error", err))
		return row.Service, "", nil
	}
	return row.Service, all[WebhookSecret], nil
}
