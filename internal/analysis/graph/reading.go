package graph

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The bounds of the reading order, in steps.
const (
	fewSteps     = 12
	mostSteps    = 20
	mostDocs     = 3
	mostStarts   = 3
	mostOfOne    = 4  // files of one component, beside entry points
	startSearch  = 40 // entry points looked at
	startFavour  = 10 // how much more often a reader starts at an entry point
	documentedBy = 1.3
	substantial  = 1000 // lines of code beyond which more say nothing
	substance    = 0.4  // power of the lines
)

// ReadingOrder returns the files to read first, in order: documents, where the
// program starts, then what is most central, so that what a file uses comes
// before it. documents are the caller's, most telling first.
//
// The central files are those with the highest PageRank on the graph of
// references for a reader who starts everywhere, and more often at entry
// points; a documented file counts for more. Every component of product code
// has one as far as the steps reach, the largest first.
func (m *Map) ReadingOrder(documents []report.Document) []report.ReadingStep {
	steps := []report.ReadingStep{}
	for _, d := range documents[:min(len(documents), mostDocs)] {
		steps = append(steps, m.document(d))
	}
	chosen := map[int32]bool{}
	for _, i := range m.starts() {
		steps = append(steps, m.step(i, m.startReason(i)))
		chosen[i] = true
	}
	if i := m.front(); len(chosen) == 0 && i >= 0 {
		steps = append(steps, m.step(i, "leads to "+files(m.g.reachable(i)-1)))
		chosen[i] = true
	}
	for _, i := range m.inOrder(m.central(chosen, mostSteps-len(steps))) {
		steps = append(steps, m.step(i, m.reason(i)))
	}
	return steps
}

func (m *Map) document(d report.Document) report.ReadingStep {
	step := report.ReadingStep{Path: d.Path, Component: m.ComponentOf(d.Path), Reason: "what the project says of itself"}
	if base := strings.ToLower(path.Base(d.Path)); !strings.HasPrefix(base, "readme") && d.Title != "" {
		step.Reason = "the project's own words on “" + d.Title + "”"
	}
	if i, ok := m.g.index[d.Path]; ok {
		step.Lines = m.g.files[i].Code
	}
	return step
}

func (m *Map) step(i int32, reason string) report.ReadingStep {
	f := &m.g.files[i]
	return report.ReadingStep{Path: f.Path, Component: m.components[m.of[i]].Name, Reason: reason, Lines: f.Code}
}

// isProduct reports whether a component is what the repository is for.
func isProduct(c *report.Component) bool {
	return c.Type == typeApplication || c.Type == typeLibrary
}

// starts returns the entry points to read: those that lead to most of the code.
func (m *Map) starts() []int32 {
	type start struct {
		file    int32
		kind    int
		reached int
	}
	libraries := map[int32]bool{}
	for i, e := range m.entries {
		libraries[m.of[i]] = libraries[m.of[i]] || e.Kind == entryLibrary
	}
	var found []start
	for i := range m.g.files {
		f := &m.g.files[i]
		if f.Test || f.Facts == nil || !isProduct(&m.components[m.of[i]]) {
			continue
		}
		kind := 3
		if e, ok := m.entries[int32(i)]; ok {
			kind = slices.Index([]string{entryProgram, entryContainer, entryLibrary}, e.Kind)
		} else if isProgram(f) && !libraries[m.of[i]] { // one in a library helps with it: it does not start there
			kind = 0
		}
		if kind >= 0 && kind < 3 {
			found = append(found, start{file: int32(i), kind: kind})
		}
	}
	byPlace := func(a, b start) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(m.depth(a.file), m.depth(b.file)), cmp.Compare(a.file, b.file))
	}
	if slices.ContainsFunc(found, func(s start) bool { return m.components[m.of[s.file]].Type == typeApplication }) {
		// A generator or a sample in a library is not where an application starts.
		found = slices.DeleteFunc(found, func(s start) bool {
			return s.kind < 2 && m.components[m.of[s.file]].Type != typeApplication && !m.isNear(s.file)
		})
	}
	if product := slices.DeleteFunc(slices.Clone(found), func(s start) bool { return isAid(m.g.files[s.file].Path) }); len(product) > 0 || m.front() >= 0 {
		found = product
	}
	slices.SortFunc(found, byPlace)
	found = found[:min(len(found), startSearch)]
	for k := range found {
		found[k].reached = m.g.reachable(found[k].file)
	}
	slices.SortFunc(found, func(a, b start) int {
		return cmp.Or(boolCompare(a.kind == 2, b.kind == 2), cmp.Compare(b.reached, a.reached), byPlace(a, b))
	})
	var files []int32
	for _, s := range found {
		// A program a tenth the size of the first is not where to begin, nor is
		// one that lies much deeper.
		if s.reached*10 > found[0].reached && m.depth(s.file) <= m.depth(found[0].file)+1 {
			files = append(files, s.file)
		}
	}
	return m.withoutTrivial(files)
}

// isAid reports whether a program lies among those that serve the work on the
// software, such as one that makes a release or fills a database.
func isAid(p string) bool {
	if before, _, ok := strings.Cut(logicalPath(p), "src/main/java/"); ok {
		p = before + "src/main/java" // the names of packages say nothing of it
	}
	if top, _, _ := strings.Cut(p, "/"); evidence.PlaceOfOwn(p) == evidence.Aside || evidence.HelpsInside(p) || strings.EqualFold(top, "cmake") {
		return true
	}
	for folder := range strings.SplitSeq(path.Dir(p), "/") {
		if folder == "seed" || folder == "seeds" || folder == "support" || folder == "release" {
			return true
		}
	}
	return false
}

// isNear reports whether a file lies at most one folder below the one that its
// component is named for.
func (m *Map) isNear(i int32) bool {
	c := &m.components[m.of[i]]
	dir := path.Dir(m.g.files[i].Path)
	return isBelow(dir, c.Path) && folderDepth(dir) <= folderDepth(c.Path)+1
}

func (m *Map) depth(i int32) int { return folderDepth(m.g.files[i].Path) }

// withoutTrivial drops entry points that only call another, such as __main__
// beside cli, and what is more than a few.
func (m *Map) withoutTrivial(starts []int32) []int32 {
	// One that only starts a framework is all that an application has: it goes
	// where its own component has a better one.
	better := map[int32]bool{}
	for _, i := range starts {
		better[m.of[i]] = better[m.of[i]] || !isTrivial(&m.g.files[i])
	}
	first := map[int32]bool{} // components of which a trivial one is among them
	starts = slices.DeleteFunc(slices.Clone(starts), func(i int32) bool {
		if !isTrivial(&m.g.files[i]) {
			return false
		}
		again := first[m.of[i]]
		first[m.of[i]] = true
		return again
	})
	telling := slices.DeleteFunc(slices.Clone(starts), func(i int32) bool {
		return isTrivial(&m.g.files[i]) && (better[m.of[i]] || m.components[m.of[i]].Type != typeApplication)
	})
	if len(telling) > 0 {
		starts = telling
	} else {
		starts = slices.DeleteFunc(starts, func(i int32) bool { return m.entries[i].Kind == entryLibrary && !isProgram(&m.g.files[i]) })
		starts = starts[:min(len(starts), 1)]
	}
	return starts[:min(len(starts), mostStarts)]
}

// reachable counts the files that one leads to.
func (g *Graph) reachable(from int32) int {
	seen := make([]bool, len(g.files))
	seen[from] = true
	queue := []int32{from}
	n := 0
	for len(queue) > 0 {
		at := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		n++
		for _, l := range g.out.of(at) {
			if !seen[l.file] {
				seen[l.file] = true
				queue = append(queue, l.file)
			}
		}
	}
	return n
}

// scores ranks every file for a newcomer: by PageRank from where they start, and
// by what there is to read, as PageRank alone ends at the smallest utilities.
func (m *Map) scores() []float64 {
	start := make([]float64, len(m.g.files))
	for i := range m.g.files {
		f := &m.g.files[i]
		start[i] = 1 // tests too: they show what users of the code use
		if f.Test {
			continue
		}
		if _, ok := m.entries[int32(i)]; ok || isProgram(f) {
			start[i] = startFavour
		}
	}
	score := pageRank(&m.g.out, start)
	for i := range score {
		f := &m.g.files[i]
		score[i] *= math.Pow(float64(min(f.Code, substantial)), substance)
		if f.Facts != nil && f.Facts.Doc != "" {
			score[i] *= documentedBy
		}
	}
	return score
}

// candidates are the files worth reading, best first.
func (m *Map) candidates(chosen map[int32]bool) []int32 {
	var out []int32
	for n := range m.g.files {
		i, f := int32(n), &m.g.files[n]
		if !chosen[i] && !f.Test && f.Kind == kindProgramming && !isTrivial(f) && !isMigration(f.Path) && isProduct(&m.components[m.of[i]]) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b int32) int { return cmp.Or(cmp.Compare(m.score[b], m.score[a]), cmp.Compare(a, b)) })
	return out
}

// isMigration reports whether a file is a step of a database's past: what the
// steps come to stands in the models.
func isMigration(p string) bool {
	for folder := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
		if strings.HasSuffix(folder, "migrations") || folder == "migrate" {
			return true
		}
	}
	return false
}

// front is where to begin with code that has no entry point: the best of the
// candidates that lead to nearly as much as any, -1 when none leads anywhere.
func (m *Map) front() int32 {
	best := m.candidates(nil)
	best = best[:min(len(best), startSearch)]
	reached, most := make([]int, len(best)), 0
	for k, i := range best {
		reached[k] = m.g.reachable(i)
		most = max(most, reached[k])
	}
	for k, i := range best {
		if most > 1 && reached[k]*5 >= most*4 {
			return i
		}
	}
	return -1
}

// central chooses the most central files: the first of every component, then
// the best of all, at most limit.
func (m *Map) central(chosen map[int32]bool, limit int) []int32 {
	candidates := m.candidates(chosen)
	best := make([]int32, len(m.components))
	for k := range best {
		best[k] = -1
	}
	for _, i := range candidates {
		if best[m.of[i]] < 0 {
			best[m.of[i]] = i
		}
	}
	var out []int32
	for k, i := range best { // components come largest first
		if i >= 0 && len(out) < limit && m.isImportant(&m.components[k]) {
			out = append(out, i)
		}
	}
	wanted := min(limit, max(fewSteps, len(out)+len(out)/2)-len(chosen))
	return m.choose(out, candidates, wanted)
}

// isImportant reports whether a component is worth a step whatever its rank.
func (m *Map) isImportant(c *report.Component) bool {
	return c.Lines*100 >= m.lines || len(c.Dependents) > 0
}

// choose adds the best candidates up to the number wanted, few of one component.
func (m *Map) choose(out, candidates []int32, wanted int) []int32 {
	taken, perComponent := map[int32]bool{}, map[int32]int{}
	for _, i := range out {
		taken[i] = true
		perComponent[m.of[i]]++
	}
	for _, most := range []int{mostOfOne, mostSteps} {
		for _, i := range candidates {
			if len(out) >= wanted {
				return out
			}
			if !taken[i] && perComponent[m.of[i]] < most {
				taken[i] = true
				perComponent[m.of[i]]++
				out = append(out, i)
			}
		}
	}
	return out
}

// inOrder puts files so that what a file uses comes before it, as far as they
// do not use each other. Among those that can come next, the one of the same
// component as the last goes first, then the one of the lower layer.
func (m *Map) inOrder(files []int32) []int32 {
	heights := m.heights()
	left := slices.Clone(files)
	slices.SortFunc(left, func(a, b int32) int {
		return cmp.Or(cmp.Compare(heights[m.of[a]], heights[m.of[b]]), cmp.Compare(m.of[a], m.of[b]), cmp.Compare(m.score[b], m.score[a]), cmp.Compare(a, b))
	})
	var out []int32
	for len(left) > 0 {
		next := slices.MinFunc(left, func(a, b int32) int {
			last := int32(-1)
			if len(out) > 0 {
				last = m.of[out[len(out)-1]]
			}
			return cmp.Or(cmp.Compare(m.missing(a, left), m.missing(b, left)), boolCompare(m.of[b] == last, m.of[a] == last))
		})
		out = append(out, next)
		left = slices.DeleteFunc(left, func(i int32) bool { return i == next })
	}
	return out
}

// missing counts the files that one uses and that are still to come, without
// those that use it as well.
func (m *Map) missing(i int32, left []int32) int {
	n := 0
	for _, k := range left {
		if k != i && m.g.linked(i, k) && !m.g.linked(k, i) {
			n++
		}
	}
	return n
}

// heights returns the layer of each component, from the bottom.
func (m *Map) heights() []int {
	index := m.byName()
	out := make([]int, len(m.components))
	layers := m.layers(m.strong())
	for h, names := range layers {
		for _, name := range names {
			out[index[name]] = len(layers) - 1 - h
		}
	}
	return out
}

func (m *Map) startReason(i int32) string {
	e := m.entries[i]
	switch {
	case e.Kind == entryLibrary:
		return "what users of the library import"
	case e.Kind == entryContainer:
		return "what the container runs"
	case e.Name != "" && len(m.components) > 1:
		return "where " + e.Name + " starts"
	}
	return "where the program starts"
}

// reason says in a clause why a file is worth reading. It states what was
// counted, tests apart.
func (m *Map) reason(i int32) string {
	f := &m.g.files[i]
	users, components := 0, map[int32]bool{}
	for _, l := range m.g.in.of(i) {
		if !m.g.files[l.file].Test {
			users++
			components[m.of[l.file]] = true
		}
	}
	verb := "imported by "
	if usedWithoutImport[f.Language] {
		verb = "used by "
	}
	types := 0
	for _, d := range f.Facts.Declares {
		if isType(d) {
			types++
		}
	}
	switch {
	case users == 0:
		return m.reasonUnused(i)
	case types > 1 && types >= len(f.Facts.Functions) && users > 2:
		return "declares the types that " + files(users) + " use"
	case len(components) > 2:
		return fmt.Sprintf("%s%s in %d components", verb, files(users), len(components))
	}
	return verb + files(users)
}

// usedWithoutImport are the languages in which code can use a file that it does
// not import: one of its package, or one that is linked with it.
var usedWithoutImport = map[string]bool{"Go": true, "Java": true, "C": true, "C++": true, "Rust": true}

func (m *Map) reasonUnused(i int32) string {
	if used := len(m.g.out.of(i)); used > 2 {
		return "brings together " + files(used)
	}
	return "the most central file of " + m.components[m.of[i]].Name
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}
