package database_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// What is committed is brought into the database's file beside the writers: while
// one of them has the writer, and although none of them does it in a commit.
func TestLogIsBroughtInBesideWriters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := storetest.Open(t, storetest.SQLiteURL(t))
	write := func(tx *sql.Tx, bytes int) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO grown VALUES (randomblob($1))`, bytes)
		return err
	}
	if _, err := db.Write().ExecContext(ctx, `CREATE TABLE grown (b BLOB)`); err != nil {
		t.Fatal(err)
	}
	// Three times as many frames as may wait, of 4 KiB, and far fewer than a commit
	// would bring in.
	if err := db.InTx(ctx, func(tx *sql.Tx) error { return write(tx, 3*database.SoonFrames*4096) }); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(ctx, func(tx *sql.Tx) error {
		if err := write(tx, 1); err != nil {
			return err
		}
		for deadline := time.Now().Add(time.Minute); db.WaitingFrames(ctx) >= database.SoonFrames; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d frames wait after a minute", db.WaitingFrames(ctx))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var n, bytes int
	if err := db.Read().QueryRowContext(ctx, `SELECT count(*), sum(length(b)) FROM grown`).Scan(&n, &bytes); err != nil || n != 2 || bytes != 3*database.SoonFrames*4096+1 {
		t.Errorf("%d rows of %d bytes, %v", n, bytes, err)
	}
}
