package api_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// panicking is a part of the service with a fault.
type panicking struct{}

func (panicking) CheckSource(context.Context, string, rampforge.RepositoryType) (api.Source, error) {
	panic("lost my marbles")
}

// broken is a limiter whose counts cannot be reached.
type broken struct{}

func (broken) Allow(context.Context, string, int, time.Duration) (api.LimitResult, error) {
	return api.LimitResult{}, errors.New("no connection")
}

// fuzzed is a world for one fuzzed input. Making one takes some milliseconds,
// and what an input left behind cannot hide the next one's fault.
func fuzzed(t *testing.T) *world {
	t.Helper()
	db := storetest.Open(t, storetest.SQLiteURL(t))
	return newWorld(t, store.New(db), db)
}
