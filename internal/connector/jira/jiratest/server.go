// Package jiratest is a fake Jira, Cloud or Data Center, as far as Atlassian's
// published description of its REST API covers what the connector asks for. Its
// data is generated from a seed. It is for tests.
package jiratest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Options say which Jira is faked.
type Options struct {
	DataCenter bool
	Seed       uint64
	Issues     int            // of the first project; 170
	Zone       *time.Location // of the account that asks; Europe/Berlin
}

// Server is a fake Jira that runs until its test ends.
type Server struct {
	URL string

	mu       sync.Mutex
	dc       bool
	zone     *time.Location
	answers  func(http.ResponseWriter, *http.Request) bool
	onSearch func()
	requests int
	projects []project
	boards   []board
	issues   []*Issue
	now      time.Time // moves with every change
	sent     int       // messages of webhooks
	searches int
}

// The credentials that the server takes.
const (
	Username = "ada@example.com"
	Token    = "right"
)

// New starts a server.
func New(tb testing.TB, o Options) *Server {
	tb.Helper()
	if o.Issues == 0 {
		o.Issues = 170
	}
	if o.Zone == nil {
		var err error
		if o.Zone, err = time.LoadLocation("Europe/Berlin"); err != nil {
			tb.Fatal(err)
		}
	}
	s := &Server{dc: o.DataCenter, zone: o.Zone}
	s.generate(o)
	server := httptest.NewServer(s.handler())
	tb.Cleanup(server.Close)
	s.URL = server.URL + "/jira" // sites of Data Center mostly have a path
	return s
}

// Credentials are those that the server takes.
func (s *Server) Credentials() map[string]string {
	if s.dc {
		return map[string]string{"token": Token}
	}
	return map[string]string{"username": Username, "api_token": Token}
}

// WrongCredentials are some that it refuses.
func (s *Server) WrongCredentials() map[string]string {
	if s.dc {
		return map[string]string{"token": "wrong"}
	}
	return map[string]string{"username": Username, "api_token": "wrong"}
}

// Fail makes every answer be written by the handler; nil ends that.
func (s *Server) Fail(h http.Handler) {
	if h == nil {
		s.Intercept(nil)
		return
	}
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		h.ServeHTTP(w, r)
		return true
	})
}

// Intercept has every request go to a function first, which says whether it
// answered; nil ends that.
func (s *Server) Intercept(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = f
}

// OnSearch has a function called before every search is answered, in which the
// data may change.
func (s *Server) OnSearch(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onSearch = f
}

// Requests returns how many requests came so far.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *Server) handler() http.Handler {
	api := "/jira/rest/api/3"
	if s.dc {
		api = "/jira/rest/api/2"
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jira/rest/api/2/serverInfo", s.serverInfo)
	mux.HandleFunc("GET "+api+"/myself", s.signedIn(s.myself))
	mux.HandleFunc("GET "+api+"/field", s.signedIn(s.fields))
	mux.HandleFunc("GET "+api+"/status", s.signedIn(s.statuses))
	mux.HandleFunc("GET "+api+"/issue/{id}", s.signedIn(s.issue))
	mux.HandleFunc("GET "+api+"/issue/{id}/comment", s.signedIn(s.issueComments))
	if s.dc {
		mux.HandleFunc("GET "+api+"/project", s.signedIn(s.allProjects))
		mux.HandleFunc("GET "+api+"/search", s.signedIn(s.search))
		mux.HandleFunc("POST "+api+"/search", s.signedIn(s.postedSearch))
		mux.HandleFunc("GET "+api+"/user", s.signedIn(s.userByName))
		mux.HandleFunc("GET /jira/rest/auth/1/session", s.signedIn(s.session))
		mux.HandleFunc("GET /jira/rest/agile/1.0/issue/{id}", s.signedIn(s.issue))
	} else {
		mux.HandleFunc("GET "+api+"/project/search", s.signedIn(s.searchProjects))
		mux.HandleFunc("GET "+api+"/search/jql", s.signedIn(s.search))
		mux.HandleFunc("GET "+api+"/issue/{id}/changelog", s.signedIn(s.issueChangelog))
	}
	mux.HandleFunc("GET /jira/rest/agile/1.0/board", s.signedIn(s.allBoards))
	mux.HandleFunc("GET /jira/rest/agile/1.0/board/{id}/sprint", s.signedIn(s.boardSprints))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests++
		answers := s.answers
		s.mu.Unlock()
		if answers != nil && answers(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// signedIn lets requests with the right credentials through, one at a time.
func (s *Server) signedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		right := user == Username && password == Token
		if s.dc {
			right = r.Header.Get("Authorization") == "Bearer "+Token
		}
		if !right {
			refuse(w, http.StatusUnauthorized)
			return
		}
		w.Header().Set("X-Ratelimit-Remaining", "90")
		w.Header().Set("X-Ratelimit-Reset", "2026-11-24T20:00Z")
		next(w, r)
	}
}

type object = map[string]any

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"errorMessages":["vendor's words"],"errors":{}}`))
}

// window cuts a page out of a list of n, and returns its ends.
func window(r *http.Request, n, most int) (from, to int) {
	from, _ = strconv.Atoi(r.FormValue("startAt"))
	size, err := strconv.Atoi(r.FormValue("maxResults"))
	if err != nil || size > most {
		size = most
	}
	from = min(max(from, 0), n)
	return from, min(from+max(size, 0), n)
}

func list[T any](w http.ResponseWriter, r *http.Request, key string, rows []T, most int) {
	from, to := window(r, len(rows), most)
	page := object{"startAt": from, "maxResults": to - from, "total": len(rows), key: append([]T{}, rows[from:to]...)}
	if key == "values" {
		page["isLast"] = to == len(rows)
	}
	answer(w, page)
}

func (s *Server) serverInfo(w http.ResponseWriter, _ *http.Request) {
	if s.dc {
		answer(w, object{"baseUrl": s.URL, "version": "9.12.4", "deploymentType": "Server", "buildNumber": 912004})
		return
	}
	answer(w, object{"baseUrl": s.URL, "version": "1001.0.0-SNAPSHOT", "deploymentType": "Cloud", "buildNumber": 100271})
}

// session is that of the account, as Data Center tells of it.
func (s *Server) session(w http.ResponseWriter, _ *http.Request) {
	name := s.user(0)["name"]
	answer(w, object{"self": s.URL + "/rest/api/latest/user?username=user0", "name": name, "loginInfo": object{"loginCount": 7, "previousLoginTime": stamp(s.now)}})
}

func (s *Server) userByName(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("username") != s.user(0)["name"] {
		refuse(w, http.StatusNotFound)
		return
	}
	s.myself(w, r)
}

func (s *Server) myself(w http.ResponseWriter, _ *http.Request) {
	me := s.user(0)
	me["timeZone"] = s.zone.String()
	answer(w, me)
}

func (s *Server) allProjects(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, s.projects)
}

func (s *Server) searchProjects(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list(w, r, "values", s.projects, 2)
}

// postedSearch is the search of Data Center by a body of JSON.
func (s *Server) postedSearch(w http.ResponseWriter, r *http.Request) {
	var body struct {
		JQL        string   `json:"jql"`
		StartAt    int      `json:"startAt"`
		MaxResults int      `json:"maxResults"`
		Fields     []string `json:"fields"`
		Expand     []string `json:"expand"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		refuse(w, http.StatusBadRequest)
		return
	}
	r.Form = url.Values{
		"jql": {body.JQL}, "startAt": {strconv.Itoa(body.StartAt)}, "maxResults": {strconv.Itoa(body.MaxResults)},
		"fields": body.Fields, "expand": body.Expand,
	}
	s.search(w, r)
}

// listed is a parameter of several values, which come apart or with commas.
func listed(r *http.Request, name string) []string {
	_ = r.FormValue(name)
	return strings.Split(strings.Join(r.Form[name], ","), ",")
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	hook := s.onSearch
	s.mu.Unlock()
	if hook != nil {
		hook()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.parse(r.FormValue("jql"))
	if !ok {
		refuse(w, http.StatusBadRequest)
		return
	}
	s.searches++
	token := r.FormValue("nextPageToken")
	if !s.dc && token == "" && s.searches%4 == 0 { // an empty page with a token is documented to be possible
		answer(w, object{"issues": []any{}, "nextPageToken": "0", "isLast": false})
		return
	}
	if !s.dc && token != "" {
		r.Form.Set("startAt", token)
	}
	matches := s.run(q)
	from, to := window(r, len(matches), 100)
	issues := []any{}
	for _, i := range matches[from:to] {
		issues = append(issues, s.render(i, listed(r, "fields"), listed(r, "expand"), 100))
	}
	switch {
	case s.dc:
		page := object{"startAt": from, "maxResults": to - from, "total": len(matches), "issues": issues}
		for _, i := range matches[from:to] { // one of them tells for all: they are of one screen here
			s.describe(page, i, listed(r, "fields"), listed(r, "expand"))
		}
		answer(w, page)
	case to < len(matches):
		answer(w, object{"issues": issues, "nextPageToken": strconv.Itoa(to), "isLast": false})
	default:
		answer(w, object{"issues": issues, "isLast": true})
	}
}

func (s *Server) find(w http.ResponseWriter, r *http.Request) *Issue {
	id := r.PathValue("id")
	for _, i := range s.issues {
		if i.ID == id || i.Key == id {
			return i
		}
	}
	refuse(w, http.StatusNotFound)
	return nil
}

func (s *Server) issue(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(w, r); i != nil {
		most := 100
		if s.dc {
			most = len(i.Histories)
		}
		issue := s.render(i, listed(r, "fields"), listed(r, "expand"), most)
		s.describe(issue, i, listed(r, "fields"), listed(r, "expand"))
		answer(w, issue)
	}
}

func (s *Server) issueChangelog(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(w, r); i != nil {
		list(w, r, "values", i.Histories, 100)
	}
}

func (s *Server) issueComments(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(w, r); i != nil {
		list(w, r, "comments", i.Comments, 50)
	}
}

func (s *Server) allBoards(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := []object{}
	for _, b := range s.boards {
		if b.project == r.FormValue("projectKeyOrId") {
			rows = append(rows, object{"id": b.id, "name": b.kind + " board", "type": b.kind})
		}
	}
	list(w, r, "values", rows, 50)
}

func (s *Server) boardSprints(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.boards {
		if strconv.Itoa(b.id) != r.PathValue("id") {
			continue
		}
		if b.kind == "kanban" {
			refuse(w, http.StatusBadRequest)
			return
		}
		list(w, r, "values", b.sprints, 50)
		return
	}
	refuse(w, http.StatusNotFound)
}
