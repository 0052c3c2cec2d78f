package githubtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
)

// change runs f on the first repository, at a second after everything before.
func (s *Server) change(f func(g *generator)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(time.Second)
	g := &generator{
		Rand:   rand.New(rand.NewPCG(s.options.Seed, uint64(s.nextID))),
		server: s, repo: s.repos[0], users: []any{user{id: 100, login: "ada", kind: "User"}.json()}, clock: s.clock,
	}
	f(g)
}

// Issues returns the ids of the issues of the first repository, and their
// numbers, in the order of their creation.
func (s *Server) Issues() (ids []string, numbers []int) { return s.list(false) }

// Pulls returns the same of its pull requests.
func (s *Server) Pulls() (ids []string, numbers []int) { return s.list(true) }

func (s *Server) list(pulls bool) (ids []string, numbers []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.repos[0].issues {
		if (i.pullID != 0) != pulls {
			continue
		}
		id := i.id
		if pulls {
			id = i.pullID
		}
		ids, numbers = append(ids, strconv.FormatInt(id, 10)), append(numbers, i.number)
	}
	return ids, numbers
}

// Change comments on an issue and returns what the suite of connectors asks for.
func (s *Server) Change() (rampforge.Stream, string) {
	ids, numbers := s.Issues()
	s.Comment(numbers[0], "changed")
	return rampforge.StreamWorkItems, ids[0]
}

// Comment adds a comment to an issue or pull request, open or closed.
func (s *Server) Comment(number int, body string) {
	s.change(func(g *generator) {
		i := g.find(number)
		i.comments = append(i.comments, object{"id": g.id(), "user": g.users[0], "body": body, "created_at": stamp(g.clock), "updated_at": stamp(g.clock)})
		i.updated = g.clock
	})
}

// Review adds a review to a pull request.
func (s *Server) Review(number int, state string) {
	s.change(func(g *generator) {
		i := g.find(number)
		i.reviews = append(i.reviews, object{"id": g.id(), "user": g.users[0], "state": state, "body": "", "submitted_at": stamp(g.clock), "commit_id": i.head})
		i.updated = g.clock
	})
}

func (g *generator) find(number int) *issue {
	for _, i := range g.repo.issues {
		if i.number == number {
			return i
		}
	}
	panic(fmt.Sprintf("there is no number %d", number))
}

// SetUpdated stamps an issue with a time, so that a test can make ties.
func (s *Server) SetUpdated(number int, at time.Time) {
	s.change(func(g *generator) { g.find(number).updated = at })
}

// SetBody gives an issue another text, without a stamp.
func (s *Server) SetBody(number int, body string) {
	s.change(func(g *generator) { g.find(number).body = body })
}

// Delete removes an issue.
func (s *Server) Delete(number int) {
	s.change(func(g *generator) {
		g.repo.issues = slices.DeleteFunc(g.repo.issues, func(i *issue) bool { return i.number == number })
	})
}

// DeleteDeployment removes the n-th newest deployment.
func (s *Server) DeleteDeployment(n int) {
	s.change(func(g *generator) {
		n = len(g.repo.deployments) - 1 - n
		g.repo.deployments = slices.Delete(g.repo.deployments, n, n+1)
	})
}

// Rename gives the first repository another name. When reuse is set, another
// repository takes the old one.
func (s *Server) Rename(name string, reuse bool) {
	s.change(func(g *generator) {
		old := g.repo.name
		g.repo.name = name
		if reuse {
			s.repos = append(s.repos, &repo{id: g.id(), name: old})
			return
		}
		g.repo.former = append(g.repo.former, old)
	})
}

// Commit adds commits to the default branch whose stamps are as old as at.
func (s *Server) Commit(n int, at time.Time) (hashes []string) {
	s.change(func(g *generator) {
		for range n {
			c := g.commit(g.hash("new", int(g.id())), nil, at)
			g.repo.commits = append(g.repo.commits, c)
			hashes = append(hashes, c.sha)
		}
	})
	return hashes
}

// Rewrite replaces the newest n commits, as a forced push does.
func (s *Server) Rewrite(n int) {
	s.change(func(g *generator) { g.repo.commits = g.repo.commits[:len(g.repo.commits)-n] })
	s.Commit(n, s.clock)
}

// AddDeployment adds a deployment that is under way and returns its id.
func (s *Server) AddDeployment() string {
	id := ""
	s.change(func(g *generator) {
		d := &record{id: g.id()}
		id = strconv.FormatInt(d.id, 10)
		d.body = object{
			"id": d.id, "sha": g.hash("main", 0), "ref": "main", "environment": "production", "creator": nil,
			"created_at": stamp(g.clock), "updated_at": stamp(g.clock),
		}
		d.parts = []any{object{"id": g.id(), "state": "in_progress", "created_at": stamp(g.clock)}}
		g.repo.deployments = append(g.repo.deployments, d)
	})
	return id
}

// FinishDeployment gives the newest deployment the status success; the
// deployment's own stamp stays, as not every version of GitHub moves it.
func (s *Server) FinishDeployment() {
	s.change(func(g *generator) {
		d := g.repo.deployments[len(g.repo.deployments)-1]
		d.parts = append([]any{object{"id": g.id(), "state": "success", "created_at": stamp(g.clock)}}, d.parts...)
	})
}

// Rerun repeats the n-th newest run and returns its id.
func (s *Server) Rerun(n int, at time.Time) string {
	id := ""
	s.change(func(g *generator) {
		run := g.repo.runs[len(g.repo.runs)-1-n]
		id = strconv.FormatInt(run.id, 10)
		body := maps.Clone(run.body)
		body["run_attempt"], body["conclusion"], body["updated_at"] = 2, "success", stamp(at)
		run.body = body
	})
	return id
}

// OnCode adds a comment on code to a pull request, by the one who reviewed last.
func (s *Server) OnCode(number int) {
	s.change(func(g *generator) {
		i := g.find(number)
		i.reviewComments = append(i.reviewComments, g.onCode(i, len(i.reviewComments), g.clock))
		i.updated = g.clock
	})
}

// Hurry makes searches say that they were given up before they were complete.
func (s *Server) Hurry(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hasty = on
}

// Shuffle makes searches sort the other way round.
func (s *Server) Shuffle(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turned = on
}
