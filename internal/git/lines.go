package git

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// largestCompared is the size from which on a file counts as one without lines:
// it is no code that somebody wrote, and comparing it could take very long.
const largestCompared = "1m"

// linesKey begins the keys of the cache for how many lines a commit changes.
const linesKey = "lines "

// Lines tells for each of these commits how many lines it adds and deletes, in
// text files of less than 1 MiB and with renames found as Commits finds them. It
// reads contents, which takes many times as long as Commits does for a commit: ask
// for few. It is nil without an error when the clone is shallow or lacks contents.
func (h *History) Lines(ctx context.Context, commits []string) ([]int64, error) {
	if len(h.repo.shallow) > 0 {
		return nil, nil
	}
	lines := make([]int64, len(commits))
	var unknown []string
	for i, hash := range commits {
		n, ok := h.cachedLines(hash)
		if lines[i] = n; !ok {
			lines[i] = -1
			unknown = append(unknown, hash)
		}
	}
	read, err := h.readLines(ctx, unknown)
	if lacksBlob(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range lines {
		if lines[i] >= 0 {
			continue
		}
		lines[i], read = read[0], read[1:]
		if h.cache != nil {
			h.cache.Put(linesKey+commits[i], binary.AppendUvarint(nil, uint64(lines[i]))) //nolint:gosec // not negative
		}
	}
	return lines, nil
}

func (h *History) cachedLines(hash string) (int64, bool) {
	if h.cache == nil {
		return 0, false
	}
	encoded, ok := h.cache.Get(linesKey + hash)
	if !ok {
		return 0, false
	}
	v, n := binary.Uvarint(encoded)
	return int64(v), n == len(encoded) && n > 0 && v <= maxLines //nolint:gosec // checked
}

// maxLines is more lines than a commit can change; sums stop there.
const maxLines = 1 << 40

// readLines reads the sums in one process, in the order of the commits.
func (h *History) readLines(ctx context.Context, commits []string) ([]int64, error) {
	if len(commits) == 0 {
		return nil, nil
	}
	for _, hash := range commits {
		if !h.repo.validHash(hash) {
			return nil, fault(ReasonRefNotFound, nil, "%q is no id of a commit.", hash)
		}
	}
	objects := *h.repo.objects
	objects.config = append(slices.Clip(objects.config), setting{"core.bigFileThreshold", largestCompared})
	run, err := objects.start(ctx, "diff-tree", "--stdin", "-r", "-z", "--numstat", similarity, renameLimit,
		"--root", "--always", "--no-notes", "--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "--no-relative", "-O"+os.DevNull, "--format=tformat:%H%x00")
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = run.stdin.Write([]byte(strings.Join(commits, "\n") + "\n")) // git that ends early says why by itself
		_ = run.stdin.Close()
	}()
	sums, err := readNumstat(bufio.NewReaderSize(run.stdout, 64<<10), commits)
	if err != nil {
		return nil, run.endedEarly(err)
	}
	return sums, run.wait()
}

// readNumstat sums what git printed for each commit: its id, and for each file
// the lines added, the lines deleted and the path, or of a rename two paths in
// fields of their own. A binary file has dashes.
func readNumstat(in *bufio.Reader, commits []string) ([]int64, error) {
	sums := make([]int64, 0, len(commits))
	var buffer []byte
	for {
		token, err := readToken(in, buffer[:0])
		if errors.Is(err, io.EOF) {
			if len(sums) < len(commits) {
				return nil, io.ErrUnexpectedEOF
			}
			return sums, nil
		}
		if err != nil {
			return nil, err
		}
		buffer = token[:0]
		token = bytes.TrimLeft(token, "\n")
		if len(token) == 0 {
			continue
		}
		if len(sums) < len(commits) && string(token) == commits[len(sums)] {
			sums = append(sums, 0)
			continue
		}
		fields := bytes.SplitN(token, []byte("\t"), 3)
		if len(fields) < 3 || len(sums) == 0 {
			return nil, fmt.Errorf("git printed %.80q in place of a number of lines", token)
		}
		for _, field := range fields[:2] {
			n, err := strconv.ParseInt(string(field), 10, 64)
			if err == nil && n >= 0 {
				sums[len(sums)-1] = min(sums[len(sums)-1]+min(n, maxLines), maxLines)
			} else if string(field) != "-" {
				return nil, fmt.Errorf("git printed %.80q in place of a number of lines", token)
			}
		}
		if len(fields[2]) == 0 {
			for range 2 {
				if buffer, err = readToken(in, buffer[:0]); err != nil {
					return nil, unexpected(err)
				}
			}
		}
	}
}
