package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// placing is a vendor with a list of statuses.
type placing struct {
	*vendor

	list []rampforge.TrackerStatus
	err  error
	asks int
}

func (p *placing) Statuses(context.Context, rampforge.Resource) ([]rampforge.TrackerStatus, error) {
	p.asks++
	return p.list, p.err
}

// TestStatusesAreListedOnceADay: a list is read again after a day or when all
// is; what is not on it any more stays known, and a list that cannot be had
// is a note.
func TestStatusesAreListedOnceADay(t *testing.T) {
	each(t, 4, func(b *bench) {
		p := &placing{vendor: b.vendor, list: []rampforge.TrackerStatus{{ID: "1", Name: "Offen", Category: rampforge.StatusToDo, Position: 1}, {ID: "2", Name: "Zu\x00", Category: rampforge.StatusDone, Position: 2}}}
		sync := func(force bool, asks int, status rampforge.SyncStatus, notes int) {
			b.t.Helper()
			c, task := b.start(force)
			result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, p)
			if err != nil {
				b.t.Fatal(err)
			}
			b.end(c, result)
			if p.asks != asks || result.Status != status || len(result.Notes) != notes {
				b.t.Errorf("asked %d times, want %d; %+v", p.asks, asks, result)
			}
		}
		owner := b.owner()
		sync(false, 2, rampforge.SyncCompleted, 0) // two resources
		project := b.bound(owner, "Shop", "one")
		sync(false, 2, rampforge.SyncCompleted, 0)
		b.wantStatuses(project, "Offen todo 1", "Zu\ufffd done 2")
		p.list = []rampforge.TrackerStatus{{ID: "1", Name: "Open", Category: rampforge.StatusInProgress, Position: 3}}
		sync(true, 4, rampforge.SyncCompleted, 0)
		b.wantStatuses(project, "Zu\ufffd done 2", "Open in_progress 3")
		b.now = b.now.Add(25 * time.Hour)
		p.err = connector.Errorf(connector.ReasonPermission, "No.", "Ask.", nil)
		sync(false, 6, rampforge.SyncCompleted, 2)
		p.err = connector.Errorf(connector.ReasonUnsupported, "No.", "Ask.", nil)
		sync(false, 8, rampforge.SyncCompleted, 0)
		b.wantStatuses(project, "Zu\ufffd done 2", "Open in_progress 3")
	})
}

func (b *bench) wantStatuses(project string, want ...string) {
	b.t.Helper()
	list, err := b.store.ProjectStatuses(b.t.Context(), project)
	if err != nil {
		b.t.Fatal(err)
	}
	got := []string{}
	for _, v := range list {
		got = append(got, v.Name+" "+string(v.Category)+" "+string(rune('0'+v.Position)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("(-want +got):\n%s", diff)
	}
}
