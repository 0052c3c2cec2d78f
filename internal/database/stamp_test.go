package database_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// commitFromOutside names the variable that turns this test binary into
// another process that writes to the database.
const commitFromOutside = "RAMPFORGE_TEST_COMMIT_FROM_OUTSIDE"

func TestMain(m *testing.M) {
	if url := os.Getenv(commitFromOutside); url != "" {
		os.Exit(commitOnce(url))
	}
	os.Exit(m.Run())
}

func commitOnce(url string) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := database.Open(ctx, database.Options{URL: url, MustExist: true})
	if err != nil {
		return 1
	}
	defer db.Close()
	if _, err := db.Write().ExecContext(ctx, `UPDATE stamped SET n = n + 1`); err != nil {
		return 2
	}
	return 0
}

func TestStampChangesWithEveryCommit(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	db := storetest.Open(t, url)
	seen := map[database.Stamp]string{}
	take := func(after string, changed bool) {
		t.Helper()
		stamp, ok := db.Stamp(t.Context())
		if !ok {
			t.Fatalf("no stamp after %s", after)
		}
		if before, known := seen[stamp]; known == changed {
			t.Errorf("after %s: stamp known is %t (after %s)", after, known, before)
		}
		seen[stamp] = after
	}
	exec := func(text string) {
		t.Helper()
		if _, err := db.Write().ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE stamped (n INTEGER)`)
	take("the table", true)
	take("nothing", false)
	exec(`INSERT INTO stamped VALUES (1)`)
	take("a row", true)
	var n int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM stamped`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	take("reading", false)
	for range 3 {
		exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
		exec(`UPDATE stamped SET n = 2`)
		take("a checkpoint and a commit", true)
	}
	for range 3 {
		other := process(t, url)
		if out, err := other.CombinedOutput(); err != nil {
			t.Fatalf("the other process: %v %s", err, out)
		}
		take("another process's commit", true)
	}
}

func process(t *testing.T, url string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env = append(os.Environ(), commitFromOutside+"="+url)
	return cmd
}

func TestStampIsRefusedWhereItCannotBeTold(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		if _, ok := storetest.Open(t, storetest.PostgresURL(t)).Stamp(t.Context()); ok {
			t.Error("PostgreSQL has no stamp")
		}
	})
	t.Run("the file was replaced", func(t *testing.T) {
		t.Parallel()
		url := storetest.SQLiteURL(t)
		db := storetest.Open(t, url)
		if _, ok := db.Stamp(t.Context()); !ok {
			t.Fatal("no stamp")
		}
		shm := filepath.FromSlash(strings.TrimPrefix(url, "sqlite:///")) + "-shm"
		content, err := os.ReadFile(shm)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(shm, shm+".old"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(shm, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := db.Stamp(t.Context()); ok {
			t.Error("a stamp was read from a file that nobody writes to any more")
		}
	})
}
