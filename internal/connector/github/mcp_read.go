package github

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// asked is what a request for a page asks for.
type asked struct {
	owner, repo string
	number      int
	page, size  int
	query       url.Values
}

func asks(r *http.Request) asked {
	query := r.URL.Query()
	number := func(text string, or int) int {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			return n
		}
		return or
	}
	return asked{
		owner: r.PathValue("owner"), repo: r.PathValue("repo"), number: number(r.PathValue("number"), 0),
		page: number(query.Get("page"), 1), size: number(query.Get("per_page"), perPage), query: query,
	}
}

// args are the arguments that tools about a repository share.
func (a asked) args(more map[string]any) map[string]any {
	args := map[string]any{"owner": a.owner, "repo": a.repo, "page": a.page, "perPage": a.size}
	maps.Copy(args, more)
	return args
}

// after is the query of the page behind this one.
func (a asked) after(more map[string]string) string {
	query := maps.Clone(a.query)
	query.Set("page", strconv.Itoa(a.page+1))
	for name, value := range more {
		query.Set(name, value)
	}
	return query.Encode()
}

// array calls a tool that answers with one page of an array, of which only its
// length says whether it is the last.
func (t *tools) array(r *http.Request, more map[string]any, accounts []string, signatures ...mcpclient.Signature) (mcpclient.Answer, error) {
	a := asks(r)
	body, err := t.call(r.Context(), a.args(more), signatures...)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var raws []json.RawMessage
	if err := decode(body, &raws); err != nil {
		return mcpclient.Answer{}, err
	}
	next := ""
	if len(raws) >= a.size {
		next = a.after(nil)
	}
	if raws, err = t.known(raws, accounts...); err != nil {
		return mcpclient.Answer{}, err
	}
	return answered(raws, next)
}

// issues answers for a list of issues. No tool lists them with their ids and
// accounts but the search, which has them as the API does.
func (t *tools) issues(r *http.Request) (mcpclient.Answer, error) {
	return t.searched(r, sigIssues, "is:issue", t.asIssue)
}

// pulls answers for a list of pull requests, as the API's list of issues has
// them: since included, which its list of pull requests has not.
func (t *tools) pulls(r *http.Request) (mcpclient.Answer, error) {
	return t.searched(r, sigPulls, "is:pr", t.asPull)
}

// searched answers for a page of a search in a repository, by update or by
// creation. By creation, the page behind one begins where that ended: such
// pages do not shift, and lead past the most that a search shows.
func (t *tools) searched(r *http.Request, sig mcpclient.Signature, kind string, as func(asked, json.RawMessage) (json.RawMessage, error)) (mcpclient.Answer, error) {
	a := asks(r)
	sort, from := "updated", a.query.Get("since")
	if a.query.Get("sort") != sort {
		sort, from = "created", a.query.Get("from")
	}
	query := "repo:" + a.owner + "/" + a.repo + " " + kind
	if from != "" {
		query += " " + sort + ":>=" + from
	}
	if a.page > 1 && (a.page-1)*a.size >= maxFound {
		return mcpclient.Answer{}, connector.Errorf(connector.ReasonUnsupported, "More issues or pull requests have the stamp of one second than GitHub's search shows.",
			"Use the vendor's own API (transport rest) to read this repository.", nil)
	}
	args := map[string]any{"query": query, "sort": sort, "order": "asc", "page": a.page}
	res, err := t.halved(r.Context(), sig, args, a)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	raws := make([]json.RawMessage, 0, len(res.Items))
	last := ""
	for _, raw := range res.Items {
		var stamps struct {
			CreatedAt *github.Timestamp `json:"created_at"`
		}
		if err := decode(raw, &stamps); err != nil {
			return mcpclient.Answer{}, err
		}
		last = timeOf(stamps.CreatedAt).Format(time.RFC3339)
		if raw, err = as(a, raw); err != nil {
			return mcpclient.Answer{}, err
		}
		raws = append(raws, raw)
	}
	if raws, err = t.known(raws, "user"); err != nil {
		return mcpclient.Answer{}, err
	}
	seen, _ := strconv.Atoi(a.query.Get("seen")) // no number is none
	seen += len(raws)
	switch {
	case len(raws) == 0 || seen >= res.Total:
		return answered(raws, "")
	case sort == "created" && last != from:
		return answered(raws, a.after(map[string]string{"from": last, "page": "1", "seen": "0"}))
	}
	return answered(raws, a.after(map[string]string{"seen": strconv.Itoa(seen)}))
}

// halved searches for fewer at once where texts are so long that a message
// cannot hold a page of them. Only a first page may be cut.
func (t *tools) halved(ctx context.Context, sig mcpclient.Signature, args map[string]any, a asked) (found, error) {
	for size := a.size; ; size /= 5 {
		args["perPage"] = size
		res, err := t.search(ctx, sig, args)
		if connector.Reason(err) != connector.ReasonTooLarge || size < 5 || a.page > 1 || a.query.Get("sort") == "updated" {
			return res, err
		}
	}
}

// asIssue checks that a result of a search is of the repository.
func (t *tools) asIssue(a asked, raw json.RawMessage) (json.RawMessage, error) {
	var issue struct {
		RepositoryURL string `json:"repository_url"`
	}
	if err := decode(raw, &issue); err != nil {
		return nil, err
	}
	if _, name, ok := strings.Cut(issue.RepositoryURL, "/repos/"); !ok || !strings.EqualFold(name, a.owner+"/"+a.repo) {
		return nil, malformed("search")
	}
	return raw, nil
}

// asPull gives a pull request its own id. A search has it as an issue, whose
// id is another; the pull request's is in its global one.
func (t *tools) asPull(a asked, raw json.RawMessage) (json.RawMessage, error) {
	if _, err := t.asIssue(a, raw); err != nil {
		return nil, err
	}
	pull, err := members(raw)
	if err != nil {
		return nil, err
	}
	var node string
	if err := decode(pull["node_id"], &node); err != nil {
		return nil, err
	}
	id, repo := globalID(node, "PR", "PullRequest")
	t.mu.Lock()
	name := t.names[number(repo)]
	t.mu.Unlock()
	if id == 0 || repo != 0 && !strings.EqualFold(name, a.owner+"/"+a.repo) {
		return nil, connector.Errorf(connector.ReasonUnsupported, "The MCP server does not tell the ids of pull requests.", "Use the vendor's own API (transport rest) to read pull requests.", nil)
	}
	if pull["id"], err = encode(id); err != nil {
		return nil, err
	}
	return encode(pull)
}

// issue answers for whether an issue is there.
func (t *tools) issue(r *http.Request) (mcpclient.Answer, error) {
	a := asks(r)
	body, err := t.call(r.Context(), a.args(map[string]any{"issue_number": a.number}), sigIssue)
	return mcpclient.Answer{JSON: body}, err
}

func (t *tools) comments(r *http.Request) (mcpclient.Answer, error) {
	number := asks(r).number
	return t.array(r, map[string]any{"issue_number": number, "pullNumber": number}, []string{"user"}, sigComments, sigOnPull)
}

func (t *tools) reviews(r *http.Request) (mcpclient.Answer, error) {
	return t.array(r, map[string]any{"pullNumber": asks(r).number}, []string{"user"}, sigReviews)
}

func (t *tools) commits(r *http.Request) (mcpclient.Answer, error) {
	query := r.URL.Query()
	more := map[string]any{}
	for _, name := range []string{"sha", "since"} {
		if v := query.Get(name); v != "" {
			more[name] = v
		}
	}
	return t.array(r, more, []string{"author", "committer"}, sigCommits)
}

// runsPerPage is how many runs come at once, whether or not a server minds the
// argument: 1.9.0 defines per_page and reads perPage, and gives its default.
const runsPerPage = 30

// runs answers for a page of the runs of workflows, which the tool has as the
// API does.
func (t *tools) runs(r *http.Request) (mcpclient.Answer, error) {
	a := asks(r)
	body, err := t.call(r.Context(), map[string]any{"owner": a.owner, "repo": a.repo, "page": a.page, "per_page": runsPerPage}, sigRuns)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var page struct {
		Runs []json.RawMessage `json:"workflow_runs"`
	}
	if err := decode(body, &page); err != nil {
		return mcpclient.Answer{}, err
	}
	out := mcpclient.Answer{JSON: body}
	if page.Runs == nil { // an empty list is left out
		out.JSON = json.RawMessage(`{"workflow_runs":[]}`)
	}
	if len(page.Runs) >= runsPerPage {
		out.Header = http.Header{"Link": {"<" + toolsBase + "?" + a.after(nil) + `>; rel="next"`}}
	}
	return out, nil
}

// pullCommits gives the commits of a pull request the form of the API: the
// tool has the author's stamp and no committer's.
func (t *tools) pullCommits(r *http.Request) (mcpclient.Answer, error) {
	a := asks(r)
	body, err := t.call(r.Context(), a.args(map[string]any{"pullNumber": a.number}), sigPullCommit)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var raws []json.RawMessage
	if err := decode(body, &raws); err != nil {
		return mcpclient.Answer{}, err
	}
	next := ""
	if len(raws) >= a.size {
		next = a.after(nil)
	}
	for i, raw := range raws {
		var c struct {
			SHA     string          `json:"sha"`
			Message string          `json:"message"`
			Author  json.RawMessage `json:"author"`
			Commit  json.RawMessage `json:"commit"`
		}
		if err := decode(raw, &c); err != nil {
			return mcpclient.Answer{}, err
		}
		if c.Commit != nil {
			continue // as the API has it
		}
		commit := map[string]any{"message": c.Message}
		if c.Author != nil {
			commit["author"] = c.Author
		}
		if raws[i], err = encode(map[string]any{"sha": c.SHA, "commit": commit}); err != nil {
			return mcpclient.Answer{}, err
		}
	}
	return answered(raws, next)
}

func (t *tools) pull(r *http.Request) (mcpclient.Answer, error) {
	a := asks(r)
	body, err := t.call(r.Context(), a.args(map[string]any{"pullNumber": a.number}), sigPull)
	return mcpclient.Answer{JSON: body}, err
}

// whole joins what the search and the tool for one tell of a pull request to
// the form of the API. Texts and accounts are the search's: the tool leaves
// characters out of the ones and ids out of the others.
func (t *tools) whole(ctx context.Context, head, pull json.RawMessage) (json.RawMessage, error) {
	out, err := members(pull)
	if err != nil {
		return nil, err
	}
	if _, full := out["id"]; full {
		return pull, nil
	}
	listed, err := members(head)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"id", "node_id", "title", "body", "user", "assignees", "labels"} {
		if v, ok := listed[name]; ok {
			out[name] = v
		}
	}
	if out["requested_reviewers"], err = t.logins(ctx, out["requested_reviewers"]); err != nil {
		return nil, err
	}
	var by string
	if json.Unmarshal(out["merged_by"], &by) == nil {
		p, err := t.named(ctx, by)
		if err != nil {
			return nil, err
		}
		if out["merged_by"], err = encode(p); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"additions", "deletions", "changed_files", "comments"} {
		if out[name] == nil {
			out[name] = json.RawMessage("0") // what is nothing is left out
		}
	}
	delete(out, "milestone") // a title here, an object there
	maps.DeleteFunc(out, func(_ string, v json.RawMessage) bool { return v == nil })
	return encode(out)
}

// discussion is where a comment on code has its id.
var discussion = regexp.MustCompile(`#discussion_r([0-9]{1,19})$`)

// onCode answers for all comments on the code of a pull request at once: the
// tool has them by thread, and the first of a thread is what the others reply to.
func (t *tools) onCode(r *http.Request) (mcpclient.Answer, error) {
	a := asks(r)
	sig, err := t.session.First(r.Context(), sigThreads, sigOnCode)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	more := map[string]any{"pullNumber": a.number}
	if sig.Args[len(sig.Args)-2] == "page" {
		return t.array(r, more, []string{"user"}, sigOnCode)
	}
	var raws []json.RawMessage
	args := map[string]any{"owner": a.owner, "repo": a.repo, "pullNumber": a.number, "perPage": perPage}
	for range maxPages {
		body, err := t.call(r.Context(), args, sigThreads)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		var page threads
		if err := decode(body, &page); err != nil {
			return mcpclient.Answer{}, err
		}
		for _, thread := range page.Threads {
			part, err := t.thread(thread)
			if err != nil {
				return mcpclient.Answer{}, err
			}
			raws = append(raws, part...)
		}
		if !page.PageInfo.HasNextPage || page.PageInfo.EndCursor == "" || page.PageInfo.EndCursor == args["after"] {
			break
		}
		args["after"] = page.PageInfo.EndCursor
	}
	return answered(raws, "")
}

type threads struct {
	Threads  []thread `json:"review_threads"`
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
}

type thread struct {
	Comments []struct {
		Body      string `json:"body"`
		Path      string `json:"path"`
		Line      *int   `json:"line"`
		Author    string `json:"author"`
		CreatedAt string `json:"created_at"`
		UpdatedAt string `json:"updated_at"`
		HTMLURL   string `json:"html_url"`
	} `json:"comments"`
}

func (t *tools) thread(all thread) ([]json.RawMessage, error) {
	var out []json.RawMessage
	first := int64(0)
	for _, c := range all.Comments {
		m := discussion.FindStringSubmatch(c.HTMLURL)
		if m == nil {
			return nil, malformed("comment on code")
		}
		id, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return nil, malformed("comment on code")
		}
		comment := map[string]any{
			"id": id, "user": t.reviewer(c.Author), "body": c.Body, "path": c.Path, "line": c.Line,
			"created_at": c.CreatedAt, "updated_at": cmp.Or(c.UpdatedAt, c.CreatedAt),
		}
		if first == 0 {
			first = id
		} else {
			comment["in_reply_to_id"] = first
		}
		raw, err := encode(comment)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}
