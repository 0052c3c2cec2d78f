package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func TestSyncAges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		fresh, never, off := b.service(1), b.service(2, func(v *rampforge.Service) { v.SyncInterval = new(90) }), b.service(3, func(v *rampforge.Service) { v.Enabled = false })
		b.service(4) // nobody connected it
		b.connect(fresh.ID)
		b.connect(never.ID)
		b.connect(off.ID)
		synced := b.now.Add(time.Hour)
		_, err := b.db.Write().ExecContext(b.ctx(), `UPDATE services SET last_synced = $2 WHERE id = $1`, fresh.ID, synced)
		b.must(err)
		ages, err := b.SyncAges(b.ctx(), 10)
		b.must(err)
		want := []store.SyncAge{
			{ServiceID: fresh.ID, Type: rampforge.ServiceGitHub, Since: synced},
			{ServiceID: never.ID, Type: rampforge.ServiceGitHub, Interval: new(90), Since: never.CreatedAt},
		}
		if diff := cmp.Diff(want, ages); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if ages, err := b.SyncAges(b.ctx(), 1); err != nil || len(ages) != 1 {
			t.Errorf("of one at most: %v, %v", ages, err)
		}
		counts, err := b.ServiceCounts(b.ctx())
		b.must(err)
		byStatus := map[rampforge.ServiceStatus]int{}
		for _, c := range counts {
			if c.Type != rampforge.ServiceGitHub {
				t.Errorf("%+v", c)
			}
			byStatus[c.Status] += c.Count
		}
		if diff := cmp.Diff(map[rampforge.ServiceStatus]int{rampforge.ServiceConnected: 2, rampforge.ServiceDisconnected: 1}, byStatus); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
