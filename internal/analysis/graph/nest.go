package graph

import (
	"cmp"
	"slices"
)

// The bounds of what is divided again.
const (
	mostLevels = 3    // of components, the first with them
	mostNested = 300  // components below the first level
	nestLines  = 3000 // of code that a component needs to be divided
	nestFiles  = 12
	nestShare  = 0.95 // of the code: where one part has more, there is but one
)

// nester divides components.
type nester struct {
	top        *Map
	workspaces map[string]bool
	readmes    map[string]string
	taken      map[string]bool // names
	isFlat     map[string]bool // by name: a part of a folder that was divided by the graph
	nested     int             // components below the first level
}

// cell is a component that may be divided.
type cell struct {
	m       *Map
	i       int
	couples []couple // inside it
}

// nest divides the components of every level, the largest first, until there
// are as many as the bounds allow.
func (n *nester) nest(couples []couple) {
	cells := n.top.cells(couples)
	for level := 1; level < mostLevels && len(cells) > 0; level++ {
		of, base := slices.Repeat([]int32{-1}, len(n.top.of)), int32(0)
		slices.SortStableFunc(cells, func(a, b cell) int {
			return cmp.Compare(b.m.components[b.i].Lines, a.m.components[a.i].Lines)
		})
		var next []cell
		for _, c := range cells {
			// Tests, documents and the like are opened once: nobody looks deeper there.
			if level > 1 && !isProduct(&c.m.components[c.i]) {
				continue
			}
			if inner := n.divide(c, of, base); inner != nil {
				c.m.inner[c.i] = inner
				base += int32(len(inner.components)) //nolint:gosec // at most mostNested
				n.nested += len(inner.components)
				next = append(next, inner.cells(c.couples)...)
			}
		}
		cells = next
	}
}

// cells returns the components of a map with the common changes inside each.
func (m *Map) cells(couples []couple) []cell {
	out := make([]cell, len(m.components))
	for i := range out {
		out[i] = cell{m: m, i: i}
	}
	for _, c := range couples {
		if a, b := m.of[c.a], m.of[c.b]; a == b && a >= m.base {
			at := &out[a-m.base]
			at.couples = append(at.couples, c)
		}
	}
	return out
}

// divide cuts a component by its folders, nil where it has no parts to speak
// of. A component of tests, or of anything else that is no product, is cut by
// all its code, into parts of the same type. of and base are those of the map
// that it makes.
func (n *nester) divide(c cell, of []int32, base int32) *Map {
	outer, files := &c.m.components[c.i], c.m.members[c.i]
	if outer.Lines < nestLines || len(files) < nestFiles {
		return nil
	}
	g, whole := n.top.g, !isProduct(outer)
	root := folderTree(g.files, files, whole)
	for len(root.own) == 0 && len(root.children) == 1 {
		root = root.children[0]
	}
	root.parent = nil
	total := root.size.product
	if total < nestLines || root.size.programs < nestFiles || root.size.isData() {
		return nil
	}
	units := split(root, splitter{containers: n.workspaces, whole: whole})
	units = slices.DeleteFunc(join(units, total, g, files, c.couples), func(u *unit) bool { return len(u.files) == 0 })
	tooLarge := func(u *unit) bool { return float64(u.size.product) > nestShare*float64(total) }
	if (len(units) < 2 || slices.ContainsFunc(units, tooLarge)) && !n.isFlat[outer.Name] {
		if parts := n.flat(root, c.couples, whole, max(fewComponents, mostComponents-len(units))); parts != nil {
			units = withFlat(g, units, parts, whole)
		}
	}
	if len(units) < 2 || n.nested+len(units) > mostNested || slices.ContainsFunc(units, tooLarge) {
		return nil
	}
	m := &Map{g: g, top: n.top, files: files, of: of, base: base, entries: n.top.entries, score: n.top.score}
	drafts := m.drafts(units)
	for i := range drafts {
		drafts[i].inside = outer.Name
		if whole {
			drafts[i].kind = outer.Type
		}
	}
	nameDrafts(drafts, "", n.taken)
	for i := range drafts {
		n.isFlat[drafts[i].name] = drafts[i].unit.flat
	}
	m.fill(drafts, n.readmes)
	return m
}

// withFlat puts the parts of a folder's own files in the place of the unit that has
// them. What was joined to that unit goes to the largest part.
func withFlat(g *Graph, units, parts []*unit, whole bool) []*unit {
	inParts := map[int32]bool{}
	for _, u := range parts {
		u.flat = true
		for _, i := range u.files {
			inParts[i] = true
		}
	}
	out := slices.Clone(parts)
	for _, u := range units {
		if !slices.ContainsFunc(u.files, func(i int32) bool { return inParts[i] }) {
			out = append(out, u)
			continue
		}
		for _, i := range u.files {
			if !inParts[i] {
				parts[0].files = append(parts[0].files, i)
				parts[0].size.add(sizeOf(&g.files[i], whole))
			}
		}
		parts[0].joined = append(parts[0].joined, u.joined...)
	}
	return out
}

// Place returns the names of the components that a file is in: that of the
// first level, then each inside the one before; nil for a file that was not
// analysed.
func (m *Map) Place(file string) []string {
	i, ok := m.g.index[file]
	if !ok {
		return nil
	}
	var names []string
	for at := m; at != nil; {
		k := at.of[i] - at.base
		names = append(names, at.components[k].Name)
		at = at.inner[k]
	}
	return names
}
