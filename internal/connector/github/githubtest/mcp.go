package githubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// ToolOptions say how a server of tools differs from the present one that
// GitHub runs.
type ToolOptions struct {
	// Plain gives records as the API has them, as servers did before they left
	// things out, and comments on code by page.
	Plain bool
	// Events speaks the older of the two HTTP transports.
	Events bool
	// Without are tools that it does not have.
	Without []string
}

// Tools is an MCP server over a fake GitHub.
type Tools struct {
	connectortest.Stage

	URL string // of the endpoint

	fake    *Server
	options ToolOptions
	tb      testing.TB
}

// StartTools starts a server that ends with the test. Its tools have the
// names, arguments and answers of GitHub's own server. A call of one that
// writes fails the test.
func StartTools(tb testing.TB, fake *Server, o ToolOptions) *Tools {
	tb.Helper()
	t := &Tools{fake: fake, options: o, tb: tb}
	server := mcp.NewServer(&mcp.Implementation{Name: "github-mcp-server", Title: "GitHub MCP Server", Version: "remote"}, nil)
	t.add(server)
	path := "/mcp/"
	var handler http.Handler = mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true})
	if o.Events {
		path, handler = "/sse", mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return server }, nil)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A server notices that a client has gone once it has read the request.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if t.Enter(w, r) {
			return
		}
		// GitHub's own knows its tokens, and lets nobody list tools without one.
		if r.Header.Get("Authorization") != "Bearer "+fake.options.Token {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			http.Error(w, "bad request: missing required Authorization header", http.StatusUnauthorized)
			return
		}
		if r.Header.Get("X-MCP-Readonly") != "true" || !strings.Contains(r.Header.Get("X-MCP-Toolsets"), "actions") {
			tb.Errorf("%s %s asks for more than what reads: %v", r.Method, r.URL, r.Header)
		}
		handler.ServeHTTP(w, r)
	}))
	tb.Cleanup(web.Close)
	t.URL = web.URL + path
	return t
}

// get asks the fake, as the server asks GitHub.
func (t *Tools) get(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	target := "/api/v3/" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	r.Header.Set("Authorization", "Bearer "+t.fake.options.Token)
	w := httptest.NewRecorder()
	t.fake.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		var said struct {
			Message string `json:"message"`
			Errors  []struct {
				Message string `json:"message"`
			} `json:"errors"`
		}
		_ = json.Unmarshal(w.Body.Bytes(), &said) // what says nothing says nothing
		return nil, fmt.Errorf("GET https://api.github.com/%s: %d %s %v", path, w.Code, said.Message, said.Errors)
	}
	return w.Body.Bytes(), nil
}

// call answers a call of a tool.
type call struct {
	context.Context //nolint:containedctx // of one call

	tools *Tools
	args  map[string]any
}

func (c call) text(name string) string {
	v, _ := c.args[name].(string)
	return v
}

func (c call) number(name string) string {
	v, _ := c.args[name].(float64)
	return strconv.Itoa(int(v))
}

// repo is the path of a place in the repository that the arguments name.
func (c call) repo(parts ...string) string {
	return "repos/" + c.text("owner") + "/" + c.text("repo") + "/" + strings.Join(parts, "/")
}

// paged is the query of the page that the arguments name.
func (c call) paged(more ...string) url.Values {
	query := url.Values{"page": {"1"}, "per_page": {"30"}}
	if c.number("page") != "0" {
		query.Set("page", c.number("page"))
	}
	if c.number("perPage") != "0" {
		query.Set("per_page", c.number("perPage"))
	}
	for _, name := range more {
		if v := c.text(name); v != "" {
			query.Set(name, v)
		}
	}
	return query
}

// get answers with what the API has, each record of an array made smaller.
func (c call) get(path string, query url.Values, smaller func(object) any) (any, error) {
	body, err := c.tools.get(c, path, query)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, fmt.Errorf("reading what the fake sent: %w", err)
	}
	if smaller == nil || c.tools.options.Plain {
		return value, nil
	}
	switch v := value.(type) {
	case map[string]any:
		return smaller(v), nil
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			if o, ok := one.(object); ok {
				out = append(out, smaller(o))
			}
		}
		return out, nil
	}
	return value, nil
}

// refused is how a tool tells of a failure.
func refused(err error) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: "failed: " + err.Error()}}}
}

// add defines the tools: those that a connector knows, others that read, and
// some that write.
func (t *Tools) add(server *mcp.Server) {
	for _, def := range definitions(t.options.Plain) {
		gone := false
		for _, name := range t.options.Without {
			gone = gone || name == def.name
		}
		if gone {
			continue
		}
		read := def.answer != nil
		server.AddTool(&mcp.Tool{
			Name: def.name, Description: def.name + " of GitHub", InputSchema: def.schema(),
			Annotations: &mcp.ToolAnnotations{ReadOnlyHint: read},
		}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			if !read {
				t.tb.Errorf("the tool %s was called", def.name)
				return nil, fmt.Errorf("the tool %s writes or is not known", def.name)
			}
			args := map[string]any{}
			if len(req.Params.Arguments) > 0 {
				if err := json.Unmarshal(req.Params.Arguments, &args); err != nil {
					return nil, fmt.Errorf("the arguments: %w", err)
				}
			}
			value, err := def.answer(call{ctx, t, args})
			if err != nil && def.name == "issue_read" {
				return nil, fmt.Errorf("failed to read issue: %w", err) // a fault of the protocol
			}
			if err != nil {
				return refused(err), nil
			}
			text, err := json.Marshal(value)
			if err != nil {
				return nil, fmt.Errorf("the answer: %w", err)
			}
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}}, nil
		})
	}
}
