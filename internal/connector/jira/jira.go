// Package jira is the connector to Jira, Cloud and Data Center, by REST and by
// the tools of MCP servers.
//
// Its answers are decoded here and not by a client library: those know neither
// custom fields nor the parts of a history that they have no type for, and
// everything that Jira says is kept as it came.
package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
)

// Open makes a connector to the site of the service's endpoint. Cloud signs in
// by username and api_token, Data Center by token.
func Open(o connector.Options) (connector.Connector, error) {
	var faults []rampforge.FieldIssue
	site, err := url.Parse(strings.TrimRight(o.Service.Endpoint, "/"))
	if err != nil || site.Host == "" || site.Scheme != "https" && site.Scheme != "http" || site.User != nil || site.RawQuery != "" || site.Fragment != "" {
		faults = append(faults, rampforge.FieldIssue{Field: "endpoint", Issue: "has to be the address of the Jira site, as https://example.atlassian.net"})
	}
	faults = append(faults, atlassian.CredentialFaults(o.Credentials)...)
	if o.Client == nil || o.Now == nil {
		faults = append(faults, rampforge.FieldIssue{Field: "options", Issue: "need a client and a clock"})
	}
	if len(faults) > 0 {
		return nil, rampforge.Invalid(faults...)
	}
	return &jira{rest: rest{client: o.Client, site: site.String(), credentials: o.Credentials, now: o.Now, again: o.Service.RetryAttempts}, memory: o.Memory}, nil
}

// jira speaks to one site. What it knows of the site is asked for once and
// again when it has become old.
type jira struct {
	rest

	tools  *tools // nil by REST
	memory *connector.Memory

	mu     sync.Mutex
	server *serverInfo
	known  map[string]*about // by project where fields are told by project, else under ""
}

// aboutAge is how long fields and statuses are believed to be as they were,
// unless an issue is in a status that was not there. The account's time zone and
// the fields are asked for by every connector: a wrong zone would hide changes,
// and of a field that is not known no value is read, which nothing makes good
// until the issue changes again.
const aboutAge = 10 * time.Minute

// Of what is remembered from one connector to the next.
const (
	memoryServer   = "jira server"
	memoryStatuses = "jira statuses"
)

type serverInfo struct {
	BaseURL    string `json:"baseUrl"`
	Version    string `json:"version"`
	Deployment string `json:"deploymentType"` // absent from servers before 7.6
}

func (s *serverInfo) cloud() bool { return strings.EqualFold(s.Deployment, "Cloud") }

func (s *serverInfo) name() string {
	product := "Jira Data Center "
	if s.cloud() {
		product = "Jira Cloud "
	}
	return strings.TrimSpace(product + s.Version)
}

// browse is where people find the site: the endpoint, or what the server says
// where the endpoint is that of an MCP server. It is "" when that is no address.
func (j *jira) browse(ctx context.Context) (string, error) {
	if j.tools == nil {
		return j.site, nil
	}
	info, err := j.flavour(ctx)
	if err != nil {
		return "", err
	}
	return atlassian.Address(info.BaseURL), nil
}

type wireMyself struct {
	wireUser
	TimeZone string `json:"timeZone"`
}

// about is what of a site is needed to read its work items.
type about struct {
	zone       *time.Location    // of the account, in which JQL understands dates; nil when it is not known
	fields     fieldIDs          //
	categories map[string]string // id of a status → key of its category; nil when there is no list of statuses
	statuses   []rampforge.TrackerStatus
	at         time.Time // when the oldest of it was asked for
}

// statuses is the list of a site's statuses.
type statuses struct {
	categories map[string]string // as in about
	all        []rampforge.TrackerStatus
	at         time.Time
}

// flavour asks what kind of Jira it is. Both flavours answer that at the same place.
func (j *jira) flavour(ctx context.Context) (*serverInfo, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.server != nil {
		return j.server, nil
	}
	if known, ok := j.memory.Get(memoryServer).(*serverInfo); ok {
		j.server = known
		return known, nil
	}
	var info serverInfo
	if _, err := j.get(ctx, "/rest/api/2/serverInfo", nil, &info); err != nil {
		return nil, err
	}
	j.server = &info
	j.memory.Put(memoryServer, &info)
	return j.server, nil
}

// api returns the path of the site's API of a version that fits its flavour.
func (j *jira) api(ctx context.Context) (string, bool, error) {
	info, err := j.flavour(ctx)
	if err != nil {
		return "", false, err
	}
	if info.cloud() {
		return "/rest/api/3", true, nil
	}
	return "/rest/api/2", false, nil
}

func (j *jira) facts(ctx context.Context, resource rampforge.Resource) (*about, error) {
	base, _, err := j.api(ctx)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	key := ""
	var ofProject url.Values
	if j.tools != nil { // they have no list of the site's fields
		key, ofProject = resource.ID, url.Values{"project": {resource.ID}}
	}
	if a := j.known[key]; a != nil && j.now().Sub(a.at) < aboutAge {
		return a, nil
	}
	var me wireMyself
	if _, err := j.get(ctx, base+"/myself", nil, &me); err != nil {
		return nil, err
	}
	var fields []wireField
	if _, err := j.get(ctx, base+"/field", ofProject, &fields); err != nil {
		return nil, err
	}
	listed, remembered := j.memory.Get(memoryStatuses).(*statuses)
	if !remembered || j.now().Sub(listed.at) >= aboutAge {
		if listed, err = j.statuses(ctx, base); err != nil {
			return nil, err
		}
		j.memory.Put(memoryStatuses, listed)
	}
	a := about{fields: findFields(fields), categories: listed.categories, statuses: listed.all, at: listed.at}
	if zone, err := time.LoadLocation(me.TimeZone); err == nil && me.TimeZone != "" {
		a.zone = zone
	}
	if j.known == nil {
		j.known = map[string]*about{}
	}
	j.known[key] = &a
	return &a, nil
}

// statuses asks for the statuses of the site.
func (j *jira) statuses(ctx context.Context, base string) (*statuses, error) {
	var rows []struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Category struct {
			Key string `json:"key"`
		} `json:"statusCategory"`
	}
	listed := &statuses{at: j.now()}
	switch _, err := j.get(ctx, base+"/status", nil, &rows); {
	case j.tools != nil && connector.Reason(err) == connector.ReasonUnsupported:
	case err != nil:
		return nil, err
	}
	if rows != nil {
		listed.categories = map[string]string{}
	}
	for _, s := range rows {
		listed.categories[s.ID] = s.Category.Key
		listed.all = append(listed.all, rampforge.TrackerStatus{ID: s.ID, Name: s.Name, Category: statusCategory(s.Category.Key)})
	}
	return listed, nil
}

// Statuses lists those of the whole site: a project's own would be asked for by
// type, and its issues have had others. Jira's order is that of their making.
func (j *jira) Statuses(ctx context.Context, resource rampforge.Resource) ([]rampforge.TrackerStatus, error) {
	about, err := j.facts(ctx, resource)
	if err != nil {
		return nil, err
	}
	if about.categories == nil {
		return nil, connector.Errorf(connector.ReasonUnsupported, "This server does not tell which statuses there are.",
			"Set the categories in the project's settings, where they are not known.", nil)
	}
	return about.statuses, nil
}

// anew asks for what is known of the site as if nothing were known.
func (j *jira) anew(ctx context.Context, resource rampforge.Resource) (*about, error) {
	j.mu.Lock()
	clear(j.known)
	j.mu.Unlock()
	j.memory.Forget(memoryStatuses)
	return j.facts(ctx, resource)
}

// Check signs in by asking who the account is.
func (j *jira) Check(ctx context.Context) (connector.Check, error) {
	base, _, err := j.api(ctx)
	if err != nil {
		return connector.Check{}, err
	}
	server, err := j.flavour(ctx)
	if err != nil {
		return connector.Check{}, err
	}
	var me wireMyself
	header, err := j.get(ctx, base+"/myself", nil, &me)
	if err != nil {
		return connector.Check{}, err
	}
	account := me.account()
	if account == nil {
		return connector.Check{}, malformed(nil)
	}
	return connector.Check{Account: account, Server: server.name(), Rates: atlassian.Rates(header)}, nil
}

type wireProject struct {
	ID       string `json:"id"`
	Key      string `json:"key"`
	Name     string `json:"name"`
	Archived bool   `json:"archived"`
}

// Resources yields the projects that the account sees.
func (j *jira) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		base, cloud, err := j.api(ctx)
		if err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		var projects []wireProject
		if cloud {
			projects, err = j.searchProjects(ctx, base)
		} else {
			_, err = j.get(ctx, base+"/project", url.Values{"includeArchived": {"true"}}, &projects)
		}
		if err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		site, err := j.browse(ctx)
		if err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		streams, err := j.streams(ctx)
		if err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		slices.SortFunc(projects, func(a, b wireProject) int {
			return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
		})
		for _, p := range projects {
			if p.ID == "" || p.Key == "" {
				yield(rampforge.Resource{}, malformed(nil))
				return
			}
			r := rampforge.Resource{
				ID: p.ID, Kind: "project", Key: p.Key, Name: cmp.Or(p.Name, p.Key), URL: browseURL(site, p.Key), Archived: p.Archived, Streams: streams,
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// browseURL is the address of a project or an issue for people.
func browseURL(site, key string) string {
	if site == "" {
		return ""
	}
	return site + "/browse/" + key
}

// streams are those that can be read: not every MCP server has boards.
func (j *jira) streams(ctx context.Context) ([]rampforge.Stream, error) {
	if j.tools != nil {
		boards, err := j.tools.haveBoards(ctx)
		if err != nil {
			return nil, err
		}
		if !boards {
			return []rampforge.Stream{rampforge.StreamWorkItems}, nil
		}
	}
	return []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints}, nil
}

func (j *jira) searchProjects(ctx context.Context, base string) ([]wireProject, error) {
	var projects []wireProject
	for values, err := range j.offsets(ctx, base+"/project/search", url.Values{"orderBy": {"key"}}) {
		if err != nil {
			return nil, err
		}
		for _, raw := range values {
			var p wireProject
			if err := json.Unmarshal(raw, &p); err != nil {
				return nil, malformed(err)
			}
			projects = append(projects, p)
		}
	}
	return projects, nil
}

// Read yields pages of work items or sprints.
func (j *jira) Read(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	switch stream {
	case rampforge.StreamWorkItems:
		return j.readItems(ctx, resource, cursor)
	case rampforge.StreamSprints:
		return j.readSprints(ctx, resource, cursor)
	default:
		return func(yield func(connector.Page, error) bool) { yield(connector.Page{}, unsupported(stream)) }
	}
}

// IDs yields the ids of the work items or sprints that are there now.
func (j *jira) IDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	switch stream {
	case rampforge.StreamWorkItems:
		return j.itemIDs(ctx, resource)
	case rampforge.StreamSprints:
		return j.sprintIDs(ctx, resource)
	default:
		return func(yield func([]string, error) bool) { yield(nil, unsupported(stream)) }
	}
}

// Close does nothing: a connector holds no connection of its own.
func (j *jira) Close() error { return nil }
