// Package azuredevopstest is a fake Azure DevOps for tests: a server that
// answers the calls of the REST API as Microsoft's published description says,
// with generated data. The same seed gives the same data.
package azuredevopstest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// Organization is the collection that the fake serves.
	Organization = "contoso"
	// Token is the personal access token that it takes.
	Token = "fake-token-of-tests"
)

type object = map[string]any

// Server is a fake Azure DevOps that runs.
type Server struct {
	*httptest.Server

	small bool // nothing is long

	mu       sync.Mutex
	fail     http.Handler
	requests map[string]int
	projects []*project
	repos    map[string]*repo
	mark     int // watermark of the reporting feed
	clock    time.Time
	sent     int // messages of service hooks
}

// New starts a fake with data of the seed: lists of several pages, and parts
// that are long. Close ends it.
func New(seed uint64) *Server { return start(seed, false) }

// NewSmall starts a fake with little data, for tests in which Azure DevOps is
// one vendor of many. Close ends it.
func NewSmall(seed uint64) *Server { return start(seed, true) }

func start(seed uint64, small bool) *Server {
	s := &Server{small: small, repos: map[string]*repo{}, requests: map[string]int{}, clock: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)}
	s.generate(seed)
	mux := http.NewServeMux()
	root := "/" + Organization
	routes := map[string]http.HandlerFunc{
		"GET " + root + "/_apis/connectionData":                                          s.connectionData,
		"GET " + root + "/_apis/projects":                                                s.listProjects,
		"GET " + root + "/_apis/projects/{project}/teams":                                s.inProject(s.listTeams),
		"GET " + root + "/{project}/_apis/git/repositories":                              s.inProject(s.listRepositories),
		"GET " + root + "/{project}/_apis/wit/reporting/workitemrevisions":               s.inProject(s.feed),
		"GET " + root + "/{project}/_apis/wit/workitems":                                 s.inProject(s.workItems),
		"GET " + root + "/{project}/_apis/wit/workItems/{id}/revisions":                  s.inProject(s.revisions),
		"GET " + root + "/{project}/_apis/wit/workItems/{id}/comments":                   s.inProject(s.comments),
		"GET " + root + "/{project}/_apis/wit/workitemtypes":                             s.inProject(s.itemTypes),
		"GET " + root + "/{project}/_apis/wit/workitemtypes/{type}/states":               s.inProject(s.states),
		"GET " + root + "/{project}/_apis/wit/classificationnodes/iterations":            s.inProject(s.nodes),
		"POST " + root + "/{project}/_apis/wit/wiql":                                     s.inProject(s.wiql),
		"GET " + root + "/{project}/{team}/_apis/work/teamsettings/iterations":           s.inProject(s.teamIterations),
		"GET " + root + "/{project}/_apis/build/builds":                                  s.inProject(s.builds),
		"GET " + root + "/{project}/_apis/release/deployments":                           s.inProject(s.deployments),
		"GET " + root + "/_apis/git/repositories/{repository}/pullrequests":              s.inRepository(s.listPulls),
		"GET " + root + "/_apis/git/repositories/{repository}/pullrequests/{id}":         s.inRepository(s.pull(pullItself)),
		"GET " + root + "/_apis/git/repositories/{repository}/pullrequests/{id}/threads": s.inRepository(s.pull(pullThreads)),
		"GET " + root + "/_apis/git/repositories/{repository}/pullrequests/{id}/commits": s.inRepository(s.pull(pullCommits)),
		"GET " + root + "/_apis/git/repositories/{repository}/commits":                   s.inRepository(s.listCommits),
		"GET " + root + "/_apis/git/repositories/{repository}/commits/{id}":              s.inRepository(s.commit),
	}
	maps.Copy(routes, s.clientRoutes())
	for pattern, handler := range routes {
		mux.HandleFunc(pattern, handler)
	}
	s.Server = httptest.NewServer(s.guard(mux))
	return s
}

// Endpoint is what a person types to reach the fake.
func (s *Server) Endpoint() string { return s.URL + "/" + Organization }

// Fail makes every answer from now on be written by the handler; nil makes the
// fake answer as before.
func (s *Server) Fail(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = h
}

// Requests says how many requests came since the last call of it.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, each := range s.requests {
		n += each
	}
	s.requests = map[string]int{}
	return n
}

// guard refuses wrong tokens and requests without a version, tells the rate
// limit, and lets one request at a time at the data.
func (s *Server) guard(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Only a request that was read to its end tells when its client has gone.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.mu.Lock()
		fail := s.fail
		s.requests[r.URL.Path]++
		s.mu.Unlock()
		if fail != nil {
			fail.ServeHTTP(w, r)
			return
		}
		_, token, ok := r.BasicAuth() // whatever the name
		if !ok || token != Token {
			w.Header().Set("WWW-Authenticate", `Basic realm="`+s.URL+`"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Query().Get("api-version") == "" && !strings.Contains(r.Header.Get("Accept"), "api-version=") && r.Method != http.MethodOptions {
			refuse(w, http.StatusBadRequest, "VssVersionNotSpecifiedException")
			return
		}
		w.Header().Set("X-RateLimit-Resource", "core")
		w.Header().Set("X-RateLimit-Limit", "200")
		w.Header().Set("X-RateLimit-Remaining", "150")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(5*time.Minute).Unix(), 10))
		s.mu.Lock()
		defer s.mu.Unlock()
		inner.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8; api-version=7.1")
	_ = json.NewEncoder(w).Encode(v)
}

func list[T any](w http.ResponseWriter, items []T) {
	if items == nil {
		items = []T{}
	}
	answer(w, object{"count": len(items), "value": items})
}

func refuse(w http.ResponseWriter, status int, kind string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"$id": "1", "message": "Refused.", "typeKey": kind, "errorCode": 0})
}

func number(r *http.Request, name string, otherwise int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
		return n
	}
	return otherwise
}

// cut is one page of a list by $top and $skip.
func cut[T any](items []T, skip, top int) []T {
	skip = min(skip, len(items))
	return items[skip:min(skip+top, len(items))]
}

// tokenPage answers one page of a list whose continuation token is the place.
func tokenPage[T any](w http.ResponseWriter, r *http.Request, items []T, top int) {
	skip := number(r, "continuationToken", 0)
	page := cut(items, skip, min(number(r, "$top", top), top))
	if skip+len(page) < len(items) {
		w.Header().Set("X-Ms-Continuationtoken", strconv.Itoa(skip+len(page)))
	}
	list(w, page)
}

func (s *Server) connectionData(w http.ResponseWriter, _ *http.Request) {
	me := people[0]
	answer(w, object{"authenticatedUser": object{
		"id": me["id"], "descriptor": "Microsoft.IdentityModel.Claims.ClaimsIdentity;x", "subjectDescriptor": me["descriptor"], "providerDisplayName": me["displayName"],
		"isActive": true, "properties": object{"Account": object{"$type": "System.String", "$value": me["uniqueName"]}},
	}, "instanceId": guid(9, 9), "deploymentType": "hosted"})
}

// listProjects pages by one, so that every reader meets a continuation token.
// It can be read by place as well.
func (s *Server) listProjects(w http.ResponseWriter, r *http.Request) {
	all := []object{}
	for _, p := range s.projects {
		all = append(all, object{"id": p.id, "name": p.name, "state": "wellFormed", "url": s.URL + "/" + Organization + "/_apis/projects/" + p.id})
	}
	if r.URL.Query().Get("$skip") != "" {
		list(w, cut(all, number(r, "$skip", 0), 1))
		return
	}
	tokenPage(w, r, all, 1)
}

func (s *Server) inProject(h func(http.ResponseWriter, *http.Request, *project)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, p := range s.projects {
			if p.id == r.PathValue("project") || p.name == r.PathValue("project") {
				h(w, r, p)
				return
			}
		}
		refuse(w, http.StatusNotFound, "ProjectDoesNotExistWithNameException")
	}
}

func (s *Server) inRepository(h func(http.ResponseWriter, *http.Request, *repo)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found := s.repos[r.PathValue("repository")]
		if found == nil || found.disabled {
			refuse(w, http.StatusNotFound, "GitRepositoryNotFoundException")
			return
		}
		h(w, r, found)
	}
}
