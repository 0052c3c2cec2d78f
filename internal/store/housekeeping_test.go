package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// numbered are the numbers from $1 to $2; AT stands for the moment $3.
const numbered = `WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < CAST($2 AS BIGINT)) `

// TestHousekeepingGoesInBatches has more old rows than a transaction takes, and five
// new ones.
func TestHousekeepingGoesInBatches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first string // what the rows need
		fill  string // rows, one for each number
		left  string // counts what is left
		batch int
		old   func(*store.Store, context.Context, time.Time) (int64, error)
	}{
		"DeleteOldEvents": {
			fill:  `INSERT INTO events (at, repository_id, user_id, payload) SELECT AT, '', 'usr_1', '{}' FROM n`,
			left:  `SELECT count(*) FROM events`,
			batch: 5000,
			old:   (*store.Store).DeleteOldEvents,
		},
		"DeleteOldSessions": {
			first: `INSERT INTO users (id, email, email_key, name, password_hash, role, is_active, created_at, updated_at)
				VALUES ('usr_1', 'ada@example.com', 'ada@example.com', 'Ada', '', 'observer', TRUE, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`,
			fill: `INSERT INTO user_sessions (id, user_id, refresh_hash, device, address, created_at, last_used, expires_at)
				SELECT 'ses_' || i, 'usr_1', 'hash ' || i, '', '', AT, AT, AT FROM n`,
			left:  `SELECT count(*) FROM user_sessions`,
			batch: 100,
			old:   (*store.Store).DeleteOldSessions,
		},
		"DeleteOldCounts": {
			fill:  `INSERT INTO rate_counts (key, used, ends) SELECT 'key ' || i, 1, AT FROM n`,
			left:  `SELECT count(*) FROM rate_counts`,
			batch: 5000,
			old:   (*store.Store).DeleteOldCounts,
		},
		"DropOldRaw": {
			fill: `INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, raw, synced_at)
				SELECT 'svc_a', 'work_items', 'id ' || i, 'res', '', '', '', AT, '{}', CAST('raw' AS BYTEA), AT FROM n`,
			left:  `SELECT count(*) FROM records WHERE raw IS NOT NULL`,
			batch: 5000,
			old:   (*store.Store).DropOldRaw,
		},
		"DeleteOldDeliveries": {
			fill: `INSERT INTO webhook_deliveries (service_id, id, digest, event, changes, sync, received_at, worked_at)
				SELECT 'svc_a', 'id ' || i, 'digest ' || i, 'push', '[]', FALSE, AT, AT FROM n`,
			left:  `SELECT count(*) FROM webhook_deliveries`,
			batch: 5000,
			old:   (*store.Store).DeleteOldDeliveries,
		},
		"DeleteOldAudit": {
			fill: `INSERT INTO audit_log (id, at, actor_id, action, target_id, address, request_id, success, details)
				SELECT 'aud_' || i, AT, '', 'test', '', '', '', TRUE, '{}' FROM n`,
			left:  `SELECT count(*) FROM audit_log`,
			batch: 5000,
			old:   (*store.Store).DeleteOldAudit,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachURL(t, func(t *testing.T, url string) {
				ctx := t.Context()
				registry := prometheus.NewPedanticRegistry()
				db, err := database.Open(ctx, database.Options{URL: url, Registry: registry})
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if err := db.Migrate(ctx); err != nil {
					t.Fatal(err)
				}
				do := func(text string, args ...any) {
					t.Helper()
					if _, err := db.Write().ExecContext(ctx, text, args...); err != nil {
						t.Fatal(err)
					}
				}
				s := store.New(db)
				if c.first != "" {
					do(c.first)
				}
				moment := "$3"
				if db.Engine() == database.Postgres {
					moment = "CAST($3 AS TIMESTAMPTZ)"
				}
				fill, now, old := numbered+strings.ReplaceAll(c.fill, "AT", moment), time.Now(), 2*c.batch+1
				do(fill, 1, old, now.Add(-2*time.Hour))
				do(fill, old+1, old+5, now)
				n, err := c.old(s, ctx, now.Add(-time.Hour))
				if err != nil || n != int64(old) {
					t.Errorf("%d of %d were taken, %v", n, old, err)
				}
				var left int
				if err := db.Read().QueryRowContext(ctx, c.left).Scan(&left); err != nil || left != 5 {
					t.Errorf("%d are left, %v", left, err)
				}
				// Two whole batches, one row, and one that finds none.
				if runs := runsOf(t, registry, "store."+name); runs != 4 {
					t.Errorf("it took %d transactions, want 4", runs)
				}
			})
		})
	}
}

// runsOf counts how often a method ran its statement.
func runsOf(t *testing.T, registry *prometheus.Registry, method string) uint64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "rampforge_database_statement_duration_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == method {
				return m.GetHistogram().GetSampleCount()
			}
		}
	}
	return 0
}
