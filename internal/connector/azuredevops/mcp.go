package azuredevops

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// inside is what addresses begin with when tools answer. Nobody is ever asked
// there.
const inside = "https://mcp.invalid"

// tools are the calls of one kind, by the names of the server's generations:
// those of 2.9 and later, which take an action, before those of 2.2 to 2.8.
type tools []mcpclient.Signature

func read(name string, args ...string) mcpclient.Signature {
	return mcpclient.Signature{Name: name, Args: args}
}

func act(name, action string, args ...string) mcpclient.Signature {
	return mcpclient.Signature{Name: name, Args: args, With: map[string]string{"action": action}}
}

// whole asks for a work item with everything that belongs to it.
func whole(s mcpclient.Signature, all string) mcpclient.Signature {
	with := map[string]string{"expand": all}
	maps.Copy(with, s.With)
	s.With = with
	return s
}

var (
	listProjects     = tools{read("core_list_projects", "stateFilter", "top", "skip")}
	listTeams        = tools{read("core_list_project_teams", "project", "top", "skip")}
	findPeople       = tools{read("core_get_identity_ids", "searchFilter")}
	listRepositories = tools{
		act("repo_repository", "list", "project", "top", "skip"),
		read("repo_list_repos_by_project", "project", "top", "skip"),
	}
	listPulls = tools{
		act("repo_pull_request", "list", "repositoryId", "status", "top", "skip"),
		read("repo_list_pull_requests_by_repo_or_project", "repositoryId", "status", "top", "skip"),
	}
	getPull = tools{
		act("repo_pull_request", "get", "repositoryId", "pullRequestId"),
		read("repo_get_pull_request_by_id", "repositoryId", "pullRequestId"),
	}
	listThreads = tools{
		act("repo_pull_request_thread", "list", "repositoryId", "pullRequestId", "fullResponse", "top", "skip"),
		read("repo_list_pull_request_threads", "repositoryId", "pullRequestId", "fullResponse", "top", "skip"),
	}
	listTeamIterations = tools{
		act("work", "list_team_iterations", "project", "team"),
		read("work_list_team_iterations", "project", "team"),
	}
	listIterations = tools{
		act("work", "list_iterations", "project", "depth"),
		read("work_list_iterations", "project", "depth"),
	}
	listBuilds = tools{
		act("pipelines_build", "list", "project", "statusFilter", "queryOrder", "minTime", "top"),
		read("pipelines_get_builds", "project", "statusFilter", "queryOrder", "minTime", "top"),
	}
	runQuery = tools{
		act("wit_query", "wiql", "project", "wiql", "timePrecision", "top"),
		read("wit_query_by_wiql", "project", "wiql", "timePrecision", "top"),
	}
	getItem = tools{
		whole(act("wit_work_item", "get", "project", "id"), "All"),
		whole(read("wit_get_work_item", "project", "id"), "all"),
	}
	getItems = tools{
		act("wit_work_item", "get_batch", "project", "ids", "fields"),
		read("wit_get_work_items_batch_by_ids", "project", "ids", "fields"),
	}
	listRevisions = tools{
		act("wit_work_item", "list_revisions", "project", "workItemId", "top", "skip"),
		read("wit_list_work_item_revisions", "project", "workItemId", "top", "skip"),
	}
	listComments = tools{
		act("wit_work_item", "list_comments", "project", "workItemId", "top"),
		read("wit_list_work_item_comments", "project", "workItemId", "top"),
	}
	getType = tools{
		act("wit_work_item", "get_type", "project", "workItemType"),
		read("wit_get_work_item_type", "project", "workItemType"),
	}
	listMine = tools{
		act("wit_work_item", "my", "project", "type", "includeCompleted", "top"),
		read("wit_my_work_items", "project", "type", "includeCompleted", "top"),
	}
)

// needs are the calls that a stream cannot be read without. Commits and
// classic deployments have none: the one search for commits that there is
// neither lists a history nor tells what is new in it.
var needs = map[rampforge.Stream][]tools{
	rampforge.StreamWorkItems:    {runQuery, getItem, getItems, listIterations},
	rampforge.StreamSprints:      {listTeams, listTeamIterations},
	rampforge.StreamPipelineRuns: {listBuilds},
	rampforge.StreamPullRequests: {listRepositories, listPulls, getPull, listThreads},
}

// MCP is what is known of Microsoft's MCP servers for Azure DevOps: the one
// that is started as a program, and the remote one.
func MCP() mcpclient.Vendor {
	var profile []mcpclient.Signature
	for _, each := range []tools{
		listProjects, listTeams, findPeople, listRepositories, listPulls, getPull, listThreads, listTeamIterations, listIterations,
		listBuilds, runQuery, getItem, getItems, listRevisions, listComments, getType, listMine,
	} {
		profile = append(profile, each...)
	}
	return mcpclient.Vendor{Profile: profile, Headers: bearer, Open: openMCP}
}

// bearer shows the token as the remote server takes it: one of Microsoft
// Entra, in the place where a service keeps its personal access token.
func bearer(credentials map[string]string) http.Header {
	h := http.Header{}
	if token := strings.TrimSpace(credentials["personal_access_token"]); token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

func openMCP(o connector.Options, s *mcpclient.Session) (connector.Connector, error) {
	t := &toolbox{session: s, people: map[string]json.RawMessage{}}
	c := &azure{
		http: mcpclient.NewBridge(t.handlers()), base: inside, release: inside, cloud: true, // the servers know no other host
		version: "7.1", comments: "7.1-preview.4", now: o.Now, offers: t.offers,
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

// lacks reports whether an error means that the MCP server has no tool for
// what was asked. By REST nothing is lacking.
func (c *azure) lacks(err error) bool {
	return c.offers != nil && connector.Reason(err) == connector.ReasonUnsupported
}

// toolbox answers REST requests by calls of tools.
type toolbox struct {
	session *mcpclient.Session

	mu     sync.Mutex
	people map[string]json.RawMessage // by display name, nil for whom nobody can tell
	self   json.RawMessage            // whose token it is
}

func (t *toolbox) handlers() map[string]mcpclient.Handler {
	return map[string]mcpclient.Handler{
		"GET /_apis/connectionData":                                          t.whoAmI,
		"GET /_apis/projects":                                                t.projects,
		"GET /_apis/projects/{project}/teams":                                t.teams,
		"GET /{project}/_apis/git/repositories":                              t.repositories,
		"GET /_apis/git/repositories/{repository}/pullrequests":              t.pulls,
		"GET /_apis/git/repositories/{repository}/pullrequests/{id}":         t.pull,
		"GET /_apis/git/repositories/{repository}/pullrequests/{id}/threads": t.threads,
		"GET /{project}/{team}/_apis/work/teamsettings/iterations":           t.teamIterations,
		"GET /{project}/_apis/build/builds":                                  t.builds,
		"GET /{project}/_apis/wit/reporting/workitemrevisions":               t.feed,
		"GET /{project}/_apis/wit/workitems":                                 t.items,
		"GET /{project}/_apis/wit/workItems/{id}/revisions":                  t.revisions,
		"GET /{project}/_apis/wit/workItems/{id}/comments":                   t.comments,
		"GET /{project}/_apis/wit/workitemtypes/{type}/states":               t.states,
		"GET /{project}/_apis/wit/classificationnodes/iterations":            t.iterations,
		"POST /{project}/_apis/wit/wiql":                                     t.wiql,
	}
}

// offers reports whether the server has the tools of a stream. One that nobody
// has approved yet counts: its stream says so when it is read.
func (t *toolbox) offers(ctx context.Context, stream rampforge.Stream) (bool, error) {
	if len(needs[stream]) == 0 {
		return false, nil
	}
	for _, each := range needs[stream] {
		switch _, err := t.session.First(ctx, each...); connector.Reason(err) {
		case connector.ReasonUnsupported:
			return false, nil
		case mcpclient.ReasonQuarantined:
		default:
			if err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// call returns the JSON of an answer. The vendor's own client says null for
// what it did not find.
func (t *toolbox) call(ctx context.Context, args map[string]any, signatures tools) (json.RawMessage, error) {
	res, err := t.session.Call(ctx, args, signatures...)
	switch {
	case err != nil:
		return nil, err
	case res.JSON != nil:
		return res.JSON, nil
	case strings.TrimSpace(res.Text) == "null":
		return nil, refusal(http.StatusNotFound)
	}
	return nil, malformed()
}

// list returns an answer that is a list, bare or as the API has it.
func (t *toolbox) list(ctx context.Context, args map[string]any, signatures tools) ([]json.RawMessage, error) {
	raw, err := t.call(ctx, args, signatures)
	if err != nil {
		return nil, err
	}
	var bare []json.RawMessage
	if json.Unmarshal(raw, &bare) == nil {
		return bare, nil
	}
	var page struct {
		Value []json.RawMessage `json:"value"`
	}
	if json.Unmarshal(raw, &page) != nil || page.Value == nil {
		return nil, malformed()
	}
	return page.Value, nil
}

// cut reads a list that the server cuts to pages itself, so that a short page
// is the end.
func (t *toolbox) cut(ctx context.Context, args map[string]any, top int, signatures tools) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	for range maxPages {
		args["top"], args["skip"] = top, len(all)
		items, err := t.list(ctx, args, signatures)
		if connector.Reason(err) == connector.ReasonTooLarge && top > 1 {
			top /= 2
			continue
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, items...); len(items) < top {
			return all, nil
		}
	}
	return nil, endless()
}

// answer is what the API would have sent.
func answer(v any) (mcpclient.Answer, error) {
	return mcpclient.Answer{JSON: encode(v)}, nil
}

// values is a list as the API sends it, its words put right.
func values(items []json.RawMessage, s shape) (mcpclient.Answer, error) {
	out := make([]json.RawMessage, 0, len(items))
	for _, raw := range items {
		in, err := worded(raw, s)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		out = append(out, in)
	}
	return answer(map[string]any{"count": len(out), "value": out})
}
