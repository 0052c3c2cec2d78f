package github

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

const (
	// toolsBase is where requests go that tools answer. Nobody is there.
	toolsBase = "https://mcp.invalid/api/v3/"
	// toolsets are those that hold the tools of the profile; actions is not
	// among what a server has by default.
	toolsets = "context,repos,issues,pull_requests,users,actions"
	// searchLag is how much later than its stamp a change may show by search:
	// the index follows what it indexes.
	searchLag = 10 * time.Minute
)

// The calls that are made. All of them read.
var (
	sigMe         = mcpclient.Signature{Name: "get_me"}
	sigTeams      = mcpclient.Signature{Name: "get_teams"}
	sigRepos      = mcpclient.Signature{Name: "search_repositories", Args: []string{"query", "page", "perPage", "minimal_output"}}
	sigUsers      = mcpclient.Signature{Name: "search_users", Args: []string{"query", "perPage"}}
	sigIssues     = mcpclient.Signature{Name: "search_issues", Args: []string{"query", "sort", "order", "page", "perPage"}}
	sigPulls      = mcpclient.Signature{Name: "search_pull_requests", Args: []string{"query", "sort", "order", "page", "perPage"}}
	sigIssue      = issueRead("get")
	sigComments   = issueRead("get_comments", "page", "perPage")
	sigPull       = pullRead("get")
	sigOnPull     = pullRead("get_comments", "page", "perPage")
	sigReviews    = pullRead("get_reviews", "page", "perPage")
	sigThreads    = pullRead("get_review_comments", "after", "perPage")
	sigOnCode     = pullRead("get_review_comments", "page", "perPage") // before it told of threads
	sigPullCommit = pullRead("get_commits", "page", "perPage")
	sigCommits    = mcpclient.Signature{Name: "list_commits", Args: []string{"owner", "repo", "sha", "since", "page", "perPage"}}
	sigRuns       = mcpclient.Signature{Name: "actions_list", Args: []string{"owner", "repo", "page", "per_page"}, With: map[string]string{"method": "list_workflow_runs"}}
)

func issueRead(method string, more ...string) mcpclient.Signature {
	return mcpclient.Signature{Name: "issue_read", Args: append([]string{"owner", "repo", "issue_number"}, more...), With: map[string]string{"method": method}}
}

func pullRead(method string, more ...string) mcpclient.Signature {
	return mcpclient.Signature{Name: "pull_request_read", Args: append([]string{"owner", "repo", "pullNumber"}, more...), With: map[string]string{"method": method}}
}

// MCP says how GitHub is read by its MCP server: the program
// github-mcp-server, or the one that GitHub runs itself.
func MCP() mcpclient.Vendor {
	return mcpclient.Vendor{
		Profile: []mcpclient.Signature{
			sigMe, sigTeams, sigRepos, sigUsers, sigIssues, sigPulls, sigIssue, sigComments,
			sigPull, sigOnPull, sigReviews, sigThreads, sigOnCode, sigPullCommit, sigCommits, sigRuns,
		},
		Headers: toolHeaders,
		Open:    openTools,
	}
}

// toolHeaders asks for no more than what is used: a server that knows the two
// headers offers no tool that writes.
func toolHeaders(credentials map[string]string) http.Header {
	h := http.Header{"X-Mcp-Readonly": {"true"}, "X-Mcp-Toolsets": {toolsets}}
	if token := strings.TrimSpace(credentials["token"]); token != "" && !strings.ContainsAny(token, "\r\n\x00") {
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

func openTools(o connector.Options, session *mcpclient.Session) (connector.Connector, error) {
	base, err := url.Parse(toolsBase)
	if err != nil {
		return nil, err
	}
	t := &tools{session: session, names: map[string]string{}, people: map[string]person{}, now: o.Now}
	if t.now == nil {
		t.now = time.Now
	}
	client := github.NewClient(mcpclient.NewBridge(t.handlers()))
	client.BaseURL = base
	client.DisableRateLimitCheck = true
	return &Connector{client: client, now: t.now, tools: t}, nil
}

// tools answers the connector's requests by calls of an MCP server's tools.
type tools struct {
	session *mcpclient.Session
	now     func() time.Time

	mu     sync.Mutex
	names  map[string]string // of repositories, by id: as they were called last
	people map[string]person // by login in small letters

	listing sync.Mutex
	all     []repository // by id, as they were found last
	listed  time.Time
}

func (t *tools) handlers() map[string]mcpclient.Handler {
	return map[string]mcpclient.Handler{
		"GET /api/v3/user":                                          t.user,
		"GET /api/v3/user/repos":                                    t.repositories,
		"GET /api/v3/repositories/{id}":                             t.repository,
		"GET /api/v3/repos/{owner}/{repo}/issues":                   t.issues,
		"GET /api/v3/repos/{owner}/{repo}/issues/{number}":          t.issue,
		"GET /api/v3/repos/{owner}/{repo}/issues/{number}/comments": t.comments,
		"GET /api/v3/repos/{owner}/{repo}/pulls":                    t.pulls,
		"GET /api/v3/repos/{owner}/{repo}/pulls/{number}":           t.pull,
		"GET /api/v3/repos/{owner}/{repo}/pulls/{number}/reviews":   t.reviews,
		"GET /api/v3/repos/{owner}/{repo}/pulls/{number}/comments":  t.onCode,
		"GET /api/v3/repos/{owner}/{repo}/pulls/{number}/commits":   t.pullCommits,
		"GET /api/v3/repos/{owner}/{repo}/commits":                  t.commits,
		"GET /api/v3/repos/{owner}/{repo}/actions/runs":             t.runs,
	}
}

// needs says which tools a stream cannot be read without. Deployments have
// none.
var needs = map[rampforge.Stream][]mcpclient.Signature{
	rampforge.StreamWorkItems:    {sigIssues, sigComments},
	rampforge.StreamPullRequests: {sigPulls, sigPull, sigReviews, sigPullCommit},
	rampforge.StreamCommits:      {sigCommits},
	rampforge.StreamPipelineRuns: {sigRuns},
}

// streams returns those of all that the server has the tools for. A tool that
// waits for its approval counts as there: the reading says so.
func (t *tools) streams(ctx context.Context, all []rampforge.Stream) ([]rampforge.Stream, error) {
	var out []rampforge.Stream
	for _, stream := range all {
		there := len(needs[stream]) > 0
		for _, sig := range needs[stream] {
			_, err := t.session.First(ctx, sig)
			switch connector.Reason(err) {
			case connector.ReasonUnsupported:
				there = false
			case mcpclient.ReasonQuarantined:
			default:
				if err != nil {
					return nil, err
				}
			}
		}
		if there {
			out = append(out, stream)
		}
	}
	return out, nil
}
