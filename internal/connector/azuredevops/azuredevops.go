// Package azuredevops is the connector of Azure DevOps, Services and Server, by
// its REST API, and of Services by the tools of MCP servers, which answer the
// same requests through a bridge. A project is one resource with its work items, sprints,
// pipeline runs and classic deployments; each of its git repositories is
// another one with pull requests and commits.
//
// Each stream is read in the way that loses nothing: work items by the
// reporting feed, pull requests by number with those that can still change
// looked at again, commits from a pinned tip, runs by their time of finish.
package azuredevops

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/core"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/git"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/identity"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/location"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// anonymous is the identity that Azure DevOps gives to whoever it does not
// know where an organization has public projects.
const anonymous = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"

type azure struct {
	http     *http.Client
	base     string // of the organization or collection, without a slash at the end
	release  string // of the classic releases of the same place
	cloud    bool
	auth     string
	version  string // of the API
	comments string // of the API of comments, which is a preview everywhere
	now      func() time.Time
	again    int // times that an answer is asked for anew which is no JSON
	// offers says whether an MCP server has tools for a stream; nil by REST,
	// where every stream is there.
	offers func(context.Context, rampforge.Stream) (bool, error)
	kinds  kinds
}

// Open makes the connector.
func Open(o connector.Options) (connector.Connector, error) {
	var faults []rampforge.FieldIssue
	organization := strings.TrimSpace(o.Credentials["organization"])
	c := &azure{http: o.Client, now: o.Now, again: o.Service.RetryAttempts, version: "6.0", comments: "6.0-preview.3"}
	issue := c.locate(o.Service.Endpoint, organization)
	if issue != "" {
		faults = append(faults, rampforge.FieldIssue{Field: "endpoint", Issue: issue})
	}
	token := strings.TrimSpace(o.Credentials["personal_access_token"])
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		faults = append(faults, rampforge.FieldIssue{Field: "credentials.personal_access_token", Issue: "must be a personal access token of Azure DevOps"})
	}
	if strings.ContainsAny(organization, "/\\?#:@ ") {
		faults = append(faults, rampforge.FieldIssue{Field: "credentials.organization", Issue: "must be the name of an organization or collection"})
	}
	if len(faults) > 0 {
		return nil, rampforge.Invalid(faults...)
	}
	if c.cloud {
		c.version, c.comments = "7.1", "7.1-preview.4"
	}
	if c.http == nil {
		c.http = http.DefaultClient
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(":"+token))
	return c, nil
}

// locate sets the addresses for what a person types: dev.azure.com with or
// without the organization (or a page below it), the older
// organization.visualstudio.com, or a collection of a server. The result is
// what is wrong with it.
func (c *azure) locate(typed, organization string) string {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "must be the http or https address of Azure DevOps"
	case u.User != nil && u.User.String() != organization: // clone addresses hold the organization there
		return "must not hold a user or a password: the token goes into the credentials"
	case u.RawQuery != "" || u.Fragment != "":
		return "must not hold a query or a fragment"
	}
	path := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	host := strings.ToLower(u.Hostname())
	origin := url.URL{Scheme: u.Scheme, Host: u.Host}
	switch {
	case host == "dev.azure.com":
		if len(path) == 0 {
			path = []string{organization}
		}
		if path[0] == "" || organization != "" && !strings.EqualFold(path[0], organization) {
			return "must name the organization of the credentials"
		}
		c.cloud = true
		c.base = origin.JoinPath(path[0]).String()
		origin.Host = "vsrm." + u.Host
		c.release = origin.JoinPath(path[0]).String()
	case strings.HasSuffix(host, ".visualstudio.com"):
		c.cloud = true
		c.base = origin.String()
		name, rest, _ := strings.Cut(u.Host, ".")
		origin.Host = name + ".vsrm." + rest
		c.release = origin.String()
	default:
		// A server's collection stands at the end of the path; with "/" or
		// "/tfs" alone the credentials say which one is meant.
		if len(path) == 0 || len(path) == 1 && strings.EqualFold(path[0], "tfs") && !strings.EqualFold(organization, "tfs") {
			if organization == "" {
				return "must end in the name of a collection"
			}
			path = append(path, organization)
		}
		c.base = origin.JoinPath(path...).String()
		c.release = c.base
	}
	return ""
}

// Check signs in and reads one project. The place that tells who one is lets
// strangers in where there are public projects, so its answer is looked at.
func (c *azure) Check(ctx context.Context) (connector.Check, error) {
	raw, header, err := c.get(ctx, c.base+"/_apis/connectionData", url.Values{"api-version": {c.version + "-preview"}})
	if err != nil {
		return connector.Check{}, err
	}
	var data location.ConnectionData
	if json.Unmarshal(raw, &data) != nil || data.AuthenticatedUser == nil && c.offers == nil || data.AuthenticatedUser != nil && data.AuthenticatedUser.Id == nil {
		return connector.Check{}, malformed()
	}
	user := data.AuthenticatedUser
	if user != nil && user.Id.String() == anonymous {
		return connector.Check{}, refusal(http.StatusUnauthorized)
	}
	if _, _, err := c.list(ctx, c.base+"/_apis/projects", url.Values{"$top": {"1"}}); err != nil {
		return connector.Check{}, err
	}
	server := "Azure DevOps Server"
	if c.cloud {
		server = "Azure DevOps Services"
	}
	out := connector.Check{Server: server, Rates: ratesOf(header)}
	if user != nil {
		out.Account = self(user)
	}
	return out, nil
}

// self maps the identity of whoever signed in.
func self(user *identity.Identity) *rampforge.Account {
	account := rampforge.Account{ID: user.Id.String(), Name: text(user.ProviderDisplayName), Bot: isBot(text(user.SubjectDescriptor), false)}
	if text(user.CustomDisplayName) != "" {
		account.Name = text(user.CustomDisplayName)
	}
	account.Login = property(user.Properties, "Account")
	if looksLikeEmail(account.Login) {
		account.Email = account.Login
		account.EmailVerified = isVerified(text(user.SubjectDescriptor))
	}
	return &account
}

// Resources yields the projects in the vendor's order, each followed by its
// repositories by id. A project or repository of which an MCP server tells
// nothing is left out.
func (c *azure) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return sequence(func(out emitter[rampforge.Resource]) error {
		seen := map[string]bool{} // the list may shift
		return c.follow(ctx, c.base+"/_apis/projects", url.Values{"stateFilter": {"wellFormed"}, "$top": {"100"}}, func(items []json.RawMessage) error {
			for _, raw := range items {
				if err := c.projectOnce(ctx, raw, seen, out); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (c *azure) projectOnce(ctx context.Context, raw json.RawMessage, seen map[string]bool, out emitter[rampforge.Resource]) error {
	var p core.TeamProjectReference
	if json.Unmarshal(raw, &p) != nil || p.Id == nil || text(p.Name) == "" {
		return malformed()
	}
	if seen[p.Id.String()] {
		return nil
	}
	seen[p.Id.String()] = true
	all, err := c.project(ctx, p)
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := out(r); err != nil {
			return err
		}
	}
	return nil
}

func (c *azure) project(ctx context.Context, p core.TeamProjectReference) ([]rampforge.Resource, error) {
	id := p.Id.String()
	streams := []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints, rampforge.StreamPipelineRuns}
	deploys, err := c.hasDeployments(ctx, id)
	if err != nil {
		return nil, err
	}
	if deploys {
		streams = append(streams, rampforge.StreamDeployments)
	}
	if streams, err = c.offered(ctx, streams); err != nil {
		return nil, err
	}
	all := []rampforge.Resource{}
	if len(streams) > 0 {
		all = append(all, rampforge.Resource{ID: id, Kind: "project", Key: *p.Name, Name: *p.Name, URL: webBase(text(p.Url), c.base) + "/" + url.PathEscape(*p.Name), Streams: streams})
	}
	items, _, err := c.list(ctx, c.base+"/"+id+"/_apis/git/repositories", nil)
	if connector.Absent(err) || c.lacks(err) {
		return all, nil // the project has no repositories, or the token may not see them
	}
	if err != nil {
		return nil, err
	}
	var repositories []rampforge.Resource
	for _, raw := range items {
		var r git.GitRepository
		if json.Unmarshal(raw, &r) != nil || r.Id == nil || text(r.Name) == "" {
			return nil, malformed()
		}
		found := repository(*p.Name, r)
		if found.Streams, err = c.offered(ctx, found.Streams); err != nil {
			return nil, err
		}
		if len(found.Streams) > 0 {
			repositories = append(repositories, found)
		}
	}
	slices.SortFunc(repositories, func(a, b rampforge.Resource) int { return cmp.Compare(a.ID, b.ID) })
	return append(all, repositories...), nil
}

func repository(project string, r git.GitRepository) rampforge.Resource {
	streams := []rampforge.Stream{rampforge.StreamPullRequests}
	if text(r.DefaultBranch) != "" { // else it is empty, and has no history to ask for
		streams = append(streams, rampforge.StreamCommits)
	}
	return rampforge.Resource{
		ID: r.Id.String(), Kind: "repository", Key: project + "/" + *r.Name, Name: *r.Name, URL: text(r.WebUrl),
		Archived: r.IsDisabled != nil && *r.IsDisabled, Streams: streams,
	}
}

// offered leaves out the streams that an MCP server has no tools for.
func (c *azure) offered(ctx context.Context, streams []rampforge.Stream) ([]rampforge.Stream, error) {
	if c.offers == nil {
		return streams, nil
	}
	there := []rampforge.Stream{}
	for _, stream := range streams {
		switch has, err := c.offers(ctx, stream); {
		case err != nil:
			return nil, err
		case has:
			there = append(there, stream)
		}
	}
	return there, nil
}

// hasDeployments asks whether the project has classic releases. Services keep
// them on a host of their own, which a network or a token may not allow: that
// is no reason to fail with everything else.
func (c *azure) hasDeployments(ctx context.Context, project string) (bool, error) {
	items, _, err := c.list(ctx, c.release+"/"+project+"/_apis/release/deployments", url.Values{"$top": {"1"}})
	reason := connector.Reason(err)
	switch {
	case err == nil:
		return len(items) > 0, nil
	case connector.Absent(err), reason == connector.ReasonUnsupported, reason == connector.ReasonAuthentication, reason == connector.ReasonUnreachable && c.release != c.base:
		return false, nil
	default:
		return false, err
	}
}

// Read reads a stream of a project or of a repository.
func (c *azure) Read(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, at connector.Cursor) iter.Seq2[connector.Page, error] {
	read := map[rampforge.Stream]func(context.Context, string, connector.Cursor, emit) error{
		rampforge.StreamWorkItems:    c.readWorkItems,
		rampforge.StreamSprints:      c.readSprints,
		rampforge.StreamPullRequests: c.readPullRequests,
		rampforge.StreamCommits:      c.readCommits,
		rampforge.StreamPipelineRuns: c.readRuns,
		rampforge.StreamDeployments:  c.readDeployments,
	}[stream]
	return sequence(func(e emitter[connector.Page]) error {
		if read == nil {
			return unsupported()
		}
		if resource.Archived {
			return nil // a disabled repository answers nobody, and nothing in it changes
		}
		return read(ctx, resource.ID, at, emit(e))
	})
}

// IDs lists work items and pull requests. Iterations that no team uses any
// longer, commits off the branch and runs that retention removed are told as
// unsupported: their going says nothing about them.
func (c *azure) IDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	return sequence(func(e emitter[[]string]) error {
		switch {
		case resource.Archived: // its records are out of sight and not gone
			return unsupported()
		case stream == rampforge.StreamWorkItems:
			return c.workItemIDs(ctx, resource.ID, e)
		case stream == rampforge.StreamPullRequests:
			return c.pullRequestIDs(ctx, resource.ID, e)
		default:
			return unsupported()
		}
	})
}

// Close frees the idle connections.
func (c *azure) Close() error {
	c.http.CloseIdleConnections()
	return nil
}
