// Package storetest gives tests a store on each real database.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
)

// PostgresEnv names the variable with the URL of a PostgreSQL server on which
// tests may create databases.
const PostgresEnv = "RAMPFORGE_TEST_POSTGRES"

const defaultPostgres = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"

// Each runs test on a fresh SQLite file and on a fresh PostgreSQL database,
// both migrated, in parallel. Without PostgreSQL that half is skipped, and
// fails when CI is set.
func Each(t *testing.T, test func(t *testing.T, s *store.Store, db *database.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) {
		db := Open(t, url)
		test(t, store.New(db), db)
	})
}

// EachURL runs test with the URL of a fresh and empty database of each kind.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLiteURL(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, PostgresURL(t))
	})
}

// Open opens and migrates the database at url and closes it with the test.
func Open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url, MaxConns: 8})
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
	return db
}

// OpenAt opens the database at url, migrated as far as a version of long ago,
// and closes it with the test.
func OpenAt(t testing.TB, url string, version int64) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	dialect := goose.DialectSQLite3
	if db.Engine() == database.Postgres {
		dialect = goose.DialectPostgres
	}
	_, here, _, _ := runtime.Caller(0) //nolint:dogsled // the file is all that is wanted
	files := os.DirFS(filepath.Join(filepath.Dir(here), "..", "..", "database", "migrations", string(db.Engine())))
	provider, err := goose.NewProvider(dialect, db.Write(), files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err == nil {
		_, err = provider.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// SQLiteURL returns the URL of a SQLite file that does not exist yet.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:///" + filepath.ToSlash(filepath.Join(t.TempDir(), "test.db"))
}

// PostgresURL makes an empty database and drops it with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresEnv)
	if server == "" {
		server = defaultPostgres
	}
	admin, err := sql.Open("pgx", server)
	if err == nil {
		err = admin.PingContext(t.Context())
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no PostgreSQL at %s: %v", PostgresEnv, err)
		}
		t.Skipf("no PostgreSQL: set %s", PostgresEnv)
	}
	name := strings.ToLower(store.NewID("rftest"))
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// FORCE ends what a killed process left connected.
		if _, err := admin.ExecContext(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
