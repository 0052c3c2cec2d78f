package ingest_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// stored makes the bench's service one of the database.
func (b *bench) stored() {
	b.t.Helper()
	u, err := b.store.CreateUser(b.t.Context(), store.Registration{Email: "ada@example.com", Name: "Ada", PasswordHash: "hash", Role: rampforge.RoleAdmin, At: b.now})
	if err != nil {
		b.t.Fatal(err)
	}
	v := &b.service
	v.Transport, v.Endpoint, v.Timeout, v.Enabled, v.CreatedBy, v.CreatedAt = rampforge.TransportREST, "https://one.example.com", 30, true, u.ID, b.now
	if err := b.store.CreateService(b.t.Context(), *v, store.SealedCredentials{KeyID: "key", Text: []byte("sealed")}); err != nil {
		b.t.Fatal(err)
	}
}

// change changes the service, and looks at it as a person does.
func (b *bench) change(change func(*store.ServiceSecret)) rampforge.Service {
	b.t.Helper()
	if _, err := b.store.UpdateService(b.t.Context(), b.service.ID, b.tick(), func(row *store.ServiceSecret) error { change(row); return nil }); err != nil {
		b.t.Fatal(err)
	}
	v, err := b.store.Service(b.t.Context(), b.service.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// moves lead a service to another site; stays do not.
var (
	moves = map[string]func(*store.ServiceSecret){
		"host":        func(row *store.ServiceSecret) { row.Service.Endpoint = "https://two.example.com" },
		"path":        func(row *store.ServiceSecret) { row.Service.Endpoint = "https://one.example.com/two" },
		"scheme":      func(row *store.ServiceSecret) { row.Service.Endpoint = "http://one.example.com" },
		"transport":   func(row *store.ServiceSecret) { row.Service.Transport = rampforge.TransportMCP },
		"credentials": func(row *store.ServiceSecret) { row.Moved = true },
	}
	stays = map[string]func(*store.ServiceSecret){
		"name":    func(row *store.ServiceSecret) { row.Service.Name = "Another" },
		"writing": func(row *store.ServiceSecret) { row.Service.Endpoint = "https://ONE.example.com/" },
		"token":   func(row *store.ServiceSecret) { row.Sealed.Text = []byte("another") },
	}
)

// TestAnotherSiteIsReadFromTheBeginning leads a service to a site whose ids are
// those of the one before: older items than were read last are kept, and what it
// has not is gone, all in the next sync.
func TestAnotherSiteIsReadFromTheBeginning(t *testing.T) {
	for what, move := range moves {
		t.Run(what, func(t *testing.T) {
			each(t, 20, func(b *bench) {
				b.stored()
				b.sync(false)
				v := b.change(move)
				if v.LastSynced != nil || v.SyncEnded != nil {
					b.t.Errorf("the service was synced %v, ended %v", v.LastSynced, v.SyncEnded)
				}
				b.vendor = newVendor(6)
				for id, it := range b.vendor.items {
					it.title = "Other " + it.title
					b.vendor.items[id] = it
				}
				result, _ := b.sync(false)
				if result.Status != rampforge.SyncCompleted || len(result.Faults) > 0 {
					b.t.Errorf("%+v", result)
				}
				b.same()
				if diff := cmp.Diff(map[string]string{"0": "Other Item 0", "10": "gone", "19": "gone"}, b.kept("0", "10", "19")); diff != "" {
					b.t.Errorf("(-want +kept):\n%s", diff)
				}
			})
		})
	}
	for what, stay := range stays {
		t.Run(what, func(t *testing.T) {
			each(t, 20, func(b *bench) {
				b.stored()
				b.sync(false)
				if v := b.change(stay); v.LastSynced == nil {
					b.t.Error("the service counts as never synced")
				}
				before := b.vendor.reads
				if _, task := b.sync(false); task.Records != 0 || b.vendor.reads-before != 2 {
					b.t.Errorf("%d records in %d pages were read anew", task.Records, b.vendor.reads-before)
				}
			})
		})
	}
}

// TestASyncOfTheSiteBeforeKeepsNothing changes the endpoint while pages are read:
// no page and no cursor of the site before comes after that, and the sync that
// is asked for then is another.
func TestASyncOfTheSiteBeforeKeepsNothing(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.stored()
		c, task := b.start(false)
		pages := 0
		b.vendor.before = func(what string) error {
			if pages++; what == "page" && pages == 4 {
				b.change(moves["host"])
			}
			return nil
		}
		if _, err := b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor); !errors.Is(err, store.ErrSyncCancelled) {
			b.t.Errorf("the sync ended with %v", err)
		}
		for _, resource := range []string{"one", "two"} {
			at, err := b.store.Position(b.t.Context(), store.Place{ServiceID: b.service.ID, ResourceID: resource, Stream: rampforge.StreamWorkItems})
			if err != nil || at.Cursor != nil || at.DoneBy != "" {
				b.t.Errorf("%s stands at %+v, %v", resource, at, err)
			}
		}
		if err := b.store.FinishSync(b.t.Context(), c, store.SyncEnd{Status: rampforge.SyncCancelled, Message: "Cancelled."}, b.tick(), b.enqueue); err != nil {
			b.t.Fatal(err)
		}
		if v, err := b.store.Service(b.t.Context(), b.service.ID); err != nil || v.SyncEnded != nil {
			b.t.Errorf("the service is not due at once: %v, %v", v.SyncEnded, err)
		}
		b.vendor.before = func(string) error { return nil }
		b.sync(false)
		b.same()
	})
}
