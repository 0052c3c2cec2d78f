// Package ingest carries records from a connector into the store:
// incrementally, a page at a time with the place to go on from, and with
// tombstones for what is gone. It may import connector, store and what lies
// below; it knows no vendor.
package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// DefaultSweepEvery is how often the ids that are kept are compared with those
// that the vendor has.
const DefaultSweepEvery = 24 * time.Hour

// maxResources bounds what one service may list.
const maxResources = 20_000

// Syncer syncs services.
type Syncer struct {
	Store  *store.Store
	Logger *slog.Logger
	Now    func() time.Time
	// SweepEvery is how often a place is swept; 0 is DefaultSweepEvery.
	SweepEvery time.Duration
	// Backoff is the pause before a place is tried again after its nth fault in
	// a row, from 1 on; nil doubles from one second.
	Backoff func(n int) time.Duration
}

// Result is what a sync came to.
type Result struct {
	Status rampforge.SyncStatus // completed, partial or failed
	Faults []rampforge.SyncFault
}

// Sync reads what is new of a service and keeps it. It goes on from where the
// last one stood, whatever ended that. What cannot be read is a fault of the
// result; an error is a fault of this side: the store, ctx, or the loss of the
// task (store.ErrSyncLost, store.ErrSyncCancelled).
func (s *Syncer) Sync(ctx context.Context, c store.SyncClaim, task rampforge.SyncTask, service rampforge.Service, conn connector.Connector) (Result, error) {
	run := &run{Syncer: s, claim: c, task: task, service: service, conn: conn}
	resources, err := run.resources(ctx)
	if err != nil {
		return Result{}, err
	}
	for _, resource := range resources {
		for _, stream := range resource.Streams {
			if run.stopped {
				return run.result(), nil
			}
			if err := run.place(ctx, resource, stream); err != nil {
				return Result{}, err
			}
		}
	}
	// Only now: what moved from one resource to another was read where it is.
	for _, due := range run.due {
		if run.stopped {
			break
		}
		if err := run.sweep(ctx, due); err != nil {
			return Result{}, err
		}
	}
	return run.result(), nil
}

// run is one sync of one service.
type run struct {
	*Syncer

	claim   store.SyncClaim
	task    rampforge.SyncTask
	service rampforge.Service
	conn    connector.Connector

	faults      []rampforge.SyncFault
	due         []due // places to sweep
	done        int   // places that were read to their end
	unreachable int   // places in a row that nobody answered for
	stopped     bool  // there is no use in going on
}

func (r *run) result() Result {
	status := rampforge.SyncCompleted
	switch {
	case len(r.faults) > 0 && r.done == 0:
		status = rampforge.SyncFailed
	case len(r.faults) > 0:
		status = rampforge.SyncPartial
	}
	return Result{Status: status, Faults: r.faults}
}

// resources lists what there is, keeps the list, and returns what is to be
// synced. A list that breaks off is a fault; what came before it is synced.
func (r *run) resources(ctx context.Context) ([]rampforge.Resource, error) {
	var all []rampforge.Resource
	for resource, err := range r.conn.Resources(ctx) {
		if err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			r.fault("", "", err)
			break
		}
		if len(all) == maxResources {
			r.fault("", "", connector.Errorf(connector.ReasonTooLarge,
				fmt.Sprintf("The service lists more than %d resources.", maxResources), "Name those to sync in the service's scope.", nil))
			break
		}
		all = append(all, resource)
	}
	if err := r.Store.PutResources(ctx, r.service.ID, all, r.Now()); err != nil {
		return nil, fmt.Errorf("keeping the resources: %w", err)
	}
	return r.inScope(all), nil
}

// inScope returns what the service's scope names, all of it when it names
// nothing.
func (r *run) inScope(all []rampforge.Resource) []rampforge.Resource {
	if len(r.service.Scope) == 0 {
		return all
	}
	var chosen []rampforge.Resource
	for _, id := range r.service.Scope {
		i := slices.IndexFunc(all, func(v rampforge.Resource) bool { return v.ID == id })
		if i >= 0 {
			chosen = append(chosen, all[i])
			continue
		}
		r.fault(id, "", connector.Errorf(connector.ReasonNotFound,
			"A resource of the service's scope is not among those that its credentials see.", "Take it out of the scope, or give the credentials access to it.", nil))
	}
	return chosen
}

// maxUnreachable is how many places in a row may go unanswered before the
// service as a whole is taken for away.
const maxUnreachable = 3

// place reads one stream of one resource to its end.
func (r *run) place(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) error {
	place := store.Place{ServiceID: r.service.ID, ResourceID: resource.ID, Stream: stream}
	at, err := r.Store.Position(ctx, place)
	if err != nil {
		return fmt.Errorf("reading where the sync stands: %w", err)
	}
	first := at.Cursor == nil
	if r.task.Force {
		at.Cursor = nil
	}
	err = r.pages(ctx, resource, place, at.Cursor)
	if ours(ctx, err) {
		return err
	}
	if err == nil {
		r.done++
		r.unreachable = 0
		if r.sweepDue(at) {
			r.due = append(r.due, due{resource, place, first})
		}
		return nil
	}
	r.fault(resource.Key, stream, err)
	return nil
}

// fault notes what could not be read, and decides whether there is any use in
// going on.
func (r *run) fault(resource string, stream rampforge.Stream, err error) {
	f := rampforge.SyncFault{Resource: resource, Stream: stream, Reason: connector.Reason(err), Message: rampforge.ErrorMessage(err)}
	if f.Reason == "" {
		f.Reason = connector.ReasonMalformed
	}
	r.Logger.Warn("a stream could not be read to its end", slog.String("service_id", r.service.ID), slog.String("resource", resource),
		slog.String("stream", string(stream)), slog.String("reason", f.Reason), slog.Any("error", err))
	r.faults = append(r.faults, f)
	switch f.Reason {
	case connector.ReasonAuthentication, connector.ReasonRateLimited:
		r.stopped = true
	case connector.ReasonUnreachable, connector.ReasonTimeout:
		r.unreachable++
		r.stopped = r.unreachable >= maxUnreachable
	default:
		r.unreachable = 0
	}
}

// ours reports whether an error is of this side and ends the sync.
func ours(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || connector.Reason(err) == "")
}

// tries is how often a place is tried again without having come any further.
const tries = 6

// pages reads on from a cursor, and again from where it stands after a fault
// that may pass.
func (r *run) pages(ctx context.Context, resource rampforge.Resource, place store.Place, cursor connector.Cursor) error {
	for failed := 0; ; {
		next, err := r.readOn(ctx, resource, place, cursor)
		if err == nil || ours(ctx, err) || !passes(err) {
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
func (r *run) readOn(ctx context.Context, resource rampforge.Resource, place store.Place, cursor connector.Cursor) (connector.Cursor, error) {
	stuck := false
	for page, err := range r.conn.Read(ctx, resource, place.Stream, cursor) {
		if err != nil {
			return cursor, err
		}
		// A vendor that sends the same page for ever must not be read for ever.
		same := bytes.Equal(page.Next, cursor)
		if same && len(page.Records) > 0 && stuck {
			return cursor, connector.Errorf(connector.ReasonMalformed, "The vendor sends the same page again and again.", "Try again later; if it stays so, report it.", nil)
		}
		stuck = same
		if err := r.Store.PutPage(ctx, r.claim, place, page.Records, page.Next, r.Now()); err != nil {
			if errors.Is(err, store.ErrSyncLost) || errors.Is(err, store.ErrSyncCancelled) {
				return cursor, err
			}
			return cursor, fmt.Errorf("keeping a page: %w", err)
		}
		cursor = page.Next
	}
	return cursor, nil
}
