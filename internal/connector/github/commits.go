package github

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// commitsCursor is where a reading of the default branch stands. It goes by
// hashes and not by time: a merge brings commits that are older than what was
// read before, and a question by time would never see them. A list from a
// hash, and the difference of two, never change, so their pages never shift.
type commitsCursor struct {
	Done  string `json:"done,omitempty"`  // everything up to here has been read
	Head  string `json:"head,omitempty"`  // what is being read …
	Base  string `json:"base,omitempty"`  // … behind this; "" is from the root
	Query string `json:"query,omitempty"` // of the next page
}

// hash is what a commit's name looks like. It becomes part of an address.
var hash = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// commits reads the default branch.
func (r *reading) commits() error {
	cur := commitsCursor{}
	if err := r.restore(&cur); err != nil {
		return err
	}
	resumed := cur.Head != ""
	for {
		if cur.Head == "" {
			tip, err := r.tip()
			if err != nil || tip == "" || tip == cur.Done {
				return err
			}
			cur = commitsCursor{Done: cur.Done, Head: tip, Base: cur.Done}
		}
		res, items, err := r.commitPage(cur)
		switch {
		case err != nil && cur.Base != "" && unusable(err):
			cur.Base, cur.Query = "", "" // the branch was rewritten: read it from the root
			continue
		case err != nil && resumed && unusable(err):
			cur, resumed = commitsCursor{}, false
			continue
		case err != nil:
			return err
		case res.next != "" && res.next == cur.Query:
			return malformed("pages that do not end")
		}
		records, err := r.records(len(items), func(_ *reading, i int) (any, error) { return commitParts{Commit: items[i].raw}, nil })
		if err != nil {
			return err
		}
		if cur.Query = res.next; cur.Query == "" {
			cur = commitsCursor{Done: cur.Head}
		}
		if !r.page(records, cur) || cur.Done != "" && cur.Head == "" {
			return nil
		}
	}
}

// unusable says that hashes of a cursor can no longer be compared or listed.
func unusable(err error) bool {
	code := status(err)
	return code == http.StatusNotFound || code == http.StatusUnprocessableEntity || connector.Reason(err) == connector.ReasonTooLarge
}

// tip returns the newest commit of the default branch, "" when there is none.
func (r *reading) tip() (string, error) {
	query := withPerPage(url.Values{}, 1)
	if r.place.branch != "" {
		query.Set("sha", r.place.branch)
	}
	_, items, err := r.Connector.page(r.ctx, listing{path: r.place.path("commits")}, query.Encode(), "")
	if emptyRepository(err) || err == nil && len(items) == 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !hash.MatchString(items[0].id) {
		return "", malformed("commit")
	}
	return items[0].id, nil
}

func (r *reading) commitPage(cur commitsCursor) (response, []item, error) {
	if !hash.MatchString(cur.Head) || cur.Base != "" && !hash.MatchString(cur.Base) {
		return response{}, nil, malformed("commit")
	}
	l := listing{path: r.place.path("commits")}
	query := withPerPage(url.Values{}, perPage)
	if cur.Base != "" {
		l = listing{path: r.place.path("compare", cur.Base+"..."+cur.Head), field: "commits"}
	} else {
		query.Set("sha", cur.Head)
	}
	encoded := query.Encode()
	if cur.Query != "" {
		encoded = cur.Query
	}
	return r.Connector.page(r.ctx, l, encoded, "")
}
