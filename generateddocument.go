package rampforge

import "time"

// DocumentKind is what a generated document is about.
type DocumentKind string

// The kinds of generated documents.
const (
	DocumentReadme          DocumentKind = "readme"
	DocumentArchitecture    DocumentKind = "architecture"
	DocumentAPIReference    DocumentKind = "api_reference"
	DocumentSetup           DocumentKind = "setup"
	DocumentTroubleshooting DocumentKind = "troubleshooting"
	DocumentGlossary        DocumentKind = "glossary"
)

// DocumentKinds are all kinds, in the order in which a newcomer reads them.
var DocumentKinds = []DocumentKind{
	DocumentReadme, DocumentArchitecture, DocumentSetup, DocumentAPIReference, DocumentTroubleshooting, DocumentGlossary,
}

// GeneratedDocument is a document that was made of a project's code and records.
type GeneratedDocument struct {
	ProjectID   string            `json:"project_id"`
	Kind        DocumentKind      `json:"kind"`
	Title       string            `json:"title"`
	Commit      string            `json:"commit"` // that it was made of
	Stale       bool              `json:"stale"`  // a newer analysis or newer records are there
	Sections    []DocumentSection `json:"sections"`
	NotFound    []string          `json:"not_found"` // what was looked for, and no source says
	Changed     []string          `json:"changed"`   // keys of the sections that the newest generation changed, added or took out
	GeneratedAt time.Time         `json:"generated_at"`
}

// DocumentSection is a part of a generated document.
type DocumentSection struct {
	Key         string     `json:"key"` // stays from generation to generation
	Title       string     `json:"title"`
	Text        string     `json:"text"` // Markdown whose [n] are citations of this section; it has no link and no image
	Citations   []Citation `json:"citations"`
	SourcesHash string     `json:"sources_hash"` // SHA-256 of what it was made of, in hexadecimal
	Model       string     `json:"model"`        // that wrote Text; extractive where none did
	Note        string     `json:"note"`         // why no model wrote it, though one was asked; "" for nothing
	GeneratedAt time.Time  `json:"generated_at"`
}

// DocumentRun is one generation of documents of a project.
type DocumentRun struct {
	ID          string           `json:"id"`
	ProjectID   string           `json:"project_id"`
	Kinds       []DocumentKind   `json:"kinds"`
	Force       bool             `json:"force"` // sections whose sources did not change are made again too
	Status      JobState         `json:"status"`
	Progress    Progress         `json:"progress"`
	Changed     []DocumentChange `json:"changed"` // by kind; complete once the run has ended
	Error       *string          `json:"error"`
	RequestedBy string           `json:"-"` // whose budget a model is asked on
	CreatedAt   time.Time        `json:"created_at"`
	StartedAt   *time.Time       `json:"started_at"`
	FinishedAt  *time.Time       `json:"finished_at"`
}

// DocumentChange is what a run changed of one document.
type DocumentChange struct {
	Kind      DocumentKind `json:"kind"`
	Changed   []string     `json:"changed"`   // keys of sections that are new, or whose sources changed
	Removed   []string     `json:"removed"`   // that no source supports any more
	Unchanged int          `json:"unchanged"` // sections that stayed as they were
}

// Finished reports whether long work in this state will not change again.
func (s JobState) Finished() bool { return s != JobQueued && s != JobRunning }
