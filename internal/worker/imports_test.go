package worker_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/store"
)

// TestAStartCleansUpAfterAnImport leaves what a process leaves that was killed in
// the middle of an import, beside an import of another process that goes on.
func TestAStartCleansUpAfterAnImport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		s, now := store.New(db), time.Now().UTC()
		staged := func(heard time.Time) string {
			v := rampforge.Import{ID: store.NewID("imp"), ProjectID: "prj_x", Name: "log", Format: "xes", CreatedBy: "usr_x", CreatedAt: heard}
			item := rampforge.Record{Stream: rampforge.StreamWorkItems, ID: "1", UpdatedAt: now, WorkItem: &rampforge.WorkItem{Key: "1"}}
			if err := errors.Join(s.BeginImport(t.Context(), v), s.StageImport(t.Context(), v.ID, []rampforge.Record{item}, heard)); err != nil {
				t.Fatal(err)
			}
			return v.ID
		}
		staged(now.Add(-exchange.ImportSilence - time.Second))
		alive := staged(now)
		start(t, db, "two", 1, completed)
		left := func() (ids []string) {
			rows, err := db.Read().QueryContext(t.Context(), `SELECT DISTINCT service_id FROM records UNION SELECT id FROM imports`)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			return ids
		}
		deadline := time.Now().Add(30 * time.Second)
		for ids := left(); len(ids) != 1 || ids[0] != alive; ids = left() {
			if time.Now().After(deadline) {
				t.Fatalf("%v are left, want %s alone", ids, alive)
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
}
