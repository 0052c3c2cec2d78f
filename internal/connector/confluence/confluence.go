// Package confluence is the connector to Confluence, Cloud and Data Center, by
// REST and by the tools of MCP servers. Its resources are spaces, its stream is their documents: pages and
// blog posts.
package confluence

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
)

// Open makes a connector to the site of the service's endpoint. Cloud signs in
// by username and api_token, Data Center by token.
func Open(o connector.Options) (connector.Connector, error) {
	var faults []rampforge.FieldIssue
	s, ok := siteOf(o.Service.Endpoint)
	if !ok {
		faults = append(faults, rampforge.FieldIssue{Field: "endpoint", Issue: "has to be the address of the Confluence site, as https://example.atlassian.net/wiki"})
	}
	faults = append(faults, atlassian.CredentialFaults(o.Credentials)...)
	if o.Client == nil || o.Now == nil {
		faults = append(faults, rampforge.FieldIssue{Field: "options", Issue: "need a client and a clock"})
	}
	if len(faults) > 0 {
		return nil, rampforge.Invalid(faults...)
	}
	return &confluence{rest: rest{client: o.Client, credentials: o.Credentials, now: o.Now, again: o.Service.RetryAttempts}, site: s}, nil
}

// site is what an endpoint says of where a wiki may be.
type site struct {
	bases []string // candidates, the likeliest first
	cloud bool     // known by the address
}

// notBase begin what a person copies behind the address of a wiki.
var notBase = []string{"/rest", "/api/v2", "/spaces", "/display", "/pages", "/home", "/dashboard.action", "/index.action", "/login.action", "/x/"}

// siteOf finds the wiki's address in an endpoint, which may be the root of the
// site, the wiki's or one that was copied from a page. Cloud is known by its
// hosts; elsewhere the wiki may be at the root or below a path, and is asked.
func siteOf(endpoint string) (site, bool) {
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return site{}, false
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	for _, marker := range notBase {
		if i := strings.Index(path+"/", strings.TrimRight(marker, "/")+"/"); i >= 0 {
			path = strings.TrimRight(path[:i], "/")
		}
	}
	root := u.Scheme + "://" + u.Host
	host := strings.ToLower(u.Hostname())
	switch {
	case strings.HasSuffix(host, ".atlassian.net"), strings.HasSuffix(host, ".jira.com"):
		return site{bases: []string{root + "/wiki"}, cloud: true}, true
	case host == gateway: // /ex/confluence/{cloud id}
		return site{bases: []string{root + strings.TrimSuffix(path, "/wiki") + "/wiki"}, cloud: true}, true
	case path == "":
		return site{bases: []string{root, root + "/wiki", root + "/confluence"}}, true
	case strings.HasSuffix(path, "/wiki"):
		return site{bases: []string{root + path}}, true
	}
	return site{bases: []string{root + path, root + path + "/wiki"}}, true
}

// confluence speaks to one site. Where the wiki is and of which flavour is
// asked for once.
type confluence struct {
	rest

	site  site
	tools *tools // nil by REST

	mu    sync.Mutex
	found *wiki
}

// wiki is a wiki that was found.
type wiki struct {
	rest

	cloud bool
	tools *tools // nil by REST
}

// find asks where the wiki is and of which flavour. Both flavours say who the
// account is at the same place; only Cloud's accounts have an account id.
func (c *confluence) find(ctx context.Context) (*wiki, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found == nil && c.site.cloud {
		c.found = &wiki{rest: c.at(c.site.bases[0]), cloud: true}
	}
	if c.found != nil {
		return c.found, nil
	}
	var first error
	for _, base := range c.site.bases {
		w := &wiki{rest: c.at(base), tools: c.tools}
		user, _, err := w.myself(ctx)
		if err == nil && c.tools != nil {
			w.web, err = c.tools.browse(ctx)
		}
		if err == nil {
			w.cloud = user.AccountID != ""
			c.found = w
			return w, nil
		}
		if first == nil {
			first = err
		}
		if reason := connector.Reason(err); reason != connector.ReasonNotFound && reason != connector.ReasonMalformed {
			return nil, err
		}
	}
	return nil, first
}

func (c *confluence) at(base string) rest {
	r := c.rest
	r.base, r.web = base, base
	return r
}

// myself asks who the account is. Whoever is nobody has not signed in: Data
// Center answers strangers too.
func (w *wiki) myself(ctx context.Context) (*wireUser, http.Header, error) {
	var user wireUser
	header, err := w.get(ctx, "rest/api/user/current", nil, &user)
	if err != nil {
		return nil, nil, err
	}
	if user.Type == "anonymous" {
		return nil, nil, connector.Errorf(connector.ReasonAuthentication, "Confluence takes the account for a stranger.",
			"Check the credentials: for Cloud e-mail address and API token, for Data Center a personal access token.", nil)
	}
	if user.account() == nil {
		return nil, nil, malformed(errors.New("an account without an id"))
	}
	return &user, header, nil
}

// Check signs in by asking who the account is, and reads a space.
func (c *confluence) Check(ctx context.Context) (connector.Check, error) {
	w, err := c.find(ctx)
	if err != nil {
		return connector.Check{}, err
	}
	user, header, err := w.myself(ctx)
	if err != nil {
		return connector.Check{}, err
	}
	path, server := "rest/api/space", "Confluence Data Center"
	if w.cloud {
		path, server = "api/v2/spaces", "Confluence Cloud"
	}
	var spaces list
	if _, err := w.get(ctx, path, url.Values{"limit": {"1"}}, &spaces); err != nil {
		return connector.Check{}, err
	}
	return connector.Check{Account: user.account(), Server: server, Rates: atlassian.Rates(header)}, nil
}

// wireSpace is a space; Cloud's ids are texts and Data Center's numbers.
type wireSpace struct {
	ID     ident  `json:"id"`
	Key    string `json:"key"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Links  struct {
		WebUI string `json:"webui"`
	} `json:"_links"`
}

// Resources yields the spaces that the account sees, archived ones too. They
// are put in order here: neither flavour promises one.
func (c *confluence) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		w, err := c.find(ctx)
		if err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		spaces, err := w.spaces(ctx)
		if err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		for _, s := range spaces {
			if !yield(w.resource(s), nil) {
				return
			}
		}
	}
}

func (w *wiki) spaces(ctx context.Context) ([]wireSpace, error) {
	var spaces []wireSpace
	each := func(rows []json.RawMessage) (bool, error) {
		for _, row := range rows {
			var s wireSpace
			if json.Unmarshal(row, &s) != nil || s.Key == "" {
				return false, malformed(errors.New("a space without a key"))
			}
			spaces = append(spaces, s)
		}
		return true, nil
	}
	var err error
	if w.cloud {
		err = w.links(ctx, "api/v2/spaces", url.Values{"limit": {"250"}}, each)
	} else {
		err = w.offsets(ctx, "rest/api/space", nil, 100, each)
	}
	slices.SortFunc(spaces, func(a, b wireSpace) int {
		return cmp.Or(compareIDs(string(a.ID), string(b.ID)), strings.Compare(a.Key, b.Key))
	})
	return spaces, err
}

// compareIDs orders numbers that are written as texts.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func (w *wiki) resource(s wireSpace) rampforge.Resource {
	return rampforge.Resource{
		ID: cmp.Or(string(s.ID), s.Key), Kind: "space", Key: s.Key, Name: cmp.Or(s.Name, s.Key),
		URL: linkOf(w.web, cmp.Or(s.Links.WebUI, "/display/"+url.PathEscape(s.Key))), Archived: s.Status == "archived",
		Streams: []rampforge.Stream{rampforge.StreamDocuments},
	}
}

// gateway is where Cloud is reached with tokens of limited scope. People
// cannot browse there.
const gateway = "api.atlassian.com"

// linkOf is the address of a place of the wiki. What leads out of it is left
// out: a link is shown to people as one of the wiki's.
func linkOf(base, path string) string {
	if base == "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(base, "https://"+gateway+"/") {
		return ""
	}
	return base + path
}

// Read yields pages of documents.
func (c *confluence) Read(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, from connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		if stream != rampforge.StreamDocuments {
			yield(connector.Page{}, unsupported(stream))
			return
		}
		w, err := c.find(ctx)
		if err != nil {
			yield(connector.Page{}, err)
			return
		}
		if err := w.read(ctx, resource, from, func(p connector.Page) bool { return yield(p, nil) }); err != nil {
			yield(connector.Page{}, err)
		}
	}
}

// IDs yields the ids of the documents that are there now.
func (c *confluence) IDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		if stream != rampforge.StreamDocuments {
			yield(nil, unsupported(stream))
			return
		}
		w, err := c.find(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		if err := w.ids(ctx, resource, func(ids []string) bool { return yield(ids, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

// Close does nothing: a connector holds no connection of its own.
func (c *confluence) Close() error { return nil }
