package rampforge

import "time"

// Narrative describes a repository, or a part of it, in a few sentences that name
// the lines which they rest on.
type Narrative struct {
	Text      string     `json:"text"` // Markdown; [1] is the first citation
	Citations []Citation `json:"citations"`
	Model     string     `json:"model"`  // that wrote it; extractive where it is composed without one
	Commit    string     `json:"commit"` // in which the cited lines stand
	// Stale says that the report is of a newer commit, at which nobody has looked
	// at this yet, and that cited lines changed or may have changed; Changed are the
	// numbers of the citations whose lines are not what they were.
	Stale     bool       `json:"stale"`
	Changed   []int      `json:"changed"`
	Note      string     `json:"note"`       // why no model wrote it, where one was asked or would have been; else ""
	CreatedAt *time.Time `json:"created_at"` // null where it is not kept
}

// Extractive is the model of what is composed without one.
const Extractive = "extractive"
