package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// due is a place that was read to its end and is to be swept.
type due struct {
	resource rampforge.Resource
	place    store.Place
	first    bool // it had never been read before
	sweptAt  *time.Time
	// When this task found something missing there, before a pause; nil is that
	// it did not.
	comparedAt *time.Time
}

// moves reports whether the records of a stream may move from one resource to
// another.
func moves(stream rampforge.Stream) bool {
	return slices.Contains([]rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints, rampforge.StreamDocuments}, stream)
}

// deletions sweeps the places that are due. What is no more where it was may
// have moved: a stream whose records move is swept only in a run that read it
// in every resource in the service's scope, and when all that is missing is
// known; see settle. What moved out of the scope is gone from what is synced,
// and becomes a tombstone.
func (r *run) deletions(ctx context.Context) error {
	open, compared := map[rampforge.Stream][]*missing{}, []*missing{}
	for _, due := range r.due {
		if r.stopped {
			return nil
		}
		stream := due.place.Stream
		if moves(stream) && (r.partly || !r.task.Full()) {
			continue
		}
		r.progress.Resource, r.progress.Stream, r.progress.Stage = due.resource.Key, stream, "deletions"
		if err := r.tell(ctx); err != nil {
			return err
		}
		m, err := r.comparison(ctx, due)
		if m != nil {
			compared = append(compared, m)
		}
		switch {
		case ours(ctx, err):
			return err
		case err != nil:
			r.fault(due.resource.Key, stream, err)
		case m == nil: // records of this stream never go
		case moves(stream) && len(m.gone) > 0:
			open[stream] = append(open[stream], m)
		default:
			if err := r.bury(ctx, m); err != nil {
				return err
			}
		}
	}
	for _, stream := range slices.Sorted(maps.Keys(open)) {
		if r.stopped {
			return nil
		}
		if err := r.settle(ctx, stream, open[stream], compared); err != nil {
			return err
		}
	}
	if err := r.lateAnywhere(ctx, compared); err != nil {
		return err
	}
	return r.buryResources(ctx)
}

func (r *run) sweepDue(resource string, at store.Position) bool {
	every := r.SweepEvery
	if every == 0 {
		every = DefaultSweepEvery
	}
	return at.SweptAt == nil || r.Now().Sub(*at.SweptAt) >= every || r.task.Forces(resource) && !r.since(at.SweptAt)
}

// since reports whether something was done since the task began, in this run or
// before a pause.
func (r *run) since(at *time.Time) bool {
	return at != nil && r.task.StartedAt != nil && !at.Before(*r.task.StartedAt)
}

// fewGone is how many records may be gone at once without a second look.
const fewGone = 10

// missing is what the vendor has no more in a place, and what it has there that
// is not kept there.
type missing struct {
	due

	began  time.Time // what was read since then is not gone
	ended  time.Time
	gone   map[string]bool // ids
	unread map[string]bool // ids
}

// comparison returns what is missing in a place. What the task found before a
// pause stands: with a vendor that limits what is asked, comparing and settling
// would never come to their end otherwise.
func (r *run) comparison(ctx context.Context, d due) (*missing, error) {
	if d.comparedAt != nil {
		gone, err := r.Store.Missing(ctx, d.place)
		if err != nil {
			return nil, fmt.Errorf("listing what is missing: %w", err)
		}
		unread, err := r.Store.Unread(ctx, d.place)
		if err != nil {
			return nil, fmt.Errorf("listing what is not kept: %w", err)
		}
		return &missing{due: d, began: *d.comparedAt, ended: *d.comparedAt, gone: gone, unread: keys(unread)}, nil
	}
	m, err := r.compare(ctx, d)
	if err != nil || m == nil {
		return nil, err
	}
	m.ended = r.Now()
	if moves(d.place.Stream) && len(m.gone) > 0 {
		err = r.Store.PutMissing(ctx, r.claim, d.place, m.gone, m.ended)
	}
	return m, err
}

// compare finds what the vendor has no more in a place; nil is a stream whose
// records never go. The list of ids has to be whole: one that breaks off buries
// nothing. When much seems to be gone the vendor is asked twice, as an empty
// list is sometimes a fault that looks like an answer.
func (r *run) compare(ctx context.Context, d due) (*missing, error) {
	m := &missing{due: d, began: r.Now()}
	if d.first {
		old, err := r.old(ctx, d.place)
		if err != nil || !old {
			return m, err // what was never read before cannot be gone
		}
	}
	live, err := r.Store.Sweep(ctx, d.place, m.began)
	if err != nil {
		return nil, fmt.Errorf("listing what is kept: %w", err)
	}
	buried, err := r.Store.Buried(ctx, d.place)
	if err != nil {
		return nil, fmt.Errorf("listing the tombstones: %w", err)
	}
	l := &lists{live: live, buried: buried, gone: maps.Clone(live), back: map[string]bool{}, unread: map[string]bool{}}
	cross := func() error { return r.cross(ctx, d, l) }
	err = r.again(ctx, cross)
	if err == nil && len(l.gone) > fewGone && 2*len(l.gone) > len(live) {
		err = r.again(ctx, cross)
	}
	if connector.Reason(err) == connector.ReasonUnsupported {
		return nil, nil //nolint:nilnil // there is nothing to compare
	}
	if err != nil {
		return nil, err
	}
	// Restored at the vendor, or taken for gone by mistake: a webhook may come
	// late, and a restored record is not changed.
	if len(l.back) > 0 {
		if err := r.Store.Revive(ctx, r.claim, d.place, slices.Sorted(maps.Keys(l.back)), r.Now()); err != nil {
			return nil, err
		}
	}
	m.gone, m.unread = l.gone, l.unread
	return m, r.keepUnread(ctx, m)
}

// old reports whether a place that was read from the beginning keeps something
// from before: of the site that the service led to then.
func (r *run) old(ctx context.Context, p store.Place) (bool, error) {
	began := r.task.CreatedAt
	if r.task.StartedAt != nil {
		began = *r.task.StartedAt
	}
	kept, err := r.Store.Sweep(ctx, p, began)
	if err != nil {
		return false, fmt.Errorf("listing what is kept: %w", err)
	}
	return len(kept) > 0, nil
}

// bury leaves tombstones, and notes that the place was compared.
func (r *run) bury(ctx context.Context, m *missing) error {
	_, err := r.Store.Bury(ctx, r.claim, m.place, slices.Sorted(maps.Keys(m.gone)), r.service.Scope, m.began, r.Now())
	return err
}

// lists are the ids of a place that are compared with the vendor's.
type lists struct {
	live, buried map[string]bool // what is kept, and of what there are tombstones
	gone         map[string]bool // of live: the vendor does not have it
	back         map[string]bool // of buried: the vendor has it
	unread       map[string]bool // of neither: the vendor has it
}

// cross goes through what the vendor has.
func (r *run) cross(ctx context.Context, d due, l *lists) error {
	for ids, err := range r.conn.IDs(ctx, d.resource, d.place.Stream) {
		if err != nil {
			return err
		}
		for _, id := range ids {
			delete(l.gone, id)
			if l.buried[id] {
				l.back[id] = true
			} else if !l.live[id] && connector.FitID(id, connector.MaxRecordID) { // the others cannot be kept
				l.unread[id] = true
			}
		}
	}
	return nil
}
