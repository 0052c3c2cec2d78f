package feature

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// features makes the report of the groups: those with the most things first,
// what every service has last.
func (g *grouping) features(tags map[string]string) []report.Feature {
	list := make([]*cluster, 0, len(g.groups))
	for _, gr := range g.groups {
		list = append(list, gr)
	}
	slices.SortFunc(list, func(a, b *cluster) int {
		return cmp.Or(cmp.Compare(a.aside(), b.aside()), cmp.Compare(len(b.items), len(a.items)), cmp.Compare(a.key, b.key))
	})
	served := map[string]int{} // features that a file has things of
	for _, gr := range list {
		for _, p := range gr.places() {
			served[p]++
		}
	}
	reached := map[string]int{}
	for _, gr := range list {
		for _, p := range g.near(gr, served) {
			reached[p]++
		}
	}
	out := []report.Feature{}
	for _, gr := range list {
		out = append(out, g.feature(gr, served, reached, max(2, len(list)/5), tags))
	}
	g.tests(out, served, reached)
	return out
}

// aside is 1 for what every service has.
func (gr *cluster) aside() int {
	if gr.key == keyHealth || gr.key == keyDocs || gr.key == keyRest || gr.key == keyData {
		return 1
	}
	return 0
}

// places are the files of a group's things and their handlers, each once.
func (gr *cluster) places() []string {
	var out []string
	for _, it := range gr.items {
		out = append(out, it.at.Path)
		if it.also != "" {
			out = append(out, it.also)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hub is how many features a file may have things of and still be looked
// through: a table of all routes uses everything.
const hub = 3

// near are the files that a group's own files use.
func (g *grouping) near(gr *cluster, served map[string]int) []string {
	var out []string
	if g.in.Uses == nil {
		return nil
	}
	for _, p := range gr.places() {
		if served[p] > hub {
			continue
		}
		for _, to := range g.in.Uses(p) {
			if i, ok := g.indexes[to]; ok && !g.in.Files[i].Test && !g.in.Files[i].Aside {
				out = append(out, to)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// feature is the report of one group. A file that it uses is a part of it when it
// is named for it, or when few features use it.
func (g *grouping) feature(gr *cluster, served, reached map[string]int, few int, tags map[string]string) report.Feature {
	f := report.Feature{Name: gr.name(), Kind: gr.kind(), EntryPoints: []string{}, Tests: []string{}}
	for _, it := range gr.items {
		it.set(f.Name)
		if len(f.EntryPoints) < maxEntries && !slices.Contains(f.EntryPoints, it.title) {
			f.EntryPoints = append(f.EntryPoints, it.title)
		}
	}
	f.Files = gr.places()
	for _, p := range g.near(gr, served) {
		if !slices.Contains(f.Files, p) && (reached[p] <= few || namedFor(p, gr.key)) {
			f.Files = append(f.Files, p)
		}
	}
	f.Files = f.Files[:min(len(f.Files), maxGroupFiles)]
	slices.Sort(f.Files)
	f.Description = g.describe(gr, f.Files, tags)
	return f
}

// namedFor reports whether a file or its folder is named for a group.
func namedFor(p, key string) bool {
	return slices.Contains(nouns(fileStem(p)), key) || fold(lastFolder(p)) == key
}

// describe is what the API's document says of the resource, or the command that
// the group is named for of itself; else the documentation of a file or package that
// is named for it; of a group of one thing, that thing's own.
func (g *grouping) describe(gr *cluster, files []string, tags map[string]string) *string {
	if text := tags[gr.key]; text != "" {
		return &text
	}
	if text := gr.command(); text != nil {
		return text
	}
	// Where its things stand is what speaks for it; of what they use, only what is
	// called as it is: a file beside it may be of something else.
	own := gr.places()
	for _, p := range slices.Concat(own, files) {
		i, ok := g.indexes[p]
		if !ok || g.in.Files[i].Facts == nil || !namedFor(p, gr.key) {
			continue
		}
		f := &g.in.Files[i]
		if !slices.Contains(own, p) && topic(fold(fileStem(p))) != gr.key && topic(fold(lastFolder(p))) != gr.key {
			continue
		}
		if doc := f.Facts.Doc; doc != "" && (f.Language != "Go" || speaksOf(doc, gr.key)) {
			return &doc
		}
	}
	if len(gr.items) == 1 {
		return gr.items[0].doc
	}
	return nil
}

// command is what a command of one word, which the group is named for, says of
// itself.
func (gr *cluster) command() *string {
	for _, it := range gr.items {
		if it.kind == "command" && it.doc != nil && len(it.words) > 0 && it.words[0] == gr.key && len(strings.Fields(it.title)) == 2 {
			return it.doc
		}
	}
	return nil
}

// speaksOf reports whether documentation of Go, which begins with the name of
// what it speaks of, speaks of a package or of what a group is named for, and not
// of a type beside it: "BackupOptions bundles …" says nothing of backups.
func speaksOf(doc, key string) bool {
	name, _, _ := strings.Cut(doc, " ")
	return name == "Package" || name == "Command" || slices.Contains(nouns(name), key) && len(wordsOf(name)) == 1
}

// tests gives each feature the tests that use its own files, or that are named
// for one of them.
func (g *grouping) tests(list []report.Feature, served, reached map[string]int) {
	owner := map[string][]int{} // features by file
	stems := map[string][]int{} // features by stem of a file
	for n := range list {
		for _, p := range list[n].Files {
			if served[p] > hub || reached[p] > hub {
				continue
			}
			owner[p] = append(owner[p], n)
			stem := fileStem(p)
			if !plainFolders[stem] && !slices.Contains(stems[stem], n) {
				stems[stem] = append(stems[stem], n)
			}
		}
	}
	for i := range g.in.Files {
		f := &g.in.Files[i]
		if !f.Test || f.Aside || f.Facts == nil {
			continue
		}
		for _, n := range g.tested(f, owner, stems) {
			if t := &list[n]; len(t.Tests) < maxTests && !slices.Contains(t.Tests, f.Path) {
				t.Tests = append(t.Tests, f.Path)
			}
		}
	}
}

// tested are the features that a test file is about.
func (g *grouping) tested(f *File, owner, stems map[string][]int) []int {
	out := slices.Clone(stems[testedStem(f.Path)])
	if g.in.Uses != nil {
		for _, p := range g.in.Uses(f.Path) {
			out = append(out, owner[p]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// testedStem is what a test file is named for: orders of orders_test.go,
// test_orders.py, orders.spec.ts and OrdersTest.java.
func testedStem(p string) string {
	stem, _, _ := strings.Cut(path.Base(p), ".")
	for _, affix := range []string{"_test", "_spec", "Tests", "Test", "IT"} {
		stem = strings.TrimSuffix(stem, affix)
	}
	return strings.TrimPrefix(stem, "test_")
}
