package rampforge

import (
	"encoding/json"
	"time"
)

// ServiceTool is a tool of an MCP server. Its definition is what the server
// says of it now; it is called only while that is the one that was approved.
type ServiceTool struct {
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Kind        string          `json:"kind"`     // read or write; what cannot be told is write
	InUse       bool            `json:"in_use"`   // RampForge knows how to call it
	Hash        string          `json:"hash"`     // SHA-256 of the definition as canonical JSON, in hex
	Approved    bool            `json:"approved"` // as it is defined now
	ApprovedAt  *time.Time      `json:"approved_at"`
	ApprovedBy  *string         `json:"approved_by"` // nil when it was there at the first connection
	FirstSeen   time.Time       `json:"first_seen"`
	ChangedAt   *time.Time      `json:"changed_at"` // when the definition last became another one
	Definition  json.RawMessage `json:"definition"`
}
