package python

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declare adds a declaration of the module or of a class.
func (r *reader) declare(kind language.Kind, name string, i int) {
	node := &r.tree.Nodes[i]
	owner := ""
	if r.scope.kind == scopeClass {
		owner = r.scope.name
	}
	r.facts.Declares = append(r.facts.Declares, language.Declaration{
		Name: name, Kind: kind, Line: int(node.Line), EndLine: int(node.EndLine),
		Exported: r.scope.exported && isPublic(name), Owner: owner,
	})
	r.owners = append(r.owners, language.Qualify(r.scope.name, name))
	r.names.Declare([]byte(name))
}

// declareVariable declares a variable where it is first assigned.
func (r *reader) declareVariable(i int) {
	name := string(r.tree.Text(i))
	if r.scope.local {
		r.names.Bind([]byte(name))
		return
	}
	qualified := language.Qualify(r.scope.name, name)
	if r.variables[qualified] {
		return
	}
	r.variables[qualified] = true
	kind := language.KindVariable
	switch {
	case r.scope.kind == scopeClass:
		kind = language.KindField
	case isConstant(name):
		kind = language.KindConstant
	}
	statement := i
	for up := r.tree.Parent(i); r.tree.Kind(up) != kindBlock && r.tree.Kind(up) != kindModule && up > 0 && i-up < 64; up = r.tree.Parent(up) {
		statement = up
	}
	r.declare(kind, name, statement)
	d := &r.facts.Declares[len(r.facts.Declares)-1]
	d.Line = int(r.tree.Nodes[i].Line) // a pattern can span lines
	d.Signature = r.typeOf(i)
}

// isConstant follows the convention: capitals, digits and underscores.
func isConstant(name string) bool {
	return strings.ToUpper(name) == name && strings.IndexFunc(name, unicode.IsUpper) >= 0
}

// identifier says what an identifier is by where it stands.
func (r *reader) identifier(i int) {
	node := &r.tree.Nodes[i]
	text := r.tree.Text(i)
	if len(text) == 0 { // the parser made it up to go on
		return
	}
	switch r.tree.ParentKind(i) {
	case kindAttribute:
		if node.Field == fieldAttribute {
			r.member(i)
			return
		}
	case kindFunction, kindClass:
		if node.Field == fieldName {
			return // declared when the function or class was entered
		}
	case kindKeywordArgument:
		if node.Field == fieldName {
			return
		}
	case kindKeywordPattern:
		return
	case kindDefaultParameter, kindTypedDefault:
		if node.Field == fieldName {
			r.names.Bind(text)
			return
		}
	case kindParameters, kindLambdaParameters, kindTypedParameter, kindDictionarySplat, kindGlobal, kindNonlocal:
		r.names.Bind(text)
		return
	case kindNamed:
		if node.Field == fieldName {
			r.declareVariable(i)
			return
		}
	case kindAssignment, kindAugmented, kindFor, kindForIn, kindPatternList, kindTuplePattern, kindListPattern, kindListSplat:
		if r.target(i) {
			return
		}
	case kindAsTarget:
		r.declareVariable(i)
		return
	case kindAsPattern:
		if i != r.tree.Parent(i)+1 { // case … as name
			r.names.Bind(text)
			return
		}
	case kindExcept:
		if node.Field == fieldAlias {
			r.names.Bind(text)
			return
		}
	case kindDottedName:
		if r.isCapture(i) {
			r.names.Bind(text)
			return
		}
	default:
	}
	r.use(text)
}

// member counts an attribute; assigning to one of self declares it.
func (r *reader) member(i int) {
	attribute := r.tree.Parent(i)
	object := r.tree.Child(attribute, fieldObject)
	if r.tree.Nodes[attribute].Field == fieldLeft && r.tree.ParentKind(attribute) == kindAssignment &&
		object >= 0 && isReceiver(r.tree.Text(object)) {
		r.names.Declare(r.tree.Text(i))
		r.instanceField(attribute, i)
		return
	}
	r.names.UseMember(r.tree.Text(i))
}

// maxPattern is how deep in a pattern a name can stand and still be seen as
// assigned; climbing without a bound would be quadratic.
const maxPattern = 16

// target declares or binds an identifier that is assigned to, alone or in a
// pattern, and reports whether it is.
func (r *reader) target(identifier int) bool {
	i := identifier
	for range maxPattern {
		isLeft := r.tree.Nodes[i].Field == fieldLeft
		switch i = r.tree.Parent(i); r.tree.Kind(i) {
		case kindPatternList, kindTuplePattern, kindListPattern, kindListSplat:
			continue
		case kindAssignment, kindAugmented, kindFor:
			if isLeft {
				r.declareVariable(identifier)
			}
			return isLeft
		case kindForIn:
			if isLeft {
				r.names.Bind(r.tree.Text(identifier))
			}
			return isLeft
		case kindParameters, kindLambdaParameters, kindTypedParameter, kindDefaultParameter:
			r.names.Bind(r.tree.Text(identifier))
			return true
		default:
			return false
		}
	}
	return false
}

// isCapture reports whether an identifier is a pattern of a case by itself,
// which gives a name to what it matches.
func (r *reader) isCapture(i int) bool {
	dotted := r.tree.Parent(i)
	return r.tree.ParentKind(dotted) == kindCasePattern && int(r.tree.Nodes[dotted].Next) == i+1 && dotted+1 == i
}

// use counts a name that stands alone, by its name in the module it is
// imported from. Python's own functions are left out like keywords.
func (r *reader) use(text []byte) {
	if original, ok := r.aliases[string(text)]; ok {
		r.names.Use([]byte(original))
		return
	}
	if !builtins[string(text)] {
		r.names.Use(text)
	}
}

// imports reads an import statement of any form.
func (r *reader) imports(i int, kind treesitter.Kind) {
	imp := language.Import{Line: int(r.tree.Nodes[i].Line), TypeOnly: r.scope.typeOnly}
	if kind == kindImport {
		r.importModules(i, imp)
		return
	}
	imp.Path = "__future__"
	if kind == kindImportFrom {
		module := r.tree.Child(i, fieldModule)
		if module < 0 {
			return
		}
		imp.Path = compact(r.tree.Text(module))
	}
	if imp.Path == "" {
		return
	}
	renamed := false
	for child := range r.tree.Children(i) {
		switch {
		case r.tree.Kind(child) == kindWildcard:
			imp.Names, imp.Locals = append(imp.Names, "*"), append(imp.Locals, "*")
		case r.tree.Nodes[child].Field == fieldName:
			name, local := r.importName(child, kind == kindImportFrom)
			imp.Names, imp.Locals = append(imp.Names, name), append(imp.Locals, local)
			renamed = renamed || name != local
		default:
		}
	}
	if !renamed {
		imp.Locals = nil
	}
	r.addImport(imp)
}

func (r *reader) addImport(imp language.Import) {
	r.facts.Imports = append(r.facts.Imports, imp)
	r.likelyTest = r.likelyTest || isTestModule(imp.Path)
}

// importModules reads import a.b, c as d: one import each.
func (r *reader) importModules(i int, imp language.Import) {
	for child := range r.tree.Children(i) {
		if r.tree.Nodes[child].Field != fieldName {
			continue
		}
		name, local := r.importParts(child)
		if name == "" {
			continue
		}
		imp.Path, imp.Locals = name, nil
		first, _, _ := strings.Cut(name, ".")
		if local != "" {
			first, imp.Locals = local, []string{local}
		}
		r.addImport(imp)
		r.names.Bind([]byte(first))
	}
}

// importName reads one name of a from import and returns it as its module calls
// it and as the file does. To import it is to use it.
func (r *reader) importName(i int, use bool) (name, local string) {
	name, local = r.importParts(i)
	if local == "" {
		local = name
	}
	if !use {
		return name, local
	}
	if local != name {
		r.aliases[local] = name
	}
	r.names.Use([]byte(name))
	return name, local
}

// importParts returns the dotted name and the alias, or "".
func (r *reader) importParts(i int) (name, local string) {
	if r.tree.Kind(i) != kindAliased {
		return compact(r.tree.Text(i)), ""
	}
	if at := r.tree.Child(i, fieldName); at >= 0 {
		name = compact(r.tree.Text(at))
	}
	if at := r.tree.Child(i, fieldAlias); at >= 0 {
		local = string(r.tree.Text(at))
	}
	return name, local
}

// compact takes the blanks out of a dotted name.
func compact(text []byte) string {
	if i := bytes.IndexByte(text, '#'); i >= 0 {
		text = text[:i] // a comment in a broken statement
	}
	return strings.Join(strings.Fields(string(bytes.ReplaceAll(text, []byte(`\`), nil))), "")
}

// dynamicImport reads importlib.import_module and __import__ when what they
// import is a literal.
func (r *reader) dynamicImport(call int) {
	function, list := r.tree.Child(call, fieldFunction), r.tree.Child(call, fieldArguments)
	if function < 0 || list < 0 {
		return
	}
	switch string(r.tree.Text(function)) {
	case "importlib.import_module", "import_module", "__import__":
	default:
		return
	}
	if module, ok := r.literal(list + 1); ok && list+1 < int(r.tree.Nodes[list].Next) && len(module) > 0 {
		r.facts.Imports = append(r.facts.Imports, language.Import{
			Path: compact(module), Line: int(r.tree.Nodes[call].Line), TypeOnly: r.scope.typeOnly, Dynamic: true,
		})
	}
}

// listedName adds a string in the value of __all__.
func (r *reader) listedName(i int) {
	if !r.scope.listing {
		return
	}
	if name, ok := r.literal(i); ok {
		if r.listed == nil {
			r.listed = map[string]bool{}
		}
		r.listed[string(name)] = true
	}
}

// dropOverloads keeps one declaration of each function that @overload describes
// several times: the definition, and the first where there is none, as in a stub.
func (r *reader) dropOverloads() {
	described := map[int]bool{}
	for _, a := range r.facts.Annotations {
		name := a.Name[strings.LastIndexByte(a.Name, '.')+1:]
		if original, ok := r.aliases[a.Name]; ok {
			name = original
		}
		if name == "overload" && a.Declaration >= 0 {
			described[int(a.Declaration)] = true
		}
	}
	if len(described) == 0 {
		return
	}
	kept := map[string]int{} // by qualified name: what stands for all
	for i := range r.facts.Declares {
		name := r.owners[i]
		if first, known := kept[name]; described[i] && !known || !described[i] && known && described[first] {
			kept[name] = i
		}
	}
	place := make([]int32, len(r.facts.Declares))
	declares := r.facts.Declares[:0]
	for i, d := range r.facts.Declares {
		if of, known := kept[r.owners[i]]; known && described[i] && of != i {
			place[i] = -1
			continue
		}
		place[i] = int32(len(declares)) //nolint:gosec // of one file
		declares = append(declares, d)
	}
	for i := range place {
		if place[i] < 0 {
			place[i] = place[kept[r.owners[i]]]
		}
	}
	r.facts.Declares = declares
	for i := range r.facts.Annotations {
		if a := &r.facts.Annotations[i]; a.Declaration >= 0 {
			a.Declaration = place[a.Declaration]
		}
	}
}
