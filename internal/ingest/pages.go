package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// tries is how often a place is tried again without having come any further.
const tries = 6

// through reads a place to its end from where it stands, or from its beginning
// where the task asks for that and did not begin yet. The database may lose the
// last pages while this runs (a crash, or a replica that takes over): then the
// place stands where it was before them, and is read on from there. note keeps
// that it was read, if that is to be known.
func (r *run) through(ctx context.Context, resource rampforge.Resource, at store.Position, note func(store.Position) error) error {
	for lost := 0; ; lost++ {
		cursor := at.Cursor
		if r.task.Forces(resource.ID) && at.TaskID != r.task.ID {
			cursor = nil
		}
		err := r.pages(ctx, resource, &at, cursor)
		if err == nil && note != nil {
			err = note(at)
		}
		if !errors.Is(err, store.ErrPositionLost) || lost == tries {
			return err
		}
		r.seen = store.Seen{} // what was seen in those pages is lost with them
		if at, err = r.Store.Position(ctx, at.Place); err != nil {
			return fmt.Errorf("reading where the sync stands: %w", err)
		}
	}
}

// pages reads on from a cursor, and again from where it stands after a fault
// that may pass.
func (r *run) pages(ctx context.Context, resource rampforge.Resource, at *store.Position, cursor connector.Cursor) error {
	for failed := 0; ; {
		next, err := r.readOn(ctx, resource, at, cursor)
		r.further = r.further || err == nil || !bytes.Equal(next, cursor)
		if err == nil || ours(ctx, err) || !passes(err) || pauseOf(err) > 0 {
			return err
		}
		if !bytes.Equal(next, cursor) {
			failed = 0
		}
		if failed++; failed > tries {
			return err
		}
		cursor = next
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(r.pause(failed)):
		}
	}
}

// passes reports whether a fault may be gone the next time.
func passes(err error) bool {
	switch connector.Reason(err) {
	case connector.ReasonUnreachable, connector.ReasonTimeout, connector.ReasonVendor, connector.ReasonMalformed:
		return true
	}
	return false
}

func (r *run) pause(n int) time.Duration {
	if r.Backoff != nil {
		return r.Backoff(n)
	}
	return time.Second << min(n-1, 6)
}

// readOn keeps one page after the other, each with the cursor after it, and
// returns where the reading stands.
func (r *run) readOn(ctx context.Context, resource rampforge.Resource, at *store.Position, cursor connector.Cursor) (connector.Cursor, error) {
	stuck := false
	for page, err := range r.conn.Read(ctx, resource, at.Stream, cursor) {
		if err != nil {
			return cursor, err
		}
		// A vendor that sends the same page for ever must not be read for ever.
		same := bytes.Equal(page.Next, cursor)
		if same && len(page.Records) > 0 && stuck {
			return cursor, connector.Errorf(connector.ReasonMalformed, "The vendor sends the same page again and again.", "Try again later; if it stays so, report it.", nil)
		}
		stuck = same
		records := r.fitRecords(resource, at.Place, page.Records)
		if err := r.Store.PutPage(ctx, r.claim, at, records, page.Next, &r.seen, r.Now()); err != nil {
			if errors.Is(err, store.ErrSyncLost) || errors.Is(err, store.ErrSyncCancelled) || errors.Is(err, store.ErrPositionLost) {
				return cursor, err
			}
			return cursor, fmt.Errorf("keeping a page: %w", err)
		}
		cursor = page.Next
		for _, note := range page.Notes {
			r.note(resource.Key, at.Stream, note)
		}
		if err := r.tell(ctx); err != nil {
			return cursor, err
		}
	}
	return cursor, nil
}
