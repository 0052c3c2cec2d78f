package ingest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// broken has a project fail whenever it is read.
func (v *vendor) broken(project, reason string) {
	v.fails = func(asked string) error {
		if asked == project {
			return connector.Errorf(reason, "It cannot be read.", "Wait.", nil)
		}
		return nil
	}
}

// TestWhatMovesAcrossAPauseIsNotBuried moves an item, while the sync is paused,
// to the resource that was read before: at its old place it is missing.
func TestWhatMovesAcrossAPauseIsNotBuried(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		task := b.ask(true)
		pages := 0
		b.vendor.before = func(what string) error {
			if what == "page" {
				if pages++; pages == 7 {
					return limited()
				}
			}
			return nil
		}
		if result := b.work(task.ID); result.Pause == 0 {
			b.t.Fatalf("%+v", result)
		}
		b.vendor.put("5", "one", "Item 5, moved")
		b.vendor.remove("7")
		if result := b.work(task.ID); result.Status != rampforge.SyncCompleted || len(result.Notes) != 0 {
			b.t.Errorf("%+v", result)
		}
		if diff := cmp.Diff(map[string]string{"5": "Item 5, moved", "7": "gone"}, b.kept("5", "7")); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		b.same()
	})
}

// TestWhatMovesDuringTheSweepIsNotBuried moves an item after the ids of its new
// place were listed, and before those of its old one are.
func TestWhatMovesDuringTheSweepIsNotBuried(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		lists := 0
		b.vendor.before = func(what string) error {
			if what == "ids" {
				if lists++; lists == 2 { // of two parts for each project
					b.vendor.put("19", "one", "Item 19, moved")
				}
			}
			return nil
		}
		if result, _ := b.sync(true); result.Status != rampforge.SyncCompleted {
			b.t.Errorf("%+v", result)
		}
		b.same()
	})
}

// TestALimitBeforeTheSecondLook has the vendor take no more requests when the
// new places of what is missing are looked through: nothing is buried before.
func TestALimitBeforeTheSecondLook(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.vendor.remove("7")
		task := b.ask(true)
		listed, stopped := false, false
		b.vendor.before = func(what string) error {
			listed = listed || what == "ids"
			if what == "page" && listed && !stopped {
				stopped = true
				return limited()
			}
			return nil
		}
		if result := b.work(task.ID); result.Pause == 0 || b.kept("7")["7"] == "gone" {
			b.t.Fatalf("%+v", result)
		}
		b.vendor.put("7", "one", "Item 7, moved")
		if result := b.work(task.ID); result.Status != rampforge.SyncCompleted {
			b.t.Errorf("%+v", result)
		}
		b.same()
	})
}

// TestABrokenPlaceThatTellsItsIDs cannot be read, and says all the same what
// moved there: nothing is held up.
func TestABrokenPlaceThatTellsItsIDs(t *testing.T) {
	each(t, 30, func(b *bench) {
		b.sync(false)
		b.vendor.put("4", "two", "Item 4, moved")
		b.vendor.remove("6")
		b.vendor.broken("two", connector.ReasonMalformed)
		result, task := b.sync(true)
		if result.Status != rampforge.SyncPartial || task.Deleted != 1 || len(result.Notes) != 0 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		if diff := cmp.Diff(map[string]string{"4": "Item 4", "6": "gone"}, b.kept("4", "6")); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		b.vendor.fails = nil
		b.sync(true)
		b.same()
	})
}

// TestAHiddenPlaceHoldsUpForAWeek cannot be read for good. What is missing
// elsewhere is kept for a week for its sake, and what was taken for gone by
// mistake comes back with it.
func TestAHiddenPlaceHoldsUpForAWeek(t *testing.T) {
	each(t, 30, func(b *bench) {
		b.sync(false)
		b.vendor.put("4", "two", "Item 4, moved")
		b.vendor.remove("6")
		b.vendor.broken("two", connector.ReasonPermission)
		for range 4 { // six days
			result, task := b.sync(false)
			if task.Deleted != 0 {
				b.t.Errorf("%+v", task)
			}
			if len(result.Notes) > 0 && (len(task.Notes) != 1 || task.Notes[0].Resource != "KEY-two" || task.Notes[0].Reason != connector.ReasonPermission || !strings.Contains(task.Notes[0].Message, "until 2026-03-08T")) {
				b.t.Errorf("%+v", task.Notes)
			}
			b.now = b.now.Add(48 * time.Hour)
		}
		result, task := b.sync(false)
		if task.Deleted != 2 || len(result.Notes) != 1 || !strings.Contains(result.Notes[0].Message, "7 days") {
			b.t.Errorf("%+v, %+v", result, task)
		}
		b.vendor.fails = nil
		b.sync(false)
		b.same()
		// It was read meanwhile: the week begins anew.
		b.vendor.broken("two", connector.ReasonPermission)
		b.vendor.remove("8")
		if _, task := b.sync(true); task.Deleted != 0 || len(task.Notes) != 1 {
			b.t.Errorf("%+v", task)
		}
	})
}

// TestOnlyWhatIsHeldUpIsNoted has nothing missing beside the place that cannot
// be read.
func TestOnlyWhatIsHeldUpIsNoted(t *testing.T) {
	each(t, 30, func(b *bench) {
		b.sync(false)
		b.vendor.broken("two", connector.ReasonPermission)
		if result, _ := b.sync(true); len(result.Notes) != 0 || len(result.Faults) != 1 {
			b.t.Errorf("%+v", result)
		}
	})
}

// TestAPauseTellsWhatWasRead pauses before the first place, before the second,
// and before the resources are listed again.
func TestAPauseTellsWhatWasRead(t *testing.T) {
	each(t, 20, func(b *bench) {
		at := map[string]int{}
		refused := "page 1"
		b.vendor.before = func(what string) error {
			if at[what]++; refused == what || refused == what+" 1" && at[what] == 1 || refused == what+" 6" && at[what] == 6 {
				return limited()
			}
			return nil
		}
		task := b.ask(false)
		for _, step := range []struct {
			refused      string
			read, places int
			further      bool
		}{{"page 1", 0, 2, false}, {"page 6", 1, 2, true}, {"resources", 1, 0, false}} {
			refused = step.refused
			result := b.work(task.ID)
			if result.Pause == 0 || result.Read != step.read || result.Places != step.places || result.Further != step.further {
				b.t.Errorf("%s: %+v", step.refused, result)
			}
		}
	})
}

// TestNothingButWhatAServerLacks reads no stream to its end: that one is
// lacking makes a sync that failed no partial one.
func TestNothingButWhatAServerLacks(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.vendor.fails = func(project string) error {
			if project == "one" {
				return connector.Errorf(connector.ReasonUnsupported, "This server has none.", "Nothing.", nil)
			}
			return connector.Errorf(connector.ReasonPermission, "You may not read it.", "Wait.", nil)
		}
		if result, _ := b.sync(false); result.Status != rampforge.SyncFailed || len(result.Notes) != 1 {
			b.t.Errorf("%+v", result)
		}
	})
}
