package githubtest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Story is an issue or a pull request of the first repository, with a history
// that leads to what it is.
type Story struct {
	Number     int
	Author     string // a login of one of the fake's accounts
	Opened     time.Time
	Turns      []time.Time // closed, reopened, closed again, and so on
	NotPlanned bool        // it is closed without being done
	Labels     []string
	Comments   []Word

	// The others are of a pull request.
	Pull      bool
	Draft     bool
	Ready     time.Time // when it stopped being a draft; zero is never, or that it was none
	Merged    bool      // by its last turn, squashed
	Commits   []time.Time
	Reviews   []Word
	Requested []string // logins that are asked to review
}

// Word is a review, by its state, or a comment.
type Word struct {
	By    string
	At    time.Time
	State string
}

// Rollout is a deployment of what the default branch has at a moment. One
// without an environment is a run of the pipeline build.
type Rollout struct {
	At          time.Time
	State       string // success or failure
	Environment string
}

// Tell has the first repository consist of stories, of commits that were made on
// its default branch at given times, and of deployments, the oldest first.
func (s *Server) Tell(stories []Story, commits []time.Time, rollouts []Rollout) {
	s.mu.Lock()
	defer s.mu.Unlock()
	repo := s.repos[0]
	g := &generator{Rand: rand.New(rand.NewPCG(s.options.Seed, 5)), server: s, repo: repo, users: []any{s.account("ada")}}
	repo.issues, repo.commits, repo.runs, repo.deployments = nil, nil, nil, nil
	for n, at := range commits {
		repo.commits = append(repo.commits, g.commit(g.hash("direct", n), nil, at))
	}
	for i := range stories {
		repo.issues = append(repo.issues, g.tell(&stories[i]))
	}
	slices.SortStableFunc(repo.commits, func(a, b commit) int { return a.at.Compare(b.at) })
	for i := 1; i < len(repo.commits); i++ {
		repo.commits[i].body["parents"] = []any{object{"sha": repo.commits[i-1].sha}}
	}
	for i := range rollouts {
		g.roll(&rollouts[i])
	}
}

// account returns one of the fake's accounts by its login.
func (s *Server) account(login string) any {
	for _, u := range s.users {
		if u.login == login {
			return u.json()
		}
	}
	panic("the fake has no account " + login)
}

func (g *generator) tell(story *Story) *issue {
	i := &issue{
		id: g.id(), number: story.Number, title: "Told", state: "open", created: story.Opened, updated: story.Opened, user: g.server.account(story.Author),
		draft: story.Draft, head: g.hash("head", story.Number),
	}
	moved := func(at time.Time) {
		if at.After(i.updated) {
			i.updated = at
		}
	}
	for _, name := range story.Labels {
		i.labels = append(i.labels, label(name))
	}
	for n, at := range story.Turns {
		moved(at)
		if n%2 == 1 {
			i.state, i.reason, i.closed = "open", "reopened", nil
			i.events = append(i.events, g.event(at, "reopened", nil))
			continue
		}
		i.state, i.reason, i.closed = "closed", "completed", stamp(at)
		i.events = append(i.events, g.event(at, "closed", object{"commit_id": nil}))
	}
	if story.NotPlanned {
		i.reason = "not_planned"
	}
	for _, w := range story.Comments {
		moved(w.At)
		i.comments = append(i.comments, object{"id": g.id(), "user": g.server.account(w.By), "body": "Told.", "created_at": stamp(w.At), "updated_at": stamp(w.At), "author_association": "MEMBER"})
	}
	if story.Pull {
		g.tellPull(i, story, moved)
	}
	return i
}

func (g *generator) tellPull(i *issue, story *Story, moved func(time.Time)) {
	i.pullID = g.id()
	if !story.Ready.IsZero() {
		moved(story.Ready)
		i.events = append(i.events, g.event(story.Ready, "ready_for_review", nil))
	}
	for n, at := range story.Commits {
		moved(at)
		c := g.commit(g.hash("told", story.Number*100+n), nil, at)
		i.commits, i.head = append(i.commits, c.body), c.sha
	}
	for _, w := range story.Reviews {
		moved(w.At)
		i.reviews = append(i.reviews, object{"id": g.id(), "user": g.server.account(w.By), "state": w.State, "body": "", "submitted_at": stamp(w.At), "commit_id": i.head})
	}
	for _, login := range story.Requested {
		i.requested = append(i.requested, g.server.account(login))
	}
	if story.Merged {
		at := story.Turns[len(story.Turns)-1]
		i.merged, i.merge = stamp(at), g.hash("squashed", story.Number)
		g.repo.commits = append(g.repo.commits, g.commit(i.merge, nil, at))
		i.reason = nil
	}
}

// roll deploys, or runs the pipeline on, the newest commit of a moment.
func (g *generator) roll(r *Rollout) {
	sha := ""
	for _, c := range g.repo.commits {
		if !c.at.After(r.At) {
			sha = c.sha
		}
	}
	end := r.At.Add(5 * time.Minute)
	if r.Environment == "" {
		body := object{
			"id": g.id(), "name": "build", "head_branch": "main", "head_sha": sha, "event": "push", "run_number": len(g.repo.runs) + 1, "run_attempt": 1,
			"status": "completed", "conclusion": r.State, "html_url": "https://github.test/run", "actor": nil,
			"created_at": stamp(r.At), "run_started_at": stamp(r.At), "updated_at": stamp(end),
		}
		g.repo.runs = append(g.repo.runs, &record{id: g.server.nextID, body: body})
		return
	}
	d := &record{id: g.id()}
	d.body = object{
		"id": d.id, "sha": sha, "ref": "main", "environment": r.Environment, "task": "deploy", "payload": object{}, "creator": nil,
		"created_at": stamp(r.At), "updated_at": stamp(end),
	}
	for n, state := range []string{"in_progress", cmp.Or(strings.ToLower(r.State), "success")} {
		status := object{"id": g.id(), "state": state, "created_at": stamp(r.At.Add(time.Duration(5*n) * time.Minute)), "environment_url": "https://app.test"}
		d.parts = append([]any{status}, d.parts...)
	}
	g.repo.deployments = append(g.repo.deployments, d)
}
