package mcpclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// ways returns the transports to try, in order. A path that ends in /sse is
// the older of the two HTTP transports; anything else is tried by the present
// one first, as the protocol advises.
func (s *Session) ways() []way {
	endpoint := s.options.Service.Endpoint
	if name, ok := Program(endpoint); ok {
		return []way{func(ctx context.Context, _ *atomic.Bool) (mcp.Transport, func(), error) { return s.start(ctx, name) }}
	}
	client := func(long *atomic.Bool) (*http.Client, *spoken) {
		var c http.Client
		if s.options.Client != nil {
			c = *s.options.Client
		}
		speak := &spoken{next: c.Transport, header: s.options.Header, answered: &s.answered, long: long}
		c.Transport = speak
		return &c, speak
	}
	streamable := func(_ context.Context, long *atomic.Bool) (mcp.Transport, func(), error) {
		c, speak := client(long)
		speak.answers, speak.attempts, speak.timeout = true, s.options.Service.RetryAttempts, s.timeout()
		// Nothing is ever waited for that was not asked for: no stream stays open.
		return &mcp.StreamableClientTransport{Endpoint: endpoint, HTTPClient: c, MaxRetries: -1, DisableStandaloneSSE: true, MaxEventSize: maxMessage}, func() {}, nil
	}
	events := func(_ context.Context, long *atomic.Bool) (mcp.Transport, func(), error) {
		c, _ := client(long)
		return &mcp.SSEClientTransport{Endpoint: endpoint, HTTPClient: c, MaxEventSize: maxMessage}, func() {}, nil
	}
	if u, err := url.Parse(endpoint); err == nil && strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/sse") {
		return []way{events}
	}
	return []way{streamable, events}
}

// spoken gives requests their credentials, and says of refusals what they are:
// the library keeps of a status only its words.
type spoken struct {
	next     http.RoundTripper
	header   http.Header
	answered *atomic.Bool
	long     *atomic.Bool
	answers  bool          // a call is answered by the answer to its request, as by streamable HTTP
	attempts int           // after the first, of calls whose answer came damaged
	timeout  time.Duration // of an answer, from its header on
}

// RoundTrip implements http.RoundTripper.
func (t *spoken) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.answers {
		if id, ok := callOf(req); ok {
			return t.patiently(req, id)
		}
	}
	return t.send(req)
}

// send sends a request once.
func (t *spoken) send(req *http.Request) (*http.Response, error) {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	ctx := req.Context()
	if req.Method == http.MethodPost {
		ctx = httpclient.Safe(ctx) // tools of a profile only read
	}
	req = req.Clone(ctx)
	maps.Copy(req.Header, t.header)
	res, err := next.RoundTrip(req)
	t.answered.Store(err == nil)
	if err != nil {
		return nil, err
	}
	refused := statusError(res.StatusCode)
	if res.StatusCode == http.StatusBadRequest && badHeader(res) {
		refused = statusError(http.StatusUnauthorized)
	}
	if refused != nil {
		_ = res.Body.Close()
		return nil, refused
	}
	res.Body = &bounded{ReadCloser: res.Body, events: strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream"), long: t.long}
	return res, nil
}

// maxWords is how much of a refusal is looked at, in bytes.
const maxWords = 1 << 10

// badHeader reports whether a request was bad by its credentials: GitHub's
// server says so of a token that does not look like one.
func badHeader(res *http.Response) bool {
	words, err := io.ReadAll(io.LimitReader(res.Body, maxWords))
	if err != nil {
		return false // the library meets it again
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(words), res.Body), res.Body}
	return bytes.Contains(bytes.ToLower(words), []byte("authorization header"))
}

// statusError is the error of a status by which a server says that it is no
// use to ask in another way. 400, 404 and 405 are how servers of another era
// answer, and are the library's to understand.
func statusError(status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return connector.Errorf(connector.ReasonAuthentication, "The MCP server refuses the credentials.", "Enter new credentials.", nil)
	case status == http.StatusForbidden:
		return connector.Errorf(connector.ReasonPermission, "The MCP server does not let these credentials in.", "Give them permission to use the server, or enter others.", nil)
	case status == http.StatusTooManyRequests:
		return connector.Errorf(connector.ReasonRateLimited, "The MCP server's rate limit is used up.", "Wait, and lower the service's rate limits if it happens often.", nil)
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return connector.Errorf(connector.ReasonVendor, "The MCP server failed.", "Try again later; if it stays so, look into the MCP server's own log.", nil)
	}
	return nil
}

// spokenError makes an error of a JSON-RPC error: some servers tell in this
// way what others tell in a result. Other errors it leaves alone.
func spokenError(err error) error {
	told, ok := errors.AsType[*jsonrpc.Error](err)
	if !ok || lost(err) {
		return err
	}
	if _, ours := errors.AsType[*url.Error](err); ours || connector.Reason(err) != "" {
		return err // of the client: the library says with an error of its own that the request did not come through
	}
	switch told.Code {
	case jsonrpc.CodeMethodNotFound:
		return Unsupported()
	case jsonrpc.CodeParseError, jsonrpc.CodeInvalidRequest:
		return malformed()
	}
	return refusal(told.Message)
}

// Program returns the name of the program of an endpoint such as
// "stdio:github", and false when the endpoint is none of that kind.
func Program(endpoint string) (name string, ok bool) {
	scheme, name, found := strings.Cut(endpoint, ":")
	if !found || !strings.EqualFold(scheme, "stdio") {
		return "", false
	}
	return strings.TrimSpace(strings.TrimPrefix(name, "//")), true
}
