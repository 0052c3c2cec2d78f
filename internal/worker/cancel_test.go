package worker_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// remove deletes a service and what was synced of it.
func (p *process) remove(serviceID string) {
	p.t.Helper()
	err := p.store.InTx(p.t.Context(), func(tx *sql.Tx) error {
		if err := p.store.DeleteServiceTx(p.t.Context(), tx, serviceID); err != nil {
			return err
		}
		return p.store.PurgeServiceTx(p.t.Context(), tx, serviceID, time.Now())
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) disable(serviceID string) {
	p.t.Helper()
	if _, err := p.store.UpdateService(p.t.Context(), serviceID, time.Now(), func(row *store.ServiceSecret) error {
		row.Service.Enabled = false
		return nil
	}); err != nil {
		p.t.Fatal(err)
	}
}

// asStored opens services as they are stored, each with one page.
func asStored(page func(ctx context.Context) error) func(*worker.Options) {
	return func(o *worker.Options) {
		records := o.Store
		o.Connect = func(ctx context.Context, id string) (rampforge.Service, connector.Connector, error) {
			service, err := records.Service(ctx, id)
			return service, onePage{page, []rampforge.Stream{rampforge.StreamSprints}}, err
		}
	}
}

// TestTheSyncOfAServiceThatGoesEnds deletes and disables a service while it is
// synced: by a worker that waits for the vendor, by one that has just been
// answered and looks at nothing before it keeps that, and by none yet.
func TestTheSyncOfAServiceThatGoesEnds(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(p *process, serviceID string){"deleted": (*process).remove, "disabled": (*process).disable} {
		for when, page := range map[string]func(ctx context.Context, ended chan struct{}) error{
			"waiting":  func(ctx context.Context, _ chan struct{}) error { <-ctx.Done(); return ctx.Err() },
			"answered": func(_ context.Context, ended chan struct{}) error { <-ended; return nil },
			"queued":   nil,
		} {
			t.Run(what+" "+when, func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T, db *database.DB) {
					began, ended := make(chan struct{}, 1), make(chan struct{})
					long := func(o *worker.Options) {
						if when == "answered" {
							o.Beat = time.Hour // it hears of it by what it writes alone
						}
					}
					writer := start(t, db, "writer", 0, completed)
					service := writer.connected(1, func(*rampforge.Service) {})
					run := writer.askSync(service.ID)
					if page == nil {
						end(writer, service.ID)
					}
					p := start(t, db, "one", 1, completed, asStored(func(ctx context.Context) error {
						began <- struct{}{}
						return page(ctx, ended)
					}), long)
					if page != nil {
						<-began
						end(p, service.ID)
						close(ended)
					}
					task := p.synced(run)
					if task.Status != rampforge.SyncCancelled || task.Message != "Cancelled." || task.Records != 0 || len(task.Faults) != 0 {
						t.Errorf("%+v", task)
					}
					counts, err := p.store.RecordCounts(t.Context(), service.ID)
					if err != nil || len(counts) != 0 {
						t.Errorf("%+v, %v", counts, err)
					}
				})
			})
		}
	}
}
