// Package gitlab is the connector of GitLab, gitlab.com and self-managed, by
// its REST API, and by the MCP servers that [MCP] knows: their tools then
// answer the requests of the same code. A project of GitLab is one resource:
// its tracker, repository, pipelines and wiki are the resource's streams.
//
// Reading is built so that nothing is lost while the vendor's lists shift: see
// walk for streams that know a time of update, readCommits for history and
// readSet for lists that know none.
package gitlab

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	api "gitlab.com/gitlab-org/api/client-go"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const apiPath = "/api/v4"

type gitlab struct {
	client *api.Client
	http   *http.Client
	now    func() time.Time
	again  int    // times that an answer is asked for anew which is no JSON
	tools  *tools // of the MCP server that answers in GitLab's place, nil where none does

	mu    sync.Mutex
	users map[string]facts // by id; what does not change while a connector lives
}

// Open makes the connector. The token is sent as a bearer token, which GitLab
// takes for every kind of token: unlike PRIVATE-TOKEN, Go's client leaves that
// header behind when a redirect leads to another host.
func Open(o connector.Options) (connector.Connector, error) {
	c, err := open(o)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func open(o connector.Options) (*gitlab, error) {
	var faults []rampforge.FieldIssue
	base, issue := endpoint(o.Service.Endpoint)
	if issue != "" {
		faults = append(faults, rampforge.FieldIssue{Field: "endpoint", Issue: issue})
	}
	token := strings.TrimSpace(o.Credentials["token"])
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		faults = append(faults, rampforge.FieldIssue{Field: "credentials.token", Issue: "must be an access token of GitLab"})
	}
	if len(faults) > 0 {
		return nil, rampforge.Invalid(faults...)
	}
	c := &gitlab{http: o.Client, now: o.Now, again: o.Service.RetryAttempts, users: map[string]facts{}}
	if c.http == nil {
		c.http = http.DefaultClient
	}
	if c.now == nil {
		c.now = time.Now
	}
	client, err := api.NewAuthSourceClient(api.Unauthenticated{},
		api.WithBaseURL(base),
		api.WithHTTPClient(c.http),
		api.WithoutRetries(), // the caller's client knows when to try again
		api.WithCustomLimiter(noLimit{}),
		api.WithUserAgent("RampForge"),
		api.WithRequestOptions(api.WithHeader("Authorization", "Bearer "+token)))
	if err != nil {
		return nil, rampforge.Wrap(rampforge.CodeInvalid, err, "The endpoint of the service is no address of a GitLab server.")
	}
	c.client = client
	return c, nil
}

// noLimit keeps the library from limiting by the first answer's headers: the
// caller's client does that, for all replicas together.
type noLimit struct{}

func (noLimit) Wait(context.Context) error { return nil }

// endpoint returns the base of the API for what a person types: a host, an
// address, an address that already ends in /api/v4, an installation below a
// path. The second result is what is wrong with it.
func endpoint(typed string) (base, issue string) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", "must be the http or https address of a GitLab server"
	case u.User != nil:
		return "", "must not hold a user or a password: the token goes into the credentials"
	case u.RawQuery != "" || u.Fragment != "":
		return "", "must not hold a query or a fragment"
	}
	path := strings.TrimRight(u.Path, "/")
	path = strings.TrimRight(strings.TrimSuffix(path, apiPath), "/")
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: path + apiPath}
	return clean.String(), ""
}

// Check signs in as GET /user does; the version is asked for besides and may
// be kept from the token.
func (c *gitlab) Check(ctx context.Context) (connector.Check, error) {
	raw, res, err := c.get(ctx, "user")
	if err != nil {
		return connector.Check{}, err
	}
	var u fullUser
	if err := decode(raw, &u); err != nil || u.ID == "" {
		return connector.Check{}, malformed()
	}
	check := connector.Check{Account: account(&u.user, map[string]facts{string(u.ID): u.facts}), Server: "GitLab", Rates: ratesOf(res.Header)}
	if check.Account == nil {
		return connector.Check{}, malformed()
	}
	var server struct {
		Version string `json:"version"`
	}
	raw, _, err = c.get(ctx, "metadata")
	switch {
	case c.absent(err):
	case err != nil:
		return connector.Check{}, err
	case decode(raw, &server) == nil && server.Version != "":
		check.Server = "GitLab " + server.Version
	}
	return check, nil
}

func ratesOf(h http.Header) *connector.Rates {
	left, err := strconv.Atoi(h.Get("Ratelimit-Remaining"))
	reset, errReset := strconv.ParseInt(h.Get("Ratelimit-Reset"), 10, 64)
	if err != nil || errReset != nil {
		return nil
	}
	return &connector.Rates{Remaining: left, Reset: time.Unix(reset, 0).UTC()}
}

type project struct {
	ID             id      `json:"id"`
	Path           string  `json:"path_with_namespace"`
	Name           string  `json:"name"`
	URL            string  `json:"web_url"`
	Archived       bool    `json:"archived"`
	DefaultBranch  string  `json:"default_branch"`
	EmptyRepo      bool    `json:"empty_repo"`
	LastActivityAt instant `json:"last_activity_at"`
	CreatedAt      instant `json:"created_at"`
	Namespace      struct {
		ID   id     `json:"id"`
		Kind string `json:"kind"`
	} `json:"namespace"`
	IssuesLevel       string `json:"issues_access_level"`
	MergeLevel        string `json:"merge_requests_access_level"`
	RepositoryLevel   string `json:"repository_access_level"`
	BuildsLevel       string `json:"builds_access_level"`
	EnvironmentsLevel string `json:"environments_access_level"`
	WikiLevel         string `json:"wiki_access_level"`
	Issues            *bool  `json:"issues_enabled"`
	Merges            *bool  `json:"merge_requests_enabled"`
	Jobs              *bool  `json:"jobs_enabled"`
	Wiki              *bool  `json:"wiki_enabled"`
}

// Resources yields the projects that the token's account is a member of, by
// id. Without "membership" gitlab.com would list the whole public world.
// GitLab pages projects by key, so that a project that goes meanwhile shifts
// nothing.
func (c *gitlab) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		iterations := map[id]bool{} // by group: iterations belong to groups
		for after := ""; ; {
			page, err := c.list(ctx, "projects", listOptions{Membership: "true", OrderBy: "id", Sort: "asc", Pagination: "keyset", PerPage: 100, IDAfter: after})
			if err != nil {
				yield(rampforge.Resource{}, err)
				return
			}
			before := after
			for _, raw := range page.items {
				r, err := c.resource(ctx, raw, iterations)
				if err != nil {
					yield(rampforge.Resource{}, err)
					return
				}
				after = r.ID
				if r.Streams, err = c.readable(ctx, r.Streams); err != nil {
					yield(rampforge.Resource{}, err)
					return
				}
				if len(r.Streams) > 0 && !yield(r, nil) {
					return
				}
			}
			if !page.more || after == before {
				return
			}
		}
	}
}

// Statuses are the two that every project has.
func (c *gitlab) Statuses(context.Context, rampforge.Resource) ([]rampforge.TrackerStatus, error) {
	all := []rampforge.TrackerStatus{}
	for i, state := range []string{"opened", "closed"} {
		all = append(all, rampforge.TrackerStatus{ID: state, Name: state, Category: category(state), Position: i + 1})
	}
	return all, nil
}

func (c *gitlab) resource(ctx context.Context, raw []byte, iterations map[id]bool) (rampforge.Resource, error) {
	var p project
	if err := decode(raw, &p); err != nil || p.ID == "" {
		return rampforge.Resource{}, malformed()
	}
	streams, err := c.streams(ctx, p, iterations)
	return rampforge.Resource{ID: string(p.ID), Kind: "project", Key: p.Path, Name: p.Name, URL: p.URL, Archived: p.Archived, Streams: streams}, err
}

// streams says what a project has. A feature counts as there unless GitLab
// says that it is switched off: older servers know no levels.
func (c *gitlab) streams(ctx context.Context, p project, iterations map[id]bool) ([]rampforge.Stream, error) {
	on := func(level string, enabled *bool) bool { return level != "disabled" && (enabled == nil || *enabled) }
	var all []rampforge.Stream
	if on(p.IssuesLevel, p.Issues) {
		all = append(all, rampforge.StreamWorkItems)
		has, err := c.hasIterations(ctx, p, iterations)
		if err != nil {
			return nil, err
		}
		if has {
			all = append(all, rampforge.StreamSprints)
		}
	}
	repository := on(p.RepositoryLevel, nil)
	if repository && on(p.MergeLevel, p.Merges) {
		all = append(all, rampforge.StreamPullRequests)
	}
	if repository && !p.EmptyRepo && p.DefaultBranch != "" {
		all = append(all, rampforge.StreamCommits)
	}
	if repository && on(p.BuildsLevel, p.Jobs) {
		all = append(all, rampforge.StreamPipelineRuns)
	}
	if repository && on(p.EnvironmentsLevel, nil) {
		all = append(all, rampforge.StreamDeployments)
	}
	if on(p.WikiLevel, p.Wiki) {
		all = append(all, rampforge.StreamDocuments)
	}
	return all, nil
}

// readable leaves of streams those that the MCP server in between has tools
// for.
func (c *gitlab) readable(ctx context.Context, streams []rampforge.Stream) ([]rampforge.Stream, error) {
	if c.tools == nil {
		return streams, nil
	}
	var all []rampforge.Stream
	for _, s := range streams {
		has, err := c.tools.has(ctx, s)
		if err != nil {
			return nil, err
		}
		if has {
			all = append(all, s)
		}
	}
	return all, nil
}

// hasIterations asks once for each group: iterations need a paid tier, and no
// call tells the tier of a group to everybody.
func (c *gitlab) hasIterations(ctx context.Context, p project, known map[id]bool) (bool, error) {
	if p.Namespace.Kind != "group" {
		return false, nil
	}
	if has, asked := known[p.Namespace.ID]; asked {
		return has, nil
	}
	_, err := c.list(ctx, projectPath(string(p.ID))+"/iterations", listOptions{PerPage: 1})
	if err != nil && !c.absent(err) {
		return false, err
	}
	known[p.Namespace.ID] = err == nil
	return err == nil, nil
}

// Read reads a stream of a project.
func (c *gitlab) Read(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, at connector.Cursor) iter.Seq2[connector.Page, error] {
	switch stream {
	case rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamPipelineRuns, rampforge.StreamDeployments:
		return c.readUpdated(ctx, resource, stream, at)
	case rampforge.StreamCommits:
		return c.readCommits(ctx, resource, at)
	case rampforge.StreamSprints, rampforge.StreamDocuments:
		return c.readSet(ctx, resource, stream, at)
	default:
		return failed[connector.Page](unsupported())
	}
}

// IDs lists issues and merge requests by their time of creation, which never
// changes: a list by update would shift under the reader, and an id that slips
// through would be taken for deleted. Iterations and wiki pages come whole.
// Commits, pipelines and deployments are told as unsupported: where they go,
// GitLab's retention has removed them, and they happened all the same.
func (c *gitlab) IDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	switch stream {
	case rampforge.StreamWorkItems, rampforge.StreamPullRequests:
	case rampforge.StreamSprints, rampforge.StreamDocuments:
		return c.setIDs(ctx, resource, stream)
	default:
		return failed[[]string](unsupported())
	}
	return func(yield func([]string, error) bool) {
		for page, err := range c.walk(ctx, resource, stream, byCreation, &cursor{}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page.notes) > 0 { // what was left out would count as gone
				yield(nil, page.notes[0])
				return
			}
			ids := make([]string, 0, len(page.heads))
			for _, h := range page.heads {
				ids = append(ids, string(h.ID))
			}
			if !yield(ids, nil) {
				return
			}
		}
	}
}

// absent reports whether a part is not there, not for these credentials, or
// not given by any tool of the MCP server in between.
func (c *gitlab) absent(err error) bool {
	return connector.Absent(err) || c.tools != nil && connector.Reason(err) == connector.ReasonUnsupported
}

func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// Close frees the idle connections.
func (c *gitlab) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// decode reads one JSON value of the vendor's.
func decode(raw []byte, to any) error { return json.Unmarshal(raw, to) }
