package history

import (
	"slices"
	"strings"
	"time"
)

// File is a file of the analysed commit.
type File struct {
	Path string
	// Source says that it is analysed source code: of a programming or markup
	// language, and not vendored, generated or documentation, tests included.
	// It is what Linguist's breakdown lists.
	Source     bool
	Test       bool
	Code       int64 // lines
	Complexity int   // cognitive, of all its code, when it is parsed
	Parsed     bool
}

// Tree is the files of the analysed commit with their history. It does not
// change and is safe for concurrent use.
type Tree struct {
	h       *History
	files   []File  // sorted by path as bytes, each once
	lineage []int32 // by file; -1 for a file that no commit is known to have touched
	module  []int32 // by lineage: its file, -1 for one that is gone
	authors [][]authorship
}

// Tree joins the files of the analysed commit to the history. Coupling speaks
// of all of them, hotspots and authorship of source code.
func (h *History) Tree(files []File) *Tree {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	files = slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path })
	t := &Tree{h: h, files: files, lineage: make([]int32, len(files)), module: make([]int32, h.lineages.n)}
	for i := range t.module {
		t.module[i] = -1
	}
	for i, f := range files {
		l := h.lineageAt(f.Path)
		t.lineage[i] = l
		if l < 0 {
			continue
		}
		// A merge can bring back a path that was renamed away. Both are then the
		// same file, and its present name is the one that it was renamed to.
		if at := t.module[l]; at < 0 || (h.lineages.moved[h.pathIDs[files[at].Path]] && !h.lineages.moved[h.pathIDs[f.Path]]) {
			t.module[l] = number(i)
		}
	}
	t.authors = t.authorships()
	return t
}

// lineageAt returns the file at a path, -1 when nothing is known of it.
func (h *History) lineageAt(path string) int32 {
	id, ok := h.pathIDs[path]
	if !ok {
		return -1
	}
	return h.lineages.of[id]
}

// file returns the number of the file at a path, and whether there is one.
func (t *Tree) file(path string) (int, bool) {
	return slices.BinarySearchFunc(t.files, path, func(f File, p string) int { return strings.Compare(f.Path, p) })
}

// lastChanged is the time of the newest commit that changed a file.
func (h *History) lastChanged(lineage int32) time.Time {
	var newest int64
	for i, c := range h.touched.of(lineage) {
		if when := h.commits[c].when; i == 0 || when > newest {
			newest = when
		}
	}
	return time.Unix(newest, 0).UTC()
}
