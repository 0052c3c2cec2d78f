package gitlab

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// nowhere is what the reading code builds its addresses from when tools answer
// them: no name ends in .invalid, and the bridge dials nothing.
const nowhere = "https://mcp.invalid"

// argument names that many tools share.
const (
	argProject = "project_id"
	argPage    = "page"
	argPer     = "per_page"
	argOrder   = "order_by"
	argSort    = "sort"
	argAfter   = "after"
	argFirst   = "first"
	argIID     = "work_item_iid"
)

// What is called of @zereight/mcp-gitlab. Its answers are GitLab's REST objects
// with ids as strings, cut down to the fields that it knows.
var (
	sigWhoAmI      = mcpclient.Signature{Name: "whoami"}
	sigUser        = mcpclient.Signature{Name: "get_user", Args: []string{"user_id"}}
	sigHealth      = mcpclient.Signature{Name: "health_check"}
	sigProjects    = mcpclient.Signature{Name: "list_projects", Args: []string{"membership", argOrder, argSort, argPage, argPer}}
	sigProject     = mcpclient.Signature{Name: "get_project", Args: []string{argProject}}
	sigIssues      = mcpclient.Signature{Name: "list_issues", Args: []string{argProject, "scope", "updated_after", "updated_before", "created_after", "created_before", argPage, argPer}}
	sigIssue       = mcpclient.Signature{Name: "get_issue", Args: []string{argProject, "issue_iid"}}
	sigIssueNotes  = mcpclient.Signature{Name: "list_issue_discussions", Args: []string{argProject, "issue_iid", argPage, argPer}}
	sigMerges      = mcpclient.Signature{Name: "list_merge_requests", Args: []string{argProject, "scope", "state", "updated_after", "created_after", argOrder, argSort, argPage, argPer}}
	sigMerge       = mcpclient.Signature{Name: "get_merge_request", Args: []string{argProject, "merge_request_iid"}}
	sigMergeNotes  = mcpclient.Signature{Name: "mr_discussions", Args: []string{argProject, "merge_request_iid", argPage, argPer}}
	sigApprovals   = mcpclient.Signature{Name: "get_merge_request_approval_state", Args: []string{argProject, "merge_request_iid"}}
	sigCommits     = mcpclient.Signature{Name: "list_commits", Args: []string{argProject, "ref_name", argPage, argPer}}
	sigCommit      = mcpclient.Signature{Name: "get_commit", Args: []string{argProject, "sha"}}
	sigPipelines   = mcpclient.Signature{Name: "list_pipelines", Args: []string{argProject, "updated_after", argOrder, argSort, argPage, argPer}}
	sigPipeline    = mcpclient.Signature{Name: "get_pipeline", Args: []string{argProject, "pipeline_id"}}
	sigDeployments = mcpclient.Signature{Name: "list_deployments", Args: []string{argProject, "updated_after", argOrder, argSort, argPage, argPer}}
	sigJob         = mcpclient.Signature{Name: "get_pipeline_job", Args: []string{argProject, "job_id"}}
	sigIterations  = mcpclient.Signature{Name: "list_group_iterations", Args: []string{"group_id", argPage, argPer}}
	sigWikis       = mcpclient.Signature{Name: "list_wiki_pages", Args: []string{argProject, "with_content"}}
	sigWiki        = mcpclient.Signature{Name: "get_wiki_page", Args: []string{argProject, "slug"}}
)

// What is called of GitLab's own server. Its answers are those of GraphQL.
var (
	ownMe        = mcpclient.Signature{Name: "get_user", Args: []string{"me"}}
	ownVersion   = mcpclient.Signature{Name: "get_mcp_server_version"}
	ownProjects  = mcpclient.Signature{Name: "list_projects", Args: []string{"archived", argFirst, argAfter}}
	ownItems     = mcpclient.Signature{Name: "list_work_items", Args: []string{argProject, "types", "updated_after", "updated_before", "created_after", argSort, argFirst, argAfter}}
	ownItem      = mcpclient.Signature{Name: "get_work_item", Args: []string{argProject, argIID}}
	ownNotes     = mcpclient.Signature{Name: "get_workitem_notes", Args: []string{argProject, argIID, argFirst, argAfter}}
	ownNotesName = mcpclient.Signature{Name: "get_work_item_notes", Args: []string{argProject, argIID, argFirst, argAfter}}
)

// needs are the tools without which a stream cannot be read truly, by server.
// A server that has none of the lists does not have the stream.
var needs = map[rampforge.Stream][][]mcpclient.Signature{
	rampforge.StreamWorkItems:    {{sigIssues, sigIssueNotes}, {ownItems, ownItem, ownNotes}, {ownItems, ownItem, ownNotesName}},
	rampforge.StreamSprints:      {{sigProject, sigIterations}},
	rampforge.StreamPullRequests: {{sigMerges, sigMerge, sigMergeNotes, sigCommits}},
	rampforge.StreamCommits:      {{sigProject, sigCommits, sigCommit}},
	rampforge.StreamPipelineRuns: {{sigPipelines, sigPipeline}},
	rampforge.StreamDeployments:  {{sigDeployments, sigJob}},
	rampforge.StreamDocuments:    {{sigProject, sigWikis, sigWiki}},
}

// MCP is what is known of the MCP servers that speak for GitLab: its own, and
// @zereight/mcp-gitlab.
func MCP() mcpclient.Vendor {
	return mcpclient.Vendor{
		Profile: []mcpclient.Signature{
			sigWhoAmI, sigUser, sigHealth, sigProjects, sigProject, sigIssues, sigIssue, sigIssueNotes, sigMerges, sigMerge, sigMergeNotes, sigApprovals,
			sigCommits, sigCommit, sigPipelines, sigPipeline, sigDeployments, sigJob, sigIterations, sigWikis, sigWiki,
			ownMe, ownVersion, ownProjects, ownItems, ownItem, ownNotes, ownNotesName,
		},
		Headers: headers,
		Open:    openTools,
	}
}

// accessToken is how GitLab marks the tokens that it takes as Private-Token
// too. A token of OAuth bears no mark, and is refused there.
var accessToken = regexp.MustCompile(`^gl[a-z]+-`)

func headers(credentials map[string]string) http.Header {
	h := http.Header{}
	token := strings.TrimSpace(credentials["token"])
	if token == "" {
		return h
	}
	h.Set("Authorization", "Bearer "+token)
	if accessToken.MatchString(token) {
		h.Set("Private-Token", token)
	}
	return h
}

func openTools(o connector.Options, session *mcpclient.Session) (connector.Connector, error) {
	t := &tools{session: session, now: o.Now, widths: map[string]time.Duration{}, groups: map[string]string{}, refs: map[string]diffRefs{}}
	if t.now == nil {
		t.now = time.Now
	}
	o.Service.Endpoint, o.Client = nowhere, mcpclient.NewBridge(t.handlers())
	o.Credentials = map[string]string{"token": "none"} // the server has them
	c, err := open(o)
	if err != nil {
		return nil, err
	}
	c.tools = t
	return c, nil
}

// tools answers the requests of the reading code by an MCP server's tools.
type tools struct {
	session *mcpclient.Session
	now     func() time.Time

	mu     sync.Mutex
	widths map[string]time.Duration // of the window that was last right, by list
	groups map[string]string        // of projects, by their id; "" where it is a person
	refs   map[string]diffRefs      // of merge requests whose commits are asked for next
}

// remembered bounds what is kept of projects and merge requests.
const remembered = 10_000

func (t *tools) handlers() map[string]mcpclient.Handler {
	const project = "GET " + apiPath + "/projects/{id}"
	return map[string]mcpclient.Handler{
		"GET " + apiPath + "/user":                    t.me,
		"GET " + apiPath + "/users/{user}":            t.user,
		"GET " + apiPath + "/metadata":                t.metadata,
		"GET " + apiPath + "/projects":                t.projects,
		project:                                       t.project,
		project + "/issues":                           t.issues,
		project + "/issues/{iid}/notes":               t.issueNotes,
		project + "/merge_requests":                   t.list(sigMerges, "scope", "state", "updated_after", "created_after", argOrder, argSort),
		project + "/merge_requests/{iid}":             t.mergeRequest,
		project + "/merge_requests/{iid}/discussions": t.discussions,
		project + "/merge_requests/{iid}/approvals":   t.approvals,
		project + "/merge_requests/{iid}/commits":     t.mergeCommits,
		project + "/pipelines":                        t.list(sigPipelines, "updated_after", argOrder, argSort),
		project + "/pipelines/{pipeline}":             t.one(sigPipeline, "pipeline_id", "pipeline"),
		project + "/deployments":                      t.deployments,
		project + "/repository/commits":               t.list(sigCommits, "ref_name"),
		project + "/repository/commits/{sha}":         t.one(sigCommit, "sha", "sha"),
		project + "/iterations":                       t.iterations,
		project + "/wikis":                            t.wikis,
		project + "/wikis/{slug}":                     t.one(sigWiki, "slug", "slug"),
	}
}

// has reports whether the server has the tools of a stream. Tools that nobody
// has approved count: reading says so.
func (t *tools) has(ctx context.Context, stream rampforge.Stream) (bool, error) {
	for _, all := range needs[stream] {
		there := true
		for _, sig := range all {
			_, err := t.session.First(ctx, sig)
			switch reason := connector.Reason(err); {
			case reason == connector.ReasonUnsupported:
				there = false
			case err != nil && reason != mcpclient.ReasonQuarantined:
				return false, err
			}
		}
		if there {
			return true, nil
		}
	}
	return false, nil
}

// own reports whether it is GitLab's own server that answers: whether it lacks
// the one signature and has the other.
func (t *tools) own(ctx context.Context, theirs, own mcpclient.Signature) (bool, error) {
	var known [2]bool
	for i, sig := range []mcpclient.Signature{theirs, own} {
		_, err := t.session.First(ctx, sig)
		switch reason := connector.Reason(err); {
		case err == nil, reason == mcpclient.ReasonQuarantined:
			known[i] = true
		case reason != connector.ReasonUnsupported:
			return false, err
		}
	}
	return !known[0] && known[1], nil
}

// call returns what a tool answers; it has to be JSON.
func (t *tools) call(ctx context.Context, args map[string]any, signatures ...mcpclient.Signature) (json.RawMessage, error) {
	res, err := t.session.Call(ctx, args, signatures...)
	if err != nil {
		return nil, err
	}
	if res.JSON == nil {
		return nil, malformed()
	}
	return res.JSON, nil
}

// items returns the list that a tool answers.
func (t *tools) items(ctx context.Context, args map[string]any, sig mcpclient.Signature) ([]json.RawMessage, error) {
	raw, err := t.call(ctx, args, sig)
	if err != nil {
		return nil, err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, malformed()
	}
	return all, nil
}

// args are a tool's arguments out of a request: its project, its page and the
// named ones of its query.
func args(r *http.Request, names ...string) map[string]any {
	q := r.URL.Query()
	out := map[string]any{argProject: r.PathValue("id"), argPage: number(q.Get(argPage), 1), argPer: number(q.Get(argPer), 20)}
	for _, name := range names {
		if v := q.Get(name); v != "" {
			out[name] = v
		}
	}
	return out
}

func number(text string, unless int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return unless
}

// list answers a list by one that takes the same query. The server tells of no
// next page, and so does the answer: the reading code then asks until a page
// is empty.
func (t *tools) list(sig mcpclient.Signature, names ...string) mcpclient.Handler {
	return func(r *http.Request) (mcpclient.Answer, error) {
		all, left, err := t.around(r.Context(), args(r, names...), sig)
		return mcpclient.Answer{JSON: array(all), Header: left.header()}, err
	}
}

// one answers for one thing by the tool that gets it.
func (t *tools) one(sig mcpclient.Signature, arg, value string) mcpclient.Handler {
	return func(r *http.Request) (mcpclient.Answer, error) {
		raw, err := t.call(r.Context(), map[string]any{argProject: r.PathValue("id"), arg: r.PathValue(value)}, sig)
		return mcpclient.Answer{JSON: raw}, err
	}
}

// page answers a page and says which one comes after it, 0 for none.
func page(all []json.RawMessage, next int) mcpclient.Answer {
	h := http.Header{"X-Next-Page": {""}}
	if next > 0 {
		h.Set("X-Next-Page", strconv.Itoa(next))
	}
	return mcpclient.Answer{JSON: array(all), Header: h}
}

func gone() error {
	return connector.Errorf(connector.ReasonNotFound, "The MCP server does not give this.", "Nothing has to be done.", nil)
}
