package confluence

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

const (
	// batch is how many documents are fetched at once.
	batch = 25
	// disorder is how far a list by date may be out of order: indexes round.
	disorder = time.Minute
)

// read yields what changed since the cursor, oldest first.
//
// First the list of editions is walked from the newest back to where the
// cursor stands: a document that changes meanwhile moves to the front, which
// hides nothing behind it, and its new date is found by the next reading. In
// the other direction it would leave a gap in front, and the next page would
// skip a row. Then the documents are fetched by their ids, in order of their
// dates, so that a cursor may stand after each page. No date is sent: CQL
// takes it by the minute and in the account's own time zone.
func (w *wiki) read(ctx context.Context, resource rampforge.Resource, from connector.Cursor, yield func(connector.Page) bool) error {
	p, err := placeOf(from, w.now())
	if err != nil {
		return err
	}
	var wanted []edition
	all := 0
	err = w.list(ctx, resource, p.Low.At, !p.Done, func(page []edition) bool {
		all += len(page)
		for _, e := range page {
			if p.wants(e) {
				wanted = append(wanted, e)
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(wanted, compareEditions)
	var total *int
	if !p.Done {
		total = &all
	}
	if len(wanted) == 0 && p.Done {
		return nil
	}
	notes, err := w.notes(ctx)
	if err != nil {
		return err
	}
	f := &fetcher{wiki: w, resource: resource, restricted: map[string]bool{}}
	for first := true; first || len(wanted) > 0; first = false {
		step := wanted[:min(len(wanted), batch)]
		wanted = wanted[len(step):]
		records, found, err := f.fetch(ctx, step)
		if err != nil {
			return err
		}
		p.take(step, found, w.now())
		p.Done = p.Done || len(wanted) == 0
		next, err := p.cursor()
		if err != nil {
			return err
		}
		if !yield(connector.Page{Records: records, Next: next, Total: total, Notes: notes}) {
			return nil
		}
	}
	return nil
}

// notes says what an MCP server does not have of a space's documents.
func (w *wiki) notes(ctx context.Context) ([]error, error) {
	if w.tools == nil || !w.cloud {
		return nil, nil
	}
	way, err := w.tools.blogs(ctx)
	if err != nil || way != blogsNone {
		return nil, err
	}
	return []error{connector.Errorf(connector.ReasonUnsupported, "The MCP server has no tool that finds blog posts: only pages are read.",
		"Use the vendor's own API (transport rest) to have them.", nil)}, nil
}

// ids yields the ids of all documents of a space. Lists from the index are not
// asked: what is missing there would count as gone.
func (w *wiki) ids(ctx context.Context, resource rampforge.Resource, yield func([]string) bool) error {
	if w.tools != nil && w.cloud {
		way, err := w.tools.blogs(ctx)
		if err != nil {
			return err
		}
		if way != blogsListed {
			return mcpclient.Unsupported()
		}
	}
	return w.list(ctx, resource, time.Time{}, true, func(page []edition) bool {
		ids := make([]string, 0, len(page))
		for _, e := range page {
			ids = append(ids, e.ID)
		}
		return len(ids) == 0 || yield(ids)
	})
}

// list walks the editions of a space's current documents: all of them, or
// those since a date. Archived and trashed documents and drafts are not there.
//
// Data Center has a list by date in its index alone. The index may lag or lack
// something, so everything is read from the list of the database, which has no
// order.
func (w *wiki) list(ctx context.Context, resource rampforge.Resource, since time.Time, whole bool, yield func([]edition) bool) error {
	each := func(blog bool) func([]json.RawMessage) (bool, error) {
		d := descent{until: since, whole: whole}
		return func(rows []json.RawMessage) (bool, error) {
			page, more, err := d.editions(rows, blog)
			if err != nil {
				return false, err
			}
			if !yield(page) {
				return false, errStop
			}
			return more, nil
		}
	}
	var err error
	switch {
	case w.cloud:
		query := url.Values{"sort": {"-modified-date"}, "status": {"current"}, "limit": {"250"}}
		space := "api/v2/spaces/" + url.PathEscape(resource.ID)
		if err = w.links(ctx, space+"/pages", query, each(false)); err == nil {
			err = w.links(ctx, space+"/blogposts", query, each(true))
			if w.tools != nil && connector.Reason(err) == connector.ReasonUnsupported {
				err = nil // a note says so
			}
		}
	case whole:
		for _, kind := range []string{"page", "blogpost"} {
			query := url.Values{"spaceKey": {resource.Key}, "type": {kind}, "status": {"current"}, "expand": {"version"}}
			if err = w.offsets(ctx, "rest/api/content", query, 100, each(kind == "blogpost")); err != nil {
				break
			}
		}
	default:
		cql := `space = ` + quoted(resource.Key) + ` and type in (page, blogpost) order by lastmodified desc`
		err = w.offsets(ctx, "rest/api/content/search", url.Values{"cql": {cql}, "expand": {"version"}}, 100, each(false))
	}
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// errStop says that the caller wants no more.
var errStop = errors.New("enough")

// quoted writes a text for CQL.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// descent walks a list that ought to run from the newest down, and says when
// it has passed a date. A list that turns out to run otherwise is walked to its
// end: that costs time, where believing it would lose documents.
type descent struct {
	until    time.Time
	whole    bool
	last     time.Time
	unsorted bool
}

// wireListed is a document as lists show it, of both flavours.
type wireListed struct {
	ID      ident       `json:"id"`
	Type    string      `json:"type"`
	Status  string      `json:"status"`
	Version wireVersion `json:"version"`
}

func (d *descent) editions(rows []json.RawMessage, blog bool) ([]edition, bool, error) {
	page, more := make([]edition, 0, len(rows)), true
	for _, row := range rows {
		var l wireListed
		if json.Unmarshal(row, &l) != nil || l.ID == "" {
			return nil, false, malformed(errors.New("a document without an id"))
		}
		if l.Status != "" && l.Status != "current" {
			continue
		}
		at, err := l.Version.at()
		if err != nil {
			return nil, false, err
		}
		if !d.last.IsZero() && at.After(d.last.Add(disorder)) {
			d.unsorted = true
		}
		d.last = at
		if !d.whole && at.Before(d.until.Add(-disorder)) {
			more = false
		}
		page = append(page, edition{ID: string(l.ID), Version: l.Version.Number, At: at, blog: blog || l.Type == "blogpost"})
	}
	return page, more || d.unsorted, nil
}
