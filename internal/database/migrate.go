package database

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/rampforgeai/rampforge"
)

//go:embed migrations
var migrations embed.FS

// lockID is the key of PostgreSQL's advisory lock: "rampforg" in ASCII.
const lockID int64 = 0x72616d70666f7267

// Migrate brings our tables and the job queue's up to date. Any number of
// processes may call it at once: one works while the others wait, because
// neither migrator locks enough by itself. It fails when the schema is newer
// than the program, which must not write what it does not know.
func (db *DB) Migrate(ctx context.Context) error {
	unlock, err := db.lock(ctx)
	if err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "The database's schema cannot be locked for migration: "+describe(err))
	}
	defer unlock()
	provider, err := db.provider()
	if err != nil {
		return err
	}
	if err := refuseNewer(ctx, provider); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "The database's schema could not be migrated: "+describe(err))
	}
	return db.migrateQueue(ctx)
}

// Pending returns how many of our migrations are still to run, and -1 when the
// schema is newer than the program. It changes nothing.
func (db *DB) Pending(ctx context.Context) (int, error) {
	provider, err := db.provider()
	if err != nil {
		return 0, err
	}
	current, err := db.currentVersion(ctx)
	if err != nil {
		return 0, err
	}
	pending, newest := 0, int64(0)
	for _, source := range provider.ListSources() {
		newest = max(newest, source.Version)
		if source.Version > current {
			pending++
		}
	}
	if current > newest {
		return -1, nil
	}
	return pending, nil
}

// currentVersion reads goose's table without making it.
func (db *DB) currentVersion(ctx context.Context) (int64, error) {
	exists := `SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'`
	if db.engine == Postgres {
		exists = `SELECT count(*) FROM pg_tables WHERE tablename = 'goose_db_version' AND schemaname = current_schema()`
	}
	var n int
	if err := db.read.QueryRowContext(ctx, exists).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	var version sql.NullInt64
	err := db.read.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version.Int64, err
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, dir := goose.DialectSQLite3, "migrations/sqlite"
	if db.engine == Postgres {
		dialect, dir = goose.DialectPostgres, "migrations/postgres"
	}
	sub, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, db.write, sub, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	return p, nil
}

func refuseNewer(ctx context.Context, p *goose.Provider) error {
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "The database's schema version cannot be read: "+describe(err))
	}
	if current > target {
		return rampforge.Errorf(rampforge.CodeUnavailable,
			"The database's schema has version %d and this program knows %d: install the version of rampforge that migrated it, or a newer one.", current, target)
	}
	return nil
}

func (db *DB) migrateQueue(ctx context.Context) error {
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	var migrator *rivermigrate.Migrator[*sql.Tx]
	var err error
	if db.engine == SQLite {
		migrator, err = rivermigrate.New(riversqlite.New(db.write), config)
	} else {
		migrator, err = rivermigrate.New(riverdatabasesql.New(db.write), config)
	}
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "The job queue's tables could not be migrated: "+describe(err))
	}
	return nil
}

// lock waits for the migration lock and returns what frees it. A crash frees
// it too: PostgreSQL's lock ends with its connection, the file's with its
// process.
func (db *DB) lock(ctx context.Context) (unlock func(), err error) {
	if db.engine == Postgres {
		return db.lockPostgres(ctx)
	}
	file := flock.New(db.path+".migrate-lock", flock.SetPermissions(0o600))
	locked, err := file.TryLockContext(ctx, 20*time.Millisecond)
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, errors.New("the lock file is held")
	}
	return func() {
		// The file stays: removing it would let two processes lock two files
		// of the same name.
		if err := file.Unlock(); err != nil {
			db.logger.Warn("the migration lock was not freed", "error", err)
		}
	}, nil
}

func (db *DB) lockPostgres(ctx context.Context) (func(), error) {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lockID); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		// Not with ctx: the lock must be freed after a cancelled migration too,
		// since the connection goes back to the pool.
		freeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, err := conn.ExecContext(freeCtx, `SELECT pg_advisory_unlock($1)`, lockID); err != nil {
			db.logger.Warn("the migration lock was not freed", "error", err)
		}
		_ = conn.Close()
	}, nil
}
