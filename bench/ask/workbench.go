package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/bench/scope"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
)

// workbench is a repository that is indexed at one commit after the other.
type workbench struct {
	db        *database.DB
	store     *store.Store
	project   string
	claim     store.SearchClaim
	inspector *inspect.Inspector
	request   inspect.Request
	indexer   *search.Indexer
	at        string
	index     *codeindex.Index
	report    *report.CodeReport
	files     *corpus
}

// open makes a database in a folder.
func open(ctx context.Context, dir string) (*database.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, database.Options{URL: "sqlite:///" + filepath.Join(dir, "ask.db"), MaxConns: 4})
	if err != nil {
		return nil, err
	}
	return db, db.Migrate(ctx)
}

func newWorkbench(ctx context.Context, o options, dir string) (*workbench, error) {
	db, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	w := &workbench{db: db, store: store.New(db), files: newCorpus()}
	w.inspector = inspect.New(inspect.Options{Parsers: builtin.Parsers(), Limits: git.Limits{Timeout: time.Hour}})
	w.request = inspect.Request{Source: o.repository, AllowLocal: true, FactsFile: filepath.Join(dir, "facts")}
	w.indexer = &search.Indexer{Store: w.store, Reader: w, Now: time.Now}
	w.project, w.claim, err = scope.Make(ctx, w.store)
	return w, err
}

func (w *workbench) close() { _ = w.db.Close() }

// moveTo indexes the repository at a commit.
func (w *workbench) moveTo(ctx context.Context, commit string) error {
	if w.at == commit {
		return nil
	}
	w.request.Ref = commit
	found, err := w.inspector.Inspect(ctx, w.request)
	if err != nil {
		return err
	}
	w.at, w.index, w.report = commit, found.Index, found.Report
	w.files.keep(found.Index)
	return w.indexer.Index(ctx, w.claim, w.request, found.Index)
}

// Passages implements search.Reader: what is read goes to the baselines too.
func (w *workbench) Passages(ctx context.Context, r inspect.Request, ix *codeindex.Index, sink inspect.PassageSink) error {
	put := sink.Put
	sink.Put = func(s inspect.PassageSource) error {
		if len(s.Kinds) > 1 {
			var text strings.Builder
			for _, p := range s.Passages {
				text.WriteString(p.Text + "\n")
			}
			w.files.put(s.Key, text.String())
		}
		return put(s)
	}
	return w.inspector.Passages(ctx, r, ix, sink)
}

// find returns the files that a question is about, best first.
func (w *workbench) find(ctx context.Context, question string) ([]string, error) {
	found, err := search.Ask(ctx, w.store, store.Viewer{Admin: true}, w.project, search.Question{Text: question})
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range found.Files() {
		paths = append(paths, f.Path)
	}
	return paths, nil
}

// analysed are those of some files that can be found at all.
func (w *workbench) analysed(files map[string]bool) map[string]bool {
	out := map[string]bool{}
	for i := range w.index.Files {
		if path := w.index.Files[i].Path; files[path] {
			out[path] = true
		}
	}
	return out
}
