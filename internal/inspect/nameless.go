package inspect

import (
	"context"
	"iter"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

// history is what git knows of what leads to a commit, without the names of people
// who were erased: git keeps them for ever, and everything that is made of a history
// comes through here. Who was erased is one person, by one name and one address.
type history struct {
	*git.History

	erased *nameless.Register
}

func historyOf(repository *git.Repository, commit string, facts *factsFile, erased *nameless.Register) history {
	var cache git.CommitCache = bucket{facts, commitBucket}
	if erased.Any() {
		cache = namelessCache{cache, erased}
	}
	return history{repository.History(commit, cache), erased}
}

// Commits is that of git.History.
func (h history) Commits(ctx context.Context) iter.Seq2[rampforge.Commit, error] {
	if !h.erased.Any() {
		return h.History.Commits(ctx)
	}
	return func(yield func(rampforge.Commit, error) bool) {
		for c, err := range h.History.Commits(ctx) {
			makeNameless(h.erased, &c)
			if !yield(c, err) {
				return
			}
		}
	}
}

func makeNameless(erased *nameless.Register, c *rampforge.Commit) (changed bool) {
	var author, committer, subject, body bool
	c.Author, author = erased.Signature(c.Author)
	c.Committer, committer = erased.Signature(c.Committer)
	c.Subject, subject = erased.Text(c.Subject)
	c.Body, body = erased.Message(c.Body)
	return author || committer || subject || body
}

// namelessCache keeps no name that the history does not tell.
type namelessCache struct {
	git.CommitCache

	erased *nameless.Register
}

// Put keeps a commit without the names.
func (k namelessCache) Put(key string, encoded []byte) {
	if c, err := git.DecodeCommit(encoded); err == nil && c.Hash == key && makeNameless(k.erased, &c) {
		encoded = git.EncodeCommit(nil, &c)
	}
	k.CommitCache.Put(key, encoded)
}

// tree is the files of a commit, in whose .mailmap nobody is named who was erased:
// it would lead from other addresses back to the name.
type tree struct {
	*git.Tree

	mailmap string // its blob; "" for none
	erased  *nameless.Register
}

func treeOf(files *git.Tree, erased *nameless.Register) tree {
	t := tree{Tree: files, erased: erased}
	if !erased.Any() {
		return t
	}
	for _, f := range files.Files() {
		if f.Path == ".mailmap" {
			t.mailmap = f.Blob
		}
	}
	return t
}

// Blobs is that of git.Tree.
func (t tree) Blobs(ctx context.Context, ids []string, visit func(id string, content []byte) error) error {
	if t.mailmap == "" {
		return t.Tree.Blobs(ctx, ids, visit)
	}
	return t.Tree.Blobs(ctx, ids, func(id string, content []byte) error {
		if id == t.mailmap && content != nil {
			text, _ := t.erased.Text(string(content))
			content = []byte(text)
		}
		return visit(id, content)
	})
}
