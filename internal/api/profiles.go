package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// maxProfile bounds how long a profile is taken.
const maxProfile = 60 * time.Second

// profileWait is how long a profile waits for another one to be done: the end of
// one is told before its turn ends.
const profileWait = time.Second

// Profiles returns GET /debug/pprof/, for a listener of its own. It asks for an
// administrator's token with the scope of one, or for the token of the metrics;
// open is for a listener that only this machine reaches, which asks for nothing.
// One profile is taken at a time, for a minute at most.
func (a *API) Profiles(open bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	turn := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := a.newRequest(w, r)
		ctx := telemetry.With(context.WithValue(r.Context(), requestKey{}, req), slog.String("request_id", req.id))
		defaultHeaders(w.Header(), req.id)
		r = r.WithContext(ctx)
		if !open || !namesThisMachine(r.Host) {
			if err := a.mayProfile(ctx, req, r.Header.Get("Authorization")); err != nil {
				writeError(w, r, err)
				return
			}
		}
		if err := boundedProfile(r); err != nil {
			writeError(w, r, err)
			return
		}
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-time.After(profileWait):
			writeError(w, r, &rampforge.Error{Code: rampforge.CodeRateLimited, Message: "Somebody takes a profile now: try again when it is done.", RetryAfter: maxProfile})
			return
		}
		a.options.Logger.InfoContext(ctx, "a profile is taken", slog.String("path", r.URL.Path), slog.String("address", req.address))
		mux.ServeHTTP(w, r)
	})
}

func (a *API) mayProfile(ctx context.Context, req *request, header string) error {
	if a.isMetricsToken(bearerOf(header)) {
		return nil
	}
	if err := a.signIn(ctx, req, header); err != nil {
		return err
	}
	return allowed(req.identity, route{method: http.MethodGet, policy: admins})
}

// isMetricsToken compares hashes, so that neither content nor length shows in
// the time.
func (a *API) isMetricsToken(token string) bool {
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(a.options.MetricsToken))
	return a.options.MetricsToken != "" && subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

func boundedProfile(r *http.Request) error {
	text := r.URL.Query().Get("seconds")
	if text == "" {
		return nil
	}
	if n, err := strconv.ParseFloat(text, 64); err != nil || !(n >= 0 && n <= maxProfile.Seconds()) {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "seconds", Issue: "must be a number from 0 to 60"})
	}
	return nil
}

// namesThisMachine keeps web pages out whose own name was made to lead here.
func namesThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
