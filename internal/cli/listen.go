package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/rampforgeai/rampforge/internal/api"
)

// readiness is what /api/health/ready asks. It turns false when shutdown
// begins, before anything else, so that load balancers look elsewhere.
type readiness struct{ stopping atomic.Bool }

func (r *readiness) Ready() bool { return !r.stopping.Load() }

// httpServer is one listener and what it serves.
type httpServer struct {
	name     string
	listener net.Listener
	server   *http.Server
}

// listen opens the address at once, so that a port that is taken is told
// before anything starts.
func listen(ctx context.Context, name, address string, h http.Handler, logger *slog.Logger) (*httpServer, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; another program may use the port: set API_PORT to a free one", address, err)
	}
	faults := slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
	return &httpServer{name: name, listener: l, server: api.Patience{}.Server(h, faults)}, nil
}

// serve blocks until the listener ends. Ending by shutdown is no error.
func (s *httpServer) serve() error {
	if err := s.server.Serve(s.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", s.name, err)
	}
	return nil
}

// shutdown lets requests finish within ctx and closes what remains then.
func (s *httpServer) shutdown(ctx context.Context) error {
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s: requests did not finish in time: %w", s.name, err), s.server.Close())
	}
	return nil
}

// loopback reports whether only this machine reaches the listener.
func (s *httpServer) loopback() bool {
	a, ok := s.listener.Addr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// port is the port that the listener got; it differs from the configured one
// when that is 0.
func (s *httpServer) port() int {
	if a, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}
