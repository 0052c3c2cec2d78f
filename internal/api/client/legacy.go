package client

import (
	"context"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
)

// LegacySyncs is what became of SyncAllProjects.
type LegacySyncs struct {
	Message     string       `json:"message"`
	TotalSynced int          `json:"total_synced"` // projects that were looked at
	Successful  int          `json:"successful"`   // whose sync was started
	Failed      int          `json:"failed"`       // that are bound to nothing that can be synced
	Results     []LegacySync `json:"results"`
	StartedAt   time.Time    `json:"started_at"`
}

// LegacySync is what became of one project.
type LegacySync struct {
	ProjectID string               `json:"project_id"`
	Name      string               `json:"name"`
	Status    rampforge.SyncStatus `json:"status"`  // running or failed
	SyncID    *string              `json:"sync_id"` // for Sync; nil when none was started
	Error     *string              `json:"error"`
}

// SyncResource syncs one resource of a service, by its key or id, and waits for
// the end for at most wait.
//
// Deprecated: the call is an older front end's; use SyncProject.
func (c *Client) SyncResource(ctx context.Context, serviceID, resource string, wait time.Duration) (Sync, error) {
	return send[Sync](ctx, c, http.MethodPost, "/api/v1/project-management/sync", map[string]string{"service_id": serviceID, "project_identifier": resource}, prefer(wait)...)
}

// SyncAllProjects starts a sync of each active project that the caller sees, the
// newest 100, and waits for none.
//
// Deprecated: the call is an older front end's; use SyncProject.
func (c *Client) SyncAllProjects(ctx context.Context) (LegacySyncs, error) {
	return send[LegacySyncs](ctx, c, http.MethodPost, "/api/v1/project-management/sync-all", nil)
}
