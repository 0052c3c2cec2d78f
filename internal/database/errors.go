package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsUniqueViolation reports whether a statement failed because a row with the
// same key exists.
func IsUniqueViolation(err error) bool {
	return isPostgres(err, "23505") || isSQLite(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsOrphan reports whether a statement failed because a row that it refers to is
// not there: somebody may have removed it meanwhile.
func IsOrphan(err error) bool {
	return isPostgres(err, "23503") || isSQLite(err, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)
}

// IsBusy reports whether a transaction lost a race and may succeed when it is
// run again.
func IsBusy(err error) bool {
	return isPostgres(err, "40001", "40P01") || // serialization_failure, deadlock_detected
		isSQLite(err, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_LOCKED)
}

// IsFull reports whether the disk under the database is full.
func IsFull(err error) bool {
	return isPostgres(err, "53100") || isSQLite(err, sqlite3.SQLITE_FULL) || errors.Is(err, syscall.ENOSPC)
}

// IsAway reports whether a statement failed because the database could not be
// reached, went away while it ran, or takes nobody at the moment. Whether the
// statement took effect is not known.
func IsAway(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Connection exceptions, and: shut down by an administrator, crashed, starting, too many connections.
		return strings.HasPrefix(pg.Code, "08") || slices.Contains([]string{"57P01", "57P02", "57P03", "53300"}, pg.Code)
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	return errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

func isPostgres(err error, codes ...string) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, pg.Code)
}

func isSQLite(err error, codes ...int) bool {
	lite, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	for _, code := range codes {
		if lite.Code() == code {
			return true
		}
	}
	return false
}

// describe says in a sentence why a database cannot be used, without what the
// driver says: that may hold the address with its password.
func describe(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time; check that it runs and that the address is right."
	case errors.Is(err, fs.ErrPermission), isSQLite(err, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY):
		return "its file or folder may not be written by this user."
	case errors.Is(err, fs.ErrNotExist):
		return "its file does not exist."
	case isSQLite(err, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
		return "the file is not a SQLite database, or is damaged; restore a backup or name another file."
	case isSQLite(err, sqlite3.SQLITE_CANTOPEN):
		return "its file cannot be opened; check the path and its permissions."
	case IsFull(err):
		return "the disk is full."
	case isPostgres(err, "28P01", "28000"):
		return "PostgreSQL refused the user or the password."
	case isPostgres(err, "3D000"):
		return "PostgreSQL has no database of that name; create it first."
	case isPostgres(err, "53300"):
		return "PostgreSQL has no connection left."
	}
	if _, isNet := errors.AsType[*net.OpError](err); isNet {
		return "nothing answers at its address; check that it runs, and host and port."
	}
	if _, isDNS := errors.AsType[*net.DNSError](err); isDNS {
		return "its host name does not resolve."
	}
	return "the log has the cause."
}
