//go:build long

package cli_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestLongBackupUnderLoad backs a database up while it is written to, restores
// the copy as docs/operations.md says, and compares it row by row with what was
// there before and after.
func TestLongBackupUnderLoad(t *testing.T) {
	t.Parallel()
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := newVictim(t, program, url)
		s.start()
		for _, id := range s.repositories {
			s.end(s.analyze(id), time.Now().Add(time.Minute))
		}
		var made atomic.Int64
		stop := make(chan struct{})
		var load sync.WaitGroup
		for writer := range 3 {
			load.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					if status, _, err := s.do("POST", "/api/v1/projects", fmt.Sprintf(`{"name":"project %d of writer %d"}`, n, writer)); err != nil || status != 201 {
						t.Errorf("a project is not made: %d, %v", status, err)
						return
					}
					made.Add(1)
				}
			})
		}
		load.Go(func() { // jobs change rows in place
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				s.end(s.analyze(s.repositories[n%len(s.repositories)]), time.Now().Add(time.Minute))
			}
		})
		waitFor(t, func() bool { return made.Load() > 50 })
		before := rowsOf(t, url)
		copied := restored(t, program, s.env, url)
		after := made.Load()
		waitFor(t, func() bool { return made.Load() > after+20 })
		close(stop)
		load.Wait()
		compare(t, before, rowsOf(t, copied), rowsOf(t, url))
		s.kill()

		// A server starts on the copy, and has what was there.
		s.env = append(s.env, "DATABASE_URL="+copied)
		s.start()
		if list := s.ask("GET", "/api/v1/projects?limit=1", ""); list["total"].(float64) < 50 {
			t.Errorf("the copy has %v projects", list["total"])
		}
		for _, id := range s.repositories {
			s.ask("GET", "/api/v1/repositories/"+id+"/analysis", "")
		}
		s.kill()
		s.intact(copied)
	})
}

func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if t.Failed() || time.Now().After(deadline) {
			t.Fatal("the load does not go on")
		}
	}
}

// restored backs a database up and returns the address of a restored copy.
func restored(t *testing.T, program string, env []string, url string) string {
	t.Helper()
	if !strings.HasPrefix(url, "postgres") {
		file := filepath.Join(t.TempDir(), "copy.db")
		cmd := exec.Command(program, "backup", file)
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("backup: %v\n%s", err, out)
		}
		return "sqlite:///" + file
	}
	copied, file := storetest.PostgresURL(t), filepath.Join(t.TempDir(), "rampforge.dump")
	db := storetest.Open(t, copied)
	if _, err := db.Write().ExecContext(t.Context(), "DROP SCHEMA public CASCADE"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"psql", "--quiet", "--command=CREATE SCHEMA public", "--dbname=" + copied},
		{"pg_dump", "--format=custom", "--no-owner", "--file=" + file, url},
		{"pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname=" + copied, file},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil && !strings.Contains(string(out), `schema "public" already exists`) {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
	return copied
}

// rowsOf returns the rows of every table, each as one text, in one transaction.
func rowsOf(t *testing.T, url string) map[string]map[string]bool {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url, MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := map[string]map[string]bool{}
	for table := range storetest.Tables(t, db) {
		if strings.HasPrefix(table, "passage_terms") { // the index of a search; FTS5 keeps no rows
			continue
		}
		rows, err := db.Read().QueryContext(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(values)
			if err != nil {
				t.Fatal(err)
			}
			found[string(text)] = true
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		all[table] = found
	}
	return all
}

// compare: what was there before the backup and after it, unchanged, is in the
// copy; and what the copy has of tables whose rows never change is no invention.
func compare(t *testing.T, before, copied, after map[string]map[string]bool) {
	t.Helper()
	kept := 0
	for table, rows := range before {
		for row := range rows {
			if after[table][row] {
				kept++
				if !copied[table][row] {
					t.Errorf("%s lacks %.300s", table, row)
				}
			}
		}
	}
	for _, table := range []string{"projects", "users", "repositories", "audit_log", "events"} {
		if len(copied[table]) == 0 && table != "audit_log" {
			t.Errorf("%s is empty in the copy", table)
		}
		if table == "repositories" { // they say how their analysis stands
			continue
		}
		for row := range copied[table] {
			if !after[table][row] {
				t.Errorf("%s has in the copy what never was: %.300s", table, row)
			}
		}
	}
	if len(copied) != len(after) || kept < 200 {
		t.Errorf("%d of %d tables are there; %d rows were compared", len(copied), len(after), kept)
	}
	t.Logf("%d rows of %d tables are the same; of %d projects the copy has %d", kept, len(after), len(after["projects"]), len(copied["projects"]))
}
