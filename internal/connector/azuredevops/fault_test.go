package azuredevops_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	for endpoint, ok := range map[string]bool{
		"https://dev.azure.com/contoso": true, "https://dev.azure.com": true, "dev.azure.com/contoso/Project": true, "https://contoso@dev.azure.com/contoso": true,
		"https://contoso.visualstudio.com": true, "https://tfs.example/tfs/DefaultCollection": true, "https://tfs.example/tfs": true, "http://tfs.example:8080": true,
		"https://dev.azure.com/another": false, "": false, "ftp://tfs.example/tfs/c": false, "https://user:secret@tfs.example/tfs/c": false, "https://tfs.example/tfs/c?a=b": false,
	} {
		_, err := azuredevops.Open(connector.Options{
			Service:     rampforge.Service{Endpoint: endpoint},
			Credentials: map[string]string{"organization": "contoso", "personal_access_token": "token"},
		})
		if e, invalid := errors.AsType[*rampforge.Error](err); (err == nil) != ok || err != nil && (!invalid || e.Code != rampforge.CodeInvalid) {
			t.Errorf("%q: %v, want taken: %v", endpoint, err, ok)
		}
	}
	for _, token := range []string{"", " ", "a b", "a\nb", "ä"} {
		_, err := azuredevops.Open(connector.Options{
			Service:     rampforge.Service{Endpoint: "https://dev.azure.com/contoso"},
			Credentials: map[string]string{"organization": "contoso", "personal_access_token": token},
		})
		if err == nil || token == "a b" && strings.Contains(err.Error(), token) {
			t.Errorf("the token %q: %v", token, err)
		}
	}
}

// TestAddresses looks at the first request that goes out for what is typed.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for endpoint, address := range map[string]string{
		"https://dev.azure.com/contoso/Project":      "https://dev.azure.com/contoso/_apis/connectionData",
		"https://dev.azure.com/":                     "https://dev.azure.com/contoso/_apis/connectionData",
		"https://contoso.visualstudio.com":           "https://contoso.visualstudio.com/_apis/connectionData",
		"https://tfs.example/tfs":                    "https://tfs.example/tfs/contoso/_apis/connectionData",
		"https://tfs.example/tfs/DefaultCollection/": "https://tfs.example/tfs/DefaultCollection/_apis/connectionData",
	} {
		got := ""
		c, err := azuredevops.Open(connector.Options{
			Service:     rampforge.Service{Endpoint: endpoint},
			Credentials: map[string]string{"organization": "contoso", "personal_access_token": "token"},
			Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				got, _, _ = strings.Cut(r.URL.String(), "?")
				return nil, errors.New("no further")
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Check(t.Context()); connector.Reason(err) != connector.ReasonUnreachable || got != address {
			t.Errorf("%s asks %s (%v), want %s", endpoint, got, err, address)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestFaults(t *testing.T) {
	t.Parallel()
	const secret = "what the vendor wrote"
	status := func(code int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(`{"message":"` + secret + `"}`))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		reason  string
		wait    time.Duration
	}{
		"429":            {status(429, "Retry-After", "17"), connector.ReasonRateLimited, 17 * time.Second},
		"429 bare":       {status(429), connector.ReasonRateLimited, 5 * time.Minute},
		"429 date":       {status(429, "Retry-After", "Mon, 05 Jan 2026 10:00:30 GMT"), connector.ReasonRateLimited, 30 * time.Second},
		"429 reset":      {status(429, "X-RateLimit-Reset", "1767607260"), connector.ReasonRateLimited, time.Minute},
		"503 throttled":  {status(503, "Retry-After", "9"), connector.ReasonRateLimited, 9 * time.Second},
		"503":            {status(503), connector.ReasonVendor, 0},
		"203":            {status(203, "Content-Type", "text/html"), connector.ReasonAuthentication, 0},
		"403":            {status(403), connector.ReasonPermission, 0},
		"404":            {status(404), connector.ReasonNotFound, 0},
		"400":            {status(400), connector.ReasonUnsupported, 0},
		"504":            {status(504), connector.ReasonTimeout, 0},
		"another thing":  {status(200), connector.ReasonMalformed, 0},
		"anonymous":      {anonymous, connector.ReasonAuthentication, 0},
		"half an answer": {half, connector.ReasonUnreachable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, options := start(t)
			options.Now = func() time.Time { return time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC) }
			c, err := azuredevops.Open(options)
			if err != nil {
				t.Fatal(err)
			}
			fake.Fail(test.handler)
			_, err = c.Check(t.Context())
			e, ok := errors.AsType[*rampforge.Error](err)
			if !ok || connector.Reason(err) != test.reason || e.RetryAfter != test.wait {
				t.Fatalf("%v, want %s after %v", err, test.reason, test.wait)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), azuredevopstest.Token) {
				t.Errorf("the error repeats what it must not: %v", err)
			}
		})
	}
}

func anonymous(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(`{"authenticatedUser":{"id":"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa","providerDisplayName":"Anonymous"}}`))
}

func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"authenticatedUser":`))
}

// TestSignInPage follows a redirect to another host, as Azure DevOps sends it
// for a token that has expired.
func TestSignInPage(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token went to another host")
		}
		_, _ = w.Write([]byte("<html>sign in</html>"))
	}))
	t.Cleanup(elsewhere.Close)
	fake, options := start(t)
	c, err := azuredevops.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	fake.Fail(http.RedirectHandler(other+"/_signin", http.StatusFound))
	if _, err := c.Check(t.Context()); connector.Reason(err) != connector.ReasonAuthentication {
		t.Error(err)
	}
}

// TestRepeating asks servers whose lists have no end.
func TestRepeating(t *testing.T) {
	t.Parallel()
	for stream, body := range map[rampforge.Stream]string{
		rampforge.StreamWorkItems:    `{"values":[],"isLastBatch":false,"continuationToken":"1;1"}`,
		rampforge.StreamSprints:      `{"count":1,"value":[{"id":"00000004-0000-4000-8000-000000000001"}]}`,
		rampforge.StreamPipelineRuns: `{"count":0,"value":[]}`,
		rampforge.StreamDeployments:  `{"count":0,"value":[]}`,
	} {
		fake, options := start(t)
		c, err := azuredevops.Open(options)
		if err != nil {
			t.Fatal(err)
		}
		fake.Fail(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Ms-Continuationtoken", "again")
			_, _ = w.Write([]byte(body))
		}))
		err = nil
		for _, e := range c.Read(t.Context(), rampforge.Resource{ID: "x"}, stream, nil) {
			err = e
		}
		if connector.Reason(err) != connector.ReasonMalformed {
			t.Errorf("%s: %v", stream, err)
		}
	}
}

// bounded is a client that takes no answer longer than so many bytes.
type bounded struct {
	inner http.RoundTripper
	most  int64
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.inner.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, b.most+1))
	_ = res.Body.Close()
	if int64(len(raw)) > b.most {
		return nil, rampforge.Errorf(rampforge.CodeExternal, "The answer is too long.")
	}
	res.Body = io.NopCloser(bytes.NewReader(raw))
	return res, err
}

// TestTooLarge reads work items through a client that takes 3 MB at once, where
// one of them holds a megabyte in each revision.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	fake, options := start(t)
	fake.Lengthen()
	for most, reason := range map[int64]string{3 << 20: "", 1 << 20: connector.ReasonTooLarge} {
		options.Client = &http.Client{Transport: bounded{http.DefaultTransport, most}}
		c, err := azuredevops.Open(options)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for page, e := range c.Read(t.Context(), rampforge.Resource{ID: fake.Project(0)}, rampforge.StreamWorkItems, nil) {
			n, err = n+len(page.Records), e
		}
		if connector.Reason(err) != reason || reason == "" && n != 130 {
			t.Errorf("at most %d bytes: %d work items, %v", most, n, err)
		}
	}
}

// TestOwnClient maps what our own client says.
func TestOwnClient(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err    error
		reason string
		wait   time.Duration
	}{
		{&rampforge.Error{Code: rampforge.CodeRateLimited, Message: "used up", RetryAfter: time.Hour}, connector.ReasonRateLimited, time.Hour},
		{&rampforge.Error{Code: rampforge.CodeExternal, Message: "left alone", Details: map[string]any{"reason": "circuit_open"}, RetryAfter: time.Second}, connector.ReasonUnreachable, time.Second},
		{&rampforge.Error{Code: rampforge.CodeExternal, Message: "too slow", Details: map[string]any{"reason": "unreachable"}, Err: context.DeadlineExceeded}, connector.ReasonTimeout, 0},
		{&rampforge.Error{Code: rampforge.CodeInvalid, Message: "a private address"}, connector.ReasonUnreachable, 0},
	} {
		_, options := start(t)
		options.Client = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, test.err })}
		c, err := azuredevops.Open(options)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Check(t.Context())
		if e, ok := errors.AsType[*rampforge.Error](err); !ok || connector.Reason(err) != test.reason || e.RetryAfter != test.wait {
			t.Errorf("%v became %v", test.err, err)
		}
	}
}
