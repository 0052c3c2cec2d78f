package cli

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
)

// The packages of one floor are strangers: what one needs of another is said
// by the one and fitted here.

// limiter lets the cache count requests for the API.
type limiter struct{ counts *cache.Cache }

func (l limiter) Allow(ctx context.Context, key string, limit int, window time.Duration) (api.LimitResult, error) {
	count := l.counts.Add(ctx, key, window)
	return api.LimitResult{Allowed: count.Used <= limit, Limit: limit, Remaining: max(0, limit-count.Used), Reset: count.Reset}, nil
}

// countBy is what counts requests for all replicas where there is no Redis: the
// database, unless it is one that only one process has.
func countBy(s *store.Store, db *database.DB) func(context.Context, string, time.Duration) (cache.Count, error) {
	if db.Engine() == database.SQLite {
		return nil
	}
	return func(ctx context.Context, key string, window time.Duration) (cache.Count, error) {
		used, left, err := s.CountRequest(ctx, key, window)
		return cache.Count{Used: used, Reset: time.Now().Add(left)}, err
	}
}

// sources checks repository addresses for the API.
type sources struct {
	config    *config.Config
	inspector *inspect.Inspector
}

func (s sources) CheckSource(ctx context.Context, address string, kind rampforge.RepositoryType) (api.Source, error) {
	source, err := s.inspector.CheckSource(ctx, address, s.config.LocalAllowed(), s.config.LocalRoots)
	if err != nil {
		return api.Source{}, err
	}
	if kind != "" {
		if source.Local != (kind == rampforge.RepositoryLocal) {
			return api.Source{}, rampforge.Invalid(rampforge.FieldIssue{Field: "type", Issue: "does not fit the address: local is for folders of the server, everything else for https addresses"})
		}
		source.Type = kind
	}
	return api.Source{URL: source.URL, Name: source.Name, Type: source.Type, WebURL: source.WebURL}, nil
}
