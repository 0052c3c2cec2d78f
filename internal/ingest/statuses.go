package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// statusesAge is how old the list of a tracker's statuses may be: it changes
// when somebody changes a workflow.
const statusesAge = 24 * time.Hour

// maxStatuses bounds what is kept of a list.
const maxStatuses = 5_000

// statuses keeps what the tracker says of the statuses of a resource whose work
// items were read, where it says anything. That it could not be asked is a note:
// of the statuses that work items are in now their records tell, and the next
// sync asks again.
func (r *run) statuses(ctx context.Context, resource rampforge.Resource) error {
	lister, ok := r.conn.(connector.StatusLister)
	if !ok || r.stopped || resource.Archived || !slices.Contains(resource.Streams, rampforge.StreamWorkItems) {
		return nil
	}
	seen, err := r.Store.StatusesSeen(ctx, r.service.ID, resource.ID)
	if err != nil {
		return fmt.Errorf("reading when the statuses were listed: %w", err)
	}
	if r.Now().Sub(seen) < statusesAge && !r.task.Forces(resource.ID) {
		return nil
	}
	list, err := lister.Statuses(ctx, resource)
	switch {
	case ours(ctx, err):
		return err
	case connector.Reason(err) == connector.ReasonUnsupported:
		return nil
	case err != nil:
		r.note(resource.Key, rampforge.StreamWorkItems, err)
		return nil
	}
	if len(list) > maxStatuses {
		list = list[:maxStatuses]
	}
	return r.Store.PutStatuses(ctx, r.claim, r.service.ID, resource.ID, list, r.Now())
}
