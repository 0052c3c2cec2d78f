package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge/internal/database"
)

// Migrating takes longer than most tests do. So a test binary migrates one
// database of each kind, and its tests get copies.

// sqliteTemplate is the content of a migrated SQLite file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "rampforge-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:///" + filepath.ToSlash(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// postgresTemplate is the name of a migrated PostgreSQL database. Nothing tells
// us when the last test ends, so it is left on the server, and the next test
// binary drops it. Who uses one holds the advisory lock of its number on a
// connection that ends with the process.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	pool, err := admin()
	if err != nil {
		return "", err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return "", err
	}
	if err := dropTemplates(ctx, conn); err != nil {
		return "", err
	}
	number := rand.Int32() //nolint:gosec // a name needs no secrecy
	name := templatePrefix + strconv.Itoa(int(number))
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1, $2)`, templateLock, number); err != nil {
		return "", err
	}
	if _, err := conn.ExecContext(ctx, `CREATE DATABASE `+name); err != nil {
		return "", err
	}
	address, err := postgresURL(name)
	if err != nil {
		return "", err
	}
	return name, migrate(address)
})

const (
	templatePrefix = "rftemplate_"
	templateLock   = 0x72667470 // "rftp" in ASCII
)

// dropTemplates drops those of processes that have ended.
func dropTemplates(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'rftemplate\_%'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range names {
		number, err := strconv.ParseInt(strings.TrimPrefix(name, templatePrefix), 10, 32)
		if err != nil {
			continue // somebody else's
		}
		var free bool
		if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1, $2)`, templateLock, number).Scan(&free); err != nil {
			return err
		}
		if !free {
			continue
		}
		_, dropped := conn.ExecContext(ctx, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name))
		_, freed := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1, $2)`, templateLock, number)
		if err := errors.Join(dropped, freed); err != nil {
			return err
		}
	}
	return nil
}

// admin is the pool in which databases are made and dropped.
var admin = sync.OnceValues(func() (*sql.DB, error) {
	pool, err := sql.Open("pgx", server())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(4)
	return pool, pool.PingContext(context.Background())
})

func server() string {
	if address := os.Getenv(PostgresEnv); address != "" {
		return address
	}
	return defaultPostgres
}

// postgresURL is the address of a database on the server. A test's commits need
// not outlive the machine, so none waits for the disk.
func postgresURL(name string) (string, error) {
	u, err := url.Parse(server())
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	q := u.Query()
	q.Set("options", strings.TrimSpace(q.Get("options")+" -csynchronous_commit=off"))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// migrate opens and migrates a database and closes it.
func migrate(address string) error {
	db, err := database.Open(context.Background(), database.Options{URL: address})
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background()), db.Close())
}
