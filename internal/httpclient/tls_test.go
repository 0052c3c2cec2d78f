package httpclient_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// TestTLSIsOfToday looks at what the client offers: TLS 1.2 and 1.3, the latter
// first, and no cipher that is known to be weak. A server whose certificate
// nobody of the machine's authorities signed learns nothing more.
func TestTLSIsOfToday(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var offered []tls.ClientHelloInfo
	asked := false
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		mu.Lock()
		offered = append(offered, *hello)
		mu.Unlock()
		return nil, nil //nolint:nilnil // the server's own
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	g := guard(t, httpclient.Options{Resolver: resolver(map[string][]string{"example.com": {"127.0.0.1"}}), Allow: []string{"127.0.0.1"}})
	for _, host := range []string{"127.0.0.1", "example.com"} { // the certificate has both names
		if body, err := get(t, g.Client(httpclient.ClientOptions{}), "https://"+host+":"+u.Port()); err == nil {
			t.Errorf("%s: a certificate that nobody vouches for is trusted: %q", host, body)
		}
	}
	if asked {
		t.Error("a request was sent to a server that is not trusted")
	}
	mu.Lock()
	defer mu.Unlock()
	if len(offered) == 0 {
		t.Fatal("nobody connected")
	}
	weak := map[uint16]string{}
	for _, suite := range tls.InsecureCipherSuites() {
		weak[suite.ID] = suite.Name
	}
	for _, hello := range offered {
		if len(hello.SupportedVersions) == 0 || hello.SupportedVersions[0] != tls.VersionTLS13 || slices.Min(hello.SupportedVersions) < tls.VersionTLS12 {
			t.Errorf("the versions %x are offered", hello.SupportedVersions)
		}
		for _, id := range hello.CipherSuites {
			if weak[id] != "" {
				t.Errorf("%s is offered", weak[id])
			}
		}
	}
}

// TestOldTLSIsRefused by a server that knows nothing newer.
func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came by old TLS") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // it is what the test is about
	server.StartTLS()
	t.Cleanup(server.Close)
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}})
	if _, err := get(t, g.Client(httpclient.ClientOptions{}), server.URL); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}
