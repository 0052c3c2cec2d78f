package git

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Within reports whether path lies in one of the roots. Links in the roots are
// followed; those in path are the caller's to follow.
func Within(path string, roots []string) bool {
	for _, root := range roots {
		if inside(path, root) {
			return true
		}
		if resolved, err := filepath.EvalSymlinks(root); err == nil && inside(path, resolved) {
			return true
		}
	}
	return false
}

func inside(path, root string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// readParts is what is read of a git folder. Hooks and the like may be links to anywhere.
var readParts = []string{"HEAD", "config", "packed-refs", "shallow", "refs", "reftable", "objects"}

// checkWithin refuses a repository that has anything read from outside the
// roots: a git folder elsewhere, one shared with it, a link, an object store
// that it borrows. Without roots everything is allowed.
func checkWithin(gitDir, shown string, roots []string) error {
	if len(roots) == 0 {
		return nil
	}
	common, err := commonDir(gitDir)
	if err != nil {
		return openFault(err, shown)
	}
	c := boundary{roots: roots, shown: shown, seen: map[string]bool{}, stores: map[string]bool{}}
	for _, dir := range []string{gitDir, common} {
		resolved, err := c.resolve(dir)
		if err != nil {
			return err
		}
		if resolved == "" {
			continue
		}
		for _, part := range readParts {
			if err := c.check(filepath.Join(resolved, part)); err != nil {
				return err
			}
		}
		if err := c.checkStore(filepath.Join(resolved, "objects")); err != nil {
			return err
		}
	}
	return nil
}

// boundary is what a repository's reading may not cross.
type boundary struct {
	roots  []string
	shown  string
	seen   map[string]bool // what was walked, by resolved path
	stores map[string]bool // object stores whose alternates were read
}

// resolve follows the links of a path that is read. It is "" where nothing is.
func (b *boundary) resolve(path string) (string, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", openFault(err, b.shown)
	}
	if !Within(resolved, b.roots) {
		return "", fault(ReasonPermissionDenied, nil, "%s reads from a folder outside those that LOCAL_REPOSITORY_ROOTS allows: give a repository that lies in them with all its objects.", b.shown)
	}
	return resolved, nil
}

// check follows path and every link below it.
func (b *boundary) check(path string) error {
	resolved, err := b.resolve(path)
	if err != nil || resolved == "" || b.seen[resolved] {
		return err
	}
	b.seen[resolved] = true
	return filepath.WalkDir(resolved, func(p string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return openFault(err, b.shown)
		case entry.Type()&fs.ModeSymlink != 0:
			return b.check(p)
		}
		return nil
	})
}

// checkStore checks the object stores that one borrows from, and theirs.
func (b *boundary) checkStore(store string) error {
	if b.stores[store] {
		return nil
	}
	b.stores[store] = true
	content, err := os.ReadFile(filepath.Join(store, "info", "alternates"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return openFault(err, b.shown)
	}
	for line := range strings.Lines(string(content)) {
		other := strings.TrimSuffix(line, "\n")
		switch {
		case other == "" || strings.HasPrefix(other, "#"):
			continue
		case strings.HasPrefix(other, `"`): // git would unquote it; none of its commands writes it so
			return fault(ReasonPermissionDenied, nil, "%s borrows objects from a quoted path: write it without quotes in objects/info/alternates.", b.shown)
		case !filepath.IsAbs(other):
			other = filepath.Join(store, other)
		}
		resolved, err := b.resolve(other)
		if err != nil {
			return err
		}
		if resolved == "" {
			continue
		}
		if err := b.check(resolved); err != nil {
			return err
		}
		if err := b.checkStore(resolved); err != nil {
			return err
		}
	}
	return nil
}
