package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/rampforgeai/rampforge"
)

// Limits bound one clone or fetch. Zero is no limit.
type Limits struct {
	Timeout  time.Duration
	MaxBytes int64 // of the mirror on disk
}

const (
	// marker is the file that tells a mirror of ours from any other folder, so
	// that nothing else is ever replaced.
	marker = "rampforge-mirror"
	// watchInterval is how often a growing mirror is measured.
	watchInterval = 250 * time.Millisecond
	// maxPacks is the number of packs above which they are put together.
	maxPacks  = 20
	lockRetry = 100 * time.Millisecond
)

// Fetch brings the mirror at dir up to date with a remote, clones it when there
// is none, and opens it. It has the remote's branches and tags and nothing
// else; its HEAD is the remote's default branch. One process at a time works
// on a mirror, others wait. A clone that is killed leaves nothing that is
// later taken for a mirror, and a fetch that is killed leaves the mirror as it
// was. A damaged mirror is cloned anew.
//
// An error is a *rampforge.Error whose details hold a reason, or wraps the
// cause of a cancelled ctx.
func Fetch(ctx context.Context, dir string, from Remote, limits Limits, report func(rampforge.Progress)) (*Repository, error) {
	if err := from.check(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the mirror's folder: %w", err)
	}
	if limits.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limits.Timeout, errTimeout)
		defer cancel()
	}
	unlock, err := lock(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := fetch(ctx, dir, from, limits, report); err != nil {
		return nil, err
	}
	return open(ctx, dir, from.name())
}

// removeMirror renames first, so that a half-deleted mirror is never opened.
func removeMirror(dir string) error {
	gone := temporary(dir) + "gone"
	if err := os.Rename(dir, gone); err != nil {
		return classify(err, dir)
	}
	return classify(os.RemoveAll(gone), dir)
}

func isMirror(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, marker))
	return err == nil
}

// temporary is the beginning of the names of what is removed when nobody holds
// the lock.
func temporary(dir string) string { return dir + ".tmp-" }

// lock waits until no other process works on the mirror at dir.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, classify(err, dir)
	}
	l := flock.New(dir+".lock", flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, lockRetry); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, classify(err, dir)
	}
	return func() { _ = l.Close() }, nil // closing a file that we only lock cannot lose anything
}

func fetch(ctx context.Context, dir string, from Remote, limits Limits, report func(rampforge.Progress)) error {
	progressOf(report, rampforge.Progress{Stage: "fetch"})
	if err := removeTemporary(dir); err != nil {
		return err
	}
	probe := from.program(filepath.Join(dir, "none"))
	refs, err := from.listRemote(ctx, probe)
	if err != nil {
		from, refs, err = from.followRedirect(ctx, err)
	}
	if err != nil {
		return err
	}
	f := fetcher{remote: from, refs: refs, limits: limits, report: report}
	switch _, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return f.clone(ctx, dir)
	case err != nil:
		return classify(err, dir)
	case !isMirror(dir):
		return fault(ReasonPermissionDenied, nil, "The folder %s exists and is no mirror of this program: remove it or choose another.", dir)
	}
	err = f.update(ctx, dir)
	if reason := Reason(err); reason != ReasonCorrupt && reason != ReasonNotARepository {
		return err
	}
	return f.clone(ctx, dir) // takes the place of the damaged one once it is whole
}

// followRedirect follows a host that sends to another path of itself, as for a
// repository that was renamed or whose address lacks .git. Where a redirect
// leads to another host, a person has to decide.
func (r Remote) followRedirect(ctx context.Context, cause error) (Remote, remoteRefs, error) {
	exit, ok := errors.AsType[*exitError](cause)
	if !ok || !redirectWords.MatchString(exit.stderr) || r.URL == "" {
		return r, remoteRefs{}, cause
	}
	to := r.probe(ctx).location
	if to == "" {
		return r, remoteRefs{}, fault(ReasonUnreachable, cause, "%s sends to another address, which is not followed: open it in a browser and use the address that it leads to.", r.URL)
	}
	if origin(to) != origin(r.URL) || to == r.URL {
		return r, remoteRefs{}, fault(ReasonUnreachable, cause, "%s sends to %s, which is not followed: use that address if you trust it.", r.URL, to)
	}
	r.URL = to
	refs, err := r.listRemote(ctx, r.program(os.DevNull))
	return r, refs, err
}

var redirectWords = regexp.MustCompile(`returned error: 3\d\d|unable to update url base from redirection`)

// fetcher is one clone or fetch.
type fetcher struct {
	remote Remote
	refs   remoteRefs
	limits Limits
	report func(rampforge.Progress)
}

// clone fills a folder beside dir and renames it when it is whole.
func (f *fetcher) clone(ctx context.Context, dir string) error {
	temp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(temporary(dir))+"*")
	if err != nil {
		return classify(err, dir)
	}
	defer os.RemoveAll(temp)
	p := f.remote.program(temp)
	format := "sha1"
	for _, hash := range f.refs.hashes {
		if len(hash) == 64 {
			format = "sha256"
		}
	}
	if _, err := p.output(ctx, 1<<16, "init", "--quiet", "--bare", "--template=", "--object-format="+format, temp); err != nil {
		return err
	}
	if err := f.update(ctx, temp); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(temp, marker), []byte("A mirror that RampForge keeps. It may be removed at any time.\n"), 0o600); err != nil {
		return classify(err, dir)
	}
	if isMirror(dir) {
		if err := removeMirror(dir); err != nil {
			return err
		}
	}
	return classify(os.Rename(temp, dir), dir)
}

// update fetches into an existing folder.
func (f *fetcher) update(ctx context.Context, dir string) error {
	if err := removeLocks(dir); err != nil {
		return err
	}
	ctx, stop := f.watch(ctx, dir)
	defer stop()
	p := f.remote.program(dir)
	args := append([]string{
		"fetch", "--force", "--prune", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
		"--no-auto-maintenance", "--update-shallow", "--progress",
	}, f.remote.uploadPack()...)
	run, err := p.start(ctx, append(args, "--", f.remote.name(), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")...)
	if err != nil {
		return err
	}
	run.stderr.setWatch(scanProgress(func(done, total int64, what string) {
		progressOf(f.report, rampforge.Progress{Done: done, Total: total, Unit: "objects", Stage: strings.ToLower(what)})
	}))
	_ = run.stdin.Close()
	_, _ = io.Copy(io.Discard, run.stdout)
	if err := run.wait(); err != nil {
		return err
	}
	if head := f.refs.defaultBranch(); head != "" {
		if _, err := p.output(ctx, 1<<16, "symbolic-ref", "HEAD", head); err != nil {
			return err
		}
	}
	if f.tooLarge(dir) {
		return classify(errTooLarge, f.remote.name())
	}
	return compact(ctx, p, dir)
}

// compact joins packs when fetches left many, without dropping an object, so
// that whoever reads meanwhile finds everything.
func compact(ctx context.Context, p *program, dir string) error {
	packs, err := filepath.Glob(filepath.Join(globEscape(dir), "objects", "pack", "*.pack"))
	if err != nil || len(packs) <= maxPacks {
		return err
	}
	_, err = p.output(ctx, 1<<16, "repack", "--quiet", "--geometric=2", "-d")
	return err
}

// watch returns a context that ends when the folder outgrows its limit.
func (f *fetcher) watch(ctx context.Context, dir string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if f.limits.MaxBytes <= 0 {
		return ctx, func() { cancel(nil) }
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(watchInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if f.tooLarge(dir) {
					cancel(errTooLarge)
					return
				}
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-ended
	}
}

func (f *fetcher) tooLarge(dir string) bool {
	return f.limits.MaxBytes > 0 && size(dir) > f.limits.MaxBytes
}

// size adds up the files of a folder, as far as they can be seen: files come
// and go while git works.
func size(dir string) int64 {
	var total int64
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // gone meanwhile
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}

// removeTemporary removes what dead clones left. The lock is held, so none is
// alive.
func removeTemporary(dir string) error {
	left, err := filepath.Glob(globEscape(temporary(dir)) + "*")
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return classify(err, dir)
}

// removeLocks removes the lock files and half-written packs that a killed git
// left. The lock of the mirror is held, so no git works on it. No branch's name
// can end in .lock.
func removeLocks(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), "tmp_objdir-") || strings.HasPrefix(entry.Name(), "incoming-")):
			if err := os.RemoveAll(path); err != nil { //nolint:gosec // the folder is ours, and so is its lock
				return err
			}
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case strings.HasSuffix(path, ".lock"), strings.HasPrefix(entry.Name(), "tmp_") && strings.Contains(path, "objects"):
			return os.Remove(path) //nolint:gosec // the folder is ours, and so is its lock
		}
		return nil
	})
	return classify(err, dir)
}

// progressLine is "Receiving objects:  12% (34/280), 1.20 MiB | 2 MiB/s".
var progressLine = regexp.MustCompile(`^(Receiving objects|Resolving deltas):\s+\d+% \((\d+)/(\d+)\)`)

func number(digits string) int64 {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0 // longer than a number can be
	}
	return n
}
