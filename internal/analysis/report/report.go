// Package report is the shape of the code report: what an analysis of a
// repository at one commit found. It is data only and imports the root package
// only; the JSON tags are the HTTP contract.
//
// A pointer that is nil is a value that is not known. Lists and maps are never
// nil in a finished report, so that they are written as [] and {}. Every list
// has a stable order, so that the same commit gives the same bytes.
//
// People appear by name, in alphabetical order and without numbers.
package report

import (
	"time"

	"github.com/rampforgeai/rampforge"
)

// SchemaVersion names the shape and the definitions of this report. It changes
// whenever a field's meaning changes.
const SchemaVersion = "rampforge.code-report/1"

// CodeReport is everything that one analysis found.
type CodeReport struct {
	Schema          string               `json:"schema"`
	Name            string               `json:"name"`    // the repository's name, from its address
	WebURL          *string              `json:"web_url"` // the repository's page for a browser, without credentials; nil for a path or an unknown host
	Description     *string              `json:"description"`
	Narrative       *rampforge.Narrative `json:"narrative"` // what it is, in cited sentences; null where nothing says anything, and until they are written
	Commit          string               `json:"commit"`
	CommittedAt     *time.Time           `json:"committed_at"`
	Ref             string               `json:"ref"` // the branch or tag that was asked for, "" for a bare commit
	AnalysisType    string               `json:"analysis_type"`
	Window          HistoryWindow        `json:"history"`
	Definitions     []Definition         `json:"definitions"`
	ComplexityScore *float64             `json:"complexity_score"` // 0–10
	FeatureCount    *int                 `json:"feature_count"`    // null where no rule knows any language of the tree, or less than half of the code was parsed
	Languages       []Language           `json:"languages"`
	Totals          Totals               `json:"totals"`
	Architecture    Architecture         `json:"architecture"`
	Features        []Feature            `json:"features"`
	Endpoints       []Endpoint           `json:"endpoints"`
	Commands        []CLICommand         `json:"commands"`
	Jobs            []Job                `json:"jobs"`
	Models          []Model              `json:"models"`
	Pages           []Page               `json:"pages"`
	RPC             []RPC                `json:"rpc"`
	Patterns        []Pattern            `json:"patterns"`
	Complexity      Complexity           `json:"complexity"`
	Hotspots        []Hotspot            `json:"hotspots"`
	TestHotspots    []Hotspot            `json:"test_hotspots"`
	HotspotWindows  []HotspotWindow      `json:"hotspot_windows"` // shortest first
	CodeAge         CodeAge              `json:"code_age"`
	Coupling        []ChangeCoupling     `json:"change_coupling"`
	Knowledge       Knowledge            `json:"knowledge"`
	Activity        Activity             `json:"activity"`
	Debt            *Debt                `json:"technical_debt"` // null where parsers read less than half of the code
	Decisions       []Decision           `json:"decisions"`
	Recommendations []Recommendation     `json:"recommendations"`
	Documentation   Documentation        `json:"documentation"`
	Build           Build                `json:"build"`
	External        []External           `json:"external_dependencies"`
	EntryPoints     []EntryPoint         `json:"entry_points"`
	ReadingOrder    []ReadingStep        `json:"reading_order"`
	Skipped         Skipped              `json:"skipped"`
	Beside          []string             `json:"beside"` // folders that only show, try or measure the software: what answers or starts there is not listed
	Notes           []Note               `json:"notes"`  // what makes this report partial
}

// Definition names one measure and the source that pins it.
type Definition struct {
	Measure string `json:"measure"`
	Name    string `json:"name"`    // e.g. "gocyclo"
	Version string `json:"version"` // e.g. "v0.6.0"
}

// HistoryWindow is the part of the history that the report's figures cover.
type HistoryWindow struct {
	From         *time.Time `json:"from"` // committer time of the oldest commit read
	To           *time.Time `json:"to"`   // committer time of the analysed commit
	Commits      int        `json:"commits"`
	Merges       int        `json:"merges"`
	Contributors int        `json:"contributors"` // identities after .mailmap, without bots
	Complete     bool       `json:"complete"`     // false for a shallow or cut history
	Reason       string     `json:"reason"`       // why it is not complete, "" when it is
	HotspotFrom  *time.Time `json:"hotspot_from"` // start of the window of hotspots and activity
}

// Lines counts lines of text. Total = Code + Comment + Blank.
type Lines struct {
	Total   int64 `json:"total"`
	Code    int64 `json:"code"`
	Comment int64 `json:"comment"`
	Blank   int64 `json:"blank"`
}

// Language is one language's part of the tree.
type Language struct {
	Name   string  `json:"name"` // Linguist's name
	Kind   string  `json:"kind"` // programming, markup, data, prose
	Files  int     `json:"files"`
	Bytes  int64   `json:"bytes"`
	Lines  Lines   `json:"lines"`
	Share  float64 `json:"share"`  // of all bytes of programming and markup languages, 0–1; 0 for the rest
	Parsed bool    `json:"parsed"` // functions and imports were read
}

// Totals are sums over the tree.
type Totals struct {
	Files         int   `json:"files"`          // in the tree, links and submodules included
	AnalysedFiles int   `json:"analysed_files"` // counted in Languages
	ParsedFiles   int   `json:"parsed_files"`
	Bytes         int64 `json:"bytes"` // of the files in the tree
	Lines         Lines `json:"lines"` // of the analysed files
	Functions     int   `json:"functions"`
	TestFiles     int   `json:"test_files"`
	TestFunctions int   `json:"test_functions"`
	// TestRatio is lines of test code per line of other code, in programming
	// languages; null where more than a few tests stand in the files of the code.
	TestRatio *float64 `json:"test_ratio"`
	Coverage  *float64 `json:"test_coverage"` // 0–1, only when the repository holds a coverage report
}

// Architecture is the map of the code.
type Architecture struct {
	Components   []Component  `json:"components"`
	Dependencies []Dependency `json:"dependencies"`
	Cycles       [][]string   `json:"cycles"`     // component names, smallest first
	Layers       [][]string   `json:"layers"`     // component names; a layer uses the layers after it only, cycles apart
	Modularity   *float64     `json:"modularity"` // Newman's Q of the partition; null without edges, or where less than half of the code was parsed
	// FolderAgreement is the adjusted mutual information of the components and the
	// folder tree, at most 1: how far one who knows the folders knows the
	// components. 0 is what chance gives.
	FolderAgreement *float64    `json:"folder_agreement"`
	FileGraph       GraphTotals `json:"file_graph"`
}

// Inside is what a component is made of: every file of it is in one of these.
type Inside struct {
	Components   []Component  `json:"components"`   // at least two, largest first
	Dependencies []Dependency `json:"dependencies"` // between these, by name
	Cycles       [][]string   `json:"cycles"`       // as those of the architecture
	Layers       [][]string   `json:"layers"`
}

// GraphTotals counts the file graph and how much of the imports it explains.
type GraphTotals struct {
	Nodes      int `json:"nodes"`
	Edges      int `json:"edges"`
	Internal   int `json:"internal_imports"`   // resolved to files of the tree
	External   int `json:"external_imports"`   // resolved to a dependency or the standard library
	Unresolved int `json:"unresolved_imports"` // neither
}

// Component is a part of the code that belongs together.
type Component struct {
	Name         string               `json:"name"` // unique in the report
	Type         string               `json:"type"` // application, library, tests, docs, tooling, configuration
	Path         string               `json:"path"` // the folder it is named for, "." for the root
	Paths        []string             `json:"paths"`
	Description  *string              `json:"description"` // from package docs or a README of its own
	Narrative    *rampforge.Narrative `json:"narrative"`   // as that of the report
	Complexity   *float64             `json:"complexity"`  // 0–10, as the score of the repository
	Files        int                  `json:"files"`
	Lines        int64                `json:"lines"` // code
	Languages    []string             `json:"languages"`
	Owners       []string             `json:"owners"`    // who know it and made a commit in the last year of the window: names, alphabetical
	Ownership    *string              `json:"ownership"` // sole, major, spread
	Dependencies []string             `json:"dependencies"`
	Dependents   []string             `json:"dependents"`
	EntryPoints  []string             `json:"entry_points"` // paths
	KeyFiles     []string             `json:"key_files"`    // most central first, at most 5
	TestFiles    int                  `json:"test_files"`
	Inside       *Inside              `json:"inside"` // null for one that is not divided any further
}

// Dependency is an edge between two components.
type Dependency struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Type   string `json:"type"`   // import
	Weight int    `json:"weight"` // file pairs
}

// Feature is something that the software does for its users.
type Feature struct {
	Name         string               `json:"name"`
	Kind         string               `json:"kind"`         // api, pages, commands, jobs, rpc, data: what most of it is
	Description  *string              `json:"description"`  // what the code or the API document says of it
	Narrative    *rampforge.Narrative `json:"narrative"`    // as that of the report
	Files        []string             `json:"files"`        // where it starts, and what that uses of its own; at most 100
	EntryPoints  []string             `json:"entry_points"` // "GET /orders", "command import", "page /cart"; at most 100
	Complexity   *float64             `json:"complexity"`   // 0–10, as the score of the repository
	Tests        []string             `json:"tests"`        // test files that use its files or are named for them; at most 50
	TestCoverage *float64             `json:"test_coverage"`
}

// Pattern is a convention or design pattern that the code follows.
type Pattern struct {
	Name        string     `json:"name"`
	Occurrences int        `json:"occurrences"`
	Confidence  float64    `json:"confidence"`
	Evidence    []Location `json:"evidence"`
}

// Location is a place in the tree. Line is 0 for the whole file.
type Location struct {
	Path string `json:"path"`
	Line int    `json:"line"`
}

// Complexity describes the functions of the tree, tests apart.
type Complexity struct {
	Functions       int               `json:"functions"`
	Cyclomatic      Distribution      `json:"cyclomatic"`
	Cognitive       Distribution      `json:"cognitive"`
	Length          Distribution      `json:"length"` // lines
	MostComplex     []ComplexFunction `json:"most_complex"`
	Maintainability *float64          `json:"maintainability"` // 0–100, mean of files weighted by lines; null unless measured for half of the code
}

// Distribution summarises numbers. The percentiles are linear interpolations
// (type 7). All are nil when N is 0, and where less than half of the code was
// parsed: the N then do not speak for the rest.
type Distribution struct {
	N    int      `json:"n"`
	Mean *float64 `json:"mean"`
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P99  *float64 `json:"p99"`
	Max  *float64 `json:"max"`
}

// ComplexFunction is one function and its complexity.
type ComplexFunction struct {
	Name       string `json:"name"`
	Path       string `json:"path"`
	Line       int    `json:"line"`
	Lines      int    `json:"lines"`
	Cyclomatic int    `json:"cyclomatic"`
	Cognitive  int    `json:"cognitive"`
}

// Recommendation is something worth doing, with its reason. Within a priority
// what is changed most often comes first, as it would save the most.
type Recommendation struct {
	Type          string     `json:"type"`     // e.g. refactor, knowledge, documentation, tests, structure
	Priority      string     `json:"priority"` // high, medium, low
	Description   string     `json:"description"`
	FirstStep     string     `json:"first_step"`
	AffectedFiles []string   `json:"affected_files"`
	Evidence      []Location `json:"evidence"`       // where to see it, at most 5; empty where something is missing altogether
	Changes       *int       `json:"changes"`        // commits of the hotspots' window to the affected files, each once a file; nil when not known
	EffortMinutes *int       `json:"effort_minutes"` // by the rules of the technical debt; nil when none of them speaks of it
	Risk          string     `json:"risk"`           // what happens when it stays as it is
}

// Documentation is what the repository says of itself.
type Documentation struct {
	Readme       *string    `json:"readme"` // path
	Title        *string    `json:"title"`
	Summary      *string    `json:"summary"` // the README's first paragraph of prose
	License      *string    `json:"license"` // SPDX id
	Contributing *string    `json:"contributing"`
	Changelog    *string    `json:"changelog"`
	Docs         []Document `json:"docs"`
	Decisions    []Document `json:"decisions"` // architecture decision records
}

// Document is one document of the tree.
type Document struct {
	Path  string `json:"path"`
	Title string `json:"title"`
}

// Build is how to get the code to run.
type Build struct {
	Setup        []Command     `json:"setup"`
	Build        []Command     `json:"build"`
	Run          []Command     `json:"run"`
	Test         []Command     `json:"test"`
	Lint         []Command     `json:"lint"`
	CI           []string      `json:"ci"`           // paths of CI definitions
	Requirements []Requirement `json:"requirements"` // tools and versions that files ask for
}

// Command is a shell line with the place that it was read from.
type Command struct {
	Command    string  `json:"command"`
	Source     string  `json:"source"` // path
	Line       int     `json:"line"`
	Why        string  `json:"why"`        // e.g. "Makefile target test"
	Confidence float64 `json:"confidence"` // 0–1
}

// Requirement is a tool that the project needs.
type Requirement struct {
	Tool    string `json:"tool"`
	Version string `json:"version"` // as the file says it, "" when it does not
	Source  string `json:"source"`
	Line    int    `json:"line"`
}

// External is a dependency on something outside the tree.
type External struct {
	Ecosystem string   `json:"ecosystem"` // go, npm, pypi, maven
	Name      string   `json:"name"`
	Version   string   `json:"version"` // constraint or pinned version as written; where the manifest says none, that of its lock file
	Scope     string   `json:"scope"`   // runtime, development, test, optional, indirect
	Manifest  string   `json:"manifest"`
	Line      int      `json:"line"`
	Files     int      `json:"files"`   // files that import it
	UsedIn    []string `json:"used_in"` // the first hundred of these files by path; empty where imports of the ecosystem are not read
	License   *string  `json:"license"`
	Imports   []string `json:"-"` // import paths or packages that it is known to provide
}

// EntryPoint is a place where execution starts.
type EntryPoint struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Kind string `json:"kind"` // program, script, library, container, job, test
	Name string `json:"name"`
}

// ReadingStep is one file to read, with the reason.
type ReadingStep struct {
	Path      string `json:"path"`
	Component string `json:"component"`
	Reason    string `json:"reason"`
	Lines     int64  `json:"lines"` // code
}

// SkipReason says why a file was not analysed.
type SkipReason string

// The skip reasons.
const (
	SkipTooLarge    SkipReason = "too_large"
	SkipBinary      SkipReason = "binary"
	SkipGenerated   SkipReason = "generated"
	SkipVendored    SkipReason = "vendored"
	SkipMinified    SkipReason = "minified"
	SkipSymlink     SkipReason = "symlink"
	SkipSubmodule   SkipReason = "submodule"
	SkipMissing     SkipReason = "missing"      // the clone lacks the object
	SkipUnknown     SkipReason = "unknown"      // no language known
	SkipParseFailed SkipReason = "parse_failed" // counted, but functions and imports are not known
	SkipLFS         SkipReason = "lfs_pointer"
	SkipBudget      SkipReason = "budget" // the analysis reached a limit first
)

// Explanation returns the reason as a sentence for a person.
func (r SkipReason) Explanation() string {
	switch r {
	case SkipTooLarge:
		return "larger than the limit for one file"
	case SkipBinary:
		return "not text"
	case SkipGenerated:
		return "written by a program"
	case SkipVendored:
		return "third-party code kept in the tree"
	case SkipMinified:
		return "minified"
	case SkipSymlink:
		return "a symbolic link"
	case SkipSubmodule:
		return "a submodule: another repository"
	case SkipMissing:
		return "not in this clone"
	case SkipUnknown:
		return "of no known language"
	case SkipParseFailed:
		return "not parsed: its lines are counted, its functions and imports are not known"
	case SkipLFS:
		return "a Git LFS pointer"
	case SkipBudget:
		return "left out when the analysis reached a limit"
	}
	return string(r)
}

// Skipped counts the files that were not analysed.
type Skipped struct {
	Total   int           `json:"total"`
	Reasons []SkippedKind `json:"reasons"` // most files first
}

// SkippedKind is the files skipped for one reason.
type SkippedKind struct {
	Reason      SkipReason `json:"reason"`
	Explanation string     `json:"explanation"`
	Files       int        `json:"files"`
	Bytes       int64      `json:"bytes"`
	Examples    []string   `json:"examples"` // at most 5 paths
}

// Note is something the reader must know to read the numbers right.
type Note struct {
	Code    string `json:"code"` // e.g. shallow_history, budget_reached
	Message string `json:"message"`
}
