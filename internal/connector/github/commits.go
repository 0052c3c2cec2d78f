package github

import (
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// commitsCursor is where a reading of the default branch stands. It goes by
// hashes and not by time: a merge brings commits that are older than what was
// read before, and a question by time would never see them. A list from a
// hash, and the difference of two, never change, so their pages never shift.
//
// No tool of an MCP server compares two hashes. There, what is behind the last
// head is listed as far back as merges mostly reach, and now and then whole.
type commitsCursor struct {
	Done  string    `json:"done,omitempty"`  // everything up to here has been read
	Head  string    `json:"head,omitempty"`  // what is being read …
	Base  string    `json:"base,omitempty"`  // … behind this; "" is from the root
	Query string    `json:"query,omitempty"` // of the next page
	At    time.Time `json:"at,omitzero"`     // by tools: the stamp of Head, or of Done
	From  time.Time `json:"from,omitzero"`   // by tools: older is not listed behind Base
	Whole time.Time `json:"whole,omitzero"`  // by tools: when all was last listed
}

const (
	// reach is how much older than the last head a commit may be that a merge
	// brings and that the next listing by tools finds.
	reach = 30 * 24 * time.Hour
	// wholeEvery is how often a listing by tools goes back to the root, for
	// what merges brought that was older.
	wholeEvery = 7 * 24 * time.Hour
)

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
			tip, at, err := r.tip()
			if err != nil || tip == "" || tip == cur.Done {
				return err
			}
			cur = cur.begun(tip, at, r.tools != nil, r.now())
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
			cur = commitsCursor{Done: cur.Head, At: cur.At, Whole: cur.Whole}
		}
		if !r.page(records, cur) || cur.Done != "" && cur.Head == "" {
			return nil
		}
	}
}

// begun is the cursor in front of everything behind the last head.
func (cur commitsCursor) begun(tip string, at time.Time, tools bool, now time.Time) commitsCursor {
	out := commitsCursor{Done: cur.Done, Head: tip, Base: cur.Done}
	if !tools {
		return out
	}
	out.At, out.Whole = at, cur.Whole
	if cur.At.IsZero() || now.Sub(cur.Whole) >= wholeEvery {
		out.Base, out.Whole = "", now.UTC()
		return out
	}
	out.From = cur.At.Add(-reach)
	return out
}

// unusable says that hashes of a cursor can no longer be compared or listed.
func unusable(err error) bool {
	code := status(err)
	return code == http.StatusNotFound || code == http.StatusUnprocessableEntity || connector.Reason(err) == connector.ReasonTooLarge
}

// tip returns the newest commit of the default branch, "" when there is none,
// and when it was made.
func (r *reading) tip() (string, time.Time, error) {
	query := withPerPage(url.Values{}, 1)
	if r.place.branch != "" {
		query.Set("sha", r.place.branch)
	}
	_, items, err := r.Connector.page(r.ctx, listing{path: r.place.path("commits")}, query.Encode(), "")
	if emptyRepository(err) || err == nil && len(items) == 0 {
		return "", time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, err
	}
	if !hash.MatchString(items[0].id) {
		return "", time.Time{}, malformed("commit")
	}
	var made struct {
		Commit struct {
			Committer *wireSignature `json:"committer"`
		} `json:"commit"`
	}
	if err := decode(items[0].raw, &made); err != nil {
		return "", time.Time{}, err
	}
	return items[0].id, stamp(made.Commit.Committer), nil
}

func (r *reading) commitPage(cur commitsCursor) (response, []item, error) {
	if !hash.MatchString(cur.Head) || cur.Base != "" && !hash.MatchString(cur.Base) {
		return response{}, nil, malformed("commit")
	}
	l := listing{path: r.place.path("commits")}
	query := withPerPage(url.Values{}, perPage)
	switch {
	case r.tools != nil:
		query.Set("sha", cur.Head)
		if cur.Base != "" && !cur.From.IsZero() {
			query.Set("since", cur.From.UTC().Format(time.RFC3339))
		}
	case cur.Base != "":
		l = listing{path: r.place.path("compare", cur.Base+"..."+cur.Head), field: "commits"}
	default:
		query.Set("sha", cur.Head)
	}
	encoded := query.Encode()
	if cur.Query != "" {
		encoded = cur.Query
	}
	return r.Connector.page(r.ctx, l, encoded, "")
}
