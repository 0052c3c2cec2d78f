package graph

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"gonum.org/v1/gonum/graph/community"
)

// A folder with a hundred files and no folders says nothing by its tree. It is
// divided by the graph: files are tied by imports, common changes and the first
// word of their names, Louvain finds communities, and they are taken when they
// hang together better than chance by much. A file and its header, or its test,
// are one. What a quarter of the others use ties nothing together: such files
// are a part of their own, and so is a family, more than a third of the files whose
// names begin with one word.

// The bounds of what is divided by the graph.
const (
	flatModularity = 0.20    // Newman's Q of a division that is worth showing; C's is seldom more
	flatResolution = 1.5     // of Louvain: parts of ten files say more than parts of fifty
	flatShare      = 0.60    // of the code: where one part has more, there is but one
	flatFewest     = 3       // nodes of a part
	flatLines      = 0.02    // share of the code of a part
	flatHub        = 0.25    // share of the others that use a file which everybody uses
	flatWord       = 0.50    // share of a part's files that its name is a word of
	flatFamily     = 1.0 / 3 // share of the files that begin with one word from which on they are a part of their own
	flatWhole      = 0.60    // share from which on the word is the name of the whole
	flatMost       = 2000    // nodes
	flatTied       = 32      // files of a word that all others of the word are tied to
)

// flatNode is a file with its header and its test.
type flatNode struct {
	stem  string
	files []int32
	lines int64
	hub   bool
	// family is not 0 where the file begins with the word of a great part of the
	// folder. Such files are a part whatever they use, and so tie nothing together.
	family int
}

func (n *flatNode) tied() bool { return !n.hub && n.family == 0 }

// flat divides the files that lie in a folder directly into so many parts at
// most, and what everybody uses; nil where they have no parts to speak of.
func (n *nester) flat(root *folder, couples []couple, whole bool, most int) []*unit {
	g := n.top.g
	nodes, nodeOf, loose := n.flatNodes(root, whole)
	if len(nodes) < nestFiles || len(nodes) > flatMost {
		return nil
	}
	words := firstWords(nodes)
	for w, members := range words {
		if share := float64(len(members)) / float64(len(nodes)); share > flatFamily && share <= flatWhole {
			for _, k := range members {
				nodes[k].family = w + 1
			}
		}
	}
	ties := n.flatTies(nodes, nodeOf, words, couples)
	parts := flatParts(nodes, ties, most)
	if parts == nil {
		return nil
	}
	total := int64(0)
	for i := range nodes {
		total += nodes[i].lines
	}
	taken := map[string]bool{}
	units := make([]*unit, 0, len(parts))
	for _, part := range parts {
		u := &unit{folder: root, loose: true, group: root, named: n.flatName(nodes, part, taken)}
		for _, k := range part {
			u.files = append(u.files, nodes[k].files...)
		}
		units = append(units, u)
	}
	// What is no code lies beside the largest part.
	units[0].files = append(units[0].files, loose...)
	for _, u := range units {
		for _, i := range u.files {
			u.size.add(sizeOf(&g.files[i], whole))
		}
		if u.alone = u.size.product; float64(u.alone) > flatShare*float64(total) {
			return nil
		}
	}
	return units
}

// flatNodes makes nodes of the files of a folder that hold code. loose are the
// others.
func (n *nester) flatNodes(root *folder, whole bool) (nodes []flatNode, nodeOf map[int32]int, loose []int32) {
	nodeOf, byStem := map[int32]int{}, map[string]int{}
	for _, i := range root.own {
		f := &n.top.g.files[i]
		if f.Facts == nil || isSettings(f.Path) {
			loose = append(loose, i)
			continue
		}
		name := stem(f.Path)
		for _, affix := range []string{"_test", ".test", ".spec", "_spec"} {
			name = strings.TrimSuffix(name, affix)
		}
		k, known := byStem[name]
		if !known {
			k = len(nodes)
			byStem[name] = k
			nodes = append(nodes, flatNode{stem: name})
		}
		nodeOf[i] = k
		nodes[k].files = append(nodes[k].files, i)
		if whole || !f.Test {
			nodes[k].lines += f.Code
		}
	}
	return nodes, nodeOf, loose
}

// flatUses sums the references of nodes to others, and counts the nodes that use
// each.
func (n *nester) flatUses(nodes []flatNode, nodeOf map[int32]int) (uses []map[int]float64, users []int) {
	uses, users = make([]map[int]float64, len(nodes)), make([]int, len(nodes))
	for k := range nodes {
		uses[k] = map[int]float64{}
		for _, i := range nodes[k].files {
			for _, l := range n.top.g.out.of(i) {
				if to, ok := nodeOf[l.file]; ok && to != k {
					uses[k][to] += float64(l.refs)
				}
			}
		}
		for to := range uses[k] {
			users[to]++
		}
	}
	return uses, users
}

// flatTies weighs what holds between nodes, both ways, and marks what everybody
// uses. A use counts by its references, and less the more others use the same.
func (n *nester) flatTies(nodes []flatNode, nodeOf map[int32]int, words [][]int, couples []couple) []map[int]float64 {
	uses, users := n.flatUses(nodes, nodeOf)
	ties := make([]map[int]float64, len(nodes))
	for k := range nodes {
		ties[k] = map[int]float64{}
		nodes[k].hub = float64(users[k]) > flatHub*float64(len(nodes))
	}
	tie := func(a, b int, weight float64) {
		if a != b && nodes[a].tied() && nodes[b].tied() {
			ties[a][b] += weight
			ties[b][a] += weight
		}
	}
	for k := range nodes {
		for _, to := range slices.Sorted(maps.Keys(uses[k])) {
			tie(k, to, math.Sqrt(min(uses[k][to], 25))/float64(users[to]))
		}
	}
	for _, c := range couples {
		a, ok := nodeOf[c.a]
		b, ok2 := nodeOf[c.b]
		if ok && ok2 {
			tie(a, b, 1)
		}
	}
	for _, members := range words {
		if float64(len(members)) > flatFamily*float64(len(nodes)) {
			continue // a part of its own, or the name of the whole
		}
		tieWord(nodes, members, tie)
	}
	return ties
}

// firstWords lists the files whose names begin with the same of several words, in
// the order of the words.
func firstWords(nodes []flatNode) [][]int {
	byWord := map[string][]int{}
	for k := range nodes {
		if first := stemWords(nodes[k].stem); len(first) > 1 {
			byWord[first[0]] = append(byWord[first[0]], k)
		}
	}
	for k := range nodes { // cluster itself, beside cluster_legacy
		if members := byWord[strings.ToLower(nodes[k].stem)]; len(members) > 0 {
			byWord[strings.ToLower(nodes[k].stem)] = append(members, k)
		}
	}
	out := make([][]int, 0, len(byWord))
	for _, word := range slices.Sorted(maps.Keys(byWord)) {
		out = append(out, byWord[word])
	}
	return out
}

// tieWord ties the files of a word: each to each, and where they are many each to
// some of them, by so much more that the whole weighs the same. So the ties of a
// folder grow with its files, and not with their square.
func tieWord(nodes []flatNode, members []int, tie func(a, b int, weight float64)) {
	var tied [][2]int
	for i, centers := 0, 0; i < len(members) && centers < flatTied; i++ {
		if nodes[members[i]].hub {
			continue // is tied to nothing
		}
		centers++
		for _, b := range members[i+1:] {
			if !nodes[b].hub {
				tied = append(tied, [2]int{members[i], b})
			}
		}
	}
	free := 0
	for _, k := range members {
		if !nodes[k].hub {
			free++
		}
	}
	pairs := free * (free - 1) / 2
	for _, t := range tied {
		tie(t[0], t[1], 2/math.Sqrt(float64(len(members)))*(float64(pairs)/float64(len(tied))))
	}
}

// flatParts finds the communities, the one with most code first, nil where they
// are none to speak of.
func flatParts(nodes []flatNode, ties []map[int]float64, most int) [][]int {
	g := &tieGraph{neighbours: make([][]int64, len(nodes)), weights: map[[2]int64]float64{}}
	for k := range nodes {
		for _, to := range slices.Sorted(maps.Keys(ties[k])) {
			g.neighbours[k] = append(g.neighbours[k], int64(to))
			g.weights[[2]int64{int64(k), int64(to)}] = ties[k][to]
		}
	}
	if len(g.weights) == 0 {
		return nil
	}
	found := community.Modularize(g, flatResolution, rand.NewPCG(louvainSeed, louvainSeed)).Communities()
	if community.Q(g, found, 1) < flatModularity {
		return nil
	}
	var parts [][]int
	var hubs []int
	families := map[int][]int{}
	for _, members := range found {
		var part []int
		for _, m := range members {
			switch k := int(m.ID()); {
			case nodes[k].family > 0:
				families[nodes[k].family] = append(families[nodes[k].family], k)
			case nodes[k].hub:
				hubs = append(hubs, k)
			default:
				part = append(part, k)
			}
		}
		if len(part) > 0 {
			slices.Sort(part)
			parts = append(parts, part)
		}
	}
	slices.Sort(hubs)
	parts = joinFlat(nodes, ties, parts, hubs, most)
	for _, word := range slices.Sorted(maps.Keys(families)) {
		parts = append(parts, slices.Sorted(slices.Values(families[word])))
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}

// joinFlat joins small parts, and those that are too many, to the one that they
// are tied to most for its size; what is tied to none goes with what everybody
// uses.
func joinFlat(nodes []flatNode, ties []map[int]float64, parts [][]int, shared []int, most int) [][]int {
	total := int64(1)
	for k := range nodes {
		total += nodes[k].lines
	}
	lines := func(part []int) (sum int64) {
		for _, k := range part {
			sum += nodes[k].lines
		}
		return sum
	}
	order := func(a, b []int) int { return cmp.Or(cmp.Compare(lines(a), lines(b)), cmp.Compare(a[0], b[0])) }
	sorted := make([][]int, len(nodes))
	for k := range nodes {
		sorted[k] = slices.Sorted(maps.Keys(ties[k]))
	}
	for {
		slices.SortFunc(parts, order)
		small := slices.IndexFunc(parts, func(p []int) bool { return len(p) < flatFewest || float64(lines(p)) < flatLines*float64(total) })
		if small < 0 && len(parts) > most {
			small = 0
		}
		if small < 0 {
			break
		}
		if best := strongestTie(parts, small, ties, sorted); best < 0 {
			shared = append(shared, parts[small]...)
		} else {
			parts[best] = append(parts[best], parts[small]...)
			slices.Sort(parts[best])
		}
		parts = slices.Delete(parts, small, small+1)
	}
	slices.Reverse(parts)
	if len(shared) > 0 && len(parts) > 0 {
		slices.Sort(shared)
		parts = append(parts, shared)
	}
	return parts
}

// flatName names a part by the word that most of its files share, else by its
// most central file.
func (n *nester) flatName(nodes []flatNode, part []int, taken map[string]bool) string {
	count, first := map[string]int{}, map[string]int{}
	for _, k := range part {
		words := stemWords(nodes[k].stem)
		for _, w := range slices.Compact(slices.Sorted(slices.Values(words))) {
			count[w]++
		}
		if len(words) > 1 {
			first[words[0]]++
		}
	}
	best := ""
	for _, w := range slices.Sorted(maps.Keys(count)) {
		if float64(count[w]) >= flatWord*float64(len(part)) && count[w] > count[best] {
			best = w
		}
	}
	if best != "" && len(best) < 3 && first[best] == count[best] {
		best += "_*"
	}
	if len(best) < 3 || taken[best] {
		best = n.flatHeads(nodes, part)
	}
	taken[best] = true
	return best
}

// flatHeads names a part by its two files with most code: those that people
// know.
func (n *nester) flatHeads(nodes []flatNode, part []int) string {
	heads := slices.SortedFunc(slices.Values(part), func(a, b int) int {
		return cmp.Or(cmp.Compare(nodes[b].lines, nodes[a].lines), cmp.Compare(a, b))
	})
	switch first := n.flatFile(&nodes[heads[0]]); len(heads) {
	case 1:
		return first
	case 2:
		return first + " and " + n.flatFile(&nodes[heads[1]])
	default:
		return fmt.Sprintf("%s, %s and %d more", first, n.flatFile(&nodes[heads[1]]), len(heads)-2)
	}
}

// flatFile is the name of the file of a node with most code.
func (n *nester) flatFile(node *flatNode) string {
	file := slices.MaxFunc(node.files, func(a, b int32) int {
		x, y := &n.top.g.files[a], &n.top.g.files[b]
		return cmp.Or(boolCompare(y.Test, x.Test), cmp.Compare(x.Code, y.Code), cmp.Compare(b, a))
	})
	return path.Base(n.top.g.files[file].Path)
}

// stemWords are the words of a file's name, in lower case.
func stemWords(name string) []string {
	var out []string
	from := 0
	cut := func(at int) {
		if at > from {
			out = append(out, strings.ToLower(name[from:at]))
		}
		from = at
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-' || c == '.':
			cut(i)
			from = i + 1
		case c >= 'A' && c <= 'Z' && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z':
			cut(i)
		}
	}
	cut(len(name))
	return out
}

// strongestTie returns the part that one holds to the most, for its size; -1
// where it holds to none. sorted are the keys of the ties, in order.
func strongestTie(parts [][]int, of int, ties []map[int]float64, sorted [][]int) int {
	partOf := make([]int, len(ties))
	for k := range partOf {
		partOf[k] = of // what is in no part counts for none
	}
	for to, members := range parts {
		for _, k := range members {
			partOf[k] = to
		}
	}
	weights := make([]float64, len(parts))
	for _, a := range parts[of] {
		for _, b := range sorted[a] {
			weights[partOf[b]] += ties[a][b]
		}
	}
	best, strongest := -1, 0.0
	for to, weight := range weights {
		if weight /= math.Sqrt(float64(len(parts[to]))); to != of && weight > strongest {
			best, strongest = to, weight
		}
	}
	return best
}
