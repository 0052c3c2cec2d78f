package inspect

import (
	"bytes"
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

// Texts reads files as they are at a commit; those that are not there, and what is
// no file, are left out. The mirror is used as it is where it has the commit.
func (in *Inspector) Texts(ctx context.Context, r Request, commit string, paths []string) (texts map[string][]byte, err error) {
	_, tree, free, err := in.at(ctx, r, commit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, free()) }()
	wanted := map[string]bool{}
	for _, p := range paths {
		wanted[p] = true
	}
	var ids []string
	of := map[string][]string{} // paths by blob
	for _, f := range tree.Files() {
		if !wanted[f.Path] || f.Mode != rampforge.ModeFile && f.Mode != rampforge.ModeExecutable {
			continue
		}
		if of[f.Blob] == nil {
			ids = append(ids, f.Blob)
		}
		of[f.Blob] = append(of[f.Blob], f.Path)
	}
	texts = map[string][]byte{}
	err = tree.Blobs(ctx, ids, func(id string, content []byte) error {
		for _, p := range of[id] {
			if content != nil {
				texts[p] = bytes.Clone(content)
			}
		}
		return nil
	})
	return texts, err
}

// Tags lists the tags of a repository that lead to commits, the oldest first. As
// with File, nothing is asked of its host.
func (in *Inspector) Tags(ctx context.Context, r Request) (tags []git.Tag, err error) {
	repository, err := in.here(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, repository.Close()) }()
	return repository.Tags(ctx)
}

// Resolve finds the commit that a branch, a tag or the beginning of an id names,
// and Span what leads to one commit and not to another. As with File, nothing is
// asked of the repository's host.
func (in *Inspector) Resolve(ctx context.Context, r Request, name string) (found git.Resolved, err error) {
	repository, err := in.here(ctx, r)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, repository.Close()) }()
	return repository.Resolve(ctx, name)
}

// Span is described with Resolve.
func (in *Inspector) Span(ctx context.Context, r Request, from, to string, most int) (span git.Span, err error) {
	repository, err := in.here(ctx, r)
	if err != nil {
		return span, err
	}
	defer func() { err = errors.Join(err, repository.Close()) }()
	return repository.Span(ctx, from, to, most)
}
