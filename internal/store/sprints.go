package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
)

// A sprint may be shown by several resources: boards of Jira, projects of one
// group of GitLab. It is one record, whose resource is the one that was read
// last; that it is gone from a place says nothing of the others.
const (
	putSprintPlace = `INSERT INTO sprint_places (service_id, resource_id, id, seen_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (service_id, resource_id, id) DO UPDATE SET seen_at = excluded.seen_at`
	selectLiveSprints = `SELECT p.id FROM sprint_places p JOIN records r ON r.service_id = p.service_id AND r.stream = 'sprints' AND r.id = p.id
		WHERE p.service_id = $1 AND p.resource_id = $2 AND r.deleted_at IS NULL AND p.seen_at < $3`
	selectHiddenSprints = `SELECT r.id FROM records r WHERE r.service_id = $1 AND r.stream = 'sprints' AND (r.deleted_at IS NOT NULL
		OR NOT EXISTS (SELECT 1 FROM sprint_places p WHERE p.service_id = r.service_id AND p.resource_id = $2 AND p.id = r.id))`
	reviveSprint      = `UPDATE records SET deleted_at = NULL WHERE service_id = $1 AND stream = 'sprints' AND id = $2 AND deleted_at IS NOT NULL`
	dropSprintPlace   = `DELETE FROM sprint_places WHERE service_id = $1 AND resource_id = $2 AND id = $3 AND seen_at < $4`
	sprintShown       = `SELECT p.resource_id FROM sprint_places p WHERE p.service_id = $1 AND p.id = $2`
	burySprint        = `UPDATE records SET deleted_at = $3 WHERE service_id = $1 AND stream = 'sprints' AND id = $2 AND deleted_at IS NULL`
	purgeSprintPlaces = `DELETE FROM sprint_places WHERE service_id = $1`
)

// putSprintPlacesTx notes that a place shows the sprints of a page.
func (s *Store) putSprintPlacesTx(ctx context.Context, tx *sql.Tx, p Place, ids []string, now time.Time) error {
	rows := make([][]any, 0, len(ids))
	for _, id := range ids {
		rows = append(rows, []any{p.ServiceID, p.ResourceID, id, now})
	}
	return s.runEach(ctx, tx, putSprintPlace, rows)
}

// reviveTx takes the tombstone off a record that a place has.
func (s *Store) reviveTx(ctx context.Context, tx *sql.Tx, p Place, id string, now time.Time) error {
	if p.Stream != rampforge.StreamSprints {
		_, err := tx.ExecContext(ctx, reviveRecord, p.ServiceID, p.ResourceID, p.Stream, id)
		return err
	}
	if _, err := tx.ExecContext(ctx, putSprintPlace, p.ServiceID, p.ResourceID, id, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, reviveSprint, p.ServiceID, id)
	return err
}

// buryTx leaves a tombstone for a record that a place has no more, unless it was
// read there since began, or it is a sprint that another place in scope shows:
// what a place shows that is read no more is not known. It reports whether it
// did.
func (s *Store) buryTx(ctx context.Context, tx *sql.Tx, p Place, id string, scope []string, began, now time.Time) (bool, error) {
	if p.Stream != rampforge.StreamSprints {
		return changed(tx.ExecContext(ctx, buryRecord, p.ServiceID, p.ResourceID, p.Stream, id, now, began))
	}
	if _, err := tx.ExecContext(ctx, dropSprintPlace, p.ServiceID, p.ResourceID, id, began); err != nil {
		return false, err
	}
	rows, err := tx.QueryContext(ctx, sprintShown, p.ServiceID, id)
	places, err := collect(rows, err, func(r row) (resource string, err error) {
		err = r.Scan(&resource)
		return resource, err
	})
	shows := func(resource string) bool { return len(scope) == 0 || slices.Contains(scope, resource) }
	if err != nil || slices.ContainsFunc(places, shows) {
		return false, err
	}
	return changed(tx.ExecContext(ctx, burySprint, p.ServiceID, id, now))
}
