package assistant_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// withRecords is a project over the harbour whose tracker a sync has read.
func withRecords(t *testing.T, records ...rampforge.Record) *asked {
	t.Helper()
	db := storetest.SQLite(t)
	s := store.New(db)
	a := over(t, s, gittest.Build(t, harbour))
	ctx, now := t.Context(), time.Date(2025, 7, 1, 13, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.Write().ExecContext(ctx, `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, 'svc', 'r', '', $2)`, a.Project.ID, now)
	must(err)
	job := func(context.Context, *sql.Tx, string) (int64, error) { return 1, nil }
	var run rampforge.SyncRun
	must(s.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = s.StartSyncTx(ctx, tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{{ID: "svc", Type: rampforge.ServiceJira}}, RequestedBy: "usr_x", At: now}, job)
		return err
	}))
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: 1, Owner: "test"}
	_, _, err = s.ClaimSync(ctx, c, now, now)
	must(err)
	for _, r := range records {
		r.Raw = []byte(`{}`)
		at, err := s.Position(ctx, store.Place{ServiceID: "svc", ResourceID: "r", Stream: r.Stream})
		must(err)
		must(s.PutPage(ctx, c, &at, []rampforge.Record{r}, []byte(`1`), nil, now))
	}
	must(s.FinishSync(ctx, c, store.SyncEnd{Status: rampforge.SyncCompleted}, now, job))
	indexed(t, s, &search.Indexer{Store: s, Now: func() time.Time { return now }})
	return a
}

// indexed writes the passages of what is due.
func indexed(t *testing.T, s *store.Store, x *search.Indexer) {
	t.Helper()
	now := x.Now()
	var due []store.SearchClaim
	err := s.QueueSearch(t.Context(), func(_ context.Context, _ *sql.Tx, scope int64) (int64, error) {
		due = append(due, store.SearchClaim{Scope: scope, JobID: 2, Owner: "test"})
		return 2, nil
	}, 10, now)
	if err != nil || len(due) != 1 {
		t.Fatalf("%d scopes are due: %v", len(due), err)
	}
	was, claimed, err := s.ClaimSearch(t.Context(), due[0], now, now)
	if err != nil || !claimed {
		t.Fatalf("the scope is not to be had: %v", err)
	}
	if err := x.Refresh(t.Context(), due[0], was); err != nil {
		t.Fatal(err)
	}
}
