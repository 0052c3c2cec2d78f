package cli

import (
	"context"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
)

// repositoryFiles reads repositories that are on this machine, for answers.
type repositoryFiles struct {
	inspector *inspect.Inspector
	request   func(ctx context.Context, r rampforge.Repository) (inspect.Request, error)
}

// File implements assistant.Files.
func (f repositoryFiles) File(ctx context.Context, r rampforge.Repository, commit, path string) ([]byte, error) {
	q, err := f.request(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.inspector.File(ctx, q, commit, path)
}

// Blame implements assistant.Files.
func (f repositoryFiles) Blame(ctx context.Context, r rampforge.Repository, commit, path string, first, last int) ([]string, error) {
	q, err := f.request(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.inspector.Blame(ctx, q, commit, path, first, last)
}

// Texts implements assistant.Files.
func (f repositoryFiles) Texts(ctx context.Context, r rampforge.Repository, commit string, paths []string) (map[string][]byte, error) {
	q, err := f.request(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.inspector.Texts(ctx, q, commit, paths)
}

// Tags implements assistant.Files.
func (f repositoryFiles) Tags(ctx context.Context, r rampforge.Repository) ([]git.Tag, error) {
	q, err := f.request(ctx, r)
	if err != nil {
		return nil, err
	}
	return f.inspector.Tags(ctx, q)
}

// Resolve implements assistant.Files.
func (f repositoryFiles) Resolve(ctx context.Context, r rampforge.Repository, name string) (git.Resolved, error) {
	q, err := f.request(ctx, r)
	if err != nil {
		return git.Resolved{}, err
	}
	return f.inspector.Resolve(ctx, q, name)
}

// Span implements assistant.Files.
func (f repositoryFiles) Span(ctx context.Context, r rampforge.Repository, from, to string, most int) (git.Span, error) {
	q, err := f.request(ctx, r)
	if err != nil {
		return git.Span{}, err
	}
	return f.inspector.Span(ctx, q, from, to, most)
}

// Commits implements assistant.Files.
func (f repositoryFiles) Commits(ctx context.Context, r rampforge.Repository, commit string, each func(*rampforge.Commit) (bool, error)) error {
	q, err := f.request(ctx, r)
	if err != nil {
		return err
	}
	return f.inspector.Commits(ctx, q, commit, each)
}

// writer is the model that writes answers; nil where none is configured, since
// answers are composed of more than passages then.
func (s *server) writer() llm.Model {
	if s.model == nil || s.config.Provider() == config.ProviderExtractive {
		return nil
	}
	return s.model
}

// narrator is the model that describes repositories; nil where descriptions are
// composed.
func (s *server) narrator() llm.Model {
	if !s.config.AINarratives || s.config.AINarrativeMax == 0 {
		return nil
	}
	return s.writer()
}
