package github

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	// perPage is the most that GitHub gives at once.
	perPage = 100
	// maxPages bounds a listing of parts, such as the events of one issue. GitHub
	// ends before it: who goes on for longer does not end at all.
	maxPages = 300
	// maxStale is how many pages in a row may bring nothing new.
	maxStale = 3
)

// response is one answer, whole. A page's next is the query of the page after
// it, "" at the end.
type response struct {
	body   []byte
	header http.Header
	next   string
	same   bool // 304: nothing has changed since the ETag that was sent
}

// get reads one answer, which is JSON.
func (c *Connector) get(ctx context.Context, path string, query url.Values, etag string) (res response, err error) {
	err = connector.Again(ctx, c.again, func(ctx context.Context) (bool, error) {
		res, err = c.ask(ctx, path, query, etag)
		if err == nil && !res.same && !json.Valid(res.body) {
			return false, malformed("JSON")
		}
		return true, err
	})
	if err != nil {
		return response{}, err
	}
	return res, nil
}

// ask reads one answer to its end. The token is set on the request, not in
// the transport, because net/http then keeps it from other hosts that a
// redirect leads to.
func (c *Connector) ask(ctx context.Context, path string, query url.Values, etag string) (response, error) {
	target := path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := c.client.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return response{}, malformed("address")
	}
	if c.tools == nil {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	var body bytes.Buffer
	res, err := c.client.Do(ctx, req, &body)
	if err != nil {
		if etag != "" && res != nil && res.StatusCode == http.StatusNotModified {
			return response{header: res.Header, same: true}, nil
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return response{}, fault(path, err, c.now())
	}
	return response{body: body.Bytes(), header: res.Header, next: nextQuery(res.Header)}, nil
}

// nextQuery returns the query of the page that a Link header calls next. Only
// the query counts: where a vendor's header points to, no token is sent.
func nextQuery(h http.Header) string {
	for link := range strings.SplitSeq(strings.Join(h.Values("Link"), ","), ",") {
		target, params, ok := strings.Cut(strings.TrimSpace(link), ";")
		if !ok || !strings.Contains(params, `rel="next"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(target, "<>"))
		if err == nil {
			return u.RawQuery
		}
	}
	return ""
}

// listing is something that comes in pages.
type listing struct {
	path  string
	query url.Values
	field string // where the array is, "" when the answer is one
	from  string // the query of the page to begin with, "" for the first
	prior string // the query of the page before that one
	known []string
	still bool // its pages do not shift
}

// item is one record of a page, as it came.
type item struct {
	id  string
	raw json.RawMessage
}

// listed is a page without what earlier pages of this listing had.
type listed struct {
	items  []item
	header http.Header
	query  string // of this page
	prior  string // of the one before
	next   string // of the page after it, "" at the end
}

// list yields the pages of a listing by number. When a record before the page
// is deleted, those behind it move up and one would slip past the boundary:
// so after every page the one before it is asked for again, mostly for a free
// 304, and what is new there is yielded with the page.
func (c *Connector) list(ctx context.Context, l listing) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		seen := map[string]bool{}
		for _, id := range l.known {
			seen[id] = true
		}
		query := l.from
		if query == "" {
			query = withPerPage(l.query, perPage).Encode()
		}
		before, etag := l.prior, ""
		for stale := 0; ; {
			res, items, err := c.page(ctx, l, query, "")
			if err == nil && before != "" && !l.still {
				var again []item
				_, again, err = c.page(ctx, l, before, etag)
				items = append(again, items...)
			}
			if err != nil {
				yield(listed{}, err)
				return
			}
			items = unseen(items, seen)
			if stale++; len(items) > 0 {
				stale = 0
			}
			if res.next == query || stale > maxStale {
				yield(listed{}, malformed("pages that do not end"))
				return
			}
			if !yield(listed{items: items, header: res.header, query: query, prior: before, next: res.next}, nil) || res.next == "" {
				return
			}
			before, etag, query = query, res.header.Get("ETag"), res.next
		}
	}
}

// page reads one page of a listing.
func (c *Connector) page(ctx context.Context, l listing, query, etag string) (response, []item, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return response{}, nil, malformed("link")
	}
	res, err := c.get(ctx, l.path, values, etag)
	if err != nil || res.same {
		return res, nil, err
	}
	items, err := itemsOf(res.body, l.field)
	return res, items, err
}

func withPerPage(query url.Values, n int) url.Values {
	out := maps.Clone(query)
	if out == nil {
		out = url.Values{}
	}
	out.Set("per_page", strconv.Itoa(n))
	return out
}

func unseen(items []item, seen map[string]bool) []item {
	out := items[:0]
	for _, it := range items {
		if !seen[it.id] {
			seen[it.id] = true
			out = append(out, it)
		}
	}
	return out
}

// all returns every record of a listing of parts, and whether there are more
// than is read.
func (c *Connector) all(ctx context.Context, path string) ([]json.RawMessage, bool, error) {
	out := []json.RawMessage{}
	pages := 0
	for page, err := range c.list(ctx, listing{path: path}) {
		if err != nil {
			return nil, false, err
		}
		for _, it := range page.items {
			out = append(out, it.raw)
		}
		if pages++; pages >= maxPages && page.next != "" {
			return out, true, nil
		}
	}
	return out, false, nil
}

// itemsOf splits an array into its records. A commit is known by its hash,
// everything else by its number.
func itemsOf(body []byte, field string) ([]item, error) {
	if field != "" {
		var object map[string]json.RawMessage
		if err := decode(body, &object); err != nil {
			return nil, err
		}
		body = object[field]
	}
	var raws []json.RawMessage
	if err := decode(body, &raws); err != nil {
		return nil, err
	}
	if raws == nil {
		return nil, malformed("list") // null, or no such field
	}
	items := make([]item, 0, len(raws))
	for _, raw := range raws {
		var key struct {
			ID  int64  `json:"id"`
			SHA string `json:"sha"`
		}
		if err := decode(raw, &key); err != nil {
			return nil, err
		}
		id := strconv.FormatInt(key.ID, 10)
		if key.ID == 0 {
			id = key.SHA
		}
		if id == "" {
			return nil, malformed("record without id")
		}
		items = append(items, item{id: id, raw: raw})
	}
	return items, nil
}

// decode reads JSON, in half of the time that the standard library takes, which
// is most of the time of a sync. What is wrong with it is not told: the
// decoder's error quotes it.
func decode(body []byte, to any) error {
	if err := jsonv2.Unmarshal(body, to, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return malformed("JSON")
	}
	return nil
}

// gone reports whether an error means that one thing has disappeared from a
// repository that is otherwise readable. When the whole repository is hidden,
// everything in it is 404 too, and to skip that would lose it.
func (c *Connector) gone(ctx context.Context, p place, path string, err error) (bool, error) {
	if connector.Reason(err) != connector.ReasonNotFound {
		return false, err
	}
	if _, errSelf := c.get(ctx, path, nil, ""); connector.Reason(errSelf) != connector.ReasonNotFound {
		return false, err
	}
	if _, errPlace := c.place(ctx, p.id); errPlace != nil {
		return false, errPlace
	}
	return true, nil
}

// vendorTime is when an answer was written, by the clock that the records'
// times come from.
func (c *Connector) vendorTime(h http.Header) time.Time {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		return date.UTC()
	}
	return c.now().UTC()
}

// timeOf returns the time of a stamp, zero for none.
func timeOf(t *github.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
