// Package evidence holds the files that manifests are read from, and what the
// readers of the single ecosystems find in them. It is pure; it may import
// analysis/report and the shell package beside it.
package evidence

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// File is a kept file of the tree.
type File struct {
	Path    string // slash-separated, from the root of the tree
	Content []byte
}

// Tree is every path of a tree and the content of the kept ones.
type Tree struct {
	paths    []string // sorted
	has      map[string]bool
	dirs     map[string]bool
	kept     []string // by depth, then path
	contents map[string][]byte
	named    map[string][]string // base name → kept paths, in the order of kept
}

// NewTree indexes a tree. Files that are not among the paths are added to them.
func NewTree(paths []string, files []File) *Tree {
	t := &Tree{
		has: make(map[string]bool, len(paths)), dirs: map[string]bool{".": true},
		contents: make(map[string][]byte, len(files)), named: map[string][]string{},
	}
	for _, p := range paths {
		t.add(p)
	}
	for _, f := range files {
		if _, ok := t.contents[f.Path]; ok {
			continue
		}
		t.add(f.Path)
		t.contents[f.Path] = f.Content
		t.kept = append(t.kept, f.Path)
	}
	slices.Sort(t.paths)
	slices.SortFunc(t.kept, ByDepth)
	for _, p := range t.kept {
		base := path.Base(p)
		t.named[base] = append(t.named[base], p)
	}
	return t
}

func (t *Tree) add(p string) {
	if t.has[p] {
		return
	}
	t.has[p] = true
	t.paths = append(t.paths, p)
	for d := path.Dir(p); !t.dirs[d]; d = path.Dir(d) {
		t.dirs[d] = true
		if d == "/" {
			return
		}
	}
}

// ByDepth orders paths by how deep they lie, then as bytes: what stands near
// the root speaks for more of the tree.
func ByDepth(a, b string) int {
	return cmp.Or(cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), cmp.Compare(a, b))
}

// Has reports whether a file is in the tree.
func (t *Tree) Has(p string) bool { return t.has[p] }

// HasDir reports whether a folder is in the tree.
func (t *Tree) HasDir(dir string) bool { return t.dirs[dir] }

// Content returns the content of a kept file, nil for every other.
func (t *Tree) Content(p string) []byte { return t.contents[p] }

// Kept returns the kept files, nearest to the root first.
func (t *Tree) Kept() []string { return t.kept }

// Named returns the kept files with one of these base names, nearest to the
// root first.
func (t *Tree) Named(names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, t.named[n]...)
	}
	if len(names) > 1 {
		slices.SortFunc(out, ByDepth)
	}
	return out
}

// Matching returns the kept files that a test accepts, nearest to the root
// first.
func (t *Tree) Matching(accept func(p string) bool) []string {
	var out []string
	for _, p := range t.kept {
		if accept(p) {
			out = append(out, p)
		}
	}
	return out
}

// Under returns the paths below a folder, sorted. The result shares memory
// with the tree: it is to read only.
func (t *Tree) Under(dir string) []string {
	if dir == "." || dir == "" {
		return t.paths
	}
	prefix := dir + "/"
	from, _ := slices.BinarySearch(t.paths, prefix)
	// "0" follows "/" in ASCII.
	to, _ := slices.BinarySearch(t.paths, dir+"0")
	return t.paths[from:to]
}

// FirstExisting returns the first of the paths that is a file of the tree, "".
func (t *Tree) FirstExisting(paths ...string) string {
	for _, p := range paths {
		if t.has[p] {
			return p
		}
	}
	return ""
}

// Join resolves a relative path against a folder. It returns "" for what is
// absolute, empty or leaves the tree.
func Join(dir, rel string) string {
	rel = strings.TrimPrefix(strings.ReplaceAll(rel, "\\", "/"), "./")
	if rel == "" || path.IsAbs(rel) {
		if rel == "" {
			return path.Clean(dir)
		}
		return ""
	}
	joined := path.Join(dir, rel)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return ""
	}
	return joined
}
