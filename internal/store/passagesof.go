package store

import (
	"context"
	"time"

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

const (
	ofTime = ` FROM passages m JOIN search_scopes c ON c.number = m.scope JOIN projects p ON p.id = $3
	WHERE ` + projectVisible + ` AND (c.repository_id = p.repository_id OR c.repository_id IS NULL AND EXISTS (
		SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.service_id = c.service_id AND b.resource_id = c.resource_id AND NOT b.removed))
	AND m.kind = $4 AND m.at >= $5 AND m.at < $6`
	passagesOfTime = `SELECT ` + passageColumns + `, c.commit_hash` + ofTime + ` ORDER BY m.at DESC, m.id DESC LIMIT $7`
	countOfTime    = `SELECT count(*)` + ofTime
)

// PassagesBetween returns the passages of a kind in a project that v may see which
// were written from one time on and before another, the newest first, some at
// most, and how many there are.
func (s *Store) PassagesBetween(ctx context.Context, v Viewer, projectID string, kind rampforge.PassageKind, from, to time.Time, most int) (list []rampforge.Passage, all int, err error) {
	args := []any{v.Admin, v.UserID, projectID, kind, from.UTC(), to.UTC()}
	rows, err := s.query(ctx, passagesOfTime, append(args, most)...)
	if list, err = collect(rows, err, scanPassage); err != nil || len(list) < most {
		return list, len(list), err
	}
	err = s.queryRow(ctx, countOfTime, args...).Scan(&all)
	return list, all, err
}
