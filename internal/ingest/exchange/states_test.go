package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

func (b *bench) statuses() []string {
	b.t.Helper()
	list, err := b.Store.ProjectStatuses(b.t.Context(), b.project)
	if err != nil {
		b.t.Fatal(err)
	}
	told := []string{}
	for _, v := range list {
		told = append(told, fmt.Sprintf("%s %s %s %d", v.ID, v.Name, v.Category, v.Position))
	}
	return told
}

// TestStates keeps what a file says of statuses: what is said first, under the
// name that is the last. They go with their import.
func TestStates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		b := newBench(t, s, db)
		item := func(id, history string) string {
			return `{"id":"` + id + `","created_at":"2026-03-01T08:00:00Z","status":"Shut","status_category":"done","history":[` + history + `]}` + "\n"
		}
		file := item("1", `{"field":"status","from":"Open","to":"Busy","to_id":"2","to_category":"in_progress","at":"2026-03-04T08:00:00Z"}`) +
			item("2", `{"field":"status","from":"Open","from_category":"todo","to":"Doing","to_id":"2","to_category":"done","to_position":7,"at":"2026-03-03T08:00:00Z"},`+
				`{"field":"status","from":"Doing","from_id":"2","to":"Nothing known","at":"2026-03-03T09:00:00Z"},{"field":"type","to":"Bug","to_category":"done","at":"2026-03-03T10:00:00Z"}`)
		if _, err := b.load(strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"Open Open todo 0", "2 Busy in_progress 7"}, b.statuses()); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		if _, err := b.load(strings.NewReader(item("1", ""))); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM tracker_statuses`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d statuses are left of an import that was replaced, %v", left, err)
		}
	})
}

// TestTooManyStates bounds what is kept of a file.
func TestTooManyStates(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	var file strings.Builder
	for i := range 2001 {
		fmt.Fprintf(&file, `{"id":"%d","created_at":"2026-03-01T08:00:00Z","history":[{"field":"status","to":"S","to_id":"%d","to_category":"todo","at":"2026-03-01T09:00:00Z"}]}`+"\n", i, i)
	}
	if _, err := b.load(strings.NewReader(file.String())); rampforge.ErrorCode(err) != rampforge.CodeInvalid || !strings.Contains(err.Error(), "2000 others") {
		t.Errorf("%v", err)
	}
	made, err := b.load(strings.NewReader(file.String()), func(r *exchange.Request) { r.Skip = true })
	if err != nil || made.Skipped.Total != 1 || len(b.statuses()) != 2000 {
		t.Errorf("%+v, %v", made, err)
	}
}
