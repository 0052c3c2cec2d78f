package worker_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// keepOld keeps a record as a version without people did.
func keepOld(tx *sql.Tx, service string, stream rampforge.Stream, id, content string) error {
	_, err := tx.Exec(`INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, synced_at)
		VALUES ($1, $2, $3, 'r', $3, '', '', $4, $5, $4)`, service, stream, id, time.Unix(1, 0).UTC(), content)
	return err
}

// TestPeopleOfOldRecords starts a server over a database in which commits were
// kept before there were people: they are there soon, and no vendor is asked.
func TestPeopleOfOldRecords(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.OpenAt(t, url, 10)
		commit := func(email string) string {
			v := rampforge.Signature{Name: "Somebody", Email: email}
			text, err := json.Marshal(rampforge.VendorCommit{Hash: email, Author: v, Committer: v})
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		err := db.InTx(t.Context(), func(tx *sql.Tx) (err error) {
			for n := range 1100 { // more than two batches
				err = errors.Join(err, keepOld(tx, "svc_b", rampforge.StreamCommits, fmt.Sprintf("%04d", n), commit(fmt.Sprintf("p%d@corp.test", n%3))))
			}
			return errors.Join(err,
				keepOld(tx, "svc_a", rampforge.StreamWorkItems, "1", `{"key": "A-1"}`),
				keepOld(tx, "svc_b", rampforge.StreamCommits, "0500x", "{nothing that anybody could read"),
				keepOld(tx, "svc_c", rampforge.StreamCommits, "1", commit("last@corp.test")),
				keepOld(tx, "svc_d", rampforge.StreamWorkItems, "1", `{"key": "D-1"}`))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := store.New(db)
		// The first process dies after a batch or two, in which nothing is lost.
		for range 3 {
			if _, more, err := s.FillSignatures(t.Context()); err != nil || !more {
				t.Fatal(more, err)
			}
		}
		p := start(t, db, "one", 1, completed)
		got := slices.Sorted(slices.Values(slices.Concat(p.addresses(4)...)))
		if want := []string{"last@corp.test", "p0@corp.test", "p1@corp.test", "p2@corp.test"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if n, more, err := s.FillSignatures(t.Context()); n != 0 || more || err != nil {
			t.Errorf("it is done, and there is more: %d, %v, %v", n, more, err)
		}
	})
}

// TestNothingToBackfill: a new database has nothing to derive.
func TestNothingToBackfill(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		if _, more, err := store.New(db).FillSignatures(context.WithoutCancel(t.Context())); more || err != nil {
			t.Error(more, err)
		}
	})
}
