package mcpclient

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// Answer is what the vendor's API would have answered.
type Answer struct {
	JSON   json.RawMessage
	Header http.Header // Link and the like; may be nil
}

// Handler answers one kind of request by calls of tools. PathValue gives the
// parts of the path that the pattern names. An error of connector is handed to
// the one who asked as it is.
type Handler func(*http.Request) (Answer, error)

// NewBridge returns a client whose requests are answered by handlers, each
// under a pattern of http.ServeMux ("GET /repos/{owner}/{repo}/issues").
// A request that no pattern fits is ReasonUnsupported: no tool gives that.
func NewBridge(handlers map[string]Handler) *http.Client {
	mux := http.NewServeMux()
	for pattern, h := range handlers {
		mux.Handle(pattern, route{h})
	}
	return &http.Client{Transport: bridge{mux}}
}

type bridge struct{ mux *http.ServeMux }

// RoundTrip implements http.RoundTripper.
func (b bridge) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if _, pattern := b.mux.Handler(req); pattern == "" {
		return nil, Unsupported()
	}
	w := &recorder{}
	b.mux.ServeHTTP(w, req)
	if w.err != nil {
		return nil, w.err
	}
	h := w.answer.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(w.answer.JSON)))
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(w.answer.JSON)), ContentLength: int64(len(w.answer.JSON)), Request: req,
	}, nil
}

// Unsupported is the error of what no tool of a server gives.
func Unsupported() error {
	return connector.Errorf(connector.ReasonUnsupported, "The MCP server has no tool for that.", "Use the vendor's own API (transport rest) to have it.", nil)
}

// route hands a request that the mux has matched to its handler.
type route struct{ handle Handler }

// ServeHTTP implements http.Handler. w is always the bridge's own recorder.
func (r route) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	rec, ok := w.(*recorder)
	if !ok {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	rec.answer, rec.err = r.handle(req)
}

// recorder takes an answer from a handler to the bridge. The mux itself writes
// only what clients of a bridge never ask for: redirects to cleaner paths.
type recorder struct {
	answer Answer
	err    error
	header http.Header
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

func (r *recorder) WriteHeader(int) { r.err = Unsupported() }

func (r *recorder) Write(p []byte) (int, error) {
	r.err = Unsupported()
	return len(p), nil
}
