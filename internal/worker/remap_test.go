package worker_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// remapped waits for the end of the newest remap of a service.
func (p *process) remapped(serviceID string) rampforge.Remap {
	p.t.Helper()
	deadline, tick := time.Now().Add(60*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		v, err := p.store.NewestRemap(p.t.Context(), serviceID)
		if err != nil {
			p.t.Fatal(err)
		}
		if v.Status.Finished() {
			return v
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%+v\n%s", v, p.logs)
		}
		<-tick.C
	}
}

// remap starts one.
func (p *process) remap(serviceID string, dry bool) rampforge.Remap {
	p.t.Helper()
	v, started, err := p.store.StartRemap(p.t.Context(), rampforge.Remap{ID: store.NewID("remap"), ServiceID: serviceID, DryRun: dry, RequestedBy: "usr_x", CreatedAt: time.Now()}, p.queue.EnqueueRemap)
	if err != nil || !started {
		p.t.Fatal(started, err)
	}
	return v
}

// mapping makes work items whose titles say what they were made of.
func mapping(title string) func(*worker.Options) {
	return func(o *worker.Options) {
		o.Normalise = func(rampforge.ServiceType) ingest.Normalise {
			return func(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
				var payload struct{ ID string }
				if err := json.Unmarshal(raw, &payload); err != nil {
					return rampforge.Record{}, err
				}
				return rampforge.Record{Stream: stream, ID: payload.ID, ResourceID: resourceID, UpdatedAt: time.Unix(1, 0).UTC(), Raw: raw,
					WorkItem: &rampforge.WorkItem{Key: payload.ID, Title: fmt.Sprint(title, " ", payload.ID), Reporter: &rampforge.Account{ID: "ada", Name: "Ada Byron"}}}, nil
			}
		}
	}
}

// patient takes no worker for dead that writes a page.
func patient(o *worker.Options) { o.Beat = 500 * time.Millisecond }

// remappable is a process whose service has n records with their payloads, and
// one that the mapping does not take.
func remappable(t *testing.T, db *database.DB, n int, change ...func(*worker.Options)) (*process, rampforge.Service) {
	t.Helper()
	idle := start(t, db, "idle", 0, completed) // until the records are there
	ctx, now := t.Context(), time.Now()
	user, err := idle.store.CreateUser(ctx, store.Registration{Email: "ada@example.com", Name: "Ada", PasswordHash: "x", Role: rampforge.RoleAdmin, At: now})
	if err != nil {
		t.Fatal(err)
	}
	service := rampforge.Service{ID: store.NewID("svc"), Type: rampforge.ServiceJira, Name: "Tracker", Endpoint: "https://jira.example.com", Transport: rampforge.TransportREST,
		Enabled: true, CreatedBy: user.ID, CreatedAt: now, UpdatedAt: now}
	if err := idle.store.CreateService(ctx, service, store.SealedCredentials{KeyID: "none", Text: []byte("none")}); err != nil {
		t.Fatal(err)
	}
	records := []rampforge.Record{{Stream: rampforge.StreamWorkItems, ID: "x", Raw: []byte("no JSON"), WorkItem: &rampforge.WorkItem{Title: "Old x"}}}
	for i := range n {
		records = append(records, rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprint(i), Raw: fmt.Appendf(nil, `{"id":"%d"}`, i), WorkItem: &rampforge.WorkItem{Title: "Old"}})
	}
	idle.askSync(service.ID)
	silent, err := idle.store.SilentSyncs(ctx, now.Add(time.Hour), 10)
	if err != nil || len(silent) != 1 {
		t.Fatal(silent, err)
	}
	c := store.SyncClaim{TaskID: silent[0].TaskID, JobID: silent[0].JobID, Owner: "idle"}
	if _, claimed, err := idle.store.ClaimSync(ctx, c, now, now); err != nil || !claimed {
		t.Fatal(claimed, err)
	}
	err = idle.store.PutPage(ctx, c, &store.Position{Place: store.Place{ServiceID: service.ID, ResourceID: "r", Stream: rampforge.StreamWorkItems}}, records, []byte("1"), nil, now)
	if err == nil {
		err = idle.store.FinishSync(ctx, c, store.SyncEnd{Status: rampforge.SyncCompleted}, now, idle.queue.EnqueueSync)
	}
	if err != nil {
		t.Fatal(err)
	}
	return start(t, db, "one", 1, completed, append(change, patient)...), service
}

func (p *process) titled(serviceID, id string) string {
	p.t.Helper()
	r, err := p.store.Record(p.t.Context(), serviceID, rampforge.StreamWorkItems, id)
	var content rampforge.WorkItem
	if err == nil {
		err = json.Unmarshal(r.Content, &content)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return content.Title
}

func TestRemapIsAJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p, service := remappable(t, db, 1200, mapping("New"))
		p.remap(service.ID, true)
		want := rampforge.RemapCounts{Read: 1201, Changed: 1200, Failed: 1}
		if v := p.remapped(service.ID); v.Status != rampforge.SyncCompleted || v.RemapCounts != want || !v.DryRun || v.StartedAt == nil || v.FinishedAt == nil {
			t.Errorf("dry: %+v", v)
		}
		if got := p.titled(service.ID, "7"); got != "Old" {
			t.Errorf("a dry run wrote %q", got)
		}
		p.remap(service.ID, false)
		if v := p.remapped(service.ID); v.Status != rampforge.SyncCompleted || v.RemapCounts != want || v.DryRun {
			t.Errorf("%+v", v)
		}
		if seven, x := p.titled(service.ID, "7"), p.titled(service.ID, "x"); seven != "New 7" || x != "Old x" {
			t.Errorf("%q, %q", seven, x)
		}
		people, _, err := p.store.People(t.Context(), store.PeopleFilter{}, store.Page{Limit: 10})
		if err != nil || len(people) != 2 { // the user, and the account that the new mapping found
			t.Errorf("%+v, %v", people, err)
		}
	})
}

// TestRemapGoesOn takes over from a worker that died after two pages: what it
// counted stays, and nothing is made anew twice.
func TestRemapGoesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p, service := remappable(t, db, 1200, mapping("New"))
		dead := start(t, db, "dead", 0, completed)
		p.stop()
		v := dead.remap(service.ID, false)
		jobs, err := p.store.SilentRemaps(t.Context(), time.Now().Add(time.Hour), 10)
		if err != nil || len(jobs) != 1 {
			t.Fatal(jobs, err)
		}
		c := store.RemapClaim{RemapID: v.ID, JobID: jobs[0].JobID, Owner: "dead"}
		_, at, claimed, err := p.store.ClaimRemap(t.Context(), c, time.Now().Add(-time.Hour), time.Now())
		if err != nil || !claimed || at != (store.RemapPosition{}) {
			t.Fatal(at, claimed, err)
		}
		at = store.RemapPosition{Stream: rampforge.StreamWorkItems, ID: "5", Counts: rampforge.RemapCounts{Read: 9000}}
		move := func(now time.Time) error {
			return p.store.InTx(t.Context(), func(tx *sql.Tx) error { return p.store.MoveRemapTx(t.Context(), tx, c, at, now) })
		}
		if err := move(time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		second := start(t, db, "two", 1, completed, mapping("New"), patient)
		after := second.remapped(service.ID)
		if after.Status != rampforge.SyncCompleted || after.Read <= 9000 || after.Read >= 9000+1200 {
			t.Errorf("%+v", after)
		}
		if before, behind := second.titled(service.ID, "1"), second.titled(service.ID, "6"); before != "Old" || behind != "New 6" {
			t.Errorf("%q, %q", before, behind)
		}
		if err := move(time.Now()); !errors.Is(err, store.ErrRemapLost) {
			t.Errorf("the dead one wrote: %v", err)
		}
	})
}

// TestRemapWithoutAMapping fails, and says why.
func TestRemapWithoutAMapping(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p, service := remappable(t, db, 1, func(o *worker.Options) {
			o.Normalise = func(rampforge.ServiceType) ingest.Normalise { return nil }
		})
		p.remap(service.ID, false)
		if v := p.remapped(service.ID); v.Status != rampforge.SyncFailed || v.Message != "This version knows no mapping of services of the type jira." {
			t.Errorf("%+v", v)
		}
	})
}
