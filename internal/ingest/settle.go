package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// maxHeldUp is for how long a place that cannot be read holds up the tombstones
// of its stream: what is missing elsewhere may have moved there.
const maxHeldUp = 7 * 24 * time.Hour

// broken is a place that could not be read to its end.
type broken struct {
	resource rampforge.Resource
	place    store.Place
	since    time.Time // when it first could not be, in a row
	reason   string
	hidden   bool // its records may be hidden: that a list lacks one says nothing
}

// breaks keeps that a place could not be read.
func (r *run) breaks(ctx context.Context, resource rampforge.Resource, place store.Place, err error) error {
	since, failed := r.Store.PlaceBroken(ctx, r.claim, place, r.Now())
	if failed != nil {
		return fmt.Errorf("keeping that a place cannot be read: %w", failed)
	}
	reason := connector.Reason(err)
	r.broken[place.Stream] = append(r.broken[place.Stream], broken{
		resource: resource, place: place, since: since, reason: reason,
		hidden: connector.Absent(err) || reason == connector.ReasonAuthentication,
	})
	return nil
}

// settle buries what is missing of a stream whose records move. It may have
// moved after its new place was read, in this run or before a pause: every
// place is read on first, and what is found is not gone. Of a place that cannot
// be read the list of ids may tell. Where that tells nothing either, what is
// missing is kept until the next comparison, for maxHeldUp at most; what it
// takes for gone by mistake then comes back when the place is read again. What
// moved without a new date no reading finds: the lists of ids do.
func (r *run) settle(ctx context.Context, stream rampforge.Stream, all, compared []*missing) error {
	ended := slices.MaxFunc(all, func(a, b *missing) int { return a.ended.Compare(b.ended) }).ended
	for _, at := range r.read[stream] {
		if len(all) == 1 && all[0].place == at.place {
			continue // it is not where it is missing
		}
		if err := r.lookThrough(ctx, at, ended); err != nil || r.stopped {
			return err
		}
	}
	if err := r.elsewhere(ctx, stream, all, compared); err != nil || r.stopped {
		return err
	}
	var silent []broken
	for _, b := range r.broken[stream] {
		told, err := r.look(ctx, b, all)
		if err != nil || r.stopped {
			return err
		}
		if !told {
			silent = append(silent, b)
		}
	}
	held := r.heldUp(silent, all)
	for _, m := range all {
		if held {
			m.gone = nil
		}
		if err := r.bury(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// lookThrough reads a place on for what was missing elsewhere at a moment, unless
// that was done since, before a pause.
func (r *run) lookThrough(ctx context.Context, d due, ended time.Time) error {
	at, err := r.Store.Position(ctx, d.place)
	if err != nil {
		return fmt.Errorf("reading where the sync stands: %w", err)
	}
	if at.AgainAt != nil && !at.AgainAt.Before(ended) {
		return nil
	}
	began := r.Now()
	return r.readAgain(ctx, d, at, func(at store.Position) error { return r.Store.PlaceAgain(ctx, r.claim, at, began, r.Now()) })
}

// readAgain reads a place on from where it stands.
func (r *run) readAgain(ctx context.Context, d due, at store.Position, note func(store.Position) error) error {
	err := r.through(ctx, d.resource, at, note)
	switch {
	case err == nil, connector.Reason(err) == connector.ReasonUnsupported:
		return nil
	case ours(ctx, err):
		return err
	}
	r.fault(d.resource.Key, d.place.Stream, err)
	if r.wait > 0 {
		return nil
	}
	return r.breaks(ctx, d.resource, d.place, err)
}

// look takes out of what is missing what a place has that could not be read. It
// reports whether that was to be learnt.
func (r *run) look(ctx context.Context, b broken, all []*missing) (told bool, err error) {
	if b.hidden {
		return false, nil
	}
	for ids, err := range r.conn.IDs(ctx, b.resource, b.place.Stream) {
		switch {
		case ours(ctx, err):
			return false, err
		case err != nil && pauseOf(err) > 0:
			r.fault(b.resource.Key, b.place.Stream, err)
			return false, nil
		case err != nil:
			return false, nil
		}
		for _, id := range ids {
			for _, m := range all {
				delete(m.gone, id)
			}
		}
	}
	return true, nil
}

// heldUp reports whether what is missing may be in one of the places that tell
// nothing, and notes for whose sake it is kept.
func (r *run) heldUp(silent []broken, all []*missing) bool {
	if !slices.ContainsFunc(all, func(m *missing) bool { return len(m.gone) > 0 }) {
		return false
	}
	held := false
	for _, b := range silent {
		until := b.since.Add(maxHeldUp)
		message := "It could not be read for 7 days: what is missing elsewhere is taken for gone, even though it may have moved here."
		if until.After(r.Now()) {
			held = true
			message = fmt.Sprintf("What is missing elsewhere may have moved here: it is not taken for gone until this can be read, or until %s.", until.UTC().Format(time.RFC3339))
		}
		r.remark(rampforge.SyncFault{Resource: b.resource.Key, Stream: b.place.Stream, Reason: b.reason, Message: message})
	}
	return held
}
