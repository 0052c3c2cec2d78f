package httpclient

import (
	"net/http"
	"net/url"
	"strings"
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
		return blocked("A redirect leads a request with a body to %s, which is not followed", cut(req.URL.Hostname(), 80))
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
