package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

// endSync brings the sync of a service to an end, as a worker does.
func (w *world) endSync(serviceID string, status rampforge.SyncStatus, faults ...rampforge.SyncFault) {
	w.t.Helper()
	ctx := w.t.Context()
	silent, err := w.store.SilentSyncs(ctx, time.Now().Add(time.Hour), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	task, err := w.store.NewestSync(ctx, serviceID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range silent {
		if s.TaskID != task.ID {
			continue
		}
		claim := store.SyncClaim{TaskID: s.TaskID, JobID: s.JobID, Owner: "test"}
		if _, claimed, err := w.store.ClaimSync(ctx, claim, time.Now(), time.Now()); err != nil || !claimed {
			w.t.Fatalf("%v, %v", claimed, err)
		}
		if err := w.store.FinishSync(ctx, claim, store.SyncEnd{Status: status, Faults: faults, Message: "Done."}, time.Now(), w.enqueue); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, err := w.lead().SyncServices(ctx, client.SyncRequest{}, 0)
		wantStatus(t, "without a service", err, http.StatusConflict)
		one, two := w.add(gitHub("One")), w.add(gitHub("Two"))
		off := gitHub("Off")
		off.Enabled = new(false)
		disabled := w.add(off)

		first, err := w.lead().SyncServices(ctx, client.SyncRequest{}, 0)
		if err != nil || first.Status != rampforge.SyncRunning || first.Total != 2 || len(first.Results) != 2 || first.CompletedAt != nil {
			t.Fatalf("%+v, %v", first, err)
		}
		second, err := w.admin().SyncServices(ctx, client.SyncRequest{ServiceIDs: []string{two.ID, two.ID}, ForceRefresh: true}, 0)
		if err != nil || second.ID == first.ID || second.Total != 1 || second.Results[0].Status != rampforge.SyncQueued {
			t.Fatalf("%+v, %v", second, err)
		}
		w.endSync(one.ID, rampforge.SyncCompleted)
		if half, err := w.lead().Sync(ctx, first.ID); err != nil || half.Status != rampforge.SyncRunning || half.Successful != 1 || half.Failed != 0 {
			t.Errorf("%+v, %v", half, err)
		}
		w.endSync(two.ID, rampforge.SyncPartial, rampforge.SyncFault{Resource: "a/b", Stream: rampforge.StreamCommits, Reason: "permission", Message: "You may not read it."})
		ended, err := w.developer().Sync(ctx, first.ID)
		if err != nil || ended.Status != rampforge.SyncPartial || ended.Successful != 1 || ended.Failed != 1 || ended.CompletedAt == nil {
			t.Fatalf("%+v, %v", ended, err)
		}
		shared, err := w.lead().Sync(ctx, second.ID)
		if err != nil || shared.Status != rampforge.SyncPartial || len(shared.Results[0].Errors) != 1 || shared.Results[0].Errors[0].Resource != "a/b" || shared.Results[0].SyncTime == nil {
			t.Errorf("%+v, %v", shared, err)
		}
		for name, r := range map[string]client.SyncRequest{
			"an unknown service": {ServiceIDs: []string{"svc_none"}}, "a disabled one": {ServiceIDs: []string{disabled.ID}}, "an unknown type": {ServiceTypes: []rampforge.ServiceType{"svn"}},
		} {
			_, err := w.lead().SyncServices(ctx, r, 0)
			wantStatus(t, name, err, http.StatusUnprocessableEntity)
		}
		_, err = w.lead().SyncServices(ctx, client.SyncRequest{ServiceTypes: []rampforge.ServiceType{rampforge.ServiceJira}}, 0)
		wantStatus(t, "no service of the type", err, http.StatusConflict)
		_, err = w.lead().Sync(ctx, "sync_none")
		wantStatus(t, "an unknown run", err, http.StatusNotFound)
	})
}

func TestSyncIsWaitedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		service := w.add(gitHub("One"))
		answer := make(chan client.Sync, 1)
		go func() {
			got, err := w.lead().SyncServices(t.Context(), client.SyncRequest{}, 30*time.Second)
			if err != nil {
				t.Error(err)
			}
			answer <- got
		}()
		w.waiting(1)
		w.endSync(service.ID, rampforge.SyncFailed, rampforge.SyncFault{Reason: "authentication", Message: "The token is wrong."})
		if got := <-answer; got.Status != rampforge.SyncFailed || got.Results[0].Errors[0].Message != "The token is wrong." {
			t.Errorf("%+v", got)
		}
	})
}
