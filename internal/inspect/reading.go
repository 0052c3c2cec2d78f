package inspect

import (
	"context"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

// Reading reads files and the history of a repository at one commit. It is for
// one goroutine.
type Reading struct {
	repository *git.Repository
	tree       *git.Tree
	blobs      map[string]string // by path
	paths      []string
	commit     string
	facts      *factsFile
	erased     *nameless.Register
	free       func() error
}

// OpenReading opens a repository at a commit: the mirror as it is, where that has
// it, so that nothing is asked of the host. Close it.
func (in *Inspector) OpenReading(ctx context.Context, r Request, commit string) (*Reading, error) {
	r.Ref = commit
	repository, tree, free, err := in.at(ctx, r, commit)
	if err != nil {
		return nil, err
	}
	out := &Reading{repository: repository, tree: tree, commit: commit, free: free, facts: openFacts(r.FactsFile, r.Erased), erased: r.Erased, blobs: make(map[string]string, len(tree.Files()))}
	for _, f := range tree.Files() {
		if f.Mode == rampforge.ModeFile || f.Mode == rampforge.ModeExecutable {
			out.blobs[f.Path] = f.Blob
			out.paths = append(out.paths, f.Path)
		}
	}
	return out, nil
}

// Close frees what was opened.
func (r *Reading) Close() error {
	r.facts.close()
	return r.free()
}

// Paths are those of all files, sorted. The slice is shared.
func (r *Reading) Paths() []string { return r.paths }

// Read visits the content of files; what is no file of the commit is left out.
func (r *Reading) Read(ctx context.Context, paths []string, visit func(path string, content []byte) error) error {
	of := map[string][]string{}
	var ids []string
	for _, p := range paths {
		id := r.blobs[p]
		if id == "" {
			continue
		}
		if of[id] == nil {
			ids = append(ids, id)
		}
		of[id] = append(of[id], p)
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), blobsAtOnce)]
		ids = ids[len(some):]
		err := r.tree.Blobs(ctx, some, func(id string, content []byte) error {
			if content == nil {
				return nil // the clone lacks it, or it is too large
			}
			for _, p := range of[id] {
				if err := visit(p, append([]byte{}, content...)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Commits visits the newest commits that lead here, newest first, without merges,
// until visit answers false.
func (r *Reading) Commits(ctx context.Context, visit func(c *rampforge.Commit) bool) error {
	for c, err := range historyOf(r.repository, r.commit, r.facts, r.erased).Commits(ctx) {
		if err != nil {
			return err
		}
		if len(c.Parents) <= 1 && !visit(&c) {
			return nil
		}
	}
	return nil
}
