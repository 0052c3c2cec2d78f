package gitlabtest

import (
	"crypto/sha1"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

type project struct {
	id                                         int
	data                                       object
	issues, mergeRequests, pipelines, deployed []*row
	commits                                    []object // newest first
	wikis, iterations                          []object
}

// row is a record with what is told of it on its own and in its parts.
type row struct {
	id, number       int
	created, updated time.Time
	data, detail     object
	parts            map[string]any // []object or object
}

func (r *row) json() object {
	out := maps.Clone(r.data)
	out["created_at"], out["updated_at"] = stamp(r.created), stamp(r.updated)
	return out
}

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

func (p *project) rows(kind string) *[]*row {
	switch kind {
	case "issues":
		return &p.issues
	case "merge_requests":
		return &p.mergeRequests
	case "pipelines":
		return &p.pipelines
	default:
		return &p.deployed
	}
}

func (p *project) find(kind, number string) *row {
	for _, r := range *p.rows(kind) {
		if strconv.Itoa(r.number) == number {
			return r
		}
	}
	return nil
}

func (p *project) commit(ref string) int {
	if ref == "main" && len(p.commits) > 0 {
		return 0
	}
	return slices.IndexFunc(p.commits, func(c object) bool { return c["id"] == ref })
}

// The projects that every server has: App has everything, Tools belongs to a
// person and so to the free tier, Empty has a tracker only.
const (
	App   = 101
	Tools = 205
	Empty = 310
)

// Large is the size of the description of the first issue of App when the
// options ask for it. Otherwise it is long: more than what a buffer holds.
const (
	Large = 1 << 20
	long  = 100_000
)

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func (s *Server) generate() {
	rng := rand.New(rand.NewPCG(s.options.Seed, 1))
	s.clock = start
	for i, name := range []string{"Ada Lovelace", "Grace Hopper", "Alan Turing", "Łukasz 🦀", "deploy helper", "Ghost User"} {
		login := []string{"ada", "grace.h", "alan-t", "lukasz", "project_101_bot_9f", "ghost"}[i]
		s.users = append(s.users, object{
			"id": 11 + i, "username": login, "name": name, "state": "active", "web_url": "https://gitlab.example/" + login,
			"bot": i == 4, "public_email": map[bool]string{true: login + "@example.org"}[i == 1],
			"avatar_url": nil, "created_at": stamp(start), "bio": "", "location": nil, "website_url": "", "organization": nil, "job_title": "", "pronouns": nil, "work_information": nil,
		})
	}
	for _, p := range []struct {
		id, records int
		path, kind  string
	}{{App, 60, "acme/app", "group"}, {Tools, 9, "ada/tools", "user"}, {Empty, 3, "acme/empty", "group"}} {
		s.projects = append(s.projects, s.generateProject(rng, p.id, p.records, p.path, p.kind))
	}
}

func (s *Server) generateProject(rng *rand.Rand, id, records int, path, kind string) *project {
	branch, level := any("main"), "enabled"
	if id == Empty {
		branch, level = nil, "disabled"
	}
	wiki := level
	if id == Tools {
		wiki = "disabled"
	}
	namespace, name, _ := strings.Cut(path, "/")
	p := &project{id: id, data: object{
		"id": id, "name": name, "path_with_namespace": path, "web_url": "https://gitlab.example/" + path, "archived": id == Empty,
		"default_branch": branch, "empty_repo": id == Empty, "created_at": stamp(start), "last_activity_at": stamp(start.Add(900 * time.Hour)),
		"namespace":   object{"id": map[string]int{"acme": 7, "ada": 8}[namespace], "kind": kind, "path": namespace, "full_path": namespace, "name": namespace},
		"description": nil, "visibility": "private",
		"issues_access_level": "enabled", "merge_requests_access_level": level, "repository_access_level": level,
		"builds_access_level": level, "environments_access_level": level, "wiki_access_level": wiki,
	}}
	for i := range records {
		p.issues = append(p.issues, s.generateIssue(rng, p, i, kind == "group"))
	}
	if kind == "group" {
		p.generateIterations()
	}
	if id == Empty {
		return p
	}
	for i := range records * 3 / 4 {
		p.mergeRequests = append(p.mergeRequests, s.generateMergeRequest(rng, p, i))
		p.pipelines = append(p.pipelines, s.generatePipeline(rng, p, i))
		p.deployed = append(p.deployed, s.generateDeployment(rng, p, i))
		p.addCommit(i, start.Add(time.Duration(i)*time.Hour))
		if wiki == "enabled" {
			p.wikis = append(p.wikis, object{"slug": fmt.Sprintf("guides/page-%d", i), "title": fmt.Sprintf("page %d", i), "format": "markdown", "content": fmt.Sprintf("# Page %d\n\x00 🦀", i), "encoding": "UTF-8"})
		}
	}
	return p
}

// generateIterations makes those of the group; each of its projects tells them.
func (p *project) generateIterations() {
	for i := range 45 {
		begin := start.AddDate(0, 0, 14*(i-40))
		p.iterations = append(p.iterations, object{
			"id": 900 + i, "iid": i + 1, "sequence": i + 1, "group_id": 7, "title": nil, "description": nil, "state": min(3, max(1, 43-i)),
			"start_date": begin.Format(time.DateOnly), "due_date": begin.AddDate(0, 0, 13).Format(time.DateOnly),
			"created_at": stamp(begin), "updated_at": stamp(begin), "web_url": "https://gitlab.example/groups/acme/-/iterations/" + strconv.Itoa(900+i),
		})
	}
}

// brief is an account as GitLab puts it into everything else.
func (s *Server) brief(i int) object {
	u := s.users[i%len(s.users)]
	return object{"id": u["id"], "username": u["username"], "name": u["name"], "state": "active", "web_url": u["web_url"]}
}

// when spreads the records of a project over time. Those from 8 to 52 share
// one millisecond, more than two pages of them, and the first of these one
// microsecond too.
func when(i int) (created, updated time.Time) {
	created = start.Add(time.Duration(i) * time.Minute)
	updated = start.Add(time.Duration(1000+i)*time.Minute + time.Duration(i*7001)*time.Microsecond)
	if i >= 8 && i < 53 {
		micro := time.Duration(max(0, i-30)) * time.Microsecond
		created, updated = start.Add(8*time.Minute+micro), start.Add(1008*time.Minute+micro)
	}
	return created, updated
}

func (s *Server) generateIssue(rng *rand.Rand, p *project, i int, premium bool) *row {
	created, updated := when(i)
	r := &row{id: p.id*1000 + i, number: i + 1, created: created, updated: updated}
	body := fmt.Sprintf("Body of issue %d with a null \x00 and a 🦀.", i)
	if i == 0 && p.id == App {
		size := long
		if s.options.Large {
			size = Large
		}
		body = strings.Repeat("é", size/2)
	}
	author := any(s.brief(rng.IntN(len(s.users))))
	if i == 1 && !s.options.Authors || s.options.Nobody {
		author = nil
	}
	r.data = object{
		"id": r.id, "iid": r.number, "project_id": p.id, "title": fmt.Sprintf("Issue %d", i), "description": body, "state": "opened",
		"type": "ISSUE", "issue_type": "issue", "labels": []string{"backend"}, "author": author, "assignees": []object{s.brief(1)},
		"milestone": nil, "weight": i % 5, "closed_at": nil, "moved_to_id": nil, "web_url": fmt.Sprintf("%s/-/issues/%d", p.data["web_url"], r.number),
		"references": object{"short": "#" + strconv.Itoa(r.number), "relative": "#" + strconv.Itoa(r.number), "full": fmt.Sprintf("%s#%d", p.data["path_with_namespace"], r.number)},
	}
	event := func(n int, more object) object {
		out := object{"id": r.id*10 + n, "user": s.brief(n), "created_at": stamp(created.Add(time.Duration(n) * time.Hour)), "resource_type": "Issue", "resource_id": r.id}
		maps.Copy(out, more)
		return out
	}
	states := []object{}
	if i%3 == 0 {
		states = []object{event(1, object{"state": "closed"}), event(2, object{"state": "reopened"}), event(3, object{"state": "closed"})}
		r.data["state"], r.data["closed_at"] = "closed", stamp(created.Add(3*time.Hour))
	}
	r.parts = map[string]any{
		"resource_state_events":     states,
		"resource_label_events":     []object{event(1, object{"label": object{"id": 3, "name": "backend"}, "action": "add"}), event(2, object{"label": nil, "action": "remove"})},
		"resource_milestone_events": []object{event(1, object{"milestone": object{"id": 5, "iid": 1, "title": "1.0"}, "action": "add"})},
		"notes": []object{
			s.note(r.id*10, 0, created.Add(time.Hour), false, "A comment about @ada."),
			s.note(r.id*10+1, 1, created.Add(2*time.Hour), true, "assigned to @grace.h and unassigned @ada"),
			s.note(r.id*10+2, 4, created.Add(3*time.Hour), true, "changed the description"),
		},
	}
	if premium {
		r.parts["resource_iteration_events"] = []object{event(1, object{"iteration": object{"id": 940, "iid": 41, "title": nil, "start_date": "2026-01-05", "due_date": "2026-01-18"}, "action": "add"})}
		r.parts["resource_weight_events"] = []object{event(1, object{"weight": 1}), event(2, object{"weight": nil}), event(3, object{"weight": 3})}
	}
	return r
}

func (s *Server) note(id, author int, at time.Time, system bool, body string) object {
	return object{"id": id, "body": body, "author": s.brief(author), "system": system, "created_at": stamp(at), "updated_at": stamp(at), "resolvable": false}
}

func (s *Server) generateMergeRequest(rng *rand.Rand, p *project, i int) *row {
	created, updated := when(i)
	r := &row{id: p.id*2000 + i, number: i + 1, created: created, updated: updated}
	state := []string{"opened", "merged", "closed"}[i%3]
	hash := hashOf(fmt.Sprint(p.id, "mr", i))
	r.data = object{
		"id": r.id, "iid": r.number, "project_id": p.id, "title": fmt.Sprintf("Change %d", i), "description": "What it does 🦀", "state": state, "draft": i%6 == 0,
		"author": s.brief(rng.IntN(4)), "assignees": []object{}, "reviewers": []object{s.brief(1)}, "labels": []string{}, "source_branch": "topic", "target_branch": "main",
		"sha": hash, "merge_commit_sha": nil, "squash_commit_sha": nil, "merged_at": nil, "closed_at": nil, "merge_user": nil,
		"web_url": fmt.Sprintf("%s/-/merge_requests/%d", p.data["web_url"], r.number),
	}
	states := []object{}
	if state != "opened" {
		at := stamp(created.Add(30 * time.Hour))
		r.data[state+"_at"] = at
		states = append(states, object{"id": r.id, "user": s.brief(1), "created_at": at, "state": state})
	}
	if state == "merged" {
		r.data["merge_user"], r.data["merge_commit_sha"] = s.brief(1), hashOf(fmt.Sprint(p.id, "merge", i))
	}
	r.detail = object{"changes_count": strconv.Itoa(1 + i), "diff_refs": object{"base_sha": hashOf("base"), "start_sha": hashOf("start"), "head_sha": hash}}
	onCode := s.note(r.id*10, 1, created.Add(2*time.Hour), false, "Why?")
	onCode["position"] = object{"new_path": "main.go", "old_path": "main.go", "new_line": 12, "old_line": nil, "position_type": "text"}
	r.parts = map[string]any{
		"discussions": []object{
			{"id": hash, "individual_note": false, "notes": []object{onCode, s.note(r.id*10+1, 0, created.Add(3*time.Hour), false, "Because.")}},
			{"id": "s" + hash, "individual_note": true, "notes": []object{s.note(r.id*10+2, 0, created.Add(time.Hour), true, "marked this merge request as **ready**")}},
			{"id": "a" + hash, "individual_note": true, "notes": []object{s.note(r.id*10+3, 1, created.Add(4*time.Hour), true, "approved this merge request")}},
		},
		"approvals":             object{"approved_by": []object{{"user": s.brief(1)}}},
		"commits":               []object{commitOf(hash, "Change", []string{}, created)},
		"resource_state_events": states,
	}
	return r
}

func (s *Server) generatePipeline(rng *rand.Rand, p *project, i int) *row {
	created, updated := when(i)
	id := p.id*3000 + i
	return &row{
		id: id, number: id, created: created, updated: updated,
		data: object{
			"id": id, "iid": i + 1, "project_id": p.id, "status": []string{"success", "failed", "running", "manual"}[rng.IntN(4)], "source": "push", "ref": "main",
			"sha": hashOf(fmt.Sprint(i)), "name": nil, "web_url": fmt.Sprintf("%s/-/pipelines/%d", p.data["web_url"], id),
		},
		detail: object{"user": s.brief(i), "started_at": stamp(created), "finished_at": stamp(updated), "duration": 60},
	}
}

func (s *Server) generateDeployment(rng *rand.Rand, p *project, i int) *row {
	created, updated := when(i)
	id := p.id*4000 + i
	return &row{id: id, number: id, created: created, updated: updated, data: object{
		"id": id, "iid": i + 1, "status": []string{"success", "failed", "running"}[rng.IntN(3)], "ref": "main", "sha": hashOf(fmt.Sprint(i)), "user": s.brief(i),
		"environment": object{"id": 1, "name": "production"}, "deployable": object{"id": id, "web_url": "https://gitlab.example/jobs/1", "finished_at": stamp(updated.Add(-time.Minute))},
	}}
}

func hashOf(text string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(text))) }

func (p *project) addCommit(i int, at time.Time) {
	parents := []string{}
	if len(p.commits) > 0 {
		parents = append(parents, fmt.Sprint(p.commits[0]["id"]))
	}
	p.commits = slices.Insert(p.commits, 0, commitOf(hashOf(fmt.Sprint(p.id, "commit", i)), fmt.Sprintf("Commit %d", i), parents, at))
}

func commitOf(hash, title string, parents []string, at time.Time) object {
	return object{
		"id": hash, "short_id": hash[:8], "parent_ids": parents, "title": title, "message": title + "\n\nWhy.\n", "web_url": "https://gitlab.example/commit/" + hash,
		"author_name": "Ada Lovelace", "author_email": "ada@example.org", "authored_date": at.In(time.FixedZone("", 7200)).Format("2006-01-02T15:04:05.000Z07:00"),
		"committer_name": "Ada Lovelace", "committer_email": "ada@example.org", "committed_date": stamp(at), "created_at": stamp(at),
	}
}
