package inspect

import (
	"context"
	"errors"

	"github.com/rampforgeai/rampforge"
)

// Commits reads the history that leads to a commit, merges included, newest
// first, until each says that it is enough or fails. Nothing is asked of the
// repository's host: see File.
func (in *Inspector) Commits(ctx context.Context, r Request, commit string, each func(*rampforge.Commit) (more bool, err error)) (err error) {
	repository, err := in.here(ctx, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repository.Close()) }()
	facts := openFacts(r.FactsFile, r.Erased)
	defer facts.close()
	return eachCommit(ctx, historyOf(repository, commit, facts, r.Erased), each)
}

func eachCommit(ctx context.Context, history history, each func(*rampforge.Commit) (bool, error)) error {
	for c, err := range history.Commits(ctx) {
		if err != nil {
			return err
		}
		if more, err := each(&c); err != nil || !more {
			return err
		}
	}
	return nil
}

// EachCommit is Commits of what is open, with its merges.
func (r *Reading) EachCommit(ctx context.Context, each func(*rampforge.Commit) (more bool, err error)) error {
	return eachCommit(ctx, historyOf(r.repository, r.commit, r.facts, r.erased), each)
}

// Has reports whether there is a file of a path.
func (r *Reading) Has(path string) bool { return r.blobs[path] != "" }

// File reads a file of the commit, or of another that the repository has.
func (r *Reading) File(ctx context.Context, commit, path string) ([]byte, error) {
	return r.repository.File(ctx, commit, path)
}
