// Package storetest gives tests a store on each real database.
package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
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
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db := SQLite(t)
		test(t, store.New(db), db)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db := Postgres(t)
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
	db := open(t, url)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// OpenAt opens the database at url, migrated as far as a version of long ago,
// and closes it with the test.
func OpenAt(t testing.TB, url string, version int64) *database.DB {
	t.Helper()
	db := open(t, url)
	dialect := goose.DialectSQLite3
	if db.Engine() == database.Postgres {
		dialect = goose.DialectPostgres
	}
	files := os.DirFS(filepath.Join(moduleRoot(t), "internal", "database", "migrations", string(db.Engine())))
	provider, err := goose.NewProvider(dialect, db.Write(), files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err == nil {
		_, err = provider.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// moduleRoot is the folder of go.mod, above the one that the test runs in: paths
// that are compiled in are trimmed.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

func open(t testing.TB, url string) *database.DB {
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
	return db
}

// SQLite opens a fresh SQLite file that is migrated.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:///"+filepath.ToSlash(path))
}

// Postgres opens a fresh PostgreSQL database that is migrated.
func Postgres(t testing.TB) *database.DB {
	t.Helper()
	needPostgres(t)
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, newPostgres(t, " TEMPLATE "+template))
}

// SQLiteURL returns the URL of a SQLite file that does not exist yet.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:///" + filepath.ToSlash(filepath.Join(t.TempDir(), "test.db"))
}

// PostgresURL makes an empty database and drops it with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	needPostgres(t)
	return newPostgres(t, "")
}

// needPostgres skips the test without a server, and fails it when CI is set.
func needPostgres(t testing.TB) {
	t.Helper()
	_, err := admin()
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("no PostgreSQL at %s: %v", PostgresEnv, err)
	}
	t.Skipf("no PostgreSQL: set %s", PostgresEnv)
}

// newPostgres makes a database and drops it with the test.
func newPostgres(t testing.TB, like string) string {
	t.Helper()
	pool, err := admin()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ToLower(store.NewID("rftest"))
	if _, err := pool.ExecContext(t.Context(), "CREATE DATABASE "+name+like); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// FORCE ends what a killed process left connected.
		if _, err := pool.ExecContext(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	address, err := postgresURL(name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}
