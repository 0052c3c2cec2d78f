package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// The words that are looked for come last: they are read of the rows that
	// the index leaves. replace tells capital letters apart in both databases.
	sourceRecords = ` FROM project_sources b JOIN records r ON r.service_id = b.service_id AND r.resource_id = b.resource_id
		WHERE b.project_id = $1 AND NOT b.removed AND r.stream = $2 AND r.deleted_at IS NULL AND r.updated_at >= $3
			AND ($4 = '' OR r.state = $4) AND ($5 = '' OR r.status = $5) AND ($6 = '' OR r.type = $6)
			AND ($7 = '' OR replace(r.assignees, $7, '') <> r.assignees) AND ($8 = '' OR r.search LIKE $8 ESCAPE '!')`
	// A sprint that several of the project's sources show is listed once.
	sourceSprints = ` FROM (SELECT p.service_id, p.id, min(p.resource_id) AS resource_id FROM project_sources b
			JOIN sprint_places p ON p.service_id = b.service_id AND p.resource_id = b.resource_id WHERE b.project_id = $1 AND NOT b.removed GROUP BY p.service_id, p.id) f
		JOIN records r ON r.service_id = f.service_id AND r.stream = 'sprints' AND r.id = f.id
		WHERE r.deleted_at IS NULL AND r.updated_at >= $2 AND ($3 = '' OR r.state = $3) AND ($4 = '' OR r.search LIKE $4 ESCAPE '!')`
	countProjectSprints  = `SELECT count(*)` + sourceSprints
	selectProjectSprints = `SELECT k.service_id, p.resource_id, COALESCE(o.key, ''), k.id, k.content, k.synced_at FROM records k
		JOIN (SELECT r.service_id, r.stream, r.id, r.updated_at, f.resource_id` + sourceSprints + `
			ORDER BY r.updated_at DESC, r.service_id, r.id LIMIT $5 OFFSET $6) p ON p.service_id = k.service_id AND p.stream = k.stream AND p.id = k.id
		LEFT JOIN resources o ON o.service_id = p.service_id AND o.id = p.resource_id
		ORDER BY p.updated_at DESC, p.service_id, p.id`
	countProjectRecords = `SELECT count(*)` + sourceRecords
	// The page is chosen before its contents are read.
	selectProjectRecords = `SELECT k.service_id, k.resource_id, COALESCE(o.key, ''), k.id, k.content, k.synced_at FROM records k
		JOIN (SELECT r.service_id, r.stream, r.id, r.updated_at` + sourceRecords + `
			ORDER BY r.updated_at DESC, r.service_id, r.id LIMIT $9 OFFSET $10) p ON p.service_id = k.service_id AND p.stream = k.stream AND p.id = k.id
		LEFT JOIN resources o ON o.service_id = k.service_id AND o.id = k.resource_id
		ORDER BY p.updated_at DESC, p.service_id, p.id`
)

// RecordFilter narrows a list of records; a zero field narrows nothing.
type RecordFilter struct {
	State    string // of a work item: its status category
	Status   string
	Type     string
	Assignee string // an account's id
	Since    time.Time
	Search   string // part of the title, in any case
}

// ListedRecord is a record in a list.
type ListedRecord struct {
	ServiceID   string
	ResourceID  string
	ResourceKey string // "" when it is not known any more
	ID          string
	Content     json.RawMessage
	SyncedAt    time.Time
}

// ProjectRecords returns a page of the records of a stream in a project's
// sources, the last updated first, and how many there are on all pages. Those
// that are gone at the vendor are left out. Whether the caller may see the
// project is the caller's to know.
func (s *Store) ProjectRecords(ctx context.Context, projectID string, stream rampforge.Stream, f RecordFilter, p Page) ([]ListedRecord, int, error) {
	assignee, search := "", ""
	if f.Assignee != "" {
		assignee = "\n" + f.Assignee + "\n"
	}
	if f.Search != "" {
		search = "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(f.Search)) + "%"
	}
	args := []any{projectID, stream, f.Since, f.State, f.Status, f.Type, assignee, search}
	count, page := countProjectRecords, selectProjectRecords
	if stream == rampforge.StreamSprints { // they have no assignee, and neither status nor type
		count, page, args = countProjectSprints, selectProjectSprints, []any{projectID, f.Since, f.State, search}
	}
	var total int
	if err := s.queryRow(ctx, count, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, page, append(args, p.Limit, p.Offset)...)
	list, err := collect(rows, err, func(r row) (v ListedRecord, err error) {
		var content string
		err = r.Scan(&v.ServiceID, &v.ResourceID, &v.ResourceKey, &v.ID, &content, database.ScanTime(&v.SyncedAt))
		v.Content = json.RawMessage(content)
		return v, err
	})
	return list, total, err
}

const countRecords = `SELECT r.stream, count(*), sum(CASE WHEN r.deleted_at IS NULL THEN 0 ELSE 1 END) FROM records r WHERE r.service_id = $1 GROUP BY r.stream`

// StreamCount is how many records of a stream a service has.
type StreamCount struct {
	Stream  rampforge.Stream
	Records int // with the tombstones
	Deleted int
}

// RecordCounts counts what is kept of a service.
func (s *Store) RecordCounts(ctx context.Context, serviceID string) ([]StreamCount, error) {
	rows, err := s.query(ctx, countRecords, serviceID)
	return collect(rows, err, func(r row) (c StreamCount, err error) {
		err = r.Scan(&c.Stream, &c.Records, &c.Deleted)
		return c, err
	})
}
