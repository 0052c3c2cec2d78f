package gitlabtest

import (
	"fmt"
	"slices"
	"time"
)

func (s *Server) project(id int) *project {
	i := slices.IndexFunc(s.projects, func(p *project) bool { return p.id == id })
	return s.projects[i]
}

// tick returns a time after everything that has happened.
func (s *Server) tick() time.Time {
	s.clock = s.clock.Add(time.Minute)
	if newest := start.Add(2000 * time.Minute); s.clock.Before(newest) {
		s.clock = newest
	}
	return s.clock
}

// Touch changes the nth record of a kind ("issues", "merge_requests",
// "pipelines" or "deployments") and returns its id.
func (s *Server) Touch(projectID int, kind string, n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := (*s.project(projectID).rows(kind))[n]
	r.updated = s.tick()
	return fmt.Sprint(r.id)
}

// TouchAt changes the nth record of a kind at a time.
func (s *Server) TouchAt(projectID int, kind string, n int, at time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := (*s.project(projectID).rows(kind))[n]
	r.updated = at
	return fmt.Sprint(r.id)
}

// Set changes a field of the nth record of a kind, without a new time.
func (s *Server) Set(projectID int, kind string, n int, field string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	(*s.project(projectID).rows(kind))[n].data[field] = value
}

// Delete removes the nth record of a kind and returns its id.
func (s *Server) Delete(projectID int, kind string, n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := s.project(projectID).rows(kind)
	id := fmt.Sprint((*rows)[n].id)
	*rows = slices.Delete(*rows, n, n+1)
	return id
}

// Push adds commits to the default branch, made at a time.
func (s *Server) Push(projectID, commits int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(projectID)
	for range commits {
		p.addCommit(len(p.commits)+1000, at)
	}
}

// Rewrite replaces the whole history of the default branch.
func (s *Server) Rewrite(projectID, commits int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(projectID)
	p.commits = nil
	for i := range commits {
		p.addCommit(5000+i, start.Add(time.Duration(i)*time.Hour))
	}
}

// EditPage writes a page of the wiki, and makes it when it is not there.
func (s *Server) EditPage(projectID int, slug, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(projectID)
	for _, page := range p.wikis {
		if page["slug"] == slug {
			page["content"] = content
			return
		}
	}
	p.wikis = append(p.wikis, object{"slug": slug, "title": slug, "format": "markdown", "content": content, "encoding": "UTF-8"})
}

// EndIteration closes the iteration with a number without touching its time of
// update, as GitLab's own clockwork does.
func (s *Server) EndIteration(projectID, n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.project(projectID).iterations[n]
	it["state"] = 3
	return fmt.Sprint(it["id"])
}
