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
	request   func(r rampforge.Repository) inspect.Request
}

// File implements assistant.Files.
func (f repositoryFiles) File(ctx context.Context, r rampforge.Repository, commit, path string) ([]byte, error) {
	return f.inspector.File(ctx, f.request(r), commit, path)
}

// Blame implements assistant.Files.
func (f repositoryFiles) Blame(ctx context.Context, r rampforge.Repository, commit, path string, first, last int) ([]string, error) {
	return f.inspector.Blame(ctx, f.request(r), commit, path, first, last)
}

// Texts implements assistant.Files.
func (f repositoryFiles) Texts(ctx context.Context, r rampforge.Repository, commit string, paths []string) (map[string][]byte, error) {
	return f.inspector.Texts(ctx, f.request(r), commit, paths)
}

// Tags implements assistant.Files.
func (f repositoryFiles) Tags(ctx context.Context, r rampforge.Repository) ([]git.Tag, error) {
	return f.inspector.Tags(ctx, f.request(r))
}

// Resolve implements assistant.Files.
func (f repositoryFiles) Resolve(ctx context.Context, r rampforge.Repository, name string) (git.Resolved, error) {
	return f.inspector.Resolve(ctx, f.request(r), name)
}

// Span implements assistant.Files.
func (f repositoryFiles) Span(ctx context.Context, r rampforge.Repository, from, to string, most int) (git.Span, error) {
	return f.inspector.Span(ctx, f.request(r), from, to, most)
}

// Commits implements assistant.Files.
func (f repositoryFiles) Commits(ctx context.Context, r rampforge.Repository, commit string, each func(*rampforge.Commit) (bool, error)) error {
	return f.inspector.Commits(ctx, f.request(r), commit, each)
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
