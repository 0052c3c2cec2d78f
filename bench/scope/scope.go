// Package scope makes what a measurement of the search writes into.
package scope

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Make makes a project with a repository whose search scope is claimed.
func Make(ctx context.Context, s *store.Store) (project string, claim store.SearchClaim, err error) {
	now := time.Now()
	u, err := s.CreateUser(ctx, store.Registration{Email: "bench@example.com", Name: "Bench", PasswordHash: "x", Role: rampforge.RoleAdmin, At: now})
	if err != nil {
		return "", claim, err
	}
	r := rampforge.Repository{ID: store.NewID("repo"), Name: "bench", URL: "/bench", Type: rampforge.RepositoryLocal, CreatedBy: u.ID, CreatedAt: now}
	if err := s.CreateRepository(ctx, r); err != nil {
		return "", claim, err
	}
	p := rampforge.Project{ID: store.NewID("prj"), Name: "bench", Status: rampforge.ProjectActive, RepositoryID: &r.ID, CreatedBy: u.ID, CreatedAt: now, UpdatedAt: now}
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.CreateProjectTx(ctx, tx, p, nil); err != nil {
			return err
		}
		return s.StaleRepositorySearchTx(ctx, tx, r.ID, now)
	})
	if err == nil {
		err = s.QueueSearch(ctx, func(_ context.Context, _ *sql.Tx, scope int64) (int64, error) {
			claim = store.SearchClaim{Scope: scope, JobID: 1, Owner: "bench"}
			return 1, nil
		}, 1, now)
	}
	if err == nil {
		_, _, err = s.ClaimSearch(ctx, claim, now, now)
	}
	return p.ID, claim, err
}
