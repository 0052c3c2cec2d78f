// Package analysis turns the tree and the history of one commit into a code
// report.
//
// It is pure: no clock, network, database, file, global state or randomness
// without a seed, so that the same commit with the same options gives the same
// bytes. It says here what it needs of a tree, a history and a cache of facts;
// others satisfy it. It may import the root package and its own subpackages.
package analysis

import (
	"context"
	"iter"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Tree is the tree of the analysed commit.
type Tree interface {
	// Files returns every file, sorted by path as bytes.
	Files() []rampforge.TreeFile
	// Blobs calls visit with the content of each blob, one call at a time, in
	// the order of ids. The content is valid during the call only; it is nil
	// for an object that the clone lacks. An error of visit ends it.
	Blobs(ctx context.Context, ids []string, visit func(id string, content []byte) error) error
}

// History is the history that leads to the analysed commit.
type History interface {
	// Commits yields every commit that can be reached, once, in no particular
	// order. An error ends the sequence: a history that ends early is a fault,
	// never a short history.
	Commits(ctx context.Context) iter.Seq2[rampforge.Commit, error]
	// Complete reports whether the history reaches its roots, and if not, why:
	// one clause for a person, such as "the clone is shallow".
	Complete() (complete bool, reason string)
	// Lines tells for each of these commits how many lines it adds and deletes;
	// nil without an error where the clone does not tell.
	Lines(ctx context.Context, commits []string) ([]int64, error)
}

// Facts keeps what was read from a blob, so that a second analysis costs what
// changed. It is safe for concurrent use. What it loses is computed again.
type Facts interface {
	Get(key string) ([]byte, bool)
	Put(key string, value []byte)
}

// Options says what to analyse and how.
type Options struct {
	Name                string // the repository's name
	WebURL              string // its page for a browser, "" when there is none
	Commit              string // object id in hexadecimal
	CommittedAt         time.Time
	Ref                 string // as asked for, "" for a bare commit
	Type                rampforge.AnalysisType
	IncludeDependencies bool
	ReportOnly          bool // no index is made, nor are the calls found that are in it alone
	Parsers             []language.Parser
	Facts               Facts // nil for none
	Limits              Limits
	Workers             int // goroutines that read files; 0 is one per core
	// Progress is told of stages and counts, from one goroutine at a time; nil
	// for nobody.
	Progress func(rampforge.Progress)
	// Signed is told of every signature of the history, and of what .mailmap
	// makes of it; nil for nobody. The report knows names only.
	Signed func(committed, proper rampforge.Signature)
}
