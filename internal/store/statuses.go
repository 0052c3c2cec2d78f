package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	upsertStatus = `INSERT INTO tracker_statuses (service_id, resource_id, id, name, category, position, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (service_id, resource_id, id) DO UPDATE SET name = excluded.name, category = excluded.category, position = excluded.position, seen_at = excluded.seen_at`
	statusesSeen   = `SELECT max(t.seen_at) FROM tracker_statuses t WHERE t.service_id = $1 AND t.resource_id = $2`
	selectStatuses = `SELECT DISTINCT t.service_id, t.id, t.name, t.category, t.position, t.seen_at FROM project_sources b
		JOIN tracker_statuses t ON t.service_id = b.service_id AND t.resource_id = b.resource_id
		WHERE b.project_id = $1 AND NOT b.removed ORDER BY t.service_id, t.seen_at, t.position, t.id`
	purgeStatuses = `DELETE FROM tracker_statuses WHERE service_id = $1`
)

// StatusesSeen returns when the statuses of a resource were last listed; the
// zero time is never.
func (s *Store) StatusesSeen(ctx context.Context, serviceID, resourceID string) (time.Time, error) {
	var at *time.Time
	err := s.queryRow(ctx, statusesSeen, serviceID, resourceID).Scan(database.ScanNullTime(&at))
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

// PutStatuses keeps what a tracker says of the statuses of a resource, as long
// as the task is c's: it fails with ErrSyncLost or ErrSyncCancelled otherwise.
// One that is not on the list any more stays: histories name it.
func (s *Store) PutStatuses(ctx context.Context, c SyncClaim, serviceID, resourceID string, list []rampforge.TrackerStatus, now time.Time) error {
	erased, err := s.Erased(ctx)
	if err != nil {
		return err
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].Name, _ = erased.Text(list[i].Name)
	}
	rows := statusRows(serviceID, resourceID, list, now)
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		return s.runEach(ctx, tx, upsertStatus, rows)
	})
}

// statusRows are the rows of a list, of which the first of an id counts. One
// that has none goes by its name.
func statusRows(serviceID, resourceID string, list []rampforge.TrackerStatus, now time.Time) [][]any {
	rows := make([][]any, 0, len(list))
	seen := map[string]bool{}
	for _, v := range list {
		id := plain(v.ID)
		if id == "" {
			id = plain(v.Name)
		}
		if !seen[id] {
			seen[id] = true
			rows = append(rows, []any{serviceID, resourceID, id, plain(v.Name), string(v.Category), v.Position, now})
		}
	}
	return rows
}

// ServiceStatus is a status of a service's tracker.
type ServiceStatus struct {
	rampforge.TrackerStatus

	ServiceID string
}

// ProjectStatuses lists what the trackers of a project's sources say of their
// statuses, those last that were listed last: of one that several sources have
// they are the ones to believe.
func (s *Store) ProjectStatuses(ctx context.Context, projectID string) ([]ServiceStatus, error) {
	rows, err := s.query(ctx, selectStatuses, projectID)
	return collect(rows, err, func(r row) (v ServiceStatus, err error) {
		var seen time.Time
		err = r.Scan(&v.ServiceID, &v.ID, &v.Name, &v.Category, &v.Position, database.ScanTime(&seen))
		return v, err
	})
}
