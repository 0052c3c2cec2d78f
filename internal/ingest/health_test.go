package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

const planted = "planted-secret-7f3a9c"

// answering is a vendor that answers with an error, or well.
type answering struct {
	connector.Connector
	mu    sync.Mutex
	err   error
	panic any
	hangs bool
	calls atomic.Int64
	saw   map[string]string
}

func (a *answering) set(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

func (a *answering) Open(_ context.Context, _ rampforge.Service, credentials map[string]string) (connector.Connector, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.saw = credentials
	return a, nil
}

func (a *answering) Check(context.Context) (connector.Check, error) {
	a.calls.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hangs {
		a.mu.Unlock()
		time.Sleep(3 * time.Second)
		a.mu.Lock()
	}
	if a.panic != nil {
		panic(a.panic)
	}
	return connector.Check{Server: "Vendor 4.2"}, a.err
}

func (a *answering) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		_ = yield(rampforge.Resource{ID: "1"}, nil) && a.err != nil && yield(rampforge.Resource{}, a.err)
	}
}

func (a *answering) Close() error { return nil }

// desk is services over a vendor, at a time of its own.
type desk struct {
	*ingest.Services

	t      *testing.T
	vendor *answering
	logs   bytes.Buffer
	at     time.Time
	id     string
}

func eachDesk(t *testing.T, test func(d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) { test(newDesk(t, s)) })
}

func newDesk(t *testing.T, s *store.Store) *desk {
	t.Helper()
	d := &desk{t: t, vendor: &answering{}, at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	d.Services = &ingest.Services{
		Store: s, Sealer: sealer(t, "the key"), Connectors: d.vendor, Logger: slog.New(slog.NewTextHandler(&d.logs, nil)),
		Interval: time.Minute, Now: func() time.Time { return d.at },
	}
	user, err := s.CreateUser(t.Context(), store.Registration{Email: "lead@example.com", Name: "Lead", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: d.at})
	if err != nil {
		t.Fatal(err)
	}
	d.id = d.make("one", user.ID)
	return d
}

func sealer(t *testing.T, keys ...string) *secret.Sealer {
	t.Helper()
	s, err := secret.NewSealer(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *desk) make(name, by string) string {
	d.t.Helper()
	id := store.NewID("svc")
	sealed, err := d.Seal(id, map[string]string{"token": planted})
	if err == nil {
		err = d.Store.CreateService(d.t.Context(), rampforge.Service{
			ID: id, Type: rampforge.ServiceGitHub, Name: name, Endpoint: "https://api.example.com", Transport: rampforge.TransportREST, Enabled: true, Timeout: 1, CreatedBy: by, CreatedAt: d.at,
		}, sealed)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func (d *desk) row() store.ServiceSecret {
	d.t.Helper()
	row, err := d.Store.ServiceSecret(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	return row
}

// due lets time pass and checks what is due then.
func (d *desk) due(later time.Duration) int {
	d.t.Helper()
	d.at = d.at.Add(later)
	n, err := d.CheckDue(d.t.Context())
	if err != nil {
		d.t.Error(err)
	}
	return n
}

func refused(reason string) error {
	return connector.Errorf(reason, "The vendor says no.", "Do something.", errors.New("401"))
}

func TestConnect(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := d.t.Context()
		d.vendor.set(refused(connector.ReasonAuthentication))
		h, err := d.Connect(ctx, d.id)
		if err != nil || h.Reason() != connector.ReasonAuthentication || h.Err.Details["service_id"] != d.id || h.Err.Details["hint"] != "Do something." {
			d.t.Errorf("%+v, %v", h, err)
		}
		if v := d.row(); v.Service.Status != rampforge.ServiceError || !v.Service.AuthNeeded || *v.Service.LastError != "The vendor says no. Do something." || v.Watched {
			d.t.Errorf("%+v", v)
		}
		if n := d.due(time.Hour); n != 0 {
			d.t.Errorf("a service that never worked is checked %d times", n)
		}
		d.vendor.set(nil)
		h, err = d.Connect(ctx, d.id)
		if v := d.row().Service; err != nil || h.Err != nil || v.Status != rampforge.ServiceConnected || v.AuthNeeded || v.Server.Name != "Vendor" || v.Server.Version != "4.2" || d.vendor.saw["token"] != planted {
			d.t.Errorf("%+v, %v, %+v", h, err, v)
		}
		// Once it worked, one failure of the button counts, and the checks heal it.
		d.vendor.set(refused(connector.ReasonUnreachable))
		if _, err = d.Connect(ctx, d.id); err != nil || d.row().Service.Status != rampforge.ServiceError {
			d.t.Errorf("%+v, %v", d.row(), err)
		}
		d.vendor.set(nil)
		if n := d.due(2 * time.Minute); n != 1 || d.row().Service.Status != rampforge.ServiceConnected {
			d.t.Errorf("%d, %+v", n, d.row())
		}
		_, err = d.Store.UpdateService(ctx, d.id, d.at, func(v *store.ServiceSecret) error { v.Service.Enabled = false; return nil })
		if _, connectErr := d.Connect(ctx, d.id); err != nil || rampforge.ErrorCode(connectErr) != rampforge.CodeConflict {
			d.t.Errorf("%v, %v", err, connectErr)
		}
		if n := d.due(time.Hour); n != 0 {
			d.t.Errorf("a disabled service is checked %d times", n)
		}
		if _, err := d.Connect(ctx, "svc_unknown"); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			d.t.Error(err)
		}
	})
}

func TestThreeStrikes(t *testing.T) {
	eachDesk(t, func(d *desk) {
		if _, err := d.Connect(d.t.Context(), d.id); err != nil {
			d.t.Fatal(err)
		}
		if n := d.due(30 * time.Second); n != 0 {
			d.t.Errorf("%d checks were early", n)
		}
		for _, reason := range []string{connector.ReasonRateLimited, connector.ReasonPermission} {
			d.vendor.set(refused(reason))
			for range 4 {
				d.due(time.Minute)
			}
			if v := d.row(); v.Service.Status != rampforge.ServiceConnected || v.Failures != 0 {
				d.t.Errorf("%s marks a service down: %+v", reason, v)
			}
		}
		d.vendor.set(refused(connector.ReasonAuthentication))
		for n, want := range []rampforge.ServiceStatus{rampforge.ServiceConnected, rampforge.ServiceConnected, rampforge.ServiceError} {
			if asked := d.due(time.Minute); asked != 1 || d.row().Service.Status != want {
				d.t.Errorf("failure %d: asked %d, %+v", n+1, asked, d.row())
			}
		}
		if !d.row().Service.AuthNeeded {
			d.t.Error("nobody is told that new credentials are needed")
		}
		// Credentials that are refused are tried less and less often.
		asked := 0
		for range 60 {
			asked += d.due(time.Minute)
		}
		if asked < 2 || asked > 7 {
			d.t.Errorf("refused credentials were tried %d times in an hour", asked)
		}
		// It heals by itself, and at once when somebody enters new credentials.
		d.vendor.set(nil)
		_, err := d.Store.UpdateService(d.t.Context(), d.id, d.at, func(*store.ServiceSecret) error { return nil })
		if n := d.due(0); err != nil || n != 1 || d.row().Service.Status != rampforge.ServiceConnected {
			d.t.Errorf("%v, %d, %+v", err, n, d.row())
		}
	})
}

func TestHealth(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := d.t.Context()
		if h, err := d.Health(ctx, d.id); err != nil || h.Err != nil || d.row().Service.Status != rampforge.ServiceDisconnected {
			d.t.Errorf("%+v, %v", h, err)
		}
		if _, err := d.Connect(ctx, d.id); err != nil {
			d.t.Fatal(err)
		}
		for name, test := range map[string]struct {
			prepare func()
			reason  string
		}{
			"a time-out":    {func() { d.vendor.hangs = true }, connector.ReasonTimeout},
			"a panic":       {func() { d.vendor.panic = planted }, connector.ReasonVendor},
			"other errors":  {func() { d.vendor.err = errors.New("odd") }, connector.ReasonVendor},
			"settings":      {func() { d.vendor.err = rampforge.Invalid(rampforge.FieldIssue{Field: "endpoint", Issue: "is odd"}) }, ingest.ReasonConfiguration},
			"a limit":       {func() { d.vendor.err = &rampforge.Error{Code: rampforge.CodeRateLimited, Message: "Wait."} }, connector.ReasonRateLimited},
			"a closed road": {func() { d.vendor.err = &rampforge.Error{Code: rampforge.CodeExternal, Message: "No."} }, connector.ReasonUnreachable},
			"a leaky error": {func() {
				d.vendor.err = connector.Errorf(connector.ReasonVendor, "GET /?t="+planted, planted, errors.New(planted))
			}, connector.ReasonVendor},
			"a leaky detail": {func() { d.vendor.err = connector.Errorf(connector.ReasonVendor, "No.", "Not "+planted, nil) }, connector.ReasonVendor},
		} {
			d.vendor.mu.Lock()
			d.vendor.hangs, d.vendor.panic, d.vendor.err = false, nil, nil
			test.prepare()
			d.vendor.mu.Unlock()
			began := time.Now()
			h, err := d.Health(ctx, d.id)
			if err != nil || h.Reason() != test.reason || h.Err.Details["hint"] == "" || time.Since(began) > 2*time.Second {
				d.t.Errorf("%s: %+v, %v after %v", name, h, err, time.Since(began))
			}
			if said := h.Err.Error() + h.Err.Message; strings.Contains(said, planted) {
				d.t.Errorf("%s tells a credential: %s", name, said)
			}
		}
		if strings.Contains(d.logs.String(), planted) {
			d.t.Errorf("the log tells a credential: %s", d.logs.String())
		}
	})
}

func TestResources(t *testing.T) {
	eachDesk(t, func(d *desk) {
		list, more, err := d.Resources(d.t.Context(), d.id)
		if diff := cmp.Diff([]rampforge.Resource{{ID: "1"}}, list); err != nil || diff != "" || more {
			d.t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		d.vendor.set(refused(connector.ReasonPermission))
		if _, _, err := d.Resources(d.t.Context(), d.id); connector.Reason(err) != connector.ReasonPermission || d.row().Service.Status != rampforge.ServiceDisconnected {
			d.t.Errorf("%v, %+v", err, d.row())
		}
	})
}

func TestReseal(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := d.t.Context()
		old := d.row().Sealed
		d.make("two", d.row().Service.CreatedBy)
		reseal := func(want int, keys ...string) error {
			d.Sealer = sealer(d.t, keys...)
			n, err := d.Reseal(ctx)
			if n != want {
				d.t.Errorf("under %v: %d were sealed anew, want %d", keys, n, want)
			}
			return err
		}
		if err := reseal(0, "the key"); err != nil {
			d.t.Error(err)
		}
		if err := reseal(0, "another key"); !errors.Is(err, secret.ErrUnknownKey) || !strings.Contains(err.Error(), `"two"`) || !strings.Contains(err.Error(), d.id) {
			d.t.Errorf("without the key from before: %v", err)
		}
		if h, err := d.Health(ctx, d.id); err != nil || h.Reason() != connector.ReasonAuthentication || !strings.Contains(h.Err.Details["hint"].(string), "SECRET_KEY_PREVIOUS") {
			d.t.Errorf("%+v, %v", h, err)
		}
		for _, want := range []int{2, 0} {
			if err := reseal(want, "another key", "the key"); err != nil {
				d.t.Error(err)
			}
		}
		d.Sealer = sealer(d.t, "another key")
		credentials, err := d.Unseal(d.row())
		if err != nil || credentials["token"] != planted || bytes.Equal(old.Text, d.row().Sealed.Text) {
			d.t.Errorf("%v, %v", credentials, err)
		}
	})
}

// TestALostKeyHeals starts the server without the key of before, and with it
// again: no vendor refused anything, so nothing is waited for.
func TestALostKeyHeals(t *testing.T) {
	eachDesk(t, func(d *desk) {
		if _, err := d.Connect(d.t.Context(), d.id); err != nil {
			d.t.Fatal(err)
		}
		asked := d.vendor.calls.Load()
		d.Sealer = sealer(d.t, "another key")
		for range 9 {
			if n := d.due(time.Minute); n != 1 {
				d.t.Errorf("%d were due", n)
			}
		}
		if v := d.row().Service; v.Status != rampforge.ServiceError || !v.AuthNeeded || d.vendor.calls.Load() != asked {
			d.t.Errorf("%+v, %d calls", v, d.vendor.calls.Load()-asked)
		}
		d.Sealer = sealer(d.t, "another key", "the key")
		if d.due(time.Minute); d.row().Service.Status != rampforge.ServiceConnected {
			d.t.Errorf("%+v", d.row())
		}
	})
}
