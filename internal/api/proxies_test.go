package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/store"
)

// addressesOf fails to sign in with the given headers, and returns the address
// that the audit log and the access line have of it.
func (w *world) addressesOf(headers ...string) (audited, logged string) {
	w.t.Helper()
	id := store.NewID("req")
	a := w.raw("POST", "/api/v1/auth/login", `{"email":"observer@example.com","password":"not the password"}`, append(headers, "X-Request-ID", id)...)
	if a.status != http.StatusUnauthorized {
		w.t.Fatalf("%d %s", a.status, a.body)
	}
	entries, _, err := w.store.AuditLog(w.t.Context(), store.AuditFilter{Action: "auth."}, store.Page{Limit: 20})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.RequestID == id {
			audited = e.Address
		}
	}
	for line := range strings.Lines(w.logs.String()) {
		if strings.Contains(line, `"msg":"request"`) && strings.Contains(line, id) {
			_, rest, _ := strings.Cut(line, `"address":"`)
			logged, _, _ = strings.Cut(rest, `"`)
		}
	}
	return audited, logged
}

// TestForgedAddresses sends what proxies and impostors write.
func TestForgedAddresses(t *testing.T) {
	const self = "127.0.0.1"
	forwarded := func(values ...string) (headers []string) {
		for _, v := range values {
			headers = append(headers, "X-Forwarded-For", v)
		}
		return headers
	}
	for name, at := range map[string]struct {
		trusted []string
		want    map[string][]string // an address, and headers that lead to it
	}{
		"behind proxies": {[]string{"127.0.0.0/8", "10.0.0.0/8", "fd00::/8"}, map[string][]string{
			"198.51.100.1": forwarded("198.51.100.1:49152"),
			"198.51.100.2": forwarded("203.0.113.9, 198.51.100.2:1, 10.0.0.1:443"),
			"198.51.100.3": forwarded("10.0.0.9", "203.0.113.9", "198.51.100.3", "10.0.0.1"),
			"198.51.100.4": forwarded("::ffff:198.51.100.4"),
			"198.51.100.5": append(forwarded("198.51.100.5"), "Forwarded", "for=203.0.113.9", "X-Real-IP", "203.0.113.9", "True-Client-IP", "203.0.113.9"),
			"2001:db8::1":  forwarded("[2001:db8::1]:443"),
			"2001:db8::2":  forwarded("203.0.113.9, [2001:db8::2], fd00::1"),
			"2001:db8::3":  forwarded("2001:DB8:0::3"),
			"fe80::4":      forwarded("fe80::4%eth0"),
			"10.0.0.7":     forwarded("unknown, 10.0.0.7"), // what stands left of garbage is not read
			"10.0.0.8":     forwarded("198.51.100.300, 10.0.0.8"),
			"10.0.0.9":     forwarded("198.51.100.9;evil, 10.0.0.9"),
			self:           forwarded(" , ,", "for=198.51.100.10"),
		}},
		"another proxy": {[]string{"192.0.2.0/24"}, map[string][]string{self: forwarded("198.51.100.1")}},
		"no proxy": {nil, map[string][]string{
			self: append(forwarded("198.51.100.1", "10.0.0.1"), "Forwarded", "for=198.51.100.1", "X-Real-IP", "198.51.100.1", "X-Client-IP", "198.51.100.1"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			onSQLite(t, func(t *testing.T, w *world) {
				for want, headers := range at.want {
					if audited, logged := w.addressesOf(headers...); audited != want || logged != want {
						t.Errorf("%q: %s in the audit log, %s in the log, want %s", headers, audited, logged, want)
					}
				}
			}, trusting(at.trusted...))
		})
	}
}

// TestAddressesAreCounted takes another address with each request, as far as a
// client can.
func TestAddressesAreCounted(t *testing.T) {
	rate := func(s *setting) { s.api.Rates.Auth = api.Rate{Limit: 1, Window: time.Hour} }
	attempts := func(t *testing.T, w *world, forwarded func(n int) string) (refused bool) {
		t.Helper()
		for n := range 8 { // six for an address
			body := fmt.Sprintf(`{"email":"nobody-%d-%s@example.com","password":"not the password"}`, n, store.NewID("x"))
			if a := w.raw("POST", "/api/v1/auth/login", body, "X-Forwarded-For", forwarded(n)); a.status == http.StatusTooManyRequests {
				return true
			}
		}
		return false
	}
	t.Run("no proxy", func(t *testing.T) {
		onSQLite(t, func(t *testing.T, w *world) {
			if !attempts(t, w, func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }) {
				t.Error("a forged header is an address of its own")
			}
		}, rate)
	})
	t.Run("behind a proxy", func(t *testing.T) {
		onSQLite(t, func(t *testing.T, w *world) {
			if attempts(t, w, func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }) {
				t.Error("clients of a proxy are counted as one")
			}
			if !attempts(t, w, func(n int) string { return fmt.Sprintf("203.0.113.%d, 192.0.2.7", n) }) {
				t.Error("what stands left of the client is an address of its own")
			}
			if !attempts(t, w, func(n int) string { return fmt.Sprintf("2001:db8:1:1::%d", n) }) {
				t.Error("each address of a network is counted by itself")
			}
			if attempts(t, w, func(n int) string { return fmt.Sprintf("2001:db8:2:%d::1", n) }) {
				t.Error("networks are counted as one")
			}
		}, rate, trusting("127.0.0.0/8"))
	})
}
