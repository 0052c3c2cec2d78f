package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"
)

// proxy hands requests to the API servers in turn, as load balancers do: to those
// that are ready, and to another one when a connection cannot be made. It never
// sends a request again that may have arrived.
type proxy struct {
	address  string
	replicas []*replica
	next     atomic.Int64
	ready    sync.Map // by replica
	server   *http.Server
	stop     context.CancelFunc
	done     sync.WaitGroup
}

func newProxy(replicas []*replica) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{address: "http://" + l.Addr().String(), replicas: replicas}
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	transport := &http.Transport{MaxIdleConnsPerHost: 32, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var last error
		for range len(replicas) {
			conn, err := dialer.DialContext(ctx, network, p.pick())
			if err == nil {
				return conn, nil
			}
			last = err
		}
		return nil, last
	}, DisableKeepAlives: true} // each request chooses anew
	handler := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "replicas" },
		Transport:     transport,
		FlushInterval: -1, // events are told as they happen
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if !errors.Is(err, context.Canceled) {
				w.WriteHeader(http.StatusBadGateway)
			}
		},
	}
	p.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.done.Go(func() { _ = p.server.Serve(l) })
	for _, r := range replicas {
		p.done.Go(func() { p.watch(ctx, r) })
	}
	return p, nil
}

// watch asks a server now and then whether it takes requests.
func (p *proxy) watch(ctx context.Context, r *replica) {
	for ctx.Err() == nil {
		p.ready.Store(r, healthy(ctx, r.address()))
		_ = pause(ctx, 200*time.Millisecond)
	}
}

func (p *proxy) pick() string {
	for range len(p.replicas) {
		r := p.replicas[int(p.next.Add(1))%len(p.replicas)]
		if ready, _ := p.ready.Load(r); ready == true {
			return r.address()
		}
	}
	return p.replicas[int(p.next.Add(1))%len(p.replicas)].address() // none is: it says so itself
}

func (p *proxy) close() {
	p.stop()
	_ = p.server.Close()
	p.done.Wait()
}
