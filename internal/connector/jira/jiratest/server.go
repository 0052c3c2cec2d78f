// Package jiratest is a fake Jira, Cloud or Data Center, as far as Atlassian's
// published description of its REST API covers what the connector asks for. Its
// data is generated from a seed. It is for tests.
package jiratest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
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
	page := object{"startAt": from, "maxResults": to - from, "total": len(rows), key: rows[from:to]}
	if key == "values" {
		page["isLast"] = to == len(rows)
	}
	answer(w, page)
}

func (s *Server) serverInfo(w http.ResponseWriter, _ *http.Request) {
	if s.dc {
		answer(w, object{"version": "9.12.4", "deploymentType": "Server", "buildNumber": 912004})
		return
	}
	answer(w, object{"version": "1001.0.0-SNAPSHOT", "deploymentType": "Cloud", "buildNumber": 100271})
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
		issues = append(issues, s.render(i, r.FormValue("fields"), r.FormValue("expand"), 100))
	}
	switch {
	case s.dc:
		answer(w, object{"startAt": from, "maxResults": to - from, "total": len(matches), "issues": issues})
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
		answer(w, s.render(i, r.FormValue("fields"), r.FormValue("expand"), most))
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
