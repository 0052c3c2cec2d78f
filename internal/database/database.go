// Package database opens SQLite or PostgreSQL, runs transactions and
// migrations, and tells kinds of errors apart. It knows the schema's text and
// nothing of its meaning. It imports the root package only.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/prometheus/client_golang/prometheus"
	_ "modernc.org/sqlite" // registers "sqlite"

	"github.com/rampforgeai/rampforge"
)

// Options says which database to open and how.
type Options struct {
	URL       string // as ParseURL reads it
	Logger    *slog.Logger
	MustExist bool // fail when a SQLite file does not exist, in place of making it
	// MaxConns bounds the connections to PostgreSQL; 0 is 20.
	MaxConns int
	// Registry takes the metrics of the pools and of statements by name; nil
	// observes nothing.
	Registry prometheus.Registerer
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	path   string // of the SQLite file
	dsn    string
	read   *sql.DB
	write  *sql.DB
	logger *slog.Logger
	stamps stamps
	tidier tidier

	observer *observer // nil for none
}

// Querier is what *sql.DB, *sql.Conn and *sql.Tx have in common.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open opens the database and checks that it answers. SQLite files are made
// with mode 0600, in a folder with mode 0700, when they do not exist.
func Open(ctx context.Context, o Options) (*DB, error) {
	engine, dsn, err := ParseURL(o.URL)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: engine, dsn: dsn, logger: o.Logger}
	if db.logger == nil {
		db.logger = slog.New(slog.DiscardHandler)
	}
	if o.Registry != nil {
		if db.observer, err = newObserver(engine, o.Registry); err != nil {
			return nil, fmt.Errorf("registering the metrics of the database: %w", err)
		}
	}
	if engine == SQLite {
		err = db.openSQLite(dsn, o.MustExist)
	} else {
		err = db.openPostgres(dsn, o.MaxConns)
	}
	if err == nil {
		err = db.Ping(ctx)
	}
	if err == nil && o.Registry != nil {
		err = o.Registry.Register(db.pools())
	}
	if err != nil {
		return nil, errors.Join(unavailable(err), db.Close())
	}
	if engine == SQLite {
		db.tidier.start(context.WithoutCancel(ctx), db)
	}
	return db, nil
}

func (db *DB) openSQLite(path string, mustExist bool) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	db.path = abs
	if err := createSQLiteFile(abs, mustExist); err != nil {
		return err
	}
	if db.write, err = openObserved(sqliteDSN(abs, false), db.observer); err != nil {
		return err
	}
	// SQLite has one writer at a time: with one connection writers queue in
	// Go, in order, and never see SQLITE_BUSY from each other.
	db.write.SetMaxOpenConns(1)
	if db.read, err = openObserved(sqliteDSN(abs, true), db.observer); err != nil {
		return err
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	return nil
}

// createSQLiteFile makes the file with mode 0600 before SQLite would make it
// with the process's default; the -wal and -shm files take its mode.
func createSQLiteFile(path string, mustExist bool) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	} else if mustExist || !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the SQLite file %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the database's folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making the SQLite file: %w", err)
	}
	return f.Close()
}

func (db *DB) openPostgres(dsn string, conns int) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return badURL("PostgreSQL's driver does not accept it; check host, port and parameters")
	}
	if db.observer != nil {
		config.Tracer = postgresTracer{db.observer}
	}
	pool := stdlib.OpenDB(*config)
	if conns == 0 {
		conns = 20
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db.read, db.write = pool, pool
	return nil
}

// unavailable wraps what a driver says when the database cannot be opened.
func unavailable(err error) error {
	if _, ours := errors.AsType[*rampforge.Error](err); ours {
		return err
	}
	return rampforge.Wrap(rampforge.CodeUnavailable, err, "The database cannot be opened: "+describe(err))
}

// Engine returns the kind of database.
func (db *DB) Engine() Engine { return db.engine }

// Read returns the pool for statements that change nothing. On SQLite it
// refuses to write.
func (db *DB) Read() *sql.DB { return db.read }

// Write returns the pool for single statements that change something. On
// SQLite it has one connection.
func (db *DB) Write() *sql.DB { return db.write }

// Ping fails when the database does not answer.
func (db *DB) Ping(ctx context.Context) error {
	if db.read == db.write {
		return db.read.PingContext(ctx)
	}
	// The writer comes first: it creates the write-ahead log that a read-only
	// connection needs to be there.
	return errors.Join(db.write.PingContext(ctx), db.read.PingContext(ctx))
}

// Close closes the pools. It is safe on a database that failed to open.
func (db *DB) Close() error {
	errs := []error{db.tidier.close()}
	if db.read != nil && db.read != db.write {
		errs = append(errs, db.read.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	errs = append(errs, db.stamps.close())
	return errors.Join(errs...)
}

// maxAttempts bounds how often a transaction that lost a race is run again.
const maxAttempts = 8

// InTx runs fn in a transaction that may write, and commits when fn returns
// nil. A transaction that lost a race (serialization failure, deadlock, busy)
// is rolled back and fn runs again, up to seven times; so fn must not have
// effects outside tx.
func (db *DB) InTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, fn)
		if err == nil || !IsBusy(err) || attempt == maxAttempts {
			return err
		}
		// Those who met once must not meet again: the span doubles, 10 to 640 ms.
		pause := rand.N(5 * time.Millisecond << attempt) //nolint:gosec // jitter needs no secrecy
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

func (db *DB) once(ctx context.Context, fn func(tx *sql.Tx) error) (err error) {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	// A panic in fn must not leave the only writer's transaction open. After a
	// commit this does nothing.
	defer tx.Rollback()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing a transaction: %w", err)
	}
	return nil
}
