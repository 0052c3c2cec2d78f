package javascript

import (
	"bytes"
	"cmp"
	"slices"
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
		switch r.tree.Kind(child) {
		case kindImportClause:
			types := r.importClause(child, &imp)
			imp.TypeOnly = imp.TypeOnly || types
		case kindImportRequire:
			imp.Path = r.source(child)
			if name := r.tree.ChildOfKind(child, kindIdentifier); name >= 0 {
				imp.Locals = []string{r.text(name)}
			}
		default:
		}
	}
	r.addImport(i, imp)
}

// importClause reads the names that a clause takes, none when it takes the
// module as a whole, and returns whether all of them are types.
func (r *reader) importClause(clause int, imp *language.Import) (types bool) {
	whole := ""
	for child := range r.tree.Children(clause) {
		switch r.tree.Kind(child) {
		case kindIdentifier:
			imp.Names, imp.Locals, types = append(imp.Names, nameDefault), append(imp.Locals, r.text(child)), false
		case kindNamespaceImport:
			whole = r.namespaceName(child)
		case kindNamedImports:
			taken, locals, ofTypes := r.specifiers(child, kindImportSpecifier)
			types = ofTypes && len(taken) > 0 && len(imp.Names) == 0
			imp.Names, imp.Locals = append(imp.Names, taken...), append(imp.Locals, locals...)
		default:
		}
	}
	if whole != "" {
		imp.Names, imp.Locals, types = nil, []string{whole}, false
	}
	if slices.Equal(imp.Names, imp.Locals) {
		imp.Locals = nil
	}
	return types
}

// namespaceName is the name of import * as name.
func (r *reader) namespaceName(i int) string {
	if name := r.tree.ChildOfKind(i, kindIdentifier); name >= 0 && len(r.tree.Text(name)) > 0 {
		return r.text(name)
	}
	return "*"
}

// specifiers returns the names in braces, as their module calls them and as this
// file does, and whether each has its own "type".
func (r *reader) specifiers(list int, kind treesitter.Kind) (names, locals []string, types bool) {
	types = true
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) != kind {
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
		local := taken
		if alias := r.part(child, fieldAlias); alias >= 0 {
			if local = r.keyName(alias); kind == kindImportSpecifier && taken != nameDefault {
				r.aliases[local] = taken
			}
		}
		names, locals = append(names, taken), append(locals, local)
	}
	return names, locals, types
}

// exportStatement reads export … from, and which names a list exports.
func (r *reader) exportStatement(i int) {
	clause := r.tree.ChildOfKind(i, kindExportClause)
	if path := r.source(i); path != "" {
		imp := language.Import{Path: path, Reexport: true, TypeOnly: r.exportsTypes(i)}
		if clause >= 0 {
			names, locals, types := r.specifiers(clause, kindExportSpecifier)
			imp.Names, imp.TypeOnly = names, imp.TypeOnly || types && len(names) > 0
			if !slices.Equal(names, locals) {
				imp.Locals = locals
			}
		}
		r.addImport(i, imp)
		return
	}
	if clause >= 0 {
		names, locals, _ := r.specifiers(clause, kindExportSpecifier)
		for at, name := range names {
			r.exports[name] = true
			r.addExport(locals[at], name)
		}
		return
	}
	r.exportDefault(i)
}

// exportDefault reads export default x and export = x.
func (r *reader) exportDefault(i int) {
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) == kindIdentifier {
			r.exports[r.text(child)] = true
		}
	}
	head := r.tree.Text(i)
	if head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("export")), " \t\n"); !bytes.HasPrefix(head, []byte(nameDefault)) && !bytes.HasPrefix(head, []byte("=")) {
		return
	}
	for child := range r.tree.Children(i) {
		if k := r.tree.Kind(child); k != kindDecorator && k != kindComment {
			r.addExport(nameDefault, r.localOf(r.unwrapped(child)))
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
	r.exportValue(r.unwrapped(right), exports == len(parts))
	if exports < len(parts) {
		if exports+1 == len(parts) {
			r.addExport(parts[exports], r.localOf(r.unwrapped(right)))
		}
		return
	}
	if r.tree.Kind(r.unwrapped(right)) != kindObject {
		r.addExport(nameDefault, cmp.Or(r.localOf(r.unwrapped(right)), nameExported))
	}
	// app = exports = module.exports = value
	for range maxClimb {
		parent := r.tree.Parent(i)
		switch r.tree.Kind(parent) {
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

// exportValue exports the name, or the names in an object, that are a value. Of
// an object that is all of what the module exports, the keys are what others
// import.
func (r *reader) exportValue(i int, whole bool) {
	if r.tree.Kind(i) != kindObject {
		r.exportName(i)
		return
	}
	for child := range r.tree.Children(i) {
		switch r.tree.Kind(child) {
		case kindShorthand:
			r.exports[r.text(child)] = true
		case kindPair:
			value := r.part(child, fieldValue)
			r.exportName(value)
			if key := r.part(child, fieldKey); whole && key >= 0 && value >= 0 {
				r.addExport(r.keyName(key), r.localOf(value))
			}
		default:
		}
	}
}

func (r *reader) exportName(i int) {
	if i >= 0 && r.tree.Kind(i) == kindIdentifier {
		r.exports[r.text(i)] = true
	}
}

// importCall reads require("x"), require.resolve("x") and import("x").
func (r *reader) importCall(i int) {
	path, dynamic := r.importedPath(i)
	if path == "" {
		return
	}
	imp := language.Import{Path: path, Dynamic: true}
	imp.Names, imp.Locals = r.taken(i, dynamic)
	if slices.Equal(imp.Names, imp.Locals) {
		imp.Locals = nil
	}
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
	switch r.tree.Kind(function) {
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

// taken returns the names that are taken from what a call imports, none when it
// is kept as a whole, and what they are called here.
func (r *reader) taken(call int, dynamic bool) (names, locals []string) {
	i := r.outermost(call)
	if i > 0 && r.tree.ParentKind(i) == kindAwait {
		i, dynamic = r.outermost(r.tree.Parent(i)), false
	}
	if i == 0 {
		return nil, nil
	}
	parent := r.tree.Parent(i)
	switch r.tree.Kind(parent) {
	case kindDeclarator:
		pattern := r.part(parent, fieldName)
		switch {
		case pattern < 0 || dynamic:
		case r.tree.Kind(pattern) == kindObjectPattern:
			return r.patternNames(pattern)
		case r.tree.Kind(pattern) == kindIdentifier:
			return nil, []string{r.text(pattern)}
		}
	case kindMember:
		// A promise has members of its own.
		property := r.part(parent, fieldProperty)
		if property < 0 || dynamic || r.node(i).Field != fieldObject {
			break
		}
		names = []string{r.text(property)}
		if up := r.outermost(parent); up > 0 && r.tree.ParentKind(up) == kindDeclarator {
			if name := r.part(r.tree.Parent(up), fieldName); name >= 0 && r.tree.Kind(name) == kindIdentifier {
				locals = []string{r.text(name)}
			}
		}
		return names, locals
	default:
	}
	return nil, nil
}

// patternNames returns the names that an object pattern takes and what they are
// called here, none when it takes the rest too.
func (r *reader) patternNames(pattern int) (names, locals []string) {
	for child := range r.tree.Children(pattern) {
		name, local := "", ""
		switch r.tree.Kind(child) {
		case kindShorthandPattern:
			name = r.text(child)
		case kindObjectAssignmentPattern:
			name = string(r.child(child, fieldLeft))
		case kindPairPattern:
			key, value := r.part(child, fieldKey), r.part(child, fieldValue)
			if key < 0 || value < 0 {
				continue
			}
			if name = r.keyName(key); r.tree.Kind(value) == kindIdentifier {
				local = r.text(value)
				r.aliases[local] = name
			}
		case kindRestPattern:
			return nil, nil
		default:
		}
		if name != "" {
			names, locals = append(names, name), append(locals, cmp.Or(local, name))
		}
	}
	return names, locals
}

// inType reports whether import("x") stands in a type.
func (r *reader) inType(i int) bool {
	for range maxClimb {
		i = r.tree.Parent(i)
		switch r.tree.Kind(i) {
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
		switch r.tree.Kind(value) {
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
