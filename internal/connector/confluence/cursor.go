package confluence

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	// overlap is how far behind the newest document a reading looks again: a
	// change is dated when it begins and seen when it is committed and indexed,
	// and the nodes of a cluster do not share a clock.
	overlap = time.Hour
	// maxSeen bounds how many documents of the overlap a cursor names.
	maxSeen = 500
	// wholeEvery is when everything is read again. Labels, restrictions, new
	// titles of ancestors, moves from another space and what the account has
	// only now been let see do not touch the date of a document, and no list of
	// either flavour tells of them; so they come in with this, and with a
	// forced refresh. A day is what a restriction may
	// be late at most; the sweep of ids finds what is gone in its own time.
	wholeEvery = 24 * time.Hour
)

// edition is one state of a document: a document that changes has a new one,
// also where a clock went backwards.
type edition struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`

	blog bool // for Cloud, whose pages and blog posts are at different places
}

// compareEditions orders by date, and where dates are equal by id, so that
// documents which were imported at once have an order too.
func compareEditions(a, b edition) int {
	return cmp.Or(a.At.Compare(b.At), compareIDs(a.ID, b.ID), cmp.Compare(a.Version, b.Version))
}

// place is what a cursor holds. All editions up to Low have been read; above
// it those in Seen. So documents with equal dates are neither lost nor read
// again for ever, and a late one comes in.
type place struct {
	Low   edition   `json:"low"`
	At    time.Time `json:"at"` // the date that was reached
	Seen  []edition `json:"seen"`
	Whole time.Time `json:"whole"` // when the last reading of everything began
	Done  bool      `json:"done"`  // and whether it has come to its end
}

// placeOf reads a cursor. When a whole reading is due it begins one; one that
// has begun goes on however long it takes, else a slow one would never end.
func placeOf(c connector.Cursor, now time.Time) (*place, error) {
	fresh := &place{Whole: now.UTC()}
	if len(c) == 0 {
		return fresh, nil
	}
	p := &place{}
	if err := json.Unmarshal(c, p); err != nil || p.Whole.IsZero() {
		return nil, connector.Errorf(connector.ReasonMalformed, "The place where the reading stood cannot be read.", "Force a refresh of the service.", errors.New("a cursor that is not one of Confluence's"))
	}
	if p.Done && (now.Sub(p.Whole) >= wholeEvery || p.Whole.After(now.Add(wholeEvery))) { // long ago, or by a clock that was wrong
		return fresh, nil
	}
	slices.SortFunc(p.Seen, compareEditions)
	return p, nil
}

// wants reports whether an edition has not been read.
func (p *place) wants(e edition) bool {
	_, seen := slices.BinarySearchFunc(p.Seen, e, compareEditions)
	return !seen && compareEditions(e, p.Low) > 0
}

// take notes that the listed editions, oldest first, have been read, and the
// state that each was found in: a document may change between list and reading.
// The place moves by the list alone, else one such change would let it jump
// over all that is still to be read.
// Nor does it move past now: one date from the future would do the same.
func (p *place) take(listed, found []edition, now time.Time) {
	for _, e := range listed {
		if e.At.After(p.At) && !e.At.After(now) {
			p.At = e.At
		}
	}
	p.Seen = append(append(p.Seen, listed...), found...)
	slices.SortFunc(p.Seen, compareEditions)
	p.Seen = slices.CompactFunc(p.Seen, func(a, b edition) bool { return compareEditions(a, b) == 0 })
	if floor := (edition{At: p.At.Add(-overlap)}); compareEditions(floor, p.Low) > 0 {
		p.Low = floor
	}
	// Too many in one hour, as after an import: the oldest are given up as
	// names and counted as read up to there. What comes later still with an
	// older date waits for the whole reading.
	for len(p.Seen) > maxSeen && !p.Seen[0].At.After(p.At) {
		if compareEditions(p.Seen[0], p.Low) > 0 {
			p.Low = p.Seen[0]
		}
		p.Seen = p.Seen[1:]
	}
	p.Seen = p.Seen[:min(len(p.Seen), maxSeen)]
	p.Seen = slices.DeleteFunc(p.Seen, func(e edition) bool { return compareEditions(e, p.Low) <= 0 })
}

func (p *place) cursor() (connector.Cursor, error) {
	out, err := json.Marshal(p)
	if err != nil {
		return nil, malformed(errors.New("a date that cannot be written"))
	}
	return out, nil
}
