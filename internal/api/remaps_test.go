package api_test

import (
	"net/http"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestRemap starts remaps; what they come to the worker's tests say.
func TestRemap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, service := t.Context(), w.add(gitHub("one"))
		_, err := w.admin().ServiceRemap(ctx, service.ID)
		wantStatus(t, "none was started", err, http.StatusNotFound)
		_, err = w.admin().RemapService(ctx, "svc_none", true)
		wantStatus(t, "an unknown service", err, http.StatusNotFound)
		_, err = w.lead().RemapService(ctx, service.ID, true)
		wantStatus(t, "a team lead", err, http.StatusForbidden)
		_, err = w.lead().ServiceRemap(ctx, service.ID)
		wantStatus(t, "a team lead looks", err, http.StatusForbidden)
		one, err := w.admin().RemapService(ctx, service.ID, true)
		if err != nil || one.Status != rampforge.SyncQueued || !one.DryRun || one.ServiceID != service.ID || one.CreatedAt.IsZero() || one.FinishedAt != nil {
			t.Fatalf("%+v, %v", one, err)
		}
		again, err := w.admin().RemapService(ctx, service.ID, true)
		if err != nil || again.ID != one.ID {
			t.Errorf("it was started twice: %+v, %v", again, err)
		}
		_, err = w.admin().RemapService(ctx, service.ID, false)
		wantStatus(t, "another that writes", err, http.StatusConflict)
		if seen, err := w.admin().ServiceRemap(ctx, service.ID); err != nil || seen.ID != one.ID || seen.RequestedBy != one.RequestedBy {
			t.Errorf("%+v, %v", seen, err)
		}
		log, err := w.admin().AuditLog(ctx, client.Paging(100, 0))
		var started []rampforge.AuditEntry
		for _, e := range log.Entries {
			if e.Action == "service.remapped" {
				started = append(started, e)
			}
		}
		if err != nil || len(started) != 1 || started[0].TargetID != service.ID || started[0].Details["remap_id"] != one.ID || started[0].Details["dry_run"] != true {
			t.Errorf("%+v, %v", started, err)
		}
		wantStatus(t, "removing the service", w.lead().DeleteService(ctx, service.ID, true), 0)
		_, err = w.admin().ServiceRemap(ctx, service.ID)
		wantStatus(t, "it is purged", err, http.StatusNotFound)
	})
}
