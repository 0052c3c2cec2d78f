package rampforge

import "time"

// Import is an event log, or a list of work items, that somebody brought into
// a project as a file. Its ID is the id of the service that its records are of.
type Import struct {
	ID        string `json:"id"`
	ProjectID string `json:"project_id"`
	Name      string `json:"name"`
	// Bound is false of an import that was taken out of its project's sources: its
	// cases are kept and count nowhere until it is put back or deleted.
	Bound  bool   `json:"bound"`
	Format string `json:"format"` // xes, csv or jsonl
	Cases  int    `json:"cases"`  // that are kept: those with an event
	Events int    `json:"events"`
	// EmptyCases are the cases of the file of which no event was left; they are
	// not kept.
	EmptyCases int           `json:"empty_cases"`
	Skipped    ImportSkipped `json:"skipped"`
	FirstEvent *time.Time    `json:"first_event"` // when the first was; nil without events
	LastEvent  *time.Time    `json:"last_event"`
	CreatedBy  string        `json:"created_by"`
	CreatedAt  time.Time     `json:"created_at"`
}

// ImportSkipped is what of a file was faulty and left out.
type ImportSkipped struct {
	Total int           `json:"total"`
	Rows  []ImportFault `json:"rows"` // the first ones
}

// ImportFault is why something of a file was left out.
type ImportFault struct {
	Line  *int   `json:"line"`  // from 1
	Event *int   `json:"event"` // the events of an XES file counted from 1
	Issue string `json:"issue"`
}

// KindImport is the kind of a resource that is an import.
const KindImport = "import"
