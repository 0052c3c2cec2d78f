package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
)

// rest makes requests and understands how they fail. Trying again is the
// client's part and its caller's.
type rest struct {
	client      *http.Client
	site        string // without a slash at its end
	credentials map[string]string
	now         func() time.Time
	again       int // times that an answer is asked for anew which is no JSON
}

// maxBody bounds an answer whatever the client allows.
const maxBody = 64 << 20

// get asks for a path of the site and decodes its JSON.
func (r *rest) get(ctx context.Context, path string, query url.Values, into any) (http.Header, error) {
	address := r.site + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var header http.Header
	err := connector.Again(ctx, r.again, func(ctx context.Context) (bool, error) {
		body, h, err := r.fetch(ctx, address)
		if err != nil {
			return true, err
		}
		header = h
		if err := json.Unmarshal(body, into); err != nil {
			return json.Valid(body), malformed(err)
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return header, nil
}

// fetch reads one answer to its end.
func (r *rest) fetch(ctx context.Context, address string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, malformed(err)
	}
	req.Header.Set("Accept", "application/json")
	atlassian.SignIn(req, r.credentials)
	res, err := r.client.Do(req)
	if err != nil {
		return nil, nil, unanswered(err)
	}
	defer res.Body.Close()
	if err := r.refusal(res); err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		return nil, nil, interrupted(err)
	}
	if len(body) > maxBody {
		return nil, nil, tooLarge(nil)
	}
	return body, res.Header, nil
}

// offsetPage is a page of the lists that count from startAt.
type offsetPage struct {
	Values []json.RawMessage `json:"values"`
	IsLast *bool             `json:"isLast"`
	Total  *int              `json:"total"`
}

func (p *offsetPage) last(start int) bool {
	return len(p.Values) == 0 || p.IsLast != nil && *p.IsLast || p.IsLast == nil && p.Total != nil && start+len(p.Values) >= *p.Total
}

// maxRestarts is how often a list may shift under a reading.
const maxRestarts = 5

// offsets yields the pages of a list that counts from startAt. Such a list
// shifts when something in front goes away, and would then hide a row. So each
// page begins with the row that ended the one before; where it does not, the
// list is read again, and only what is new is yielded.
func (r *rest) offsets(ctx context.Context, path string, query url.Values) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for at := (place{seen: map[string]bool{}}); !at.end; {
			q := maps.Clone(query)
			if q == nil {
				q = url.Values{}
			}
			q.Set("startAt", strconv.Itoa(at.start))
			q.Set("maxResults", "50")
			var page offsetPage
			if _, err := r.get(ctx, path, q, &page); err != nil {
				yield(nil, err)
				return
			}
			fresh := at.move(&page)
			if len(at.seen) > maxRows {
				yield(nil, tooLarge(fault("more rows than are taken")))
				return
			}
			if len(fresh) > 0 && !yield(fresh, nil) {
				return
			}
		}
	}
}

// place is where the reading of a list stands.
type place struct {
	start    int
	last     string // the row that the next page begins with, "" when that may be any
	restarts int
	seen     map[string]bool
	end      bool
}

// move goes on behind a page and returns what of it is new.
func (p *place) move(page *offsetPage) []json.RawMessage {
	rows := page.Values
	shifted := p.last != "" && (len(rows) == 0 || idOf(rows[0]) != p.last)
	if shifted && p.restarts < maxRestarts {
		p.start, p.last, p.restarts = 0, "", p.restarts+1
		return nil
	}
	var fresh []json.RawMessage
	for _, row := range rows {
		if id := idOf(row); !p.seen[id] {
			p.seen[id] = true
			fresh = append(fresh, row)
		}
	}
	switch {
	case page.last(p.start), len(rows) == 1 && p.last != "", // the overlap alone
		len(fresh) == 0 && shifted: // a list that shifts for ever has no end
		p.end = true
	case len(rows) == 1: // a server that gives one at a time: no overlap, so that it ends
		p.start, p.last = p.start+1, ""
	default:
		p.start, p.last = p.start+len(rows)-1, idOf(rows[len(rows)-1])
	}
	return fresh
}

// idOf reads the id of a row, which is a number here and a text there.
func idOf(raw json.RawMessage) string {
	var row struct {
		ID any `json:"id"`
	}
	if json.Unmarshal(raw, &row) != nil || row.ID == nil {
		return string(raw)
	}
	if n, ok := row.ID.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(row.ID)
}
