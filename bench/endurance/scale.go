package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
)

// scale measures requests per second of one to so many API replicas behind a
// proxy that goes round. The first replica works the jobs too.
func scale(o options, address string) error {
	if o.replicas < 1 {
		return nil
	}
	dir, err := os.MkdirTemp("", "endurance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	vendor, stop, err := startVendor(o)
	if err != nil {
		return err
	}
	defer stop()
	first, err := program.Start(o.program, dir, address, environment(o, dir, "postgres")...)
	if err != nil {
		return err
	}
	defer first.Stop()
	w, err := newWorld(first, o, dir, vendor)
	if err != nil {
		return err
	}
	targets := []string{first.Address}
	one := 0.0
	for n := 1; n <= o.replicas; n++ {
		if n > 1 {
			more, end, err := another(o, dir, address)
			if err != nil {
				return err
			}
			defer end()
			targets = append(targets, more)
		}
		through, end, err := roundRobin(targets)
		if err != nil {
			return err
		}
		r := w.drive([]string{through}, o, o.find, 0)
		end()
		if n == 1 {
			one = r.perSecond
		}
		p := r.percentiles("read", "write")
		report(map[string]any{"database": "postgres", "what": "replicas", "replicas": n, "per_second": round(r.perSecond), "per_replica": round(r.perSecond / float64(n)), "of_one": round(r.perSecond / one), "plain_p99_ms": p.p99, "errors": r.errors, "first_error": r.first, "load_average": loadAverage()})
	}
	return nil
}

// another starts one more API replica over the same database and key.
func another(o options, dir, address string) (string, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	at := listener.Addr().String()
	_, port, _ := net.SplitHostPort(at)
	_ = listener.Close()
	cmd := exec.Command(o.program, "serve", "--role", "api")
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"), "DATABASE_URL=" + address, "API_PORT=" + port, "LOG_FORMAT=json", "LOG_LEVEL=WARN",
		"RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_BULK=off", "BCRYPT_COST=4", "DEBUG=true", "OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "ACCESS_TOKEN_EXPIRE_MINUTES=600",
	}, environment(o, dir, "postgres")...)
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	end := func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + at + "/api/health/ready"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return "http://" + at, end, nil
			}
		}
	}
	end()
	return "", nil, fmt.Errorf("replica at %s does not start", at)
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
