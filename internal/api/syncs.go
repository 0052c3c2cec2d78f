package api

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerSyncs() {
	handle(a, route{id: "sync-services", method: http.MethodPost, path: "/api/v1/mcp/sync", tag: tagServices, policy: teamLeads, status: http.StatusAccepted,
		summary: "Read what is new from services", description: syncDescription, errors: []int{http.StatusConflict}}, a.syncServices)
	handle(a, route{id: "get-sync", method: http.MethodGet, path: "/api/v1/mcp/sync/{id}", tag: tagServices, policy: observers,
		summary: "How a sync stands", errors: notThere}, a.sync)
}

const syncDescription = "Of the services named by id or by type, of all that are enabled when none is named. A service that is being synced already is not synced twice: " +
	"the answer shares its sync. `partial` kept what could be read and says in `errors` what could not. " +
	"With `Prefer: wait=N` the answer waits for the end, at most N seconds, and is 200 when it came."

type syncInput struct {
	Prefer []string `header:"Prefer" doc:"wait=N: wait at most N seconds, up to 60, for the end"`
	Body   struct {
		ServiceTypes []rampforge.ServiceType `json:"service_types" required:"false" maxItems:"10" doc:"Only services of these types"`
		ServiceIDs   []string                `json:"service_ids" required:"false" maxItems:"100" doc:"Only these services"`
		ForceRefresh *bool                   `json:"force_refresh" required:"false" doc:"Read everything from the beginning, and look for what is gone"`
	}
}

// syncAnswer is a run as the contract has it.
type syncAnswer struct {
	Status            int
	PreferenceApplied string `header:"Preference-Applied"`
	Body              struct {
		SyncID      string               `json:"sync_id"`
		Status      rampforge.SyncStatus `json:"status" enum:"running,completed,partial,failed"`
		Total       int                  `json:"total_services"`
		Successful  int                  `json:"successful_syncs" doc:"Those that are completed"`
		Failed      int                  `json:"failed_syncs" doc:"Those that failed, or could be read in part only"`
		Results     []syncResult         `json:"sync_results"`
		StartedAt   time.Time            `json:"started_at"`
		CompletedAt *time.Time           `json:"completed_at"`
	}
}

// syncResult is the sync of one service.
type syncResult struct {
	ServiceID   string                `json:"service_id"`
	ServiceType rampforge.ServiceType `json:"service_type"`
	Status      rampforge.SyncStatus  `json:"status"`
	Records     int64                 `json:"records_synced"`
	Deleted     int64                 `json:"deleted"`
	SyncTime    *time.Time            `json:"sync_time" doc:"When it ended"`
	Errors      []rampforge.SyncFault `json:"errors"`
	Notes       []rampforge.SyncFault `json:"notes" doc:"What there is to know and is no fault: streams that the server does not have, records that it left out, places that deletions wait for"`
	Message     string                `json:"message" doc:"What was last said of it"`
	PausedUntil *time.Time            `json:"paused_until" doc:"The service takes no requests before; the sync goes on then"`
	Resources   []string              `json:"resources" doc:"Ids of what is synced; empty is every resource in the service's scope"`
	Progress    syncProgress          `json:"progress"`
}

// syncProgress is how far a sync has come, with what it counts besides.
type syncProgress struct {
	rampforge.SyncProgress
	Records int64 `json:"records"`
}

func (a *API) syncServices(ctx context.Context, in *syncInput) (*syncAnswer, error) {
	services, err := a.chosenServices(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	return a.startSync(ctx, services, nil, value(in.Body.ForceRefresh), in.Prefer)
}

// takeBulk counts a bulk operation of the caller.
func (a *API) takeBulk(ctx context.Context) error {
	return a.limits.take(ctx, "bulk:"+requestOf(ctx).identity.User.ID, a.options.Rates.Bulk)
}

// beginSync starts a run of services, narrowed to the resources that are named
// for each.
func (a *API) beginSync(ctx context.Context, services []rampforge.Service, resources map[string][]string, force bool) (run rampforge.SyncRun, err error) {
	err = a.options.Store.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = a.options.Store.StartSyncTx(ctx, tx, store.SyncRequest{
			RunID: store.NewID("sync"), Services: services, Resources: resources, Force: force, RequestedBy: requestOf(ctx).identity.User.ID, At: a.options.Now().UTC(),
		}, a.options.EnqueueSync)
		return err
	})
	return run, err
}

// startSync starts a run and answers with it, once it ended or the caller need
// not wait any more.
func (a *API) startSync(ctx context.Context, services []rampforge.Service, resources map[string][]string, force bool, prefer []string) (*syncAnswer, error) {
	run, err := a.beginSync(ctx, services, resources, force)
	if err != nil {
		return nil, err
	}
	out := describeSync(run)
	out.Status = http.StatusAccepted
	if wait := preferredWait(prefer); wait > 0 {
		if run, err = a.waitForSync(ctx, run.ID, wait); err != nil {
			return nil, err
		}
		out = describeSync(run)
		out.PreferenceApplied = "wait=" + strconv.Itoa(int(wait.Seconds()))
		out.Status = http.StatusAccepted
		if out.Body.Status.Finished() {
			out.Status = http.StatusOK
		}
	}
	return out, nil
}

// maxSynced bounds the services of one run.
const maxSynced = 100

// chosenServices returns the services that a request names. One that is
// disabled cannot be synced; when none is named those are left out.
func (a *API) chosenServices(ctx context.Context, in *syncInput) ([]rampforge.Service, error) {
	var issues []rampforge.FieldIssue
	for i, t := range in.Body.ServiceTypes {
		if !t.Valid() {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("service_types[%d]", i), Issue: "must be github, gitlab, jira, azure_devops or confluence"})
		}
	}
	var chosen []rampforge.Service
	for i, id := range in.Body.ServiceIDs {
		if slices.Index(in.Body.ServiceIDs, id) < i {
			continue // named twice
		}
		service, err := a.options.Store.Service(ctx, id)
		switch {
		case rampforge.ErrorCode(err) == rampforge.CodeNotFound:
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("service_ids[%d]", i), Issue: "names no service"})
		case err != nil:
			return nil, err
		case !service.Enabled:
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("service_ids[%d]", i), Issue: "names a service that is disabled: enable it first"})
		default:
			chosen = append(chosen, service)
		}
	}
	if len(issues) > 0 {
		return nil, rampforge.Invalid(issues...)
	}
	if len(in.Body.ServiceIDs) == 0 {
		var err error
		if chosen, _, err = a.options.Store.Services(ctx, store.ServiceFilter{Enabled: new(true)}, store.Page{Limit: maxSynced}); err != nil {
			return nil, err
		}
	}
	if len(in.Body.ServiceTypes) > 0 {
		chosen = slices.DeleteFunc(chosen, func(s rampforge.Service) bool { return !slices.Contains(in.Body.ServiceTypes, s.Type) })
	}
	if len(chosen) == 0 {
		return nil, rampforge.Errorf(rampforge.CodeConflict, "There is no enabled service to sync: add one, or enable one.")
	}
	return chosen, nil
}

// waitForSync returns a run as it is when it ends, or when the time is over. It
// watches before it looks, so that an end in between is not missed.
func (a *API) waitForSync(ctx context.Context, id string, wait time.Duration) (rampforge.SyncRun, error) {
	watch := a.hub.watch()
	defer a.hub.leave(watch)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		run, err := a.options.Store.SyncRun(ctx, id)
		if err != nil || run.Status().Finished() {
			return run, err
		}
		i := slices.IndexFunc(run.Tasks, func(t rampforge.SyncTask) bool { return !t.Status.Finished() })
		if !watch.until(ctx, run.Tasks[i].ID, timer.C) {
			return a.options.Store.SyncRun(ctx, id)
		}
	}
}

func (a *API) sync(ctx context.Context, in *ByID) (*syncAnswer, error) {
	run, err := a.options.Store.SyncRun(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := describeSync(run)
	out.Status = http.StatusOK
	return out, nil
}

func describeSync(run rampforge.SyncRun) *syncAnswer {
	out := &syncAnswer{}
	out.Body.SyncID, out.Body.Status, out.Body.Total, out.Body.StartedAt = run.ID, run.Status(), len(run.Tasks), run.CreatedAt
	out.Body.Results = []syncResult{}
	for _, t := range run.Tasks {
		switch t.Status {
		case rampforge.SyncCompleted:
			out.Body.Successful++
		case rampforge.SyncPartial, rampforge.SyncFailed, rampforge.SyncCancelled:
			out.Body.Failed++
		case rampforge.SyncQueued, rampforge.SyncRunning:
		}
		if t.FinishedAt != nil && out.Body.Status.Finished() && (out.Body.CompletedAt == nil || t.FinishedAt.After(*out.Body.CompletedAt)) {
			out.Body.CompletedAt = t.FinishedAt
		}
		out.Body.Results = append(out.Body.Results, syncResult{
			ServiceID: t.ServiceID, ServiceType: t.ServiceType, Status: t.State(), Records: t.Records, Deleted: t.Deleted, SyncTime: t.FinishedAt, Errors: t.Faults,
			Notes: t.Notes, Message: t.Message, PausedUntil: t.PausedUntil, Resources: append([]string{}, t.Resources...), Progress: syncProgress{t.Progress, t.Records},
		})
	}
	slices.SortFunc(out.Body.Results, func(x, y syncResult) int { return strings.Compare(x.ServiceID, y.ServiceID) })
	return out
}
