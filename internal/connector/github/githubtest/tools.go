package githubtest

import (
	"fmt"
	"net/url"
	"strings"
)

// definition is a tool: its arguments by type, and what it answers. One
// without an answer must not be called.
type definition struct {
	name     string
	texts    []string
	numbers  []string
	methods  []string // values of the argument method
	required []string
	answer   func(call) (any, error)
}

func (d definition) schema() any {
	properties := object{}
	for _, name := range d.texts {
		properties[name] = object{"type": "string"}
	}
	for _, name := range d.numbers {
		properties[name] = object{"type": "number"}
	}
	if len(d.methods) > 0 {
		properties["method"] = object{"type": "string", "enum": d.methods}
	}
	if d.name == "search_repositories" {
		properties["minimal_output"] = object{"type": "boolean", "default": true}
	}
	out := object{"type": "object", "properties": properties}
	if len(d.required) > 0 {
		out["required"] = d.required
	}
	return out
}

// definitions are the tools of GitHub's server, or of one from before it left
// things out.
func definitions(plain bool) []definition {
	place := []string{"owner", "repo"}
	of := func(more ...string) []string { return append([]string{"owner", "repo"}, more...) }
	pages := []string{"page", "perPage"}
	pullTexts := of("after")
	if plain {
		pullTexts = of()
	}
	all := []definition{
		{name: "get_me", answer: func(c call) (any, error) { return c.get("user", nil, smallMe) }},
		{name: "get_teams", texts: []string{"user"}, answer: teams},
		{name: "search_repositories", texts: []string{"query", "sort", "order"}, numbers: pages, required: []string{"query"}, answer: searchRepositories},
		{name: "search_users", texts: []string{"query", "sort", "order"}, numbers: pages, required: []string{"query"}, answer: searchUsers},
		{name: "search_issues", texts: of("query", "sort", "order"), numbers: pages, required: []string{"query"}, answer: searchOf("is:issue ")},
		{name: "search_pull_requests", texts: of("query", "sort", "order"), numbers: pages, required: []string{"query"}, answer: searchOf("is:pr ")},
		{
			name: "issue_read", texts: place, numbers: append([]string{"issue_number"}, pages...), required: of("method", "issue_number"), answer: issueRead,
			methods: []string{"get", "get_comments", "get_sub_issues", "get_parent", "get_labels"},
		},
		{
			name: "pull_request_read", texts: pullTexts, numbers: append([]string{"pullNumber"}, pages...), required: of("method", "pullNumber"), answer: pullRead,
			methods: []string{"get", "get_diff", "get_status", "get_files", "get_commits", "get_review_comments", "get_reviews", "get_comments", "get_check_runs"},
		},
		{name: "list_commits", texts: of("sha", "author", "path", "since", "until"), numbers: pages, required: place, answer: func(c call) (any, error) {
			return c.get(c.repo("commits"), c.paged("sha", "since", "until"), smallCommit)
		}},
		{
			name: "actions_list", texts: of("resource_id"), numbers: []string{"page", "per_page"}, required: of("method"), answer: actionsList,
			methods: []string{"list_workflows", "list_workflow_runs", "list_workflow_jobs", "list_workflow_run_artifacts"},
		},
		// What a connector has no use for, and what writes.
		{name: "list_issues", texts: of("after", "since", "state", "orderBy", "direction"), numbers: []string{"perPage"}, required: place},
		{name: "get_file_contents", texts: of("path", "ref"), required: place},
		{name: "issue_write", texts: of("title", "body"), methods: []string{"create", "update"}, required: of("method")},
		{name: "merge_pull_request", texts: place, numbers: []string{"pullNumber"}, required: of("pullNumber")},
		{name: "delete_file", texts: of("path", "message", "branch", "sha"), required: of("path", "message", "branch", "sha")},
	}
	return all
}

func teams(c call) (any, error) {
	return []any{object{"org": Organisation, "teams": []any{object{"name": "Readers", "slug": "readers", "description": ""}}}}, nil
}

func searchRepositories(c call) (any, error) {
	query := c.paged("sort", "order")
	query.Set("q", c.text("query"))
	if whole, ok := c.args["minimal_output"].(bool); ok && !whole {
		return c.get("search/repositories", query, nil)
	}
	return nil, fmt.Errorf("minimal_output is on: has_issues would be left out")
}

func searchUsers(c call) (any, error) {
	query := c.paged("sort", "order")
	query.Set("q", "type:user "+c.text("query"))
	found, err := c.get("search/users", query, nil)
	if o, ok := found.(object); ok && !c.tools.options.Plain {
		items, _ := o["items"].([]any)
		for i, item := range items {
			items[i] = smallUser(item)
		}
	}
	return found, err
}

func searchOf(kind string) func(call) (any, error) {
	return func(c call) (any, error) {
		query := c.paged("sort", "order")
		q := c.text("query")
		if !strings.Contains(q, kind) {
			q = kind + q
		}
		query.Set("q", q)
		return c.get("search/issues", query, nil)
	}
}

func issueRead(c call) (any, error) {
	switch c.text("method") {
	case "get":
		return c.get(c.repo("issues", c.number("issue_number")), nil, smallIssue)
	case "get_comments":
		return c.get(c.repo("issues", c.number("issue_number"), "comments"), c.paged(), smallPart)
	}
	return nil, fmt.Errorf("unknown method: %s", c.text("method"))
}

func pullRead(c call) (any, error) {
	number := c.number("pullNumber")
	switch c.text("method") {
	case "get":
		return c.get(c.repo("pulls", number), nil, smallPull)
	case "get_comments":
		return c.get(c.repo("issues", number, "comments"), c.paged(), smallPart)
	case "get_reviews":
		return c.get(c.repo("pulls", number, "reviews"), c.paged(), smallPart)
	case "get_commits":
		return c.get(c.repo("pulls", number, "commits"), c.paged(), smallPullCommit)
	case "get_review_comments":
		if c.tools.options.Plain {
			return c.get(c.repo("pulls", number, "comments"), c.paged(), nil)
		}
		return reviewThreads(c, number)
	}
	return nil, fmt.Errorf("unknown method: %s", c.text("method"))
}

// reviewThreads has the same threads as the query of GraphQL, in the words of
// the tool.
func reviewThreads(c call, number string) (any, error) {
	c.tools.fake.mu.Lock()
	defer c.tools.fake.mu.Unlock()
	for _, repo := range c.tools.fake.repos {
		for _, i := range repo.issues {
			if repo.name != c.text("owner")+"/"+c.text("repo") || fmt.Sprint(i.number) != number {
				continue
			}
			found := threads(i, map[string]any{"first": c.args["perPage"], "after": c.args["after"]})
			nodes, _ := found["nodes"].([]any)
			out := []any{}
			for _, node := range nodes {
				thread, _ := node.(graph)
				comments, _ := thread["comments"].(graph)
				all, _ := comments["nodes"].([]any)
				small := []any{}
				for _, one := range all {
					small = append(small, smallOnCode(one))
				}
				out = append(out, object{"id": thread["id"], "is_resolved": false, "is_outdated": false, "is_collapsed": false, "comments": small, "total_count": len(small)})
			}
			return object{"review_threads": out, "totalCount": found["totalCount"], "pageInfo": found["pageInfo"]}, nil
		}
	}
	return nil, fmt.Errorf("Could not resolve to a PullRequest with the number of %s.", number) //nolint:staticcheck // GitHub's sentence
}

// actionsList reads its page from perPage, although it defines per_page.
func actionsList(c call) (any, error) {
	if c.text("method") != "list_workflow_runs" {
		return nil, fmt.Errorf("unknown method: %s", c.text("method"))
	}
	return c.get(c.repo("actions", "runs"), url.Values{"page": {c.number("page")}, "per_page": {"30"}}, nil)
}

// without leaves out what is empty, as structures with omitempty do.
func without(o object) object {
	for name, v := range o {
		switch v {
		case nil, "", float64(0):
			delete(o, name)
		}
	}
	return o
}

func smallUser(user any) any {
	u, ok := user.(object)
	if !ok {
		return nil
	}
	out := without(object{"id": u["id"], "profile_url": u["html_url"], "avatar_url": u["avatar_url"]})
	out["login"] = u["login"]
	if out["login"] == nil {
		out["login"] = "" // an object without members
	}
	return out
}

func smallMe(u object) any {
	out, _ := smallUser(u).(object)
	out["details"] = object{"name": "Reader", "email": "reader@example.com", "public_repos": 0, "created_at": "0001-01-01T00:00:00Z"}
	return out
}

func smallIssue(i object) any {
	return without(object{"number": i["number"], "title": i["title"], "body": i["body"], "state": i["state"], "user": smallUser(i["user"]), "updated_at": i["updated_at"]})
}

// smallPart is a comment or a review.
func smallPart(p object) any {
	return without(object{
		"id": p["id"], "body": p["body"], "state": p["state"], "user": smallUser(p["user"]), "html_url": p["html_url"], "commit_id": p["commit_id"],
		"created_at": p["created_at"], "updated_at": p["updated_at"], "submitted_at": p["submitted_at"], "author_association": p["author_association"],
	})
}

func smallOnCode(node any) any {
	c, _ := node.(graph)
	author, _ := c["author"].(graph)
	out := without(object{"body": c["body"], "line": c["line"], "author": author["login"], "created_at": c["createdAt"], "updated_at": c["updatedAt"]})
	out["path"], out["html_url"] = c["path"], c["url"]
	return out
}

// logins are the logins of accounts.
func logins(users any) any {
	all, _ := users.([]any)
	out := []any{}
	for _, user := range all {
		if u, ok := user.(object); ok {
			out = append(out, u["login"])
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func smallPull(p object) any {
	var by any
	if u, ok := p["merged_by"].(object); ok {
		by = u["login"]
	}
	body, _ := p["body"].(string)
	assignees, requested := logins(p["assignees"]), logins(p["requested_reviewers"])
	out := object{
		"body": strings.ReplaceAll(body, "<script>alert(1)</script>", ""), "user": smallUser(p["user"]), "merged_by": by, "head": p["head"], "base": p["base"],
		"additions": p["additions"], "deletions": p["deletions"], "changed_files": p["changed_files"], "commits": p["commits"], "comments": p["comments"],
		"created_at": p["created_at"], "updated_at": p["updated_at"], "closed_at": p["closed_at"], "merged_at": p["merged_at"],
	}
	for name, v := range out {
		if v == nil || v == "" || v == float64(0) {
			delete(out, name)
		}
	}
	if assignees != nil {
		out["assignees"] = assignees
	}
	if requested != nil {
		out["requested_reviewers"] = requested
	}
	for _, name := range []string{"number", "title", "state", "draft", "merged", "html_url"} {
		out[name] = p[name]
	}
	return out
}

func smallPullCommit(c object) any {
	inner, _ := c["commit"].(object)
	return object{"sha": c["sha"], "message": inner["message"], "author": inner["author"]}
}

func smallCommit(c object) any {
	out := object{"sha": c["sha"], "html_url": "", "commit": c["commit"]}
	for _, name := range []string{"author", "committer"} {
		if u := smallUser(c[name]); u != nil {
			out[name] = u
		}
	}
	return out
}
