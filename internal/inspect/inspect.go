// Package inspect turns a repository's address into a code report: it brings
// the mirror up to date, reads tree and history from git's objects, keeps what
// was read in a disposable file, and runs the analysis. The workers and
// `rampforge analyze` both use it. It may import git, httpclient, analysis,
// telemetry and the root package; it knows no database of the product.
package inspect

import (
	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Request says what to inspect and how.
type Request struct {
	Source string // path or https address, as ParseSource reads it
	Name   string // in the report; "" takes it from the source
	Ref    string // branch, tag or commit; "" is the default branch, or what a local folder has checked out
	Token  string // for a private repository, "" for none

	Type                rampforge.AnalysisType // "" is full
	IncludeDependencies bool
	ForceRefresh        bool // neither read nor write what earlier runs kept

	AllowLocal bool     // a folder of this machine may be read
	LocalRoots []string // and must lie in one of these, unless there are none

	MirrorDir string // of an address; "" makes a temporary mirror and removes it
	FactsFile string // "" keeps nothing for the next run

	Progress func(rampforge.Progress) // nil for nobody
}

// Result is what came of it.
type Result struct {
	Report        *report.CodeReport
	DefaultBranch string // as the repository names it, "" when it does not
}
