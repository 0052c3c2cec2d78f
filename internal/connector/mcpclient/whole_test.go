package mcpclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// way stands before a server, counts what comes by method, and spoils the first
// answers to calls.
type way struct {
	next  http.Handler
	spoil func(w http.ResponseWriter, r *http.Request, id string, good []byte)

	mu    sync.Mutex
	left  int
	asked map[string]int
}

func (d *way) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	var call struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	_ = json.Unmarshal(text, &call)
	d.mu.Lock()
	d.asked[call.Method]++
	spoilt := call.Method == "tools/call" && d.left > 0
	if spoilt {
		d.left--
	}
	d.mu.Unlock()
	if !spoilt {
		d.next.ServeHTTP(w, r)
		return
	}
	kept := httptest.NewRecorder()
	d.next.ServeHTTP(kept, r)
	w.Header().Set("Content-Type", kept.Header().Get("Content-Type"))
	d.spoil(w, r, string(call.ID), kept.Body.Bytes())
}

func (d *way) of(method string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked[method]
}

// behind returns a session that may ask again twice, and what is on its way.
func behind(t *testing.T, next http.Handler, timeout, spoilt int, spoil func(http.ResponseWriter, *http.Request, string, []byte)) (*mcpclient.Session, *way) {
	t.Helper()
	d := &way{next: next, spoil: spoil, left: spoilt, asked: map[string]int{}}
	return session(t, mcpclient.Options{Service: rampforge.Service{Endpoint: listen(t, d), Timeout: timeout, RetryAttempts: 2}}), d
}

func put(text string) func(http.ResponseWriter, *http.Request, string, []byte) {
	return func(w http.ResponseWriter, _ *http.Request, _ string, _ []byte) { _, _ = io.WriteString(w, text) }
}

// stuck sends half of an answer and then nothing.
func stuck(w http.ResponseWriter, r *http.Request, _ string, good []byte) {
	_, _ = w.Write(good[:len(good)/2])
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// damage is what happens to answers, and how a call ends that meets it too often.
type damage struct {
	spoil  func(http.ResponseWriter, *http.Request, string, []byte)
	reason string
}

var damages = map[string]damage{
	"a page": {func(w http.ResponseWriter, _ *http.Request, _ string, _ []byte) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>sign in</html>")
	}, connector.ReasonMalformed},
	"half": {func(w http.ResponseWriter, _ *http.Request, _ string, good []byte) {
		_, _ = w.Write(good[:len(good)/2])
	}, connector.ReasonMalformed},
	"nothing": {put(""), connector.ReasonMalformed},
	"of another call": {func(w http.ResponseWriter, _ *http.Request, id string, good []byte) {
		_, _ = w.Write(bytes.Replace(good, []byte(`"id":`+id), []byte(`"id":`+id+`00`), 1))
	}, connector.ReasonMalformed},
	"of no call": {put(`{"jsonrpc":"2.0","method":"notifications/message","params":{}}`), connector.ReasonMalformed},
	"stuck":      {stuck, connector.ReasonTimeout},
}

// TestADamagedAnswerCostsNoConnection damages answers of calls: they are asked
// for again as often as the service may, and no connection is made anew.
func TestADamagedAnswerCostsNoConnection(t *testing.T) {
	t.Parallel()
	get := func(*http.Request) *mcp.Server { return server() }
	var all sync.WaitGroup // and no subtests: nearly all of this is waiting
	for form, handler := range map[string]http.Handler{
		"JSON":   mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}),
		"events": mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true}),
	} {
		for name, damage := range damages {
			all.Go(func() { damage.met(t, form+", "+name, handler) })
		}
	}
	all.Wait()
}

// met has answers damaged twice, and then once too often.
func (d damage) met(t *testing.T, name string, handler http.Handler) {
	t.Helper()
	timeout := 20
	if d.reason == connector.ReasonTimeout {
		timeout = 1
	}
	c, way := behind(t, handler, timeout, 2, d.spoil)
	said(t, c, "again")
	if n := way.of("tools/call"); n != 3 || way.of("server/discover") != 1 || way.of("tools/list") != 1 {
		t.Errorf("%s: %v", name, way.asked)
	}
	c, way = behind(t, handler, timeout, 3, d.spoil)
	_, err := c.Call(t.Context(), map[string]any{"text": "x"}, echo)
	if n := way.of("tools/call"); connector.Reason(err) != d.reason || n != 3 {
		t.Errorf("%s: %v after %d calls, want %s", name, err, n, d.reason)
	}
	said(t, c, "still there")
	if way.of("server/discover") != 1 {
		t.Errorf("%s: %v", name, way.asked)
	}
}

// TestADoubledAnswer is good where the first of two events is the answer, and
// damaged where what comes is no JSON.
func TestADoubledAnswer(t *testing.T) {
	t.Parallel()
	get := func(*http.Request) *mcp.Server { return server() }
	twice := func(w http.ResponseWriter, _ *http.Request, _ string, good []byte) {
		_, _ = w.Write(append(good, good...))
	}
	for calls, handler := range map[int]http.Handler{
		2: mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}),
		1: mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true}),
	} {
		c, d := behind(t, handler, 20, 1, twice)
		said(t, c, "twice")
		if n := d.of("tools/call"); n != calls {
			t.Errorf("%d calls, want %d", n, calls)
		}
	}
}

// TestAServerThatAsksBeforeItAnswers is answered while the call waits.
func TestAServerThatAsksBeforeItAnswers(t *testing.T) {
	t.Parallel()
	answered := make(chan struct{})
	var once sync.Once
	s := stateless(server())
	c, _ := behind(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if bytes.Contains(text, []byte(`"of ours"`)) && !bytes.Contains(text, []byte(`"method"`)) {
			once.Do(func() { close(answered) })
			w.WriteHeader(http.StatusAccepted)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		s.ServeHTTP(w, r)
	}), 20, 1, func(w http.ResponseWriter, r *http.Request, _ string, good []byte) {
		_, _ = io.WriteString(w, ": hello\r\n\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\ndata: \"id\":\"of ours\",\"method\":\"ping\"}\n\n")
		w.(http.Flusher).Flush()
		select {
		case <-answered:
			_, _ = w.Write(good)
		case <-r.Context().Done():
		}
	})
	said(t, c, "pinged")
}

// TestWhatAToolTellsOfItsVendor is asked for again where the vendor was busy or
// away, and nowhere else.
func TestWhatAToolTellsOfItsVendor(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for words, want := range map[string]struct {
		calls  int
		reason string
	}{
		"error 502 Bad Gateway":               {3, connector.ReasonVendor},
		"Request failed with status code 500": {3, connector.ReasonVendor},
		"connect ECONNREFUSED 10.0.0.1:443":   {3, connector.ReasonUnreachable},
		"HTTP/1.1 501":                        {1, connector.ReasonVendor},
		"error 404":                           {1, connector.ReasonNotFound},
		"error 422":                           {1, connector.ReasonVendor},
		"error 429":                           {1, connector.ReasonRateLimited},
		"something else":                      {1, connector.ReasonVendor},
		"Invalid arguments: author: null":     {1, connector.ReasonMalformed},
	} {
		all.Go(func() {
			told := func(w http.ResponseWriter, _ *http.Request, id string, _ []byte) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":%q}}`, id, words)
			}
			c, d := behind(t, stateless(server()), 20, 9, told)
			_, err := c.Call(t.Context(), map[string]any{"text": "x"}, echo)
			if n := d.of("tools/call"); connector.Reason(err) != want.reason || n != want.calls || d.of("server/discover") != 1 {
				t.Errorf("%q: %v after %d calls, want %+v", words, err, n, want)
			}
		})
	}
	all.Wait()
}

// refusing is a client that lets no call through.
type refusing struct{ err error }

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	if text, err := io.ReadAll(body); err != nil || strings.Contains(string(text), `"tools/call"`) {
		return nil, f.err
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestALimitWithinACall is told as one, with when to come back.
func TestALimitWithinACall(t *testing.T) {
	t.Parallel()
	used := &rampforge.Error{Code: rampforge.CodeRateLimited, Message: "Used up.", RetryAfter: time.Minute}
	c := session(t, mcpclient.Options{Service: rampforge.Service{Endpoint: listen(t, stateless(server()))}, Client: &http.Client{Transport: refusing{used}}})
	_, err := c.Call(t.Context(), map[string]any{"text": "x"}, echo)
	told, _ := errors.AsType[*rampforge.Error](err)
	if connector.Reason(err) != connector.ReasonRateLimited || told.RetryAfter != time.Minute {
		t.Errorf("%v", err)
	}
}

// TestWaitingIsNoPartOfAnAnswersTime has a client that waits for its turn for
// longer than an answer may take.
func TestWaitingIsNoPartOfAnAnswersTime(t *testing.T) {
	t.Parallel()
	c := session(t, mcpclient.Options{Service: rampforge.Service{Endpoint: listen(t, stateless(server())), Timeout: 1}, Client: &http.Client{Transport: waiting{}}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.Call(ctx, map[string]any{"text": "x"}, echo); err != nil {
		t.Error(err)
	}
}

type waiting struct{}

func (waiting) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(1200 * time.Millisecond):
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	return http.DefaultTransport.RoundTrip(r)
}
