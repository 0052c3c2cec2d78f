package analysis

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// settle decides on the folders that paths leave in doubt, such as deps and
// external: whether the project wrote them or has them from others. A folder is
// the project's own when code in it uses code of the project around it, as other
// people's code does not know the project; for C, where the same name in both is
// enough to look so, the project has to use it too. A package of Go is a part of
// the module around it anyway, unless its folder is called vendor. What is not
// the project's own is left out as vendored.
func (a *assembly) settle() {
	folderOf := map[string]string{} // of files in doubt
	own := map[string]bool{}
	for i := range a.files {
		f := &a.files[i]
		folder, doubtful := a.read.attributes.Doubtful(f.Path)
		if !doubtful || !f.Analysed() {
			continue
		}
		folderOf[f.Path] = folder
		if f.Language == "Go" && !strings.HasPrefix(strings.ToLower(path.Base(folder)), "vendor") && a.inGoModule(folder) {
			own[folder] = true
		}
	}
	if len(folderOf) == 0 {
		return
	}
	a.askImports(folderOf, own)
	for _, folder := range folderOf {
		if !own[folder] {
			a.graph = nil // it has files that are left out
		}
	}
	for i := range a.files {
		f := &a.files[i]
		if folder := folderOf[f.Path]; folder != "" && !own[folder] {
			*f = source.File{TreeFile: f.TreeFile, Test: source.IsTest(f.Path), TestData: f.TestData, Skip: report.SkipVendored}
		}
	}
}

func (a *assembly) inGoModule(folder string) bool {
	for _, m := range a.manifest.Layout.GoModules {
		if m.Dir == "." || m.Dir == "" || strings.HasPrefix(folder, m.Dir+"/") {
			return true
		}
	}
	return false
}

// askImports adds to own the folders whose imports say so. It leaves the graph
// that told it.
func (a *assembly) askImports(folderOf map[string]string, own map[string]bool) {
	c := map[string]bool{} // folders of C
	for i := range a.files {
		if f := &a.files[i]; slices.Contains(language.CFamily, f.Language) {
			c[folderOf[f.Path]] = true
		}
	}
	uses, used := map[string]bool{}, map[string]bool{}
	a.graph = a.resolved()
	for e := range a.graph.Edges() {
		from, to := folderOf[e.From], folderOf[e.To]
		uses[from] = uses[from] || to == ""
		used[to] = used[to] || from == ""
	}
	for _, folder := range folderOf {
		own[folder] = own[folder] || uses[folder] && (used[folder] || !c[folder])
	}
}
