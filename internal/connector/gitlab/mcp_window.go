package gitlab

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// A list of issues comes by the time of creation, newest first, and no tool
// lists them otherwise. The order of update is had from windows of time: each
// is made so narrow that it holds no more than a page, and what is in it is
// put in order here.

// span is a window of time; a zero end is open. GitLab counts both ends in.
type span struct{ after, before time.Time }

// narrowest is what a window is never smaller than: GitLab's clock tells no
// less. It then may hold any number of records.
const narrowest = time.Millisecond

// beginning is before all that a tracker can have been imported from.
var beginning = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// issues answers a page of issues in the order of their update or creation. It
// always holds a later time than was asked for, unless it is the last.
func (t *tools) issues(r *http.Request) (mcpclient.Answer, error) {
	own, err := t.own(r.Context(), sigIssues, ownItems)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if own {
		return t.ownIssues(r)
	}
	q := r.URL.Query()
	w := windows{tools: t, r: r, order: byUpdate, per: number(q.Get(argPer), 20), left: &refusals{}}
	field := "updated"
	if q.Get(argOrder) == "created_at" {
		w.order, field = byCreation, "created"
	}
	w.key, w.after, w.before = r.PathValue("id")+" "+field, field+"_after", field+"_before"
	if number(q.Get(argPage), 1) > 1 {
		return page(nil, 0), nil // never told of
	}
	from := time.Time{}
	if text := q.Get(w.after); text != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, text); err != nil {
			return mcpclient.Answer{}, malformed()
		}
	}
	all, more, err := w.read(from) //nolint:contextcheck // by that of the request
	next := 0
	if more {
		next = 2
	}
	out := page(all, next)
	maps.Copy(out.Header, w.left.header())
	return out, err
}

// windows reads one list by windows.
type windows struct {
	*tools

	r             *http.Request
	order         order
	per           int
	key           string
	after, before string // the arguments
	left          *refusals
}

// read returns the records from a time on, in order, and whether there are
// later ones. One in the first millisecond, which the reading code asks for
// again, is no progress.
func (w windows) read(from time.Time) (all []json.RawMessage, more bool, err error) {
	progress := from.Add(narrowest)
	for s, width := (span{after: from}), w.width(); ; s.after, width = s.before, 2*width {
		if s.before, err = w.end(s.after, width); err != nil {
			return nil, false, err
		}
		some, err := w.within(s)
		if err != nil {
			return nil, false, err
		}
		all = merged(all, some)
		if s.before.IsZero() {
			return w.sorted(all), false, nil
		}
		if width = s.before.Sub(opened(s.after)); len(some) > 0 {
			w.remember(width)
		}
		if out := w.sorted(all); len(out) > 0 && w.timeOf(out[len(out)-1]).Truncate(time.Millisecond).After(progress) {
			return out, true, nil
		}
	}
}

// end returns where a window ends that begins at a time: nowhere when all that
// follows fits into a page, otherwise at the width that is given, or at less.
func (w windows) end(after time.Time, width time.Duration) (time.Time, error) {
	const widest = 200 * 365 * 24 * time.Hour
	for s := (span{after: after}); ; {
		tooMany, err := w.exceeds(s)
		if err != nil || !tooMany {
			return s.before, err
		}
		switch now := w.now().Sub(opened(after)); {
		case !s.before.IsZero() && width <= narrowest:
			return s.before, nil
		case !s.before.IsZero():
			width /= 2
		case now <= 0: // in the future, by our clock
			width = widest
		case width <= 0 || width > now:
			width = now
		}
		width = max(width.Truncate(time.Millisecond), narrowest)
		s.before = opened(after).Add(width)
	}
}

func opened(after time.Time) time.Time {
	if after.IsZero() {
		return beginning
	}
	return after
}

// width is how wide the last window was that held anything; 0 is not known.
func (w windows) width() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.widths[w.key]
}

func (w windows) remember(width time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.widths) > remembered {
		clear(w.widths)
	}
	w.widths[w.key] = width
}

func (w windows) args(s span) map[string]any {
	in := args(w.r, "scope")
	if !s.after.IsZero() {
		in[w.after] = formatTime(s.after)
	}
	if !s.before.IsZero() {
		in[w.before] = formatTime(s.before)
	}
	return in
}

// exceeds reports whether a window holds more than a page, by asking for the
// one record behind it.
func (w windows) exceeds(s span) (bool, error) {
	in := w.args(s)
	in[argPage], in[argPer] = w.per+1, 1
	all, left, err := w.around(w.r.Context(), in, sigIssues)
	return len(all)+len(left) > 0, err
}

// within reads a whole window. Where that takes several pages, it is read
// again until it brings nothing new: a record that leaves the window meanwhile
// moves others past the page that is read next.
func (w windows) within(s span) ([]json.RawMessage, error) {
	const passes = 20
	in := w.args(s)
	in[argPer] = w.per
	var all []json.RawMessage
	for range passes {
		before, pages, idle, spare := len(all), 0, 0, 0
		for ; pages <= maxPages; pages++ {
			in[argPage] = pages + 1
			some, left, err := w.around(w.r.Context(), in, sigIssues)
			if err != nil {
				return nil, err
			}
			if len(some)+len(left) == 0 {
				break
			}
			w.left.add(left)
			known := len(all)
			if all = merged(all, some); known < len(all) {
				idle = 0
			} else if idle++; before == 0 && idle > spare {
				return nil, endless()
			}
			if len(left) > 0 { // its stretch may have been longer than the page
				spare = w.per
			}
		}
		if pages < 2 || len(all) == before {
			return all, nil
		}
	}
	return nil, endless()
}

// merged adds records that are not there yet. A record that was changed
// meanwhile counts as another: the reading code knows how to take both.
func merged(all, some []json.RawMessage) []json.RawMessage {
	known := make(map[string]bool, len(all))
	for _, raw := range all {
		known[fingerprintOf(raw)] = true
	}
	for _, raw := range some {
		if key := fingerprintOf(raw); !known[key] {
			known[key] = true
			all = append(all, raw)
		}
	}
	return all
}

func (w windows) timeOf(raw json.RawMessage) time.Time {
	var h head
	if decode(raw, &h) != nil {
		return time.Time{} // the reading code says what is wrong with it
	}
	return h.at(w.order)
}

func (w windows) sorted(all []json.RawMessage) []json.RawMessage {
	slices.SortStableFunc(all, func(a, b json.RawMessage) int {
		var x, y head
		_, _ = decode(a, &x), decode(b, &y) // the reading code says what is wrong
		return cmp.Or(x.at(w.order).Compare(y.at(w.order)), cmp.Compare(len(x.ID), len(y.ID)), cmp.Compare(x.ID, y.ID))
	})
	return all
}
