package store

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// SyncAge says since when a service that is to be synced has not been.
type SyncAge struct {
	ServiceID string
	Type      rampforge.ServiceType
	Interval  *int      // minutes between its syncs, where it has its own; 0 is only by hand
	Since     time.Time // the end of its last sync without a fault; before the first one, when it was added
}

const selectSyncAges = `SELECT id, service_type, sync_interval, coalesce(last_synced, created_at) FROM services
	WHERE enabled AND next_check IS NOT NULL ORDER BY id LIMIT $1`

// SyncAges returns the age of what is known of each service that is enabled and
// connected, of so many services at most.
func (s *Store) SyncAges(ctx context.Context, limit int) ([]SyncAge, error) {
	rows, err := s.query(ctx, selectSyncAges, limit)
	return scanAll(rows, err, func(v *SyncAge) []any { return []any{&v.ServiceID, &v.Type, &v.Interval, database.ScanTime(&v.Since)} })
}

// ServiceCount is how many services of a type are in a state.
type ServiceCount struct {
	Type   rampforge.ServiceType
	Status rampforge.ServiceStatus
	Count  int
}

const countServiceStates = `SELECT service_type, status, count(*) FROM services WHERE enabled GROUP BY service_type, status`

// ServiceCounts counts the enabled services by type and state.
func (s *Store) ServiceCounts(ctx context.Context) ([]ServiceCount, error) {
	rows, err := s.query(ctx, countServiceStates)
	return scanAll(rows, err, func(v *ServiceCount) []any { return []any{&v.Type, &v.Status, &v.Count} })
}
