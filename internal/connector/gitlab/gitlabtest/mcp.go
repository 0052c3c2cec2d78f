package gitlabtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Generation is a server whose tools a stand-in has.
type Generation int

// The generations. Their tools' names, arguments and answers are those of
// tools/list and of the source of each.
const (
	Community Generation = iota // @zereight/mcp-gitlab 2.1.64, read-only, with wiki, milestones and pipelines
	Own                         // GitLab's own, with the tools that list
	OwnOlder                    // GitLab's own as of 18.7, whose tools list nothing
)

// ToolServer is a stand-in for an MCP server that speaks for a fake GitLab.
type ToolServer struct {
	URL string // of streamable HTTP
	SSE string // of the older transport

	tb     testing.TB
	vendor *Server
	ended  chan struct{}

	mu    sync.Mutex
	calls []string
}

// Calls returns the names of the tools that were called since the last call.
func (t *ToolServer) Calls() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}

// tool is a tool of a stand-in. Those without an answer write: to call one
// fails the test.
type tool struct {
	name     string
	required string // arguments, in words
	optional string
	answer   func(*asked) (any, error)
}

// asked is one call of a tool, which asks the fake vendor in turn.
type asked struct {
	context.Context //nolint:containedctx // of this one call

	vendor *Server
	header http.Header
	args   map[string]any
}

// StartTools runs a stand-in until the test ends. Tools that are named in
// without are left out.
func StartTools(tb testing.TB, s *Server, g Generation, without ...string) *ToolServer {
	tb.Helper()
	t := &ToolServer{tb: tb, vendor: s, ended: make(chan struct{})}
	// One for each credential: the handlers of the older transport are not
	// told the headers of a call.
	servers := map[string]*mcp.Server{}
	serve := func(r *http.Request) *mcp.Server {
		t.mu.Lock()
		defer t.mu.Unlock()
		key := r.Header.Get("Authorization") + " " + r.Header.Get("Private-Token")
		if servers[key] != nil {
			return servers[key]
		}
		server := mcp.NewServer(&mcp.Implementation{Name: []string{"better-gitlab-mcp-server", "Official GitLab MCP Server", "Official GitLab MCP Server"}[g], Version: "2.1.64"}, nil)
		for _, tool := range [][]tool{community, own, ownOlder}[g] {
			if !slices.Contains(without, tool.name) {
				t.add(server, r.Header, tool, g != Community)
			}
		}
		servers[key] = server
		return server
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcp.NewStreamableHTTPHandler(serve, &mcp.StreamableHTTPOptions{Stateless: true}))
	mux.Handle("/sse", mcp.NewSSEHandler(serve, nil))
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" && r.Header.Get("Private-Token") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(func() {
		close(t.ended) // or what waits for a silent vendor would be waited for
		listener.CloseClientConnections()
		listener.Close()
	})
	t.URL, t.SSE = listener.URL+"/mcp", listener.URL+"/sse"
	return t
}

func (t *ToolServer) add(server *mcp.Server, header http.Header, of tool, structured bool) {
	required, optional := strings.Fields(of.required), strings.Fields(of.optional)
	properties := object{}
	for _, name := range slices.Concat(required, optional) {
		properties[name] = object{"description": name}
	}
	schema := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	server.AddTool(&mcp.Tool{Name: of.name, InputSchema: schema, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: of.answer != nil}},
		func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			t.mu.Lock()
			t.calls = append(t.calls, of.name)
			t.mu.Unlock()
			if of.answer == nil {
				t.tb.Errorf("the tool %s was called, which writes", of.name)
				return nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "no"}
			}
			ctx, stop := context.WithCancel(ctx)
			defer stop()
			go func() {
				select {
				case <-t.ended:
					stop()
				case <-ctx.Done():
				}
			}()
			call := &asked{Context: ctx, vendor: t.vendor, header: header, args: map[string]any{}}
			if err := json.Unmarshal(req.Params.Arguments, &call.args); err != nil {
				return nil, err
			}
			for name := range call.args {
				if properties[name] == nil {
					t.tb.Errorf("the tool %s has no argument %s", of.name, name)
				}
			}
			value, err := of.answer(call)
			if structured {
				return ownResult(value, err)
			}
			if err != nil {
				return nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: err.Error()}
			}
			text, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}}, nil
		})
}

// get asks the fake vendor with the credentials that the caller showed.
func (a *asked) get(path string, query url.Values) (any, http.Header, error) {
	req, err := http.NewRequestWithContext(a, http.MethodGet, a.vendor.URL+"/api/v4/"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range []string{"Authorization", "Private-Token"} {
		if v := a.header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	res, err := a.vendor.http.Client().Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch failed: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("GitLab API error: %s\n%s", res.Status, body)
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, nil, fmt.Errorf("unexpected token in JSON at position 0: %w", err)
	}
	return value, res.Header, nil
}

func (a *asked) text(name string) string {
	switch v := a.args[name].(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// path fills the arguments in braces into a path.
func (a *asked) path(pattern string) string {
	for name := range a.args {
		pattern = strings.ReplaceAll(pattern, "{"+name+"}", url.PathEscape(a.text(name)))
	}
	return pattern
}

// query is every argument that the path does not hold.
func (a *asked) query(pattern string) url.Values {
	q := url.Values{}
	for name := range a.args {
		if !strings.Contains(pattern, "{"+name+"}") {
			q.Set(name, a.text(name))
		}
	}
	return q
}

// texted makes text of ids and keeps of an object the fields that are named.
func texted(v any, fields string) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			out = append(out, texted(item, fields))
		}
		return out
	case object:
		kept, out := strings.Fields(fields), object{}
		for name, value := range v {
			if fields != "" && !slices.Contains(kept, name) {
				continue
			}
			if n, ok := value.(float64); ok && (name == "id" || name == "iid" || strings.HasSuffix(name, "_id")) {
				value = strconv.FormatFloat(n, 'f', -1, 64)
			}
			out[name] = texted(value, "")
		}
		return out
	default:
		return v
	}
}

// passed answers with what a path of the vendor says, cut down to fields.
func passed(pattern, fields string) func(*asked) (any, error) {
	return func(a *asked) (any, error) {
		v, _, err := a.get(a.path(pattern), a.query(pattern))
		if err != nil {
			return nil, err
		}
		return texted(v, fields), nil
	}
}

// complete refuses, as the server does, an answer in which something is null
// that it knows as an object.
func complete(f func(*asked) (any, error), field string) func(*asked) (any, error) {
	return func(a *asked) (any, error) {
		v, err := f(a)
		if one, ok := v.(object); ok && one[field] == nil {
			return nil, fmt.Errorf("Invalid arguments: %s: Invalid input: expected object, received null", field) //nolint:staticcheck // the server's own words
		}
		all, _ := v.([]any)
		for i, item := range all {
			if one, _ := item.(object); one[field] == nil {
				return nil, fmt.Errorf("Invalid arguments: %d.%s: Invalid input: expected object, received null", i, field) //nolint:staticcheck // the server's own words
			}
		}
		return v, err
	}
}

const (
	issueFields      = "id iid project_id title description state author assignees labels milestone created_at updated_at closed_at web_url references time_stats confidential due_date discussion_locked weight issue_type"
	mergeFields      = "id iid project_id title description state merged draft author assignees reviewers milestone source_branch target_branch diff_refs web_url created_at updated_at merged_at closed_at sha merge_commit_sha merge_user merged_by work_in_progress changes_count squash labels"
	pipelineFields   = "id project_id sha ref status source created_at updated_at web_url duration started_at finished_at coverage user detailed_status"
	deploymentFields = "id iid status ref sha created_at updated_at finished_at environment deployable user web_url"
	commitFields     = "id short_id title author_name author_email authored_date committer_name committer_email committed_date created_at message web_url parent_ids stats trailers extended_trailers"
	projectFields    = "id name path_with_namespace visibility owner web_url description created_at last_activity_at default_branch namespace archived issues_enabled merge_requests_enabled wiki_enabled jobs_enabled"
	wikiFields       = "title slug format content front_matter created_at updated_at"
	iterationFields  = "id iid sequence group_id title description state created_at updated_at due_date start_date web_url"
)

// community are the tools of @zereight/mcp-gitlab that are used, with some
// that write and some that nobody asks for.
var community = []tool{
	{name: "whoami", answer: passed("user", "")},
	{name: "health_check", answer: func(a *asked) (any, error) {
		if _, _, err := a.get("user", nil); err != nil {
			return object{"status": "error", "authenticated": false}, nil
		}
		v, _, err := a.get("version", nil)
		out, _ := v.(object)
		maps.Copy(out, object{"status": "ok", "authenticated": true, "mcp_server_version": "2.1.64"})
		return out, err
	}},
	{name: "get_user", required: "user_id", answer: passed("users/{user_id}", "")},
	{name: "get_users", required: "usernames", answer: func(*asked) (any, error) { return object{}, nil }},
	{name: "list_projects", optional: "search search_namespaces owned membership simple archived visibility order_by sort with_issues_enabled with_merge_requests_enabled min_access_level topic page per_page", answer: passed("projects", projectFields)},
	{name: "get_project", required: "project_id", answer: func(a *asked) (any, error) {
		v, _, err := a.get(a.path("projects/{project_id}"), nil)
		return v, err // as it came
	}},
	{name: "list_issues", optional: "project_id assignee_id author_id confidential created_after created_before due_date labels milestone issue_type iteration_id scope search state updated_after updated_before with_labels_details page per_page", answer: complete(passed("projects/{project_id}/issues", issueFields), "author")},
	{name: "get_issue", required: "project_id issue_iid", optional: "full_response", answer: complete(passed("projects/{project_id}/issues/{issue_iid}", issueFields), "author")},
	{name: "list_issue_discussions", required: "project_id issue_iid", optional: "page per_page", answer: discussions("projects/{project_id}/issues/{issue_iid}/discussions")},
	{name: "list_merge_requests", optional: "project_id assignee_id author_id created_after created_before updated_after updated_before labels milestone scope search state order_by sort target_branch source_branch wip page per_page", answer: passed("projects/{project_id}/merge_requests", mergeFields)},
	{name: "get_merge_request", required: "project_id", optional: "merge_request_iid source_branch include_summaries", answer: passed("projects/{project_id}/merge_requests/{merge_request_iid}", mergeFields)},
	{name: "mr_discussions", required: "project_id merge_request_iid", optional: "page per_page", answer: discussions("projects/{project_id}/merge_requests/{merge_request_iid}/discussions")},
	{name: "get_merge_request_approval_state", required: "project_id merge_request_iid", answer: approvals},
	{name: "list_commits", required: "project_id", optional: "ref_name since until path author all with_stats first_parent order trailers page per_page", answer: passed("projects/{project_id}/repository/commits", commitFields)},
	{name: "get_commit", required: "project_id sha", optional: "stats", answer: passed("projects/{project_id}/repository/commits/{sha}", commitFields)},
	{name: "list_pipelines", required: "project_id", optional: "scope status ref sha yaml_errors username updated_after updated_before order_by sort page per_page", answer: passed("projects/{project_id}/pipelines", pipelineFields)},
	{name: "get_pipeline", required: "project_id pipeline_id", answer: passed("projects/{project_id}/pipelines/{pipeline_id}", pipelineFields)},
	{name: "list_deployments", required: "project_id", optional: "environment ref sha status updated_after updated_before order_by sort page per_page", answer: unended},
	{name: "get_pipeline_job", required: "project_id job_id", answer: passed("projects/{project_id}/jobs/{job_id}", "")},
	{name: "list_group_iterations", required: "group_id", optional: "state search search_in include_ancestors include_descendants updated_before updated_after page per_page", answer: passed("groups/{group_id}/iterations", iterationFields)},
	{name: "list_wiki_pages", required: "project_id", optional: "with_content render_html page per_page", answer: passed("projects/{project_id}/wikis", wikiFields)},
	{name: "get_wiki_page", required: "project_id slug", optional: "render_html", answer: passed("projects/{project_id}/wikis/{slug}", wikiFields)},
	{name: "wait_for_pipeline", required: "project_id pipeline_id", optional: "timeout_seconds poll_interval_seconds"},
	{name: "create_issue", required: "project_id title", optional: "description"},
	{name: "update_issue", required: "project_id issue_iid", optional: "title state_event"},
	{name: "approve_merge_request", required: "project_id merge_request_iid", optional: "sha"},
	{name: "delete_wiki_page", required: "project_id slug"},
	{name: "execute_graphql", required: "query", optional: "variables"},
}

// discussions answers a page with what GitLab's headers said of it.
func discussions(pattern string) func(*asked) (any, error) {
	return func(a *asked) (any, error) {
		v, h, err := a.get(a.path(pattern), a.query(pattern))
		if err != nil {
			return nil, err
		}
		paging := object{"x_next_page": nil, "x_total": nil}
		for key, name := range map[string]string{"x_next_page": "X-Next-Page", "x_page": "X-Page", "x_per_page": "X-Per-Page", "x_total": "X-Total"} {
			if n, err := strconv.Atoi(h.Get(name)); err == nil {
				paging[key] = n
			}
		}
		return object{"items": texted(v, ""), "pagination": paging}, nil
	}
}

// approvals answers as the server does where a project has no rules.
func approvals(a *asked) (any, error) {
	v, _, err := a.get(a.path("projects/{project_id}/merge_requests/{merge_request_iid}/approvals"), nil)
	if err != nil {
		return nil, err
	}
	var state struct {
		By []struct {
			User object `json:"user"`
		} `json:"approved_by"`
	}
	raw, _ := json.Marshal(v) // it was JSON
	if err := json.Unmarshal(raw, &state); err != nil {
		return nil, err
	}
	by, names := []any{}, []any{}
	for _, one := range state.By {
		by, names = append(by, texted(one.User, "")), append(names, one.User["username"])
	}
	return object{"approved_by": by, "approved_by_usernames": names, "source_endpoint": "approvals"}, nil
}

// unended lists deployments without the end of their jobs.
func unended(a *asked) (any, error) {
	v, err := passed("projects/{project_id}/deployments", deploymentFields)(a)
	all, _ := v.([]any)
	for _, item := range all {
		one, _ := item.(object)
		if of, ok := one["deployable"].(object); ok {
			delete(of, "finished_at")
		}
	}
	return v, err
}
