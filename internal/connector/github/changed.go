package github

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/go-github/v74/github"
	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	// overlap is how far a question reaches back behind what was read: stamps
	// are whole seconds, and whether since includes its own second is not
	// documented.
	overlap = time.Second
	// lag is how much later than its stamp a change may show: at the end of a
	// reading the next one begins that much earlier.
	lag = time.Minute
	// unsettled is how long after a stamp the record may change again without
	// a new stamp.
	unsettled = 2 * time.Second
	// disorder is how far stamps may run backwards within a page. More means
	// that the vendor did not sort as asked, and then nothing may be concluded.
	disorder = time.Minute
	// batch is how many records with parts are handed over at once. Each costs
	// some requests, and one that fails costs the batch.
	batch = 20
	// together is how many records' parts are asked for at the same time. More
	// would run into GitHub's secondary limits.
	together = 4
)

// reading is one call of Read.
type reading struct {
	*Connector

	ctx     context.Context //nolint:containedctx // a reading lives as long as one call
	place   place
	stream  rampforge.Stream
	cursor  connector.Cursor
	yield   func(connector.Page, error) bool
	stopped bool
}

// page hands a page over and reports whether more is wanted.
func (r *reading) page(records []rampforge.Record, next any) bool {
	raw, err := json.Marshal(next)
	if err != nil {
		r.stopped = true
		r.yield(connector.Page{}, malformed("cursor"))
		return false
	}
	r.stopped = !r.yield(connector.Page{Records: records, Next: raw}, nil)
	return !r.stopped
}

// restore reads the cursor; one that cannot be read is an error rather than a
// silent beginning from the start.
func (r *reading) restore(to any) error {
	if len(r.cursor) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.cursor, to); err != nil {
		return connector.Errorf(connector.ReasonUnsupported, "Where the last reading stood cannot be understood.", "Sync the service again from the beginning.", nil)
	}
	return nil
}

// changedCursor is where a reading by time of change stands. Pages are not
// counted: every question begins at Since anew, so records that change while
// they are read move to the end and push nothing past a page's boundary. Only
// where one second fills more than a page, Query leads through it.
type changedCursor struct {
	Since time.Time `json:"since,omitzero"`
	Query string    `json:"query,omitempty"`
	// News says that a page behind the first of this Since brought something:
	// then the pages are gone through again, because what changed meanwhile may
	// have drawn a record from a later page to an earlier one.
	News bool `json:"news,omitempty"`
	// Seen is what was read at Since or later, and a lag before, with the second
	// of its stamp.
	Seen map[string]int64 `json:"seen,omitempty"`
}

// head is what the list of issues says of an issue or pull request.
type head struct {
	ID          int64             `json:"id"`
	Number      int               `json:"number"`
	Comments    int               `json:"comments"`
	UpdatedAt   *github.Timestamp `json:"updated_at"`
	PullRequest json.RawMessage   `json:"pull_request"`

	raw json.RawMessage
}

func (h head) key() string { return strconv.FormatInt(h.ID, 10) }

func (h head) pull() bool { return len(h.PullRequest) > 0 && string(h.PullRequest) != "null" }

// changed reads issues or pull requests in the order of their change. Both come
// from the list of issues, which alone can be asked for what changed since.
func (r *reading) changed() error {
	cur := changedCursor{}
	if err := r.restore(&cur); err != nil {
		return err
	}
	if cur.Seen == nil {
		cur.Seen = map[string]int64{}
	}
	size := perPage
	for stale := 0; ; {
		res, heads, err := r.heads(cur, size)
		if connector.Reason(err) == connector.ReasonTooLarge && size > 1 {
			size, cur.Query = size/5, ""
			continue
		}
		if err != nil {
			return err
		}
		fresh := cur.fresh(heads)
		if stale++; len(fresh) > 0 {
			stale = 0
		}
		if stale > 2*len(cur.Seen)+maxStale || res.next != "" && res.next == cur.Query {
			return malformed("pages that do not end")
		}
		done, err := r.batches(&cur, heads, fresh, res)
		if err != nil || done {
			return err
		}
	}
}

// batches hands over what is fresh of a page, and moves the cursor: within the
// page by what was seen, at its end behind it. It reports whether that was the
// last page.
func (r *reading) batches(cur *changedCursor, heads, fresh []head, res response) (bool, error) {
	now := r.vendorTime(res.header)
	for rest := fresh; len(rest) > 0; {
		part := rest[:min(batch, len(rest))]
		rest = rest[len(part):]
		records, err := r.fetch(part)
		if err != nil {
			return false, err
		}
		for _, h := range part {
			cur.Seen[h.key()] = h.UpdatedAt.Unix()
		}
		if len(rest) == 0 {
			done := cur.step(heads, true, res.next, r.lag())
			return !r.page(records, cur.settled(now)) || done, nil
		}
		if len(records) > 0 && !r.page(records, cur.settled(now)) {
			return true, nil
		}
	}
	return cur.step(heads, false, res.next, r.lag()), nil
}

func (r *reading) lag() time.Duration {
	if r.tools != nil {
		return searchLag
	}
	return lag
}

// heads reads one page of the list of issues.
func (r *reading) heads(cur changedCursor, size int) (response, []head, error) {
	query := url.Values{"state": {"all"}, "sort": {"updated"}, "direction": {"asc"}}
	if !cur.Since.IsZero() {
		query.Set("since", cur.Since.UTC().Format(time.RFC3339))
	}
	encoded := withPerPage(query, size).Encode()
	if cur.Query != "" {
		encoded = cur.Query
	}
	path := r.place.path("issues")
	if r.tools != nil && r.stream == rampforge.StreamPullRequests {
		path = r.place.path("pulls") // tools have each for itself
	}
	res, items, err := r.Connector.page(r.ctx, listing{path: path}, encoded, "")
	if err != nil {
		return res, nil, err
	}
	heads := make([]head, len(items))
	for i, it := range items {
		if err := decode(it.raw, &heads[i]); err != nil {
			return res, nil, err
		}
		heads[i].raw = it.raw
		if heads[i].ID == 0 || heads[i].Number == 0 || timeOf(heads[i].UpdatedAt).IsZero() {
			return res, nil, malformed("issue")
		}
		if i > 0 && heads[i].UpdatedAt.Before(heads[i-1].UpdatedAt.Add(-disorder)) {
			return res, nil, malformed("order of issues")
		}
	}
	return res, heads, nil
}

// fresh returns what has not been read with this stamp.
func (cur *changedCursor) fresh(heads []head) []head {
	var out []head
	page := map[string]bool{}
	for _, h := range heads {
		if read, ok := cur.Seen[h.key()]; (!ok || read != h.UpdatedAt.Unix()) && !page[h.key()] {
			page[h.key()] = true
			out = append(out, h)
		}
	}
	return out
}

// step moves the cursor behind a page and reports whether it was the last.
func (cur *changedCursor) step(heads []head, fresh bool, next string, lag time.Duration) bool {
	cur.News = cur.News || cur.Query != "" && fresh
	floor := cur.Since
	if len(heads) > 0 {
		floor = timeOf(heads[len(heads)-1].UpdatedAt).Add(-overlap)
	}
	switch {
	case next != "" && !floor.After(cur.Since):
		cur.Query = next
		return false
	case cur.News:
		cur.Query, cur.News = "", false
		return false
	}
	cur.Query = ""
	if floor.After(cur.Since) {
		maps.DeleteFunc(cur.Seen, func(_ string, at int64) bool { return at < floor.Add(-lag).Unix() })
		if cur.Since = floor; next == "" {
			cur.Since = floor.Add(-lag)
		}
	}
	return next == ""
}

// settled is the cursor to keep: without records so new that they may still
// change in the second of their stamp, which the next reading takes once more.
func (cur *changedCursor) settled(now time.Time) changedCursor {
	out := *cur
	out.Seen = map[string]int64{}
	for id, at := range cur.Seen {
		if at < now.Add(-unsettled).Unix() {
			out.Seen[id] = at
		}
	}
	return out
}

// fetch reads the parts of the heads that belong to the stream, a few at a
// time, and keeps their order.
func (r *reading) fetch(heads []head) ([]rampforge.Record, error) {
	var mine []head
	for _, h := range heads {
		if h.pull() == (r.stream == rampforge.StreamPullRequests) {
			mine = append(mine, h)
		}
	}
	return r.records(len(mine), func(c *reading, i int) (any, error) {
		if r.stream == rampforge.StreamPullRequests {
			return c.pull(mine[i])
		}
		return c.issue(mine[i])
	})
}

// records makes n records from what part returns for each; nil is a record
// that has disappeared meanwhile.
func (r *reading) records(n int, part func(*reading, int) (any, error)) ([]rampforge.Record, error) {
	found := make([]*rampforge.Record, n)
	group, ctx := errgroup.WithContext(r.ctx)
	group.SetLimit(together)
	inner := *r
	inner.ctx = ctx
	for i := range n {
		group.Go(func() error {
			parts, err := part(&inner, i)
			if err != nil || parts == nil {
				return err
			}
			raw, err := encode(parts)
			if err != nil {
				return err
			}
			record, err := Normalise(r.stream, r.place.id, raw)
			found[i] = &record
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	records := make([]rampforge.Record, 0, n)
	for _, record := range found {
		if record != nil {
			records = append(records, *record)
		}
	}
	return records, nil
}

// issue reads the events and comments of an issue.
func (r *reading) issue(h head) (any, error) {
	path := r.place.path("issues", strconv.Itoa(h.Number))
	out := issueParts{Issue: h.raw, Comments: []json.RawMessage{}}
	var err error
	out.Events, out.Incomplete, err = r.all(r.ctx, path+"/events")
	if connector.Reason(err) == connector.ReasonUnsupported { // no tool tells them
		out.Events, out.Incomplete, err = []json.RawMessage{}, true, nil
	}
	if err == nil && h.Comments > 0 {
		out.Comments, _, err = r.all(r.ctx, path+"/comments")
	}
	return r.orGone(out, path, err)
}

// pull reads a pull request and everything on it.
func (r *reading) pull(h head) (any, error) {
	path := r.place.path("pulls", strconv.Itoa(h.Number))
	issue := r.place.path("issues", strconv.Itoa(h.Number))
	res, err := r.get(r.ctx, path, nil, "")
	if err != nil {
		return r.orGone(nil, path, err)
	}
	if r.tools != nil {
		if res.body, err = r.tools.whole(r.ctx, h.raw, res.body); err != nil {
			return nil, err
		}
	}
	var counts struct {
		Comments       int  `json:"comments"`
		ReviewComments *int `json:"review_comments"`
	}
	if err := decode(res.body, &counts); err != nil {
		return nil, err
	}
	none := []json.RawMessage{}
	out := pullParts{Pull: res.body, Comments: none, ReviewComments: none}
	for _, part := range []struct {
		path string
		to   *[]json.RawMessage
		skip bool
	}{
		{path + "/reviews", &out.Reviews, false},
		{path + "/comments", &out.ReviewComments, counts.ReviewComments != nil && *counts.ReviewComments == 0},
		{path + "/commits", &out.Commits, false},
		{issue + "/comments", &out.Comments, counts.Comments == 0 && h.Comments == 0},
		{issue + "/events", &out.Events, false},
	} {
		if part.skip {
			continue
		}
		*part.to, _, err = r.all(r.ctx, part.path)
		if status(err) == http.StatusGone || connector.Reason(err) == connector.ReasonUnsupported {
			*part.to = none // issues are switched off, and with them this part; or no tool tells it
		} else if err != nil {
			return r.orGone(nil, path, err)
		}
	}
	return out, nil
}

// orGone returns parts, or nil when the record at path has disappeared.
func (r *reading) orGone(parts any, path string, err error) (any, error) {
	if err == nil {
		return parts, nil
	}
	_, err = r.gone(r.ctx, r.place, path, err)
	return nil, err
}

// emptyRepository reports whether an error is GitHub's way to say that a
// repository has no commits.
func emptyRepository(err error) bool { return status(err) == http.StatusConflict }
