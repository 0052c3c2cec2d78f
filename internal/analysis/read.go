package analysis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/calls/gocalls"
	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/feature"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// inFlight bounds the bytes of content that wait for a worker.
const inFlight = 64 << 20

// reading is the pass over the files of a tree.
type reading struct {
	tree       Tree
	options    Options
	attributes *source.Attributes
	parsers    map[string]language.Parser // by Linguist's name
	versions   string                     // of everything that facts depend on but the file itself
	files      []source.File
	mailmap    []byte
	keep       map[string]bool   // paths whose content is kept
	kept       map[string][]byte // by path
	goSources  map[string][]byte // by path: what was read of Go, until its types are; nil beyond gocalls.MaxBytes
	goBytes    int

	mu   sync.Mutex // guards done and kept
	done int64
	all  int64

	telling sync.Mutex
}

// newReading reads what has to be known before everything else: attributes and
// the .mailmap.
func newReading(ctx context.Context, tree Tree, o Options) (*reading, error) {
	r := &reading{tree: tree, options: o, parsers: map[string]language.Parser{}, keep: map[string]bool{}, kept: map[string][]byte{}}
	if !o.ReportOnly {
		r.goSources = map[string][]byte{}
	}
	versions := []string{source.Version}
	for _, p := range o.Parsers {
		versions = append(versions, p.Version())
		for _, name := range p.Languages() {
			r.parsers[name] = p
		}
	}
	if err := r.readAttributes(ctx, &versions); err != nil {
		return nil, err
	}
	// A short one, for it stands in every key.
	all := sha256.Sum256([]byte(strings.Join(versions, " ")))
	r.versions = string(all[:8])
	return r, nil
}

// readFiles says what every file of the tree is, and keeps the content of
// those that manifests and documents need.
func (r *reading) readFiles(ctx context.Context) error {
	r.chooseKept()
	toRead, err := r.classify(ctx)
	if err != nil {
		return err
	}
	return r.read(ctx, toRead)
}

// readAttributes reads .gitattributes, which decide what is read, and .mailmap.
func (r *reading) readAttributes(ctx context.Context, versions *[]string) error {
	const most = 100
	var paths, ids []string
	sum := sha256.New()
	for _, f := range r.tree.Files() {
		switch {
		case source.IsAttributes(f.Path) && f.Size >= 0 && f.Size <= 64<<10 && len(ids) < most:
			paths, ids = append(paths, f.Path), append(ids, f.Blob)
			sum.Write([]byte(f.Blob))
		case f.Path == mailmapPath && regular(f) && f.Size >= 0 && f.Size <= r.options.Limits.FileBytes:
			paths, ids = append(paths, f.Path), append(ids, f.Blob)
		}
	}
	contents := map[string][]byte{}
	n := 0
	err := r.tree.Blobs(ctx, ids, func(_ string, content []byte) error {
		contents[paths[n]] = bytes.Clone(content)
		n++
		return nil
	})
	if err != nil {
		return err
	}
	r.mailmap = contents[mailmapPath]
	delete(contents, mailmapPath)
	r.attributes = source.ReadAttributes(contents)
	r.attributes.Weigh(func(yield func(string) bool) {
		for _, f := range r.tree.Files() {
			if !yield(f.Path) {
				return
			}
		}
	})
	*versions = append(*versions, hex.EncodeToString(sum.Sum(nil)[:6]))
	return nil
}

// mailmapPath is where git itself looks for the file.
const mailmapPath = ".mailmap"

// maxReadmes bounds the READMEs of folders that are read for the components.
const maxReadmes = 500

// maxKept bounds the bytes of all contents that are kept. The lists that fill
// it come nearest to the root first.
const maxKept = 64 << 20

func (r *reading) chooseKept() {
	var paths, always, readmes []string
	sizes := map[string]int64{}
	for _, f := range r.tree.Files() {
		if !regular(f) || f.Size < 0 || f.Size > r.options.Limits.FileBytes {
			continue
		}
		paths = append(paths, f.Path)
		sizes[f.Path] = f.Size
		if isCoverage(f.Path) {
			always = append(always, f.Path)
		}
		if isReadme(f.Path) && len(readmes) < maxReadmes {
			readmes = append(readmes, f.Path)
		}
	}
	room := int64(maxKept)
	for _, p := range slices.Concat(always, manifest.Select(paths), document.Select(paths), readmes, feature.Select(paths)) {
		if !r.keep[p] && sizes[p] <= room {
			r.keep[p] = true
			room -= sizes[p]
		}
	}
}

func regular(f rampforge.TreeFile) bool {
	return f.Mode == rampforge.ModeFile || f.Mode == rampforge.ModeExecutable
}

func isReadme(filePath string) bool {
	name := strings.ToLower(path.Base(filePath))
	return name == "readme.md" || name == "readme.rst" || name == "readme.txt" || name == "readme" || name == "readme.adoc"
}

// survey says what paths and the cache tell, on all cores: a path is held
// against some hundred patterns, unless facts are kept under it. hit tells the
// files that the cache had.
func (r *reading) survey(ctx context.Context, all []rampforge.TreeFile) (hit []bool, err error) {
	r.files, hit = make([]source.File, len(all)), make([]bool, len(all))
	workers := r.workers()
	group, ctx := errgroup.WithContext(ctx)
	for w := range workers {
		group.Go(func() error {
			for i := w; i < len(all); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				r.files[i].TreeFile = all[i]
				// What lies beside a file in a doubtful folder decides whether it is read.
				doubtful := source.MayBeDoubtful(all[i].Path)
				if doubtful {
					r.files[i] = source.ByPath(all[i], r.attributes, r.options.Limits.FileBytes)
				}
				hit[i] = r.files[i].Skip == "" && r.fromCache(&r.files[i])
				if !hit[i] && !doubtful {
					r.files[i] = source.ByPath(all[i], r.attributes, r.options.Limits.FileBytes)
				}
			}
			return nil
		})
	}
	return hit, group.Wait()
}

// fromCache fills in a file whose facts are kept. One whose content is wanted
// is read all the same.
func (r *reading) fromCache(f *source.File) bool {
	if r.options.Facts == nil || r.keep[f.Path] || !regular(f.TreeFile) || f.Size < 0 || f.Size > r.options.Limits.FileBytes {
		return false
	}
	cached, ok := r.options.Facts.Get(r.key(f))
	return ok && decodeFile(cached, f) == nil
}

func (r *reading) workers() int {
	if r.options.Workers > 0 {
		return r.options.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// classify fills files by what is known before reading, and returns the
// places of those to read, within the limits.
func (r *reading) classify(ctx context.Context) ([]int, error) {
	all, limits := r.tree.Files(), r.options.Limits
	hit, err := r.survey(ctx, all)
	if err != nil {
		return nil, err
	}
	var toRead []int
	var count int
	var size int64
	for i, t := range all {
		f := &r.files[i]
		within := count < limits.Files && size+t.Size <= limits.TotalBytes
		if (hit[i] || f.Skip == "") && !within {
			// Decided in the order of paths, never by time or by what the cache has, so
			// that a report over the limits is still the same each time.
			*f, hit[i] = source.ByPath(t, r.attributes, limits.FileBytes), false
			f.Skip = report.SkipBudget
		}
		if hit[i] || f.Skip == "" || r.keep[t.Path] {
			count++
			size += t.Size
		}
		if !hit[i] && (f.Skip == "" || r.keep[t.Path]) {
			toRead = append(toRead, i)
		}
	}
	r.all, r.done = int64(count), int64(count-len(toRead))
	return toRead, nil
}

// key is what the facts of a file are kept under: everything that they depend
// on.
func (r *reading) key(f *source.File) string {
	return r.versions + "\x00" + f.Blob + "\x00" + f.Path
}

// read reads files and parses them on all cores.
func (r *reading) read(ctx context.Context, toRead []int) error {
	type job struct {
		at      int
		content []byte
	}
	jobs := make(chan job)
	room := semaphore.NewWeighted(inFlight)
	group, ctx := errgroup.WithContext(ctx)
	for range r.workers() {
		group.Go(func() error {
			for j := range jobs {
				r.readOne(ctx, j.at, j.content)
				room.Release(weight(j.content))
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(jobs)
		ids := make([]string, len(toRead))
		for n, i := range toRead {
			ids[n] = r.files[i].Blob
		}
		n := 0
		return r.tree.Blobs(ctx, ids, func(_ string, content []byte) error {
			j := job{toRead[n], bytes.Clone(content)}
			n++
			if err := room.Acquire(ctx, weight(j.content)); err != nil {
				return err
			}
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	return group.Wait()
}

// weight is what a content costs of inFlight; a huge one costs all of it.
func weight(content []byte) int64 { return min(int64(len(content))+1, inFlight) }

func (r *reading) advance() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	if r.done%64 == 0 || r.done == r.all {
		r.tell(rampforge.Progress{Done: r.done, Total: r.all, Unit: "files", Stage: "reading files"})
	}
}

// tell tells of the progress, from one goroutine at a time.
func (r *reading) tell(p rampforge.Progress) {
	if r.options.Progress == nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.options.Progress(p)
}

// readOne reads one file. It writes to a place of its own.
func (r *reading) readOne(ctx context.Context, at int, content []byte) {
	defer r.advance()
	f := &r.files[at]
	if r.keep[f.Path] && content != nil {
		r.mu.Lock()
		r.kept[f.Path] = content
		r.mu.Unlock()
	}
	r.keepGo(f.Path, content)
	if f.Skip != "" {
		return // it was read for its content only
	}
	*f = source.Read(*f, content, r.attributes)
	cacheable, parsed := true, false
	// Test data in a programming language may be broken on purpose, and nothing
	// imports it.
	if parser := r.parsers[f.Language]; parser != nil && f.Skip == "" && !f.TestData {
		parsed = true
		if !r.fromTwin(f) {
			cacheable = r.parse(ctx, parser, f, content)
		}
	}
	// Read from their encoding, the facts take as much memory as they have to: all
	// texts are parts of one, and no list is longer than what it holds.
	encoded := encodeFile(f)
	if err := decodeFile(encoded, f); err != nil {
		f.Facts, f.Skip = nil, report.SkipParseFailed // never: it was encoded just now
	}
	if r.options.Facts != nil && cacheable && f.Skip != report.SkipMissing {
		r.options.Facts.Put(r.key(f), encoded)
		if parsed {
			r.options.Facts.Put(r.twinKey(f), []byte(f.Path))
		}
	}
}

// twinKey is where the path of a parsed file stands whose facts are those of f:
// the same content in the same language at a path of the same shape.
func (r *reading) twinKey(f *source.File) string {
	return strings.Join([]string{r.versions, f.Blob, f.Language, language.PathShape(f.Path)}, "\x00")
}

// fromTwin takes the facts of a file that was parsed before at another path.
func (r *reading) fromTwin(f *source.File) bool {
	if r.options.Facts == nil {
		return false
	}
	where, ok := r.options.Facts.Get(r.twinKey(f))
	if !ok {
		return false
	}
	twin := source.File{TreeFile: f.TreeFile}
	twin.Path = string(where)
	kept, ok := r.options.Facts.Get(r.key(&twin))
	if !ok || decodeFile(kept, &twin) != nil || twin.Language != f.Language {
		return false
	}
	switch {
	case twin.Facts != nil:
		take(f, twin.Facts)
	case twin.Skip == report.SkipParseFailed:
		f.Skip = twin.Skip
	default:
		return false
	}
	return true
}

// keepGo keeps the source of a Go file, so that it is not read again for its
// types.
func (r *reading) keepGo(filePath string, content []byte) {
	if path.Ext(filePath) != ".go" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.goBytes += len(content); r.goBytes > gocalls.MaxBytes {
		r.goSources = nil
	}
	if r.goSources != nil && content != nil {
		r.goSources[filePath] = content
	}
}

// parse reads functions and imports. It reports whether what it found holds
// for the next time too: a parser that ran out of time may do better then.
func (r *reading) parse(ctx context.Context, parser language.Parser, f *source.File, content []byte) bool {
	bounded, cancel := context.WithTimeout(ctx, r.options.Limits.ParseTime)
	defer cancel()
	facts, err := parser.Parse(bounded, language.PathShape(f.Path), content)
	if err != nil {
		f.Skip = report.SkipParseFailed
		return !errors.Is(bounded.Err(), context.DeadlineExceeded) && ctx.Err() == nil
	}
	take(f, facts)
	return true
}

func take(f *source.File, facts *language.Facts) {
	f.Facts = facts
	f.Test = f.Test || facts.Test
}
