package report

import "time"

// Debt is what bringing the code to the rules that are listed would take, by
// the SQALE method. Tests and what no parser read are left out.
type Debt struct {
	Minutes        int          `json:"minutes"`
	Lines          int64        `json:"lines"`            // of code that counts
	MinutesPerLine int          `json:"minutes_per_line"` // that writing a line costs
	Ratio          float64      `json:"ratio"`            // minutes over what writing the code again would cost
	Rating         string       `json:"rating"`           // A to E: 5, 10, 20 and 50 %
	Health         float64      `json:"health"`           // of the files, weighted by their lines: 10 is best, 1 is worst
	Rules          []DebtRule   `json:"rules"`            // all that are counted
	Files          []FileHealth `json:"files"`            // those with debt, least healthy first, at most 30
	FilesTotal     int          `json:"files_total"`      // with debt
}

// DebtRule is one rule, how often it is broken, and what that takes.
type DebtRule struct {
	ID       string `json:"id"`
	Title    string `json:"title"` // what is counted, the minutes, and the rule that they are from
	Breaches int    `json:"breaches"`
	Minutes  int    `json:"minutes"`
}

// FileHealth says how well one file can be worked on.
type FileHealth struct {
	Path    string  `json:"path"`
	Lines   int64   `json:"lines"` // code
	Minutes int     `json:"minutes"`
	Ratio   float64 `json:"ratio"`
	Health  float64 `json:"health"` // 10 is best, 1 is worst
}

// Decision is something that was decided, or why something is as it is, with
// the place that says so.
type Decision struct {
	Kind   string     `json:"kind"`   // record, commit, comment
	Title  string     `json:"title"`  // of a record or commit; what a comment says
	Reason *string    `json:"reason"` // the sentence that gives it, when one was found
	Path   *string    `json:"path"`   // of a record or comment
	Line   int        `json:"line"`   // of a comment, else 0
	Commit *string    `json:"commit"` // hash
	Date   *time.Time `json:"date"`   // of a commit
	Status *string    `json:"status"` // of a record, as it says it: accepted, superseded, …
}
