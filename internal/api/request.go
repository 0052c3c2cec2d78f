package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
)

// request holds the facts of one request. One pointer in the context carries
// all of them: the identity is filled in when it is known.
type request struct {
	id      string
	address string // the client's IP address
	device  string // its User-Agent, made safe to store
	logger  *slog.Logger
	now     func() time.Time
	header  http.Header // of the answer
	writer  http.ResponseWriter
	http    *http.Request // whose pattern is known when the route was found

	bearer   string
	identity auth.Identity
	signedIn bool
}

type requestKey struct{}

// outside stands in where there is no request, such as while the OpenAPI
// document is made.
var outside = &request{logger: slog.New(slog.DiscardHandler), now: time.Now, header: http.Header{}}

func requestOf(ctx context.Context) *request {
	if req, ok := ctx.Value(requestKey{}).(*request); ok {
		return req
	}
	return outside
}

// where is the request's method and route, for the log.
func (r *request) where() (method, route string) {
	if r.http == nil {
		return "", ""
	}
	return knownMethod(r.http.Method), routeOf(r.http.Pattern)
}

// client is the request as the audit log names it.
func (r *request) client() auth.Client {
	return auth.Client{Address: r.address, Device: r.device, RequestID: r.id}
}

// viewer is who asks, as far as visibility depends on it.
func (r *request) viewer() store.Viewer { return store.ViewerOf(r.identity.User) }

func (a *API) newRequest(w http.ResponseWriter, r *http.Request) *request {
	return &request{
		id: requestID(r.Header.Get("X-Request-ID")), address: clientAddress(r, a.options.TrustedProxies),
		device: storable(r.UserAgent()), logger: a.options.Logger, now: a.options.Now, header: w.Header(), writer: w,
	}
}

const maxRequestID = 128

// requestID keeps a sane id and makes one otherwise.
func requestID(given string) string {
	if given != "" && len(given) <= maxRequestID && !strings.ContainsFunc(given, insaneInID) {
		return given
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return "req_" + hex.EncodeToString(raw[:])
}

func insaneInID(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
}

// clientAddress is who the request comes from. X-Forwarded-For is read from
// its right end, as far as the hops are trusted: what stands left of the first
// untrusted one is whatever the client liked to write.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := peer.Addr().Unmap().WithZone("")
	if len(trusted) == 0 || !isTrusted(addr, trusted) {
		return addr.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(hops) {
		hop, ok := hopAddress(strings.TrimSpace(text))
		if !ok {
			break
		}
		addr = hop
		if !isTrusted(addr, trusted) {
			break
		}
	}
	return addr.String()
}

// hopAddress reads an address as proxies write it: some add the port, and put
// an IPv6 address into brackets.
func hopAddress(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		with, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = with.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

// site is what of an address is counted: of IPv6 the network of 64 bits, as whoever
// has one address of it has all of them.
func site(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Is4() {
		return address
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// storable makes text of a header fit for the database, which takes no
// invalid UTF-8 and no NUL.
func storable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, isControl) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
