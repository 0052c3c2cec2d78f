package jiratest

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// newerTools are those of v2 of Atlassian's own server. They answer in
// {"data":…}, leave fields out of what they tell unless everything is asked for,
// some of them even then, and tell custom fields by name.
func newerTools(site string) []tool {
	const id = "11111111-2222-3333-4444-555555555555"
	in := func(do func(context.Context, *api, args) (any, error)) func(context.Context, *api, args) (any, error) {
		return func(ctx context.Context, a *api, in args) (any, error) {
			value, err := do(ctx, a, in)
			if _, text := value.(string); text || err != nil {
				return value, err
			}
			return object{"data": value}, nil
		}
	}
	part := func(of string) func(args) string {
		return func(in args) string { return "/rest/api/3/issue/" + url.PathEscape(in.Text("issueIdOrKey")) + of }
	}
	return []tool{
		{Name: "getAccessibleAtlassianResources", Do: in(func(context.Context, *api, args) (any, error) {
			return object{"resources": []object{
				{"cloudId": id, "url": site, "products": []object{{"id": "jira"}, {"id": "confluence"}}},
				{"cloudId": "another", "url": "https://other.example.com", "products": []object{{"id": "confluence"}}},
			}}, nil
		})},
		{Name: "atlassianUserInfo", Do: in(func(ctx context.Context, a *api, _ args) (any, error) {
			me, err := told(a.Get(ctx, "/rest/api/3/myself", nil))
			if me == nil || err != nil {
				return "no JSON", err
			}
			return object{"accountId": me["accountId"], "displayName": me["displayName"]}, nil
		})},
		{Name: "listJiraProjects", Args: []string{"cloudId", "searchString", "startAt:number", "maxResults:number"}, Required: []string{"cloudId"}, Do: in(path(fixed("/rest/api/3/project/search"), "startAt", "maxResults"))},
		{
			Name: "searchJiraIssuesUsingJql", Args: []string{"cloudId", "jql", "fields:array", "maxResults:number", "nextPageToken", "view", "fieldsByKeys:boolean", "responseContentFormat"}, Required: []string{"cloudId", "jql"},
			Do: in(func(ctx context.Context, a *api, in args) (any, error) {
				page, err := told(a.Get(ctx, "/rest/api/3/search/jql", in.Query("jql", "fields", "maxResults", "nextPageToken")))
				if page == nil || err != nil {
					return "no JSON", err
				}
				issues, _ := page["issues"].([]any)
				for _, one := range issues {
					issue, _ := one.(object)
					shorten(issue, in, "parent", "duedate")
				}
				return page, nil
			}),
		},
		{
			Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey", "fields:array", "expand", "view", "fieldsByKeys:boolean", "responseContentFormat"}, Required: []string{"cloudId", "issueIdOrKey"},
			Do: in(func(ctx context.Context, a *api, in args) (any, error) {
				issue, err := told(a.Get(ctx, part("")(in), in.Query("fields", "expand")))
				if issue == nil || err != nil {
					return "no JSON", err
				}
				shorten(issue, in)
				issue["appliedContentFormat"] = "markdown"
				return issue, nil
			}),
		},
		{Name: "listJiraIssueChangelogs", Args: []string{"cloudId", "issueIdOrKey", "startAt:number", "maxResults:number"}, Required: []string{"cloudId", "issueIdOrKey"}, Do: in(path(part("/changelog"), "startAt", "maxResults"))},
		{
			Name: "listJiraIssueComments", Args: []string{"cloudId", "issueIdOrKey", "startAt:number", "maxResults:number", "orderBy", "responseContentFormat"}, Required: []string{"cloudId", "issueIdOrKey"},
			Do: in(func(ctx context.Context, a *api, in args) (any, error) {
				page, err := told(a.Get(ctx, part("/comment")(in), in.Query("startAt", "maxResults")))
				if page == nil || err != nil {
					return "no JSON", err
				}
				plainly(page)
				return page, nil
			}),
		},
		{Name: "listJiraBoards", Args: []string{"cloudId", "projectKeyOrId", "type", "startAt:number", "maxResults:number"}, Required: []string{"cloudId"}, Do: in(path(fixed("/rest/agile/1.0/board"), "projectKeyOrId", "startAt", "maxResults"))},
		{
			Name: "listJiraBoardSprints", Args: []string{"cloudId", "boardId:number", "state", "startAt:number", "maxResults:number"}, Required: []string{"cloudId", "boardId"},
			Do: in(path(func(in args) string { return "/rest/agile/1.0/board/" + in.Text("boardId") + "/sprint" }, "startAt", "maxResults")),
		},
		{Name: "createJiraIssue", Args: []string{"cloudId", "projectKey", "issueTypeName", "summary"}, Required: []string{"cloudId", "projectKey", "issueTypeName", "summary"}},
		{Name: "addOrEditJiraIssueComment", Args: []string{"cloudId", "issueIdOrKey", "body"}, Required: []string{"cloudId", "issueIdOrKey", "body"}},
		{Name: "executeDestructive", Args: []string{"cloudId", "name", "inputs:object"}, Required: []string{"name"}},
	}
}

// told decodes an object; nil is that what came is none.
func told(raw any, err error) (object, error) {
	if err != nil {
		return nil, err
	}
	var value object
	text, _ := raw.(json.RawMessage)
	if json.Unmarshal(text, &value) != nil {
		return nil, nil //nolint:nilerr // what is no JSON is handed on as it is
	}
	return value, nil
}

// shorten leaves out of an issue what the server does.
func shorten(issue object, in args, more ...string) {
	fields, _ := issue["fields"].(object)
	if in.Text("view") != "full" {
		more = append(more, "parent", "duedate", "issuetype", "issuelinks")
	}
	custom := object{}
	for name, value := range fields {
		switch {
		case slices.Contains(more, name):
			delete(fields, name)
		case strings.HasPrefix(name, "customfield_"):
			delete(fields, name)
			field := object{"id": name}
			if value != nil {
				field["value"] = value
			}
			custom["Name of "+name] = field
		}
	}
	if fields == nil {
		return
	}
	fields["customFields"] = custom
	if doc, ok := fields["description"].(object); ok {
		fields["description"] = plain(doc)
	}
	if comment, ok := fields["comment"].(object); ok {
		plainly(comment)
	}
}

func plainly(page object) {
	comments, _ := page["comments"].([]any)
	for _, one := range comments {
		comment, _ := one.(object)
		if doc, ok := comment["body"].(object); ok {
			comment["body"] = plain(doc)
		}
	}
}

// plain writes a document of paragraphs as Markdown would.
func plain(doc object) string {
	var lines []string
	paragraphs, _ := doc["content"].([]any)
	for _, one := range paragraphs {
		paragraph, _ := one.(object)
		texts, _ := paragraph["content"].([]any)
		var line strings.Builder
		for _, two := range texts {
			text, _ := two.(object)
			words, _ := text["text"].(string)
			line.WriteString(words)
		}
		lines = append(lines, line.String())
	}
	return strings.Join(lines, "\n")
}
