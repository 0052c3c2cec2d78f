package gitlab

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	// overlap is how far a reading starts before the end of the last one: a
	// change that was being saved then carries a time that had passed already.
	overlap = 5 * time.Second
	// ahead is how far the vendor's clock may run before ours. A record from
	// further ahead does not move the cursor, or nothing would be seen until
	// that time has come.
	ahead = time.Hour
)

// order is the time that a list is walked by.
type order int

const (
	byUpdate order = iota
	byCreation
)

func (o order) options(base listOptions, after time.Time) listOptions {
	base.Sort = "asc"
	since := ""
	if !after.IsZero() {
		// Some of GitLab's lists take "after" as "at or after", some as truly
		// after, and all compare microseconds with the milliseconds that they
		// tell: one millisecond less is right for all.
		since = formatTime(after.Add(-time.Millisecond))
	}
	if o == byCreation {
		base.OrderBy, base.CreatedAfter = "created_at", since
	} else {
		base.OrderBy, base.UpdatedAfter = "updated_at", since
	}
	return base
}

// cursor is where the reading of a list by time stands: the newest time that
// was delivered, and what was delivered around it. Records at one and the same
// time are told apart by id, so that none is lost or comes twice.
type cursor struct {
	At   time.Time        `json:"at"`
	Seen map[string]int64 `json:"seen,omitempty"` // id → time in milliseconds
}

func (c *cursor) encode() connector.Cursor {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil // a year beyond 9999: begin again rather than go on wrongly
	}
	return raw
}

// head is what a walk needs of a record.
type head struct {
	ID        id      `json:"id"`
	CreatedAt instant `json:"created_at"`
	UpdatedAt instant `json:"updated_at"`
}

func (h head) at(o order) time.Time {
	if o == byCreation {
		return h.CreatedAt.Time
	}
	if h.UpdatedAt.IsZero() { // a pipeline that nothing happened to yet
		return h.CreatedAt.Time
	}
	return h.UpdatedAt.Time
}

type walked struct {
	items []json.RawMessage // those that were not delivered before
	heads []head            // theirs
	total *int              // of the stream, when it is read from the beginning on
	notes []error           // of records that could not be had
}

// walk goes through a list in the order of time and moves at with every page.
// It asks for the first page of what is at or after the last record's time
// again and again instead of for later pages: a record that changes meanwhile
// leaves its place, and a later page would skip the record that moved up. Only
// where more records than a page share one time are later pages asked for, and
// then until a whole pass brings nothing new.
func (c *gitlab) walk(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, o order, at *cursor) iter.Seq2[walked, error] {
	place := places[stream]
	path := projectPath(resource.ID) + "/" + place.path
	return func(yield func(walked, error) bool) {
		w := walk{order: o, at: at, newest: c.now().Add(ahead)}
		whole := at.At.IsZero() && len(at.Seen) == 0
		if !at.At.IsZero() {
			w.from = at.At.Add(-overlap)
		}
		var total *int
		for w.page, w.per = 1, place.options.PerPage; ; {
			page, err := c.turn(ctx, path, place.options, &w)
			if err != nil {
				yield(walked{}, err)
				return
			}
			if whole {
				whole, total = false, page.total
			}
			fresh, err := w.take(page.items)
			if err != nil {
				yield(walked{}, err)
				return
			}
			fresh.total, fresh.notes = total, page.notes
			if len(fresh.items)+len(fresh.notes) > 0 && !yield(fresh, nil) {
				return
			}
			if !w.next(page.more && len(page.items) > 0) {
				return
			}
		}
	}
}

// turn reads the page that the walk stands at, or smaller ones from its
// beginning on where the records of one page are too large together.
func (c *gitlab) turn(ctx context.Context, path string, base listOptions, w *walk) (list, error) {
	for {
		options := w.order.options(base, w.from)
		options.Page, options.PerPage = w.page, w.per
		page, err := c.list(ctx, path, options)
		if w.per == 1 || connector.Reason(err) != connector.ReasonTooLarge {
			return page, err
		}
		w.page, w.per = 1, w.per/2
	}
}

// walk is the state of one walk.
type walk struct {
	order  order
	at     *cursor
	newest time.Time // the cursor does not go beyond

	from  time.Time // what is asked for
	page  int
	per   int       // records of a page
	last  time.Time // the newest record of the page
	first head      // the page's first record
	found bool      // this pass has brought something new
}

// take notes the records of a page and returns those that are new.
func (w *walk) take(items []json.RawMessage) (walked, error) {
	var out walked
	w.last = time.Time{}
	if w.page > maxPages {
		return walked{}, endless()
	}
	if w.at.Seen == nil {
		w.at.Seen = map[string]int64{}
	}
	for i, raw := range items {
		var h head
		if err := decode(raw, &h); err != nil || h.ID == "" || h.at(w.order).IsZero() {
			return walked{}, malformed()
		}
		if i == 0 {
			if w.page > 1 && h == w.first {
				return walked{}, endless()
			}
			w.first = h
		}
		t := h.at(w.order)
		if t.After(w.last) {
			w.last = t
		}
		if seen, ok := w.at.Seen[string(h.ID)]; ok && seen == t.UnixMilli() {
			continue
		}
		w.at.Seen[string(h.ID)] = t.UnixMilli()
		if t.After(w.at.At) && !t.After(w.newest) {
			w.at.At = t
		}
		out.items, out.heads = append(out.items, raw), append(out.heads, h)
	}
	w.found = w.found || len(out.items) > 0
	w.forget()
	return out, nil
}

// forget drops what no later page can bring again.
func (w *walk) forget() {
	oldest := w.at.At
	if w.from.Before(oldest) {
		oldest = w.from
	}
	bound := oldest.Add(-overlap - 2*time.Millisecond).UnixMilli()
	for id, at := range w.at.Seen {
		if at < bound {
			delete(w.at.Seen, id)
		}
	}
}

// next chooses the next page, and says whether there is one.
func (w *walk) next(more bool) bool {
	onward := w.last.Truncate(time.Millisecond).After(w.from)
	switch {
	case more && !onward:
		w.page++
		return true
	case w.page > 1 && w.found:
		// A pass of several pages may have been shifted: once more.
	case !more:
		return false
	default:
		w.from = w.last.Truncate(time.Millisecond)
	}
	w.page, w.found = 1, false
	return true
}
