package codeindex

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// part is a component of one of two analyses that are compared.
type part struct {
	*report.Component
	outer int // that it is inside of, or -1
	top   int // that of the first level that it is in
	size  int // files
	known int // of them, those that the other analysis has too
}

// lineage says which components of two analyses are one. Names are no sign of
// it: they are made of what a component was joined from. Two are one when most
// of their files are the same, however their paths changed; where files do not
// decide, a path that both sides have once does.
type lineage struct {
	from, to    []part
	heir, elder []int          // by part: which it is on the other side, or -1
	shared      map[[2]int]int // files that a part of each side have in common
	moved       map[[2]int]int // of them, those whose path changed
}

func newLineage(a, b Version, movedFrom map[string]string) *lineage {
	l := &lineage{from: parts(a.Report), to: parts(b.Report), shared: map[[2]int]int{}, moved: map[[2]int]int{}}
	indexed := a.Index != nil && b.Index != nil
	before, after := holders(l.from, a.Index, indexed), holders(l.to, b.Index, indexed)
	for file, inTo := range after {
		old := cmp.Or(movedFrom[file], file)
		inFrom, ok := before[old]
		if !ok {
			continue
		}
		for _, j := range inTo {
			l.to[j].known++
			for _, i := range inFrom {
				l.shared[[2]int{i, j}]++
				if old != file {
					l.moved[[2]int{i, j}]++
				}
			}
		}
		for _, i := range inFrom {
			l.from[i].known++
		}
	}
	l.pair()
	return l
}

// parts lists the components of all levels, each after the one that holds it.
func parts(r *report.CodeReport) []part {
	var out []part
	var add func(list []report.Component, outer int)
	add = func(list []report.Component, outer int) {
		for i := range list {
			k := len(out)
			p := part{Component: &list[i], outer: outer, top: k}
			if outer >= 0 {
				p.top = out[outer].top
			}
			out = append(out, p)
			if list[i].Inside != nil {
				add(list[i].Inside.Components, k)
			}
		}
	}
	add(r.Architecture.Components, -1)
	return out
}

// holders says in which parts each file is. Without indexes the folders of the
// components stand for their files.
func holders(list []part, ix *Index, indexed bool) map[string][]int {
	out := map[string][]int{}
	if !indexed {
		for i := range list {
			list[i].size = len(list[i].Paths)
			for _, p := range list[i].Paths {
				out[p] = append(out[p], i)
			}
		}
		return out
	}
	at := make(map[string]int, len(list))
	for i := range list {
		at[list[i].Name] = i
	}
	for f := range ix.Files {
		for c := ix.Files[f].Component; c >= 0; c = ix.Components[c].Parent {
			if i, ok := at[ix.Components[c].Name]; ok {
				list[i].size++
				out[ix.Files[f].Path] = append(out[ix.Files[f].Path], i)
			}
		}
	}
	return out
}

// candidate is a pair that may be one component; of a lower rank is surer.
type candidate struct {
	from, to, rank int
	likeness       float64
	sameName       bool
}

// pair decides which parts are one, the surest first.
func (l *lineage) pair() {
	l.heir, l.elder = slices.Repeat([]int{-1}, len(l.from)), slices.Repeat([]int{-1}, len(l.to))
	var list []candidate
	lone := loneParts(l.from, l.to)
	for pair, shared := range l.shared {
		a, b := l.from[pair[0]], l.to[pair[1]]
		c := candidate{from: pair[0], to: pair[1], likeness: l.likeness(pair), sameName: a.Name == b.Name}
		samePath := a.Path == b.Path
		switch {
		case samePath && lone[a.Path] && c.likeness >= 0.5:
			c.rank = 0
		case c.likeness > 0.5:
			c.rank = 1
		case samePath && lone[a.Path] && 2*shared >= min(a.known, b.known):
			c.rank = 2
		case 2*shared > max(a.known, b.known) && (samePath || 2*shared > max(a.size, b.size)):
			c.rank = 3
		default:
			continue
		}
		list = append(list, c)
	}
	// What shares no file with anything may have been written anew in its place.
	names := map[string]int{}
	for i, p := range l.from {
		if p.known == 0 {
			names[p.Name] = i
		}
	}
	for j, p := range l.to {
		if i, ok := names[p.Name]; ok && p.known == 0 && p.Path == l.from[i].Path {
			list = append(list, candidate{from: i, to: j, rank: 4})
		}
	}
	slices.SortFunc(list, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(y.likeness, x.likeness), firstTrue(x.sameName, y.sameName), cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to))
	})
	for _, c := range list {
		if l.heir[c.from] < 0 && l.elder[c.to] < 0 {
			l.heir[c.from], l.elder[c.to] = c.to, c.from
		}
	}
}

func firstTrue(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	default:
		return 1
	}
}

// likeness is the share of the files of both parts that both have.
func (l *lineage) likeness(pair [2]int) float64 {
	shared := l.shared[pair]
	return float64(shared) / float64(l.from[pair[0]].size+l.to[pair[1]].size-shared)
}

// loneParts are the paths that one part of each side has.
func loneParts(sides ...[]part) map[string]bool {
	lone := map[string]bool{}
	for n, side := range sides {
		times := map[string]int{}
		for _, p := range side {
			times[p.Path]++
		}
		for p, k := range times {
			lone[p] = k == 1 && (n == 0 || lone[p])
		}
	}
	return lone
}

// went tells where the files of a part of from are in to. most is the part that
// holds most of them, the most like it where several inside each other do, or
// -1; pieces are those that consist of its files for the most part, without
// those inside others of them.
func (l *lineage) went(i int) (most int, pieces []int) {
	return outcome(l.from[i], l.to, func(k int) (int, float64) { pair := [2]int{i, k}; return l.shared[pair], l.likeness(pair) })
}

// came tells the same of a part of to: where its files were.
func (l *lineage) came(j int) (most int, pieces []int) {
	return outcome(l.to[j], l.from, func(k int) (int, float64) { pair := [2]int{k, j}; return l.shared[pair], l.likeness(pair) })
}

func outcome(of part, there []part, with func(int) (shared int, likeness float64)) (most int, pieces []int) {
	most = -1
	best, inside := 0.0, make([]bool, len(there))
	for k, other := range there {
		shared, likeness := with(k)
		if 2*shared > of.size && likeness > best {
			most, best = k, likeness
		}
		inside[k] = other.outer >= 0 && inside[other.outer]
		if !inside[k] && 2*shared > other.size {
			pieces, inside[k] = append(pieces, k), true
		}
	}
	return most, pieces
}

// renames tells of files of b, by path, what they were called in a: of equal
// content, or of one name and with most of what they declare.
func renames(a, b *Index) map[string]string {
	gone := missing(a, b)
	byBlob, byName := map[uint64][]int32{}, map[string][]int32{}
	for _, i := range gone {
		if f := &a.Files[i]; f.Blob != 0 {
			byBlob[f.Blob] = append(byBlob[f.Blob], i)
		}
		name := path.Base(a.Files[i].Path)
		byName[name] = append(byName[name], i)
	}
	from, taken := map[string]string{}, map[int32]bool{}
	take := func(file, old int32) { from[b.Files[file].Path], taken[old] = a.Files[old].Path, true }
	var rest []int32
	for _, i := range missing(b, a) {
		// Of several with that content, the one that nobody took: a list is gone through once.
		if free := byBlob[b.Files[i].Blob]; len(free) > 0 {
			byBlob[b.Files[i].Blob] = free[1:]
			take(i, free[0])
		} else {
			rest = append(rest, i)
		}
	}
	for _, i := range rest {
		old := slices.DeleteFunc(slices.Clone(byName[path.Base(b.Files[i].Path)]), func(k int32) bool { return taken[k] })
		if len(old) > maxNamesakes {
			continue
		}
		best, most := int32(-1), 0.5
		for _, k := range old {
			if likeness := declareAlike(a, k, b, i); likeness >= most && (best < 0 || likeness > most) {
				best, most = k, likeness
			}
		}
		if best >= 0 {
			take(i, best)
		}
	}
	return from
}

const (
	// maxNamesakes bounds how many files that are gone are held against one of
	// their name that came.
	maxNamesakes = 20
	// minDeclared is how many names a file declares at least to be known by them.
	minDeclared = 3
)

// missing returns the files of a that b does not have.
func missing(a, b *Index) []int32 {
	var out []int32
	for i := range a.Files {
		if _, ok := b.file(a.Files[i].Path); !ok {
			out = append(out, number(i))
		}
	}
	return out
}

// declareAlike is the share of the names that either of two files declares and
// both do.
func declareAlike(a *Index, i int32, b *Index, j int32) float64 {
	x, y := a.declared(i), b.declared(j)
	if len(x) < minDeclared || len(y) < minDeclared || a.Files[i].Language != b.Files[j].Language {
		return 0
	}
	both := 0
	for name := range x {
		if y[name] {
			both++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}

func (ix *Index) declared(file int32) map[string]bool {
	names := map[string]bool{}
	for s, upTo := ix.symbols(file); s < upTo; s++ {
		names[ix.Symbols[s].Kind+" "+strings.ToLower(ix.Symbols[s].Name)] = true
	}
	return names
}
