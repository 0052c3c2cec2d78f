package database

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// Engine is a kind of database.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ParseURL reads the forms of DATABASE_URL that users of SQLAlchemy and of
// libpq know and returns the engine with a file path (SQLite) or a libpq URL
// (PostgreSQL). Its errors never hold the URL, which may hold a password.
//
// As in SQLAlchemy, three slashes begin a relative SQLite path and four an
// absolute one.
func ParseURL(raw string) (Engine, string, error) {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return "", "", badURL("it must begin with sqlite:///, postgresql:// or postgres://")
	}
	dialect, driver, _ := strings.Cut(scheme, "+")
	switch dialect {
	case "sqlite":
		if driver != "" && driver != "aiosqlite" && driver != "pysqlite" {
			return "", "", badURL("the SQLite driver %q is not known: write sqlite:///path", driver)
		}
		path, err := sqlitePath(rest)
		return SQLite, path, err
	case "postgresql", "postgres":
		dsn, err := postgresDSN(rest, driver)
		return Postgres, dsn, err
	}
	return "", "", badURL("the database %q is not known: write sqlite:///path or postgresql://user@host/name", dialect)
}

// SQLitePath returns the file of a SQLite URL, and false for other URLs.
func SQLitePath(raw string) (string, bool) {
	engine, path, err := ParseURL(raw)
	return path, err == nil && engine == SQLite
}

func badURL(format string, args ...any) error {
	return rampforge.Errorf(rampforge.CodeInvalid, "DATABASE_URL cannot be used: "+format, args...)
}

func sqlitePath(rest string) (string, error) {
	path, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return "", badURL("a SQLite address has three slashes before a relative path and four before an absolute one: sqlite:///./rampforge.db")
	}
	path, query, _ := strings.Cut(path, "?")
	if query != "" {
		return "", badURL("a SQLite address takes no parameters after the ?")
	}
	unescaped, err := url.PathUnescape(path)
	if err != nil {
		return "", badURL("its path has a broken %% escape")
	}
	if unescaped == "" || strings.HasPrefix(unescaped, ":memory:") || strings.HasPrefix(unescaped, "file:") {
		return "", badURL("name a file, such as sqlite:///./rampforge.db: a database in memory would lose everything at the end")
	}
	return filepath.Clean(filepath.FromSlash(unescaped)), nil
}

// sslModes maps the values of asyncpg's ssl parameter that libpq does not
// know; the others are libpq's own.
var sslModes = map[string]string{"true": "require", "false": "disable", "1": "require", "0": "disable"}

func postgresDSN(rest, driver string) (string, error) {
	switch driver {
	case "", "asyncpg", "psycopg", "psycopg2", "pgx":
	default:
		return "", badURL("the PostgreSQL driver %q is not known: write postgresql://user@host/name", driver)
	}
	u, err := url.Parse("postgres://" + rest)
	if err != nil {
		return "", badURL("a part of it is not readable; percent-encode special characters of the password")
	}
	q := u.Query()
	if ssl := q.Get("ssl"); ssl != "" && q.Get("sslmode") == "" {
		if known, ok := sslModes[strings.ToLower(ssl)]; ok {
			ssl = known
		}
		q.Set("sslmode", ssl)
	}
	q.Del("ssl")
	// Parameters of the Python drivers that mean nothing to this one.
	for _, name := range []string{"async_fallback", "prepared_statement_cache_size", "statement_cache_size"} {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// sqliteDSN returns the data source name for modernc.org/sqlite. Times go in
// as integer microseconds, which compare and index well; readers wait for a
// writer up to the busy time-out.
func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)",
		"foreign_keys(1)",
		"synchronous(normal)", // safe with WAL: a power cut may lose the last commits, never the file
		"cache_size(-8000)",   // KiB
		"temp_store(memory)",  // no temporary files beside the database
		"journal_size_limit(67108864)",
	}, "_time_integer_format": {"unix_micro"}, "_inttotime": {"1"}, "_txlock": {"immediate"}}
	if readOnly {
		q.Set("_txlock", "deferred")
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Add("_pragma", "journal_mode(wal)")
		q.Add("_pragma", fmt.Sprintf("wal_autocheckpoint(%d)", lateFrames))
	}
	return fmt.Sprintf("file:%s?%s", (&url.URL{Path: path}).EscapedPath(), q.Encode())
}
