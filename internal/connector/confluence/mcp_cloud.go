package confluence

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// Atlassian's own server is for Cloud. Its tools have two generations: those of
// v1 (…Page) hand through what the REST API says, those of v2 (…Content) put
// what they say into {"data":…} and say of a page what matters to a model. It
// is served to everybody at once and changes, so that what is not sure to be
// there is in a signature of its own.

// Arguments that many of its tools share.
const (
	argCloud   = "cloudId"
	argContent = "contentId"
	argSpace   = "spaceId"
	argLimit   = "limit"
	argCursor  = "cursor"
	argSort    = "sort"
)

var (
	cloudSpaces = []mcpclient.Signature{
		{Name: "listConfluenceSpaces", Args: []string{argCloud, argLimit, argCursor}},
		{Name: "listConfluenceSpaces", Args: []string{argCloud, argCursor}},
		{Name: "getConfluenceSpaces", Args: []string{argCloud, argLimit, argCursor}},
		{Name: "getConfluenceSpaces", Args: []string{argCloud, argLimit}},
	}
	cloudPages = slices.Concat(cloudContents("page"), []mcpclient.Signature{
		{Name: "getPagesInConfluenceSpace", Args: []string{argCloud, argSpace, argSort, argLimit, argCursor}},
		{Name: "getPagesInConfluenceSpace", Args: []string{argCloud, argSpace, argLimit, argCursor}},
	})
	cloudBlogs = cloudContents("blogpost")
	// cloudSearch has what a search finds expanded, and so does what takes one
	// call for each page without it.
	cloudSearch = mcpclient.Signature{Name: "searchConfluenceUsingCql", Args: []string{argCloud, "cql", "expand", argLimit, argCursor}}
	// cloudPage has bodies as Markdown: no form that it offers is the stored one.
	cloudPage = []mcpclient.Signature{
		{Name: "getConfluenceContent", Args: []string{argCloud, argContent, "detail"}, With: map[string]string{"contentFormat": "markdown"}},
		{Name: "getConfluenceContent", Args: []string{argCloud, argContent, "detail"}, With: map[string]string{"content_format": "markdown"}},
		{Name: "getConfluencePage", Args: []string{argCloud, "pageId"}, With: map[string]string{"contentFormat": "markdown"}},
	}
	cloudAncestors   = mcpclient.Signature{Name: "getConfluenceContentAncestors", Args: []string{argCloud, argContent, argLimit}}
	cloudAttachments = mcpclient.Signature{Name: "listConfluenceAttachments", Args: []string{argCloud, argContent, argLimit, argCursor}}
	cloudRestriction = mcpclient.Signature{Name: "getConfluenceContentRestrictionState", Args: []string{argCloud, argContent}}

	cloudTools = slices.Concat([]mcpclient.Signature{atlassian.ToolSites, atlassian.ToolMe, cloudSearch, cloudAncestors, cloudAttachments, cloudRestriction},
		cloudSpaces, cloudPages, cloudBlogs, cloudPage)
)

// cloudContents are the ways to list the content of one type in a space.
func cloudContents(kind string) []mcpclient.Signature {
	with := map[string]string{"type": kind}
	return []mcpclient.Signature{
		{Name: "listConfluenceContent", Args: []string{argCloud, argSpace, argSort, argLimit, argCursor}, With: with},
		{Name: "listConfluenceContent", Args: []string{argCloud, argSpace, argLimit, argCursor}, With: with},
	}
}

func (t *tools) cloudHandlers() map[string]mcpclient.Handler {
	return map[string]mcpclient.Handler{
		"GET /rest/api/user":                     t.cloudUser,
		"GET /api/v2/spaces":                     t.cloudSpaces,
		"GET /api/v2/spaces/{id}/pages":          func(r *http.Request) (mcpclient.Answer, error) { return t.cloudList(r, cloudPages) },
		"GET /api/v2/spaces/{id}/blogposts":      t.cloudBlogs,
		"GET /api/v2/pages/{id}":                 t.cloudPage,
		"GET /api/v2/folders/{id}":               t.cloudPage,
		"GET /api/v2/pages/{id}/ancestors":       t.cloudPart(cloudAncestors),
		"GET /api/v2/pages/{id}/attachments":     t.cloudPart(cloudAttachments),
		"GET /api/v2/blogposts/{id}":             t.cloudPage,
		"GET /api/v2/blogposts/{id}/attachments": t.cloudPart(cloudAttachments),
	}
}

// cloudy reports whether it is Atlassian's own server that answers.
func (t *tools) cloudy(ctx context.Context) (bool, error) {
	_, err := t.session.First(ctx, atlassian.ToolSites)
	switch connector.Reason(err) {
	case connector.ReasonUnsupported:
		return false, nil
	case mcpclient.ReasonQuarantined:
		return true, nil
	}
	return err == nil, err
}

// cloud is the site, which is asked for once.
func (t *tools) cloud(ctx context.Context) (atlassian.Site, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.site == nil {
		site, err := atlassian.FindSite(ctx, t.session, "confluence")
		if err != nil {
			return site, err
		}
		t.site = &site
	}
	return *t.site, nil
}

// ask calls a tool for the site and takes its answer out of {"data":…}.
func (t *tools) ask(ctx context.Context, args map[string]any, signatures ...mcpclient.Signature) (json.RawMessage, error) {
	site, err := t.cloud(ctx)
	if err != nil {
		return nil, err
	}
	args[argCloud] = site.ID
	if n, ok := args[argLimit].(int); ok {
		args[argLimit] = min(n, mostRows)
	}
	value, err := t.call(ctx, args, signatures...)
	if err != nil {
		return nil, err
	}
	return atlassian.Data(value), nil
}

// cloudMyself says who the account is, in the words of the API.
func (t *tools) cloudMyself(r *http.Request) (mcpclient.Answer, error) {
	me, err := atlassian.FindMe(r.Context(), t.session)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return answer(map[string]string{"type": "known", "accountId": me.ID, "displayName": me.Name, "email": me.Email})
}

// cloudUser tells of an account the id alone, which is what was asked with: no
// tool says more of one by its id.
func (t *tools) cloudUser(r *http.Request) (mcpclient.Answer, error) {
	return answer(map[string]string{"type": "known", "accountId": r.FormValue("accountId")})
}

func (t *tools) cloudSpaces(r *http.Request) (mcpclient.Answer, error) {
	value, err := t.ask(r.Context(), asked(r), cloudSpaces...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	sig, err := t.session.First(r.Context(), cloudSpaces...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var page list
	if json.Unmarshal(value, &page) != nil || page.Results == nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	if page.Links.Next != "" && !slices.Contains(sig.Args, argCursor) {
		return mcpclient.Answer{}, connector.Errorf(connector.ReasonTooLarge, "There are more spaces than the MCP server's tool lists.", "Use the vendor's own API (transport rest).", nil)
	}
	return mcpclient.Answer{JSON: value}, nil
}

// cloudList answers the pages of a space from the newest change on. Where the
// tool lists them in an order of its own, it is read to its end and put in order.
func (t *tools) cloudList(r *http.Request, signatures []mcpclient.Signature) (mcpclient.Answer, error) {
	ctx, args := r.Context(), asked(r)
	args[argSpace] = r.PathValue("id")
	sig, err := t.session.First(ctx, signatures...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if slices.Contains(sig.Args, argSort) {
		page, err := t.cloudPageOf(ctx, args, signatures)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		return answer(page)
	}
	type dated struct {
		row json.RawMessage
		at  time.Time
	}
	var all []dated
	for range maxListed {
		page, err := t.cloudPageOf(ctx, args, signatures)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		for _, row := range page.Results {
			var l wireListed
			if json.Unmarshal(row, &l) != nil {
				return mcpclient.Answer{}, atlassian.ShapeFault()
			}
			at, err := l.Version.at()
			if err != nil {
				return mcpclient.Answer{}, err
			}
			all = append(all, dated{row, at})
		}
		next, err := page.next(r.URL.Query())
		if err != nil {
			return mcpclient.Answer{}, err
		}
		if next == nil {
			slices.SortStableFunc(all, func(a, b dated) int { return b.at.Compare(a.at) })
			out := list{Results: []json.RawMessage{}}
			for _, d := range all {
				out.Results = append(out.Results, d.row)
			}
			return answer(out)
		}
		if next.Get(argCursor) == args[argCursor] {
			break
		}
		args[argCursor] = next.Get(argCursor)
	}
	return mcpclient.Answer{}, atlassian.ShapeFault() // a list without an end
}

const (
	// mostRows is how many rows every version gives at once.
	mostRows  = 100
	maxListed = 4000 // pages of a list
)

func (t *tools) cloudPageOf(ctx context.Context, args map[string]any, signatures []mcpclient.Signature) (list, error) {
	var page list
	value, err := t.ask(ctx, args, signatures...)
	if err != nil {
		return page, err
	}
	if json.Unmarshal(value, &page) != nil || page.Results == nil {
		return page, atlassian.ShapeFault()
	}
	for i, row := range page.Results {
		if page.Results[i], err = paged(row, "", ""); err != nil {
			return page, err
		}
	}
	return page, nil
}

// cloudBlogs answers the blog posts of a space. v1 has no tool that lists them,
// so they are searched for.
func (t *tools) cloudBlogs(r *http.Request) (mcpclient.Answer, error) {
	_, err := t.session.First(r.Context(), cloudBlogs...)
	if connector.Reason(err) != connector.ReasonUnsupported {
		return t.cloudList(r, cloudBlogs)
	}
	key, err := t.keyOf(r.Context(), r.PathValue("id"))
	if err != nil {
		return mcpclient.Answer{}, err
	}
	args := asked(r)
	args["cql"] = `space = ` + quoted(key) + ` and type = blogpost order by lastmodified desc`
	args["expand"] = "content.version"
	value, err := t.ask(r.Context(), args, cloudSearch)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return found(value, "version")
}

// keyOf returns the key of a space, by which a search knows it.
func (t *tools) keyOf(ctx context.Context, id string) (string, error) {
	args := map[string]any{argLimit: 250}
	for range maxListed {
		var page list
		value, err := t.ask(ctx, args, cloudSpaces...)
		if err != nil {
			return "", err
		}
		if json.Unmarshal(value, &page) != nil {
			return "", atlassian.ShapeFault()
		}
		for _, row := range page.Results {
			var s wireSpace
			if json.Unmarshal(row, &s) == nil && string(s.ID) == id {
				return s.Key, nil
			}
		}
		next, err := page.next(nil)
		if err != nil {
			return "", err
		}
		if next == nil || next.Get(argCursor) == args[argCursor] {
			break
		}
		args[argCursor] = next.Get(argCursor)
	}
	return "", connector.Errorf(connector.ReasonNotFound, "The space is not among those that the account sees.", "Check what the credentials may see.", nil)
}

// blogs says what the server has for blog posts.
type blogs int

const (
	blogsListed   blogs = iota
	blogsSearched       // which the index may not have all of
	blogsNone
)

func (t *tools) blogs(ctx context.Context) (blogs, error) {
	for way, signatures := range [][]mcpclient.Signature{cloudBlogs, {cloudSearch}} {
		_, err := t.session.First(ctx, signatures...)
		switch reason := connector.Reason(err); {
		case reason == connector.ReasonUnsupported:
		case err == nil, reason == mcpclient.ReasonQuarantined:
			return blogs(way), nil
		default:
			return blogsNone, err
		}
	}
	return blogsNone, nil
}

// cloudPage answers a page or a blog post in the shape of API v2. Its body is
// asked for where the request does.
func (t *tools) cloudPage(r *http.Request) (mcpclient.Answer, error) {
	args := map[string]any{argContent: r.PathValue("id"), "pageId": r.PathValue("id"), "detail": "summary"}
	if r.FormValue("body-format") != "" {
		args["detail"] = "full"
	}
	value, err := t.ask(r.Context(), args, cloudPage...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	site, err := t.cloud(r.Context())
	if err != nil {
		return mcpclient.Answer{}, err
	}
	page, err := paged(value, r.PathValue("id"), site.URL+"/wiki")
	return mcpclient.Answer{JSON: page}, err
}

// cloudPart answers a list that belongs to a page.
func (t *tools) cloudPart(sig mcpclient.Signature) mcpclient.Handler {
	return func(r *http.Request) (mcpclient.Answer, error) {
		args := asked(r)
		args[argContent] = r.PathValue("id")
		value, err := t.ask(r.Context(), args, sig)
		if err == nil && !atlassian.Has(value, "results") {
			err = atlassian.ShapeFault()
		}
		return mcpclient.Answer{JSON: value}, err
	}
}

// cloudRestricted answers who alone may read a thing: whether somebody is kept
// out is all that the tool says. Words that are not known say nothing.
func (t *tools) cloudRestricted(r *http.Request) (mcpclient.Answer, error) {
	value, err := t.ask(r.Context(), map[string]any{argContent: r.PathValue("id")}, cloudRestriction)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	kept := -1
	for _, raw := range members {
		var word string
		if json.Unmarshal(raw, &word) != nil {
			continue
		}
		switch word {
		case "OPEN", "EDIT_RESTRICTED":
			kept = max(kept, 0)
		case "VIEW_RESTRICTED":
			kept = 1
		}
	}
	if kept < 0 {
		return mcpclient.Answer{}, mcpclient.Unsupported()
	}
	part := func(n int) map[string]any {
		return map[string]any{"results": []any{}, "size": n, "start": 0, "limit": 100}
	}
	return answer(map[string]any{"operation": "read", "restrictions": map[string]any{"user": part(kept), "group": part(0)}})
}
