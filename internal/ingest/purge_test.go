package ingest_test

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// meanwhile does something between the question for the resources and the
// answer.
type meanwhile struct {
	connector.Connector

	do func()
}

func (m meanwhile) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		m.do()
		m.Connector.Resources(ctx)(yield)
	}
}

func purge(t *testing.T, s *store.Store, id string) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx *sql.Tx) error {
		if err := s.DeleteServiceTx(t.Context(), tx, id); err != nil {
			return err
		}
		return s.PurgeServiceTx(t.Context(), tx, id, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
}

// noResources fails when a resource of a service is kept.
func noResources(t *testing.T, s *store.Store, id string) {
	t.Helper()
	left, err := s.Resources(t.Context(), id, store.Page{Limit: 10})
	if err != nil || len(left) > 0 {
		t.Errorf("kept %+v, %v", left, err)
	}
}

func TestAPurgeLeavesNoResourceOfASync(t *testing.T) {
	each(t, 6, func(b *bench) {
		b.stored()
		c, task := b.start(false)
		late := meanwhile{b.vendor, func() { purge(b.t, b.store, b.service.ID) }}
		if _, err := b.syncer().Sync(b.t.Context(), c, task, b.service, late); !errors.Is(err, store.ErrSyncCancelled) {
			b.t.Errorf("the sync ended with %v", err)
		}
		noResources(b.t, b.store, b.service.ID)
	})
}

// opens opens every service with a connector that does something meanwhile.
type opens struct{ meanwhile }

func (o opens) Open(context.Context, rampforge.Service, map[string]string) (connector.Connector, error) {
	return o.meanwhile, nil
}

// TestAListThatComesLateIsNotKept purges a service, or leads it elsewhere, while
// somebody lists its resources.
func TestAListThatComesLateIsNotKept(t *testing.T) {
	for what, do := range map[string]func(d *desk){
		"purged": func(d *desk) { purge(d.t, d.Store, d.id) },
		"moved": func(d *desk) {
			if _, err := d.Store.UpdateService(d.t.Context(), d.id, d.at, func(row *store.ServiceSecret) error {
				row.Service.Endpoint = "https://other.example.com"
				return nil
			}); err != nil {
				d.t.Fatal(err)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			eachDesk(t, func(d *desk) {
				d.Connectors = opens{meanwhile{d.vendor, func() { do(d) }}}
				if _, _, err := d.Resources(d.t.Context(), d.id); rampforge.ErrorCode(err) != rampforge.CodeConflict {
					d.t.Errorf("it was answered by %v", err)
				}
				noResources(d.t, d.Store, d.id)
			})
		})
	}
}
