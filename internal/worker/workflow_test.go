package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// bound makes a project that is bound to a resource of a service.
func (p *process) bound(db *database.DB, serviceID, resourceID string) string {
	p.t.Helper()
	ctx, now := p.t.Context(), time.Now().UTC()
	user, err := p.store.CreateUser(ctx, store.Registration{Email: "bound@example.com", Name: "Bound", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: now})
	if err != nil {
		p.t.Fatal(err)
	}
	id := store.NewID("prj")
	for _, q := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO projects (id, name, created_by, created_at, updated_at) VALUES ($1, 'bound', $2, $3, $3)`, []any{id, user.ID, now}},
		{`INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, $2, $3, '', $4)`, []any{id, serviceID, resourceID, now}},
	} {
		if _, err := db.Write().ExecContext(ctx, q.text, q.args...); err != nil {
			p.t.Fatal(err)
		}
	}
	return id
}

// brought waits until a project's facts are not worked any more.
func (p *process) brought(projectID string) store.Workflow {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		v, err := p.store.Workflow(p.t.Context(), projectID)
		if err == nil && (v.Status == store.WorkflowCurrent || v.Status == store.WorkflowFailed) && v.Wanted == v.Done {
			return v
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%+v, %v", v, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestWorkflowFollowsRecords: the end of a sync, and of a remap, brings the facts
// and the report of the projects up to date that are bound to the service.
func TestWorkflowFollowsRecords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		idle := start(t, db, "other", 0, completed)
		p, service := remappable(t, db, 3, mapping("New"))
		project := idle.bound(db, service.ID, "r")
		if err := idle.store.StaleWorkflow(t.Context(), project, time.Now()); err != nil {
			t.Fatal(err)
		}
		if v := p.brought(project); v.Status != store.WorkflowCurrent || v.Revision != 1 || v.FactsAt == nil {
			t.Errorf("%+v", v)
		}
		if _, err := p.store.WorkflowReport(t.Context(), project); err != nil {
			t.Error(err)
		}
		p.remap(service.ID, false)
		p.remapped(service.ID)
		if v := p.brought(project); v.Status != store.WorkflowCurrent || v.Wanted < 2 || len(v.Remake) > 0 {
			t.Errorf("after the remap: %+v", v)
		}
	})
}

// refreshing is a Workflows that a test makes.
type refreshing func(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error

func (f refreshing) Refresh(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error {
	return f(ctx, c, was)
}

// TestWorkflowOfADeadWorker is taken over, and given up when its workers die over
// it again and again.
func TestWorkflowOfADeadWorker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		dead := start(t, db, "dead", 0, completed)
		project := dead.bound(db, "svc", "r")
		long := time.Now().Add(-time.Hour)
		if err := dead.store.StaleWorkflow(t.Context(), project, long); err != nil {
			t.Fatal(err)
		}
		silent, err := dead.store.SilentWorkflows(t.Context(), time.Now(), 10)
		if err != nil || len(silent) != 1 {
			t.Fatal(silent, err)
		}
		c := store.WorkflowClaim{ProjectID: project, JobID: silent[0].JobID, Owner: "dead"}
		was, claimed, err := dead.store.ClaimWorkflow(t.Context(), c, long, long)
		if err != nil || !claimed {
			t.Fatal(claimed, err)
		}
		second := start(t, db, "two", 1, completed, patient)
		if v := second.brought(project); v.Status != store.WorkflowCurrent || v.FactsAt == nil {
			t.Errorf("%+v", v)
		}
		if err := dead.store.FailWorkflow(t.Context(), c, was, "dead", time.Now()); !errors.Is(err, store.ErrWorkflowLost) {
			t.Errorf("the dead one wrote: %v", err)
		}
		second.stop()
		if err := dead.store.StaleWorkflow(t.Context(), project, long); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE workflows SET status = 'running', attempts = 3`); err != nil {
			t.Fatal(err)
		}
		third := start(t, db, "three", 1, completed, patient)
		if v := third.brought(project); v.Status != store.WorkflowFailed || !strings.Contains(v.Message, "begun 3 times") || v.FactsAt == nil {
			t.Errorf("%+v", v)
		}
	})
}

// TestWorkflowThatFails says why, and is tried again when somebody asks.
func TestWorkflowThatFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var attempts atomic.Int32
		p := start(t, db, "one", 1, completed, func(o *worker.Options) {
			measurer := o.Workflows
			o.Workflows = refreshing(func(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error {
				switch attempts.Add(1) {
				case 1:
					panic("a fault")
				case 2:
					return rampforge.Errorf(rampforge.CodeUnavailable, "The moon is in the way.")
				}
				return measurer.Refresh(ctx, c, was)
			})
		})
		project := p.bound(db, "svc", "r")
		for _, want := range []string{"The workflow report failed by a fault of this program; the server's log has the details.", "The moon is in the way.", ""} {
			if err := p.store.StaleWorkflow(t.Context(), project, time.Now()); err != nil {
				t.Fatal(err)
			}
			if v := p.brought(project); v.Message != want || (v.Status == store.WorkflowFailed) != (want != "") {
				t.Errorf("%+v, want %q", v, want)
			}
		}
	})
}
