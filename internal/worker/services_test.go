package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// checking counts rounds of checks; the first one fails.
type checking struct {
	rounds atomic.Int64
	enough chan struct{}
}

func (c *checking) CheckDue(context.Context) (int, error) {
	switch c.rounds.Add(1) {
	case 1:
		return 0, errors.New("the database is away")
	case 3:
		close(c.enough)
	}
	return 0, nil
}

func TestServicesAreChecked(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		logs, services := &lockedBuffer{}, &checking{enough: make(chan struct{})}
		logger := slog.New(slog.NewTextHandler(logs, nil))
		pool := worker.New(worker.Options{Store: store.New(db), Logger: logger, Owner: "test", Beat: beat, Now: time.Now, Services: services, CheckEvery: 60 * time.Millisecond})
		q, err := queue.New(queue.Options{Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: logger, Workers: pool.Register()})
		if err == nil {
			err = pool.Start(t.Context(), q)
		}
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-services.enough:
		case <-time.After(20 * time.Second):
			t.Error("services are not checked")
		}
		if err := pool.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		after := services.rounds.Load()
		time.Sleep(50 * time.Millisecond)
		if services.rounds.Load() != after || !strings.Contains(logs.String(), "checking services failed") {
			t.Errorf("%d rounds, %d after the end; logs:\n%s", after, services.rounds.Load()-after, logs)
		}
	})
}
