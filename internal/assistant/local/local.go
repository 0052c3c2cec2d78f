// Package local makes a project of one analysed repository in a database of its
// own, so that questions about it are answered without a server.
//
// It may import what assistant may.
package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Loader makes projects in a migrated database that nobody else uses.
type Loader struct {
	Store     *store.Store
	Inspector *inspect.Inspector
	Now       func() time.Time
	// Follow is that of the search's indexer; nil follows nothing.
	Follow     func(ctx context.Context, c store.SearchClaim, r rampforge.Repository, request inspect.Request, ix *codeindex.Index) error
	Signatures []store.Signed // that the commits carry; nil for nothing known of them
}

// Loaded is a project whose repository is indexed, and an assistant that answers
// questions about it.
type Loaded struct {
	Project   rampforge.Project
	Viewer    store.Viewer
	Assistant *assistant.Assistant
}

// Load indexes a repository at the commit of an analysis. request names it as it
// did for the analysis.
func (l *Loader) Load(ctx context.Context, request inspect.Request, v codeindex.Version) (*Loaded, error) {
	u, err := l.Store.CreateUser(ctx, store.Registration{Email: "you@localhost", Name: "You", PasswordHash: "-", Role: rampforge.RoleAdmin, At: l.Now()})
	if err != nil {
		return nil, err
	}
	r := rampforge.Repository{ID: store.NewID("repo"), Name: v.Report.Name, URL: request.Source, Type: rampforge.RepositoryLocal, CreatedBy: u.ID, CreatedAt: l.Now()}
	if err := l.Store.CreateRepository(ctx, r); err != nil {
		return nil, err
	}
	p := rampforge.Project{ID: store.NewID("prj"), Name: r.Name, Status: rampforge.ProjectActive, RepositoryID: &r.ID, AICode: true, CreatedBy: u.ID, CreatedAt: l.Now(), UpdatedAt: l.Now()}
	err = l.Store.InTx(ctx, func(tx *sql.Tx) error { return l.Store.CreateProjectTx(ctx, tx, p, nil) })
	if err == nil {
		err = l.keep(ctx, r, v, u.ID)
	}
	if err == nil {
		err = l.index(ctx, r, request)
	}
	if err != nil {
		return nil, err
	}
	return &Loaded{Project: p, Viewer: store.ViewerOf(u), Assistant: &assistant.Assistant{
		Store: l.Store, Files: files{l.Inspector, request}, Now: l.Now, Code: func(context.Context, store.Viewer, string) (*assistant.Code, error) { return codeOf(v) },
	}}, nil
}

// Again indexes the repository of a project that was loaded at another commit.
func (l *Loader) Again(ctx context.Context, was *Loaded, request inspect.Request, v codeindex.Version) (*Loaded, error) {
	r, err := l.Store.Repository(ctx, was.Viewer, *was.Project.RepositoryID)
	if err == nil {
		err = l.keep(ctx, r, v, was.Viewer.UserID)
	}
	if err == nil {
		err = l.index(ctx, r, request)
	}
	if err != nil {
		return nil, err
	}
	now := *was.Assistant
	now.Code = func(context.Context, store.Viewer, string) (*assistant.Code, error) { return codeOf(v) }
	return &Loaded{Project: was.Project, Viewer: was.Viewer, Assistant: &now}, nil
}

// keep writes the analysis as a finished one.
func (l *Loader) keep(ctx context.Context, r rampforge.Repository, v codeindex.Version, by string) error {
	text, err := json.Marshal(v.Report)
	if err != nil {
		return fmt.Errorf("writing a report: %w", err)
	}
	encoded, err := v.Index.Encode()
	if err != nil {
		return err
	}
	a := rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: r.ID, Status: rampforge.AnalysisQueued, RequestedBy: by, CreatedAt: l.Now()}
	job := func(context.Context, *sql.Tx, string) (int64, error) { return 1, nil }
	err = l.Store.InTx(ctx, func(tx *sql.Tx) error {
		_, _, err := l.Store.StartRunTx(ctx, tx, a, job)
		return err
	})
	if err != nil {
		return err
	}
	claim := store.Claim{AnalysisID: a.ID, JobID: 1, Owner: owner}
	if _, _, claimed, err := l.Store.ClaimRun(ctx, claim, l.Now(), l.Now()); err != nil || !claimed {
		return errors.Join(err, errors.New("the analysis could not be claimed"))
	}
	_, err = l.Store.FinishRun(ctx, claim, store.Outcome{Status: rampforge.AnalysisCompleted, Commit: &v.Index.Commit, Report: text, Index: encoded, Signatures: l.Signatures, Message: "Done."}, l.Now())
	return err
}

const owner = "local"

// index writes the passages of the repository.
func (l *Loader) index(ctx context.Context, r rampforge.Repository, request inspect.Request) error {
	job := func(context.Context, *sql.Tx, int64) (int64, error) { return 2, nil }
	if err := l.Store.QueueSearch(ctx, job, 10, l.Now()); err != nil {
		return err
	}
	scope, err := l.Store.ScopeOfRepository(ctx, r.ID)
	if err != nil {
		return err
	}
	claim := store.SearchClaim{Scope: scope.Number, JobID: 2, Owner: owner}
	was, claimed, err := l.Store.ClaimSearch(ctx, claim, l.Now(), l.Now())
	if err != nil || !claimed {
		return errors.Join(err, errors.New("the search index could not be claimed"))
	}
	x := &search.Indexer{Store: l.Store, Reader: l.Inspector, Now: l.Now, Follow: l.Follow, Request: func(context.Context, rampforge.Repository) (inspect.Request, error) { return request, nil }}
	return x.Refresh(ctx, claim, was)
}

// codeOf is what an analysis knows, as answers are made of it.
func codeOf(v codeindex.Version) (*assistant.Code, error) {
	c := &assistant.Code{Index: v.Index, Unnamed: func(string) bool { return false }}
	text, err := json.Marshal(v.Report)
	if err == nil {
		err = json.Unmarshal(text, &c.Report)
	}
	return c, err
}

// files reads the one repository.
type files struct {
	inspector *inspect.Inspector
	request   inspect.Request
}

// File implements assistant.Files.
func (f files) File(ctx context.Context, _ rampforge.Repository, commit, path string) ([]byte, error) {
	return f.inspector.File(ctx, f.request, commit, path)
}

// Blame implements assistant.Files.
func (f files) Blame(ctx context.Context, _ rampforge.Repository, commit, path string, first, last int) ([]string, error) {
	return f.inspector.Blame(ctx, f.request, commit, path, first, last)
}

// Texts implements assistant.Files.
func (f files) Texts(ctx context.Context, _ rampforge.Repository, commit string, paths []string) (map[string][]byte, error) {
	return f.inspector.Texts(ctx, f.request, commit, paths)
}

// Tags implements assistant.Files.
func (f files) Tags(ctx context.Context, _ rampforge.Repository) ([]git.Tag, error) {
	return f.inspector.Tags(ctx, f.request)
}

// Resolve implements assistant.Files.
func (f files) Resolve(ctx context.Context, _ rampforge.Repository, name string) (git.Resolved, error) {
	return f.inspector.Resolve(ctx, f.request, name)
}

// Span implements assistant.Files.
func (f files) Span(ctx context.Context, _ rampforge.Repository, from, to string, most int) (git.Span, error) {
	return f.inspector.Span(ctx, f.request, from, to, most)
}

// Commits implements assistant.Files.
func (f files) Commits(ctx context.Context, _ rampforge.Repository, commit string, each func(*rampforge.Commit) (bool, error)) error {
	return f.inspector.Commits(ctx, f.request, commit, each)
}
