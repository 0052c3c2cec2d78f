package graph

import (
	"math"
	"path"
	"slices"
	"strings"
)

// folderAgreement is the adjusted mutual information of the components and the
// folders, over the files of the product, tests apart. The tree is cut at the
// depth that agrees most. Nil where there is one component or one folder only:
// there is nothing to agree on.
func (m *Map) folderAgreement() *float64 {
	var parts []int32
	var dirs []string
	distinct := map[int32]bool{}
	for i := range m.g.files {
		f := &m.g.files[i]
		if n := m.of[i]; !f.Test && f.Kind == kindProgramming && isProduct(&m.components[n]) {
			parts, distinct[n] = append(parts, n), true
			dirs = append(dirs, path.Dir(logicalPath(f.Path)))
		}
	}
	var best *float64
	for depth := 1; depth <= maxCut; depth++ {
		folders, count, deeper := cutFolders(dirs, depth)
		if agreement := adjustedMutualInformation(parts, folders); agreement != nil && (best == nil || *agreement > *best) {
			best = agreement
		}
		if !deeper || count > manyFolders*len(distinct) {
			break
		}
	}
	return best
}

const (
	maxCut      = 24 // the depth down to which the tree is cut
	manyFolders = 8  // times the components: beyond, the folders are too fine to agree
)

// cutFolders numbers the folders of files by their first folders, depth many,
// and counts them. deeper says that some lie deeper.
func cutFolders(dirs []string, depth int) (folders []int32, count int, deeper bool) {
	number := map[string]int32{}
	folders = make([]int32, len(dirs))
	for i, dir := range dirs {
		name, whole := upToDepth(dir, depth)
		deeper = deeper || !whole
		n, ok := number[name]
		if !ok {
			n = int32(len(number)) //nolint:gosec // one for a file at most
			number[name] = n
		}
		folders[i] = n
	}
	return folders, len(number), deeper
}

// upToDepth returns the first folders of a path, and whether these are all.
func upToDepth(dir string, depth int) (name string, whole bool) {
	at := 0
	for range depth {
		next := strings.IndexByte(dir[at:], '/')
		if next < 0 {
			return dir, true
		}
		at += next + 1
	}
	return dir[:at-1], false
}

// adjustedMutualInformation compares two ways to divide the same things, each
// given as the number of every thing's part:
//
//	(MI − E[MI]) / (½(H(a) + H(b)) − E[MI])
//
// E[MI] is the mutual information that parts of these sizes have by chance
// (Vinh, Epps and Bailey 2010, with the arithmetic mean). 1 is the same
// division, 0 what chance gives, and less is possible. Nil when one of them has
// one part only, or all parts of both are single things.
func adjustedMutualInformation(a, b []int32) *float64 {
	sizesA, sizesB, both := map[int32]int{}, map[int32]int{}, map[[2]int32]int{}
	for i := range a {
		sizesA[a[i]]++
		sizesB[b[i]]++
		both[[2]int32{a[i], b[i]}]++
	}
	if len(sizesA) < 2 || len(sizesB) < 2 {
		return nil
	}
	// Sorted, so that the sums do not hang on the order of a map.
	listA, listB := sortedValues(sizesA), sortedValues(sizesB)
	ha, hb := entropy(listA, len(a)), entropy(listB, len(a))
	mutual := ha + hb - entropy(sortedValues(both), len(a))
	expected := expectedMutualInformation(listA, listB, len(a))
	scale := (ha+hb)/2 - expected
	if scale < 1e-12 {
		return nil
	}
	return new((mutual - expected) / scale)
}

func sortedValues[K comparable](m map[K]int) []int {
	out := make([]int, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// entropy of parts of n things, in nats.
func entropy(sizes []int, n int) float64 {
	h := 0.0
	for _, size := range sizes {
		p := float64(size) / float64(n)
		h -= p * math.Log(p)
	}
	return h
}

// expectedMutualInformation is the mean of the mutual information over all ways
// to deal n things into parts of these sizes: the number of things that two
// parts share follows the hypergeometric distribution. The time that it takes
// grows with the parts of a times n.
func expectedMutualInformation(a, b []int, n int) float64 {
	logs := make([]float64, n+1) // of factorials
	for k := 2; k <= n; k++ {
		logs[k] = logs[k-1] + math.Log(float64(k))
	}
	total, sum := float64(n), 0.0
	for _, x := range a {
		for _, y := range b {
			ways := logs[x] + logs[y] + logs[n-x] + logs[n-y] - logs[n]
			for k := max(1, x+y-n); k <= min(x, y); k++ {
				chance := math.Exp(ways - logs[k] - logs[x-k] - logs[y-k] - logs[n-x-y+k])
				sum += float64(k) / total * math.Log(total*float64(k)/(float64(x)*float64(y))) * chance
			}
		}
	}
	return sum
}
