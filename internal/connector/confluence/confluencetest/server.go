// Package confluencetest is a fake Confluence, Cloud or Data Center, written
// from Atlassian's published description of their REST APIs, with generated
// data. It is for tests.
package confluencetest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Options say what to generate. Zero values are the defaults.
type Options struct {
	DataCenter bool
	Context    string // path of a Data Center, as /confluence
	Seed       uint64
	Documents  int // of the first space; 72
}

// Server is a fake Confluence that runs.
type Server struct {
	URL string

	dc   bool
	base string // path of the wiki

	mu        sync.Mutex
	fail      http.Handler
	intercept func(http.ResponseWriter, *http.Request) bool
	requests  int
	sent      int // messages of webhooks
	clock     time.Time
	spaces    []*space
	docs      []*Document
	users     []object
}

const (
	user  = "dev@example.com"
	token = "good-token"
	// mostRows is how many rows a page of a list has at most, whatever is asked.
	mostRows = 20
)

// New starts a fake until the test ends.
func New(tb testing.TB, o Options) *Server {
	tb.Helper()
	s := &Server{dc: o.DataCenter, base: o.Context}
	if !s.dc {
		s.base = "/wiki"
	}
	s.generate(o)
	mux := s.routes()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests++
		fail, intercept := s.fail, s.intercept
		s.mu.Unlock()
		if fail != nil {
			fail.ServeHTTP(w, r)
			return
		}
		if intercept != nil && intercept(w, r) {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Credentials are those that the fake takes.
func (s *Server) Credentials() map[string]string {
	if s.dc {
		return map[string]string{"token": token}
	}
	return map[string]string{"username": user, "api_token": token}
}

// WrongCredentials are of the right kind and refused.
func (s *Server) WrongCredentials() map[string]string {
	if s.dc {
		return map[string]string{"token": "bad"}
	}
	return map[string]string{"username": user, "api_token": "bad"}
}

// Fail makes every answer be written by the handler; nil ends that.
func (s *Server) Fail(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = h
}

// Intercept lets a function answer a request first, or act before it is
// answered. It reports whether it has answered.
func (s *Server) Intercept(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// Requests returns how many requests came.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, h http.HandlerFunc) { mux.HandleFunc("GET "+s.base+path, s.signedIn(h)) }
	handle("/rest/api/user/current", s.current)
	handle("/rest/api/content/search", s.search)
	handle("/rest/api/content/{id}/restriction/byOperation/read", s.restriction)
	handle("/rest/api/search", s.searchSite)
	if s.dc {
		handle("/rest/api/space", s.listSpaces)
		handle("/rest/api/space/{key}/content/{type}", s.spaceContent)
		handle("/rest/api/content", s.listContent)
		handle("/rest/api/content/{id}", s.one)
		handle("/rest/api/content/{id}/label", s.labels)
		handle("/rest/api/content/{id}/child/attachment", s.attachments)
		return mux
	}
	handle("/rest/api/user", s.user)
	handle("/api/v2/spaces", s.listSpaces)
	handle("/api/v2/folders/{id}", s.one)
	for path, kind := range map[string]string{"pages": "page", "blogposts": "blogpost"} {
		handle("/api/v2/spaces/{space}/"+path, func(w http.ResponseWriter, r *http.Request) { s.listV2(w, r, kind) })
		handle("/api/v2/"+path+"/{id}", s.one)
		handle("/api/v2/"+path+"/{id}/labels", s.labels)
		handle("/api/v2/"+path+"/{id}/attachments", s.attachments)
	}
	handle("/api/v2/pages/{id}/ancestors", s.ancestors)
	return mux
}

// signedIn refuses strangers, each flavour in its way.
func (s *Server) signedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, password, basic := r.BasicAuth()
		if s.dc && r.Header.Get("Authorization") == "Bearer "+token || !s.dc && basic && name == user && password == token {
			next(w, r)
			return
		}
		if !s.dc {
			w.Header().Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
		}
		refuse(w, http.StatusUnauthorized)
	}
}

type object = map[string]any

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-RateLimit-Remaining", "99")
	_ = json.NewEncoder(w).Encode(v)
}

// refuse answers as Confluence does; the message must never reach a person.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"statusCode": status, "message": "vendor text that nobody is to see"})
}

func limitOf(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || n < 1 || n > mostRows {
		return mostRows
	}
	return n
}

// offsets answers a page of a list that counts from start. Cloud's API v1 has
// a cursor in its place, which is a number in disguise here.
func (s *Server) offsets(w http.ResponseWriter, r *http.Request, rows []object) {
	q := r.URL.Query()
	start, _ := strconv.Atoi(q.Get("start"))
	if !s.dc && q.Has("cursor") {
		start, _ = strconv.Atoi(q.Get("cursor"))
	}
	limit := limitOf(r)
	from := min(start, len(rows))
	to := min(from+limit, len(rows))
	links := object{"base": s.URL + s.base, "context": s.base}
	if to < len(rows) {
		next := url.Values{"limit": {strconv.Itoa(limit)}, "start": {strconv.Itoa(to)}}
		if !s.dc {
			next = url.Values{"limit": {strconv.Itoa(limit)}, "cursor": {strconv.Itoa(to)}}
		}
		links["next"] = r.URL.Path[len(s.base):] + "?" + next.Encode()
	}
	answer(w, object{"results": rows[from:to], "start": start, "limit": limit, "size": to - from, "_links": links})
}
