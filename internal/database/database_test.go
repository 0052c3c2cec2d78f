package database_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the goldens anew")

func TestParseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]struct {
		engine database.Engine
		dsn    string
	}{
		"sqlite+aiosqlite:///./rampforge.db":       {database.SQLite, "rampforge.db"},
		"sqlite:///data/rampforge.db":              {database.SQLite, "data/rampforge.db"},
		"sqlite:////var/lib/rf/my%20data.db":       {database.SQLite, "/var/lib/rf/my data.db"},
		"postgresql://u:p@h:5432/rf":               {database.Postgres, "postgres://u:p@h:5432/rf"},
		"postgres://u@h/rf?sslmode=verify-full":    {database.Postgres, "postgres://u@h/rf?sslmode=verify-full"},
		"postgresql+asyncpg://u:p@h/rf?ssl=true":   {database.Postgres, "postgres://u:p@h/rf?sslmode=require"},
		"postgresql+asyncpg://u:p@h/rf?ssl=prefer": {database.Postgres, "postgres://u:p@h/rf?sslmode=prefer"},
		"postgresql+psycopg2:///rf?host=/run/pg":   {database.Postgres, "postgres:///rf?host=%2Frun%2Fpg"},
	} {
		engine, dsn, err := database.ParseURL(raw)
		if err != nil || engine != want.engine || dsn != want.dsn {
			t.Errorf("%s: got %s %q, %v", raw, engine, dsn, err)
		}
	}
	for _, raw := range []string{
		"", "rampforge.db", "sqlite://x.db", "sqlite:///:memory:", "sqlite:///", "sqlite:///x.db?mode=ro", "sqlite+other:///x", "sqlite:///%zz",
		"mysql://u:hunter2@h/db", "postgresql+odd://u:hunter2@h/db", "postgres://u:hunter2%@h/db", "postgres://u:hunter2@h:port/db",
	} {
		_, _, err := database.ParseURL(raw)
		if rampforge.ErrorCode(err) != rampforge.CodeInvalid || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v", raw, err)
		}
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noDatabase := filepath.Join(dir, "text.db")
	if err := os.WriteFile(noDatabase, []byte(strings.Repeat("no database ", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options database.Options
		want    string
	}{
		"nobody answers": {database.Options{URL: "postgres://u:hunter2@127.0.0.1:1/rf"}, "nothing answers"},
		"no database":    {database.Options{URL: "sqlite:///" + noDatabase}, "not a SQLite database"},
		"missing file":   {database.Options{URL: "sqlite:///" + filepath.Join(dir, "none.db"), MustExist: true}, "does not exist"},
		"a folder":       {database.Options{URL: "sqlite:///" + dir}, "cannot be opened"},
	} {
		_, err := database.Open(t.Context(), test.options)
		if rampforge.ErrorCode(err) != rampforge.CodeUnavailable || !strings.Contains(rampforge.ErrorMessage(err), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error holds the password: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("MustExist made the file")
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folder", "x.db")
	storetest.Open(t, "sqlite:///"+path)
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode().Perm())
		}
	}
}

// Starts at once must all succeed: each opens the database by itself, as
// processes do.
func TestMigrateConcurrently(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				db, err := database.Open(t.Context(), database.Options{URL: url, MaxConns: 4})
				if err != nil {
					t.Error(err)
					return
				}
				defer db.Close()
				if err := db.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
				if pending, err := db.Pending(t.Context()); pending != 0 || err != nil {
					t.Errorf("%d pending, %v", pending, err)
				}
			})
		}
		group.Wait()
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		if _, err := db.Write().ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`); err != nil {
			t.Fatal(err)
		}
		if pending, err := db.Pending(t.Context()); pending != -1 || err != nil {
			t.Errorf("pending is %d, %v", pending, err)
		}
		err := db.Migrate(t.Context())
		if rampforge.ErrorCode(err) != rampforge.CodeUnavailable || !strings.Contains(rampforge.ErrorMessage(err), "9999") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTimesSurvive(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		at := time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.FixedZone("", 2*60*60))
		const insert = `INSERT INTO events (at, repository_id, user_id, payload) VALUES ($1, '', '', '{}')`
		for _, shift := range []time.Duration{0, -time.Hour} {
			if _, err := db.Write().ExecContext(t.Context(), insert, at.Add(shift)); err != nil {
				t.Fatal(err)
			}
		}
		var newest, none, column database.Time
		err := db.Read().QueryRowContext(t.Context(), `SELECT max(at), (SELECT max(at) FROM events WHERE at > $1) FROM events WHERE at <= $1`, at).Scan(&newest, &none)
		if err != nil || !newest.Time.Equal(at) || newest.Time.Location() != time.UTC || none.Ptr() != nil {
			t.Errorf("max(at) = %v, none = %v, %v", newest, none, err)
		}
		err = db.Read().QueryRowContext(t.Context(), `SELECT at FROM events WHERE at < $1`, at).Scan(&column)
		if err != nil || !column.Time.Equal(at.Add(-time.Hour)) {
			t.Errorf("at = %v, %v", column, err)
		}
	})
}

func TestInTx(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		const insert = `INSERT INTO events (at, repository_id, user_id, payload) VALUES ($1, '', '', '{}')`
		add := func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), insert, time.Now())
			return err
		}
		boom := errors.New("boom")
		if err := db.InTx(t.Context(), func(tx *sql.Tx) error { return errors.Join(add(tx), boom) }); !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.InTx(t.Context(), func(tx *sql.Tx) error { _ = add(tx); panic("in fn") })
		}()
		if n := count(t, db, "events"); n != 0 {
			t.Fatalf("%d rows of failed transactions remain", n)
		}
		if err := db.InTx(t.Context(), add); err != nil || count(t, db, "events") != 1 {
			t.Errorf("got %v", err)
		}
	})
}

// Two transactions that read and then write the same row under REPEATABLE READ
// semantics lose a race; InTx must let both through in the end.
func TestInTxRetriesLostRaces(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	if _, err := db.Write().ExecContext(t.Context(), `CREATE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO counters VALUES (1, 0), (2, 0)`); err != nil {
		t.Fatal(err)
	}
	var tries atomic.Int64
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			err := db.InTx(t.Context(), func(tx *sql.Tx) error {
				tries.Add(1)
				// Opposite orders make deadlocks.
				for _, id := range []int{1 + i%2, 2 - i%2} {
					if _, err := tx.ExecContext(t.Context(), `UPDATE counters SET n = n + 1 WHERE id = $1`, id); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var sum int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT sum(n) FROM counters`).Scan(&sum); err != nil || sum != 16 {
		t.Errorf("sum is %d after %d tries, %v", sum, tries.Load(), err)
	}
}

func TestReadPoolRefusesToWrite(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLiteURL(t))
	if _, err := db.Read().ExecContext(t.Context(), `DELETE FROM events`); err == nil {
		t.Error("the read pool deleted")
	}
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		exec := func(query string) error {
			_, err := db.Write().ExecContext(t.Context(), query)
			return err
		}
		const member = `INSERT INTO project_members (project_id, email_key, email, added_at) VALUES ('none', 'a', 'a', '2026-01-01')`
		if err := exec(member); err == nil || database.IsUniqueViolation(err) || database.IsBusy(err) {
			t.Errorf("foreign key: %v", err)
		}
		const install = `INSERT INTO installation (id, first_user, created_at) VALUES (1, 'u', '2026-01-01')`
		if err := errors.Join(exec(install)); err != nil {
			t.Fatal(err)
		}
		if err := exec(install); !database.IsUniqueViolation(err) || database.IsBusy(err) {
			t.Errorf("unique: %v", err)
		}
	})
}

func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLiteURL(t))
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			// Two rows in each transaction: a consistent copy has an even number.
			if err := db.InTx(t.Context(), func(tx *sql.Tx) error {
				const insert = `INSERT INTO events (at, repository_id, user_id, payload) VALUES ($1, '', '', '{}'), ($1, '', '', '{}')`
				_, err := tx.ExecContext(t.Context(), insert, time.Now())
				return err
			}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for i := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("copy%d.db", i))
		if err := db.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := db.Backup(t.Context(), path); rampforge.ErrorCode(err) != rampforge.CodeConflict {
			t.Errorf("a second backup to the same file gave %v", err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the copy: %v, %v", info, err)
		}
		copied := storetest.Open(t, "sqlite:///"+path)
		var check string
		if err := copied.Read().QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&check); err != nil || check != "ok" {
			t.Errorf("integrity: %s, %v", check, err)
		}
		if n := count(t, copied, "events"); n%2 != 0 {
			t.Errorf("the copy has %d rows: half a transaction", n)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".rampforge-backup-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	close(stop)
	group.Wait()
}

func count(t *testing.T, db *database.DB, table string) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGoldenSchema shows every change of a schema as a diff.
func TestGoldenSchema(t *testing.T) {
	t.Parallel()
	queries := map[database.Engine]string{
		database.SQLite: `SELECT type || ' ' || name || coalesce(char(10) || sql, '') FROM sqlite_master
			WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'river%' AND name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'river%' ORDER BY type DESC, name`,
		database.Postgres: `SELECT line FROM (
			SELECT 1 AS kind, table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
				|| coalesce(' DEFAULT ' || column_default, '') || CASE is_identity WHEN 'YES' THEN ' IDENTITY' ELSE '' END AS line
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name !~ '^(river|goose)'
			UNION ALL SELECT 2, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '^(river|goose)'
			UNION ALL SELECT 3, conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
				WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ '^(river|goose)' AND contype <> 'n'
			) AS lines ORDER BY kind, line`,
	}
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		rows, err := db.Read().QueryContext(t.Context(), queries[db.Engine()])
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var got strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			got.WriteString(line + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "schema_"+string(db.Engine())+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("the schema changed; run make generate when that is meant:\n%s", diff)
		}
	})
}
