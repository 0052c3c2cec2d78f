package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

const (
	// maxFound is how many results of a search GitHub lets be seen.
	maxFound = 1000
	// known is how long a list of all repositories answers for one that is not
	// in it.
	known = time.Minute
)

// firstRepository is when GitHub began: nothing is older.
var firstRepository = time.Date(2007, time.October, 1, 0, 0, 0, 0, time.UTC)

// repository is one that the token sees.
type repository struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`

	raw json.RawMessage
}

// found is a page of what a search brought.
type found struct {
	Total      int               `json:"total_count"`
	Incomplete bool              `json:"incomplete_results"`
	Items      []json.RawMessage `json:"items"`
}

// search calls a tool that searches. A search that GitHub gave up on the way
// proves nothing about what it did not find, so it is an error.
func (t *tools) search(ctx context.Context, sig mcpclient.Signature, args map[string]any) (found, error) {
	var out found
	body, err := t.call(ctx, args, sig)
	if err != nil {
		return out, err
	}
	if err := decode(body, &out); err != nil {
		return out, err
	}
	if out.Incomplete {
		return out, connector.Errorf(connector.ReasonVendor, "GitHub gave a search up before it was complete.", "Try again later.", nil)
	}
	return out, nil
}

// call calls a tool whose answer is JSON.
func (t *tools) call(ctx context.Context, args map[string]any, signatures ...mcpclient.Signature) (json.RawMessage, error) {
	res, err := t.session.Call(ctx, args, signatures...)
	if err != nil {
		return nil, err
	}
	if res.JSON == nil {
		return nil, malformed(signatures[0].Name)
	}
	return res.JSON, nil
}

// repositories answers for the list of the token's repositories: those of its
// user and of the organisations that get_teams tells of.
func (t *tools) repositories(r *http.Request) (mcpclient.Answer, error) {
	all, err := t.list(r.Context(), true)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	raws := make([]json.RawMessage, 0, len(all))
	for _, repo := range all {
		raws = append(raws, repo.raw)
	}
	return answered(raws, "")
}

// list returns all repositories, the oldest first. Unless anew is set, a list
// of a moment ago will do.
func (t *tools) list(ctx context.Context, anew bool) ([]repository, error) {
	t.listing.Lock()
	defer t.listing.Unlock()
	if !anew && t.now().Sub(t.listed) < known {
		return t.all, nil
	}
	owners, err := t.owners(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[int64]repository{}
	for _, owner := range owners {
		if err := t.owned(ctx, owner, firstRepository, t.now().UTC().AddDate(0, 0, 1), byID); err != nil {
			return nil, err
		}
	}
	all := make([]repository, 0, len(byID))
	for _, repo := range byID {
		all = append(all, repo)
	}
	slices.SortFunc(all, func(a, b repository) int { return cmp.Compare(a.ID, b.ID) })
	t.all, t.listed = all, t.now()
	return all, nil
}

// owners returns the qualifiers of a search for what the token's user may have.
func (t *tools) owners(ctx context.Context) ([]string, error) {
	var me struct {
		Login string `json:"login"`
	}
	body, err := t.call(ctx, nil, sigMe)
	if err != nil {
		return nil, err
	}
	if err := decode(body, &me); err != nil {
		return nil, err
	}
	if me.Login == "" {
		return nil, malformed("user")
	}
	owners := []string{"user:" + me.Login}
	var orgs []struct {
		Org string `json:"org"`
	}
	res, err := t.session.Call(ctx, nil, sigTeams)
	switch {
	case connector.Absent(err), connector.Reason(err) == connector.ReasonUnsupported:
		return owners, nil // a token that may not read organisations
	case err != nil:
		return nil, err
	}
	if res.JSON != nil { // none at all is the word null
		if err := decode(res.JSON, &orgs); err != nil {
			return nil, err
		}
	}
	for _, o := range orgs {
		if o.Org != "" {
			owners = append(owners, "org:"+o.Org)
		}
	}
	return owners, nil
}

// owned adds the repositories of an owner that were made in a span of time.
// Where they are more than a search shows, each half is asked for.
func (t *tools) owned(ctx context.Context, owner string, from, to time.Time, byID map[int64]repository) error {
	query := fmt.Sprintf("%s fork:true created:%s..%s", owner, from.Format(time.RFC3339), to.Format(time.RFC3339))
	for page, seen := 1, 0; ; page++ {
		res, err := t.search(ctx, sigRepos, map[string]any{"query": query, "page": page, "perPage": perPage, "minimal_output": false})
		if err != nil {
			return err
		}
		if half := to.Sub(from) / 2; res.Total > maxFound && half >= time.Second {
			middle := from.Add(half).Truncate(time.Second)
			if err := t.owned(ctx, owner, from, middle, byID); err != nil {
				return err
			}
			return t.owned(ctx, owner, middle.Add(time.Second), to, byID)
		}
		if err := t.learn(res.Items, byID); err != nil {
			return err
		}
		if seen += len(res.Items); len(res.Items) == 0 || seen >= min(res.Total, maxFound) {
			return nil
		}
	}
}

// learn remembers what repositories are called.
func (t *tools) learn(items []json.RawMessage, byID map[int64]repository) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, raw := range items {
		repo := repository{raw: raw}
		if err := decode(raw, &repo); err != nil {
			return err
		}
		if repo.ID == 0 || repo.FullName == "" {
			return malformed("repository")
		}
		byID[repo.ID] = repo
		t.names[number(repo.ID)] = repo.FullName
	}
	return nil
}

// knows remembers what a repository was called when it was chosen, unless a
// later name is known.
func (t *tools) knows(id, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.names[id]; !ok && strings.Count(key, "/") == 1 && !strings.ContainsAny(key, " \"") {
		t.names[id] = key
	}
}

// repository answers for a repository by its id. No tool takes an id: what is
// found under the last name counts if it has the id, and else all are listed.
func (t *tools) repository(r *http.Request) (mcpclient.Answer, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return mcpclient.Answer{}, malformed("repository")
	}
	t.mu.Lock()
	name := t.names[number(id)]
	t.mu.Unlock()
	byID := map[int64]repository{}
	if name != "" {
		res, err := t.search(r.Context(), sigRepos, map[string]any{"query": "repo:" + name + " fork:true", "page": 1, "perPage": perPage, "minimal_output": false})
		if err == nil {
			err = t.learn(res.Items, byID)
		}
		// A name that is nobody's any more makes the query invalid.
		if err != nil && !connector.Absent(err) && mcpclient.Status(err) != http.StatusUnprocessableEntity {
			return mcpclient.Answer{}, err
		}
	}
	repo, ok := byID[id]
	for _, anew := range []bool{false, true} {
		if ok {
			break
		}
		all, err := t.list(r.Context(), anew)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		i := slices.IndexFunc(all, func(repo repository) bool { return repo.ID == id })
		if i < 0 {
			return mcpclient.Answer{}, connector.Errorf(connector.ReasonNotFound, "The MCP server's search does not find the repository.",
				"Check that the repository is there, and that it belongs to the token's user or to one of the user's organisations.", nil)
		}
		repo = all[i]
		ok = repo.FullName != name // else the list is older than the repository's present name
	}
	return mcpclient.Answer{JSON: repo.raw}, nil
}

// answered is a page of records. next is the query of the page after it.
func answered(raws []json.RawMessage, next string) (mcpclient.Answer, error) {
	if raws == nil {
		raws = []json.RawMessage{}
	}
	body, err := encode(raws)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	out := mcpclient.Answer{JSON: body}
	if next != "" {
		out.Header = http.Header{"Link": {"<" + toolsBase + "?" + next + `>; rel="next"`}}
	}
	return out, nil
}
