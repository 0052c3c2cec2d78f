package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// connected adds a service that works.
func (p *process) connected(n int, change func(*rampforge.Service)) rampforge.Service {
	p.t.Helper()
	ctx, now := p.t.Context(), time.Now()
	maker, _, err := p.store.UserByEmail(ctx, "lead@example.com")
	if err != nil {
		if maker, err = p.store.CreateUser(ctx, store.Registration{Email: "lead@example.com", Name: "Lead", PasswordHash: "hash", Role: rampforge.RoleAdmin, At: now}); err != nil {
			p.t.Fatal(err)
		}
	}
	v := rampforge.Service{ID: store.NewID("svc"), Type: rampforge.ServiceJira, Name: fmt.Sprint("Tracker ", n), Enabled: true, Transport: rampforge.TransportREST, Timeout: 30, CreatedBy: maker.ID, CreatedAt: now, UpdatedAt: now}
	change(&v)
	if err := p.store.CreateService(ctx, v, store.SealedCredentials{Text: []byte("x")}); err != nil {
		p.t.Fatal(err)
	}
	row, err := p.store.ConnectingService(ctx, v.ID, now.Add(time.Hour))
	if err == nil {
		_, err = p.store.ServiceConnected(ctx, v.ID, row.Revision, store.ServiceResult{At: now, Next: new(now.Add(time.Hour))})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// TestServicesAreSyncedByThemselves lets two processes look for what is due:
// each service is synced once, and none that is not to be.
func TestServicesAreSyncedByThemselves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		var due []rampforge.Service
		for n := range 3 {
			due = append(due, writer.connected(n, func(*rampforge.Service) {}))
		}
		byHand := writer.connected(10, func(v *rampforge.Service) { v.SyncInterval = new(0) })
		off := writer.connected(11, func(v *rampforge.Service) { v.Enabled = false })
		looks := make(chan struct{}, 1000)
		looking := func(o *worker.Options) {
			o.SyncEvery, o.SyncLook = time.Hour, 20*time.Millisecond
			o.Now = func() time.Time {
				select {
				case looks <- struct{}{}:
				default:
				}
				return time.Now()
			}
		}
		p := start(t, db, "one", 2, completed, serving(nothing), looking)
		start(t, db, "two", 2, completed, serving(nothing), looking)
		for _, v := range due {
			p.eventually("the first sync of "+v.Name, func() bool {
				known, err := p.store.Service(t.Context(), v.ID)
				return err == nil && known.LastSynced != nil
			})
		}
		for range 200 { // many more looks
			<-looks
		}
		tasks, runs := 0, 0
		if err := db.Read().QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM sync_tasks), (SELECT count(*) FROM sync_runs)").Scan(&tasks, &runs); err != nil || tasks != 3 || runs != 3 {
			t.Errorf("%d syncs in %d runs, %v", tasks, runs, err)
		}
		for _, v := range []rampforge.Service{byHand, off} {
			if _, err := p.store.NewestSync(t.Context(), v.ID); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
				t.Errorf("%s was synced: %v", v.Name, err)
			}
		}
	})
}

// TestAFailedSyncIsTriedLater has the sign-in of a scheduled sync refused: the
// failure is counted, and the service told of.
func TestAFailedSyncIsTriedLater(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		v := writer.connected(1, func(*rampforge.Service) {})
		p := start(t, db, "one", 1, completed, func(o *worker.Options) {
			o.SyncEvery, o.SyncLook = time.Hour, 20*time.Millisecond
			o.Connect = func(ctx context.Context, id string) (rampforge.Service, connector.Connector, error) {
				service, err := writer.store.Service(ctx, id)
				return service, onePage{func(context.Context) error {
					return connector.Errorf(connector.ReasonAuthentication, "The token was refused.", "Enter another.", nil)
				}, []rampforge.Stream{rampforge.StreamSprints}}, err
			}
		})
		p.eventually("a failed sync", func() bool {
			known, err := p.store.Service(t.Context(), v.ID)
			return err == nil && known.SyncFailures == 1
		})
		known, err := p.store.Service(t.Context(), v.ID)
		if err != nil || !known.AuthNeeded || known.Status != rampforge.ServiceError || known.LastError == nil || !strings.Contains(*known.LastError, "refused") || known.LastSynced != nil {
			t.Errorf("%+v, %v", known, err)
		}
	})
}
