package main

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/bench/services"
)

// scale measures requests per second of one to so many API replicas behind a
// proxy that goes round. Jobs are another process's, which also made what the
// traffic is about. Each replica has a part of a processor: on one machine they
// would share what it has, and nothing could be seen of how they scale.
func scale(ctx context.Context, o options, b *backing) error {
	_, w, end, err := setUp(o, b)
	if err != nil {
		return err
	}
	defer end()
	var targets []string
	one := 0.0
	for n := 1; n <= o.replicas; n++ {
		address, end, err := replica(o, b)
		if err != nil {
			return err
		}
		defer end()
		targets = append(targets, address)
		through, endProxy, err := roundRobin(targets)
		if err != nil {
			return err
		}
		w.drive(ctx, through, o, pace{lasts: o.find / 4}) // connections and caches
		r := w.drive(ctx, through, o, pace{lasts: o.find})
		endProxy()
		if n == 1 {
			one = r.perSecond
		}
		p := percentilesOf(r.plainBetween(0, math.Inf(1)))
		report(map[string]any{
			"database": "postgres and redis", "what": "replicas", "replicas": n, "processors_of_each": o.processors, "per_second": round(r.perSecond), "per_replica": round(r.perSecond / float64(n)),
			"times_one": round(r.perSecond / one), "plain_p99_ms": p.p99, "errors": r.errors, "first_error": r.first, "load_average": loadAverage(),
		})
	}
	return nil
}

// replica starts one more API server over the same database. Where its
// processors cannot be limited, that is told, and it goes without.
func replica(o options, b *backing) (string, func(), error) {
	dir, err := os.MkdirTemp("", "endurance")
	if err != nil {
		return "", nil, err
	}
	s, err := program.Launch(o.program, "api", dir, b.url(), b.environment(dir)...)
	if err != nil {
		return "", nil, err
	}
	unlimit := func() {}
	if o.processors > 0 {
		limited, err := services.Limit(s.PID(), o.processors)
		if err != nil && !errors.Is(err, services.ErrNoLimit) {
			s.Stop()
			return "", nil, err
		}
		if err != nil {
			report(map[string]any{"what": "warning", "message": err.Error()})
		} else {
			unlimit = limited
		}
	}
	return s.Address, func() {
		s.Stop()
		unlimit()
		_ = os.RemoveAll(dir)
	}, nil
}

// roundRobin is a proxy that hands each request to the next target.
func roundRobin(targets []string) (string, func(), error) {
	hosts := make([]string, len(targets))
	for i, target := range targets {
		u, err := url.Parse(target)
		if err != nil {
			return "", nil, err
		}
		hosts[i] = u.Host
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	var next atomic.Uint64
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: &httputil.ReverseProxy{
		Transport: transport, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", hosts[next.Add(1)%uint64(len(hosts))]
		},
	}}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	}, nil
}
