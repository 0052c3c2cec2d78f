package jira

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// The tools of servers for Data Center, each of which is one request of REST.
var (
	toolServerInfo = mcpclient.Signature{Name: "jira_get_server_info"}
	toolAccount    = mcpclient.Signature{Name: "jira_get_current_session"}
	toolUser       = mcpclient.Signature{Name: "jira_get_user", Args: []string{"username"}}
	toolStatuses   = mcpclient.Signature{Name: "jira_get_statuses"}
	toolProjects   = mcpclient.Signature{Name: "jira_get_projects", Args: []string{"includeArchived"}}
	toolSearch     = mcpclient.Signature{Name: "jira_search_issues", Args: []string{"jql", "fields", "expand", "startAt", "maxResults"}}
	toolIssue      = mcpclient.Signature{Name: "jira_get_issue", Args: []string{"issueKey", "fields", "expand"}}
	toolComments   = mcpclient.Signature{Name: "jira_get_issue_comments", Args: []string{"issueKey", "startAt", "maxResults"}}
	toolBoards     = mcpclient.Signature{Name: "jira_get_boards", Args: []string{"projectKeyOrId", "startAt", "maxResults"}}
	toolSprints    = mcpclient.Signature{Name: "jira_get_board_sprints", Args: []string{"boardId", "startAt", "maxResults"}}

	centerTools = []mcpclient.Signature{
		toolServerInfo, toolAccount, toolUser, toolStatuses, toolProjects, toolSearch, toolIssue, toolComments, toolBoards, toolSprints,
	}
)

func (t *tools) centerHandlers() map[string]mcpclient.Handler {
	paged := []string{"startAt", "maxResults"}
	// through hands a request on to the one tool that makes it.
	through := func(sig mcpclient.Signature, args func(*http.Request) map[string]any, members ...string) mcpclient.Handler {
		return func(r *http.Request) (mcpclient.Answer, error) {
			value, err := t.call(r.Context(), args(r), members, sig)
			return mcpclient.Answer{JSON: value}, err
		}
	}
	nothing := func(*http.Request) map[string]any { return nil }
	// orCloud asks Atlassian's own server where it is that which has the tool.
	orCloud := func(sig mcpclient.Signature, center mcpclient.Handler) mcpclient.Handler {
		return func(r *http.Request) (mcpclient.Answer, error) {
			if a, err := t.listed(r, sig, "values"); connector.Reason(err) != connector.ReasonUnsupported {
				return a, err
			}
			return center(r)
		}
	}
	return map[string]mcpclient.Handler{
		"GET /rest/api/2/myself": t.centerMyself,
		"GET /rest/api/2/status": through(toolStatuses, nothing),
		"GET /rest/api/2/field":  t.centerFields,
		"GET /rest/api/2/project": through(toolProjects, func(*http.Request) map[string]any {
			return map[string]any{"includeArchived": true}
		}),
		"GET /rest/api/2/search": through(toolSearch, func(r *http.Request) map[string]any {
			return asked(r.URL.Query(), paged, []string{"fields", "expand"})
		}, "issues"),
		"GET /rest/api/2/issue/{id}": through(toolIssue, func(r *http.Request) map[string]any {
			args := asked(r.URL.Query(), nil, []string{"fields"})
			args["issueKey"] = r.PathValue("id")
			return args
		}, "id"),
		"GET /rest/api/2/issue/{id}/comment": through(toolComments, func(r *http.Request) map[string]any {
			args := asked(r.URL.Query(), paged, nil)
			args["issueKey"] = r.PathValue("id")
			return args
		}, "comments"),
		"GET " + boardPath: orCloud(cloudBoards, through(toolBoards, func(r *http.Request) map[string]any {
			return asked(r.URL.Query(), paged, nil)
		}, "values")),
		"GET " + boardPath + "/{id}/sprint": orCloud(cloudSprints, through(toolSprints, func(r *http.Request) map[string]any {
			args := asked(r.URL.Query(), paged, nil)
			if id, err := strconv.Atoi(r.PathValue("id")); err == nil {
				args["boardId"] = id
			}
			return args
		}, "values")),
	}
}

// centerMyself finds out who the account is: the session has a name, and the
// user of that name the rest.
func (t *tools) centerMyself(r *http.Request) (mcpclient.Answer, error) {
	value, err := t.call(r.Context(), nil, nil, toolAccount)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var session struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(value, &session) != nil || session.Name == "" {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	value, err = t.call(r.Context(), map[string]any{"username": session.Name}, nil, toolUser)
	return mcpclient.Answer{JSON: value}, err
}

func (t *tools) centerFields(r *http.Request) (mcpclient.Answer, error) {
	return fields(r.Context(), r.FormValue("project"), func(ctx context.Context, jql string) (*sample, error) {
		value, err := t.call(ctx, map[string]any{"jql": jql, "fields": sampled, "expand": []string{"names", "schema"}, "startAt": 0, "maxResults": 1}, []string{"issues"}, toolSearch)
		if err != nil {
			return nil, err
		}
		var page struct {
			sample // of all issues of the page, which are one

			Issues []sample `json:"issues"`
		}
		if json.Unmarshal(value, &page) != nil {
			return nil, atlassian.ShapeFault()
		}
		if len(page.Issues) == 0 {
			return nil, nil
		}
		s := &page.Issues[0]
		if s.Names, s.Schema = page.Names, page.Schema; s.Schema != nil {
			return s, nil
		}
		return s, t.describe(ctx, s) // a search does not tell everywhere
	})
}

// describe asks an issue itself for its fields. Where it does not tell either,
// custom fields are not read.
func (t *tools) describe(ctx context.Context, s *sample) error {
	value, err := t.call(ctx, map[string]any{"issueKey": s.ID, "fields": sampled, "expand": "names,schema"}, []string{"id"}, toolIssue)
	if connector.Absent(err) { // gone since
		return nil
	}
	if err != nil {
		return err
	}
	var told sample
	if json.Unmarshal(value, &told) != nil {
		return atlassian.ShapeFault()
	}
	s.Names, s.Schema = told.Names, told.Schema
	return nil
}
