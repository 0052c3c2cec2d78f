package api_test

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/connector"
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
	db := storetest.SQLite(t)
	return newWorld(t, store.New(db), db)
}

// endpoints takes https addresses of hosts that are not private.
type endpoints struct{}

func (endpoints) CheckProgram(kind rampforge.ServiceType, address string) (string, error) {
	if kind != rampforge.ServiceGitHub || address != "stdio:own" {
		return "", rampforge.Errorf(rampforge.CodeInvalid, "No program of that name is listed.")
	}
	return address, nil
}

func (endpoints) CheckEndpoint(_ context.Context, address string) (string, error) {
	if !strings.HasPrefix(address, "https://") || strings.Contains(address, "169.254.") {
		return "", rampforge.Errorf(rampforge.CodeInvalid, "The address must not be reached.")
	}
	return strings.TrimSuffix(address, "/"), nil
}

// vendor is a vendor that answers with an error, or well.
type vendor struct {
	connector.Connector
	mu    sync.Mutex
	err   error
	rates *connector.Rates
	saw   map[string]string // the credentials
	calls int
	// discover is what asking for the tools does.
	discover func() error
}

func (v *vendor) answer(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
}

func (v *vendor) Open(_ context.Context, _ rampforge.Service, credentials map[string]string) (connector.Connector, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.saw = credentials
	return v, nil
}

func (v *vendor) Check(context.Context) (connector.Check, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	return connector.Check{Server: "GitHub Enterprise 3.14", Rates: v.rates}, v.err
}

func (v *vendor) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		for n := range 3 {
			if !yield(rampforge.Resource{ID: strconv.Itoa(n), Kind: "repository", Streams: []rampforge.Stream{}}, nil) {
				return
			}
		}
		if v.err != nil {
			yield(rampforge.Resource{}, v.err)
		}
	}
}

// Discover implements ingest.Discoverer.
func (v *vendor) Discover(context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.discover == nil {
		return v.err
	}
	return v.discover()
}

func (*vendor) Close() error { return nil }
