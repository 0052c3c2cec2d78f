package database

import (
	"context"
	"database/sql"
	"encoding/binary"
	"sync"
	"time"
)

// What was committed to SQLite's write-ahead log has to go into the database's
// file in the end, and to wait for the disk there. By itself SQLite does so in the
// commit that makes the log longer than 1,000 frames, whoever's that is, and
// nobody may write meanwhile. A connection of its own does it beside the writers.
const (
	// soonFrames is how many frames wait until they are brought into the file: 4 MiB.
	soonFrames = 1000
	// lateFrames is the length of the log from which commits do it, in frames: 32 MiB.
	// A log that is written to all the time begins anew by them alone.
	lateFrames = 8000
	// tidyInterval is how often it is looked.
	tidyInterval = 100 * time.Millisecond
)

// tidier brings the log of a SQLite database into its file.
type tidier struct {
	pool  *sql.DB
	stop  context.CancelFunc
	group sync.WaitGroup
}

func (t *tidier) start(ctx context.Context, db *DB) {
	pool, err := sql.Open("sqlite", sqliteDSN(db.path, false))
	if err != nil {
		return // commits do it
	}
	pool.SetMaxOpenConns(1)
	pool.SetConnMaxIdleTime(time.Minute) // most databases are hardly written to
	t.pool = pool
	ctx, t.stop = context.WithCancel(ctx)
	t.group.Go(func() { t.keep(ctx, db) })
}

func (t *tidier) keep(ctx context.Context, db *DB) {
	tick := time.NewTicker(tidyInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if db.waitingFrames(ctx) < soonFrames {
			continue
		}
		// Passive: it waits for nobody, and nobody for it. What it leaves is brought in
		// the next time, and so is all of it when it fails.
		_, _ = t.pool.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
	}
}

// close ends it before the pools that write are closed.
func (t *tidier) close() error {
	if t.pool == nil {
		return nil
	}
	t.stop()
	t.group.Wait()
	return t.pool.Close()
}

// The places of the WAL-index that say how many frames the log has, and how many
// of them are in the database's file. See "WAL-Index File Format" in SQLite's
// documentation.
const (
	atFrames   = 16
	atBackfill = 96
)

// waitingFrames is how many frames of the log are not in the database's file yet;
// 0 where that cannot be told.
func (db *DB) waitingFrames(ctx context.Context) int {
	if !db.stamped(ctx) {
		return 0
	}
	var head [atBackfill + 4]byte
	if _, err := db.stamps.file.ReadAt(head[:], 0); err != nil {
		return 0
	}
	if binary.NativeEndian.Uint32(head[:]) != walIndexVersion {
		return 0
	}
	// Read in the midst of a change the numbers may not fit each other: then it is
	// looked once too often or too rarely.
	return int(int64(binary.NativeEndian.Uint32(head[atFrames:])) - int64(binary.NativeEndian.Uint32(head[atBackfill:])))
}
