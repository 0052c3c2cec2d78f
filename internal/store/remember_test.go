package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestWhatIsRememberedIsForgottenEverywhere has two stores on one database, as
// two processes have.
func TestWhatIsRememberedIsForgottenEverywhere(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		open := func() *bundle {
			db := storetest.Open(t, url)
			return newBundle(t, store.New(db), db)
		}
		here, there := open(), open()
		ada := here.user("ada", rampforge.RoleAdmin)
		for n := range 5 {
			id := here.session(ada, string(rune('a'+n)))
			for range 3 {
				_, err := here.SessionUser(here.ctx(), id, here.now)
				here.must(err)
			}
			there.must(there.RevokeSession(there.ctx(), id, ada.ID, "signed out", there.now))
			_, err := here.SessionUser(here.ctx(), id, here.now)
			here.code(err, rampforge.CodeNotFound)
		}
		id := here.session(ada, "last")
		_, err := here.SessionUser(here.ctx(), id, here.now)
		here.must(err)
		_, err = here.SessionUser(here.ctx(), id, here.now.Add(2*time.Hour))
		here.code(err, rampforge.CodeNotFound)

		page := store.Page{Limit: 10}
		for n := range 3 {
			list, total, err := here.Projects(here.ctx(), store.ViewerOf(ada), "", page)
			here.must(err)
			if len(list) != n || total != n {
				t.Errorf("%d of %d projects, want %d", len(list), total, n)
			}
			there.must(there.InTx(there.ctx(), func(tx *sql.Tx) error {
				return there.CreateProjectTx(there.ctx(), tx, rampforge.Project{ID: store.NewID("prj"), Name: "p", Status: rampforge.ProjectActive, CreatedBy: ada.ID, CreatedAt: there.now, UpdatedAt: there.now}, nil)
			}))
		}
	})
}

func BenchmarkSessionUser(b *testing.B) {
	db := storetest.SQLite(b)
	s := store.New(db)
	now := time.Now()
	u, err := s.CreateUser(b.Context(), store.Registration{Email: "ada@example.com", Name: "Ada", PasswordHash: "x", Role: rampforge.RoleAdmin, At: now})
	if err != nil {
		b.Fatal(err)
	}
	id, err := s.CreateSession(b.Context(), store.NewSession{UserID: u.ID, PasswordHash: "x", RefreshHash: "r", At: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, before func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before()
				if _, err := s.SessionUser(b.Context(), id, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("remembered", func() {})
	run("read", func() { s = store.New(db) })
}
