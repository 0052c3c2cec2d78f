package azuredevopstest

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) listRepositories(w http.ResponseWriter, _ *http.Request, p *project) {
	all := []object{}
	for _, each := range p.repos {
		one := object{"id": each.id, "name": each.name, "isDisabled": each.disabled, "webUrl": s.URL + "/" + Organization + "/" + p.name + "/_git/" + each.name, "project": object{"id": p.id, "name": p.name}}
		if each.tip != "" {
			one["defaultBranch"] = "refs/heads/main"
		}
		all = append(all, one)
	}
	list(w, all)
}

func (s *Server) addRepo(r *rand.Rand, p *project, to *repo, base, pulls, commits int) {
	s.repos[to.id] = to
	p.repos = append(p.repos, to)
	for i := range commits {
		parents := []string{}
		if to.tip != "" {
			parents = append(parents, to.tip)
		}
		s.addCommit(to, hash(base+i), parents, s.tick(r), i%30 == 1)
		to.tip = hash(base + i)
	}
	for i := range pulls {
		s.addPull(r, to, base+i+1, i)
	}
}

func (s *Server) addCommit(to *repo, id string, parents []string, at time.Time, long bool) {
	message := "Change of " + id[34:]
	if long {
		message = strings.Repeat("long ", 60)
	}
	to.commits = append(to.commits, &history{parents: parents, self: object{
		"commitId": id, "comment": message, "author": object{"name": "Ada", "email": "ada@contoso.example", "date": when(at.Add(-time.Hour))},
		"committer": object{"name": "Ada", "email": "ada@contoso.example", "date": when(at)}, "changeCounts": object{"Add": 1}, "parents": parents,
	}})
}

func (s *Server) addPull(r *rand.Rand, to *repo, id, i int) {
	created := s.tick(r)
	pr := &pullRequest{self: object{
		"pullRequestId": id, "status": "completed", "title": "Pull request " + strconv.Itoa(id), "description": strings.Repeat("words ", 100), "createdBy": people[i%len(people)], "creationDate": when(created),
		"sourceRefName": "refs/heads/topic", "targetRefName": "refs/heads/main", "isDraft": i%7 == 0, "lastMergeSourceCommit": object{"commitId": hash(i)}, "lastMergeCommit": object{"commitId": hash(i + 1)},
		"repository": object{"id": to.id, "webUrl": "https://fake/web"}, "labels": []object{{"id": guid(6, 1), "name": "backend", "active": true}},
	}}
	reviewer := object{"vote": 10, "isRequired": true}
	maps.Copy(reviewer, people[1])
	pr.self["reviewers"] = []object{reviewer}
	pr.threads = append(pr.threads,
		voteThread(1, 10, people[1], s.tick(r)),
		object{"id": 2, "status": "active", "publishedDate": when(s.tick(r)), "lastUpdatedDate": when(s.clock), "threadContext": object{"filePath": "/main.go", "rightFileStart": object{"line": 12, "offset": 1}}, "comments": []object{
			{"id": 1, "parentCommentId": 0, "author": people[1], "content": "why?", "publishedDate": when(s.clock), "lastContentUpdatedDate": when(s.clock), "commentType": "text"},
			{"id": 2, "parentCommentId": 1, "author": nil, "content": "because", "publishedDate": when(s.clock), "lastContentUpdatedDate": when(s.clock), "commentType": "text"},
		}},
		object{"id": 3, "publishedDate": when(s.clock), "lastUpdatedDate": when(s.clock), "properties": object{"CodeReviewThreadType": object{"$type": "System.String", "$value": "RefUpdate"}}, "comments": []object{
			{"id": 1, "author": people[4], "content": "pushed", "publishedDate": when(s.clock), "commentType": "system"},
		}})
	for n := range 3 {
		pr.commits = append(pr.commits, object{"commitId": hash(i*10 + n), "author": object{"name": "Ada", "date": when(created)}, "committer": object{"name": "Ada", "date": when(created)}})
	}
	switch i % 6 {
	case 5:
		pr.self["status"] = "active"
	case 4:
		pr.self["status"], pr.self["closedDate"], pr.self["closedBy"] = "abandoned", when(s.tick(r)), people[0]
	default:
		pr.self["closedDate"], pr.self["closedBy"] = when(s.tick(r)), people[0]
	}
	to.pulls = slices.Insert(to.pulls, 0, pr)
}

func voteThread(id, value int, by object, at time.Time) object {
	return object{
		"id": id, "publishedDate": when(at), "lastUpdatedDate": when(at), "identities": object{"1": by},
		"properties": object{
			"CodeReviewThreadType":      object{"$type": "System.String", "$value": "VoteUpdate"},
			"CodeReviewVoteResult":      object{"$type": "System.String", "$value": strconv.Itoa(value)},
			"CodeReviewVotedByIdentity": object{"$type": "System.String", "$value": "1"},
		},
		"comments": []object{{"id": 1, "author": people[4], "content": "voted", "publishedDate": when(at), "commentType": "system"}},
	}
}

// listPulls cuts descriptions at 400 characters, as the vendor does.
func (s *Server) listPulls(w http.ResponseWriter, r *http.Request, of *repo) {
	all := []object{}
	for _, pr := range of.pulls {
		status := r.URL.Query().Get("searchCriteria.status")
		if word := map[string]string{"1": "active", "2": "abandoned", "3": "completed", "4": "all"}[status]; word != "" {
			status = word
		}
		if status != "all" && pr.self["status"] != cmp.Or(status, "active") {
			continue
		}
		short := maps.Clone(pr.self)
		body, _ := short["description"].(string)
		short["description"] = body[:min(400, len(body))]
		all = append(all, short)
	}
	list(w, cut(all, number(r, "$skip", 0), number(r, "$top", 101)))
}

type pullPart int

const (
	pullItself pullPart = iota
	pullThreads
	pullCommits
)

func (s *Server) pull(part pullPart) func(http.ResponseWriter, *http.Request, *repo) {
	return func(w http.ResponseWriter, r *http.Request, of *repo) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		i := slices.IndexFunc(of.pulls, func(p *pullRequest) bool { return p.self["pullRequestId"] == id })
		if i < 0 {
			refuse(w, http.StatusNotFound, "GitPullRequestNotFoundException")
			return
		}
		switch part {
		case pullThreads:
			list(w, of.pulls[i].threads)
		case pullCommits:
			tokenPage(w, r, of.pulls[i].commits, 2)
		default:
			answer(w, of.pulls[i].self)
		}
	}
}

// reach is what can be reached from a commit.
func (r *repo) reach(id string) map[string]bool {
	seen := map[string]bool{}
	next := []string{id}
	for len(next) > 0 {
		id, next = next[0], next[1:]
		i := slices.IndexFunc(r.commits, func(c *history) bool { return c.self["commitId"] == id })
		if i < 0 || seen[id] {
			continue
		}
		seen[id] = true
		next = append(next, r.commits[i].parents...)
	}
	return seen
}

// listCommits knows itemVersion and compareVersion by commit.
func (s *Server) listCommits(w http.ResponseWriter, r *http.Request, of *repo) {
	q := r.URL.Query()
	from := cmp.Or(q.Get("searchCriteria.itemVersion.version"), of.tip)
	reached := of.reach(from)
	if of.tip != "" && !reached[from] {
		refuse(w, http.StatusNotFound, "GitUnresolvableToCommitException")
		return
	}
	without := map[string]bool{}
	if base := q.Get("searchCriteria.compareVersion.version"); base != "" {
		if without = of.reach(base); !without[base] {
			refuse(w, http.StatusNotFound, "GitUnresolvableToCommitException")
			return
		}
	}
	all := []object{}
	for _, c := range slices.Backward(of.commits) {
		id, _ := c.self["commitId"].(string)
		if !reached[id] || without[id] {
			continue
		}
		short := maps.Clone(c.self)
		if message, _ := short["comment"].(string); len(message) > 100 {
			short["comment"], short["commentTruncated"] = message[:100], true
		}
		all = append(all, short)
	}
	slices.SortStableFunc(all, func(a, b object) int { return -cmp.Compare(committed(a), committed(b)) })
	list(w, cut(all, number(r, "searchCriteria.$skip", 0), min(number(r, "searchCriteria.$top", 100), 100)))
}

func committed(c object) string {
	who, _ := c["committer"].(object)
	at, _ := who["date"].(string)
	return at
}

func (s *Server) commit(w http.ResponseWriter, r *http.Request, of *repo) {
	for _, c := range of.commits {
		if c.self["commitId"] == r.PathValue("id") {
			answer(w, c.self)
			return
		}
	}
	refuse(w, http.StatusNotFound, "GitUnresolvableToCommitException")
}
