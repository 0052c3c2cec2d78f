package confluence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
)

// rest makes requests and understands how they fail. Answers are decoded here
// and not by a client library: the types of those leave out what a record is
// kept for, and everything that Confluence says is kept as it came. Trying
// again is the client's part and its caller's.
type rest struct {
	base        string // of the wiki, without a slash at its end
	web         string // the same for people; "" when nobody says where it is
	credentials map[string]string
	client      *http.Client
	now         func() time.Time
	again       int // times that an answer is asked for anew which is no JSON
}

// maxBody bounds an answer whatever the client allows.
const maxBody = 64 << 20

var errTooLarge = errors.New("the answer is longer than is taken")

// get asks for a path of the wiki, without a slash in front, and decodes its JSON.
func (r *rest) get(ctx context.Context, path string, query url.Values, into any) (http.Header, error) {
	address := r.base + "/" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var header http.Header
	err := connector.Again(ctx, r.again, func(ctx context.Context) (bool, error) {
		body, h, err := r.fetch(ctx, path, address)
		if err != nil {
			return true, err
		}
		header = h
		if err := json.Unmarshal(body, into); err != nil {
			return json.Valid(body), malformed(errors.New("no JSON, or JSON of another shape")) // the decoder's own words quote the answer
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return header, nil
}

// fetch reads one answer to its end.
func (r *rest) fetch(ctx context.Context, path, address string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, malformed(errors.New("the address cannot be read"))
	}
	req.Header.Set("Accept", "application/json")
	atlassian.SignIn(req, r.credentials)
	res, err := r.client.Do(req)
	if err != nil {
		return nil, nil, unanswered(err)
	}
	defer res.Body.Close()
	if err := r.refusal(path, res); err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		return nil, nil, unanswered(err)
	}
	if len(body) > maxBody {
		return nil, nil, tooLarge(errTooLarge)
	}
	return body, res.Header, nil
}

// list is a page of any list of the wiki, of both flavours.
type list struct {
	Results []json.RawMessage `json:"results"`
	Start   int               `json:"start"`
	Limit   int               `json:"limit"`
	Size    *int              `json:"size"`
	Links   struct {
		Next string `json:"next"`
	} `json:"_links"`
}

// next returns the query of the page after this one; nil when it is the last.
// Of the link only the query is taken, so that no answer sends a request with
// credentials to another place.
func (l *list) next(before url.Values) (url.Values, error) {
	if l.Links.Next == "" {
		return nil, nil
	}
	link, err := url.Parse(l.Links.Next)
	if err != nil {
		return nil, malformed(errors.New("the link to the next page cannot be read"))
	}
	query := link.Query()
	after := url.Values{}
	maps.Copy(after, before)
	for _, k := range []string{"cursor", "start", "limit"} { // a cursor counts, or a start with its limit
		if v := query.Get(k); v != "" {
			after.Set(k, v)
		}
	}
	if after.Encode() == before.Encode() {
		return nil, malformed(errors.New("the link to the next page leads to the same page"))
	}
	return after, nil
}

// idleness is how many pages in a row may bring nothing new before a list
// counts as one without an end.
const idleness = 50

// links walks a list by its links and hands over the rows of every page. It
// stops when each says so. Cursors of Cloud stand at a row and not at a
// number, so a list that shifts hides nothing from it.
func (r *rest) links(ctx context.Context, path string, query url.Values, each func([]json.RawMessage) (bool, error)) error {
	seen := map[string]bool{}
	for idle := 0; query != nil; {
		var page list
		_, err := r.get(ctx, path, query, &page)
		if limit, _ := strconv.Atoi(query.Get("limit")); connector.Reason(err) == connector.ReasonTooLarge && limit > fewRows {
			query = maps.Clone(query)
			query.Set("limit", strconv.Itoa(max(limit/4, fewRows)))
			continue
		}
		if err != nil {
			return err
		}
		if page.Results == nil {
			return malformed(errors.New("a list without results"))
		}
		fresh := unseen(page.Results, seen)
		if idle++; len(fresh) > 0 {
			idle = 0
		}
		more, err := each(fresh)
		if err != nil || !more {
			return err
		}
		if query, err = page.next(query); err != nil {
			return err
		}
		if idle >= idleness {
			return malformed(errors.New("a list without an end"))
		}
	}
	return nil
}

const (
	// fewRows is how many rows are asked for at least: fewer are too large only
	// where one alone is.
	fewRows = 2 * overlapRows
	// overlapRows is how many rows of a page are asked for again with the next.
	overlapRows = 5
	// maxRestarts is how often a list may shift so far that it is read again.
	maxRestarts = 5
)

// offsets walks a list that counts from start. Such a list shifts when a row
// in front goes away, and would then hide one. So the pages overlap: as long
// as a page has a row that was seen, nothing between lay hidden; where it has
// none, the list is read again from its beginning. A row that comes twice is
// handed over once.
func (r *rest) offsets(ctx context.Context, path string, query url.Values, limit int, each func([]json.RawMessage) (bool, error)) error {
	seen := map[string]bool{}
	for start, idle, restarts := 0, 0, 0; ; {
		q := url.Values{"start": {strconv.Itoa(start)}, "limit": {strconv.Itoa(limit)}}
		maps.Copy(q, query)
		var page list
		_, err := r.get(ctx, path, q, &page)
		if connector.Reason(err) == connector.ReasonTooLarge && limit > fewRows {
			limit = max(limit/4, fewRows)
			continue
		}
		if err != nil {
			return err
		}
		if page.Results == nil {
			return malformed(errors.New("a list without results"))
		}
		fresh := unseen(page.Results, seen)
		overlaps := len(fresh) < len(page.Results) || start == 0
		if idle++; len(fresh) > 0 {
			idle = 0
		}
		if more, err := each(fresh); err != nil || !more {
			return err
		}
		n := len(page.Results)
		switch {
		case !overlaps && n > 0 && restarts < maxRestarts:
			start, restarts = 0, restarts+1
			continue
		case n == 0 && start > 0 && restarts < maxRestarts: // the list became shorter than the place asked for
			start, restarts = 0, restarts+1
			continue
		case n == 0, page.Links.Next == "":
			return nil
		case idle >= idleness+len(seen)/max(n-overlapRows, 1):
			return malformed(errors.New("a list without an end"))
		}
		start += max(n-overlapRows, 1)
	}
}

// unseen returns the rows whose id is not in seen, and notes them there.
func unseen(rows []json.RawMessage, seen map[string]bool) []json.RawMessage {
	var fresh []json.RawMessage
	for _, row := range rows {
		id := idOf(row)
		if !seen[id] {
			seen[id] = true
			fresh = append(fresh, row)
		}
	}
	return fresh
}

// idOf reads the id of a row, which is a number here and a text there.
func idOf(raw json.RawMessage) string {
	var row struct {
		ID ident `json:"id"`
	}
	if json.Unmarshal(raw, &row) != nil || row.ID == "" {
		return string(raw)
	}
	return string(row.ID)
}

// ident is an id, written as a number or as a text.
type ident string

// UnmarshalJSON reads both.
func (i *ident) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*i = ident(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("an id is neither a number nor a text: %w", err)
	}
	*i = ident(n)
	return nil
}
