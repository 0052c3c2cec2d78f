package golang

import (
	"go/ast"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// references lists what the file uses of other files: identifiers that the
// parser could not resolve inside it, and names picked with a dot, each with what
// it is picked from. The names of imported packages alone are no references: the
// import says that already.
func (f *file) references(m *meter) []language.Reference {
	counts, _ := counters.Get().(map[language.Reference]int)
	for _, id := range f.tree.Unresolved {
		counts[language.Reference{Name: id.Name}]++
	}
	for _, s := range m.selectors {
		of := "."
		if id, ok := s.X.(*ast.Ident); ok && id.Obj == nil {
			of = id.Name
		}
		counts[language.Reference{Name: s.Sel.Name, Of: of}]++
	}
	own := map[string]bool{} // the parser leaves the types of receivers unresolved
	for i := range f.facts.Declares {
		if f.facts.Declares[i].Owner == "" {
			own[f.facts.Declares[i].Name] = true
		}
	}
	packages := f.packageNames()
	refs := make([]language.Reference, 0, len(counts))
	for ref, n := range counts {
		alone := ref.Of == ""
		if isShort(ref.Name) || alone && (usual[ref.Name] || packages[ref.Name] || own[ref.Name]) {
			continue
		}
		ref.Count = n
		refs = append(refs, ref)
	}
	if len(counts) <= maxReused { // emptying a map costs what it once held
		clear(counts)
		counters.Put(counts)
	}
	return language.MostUsed(refs)
}

// counters are used for one file after the other.
var counters = sync.Pool{New: func() any { return map[language.Reference]int{} }}

const maxReused = 4096

// isShort reports whether a name is a single letter and no exported one, as gin.H
// is.
func isShort(name string) bool {
	return len(name) <= utf8.UTFMax && utf8.RuneCountInString(name) < 2 && !ast.IsExported(name)
}

// usual are the names of the language that nobody gives another meaning. The
// others, such as max and print, a package may declare itself.
var usual = map[string]bool{
	"append": true, "bool": true, "byte": true, "error": true, "false": true, "float64": true, "int": true, "int32": true, "int64": true,
	"iota": true, "len": true, "make": true, "nil": true, "panic": true, "recover": true, "rune": true, "string": true, "true": true,
	"uint8": true, "uint32": true, "uint64": true,
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
