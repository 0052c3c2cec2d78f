package mcpclient

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// live is one connection.
type live struct {
	session   *mcp.ClientSession
	end       func()      // frees what the transport holds; may be called twice
	long      atomic.Bool // a message of more than maxMessage was met
	timed     bool        // each request has its own time: a call needs none over all its tries and waits
	catalogue atomic.Pointer[catalogue]
}

// catalogue is what a server offered at a time.
type catalogue struct {
	tools    map[string]Tool
	approved map[string]bool // nil is all
	listed   time.Time
}

func (l *live) close() {
	if l == nil {
		return
	}
	_ = l.session.Close() // the other side may have gone before
	l.end()
}

// dial connects, and lists the tools.
func (s *Session) dial(ctx context.Context) (*live, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	client := mcp.NewClient(&mcp.Implementation{Name: "rampforge", Title: "RampForge", Version: s.options.Version}, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{}, // no roots, no sampling: a server has nothing to ask us
	})
	var errs []error
	for _, way := range s.ways() {
		l, err := s.connect(ctx, client, way)
		if err == nil {
			if err = s.list(ctx, l); err == nil {
				return l, nil
			}
			l.close()
			return nil, s.fault(ctx, err)
		}
		errs = append(errs, err)
		if connector.Reason(err) != "" || ctx.Err() != nil {
			break // it answered, and another way would not be answered otherwise
		}
	}
	return nil, s.fault(ctx, errs[0])
}

// way makes a transport that lives until ctx ends, and that sets long when a
// message is too long. end frees what it holds.
type way func(ctx context.Context, long *atomic.Bool) (t mcp.Transport, end func(), err error)

func (s *Session) connect(ctx context.Context, client *mcp.Client, w way) (*live, error) {
	// The connection outlives the call that needed it first.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	l := &live{}
	transport, end, err := w(life, &l.long)
	if err != nil {
		cancel()
		return nil, err
	}
	_, l.timed = transport.(*mcp.StreamableClientTransport)
	session, err := client.Connect(life, transport, nil)
	if !stop() && err == nil {
		_ = session.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		cancel()
		end()
		return nil, l.tooLong(err)
	}
	l.session, l.end = session, func() { cancel(); end() }
	return l, nil
}

// list reads the tools and has them reviewed.
func (s *Session) list(ctx context.Context, l *live) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	tools := map[string]Tool{}
	size := 0
	for t, err := range l.session.Tools(ctx, nil) {
		if err != nil {
			return l.tooLong(err)
		}
		tool, err := newTool(t, s.options.Profile)
		if err != nil {
			s.options.Logger.WarnContext(ctx, "a tool of an MCP server is left out", slog.String("service_id", s.options.Service.ID), slog.Any("error", err))
			continue
		}
		if size += len(tool.Definition); len(tools) >= maxTools || size > maxDefinitions {
			return connector.Errorf(connector.ReasonTooLarge, fmt.Sprintf("The MCP server defines more than %d tools, or %d MiB of them.", maxTools, maxDefinitions>>20),
				"Start it with fewer toolsets.", nil)
		}
		tools[tool.Name] = tool
	}
	var approved map[string]bool
	if s.options.Review != nil {
		list := make([]Tool, 0, len(tools))
		for _, tool := range tools {
			list = append(list, tool)
		}
		slices.SortFunc(list, byName)
		var err error
		approved, err = s.options.Review(ctx, list)
		if connector.Reason(err) != "" {
			return err
		}
		if err != nil {
			return &rampforge.Error{Code: rampforge.CodeInternal, Message: "The tools of the MCP server could not be compared with those that were approved.", Err: err}
		}
	}
	l.catalogue.Store(&catalogue{tools, approved, time.Now()})
	return nil
}

func byName(a, b Tool) int { return strings.Compare(a.Name, b.Name) }

func (c *catalogue) first(signatures []Signature) (Signature, error) {
	err := Unsupported()
	for _, sig := range signatures {
		tool, there := c.tools[sig.Name]
		switch {
		case !there || !sig.fits(tool):
		case c.approved != nil && !c.approved[sig.Name]:
			err = connector.Errorf(ReasonQuarantined, fmt.Sprintf("The definition of the tool %s is new or has changed, and nobody has approved it since.", sig.Name),
				"Look at it among the service's tools, and approve it if it still only reads.", nil)
		default:
			return sig, nil
		}
	}
	return Signature{}, err
}
