package mcpclient

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// TestAListThatIsDueOnADeadConnection has a server forget its sessions while
// nobody asks for longer than a list of tools counts.
func TestAListThatIsDueOnADeadConnection(t *testing.T) {
	t.Parallel()
	s := mcp.NewServer(&mcp.Implementation{Name: "stand-in", Version: "1"}, nil)
	s.AddTool(&mcp.Tool{Name: "get_x", InputSchema: map[string]any{"type": "object"}}, nil)
	var handler atomic.Pointer[mcp.StreamableHTTPHandler]
	renew := func() {
		handler.Store(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))
	}
	renew()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.Load().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	c := New(Options{Service: rampforge.Service{Endpoint: server.URL}})
	t.Cleanup(c.Close)
	before, err := c.Tools(t.Context())
	if err != nil || len(before) != 1 {
		t.Fatalf("%v, %v", before, err)
	}
	old := *c.live.catalogue.Load()
	old.listed = old.listed.Add(-2 * fresh)
	c.live.catalogue.Store(&old)
	renew()
	after, err := c.Tools(t.Context())
	if err != nil || len(after) != 1 {
		t.Errorf("%v, %v", after, err)
	}
	if since := time.Since(c.live.catalogue.Load().listed); since > fresh {
		t.Errorf("the list is %s old", since)
	}
}

// TestARetiredSessionServesWhoHoldsIt keeps a connection for a reading under
// way, although the service was changed.
func TestARetiredSessionServesWhoHoldsIt(t *testing.T) {
	t.Parallel()
	s := mcp.NewServer(&mcp.Implementation{Name: "stand-in", Version: "1"}, nil)
	server := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, &mcp.StreamableHTTPOptions{Stateless: true}))
	t.Cleanup(server.Close)
	c := New(Options{Service: rampforge.Service{Endpoint: server.URL}})
	c.Hold()
	c.Hold()
	c.Retire()
	c.Release()
	if _, err := c.Tools(t.Context()); err != nil {
		t.Errorf("one still holds it: %v", err)
	}
	c.Release()
	if _, err := c.Tools(t.Context()); connector.Reason(err) != connector.ReasonUnreachable {
		t.Errorf("nobody holds it any more: %v", err)
	}
}

// TestACloseDoesNotWaitForOneThatConnects closes a session whose server never
// answers.
func TestACloseDoesNotWaitForOneThatConnects(t *testing.T) {
	t.Parallel()
	asked, end := make(chan struct{}, 8), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-end
	}))
	t.Cleanup(server.Close)
	c := New(Options{Service: rampforge.Service{Endpoint: server.URL}})
	done := make(chan error, 1)
	go func() {
		_, err := c.Tools(t.Context())
		done <- err
	}()
	<-asked
	c.Close() // a deadlock here is this test's own time-out
	close(end)
	if err := <-done; err == nil {
		t.Error("a session that was closed while it connected can be used")
	}
}
