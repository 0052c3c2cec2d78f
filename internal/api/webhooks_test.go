package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/store"
)

// hookSecret is the secret of every webhook of these tests.
const hookSecret = "hook-secret-of-these-tests-7777"

// synced syncs a service to its end.
func (w *world) synced(serviceID string, force bool) {
	w.t.Helper()
	run, err := w.lead().SyncServices(w.t.Context(), client.SyncRequest{ServiceIDs: []string{serviceID}, ForceRefresh: force}, time.Minute)
	if err != nil || run.Status != rampforge.SyncCompleted {
		w.t.Fatalf("%+v, %v", run, err)
	}
}

func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	deadline, tick := time.Now().Add(time.Minute), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			w.t.Fatalf("it never comes to pass that %s", what)
		}
		<-tick.C
	}
}

func (w *world) accepts(serviceID string, m connector.Message, duplicate bool) {
	w.t.Helper()
	got, err := w.client.Webhook(w.t.Context(), serviceID, m.Header, m.Body)
	if err != nil || !got.Accepted || got.Duplicate != duplicate {
		w.t.Errorf("%+v, %v, want a duplicate: %t", got, err, duplicate)
	}
}

// refuses sends a message with every proof spoiled, left out, and with another
// body.
func (w *world) refuses(serviceID string, m connector.Message) {
	w.t.Helper()
	proofs := []string{"X-Hub-Signature-256", "X-Hub-Signature", "X-Gitlab-Token", "Authorization"}
	spoiled, without := m.Header.Clone(), m.Header.Clone()
	signed := false
	for _, name := range proofs {
		if v := m.Header.Get(name); v != "" {
			spoiled.Set(name, v[:len(v)-4]+"AAAA")
			without.Del(name)
			signed = signed || strings.HasPrefix(v, "sha256=")
		}
	}
	attempts := map[string]connector.Message{"wrong": {Header: spoiled, Body: m.Body}, "missing": {Header: without, Body: m.Body}}
	if signed {
		attempts["another body"] = connector.Message{Header: m.Header, Body: append([]byte(" "), m.Body...)}
	}
	for what, attempt := range attempts {
		_, err := w.client.Webhook(w.t.Context(), serviceID, attempt.Header, attempt.Body)
		wantStatus(w.t, what, err, http.StatusUnauthorized)
	}
	if kept, err := w.store.Deliveries(w.t.Context(), serviceID, store.Page{Limit: 10}); err != nil || len(kept) != 0 {
		w.t.Errorf("refused messages were kept: %+v, %v", kept, err)
	}
}

// gitHubHook adds a service of GitHub with a webhook.
func (w *world) gitHubHook(name string) rampforge.Service {
	w.t.Helper()
	s := gitHub(name)
	s.Credentials["webhook_secret"] = hookSecret
	return w.add(s)
}

func message(event, delivery, body string) connector.Message {
	return connector.Message{Body: []byte(body), Header: http.Header{
		"Content-Type": {"application/json"}, "X-Github-Event": {event}, "X-Github-Delivery": {delivery}, "X-Hub-Signature-256": {connectortest.Signature([]byte(body), hookSecret)},
	}}
}

func TestWebhookAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		service, ctx := w.gitHubHook("hooked"), t.Context()
		unhooked := w.add(gitHub("no hook"))
		if service.Credentials["webhook_secret"] != "••••7777" {
			t.Errorf("%+v", service.Credentials)
		}
		push := message("push", "1", `{"ref":"refs/heads/main"}`)
		var texts []string
		for _, id := range []string{"svc_none", unhooked.ID} {
			a := w.raw("POST", "/api/v1/webhooks/"+id, string(push.Body), "X-Hub-Signature-256", push.Header.Get("X-Hub-Signature-256"))
			var said struct{ Code, Message string }
			if err := json.Unmarshal([]byte(a.body), &said); err != nil || a.status != http.StatusNotFound {
				t.Errorf("%d %s, %v", a.status, a.body, err)
			}
			texts = append(texts, said.Code+said.Message)
		}
		if texts[0] != texts[1] || !strings.HasPrefix(texts[0], "RESOURCE_NOT_FOUND") {
			t.Errorf("an unknown service and one without a webhook answer differently: %q", texts)
		}
		w.accepts(service.ID, message("ping", "2", `{"zen":"Keep it logically awesome.","hook_id":1}`), false)
		w.accepts(service.ID, message("star", "3", `{"action":"created"}`), false)
		if kept, err := w.store.Deliveries(ctx, service.ID, store.Page{Limit: 10}); err != nil || len(kept) != 0 {
			t.Errorf("what needs no work was kept: %+v, %v", kept, err)
		}
		for name, m := range map[string]connector.Message{
			"no JSON": message("push", "4", "payload=%7B%7D"), "a half": message("issues", "5", `{"action":"deleted","issue":{}}`), "nothing": message("push", "6", ""),
		} {
			_, err := w.client.Webhook(ctx, service.ID, m.Header, m.Body)
			wantStatus(t, name, err, http.StatusUnprocessableEntity)
		}
		huge := message("push", "7", `{"x":"`+strings.Repeat("x", 5<<20)+`"}`)
		_, err := w.client.Webhook(ctx, service.ID, huge.Header, huge.Body)
		wantStatus(t, "a huge message", err, http.StatusRequestEntityTooLarge)
		w.accepts(service.ID, message("push", "8", `{"x":"`+strings.Repeat("x", 4<<20)+`"}`), false)

		w.accepts(service.ID, push, false)
		w.accepts(service.ID, push, true)
		// The id is not signed: whoever saw a message cannot send it as another.
		w.accepts(service.ID, message("push", "9", string(push.Body)), true)
		if _, err := w.lead().UpdateService(ctx, service.ID, map[string]any{"enabled": false}); err != nil {
			t.Fatal(err)
		}
		w.accepts(service.ID, message("push", "10", `{"ref":"refs/heads/other"}`), false)
		if kept, err := w.store.Deliveries(ctx, service.ID, store.Page{Limit: 10}); err != nil || len(kept) != 2 {
			t.Errorf("%d deliveries, %v: a disabled service keeps none", len(kept), err)
		}
		if page := w.metrics(); !strings.Contains(page, `rampforge_webhook_deliveries_total{outcome="duplicate",service_type="github"} 2`) ||
			!strings.Contains(page, `outcome="unknown",service_type="unknown"} 2`) {
			t.Errorf("%s", page)
		}
		if strings.Contains(w.logs.String(), hookSecret) {
			t.Error("the secret is in the log")
		}
		if err := w.lead().DeleteService(ctx, service.ID, false); err != nil {
			t.Fatal(err)
		}
		if kept, err := w.store.Deliveries(ctx, service.ID, store.Page{Limit: 10}); err != nil || len(kept) != 0 {
			t.Errorf("%d deliveries of a service that was removed, %v", len(kept), err)
		}
	}, func(s *setting) { s.api.MetricsToken = "" })
}

// metrics is the page of the metrics.
func (w *world) metrics() string {
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "/metrics", http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	page := &page{}
	w.api.Metrics().ServeHTTP(page, r)
	return page.String()
}

type page struct {
	bytes.Buffer
	header http.Header
}

func (p *page) Header() http.Header {
	if p.header == nil {
		p.header = http.Header{}
	}
	return p.header
}
func (*page) WriteHeader(int) {}

func TestWebhookSentTenTimesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		service := w.gitHubHook("hooked")
		m := message("push", "one", `{"ref":"refs/heads/main"}`)
		var fresh atomic.Int32
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				got, err := w.client.Webhook(t.Context(), service.ID, m.Header, m.Body)
				if err != nil {
					t.Error(err)
				}
				if !got.Duplicate {
					fresh.Add(1)
				}
			})
		}
		group.Wait()
		kept, err := w.store.Deliveries(t.Context(), service.ID, store.Page{Limit: 10})
		if err != nil || len(kept) != 1 || fresh.Load() != 1 {
			t.Errorf("%d were new and %d are kept, %v", fresh.Load(), len(kept), err)
		}
	})
}

func TestWebhookFlood(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		service := w.gitHubHook("hooked")
		forged := message("push", "x", `{}`)
		forged.Header.Set("X-Hub-Signature-256", "sha256=00")
		refused, limited := 0, 0
		for range 20 {
			_, err := w.client.Webhook(t.Context(), service.ID, forged.Header, forged.Body)
			switch client.StatusOf(err) {
			case http.StatusUnauthorized:
				refused++
			case http.StatusTooManyRequests:
				limited++
			default:
				t.Errorf("%v", err)
			}
		}
		if refused != 5 || limited != 15 {
			t.Errorf("%d refused and %d limited, want 5 and 15", refused, limited)
		}
		// The vendor, at another address, is not kept out by them.
		m := message("push", "y", `{"ref":"refs/heads/main"}`)
		m.Header.Set("X-Forwarded-For", "192.0.2.77")
		w.accepts(service.ID, m, false)
	}, trusting("127.0.0.1/32"), func(s *setting) {
		s.api.Rates.Webhook.Limit, s.api.Rates.Webhook.Window = 5, time.Hour
	})
}

func TestWebhookSecretIsACredential(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service := w.add(client.NewService{Type: rampforge.ServiceGitHub, Name: "later", Endpoint: "https://api.github.com", Credentials: map[string]string{"token": planted}})
		sealed := func() map[string]string {
			t.Helper()
			row, err := w.store.ServiceSecret(ctx, service.ID)
			if err != nil {
				t.Fatal(err)
			}
			all, err := w.services.UnsealAll(row)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		give := func(change map[string]any) error {
			_, err := w.lead().UpdateService(ctx, service.ID, change)
			return err
		}
		for _, bad := range []string{"too short", strings.Repeat("x", 8193)} {
			if got := faults(give(map[string]any{"credentials": map[string]string{"webhook_secret": bad}})); len(got) != 1 || got[0] != "credentials.webhook_secret" {
				t.Errorf("%.20q: %v", bad, got)
			}
		}
		alone := client.NewService{Type: rampforge.ServiceJira, Name: "alone", Endpoint: "https://j.example.com", Credentials: map[string]string{"webhook_secret": hookSecret}}
		_, err := w.lead().CreateService(ctx, alone)
		wantStatus(t, "a secret and nothing to sign in with", err, http.StatusUnprocessableEntity)
		for i, step := range []struct {
			change      map[string]any
			token, hook string
		}{
			{map[string]any{"credentials": map[string]string{"webhook_secret": hookSecret}}, planted, hookSecret},
			{map[string]any{"credentials": map[string]string{"token": "another-long-token"}}, "another-long-token", hookSecret},
			{map[string]any{"credentials": map[string]string{"token": "••••oken", "webhook_secret": "••••7777"}}, "another-long-token", hookSecret},
			{map[string]any{"credentials": map[string]string{"token": "a-third-long-token", "webhook_secret": "••••7777"}}, "a-third-long-token", hookSecret},
			{map[string]any{"credentials": map[string]string{"webhook_secret": "another secret of the hook"}}, "a-third-long-token", "another secret of the hook"},
			{map[string]any{"endpoint": "https://github.example.com", "credentials": map[string]string{"token": "a-fourth-long-token"}}, "a-fourth-long-token", "another secret of the hook"},
			{map[string]any{"name": "renamed"}, "a-fourth-long-token", "another secret of the hook"},
		} {
			if err := give(step.change); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
			if got := sealed(); len(got) != 2 || got["token"] != step.token || got["webhook_secret"] != step.hook {
				t.Errorf("step %d: %v", i, got)
			}
		}
		if got := faults(give(map[string]any{"endpoint": "https://evil.example.com", "credentials": map[string]string{"webhook_secret": hookSecret}})); len(got) != 1 || got[0] != "credentials" {
			t.Errorf("the token may go to another host: %v", got)
		}
		if _, err := w.lead().ConnectService(ctx, service.ID); err != nil {
			t.Fatal(err)
		}
		w.vendor.mu.Lock()
		defer w.vendor.mu.Unlock()
		if w.vendor.saw["webhook_secret"] != "" || w.vendor.saw["token"] == "" {
			t.Errorf("the connector was given %v", w.vendor.saw)
		}
	})
}
