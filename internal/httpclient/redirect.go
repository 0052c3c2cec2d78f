package httpclient

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// credentials are the headers by which vendors know who asks. Go itself keeps
// some of them from another host, but neither from a subdomain or another port
// nor those that only one vendor knows.
var credentials = []string{"Authorization", "Cookie", "Cookie2", "Www-Authenticate", "Private-Token", "Job-Token", "Deploy-Token", "Proxy-Authorization", "X-Api-Key", "X-Atlassian-Token"}

// stripped takes credentials off a request that a redirect has led away from
// where they were meant for. It stands above everything else, below whatever a
// vendor's SDK puts round the client: such a wrapper adds its token to every
// hop.
type stripped struct {
	next      http.RoundTripper
	names     []string // besides credentials
	closeIdle func()
}

func (t *stripped) RoundTrip(req *http.Request) (*http.Response, error) {
	if elsewhere(req) {
		clone := req.Clone(req.Context())
		strip(clone.Header, t.names)
		req = clone
	}
	return t.next.RoundTrip(req)
}

// CloseIdleConnections is what http.Client looks for.
func (t *stripped) CloseIdleConnections() { t.closeIdle() }

// checkVendorHop is checkHop, and sends no content where it was not meant for.
func checkVendorHop(req *http.Request, via []*http.Request) error {
	if err := checkHop(req, via); err != nil {
		return err
	}
	if elsewhere(req) && req.Method != http.MethodGet && req.Method != http.MethodHead {
		return blocked("A redirect leads a request with a body to another host, which is not followed")
	}
	return nil
}

func strip(h http.Header, names []string) {
	for _, name := range credentials {
		h.Del(name)
	}
	for _, name := range names {
		h.Del(name)
	}
	h.Del("Referer") // the address before may hold what is not for others
}

// elsewhere reports whether redirects have led a request away from where the
// first one went. It stays so when a later hop leads back: that hop was chosen
// by a stranger.
func elsewhere(req *http.Request) bool {
	here := req
	for hops := 0; here.Response != nil && here.Response.Request != nil && hops <= 2*maxRedirects; hops++ {
		before := here.Response.Request
		if origin(before.URL) != origin(here.URL) {
			return true
		}
		here = before
	}
	return false
}

// origin is what two addresses have in common that belong to one server.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// unnamed leaves the host out of the fault of a request that redirects have led
// away: its name was chosen by who answered, and may hold what that one was
// shown, as a token.
func unnamed(req *http.Request, err error) error {
	if !elsewhere(req) {
		return err
	}
	fault := &rampforge.Error{Code: rampforge.CodeExternal, Details: map[string]any{"reason": ReasonUnreachable}}
	if known, ok := errors.AsType[*rampforge.Error](err); ok {
		fault.Code, fault.Details, fault.RetryAfter = known.Code, known.Details, known.RetryAfter
	} else if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		return err // of a connection, which goes by numbers
	}
	fault.Message = "A redirect leads to a host that cannot be found, does not answer or has no certificate that is trusted: check the address."
	if fault.Details["reason"] == ReasonBlocked {
		fault.Message = "A redirect leads to an address that must not be reached from here: if that is meant, add its host to OUTBOUND_ALLOW."
	}
	return fault
}
