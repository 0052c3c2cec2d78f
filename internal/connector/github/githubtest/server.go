// Package githubtest is a fake GitHub for tests: an HTTP server that answers as
// the published description of GitHub's REST API says, with generated data
// that depend on nothing but a seed. It pages with Link headers, sorts and
// filters as GitHub does, answers 304 to an ETag, sends rate-limit headers and
// leads from a repository's old name to its new one. It searches, and answers
// the queries of GraphQL that GitHub's MCP server sends.
package githubtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Token is what a server takes, unless Options say another.
const Token = "ghp_generated0000000000000000000000000000"

// Version is what the server says that it is, as Enterprise Server does.
const Version = "3.17.2"

// Options say how much a server holds. Zero values are the defaults.
type Options struct {
	Seed    uint64
	Token   string
	PerPage int // the most that a page holds, whatever is asked for; 100
	Issues  int // of the first repository; the second has a third of everything
	Pulls   int
	Commits int
	Runs    int
	Deploys int
	Tied    int       // how many issues share one second; a quarter of them
	Empty   bool      // adds a third repository with nothing in it
	Begin   time.Time // when the generated time begins; in January 2025
}

// Server is a fake GitHub. Its methods may be called while it answers.
type Server struct {
	connectortest.Stage

	URL string // of the host; the API is below /api/v3, and at the root too

	mu      sync.Mutex
	options Options
	repos   []*repo
	users   []user
	hasty   bool // searches are given up
	turned  bool // searches sort the other way round
	left    int
	clock   time.Time // of what changes by a call
	nextID  int64
}

// Start starts a server that ends with the test.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	s := New(o)
	server := httptest.NewServer(s)
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// New returns a server that does not listen yet.
func New(o Options) *Server {
	for _, d := range []struct {
		value *int
		or    int
	}{{&o.PerPage, 100}, {&o.Issues, 40}, {&o.Pulls, 24}, {&o.Commits, 45}, {&o.Runs, 35}, {&o.Deploys, 25}} {
		if *d.value == 0 {
			*d.value = d.or
		}
	}
	if o.Token == "" {
		o.Token = Token
	}
	if o.Tied == 0 {
		o.Tied = (o.Issues + o.Pulls) / 4
	}
	if o.Begin.IsZero() {
		o.Begin = time.Date(2025, time.January, 6, 8, 0, 0, 0, time.UTC)
	}
	s := &Server{options: o, left: 5000, nextID: 9_000_000}
	s.generate()
	return s
}

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Enter(w, r) {
		return
	}
	s.mu.Lock()
	a := s.answer(r)
	s.mu.Unlock()
	a.write(w, r)
}

// answer is what is sent back.
type answer struct {
	status int
	header http.Header
	body   any
}

type object = map[string]any

func message(status int, text string) answer {
	return answer{status: status, body: object{"message": text, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)}}
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func (s *Server) answer(r *http.Request) answer {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if (scheme != "Bearer" && scheme != "token") || token != s.options.Token {
		return message(http.StatusUnauthorized, "Bad credentials")
	}
	if r.Method == http.MethodPost && r.URL.Path == "/api/graphql" {
		return s.graphql(r)
	}
	if r.Method == http.MethodHead && r.URL.Path == "/api/v3/" {
		a := ok(object{})
		a.header = http.Header{"X-Oauth-Scopes": {"repo, read:org"}} // what a classic token may do
		return a
	}
	if r.Method != http.MethodGet {
		return message(http.StatusNotFound, "Not Found")
	}
	a := s.route(r, strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/api/v3"), "/"), "/"))
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set("X-Github-Enterprise-Version", Version)
	a.header.Set("X-Ratelimit-Limit", "5000")
	s.left = max(s.left-1, 1)
	a.header.Set("X-Ratelimit-Remaining", strconv.Itoa(s.left))
	a.header.Set("X-Ratelimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
	return a
}

func (a answer) write(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // maps of our own making
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if a.status == http.StatusOK {
		sum := sha256.Sum256(body)
		etag := `"` + hex.EncodeToString(sum[:]) + `"`
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

// route finds what a path names.
func (s *Server) route(r *http.Request, path []string) answer {
	at := func(i int) string {
		if i < len(path) {
			return path[i]
		}
		return ""
	}
	switch {
	case at(0) == "user" && len(path) == 1:
		return ok(user{id: 1, login: Reader, kind: "User"}.json())
	case at(0) == "user" && at(1) == "repos":
		var all []any
		for _, repo := range s.repos {
			all = append(all, s.repoJSON(repo))
		}
		return s.page(r, r.URL.Path, all, "")
	case at(0) == "search" && len(path) == 2:
		return s.search(r, path[1])
	case at(0) == "repositories" && len(path) > 1:
		for _, repo := range s.repos {
			if strconv.FormatInt(repo.id, 10) == path[1] {
				return s.inside(r, repo, path[2:])
			}
		}
	case at(0) == "repos" && len(path) > 2:
		name := path[1] + "/" + path[2]
		for _, repo := range s.repos {
			if repo.name == name {
				return s.inside(r, repo, path[3:])
			}
		}
		for _, repo := range s.repos {
			if slices.Contains(repo.former, name) {
				return s.moved(r, repo, path[3:])
			}
		}
	}
	return message(http.StatusNotFound, "Not Found")
}

// moved leads from a repository's old name to its address by id.
func (s *Server) moved(r *http.Request, repo *repo, rest []string) answer {
	to := url.URL{Path: s.prefix(r) + strings.Join(append([]string{"/repositories", strconv.FormatInt(repo.id, 10)}, rest...), "/"), RawQuery: r.URL.RawQuery}
	a := message(http.StatusMovedPermanently, "Moved Permanently")
	a.header = http.Header{"Location": {to.String()}}
	return a
}

func (s *Server) prefix(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, "/api/v3/") {
		return "/api/v3"
	}
	return ""
}

// inside answers for a place in a repository.
func (s *Server) inside(r *http.Request, repo *repo, path []string) answer {
	if len(path) == 0 {
		return ok(s.repoJSON(repo))
	}
	self := s.prefix(r) + "/repositories/" + strconv.FormatInt(repo.id, 10) + "/" + strings.Join(path, "/")
	switch where := strings.Join(path, "/"); {
	case where == "issues":
		return s.page(r, self, s.issues(r, repo), "")
	case where == "pulls":
		return s.page(r, self, s.pulls(r, repo), "")
	case where == "commits":
		return s.commits(r, self, repo)
	case where == "actions/runs":
		return s.page(r, self, newestFirst(repo.runs), "workflow_runs")
	case where == "deployments":
		return s.page(r, self, newestFirst(repo.deployments), "")
	case path[0] == "compare" && len(path) == 2:
		return s.compare(r, self, repo, path[1])
	case path[0] == "deployments" && len(path) == 3 && path[2] == "statuses":
		for _, d := range repo.deployments {
			if strconv.FormatInt(d.id, 10) == path[1] {
				return s.page(r, self, d.parts, "")
			}
		}
	case (path[0] == "issues" || path[0] == "pulls") && len(path) > 1:
		for _, i := range repo.issues {
			if strconv.Itoa(i.number) == path[1] {
				return s.issue(r, self, repo, i, path)
			}
		}
	}
	return message(http.StatusNotFound, "Not Found")
}

// issue answers for an issue or pull request and what is on it.
func (s *Server) issue(r *http.Request, self string, repo *repo, i *issue, path []string) answer {
	part := ""
	if len(path) > 2 {
		part = path[2]
	}
	if path[0] == "pulls" && i.pullID == 0 {
		return message(http.StatusNotFound, "Not Found")
	}
	switch path[0] + " " + part {
	case "issues ":
		return ok(s.issueJSON(repo, i))
	case "issues events":
		return s.page(r, self, i.events, "")
	case "issues comments":
		return s.page(r, self, i.comments, "")
	case "pulls ":
		return ok(s.pullJSON(repo, i, true))
	case "pulls reviews":
		return s.page(r, self, i.reviews, "")
	case "pulls comments":
		return s.page(r, self, i.reviewComments, "")
	case "pulls commits":
		return s.page(r, self, i.commits, "")
	}
	return message(http.StatusNotFound, "Not Found")
}

// page cuts a page out of all and links to the others.
func (s *Server) page(r *http.Request, self string, all []any, field string) answer {
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("per_page"))
	if err != nil || size <= 0 {
		size = 30
	}
	size = min(size, 100, s.options.PerPage)
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	from := min((number-1)*size, len(all))
	to := min(from+size, len(all))
	items := append([]any{}, all[from:to]...)
	var links []string
	link := func(page int, rel string) {
		query.Set("page", strconv.Itoa(page))
		links = append(links, "<http://"+r.Host+self+"?"+query.Encode()+`>; rel="`+rel+`"`)
	}
	if number > 1 {
		link(number-1, "prev")
	}
	if to < len(all) {
		link(number+1, "next")
		link((len(all)+size-1)/size, "last")
	}
	if number > 1 {
		link(1, "first")
	}
	a := ok(items)
	if field != "" {
		a.body = object{"total_count": len(all), field: items}
	}
	if len(links) > 0 {
		a.header = http.Header{"Link": {strings.Join(links, ", ")}}
	}
	return a
}
