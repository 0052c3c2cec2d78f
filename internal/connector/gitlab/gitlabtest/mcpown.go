package gitlabtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// ownResult is how GitLab's own server answers: structured, and the same as
// text.
func ownResult(value any, err error) (*mcp.CallToolResult, error) {
	if err != nil {
		return &mcp.CallToolResult{IsError: true, StructuredContent: object{}, Content: []mcp.Content{&mcp.TextContent{Text: err.Error()}}}, nil //nolint:nilerr // it is told in the result
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return &mcp.CallToolResult{StructuredContent: value, Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}}, nil
}

// own are the tools of GitLab's own server that are used, with some that write
// and some whose answers are too short for use.
var own = []tool{
	{name: "get_mcp_server_version", answer: func(*asked) (any, error) { return object{"version": "19.1.0-ee", "revision": "0a1b2c3d"}, nil }},
	{name: "get_user", optional: "username id me", answer: func(a *asked) (any, error) {
		v, _, err := a.get("user", nil)
		u, _ := v.(object)
		return object{"id": u["id"], "username": u["username"], "name": u["name"], "state": "active", "web_url": u["web_url"]}, err
	}},
	{name: "list_projects", optional: "group_id min_access_level search visibility archived first after", answer: ownProjects},
	{name: "get_project", optional: "url project_id", answer: func(*asked) (any, error) { return object{}, nil }},
	{name: "list_work_items", optional: "url group_id project_id state search author_username assignee_usernames label_name milestone_title types created_after created_before updated_after updated_before due_after due_before sort first after", answer: ownItems},
	{name: "get_work_item", optional: "url group_id project_id work_item_iid include related_merge_requests_first related_merge_requests_after", answer: ownItem},
	{name: "get_workitem_notes", optional: "url group_id project_id work_item_iid first last after before", answer: ownNotes},
	{name: "list_merge_requests", optional: "url project_id author_username assignee_username reviewer_username state scope milestone labels search after first", answer: func(*asked) (any, error) { return object{"nodes": []any{}}, nil }},
	{name: "list_commits", optional: "url project_id ref_name author path since until with_stats first after", answer: func(*asked) (any, error) { return object{"nodes": []any{}}, nil }},
	{name: "list_wiki_pages", optional: "project_id group_id first after", answer: func(*asked) (any, error) { return object{"items": []any{}}, nil }},
	{name: "save_work_item", optional: "url project_id title"},
	{name: "create_workitem_note", required: "body", optional: "url project_id work_item_iid"},
	{name: "accept_merge_request", optional: "url project_id"},
}

// ownOlder are those of GitLab 18.7.
var ownOlder = []tool{
	{name: "get_mcp_server_version", answer: func(*asked) (any, error) { return object{"version": "18.7.0-ee"}, nil }},
	{name: "create_issue", required: "id title"},
	{name: "get_issue", required: "id issue_iid", answer: passed("projects/{id}/issues/{issue_iid}", "")},
	{name: "create_merge_request", required: "id title source_branch target_branch"},
	{name: "get_merge_request", required: "id merge_request_iid", answer: passed("projects/{id}/merge_requests/{merge_request_iid}", "")},
	{name: "create_workitem_note", required: "body", optional: "url project_id work_item_iid"},
	{name: "get_workitem_notes", optional: "url group_id project_id work_item_iid first last after before", answer: ownNotes},
	{name: "gitlab_search", required: "scope search", optional: "group_id project_id", answer: func(*asked) (any, error) { return object{"items": []any{}}, nil }},
}

// whole reads a list of the fake vendor to its end.
func (a *asked) whole(path string, q url.Values) ([]object, error) {
	var all []object
	for number := 1; ; number++ {
		q.Set("page", strconv.Itoa(number))
		v, _, err := a.get(path, q)
		if err != nil {
			return nil, a.words(err)
		}
		items, ok := v.([]any)
		if !ok {
			return nil, errors.New("operation returned no data")
		}
		if len(items) == 0 {
			return all, nil
		}
		for _, item := range items {
			one, _ := item.(object)
			all = append(all, one)
		}
	}
}

// words are those in which the server tells of what is not there.
func (a *asked) words(err error) error {
	if strings.Contains(err.Error(), "error: 404") {
		return errors.New("Project or group not found: it does not exist or you do not have access to it.") //nolint:staticcheck // the server's own words
	}
	return err
}

// cursored returns a page after a cursor.
func (a *asked) cursored(all []object) ([]object, object) {
	first, _ := strconv.Atoi(a.text("first"))
	from, _ := strconv.Atoi(strings.TrimPrefix(a.text("after"), "c"))
	to := min(from+min(max(first, 1), a.vendor.options.MaxPage), len(all))
	info := object{"hasNextPage": to < len(all), "endCursor": nil}
	if to > from {
		info["endCursor"] = "c" + strconv.Itoa(to)
	}
	return append([]object{}, all[min(from, to):to]...), info
}

// second is a time as GraphQL tells it.
func second(v any) any {
	text, _ := v.(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

func gid(kind string, v any) string {
	n, _ := v.(float64)
	return "gid://gitlab/" + kind + "/" + strconv.FormatFloat(n, 'f', -1, 64)
}

func ownProjects(a *asked) (any, error) {
	all, err := a.whole("projects", url.Values{"membership": {"true"}, "per_page": {"100"}})
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(all))
	for _, p := range slices.Backward(all) { // the newest first
		if p["archived"] == true && a.text("archived") != "include" {
			continue
		}
		out = append(out, object{"id": p["id"], "fullPath": p["path_with_namespace"], "name": p["name"], "webUrl": p["web_url"], "visibility": "private", "archived": p["archived"]})
	}
	nodes, info := a.cursored(out)
	return object{"nodes": nodes, "pageInfo": info}, nil
}

func compact(i object) object {
	refs, _ := i["references"].(object)
	return object{
		"id": gid("WorkItem", i["id"]), "iid": fmt.Sprint(i["iid"]), "title": i["title"], "state": map[any]string{"opened": "OPEN", "closed": "CLOSED"}[i["state"]],
		"webUrl": strings.Replace(fmt.Sprint(i["web_url"]), "/issues/", "/work_items/", 1), "reference": refs["full"],
		"createdAt": second(i["created_at"]), "updatedAt": second(i["updated_at"]), "workItemType": object{"id": "gid://gitlab/WorkItems::Type/1", "name": "Issue"},
	}
}

func ownItems(a *asked) (any, error) {
	q := url.Values{"per_page": {"100"}, "sort": {"asc"}, "order_by": {"created_at"}, "scope": {"all"}}
	if a.text("sort") == "UPDATED_ASC" {
		q.Set("order_by", "updated_at")
	}
	for _, name := range []string{"updated_after", "updated_before", "created_after", "created_before"} {
		if v := a.text(name); v != "" {
			q.Set(name, v)
		}
	}
	all, err := a.whole(a.path("projects/{project_id}/issues"), q)
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(all))
	for _, i := range all {
		out = append(out, compact(i))
	}
	nodes, info := a.cursored(out)
	return object{"work_items": nodes, "pageInfo": info}, nil
}

func person(v any) any {
	u, ok := v.(object)
	if !ok {
		return nil
	}
	return object{"id": gid("User", u["id"]), "name": u["name"], "username": u["username"], "webUrl": u["web_url"]}
}

func ownItem(a *asked) (any, error) {
	v, _, err := a.get(a.path("projects/{project_id}/issues/{work_item_iid}"), nil)
	if err != nil {
		return nil, a.words(err)
	}
	i, _ := v.(object)
	out := compact(i)
	assignees, labels := []any{}, []any{}
	people, _ := i["assignees"].([]any)
	for _, u := range people {
		assignees = append(assignees, person(u))
	}
	names, _ := i["labels"].([]any)
	for _, name := range names {
		labels = append(labels, object{"id": "gid://gitlab/ProjectLabel/3", "title": name, "color": "#fff", "description": nil})
	}
	out["description"], out["closedAt"], out["confidential"], out["author"] = i["description"], second(i["closed_at"]), false, person(i["author"])
	out["widgets"] = []any{
		object{"type": "ASSIGNEES", "assignees": object{"nodes": assignees}}, object{"type": "LABELS", "labels": object{"nodes": labels}},
		object{"type": "MILESTONE", "milestone": nil}, object{"type": "NOTES"},
	}
	return out, nil
}

func ownNotes(a *asked) (any, error) {
	all, err := a.whole(a.path("projects/{project_id}/issues/{work_item_iid}/notes"), url.Values{"sort": {"asc"}, "order_by": {"created_at"}})
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(all))
	for _, n := range all {
		out = append(out, object{
			"id": gid("Note", n["id"]), "body": n["body"], "internal": false, "system": n["system"], "author": person(n["author"]),
			"createdAt": second(n["created_at"]), "updatedAt": second(n["updated_at"]), "discussion": object{"id": "gid://gitlab/Discussion/" + hashOf(fmt.Sprint(n["id"]))},
		})
	}
	nodes, info := a.cursored(out)
	return object{"nodes": nodes, "pageInfo": info, "count": len(out)}, nil
}
