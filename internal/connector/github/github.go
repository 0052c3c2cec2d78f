// Package github speaks to GitHub: the cloud and Enterprise Server, by REST or
// by an MCP server.
//
// github.go says what there is, rest.go makes the calls, mcp.go and its
// neighbours answer them where tools are called instead, changed.go, newest.go
// and commits.go read the streams, and normalise.go turns what came into
// records. Everything that is read becomes a record by way of its Raw, so that
// a mapping that runs again from what is kept cannot differ.
package github

import (
	"context"
	"iter"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// cloud is where the API of github.com is.
const cloud = "https://api.github.com/"

// Connector reads from one GitHub with one token.
type Connector struct {
	client *github.Client
	token  string
	now    func() time.Time
	again  int    // times that an answer is asked for anew which is no JSON
	tools  *tools // of an MCP server, nil where the API itself is read
}

var _ connector.Connector = (*Connector)(nil)

// Open makes a connector for a service of the type github. The endpoint may be
// the address of the API or the one that people type into a browser.
func Open(o connector.Options) (connector.Connector, error) {
	base, err := baseURL(o.Service.Endpoint)
	if err != nil {
		return nil, err
	}
	token := strings.TrimSpace(o.Credentials["token"])
	if token == "" || strings.ContainsAny(token, "\r\n\x00") {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "credentials.token", Issue: "must be a token of GitHub"})
	}
	client := github.NewClient(o.Client)
	client.BaseURL = base
	client.UserAgent = "RampForge"
	// Waiting is the business of the guarded client, which all replicas share.
	client.DisableRateLimitCheck = true
	c := &Connector{client: client, token: token, now: o.Now, again: o.Service.RetryAttempts}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

// baseURL returns where the API is: api.github.com for the cloud, api.NAME.ghe.com
// for the cloud with data residence, and /api/v3 of any other host.
func baseURL(endpoint string) (*url.URL, error) {
	invalid := func(issue string) error {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "endpoint", Issue: issue})
	}
	endpoint = strings.TrimSpace(endpoint)
	if endpoint == "" {
		endpoint = cloud
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, invalid("must be an address such as https://api.github.com or https://github.example.com/api/v3")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, invalid("must be an address without user, query and fragment")
	}
	host := strings.ToLower(u.Hostname())
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/api/v3")
	switch {
	case host == "github.com" || host == "www.github.com" || host == "api.github.com":
		return url.Parse(cloud)
	case strings.HasSuffix(host, ".ghe.com"):
		return url.Parse("https://api." + strings.TrimPrefix(host, "api.") + "/")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path + "/api/v3/"}, nil
}

// serverVersion is what Enterprise Server says of itself in a header: it is
// shown to people, so nothing else passes.
var serverVersion = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){1,3}$`)

// Check reads who the token belongs to.
func (c *Connector) Check(ctx context.Context) (connector.Check, error) {
	var user wireUser
	res, err := c.get(ctx, "user", nil, "")
	if err != nil {
		return connector.Check{}, err
	}
	if err := decode(res.body, &user); err != nil {
		return connector.Check{}, err
	}
	out := connector.Check{Account: account(&user), Server: "GitHub"}
	if out.Account == nil {
		return connector.Check{}, malformed("user")
	}
	if v := res.header.Get("X-Github-Enterprise-Version"); serverVersion.MatchString(v) {
		out.Server = "GitHub Enterprise Server " + v
	}
	left, errLeft := strconv.Atoi(res.header.Get("X-Ratelimit-Remaining"))
	reset, errReset := strconv.ParseInt(res.header.Get("X-Ratelimit-Reset"), 10, 64)
	if errLeft == nil && errReset == nil {
		out.Rates = &connector.Rates{Remaining: left, Reset: time.Unix(reset, 0).UTC()}
	}
	return out, nil
}

// Resources yields the repositories of the token, the oldest first: an order
// that no rename changes.
func (c *Connector) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		query := url.Values{"sort": {"created"}, "direction": {"asc"}, "affiliation": {"owner,collaborator,organization_member"}}
		for page, err := range c.list(ctx, listing{path: "user/repos", query: query}) {
			if err != nil {
				yield(rampforge.Resource{}, err)
				return
			}
			for _, raw := range page.items {
				r, err := resource(raw)
				if err == nil && c.tools != nil {
					r.Streams, err = c.tools.streams(ctx, r.Streams)
				}
				if err == nil && len(r.Streams) == 0 {
					continue // nothing of it can be read
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Read yields a stream of a repository. The repository is found by its id, so
// that a new name or owner changes nothing.
func (c *Connector) Read(ctx context.Context, r rampforge.Resource, stream rampforge.Stream, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		read, ok := map[rampforge.Stream]func(*reading) error{
			rampforge.StreamWorkItems:    (*reading).changed,
			rampforge.StreamPullRequests: (*reading).changed,
			rampforge.StreamCommits:      (*reading).commits,
			rampforge.StreamPipelineRuns: (*reading).newest,
			rampforge.StreamDeployments:  (*reading).newest,
		}[stream]
		if !ok {
			yield(connector.Page{}, unsupported(stream))
			return
		}
		place, err := c.find(ctx, r)
		if err != nil {
			yield(connector.Page{}, err)
			return
		}
		reading := &reading{Connector: c, ctx: ctx, place: place, stream: stream, cursor: cursor, yield: yield}
		if err := read(reading); err != nil && !reading.stopped {
			yield(connector.Page{}, err)
		}
	}
}

// IDs yields the ids of the issues or pull requests that are there now. What
// else GitHub has is never deleted, or by its age only.
func (c *Connector) IDs(ctx context.Context, r rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		if stream != rampforge.StreamWorkItems && stream != rampforge.StreamPullRequests {
			yield(nil, unsupported(stream))
			return
		}
		place, err := c.find(ctx, r)
		if err != nil {
			yield(nil, err)
			return
		}
		path := place.path("issues")
		if stream == rampforge.StreamPullRequests {
			path = place.path("pulls")
		}
		query := url.Values{"state": {"all"}, "sort": {"created"}, "direction": {"asc"}}
		for page, err := range c.list(ctx, listing{path: path, query: query, still: c.tools != nil}) {
			if err != nil {
				yield(nil, err)
				return
			}
			ids, err := pageIDs(page.items, stream)
			if !yield(ids, err) || err != nil {
				return
			}
		}
	}
}

func pageIDs(items []item, stream rampforge.Stream) ([]string, error) {
	ids := []string{}
	for _, it := range items {
		var head head
		if err := decode(it.raw, &head); err != nil {
			return nil, err
		}
		if stream == rampforge.StreamPullRequests || !head.pull() {
			ids = append(ids, it.id)
		}
	}
	return ids, nil
}

// Statuses are the two that every repository has.
func (c *Connector) Statuses(context.Context, rampforge.Resource) ([]rampforge.TrackerStatus, error) {
	return []rampforge.TrackerStatus{
		{ID: open, Name: open, Category: rampforge.StatusToDo, Position: 1}, {ID: closed, Name: closed, Category: rampforge.StatusDone, Position: 2},
	}, nil
}

// Close frees nothing: connections belong to the guarded client.
func (c *Connector) Close() error { return nil }

// place is a repository as it is called now.
type place struct {
	id     string
	name   string // owner/name
	branch string // the default one
}

func (p place) path(parts ...string) string {
	return "repos/" + p.name + "/" + strings.Join(parts, "/")
}

// find asks where a resource is now.
func (c *Connector) find(ctx context.Context, r rampforge.Resource) (place, error) {
	if c.tools != nil {
		c.tools.knows(r.ID, r.Key)
	}
	return c.place(ctx, r.ID)
}

// place asks what a repository is called now. An id is looked up, never a
// name: after a rename the old name may belong to somebody else's repository.
func (c *Connector) place(ctx context.Context, id string) (place, error) {
	if _, err := strconv.ParseUint(id, 10, 63); err != nil {
		return place{}, connector.Errorf(connector.ReasonNotFound, "The repository has no id of GitHub.", "Choose the repository again from the service's resources.", nil)
	}
	res, err := c.get(ctx, "repositories/"+id, nil, "")
	if err != nil {
		return place{}, err
	}
	var repo github.Repository
	if err := decode(res.body, &repo); err != nil {
		return place{}, err
	}
	owner, name, ok := strings.Cut(repo.GetFullName(), "/")
	if !ok || strconv.FormatInt(repo.GetID(), 10) != id || strings.Contains(name, "/") || owner == "" || name == "" {
		return place{}, malformed("repository")
	}
	return place{id: id, name: url.PathEscape(owner) + "/" + url.PathEscape(name), branch: repo.GetDefaultBranch()}, nil
}

func resource(it item) (rampforge.Resource, error) {
	var repo github.Repository
	if err := decode(it.raw, &repo); err != nil {
		return rampforge.Resource{}, err
	}
	if repo.GetFullName() == "" {
		return rampforge.Resource{}, malformed("repository")
	}
	streams := []rampforge.Stream{rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments}
	if repo.HasIssues == nil || *repo.HasIssues {
		streams = append([]rampforge.Stream{rampforge.StreamWorkItems}, streams...)
	}
	return rampforge.Resource{
		ID: it.id, Kind: "repository", Key: repo.GetFullName(), Name: repo.GetName(), URL: repo.GetHTMLURL(),
		Archived: repo.GetArchived(), Streams: streams,
	}, nil
}

func unsupported(stream rampforge.Stream) error {
	return connector.Errorf(connector.ReasonUnsupported, "GitHub does not offer this of the stream "+string(stream)+".", "Leave this stream out for repositories of GitHub.", nil)
}
