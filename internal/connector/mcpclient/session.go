package mcpclient

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	// together is how many calls of one session are under way at a time.
	together = 4
	// idle is how long a connection is kept that nobody uses. It is longer than
	// the pause between two checks of a service, so that a program is not
	// started for each.
	idle = 5 * time.Minute
	// fresh is how long a list of tools counts.
	fresh = 10 * time.Minute
	// dialTimeout bounds how long a server may take to be ready.
	dialTimeout = 20 * time.Second
	// callTimeout is how long an answer may take where the service does not say.
	callTimeout = 30 * time.Second
)

// Session is a connection to an MCP server that is made when it is needed, and
// made again when it broke. It is safe for concurrent use.
type Session struct {
	options Options
	slots   chan struct{}
	gate    chan struct{} // of who connects
	// answered says that the last request by HTTP had an answer: when the library
	// then gives the connection up, it is because it could not read that.
	answered atomic.Bool

	mu    sync.Mutex
	live  *live
	users int // calls under way
	// holders are connectors that are open; a retired session ends with the last.
	holders int
	retired bool
	timer   *time.Timer // closes what is idle
	closed  bool
}

// New returns a session that has not connected yet.
func New(o Options) *Session {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Session{options: o, slots: make(chan struct{}, together), gate: make(chan struct{}, 1)}
}

// Close ends the connection, and with it the program behind it. A call that is
// under way fails.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	l := s.take()
	s.mu.Unlock()
	l.close()
}

// Hold keeps the session open for one more, until Release.
func (s *Session) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holders++
}

// Release gives back what Hold took. The last one closes a retired session.
func (s *Session) Release() {
	s.mu.Lock()
	s.holders--
	last := s.retired && s.holders <= 0
	s.mu.Unlock()
	if last {
		s.Close()
	}
}

// Retire closes the session when nobody holds it any more.
func (s *Session) Retire() {
	s.mu.Lock()
	s.retired = true
	last := s.holders <= 0
	s.mu.Unlock()
	if last {
		s.Close()
	}
}

// take returns the connection, which is the caller's to close without the lock:
// a program may take seconds to end. s.mu is held.
func (s *Session) take() *live {
	if s.timer != nil {
		s.timer.Stop()
	}
	l := s.live
	s.live = nil
	return l
}

// use returns the connection, and holds it against being closed as idle. One
// caller at a time connects; the others wait no longer than they may.
func (s *Session) use(ctx context.Context) (*live, error) {
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
		return nil, s.fault(ctx, ctx.Err())
	}
	l, err := s.current()
	if err != nil {
		return nil, err
	}
	switch {
	case l == nil:
		if l, err = s.dial(ctx); err != nil {
			return nil, err
		}
	case time.Since(l.catalogue.Load().listed) > fresh:
		if err := s.list(ctx, l); err != nil {
			s.drop(l)
			if !lost(err) {
				return nil, s.fault(ctx, err)
			}
			if l, err = s.dial(ctx); err != nil {
				return nil, err
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go l.close()
		return nil, closed()
	}
	s.live = l
	s.users++
	return l, nil
}

// drop closes a connection that is of no use any more.
func (s *Session) drop(l *live) {
	var dead *live
	s.mu.Lock()
	if s.live == l {
		dead = s.take()
	}
	s.mu.Unlock()
	dead.close()
}

// current returns the connection, nil when it has to be made.
func (s *Session) current() (*live, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, closed()
	}
	return s.live, nil
}

func closed() error {
	return connector.Errorf(connector.ReasonUnreachable, "The connection to the MCP server has been closed.", "Try again.", nil)
}

// release gives back what use returned. A broken connection is not used again.
func (s *Session) release(l *live, broken bool) {
	if broken {
		s.drop(l)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	if s.users == 0 && s.live != nil {
		if s.timer != nil {
			s.timer.Stop()
		}
		s.timer = time.AfterFunc(idle, s.tire)
	}
}

// tire closes a connection that nobody uses.
func (s *Session) tire() {
	var unused *live
	s.mu.Lock()
	if s.users == 0 {
		unused = s.take()
	}
	s.mu.Unlock()
	unused.close()
}

// with runs f as once does, and again as often as the service may ask again
// where that may help.
func (s *Session) with(ctx context.Context, f func(*live) error) error {
	return connector.Again(ctx, s.options.Service.RetryAttempts, func(ctx context.Context) (bool, error) {
		err := s.once(ctx, f)
		return !passing(err), err
	})
}

// passing reports whether a fault may be gone the next time, and has not been
// waited for already. What answered may have been no MCP: something on the way
// may have put a page of its own into the place of the answer. Or a tool told of
// a vendor that was busy or away, where REST would have had it asked again.
func passing(err error) bool {
	_, misread := MisreadOf(err)
	switch {
	case misread, errors.Is(err, errDamaged):
		return false
	case errors.Is(err, errUnreached):
		return true
	}
	switch Status(err) {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return connector.Reason(err) == connector.ReasonMalformed
}

// timeout is how long one answer may take.
func (s *Session) timeout() time.Duration {
	if s.options.Service.Timeout <= 0 {
		return callTimeout
	}
	return time.Duration(s.options.Service.Timeout) * time.Second
}

// once runs f on the connection, and once more on a new one when it broke: all
// calls are reads.
func (s *Session) once(ctx context.Context, f func(*live) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for again := range 2 {
		l, err := s.use(ctx)
		if err != nil {
			return err
		}
		err = l.tooLong(f(l))
		broken := lost(err)
		s.release(l, broken || errors.Is(err, errDead))
		if !broken || again > 0 || ctx.Err() != nil {
			return s.fault(ctx, err)
		}
	}
	return nil
}

// lost reports whether an error means that the connection is of no use any more.
func lost(err error) bool {
	return errors.Is(err, mcp.ErrConnectionClosed) || errors.Is(err, mcp.ErrSessionMissing) || errors.Is(err, io.EOF)
}

// fault makes of any error one of a connector. Errors that are one already
// stay, whatever the library put round them; what the store or ctx said is not
// the server's.
func (s *Session) fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*rampforge.Error](err); ok {
		return ofClient(known)
	}
	hint := "Check the endpoint and that the MCP server runs."
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return connector.Errorf(connector.ReasonTimeout, "The MCP server did not answer in time.", hint, context.DeadlineExceeded)
	case ctx.Err() != nil:
		return ctx.Err()
	case lost(err) && !s.answered.Load():
		return connector.Errorf(connector.ReasonUnreachable, "The MCP server ended, or closed the connection.", hint, connector.SafeCause(err))
	}
	return connector.Errorf(connector.ReasonMalformed, "What answers at the endpoint does not speak the Model Context Protocol.", hint, connector.SafeCause(err))
}

// ofClient makes an error of a connector of what the guarded client says.
func ofClient(known *rampforge.Error) error {
	var reason string
	switch known.Code {
	case rampforge.CodeRateLimited:
		reason = connector.ReasonRateLimited
	case rampforge.CodeExternal:
		reason = connector.ReasonUnreachable
	default:
		return known
	}
	fault := connector.Errorf(reason, known.Message, "Check the endpoint, and the network between this server and the MCP server.", known.Err)
	fault.RetryAfter = known.RetryAfter
	return fault
}

// First returns the first of the signatures that the server has a tool for.
// When none is there the error is ReasonUnsupported, and when one is and has
// not been approved it is ReasonQuarantined.
func (s *Session) First(ctx context.Context, signatures ...Signature) (Signature, error) {
	var found Signature
	err := s.with(ctx, func(l *live) error {
		var err error
		found, err = l.catalogue.Load().first(signatures)
		return err
	})
	return found, err
}

// Call calls the first of the signatures that the server has, and returns what
// it answered. Arguments that a signature does not name are not sent. Errors
// are those of connector.Connector.
func (s *Session) Call(ctx context.Context, args map[string]any, signatures ...Signature) (Result, error) {
	var out Result
	err := s.with(ctx, func(l *live) error {
		ctx := ctx
		if !l.timed {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.timeout())
			defer cancel()
		}
		offered := l.catalogue.Load()
		sig, err := offered.first(signatures)
		if err != nil {
			return err
		}
		res, err := l.session.CallTool(ctx, &mcp.CallToolParams{Name: sig.Name, Arguments: sig.arguments(args)})
		if err != nil {
			return spokenError(err)
		}
		out, err = normalise(res, offered.tools[sig.Name])
		return err
	})
	return out, err
}

// Peer says what the server told of itself; nil before the first call.
func (s *Session) Peer() *rampforge.ServiceServer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == nil {
		return nil
	}
	r := s.live.session.InitializeResult()
	if r == nil {
		return nil
	}
	peer := &rampforge.ServiceServer{ProtocolVersion: r.ProtocolVersion, ToolCount: len(s.live.catalogue.Load().tools)}
	if r.ServerInfo != nil {
		peer.Name, peer.Version = short(r.ServerInfo.Name), short(r.ServerInfo.Version)
	}
	return peer
}

// short bounds what a server says of itself: it is shown to people.
func short(text string) string {
	runes := []rune(Visible(text))
	return string(runes[:min(len(runes), 100)])
}

// Tools returns the tools as they were listed last, by name.
func (s *Session) Tools(ctx context.Context) ([]Tool, error) {
	var all []Tool
	err := s.with(ctx, func(l *live) error {
		for _, t := range l.catalogue.Load().tools {
			all = append(all, t)
		}
		return nil
	})
	slices.SortFunc(all, byName)
	return all, err
}

// Discover lists the tools anew, and has them reviewed.
func (s *Session) Discover(ctx context.Context) error {
	return s.with(ctx, func(l *live) error { return s.list(ctx, l) })
}

// Wrap returns a connector whose check tells of the server too, and that can
// discover its tools. Its Close gives back the Hold of who made it.
func (s *Session) Wrap(c connector.Connector) connector.Connector { return wrapped{c, s} }

type wrapped struct {
	connector.Connector

	session *Session
}

// Close implements connector.Connector.
func (w wrapped) Close() error {
	defer w.session.Release()
	return w.Connector.Close()
}

// Discover lists the server's tools anew.
func (w wrapped) Discover(ctx context.Context) error { return w.session.Discover(ctx) }

// Check implements connector.Connector.
func (w wrapped) Check(ctx context.Context) (connector.Check, error) {
	out, err := w.Connector.Check(ctx)
	if err == nil {
		out.Peer = w.session.Peer()
	}
	return out, err
}
