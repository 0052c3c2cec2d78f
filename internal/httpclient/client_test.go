package httpclient_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// serve starts a server on loopback and returns its port.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func get(t *testing.T, client *http.Client, address string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// TestClientDialsWhatItChecked gives a name that is public when it is checked
// and private when it is used.
func TestClientDialsWhatItChecked(t *testing.T) {
	t.Parallel()
	reached := false
	port := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	service := resolver(map[string][]string{"rebind.example.com": {"93.184.216.34", "127.0.0.1"}})
	g := guard(t, httpclient.Options{Resolver: service, AllowHTTP: true})
	address := "http://rebind.example.com:" + port
	target, err := g.Check(t.Context(), address)
	if err != nil || target.CurlResolve()[0] != "rebind.example.com:"+port+":93.184.216.34" || service.asked != 1 {
		t.Fatalf("the check gives %v, %v after %d questions", target, err, service.asked)
	}
	_, err = get(t, g.Client(httpclient.ClientOptions{}), address)
	wantRefusal(t, address, err, httpclient.ReasonBlocked, "loopback")
	if reached {
		t.Error("a name that was bound again leads inside")
	}
}

func TestClientReachesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	port := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	// The first address does not answer; the second does.
	g := guard(t, httpclient.Options{Resolver: resolver(map[string][]string{"git.example.com": {"127.0.0.9 127.0.0.1"}}), Allow: []string{"127.0.0.0/8"}, AllowHTTP: true})
	if body, err := get(t, g.Client(httpclient.ClientOptions{}), "http://git.example.com:"+port); err != nil || body != "hello" {
		t.Errorf("got %q, %v", body, err)
	}
	nobody := guard(t, httpclient.Options{Resolver: resolver(map[string][]string{"git.example.com": {"127.0.0.9"}}), Allow: []string{"git.example.com"}, AllowHTTP: true})
	_, err := get(t, nobody.Client(httpclient.ClientOptions{}), "http://git.example.com:"+port)
	wantRefusal(t, "a closed port", err, httpclient.ReasonUnreachable, "does not answer")
	_, err = get(t, guard(t, httpclient.Options{}).Client(httpclient.ClientOptions{}), "http://git.example.com:"+port)
	wantRefusal(t, "http", err, httpclient.ReasonBlocked, "OUTBOUND_ALLOW_HTTP")
}

func TestClientChecksEveryHop(t *testing.T) {
	t.Parallel()
	inside := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "inside") })
	var to string
	port := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/end":
			fmt.Fprint(w, "end")
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		default:
			http.Redirect(w, r, to, http.StatusFound)
		}
	})
	// Only the first server's name is allowed; the second is as private.
	service := resolver(map[string][]string{"first.example.com": {"127.0.0.1"}, "second.example.com": {"127.0.0.1"}})
	g := guard(t, httpclient.Options{Resolver: service, Allow: []string{"first.example.com"}, AllowHTTP: true})
	client := g.Client(httpclient.ClientOptions{})
	first := "http://first.example.com:" + port
	for target, host := range map[string]string{
		"http://second.example.com:" + inside: "second", "http://127.0.0.1:" + inside: "127", "http://2130706433:" + inside: "2130706433",
		"ftp://first.example.com/": "ftp", "http://Third.example.com:" + inside: "hird",
	} {
		to = target
		body, err := get(t, client, first+"/go")
		reason := httpclient.ReasonBlocked
		if host == "hird" {
			reason = httpclient.ReasonUnreachable // nobody knows the name
		}
		// What a stranger calls its host is not repeated: it may be what it was shown.
		wantRefusal(t, target, err, reason, "A redirect leads to")
		if said := rampforge.ErrorMessage(err); strings.Contains(said, host) {
			t.Errorf("%s is refused by %q", target, said)
		}
		if body != "" {
			t.Errorf("%s was read: %q", target, body)
		}
	}
	to = "http://user:word@first.example.com:" + port + "/end"
	_, err := get(t, client, first+"/go")
	wantRefusal(t, to, err, httpclient.ReasonBlocked, "password")
	to = "/end"
	if body, err := get(t, client, first+"/go"); err != nil || body != "end" {
		t.Errorf("a harmless redirect gives %q, %v", body, err)
	}
	if _, err := get(t, client, first+"/circle"); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("a circle gives %v", err)
	}
}

func TestClientBoundsTheAnswer(t *testing.T) {
	t.Parallel()
	port := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.Repeat("x", len(r.URL.Path)-1)) })
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	client := g.Client(httpclient.ClientOptions{MaxBytes: 10})
	if body, err := get(t, client, "http://127.0.0.1:"+port+"/"+strings.Repeat("a", 10)); err != nil || len(body) != 10 {
		t.Errorf("10 bytes give %d, %v", len(body), err)
	}
	body, err := get(t, client, "http://127.0.0.1:"+port+"/"+strings.Repeat("a", 11))
	if rampforge.ErrorCode(err) != rampforge.CodeExternal || len(body) != 10 {
		t.Errorf("11 bytes give %d, %v", len(body), err)
	}
}

func TestClientTimesOut(t *testing.T) {
	t.Parallel()
	port := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	_, err := get(t, g.Client(httpclient.ClientOptions{Timeout: 50 * time.Millisecond}), "http://127.0.0.1:"+port)
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v", err)
	}
}

// TestClientUsesNoProxy would connect through it, where no guard looks.
func TestClientUsesNoProxy(t *testing.T) {
	port := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was used") })
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+port)
	t.Setenv("ALL_PROXY", "http://127.0.0.1:"+port)
	g := guard(t, httpclient.Options{Resolver: resolver(map[string][]string{"git.example.com": {"127.0.0.9"}}), Allow: []string{"git.example.com"}, AllowHTTP: true})
	_, err := get(t, g.Client(httpclient.ClientOptions{}), "http://git.example.com:"+port)
	wantRefusal(t, "past the proxy", err, httpclient.ReasonUnreachable, "does not answer")
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"https://example.com/x", "https://127.1/", "https://[::ffff:127.0.0.1]/", "https://a@b@c/", "https://１２７.0.0.1/", "https://%31%32%37.0.0.1/"} {
		f.Add(seed)
	}
	// Nothing resolves, so only literal addresses can pass.
	g, err := httpclient.NewGuard(httpclient.Options{Resolver: resolver(nil), AllowHTTP: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, address string) {
		target, err := g.Check(t.Context(), address)
		if err != nil {
			return
		}
		again, err := g.Check(t.Context(), target.URL)
		if err != nil || again.URL != target.URL || again.Host != target.Host {
			t.Errorf("%q is normalised to %q, and that to %q, %v", address, target.URL, again.URL, err)
		}
		for _, addr := range target.Addrs {
			if addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsUnspecified() || addr.IsMulticast() {
				t.Errorf("%q leads to %s", address, addr)
			}
		}
	})
}
