package inspect

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/passage"
	"github.com/rampforgeai/rampforge/internal/git"
)

// passagesVersion changes when the same file gives other passages.
const passagesVersion = "4"

// The bounds of what is read of a history for search.
const (
	maxCommits = 200_000 // the newest
	maxPaths   = 30      // of a commit; one that changes more says little of each
	maxMessage = 4 << 10 // bytes
)

// PassageSource is a file or a commit with its passages.
type PassageSource struct {
	Kinds    []rampforge.PassageKind // of which it may have passages
	Key      string
	Passages []rampforge.Passage
}

// PassageSink takes what search finds of a repository. Its functions are called
// one at a time.
type PassageSink struct {
	// Known reports whether the passages of a file or commit are kept already: it
	// is not read again.
	Known func(kind rampforge.PassageKind, key, version string) bool
	// Put takes the passages of one. An error ends the reading and is returned.
	Put func(PassageSource) error
	// Weigh takes how central every file is, from 0 to 1.
	Weigh func(file string, weight float64)
}

// fileKinds are the kinds of passages that a file may have.
var fileKinds = []rampforge.PassageKind{rampforge.PassageFile, rampforge.PassageCode, rampforge.PassageDocument}

// Passages reads what search finds of a repository at the commit that ix is of:
// the files that were analysed, and the history that leads to it. r names the
// repository as it did for Inspect; its Ref is the commit.
func (in *Inspector) Passages(ctx context.Context, r Request, ix *codeindex.Index, sink PassageSink) (err error) {
	repository, tree, free, err := in.at(ctx, r, ix.Commit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free()) }()
	if err := filePassages(ctx, tree, ix, sink); err != nil {
		return err
	}
	facts := openFacts(r.FactsFile, r.Erased)
	defer facts.close()
	return commitPassages(ctx, historyOf(repository, ix.Commit, facts, r.Erased), sink)
}

// at opens a repository that has a commit: the mirror as it is, where that has
// it, so that nothing is asked of the host.
func (in *Inspector) at(ctx context.Context, r Request, commit string) (*git.Repository, *git.Tree, func() error, error) {
	if r.MirrorDir != "" {
		if mirror, err := git.OpenLocal(ctx, r.MirrorDir); err == nil {
			if tree, err := mirror.Tree(ctx, commit); err == nil {
				return mirror, tree, mirror.Close, nil
			}
			_ = mirror.Close()
		}
	}
	opened, err := in.open(ctx, &r)
	if err != nil {
		return nil, nil, nil, err
	}
	tree, err := opened.repository.Tree(ctx, commit)
	if err != nil {
		return nil, nil, nil, errors.Join(err, opened.free())
	}
	return opened.repository, tree, opened.free, nil
}

// blobsAtOnce is how many blobs are asked of git at once.
const blobsAtOnce = 2000

// filePassages reads the files that changed.
func filePassages(ctx context.Context, tree *git.Tree, ix *codeindex.Index, sink PassageSink) error {
	blobs := make(map[string]string, len(tree.Files()))
	for _, f := range tree.Files() {
		blobs[f.Path] = f.Blob
	}
	weights := ix.Weights()
	for i := range weights { // what nobody sees is no reason to write anew
		weights[i] = math.Round(weights[i]*100) / 100
	}
	var ids []string
	of := map[string][]int{} // files by blob
	read := func() error {
		err := tree.Blobs(ctx, ids, func(id string, content []byte) error {
			for _, file := range of[id] {
				if err := sink.Put(sourceOf(ix, file, id, content, weights[file])); err != nil {
					return err
				}
			}
			return nil
		})
		ids, of = ids[:0], map[string][]int{}
		return err
	}
	for i := range ix.Files {
		f := &ix.Files[i]
		blob := blobs[f.Path]
		sink.Weigh(f.Path, weights[i])
		if blob == "" || sink.Known(mainKind(f.Path), f.Path, versionOf(blob)) {
			continue
		}
		if of[blob] == nil {
			ids = append(ids, blob)
		}
		of[blob] = append(of[blob], i)
		if len(ids) == blobsAtOnce {
			if err := read(); err != nil {
				return err
			}
		}
	}
	return read()
}

func versionOf(blob string) string { return passagesVersion + ":" + blob }

// mainKind is the kind that a file has a passage of, whatever else it has.
func mainKind(file string) rampforge.PassageKind {
	if passage.IsDocument(file) {
		return rampforge.PassageDocument
	}
	return rampforge.PassageFile
}

func sourceOf(ix *codeindex.Index, file int, blob string, content []byte, weight float64) PassageSource {
	f := &ix.Files[file]
	var parts []passage.Passage
	if passage.IsDocument(f.Path) {
		parts = passage.OfDocument(f.Path, content)
	} else {
		parts = passage.OfCode(f.Path, content, ix.SymbolsOf(file))
	}
	s := PassageSource{Kinds: fileKinds, Key: f.Path, Passages: make([]rampforge.Passage, len(parts))}
	for i, p := range parts {
		s.Passages[i] = rampforge.Passage{
			Kind: rampforge.PassageKind(p.Kind), Key: f.Path, Version: versionOf(blob), Title: p.Title, Path: f.Path, Symbol: p.Symbol,
			StartLine: p.Start, EndLine: p.End, Names: p.Names, Text: p.Text, Weight: weight,
		}
	}
	return s
}

// commitPassages reads the commits that are new. Merges say nothing that what
// they merge does not say.
func commitPassages(ctx context.Context, history history, sink PassageSink) error {
	read := 0
	for c, err := range history.Commits(ctx) {
		if err != nil {
			return err
		}
		if read++; read > maxCommits {
			return nil
		}
		if len(c.Parents) > 1 || sink.Known(rampforge.PassageCommit, c.Hash, passagesVersion) {
			continue
		}
		if err := sink.Put(commitSource(&c)); err != nil {
			return err
		}
	}
	return nil
}

// CommitPassage is what is searched of a commit.
func CommitPassage(c *rampforge.Commit) rampforge.Passage { return commitSource(c).Passages[0] }

func commitSource(c *rampforge.Commit) PassageSource {
	text := c.Subject
	if body := strings.TrimSpace(c.Body); body != "" {
		text += "\n\n" + body
	}
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "")
	}
	p := rampforge.Passage{
		Kind: rampforge.PassageCommit, Key: c.Hash, Version: passagesVersion, Title: c.Subject, Commit: c.Hash, Names: c.Subject, Text: text, At: &c.CommittedAt,
	}
	if len(c.Changes) <= maxPaths {
		for _, change := range c.Changes {
			p.Paths = append(p.Paths, change.Path)
		}
	}
	return PassageSource{Kinds: []rampforge.PassageKind{rampforge.PassageCommit}, Key: c.Hash, Passages: []rampforge.Passage{p}}
}
