package interview

import (
	"slices"
	"strings"
)

var (
	// written are folders of what a program wrote, what others wrote, or what is
	// there for tests, at any depth.
	written = setOf(`fixtures testdata mocks mock generated gen third_party vendor migrations locale locales i18n dist testing benches bench benchmarks`)
	// languages name the folders that packages begin in, below a source set: what
	// follows is the name of a package.
	languages = setOf(`java kotlin scala groovy clojure`)

	writtenEndings = strings.Fields(`.pb.go _pb2.py .g.dart .generated.ts .gen.go _gen.go _string.go .designer.cs .min.js _mock.go conftest.py`)
)

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
