package ingest_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// bench is a store with one service and the vendor behind it.
type bench struct {
	t       *testing.T
	store   *store.Store
	db      *database.DB
	service rampforge.Service
	vendor  *vendor
	now     time.Time
	job     int64
}

func each(t *testing.T, items int, test func(b *bench)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		test(&bench{t: t, store: s, db: db, vendor: newVendor(items), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
			service: rampforge.Service{ID: store.NewID("svc"), Type: rampforge.ServiceJira, Name: "Tracker"}})
	})
}

// tick is the time, which goes on with every look.
func (b *bench) tick() time.Time {
	b.now = b.now.Add(time.Second)
	return b.now
}

// start queues a sync and claims it.
func (b *bench) start(force bool) (store.SyncClaim, rampforge.SyncTask) {
	b.t.Helper()
	var run rampforge.SyncRun
	err := b.store.InTx(b.t.Context(), func(tx *sql.Tx) (err error) {
		run, err = b.store.StartSyncTx(b.t.Context(), tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{b.service}, Force: force, RequestedBy: "usr_x", At: b.tick()}, b.enqueue)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.claim(run.Tasks[0].ID)
}

func (b *bench) enqueue(context.Context, *sql.Tx, string) (int64, error) {
	b.job++
	return b.job, nil
}

func (b *bench) claim(taskID string) (store.SyncClaim, rampforge.SyncTask) {
	b.t.Helper()
	c := store.SyncClaim{TaskID: taskID, JobID: b.job, Owner: fmt.Sprint("worker ", b.job)}
	task, claimed, err := b.store.ClaimSync(b.t.Context(), c, b.tick(), b.now)
	if err != nil || !claimed {
		b.t.Fatalf("claiming: %v, %v", claimed, err)
	}
	return c, task
}

func (b *bench) syncer() *ingest.Syncer {
	return &ingest.Syncer{Store: b.store, Logger: slog.New(slog.DiscardHandler), Now: b.tick, Backoff: func(int) time.Duration { return 0 }}
}

// sync runs one sync to its end.
func (b *bench) sync(force bool) (ingest.Result, rampforge.SyncTask) {
	b.t.Helper()
	c, task := b.start(force)
	result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor)
	if err != nil {
		b.t.Fatal(err)
	}
	b.end(c, result)
	ended, err := b.store.NewestSync(b.t.Context(), b.service.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return result, ended
}

// end ends a sync that came to a result.
func (b *bench) end(c store.SyncClaim, result ingest.Result) {
	b.t.Helper()
	if err := b.store.FinishSync(b.t.Context(), c, store.SyncEnd{Status: result.Status, Faults: result.Faults, Notes: result.Notes, Message: "Done."}, b.tick(), b.enqueue); err != nil {
		b.t.Fatal(err)
	}
}

// kept returns the titles of what is kept by id, "gone" for tombstones.
func (b *bench) kept(ids ...string) map[string]string {
	b.t.Helper()
	out := map[string]string{}
	for _, id := range ids {
		r, err := b.store.Record(b.t.Context(), b.service.ID, rampforge.StreamWorkItems, id)
		if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
			continue
		}
		if err != nil {
			b.t.Fatal(err)
		}
		var content rampforge.WorkItem
		if err := json.Unmarshal(r.Content, &content); err != nil {
			b.t.Fatal(err)
		}
		out[id] = content.Title
		if r.DeletedAt != nil {
			out[id] = "gone"
		}
	}
	return out
}

// same fails unless what is kept is what the vendor has, and nothing else.
func (b *bench) same() {
	b.t.Helper()
	var ids []string
	want := map[string]string{}
	for i := range 200 {
		ids = append(ids, fmt.Sprint(i))
	}
	for id, it := range b.vendor.items {
		want[id] = it.title
	}
	got := b.kept(ids...)
	for id, title := range got {
		if title == "gone" {
			delete(got, id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("(-vendor +kept):\n%s", diff)
	}
}

func TestSyncKeepsWhatThereIs(t *testing.T) {
	each(t, 20, func(b *bench) {
		result, task := b.sync(false)
		if result.Status != rampforge.SyncCompleted || len(result.Faults) != 0 || task.Records != 20 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		b.same()
		kept, err := b.store.Record(b.t.Context(), b.service.ID, rampforge.StreamWorkItems, "7")
		if err != nil || string(kept.Raw) != `{"id":"7"}` {
			b.t.Errorf("raw %q, %v", kept.Raw, err)
		}
		var content rampforge.WorkItem
		if err := json.Unmarshal(kept.Content, &content); err != nil || content.Body != "nul \x00, four bytes \U0001F642" {
			b.t.Errorf("the text is not what was sent: %q, %v", content.Body, err)
		}
		pages := b.vendor.reads
		b.vendor.put("3", "two", "Item 3, changed")
		if _, task = b.sync(false); task.Records != 1 || b.vendor.reads-pages != 2 {
			b.t.Errorf("after one change %d records in %d pages", task.Records, b.vendor.reads-pages)
		}
		b.same()
	})
}

// TestSyncGoesOnAfterEveryCrash ends the sync before a page at random, by a
// panic as much as by a lost connection, until it is through: the end is that
// of one sync without an end.
func TestSyncGoesOnAfterEveryCrash(t *testing.T) {
	each(t, 60, func(b *bench) {
		random := rand.New(rand.NewPCG(1, 2))
		c, task := b.start(false)
		crashes := 0
		for {
			b.vendor.before = func(string) error {
				if random.IntN(4) == 0 {
					panic("crash")
				}
				return nil
			}
			result, err := b.crashing(c, task)
			if err == nil {
				if result.Status != rampforge.SyncCompleted {
					b.t.Fatalf("%+v", result)
				}
				break
			}
			crashes++
			// The sweep gives the row of a dead worker a new job.
			silent, err := b.store.SilentSyncs(b.t.Context(), b.tick(), 10)
			if err != nil || len(silent) != 1 {
				b.t.Fatalf("%+v, %v", silent, err)
			}
			if won, err := b.store.RequeueSync(b.t.Context(), silent[0], b.now, b.tick(), b.enqueue); err != nil || !won {
				b.t.Fatalf("%v, %v", won, err)
			}
			c, task = b.claim(silent[0].TaskID)
		}
		b.vendor.before = func(string) error { return nil }
		b.same()
		// Each page is kept once; at most the one in flight is read again.
		if whole := 20 + 2; crashes == 0 || b.vendor.reads > whole+crashes {
			b.t.Errorf("%d pages were read in %d crashes, one sync reads %d", b.vendor.reads, crashes, whole)
		}
	})
}

var errCrash = errors.New("the process crashed")

func (b *bench) crashing(c store.SyncClaim, task rampforge.SyncTask) (result ingest.Result, err error) {
	defer func() {
		if recover() != nil {
			err = errCrash
		}
	}()
	return b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor)
}

// TestFaultsThatPass has three of ten answers fail: the end is that of a clean
// run.
func TestFaultsThatPass(t *testing.T) {
	each(t, 60, func(b *bench) {
		random := rand.New(rand.NewPCG(3, 4))
		reasons := []string{connector.ReasonVendor, connector.ReasonTimeout, connector.ReasonMalformed, connector.ReasonUnreachable}
		b.vendor.before = func(what string) error {
			if what == "page" && random.IntN(10) < 3 {
				return connector.Errorf(reasons[random.IntN(len(reasons))], "It failed.", "Wait.", nil)
			}
			return nil
		}
		if result, _ := b.sync(false); result.Status != rampforge.SyncCompleted {
			b.t.Errorf("%+v", result)
		}
		b.same()
	})
}

func TestFaultsThatStay(t *testing.T) {
	for reason, test := range map[string]struct {
		status rampforge.SyncStatus
		faults int
	}{
		connector.ReasonAuthentication: {rampforge.SyncFailed, 1}, // the second project is not asked for
		connector.ReasonRateLimited:    {rampforge.SyncFailed, 1},
		connector.ReasonPermission:     {rampforge.SyncFailed, 2},
		connector.ReasonVendor:         {rampforge.SyncFailed, 2},
	} {
		t.Run(reason, func(t *testing.T) {
			each(t, 10, func(b *bench) {
				b.vendor.before = func(what string) error {
					if what == "page" {
						return connector.Errorf(reason, "It failed.", "Wait.", nil)
					}
					return nil
				}
				result, task := b.sync(false)
				if result.Status != test.status || len(task.Faults) != test.faults || task.Faults[0].Reason != reason || task.Faults[0].Message != "It failed." {
					b.t.Errorf("%+v, %+v", result, task)
				}
			})
		})
	}
}

func TestOneRefusedProjectIsPartial(t *testing.T) {
	each(t, 10, func(b *bench) {
		asked := 0
		b.vendor.before = func(what string) error {
			if what != "page" {
				return nil
			}
			if asked++; asked == 1 {
				return connector.Errorf(connector.ReasonPermission, "You may not read it.", "Give the token access.", nil)
			}
			return nil
		}
		result, task := b.sync(false)
		if result.Status != rampforge.SyncPartial || len(result.Faults) != 1 || result.Faults[0].Resource != "KEY-one" || task.Records != 5 {
			b.t.Errorf("%+v, %+v", result, task)
		}
	})
}

func TestDeletionsLeaveTombstones(t *testing.T) {
	each(t, 30, func(b *bench) {
		b.sync(false)
		b.vendor.remove("4")
		b.vendor.put("6", "two", "Item 6, moved")
		if _, task := b.sync(true); task.Deleted != 1 {
			b.t.Errorf("%+v", task)
		}
		if diff := cmp.Diff(map[string]string{"4": "gone", "6": "Item 6, moved"}, b.kept("4", "6")); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		b.same()
		b.vendor.put("4", "one", "Item 4, restored")
		b.sync(false)
		b.same()
	})
}

// TestRestoredUnchanged has a record come back as it was, so that no reading by
// its time of change would find it.
func TestRestoredUnchanged(t *testing.T) {
	each(t, 30, func(b *bench) {
		b.sync(false)
		was := b.vendor.items["4"]
		b.vendor.remove("4")
		b.now = b.now.Add(25 * time.Hour)
		b.sync(false)
		if got := b.kept("4")["4"]; got != "gone" {
			b.t.Fatalf("kept as %q", got)
		}
		b.vendor.items["4"] = was
		b.now = b.now.Add(25 * time.Hour)
		b.sync(false)
		b.same()
	})
}

// TestAListThatLiesBuriesNothing has the vendor list nothing once, and break
// off once: neither is a deletion.
func TestAListThatLiesBuriesNothing(t *testing.T) {
	each(t, 60, func(b *bench) {
		b.sync(false)
		lists := 0
		b.vendor.before = func(what string) error {
			if what != "ids" {
				return nil
			}
			if lists++; lists%2 == 0 {
				return connector.Errorf(connector.ReasonVendor, "It broke off.", "Wait.", nil)
			}
			return nil
		}
		if result, task := b.sync(true); result.Status == rampforge.SyncCompleted || task.Deleted != 0 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		b.vendor.before = func(string) error { return nil }
		lying := &forgetful{vendor: b.vendor, times: 1}
		c, task := b.start(true)
		if _, err := b.syncer().Sync(b.t.Context(), c, task, b.service, lying); err != nil {
			b.t.Fatal(err)
		}
		b.same()
	})
}

func TestALostTaskWritesNothing(t *testing.T) {
	each(t, 20, func(b *bench) {
		c, task := b.start(false)
		pages := 0
		b.vendor.before = func(what string) error {
			if what != "page" {
				return nil
			}
			if pages++; pages == 2 {
				silent, err := b.store.SilentSyncs(b.t.Context(), b.tick(), 10)
				if err != nil || len(silent) != 1 {
					b.t.Errorf("%+v, %v", silent, err)
					return nil
				}
				if _, err := b.store.RequeueSync(b.t.Context(), silent[0], b.now, b.tick(), b.enqueue); err != nil {
					b.t.Error(err)
				}
			}
			return nil
		}
		if _, err := b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor); !errors.Is(err, store.ErrSyncLost) {
			b.t.Errorf("%v", err)
		}
		counts, err := b.store.RecordCounts(b.t.Context(), b.service.ID)
		if err != nil || len(counts) != 1 || counts[0].Records != pageSize {
			b.t.Errorf("%+v, %v", counts, err)
		}
	})
}

func TestOverlappingRunsShareATask(t *testing.T) {
	each(t, 0, func(b *bench) {
		ids := map[string]bool{}
		for range 3 {
			err := b.store.InTx(b.t.Context(), func(tx *sql.Tx) error {
				run, err := b.store.StartSyncTx(b.t.Context(), tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{b.service}, RequestedBy: "usr_x", At: b.tick()}, b.enqueue)
				if err == nil {
					ids[run.Tasks[0].ID] = true
				}
				return err
			})
			if err != nil {
				b.t.Fatal(err)
			}
		}
		if len(ids) != 1 || b.job != 1 {
			b.t.Errorf("%d tasks, %d jobs", len(ids), b.job)
		}
	})
}

func TestScopeNamesWhatIsSynced(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.service.Scope = []string{"two", "none"}
		result, task := b.sync(false)
		if task.Records != 10 || result.Status != rampforge.SyncPartial || len(result.Faults) != 1 || !strings.Contains(result.Faults[0].Message, "scope") {
			b.t.Errorf("%+v, %+v", result, task)
		}
	})
}
