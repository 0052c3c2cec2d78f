package inspect

import (
	"context"
	"errors"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
)

// ErrNotHere says that a repository is not on this machine.
var ErrNotHere = errors.New("the repository is not on this machine")

// File reads a file as it is at a commit, and Blame says which commit wrote each
// of some lines of it. Nothing is asked of the repository's host: where neither
// a mirror nor a folder has the commit, they fail with ErrNotHere.
func (in *Inspector) File(ctx context.Context, r Request, commit, path string) (content []byte, err error) {
	repository, err := in.here(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, repository.Close()) }()
	return repository.File(ctx, commit, path)
}

// Blame is described with File.
func (in *Inspector) Blame(ctx context.Context, r Request, commit, path string, first, last int) (commits []string, err error) {
	repository, err := in.here(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, repository.Close()) }()
	return repository.Blame(ctx, commit, path, first, last)
}

// here opens what of a repository is on this machine.
func (in *Inspector) here(ctx context.Context, r Request) (*git.Repository, error) {
	if r.MirrorDir != "" {
		if mirror, err := git.OpenLocal(ctx, r.MirrorDir); err == nil {
			return mirror, nil
		}
	}
	s, err := ParseSource(r.Source)
	if err != nil {
		return nil, err
	}
	if !s.Local {
		return nil, rampforge.Wrap(rampforge.CodeUnavailable, ErrNotHere, "The repository is not on this machine.")
	}
	if err := checkLocal(s.URL, r.AllowLocal, r.LocalRoots); err != nil {
		return nil, err
	}
	return git.OpenLocal(ctx, s.URL, r.LocalRoots...)
}
