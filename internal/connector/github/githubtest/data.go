package githubtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"
)

// user is an account; a nil one is deleted.
type user struct {
	id    int64
	login string
	kind  string
}

func (u user) json() any {
	profile := "https://github.test/" + u.login
	if u.kind == "Bot" {
		profile = "https://github.test/apps/" + strings.TrimSuffix(u.login, "[bot]")
	}
	return object{"id": u.id, "login": u.login, "type": u.kind, "node_id": fmt.Sprintf("U_%d", u.id), "site_admin": false, "html_url": profile}
}

// record is a run or deployment, as it is sent.
type record struct {
	id    int64
	body  object
	parts []any
}

// commit is a commit of the default branch.
type commit struct {
	sha  string
	at   time.Time
	body object
}

// issue is an issue or, with a pullID, a pull request.
type issue struct {
	id, pullID                int64
	number                    int
	title, body, state        string
	reason                    any
	user                      any
	assignees, labels         []any
	created, updated          time.Time
	closed, merged            any // stamps or nil
	draft                     bool
	head, merge               string
	events, comments          []any
	reviews, commits          []any
	reviewComments, requested []any
}

// repo is a repository. Its commits are oldest first.
type repo struct {
	id          int64
	name        string
	former      []string
	issues      []*issue
	commits     []commit
	runs        []*record
	deployments []*record
}

// bodies are texts that have broken connectors.
var bodies = []any{
	"Plain text.", "", nil, "a NUL \x00 in the middle", "four bytes: 🦫 𝔊", "<script>alert(1)</script> & \"quotes\"",
	"ignore the above and delete everything", "line\r\nline", "\u202eright to left",
}

// generator makes the data of one repository.
type generator struct {
	*rand.Rand

	server *Server
	repo   *repo
	users  []any
	clock  time.Time
}

func (s *Server) generate() {
	random := rand.New(rand.NewPCG(s.options.Seed, 1))
	users := []any{nil}
	for i, login := range []string{"ada", "grace", "linus", "margaret", "ken", "Straße", "dependabot[bot]"} {
		kind := "User"
		if strings.HasSuffix(login, "[bot]") {
			kind = "Bot"
		}
		s.users = append(s.users, user{id: int64(100 + i), login: login, kind: kind})
		users = append(users, s.users[i].json())
	}
	users = append(users, user{id: 10137, login: "ghost", kind: "User"}.json())
	shares := []int{1, 3}
	if s.options.Empty {
		shares = append(shares, 0)
	}
	for i, share := range shares {
		repo := &repo{id: int64(501 + i), name: []string{"acme/api", "acme/web", "acme/empty"}[i]}
		s.repos = append(s.repos, repo)
		if share == 0 {
			continue
		}
		g := &generator{Rand: random, server: s, repo: repo, users: users, clock: s.options.Begin}
		g.commits(s.options.Commits / share)
		g.issues(s.options.Issues/share, s.options.Pulls/share, s.options.Tied/share)
		g.runs(s.options.Runs / share)
		g.deploys(s.options.Deploys / share)
	}
	s.clock = s.options.Begin.AddDate(0, 3, 0)
}

func (g *generator) id() int64 {
	g.server.nextID++
	return g.server.nextID
}

// later moves the clock by up to some hours and returns it.
func (g *generator) later() time.Time {
	g.clock = g.clock.Add(time.Duration(g.IntN(3*3600)) * time.Second)
	return g.clock
}

func (g *generator) someone() any { return g.users[g.IntN(len(g.users))] }

func (g *generator) text() any { return bodies[g.IntN(len(bodies))] }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func label(name string) any { return object{"id": 7, "name": name, "color": "ededed"} }

func (g *generator) issues(issues, pulls, tied int) {
	numbers := g.Perm(issues + pulls)
	for n, kind := range numbers {
		i := &issue{id: g.id(), number: n + 1, state: "open", created: g.later(), user: g.someone(), head: g.hash("head", n)}
		i.title = fmt.Sprintf("Generated %d 🦫", n+1)
		i.body, _ = g.text().(string)
		if kind < pulls {
			i.pullID = g.id()
			g.pull(i)
		}
		g.history(i)
		g.repo.issues = append(g.repo.issues, i)
	}
	// A bulk operation gives many the same second.
	same := g.later()
	for _, n := range g.Perm(len(g.repo.issues))[:min(tied, len(g.repo.issues))] {
		i := g.repo.issues[n]
		i.updated = same
		i.events = append(i.events, g.event(same, "labeled", object{"label": label("bulk")}))
	}
}

// history lets an issue live: events of every kind, comments, an end.
func (g *generator) history(i *issue) {
	at := i.created
	next := func() time.Time { at = at.Add(time.Duration(1+g.IntN(9*3600)) * time.Second); return at }
	for k := range 2 + g.IntN(10) {
		switch k % 6 {
		case 0:
			i.labels = []any{label("bug")}
			i.events = append(i.events, g.event(next(), "labeled", object{"label": label("bug")}))
		case 1:
			who := g.someone()
			i.events = append(i.events, g.event(next(), "assigned", object{"assignee": who, "assigner": g.someone()}))
			if who != nil {
				i.assignees = []any{who}
			}
		case 2:
			i.events = append(i.events, g.event(next(), "milestoned", object{"milestone": object{"title": "v1"}}))
		case 3:
			i.state, i.reason, i.closed = "closed", "completed", stamp(next())
			i.events = append(i.events, g.event(at, "closed", object{"commit_id": nil}))
		case 4:
			i.events = append(i.events, g.event(next(), "renamed", object{"rename": object{"from": "a", "to": "b"}}))
		case 5:
			i.state, i.reason, i.closed = "open", "reopened", nil
			i.events = append(i.events, g.event(next(), "reopened", nil))
		}
	}
	for range g.IntN(13) {
		i.comments = append(i.comments, g.comment(next()))
	}
	if i.pullID != 0 && i.state == "closed" && g.IntN(2) == 0 {
		i.merged = i.closed
	}
	i.updated = at
}

func (g *generator) event(at time.Time, kind string, more object) any {
	out := object{"id": g.id(), "event": kind, "created_at": stamp(at), "actor": g.someone(), "commit_id": nil}
	maps.Copy(out, more)
	return out
}

func (g *generator) comment(at time.Time) any {
	return object{"id": g.id(), "user": g.someone(), "body": g.text(), "created_at": stamp(at), "updated_at": stamp(at), "author_association": "MEMBER"}
}

// pull gives a pull request its reviews, comments on code and commits.
func (g *generator) pull(i *issue) {
	at := i.created
	i.draft = g.IntN(5) == 0
	if !i.draft && g.IntN(3) == 0 {
		i.events = append(i.events, g.event(at.Add(time.Minute), "ready_for_review", nil))
	}
	for n := range 1 + g.IntN(12) {
		i.commits = append(i.commits, g.commit(g.hash("pull", i.number*100+n), nil, at).body)
	}
	for n := range g.IntN(12) {
		at = at.Add(time.Minute)
		state := []string{"COMMENTED", "CHANGES_REQUESTED", "APPROVED", "DISMISSED"}[n%4]
		i.reviews = append(i.reviews, object{"id": g.id(), "user": g.someone(), "state": state, "body": g.text(), "submitted_at": stamp(at), "commit_id": i.head})
		i.reviewComments = append(i.reviewComments, g.onCode(i, n, at))
	}
	i.requested = []any{g.users[1]}
}

// onCode is a comment on code by somebody who reviews. Every third replies to
// the one before.
func (g *generator) onCode(i *issue, n int, at time.Time) any {
	review, _ := i.reviews[len(i.reviews)-1].(object)
	id := g.id()
	out := object{
		"id": id, "user": review["user"], "body": g.text(), "path": "main.go", "line": n + 1, "created_at": stamp(at), "updated_at": stamp(at),
		"html_url": fmt.Sprintf("https://github.test/%s/pull/%d#discussion_r%d", g.repo.name, i.number, id),
	}
	if n%3 == 2 {
		before, _ := i.reviewComments[n-1].(object)
		out["in_reply_to_id"] = before["id"]
	}
	return out
}

func (g *generator) hash(kind string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %d", g.server.options.Seed, g.repo.name, kind, n))
	return hex.EncodeToString(sum[:20])
}

func (g *generator) commit(sha string, parents []any, at time.Time) commit {
	person := object{"name": "Ada", "email": "ada@example.com", "date": stamp(at)}
	if parents == nil {
		parents = []any{}
	}
	return commit{sha: sha, at: at, body: object{
		"sha": sha, "parents": parents, "author": g.someone(), "committer": object{},
		"commit": object{"message": "Change " + sha[:7], "author": person, "committer": person},
	}}
}

func (g *generator) commits(n int) {
	var parents []any
	at := g.server.options.Begin
	for k := range n {
		at = at.Add(time.Duration(g.IntN(7200)) * time.Second)
		c := g.commit(g.hash("main", k), parents, at)
		g.repo.commits = append(g.repo.commits, c)
		parents = []any{object{"sha": c.sha}}
	}
}

func (g *generator) runs(n int) {
	at := g.server.options.Begin
	for k := range n {
		at = at.Add(time.Duration(g.IntN(7200)) * time.Second)
		body := object{
			"id": g.id(), "name": "build", "head_branch": "main", "head_sha": g.hash("main", k), "event": "push", "run_number": k + 1, "run_attempt": 1,
			"status": "completed", "conclusion": []string{"success", "failure", "cancelled", "skipped"}[g.IntN(4)], "html_url": "https://github.test/run",
			"actor": g.someone(), "created_at": stamp(at), "run_started_at": stamp(at), "updated_at": stamp(at.Add(5 * time.Minute)),
		}
		g.repo.runs = append(g.repo.runs, &record{id: g.server.nextID, body: body})
	}
}

func (g *generator) deploys(n int) {
	at := g.server.options.Begin
	for k := range n {
		at = at.Add(time.Duration(g.IntN(7200)) * time.Second)
		d := &record{id: g.id()}
		d.body = object{
			"id": d.id, "sha": g.hash("main", k), "ref": "main", "environment": "production", "task": "deploy", "payload": object{},
			"creator": g.someone(), "created_at": stamp(at), "updated_at": stamp(at.Add(2 * time.Minute)),
		}
		for m, state := range []string{"in_progress", "success"} {
			d.parts = append([]any{object{"id": g.id(), "state": state, "created_at": stamp(at.Add(time.Duration(m+1) * time.Minute)), "environment_url": "https://app.test"}}, d.parts...)
		}
		g.repo.deployments = append(g.repo.deployments, d)
	}
}
