package githubtest

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Reader is the login of the token's user, and Organisation the only one that
// the user belongs to.
const (
	Reader       = "reader"
	Organisation = "acme"
)

// maxFound is how many results of a search can be seen.
const maxFound = 1000

// nodeID is a global id in the form that GitHub gives to new records.
func nodeID(prefix string, repo, id int64) string {
	packed := []byte{0x93, 0x00}
	for _, n := range []int64{repo, id} {
		packed = binary.BigEndian.AppendUint32(append(packed, 0xce), uint32(n))
	}
	return prefix + "_" + base64.RawURLEncoding.EncodeToString(packed)
}

// terms are the qualifiers of a search: name:value, the same one several times.
type terms map[string][]string

func termsOf(query string) terms {
	out := terms{}
	for word := range strings.FieldsSeq(query) {
		name, value, _ := strings.Cut(word, ":")
		out[name] = append(out[name], value)
	}
	return out
}

// holds reports whether a time lies in the span of a qualifier, which is
// >=TIME or TIME..TIME; without one it does.
func (t terms) holds(name string, at time.Time) bool {
	at = at.UTC().Truncate(time.Second)
	for _, span := range t[name] {
		from, to, both := strings.Cut(strings.TrimPrefix(span, ">="), "..")
		begin, err := time.Parse(time.RFC3339, from)
		if err != nil || at.Before(begin) {
			return false
		}
		if end, err := time.Parse(time.RFC3339, to); both && (err != nil || at.After(end)) {
			return false
		}
	}
	return true
}

// search answers for a place below /search.
func (s *Server) search(r *http.Request, what string) answer {
	query := r.URL.Query()
	t := termsOf(query.Get("q"))
	var all []any
	switch what {
	case "repositories":
		found, ok := s.searchRepositories(t)
		if !ok {
			return unsearched()
		}
		all = found
	case "issues":
		found, ok := s.searchIssues(t, query)
		if !ok {
			return unsearched()
		}
		all = found
	case "users":
		for _, u := range s.users {
			if slices.Contains(t["user"], u.login) && (u.kind == "User" || !slices.Contains(t["type"], "user")) {
				all = append(all, u.json())
			}
		}
	default:
		return message(http.StatusNotFound, "Not Found")
	}
	page, _ := strconv.Atoi(query.Get("page"))
	size, _ := strconv.Atoi(query.Get("per_page"))
	if page > 1 && (page-1)*size >= maxFound {
		return message(http.StatusUnprocessableEntity, "Only the first 1000 search results are available")
	}
	a := s.page(r, r.URL.Path, all, "items")
	if body, ok := a.body.(object); ok {
		body["incomplete_results"] = s.hasty
	}
	return a
}

func unsearched() answer {
	a := message(http.StatusUnprocessableEntity, "Validation Failed")
	a.body = object{"message": "Validation Failed", "documentation_url": "https://docs.github.com/v3/search/", "errors": []any{object{
		"message":  "The listed users and repositories cannot be searched either because the resources do not exist or you do not have permission to view them.",
		"resource": "Search", "field": "q", "code": "invalid",
	}}}
	return a
}

func (s *Server) searchRepositories(t terms) ([]any, bool) {
	owners := slices.Concat(t["user"], t["org"])
	var all []any
	for _, repo := range s.repos {
		owner, _, _ := strings.Cut(repo.name, "/")
		if (slices.Contains(owners, owner) || slices.Contains(t["repo"], repo.name)) && t.holds("created", s.options.Begin) {
			all = append(all, s.repoJSON(repo))
		}
	}
	return all, len(all) > 0 || len(t["repo"]) == 0
}

func (s *Server) searchIssues(t terms, query url.Values) ([]any, bool) {
	i := slices.IndexFunc(s.repos, func(r *repo) bool { return slices.Contains(t["repo"], r.name) })
	if i < 0 {
		return nil, false
	}
	order := query.Get("order")
	if s.turned {
		order = map[string]string{"asc": "desc"}[order]
	}
	var all []any
	for _, issue := range sorted(s.repos[i].issues, url.Values{"state": {"all"}, "sort": {query.Get("sort")}, "direction": {order}}) {
		if slices.Contains(t["is"], "pr") == (issue.pullID != 0) && t.holds("updated", issue.updated) && t.holds("created", issue.created) {
			all = append(all, s.issueJSON(s.repos[i], issue))
		}
	}
	return all, true
}
