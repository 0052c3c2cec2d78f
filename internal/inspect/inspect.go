// Package inspect turns a repository's address into a code report: it brings
// the mirror up to date, reads tree and history from git's objects, keeps what
// was read in a disposable file, and runs the analysis. The workers and
// `rampforge analyze` both use it. It may import git, httpclient, nameless,
// analysis, telemetry and the root package; it knows no database of the product.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

// Options configures an Inspector.
type Options struct {
	Guard     *httpclient.Guard // says which addresses may be reached
	AllowHTTP bool              // http:// besides https://
	Parsers   []language.Parser
	Limits    git.Limits // of one clone or fetch
	Workers   int        // goroutines that read files; 0 is one per core
}

// Inspector inspects repositories. It is safe for concurrent use.
type Inspector struct{ options Options }

// New returns an inspector.
func New(o Options) *Inspector { return &Inspector{options: o} }

// Request says what to inspect and how.
type Request struct {
	Source string // path or https address, as ParseSource reads it
	Name   string // in the report; "" takes it from the source
	Ref    string // branch, tag or commit; "" is the default branch, or what a local folder has checked out
	Access Access // for a private repository; of no meaning for a folder

	Type                rampforge.AnalysisType // "" is full
	IncludeDependencies bool
	ReportOnly          bool // nothing is made for questions about the code
	ForceRefresh        bool // neither read nor write what earlier runs kept

	AllowLocal bool     // a folder of this machine may be read
	LocalRoots []string // and must lie in one of these, unless there are none

	MirrorDir string // of an address; "" makes a temporary mirror and removes it
	FactsFile string // "" keeps nothing for the next run
	// VersionsDir is where Versions keeps whole analyses; "" keeps none. Build
	// names the program that makes them: another one makes its own.
	VersionsDir, Build string

	// Erased are people whose names the history is read without; nil for nobody.
	Erased *nameless.Register

	Progress func(rampforge.Progress) // nil for nobody
}

// Result is what came of it.
type Result struct {
	Report        *report.CodeReport
	Index         *codeindex.Index // nil when the report alone was asked for
	DefaultBranch string           // as the repository names it, "" when it does not
	// Signed are the signatures of the history with what .mailmap makes of them;
	// nil when the history was not read.
	Signed []Signed
	// TokenRefused says that the host refused the token and gave the repository
	// without it.
	TokenRefused bool
}

// Signed is a signature of commits, and what .mailmap makes of it.
type Signed struct{ Committed, Proper rampforge.Signature }

// Inspect reads a repository and returns its report. What a person can do
// something about comes back as rampforge.Error, with a reason in its details.
func (in *Inspector) Inspect(ctx context.Context, r Request) (result *Result, err error) {
	opened, err := in.open(ctx, &r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.free()) }()
	if result, err = in.analyze(ctx, opened.repository, opened.source, r); err == nil {
		result.TokenRefused = opened.tokenRefused
	}
	return result, err
}

// opened is a repository to read, and what frees it.
type opened struct {
	source       Source
	repository   *git.Repository
	free         func() error
	tokenRefused bool
}

// open opens what a request names, and tells nobody of its progress where it
// says nobody.
func (in *Inspector) open(ctx context.Context, r *Request) (opened, error) {
	if r.Progress == nil {
		r.Progress = func(rampforge.Progress) {}
	}
	s, err := ParseSource(r.Source)
	if err != nil {
		return opened{}, err
	}
	if s.Local {
		if err := checkLocal(s.URL, r.AllowLocal, r.LocalRoots); err != nil {
			return opened{}, err
		}
		repository, err := git.OpenLocal(ctx, s.URL, r.LocalRoots...)
		if err != nil {
			return opened{}, err
		}
		return opened{source: s, repository: repository, free: repository.Close}, nil
	}
	dir, forget, err := mirrorDir(r.MirrorDir)
	if err != nil {
		return opened{}, err
	}
	repository, refused, err := in.fetch(ctx, dir, s, *r)
	if err != nil {
		return opened{}, errors.Join(err, forget())
	}
	free := func() error { return errors.Join(repository.Close(), forget()) }
	return opened{source: s, repository: repository, free: free, tokenRefused: refused}, nil
}

// remote checks the address now, and pins git to what it resolved to: git
// looks names up by itself, and a name may mean something else by then.
func (in *Inspector) remote(ctx context.Context, s Source, a Access) (git.Remote, error) {
	target, err := in.options.Guard.Check(ctx, s.URL)
	if err != nil {
		return git.Remote{}, err
	}
	return git.Remote{URL: target.URL, Resolve: target.CurlResolve(), Token: a.Token, Bearer: a.Bearer, AllowHTTP: in.options.AllowHTTP}, nil
}

// mirrorDir returns the folder for a mirror and what removes a temporary one.
func mirrorDir(dir string) (string, func() error, error) {
	if dir != "" {
		return dir, func() error { return nil }, nil
	}
	temporary, err := os.MkdirTemp("", "rampforge-mirror-*")
	if err != nil {
		return "", nil, fmt.Errorf("making a temporary folder for the mirror: %w", err)
	}
	return filepath.Join(temporary, "mirror.git"), func() error { return os.RemoveAll(temporary) }, nil
}

func (in *Inspector) analyze(ctx context.Context, repository *git.Repository, source Source, r Request) (*Result, error) {
	commit, err := repository.Resolve(ctx, r.Ref)
	if err != nil {
		return nil, err
	}
	branch, err := repository.DefaultBranch(ctx)
	if err != nil {
		return nil, err
	}
	files, err := repository.Tree(ctx, commit.Hash)
	if err != nil {
		return nil, err
	}
	var facts *factsFile
	if !r.ForceRefresh {
		facts = openFacts(r.FactsFile, r.Erased)
	}
	defer facts.close()
	options := analysis.Options{
		Name: r.Name, WebURL: source.WebURL, Commit: commit.Hash, CommittedAt: commit.CommittedAt, Ref: commit.Ref,
		Type: r.Type, IncludeDependencies: r.IncludeDependencies, ReportOnly: r.ReportOnly, Parsers: in.options.Parsers, Facts: bucket{facts, blobBucket},
		Limits: analysis.DefaultLimits(), Workers: in.options.Workers, Progress: r.Progress,
	}
	if options.Name == "" {
		options.Name = source.Name
	}
	if options.Type == "" {
		options.Type = rampforge.AnalysisFull
	}
	var signed []Signed
	options.Signed = func(committed, proper rampforge.Signature) { signed = append(signed, Signed{committed, proper}) }
	found, index, err := analysis.Analyze(ctx, treeOf(files, r.Erased), historyOf(repository, commit.Hash, facts, r.Erased), options)
	if err != nil {
		return nil, err
	}
	return &Result{Report: found, Index: index, DefaultBranch: branch, Signed: signed}, nil
}

// checkTimeout bounds the look-up of a host's name.
const checkTimeout = 10 * time.Second

// CheckSource reads an address and refuses, before anything is stored, what
// may never be reached. A host that does not answer now may answer later: that
// is for the analysis to tell.
func (in *Inspector) CheckSource(ctx context.Context, text string, allowLocal bool, roots []string) (Source, error) {
	s, err := ParseSource(text)
	if err != nil {
		return Source{}, err
	}
	if s.Local {
		return s, checkLocal(s.URL, allowLocal, roots)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	_, err = in.options.Guard.Check(ctx, s.URL)
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok || e.Details["reason"] == httpclient.ReasonUnreachable {
		return s, nil
	}
	return Source{}, badSource("%s", strings.TrimSuffix(e.Message, "."))
}

// checkLocal refuses folders outside the allowed roots, whatever links lead
// there.
func checkLocal(path string, allowed bool, roots []string) error {
	if !allowed {
		return refuseLocal("repositories on the server's own disk are switched off here: give an https address, or set ALLOW_LOCAL_REPOSITORIES=true and LOCAL_REPOSITORY_ROOTS")
	}
	if len(roots) == 0 {
		return nil
	}
	actual, err := filepath.EvalSymlinks(path)
	if err != nil {
		// Outside the roots a path that exists and one that does not must look
		// the same, so the text of the path is what counts.
		actual = path
	}
	if git.Within(actual, roots) {
		return nil
	}
	return refuseLocal("the folder lies outside the folders that LOCAL_REPOSITORY_ROOTS allows")
}

func refuseLocal(issue string) error {
	e := rampforge.Invalid(rampforge.FieldIssue{Field: "url", Issue: issue})
	e.Details = map[string]any{"reason": git.ReasonPermissionDenied}
	return e
}
