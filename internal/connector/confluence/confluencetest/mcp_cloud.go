package confluencetest

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/rampforgeai/rampforge/internal/connector/atlassian/atlassiantest"
)

// cloudTools are those of Atlassian's own server, of the generation that is
// stood in for.
func (s *Server) cloudTools(o MCP) []atlassiantest.Tool {
	const id = "11111111-2222-3333-4444-555555555555"
	shared := []atlassiantest.Tool{
		{Name: "getAccessibleAtlassianResources", Do: func(context.Context, *atlassiantest.API, args) (any, error) {
			if o.Newer {
				return object{"data": object{"resources": []object{{"cloudId": id, "url": s.URL, "products": []object{{"id": "confluence"}}}}}}, nil
			}
			row := func(scopes ...string) object {
				return object{"id": id, "url": s.URL, "name": "example", "scopes": scopes}
			}
			return []object{row("read:jira-work"), row("read:page:confluence", "search:confluence")}, nil
		}},
		{Name: "atlassianUserInfo", Do: func(ctx context.Context, a *atlassiantest.API, _ args) (any, error) {
			me, err := fetched(ctx, a, "/rest/api/user/current", nil)
			if me == nil || err != nil {
				return "no JSON", err
			}
			if o.Newer {
				return object{"data": object{"accountId": me["accountId"], "displayName": me["displayName"]}}, nil
			}
			return object{"account_id": me["accountId"], "name": me["displayName"], "account_status": "active"}, nil
		}},
		{Name: "search", Args: []string{"cloudId", "query"}, Required: []string{"query"}},
		{Name: "fetch", Args: []string{"cloudId", "id"}, Required: []string{"id"}},
		{Name: "getJiraIssue", Args: []string{"cloudId", "issueIdOrKey"}, Required: []string{"cloudId", "issueIdOrKey"}},
	}
	if o.Newer {
		return append(shared, s.newerTools()...)
	}
	return append(shared, s.olderTools(o)...)
}

func pagesOf(kind string) func(args) string {
	return func(in args) string { return "/api/v2/spaces/" + url.PathEscape(in.Text("spaceId")) + "/" + kind }
}

// fetched asks for an object of the API; it is nil when what came is none.
func fetched(ctx context.Context, a *atlassiantest.API, path string, q url.Values) (object, error) {
	raw, err := a.Get(ctx, path, q)
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

// olderTools are those of v1, which hand the API through.
func (s *Server) olderTools(o MCP) []atlassiantest.Tool {
	search := []string{"cloudId", "cql", "limit:number", "cursor"}
	if !o.Bare {
		search = append(search, "expand")
	}
	return []atlassiantest.Tool{
		{Name: "getConfluenceSpaces", Args: []string{"cloudId", "keys:array", "limit:number", "cursor"}, Required: []string{"cloudId"}, Do: path(fixed("/api/v2/spaces"), "limit", "cursor")},
		{Name: "getPagesInConfluenceSpace", Args: []string{"cloudId", "spaceId", "limit:number", "cursor", "sort", "title"}, Required: []string{"cloudId", "spaceId"}, Do: path(pagesOf("pages"), "limit", "cursor", "sort")},
		{Name: "searchConfluenceUsingCql", Args: search, Required: []string{"cloudId", "cql"}, Do: path(fixed("/rest/api/search"), "cql", "limit", "cursor", "expand")},
		{
			Name: "getConfluencePage", Args: []string{"cloudId", "pageId", "contentFormat"}, Required: []string{"cloudId", "pageId"},
			Do: func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
				page, err := fetched(ctx, a, "/api/v2/pages/"+url.PathEscape(in.Text("pageId")), url.Values{"body-format": {"storage"}})
				if page == nil || err != nil {
					return "no JSON", err
				}
				page["body"] = bodyIn(page)
				return page, nil
			},
		},
		{Name: "getConfluencePageDescendants", Args: []string{"cloudId", "pageId", "depth:number", "cursor"}, Required: []string{"cloudId", "pageId"}},
		{Name: "createConfluencePage", Args: []string{"cloudId", "spaceId", "title", "body"}, Required: []string{"cloudId", "spaceId", "body"}},
		{Name: "updateConfluencePage", Args: []string{"cloudId", "pageId", "body"}, Required: []string{"cloudId", "pageId", "body"}},
	}
}

// bodyIn is the text of a body; what would make Markdown of it is left out.
func bodyIn(page object) any {
	body, _ := page["body"].(object)
	storage, _ := body["storage"].(object)
	return storage["value"]
}

// newerTools are those of v2.
func (s *Server) newerTools() []atlassiantest.Tool {
	of := func(rest string) func(args) string {
		return func(in args) string { return "/api/v2/pages/" + url.PathEscape(in.Text("contentId")) + rest }
	}
	data := func(do func(context.Context, *atlassiantest.API, args) (any, error)) func(context.Context, *atlassiantest.API, args) (any, error) {
		return func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
			value, err := do(ctx, a, in)
			if _, text := value.(string); text || err != nil {
				return value, err
			}
			return object{"data": value}, nil
		}
	}
	content := func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
		page, err := fetched(ctx, a, of("")(in), url.Values{"body-format": {"storage"}})
		if page == nil || err != nil {
			return "no JSON", err
		}
		links, _ := page["_links"].(object)
		webui, _ := links["webui"].(string)
		out := object{
			"id": page["id"], "spaceId": page["spaceId"], "type": "page", "status": page["status"], "title": page["title"], "webUrl": s.URL + s.base + webui,
			"metadata": object{"version": page["version"], "createdAt": page["createdAt"], "authorId": page["authorId"], "parentId": page["parentId"]},
		}
		if in.Text("detail") == "full" {
			out["body"] = object{"format": "markdown", "value": bodyIn(page)}
		}
		return out, nil
	}
	state := func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
		r, err := fetched(ctx, a, "/rest/api/content/"+url.PathEscape(in.Text("contentId"))+"/restriction/byOperation/read", nil)
		if r == nil || err != nil {
			return "no JSON", err
		}
		word := "OPEN"
		restrictions, _ := r["restrictions"].(object)
		for _, who := range restrictions {
			part, _ := who.(object)
			if n, _ := part["size"].(float64); n > 0 {
				word = "VIEW_RESTRICTED"
			}
		}
		return object{"contentId": in.Text("contentId"), "restrictionState": word}, nil
	}
	listed := func(ctx context.Context, a *atlassiantest.API, in args) (any, error) {
		in["sort"] = "modified-date" // an order that nobody asked for
		return path(pagesOf(in.Text("type")+"s"), "limit", "cursor", "sort")(ctx, a, in)
	}
	id := []string{"cloudId", "contentId"}
	return []atlassiantest.Tool{
		{Name: "listConfluenceSpaces", Args: []string{"cloudId", "keys:array", "limit:number", "cursor"}, Required: []string{"cloudId"}, Do: data(path(fixed("/api/v2/spaces"), "limit", "cursor"))},
		{Name: "listConfluenceContent", Args: []string{"cloudId", "spaceId", "type", "limit:number", "cursor"}, Required: []string{"cloudId", "spaceId", "type"}, Do: data(listed)},
		{Name: "getConfluenceContent", Args: []string{"cloudId", "contentId", "detail", "contentFormat"}, Required: id, Do: data(content)},
		{Name: "getConfluenceContentAncestors", Args: []string{"cloudId", "contentId", "limit:number"}, Required: id, Do: data(path(of("/ancestors"), "limit"))},
		{Name: "listConfluenceAttachments", Args: []string{"cloudId", "contentId", "limit:number", "cursor"}, Required: id, Do: data(path(of("/attachments"), "limit", "cursor"))},
		{Name: "getConfluenceContentRestrictionState", Args: id, Required: id, Do: data(state)},
		{Name: "searchConfluence", Args: []string{"cloudId", "cql", "limit:number", "cursor"}, Required: []string{"cloudId", "cql"}},
		{Name: "createConfluenceContent", Args: []string{"cloudId", "parent:object", "title", "body:object"}, Required: []string{"cloudId", "parent"}},
		{Name: "executeWrite", Args: []string{"cloudId", "name", "inputs:object"}, Required: []string{"name"}},
	}
}
