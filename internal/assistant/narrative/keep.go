package narrative

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/store"
)

// tree is a commit as kept descriptions are held against it.
type tree struct {
	ix    *codeindex.Index // nil where it is not kept
	files map[string]*file
	blobs map[string]string   // by path, as the index knows them
	named map[string][]string // paths by blob
}

func newTree(ix *codeindex.Index) *tree {
	t := &tree{ix: ix, files: map[string]*file{}, blobs: map[string]string{}, named: map[string][]string{}}
	if ix == nil {
		return t
	}
	for i := range ix.Files {
		f := &ix.Files[i]
		blob := fmt.Sprintf("%016x", f.Blob)
		t.blobs[f.Path] = blob
		t.named[blob] = append(t.named[blob], f.Path)
	}
	return t
}

// now is where a file is now: where it was, or under the name that the same
// content has.
func (t *tree) now(path, blob string) string {
	if _, there := t.blobs[path]; there || t.ix == nil {
		return path
	}
	if names := t.named[blob]; blob != "" && len(names) > 0 {
		return names[0]
	}
	return path
}

// read reads the files that some descriptions cite. Those whose content is what it
// was are read where all is true only.
func (t *tree) read(ctx context.Context, rows []store.Narrative, all bool, read Read) error {
	var paths []string
	for i := range rows {
		for n, c := range rows[i].Citations {
			blob := placeOf(&rows[i], n).Blob
			now := t.now(c.Path, blob)
			if (all || t.blobs[now] != blob || blob == "") && !slices.Contains(paths, now) {
				paths = append(paths, now)
			}
		}
	}
	if len(paths) == 0 {
		return nil
	}
	contents, err := read(ctx, paths)
	if err != nil {
		return err
	}
	for p, content := range contents {
		t.files[p] = newFile(p, content)
	}
	return nil
}

func placeOf(n *store.Narrative, at int) store.NarrativePlace {
	if at < len(n.Places) {
		return n.Places[at]
	}
	return store.NarrativePlace{}
}

// changed are the numbers of the citations whose lines are nowhere any more.
func (t *tree) changed(n *store.Narrative) []int {
	out := []int{}
	for i := range n.Citations {
		if _, _, ok := t.find(n, i); !ok {
			out = append(out, n.Citations[i].N)
		}
	}
	return out
}

// find is where the lines of a citation stand now.
func (t *tree) find(n *store.Narrative, at int) (path string, first int, ok bool) {
	c, p := &n.Citations[at], placeOf(n, at)
	if c.StartLine == nil || c.EndLine == nil || p.Hash == "" {
		return "", 0, false
	}
	path = t.now(c.Path, p.Blob)
	if p.Blob != "" && t.blobs[path] == p.Blob {
		return path, *c.StartLine, true
	}
	f := t.files[path]
	if f == nil {
		return "", 0, false
	}
	first, ok = f.stillAt(p.Hash, *c.StartLine, *c.EndLine-*c.StartLine+1)
	return path, first, ok
}

// move makes a description one of this commit, where all that it cites is what it
// was, and reports whether it is.
func (t *tree) move(n *store.Narrative, r *report.CodeReport) bool {
	moved := slices.Clone(n.Citations)
	places := slices.Clone(n.Places)
	renamed := map[string]string{}
	for i := range moved {
		path, first, ok := t.find(n, i)
		if !ok {
			return false
		}
		c := &moved[i]
		if path != c.Path {
			renamed[c.Path] = path
			c.Title = path + strings.TrimPrefix(c.Title, c.Path)
		}
		last := first + *c.EndLine - *c.StartLine
		c.Path, c.Commit, c.StartLine, c.EndLine, c.URL = path, r.Commit, &first, &last, ""
		if r.WebURL != nil {
			c.URL = render.LinesURL(*r.WebURL, r.Commit, path, first, last)
		}
		places[i].Blob = t.blobs[path]
	}
	for was := range renamed {
		if strings.Contains(n.Text, was) {
			return false // it says a name that is none any more
		}
	}
	n.Citations, n.Places, n.Commit = moved, places, r.Commit
	return true
}

// kept makes a row of a description.
func (t *tree) kept(key string, n rampforge.Narrative, s *Sources) store.Narrative {
	row := store.Narrative{Subject: key, Narrative: n}
	var all strings.Builder
	for i := range n.Citations {
		c := &n.Citations[i]
		p := store.NarrativePlace{Hash: hash(s.files[c.Path].text(*c.StartLine, *c.EndLine)), Blob: t.blobs[c.Path]}
		row.Places = append(row.Places, p)
		all.WriteString(p.Hash + "\n")
	}
	row.Cited = hash(all.String())
	return row
}

// Shown are kept descriptions as they are shown with a report of a commit, by the
// keys of their subjects. One of another commit is stale; what it cites is looked
// for in the index of that commit, and in the files, where they can be read. What
// cannot be looked at may have changed, and is said to have.
func Shown(ctx context.Context, rows []store.Narrative, commit string, ix *codeindex.Index, read Read) map[string]rampforge.Narrative {
	out := map[string]rampforge.Narrative{}
	var stale []store.Narrative
	for i := range rows {
		if rows[i].Commit != commit {
			stale = append(stale, rows[i])
		}
	}
	t := newTree(ix)
	if len(stale) > 0 && read != nil {
		if err := t.read(ctx, stale, false, read); err != nil {
			t.files = map[string]*file{}
		}
	}
	for i := range rows {
		n := rows[i].Narrative
		if n.Changed = []int{}; n.Commit != commit {
			n.Stale, n.Changed = true, t.changed(&rows[i])
		}
		out[rows[i].Subject] = n
	}
	return out
}
