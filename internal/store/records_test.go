package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// syncing begins the sync of a service and claims it.
func (b *bundle) syncing(service string) store.SyncClaim {
	b.t.Helper()
	var run rampforge.SyncRun
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) (err error) {
		run, err = b.StartSyncTx(b.ctx(), tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{{ID: service, Type: rampforge.ServiceGitHub}}, RequestedBy: "usr_x", At: b.now}, b.enqueueSync)
		return err
	}))
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: b.job, Owner: "one"}
	_, claimed, err := b.ClaimSync(b.ctx(), c, b.now, b.now)
	b.must(err)
	if !claimed {
		b.t.Fatal("the sync was not claimed")
	}
	return c
}

func (b *bundle) enqueueSync(context.Context, *sql.Tx, string) (int64, error) {
	b.job++
	return b.job, nil
}

var everyKind = []rampforge.Record{
	{Stream: rampforge.StreamWorkItems, WorkItem: &rampforge.WorkItem{Key: "A-1", Title: "One", Reporter: &rampforge.Account{ID: "1", Login: "ada", Email: "ada@example.com", EmailVerified: true}}},
	{Stream: rampforge.StreamSprints, Sprint: &rampforge.Sprint{Name: "Sprint", State: "active"}},
	{Stream: rampforge.StreamPullRequests, PullRequest: &rampforge.PullRequest{Number: 7, Title: "Change", State: "open", Author: &rampforge.Account{ID: "1", Login: "ada"}, Reviews: []rampforge.Review{{Author: &rampforge.Account{ID: "2", Bot: true}}}}},
	{Stream: rampforge.StreamCommits, Commit: &rampforge.VendorCommit{Hash: "abc", Message: "Subject\n\nBody"}},
	{Stream: rampforge.StreamPipelineRuns, PipelineRun: &rampforge.PipelineRun{Name: "build", State: "failed"}},
	{Stream: rampforge.StreamDeployments, Deployment: &rampforge.Deployment{Environment: "production", State: "succeeded"}},
	{Stream: rampforge.StreamDocuments, Document: &rampforge.Document{Title: "nul \x00 and \xff and " + strings.Repeat("ü", 2000)}},
}

func TestEveryKindOfRecordIsKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		c := b.syncing("svc_a")
		for _, r := range everyKind {
			r.ID, r.UpdatedAt, r.Raw = "x1", b.now, []byte(`{"raw":true}`)
			place := store.Place{ServiceID: "svc_a", ResourceID: "res", Stream: r.Stream}
			b.must(b.PutPage(b.ctx(), c, &store.Position{Place: place}, []rampforge.Record{r}, []byte(`{"at":1}`), nil, b.now))
			at, err := b.Position(b.ctx(), place)
			b.must(err)
			if string(at.Cursor) != `{"at":1}` || at.SweptAt != nil {
				t.Errorf("%s stands at %s, %v", r.Stream, at.Cursor, at.SweptAt)
			}
			kept, err := b.Record(b.ctx(), "svc_a", r.Stream, "x1")
			b.must(err)
			if string(kept.Raw) != `{"raw":true}` || kept.DeletedAt != nil || !json.Valid(kept.Content) || string(kept.Content) == "null" {
				t.Errorf("%s: %s, raw %s", r.Stream, kept.Content, kept.Raw)
			}
			list, err := b.Records(b.ctx(), place, store.Page{Limit: 10})
			b.must(err)
			if diff := cmp.Diff([]json.RawMessage{kept.Content}, list); diff != "" {
				t.Errorf("%s (-record +list):\n%s", r.Stream, diff)
			}
		}
		newest, err := b.NewestSync(b.ctx(), "svc_a")
		b.must(err)
		if newest.Records != int64(len(everyKind)) {
			t.Errorf("%d records were counted", newest.Records)
		}
		commits, err := b.Position(b.ctx(), store.Place{ServiceID: "svc_a", ResourceID: "res", Stream: rampforge.StreamCommits})
		b.must(err)
		b.must(b.PutPage(b.ctx(), c, &commits, nil, []byte("2"), nil, b.now))
		if err := b.PutPage(b.ctx(), c, &store.Position{Place: store.Place{ServiceID: "svc_a", ResourceID: "res", Stream: rampforge.StreamSprints}}, everyKind[:1], []byte("2"), nil, b.now); err == nil {
			t.Error("a record of another stream was kept")
		}
	})
}

// TestPagesOfEverySize keeps pages that fill no statement, one, and some and a
// rest, in which a record comes twice, and accounts whose ids differ in nothing
// that a text column takes.
func TestPagesOfEverySize(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		c := b.syncing("svc_a")
		for _, size := range []int{1, 4, 5, 6, 19, 20, 21, 63} {
			place := store.Place{ServiceID: "svc_a", ResourceID: fmt.Sprint("res", size), Stream: rampforge.StreamWorkItems}
			var page []rampforge.Record
			for n := range size {
				page = append(page, rampforge.Record{Stream: place.Stream, ID: fmt.Sprint(size, "-", n), UpdatedAt: b.now.Add(time.Duration(n) * time.Second), WorkItem: &rampforge.WorkItem{
					Key: fmt.Sprint(n), Title: fmt.Sprint("Item ", n), Assignees: []rampforge.Account{{ID: fmt.Sprint("a", n), Login: "ada"}, {ID: "nul\x00"}, {ID: "nul\uFFFD"}},
				}})
			}
			again := page[0]
			again.WorkItem = &rampforge.WorkItem{Key: "0", Title: "Later"}
			page = append(page, again)
			b.must(b.PutPage(b.ctx(), c, &store.Position{Place: place}, page, []byte(`{}`), nil, b.now))
			list, err := b.Records(b.ctx(), place, store.Page{Limit: 100})
			b.must(err)
			if len(list) != size {
				t.Errorf("%d records are kept of %d", len(list), size)
			}
			for n := range size {
				kept, err := b.Record(b.ctx(), "svc_a", place.Stream, fmt.Sprint(size, "-", n))
				b.must(err)
				want := fmt.Sprint("Item ", n)
				if n == 0 {
					want = "Later"
				}
				if !strings.Contains(string(kept.Content), `"`+want+`"`) {
					t.Errorf("record %d of %d: %s", n, size, kept.Content)
				}
			}
		}
	})
}

// TestPayloadsByTheirSize goes through payloads of half a MiB each, of which
// few are to be held at once, and meets each once.
func TestPayloadsByTheirSize(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		place := store.Place{ServiceID: "svc_a", ResourceID: "res", Stream: rampforge.StreamSprints}
		raw := []byte(`{"text":"` + strings.Repeat("long ", 100_000) + `"}`)
		var page []rampforge.Record
		for n := range 7 {
			page = append(page, rampforge.Record{Stream: place.Stream, ID: fmt.Sprint(n), UpdatedAt: b.now, Raw: raw, Sprint: &rampforge.Sprint{Name: "S"}})
		}
		b.must(b.PutPage(b.ctx(), b.syncing("svc_a"), &store.Position{Place: place}, page, []byte("1"), nil, b.now))
		var sizes []int
		var last *store.RawRecord
		for n := 0; ; {
			some, err := b.RawRecords(b.ctx(), "svc_a", last, 5, 1<<20)
			b.must(err)
			if len(some) == 0 {
				break
			}
			for i := range some {
				if some[i].ID != fmt.Sprint(n) || len(some[i].Raw) != len(raw) {
					t.Fatalf("%s with %d bytes in place of %d", some[i].ID, len(some[i].Raw), n)
				}
				n++
			}
			sizes, last = append(sizes, len(some)), &some[len(some)-1]
		}
		if want := []int{3, 3, 1}; !slices.Equal(sizes, want) {
			t.Errorf("pages of %v records, want %v", sizes, want)
		}
	})
}

func TestRawGoesWithAgeAndThePurge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		place := store.Place{ServiceID: "svc_a", ResourceID: "res", Stream: rampforge.StreamSprints}
		put := func(service, id string, when time.Time) {
			c := b.syncing(service)
			p := place
			p.ServiceID = service
			at, err := b.Position(b.ctx(), p)
			b.must(err)
			b.must(b.PutPage(b.ctx(), c, &at, []rampforge.Record{{Stream: p.Stream, ID: id, UpdatedAt: when, Raw: []byte("{}"), Sprint: &rampforge.Sprint{Name: id}}}, []byte("1"), nil, when))
			b.must(b.FinishSync(b.ctx(), c, store.SyncEnd{Status: rampforge.SyncCompleted, Message: "Done."}, when, b.enqueueSync))
		}
		put("svc_a", "old", b.now.AddDate(0, -4, 0))
		put("svc_a", "new", b.now)
		put("svc_b", "new", b.now)
		if n, err := b.DropOldRaw(b.ctx(), b.now.AddDate(0, -3, 0)); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
		old, err := b.Record(b.ctx(), "svc_a", place.Stream, "old")
		b.must(err)
		fresh, err := b.Record(b.ctx(), "svc_a", place.Stream, "new")
		b.must(err)
		if old.Raw != nil || len(old.Content) == 0 || string(fresh.Raw) != "{}" {
			t.Errorf("old %+v, new %+v", old, fresh)
		}
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error { return b.PurgeServiceTx(b.ctx(), tx, "svc_a", b.now) }))
		_, err = b.Record(b.ctx(), "svc_a", place.Stream, "new")
		b.code(err, rampforge.CodeNotFound)
		if counts, err := b.RecordCounts(b.ctx(), "svc_b"); err != nil || len(counts) != 1 || counts[0].Records != 1 {
			t.Errorf("another service lost its records: %+v, %v", counts, err)
		}
	})
}
