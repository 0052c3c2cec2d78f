package storetest

import (
	"database/sql/driver"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
)

// TestEachIsMigratedAndAlone writes to two databases of each kind: both begin
// empty and need no migration.
func TestEachIsMigratedAndAlone(t *testing.T) {
	t.Parallel()
	for range 2 {
		Each(t, func(t *testing.T, _ *store.Store, db *database.DB) {
			if pending, err := db.Pending(t.Context()); pending != 0 || err != nil {
				t.Errorf("%d migrations are to run, %v", pending, err)
			}
			var n int
			if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM river_queue`).Scan(&n); n != 0 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			if _, err := db.Write().ExecContext(t.Context(), `INSERT INTO river_queue (name, updated_at) VALUES ('left', CURRENT_TIMESTAMP)`); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTemplatesOfTheDeadAreDropped has one template that somebody uses and one
// that nobody does.
func TestTemplatesOfTheDeadAreDropped(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	ctx := t.Context()
	pool, err := admin()
	if err != nil {
		t.Fatal(err)
	}
	used, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	number := rand.Int32()
	dead := templatePrefix + strconv.Itoa(int(number))
	if _, err := pool.ExecContext(ctx, `CREATE DATABASE `+dead); err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// The connection ends, and its lock with it.
	defer conn.Raw(func(any) error { return driver.ErrBadConn })
	if err := dropTemplates(ctx, conn); err != nil {
		t.Fatal(err)
	}
	// Another test binary may have seen it first, and be about to drop it.
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1, $2)`, templateLock, number); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{used: 1, dead: 0} {
		var n int
		if err := pool.QueryRowContext(ctx, `SELECT count(*) FROM pg_database WHERE datname = $1`, name).Scan(&n); err != nil || n != want {
			t.Errorf("%s: there are %d, want %d (%v)", name, n, want, err)
		}
	}
}
