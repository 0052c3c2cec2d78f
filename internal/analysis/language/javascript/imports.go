package javascript

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

func (r *reader) addImport(i int, imp language.Import) {
	if imp.Path == "" {
		return
	}
	imp.Line = int(r.node(i).Line)
	r.facts.Imports = append(r.facts.Imports, imp)
	r.facts.Test = r.facts.Test || frameworks[imp.Path]
}

// source returns the module that a statement names, "" for none.
func (r *reader) source(i int) string {
	source := r.part(i, fieldSource)
	if source < 0 {
		return ""
	}
	text, _ := r.literal(source)
	return text
}

// importStatement reads import declarations and import x = require("y").
func (r *reader) importStatement(i int) {
	imp := language.Import{Path: r.source(i), TypeOnly: r.tree.ChildOfKind(i, kindTypeKeyword) >= 0}
	for child := range r.tree.Children(i) {
		switch r.kind(child) {
		case kindImportClause:
			names, types := r.importClause(child)
			imp.Names, imp.TypeOnly = names, imp.TypeOnly || types
		case kindImportRequire:
			imp.Path = r.source(child)
		default:
		}
	}
	r.addImport(i, imp)
}

// importClause returns the names that a clause takes, nil when it takes the
// module as a whole, and whether all of them are types.
func (r *reader) importClause(clause int) (names []string, types bool) {
	whole := false
	for child := range r.tree.Children(clause) {
		switch r.kind(child) {
		case kindIdentifier:
			names, types = append(names, nameDefault), false
		case kindNamespaceImport:
			whole = true
		case kindNamedImports:
			taken, ofTypes := r.specifiers(child, kindImportSpecifier)
			types = ofTypes && len(taken) > 0 && len(names) == 0
			names = append(names, taken...)
		default:
		}
	}
	if whole {
		return nil, false
	}
	return names, types
}

// specifiers returns the names in braces, and whether each has its own "type".
func (r *reader) specifiers(list int, kind treesitter.Kind) (names []string, types bool) {
	types = true
	for child := range r.tree.Children(list) {
		if r.kind(child) != kind {
			continue
		}
		name := r.part(child, fieldName)
		if name < 0 {
			continue
		}
		if r.tree.ChildOfKind(child, kindTypeKeyword) < 0 {
			types = false
		}
		taken := r.keyName(name)
		names = append(names, taken)
		if alias := r.child(child, fieldAlias); alias != nil && kind == kindImportSpecifier && taken != nameDefault {
			r.aliases[string(alias)] = taken
		}
	}
	return names, types
}

// exportStatement reads export … from, and which names a list exports.
func (r *reader) exportStatement(i int) {
	clause := r.tree.ChildOfKind(i, kindExportClause)
	if path := r.source(i); path != "" {
		imp := language.Import{Path: path, Reexport: true, TypeOnly: r.exportsTypes(i)}
		if clause >= 0 {
			names, types := r.specifiers(clause, kindExportSpecifier)
			imp.Names, imp.TypeOnly = names, imp.TypeOnly || types && len(names) > 0
		}
		r.addImport(i, imp)
		return
	}
	if clause >= 0 {
		names, _ := r.specifiers(clause, kindExportSpecifier)
		for _, name := range names {
			r.exports[name] = true
		}
		return
	}
	for child := range r.tree.Children(i) { // export default x, export = x
		if r.kind(child) == kindIdentifier {
			r.exports[r.text(child)] = true
		}
	}
}

// exportsTypes reports whether an export begins with "export type". The text
// tells: export type * from is newer than the grammar.
func (r *reader) exportsTypes(i int) bool {
	rest := bytes.TrimLeft(bytes.TrimPrefix(r.tree.Text(i), []byte("export")), " \t\n")
	rest, ok := bytes.CutPrefix(rest, []byte("type"))
	return ok && len(rest) > 0 && strings.IndexByte(" \t\n*{", rest[0]) >= 0
}

// exportAssignment reads module.exports = … and exports.x = … .
func (r *reader) exportAssignment(i int) {
	left := r.part(i, fieldLeft)
	right := r.part(i, fieldRight)
	if left < 0 || right < 0 {
		return
	}
	parts := r.path(left)
	exports := exportsParts(parts)
	if exports == 0 {
		return
	}
	r.exportValue(r.unwrapped(right))
	if exports < len(parts) {
		return
	}
	// app = exports = module.exports = value
	for range maxClimb {
		parent := r.parent(i)
		switch r.kind(parent) {
		case kindAssignment:
			r.exportName(r.part(parent, fieldLeft))
		case kindDeclarator:
			r.exportName(r.part(parent, fieldName))
			return
		default:
			return
		}
		i = parent
	}
}

// exportsParts returns how many parts at the start of a path are the object of
// what a CommonJS module exports: exports or module.exports.
func exportsParts(parts []string) int {
	switch {
	case len(parts) > 0 && parts[0] == nameExports:
		return 1
	case len(parts) > 1 && parts[0] == nameModule && parts[1] == nameExports:
		return 2
	default:
		return 0
	}
}

// exportValue exports the name, or the names in an object, that are a value.
func (r *reader) exportValue(i int) {
	if r.kind(i) != kindObject {
		r.exportName(i)
		return
	}
	for child := range r.tree.Children(i) {
		switch r.kind(child) {
		case kindShorthand:
			r.exports[r.text(child)] = true
		case kindPair:
			r.exportName(r.part(child, fieldValue))
		default:
		}
	}
}

func (r *reader) exportName(i int) {
	if i >= 0 && r.kind(i) == kindIdentifier {
		r.exports[r.text(i)] = true
	}
}

// importCall reads require("x"), require.resolve("x") and import("x").
func (r *reader) importCall(i int) {
	path, dynamic := r.importedPath(i)
	if path == "" {
		return
	}
	imp := language.Import{Path: path, Dynamic: true, Names: r.taken(i, dynamic)}
	if dynamic && r.inType(i) {
		imp.TypeOnly, imp.Dynamic = true, false
	}
	r.addImport(i, imp)
}

// importedPath returns the module of a call that imports, "" for other calls
// and for modules that are computed.
func (r *reader) importedPath(call int) (path string, dynamic bool) {
	function := r.part(call, fieldFunction)
	if function < 0 {
		return "", false
	}
	switch r.kind(function) {
	case kindImportCall:
		dynamic = true
	case kindIdentifier:
		if string(r.tree.Text(function)) != nameRequire {
			return "", false
		}
	case kindMember:
		if string(r.child(function, fieldObject)) != nameRequire || string(r.child(function, fieldProperty)) != "resolve" {
			return "", false
		}
	default:
		return "", false
	}
	argument := r.firstArgument(call)
	if argument < 0 {
		return "", false
	}
	path, _ = r.literal(argument)
	return path, dynamic
}

// taken returns the names that are taken from what a call imports, nil when it
// is kept as a whole.
func (r *reader) taken(call int, dynamic bool) []string {
	i := r.outermost(call)
	if i > 0 && r.parentKind(i) == kindAwait {
		i, dynamic = r.outermost(r.parent(i)), false
	}
	if i == 0 {
		return nil
	}
	parent := r.parent(i)
	switch r.kind(parent) {
	case kindDeclarator:
		if pattern := r.part(parent, fieldName); pattern >= 0 && r.kind(pattern) == kindObjectPattern {
			return r.patternNames(pattern)
		}
	case kindMember:
		// A promise has members of its own.
		if property := r.part(parent, fieldProperty); property >= 0 && !dynamic && r.node(i).Field == fieldObject {
			return []string{r.text(property)}
		}
	default:
	}
	return nil
}

// patternNames returns the names that an object pattern takes, nil when it
// takes the rest too.
func (r *reader) patternNames(pattern int) []string {
	var names []string
	for child := range r.tree.Children(pattern) {
		switch r.kind(child) {
		case kindShorthandPattern:
			names = append(names, r.text(child))
		case kindObjectAssignmentPattern:
			if left := r.child(child, fieldLeft); left != nil {
				names = append(names, string(left))
			}
		case kindPairPattern:
			key, value := r.part(child, fieldKey), r.part(child, fieldValue)
			if key < 0 || value < 0 {
				continue
			}
			names = append(names, r.keyName(key))
			if r.kind(value) == kindIdentifier {
				r.aliases[r.text(value)] = r.keyName(key)
			}
		case kindRestPattern:
			return nil
		default:
		}
	}
	return names
}

// inType reports whether import("x") stands in a type.
func (r *reader) inType(i int) bool {
	for range maxClimb {
		i = r.parent(i)
		switch r.kind(i) {
		case kindTypeAnnotation, kindTypeArguments, kindTypeQuery, kindTypeAlias:
			return true
		case kindUnary:
			// What the grammar makes of f<typeof import("x")>(); as an expression it
			// would have no use.
			return bytes.HasPrefix(r.tree.Text(i), []byte("typeof"))
		case kindArguments, kindBlock, kindProgram, kindDeclarator, kindExpressionStatement:
			return false
		default:
		}
	}
	return false
}

// importsValue reports whether a variable holds what a call imports, or a
// member of it.
func (r *reader) importsValue(value int) bool {
	for range maxPath {
		value = r.unwrapped(value)
		switch r.kind(value) {
		case kindAwait:
			if value+1 >= int(r.node(value).Next) {
				return false
			}
			value++
		case kindMember:
			value = r.part(value, fieldObject)
		case kindCall:
			path, _ := r.importedPath(value)
			return path != "" && !bytes.Contains(r.child(value, fieldFunction), []byte("resolve"))
		default:
			return false
		}
		if value < 0 {
			return false
		}
	}
	return false
}
