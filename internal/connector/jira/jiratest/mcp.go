package jiratest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/connector/atlassian/atlassiantest"
)

// MCP says which MCP server is stood in for. Which kind it is follows from the
// flavour of the fake: those of Data Center hand REST through, the one of
// Cloud is Atlassian's own.
type MCP struct {
	Most   int  // characters of an answer before it is cut off; 0 is any number
	Events bool // by the older transport
	// Bare is the server of Cloud without the arguments that not every version has.
	Bare bool
	// Connection has the server of Cloud give a search as GraphQL does.
	Connection bool
	// Newer is the server of Cloud with the tools of its v2.
	Newer bool
	// Terse has a search of Data Center say nothing of the fields.
	Terse bool
	// Without leaves tools out.
	Without []string
}

// MCP starts a stand-in that asks the fake, and returns its endpoint.
func (s *Server) MCP(tb testing.TB, o MCP) string {
	tb.Helper()
	server := atlassiantest.Server{
		Name: "atlassian-jira-mcp", Tools: centerTools, Enveloped: true, Most: o.Most, Events: o.Events, Authorization: "Bearer " + Token,
	}
	if !s.dc {
		server = atlassiantest.Server{
			Name: "atlassian-mcp-server", Tools: atlassiansOwn(s.URL, o), Most: o.Most, Events: o.Events,
			Authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte(Username+":"+Token)),
		}
	}
	if o.Terse {
		server.Tools = slices.Clone(server.Tools)
		server.Tools[slices.IndexFunc(server.Tools, func(t tool) bool { return t.Name == "jira_search_issues" })].Do = terseSearch
	}
	server.Tools = slices.DeleteFunc(slices.Clone(server.Tools), func(t atlassiantest.Tool) bool { return slices.Contains(o.Without, t.Name) })
	return atlassiantest.Start(tb, s.URL, server)
}

type (
	tool = atlassiantest.Tool
	api  = atlassiantest.API
	args = atlassiantest.Args
)

// path is a tool that asks for one path, with some arguments as its query.
func path(at func(args) string, query ...string) func(context.Context, *api, args) (any, error) {
	return func(ctx context.Context, a *api, in args) (any, error) { return a.Get(ctx, at(in), in.Query(query...)) }
}

func fixed(p string) func(args) string { return func(args) string { return p } }

// centerTools are those of jira-datacenter-mcp 0.6.0 that matter, and some that
// must not be called.
var centerTools = []tool{
	{Name: "jira_get_server_info", Do: path(fixed("/rest/api/2/serverInfo"))},
	{Name: "jira_get_current_session", Do: path(fixed("/rest/auth/1/session"))},
	{Name: "jira_get_user", Args: []string{"username", "key", "includeDeleted:boolean"}, Do: path(fixed("/rest/api/2/user"), "username", "key")},
	{Name: "jira_get_statuses", Do: path(fixed("/rest/api/2/status"))},
	{Name: "jira_get_projects", Args: []string{"includeArchived:boolean", "expand", "recent:number"}, Do: path(fixed("/rest/api/2/project"), "includeArchived")},
	{
		Name: "jira_search_issues", Args: []string{"jql", "maxResults:number", "startAt:number", "expand:array", "fields:array"}, Required: []string{"jql"},
		Do: func(ctx context.Context, a *api, in args) (any, error) { return a.Post(ctx, "/rest/api/2/search", in) },
	},
	{
		Name: "jira_get_issue", Args: []string{"issueKey", "expand", "fields:array"}, Required: []string{"issueKey"},
		Do: path(func(in args) string { return "/rest/agile/1.0/issue/" + url.PathEscape(in.Text("issueKey")) }, "expand", "fields"),
	},
	{
		Name: "jira_get_issue_comments", Args: []string{"issueKey", "expand", "maxResults:number", "startAt:number"}, Required: []string{"issueKey"},
		Do: path(func(in args) string { return "/rest/api/2/issue/" + url.PathEscape(in.Text("issueKey")) + "/comment" }, "maxResults", "startAt"),
	},
	{
		Name: "jira_get_boards", Args: []string{"maxResults:number", "name", "projectKeyOrId", "startAt:number", "fetchAll:boolean"},
		Do: path(fixed("/rest/agile/1.0/board"), "maxResults", "projectKeyOrId", "startAt"),
	},
	{
		Name: "jira_get_board_sprints", Args: []string{"boardId:number", "maxResults:number", "startAt:number", "fetchAll:boolean"}, Required: []string{"boardId"},
		Do: path(func(in args) string { return "/rest/agile/1.0/board/" + in.Text("boardId") + "/sprint" }, "maxResults", "startAt"),
	},
	{Name: "jira_create_issue", Args: []string{"projectId", "summary", "description", "issueTypeId"}, Required: []string{"projectId", "summary", "description", "issueTypeId"}},
	{Name: "jira_delete_issue", Args: []string{"issueKey", "deleteSubtasks:boolean"}, Required: []string{"issueKey"}},
	{Name: "jira_get_dashboards", Args: []string{"filter", "maxResults:number", "startAt:number"}},
}

// terseSearch expands histories alone.
func terseSearch(ctx context.Context, a *api, in args) (any, error) {
	if in.Text("expand") != "changelog" {
		delete(in, "expand")
	}
	return a.Post(ctx, "/rest/api/2/search", in)
}

func atlassiansOwn(site string, o MCP) []tool {
	if o.Newer {
		return newerTools(site)
	}
	return cloudTools(site, o)
}

// cloudTools are those of v1 of Atlassian's own server.
func cloudTools(site string, o MCP) []tool {
	const id = "11111111-2222-3333-4444-555555555555"
	issueArgs, searchArgs := []string{"cloudId", "issueIdOrKey", "fields:array"}, []string{"cloudId", "jql", "fields:array", "maxResults:number"}
	projectArgs := []string{"cloudId", "action", "searchString"}
	if !o.Bare {
		issueArgs, searchArgs = append(issueArgs, "expand"), append(searchArgs, "nextPageToken")
		projectArgs = append(projectArgs, "startAt:number", "maxResults:number")
	}
	return []tool{
		{Name: "getAccessibleAtlassianResources", Do: func(context.Context, *api, args) (any, error) {
			row := func(scopes ...string) object {
				return object{"id": id, "url": site, "name": "example", "scopes": scopes}
			}
			return []object{row("read:confluence-content.all"), row("read:jira-work", "read:jira-user"), row("read:jira-work")}, nil
		}},
		{Name: "atlassianUserInfo", Do: func(ctx context.Context, a *api, _ args) (any, error) {
			raw, err := a.Get(ctx, "/rest/api/3/myself", nil)
			if err != nil {
				return nil, err
			}
			var me object
			text, _ := raw.(json.RawMessage)
			if json.Unmarshal(text, &me) != nil {
				return raw, nil //nolint:nilerr // what is no JSON is handed on as it is
			}
			return object{"account_id": me["accountId"], "name": me["displayName"], "account_status": "active", "zoneinfo": "Pacific/Auckland"}, nil
		}},
		{Name: "getVisibleJiraProjects", Args: projectArgs, Required: []string{"cloudId"}, Do: path(fixed("/rest/api/3/project/search"), "startAt", "maxResults")},
		{
			Name: "searchJiraIssuesUsingJql", Args: searchArgs, Required: []string{"cloudId", "jql"},
			Do: func(ctx context.Context, a *api, in args) (any, error) {
				raw, err := a.Get(ctx, "/rest/api/3/search/jql", in.Query("jql", "fields", "maxResults", "nextPageToken"))
				if err != nil || !o.Connection {
					return raw, err
				}
				var page struct {
					Issues []json.RawMessage `json:"issues"`
					Token  string            `json:"nextPageToken"`
				}
				text, _ := raw.(json.RawMessage)
				if json.Unmarshal(text, &page) != nil {
					return raw, nil //nolint:nilerr // what is no JSON is handed on as it is
				}
				return object{"issues": object{"nodes": page.Issues, "pageInfo": object{"hasNextPage": page.Token != "", "endCursor": page.Token}}}, nil
			},
		},
		{
			Name: "getJiraIssue", Args: issueArgs, Required: []string{"cloudId", "issueIdOrKey"},
			Do: path(func(in args) string { return "/rest/api/3/issue/" + url.PathEscape(in.Text("issueIdOrKey")) }, "fields", "expand"),
		},
		{Name: "createJiraIssue", Args: []string{"cloudId", "projectKey", "issueTypeName", "summary"}, Required: []string{"cloudId", "projectKey", "issueTypeName", "summary"}},
		{Name: "editJiraIssue", Args: []string{"cloudId", "issueIdOrKey", "fields:object"}, Required: []string{"cloudId", "issueIdOrKey", "fields"}},
		{Name: "getConfluencePage", Args: []string{"cloudId", "pageId"}, Required: []string{"cloudId", "pageId"}},
	}
}
