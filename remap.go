package rampforge

import "time"

// Remap is one making anew of the records of a service, of the payloads that are
// kept: queued, running, completed or failed.
type Remap struct {
	ID        string     `json:"id"`
	ServiceID string     `json:"service_id"`
	DryRun    bool       `json:"dry_run"` // it counts, and writes nothing
	Status    SyncStatus `json:"status"`
	RemapCounts
	Message     string     `json:"message"`
	RequestedBy string     `json:"requested_by"`
	CreatedAt   time.Time  `json:"created_at"`
	StartedAt   *time.Time `json:"started_at"`
	FinishedAt  *time.Time `json:"finished_at"`
}

// RemapCounts counts what became of the records of a service.
type RemapCounts struct {
	Read      int `json:"read"`       // whose payloads are kept
	Changed   int `json:"changed"`    // that differ now; written unless it is a dry run
	Failed    int `json:"failed"`     // whose payloads the mapping does not take
	NoPayload int `json:"no_payload"` // too old for their payloads to be kept: they stay as they are
}
