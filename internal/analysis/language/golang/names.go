package golang

import (
	"go/types"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// references lists what the file uses of other files: identifiers that the
// parser could not resolve inside it, and names picked with a dot. The names of
// imported packages are no references: the import says that already.
func (f *file) references(m *meter) []language.Reference {
	var names language.Names
	for i := range f.facts.Declares {
		names.Declare([]byte(f.facts.Declares[i].Name))
	}
	packages := f.packageNames()
	for _, id := range f.tree.Unresolved {
		if types.Universe.Lookup(id.Name) == nil && !packages[id.Name] {
			names.Use([]byte(id.Name))
		}
	}
	for _, id := range m.selectors {
		names.UseMember([]byte(id.Name))
	}
	return names.References()
}

// packageNames is what the imported packages are called here. Without an alias
// the name is guessed from the path, as goimports does.
func (f *file) packageNames() map[string]bool {
	names := make(map[string]bool, len(f.tree.Imports))
	for _, spec := range f.tree.Imports {
		if spec.Name != nil {
			names[spec.Name.Name] = true
			continue
		}
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			names[packageName(path)] = true
		}
	}
	return names
}

func packageName(path string) string {
	dir, base := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, base = path[:i], path[i+1:]
	}
	if isMajorVersion(base) && dir != "" {
		base = dir[strings.LastIndexByte(dir, '/')+1:]
	}
	base, _, _ = strings.Cut(base, ".v") // gopkg.in/name.v1
	base = strings.TrimPrefix(base, "go-")
	return strings.TrimSuffix(base, "-go")
}

func isMajorVersion(s string) bool {
	digits, ok := strings.CutPrefix(s, "v")
	if !ok || digits == "" {
		return false
	}
	_, err := strconv.Atoi(digits)
	return err == nil
}
