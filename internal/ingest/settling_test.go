package ingest_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
)

// TestSettlingGoesOnAfterEachPause has a vendor take four requests at a time,
// which is fewer than all lists of ids and the second look take. Items move
// whenever the sync pauses: none of them is taken for gone.
func TestSettlingGoesOnAfterEachPause(t *testing.T) {
	for name, force := range map[string]bool{"due": false, "forced": true} {
		t.Run(name, func(t *testing.T) {
			each(t, 20, func(b *bench) {
				b.sync(false)
				b.vendor.remove("7")
				b.vendor.remove("8")
				b.now = b.now.Add(25 * time.Hour)
				random := rand.New(rand.NewPCG(5, 6))
				task := b.ask(force)
				for pauses := 0; ; pauses++ {
					if pauses == 40 {
						b.t.Fatal("it comes to no end")
					}
					left := 4
					b.vendor.before = func(string) error {
						if left--; left < 0 {
							return limited()
						}
						return nil
					}
					result := b.work(task.ID)
					if result.Pause == 0 {
						if result.Status != rampforge.SyncCompleted || pauses < 2 {
							b.t.Errorf("after %d pauses: %+v", pauses, result)
						}
						break
					}
					if id := strconv.Itoa(random.IntN(20)); id != "7" && id != "8" {
						b.vendor.put(id, []string{"one", "two"}[random.IntN(2)], fmt.Sprint("Item ", id))
					}
				}
				b.same()
				ended, err := b.store.NewestSync(b.t.Context(), b.service.ID)
				if got := b.kept("7", "8"); err != nil || ended.Deleted != 2 || got["7"] != "gone" || got["8"] != "gone" {
					b.t.Errorf("%+v, %v, %v", ended, got, err)
				}
			})
		})
	}
}

// TestAPauseWhileSettlingAsksNothingTwice pauses between the two places that are
// looked through: what was listed and read before the pause is not again.
func TestAPauseWhileSettlingAsksNothingTwice(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.vendor.remove("7")
		b.vendor.remove("8")
		b.now = b.now.Add(25 * time.Hour)
		task := b.ask(false)
		pages, lists, refuse := 0, 0, 4
		b.vendor.before = func(what string) error {
			switch what {
			case "ids":
				lists++
			case "page":
				if pages++; pages == refuse {
					return limited()
				}
			}
			return nil
		}
		if result := b.work(task.ID); result.Pause == 0 || lists != 4 {
			b.t.Fatalf("%d lists: %+v", lists, result)
		}
		pages, lists, refuse = 0, 0, 0
		if result := b.work(task.ID); result.Status != rampforge.SyncCompleted || pages != 1 || lists != 0 {
			b.t.Errorf("%d pages, %d lists: %+v", pages, lists, result)
		}
		b.same()
	})
}
