package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
)

// notAnalysed stands for a file that is in the tree and has no node.
const notAnalysed int32 = -1

// tree is the tree as resolvers ask it.
type tree struct {
	files   []File // sorted by path
	index   map[string]int32
	others  map[string]struct{} // files that were not analysed
	folders map[string]struct{}
	within  map[string][]int32 // folder → its own files that were analysed, ascending
	layout  manifest.Layout
}

func newTree(t Tree) *tree {
	tr := &tree{
		files: sortedFiles(t.Files), index: make(map[string]int32, len(t.Files)),
		others: map[string]struct{}{}, folders: map[string]struct{}{".": {}},
		within: map[string][]int32{}, layout: t.Layout,
	}
	for i := range tr.files {
		p := tr.files[i].Path
		tr.index[p] = int32(i)
		tr.within[path.Dir(p)] = append(tr.within[path.Dir(p)], int32(i))
		tr.addFolders(p)
	}
	for _, p := range t.Paths {
		if _, ok := tr.index[p]; !ok {
			tr.others[p] = struct{}{}
			tr.addFolders(p)
		}
	}
	return tr
}

func (t *tree) addFolders(p string) {
	for dir := path.Dir(p); dir != "/"; dir = path.Dir(dir) {
		if _, ok := t.folders[dir]; ok {
			return
		}
		t.folders[dir] = struct{}{}
	}
}

// find returns the file of a path, notAnalysed when it has no node, and whether
// it is in the tree at all.
func (t *tree) find(p string) (int32, bool) {
	if i, ok := t.index[p]; ok {
		return i, true
	}
	_, ok := t.others[p]
	return notAnalysed, ok
}

func (t *tree) hasFolder(dir string) bool {
	_, ok := t.folders[dir]
	return ok
}

// facts returns what a parser read of a file, nil for none.
func (t *tree) facts(i int32) *language.Facts {
	if i < 0 {
		return nil
	}
	return t.files[i].Facts
}

// spoken yields the files of some languages that a parser read.
func (t *tree) spoken(languages ...string) []int32 {
	var out []int32
	for i := range t.files {
		if t.files[i].Facts != nil && slices.Contains(languages, t.files[i].Language) {
			out = append(out, int32(i))
		}
	}
	return out
}

// isBelow reports whether a path is a folder or lies in it.
func isBelow(p, dir string) bool {
	return dir == "." || p == dir || len(p) > len(dir) && p[len(dir)] == '/' && strings.HasPrefix(p, dir)
}

// ancestors returns a folder and those above it, the root last.
func ancestors(dir string) []string {
	out := []string{dir}
	for dir != "." && dir != "/" {
		dir = path.Dir(dir)
		out = append(out, dir)
	}
	return out
}
