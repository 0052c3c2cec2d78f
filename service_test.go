package rampforge_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
)

func TestNextSync(t *testing.T) {
	t.Parallel()
	made, ended := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	connected := rampforge.Service{ID: "svc_1", Enabled: true, Status: rampforge.ServiceConnected, CreatedAt: made, SyncEnded: &ended}
	for name, test := range map[string]struct {
		change   func(*rampforge.Service)
		standard time.Duration
		want     time.Duration // after the last end, without the part that spreads services; 0 is never
	}{
		"the default":              {func(*rampforge.Service) {}, time.Hour, time.Hour},
		"its own":                  {func(v *rampforge.Service) { v.SyncInterval = new(10) }, time.Hour, 10 * time.Minute},
		"its own, by hand else":    {func(v *rampforge.Service) { v.SyncInterval = new(10) }, 0, 10 * time.Minute},
		"by hand":                  {func(v *rampforge.Service) { v.SyncInterval = new(0) }, time.Hour, 0},
		"by hand everywhere":       {func(*rampforge.Service) {}, 0, 0},
		"disabled":                 {func(v *rampforge.Service) { v.Enabled = false }, time.Hour, 0},
		"down":                     {func(v *rampforge.Service) { v.Status = rampforge.ServiceError }, time.Hour, 0},
		"after two failures":       {func(v *rampforge.Service) { v.SyncFailures = 2 }, time.Hour, 4 * time.Hour},
		"after many failures":      {func(v *rampforge.Service) { v.SyncFailures = 90 }, time.Hour, 24 * time.Hour},
		"weekly, after a failure":  {func(v *rampforge.Service) { v.SyncInterval, v.SyncFailures = new(10080), 1 }, time.Hour, 7 * 24 * time.Hour},
		"every five minutes, once": {func(v *rampforge.Service) { v.SyncInterval, v.SyncFailures = new(5), 1 }, time.Hour, 10 * time.Minute},
	} {
		v := connected
		test.change(&v)
		next := v.NextSyncAt(test.standard)
		switch {
		case (next == nil) != (test.want == 0):
			t.Errorf("%s: %v", name, next)
		case next != nil && (next.Before(ended.Add(test.want)) || next.After(ended.Add(test.want+test.want/10))):
			t.Errorf("%s: %v, want %v to a tenth more", name, next.Sub(ended), test.want)
		}
	}
	connected.SyncEnded = nil
	if next := connected.NextSyncAt(time.Hour); next == nil || next.After(made) {
		t.Errorf("a service that was never synced is due at %v", next)
	}
}
