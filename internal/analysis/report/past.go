package report

import "time"

// The measures of a hotspot's complexity. A file is ranked among those that have
// the same.
const (
	MeasureCognitive = "cognitive"
	MeasureLines     = "lines"
)

// Hotspot is a file where change and complexity meet.
type Hotspot struct {
	Path           string    `json:"path"`
	Component      string    `json:"component"`
	Revisions      int       `json:"revisions"`  // commits in the window that touched it
	Complexity     int       `json:"complexity"` // what measure says
	Measure        string    `json:"measure"`    // cognitive: the sum of its functions; lines: those of code, where functions are not read
	Lines          int64     `json:"lines"`      // code
	RevisionRank   float64   `json:"revision_rank"`
	ComplexityRank float64   `json:"complexity_rank"`
	Score          float64   `json:"score"` // product of the two percentile ranks, 0–1
	LastChanged    time.Time `json:"last_changed"`
}

// HotspotWindow is the hotspots by the commits of one stretch of time that ends
// with the analysed commit. Tests are left out.
type HotspotWindow struct {
	Name    string    `json:"name"` // quarter, year, all
	From    time.Time `json:"from"`
	Commits int       `json:"commits"`  // without merges
	Files   []Hotspot `json:"hotspots"` // highest score first, at most 10
}

// CodeAge says how long ago the source files were changed for the last time.
type CodeAge struct {
	Months Distribution `json:"months"` // calendar months since the last change of each file
	Bands  []AgeBand    `json:"bands"`  // youngest first; empty when no file's last change is known
	// Unknown counts the source files of which no commit is known.
	Unknown int `json:"unknown_files"`
}

// AgeBand is the source files of one range of ages.
type AgeBand struct {
	From  int     `json:"from_months"`
	To    *int    `json:"to_months"` // not included; nil for no end
	Files int     `json:"files"`
	Share float64 `json:"share"` // of the lines of code of known age, 0–1
}

// ChangeCoupling is two files that change in the same commits.
type ChangeCoupling struct {
	A      string `json:"a"`
	B      string `json:"b"`
	Degree int    `json:"degree"` // percent
	Shared int    `json:"shared"` // commits
	// Imports says whether one file imports the other, so that coupling
	// without it stands out.
	Imports bool `json:"imports"`
}

// Knowledge is who knows what, by area.
type Knowledge struct {
	TruckFactor *int            `json:"truck_factor"`
	Areas       []KnowledgeArea `json:"areas"`
}

// KnowledgeArea is a component or folder and the people who know it.
type KnowledgeArea struct {
	Name        string   `json:"name"`
	Path        string   `json:"path"`
	Files       int      `json:"files"`
	Ownership   string   `json:"ownership"` // sole, major, spread
	People      []string `json:"people"`    // who know it and made a commit in the last year of the window: names, alphabetical, at most 5
	Left        []string `json:"left"`      // who knew it and made none: names, alphabetical, at most 5
	TruckFactor *int     `json:"truck_factor"`
	// KnowledgeLoss is the share of added files whose authors made no commit
	// in the last year of the window, 0–1.
	KnowledgeLoss *float64 `json:"knowledge_loss"`
	// OrphanedFiles counts the files none of whose authors, by the degree of
	// authorship, made a commit in the last year of the window.
	OrphanedFiles *int     `json:"orphaned_files"`
	Reviewers     []string `json:"reviewers"`  // names in review trailers of its commits, alphabetical, at most 5
	AgeMonths     *float64 `json:"age_months"` // median of its files' ages
}

// Former is somebody who knew something and made no commit in the last year of
// the window.
type Former struct {
	Name     string `json:"name"`
	LastSeen string `json:"last_seen"` // the quarter of the newest commit, UTC: 2026-Q1; "" when there is none
}

// Activity is how the repository changes over time.
type Activity struct {
	Months        []Month      `json:"months"`          // oldest first, at most 24
	CommitSize    Distribution `json:"commit_size"`     // files
	CommitLines   Distribution `json:"commit_lines"`    // added and deleted, of the newest 100 commits of the window; null in a partial history
	TestsWithCode *float64     `json:"tests_with_code"` // share of code commits that also change a test, 0–1
	// CommitFolders is of the folders that one commit changes files in.
	CommitFolders Distribution `json:"commit_folders"`
	// ReviewedCommits is the share of commits that name a reviewer, 0–1; nil
	// when no commit of the window names anybody in a trailer.
	ReviewedCommits *float64       `json:"reviewed_commits"`
	Trailers        []TrailerUse   `json:"trailers"` // by name
	People          []PeoplePeriod `json:"people"`   // newest first, at most 12
}

// TrailerUse is how often commits name people in one kind of trailer.
type TrailerUse struct {
	Name  string  `json:"name"`  // as git writes it, e.g. Reviewed-by
	Share float64 `json:"share"` // of the commits in the window without merges, 0–1
}

// PeoplePeriod is who came to the repository and who left it in a quarter of a
// year, UTC. A period without either is left out.
type PeoplePeriod struct {
	Period string   `json:"period"` // 2026-Q1
	Joined []string `json:"joined"` // names, alphabetical, at most 25
	Left   []string `json:"left"`   // names, alphabetical, at most 25
}

// Month is one month of activity, UTC.
type Month struct {
	Month        string `json:"month"` // 2026-01
	Commits      int    `json:"commits"`
	Contributors int    `json:"contributors"`
}
