package graph

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
)

// The bounds of the map. A person takes in 7 ± 4 things at a time (Miller
// 1956).
const (
	fewComponents  = 7  // up to here nothing is joined
	mostComponents = 11 // beyond, small ones are joined, then larger ones
	tooMany        = 15 // beyond, even what has nothing to do with each other

	largeShare  = 0.40 // a part with more of the product's code is split
	coarseShare = 0.20 // and so is one with more than this while there are few
)

// unit is a part of the map in the making: a folder with everything below it,
// or the files that lie in a folder directly, with those of folders that were
// joined to it.
type unit struct {
	folder *folder
	loose  bool    // the folder's own files only
	group  *folder // the folder that was split to give this unit: its siblings have the same
	role   string  // type by name, "" for product code
	size   size
	alone  int64 // lines of the product without what was joined
	files  []int32
	joined []*unit // what was joined to it
	gone   bool    // joined to another
	named  string  // a name that is not its path
	flat   bool    // a part of the files of a folder, see flat.go
	rest   bool    // what is left of its siblings: it is called after the folder that holds them
}

// splitter cuts the tree of folders into units.
type splitter struct {
	total      int64 // lines of the product
	outer      bool  // the repository is cut, not a component of it
	whole      bool  // all of it is one kind of thing: names say nothing of that
	containers map[string]bool
	product    []string // folders that are product code, whatever their names
	units      []*unit
	crumbs     []*unit // files that stand beside the code of a folder: they go where most of it goes
}

// split cuts the tree: at folders that only hold others, at those with most of
// the code, and further while there are few parts.
func split(root *folder, s splitter) []*unit {
	s.total = max(root.size.product, 1)
	s.units = []*unit{{folder: root, size: root.size}}
	s.open(0)
	for {
		i := s.next()
		if i < 0 {
			break
		}
		s.open(i)
	}
	s.sweep()
	for _, u := range s.units {
		u.alone = u.size.product
		if u.loose {
			u.files = append(u.files, u.folder.own...)
		} else {
			u.folder.walk(func(i int32) { u.files = append(u.files, i) })
		}
	}
	s.lift()
	return s.units
}

// workspaceFolders are the folders that hold several packages or modules.
func workspaceFolders(layout *manifest.Layout) map[string]bool {
	count := map[string]int{}
	for _, p := range layout.NodePackages {
		count[path.Dir(p.Dir)]++
	}
	for _, m := range layout.GoModules {
		count[path.Dir(m.Dir)]++
	}
	for _, p := range layout.PythonProjects {
		count[path.Dir(p.Dir)]++
	}
	out := map[string]bool{}
	for dir, n := range count {
		if n > 1 {
			out[dir] = true
		}
	}
	return out
}

func (s *splitter) share(u *unit) float64 { return float64(u.size.product) / float64(s.total) }

// next returns the unit to split, -1 for none.
func (s *splitter) next() int {
	products, largest := 0, -1
	for i, u := range s.units {
		if u.role != "" || u.size.product == 0 {
			continue
		}
		products++
		if u.loose || !splits(u.folder) || !s.whole && u.size.isData() {
			continue
		}
		if s.holdsOthers(u.folder) {
			return i
		}
		if largest < 0 || u.size.product > s.units[largest].size.product {
			largest = i
		}
	}
	if largest < 0 {
		return -1
	}
	if share := s.share(s.units[largest]); share > largeShare || share > coarseShare && products < fewComponents-1 {
		return largest
	}
	return -1
}

// holdsOthers reports whether a folder only holds others. A folder with much
// code of its own is more than that, whatever its name.
func (s *splitter) holdsOthers(f *folder) bool {
	if f.ownSize.product*2 > f.size.product {
		return false
	}
	return s.containers[f.path] || containers[strings.ToLower(f.name())] && f.ownSize.product*5 < f.size.product
}

// splits reports whether splitting a folder gives anything.
func splits(f *folder) bool {
	return slices.ContainsFunc(f.children, func(c *folder) bool { return c.size.product > 0 })
}

// open replaces a unit by the parts of its folder.
func (s *splitter) open(i int) {
	f := s.units[i].folder
	s.units = slices.Delete(s.units, i, i+1)
	top := s.outer && f.parent == nil
	where := inside
	switch {
	case top:
		where = outermost
	case s.holdsOthers(f):
		where = workspace
	}
	add := func(u *unit) {
		if !top && (u.size.product == 0 && (u.loose || u.role != typeTests || u.size.testFiles < 5)) {
			s.crumbs = append(s.crumbs, u)
			return
		}
		s.units = append(s.units, u)
	}
	if len(f.own) > 0 {
		add(&unit{folder: f, loose: true, group: f, size: f.ownSize})
	}
	for _, c := range f.children {
		u := &unit{folder: c, group: f, size: c.size}
		if !s.whole {
			share := s.share(u)
			if slices.Contains(s.product, c.path) {
				share = 1 // whatever its name
			}
			u.role = roleOf(c, share, where)
		}
		add(u)
	}
}

// lift names a part for the package that it is the code of, where its own name
// says nothing: packages/ui for packages/ui/src.
func (s *splitter) lift() {
	for _, u := range s.units {
		for u.role == "" && containers[strings.ToLower(u.folder.name())] {
			parent := u.folder.parent
			if parent == nil || parent.parent == nil || s.partsBelow(parent) > 1 {
				break
			}
			u.folder, u.loose, u.group = parent, false, parent.parent
		}
	}
}

func (s *splitter) partsBelow(f *folder) int {
	n := 0
	for _, u := range s.units {
		if isBelow(u.folder.path, f.path) && u.role == "" {
			n++
		}
	}
	return n
}

// sweep gives each crumb to the largest unit below the folder that it lies in,
// or the nearest folder above with one.
func (s *splitter) sweep() {
	for _, c := range s.crumbs {
		var best *unit
		for f := c.group; best == nil && f != nil; f = f.parent {
			best = s.largestBelow(f)
		}
		if best == nil {
			s.units = append(s.units, c)
			continue
		}
		best.size.add(c.size)
		if c.loose {
			best.files = append(best.files, c.folder.own...)
		} else {
			c.folder.walk(func(i int32) { best.files = append(best.files, i) })
		}
	}
}

func (s *splitter) largestBelow(f *folder) *unit {
	var best *unit
	for _, u := range s.units {
		if u.role == "" && u.size.product > 0 && isBelow(u.folder.path, f.path) &&
			(best == nil || cmp.Or(cmp.Compare(u.size.product, best.size.product), strings.Compare(best.folder.path, u.folder.path)) > 0) {
			best = u
		}
	}
	return best
}
