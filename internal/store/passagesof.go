package store

import (
	"context"

	"github.com/rampforgeai/rampforge"
)

const passagesOfOne = `SELECT ` + passageColumns + `, c.commit_hash FROM passages m JOIN search_scopes c ON c.number = m.scope JOIN projects p ON p.id = $3
	WHERE ` + projectVisible + ` AND (c.repository_id = p.repository_id OR c.project_id = p.id OR c.repository_id IS NULL AND EXISTS (
		SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.service_id = c.service_id AND b.resource_id = c.resource_id AND NOT b.removed))
	AND m.kind = $4 AND m.key = $5 ORDER BY m.id LIMIT 500`

// PassagesOf returns the passages of a kind that are of one thing, such as a
// file, a commit or a record, in a project that v may see; in their order.
func (s *Store) PassagesOf(ctx context.Context, v Viewer, projectID string, kind rampforge.PassageKind, key string) ([]rampforge.Passage, error) {
	rows, err := s.query(ctx, passagesOfOne, v.Admin, v.UserID, projectID, kind, KeyOfPassages(key))
	return collect(rows, err, scanPassage)
}
