package graph

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
)

// joiner joins units until there are few enough to read. Only units of one
// folder are joined, so that names stay true: small ones to the one that they
// share a community with, where Louvain finds the communities in the imports
// and the common changes. No join may close a circle between components that
// the code does not have.
type joiner struct {
	g      *Graph
	units  []*unit
	left   int // units that are not gone
	total  int64
	ties   []map[int32]float64 // between units, both ways: see tie
	uses   []map[int32]bool    // production imports between units
	usedBy []map[int32]bool
}

// join joins units. It returns those that are left.
func join(units []*unit, total int64, g *Graph, coupling iter.Seq[Pair]) []*unit {
	j := newJoiner(units, total, g)
	if coupling != nil {
		j.couple(coupling)
	}
	if j.left > fewComponents {
		j.joinRoles()
		j.joinBelow(0.01, fewComponents)
	}
	for _, share := range []float64{0.02, 0.04, 0.08, 0.16} {
		if j.left > mostComponents {
			j.joinBelow(share, mostComponents)
		}
	}
	if j.left > mostComponents {
		j.joinRest()
	}
	return slices.DeleteFunc(units, func(u *unit) bool { return u.gone })
}

func newJoiner(units []*unit, total int64, g *Graph) *joiner {
	j := &joiner{
		g: g, units: units, left: len(units), total: max(total, 1), ties: make([]map[int32]float64, len(units)),
		uses: make([]map[int32]bool, len(units)), usedBy: make([]map[int32]bool, len(units)),
	}
	for i := range units {
		j.uses[i], j.usedBy[i], j.ties[i] = map[int32]bool{}, map[int32]bool{}, map[int32]float64{}
	}
	unitOf := j.unitOf()
	for i := range g.files {
		if g.files[i].Test {
			continue
		}
		for _, l := range g.out.of(int32(i)) {
			if from, to := unitOf[i], unitOf[l.file]; from != to {
				j.ties[from][to]++
				j.ties[to][from]++
				j.uses[from][to], j.usedBy[to][from] = true, true
			}
		}
	}
	return j
}

func (j *joiner) unitOf() []int32 {
	unitOf := make([]int32, len(j.g.files))
	for i, u := range j.units {
		for _, f := range u.files {
			unitOf[f] = int32(i)
		}
	}
	return unitOf
}

// couple adds half an import for every pair of files that often change
// together.
func (j *joiner) couple(coupling iter.Seq[Pair]) {
	unitOf := j.unitOf()
	for p := range coupling {
		a, ok := j.g.index[p.A]
		b, ok2 := j.g.index[p.B]
		if ok && ok2 && unitOf[a] != unitOf[b] && !j.g.files[a].Test && !j.g.files[b].Test {
			j.ties[unitOf[a]][unitOf[b]] += 0.5
			j.ties[unitOf[b]][unitOf[a]] += 0.5
		}
	}
}

// share is the part of the product's code that a unit holds.
func (j *joiner) share(i int32) float64 {
	return float64(j.units[i].size.product) / float64(j.total)
}

// tie is how strongly two units hang together: the pairs of files between them
// for their sizes, so that what everybody uses does not draw everybody in.
func (j *joiner) tie(a, b int32) float64 {
	return j.ties[a][b] / math.Sqrt(float64(len(j.units[a].files))*float64(len(j.units[b].files)))
}

// siblings returns the product units of each split folder, deepest folder
// first, those of a folder in the order of their names.
func (j *joiner) siblings() [][]int32 {
	byGroup := map[*folder][]int32{}
	for i, u := range j.units {
		if !u.gone && u.role == "" && u.group != nil {
			byGroup[u.group] = append(byGroup[u.group], int32(i))
		}
	}
	groups := slices.SortedFunc(maps.Keys(byGroup), func(a, b *folder) int {
		return cmp.Or(cmp.Compare(folderDepth(b.path), folderDepth(a.path)), strings.Compare(a.path, b.path))
	})
	out := make([][]int32, 0, len(groups))
	for _, g := range groups {
		out = append(out, byGroup[g])
	}
	return out
}

// joinBelow joins units with less than a share of the product's code to a
// sibling of their community, smallest first, until there are few enough.
func (j *joiner) joinBelow(share float64, enough int) {
	for _, members := range j.siblings() {
		if len(members) < 2 {
			j.rise(members)
			continue
		}
		communities := j.communities(members)
		for _, i := range slices.SortedFunc(slices.Values(members), j.bySize) {
			if j.left <= enough {
				return
			}
			if j.units[i].gone || j.share(i) >= share {
				continue
			}
			if to := j.partner(i, members, communities); to >= 0 {
				j.merge(i, to)
			}
		}
		j.rise(members)
	}
}

func (j *joiner) bySize(a, b int32) int {
	return cmp.Or(cmp.Compare(j.units[a].size.product, j.units[b].size.product), strings.Compare(j.units[a].folder.path, j.units[b].folder.path), cmp.Compare(a, b))
}

// partner chooses the sibling that a unit is joined to, -1 for none: of its
// community and with the strongest tie. The files that lie in the folder itself
// take in its small subfolders more readily, but those of the root do not: they
// are no home for strangers.
func (j *joiner) partner(i int32, members []int32, communities map[int32]int) int32 {
	best, strongest := int32(-1), 0.0
	consider := func(k int32, tie float64) {
		if tie > strongest && !j.closesCircle(i, k) {
			best, strongest = k, tie
		}
	}
	for _, k := range slices.Sorted(maps.Keys(j.ties[i])) {
		u := j.units[k]
		if u.gone || u.role != "" || u.group != j.units[i].group {
			continue
		}
		switch home := u.loose && u.folder.path != "."; {
		case home:
			consider(k, 2*j.tie(i, k))
		case communities[k] == communities[i]:
			consider(k, j.tie(i, k))
		}
	}
	if best < 0 { // no tie at all, but a home
		for _, k := range members {
			if u := j.units[k]; k != i && u.loose && !u.gone && u.folder.path != "." {
				consider(k, 1)
			}
		}
	}
	return best
}

// closesCircle reports whether joining two units would make a circle with a
// third that is in none with them: the third lies on a way from one to the
// other, and there is no way back.
func (j *joiner) closesCircle(a, b int32) bool {
	there, back := j.reaches(a, b), j.reaches(b, a)
	return there && !back && !j.uses[b][a] || back && !there && !j.uses[a][b]
}

// maxReach bounds the search for a way. Beyond it there may be one.
const maxReach = 2000

// reaches reports whether there is a way from one unit to another over a third.
func (j *joiner) reaches(from, to int32) bool {
	seen := map[int32]bool{from: true}
	queue := []int32{}
	visit := func(i int32) {
		for next := range j.uses[i] {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	visit(from)
	for len(queue) > 0 {
		at := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if at == to {
			continue // the way straight from one to the other does not count
		}
		if j.uses[at][to] {
			return true
		}
		if visit(at); len(seen) > maxReach {
			return true
		}
	}
	return false
}

// merge joins the smaller of two units to the larger, a folder's part to the
// folder's own files.
func (j *joiner) merge(a, b int32) {
	if j.units[a].loose && !j.units[b].loose || !j.units[b].loose && j.bySize(a, b) > 0 {
		a, b = b, a
	}
	j.absorb(a, b)
}

// absorb joins unit a to unit b.
func (j *joiner) absorb(a, b int32) {
	from, to := j.units[a], j.units[b]
	from.gone = true
	j.left--
	to.size.add(from.size)
	to.files = append(to.files, from.files...)
	from.files = nil
	to.joined = append(append(to.joined, from), from.joined...)
	for next := range j.uses[a] {
		delete(j.usedBy[next], a)
		if next != b {
			j.uses[b][next], j.usedBy[next][b] = true, true
		}
	}
	for next := range j.usedBy[a] {
		delete(j.uses[next], a)
		if next != b {
			j.uses[next][b], j.usedBy[b][next] = true, true
		}
	}
	for next, pairs := range j.ties[a] {
		delete(j.ties[next], a)
		if next != b {
			j.ties[b][next] += pairs
			j.ties[next][b] += pairs
		}
	}
	j.uses[a], j.usedBy[a], j.ties[a] = nil, nil, nil
}

// rise makes the last unit of a folder a part of the folder above.
func (j *joiner) rise(members []int32) {
	last := int32(-1)
	for _, i := range members {
		if j.units[i].gone {
			continue
		}
		if last >= 0 {
			return
		}
		last = i
	}
	if last < 0 || j.units[last].group.parent == nil {
		return
	}
	u := j.units[last]
	if len(members) > 1 {
		u.folder, u.loose, u.named = u.group, false, ""
	}
	u.group = u.group.parent
}

// joinRoles makes one component of all tests, one of all documents and so on.
func (j *joiner) joinRoles() {
	for _, role := range []string{typeConfiguration, typeDocs, typeTooling, typeTests} {
		var same []int32
		for i, u := range j.units {
			if !u.gone && u.role == role {
				same = append(same, int32(i))
			}
		}
		if len(same) < 2 || j.left <= fewComponents {
			continue
		}
		into := slices.MaxFunc(same, func(a, b int32) int {
			return cmp.Or(cmp.Compare(len(j.units[a].files), len(j.units[b].files)), strings.Compare(j.units[b].folder.path, j.units[a].folder.path))
		})
		j.gather(into, same)
		j.units[into].named = role
	}
}

// gather joins units to one, whatever their sizes.
func (j *joiner) gather(into int32, all []int32) {
	for _, i := range all {
		if i != into {
			j.absorb(i, into)
		}
	}
}

// restShare is below what share of the code a folder without ties may end up
// with its siblings under the name of the folder above.
const restShare = 0.04

// joinRest joins what is left: small folders without ties to their siblings go
// together under the name of the folder that holds them. At the root this is
// done only where there would be far too many, and the name says so.
func (j *joiner) joinRest() {
	for _, members := range j.siblings() {
		top := j.units[members[0]].group.parent == nil
		if j.left <= mostComponents || top && j.left <= tooMany {
			continue
		}
		var rest []int32
		home := int32(-1)
		for _, i := range members {
			u := j.units[i]
			if u.loose && !top {
				home = i
			}
			if j.share(i) < restShare && !(top && u.loose) {
				rest = append(rest, i)
			}
		}
		if len(rest) < 2 && home < 0 || len(rest) == 0 {
			continue
		}
		if home < 0 {
			home = slices.MaxFunc(rest, j.bySize)
			j.units[home].rest = true
		}
		j.gather(home, rest)
		j.rise(members)
	}
}
