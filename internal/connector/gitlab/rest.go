package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	api "gitlab.com/gitlab-org/api/client-go"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// timeFormat is what GitLab writes and reads: milliseconds, though its
// database keeps microseconds.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// maxPages bounds a list that claims to have no end.
const maxPages = 5000

// listOptions are the query of any list. The library's own options are not
// used because they cut times to seconds, and its methods because they drop
// what they do not know: the raw record is kept whole.
type listOptions struct {
	Page         int    `url:"page,omitempty"`
	PerPage      int    `url:"per_page,omitempty"`
	OrderBy      string `url:"order_by,omitempty"`
	Sort         string `url:"sort,omitempty"`
	Pagination   string `url:"pagination,omitempty"`
	IDAfter      string `url:"id_after,omitempty"`
	Scope        string `url:"scope,omitempty"`
	State        string `url:"state,omitempty"`
	Membership   string `url:"membership,omitempty"`
	UpdatedAfter string `url:"updated_after,omitempty"`
	CreatedAfter string `url:"created_after,omitempty"`
	RefName      string `url:"ref_name,omitempty"`
	WithContent  string `url:"with_content,omitempty"`
}

type list struct {
	items []json.RawMessage
	more  bool
	next  bool // the server itself says that more follows
	total *int
	notes []error // of what the MCP server in between left out
}

// get reads one JSON value.
func (c *gitlab) get(ctx context.Context, path string) (raw json.RawMessage, res *api.Response, err error) {
	err = connector.Again(ctx, c.again, func(ctx context.Context) (bool, error) {
		raw, res, err = c.fetch(ctx, path, nil)
		if err == nil && !json.Valid(raw) {
			return false, malformed()
		}
		return true, err
	})
	if err != nil {
		return nil, res, err
	}
	return raw, res, nil
}

// fetch reads a body to its end before anybody decodes it, so that a
// connection that breaks is told from an answer that is no JSON.
func (c *gitlab) fetch(ctx context.Context, path string, options any) ([]byte, *api.Response, error) {
	req, err := c.client.NewRequest(http.MethodGet, path, options, []api.RequestOptionFunc{api.WithContext(ctx)})
	if err != nil {
		return nil, nil, malformed()
	}
	var body bytes.Buffer
	res, err := c.client.Do(req, &body)
	if err != nil {
		return nil, res, c.fault(res, err)
	}
	return body.Bytes(), res, nil
}

// list reads one page of a list.
func (c *gitlab) list(ctx context.Context, path string, o listOptions) (list, error) {
	var res *api.Response
	page := list{items: []json.RawMessage{}}
	err := connector.Again(ctx, c.again, func(ctx context.Context) (bool, error) {
		raw, last, err := c.fetch(ctx, path, o)
		if err != nil {
			return true, err
		}
		res = last
		if err := json.Unmarshal(raw, &page.items); err != nil || page.items == nil {
			return json.Valid(raw), malformed()
		}
		return true, nil
	})
	if err != nil {
		return list{}, err
	}
	page.more, page.next = more(res, len(page.items)), res.NextPage > 0
	if total, err := strconv.Atoi(res.Header.Get("X-Total")); err == nil && total >= 0 {
		page.total = &total
	}
	page.notes = c.tools.notes(res.Header.Values(leftOut))
	return page, nil
}

// more says whether another page follows. GitLab tells by X-Next-Page or, for
// lists that are paged by key, by Link. Where something on the way takes both
// away, only an empty page is the end: a short one may be the server's own
// limit of a page.
func more(res *api.Response, items int) bool {
	if _, told := res.Header["X-Next-Page"]; told {
		return res.NextPage > 0
	}
	if res.Header.Get("Link") != "" {
		return res.NextLink != ""
	}
	return items > 0
}

// all reads a list to its end, and says in how many pages: for the parts of
// one record, which are short and only grow at their end.
func (c *gitlab) all(ctx context.Context, path string, o listOptions) (items []json.RawMessage, pages int, err error) {
	items = []json.RawMessage{}
	var first json.RawMessage
	o.PerPage = 100
	for o.Page = 1; o.Page <= maxPages; o.Page++ {
		page, err := c.list(ctx, path, o)
		if o.PerPage > 1 && connector.Reason(err) == connector.ReasonTooLarge {
			items, first = items[:0], nil
			o.Page, o.PerPage = 0, o.PerPage/2 // from the beginning on, in smaller pages
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		if len(page.items) > 0 {
			if bytes.Equal(first, page.items[0]) {
				return nil, 0, endless()
			}
			first = page.items[0]
		}
		items = append(items, page.items...)
		if !page.more || len(page.items) == 0 {
			return items, o.Page, nil
		}
	}
	return nil, 0, endless()
}

// array joins the items of a list into the list again.
func array(items []json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(item)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// projectPath is where a project lies. The id is escaped because it may have
// come from a person.
func projectPath(id string) string { return "projects/" + api.PathEscape(id) }

func formatTime(t time.Time) string { return t.UTC().Format(timeFormat) }
