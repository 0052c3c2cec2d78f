package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rampforgeai/rampforge"
)

const (
	// chunkCommits is how many commits one git process reads. A process starts in
	// a few milliseconds, and chunks are what is read ahead in memory.
	chunkCommits = 2048
	// renameLimit is the number of added times deleted files up to which files
	// are compared for a rename with changes; beyond it (400 × 400) a commit
	// shows renames without changes only. It is git's limit of before 2.34.
	renameLimit = "-l400"
	// similarity is git's default: half of a file.
	similarity = "-M50%"
	// identical compares ids and no contents, so that it needs no blob.
	identical = "-M100%"
	// maxFailures is how many commits of a chunk are read by ids alone, one by
	// one, before all that follow in the chunk are.
	maxFailures = 10
	// maxHashesBytes bounds the list of commits: some four million.
	maxHashesBytes = 256 << 20
)

// CommitCache keeps encoded commits by hash, so that a second history costs
// what is new. It is safe for concurrent use; what it loses is read again.
type CommitCache interface {
	Get(hash string) ([]byte, bool)
	Put(hash string, encoded []byte)
}

// History is the history that leads to one commit.
type History struct {
	repo    *Repository
	commit  string
	cache   CommitCache
	people  *names
	missing atomic.Int64 // commits whose blobs could not be compared
}

// History returns the history that leads to a commit, given by its whole id.
// cache may be nil. Renames are found at a similarity of 50 % with a limit of
// 400 files on each side, whatever the configuration, so that what is said of
// a commit depends on the commit alone.
func (r *Repository) History(commit string, cache CommitCache) *History {
	if len(r.shallow) > 0 {
		cache = nil // what is seen here is less than what is there
	}
	return &History{repo: r, commit: commit, cache: cache, people: newNames()}
}

// Complete reports whether the history reaches its roots and knows all that
// changed, and if not, why. What is missing of blobs shows once Commits has
// ended.
func (h *History) Complete() (complete bool, reason string) {
	switch n := h.missing.Load(); {
	case len(h.repo.shallow) > 0:
		return false, "the clone is shallow"
	case n == 1:
		return false, "the clone lacks files of one commit, whose renames with changes count as new files"
	case n > 1:
		return false, fmt.Sprintf("the clone lacks files, so that renames with changes count as new files in %d commits", n)
	}
	return true, ""
}

// Commits yields every commit that can be reached, once, in no order that
// could be relied on. Merges carry no changes, and neither do the last commits of a
// shallow clone, whose parents are not there to compare with. An error ends the
// sequence; a history that cannot be read to its end is always an error.
func (h *History) Commits(ctx context.Context) iter.Seq2[rampforge.Commit, error] {
	return func(yield func(rampforge.Commit, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		h.missing.Store(0)
		hashes, err := h.hashes(ctx)
		if err != nil {
			yield(rampforge.Commit{}, err)
			return
		}
		for result := range h.readAhead(ctx, hashes) {
			read := <-result
			for _, c := range read.commits {
				if !yield(c, nil) {
					return
				}
			}
			if read.err != nil {
				yield(rampforge.Commit{}, read.err)
				return
			}
		}
	}
}

// hashes lists what can be reached: what the last list of the cache has, and
// what came since.
func (h *History) hashes(ctx context.Context) ([]string, error) {
	if !h.repo.validHash(h.commit) {
		return nil, fault(ReasonRefNotFound, nil, "%q is no id of a commit.", h.commit)
	}
	before := h.listed()
	if len(before) > 0 && before[0] == h.commit {
		return before, nil
	}
	if len(before) > 0 && h.leadsTo(ctx, before[0]) {
		since, err := h.revList(ctx, "^"+before[0])
		if err != nil {
			return nil, err
		}
		before = append(since, before...)
	} else {
		all, err := h.revList(ctx)
		if err != nil {
			return nil, err
		}
		before = all
	}
	if h.cache != nil {
		h.cache.Put(listKey, encodeHashes(before))
	}
	return before, nil
}

// revList lists what can be reached from the commit. Its first is the commit.
func (h *History) revList(ctx context.Context, without ...string) ([]string, error) {
	out, err := h.repo.objects.output(ctx, maxHashesBytes, append([]string{"rev-list", h.commit}, without...)...)
	if err != nil {
		return nil, err
	}
	hashes := strings.Fields(string(out))
	for _, hash := range hashes {
		if !h.repo.validHash(hash) {
			return nil, fmt.Errorf("git listed %.80q among the commits", hash)
		}
	}
	return hashes, nil
}

// leadsTo reports whether the history contains an earlier commit. One that the
// clone has no more, as after a forced push, it does not.
func (h *History) leadsTo(ctx context.Context, earlier string) bool {
	_, err := h.repo.objects.output(ctx, 1<<10, "merge-base", "--is-ancestor", earlier, h.commit)
	return err == nil
}

// listKey is the list's key in the cache; a commit's is its id.
const listKey = "rev-list"

// listed is the list that the cache has, of whatever commit stands first.
func (h *History) listed() []string {
	if h.cache == nil {
		return nil
	}
	encoded, ok := h.cache.Get(listKey)
	if !ok {
		return nil
	}
	return decodeHashes(encoded, h.repo.hexLen)
}

type chunk struct {
	commits []rampforge.Commit
	err     error
}

// readAhead reads chunks at the same time and hands them over in their order.
// It ends when ctx does.
func (h *History) readAhead(ctx context.Context, hashes []string) <-chan chan chunk {
	queue := make(chan chan chunk, max(0, min(runtime.GOMAXPROCS(0), 4)-2))
	go func() {
		defer close(queue)
		for part := range slices.Chunk(hashes, chunkCommits) {
			result := make(chan chunk, 1)
			go func() {
				commits, err := h.read(ctx, part)
				result <- chunk{commits, err}
			}()
			select {
			case queue <- result:
			case <-ctx.Done():
				return
			}
		}
	}()
	return queue
}

// read returns the commits of one chunk, those of the cache and the others, in
// order.
func (h *History) read(ctx context.Context, hashes []string) ([]rampforge.Commit, error) {
	commits := make([]rampforge.Commit, 0, len(hashes))
	known := map[string]rampforge.Commit{}
	var unknown []string
	for _, hash := range hashes {
		if c, ok := h.cached(hash); ok {
			known[hash] = c
		} else {
			unknown = append(unknown, hash)
		}
	}
	read, err := h.readUnknown(ctx, unknown)
	if err != nil {
		return nil, err
	}
	for _, hash := range hashes {
		if c, ok := known[hash]; ok {
			commits = append(commits, c)
			continue
		}
		commits = append(commits, read[0])
		read = read[1:]
	}
	return commits, nil
}

func (h *History) cached(hash string) (rampforge.Commit, bool) {
	if h.cache == nil {
		return rampforge.Commit{}, false
	}
	encoded, ok := h.cache.Get(hash)
	if !ok {
		return rampforge.Commit{}, false
	}
	c, err := DecodeCommit(encoded)
	if err != nil || c.Hash != hash {
		return rampforge.Commit{}, false // of another version, or damaged
	}
	for _, p := range []*rampforge.Signature{&c.Author, &c.Committer} {
		p.Name, p.Email = h.people.intern(p.Name), h.people.intern(p.Email)
	}
	return c, true
}

// readUnknown reads commits with git, all of them and in order. Where a blob
// is missing that would have to be compared, the commit is read again by ids
// alone, and after a few of those the rest of the chunk: each one costs two
// processes. Where a tree or a commit is missing, the history is at an end.
func (h *History) readUnknown(ctx context.Context, hashes []string) ([]rampforge.Commit, error) {
	commits := make([]rampforge.Commit, 0, len(hashes))
	for failures := 0; len(commits) < len(hashes); failures++ {
		rest := hashes[len(commits):]
		part, err := h.diffTree(ctx, rest, similarity)
		commits = append(commits, part...)
		h.keep(part)
		if err == nil {
			break
		}
		if !lacksBlob(err) {
			return nil, err
		}
		rest = rest[len(part):]
		if failures < maxFailures {
			rest = rest[:1]
		}
		part, err = h.diffTree(ctx, rest, identical)
		if err != nil {
			return nil, err
		}
		commits = append(commits, part...)
		h.missing.Add(int64(len(part)))
	}
	return commits, nil
}

// lacksBlob tells that git wanted to read an object that is not there.
func lacksBlob(err error) bool {
	exit, ok := asExit(err)
	return ok && Reason(err) == ReasonCorrupt && strings.Contains(exit.stderr, "unable to read")
}

func (h *History) keep(commits []rampforge.Commit) {
	if h.cache == nil {
		return
	}
	for i := range commits {
		h.cache.Put(commits[i].Hash, EncodeCommit(nil, &commits[i]))
	}
}

// diffTree reads commits in one process. With an error it returns those that
// were whole before it.
func (h *History) diffTree(ctx context.Context, hashes []string, renames string) ([]rampforge.Commit, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	// The plumbing command, since log obeys a configuration that can run programs.
	run, err := h.repo.objects.start(ctx, "diff-tree", "--stdin", "-r", "-z", "--name-status", renames, renameLimit,
		"--root", "--always", "--no-notes", "--encoding=UTF-8", "--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "--no-relative", "-O"+os.DevNull, logFormat)
	if err != nil {
		return nil, err
	}
	go func() {
		var input bytes.Buffer
		for _, hash := range hashes {
			input.WriteString(hash)
			input.WriteByte('\n')
		}
		_, _ = run.stdin.Write(input.Bytes()) // git that ends early says why by itself
		_ = run.stdin.Close()
	}()
	log := logReader{in: bufio.NewReaderSize(run.stdout, 256<<10), hexLen: h.repo.hexLen, people: h.people}
	commits := make([]rampforge.Commit, 0, len(hashes))
	for {
		c, err := log.next()
		switch {
		case errors.Is(err, io.EOF) && len(commits) == len(hashes):
			return commits, run.wait()
		case err != nil:
			return commits, run.endedEarly(err)
		case len(commits) == len(hashes) || c.Hash != hashes[len(commits)]:
			// git passes over a commit that it cannot read.
			run.kill()
			return nil, fault(ReasonCorrupt, nil, "%s is damaged or lacks objects: commit %s cannot be read. Run git fsck on it, or clone it anew.", h.repo.objects.what, hashes[min(len(commits), len(hashes)-1)])
		}
		if h.repo.shallow[c.Hash] || len(c.Parents) > 1 {
			c.Changes = nil
		}
		commits = append(commits, c)
	}
}
