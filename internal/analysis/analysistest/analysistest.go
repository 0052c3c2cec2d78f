// Package analysistest makes trees and histories for tests of the analysis out
// of txtar archives. It may import the root package and txtar.
//
// The files of an archive are the tree, but for a file named "history", which
// tells the commits that lead to it, oldest first. A commit is a line
//
//	2026-01-31T10:00:00Z Ana Example <ana@example.org> What was done
//
// and a line for each path that it changed, as git shows them: "A path",
// "M path", "D path" or "R old new". A line "merge" in their place makes it a
// merge. In a file's content \r, \0 and \xff stand for these bytes when the
// archive's comment says "escapes".
package analysistest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge"
)

// Repository is a tree and its history.
type Repository struct {
	Commit      string
	CommittedAt time.Time
	// Lacks are paths whose content the clone lacks.
	Lacks map[string]bool
	// Read counts how often each blob was read.
	Read map[string]int
	// Partial says why the history is not complete, "" when it is.
	Partial string

	files   []rampforge.TreeFile
	blobs   map[string][]byte
	commits []rampforge.Commit
}

// Parse reads an archive.
func Parse(data []byte) (*Repository, error) {
	archive := txtar.Parse(data)
	r := &Repository{blobs: map[string][]byte{}, Read: map[string]int{}, Lacks: map[string]bool{}}
	unescape := strings.NewReplacer()
	if strings.Contains(string(archive.Comment), "escapes") {
		unescape = strings.NewReplacer(`\r`, "\r", `\0`, "\x00", `\xff`, "\xff")
	}
	for _, f := range archive.Files {
		if f.Name == "history" {
			if err := r.parseHistory(string(f.Data)); err != nil {
				return nil, err
			}
			continue
		}
		r.Add(f.Name, []byte(unescape.Replace(string(f.Data))), rampforge.ModeFile)
	}
	if n := len(r.commits); n > 0 {
		r.Commit, r.CommittedAt = r.commits[n-1].Hash, r.commits[n-1].CommittedAt
	} else {
		r.Commit, r.CommittedAt = id([]byte("no history")), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return r, nil
}

// Add adds a file to the tree.
func (r *Repository) Add(path string, content []byte, mode uint32) {
	f := rampforge.TreeFile{Path: path, Blob: id(content), Mode: mode, Size: int64(len(content))}
	if mode == rampforge.ModeSubmodule {
		f.Size = -1
	}
	r.blobs[f.Blob] = content
	r.files = append(r.files, f)
	slices.SortFunc(r.files, func(a, b rampforge.TreeFile) int { return cmp.Compare(a.Path, b.Path) })
}

func id(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:20])
}

// parseHistory reads the commits.
func (r *Repository) parseHistory(text string) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if at, err := time.Parse(time.RFC3339, fields[0]); err == nil {
			if err := r.startCommit(at, strings.TrimSpace(line[len(fields[0]):])); err != nil {
				return err
			}
			continue
		}
		if len(r.commits) == 0 {
			return fmt.Errorf("%q comes before the first commit", line)
		}
		c := &r.commits[len(r.commits)-1]
		switch {
		case line == "merge":
			c.Parents = append(c.Parents, id([]byte("another branch")))
		case fields[0] == "R" && len(fields) == 3:
			c.Changes = append(c.Changes, rampforge.Change{Status: rampforge.ChangeRenamed, OldPath: fields[1], Path: fields[2]})
		case len(fields) == 2 && len(fields[0]) == 1:
			c.Changes = append(c.Changes, rampforge.Change{Status: rampforge.ChangeStatus(fields[0][0]), Path: fields[1]})
		default:
			return fmt.Errorf("%q is neither a commit nor a change", line)
		}
	}
	return nil
}

func (r *Repository) startCommit(at time.Time, rest string) error {
	name, rest, found := strings.Cut(rest, " <")
	mail, subject, closed := strings.Cut(rest, "> ")
	if !found || !closed {
		return fmt.Errorf("a commit of %s names nobody", at)
	}
	who := rampforge.Signature{Name: name, Email: mail}
	c := rampforge.Commit{Author: who, Committer: who, AuthoredAt: at, CommittedAt: at, Subject: subject, Hash: id([]byte(fmt.Sprint(len(r.commits), at, rest)))}
	if n := len(r.commits); n > 0 {
		c.Parents = []string{r.commits[n-1].Hash}
	}
	r.commits = append(r.commits, c)
	return nil
}

// Files returns the tree.
func (r *Repository) Files() []rampforge.TreeFile { return r.files }

// Blobs calls visit with each blob in turn. The content is overwritten after
// the call, so that whoever keeps it without a copy shows.
func (r *Repository) Blobs(ctx context.Context, ids []string, visit func(id string, content []byte) error) error {
	lacking := map[string]bool{}
	for _, f := range r.files {
		lacking[f.Blob] = lacking[f.Blob] || r.Lacks[f.Path]
	}
	for _, want := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		content, ok := r.blobs[want]
		if !ok {
			return fmt.Errorf("there is no blob %s", want)
		}
		r.Read[want]++
		lent := append([]byte{}, content...)
		if lacking[want] {
			lent = nil
		}
		if err := visit(want, lent); err != nil {
			return err
		}
		for i := range lent {
			lent[i] = '#'
		}
	}
	return nil
}

// Commits yields the history, newest first.
func (r *Repository) Commits(ctx context.Context) iter.Seq2[rampforge.Commit, error] {
	return func(yield func(rampforge.Commit, error) bool) {
		for _, c := range slices.Backward(r.commits) {
			if err := ctx.Err(); err != nil {
				yield(rampforge.Commit{}, err)
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// Lines tells three lines for each path that a commit changes.
func (r *Repository) Lines(_ context.Context, commits []string) ([]int64, error) {
	if r.Partial != "" {
		return nil, nil
	}
	lines := make([]int64, len(commits))
	for i, hash := range commits {
		at := slices.IndexFunc(r.commits, func(c rampforge.Commit) bool { return c.Hash == hash })
		lines[i] = int64(3 * len(r.commits[at].Changes))
	}
	return lines, nil
}

// Complete reports whether the history reaches its roots.
func (r *Repository) Complete() (complete bool, reason string) { return r.Partial == "", r.Partial }
