package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// recorder remembers what was answered, for the access line and the metrics.
type recorder struct {
	http.ResponseWriter
	status int // 0 while nothing was answered
	bytes  int64
	// asked is the request, when the answer may be compressed before it comes here.
	asked *http.Request

	reader  time.Duration // for the next part to be taken
	ownTime bool          // the handler sees to that by itself
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
		w.begin(w.status)
	}
	n, err := w.writeParts(p)
	w.bytes += int64(n)
	return n, err
}

// begin sees to what is answered before its header goes out.
func (w *recorder) begin(status int) {
	w.patient()
	if w.asked != nil {
		w.weaken(w.asked, status)
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serve is the way of every request: facts, headers, CORS, limits, route.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	req := a.newRequest(w, r)
	ctx, span := a.startSpan(r)
	ctx = context.WithValue(ctx, requestKey{}, req)
	ctx = telemetry.With(ctx, slog.String("request_id", req.id))
	r = r.WithContext(ctx)
	req.http = r
	rec := &recorder{ResponseWriter: w, reader: a.patience.Reader}
	defer func() {
		defer func() { endSpan(span, r, req, rec.status) }() // also when half an answer is broken off
		a.recovered(rec, r, recover())
		a.finish(rec, r, req, time.Since(start))
	}()
	// That of the answer before it, on the same connection, is over.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	defaultHeaders(rec.Header(), req.id)
	if a.cors.answer(rec, r) {
		return
	}
	leave, room := a.enter(r)
	if !room {
		writeError(rec, r, errBusy)
		return
	}
	defer leave()
	if err := readableURL(r.URL); err != nil {
		writeError(rec, r, err)
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		// The connection's own writer, so that net/http learns to close it.
		r.Body = http.MaxBytesReader(w, r.Body, a.maxBody(r))
	}
	a.route(rec, r)
}

// Values of headers that every answer has. They are slices because that is
// what a header holds: nothing is allocated for them.
var (
	nosniff        = []string{"nosniff"}
	deny           = []string{"DENY"}
	noReferrer     = []string{"no-referrer"}
	noStore        = []string{"no-store"}
	sameOrigin     = []string{"same-origin"}
	nothingAllowed = []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	// No page of the product asks for any of these.
	noFeatures = []string{"accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), usb=()"}
)

func defaultHeaders(h http.Header, id string) {
	h["X-Content-Type-Options"] = nosniff
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = noReferrer
	h["Cache-Control"] = noStore
	h["Content-Security-Policy"] = nothingAllowed
	h["Permissions-Policy"] = noFeatures
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["X-Request-Id"] = []string{id}
}

// readableURL refuses addresses that hold what no id or filter can: the
// database would fail on them.
func readableURL(u *url.URL) error {
	if !utf8.ValidString(u.Path) || strings.ContainsFunc(u.Path, isControl) {
		return rampforge.Errorf(rampforge.CodeNotFound, "There is nothing at this address.")
	}
	if !strings.ContainsAny(u.RawQuery, "%;") {
		return nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "query", Issue: "must be written as name=value&name=value, with percent-encoding"})
	}
	for name, values := range query {
		for _, v := range append(values, name) {
			if !utf8.ValidString(v) || strings.ContainsFunc(v, isControl) {
				return rampforge.Invalid(rampforge.FieldIssue{Field: storable(name), Issue: "must be valid UTF-8 text without control characters"})
			}
		}
	}
	return nil
}

// route hands the request to its handler. The mux answers unknown paths and
// methods with plain text, so that those are found here first; its own
// redirects to clean paths stay.
func (a *API) route(w *recorder, r *http.Request) {
	h, pattern := a.mux.Handler(r)
	if pattern != "" {
		a.answer(w, r, pattern)
		return
	}
	// Clients of the FastAPI kind write /api/v1/projects/. The path without the
	// slash is meant, and is served as it is: a redirect makes some clients
	// drop the Authorization header or the body.
	if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != r.URL.Path && trimmed != "" {
		without := r.Clone(r.Context())
		without.URL.Path, without.URL.RawPath = trimmed, ""
		if _, pattern := a.mux.Handler(without); pattern != "" {
			a.answer(w, without, pattern)
			r.Pattern = without.Pattern
			return
		}
	}
	var probe probe
	h.ServeHTTP(&probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		writeError(w, r, rampforge.Errorf(rampforge.CodeNotFound, "%s", a.nothingHere()))
		return
	}
	allow := probe.Header().Get("Allow")
	w.Header().Set("Allow", allow)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeError(w, r, rampforge.Errorf(rampforge.CodeMethodNotAllowed, "This address takes %s only.", allow))
}

// answer lets the mux answer, and compresses what may be.
func (a *API) answer(w *recorder, r *http.Request, pattern string) {
	if a.compressed == nil || !compressible(pattern) {
		a.mux.ServeHTTP(w, r)
		return
	}
	w.asked = r
	a.compressed.ServeHTTP(w, r)
}

func (a *API) nothingHere() string {
	if a.options.HealthOnly {
		return "This process works jobs and answers nothing but its health: ask one that serves the API."
	}
	return "There is nothing at this address."
}

// probe takes the answer of a handler.
type probe struct {
	header http.Header
	status int
	text   []byte
}

// Header implements http.ResponseWriter.
func (p *probe) Header() http.Header {
	if p.header == nil {
		p.header = http.Header{}
	}
	return p.header
}

// WriteHeader implements http.ResponseWriter.
func (p *probe) WriteHeader(status int) { p.status = status }

// Write implements http.ResponseWriter.
func (p *probe) Write(text []byte) (int, error) {
	p.text = append(p.text, text...)
	return len(text), nil
}

// recovered turns a panic into an error, so that one request's fault is not
// everybody's.
func (a *API) recovered(w *recorder, r *http.Request, cause any) {
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	if r.Context().Err() != nil {
		return // huma panics when it writes to a client that went away
	}
	a.options.Logger.LogAttrs(r.Context(), slog.LevelError, "panic while serving", slog.String("method", knownMethod(r.Method)), slog.String("route", routeOf(r.Pattern)),
		slog.Any("panic", panicked{cause}), slog.String("stack", string(debug.Stack())))
	if w.status != 0 {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	writeError(w, r, rampforge.Errorf(rampforge.CodeInternal, "Internal server error"))
}

// panicked is what somebody panicked with, as an error.
type panicked struct{ cause any }

func (p panicked) Error() string { return fmt.Sprint(p.cause) }

func (p panicked) Unwrap() error {
	err, _ := p.cause.(error)
	return err
}

// finish writes the access line and counts the request. The query is left out:
// it may hold what nobody should read.
func (a *API) finish(w *recorder, r *http.Request, req *request, took time.Duration) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.patient() // what is buffered goes out after this
	a.metrics.observe(r, w.status, took)
	level := slog.LevelInfo
	if strings.HasPrefix(r.URL.Path, "/api/health") && w.status == http.StatusOK {
		level = slog.LevelDebug // a load balancer asks every few seconds
	}
	if !a.options.Logger.Enabled(r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs, slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", w.status),
		slog.Int64("bytes", w.bytes), slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("address", req.address))
	if req.signedIn {
		attrs = append(attrs, slog.String("user_id", req.identity.User.ID))
	}
	a.options.Logger.LogAttrs(r.Context(), level, "request", attrs...)
}
