package graph

import (
	"cmp"
	"iter"
	"maps"
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
	scope  []int32 // files of the units
	units  []*unit
	left   int // units that are not gone
	total  int64
	ties   []map[int32]float64 // pairs of files between units, both ways
	degree []float64           // sum of ties, by unit
	pairs  float64             // half the sum of degrees
	uses   []map[int32]bool    // production imports between units
	usedBy []map[int32]bool
}

// join joins the units of some files. It returns those that are left.
func join(units []*unit, total int64, g *Graph, scope []int32, couples []couple) []*unit {
	j := newJoiner(units, total, g, scope)
	j.couple(couples)
	for i, ties := range j.ties {
		for _, k := range slices.Sorted(maps.Keys(ties)) {
			j.degree[i] += ties[k]
		}
		j.pairs += j.degree[i] / 2
	}
	if j.left > fewComponents {
		j.joinRoles()
		j.joinBelow(0.01, fewComponents)
	}
	for _, share := range []float64{0.02, 0.04, 0.08} {
		if j.left > mostComponents {
			j.joinBelow(share, mostComponents)
		}
	}
	if j.left > mostComponents {
		j.joinRest()
	}
	return slices.DeleteFunc(units, func(u *unit) bool { return u.gone })
}

func newJoiner(units []*unit, total int64, g *Graph, scope []int32) *joiner {
	j := &joiner{
		g: g, scope: scope, units: units, left: len(units), total: max(total, 1), ties: make([]map[int32]float64, len(units)),
		degree: make([]float64, len(units)), uses: make([]map[int32]bool, len(units)), usedBy: make([]map[int32]bool, len(units)),
	}
	for i := range units {
		j.uses[i], j.usedBy[i], j.ties[i] = map[int32]bool{}, map[int32]bool{}, map[int32]float64{}
	}
	unitOf := j.unitOf()
	for _, i := range scope {
		if g.files[i].Test || isSettings(g.files[i].Path) {
			continue
		}
		for _, l := range g.out.of(i) {
			if isSettings(g.files[l.file].Path) {
				continue
			}
			if from, to := unitOf[i], unitOf[l.file]; from != to && to >= 0 {
				j.ties[from][to]++
				j.ties[to][from]++
				j.uses[from][to], j.usedBy[to][from] = true, true
			}
		}
	}
	return j
}

// unitOf returns the unit of each file, -1 for one of none.
func (j *joiner) unitOf() []int32 {
	unitOf := slices.Repeat([]int32{-1}, len(j.g.files))
	for i, u := range j.units {
		for _, f := range u.files {
			unitOf[f] = int32(i)
		}
	}
	return unitOf
}

// couple adds half an import for every pair of files that often change
// together.
func (j *joiner) couple(couples []couple) {
	unitOf := j.unitOf()
	for _, c := range couples {
		if a, b := unitOf[c.a], unitOf[c.b]; a != b && a >= 0 && b >= 0 {
			j.ties[a][b] += 0.5
			j.ties[b][a] += 0.5
		}
	}
}

// couple is a pair of files, none a test, that often change together.
type couple struct{ a, b int32 }

// couples finds the files of the pairs.
func (g *Graph) couples(pairs iter.Seq[Pair]) []couple {
	if pairs == nil {
		return nil
	}
	var out []couple
	for p := range pairs {
		a, ok := g.index[p.A]
		b, ok2 := g.index[p.B]
		if ok && ok2 && a != b && !g.files[a].Test && !g.files[b].Test {
			out = append(out, couple{a, b})
		}
	}
	return out
}

// share is the part of the product's code that a unit holds.
func (j *joiner) share(i int32) float64 {
	return float64(j.units[i].size.product) / float64(j.total)
}

// lift is how much more two units hang together than they would by chance: the
// pairs of files between them by what their numbers of pairs let expect. What
// everybody uses has a low lift with everybody, so it does not draw them in.
func (j *joiner) lift(a, b int32) float64 {
	return j.ties[a][b] * 2 * j.pairs / (j.degree[a] * j.degree[b])
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

// topShare is the share of the code from which a folder at the root is left as
// it is: people know it by its name.
const topShare = 0.02

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
			u := j.units[i]
			if u.gone || j.share(i) >= share || u.group.parent == nil && (u.loose || share > topShare && j.left <= tooMany) {
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
// community, and tied to it by more than chance. The files that lie in the
// folder itself take in its small subfolders in any case, but those of the root
// do not: they are no home for strangers.
func (j *joiner) partner(i int32, members []int32, communities map[int32]int) int32 {
	best, strongest := int32(-1), 1.0
	for _, k := range slices.Sorted(maps.Keys(j.ties[i])) {
		u := j.units[k]
		if u.gone || u.role != "" || u.group != j.units[i].group || communities[k] != communities[i] && !u.isHome() {
			continue
		}
		if lift := j.lift(i, k); lift > strongest && j.fits(i, k) && !j.closesCircle(i, k) {
			best, strongest = k, lift
		}
	}
	if best >= 0 {
		return best
	}
	for _, k := range members {
		if k != i && j.units[k].isHome() && !j.units[k].gone && j.fits(i, k) && !j.closesCircle(i, k) {
			return k
		}
	}
	return -1
}

// isHome reports whether a unit is the files that lie in a folder other than
// the root.
func (u *unit) isHome() bool { return u.loose && u.folder.path != "." }

// mostShare is the share of the product's code that joined folders may make up
// together. Beyond, a map of it says nothing.
const mostShare = 0.20

// fits reports whether two units are small enough to be one. What is tiny goes
// anywhere.
func (j *joiner) fits(a, b int32) bool {
	return min(j.share(a), j.share(b)) < 0.01 || j.share(a)+j.share(b) <= mostShare
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
		} else {
			j.degree[b] -= 2 * pairs // they are inside now
		}
	}
	j.degree[b] += j.degree[a]
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
	for i, other := range j.units {
		if int32(i) != last && !other.gone && other.role == "" && isBelow(other.folder.path, u.group.path) {
			return // a subfolder was split itself and is still there
		}
	}
	if len(members) > 1 {
		u.folder, u.loose, u.rest, u.named, u.alone = u.group, false, false, "", u.size.product
		u.joined = slices.DeleteFunc(u.joined, func(p *unit) bool { return isBelow(p.folder.path, u.folder.path) })
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
// with its siblings.
const restShare = 0.04

// joinRest joins what ties do not: first small folders that rest on no sibling,
// then those that no sibling uses. Neither can close a circle. Where there are
// far too many still, the small ones of a folder go together under its name.
func (j *joiner) joinRest() {
	inGroup := func(used map[int32]bool, group *folder) bool {
		for k := range used {
			if j.units[k].group == group {
				return true
			}
		}
		return false
	}
	for _, members := range j.siblings() {
		j.joinSmall(members, func(i int32) bool { return !inGroup(j.uses[i], j.units[i].group) })
		j.joinSmall(members, func(i int32) bool { return !inGroup(j.usedBy[i], j.units[i].group) })
		j.rise(members)
	}
	for _, members := range j.siblings() {
		if j.left <= mostComponents {
			return
		}
		j.underOneName(members)
		j.rise(members)
	}
}

// joinSmall joins the small members of which something holds, smallest first,
// while there are too many.
func (j *joiner) joinSmall(members []int32, holds func(i int32) bool) {
	into := int32(-1)
	for _, i := range slices.SortedFunc(slices.Values(members), j.bySize) {
		u := j.units[i]
		top := u.group.parent == nil
		if j.left <= mostComponents || j.share(i) >= restShare {
			return
		}
		// Folders at the root without ties are strangers to each other.
		if u.gone || u.loose || top || !holds(i) {
			continue
		}
		if into >= 0 && j.share(into)+j.share(i) <= mostShare {
			j.absorb(into, i)
		}
		into = i
	}
}

// underOneName joins the small members under the name of the folder that holds
// them. At the root, under a name that says what they are: others, without the
// programs, and only as many as there are too many.
func (j *joiner) underOneName(members []int32) {
	var rest []int32
	home := int32(-1)
	top := j.units[members[0]].group.parent == nil
	for _, i := range members {
		u := j.units[i]
		if u.isHome() {
			home = i
		}
		if j.share(i) < restShare && !u.loose && (!top || !j.holdsProgram(u)) {
			rest = append(rest, i)
		}
	}
	slices.SortFunc(rest, j.bySize)
	if top {
		rest = rest[:min(len(rest), j.left-mostComponents+1)]
	}
	if len(rest) == 0 || len(rest) < 2 && home < 0 {
		return
	}
	if home < 0 {
		home = rest[len(rest)-1]
		j.units[home].rest = true
	}
	j.gather(home, rest)
}

func (j *joiner) holdsProgram(u *unit) bool {
	return slices.ContainsFunc(u.files, func(i int32) bool { return isProgram(&j.g.files[i]) })
}
