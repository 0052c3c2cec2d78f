package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
)

// ReasonUnread is the reason of a note: the vendor has records that the reading
// of their place did not bring.
const ReasonUnread = "unread"

// anewEvery is how often, at most, a place is read from its beginning for the
// sake of what came to be seen late.
const anewEvery = 24 * time.Hour

// keepUnread takes out of what is not kept in a place what was read there since
// its comparison began, and remembers the rest.
func (r *run) keepUnread(ctx context.Context, m *missing) error {
	if len(m.unread) > 0 {
		kept, err := r.Store.Sweep(ctx, m.place, r.Now().Add(time.Hour)) // whatever was read up to now
		if err != nil {
			return fmt.Errorf("listing what is kept: %w", err)
		}
		for id := range kept {
			delete(m.unread, id)
		}
	}
	return r.Store.PutUnread(ctx, r.claim, m.place, m.unread, r.Now())
}

// lateAnywhere goes through the places that were compared since the sync began,
// and have something unread.
func (r *run) lateAnywhere(ctx context.Context, compared []*missing) error {
	for _, stream := range slices.Sorted(maps.Keys(r.read)) {
		for _, at := range r.read[stream] {
			unread, known, err := r.unreadAt(ctx, at, compared)
			if err != nil || r.stopped {
				return err
			}
			if !known || len(unread) == 0 {
				continue
			}
			if err := r.late(ctx, &missing{due: at, unread: unread}); err != nil {
				return err
			}
		}
	}
	return nil
}

// late has a place be read from its beginning, by the next sync, when its vendor
// has there what was never read. It came to be seen with its old time of change,
// which the reading is past: an issue that was confidential, what a new token
// may see, a page that moved. It may also have been made a moment ago, so that
// the place is read on first. What the reading from the beginning does not bring
// either is told, and no reason for another.
func (r *run) late(ctx context.Context, m *missing) error {
	at, err := r.Store.Position(ctx, m.place)
	if err != nil {
		return fmt.Errorf("reading where the sync stands: %w", err)
	}
	if err := r.readAgain(ctx, m.due, at, nil); err != nil || r.stopped {
		return err
	}
	if err := r.keepUnread(ctx, m); err != nil {
		return err
	}
	asked, err := r.Store.Unread(ctx, m.place)
	if err != nil {
		return fmt.Errorf("listing what is not kept: %w", err)
	}
	fresh, left := 0, 0
	for id := range m.unread {
		if asked[id] {
			left++
		} else {
			fresh++
		}
	}
	if left > 0 {
		r.tellUnread(m, fmt.Sprintf("%d records are listed here that cannot be read, not even from the beginning.", left))
	}
	if fresh == 0 {
		return nil
	}
	now := r.Now()
	anew, err := r.Store.ReadAnew(ctx, r.claim, m.place, now.Add(-anewEvery), now)
	if err == nil && anew {
		r.tellUnread(m, fmt.Sprintf("%d records are listed here that were not read, as they could not be seen before or came from elsewhere: the next sync reads this from the beginning.", fresh))
	}
	return err
}

func (r *run) tellUnread(m *missing, message string) {
	r.remark(rampforge.SyncFault{Resource: m.resource.Key, Stream: m.place.Stream, Reason: ReasonUnread, Message: message})
}

// elsewhere takes out of what is missing what the vendor has in another place of
// the stream. A record is kept in one place: in the other it is unread. A place
// that was not compared in this sync is asked for its ids.
func (r *run) elsewhere(ctx context.Context, stream rampforge.Stream, all, compared []*missing) error {
	for _, at := range r.read[stream] {
		unread, known, err := r.unreadAt(ctx, at, compared)
		if err != nil {
			return err
		}
		if !known {
			if _, err := r.look(ctx, broken{resource: at.resource, place: at.place}, all); err != nil || r.stopped {
				return err
			}
		}
		for id := range unread {
			for _, m := range all {
				delete(m.gone, id)
			}
		}
	}
	return nil
}

// unreadAt returns what is unread in a place, if it was compared since the sync
// began. In one that was read for the first time nothing is.
func (r *run) unreadAt(ctx context.Context, at due, compared []*missing) (unread map[string]bool, known bool, err error) {
	if at.first {
		return nil, true, nil
	}
	if i := slices.IndexFunc(compared, func(m *missing) bool { return m.place == at.place }); i >= 0 {
		return compared[i].unread, true, nil
	}
	if !r.since(at.sweptAt) {
		return nil, false, nil
	}
	unread, err = r.Store.Unread(ctx, at.place)
	return keys(unread), true, err
}

// keys returns the set of a map's keys.
func keys(m map[string]bool) map[string]bool {
	set := make(map[string]bool, len(m))
	for key := range m {
		set[key] = true
	}
	return set
}
