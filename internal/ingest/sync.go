// Package ingest carries records from a connector into the store:
// incrementally, a page at a time with the place to go on from, and with
// tombstones for what is gone. It may import connector, store and what lies
// below; it knows no vendor.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
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
	Status rampforge.SyncStatus // completed, partial or failed; running when it is to go on later
	Faults []rampforge.SyncFault
	Notes  []rampforge.SyncFault // what there is to know and is no fault
	// Pause is how long the vendor wants to be left alone: the sync is not at
	// its end, and goes on after that. 0 is that it ended.
	Pause time.Duration
	// Why says what the pause is for.
	Why rampforge.SyncFault
	// Of a pause: how many places the sync has read to their end since it began,
	// how many there are, 0 when that is unknown, and whether any came further
	// since the last pause.
	Read, Places int
	Further      bool
}

// Sync reads what is new of a service and keeps it. It goes on from where the
// last one stood, whatever ended that. What cannot be read is a fault of the
// result; an error is a fault of this side: the store, ctx, or the loss of the
// task (store.ErrSyncLost, store.ErrSyncCancelled).
func (s *Syncer) Sync(ctx context.Context, c store.SyncClaim, task rampforge.SyncTask, service rampforge.Service, conn connector.Connector) (Result, error) {
	run := &run{Syncer: s, claim: c, task: task, service: service, conn: conn, read: map[rampforge.Stream][]due{}, broken: map[rampforge.Stream][]broken{}}
	resources, err := run.resources(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := run.records(ctx, resources); err != nil {
		return Result{}, err
	}
	// Only now: what moved from one resource to another was read where it is.
	if err := run.deletions(ctx); err != nil {
		return Result{}, err
	}
	if err := run.tellLast(ctx); err != nil {
		return Result{}, err
	}
	return run.result(ctx)
}

// run is one sync of one service.
type run struct {
	*Syncer

	claim   store.SyncClaim
	task    rampforge.SyncTask
	service rampforge.Service
	conn    connector.Connector

	faults      []rampforge.SyncFault
	notes       []rampforge.SyncFault
	due         []due                         // places to sweep
	read        map[rampforge.Stream][]due    // places that were read to their end
	broken      map[rampforge.Stream][]broken // places that could not be
	done        int                           // how many were
	unreachable int                           // places in a row that nobody answered for
	stopped     bool                          // there is no use in going on
	partly      bool                          // not every resource in the scope was seen
	further     bool                          // something was read
	wait        time.Duration                 // what the vendor asks for
	why         rampforge.SyncFault
	progress    rampforge.SyncProgress
	told        time.Time // when the progress was last written
	seen        store.Seen
	lost        []store.MissingResource // what the service has no more
}

func (r *run) result(ctx context.Context) (Result, error) {
	if r.wait > 0 {
		read, err := r.Store.PlacesDone(ctx, r.service.ID, r.task.ID)
		if err != nil {
			return Result{}, fmt.Errorf("counting what was read: %w", err)
		}
		return Result{Status: rampforge.SyncRunning, Faults: r.faults, Notes: r.notes, Pause: r.wait, Why: r.why,
			Read: read, Places: r.progress.StreamsTotal, Further: r.further}, nil
	}
	status := rampforge.SyncCompleted
	switch {
	case len(r.faults) > 0 && r.done == 0:
		status = rampforge.SyncFailed
	case len(r.faults) > 0:
		status = rampforge.SyncPartial
	}
	return Result{Status: status, Faults: r.faults, Notes: r.notes}, nil
}

// resources lists what there is, keeps the list, and returns what is to be
// synced. A list that breaks off is a fault; what came before it is synced. A
// sync that is narrowed lists no further than to the last that it needs.
func (r *run) resources(ctx context.Context) ([]rampforge.Resource, error) {
	var all []rampforge.Resource
	err := r.again(ctx, func() (err error) {
		all, err = r.list(ctx)
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		r.partly = true
		r.fault("", "", err)
	}
	all = r.fitResources(all)
	now := r.Now()
	if err := r.Store.PutResources(ctx, r.claim, r.service.ID, all, now); err != nil {
		return nil, fmt.Errorf("keeping the resources: %w", err)
	}
	if r.task.Full() && !r.partly {
		if r.lost, err = r.Store.MissResources(ctx, r.claim, r.service.ID, now); err != nil {
			return nil, err
		}
	}
	return r.narrowed(r.inScope(all)), nil
}

// list returns the resources up to the first fault.
func (r *run) list(ctx context.Context) (all []rampforge.Resource, err error) {
	missing := map[string]bool{}
	for _, id := range r.task.Resources {
		missing[id] = true
	}
	for resource, err := range r.conn.Resources(ctx) {
		if err != nil {
			return all, err
		}
		if len(all) == maxResources {
			return all, tooMany()
		}
		all = append(all, resource)
		delete(missing, resource.ID)
		if len(missing) == 0 && !r.task.Full() {
			break
		}
	}
	return all, nil
}

// listTries is how often a list that has no cursor is asked for again.
const listTries = 3

// again asks for a list, and from its beginning once more after a fault that
// may pass.
func (r *run) again(ctx context.Context, ask func() error) error {
	for failed := 1; ; failed++ {
		err := ask()
		if err == nil || ours(ctx, err) || !passes(err) || failed > listTries {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(r.pause(failed)):
		}
	}
}

// tooMany is the fault of a service that lists more than maxResources.
func tooMany() error {
	return connector.Errorf(connector.ReasonTooLarge,
		fmt.Sprintf("The service lists more than %d resources.", maxResources), "Name those to sync in the service's scope.", nil)
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
		if r.task.Full() && !r.partly {
			r.fault(id, "", connector.Errorf(connector.ReasonNotFound,
				"A resource of the service's scope is not among those that its credentials see.", "Take it out of the scope, or give the credentials access to it.", nil))
		}
	}
	return chosen
}

// narrowed returns those of the resources that the task is for.
func (r *run) narrowed(chosen []rampforge.Resource) []rampforge.Resource {
	if r.task.Full() {
		return chosen
	}
	var kept []rampforge.Resource
	for _, id := range r.task.Resources {
		i := slices.IndexFunc(chosen, func(v rampforge.Resource) bool { return v.ID == id })
		if i >= 0 {
			kept = append(kept, chosen[i])
			continue
		}
		switch {
		case len(r.service.Scope) > 0 && !slices.Contains(r.service.Scope, id):
			r.fault(id, "", connector.Errorf(ReasonConfiguration,
				"This resource is outside of the service's scope.", "Add it to the scope, or leave it out of what is asked for.", nil))
		case !r.partly:
			r.fault(id, "", connector.Errorf(connector.ReasonNotFound,
				"This resource is not among those that the service's credentials see.", "Leave it out of what is asked for, or give the credentials access to it.", nil))
		}
	}
	return kept
}

// records reads every stream of the resources.
func (r *run) records(ctx context.Context, resources []rampforge.Resource) error {
	r.progress.ResourcesTotal = len(resources)
	for _, resource := range resources {
		r.progress.StreamsTotal += len(resource.Streams)
	}
	for _, resource := range resources {
		for _, stream := range resource.Streams {
			if r.stopped {
				return nil
			}
			r.progress.Resource, r.progress.Stream, r.progress.Stage = resource.Key, stream, "records"
			if err := r.tell(ctx); err != nil {
				return err
			}
			if err := r.place(ctx, resource, stream); err != nil {
				return err
			}
			if !r.stopped {
				r.progress.StreamsDone++
			}
		}
		if err := r.statuses(ctx, resource); err != nil {
			return err
		}
		if !r.stopped {
			r.progress.ResourcesDone++
		}
	}
	return nil
}

// tellEvery is how often progress is written at most: it goes to everybody who
// watches.
const tellEvery = time.Second

// tellLast keeps how far the run came.
func (r *run) tellLast(ctx context.Context) error {
	if r.progress.Stage == "" {
		return nil // nothing was to be read
	}
	r.told = time.Time{}
	return r.tell(ctx)
}

// tell keeps how far the run is, unless it was just told.
func (r *run) tell(ctx context.Context) error {
	now := r.Now()
	if now.Sub(r.told) < tellEvery {
		return nil
	}
	r.told = now
	message := "Reading " + r.progress.Resource + ": " + strings.ReplaceAll(string(r.progress.Stream), "_", " ") + "."
	if r.progress.Stage == "deletions" {
		message = "Looking for what is gone of " + r.progress.Resource + "."
	}
	return r.Store.ProgressSync(ctx, r.claim, r.progress, message, now)
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
	first := at.Cursor == nil && at.AnewAt == nil
	if at.DoneBy != r.task.ID { // else this task was through with it before it was interrupted
		err = r.through(ctx, resource, at, func(at store.Position) error { return r.Store.PlaceDone(ctx, r.claim, at, r.Now()) })
	}
	switch {
	case err == nil:
		r.done++
		r.unreachable = 0
		read := due{resource: resource, place: place, first: first, sweptAt: at.SweptAt}
		if at.ComparedBy == r.task.ID {
			read.comparedAt = at.ComparedAt
		}
		r.read[stream] = append(r.read[stream], read)
		if r.sweepDue(resource.ID, at) {
			r.due = append(r.due, read)
		}
	case ours(ctx, err):
		return err
	case connector.Reason(err) == connector.ReasonUnsupported:
		r.note(resource.Key, stream, err)
	default:
		r.fault(resource.Key, stream, err)
		// What was never open to the credentials is not among what is synced;
		// what moved there is gone from it.
		if r.wait == 0 && (!first || !connector.Absent(err)) {
			return r.breaks(ctx, resource, place, err)
		}
	}
	return nil
}

// ours reports whether an error is of this side and ends the sync.
func ours(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || connector.Reason(err) == "")
}
