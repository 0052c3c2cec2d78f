package database_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

func observed(t *testing.T, url string) (*database.DB, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	db, err := database.Open(t.Context(), database.Options{URL: url, Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, registry
}

// series are the metrics of a name, by the value of their only label.
func series(t *testing.T, registry *prometheus.Registry, name string) map[string]*dto.Metric {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*dto.Metric{}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				all[m.GetLabel()[0].GetValue()] = m
			}
		}
	}
	return all
}

const readEvents = `SELECT count(*) FROM events`

func countEvents(ctx context.Context, q database.Querier) (n int, err error) {
	err = q.QueryRowContext(ctx, readEvents).Scan(&n)
	return n, err
}

func writeNothing(ctx context.Context, tx *sql.Tx) error {
	for range 3 {
		statement, err := tx.PrepareContext(ctx, `DELETE FROM events WHERE 1 = 0`)
		if err != nil {
			return err
		}
		if _, err := statement.ExecContext(ctx); err != nil {
			return err
		}
		if err := statement.Close(); err != nil { //nolint:sqlclosecheck // at once
			return err
		}
	}
	return nil
}

func through(ctx context.Context, q database.Querier, text string) error {
	_, err := q.ExecContext(ctx, text)
	return err
}

func fails(ctx context.Context, db *database.DB) error {
	return through(ctx, db.Write(), `INSERT INTO nothing_of_that_name VALUES (1)`)
}

func TestStatementsAreTimedByName(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db, registry := observed(t, url)
		db.Plumbing("database_test.through")
		for range 5 {
			if _, err := countEvents(t.Context(), db.Read()); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.InTx(t.Context(), func(tx *sql.Tx) error { return writeNothing(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		if err := db.InTx(t.Context(), func(*sql.Tx) error { return undone }); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if err := fails(t.Context(), db); err == nil {
			t.Fatal("a table that is not there was written")
		}
		timed := series(t, registry, "rampforge_database_statement_duration_seconds")
		want := map[string]uint64{"database_test.countEvents": 5, "database_test.writeNothing": 3, "database_test.fails": 1, "commit": 1, "rollback": 1, "begin": 2, "database.DB.Migrate": 10}
		for name, least := range want {
			m := timed[name]
			if m == nil || m.GetHistogram().GetSampleCount() < least {
				t.Errorf("%s was timed %d times, want at least %d", name, m.GetHistogram().GetSampleCount(), least)
			} else if m.GetHistogram().GetSchema() < 1 || m.GetHistogram().ZeroThreshold == nil {
				t.Errorf("%s is no native histogram besides", name)
			}
		}
		for name := range timed {
			if strings.ContainsAny(name, "()*[ ") || strings.Contains(name, "func") {
				t.Errorf("%q is not the name of a function", name)
			}
		}
		failures := series(t, registry, "rampforge_database_statement_failures_total")
		if failures["database_test.countEvents"] != nil || failures["database_test.fails"].GetCounter().GetValue() != 1 {
			t.Errorf("failures: %v", failures)
		}
	})
}

// TestStatementsThatAreWrittenAnewAreBounded: the names come from places in the
// program, but what is remembered of texts must not grow either.
func TestStatementsThatAreWrittenAnewAreBounded(t *testing.T) {
	t.Parallel()
	db, registry := observed(t, storetest.SQLiteURL(t))
	for i := range 5000 {
		if _, err := db.Read().ExecContext(t.Context(), `SELECT 1 -- `+strings.Repeat("x", i)); err != nil {
			t.Fatal(err)
		}
	}
	timed := series(t, registry, "rampforge_database_statement_duration_seconds")
	if n := timed["other"].GetHistogram().GetSampleCount(); n < 900 || n > 1500 {
		t.Errorf("%d runs are of other statements", n)
	}
	if n := timed["database_test.TestStatementsThatAreWrittenAnewAreBounded"].GetHistogram().GetSampleCount(); n < 3500 {
		t.Errorf("%d runs have the name of this test", n)
	}
}

func TestPoolsAreMeasured(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db, registry := observed(t, url)
		pool := "all"
		if db.Engine() == database.SQLite {
			pool = "write"
		}
		tx, err := db.Write().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := series(t, registry, "rampforge_database_connections_in_use")[pool].GetGauge().GetValue(); n != 1 {
			t.Errorf("%v connections are in use, want the transaction's", n)
		}
		if pool == "write" { // of the one connection: a second writer waits
			short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if _, err := db.Write().ExecContext(short, `DELETE FROM events`); err == nil {
				t.Error("two wrote at once")
			}
			if n := series(t, registry, "rampforge_database_connections_waits_total")[pool].GetCounter().GetValue(); n != 1 {
				t.Errorf("%v waited, want one", n)
			}
			if s := series(t, registry, "rampforge_database_connections_wait_seconds_total")[pool].GetCounter().GetValue(); s <= 0 {
				t.Errorf("it waited %v s", s)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if n := series(t, registry, "rampforge_database_connections_in_use")[pool].GetGauge().GetValue(); n != 0 {
			t.Errorf("%v connections are in use after the end", n)
		}
		if n := series(t, registry, "rampforge_database_connections_max")[pool].GetGauge().GetValue(); n < 1 {
			t.Errorf("the most is %v", n)
		}
	})
}

// TestStatementsAreSpansOfTheirTrace and of none besides: a poll makes none. No
// argument is in them.
func TestStatementsAreSpansOfTheirTrace(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db, _ := observed(t, url)
		ended := tracetest.NewSpanRecorder()
		traces := trace.NewTracerProvider(trace.WithSpanProcessor(ended))
		if _, err := countEvents(t.Context(), db.Read()); err != nil {
			t.Fatal(err)
		}
		ctx, root := traces.Tracer("test").Start(t.Context(), "root")
		if _, err := countEvents(ctx, db.Read()); err != nil {
			t.Fatal(err)
		}
		if err := db.InTx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM events WHERE user_id = $1`, "a planted argument")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		root.End()
		var names []string
		for _, s := range ended.Ended() {
			names = append(names, s.Name())
			if s.SpanContext().TraceID() != root.SpanContext().TraceID() {
				t.Errorf("%s is of another trace", s.Name())
			}
			for _, a := range s.Attributes() {
				if strings.Contains(a.Value.String(), "planted") || strings.Contains(a.Value.String(), "DELETE") {
					t.Errorf("%s tells %s", s.Name(), a.Value.String())
				}
			}
		}
		for _, want := range []string{"database_test.countEvents", "begin", "database_test.TestStatementsAreSpansOfTheirTrace", "commit", "root"} {
			if !strings.Contains(strings.Join(names, " "), want) {
				t.Errorf("there is no span %s in %v", want, names)
			}
		}
	})
}

// BenchmarkRead reads one row, with and without somebody who looks.
func BenchmarkRead(b *testing.B) {
	for _, seen := range []bool{false, true} {
		b.Run(map[bool]string{false: "unseen", true: "seen"}[seen], func(b *testing.B) {
			o := database.Options{URL: storetest.SQLiteURL(b)}
			if seen {
				o.Registry = prometheus.NewRegistry()
			}
			db, err := database.Open(b.Context(), o)
			if err == nil {
				err = db.Migrate(b.Context())
			}
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			statement, err := db.Read().PrepareContext(b.Context(), readEvents)
			if err != nil {
				b.Fatal(err)
			}
			defer statement.Close()
			for b.Loop() {
				var n int
				if err := statement.QueryRowContext(b.Context()).Scan(&n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
