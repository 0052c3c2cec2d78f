package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/rampforgeai/rampforge"
)

// SyncRequest says which services to sync: all that are enabled when it names
// none.
type SyncRequest struct {
	ServiceTypes []rampforge.ServiceType `json:"service_types,omitempty"`
	ServiceIDs   []string                `json:"service_ids,omitempty"`
	ForceRefresh bool                    `json:"force_refresh,omitempty"`
}

// Sync is a sync run as it stands.
type Sync struct {
	ID          string               `json:"sync_id"`
	Status      rampforge.SyncStatus `json:"status"`
	Total       int                  `json:"total_services"`
	Successful  int                  `json:"successful_syncs"`
	Failed      int                  `json:"failed_syncs"`
	Results     []SyncResult         `json:"sync_results"`
	StartedAt   time.Time            `json:"started_at"`
	CompletedAt *time.Time           `json:"completed_at"`
}

// SyncResult is the sync of one service.
type SyncResult struct {
	ServiceID   string                `json:"service_id"`
	ServiceType rampforge.ServiceType `json:"service_type"`
	Status      rampforge.SyncStatus  `json:"status"`
	Records     int64                 `json:"records_synced"`
	Deleted     int64                 `json:"deleted"`
	SyncTime    *time.Time            `json:"sync_time"`
	Errors      []rampforge.SyncFault `json:"errors"`
	Notes       []rampforge.SyncFault `json:"notes"`
	Message     string                `json:"message"`
	PausedUntil *time.Time            `json:"paused_until"`
	Resources   []string              `json:"resources"`
	Progress    struct {
		rampforge.SyncProgress
		Records int64 `json:"records"`
	} `json:"progress"`
}

// SyncServices syncs services, and waits for the end for at most wait.
func (c *Client) SyncServices(ctx context.Context, r SyncRequest, wait time.Duration) (Sync, error) {
	return send[Sync](ctx, c, http.MethodPost, "/api/v1/mcp/sync", r, prefer(wait)...)
}

// Sync returns a sync run.
func (c *Client) Sync(ctx context.Context, id string) (Sync, error) {
	return get[Sync](ctx, c, "/api/v1/mcp/sync/"+url.PathEscape(id))
}
