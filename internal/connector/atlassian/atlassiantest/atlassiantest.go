// Package atlassiantest stands in for the MCP servers that speak for Jira and
// Confluence: servers with tools of the same names and arguments, which ask a
// fake of the vendor's API and answer in the same wrappings. It is for tests.
package atlassiantest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Tool is a tool of a stand-in.
type Tool struct {
	Name     string
	Args     []string // with the kind behind a colon where it is no text: maxResults:number
	Required []string
	// Do answers a call. Nil is a tool that nobody may call: one that writes, or
	// that nobody has a use for.
	Do func(ctx context.Context, api *API, args Args) (any, error)
}

// Server is what is stood in for.
type Server struct {
	Name  string
	Tools []Tool
	// Enveloped says that answers are {"success":true,"data":…}, and failures too,
	// with no other sign of it.
	Enveloped bool
	// Most is how many characters an answer may have before it is cut off; 0 is
	// any number.
	Most int
	// Authorization is the header that is let in.
	Authorization string
	// Events has it speak the older transport.
	Events bool
}

// Start runs a stand-in for the API at an address until the test ends, and
// returns its endpoint.
func Start(tb testing.TB, site string, s Server) string {
	tb.Helper()
	life, end := context.WithCancel(context.Background())
	server := mcp.NewServer(&mcp.Implementation{Name: s.Name, Version: "1.0.0"}, nil)
	for _, t := range s.Tools {
		server.AddTool(&mcp.Tool{Name: t.Name, Description: "A tool", InputSchema: t.schema()}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			if t.Do == nil {
				tb.Errorf("%s was called", t.Name)
				return nil, errors.New("not to be called")
			}
			args := Args{}
			if err := json.Unmarshal(req.Params.Arguments, &args); err != nil {
				return nil, fmt.Errorf("reading the arguments: %w", err)
			}
			for name := range args {
				if !slices.ContainsFunc(t.Args, func(a string) bool { return a == name || strings.HasPrefix(a, name+":") }) {
					tb.Errorf("%s was called with %s, which it does not have", t.Name, name)
				}
			}
			// A call of a client that has gone goes on with some transports: not
			// beyond the test.
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(life, cancel)()
			value, err := t.Do(ctx, &API{site: site, authorization: s.Authorization}, args)
			return s.result(value, err)
		})
	}
	var h http.Handler = mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true})
	path := "/mcp"
	if s.Events {
		h, path = mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return server }, nil), "/sse"
	}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != s.Authorization {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	}))
	tb.Cleanup(func() {
		end()
		listener.CloseClientConnections() // a stream of events has no end of its own
		listener.Close()
	})
	return listener.URL + path
}

func (t *Tool) schema() json.RawMessage {
	properties := map[string]any{}
	for _, arg := range t.Args {
		name, kind, _ := strings.Cut(arg, ":")
		switch kind {
		case "":
			kind = "string"
		case "array":
			properties[name] = map[string]any{"type": kind, "items": map[string]any{"type": "string"}}
			continue
		}
		properties[name] = map[string]any{"type": kind}
	}
	text, err := json.Marshal(map[string]any{"type": "object", "properties": properties, "required": append([]string{}, t.Required...)})
	if err != nil {
		panic(err)
	}
	return text
}

// result wraps an answer, or a failure, as the server does that is stood in for.
func (s *Server) result(value any, failed error) (*mcp.CallToolResult, error) {
	if s.Enveloped {
		envelope := map[string]any{"success": true, "data": value}
		if failed != nil {
			envelope = map[string]any{"success": false, "error": "Error doing it: " + failed.Error()}
			if refused, ok := errors.AsType[*RefusalError](failed); ok {
				envelope["details"] = refused.Body
			} else {
				envelope["error"] = failed.Error()
			}
		}
		return s.text(envelope, false)
	}
	if failed != nil {
		return s.text(map[string]any{"error": true, "message": "Request failed with status code " + failed.Error()}, true)
	}
	return s.text(value, false)
}

func (s *Server) text(value any, failed bool) (*mcp.CallToolResult, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	text := string(raw)
	if n := utf8.RuneCountInString(text); s.Most > 0 && n > s.Most {
		text = string([]rune(text)[:s.Most]) + fmt.Sprintf("\n\n…[response truncated: showing %d of %d characters. Narrow your query.]", s.Most, n)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}, IsError: failed}, nil
}

// Args are the arguments of a call.
type Args map[string]any

// Text is an argument as it stands in an address; "" when it is not there.
func (a Args) Text(name string) string {
	switch v := a[name].(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, fmt.Sprint(e))
		}
		return strings.Join(all, ",")
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// Query makes a query of the arguments that are there.
func (a Args) Query(names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if _, ok := a[name]; ok {
			q.Set(name, a.Text(name))
		}
	}
	return q
}

// API is the fake that is asked.
type API struct{ site, authorization string }

// RefusalError is an answer of the API that is not a success.
type RefusalError struct {
	Status int
	Body   any
}

func (r *RefusalError) Error() string {
	return fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
}

// Get asks for a path of the site.
func (a *API) Get(ctx context.Context, path string, query url.Values) (any, error) {
	return a.do(ctx, http.MethodGet, path+"?"+query.Encode(), nil)
}

// Post sends JSON to a path of the site.
func (a *API) Post(ctx context.Context, path string, body any) (any, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("writing the body: %w", err)
	}
	return a.do(ctx, http.MethodPost, path, bytes.NewReader(text))
}

// do hands on what is JSON as such, and everything else as a text.
func (a *API) do(ctx context.Context, method, path string, body io.Reader) (any, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.site+path, body)
	if err != nil {
		return nil, fmt.Errorf("asking: %w", err)
	}
	req.Header.Set("Authorization", a.authorization)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, errors.New("fetch failed")
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, errors.New("fetch failed")
	}
	var value any = string(text)
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		if !json.Valid(text) {
			return nil, errors.New("Unexpected end of JSON input") //nolint:staticcheck // the words of another program
		}
		value = json.RawMessage(text)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return nil, &RefusalError{Status: res.StatusCode, Body: value}
	}
	return value, nil
}
