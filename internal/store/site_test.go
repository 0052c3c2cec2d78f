package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// TestNoSyncBeginsWhileAServiceMoves starts a sync while somebody changes the
// endpoint: it is another than the one that the change ends, or it would read
// the site before.
func TestNoSyncBeginsWhileAServiceMoves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		v := b.service(1)
		started := make(chan rampforge.SyncTask, 1)
		_, err := b.UpdateService(b.ctx(), v.ID, b.now, func(row *store.ServiceSecret) error {
			row.Service.Endpoint = "https://other.example.com"
			go func() {
				var run rampforge.SyncRun
				if err := b.InTx(b.ctx(), func(tx *sql.Tx) (err error) {
					run, err = b.StartSyncTx(b.ctx(), tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{v}, RequestedBy: "usr_x", At: b.now}, b.enqueueSync)
					return err
				}); err != nil {
					t.Error(err)
				}
				started <- run.Tasks[0]
			}()
			select {
			case <-started:
				t.Fatal("a sync began while the service was changed")
			case <-time.After(200 * time.Millisecond):
			}
			return nil
		})
		b.must(err)
		c := store.SyncClaim{TaskID: (<-started).ID, JobID: b.job, Owner: "one"}
		if _, claimed, err := b.ClaimSync(b.ctx(), c, b.now, b.now); err != nil || !claimed {
			t.Fatal(claimed, err)
		}
		b.must(b.BeatSync(b.ctx(), c, b.now))
	})
}
