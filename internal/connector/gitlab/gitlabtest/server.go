// Package gitlabtest is a fake GitLab for tests: an HTTP server that answers
// as GitLab's published description of its REST API says, with generated data.
// It tells milliseconds and compares microseconds, pages by offset and by key,
// and takes both kinds of token headers, as GitLab does.
package gitlabtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Token is the token that the server takes.
const Token = "glpat-fake-0123456789abcdef"

// Options shape a server.
type Options struct {
	Seed    uint64
	Prefix  string // path of the installation, "" or like "/gitlab"
	MaxPage int    // the largest page; 20 unless told, so that little data has many pages
	NoPages bool   // leave the headers of paging out, as a proxy may
	Nobody  bool   // let no issue have an author
	Authors bool   // let every issue have an author: there are MCP servers that refuse one without
	Large   bool   // let an issue have a description of a MiB
	NoRange bool   // refuse ranges of commits, as GitLab 14.8 does
}

// Server is a fake GitLab that runs.
type Server struct {
	connectortest.Stage

	URL string // of the installation

	options Options
	http    *httptest.Server
	mux     *http.ServeMux

	mu       sync.Mutex
	users    []object
	projects []*project
	clock    time.Time // newest update; moves with every change
	sent     int       // messages of webhooks
}

// Start runs a server until the test ends.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	if o.MaxPage == 0 {
		o.MaxPage = 20
	}
	s := &Server{options: o, mux: http.NewServeMux()}
	s.generate()
	s.routes()
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL + o.Prefix
	tb.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
	})
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Enter(w, r) {
		return
	}
	h := w.Header()
	h.Set("RateLimit-Limit", "2000")
	h.Set("RateLimit-Remaining", "1999")
	h.Set("RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10))
	bearer, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Header.Get("Private-Token") != Token && (!isBearer || bearer != Token) {
		answer(w, http.StatusUnauthorized, object{"message": "401 Unauthorized"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mux.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func notFound(w http.ResponseWriter) {
	answer(w, http.StatusNotFound, object{"message": "404 Not found"})
}

func (s *Server) routes() {
	in := func(path string, h func(http.ResponseWriter, *http.Request, *project)) {
		s.mux.HandleFunc("GET "+s.options.Prefix+"/api/v4/projects/{id}"+path, func(w http.ResponseWriter, r *http.Request) {
			for _, p := range s.projects {
				if r.PathValue("id") == strconv.Itoa(p.id) || r.PathValue("id") == p.data["path_with_namespace"] {
					h(w, r, p)
					return
				}
			}
			notFound(w)
		})
	}
	top := s.options.Prefix + "/api/v4/"
	s.mux.HandleFunc("GET "+top+"user", func(w http.ResponseWriter, _ *http.Request) {
		me := maps.Clone(s.users[0]) // with what GitLab tells of oneself alone
		for _, name := range []string{"email", "last_sign_in_at", "confirmed_at", "last_activity_on"} {
			me[name] = nil
		}
		answer(w, http.StatusOK, me)
	})
	s.mux.HandleFunc("GET "+top+"users/{id}", s.user)
	for _, path := range []string{"metadata", "version"} {
		s.mux.HandleFunc("GET "+top+path, func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, object{"version": "18.5.1-ee", "revision": "0a1b2c3d", "enterprise": true})
		})
	}
	s.mux.HandleFunc("GET "+top+"groups/{id}/iterations", s.groupIterations)
	s.mux.HandleFunc("GET "+top+"projects", s.listProjects)
	s.mux.HandleFunc("GET "+top, func(w http.ResponseWriter, _ *http.Request) { notFound(w) })
	in("", func(w http.ResponseWriter, _ *http.Request, p *project) { answer(w, http.StatusOK, p.data) })
	for _, kind := range []string{"issues", "merge_requests", "pipelines", "deployments"} {
		in("/"+kind, func(w http.ResponseWriter, r *http.Request, p *project) { s.listRows(w, r, kind, p) })
		in("/"+kind+"/{number}", func(w http.ResponseWriter, r *http.Request, p *project) { s.row(w, r, kind, p) })
		in("/"+kind+"/{number}/{part}", func(w http.ResponseWriter, r *http.Request, p *project) { s.part(w, r, kind, p) })
	}
	in("/repository/commits", s.listCommits)
	in("/repository/commits/{hash}", func(w http.ResponseWriter, r *http.Request, p *project) {
		if i := p.commit(r.PathValue("hash")); i >= 0 {
			answer(w, http.StatusOK, p.commits[i])
			return
		}
		notFound(w)
	})
	in("/jobs/{job}", func(w http.ResponseWriter, r *http.Request, p *project) { s.job(w, r, p) })
	in("/iterations", func(w http.ResponseWriter, r *http.Request, p *project) {
		if p.iterations == nil {
			notFound(w)
			return
		}
		s.page(w, r, p.iterations)
	})
	in("/wikis", s.listWikis)
	in("/wikis/{slug}", func(w http.ResponseWriter, r *http.Request, p *project) {
		for _, page := range p.wikis {
			if page["slug"] == r.PathValue("slug") {
				answer(w, http.StatusOK, page)
				return
			}
		}
		notFound(w)
	})
}

func (s *Server) user(w http.ResponseWriter, r *http.Request) {
	for _, u := range s.users {
		if fmt.Sprint(u["id"]) == r.PathValue("id") {
			answer(w, http.StatusOK, u)
			return
		}
	}
	notFound(w)
}

// page answers one page by offset, with GitLab's headers.
func (s *Server) page(w http.ResponseWriter, r *http.Request, all []object) {
	q := r.URL.Query()
	per, number := 20, 1
	if n, err := strconv.Atoi(q.Get("per_page")); err == nil {
		per = n
	}
	per = min(per, s.options.MaxPage)
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 {
		number = n
	}
	from, to := min((number-1)*per, len(all)), min(number*per, len(all))
	if !s.options.NoPages {
		h := w.Header()
		h.Set("X-Page", strconv.Itoa(number))
		h.Set("X-Per-Page", strconv.Itoa(per))
		h.Set("X-Total", strconv.Itoa(len(all)))
		h.Set("X-Next-Page", "")
		if to < len(all) {
			h.Set("X-Next-Page", strconv.Itoa(number+1))
		}
	}
	answer(w, http.StatusOK, append([]object{}, all[from:to]...))
}

// listProjects pages by key, as GitLab wants it for long lists.
func (s *Server) listProjects(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, _ := strconv.Atoi(q.Get("id_after"))
	per, _ := strconv.Atoi(q.Get("per_page"))
	per = min(max(per, 1), s.options.MaxPage)
	all := []object{}
	for _, p := range s.projects {
		if p.id > after {
			all = append(all, p.data)
		}
	}
	if q.Get("pagination") != "keyset" {
		s.page(w, r, all)
		return
	}
	if len(all) > per {
		all = all[:per]
		next := *r.URL
		q.Set("id_after", fmt.Sprint(all[per-1]["id"]))
		next.RawQuery = q.Encode()
		w.Header().Set("Link", "<"+s.http.URL+next.String()+`>; rel="next"`)
	}
	answer(w, http.StatusOK, all)
}

// listRows lists by update or by creation. GitLab compares issues and merge
// requests with "at or after", pipelines and deployments with "after".
func (s *Server) listRows(w http.ResponseWriter, r *http.Request, kind string, p *project) {
	q := r.URL.Query()
	timeOf := func(r *row) time.Time { return r.created }
	if q.Get("order_by") == "updated_at" {
		timeOf = func(r *row) time.Time { return r.updated }
	}
	inclusive := kind == "issues" || kind == "merge_requests"
	passes := func(t time.Time, name string) bool {
		after, err := time.Parse(time.RFC3339, q.Get(name))
		return err != nil || t.After(after) || inclusive && t.Equal(after)
	}
	ends := func(t time.Time, name string) bool {
		before, err := time.Parse(time.RFC3339, q.Get(name))
		return err != nil || !t.After(before)
	}
	var rows []*row
	for _, row := range *p.rows(kind) {
		if passes(row.updated, "updated_after") && passes(row.created, "created_after") && ends(row.updated, "updated_before") && ends(row.created, "created_before") {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		if c := timeOf(a).Compare(timeOf(b)); c != 0 {
			return c
		}
		return a.id - b.id
	})
	if q.Get("sort") != "asc" {
		slices.Reverse(rows)
	}
	all := make([]object, 0, len(rows))
	for _, row := range rows {
		all = append(all, row.json())
	}
	s.page(w, r, all)
}

func (s *Server) row(w http.ResponseWriter, r *http.Request, kind string, p *project) {
	if row := p.find(kind, r.PathValue("number")); row != nil {
		whole := row.json()
		maps.Copy(whole, row.detail)
		answer(w, http.StatusOK, whole)
		return
	}
	notFound(w)
}

func (s *Server) part(w http.ResponseWriter, r *http.Request, kind string, p *project) {
	row := p.find(kind, r.PathValue("number"))
	if row == nil {
		notFound(w)
		return
	}
	if r.PathValue("part") == "discussions" && kind == "issues" {
		notes, _ := row.parts["notes"].([]object)
		all := []object{}
		for _, n := range notes { // each a discussion of its own
			all = append(all, object{"id": hashOf(fmt.Sprint(n["id"])), "individual_note": true, "notes": []object{n}})
		}
		s.page(w, r, all)
		return
	}
	switch part := row.parts[r.PathValue("part")].(type) {
	case []object:
		if r.PathValue("part") == "notes" && r.URL.Query().Get("sort") != "asc" {
			part = slices.Clone(part)
			slices.Reverse(part)
		}
		s.page(w, r, part)
	case object:
		answer(w, http.StatusOK, part)
	default:
		notFound(w)
	}
}

// listCommits knows a branch, a commit and a range of commits.
func (s *Server) listCommits(w http.ResponseWriter, r *http.Request, p *project) {
	ref := r.URL.Query().Get("ref_name")
	base, head, ranged := strings.Cut(ref, "..")
	if !ranged {
		base, head = "", ref
	}
	if ranged && s.options.NoRange {
		answer(w, http.StatusBadRequest, object{"error": "ref_name is invalid"})
		return
	}
	for _, mr := range p.mergeRequests { // of whose branch there is one commit
		if commits, ok := mr.parts["commits"].([]object); ok && ranged && base == hashOf("start") && head == mr.data["sha"] {
			s.page(w, r, commits)
			return
		}
	}
	from, to := p.commit(head), len(p.commits)
	if ranged {
		to = p.commit(base)
	}
	if from < 0 || to < 0 {
		notFound(w)
		return
	}
	s.page(w, r, p.commits[from:max(from, to)])
}

func (s *Server) groupIterations(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("id") != "7" {
		notFound(w)
		return
	}
	s.page(w, r, s.project(App).iterations)
}

// job tells of the job of a deployment.
func (s *Server) job(w http.ResponseWriter, r *http.Request, p *project) {
	row := p.find("deployments", r.PathValue("job"))
	if row == nil {
		notFound(w)
		return
	}
	of, _ := row.data["deployable"].(object)
	answer(w, http.StatusOK, object{
		"id": row.id, "status": row.data["status"], "stage": "deploy", "name": "deploy", "ref": "main", "tag": false, "created_at": stamp(row.created),
		"started_at": stamp(row.created), "finished_at": of["finished_at"], "web_url": of["web_url"],
	})
}

func (s *Server) listWikis(w http.ResponseWriter, r *http.Request, p *project) {
	if p.data["wiki_access_level"] == "disabled" {
		answer(w, http.StatusForbidden, object{"message": "403 Forbidden"})
		return
	}
	all := []object{}
	for _, page := range p.wikis {
		out := object{}
		for k, v := range page {
			if k != "content" && k != "encoding" || slices.Contains([]string{"1", "true"}, r.URL.Query().Get("with_content")) {
				out[k] = v
			}
		}
		all = append(all, out)
	}
	answer(w, http.StatusOK, all)
}
