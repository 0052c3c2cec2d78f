package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
)

const (
	// maxFiles bounds a tree: a small repository can name billions of files by
	// nesting one folder in many.
	maxFiles = 2_000_000
	// maxToken bounds one path, and every other field that git prints.
	maxToken = 1 << 20
	// MaxBlob is the size in bytes above which a blob's content is not read.
	MaxBlob = 32 << 20
)

// Tree is the tree of one commit.
type Tree struct {
	repo  *Repository
	files []rampforge.TreeFile
}

// Tree reads the tree of a commit, given by its whole id.
func (r *Repository) Tree(ctx context.Context, commit string) (*Tree, error) {
	if !r.validHash(commit) {
		return nil, fault(ReasonRefNotFound, nil, "%q is no id of a commit.", commit)
	}
	run, err := r.objects.start(ctx, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	_ = run.stdin.Close()
	files, err := readTree(bufio.NewReaderSize(run.stdout, 256<<10))
	if err != nil {
		run.kill()
		return nil, classify(errors.Join(context.Cause(ctx), err), r.objects.what)
	}
	if err := run.wait(); err != nil {
		return nil, err
	}
	byPath := func(a, b rampforge.TreeFile) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(files, byPath) { // of trees that git did not write
		slices.SortStableFunc(files, byPath)
	}
	files = slices.CompactFunc(files, func(a, b rampforge.TreeFile) bool { return a.Path == b.Path })
	return &Tree{repo: r, files: files}, nil
}

func readTree(in *bufio.Reader) ([]rampforge.TreeFile, error) {
	var files []rampforge.TreeFile
	var buffer []byte
	for {
		token, err := readToken(in, buffer[:0])
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		buffer = token
		file, err := parseTreeEntry(token)
		if err != nil {
			return nil, err
		}
		if len(files) == maxFiles {
			return nil, fault(ReasonTooLarge, nil, "The tree has more than %d files, which is more than can be read here.", maxFiles)
		}
		files = append(files, file)
	}
}

// parseTreeEntry reads "100644 blob <id>      12\tpath".
func parseTreeEntry(entry []byte) (rampforge.TreeFile, error) {
	head, path, ok := bytes.Cut(entry, []byte("\t"))
	fields := bytes.Fields(head)
	if !ok || len(fields) != 4 {
		return rampforge.TreeFile{}, fmt.Errorf("git printed %.80q for a file of a tree", entry)
	}
	mode, err := strconv.ParseUint(string(fields[0]), 8, 32)
	if err != nil {
		return rampforge.TreeFile{}, fmt.Errorf("git printed the mode %.20q: %w", fields[0], err)
	}
	size, err := strconv.ParseInt(string(fields[3]), 10, 64)
	if err != nil {
		size = -1 // "-" of a submodule, "BAD" of an object that is not there
	}
	return rampforge.TreeFile{Path: string(path), Blob: string(fields[2]), Mode: uint32(mode), Size: size}, nil
}

// Files returns every file, sorted by path as bytes. The slice is shared.
func (t *Tree) Files() []rampforge.TreeFile { return t.files }

// Blobs calls visit with the content of each blob, one call at a time, in the
// order of ids. The content is valid during the call only. It is nil for an
// object that the clone lacks, that is no blob, or that is larger than MaxBlob.
// An error of visit ends it and is returned as it is.
func (t *Tree) Blobs(ctx context.Context, ids []string, visit func(id string, content []byte) error) error {
	for _, id := range ids {
		if !t.repo.validHash(id) {
			return fmt.Errorf("%q is no object id", id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	run, err := t.repo.objects.start(ctx, "cat-file", "--batch", "--buffer")
	if err != nil {
		return err
	}
	go func() { // reads and writes have to overlap: both pipes are small
		w := bufio.NewWriter(run.stdin)
		for _, id := range ids {
			_, _ = w.WriteString(id) // git that ended early says why by itself
			_ = w.WriteByte('\n')
		}
		_ = w.Flush()
		_ = run.stdin.Close()
	}()
	b := blobReader{in: bufio.NewReaderSize(run.stdout, 256<<10)}
	for _, id := range ids {
		content, err := b.next(id)
		if err != nil {
			return run.endedEarly(err)
		}
		if err := visit(id, content); err != nil {
			run.kill()
			return err
		}
	}
	return run.wait()
}

// endedEarly returns git's own reason when its output broke off.
func (r *process) endedEarly(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		r.kill()
		return classify(errors.Join(context.Cause(r.ctx), err), r.program.what)
	}
	if errWait := r.wait(); errWait != nil {
		return errWait
	}
	return fault(ReasonCorrupt, err, "%s is damaged: git stopped reading it half way.", r.program.what)
}

type blobReader struct {
	in     *bufio.Reader
	buffer []byte
}

// next reads one answer of cat-file --batch: "<id> blob <size>\n<content>\n" or
// "<id> missing\n".
func (b *blobReader) next(id string) ([]byte, error) {
	line, err := b.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	fields := bytes.Fields(line)
	if len(fields) < 2 || string(fields[0]) != id {
		return nil, fmt.Errorf("git answered %.80q to the object %s", line, id)
	}
	if len(fields) == 2 {
		return nil, nil
	}
	isBlob := string(fields[1]) == "blob"
	size, err := strconv.Atoi(string(fields[2]))
	if err != nil || size < 0 {
		return nil, fmt.Errorf("git answered the size %.20q to the object %s", fields[2], id)
	}
	if !isBlob || size > MaxBlob {
		_, err := io.CopyN(io.Discard, b.in, int64(size)+1)
		return nil, err
	}
	if cap(b.buffer) < size+1 {
		b.buffer = make([]byte, max(size+1, 64<<10))
	}
	content := b.buffer[:size+1]
	if _, err := io.ReadFull(b.in, content); err != nil {
		return nil, err
	}
	return content[:size:size], nil
}

// readToken appends to buffer what stands before the next NUL. io.EOF means
// that nothing is left; what ends without a NUL is io.ErrUnexpectedEOF.
func readToken(in *bufio.Reader, buffer []byte) ([]byte, error) {
	for {
		part, err := in.ReadSlice(0)
		buffer = append(buffer, part...)
		switch {
		case err == nil && len(buffer) <= maxToken+1:
			return buffer[:len(buffer)-1], nil
		case errors.Is(err, io.EOF) && len(buffer) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(buffer) > maxToken:
			return nil, fmt.Errorf("git printed a field of more than %d bytes", maxToken)
		}
	}
}

// readMessage is readToken for a text that may be long: what lies beyond keep
// bytes is read and dropped.
func readMessage(in *bufio.Reader, buffer []byte, keep int) ([]byte, error) {
	for {
		part, err := in.ReadSlice(0)
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		buffer = append(buffer, part[:min(len(part), max(keep-len(buffer), 0))]...)
		switch {
		case ended:
			return buffer, nil
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}
