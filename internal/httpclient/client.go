package httpclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	// dialTimeout is the longest time for one address of a host.
	dialTimeout = 10 * time.Second
	// maxRedirects is how many hops a request may take.
	maxRedirects = 5
)

// ClientOptions bound what a client does. Zero values are the defaults.
type ClientOptions struct {
	Timeout  time.Duration // of one request with its body; 30 s
	MaxBytes int64         // of one response's body; 10 MiB
}

// Client returns a client that reaches permitted addresses only. Every hop of
// a redirect is checked like the first address, and none leaves https for
// http. No proxy is taken from the environment: it would connect where the
// guard does not see it. A response that is longer than allowed ends with an
// error, never short.
func (g *Guard) Client(o ClientOptions) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 10 << 20
	}
	return &http.Client{
		Transport:     &guarded{guard: g, next: g.transport(), maxBytes: o.MaxBytes},
		Timeout:       o.Timeout,
		CheckRedirect: checkHop,
	}
}

func (g *Guard) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            g.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           20,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// checkHop bounds the hops of a redirect and keeps them encrypted.
func checkHop(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return blocked("A redirect leads from https:// to %s://, which is not followed", req.URL.Scheme)
	}
	return nil
}

// DialContext connects to host:port for an http.Transport. It resolves the
// host, checks every address, and connects to one of those by its number, so
// that a name which changes its meaning in between gains nothing.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host, err := normalHost(name)
	if err != nil {
		return nil, blocked("The host %q %v", cut(name, 80), err)
	}
	addrs, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, addr := range addrs {
		conn, err := g.dial(ctx, network, net.JoinHostPort(addr.String(), port))
		if err == nil {
			return conn, nil
		}
		faults = append(faults, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, &rampforge.Error{
		Code: rampforge.CodeExternal, Message: fmt.Sprintf("The host %s does not answer: check the address, and try again later.", host),
		Details: map[string]any{"reason": ReasonUnreachable}, Err: errors.Join(faults...),
	}
}

// guarded checks the address of every request, redirects included, and bounds
// the response.
type guarded struct {
	guard    *Guard
	next     http.RoundTripper
	maxBytes int64
}

func (t *guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, _, _, err := t.guard.parse(req.URL.String()); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // RoundTrip closes it, on errors too
		}
		return nil, unnamed(req, err)
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, unnamed(req, err)
	}
	res.Body = &boundedBody{body: res.Body, left: t.maxBytes, max: t.maxBytes}
	return res, nil
}

// errTooLong is the cause of an answer that is longer than allowed.
var errTooLong = errors.New("too long")

type boundedBody struct {
	body      io.ReadCloser
	left, max int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLong()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more shows that there is more
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, b.tooLong()
	}
	return n, err
}

func (b *boundedBody) tooLong() error {
	return rampforge.Wrap(rampforge.CodeExternal, errTooLong, fmt.Sprintf("The answer is longer than %d bytes.", b.max))
}

func (b *boundedBody) Close() error { return b.body.Close() }
