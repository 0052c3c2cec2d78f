package store

import (
	"context"
	"encoding/json"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// What several projects are bound to is counted, and listed, once.
	visibleSources = ` (SELECT DISTINCT b.service_id, b.resource_id FROM projects p JOIN project_sources b ON b.project_id = p.id AND NOT b.removed
		WHERE ` + projectVisible + ` AND ($3 = '' OR p.id = $3)) d`
	countProjectStates = `SELECT b.project_id, r.state, count(*) FROM projects p JOIN project_sources b ON b.project_id = p.id AND NOT b.removed
		JOIN records r ON r.service_id = b.service_id AND r.resource_id = b.resource_id
		WHERE ` + projectVisible + ` AND r.stream = 'work_items' AND r.deleted_at IS NULL GROUP BY b.project_id, r.state`
	countVisibleStates = `SELECT r.state, count(*) FROM` + visibleSources + `
		JOIN records r ON r.service_id = d.service_id AND r.resource_id = d.resource_id
		WHERE r.stream = 'work_items' AND r.deleted_at IS NULL GROUP BY r.state`
	visibleItems = ` FROM` + visibleSources + ` JOIN records r ON r.service_id = d.service_id AND r.resource_id = d.resource_id
		WHERE r.stream = 'work_items' AND r.deleted_at IS NULL AND ($4 = '' OR r.status = $4)`
	countVisibleItems  = `SELECT count(*)` + visibleItems
	selectVisibleItems = `SELECT k.service_id, k.resource_id, COALESCE(o.key, ''), k.id, k.content, k.synced_at FROM records k
		JOIN (SELECT r.service_id, r.stream, r.id, r.updated_at` + visibleItems + ` ORDER BY r.updated_at DESC, r.service_id, r.id LIMIT $5 OFFSET $6) i
			ON i.service_id = k.service_id AND i.stream = k.stream AND i.id = k.id
		LEFT JOIN resources o ON o.service_id = k.service_id AND o.id = k.resource_id
		ORDER BY i.updated_at DESC, i.service_id, i.id`
	visibleMembers = ` FROM projects p JOIN project_members m ON m.project_id = p.id
		WHERE ` + projectVisible + ` AND ($3 = '' OR p.id = $3)`
	countVisibleMembers  = `SELECT count(DISTINCT m.email_key)` + visibleMembers
	countMemberRoles     = `SELECT COALESCE(u.role, 'invited'), count(*) FROM project_members m LEFT JOIN users u ON u.email_key = m.email_key WHERE m.project_id = $1 GROUP BY u.role`
	selectVisibleMembers = `SELECT f.user_id, COALESCE(u.email, f.email), COALESCE(u.name, ''), f.added_at FROM (
			SELECT m.email_key, max(m.user_id) AS user_id, max(m.email) AS email, min(m.added_at) AS added_at` + visibleMembers + ` GROUP BY m.email_key) f
		LEFT JOIN users u ON u.email_key = f.email_key ORDER BY f.added_at, f.email_key LIMIT $4 OFFSET $5`
)

// StateCounts is how many work items are in each category of status.
type StateCounts map[rampforge.StatusCategory]int

// Total is how many there are.
func (c StateCounts) Total() (n int) {
	for _, count := range c {
		n += count
	}
	return n
}

// ProjectStates counts the work items of each project that v may see, by the
// project's id. A project without any is left out.
func (s *Store) ProjectStates(ctx context.Context, v Viewer) (map[string]StateCounts, error) {
	type key Viewer
	return remember(ctx, s, key(v), func(m map[string]StateCounts) int { return 200 * (1 + len(m)) }, func() (map[string]StateCounts, error) {
		type counted struct {
			project string
			state   rampforge.StatusCategory
			n       int
		}
		rows, err := s.query(ctx, countProjectStates, v.Admin, v.UserID)
		list, err := collect(rows, err, func(r row) (c counted, err error) {
			err = r.Scan(&c.project, &c.state, &c.n)
			return c, err
		})
		out := map[string]StateCounts{}
		for _, c := range list {
			if out[c.project] == nil {
				out[c.project] = StateCounts{}
			}
			out[c.project][c.state] = c.n
		}
		return out, err
	})
}

// VisibleStates counts the work items of all projects that v may see, those of
// several projects once.
func (s *Store) VisibleStates(ctx context.Context, v Viewer) (StateCounts, error) {
	type key Viewer
	return remember(ctx, s, key(v), func(StateCounts) int { return 200 }, func() (StateCounts, error) {
		type counted struct {
			state rampforge.StatusCategory
			n     int
		}
		rows, err := s.query(ctx, countVisibleStates, v.Admin, v.UserID, "")
		list, err := collect(rows, err, func(r row) (c counted, err error) {
			err = r.Scan(&c.state, &c.n)
			return c, err
		})
		out := StateCounts{}
		for _, c := range list {
			out[c.state] = c.n
		}
		return out, err
	})
}

// VisibleWorkItems returns a page of the work items of the projects that v may
// see, of one of them unless projectID is "", in one status unless that is "",
// the last updated first, and how many there are on all pages.
func (s *Store) VisibleWorkItems(ctx context.Context, v Viewer, projectID, status string, p Page) ([]ListedRecord, int, error) {
	args := []any{v.Admin, v.UserID, projectID, status}
	var total int
	if err := s.queryRow(ctx, countVisibleItems, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectVisibleItems, append(args, p.Limit, p.Offset)...)
	list, err := collect(rows, err, func(r row) (v ListedRecord, err error) {
		var content string
		err = r.Scan(&v.ServiceID, &v.ResourceID, &v.ResourceKey, &v.ID, &content, database.ScanTime(&v.SyncedAt))
		v.Content = json.RawMessage(content)
		return v, err
	})
	return list, total, err
}

// VisibleMembers returns a page of the members of the projects that v may see,
// of one of them unless projectID is "", each once, and how many there are on
// all pages.
func (s *Store) VisibleMembers(ctx context.Context, v Viewer, projectID string, p Page) ([]rampforge.ProjectMember, int, error) {
	var total int
	if err := s.queryRow(ctx, countVisibleMembers, v.Admin, v.UserID, projectID).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectVisibleMembers, v.Admin, v.UserID, projectID, p.Limit, p.Offset)
	list, err := collect(rows, err, func(r row) (m rampforge.ProjectMember, err error) {
		err = r.Scan(&m.UserID, &m.Email, &m.Name, database.ScanTime(&m.AddedAt))
		return m, err
	})
	return list, total, err
}

// MemberRoles counts a project's members by their role; "invited" are those
// without an account.
func (s *Store) MemberRoles(ctx context.Context, projectID string) (map[string]int, error) {
	type counted struct {
		role string
		n    int
	}
	rows, err := s.query(ctx, countMemberRoles, projectID)
	list, err := collect(rows, err, func(r row) (c counted, err error) {
		err = r.Scan(&c.role, &c.n)
		return c, err
	})
	out := map[string]int{}
	for _, c := range list {
		out[c.role] = c.n
	}
	return out, err
}
