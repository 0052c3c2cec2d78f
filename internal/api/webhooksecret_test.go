package api_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestWebhookSecretIsTakenOut: a webhook is turned off by itself, and what else
// is sealed stays.
func TestWebhookSecretIsTakenOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service := w.add(client.NewService{Type: rampforge.ServiceJira, Name: "hooked", Endpoint: "https://j.example.com",
			Credentials: map[string]string{"username": "ada@example.com", "api_token": planted, "webhook_secret": hookSecret}})
		deliver := func() int {
			return w.raw(http.MethodPost, "/api/v1/webhooks/"+service.ID, `{}`, "Authorization", "Bearer "+hookSecret).status
		}
		for i, step := range []struct {
			credentials map[string]any
			sealed      map[string]string
			status      int
		}{
			{map[string]any{}, map[string]string{"username": "ada@example.com", "api_token": planted, "webhook_secret": hookSecret}, http.StatusAccepted},
			{map[string]any{"api_token": nil, "username": ""}, map[string]string{"username": "ada@example.com", "api_token": planted, "webhook_secret": hookSecret}, http.StatusAccepted},
			{map[string]any{"webhook_secret": nil}, map[string]string{"username": "ada@example.com", "api_token": planted}, http.StatusNotFound},
			{map[string]any{"webhook_secret": nil}, map[string]string{"username": "ada@example.com", "api_token": planted}, http.StatusNotFound},
			{map[string]any{"webhook_secret": hookSecret}, map[string]string{"username": "ada@example.com", "api_token": planted, "webhook_secret": hookSecret}, http.StatusAccepted},
			{map[string]any{"token": "a-data-center-token", "webhook_secret": " "}, map[string]string{"token": "a-data-center-token"}, http.StatusNotFound},
		} {
			changed, err := w.lead().UpdateService(ctx, service.ID, map[string]any{"credentials": step.credentials})
			if err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
			row, err := w.store.ServiceSecret(ctx, service.ID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.services.UnsealAll(row)
			if diff := cmp.Diff(step.sealed, got); err != nil || diff != "" {
				t.Errorf("step %d: %v (-want +got):\n%s", i, err, diff)
			}
			if len(changed.Credentials) != len(step.sealed) {
				t.Errorf("step %d: it shows %v", i, changed.Credentials)
			}
			if status := deliver(); status != step.status {
				t.Errorf("step %d: a message was answered by %d, want %d", i, status, step.status)
			}
		}
		_, err := w.lead().UpdateService(ctx, service.ID, map[string]any{"endpoint": "https://evil.example.com", "credentials": map[string]any{"webhook_secret": nil}})
		if got := faults(err); len(got) != 1 || got[0] != "credentials" {
			t.Errorf("the token may go to another host: %v", got)
		}
	})
}
