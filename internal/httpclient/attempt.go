package httpclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
)

// maxWhole is the longest answer that is read as a whole before the caller
// gets it, so that one which breaks off can be asked for again.
const maxWhole = 1 << 20

// errTimeout is the cause of an attempt that took too long. It wraps
// context.DeadlineExceeded, so that it counts as a time-out everywhere.
var errTimeout = fmt.Errorf("the attempt took too long: %w", context.DeadlineExceeded)

// attempt is one request and its answer: bounded in time, its answer read as a
// whole when it is short.
type attempt struct {
	next    http.RoundTripper
	timeout time.Duration // negative: none
	now     func() time.Time
	observe func(class string, took time.Duration)
	vendor  rampforge.ServiceType
}

func (t *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	span := startSpan(req, t.vendor)
	res, err := t.send(req)
	endSpan(span, res, err)
	return res, err
}

func (t *attempt) send(req *http.Request) (*http.Response, error) {
	begin := t.now()
	ctx, cancel := context.WithCancelCause(req.Context())
	stop := func() bool { return true }
	if t.timeout > 0 {
		stop = time.AfterFunc(t.timeout, func() { cancel(errTimeout) }).Stop
	}
	end := func() { stop(); cancel(nil) }
	res, err := t.next.RoundTrip(req.WithContext(ctx))
	if err == nil {
		err = read(res, stop, end)
	}
	if err != nil {
		err = explain(ctx, req.URL.Hostname(), err, t.timeout)
		end()
		t.observe(classOf(nil, err), t.now().Sub(begin))
		return nil, err
	}
	res.Request = req
	t.observe(classOf(res, nil), t.now().Sub(begin))
	if rest, ok := res.Body.(*rest); ok {
		rest.explain = func(err error) error { return explain(ctx, req.URL.Hostname(), err, t.timeout) }
	}
	return res, nil
}

// read takes a short body in whole. A longer one stays a stream behind what
// was read of it, and a stream of events is not waited for at all: its time is
// its reader's.
func read(res *http.Response, stop func() bool, end func()) error {
	if res.StatusCode == http.StatusSwitchingProtocols {
		stop()
		return nil
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		stop()
		res.Body = &rest{Reader: res.Body, body: res.Body, end: end}
		return nil
	}
	kept, ok := buffers.Get().(*bytes.Buffer)
	if !ok {
		kept = new(bytes.Buffer)
	}
	kept.Reset()
	n, err := io.CopyN(kept, res.Body, maxWhole+1)
	switch {
	case errors.Is(err, io.EOF):
		_ = res.Body.Close()
		end()
		res.Body = newWhole(bytes.Clone(kept.Bytes())) // no longer than it is: it may be remembered
		buffers.Put(kept)
		return nil
	case err != nil:
		_ = res.Body.Close()
		buffers.Put(kept)
		return fmt.Errorf("after %d bytes of the answer: %w", n, err)
	}
	res.Body = &rest{Reader: io.MultiReader(kept, res.Body), body: res.Body, end: end}
	return nil
}

// buffers are what answers of unknown length are read into. None is larger
// than about twice maxWhole.
var buffers sync.Pool

// whole is a body that was read to its end.
type whole struct {
	bytes.Reader
	content []byte
}

func newWhole(content []byte) *whole {
	w := &whole{content: content}
	w.Reset(content)
	return w
}

func (*whole) Close() error { return nil }

// rest is a body that is still being received.
type rest struct {
	io.Reader
	body    io.Closer
	end     func()
	explain func(error) error
}

func (r *rest) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && r.explain != nil {
		err = r.explain(err)
	}
	return n, err
}

func (r *rest) Close() error {
	err := r.body.Close()
	r.end()
	return err
}

// explain turns what the network said into a sentence, and leaves alone what
// is one already. What the caller itself has ended stays the caller's error.
func explain(ctx context.Context, host string, err error, timeout time.Duration) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errTimeout):
		return failed(errors.Join(cause, err), "%s did not answer in whole within %s.", host, timeout)
	case cause != nil:
		return cause
	}
	if _, ok := errors.AsType[*rampforge.Error](err); ok {
		return err
	}
	return failed(err, "The connection to %s failed or broke off.", host)
}

func failed(err error, format string, args ...any) *rampforge.Error {
	return &rampforge.Error{
		Code: rampforge.CodeExternal, Message: fmt.Sprintf(format, args...),
		Details: map[string]any{"reason": ReasonUnreachable}, Err: err,
	}
}

// classOf names the outcome of an attempt for metrics: 1xx to 5xx, timeout,
// cancelled or error.
func classOf(res *http.Response, err error) string {
	switch {
	case res != nil:
		return fmt.Sprintf("%dxx", res.StatusCode/100)
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "error"
}
