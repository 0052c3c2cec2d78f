package git

import (
	"context"
	"fmt"
	"strings"
)

// maxBlame bounds what git says of some lines.
const maxBlame = 16 << 20

// Blame returns, for each of some lines of a file at a commit, the commit that
// wrote it; changes of white space alone do not count. Lines are counted from 1,
// both ends included.
func (r *Repository) Blame(ctx context.Context, commit, path string, first, last int) ([]string, error) {
	if !r.validHash(commit) {
		return nil, fault(ReasonRefNotFound, nil, "%q is no id of a commit.", commit)
	}
	out, err := r.objects.output(ctx, maxBlame, "blame", "-w", "--porcelain", "-L", fmt.Sprintf("%d,%d", first, last), commit, "--", path)
	if err != nil {
		return nil, err
	}
	var commits []string
	for line := range strings.Lines(string(out)) {
		// Lines of the file begin with a tab, and what is said of a commit with a word.
		if hash, _, ok := strings.Cut(line, " "); ok && r.validHash(hash) {
			commits = append(commits, hash)
		}
	}
	return commits, nil
}

// File reads a file at a commit.
func (r *Repository) File(ctx context.Context, commit, path string) ([]byte, error) {
	if !r.validHash(commit) {
		return nil, fault(ReasonRefNotFound, nil, "%q is no id of a commit.", commit)
	}
	return r.objects.output(ctx, MaxBlob, "cat-file", "blob", commit+":"+path)
}
