package interview

import (
	"slices"
	"strings"
)

var (
	// written are folders of what a program wrote, what others wrote, or what is
	// there for tests, at any depth.
	written = setOf(`fixtures testdata mocks mock generated gen third_party vendor migrations locale locales i18n dist testing benches bench benchmarks`)
	// shown are folders of what is there for others to copy. Below a source root
	// they are packages like any other: Spring begins with com/example/demo.
	shown = setOf(`examples example _examples samples sample demos demo`)
	// roots are folders that sources begin in.
	roots = setOf(`src source sources lib libs app pkg internal`)
	// languages name the folders that packages begin in, below a source set: what
	// follows is the name of a package.
	languages = setOf(`java kotlin scala groovy clojure`)

	writtenEndings = strings.Fields(`.pb.go _pb2.py .g.dart .generated.ts .gen.go _gen.go _string.go .designer.cs .min.js _mock.go conftest.py`)
)

// mostShown is the part of a product's code that may lie in folders of examples:
// where it is more, the examples are the product.
const mostShown = 0.5

// made tells files that a program wrote, by their names; the analysis left out
// those that say so themselves.
func made(path string) bool {
	lower := strings.ToLower(path)
	parts := strings.Split(lower, "/")
	parts = parts[:len(parts)-1]
	for i, part := range parts {
		if i > 2 && languages[parts[i-1]] && parts[i-3] == "src" {
			return slices.Contains(parts[i:], "generated")
		}
		if written[part] {
			return true
		}
	}
	return slices.ContainsFunc(writtenEndings, func(ending string) bool { return strings.HasSuffix(lower, ending) })
}

// setAside says of each file whether it is there for others to copy: below a
// folder of examples at the top of the repository, or beside a source root, as a
// module has it. Nothing is where that were most of the code.
func (m *maker) setAside() []bool {
	files := m.Index.Files
	modules := map[string]bool{"": true} // folders that hold a source root
	for i := range files {
		for at, part := range eachFolder(files[i].Path) {
			if roots[part] {
				modules[files[i].Path[:at]] = true
				break
			}
		}
	}
	aside := make([]bool, len(files))
	var all, apart int64
	for i := range files {
		f := &files[i]
		if !f.Source || f.Test || f.Kind != "programming" || made(f.Path) {
			continue
		}
		all += f.Code
		if aside[i] = isShown(f.Path, modules); aside[i] {
			apart += f.Code
		}
	}
	if float64(apart) > mostShown*float64(all) {
		clear(aside)
	}
	return aside
}

func isShown(path string, modules map[string]bool) bool {
	for at, part := range eachFolder(path) {
		if roots[part] {
			return false
		}
		if shown[part] && modules[path[:at]] {
			return true
		}
	}
	return false
}

// eachFolder yields the folders of a path in lower case, each with the place
// where it begins.
func eachFolder(path string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		for at := 0; ; {
			n := strings.IndexByte(path[at:], '/')
			if n < 0 || !yield(at, strings.ToLower(path[at:at+n])) {
				return
			}
			at += n + 1
		}
	}
}
