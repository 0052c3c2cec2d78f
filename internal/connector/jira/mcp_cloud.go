package jira

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// The tools of Atlassian's own server. It is served to everybody at once and
// changes, so that what is not sure to be there is in a signature of its own.
var (
	// whole asks a tool of v2 for everything: what it tells by itself leaves out
	// parents, types and links.
	whole       = map[string]string{"view": "full", "responseContentFormat": "markdown"}
	newerSearch = mcpclient.Signature{Name: "searchJiraIssuesUsingJql", Args: []string{"cloudId", "jql", "fields", "maxResults", "nextPageToken"}, With: whole}
	newerIssue  = mcpclient.Signature{Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey", "fields", "expand"}, With: whole}

	cloudSearch = []mcpclient.Signature{
		newerSearch,
		{Name: "searchJiraIssuesUsingJql", Args: []string{"cloudId", "jql", "fields", "maxResults", "nextPageToken", "responseContentFormat"}},
		{Name: "searchJiraIssuesUsingJql", Args: []string{"cloudId", "jql", "fields", "maxResults", "nextPageToken"}},
		{Name: "searchJiraIssuesUsingJql", Args: []string{"cloudId", "jql", "fields", "maxResults"}},
	}
	cloudIssueExpanded = []mcpclient.Signature{
		newerIssue,
		{Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey", "fields", "expand", "responseContentFormat"}},
		{Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey", "fields", "expand"}},
	}
	cloudIssue = append(slices.Clone(cloudIssueExpanded),
		mcpclient.Signature{Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey", "fields"}},
		mcpclient.Signature{Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey"}})
	cloudProjectsPaged = []mcpclient.Signature{
		{Name: "listJiraProjects", Args: []string{"cloudId", "startAt", "maxResults"}},
		{Name: "getVisibleJiraProjects", Args: []string{"cloudId", "action", "startAt", "maxResults"}},
	}
	cloudProjects = mcpclient.Signature{Name: "getVisibleJiraProjects", Args: []string{"cloudId", "action"}}
	// What v2 alone has.
	cloudHistory  = mcpclient.Signature{Name: "listJiraIssueChangelogs", Args: []string{"cloudId", "issueIdOrKey", "startAt", "maxResults"}}
	cloudComments = mcpclient.Signature{Name: "listJiraIssueComments", Args: []string{"cloudId", "issueIdOrKey", "startAt", "maxResults"}}
	cloudBoards   = mcpclient.Signature{Name: "listJiraBoards", Args: []string{"cloudId", "projectKeyOrId", "startAt", "maxResults"}}
	cloudSprints  = mcpclient.Signature{Name: "listJiraBoardSprints", Args: []string{"cloudId", "boardId", "startAt", "maxResults"}}

	cloudTools = slices.Concat([]mcpclient.Signature{atlassian.ToolSites, atlassian.ToolMe, cloudProjects, cloudHistory, cloudComments, cloudBoards, cloudSprints},
		cloudSearch, cloudIssue, cloudProjectsPaged)
)

// bodies asks for longer texts as the API has them, where a server offers others.
const bodies = "adf"

func (t *tools) cloudHandlers() map[string]mcpclient.Handler {
	return map[string]mcpclient.Handler{
		"GET /rest/api/3/myself":               t.cloudMyself,
		"GET /rest/api/3/field":                t.cloudFields,
		"GET /rest/api/3/project/search":       t.cloudProjects,
		"GET /rest/api/3/search/jql":           t.cloudSearch,
		"GET /rest/api/3/issue/{id}":           t.cloudIssue,
		"GET /rest/api/3/issue/{id}/changelog": t.cloudChangelog,
		"GET /rest/api/3/issue/{id}/comment":   t.cloudComments,
	}
}

// cloud is the site, which is asked for once.
func (t *tools) cloud(ctx context.Context) (atlassian.Site, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.site == nil {
		site, err := atlassian.FindSite(ctx, t.session, "jira")
		if err != nil {
			return site, err
		}
		t.site = &site
	}
	return *t.site, nil
}

// ask calls a tool for the site.
func (t *tools) ask(ctx context.Context, args map[string]any, members []string, signatures ...mcpclient.Signature) (json.RawMessage, error) {
	site, err := t.cloud(ctx)
	if err != nil {
		return nil, err
	}
	args["cloudId"] = site.ID
	value, err := t.call(ctx, args, nil, signatures...)
	if err != nil {
		return nil, err
	}
	if value = atlassian.Data(value); len(members) > 0 && !atlassian.Has(value, members...) {
		return nil, atlassian.ShapeFault()
	}
	return value, nil
}

// cloudMyself says who the account is, in the words of the API. In what zone
// Jira takes its dates is another setting than the zone of its profile, which
// is why that is left out.
func (t *tools) cloudMyself(r *http.Request) (mcpclient.Answer, error) {
	me, err := atlassian.FindMe(r.Context(), t.session)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return answer(wireUser{AccountID: me.ID, DisplayName: me.Name, Email: me.Email})
}

func (t *tools) cloudFields(r *http.Request) (mcpclient.Answer, error) {
	return fields(r.Context(), r.FormValue("project"), func(ctx context.Context, jql string) (*sample, error) {
		var page cloudPage
		args := map[string]any{"jql": jql, "fields": []string{"issuetype"}, "maxResults": 1}
		for range maxEmpty { // a page may be empty and say that there is more
			var err error
			if page, err = t.searchOnce(ctx, args); err != nil {
				return nil, err
			}
			if len(page.Issues) > 0 || page.Token == "" || page.IsLast != nil && *page.IsLast {
				break
			}
			args["nextPageToken"] = page.Token
		}
		if len(page.Issues) == 0 {
			return nil, nil
		}
		var s sample
		if json.Unmarshal(page.Issues[0], &s) != nil || s.ID == "" {
			return nil, atlassian.ShapeFault()
		}
		kind := s.Fields.Type
		args = map[string]any{"issueIdOrKey": s.ID, "fields": sampled, "expand": "names,schema"}
		value, err := t.ask(ctx, args, []string{"id"}, cloudIssueExpanded...)
		if connector.Reason(err) == connector.ReasonUnsupported || connector.Absent(err) { // without, custom fields are not read
			return &s, nil
		}
		if err != nil {
			return nil, err
		}
		if json.Unmarshal(value, &s) != nil {
			return nil, atlassian.ShapeFault()
		}
		s.Fields.Type = kind
		return &s, nil
	})
}

// cloudProjects pages as far as the tool can, which is not at all in some
// versions: then it gives what it gives.
func (t *tools) cloudProjects(r *http.Request) (mcpclient.Answer, error) {
	args := asked(r.URL.Query(), []string{"startAt", "maxResults"}, nil)
	args["action"] = "view"
	if _, err := t.session.First(r.Context(), cloudProjectsPaged...); connector.Reason(err) != connector.ReasonUnsupported {
		value, err := t.ask(r.Context(), args, []string{"values"}, cloudProjectsPaged...)
		return mcpclient.Answer{JSON: value}, err
	}
	value, err := t.ask(r.Context(), args, []string{"values"}, cloudProjects)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var page struct {
		Values []json.RawMessage `json:"values"`
	}
	if json.Unmarshal(value, &page) != nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	return answer(map[string]any{"values": page.Values, "isLast": true})
}

// cloudPage is a page of a search. The issues are a list, or a connection of
// the kind that GraphQL has.
type cloudPage struct {
	Issues []json.RawMessage `json:"issues"`
	Token  string            `json:"nextPageToken,omitempty"`
	IsLast *bool             `json:"isLast,omitempty"`
}

func (t *tools) searchOnce(ctx context.Context, args map[string]any) (cloudPage, error) {
	args["responseContentFormat"] = bodies
	value, err := t.ask(ctx, args, []string{"issues"}, cloudSearch...)
	if err != nil {
		return cloudPage{}, err
	}
	var page cloudPage
	if json.Unmarshal(value, &page) == nil {
		return page, nil
	}
	var connection struct {
		Issues struct {
			Nodes    []json.RawMessage `json:"nodes"`
			Token    string            `json:"nextPageToken"`
			PageInfo *struct {
				HasNext bool   `json:"hasNextPage"`
				End     string `json:"endCursor"`
			} `json:"pageInfo"`
		} `json:"issues"`
		Token string `json:"nextPageToken"`
	}
	if json.Unmarshal(value, &connection) != nil || connection.Issues.Nodes == nil {
		return cloudPage{}, atlassian.ShapeFault()
	}
	page = cloudPage{Issues: connection.Issues.Nodes, Token: connection.Token}
	if page.Token == "" {
		page.Token = connection.Issues.Token
	}
	if info := connection.Issues.PageInfo; info != nil {
		last := !info.HasNext
		page.IsLast = &last
		if page.Token == "" && info.HasNext {
			page.Token = info.End
		}
	}
	return page, nil
}

func (t *tools) cloudSearch(r *http.Request) (mcpclient.Answer, error) {
	args := asked(r.URL.Query(), []string{"maxResults"}, []string{"fields"})
	page, err := t.searchOnce(r.Context(), args)
	if err == nil {
		err = t.completed(r.Context(), args, page.Issues)
	}
	if err != nil {
		return mcpclient.Answer{}, err
	}
	// A full page that says nothing of a next one is believed to have one. The
	// connector asks for what follows by a question of its own and not by this.
	if size, _ := args["maxResults"].(int); page.Token == "" && page.IsLast == nil && size > 0 && len(page.Issues) >= size {
		page.Token = "more"
	}
	return answer(page)
}

func (t *tools) cloudIssue(r *http.Request) (mcpclient.Answer, error) {
	args := asked(r.URL.Query(), nil, []string{"fields"})
	args["issueIdOrKey"] = r.PathValue("id")
	value, err := t.ask(r.Context(), args, []string{"id"}, cloudIssue...)
	if err == nil {
		value, err = flat(value, "")
	}
	return mcpclient.Answer{JSON: value}, err
}

// cloudChangelog is the history as far as it comes with the issue: its newest
// part and how long it is as a whole. v2 has a tool that lists all of it.
func (t *tools) cloudChangelog(r *http.Request) (mcpclient.Answer, error) {
	if whole, err := t.listed(r, cloudHistory, "values", "total"); connector.Reason(err) != connector.ReasonUnsupported {
		return whole, err
	}
	args := map[string]any{"issueIdOrKey": r.PathValue("id"), "fields": []string{"updated"}, "expand": "changelog", "responseContentFormat": bodies}
	value, err := t.ask(r.Context(), args, []string{"id"}, cloudIssueExpanded...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var issue struct {
		Changelog *struct {
			Histories []json.RawMessage `json:"histories"`
			Total     *int              `json:"total"`
		} `json:"changelog"`
	}
	if json.Unmarshal(value, &issue) != nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	if issue.Changelog == nil || issue.Changelog.Total == nil { // asked for and not given: it is not known
		return mcpclient.Answer{}, mcpclient.Unsupported()
	}
	return answer(map[string]any{"values": issue.Changelog.Histories, "total": *issue.Changelog.Total, "isLast": true})
}

// cloudComments are those that come with the issue itself, where no tool lists
// them all.
func (t *tools) cloudComments(r *http.Request) (mcpclient.Answer, error) {
	if whole, err := t.listed(r, cloudComments, "comments"); connector.Reason(err) != connector.ReasonUnsupported {
		return whole, err
	}
	args := map[string]any{"issueIdOrKey": r.PathValue("id"), "fields": []string{"comment"}, "responseContentFormat": bodies}
	value, err := t.ask(r.Context(), args, []string{"id"}, cloudIssue...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var issue struct {
		Fields struct {
			Comment embedded `json:"comment"`
		} `json:"fields"`
	}
	if json.Unmarshal(value, &issue) != nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	rows := issue.Fields.Comment.Comments
	start, _ := strconv.Atoi(r.FormValue("startAt"))
	return answer(map[string]any{"comments": rows[min(max(start, 0), len(rows)):], "total": issue.Fields.Comment.Total})
}
