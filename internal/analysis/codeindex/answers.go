package codeindex

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Former is somebody who is not here any more, as the report has it.
type Former = report.Former

// Page is a part of a list: at most Limit entries from Offset on. Limit 0 is
// the default of 50; more than 500 is 500.
type Page struct {
	Limit, Offset int
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

func (p Page) sane() Page {
	if p.Limit <= 0 {
		p.Limit = defaultLimit
	}
	return Page{Limit: min(p.Limit, maxLimit), Offset: max(p.Offset, 0)}
}

// paged cuts a page out of a list.
func paged[T any](list []T, p Page) []T {
	from := min(p.Offset, len(list))
	return list[from:min(from+p.Limit, len(list))]
}

// Paging tells what a page is a part of.
type Paging struct {
	Total   int  `json:"total"`
	Limit   int  `json:"limit"`
	Offset  int  `json:"offset"`
	HasMore bool `json:"has_more"`
}

func paging(total int, p Page) Paging {
	return Paging{Total: total, Limit: p.Limit, Offset: p.Offset, HasMore: p.Offset+p.Limit < total}
}

// SymbolRef names a symbol. PATH#NAME is how a request names it.
type SymbolRef struct {
	ID        string  `json:"id"` // PATH#NAME, or PATH#NAME:LINE where several have that
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	Path      string  `json:"path"`
	Line      int     `json:"line"`
	EndLine   int     `json:"end_line"`
	Exported  bool    `json:"exported"`
	Signature *string `json:"signature"`
	Doc       *string `json:"doc"`
	// Declared is where a declaration stands for it, such as a prototype in a
	// header; null where it is declared as it is defined.
	Declared *report.Location `json:"declared"`
}

// CommitRef is a commit without its people.
type CommitRef struct {
	Hash        string    `json:"hash"`
	CommittedAt time.Time `json:"committed_at"`
	Subject     string    `json:"subject"`
}

// Coupled is a file that changed in the same commits.
type Coupled struct {
	Path      string `json:"path"`
	Component string `json:"component"`
	Degree    int    `json:"degree"`  // percent
	Shared    int    `json:"shared"`  // commits
	Imports   bool   `json:"imports"` // one of the two imports the other
}

// Impact is what a change of a file, a folder or a symbol may touch.
type Impact struct {
	Commit     string     `json:"commit"`
	Path       string     `json:"path"`
	Kind       string     `json:"kind"`           // file, folder, symbol
	Files      int        `json:"files"`          // that are asked about: those of a folder, else 1
	Symbol     *SymbolRef `json:"symbol"`         // null for a file or a folder
	Component  string     `json:"component"`      // of the first level; "" in none, and for a folder in several
	Place      []string   `json:"component_path"` // the components that it is in, each inside the one before
	Direct     int        `json:"direct"`         // dependents at distance 1
	Transitive int        `json:"transitive"`     // beyond
	// Truncated says that more would be reached than was looked at.
	Truncated  bool        `json:"truncated"`
	Components []string    `json:"components"` // of the dependents, alphabetical
	Dependents []Dependent `json:"dependents"` // nearest first, then surest, then by path
	Paging
	Tests     []Test      `json:"tests"` // to run, nearest first
	TestTotal int         `json:"tests_total"`
	Ownership *string     `json:"ownership"`       // sole, major, spread; null for a folder
	People    []string    `json:"people"`          // to ask: who made a commit in the last year, alphabetical
	PeopleOf  *string     `json:"people_of"`       // what they know: file, folder or component; null when there is nobody
	Left      []Former    `json:"left"`            // who knew it and made no commit in the last year, alphabetical
	Moved     []Coupled   `json:"change_coupling"` // highest degree first
	Commits   []CommitRef `json:"recent_commits"`
}

// Dependent is something that uses what is asked about, by itself or over
// others.
type Dependent struct {
	Path       string     `json:"path"`
	Symbol     *SymbolRef `json:"symbol"` // null when the file as a whole depends
	Component  string     `json:"component"`
	Test       bool       `json:"test"`
	Distance   int        `json:"distance"`   // steps, from 1
	Confidence float64    `json:"confidence"` // of the surest way, 0–1
	Via        string     `json:"via"`        // the id or path that it uses on that way, one step nearer
}

// Test is a test file that reaches what is asked about.
type Test struct {
	Path       string  `json:"path"`
	Distance   int     `json:"distance"`
	Confidence float64 `json:"confidence"`
	Reason     string  `json:"reason"` // calls, imports, requests (of a route), changed_together, same_name, in_folder
}

// Graph is a part of the graph that can be read.
type Graph struct {
	Commit string      `json:"commit"`
	Level  string      `json:"level"` // component, file, symbol
	Around *string     `json:"around"`
	Depth  int         `json:"depth"`
	Nodes  []GraphNode `json:"nodes"`
	Edges  []GraphEdge `json:"edges"`
	// Total counts the nodes that the answer would have without a limit,
	// TotalEdges the edges between them.
	Total      int  `json:"total"`
	TotalEdges int  `json:"total_edges"`
	Truncated  bool `json:"truncated"`
}

// GraphNode is a component, a file or a symbol.
type GraphNode struct {
	ID        string `json:"id"` // component name, path, or the id of a symbol
	Label     string `json:"label"`
	Kind      string `json:"kind"` // of a component its type, of a file its language, of a symbol its kind
	Path      string `json:"path"`
	Component string `json:"component"` // of the first level
	// Parent is the component that this one is inside of, null for those of the
	// first level, files and symbols.
	Parent   *string `json:"parent"`
	Parts    int     `json:"parts"` // components inside it
	Line     int     `json:"line"`  // of a symbol
	Lines    int64   `json:"lines"`
	Test     bool    `json:"test"`
	Distance int     `json:"distance"` // from what it is drawn around
}

// GraphEdge leads from what uses to what is used.
type GraphEdge struct {
	From       string  `json:"from"`
	To         string  `json:"to"`
	Type       string  `json:"type"` // import, call
	Weight     int     `json:"weight"`
	Confidence float64 `json:"confidence"`
}

// FileAnswer is what is known of one file, or what a folder holds.
type FileAnswer struct {
	Commit string        `json:"commit"`
	Path   string        `json:"path"`
	Kind   string        `json:"kind"` // file, folder
	File   *FileFacts    `json:"file"` // null for a folder
	Folder *FolderFacts  `json:"folder"`
	Files  []FileSummary `json:"files"` // below a folder, by path
	Paging
}

// FileSummary is a file in a list.
type FileSummary struct {
	Path        string     `json:"path"`
	Language    string     `json:"language"`
	Component   string     `json:"component"`
	Lines       int64      `json:"lines"` // code
	Complexity  int        `json:"complexity"`
	Test        bool       `json:"test"`
	Revisions   int        `json:"revisions"`
	LastChanged *time.Time `json:"last_changed"`
	Ownership   *string    `json:"ownership"`
}

// FileFacts is one file in full.
type FileFacts struct {
	FileSummary
	Place         []string    `json:"component_path"` // the components that it is in, each inside the one before
	TotalLines    int64       `json:"total_lines"`
	Functions     int         `json:"functions"`
	Cyclomatic    int         `json:"cyclomatic"`
	Cognitive     int         `json:"cognitive"`
	Doc           *string     `json:"doc"`
	EntryPoint    *string     `json:"entry_point"`
	Owners        []string    `json:"owners"`  // who made a commit in the last year, alphabetical
	Authors       []string    `json:"authors"` // by degree of authorship, the same
	Left          []Former    `json:"left"`    // owners and authors who made no commit in the last year, alphabetical
	Symbols       []SymbolRef `json:"symbols"`
	SymbolTotal   int         `json:"symbols_total"`
	Imports       []string    `json:"imports"` // paths
	ImportTotal   int         `json:"imports_total"`
	ImportedBy    []string    `json:"imported_by"`
	ImporterTotal int         `json:"imported_by_total"`
	Moved         []Coupled   `json:"change_coupling"`
	Commits       []CommitRef `json:"recent_commits"`
}

// FolderFacts sums up a folder.
type FolderFacts struct {
	Files      int      `json:"files"`
	TestFiles  int      `json:"test_files"`
	Lines      int64    `json:"lines"` // code
	Complexity int      `json:"complexity"`
	Components []string `json:"components"`
	Folders    []string `json:"folders"` // right below, by path
	// Owners are those who know the most of its files and made a commit in the
	// last year, alphabetical, at most 10 of OwnerTotal; Left those who made none.
	Owners     []string `json:"owners"`
	OwnerTotal int      `json:"owners_total"`
	Left       []Former `json:"left"`
	LeftTotal  int      `json:"left_total"`
}

// Offboarding is what nobody knows any more when a set of people leaves. Those
// who made no commit in the last year have left already, and nobody counts on
// them.
type Offboarding struct {
	Commit  string   `json:"commit"`
	People  []string `json:"people"`       // that are known and here, alphabetical
	Gone    []string `json:"already_left"` // that are known and left already, alphabetical
	Unknown []string `json:"unknown"`      // that no author of today's files is called
	Files   int      `json:"files"`        // source files with an author, here or not
	// Coverage is the share of those files that have an author who is here, 0–1:
	// now, and without these people. null when no author is known.
	CoverageBefore    *float64     `json:"coverage_before"`
	CoverageAfter     *float64     `json:"coverage_after"`
	TruckFactorBefore *int         `json:"truck_factor_before"` // over the people who are here
	TruckFactorAfter  *int         `json:"truck_factor_after"`
	Areas             []AreaAtRisk `json:"areas"` // that lose files or knowledge, most orphaned files first, at most 100
	AreaTotal         int          `json:"areas_total"`
	Orphaned          []FileAtRisk `json:"orphaned"` // that lose their last author who is here, most lines first
	Paging
	OrphanedBefore int `json:"orphaned_before"` // files none of whose authors is here now
	// Thin is how many files keep one author only and lose another.
	Thin int `json:"thin"`
}

// AreaAtRisk is a component that loses knowledge.
type AreaAtRisk struct {
	Name           string `json:"name"`
	Path           string `json:"path"`
	Files          int    `json:"files"`           // with an author, here or not
	OrphanedBefore int    `json:"orphaned_before"` // of these, none of whose authors is here now
	Orphaned       int    `json:"orphaned"`        // of these, that lose their last author who is here
	// Remaining are those who are here and know the most of its files,
	// alphabetical, at most 10 of RemainingTotal.
	Remaining      []string `json:"remaining"`
	RemainingTotal int      `json:"remaining_total"`
}

// FileAtRisk is a file that nobody knows any more.
type FileAtRisk struct {
	Path      string `json:"path"`
	Component string `json:"component"`
	Lines     int64  `json:"lines"` // code
}
