package confluencetest

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/connector/atlassian/atlassiantest"
)

// MCP says which MCP server is stood in for. Which kind it is follows from the
// flavour of the fake: that of Data Center hands REST through, that of Cloud is
// Atlassian's own.
type MCP struct {
	Most    int      // characters of an answer before it is cut off; 0 is any number
	Events  bool     // by the older transport
	Without []string // tools that are left out
	// Newer is the server of Cloud with the tools of its v2.
	Newer bool
	// Bare is the server of Cloud whose search expands nothing.
	Bare bool
}

// MCP starts a stand-in for confluence-datacenter-mcp, or for Atlassian's own
// server, that asks the fake, and returns its endpoint.
func (s *Server) MCP(tb testing.TB, o MCP) string {
	tb.Helper()
	server := atlassiantest.Server{Name: "atlassian-confluence-mcp", Tools: mcpTools, Enveloped: true, Most: o.Most, Events: o.Events, Authorization: "Bearer " + token}
	if !s.dc {
		server = atlassiantest.Server{
			Name: "atlassian-mcp-server", Tools: s.cloudTools(o), Most: o.Most, Events: o.Events,
			Authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+token)),
		}
	}
	server.Tools = slices.DeleteFunc(slices.Clone(server.Tools), func(t atlassiantest.Tool) bool { return slices.Contains(o.Without, t.Name) })
	return atlassiantest.Start(tb, s.URL+s.base, server)
}

type args = atlassiantest.Args

// path is a tool that asks for one path, with some arguments as its query.
func path(at func(args) string, query ...string) func(context.Context, *atlassiantest.API, args) (any, error) {
	return func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
		return a.Get(ctx, at(in), in.Query(query...))
	}
}

func fixed(p string) func(args) string { return func(args) string { return p } }

func ofContent(rest string) func(args) string {
	return func(in args) string { return "/rest/api/content/" + url.PathEscape(in.Text("contentId")) + rest }
}

// mcpTools are those of confluence-datacenter-mcp 0.6.0 that matter, and some
// that must not be called.
var mcpTools = []atlassiantest.Tool{
	{Name: "confluence_get_current_user", Args: []string{"expand"}, Do: path(fixed("/rest/api/user/current"))},
	{Name: "confluence_get_spaces", Args: []string{"spaceKey", "type", "status", "expand", "limit:number", "start:number", "fetchAll:boolean"}, Do: path(fixed("/rest/api/space"), "limit", "start")},
	{
		Name: "confluence_get_space_content", Args: []string{"spaceKey", "type", "expand", "depth", "limit:number", "start:number"}, Required: []string{"spaceKey"},
		Do: path(func(in args) string {
			return "/rest/api/space/" + url.PathEscape(in.Text("spaceKey")) + "/content/" + in.Text("type")
		}, "expand", "limit", "start"),
	},
	{
		Name: "confluence_search_content", Args: []string{"cql", "limit:number", "start:number", "expand", "excerpt"}, Required: []string{"cql"},
		Do: path(fixed("/rest/api/search"), "cql", "limit", "start", "expand"),
	},
	{Name: "confluence_get_content", Args: []string{"contentId", "expand", "bodyMode", "maxBodyChars:number", "bodyStart:number"}, Required: []string{"contentId"}, Do: path(ofContent(""), "expand")},
	{Name: "confluence_get_content_labels", Args: []string{"contentId", "prefix", "limit:number", "start:number"}, Required: []string{"contentId"}, Do: path(ofContent("/label"), "limit", "start")},
	{Name: "confluence_get_attachments", Args: []string{"contentId", "expand", "filename", "limit:number", "start:number"}, Required: []string{"contentId"}, Do: path(ofContent("/child/attachment"), "limit", "start")},
	{
		Name: "confluence_get_content_restrictions_by_operation", Args: []string{"operationKey", "contentId", "expand", "limit:number", "start:number"}, Required: []string{"operationKey", "contentId"},
		Do: func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
			return a.Get(ctx, ofContent("/restriction/byOperation/"+in.Text("operationKey"))(in), in.Query("expand"))
		},
	},
	{Name: "confluence_create_content", Args: []string{"title", "spaceKey", "content"}, Required: []string{"title", "spaceKey", "content"}},
	{Name: "confluence_delete_content", Args: []string{"contentId", "status"}, Required: []string{"contentId"}},
	{Name: "confluence_get_webhook", Args: []string{"webhookId"}, Required: []string{"webhookId"}},
}
