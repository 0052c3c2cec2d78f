package azuredevopstest

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

func idText(o object) string { return fmt.Sprint(o["id"]) }

// Project is the id of one of the two projects.
func (s *Server) Project(n int) string { return s.projects[n].id }

// Repository is the id of a project's repository that is neither disabled nor
// empty.
func (s *Server) Repository(n int) string { return s.projects[n].repos[0].id }

// ChangeWorkItem gives a work item of the first project another status, and
// returns its id.
func (s *Server) ChangeWorkItem() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[0]
	it := p.items[3]
	s.clock = s.clock.Add(time.Minute)
	s.revise(it, p, object{"System.State": "Active", "System.Reason": "Reactivated", "System.Title": "Changed"}, people[1], s.clock)
	return strconv.Itoa(it.id)
}

// Lengthen gives the third work item of each project a text of a MiB, in every
// revision.
func (s *Server) Lengthen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.projects {
		for _, revision := range p.items[2].revisions {
			if fields, ok := revision["fields"].(object); ok {
				fields["System.Description"] = begins + strings.Repeat("x", 1<<20)
			}
		}
	}
}

// DeleteWorkItem takes the last work item of the first project away, and
// returns its id.
func (s *Server) DeleteWorkItem() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[0]
	last := p.items[len(p.items)-1]
	p.items = p.items[:len(p.items)-1]
	return strconv.Itoa(last.id)
}

// Vote adds a vote to a pull request of the first project that is in a state,
// and returns its id; "" when there is none.
func (s *Server) Vote(status string, value int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pr := range s.projects[0].repos[0].pulls {
		if pr.self["status"] == status {
			s.clock = s.clock.Add(time.Minute)
			pr.threads = append(pr.threads, voteThread(100+len(pr.threads), value, people[0], s.clock))
			return fmt.Sprint(pr.self["pullRequestId"])
		}
	}
	return ""
}

// Complete merges an open pull request of the first project, and returns its
// id.
func (s *Server) Complete() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pr := range s.projects[0].repos[0].pulls {
		if pr.self["status"] == "active" {
			s.clock = s.clock.Add(time.Minute)
			pr.self = maps.Clone(pr.self)
			pr.self["status"], pr.self["closedDate"], pr.self["closedBy"] = "completed", when(s.clock), people[0]
			return fmt.Sprint(pr.self["pullRequestId"])
		}
	}
	return ""
}

// OpenPullRequest opens a pull request in the first project, in front of all
// others, and returns its id.
func (s *Server) OpenPullRequest() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.projects[0].repos[0]
	newest := *to.pulls[0]
	newest.self = maps.Clone(newest.self)
	id, _ := newest.self["pullRequestId"].(int)
	s.clock = s.clock.Add(time.Minute)
	newest.self["pullRequestId"], newest.self["status"], newest.self["creationDate"] = id+1, "active", when(s.clock)
	delete(newest.self, "closedDate")
	to.pulls = append([]*pullRequest{&newest}, to.pulls...)
	return strconv.Itoa(id + 1)
}

// Merge merges a commit that is older than all others into the default branch
// of the first project, and returns the hashes of the two new commits.
func (s *Server) Merge() (old, merge string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.projects[0].repos[0]
	old, merge = hash(1<<20), hash(1<<20+1)
	s.addCommit(to, old, nil, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), false)
	s.clock = s.clock.Add(time.Minute)
	s.addCommit(to, merge, []string{to.tip, old}, s.clock, false)
	to.tip = merge
	return old, merge
}

// Rewrite replaces the history of the first project's default branch by one
// new commit, and returns its hash.
func (s *Server) Rewrite() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.projects[0].repos[0]
	to.commits, to.tip = nil, hash(1<<21)
	s.clock = s.clock.Add(time.Minute)
	s.addCommit(to, to.tip, nil, s.clock, false)
	return to.tip
}

// FinishRun ends a pipeline run of the first project that was going on, and
// returns its id.
func (s *Server) FinishRun() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.projects[0].builds {
		if b["status"] == "inProgress" {
			b = maps.Clone(b)
			s.clock = s.clock.Add(time.Minute)
			b["status"], b["result"], b["finishTime"] = "completed", "failed", when(s.clock)
			s.projects[0].builds[i] = b
			return idText(b)
		}
	}
	return ""
}

// Redeploy changes a deployment of the first project now, by the server's
// clock, and returns its id.
func (s *Server) Redeploy() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := maps.Clone(s.projects[0].deployments[4])
	d["deploymentStatus"], d["operationStatus"], d["lastModifiedOn"] = "succeeded", "Approved", when(time.Now())
	s.projects[0].deployments[4] = d
	return idText(d)
}

// MoveSprint gives a sprint of the first project other dates, and returns its
// id.
func (s *Server) MoveSprint() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[0]
	team, _ := p.teams[0]["id"].(string)
	use := p.used[team][0]
	use["attributes"] = object{"startDate": "2026-02-02T00:00:00Z", "finishDate": "2026-02-13T00:00:00Z", "timeFrame": "past"}
	return idText(use)
}

// AddEmptyRepository adds a repository without commits to the first project,
// and returns its id.
func (s *Server) AddEmptyRepository() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	empty := &repo{id: guid(3, 2), name: "empty"}
	s.repos[empty.id] = empty
	s.projects[0].repos = append(s.projects[0].repos, empty)
	return empty.id
}

// DropPullRequests takes the newest pull requests of the first project away,
// as no real vendor does, so that everything behind them moves to the front.
func (s *Server) DropPullRequests(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.projects[0].repos[0]
	to.pulls = to.pulls[n:]
}

// ChangeTogether changes so many work items of the first project at one
// moment, as somebody does who changes them in bulk, and returns their ids.
func (s *Server) ChangeTogether(n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[0]
	s.clock = s.clock.Add(time.Hour)
	ids := []string{}
	for _, it := range p.items[:n] {
		s.revise(it, p, object{"System.Tags": "together"}, people[1], s.clock)
		ids = append(ids, strconv.Itoa(it.id))
	}
	return ids
}

// ChangeLate changes a work item of the first project with a time that had
// passed when others changed already, and returns its id.
func (s *Server) ChangeLate() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[0]
	it := p.items[9]
	s.revise(it, p, object{"System.Tags": "late"}, people[1], s.clock.Add(-30*time.Second))
	return strconv.Itoa(it.id)
}
