package store

import (
	"context"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const selectReadPlaces = `SELECT b.service_id, b.resource_id, b.bound_at, s.scope, r.streams, COALESCE(c.stream, ''), c.done_at
	FROM project_sources b JOIN services s ON s.id = b.service_id JOIN resources r ON r.service_id = b.service_id AND r.id = b.resource_id
		LEFT JOIN sync_cursors c ON c.service_id = b.service_id AND c.resource_id = b.resource_id AND c.done_at IS NOT NULL
	WHERE b.project_id = $1 AND NOT b.removed AND s.enabled ORDER BY b.service_id, b.resource_id, c.stream`

// ReadPlace is a stream of a project's source that syncs read.
type ReadPlace struct {
	Place // the stream is "" where none was ever read to its end

	Since time.Time  // when the source was bound
	Done  *time.Time // when it was last read to its end; nil is never
}

// ReadPlaces lists what syncs read of a project's sources. Left out is what
// none reads: imports, services that are switched off or were removed, resources
// outside of their scope, and streams that a resource has no more.
func (s *Store) ReadPlaces(ctx context.Context, projectID string) (list []ReadPlace, err error) {
	type found struct {
		ReadPlace

		scope   []string
		streams []rampforge.Stream
	}
	rows, err := s.query(ctx, selectReadPlaces, projectID)
	all, err := collect(rows, err, func(r row) (v found, err error) {
		err = r.Scan(&v.ServiceID, &v.ResourceID, database.ScanTime(&v.Since), jsonColumn{&v.scope}, jsonColumn{&v.streams}, &v.Stream, database.ScanNullTime(&v.Done))
		return v, err
	})
	for i := range all {
		v := &all[i]
		if (len(v.scope) == 0 || slices.Contains(v.scope, v.ResourceID)) && (v.Stream == "" || slices.Contains(v.streams, v.Stream)) {
			list = append(list, v.ReadPlace)
		}
	}
	return list, err
}
