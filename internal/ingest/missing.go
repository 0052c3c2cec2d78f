package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// maxMissing is for how long what a resource holds is kept while its service
// does not list it: a group that is moved, or a token that was given too little,
// is put right within days.
const maxMissing = 7 * 24 * time.Hour

// buryResources leaves tombstones for what those resources hold that the service
// has not listed for maxMissing, and tells of the others. What moved from there
// to another resource was read by now.
func (r *run) buryResources(ctx context.Context) error {
	for _, lost := range r.lost {
		if r.stopped {
			return nil
		}
		until := lost.Since.Add(maxMissing)
		message := fmt.Sprintf("It is not among the resources that the service's credentials see, since %s. What it holds is taken for gone from %s on, unless it is there again.",
			lost.Since.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339))
		if !until.After(r.Now()) {
			buried, err := r.Store.BuryResource(ctx, r.claim, r.service.ID, lost.ID, r.Now())
			if err != nil {
				return err
			}
			message = fmt.Sprintf("It was not among the resources that the service's credentials see for 7 days: what it held is taken for gone (%d records). If it is there again, it is read from its beginning.", buried)
		}
		r.remark(rampforge.SyncFault{Resource: lost.Key, Reason: connector.ReasonNotFound, Message: message})
	}
	return nil
}
