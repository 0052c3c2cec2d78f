package ingest_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
)

// unread returns the notes of what a place has that was not read.
func unread(result ingest.Result) []rampforge.SyncFault {
	return slices.DeleteFunc(slices.Clone(result.Notes), func(n rampforge.SyncFault) bool { return n.Reason != ingest.ReasonUnread })
}

// TestWhatComesToBeSeenLate has an item appear with an old time of change, which
// the reading of its project is past: the comparison finds it, and the next
// sync reads it.
func TestWhatComesToBeSeenLate(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.vendor.items["99"] = item{"one", "Item 99, once hidden", 1}
		b.now = b.now.Add(25 * time.Hour)
		result, _ := b.sync(false)
		if notes := unread(result); result.Status != rampforge.SyncCompleted || len(notes) != 1 || notes[0].Resource != "KEY-one" || !strings.Contains(notes[0].Message, "1 records") {
			b.t.Errorf("%+v", result)
		}
		pages := b.vendor.reads
		if _, task := b.sync(false); task.Records != 11 || b.vendor.reads-pages != 5 {
			b.t.Errorf("%d records in %d pages", task.Records, b.vendor.reads-pages)
		}
		b.same()
		if result, task := b.sync(true); len(result.Notes) != 0 || task.Deleted != 0 {
			b.t.Errorf("%+v, %+v", result, task)
		}
	})
}

// TestWhatIsMadeDuringTheComparison is unread for a moment, and no reason to
// read anything from the beginning.
func TestWhatIsMadeDuringTheComparison(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.now = b.now.Add(25 * time.Hour)
		made := false
		b.vendor.before = func(what string) error {
			if what == "ids" && !made {
				made = true
				b.vendor.put("30", "two", "Item 30")
			}
			return nil
		}
		if result, task := b.sync(false); len(result.Notes) != 0 || task.Records != 1 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		b.same()
		if _, task := b.sync(false); task.Records != 0 {
			b.t.Errorf("%d records were read again", task.Records)
		}
	})
}

// listing lists ids that no reading brings.
type listing struct {
	*vendor

	ids []string
}

func (v *listing) IDs(ctx context.Context, r rampforge.Resource, s rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for ids, err := range v.vendor.IDs(ctx, r, s) {
			if !yield(ids, err) {
				return
			}
		}
		if r.ID == "one" {
			yield(append(v.ids, "no\x00column", strings.Repeat("y", 5000)), nil) // what can never be kept
		}
	}
}

// TestWhatIsListedAndCannotBeRead has the place be read from its beginning once
// for each id, and once a day at most.
func TestWhatIsListedAndCannotBeRead(t *testing.T) {
	each(t, 20, func(b *bench) {
		v := &listing{vendor: b.vendor, ids: []string{"x"}}
		sync := func(force bool) (ingest.Result, int) {
			b.t.Helper()
			pages := b.vendor.reads
			c, task := b.start(force)
			result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, v)
			if err != nil {
				b.t.Fatal(err)
			}
			b.end(c, result)
			return result, b.vendor.reads - pages
		}
		sync(false)
		for day, step := range []struct {
			ids  string
			note string
			next int // pages of the sync after it
		}{
			{"x", "the next sync reads", 5}, {"x", "cannot be read", 2}, {"x", "cannot be read", 2},
			{"x y", "cannot be read", 5}, {"x y", "cannot be read", 2}, {"", "", 2},
		} {
			v.ids = strings.Fields(step.ids)
			b.now = b.now.Add(25 * time.Hour)
			result, _ := sync(false)
			if notes := unread(result); len(notes) == 0 != (step.note == "") || len(notes) > 0 && !strings.Contains(notes[0].Message, step.note) {
				b.t.Errorf("day %d: %+v", day, notes)
			}
			if _, pages := sync(false); pages != step.next {
				b.t.Errorf("day %d: %d pages, want %d", day, pages, step.next)
			}
		}
		// Twice on one day: the second has to wait.
		v.ids = []string{"z"}
		b.now = b.now.Add(25 * time.Hour)
		sync(false)
		sync(false)
		v.ids = []string{"z", "w"}
		sync(true)
		if _, pages := sync(false); pages != 2 {
			b.t.Errorf("%d pages on the same day", pages)
		}
	})
}

// TestWhatMovesWithoutADate moves an item to another project and leaves its time
// of change as it was, as Confluence does with pages. It is not taken for gone,
// and found where it is.
func TestWhatMovesWithoutADate(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.vendor.items["5"] = item{"one", "Item 5", b.vendor.items["5"].at}
		b.vendor.remove("7")
		b.now = b.now.Add(25 * time.Hour)
		if _, task := b.sync(false); task.Deleted != 1 {
			b.t.Errorf("%+v", task)
		}
		if diff := cmp.Diff(map[string]string{"5": "Item 5", "7": "gone"}, b.kept("5", "7")); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		b.sync(false)
		b.same()
		b.vendor.remove("5")
		b.now = b.now.Add(25 * time.Hour)
		if _, task := b.sync(false); task.Deleted != 1 {
			b.t.Errorf("it was not found where it is: %+v", task)
		}
		b.same()
	})
}

// TestWhatMovesWithoutADateToAPlaceNotCompared asks the other place for its ids,
// which is not due.
func TestWhatMovesWithoutADateToAPlaceNotCompared(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.now = b.now.Add(25 * time.Hour)
		b.vendor.broken("two", connector.ReasonVendor)
		b.sync(false) // the first alone is compared
		b.vendor.fails = nil
		b.vendor.items["5"] = item{"one", "Item 5", b.vendor.items["5"].at}
		b.now = b.now.Add(time.Hour)
		if result, task := b.sync(false); result.Status != rampforge.SyncCompleted || task.Deleted != 0 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		b.same()
	})
}
