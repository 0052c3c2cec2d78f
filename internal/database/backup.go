package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rampforgeai/rampforge"
)

// Backup writes a consistent copy of a SQLite database to path while others
// read and write it. The copy appears whole or not at all, with mode 0600, and
// an existing file is never replaced.
func (db *DB) Backup(ctx context.Context, path string) error {
	if db.engine != SQLite {
		return rampforge.Errorf(rampforge.CodeInvalid, "PostgreSQL makes its own backups: run pg_dump.")
	}
	if _, err := os.Lstat(path); err == nil {
		return rampforge.Errorf(rampforge.CodeConflict, "%s exists: name a new file, so that no backup is lost.", path)
	}
	temp, err := os.MkdirTemp(filepath.Dir(path), ".rampforge-backup-*") // mode 0700
	if err != nil {
		return rampforge.Wrap(rampforge.CodeInvalid, err, fmt.Sprintf("%s cannot be written: %s", path, describe(err)))
	}
	defer os.RemoveAll(temp)
	copied := filepath.Join(temp, "copy.db")
	// VACUUM INTO reads one snapshot and writes a compact file; it needs a
	// connection that may write temporary state, so not the read pool.
	if _, err := db.write.ExecContext(ctx, `VACUUM INTO $1`, copied); err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "The copy could not be written: "+describe(err))
	}
	return publish(copied, path)
}

// publish flushes the copy and links it to its name, which fails when the name
// was taken meanwhile.
func publish(copied, path string) error {
	f, err := os.Open(copied)
	if err == nil {
		err = errors.Join(f.Chmod(0o600), f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Link(copied, path)
	}
	if errors.Is(err, os.ErrExist) {
		return rampforge.Errorf(rampforge.CodeConflict, "%s exists: name a new file, so that no backup is lost.", path)
	}
	if err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, fmt.Sprintf("%s could not be written: %s", path, describe(err)))
	}
	return nil
}
