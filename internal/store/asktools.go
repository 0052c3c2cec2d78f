package store

import (
	"context"

	"github.com/rampforgeai/rampforge"
)

// Tools that read, of the MCP servers of a project's services, as somebody
// approved them. What was there at the first connection was approved by nobody in
// person: RampForge calls it in ways that it knows, a model would in any.
const askTools = `SELECT s.id, s.name, t.name, t.description, t.hash, t.definition FROM projects p JOIN services s ON s.enabled AND s.transport = 'mcp'
		JOIN service_tools t ON t.service_id = s.id
	WHERE ` + projectVisible + ` AND p.id = $3 AND EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.service_id = s.id AND NOT b.removed)
		AND t.kind = 'read' AND t.gone_at IS NULL AND t.approved_hash = t.hash AND t.approved_by IS NOT NULL
	ORDER BY s.name, s.id, t.name LIMIT $4`

// AskTool is a tool of a service that a model may be offered.
type AskTool struct {
	ServiceID, ServiceName string
	rampforge.ServiceTool
}

// AskTools returns the tools that may be offered for questions about a project
// that v may see.
func (s *Store) AskTools(ctx context.Context, v Viewer, projectID string, limit int) ([]AskTool, error) {
	rows, err := s.query(ctx, askTools, v.Admin, v.UserID, projectID, limit)
	return collect(rows, err, func(r row) (t AskTool, err error) {
		var definition string
		err = r.Scan(&t.ServiceID, &t.ServiceName, &t.Name, &t.Description, &t.Hash, &definition)
		t.Definition = []byte(definition)
		return t, err
	})
}
