package githubtest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) repoJSON(r *repo) any {
	_, name, _ := strings.Cut(r.name, "/")
	return object{
		"id": r.id, "name": name, "full_name": r.name, "private": true, "html_url": "https://github.test/" + r.name, "default_branch": "main",
		"has_issues": true, "fork": false, "node_id": nodeID("R", 0, r.id), "archived": false, "disabled": false, "created_at": stamp(s.options.Begin), "updated_at": stamp(s.options.Begin), "pushed_at": stamp(s.options.Begin),
	}
}

func orEmpty(list []any) []any {
	if list == nil {
		return []any{}
	}
	return list
}

func (s *Server) issueJSON(r *repo, i *issue) any {
	out := object{
		"id": i.id, "number": i.number, "title": i.title, "body": i.body, "state": i.state, "state_reason": i.reason, "user": i.user,
		"assignees": orEmpty(i.assignees), "labels": orEmpty(i.labels), "comments": len(i.comments), "locked": false, "node_id": nodeID("I", r.id, i.id),
		"created_at": stamp(i.created), "updated_at": stamp(i.updated), "closed_at": i.closed,
		"html_url": "https://github.test/" + r.name + "/issues/" + strconv.Itoa(i.number), "repository_url": "https://github.test/api/v3/repos/" + r.name,
	}
	if i.pullID != 0 {
		out["pull_request"] = object{"url": "https://github.test/api/v3/repos/" + r.name + "/pulls/" + strconv.Itoa(i.number), "merged_at": i.merged}
		out["draft"], out["node_id"] = i.draft, nodeID("PR", r.id, i.pullID)
	}
	return out
}

// pullJSON renders a pull request; whole is the form that is not in lists.
func (s *Server) pullJSON(r *repo, i *issue, whole bool) any {
	out := object{
		"id": i.pullID, "node_id": nodeID("PR", r.id, i.pullID), "number": i.number, "title": i.title, "body": i.body, "state": i.state, "draft": i.draft, "user": i.user,
		"assignees": orEmpty(i.assignees), "labels": orEmpty(i.labels), "requested_reviewers": orEmpty(i.requested),
		"head": object{"ref": "topic", "sha": i.head}, "base": object{"ref": "main", "sha": strings.Repeat("0", 40)}, "merge_commit_sha": cmp.Or(i.merge, i.head),
		"created_at": stamp(i.created), "updated_at": stamp(i.updated), "closed_at": i.closed, "merged_at": i.merged,
		"html_url": "https://github.test/" + r.name + "/pull/" + strconv.Itoa(i.number),
	}
	if whole {
		out["merged"] = i.merged != nil
		out["merged_by"] = i.user
		out["comments"], out["review_comments"], out["commits"] = len(i.comments), len(i.reviewComments), len(i.commits)
		out["additions"], out["deletions"], out["changed_files"] = 10, 2, 1
	}
	return out
}

// sorted orders issues as a query asks for.
func sorted(all []*issue, query url.Values) []*issue {
	all = slices.Clone(all)
	by := func(i *issue) time.Time { return i.created }
	if query.Get("sort") == "updated" {
		by = func(i *issue) time.Time { return i.updated }
	}
	slices.SortStableFunc(all, func(a, b *issue) int { return cmp.Or(by(a).Compare(by(b)), cmp.Compare(a.id, b.id)) })
	if query.Get("direction") != "asc" {
		slices.Reverse(all)
	}
	return slices.DeleteFunc(all, func(i *issue) bool {
		state := cmp.Or(query.Get("state"), "open")
		return state != "all" && i.state != state
	})
}

func (s *Server) issues(r *http.Request, repo *repo) []any {
	query := r.URL.Query()
	since, err := time.Parse(time.RFC3339, query.Get("since"))
	var out []any
	for _, i := range sorted(repo.issues, query) {
		if err != nil || !i.updated.Truncate(time.Second).Before(since) {
			out = append(out, s.issueJSON(repo, i))
		}
	}
	return out
}

func (s *Server) pulls(r *http.Request, repo *repo) []any {
	var out []any
	for _, i := range sorted(repo.issues, r.URL.Query()) {
		if i.pullID != 0 {
			out = append(out, s.pullJSON(repo, i, false))
		}
	}
	return out
}

func newestFirst(all []*record) []any {
	var out []any
	for _, r := range slices.Backward(all) {
		out = append(out, r.body)
	}
	return out
}

// find returns the place of a commit, the last one for the branch, -1 for none.
func (r *repo) find(name string) int {
	if name == "" || name == "main" {
		return len(r.commits) - 1
	}
	return slices.IndexFunc(r.commits, func(c commit) bool { return c.sha == name })
}

func (s *Server) commits(r *http.Request, self string, repo *repo) answer {
	if len(repo.commits) == 0 {
		return message(http.StatusConflict, "Git Repository is empty.")
	}
	head := repo.find(r.URL.Query().Get("sha"))
	if head < 0 {
		return message(http.StatusNotFound, "Not Found")
	}
	since, errSince := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
	var all []any
	for _, c := range slices.Backward(repo.commits[:head+1]) {
		if errSince != nil || !c.at.Before(since) {
			all = append(all, c.body)
		}
	}
	return s.page(r, self, all, "")
}

func (s *Server) compare(r *http.Request, self string, repo *repo, spec string) answer {
	base, head, _ := strings.Cut(spec, "...")
	from, to := repo.find(base), repo.find(head)
	if from < 0 || to < 0 {
		return message(http.StatusNotFound, "Not Found")
	}
	var all []any
	for n := from + 1; n <= to; n++ {
		all = append(all, repo.commits[n].body)
	}
	return s.page(r, self, all, "commits")
}
