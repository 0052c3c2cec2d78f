package database

import (
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// walIndexHeader is how long the header of SQLite's WAL-index is: the same 48
// bytes twice. Each commit, by whatever process, changes its counter, the
// number of frames or the salt. See "WAL-Index File Format" in SQLite's
// documentation.
const walIndexHeader = 96

// walIndexVersion stands in the header's first four bytes, in the byte order of
// the machine.
const walIndexVersion = 3007000

// Stamp stands for the content of a database. Two equal stamps, one taken after
// the other, say that nothing was committed in between.
type Stamp [walIndexHeader]byte

// stamps reads stamps from the -shm file that SQLite keeps while the database
// is open.
type stamps struct {
	once sync.Once
	tell sync.Once
	path string
	file *os.File
	info fs.FileInfo
}

// Stamp returns the database's stamp. It costs two system calls and no query,
// so that what was read before can be believed for as long as it is true. It
// returns false where that cannot be told: on PostgreSQL, and on a file system
// on which SQLite keeps no write-ahead log.
func (db *DB) Stamp(ctx context.Context) (Stamp, bool) {
	var stamp Stamp
	if !db.stamped(ctx) {
		return stamp, false
	}
	// SQLite removes the file with its last connection; the next one makes
	// another, and this one would never change again.
	now, err := os.Stat(db.stamps.path)
	if err != nil || !os.SameFile(db.stamps.info, now) {
		db.stamps.tell.Do(func() {
			db.logger.ErrorContext(ctx, "the file beside the database that its users share was removed or replaced: other programs no longer see what this one writes; restart this one",
				"file", db.stamps.path)
		})
		return stamp, false
	}
	if _, err := db.stamps.file.ReadAt(stamp[:], 0); err != nil {
		return stamp, false
	}
	first, second := stamp[:walIndexHeader/2], stamp[walIndexHeader/2:]
	if binary.NativeEndian.Uint32(first) != walIndexVersion || string(first) != string(second) {
		return stamp, false // being written, or not yet there
	}
	return stamp, true
}

// stamped reports whether there are stamps, and opens their file the first time.
func (db *DB) stamped(ctx context.Context) bool {
	if db.engine != SQLite {
		return false
	}
	db.stamps.once.Do(func() { db.stamps.open(context.WithoutCancel(ctx), db) })
	return db.stamps.file != nil
}

func (s *stamps) open(ctx context.Context, db *DB) {
	var mode string
	if err := db.read.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "wal" {
		return
	}
	actual, err := filepath.EvalSymlinks(db.path)
	if err != nil {
		return
	}
	s.path = actual + "-shm"
	f, err := os.Open(s.path)
	if err != nil {
		return
	}
	if s.info, err = f.Stat(); err != nil {
		f.Close()
		return
	}
	s.file = f
}

// close comes after the last connection: closing the file would release the
// locks that SQLite holds on it in this process.
func (s *stamps) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
