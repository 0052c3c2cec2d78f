package ingest_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// random is a text of n bytes that no database packs into fewer.
func random(n int) string {
	var b strings.Builder
	r := rand.New(rand.NewPCG(1, uint64(n))) // the same at every run
	for range n {
		b.WriteByte(byte('0' + r.IntN(74)))
	}
	return b.String()
}

func unfitIDs(most int) map[string]string {
	return map[string]string{"nul": "a\x00b", "line break": "a\nb", "no text": "a\xff", "empty": "", "long": random(most + 1), "endless": random(5000)}
}

// TestARecordWhoseIDCannotBeKeptIsLeftOut reads, at the place of each kind, what
// else there is.
func TestARecordWhoseIDCannotBeKeptIsLeftOut(t *testing.T) {
	for name, id := range unfitIDs(connector.MaxRecordID) {
		t.Run(name, func(t *testing.T) {
			each(t, 6, func(b *bench) {
				b.vendor.put(id, "one", "What nobody keeps")
				b.vendor.put("7", "one", "Behind it")
				result, task := b.sync(false)
				if result.Status != rampforge.SyncCompleted || len(result.Faults) != 0 || task.Records != 7 {
					b.t.Errorf("%+v, %+v", result, task)
				}
				if len(result.Notes) != 1 || result.Notes[0].Reason != connector.ReasonMalformed || result.Notes[0].Resource != "KEY-one" || !strings.Contains(result.Notes[0].Message, "left out") {
					b.t.Errorf("the notes are %+v", result.Notes)
				}
				b.vendor.remove(id)
				b.same()
			})
		})
	}
	t.Run("sprint", func(t *testing.T) {
		each(t, 0, func(b *bench) {
			v := &boards{vendor: b.vendor, show: map[string][]string{"one": {"1", "a\x00b"}, "two": {"2", random(5000)}}}
			c, task := b.start(false)
			result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, v)
			if err != nil || result.Status != rampforge.SyncCompleted || len(result.Notes) != 2 {
				b.t.Errorf("%+v, %v", result, err)
			}
			for _, id := range []string{"1", "2"} {
				if _, err := b.store.Record(b.t.Context(), b.service.ID, rampforge.StreamSprints, id); err != nil {
					b.t.Error(err)
				}
			}
		})
	})
}

// oddly lists a resource of its own between those of the vendor, and its records
// name theirs as it says.
type oddly struct {
	*vendor

	id, of string
}

func (v oddly) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		for r, err := range v.vendor.Resources(ctx) {
			odd := r
			odd.ID, odd.Key = v.id, "ODD\x00"+random(5000)
			if v.of == "" && !yield(odd, nil) || !yield(r, err) {
				return
			}
		}
	}
}

func (v oddly) Read(ctx context.Context, r rampforge.Resource, s rampforge.Stream, c connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		for page, err := range v.vendor.Read(ctx, r, s, c) {
			for i := range page.Records {
				if page.Records[i].ID == v.of {
					page.Records[i].ResourceID = v.id
				}
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

func TestAResourceWhoseIDCannotBeKeptIsLeftOut(t *testing.T) {
	for name, id := range unfitIDs(connector.MaxResourceID) {
		t.Run(name, func(t *testing.T) {
			each(t, 6, func(b *bench) {
				c, task := b.start(false)
				result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, oddly{b.vendor, id, ""})
				if err != nil || result.Status != rampforge.SyncPartial || len(result.Faults) != 1 || result.Faults[0].Reason != connector.ReasonMalformed {
					b.t.Errorf("%+v, %v", result, err)
				}
				b.same()
			})
		})
	}
	t.Run("of a record", func(t *testing.T) {
		each(t, 6, func(b *bench) {
			c, task := b.start(false)
			result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, oddly{b.vendor, "a\x00b", "3"})
			if err != nil || result.Status != rampforge.SyncCompleted || len(result.Notes) != 1 {
				b.t.Errorf("%+v, %v", result, err)
			}
			b.vendor.remove("3")
			b.same()
		})
	})
}

// wide has one record whose every column is as long as it may be.
type wide struct{ *vendor }

var wideID, wideResource = random(connector.MaxRecordID), random(connector.MaxResourceID)

func (wide) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		yield(rampforge.Resource{ID: wideResource, Kind: "project", Key: random(5001), Name: random(5002), URL: "https://example.com/" + random(5003),
			Streams: []rampforge.Stream{rampforge.StreamWorkItems}}, nil)
	}
}

func (wide) Read(_ context.Context, _ rampforge.Resource, s rampforge.Stream, _ connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var accounts []rampforge.Account
		for n := range 9 {
			accounts = append(accounts, rampforge.Account{ID: random(90 + n), Login: random(5004), Name: random(5005), Email: random(5006)})
		}
		yield(connector.Page{Next: connector.Cursor(`1`), Records: []rampforge.Record{{Stream: s, ID: wideID, UpdatedAt: time.Unix(1, 0).UTC(), WorkItem: &rampforge.WorkItem{
			Key: random(5007), Title: random(5008), Type: random(5009), Status: random(5010), StatusCategory: rampforge.StatusCategory(random(5011)), Assignees: accounts,
		}}}}, nil)
	}
}

// TestTheLongestRecordIsKept: whatever a vendor sends, an index has room for it.
func TestTheLongestRecordIsKept(t *testing.T) {
	each(t, 0, func(b *bench) {
		c, task := b.start(false)
		result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, wide{b.vendor})
		if err != nil || result.Status != rampforge.SyncCompleted {
			b.t.Errorf("%+v, %v", result, err)
		}
		if got := b.kept(wideID); len(got) != 1 {
			b.t.Errorf("kept %s", fmt.Sprint(got))
		}
	})
}
