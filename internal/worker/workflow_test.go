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
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
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

// reached waits until a project's facts are as wanted.
func (p *process) reached(projectID string, wanted func(store.Workflow) bool) store.Workflow {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		v, err := p.store.Workflow(p.t.Context(), projectID)
		if err == nil && wanted(v) {
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
		if err := dead.store.FailWorkflow(t.Context(), c, was, "dead", time.Now(), time.Now()); !errors.Is(err, store.ErrWorkflowLost) {
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
		for i, want := range []string{"The workflow report failed by a fault of this program; the server's log has the details.", "The moon is in the way.", ""} {
			if err := p.store.StaleWorkflow(t.Context(), project, time.Now()); err != nil {
				t.Fatal(err)
			}
			if v := p.brought(project); v.Message != want || (v.Status == store.WorkflowFailed) != (want != "") {
				t.Errorf("%+v, want %q", v, want)
			} else if v.Failures != (i+1)%3 || (v.RetryAt == nil) != (want == "") || (v.WantedSince == nil) != (want == "") {
				t.Errorf("%+v after attempt %d", v, i+1)
			}
		}
	})
}

// clock is a time that a test moves on.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// TestWorkflowIsTriedAgain: what failed is tried again by itself, later each time,
// and nobody has to ask.
func TestWorkflowIsTriedAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var attempts atomic.Int32
		var at clock
		p := start(t, db, "one", 1, completed, func(o *worker.Options) {
			measurer := o.Workflows
			o.Now = at.now
			o.Workflows = refreshing(func(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error {
				if attempts.Add(1) <= 2 {
					return rampforge.Errorf(rampforge.CodeUnavailable, "The moon is in the way.")
				}
				return measurer.Refresh(ctx, c, was)
			})
		})
		project := p.bound(db, "svc", "r")
		failed := func(n int) store.Workflow {
			return p.reached(project, func(v store.Workflow) bool { return v.Status == store.WorkflowFailed && v.Failures == n })
		}
		for n, pause := range []time.Duration{time.Minute, 2 * time.Minute} {
			v := failed(n + 1)
			if left := v.RetryAt.Sub(at.now()); left > pause || left < pause-30*time.Second {
				t.Errorf("after %d failures it is tried again in %s", n+1, left)
			}
			if aged, err := p.store.AgedWorkflows(t.Context(), at.now().Add(-time.Hour), v.RetryAt.Add(-time.Second), 10); err != nil || len(aged) != 0 {
				t.Errorf("%v %v is due already", err, aged)
			}
			at.ahead.Add(int64(pause))
		}
		p.reached(project, func(v store.Workflow) bool {
			return v.Status == store.WorkflowCurrent && v.Failures == 0 && v.RetryAt == nil && v.WantedSince == nil && v.FactsAt != nil
		})
	})
}

// TestWorkflowsComeByThemselves: a project with sources of a version that had no
// facts gets them, and facts that nobody reads are brought up to date each day.
func TestWorkflowsComeByThemselves(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		old := storetest.OpenAt(t, url, 16)
		project, idle := store.NewID("prj"), store.NewID("prj")
		for _, text := range []string{
			`INSERT INTO users (id, email, email_key, name, password_hash, role, is_active, created_at, updated_at) VALUES ('usr_1', 'a@example.com', 'a@example.com', 'A', 'x', 'admin', TRUE, $1, $1)`,
			`INSERT INTO projects (id, name, created_by, created_at, updated_at) VALUES ('` + project + `', 'bound', 'usr_1', $1, $1), ('` + idle + `', 'idle', 'usr_1', $1, $1)`,
			`INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ('` + project + `', 'svc', 'r', '', $1)`,
		} {
			if _, err := old.Write().ExecContext(t.Context(), text, time.Now().UTC()); err != nil {
				t.Fatal(err)
			}
		}
		db := storetest.Open(t, url)
		var at clock
		p := start(t, db, "new", 1, completed, func(o *worker.Options) {
			o.Now = at.now
			o.Workflows = measure.New(measure.Options{Store: o.Store, Logger: o.Logger, Now: at.now, Subject: func(s rampforge.Signature) string { return s.Email }})
		})
		first := p.reached(project, func(v store.Workflow) bool { return v.Status == store.WorkflowCurrent && v.FactsAt != nil })
		if _, err := p.store.WorkflowReport(t.Context(), project); err != nil {
			t.Error(err)
		}
		at.ahead.Add(int64(25 * time.Hour))
		p.reached(project, func(v store.Workflow) bool {
			return v.Status == store.WorkflowCurrent && v.FactsAt.Sub(*first.FactsAt) >= 25*time.Hour
		})
		if v, err := p.store.Workflow(t.Context(), idle); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("a project without sources: %+v, %v", v, err)
		}
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE projects SET status = 'archived'`); err != nil {
			t.Fatal(err)
		}
		if aged, err := p.store.AgedWorkflows(t.Context(), at.now(), at.now(), 10); err != nil || len(aged) != 0 {
			t.Errorf("%v of archived projects are due, %v", aged, err)
		}
	})
}
