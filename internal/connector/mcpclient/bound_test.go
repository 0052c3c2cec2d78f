package mcpclient_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

var long = mcpclient.Signature{Name: "get_long", Args: []string{"mib"}}

type longIn struct {
	MiB int `json:"mib"`
}

// lengthy adds a tool whose answer is as long as it is told.
func lengthy(s *mcp.Server) *mcp.Server {
	mcp.AddTool(s, &mcp.Tool{Name: "get_long"}, func(_ context.Context, _ *mcp.CallToolRequest, in longIn) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: `["` + strings.Repeat("x", in.MiB<<20) + `"]`}}}, nil, nil
	})
	return s
}

// TestAMessageThatIsTooLong is told as such by every transport, and costs no
// later call anything. One that is merely long is read.
func TestAMessageThatIsTooLong(t *testing.T) {
	t.Parallel()
	s := lengthy(server())
	get := func(*http.Request) *mcp.Server { return s }
	for name, test := range map[string]struct {
		handler http.Handler
		path    string
	}{
		"a program":         {nil, ""},
		"streamable":        {mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}), "/mcp"},
		"streamable events": {mcp.NewStreamableHTTPHandler(get, nil), "/mcp"},
		"events":            {mcp.NewSSEHandler(get, nil), "/sse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := stdio(programs(t, "serve", nil))
			if test.handler != nil {
				o = mcpclient.Options{Service: rampforge.Service{Endpoint: listen(t, test.handler) + test.path}}
			}
			o.Service.Timeout = 300
			c := session(t, o)
			for _, mib := range []int{12, 5} { // two of a stream are not one
				if res, err := c.Call(t.Context(), map[string]any{"mib": mib}, long); err != nil || len(res.JSON) != mib<<20+4 {
					t.Fatalf("%d bytes, %v", len(res.JSON), err)
				}
			}
			_, err := c.Call(t.Context(), map[string]any{"mib": 17}, long)
			if connector.Reason(err) != connector.ReasonTooLarge || !strings.Contains(rampforge.ErrorMessage(err), "longer than 16 MiB") {
				t.Errorf("%v", err)
			}
			said(t, c, "still there")
		})
	}
}

// TestToolsThatAreTooLong defines more than one message may hold.
func TestToolsThatAreTooLong(t *testing.T) {
	t.Parallel()
	s := server()
	mcp.AddTool(s, &mcp.Tool{Name: "get_story", Description: strings.Repeat("x", 17<<20)}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{}, nil, nil
	})
	c := session(t, mcpclient.Options{Service: rampforge.Service{Endpoint: listen(t, stateless(s))}})
	if _, err := c.Tools(t.Context()); connector.Reason(err) != connector.ReasonTooLarge {
		t.Error(err)
	}
}
