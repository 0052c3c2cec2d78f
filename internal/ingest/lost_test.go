package ingest_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// synced are the tables that a page is kept in.
var synced = []string{"records", "sync_cursors", "accounts"}

func (b *bench) exec(format string, table string) {
	b.t.Helper()
	if _, err := b.db.Write().ExecContext(b.t.Context(), fmt.Sprintf(format, table, table)); err != nil {
		b.t.Fatal(err)
	}
}

// snapshot remembers what is kept at this moment.
func (b *bench) snapshot() {
	for _, table := range synced {
		b.exec("CREATE TABLE was_%s AS SELECT * FROM %s", table) //nolint:unqueryvet // all that there is
	}
}

// rewind has the database be as it was, as a crash does that takes the last
// commits, and a replica that takes over.
func (b *bench) rewind() {
	for _, table := range synced {
		b.exec("DELETE FROM %[1]s", table)
		b.exec("INSERT INTO %[1]s SELECT * FROM was_%[1]s", table) //nolint:unqueryvet // all that there is
	}
}

// ending calls after whenever a reading came to its end.
type ending struct {
	*vendor

	after func()
}

func (v *ending) Read(ctx context.Context, r rampforge.Resource, s rampforge.Stream, c connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		for page, err := range v.vendor.Read(ctx, r, s, c) {
			if !yield(page, err) {
				return
			}
		}
		v.after()
	}
}

// TestPagesThatTheDatabaseLost has the database lose the pages from one to
// another while the sync runs on: they are read again. The first project has
// pages 1 to 4.
func TestPagesThatTheDatabaseLost(t *testing.T) {
	const atEnd = 0 // of the first project, before that is noted
	for name, test := range map[string]struct {
		force    bool
		from, to int // before which page
	}{
		"some":                   {false, 2, 4},
		"all":                    {false, 1, 3},
		"the last":               {false, 4, atEnd},
		"all of a place":         {false, 1, atEnd},
		"some, forced":           {true, 2, 4},
		"all, forced":            {true, 1, 3},
		"all of a place, forced": {true, 1, atEnd},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, 20, func(b *bench) {
				if test.force {
					b.sync(false)
					for id, it := range b.vendor.items { // which no date tells
						it.title += ", changed"
						b.vendor.items[id] = it
					}
				}
				pages, ends := 0, 0
				b.vendor.before = func(what string) error {
					if what != "page" {
						return nil
					}
					if pages++; pages == test.from {
						b.snapshot()
					}
					if pages == test.to {
						b.rewind()
					}
					return nil
				}
				v := &ending{vendor: b.vendor, after: func() {
					if ends++; ends == 1 && test.to == atEnd {
						b.rewind()
					}
				}}
				c, task := b.start(test.force)
				result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, v)
				if err != nil || result.Status != rampforge.SyncCompleted || len(result.Faults) != 0 {
					b.t.Fatalf("%+v, %v", result, err)
				}
				b.same()
				var accounts int
				if err := b.db.Read().QueryRowContext(b.t.Context(), "SELECT count(*) FROM accounts").Scan(&accounts); err != nil || accounts != 20 {
					b.t.Errorf("%d accounts are kept of 20, %v", accounts, err)
				}
			})
		})
	}
}

// TestADatabaseThatLosesEveryPage ends the sync, instead of reading the same
// for ever.
func TestADatabaseThatLosesEveryPage(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.snapshot()
		b.vendor.before = func(what string) error {
			if what == "page" {
				b.rewind()
			}
			return nil
		}
		c, task := b.start(false)
		if result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor); err == nil {
			b.t.Errorf("%+v", result)
		}
		if b.vendor.reads > 50 {
			b.t.Errorf("%d pages were read", b.vendor.reads)
		}
	})
}
