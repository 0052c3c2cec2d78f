package client

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/team"
)

// TeamReport is what holds for a project's team.
type TeamReport struct {
	ProjectID    string        `json:"project_id"`
	TeamInsights team.Insights `json:"team_insights"`
	GeneratedAt  time.Time     `json:"generated_at"`
}

// Team returns the report on a project's team; explain adds what its figures
// counted.
func (c *Client) Team(ctx context.Context, projectID string, explain bool) (TeamReport, error) {
	path := projectPath(projectID) + "/team"
	if explain {
		path += "?explain=1"
	}
	return get[TeamReport](ctx, c, path)
}

// Insights returns one's own numbers.
func (c *Client) Insights(ctx context.Context) (measure.Insights, error) {
	return get[measure.Insights](ctx, c, "/api/v1/auth/me/insights")
}
