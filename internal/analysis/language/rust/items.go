package rust

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declare adds a declaration of node i, with the comment and the attributes
// before it.
func (r *reader) declare(i int, d language.Declaration) {
	node := &r.tree.Nodes[i]
	d.Line, d.EndLine = int(node.Line), int(node.EndLine)
	d.Doc = r.docOf(i)
	r.names.Declare([]byte(d.Name))
	r.facts.Declares = append(r.facts.Declares, d)
	r.annotate(i, len(r.facts.Declares)-1, noFunction)
}

// isPublic reports whether an item can be reached from other crates: pub, or a
// member of what is.
func (r *reader) isPublic(i int) bool {
	if r.scope.local {
		return false
	}
	v := r.tree.ChildOfKind(i, kindVisibility)
	if v < 0 {
		return r.scope.exported
	}
	return string(r.tree.Text(v)) == "pub"
}

// nameOf returns the name of an item, "" for none.
func (r *reader) nameOf(i int) string {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) {
		return ""
	}
	return string(r.tree.Text(name))
}

// function declares a function and, when it has a body, adds it and makes it
// the scope.
func (r *reader) function(i int) {
	plain := r.nameOf(i)
	if plain == "" {
		return
	}
	public := r.isPublic(i)
	declaration := -1
	if r.scope.local {
		r.names.Bind([]byte(plain))
	} else {
		kind := language.KindFunction
		if r.scope.owner != "" {
			kind = language.KindMethod
		}
		r.declare(i, language.Declaration{Name: plain, Kind: kind, Exported: public, Owner: r.scope.owner, Signature: r.signature(i)})
		declaration = len(r.facts.Declares) - 1
	}
	if r.tree.Child(i, fieldBody) < 0 {
		return
	}
	test := r.isTest(i)
	node := &r.tree.Nodes[i]
	f := language.Function{
		Name: language.Qualify(r.scope.name, plain), Line: int(node.Line), EndLine: int(node.EndLine),
		Exported: public && !test, Test: test, Complexity: language.Complexity{Cyclomatic: 1},
	}
	if list := r.tree.Child(i, fieldParameters); list >= 0 {
		f.Parameters = r.countParameters(list)
		f.Takes = r.takes(list)
	}
	if plain == mainName && r.scope.name == "" && !r.build || r.hasAttribute(i, isLaunch) {
		r.facts.Main = true
	}
	r.tested = r.tested || test && !r.scope.testing
	r.facts.Functions = append(r.facts.Functions, f)
	at := len(r.facts.Functions) - 1
	if declaration >= 0 {
		r.attachFunction(int32(declaration), int32(at)) //nolint:gosec // of one file
	}
	s := r.push(i)
	if s.local {
		s.nesting++
	} else {
		s.nesting = 0
	}
	s.function, s.name, s.plain, s.parameters = at, f.Name, plain, f.Parameters
	s.local, s.owner, s.exported = true, "", false
}

const mainName = "main"

// isLaunch reports whether an attribute makes a function Rocket's main.
func isLaunch(text string) bool { return text == "launch" || text == "rocket::launch" }

// countParameters counts parameters without self.
func (r *reader) countParameters(list int) int {
	n := 0
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindParameter {
			n++
		}
	}
	return n
}

// takes returns the names of parameters with their types.
func (r *reader) takes(list int) string {
	var all []string
	for child := range r.tree.Children(list) {
		if kind := r.tree.Kind(child); kind != kindParameter && kind != kindIdentifier || len(all) >= language.MaxArguments {
			continue
		}
		pattern, typ := r.tree.Child(child, fieldPattern), r.tree.Child(child, fieldType)
		if pattern < 0 {
			pattern = child
		}
		text := language.Flat(r.tree.Text(pattern), language.MaxText/4)
		if typ >= 0 {
			text += ": " + language.Flat(r.tree.Text(typ), language.MaxText/4)
		}
		all = append(all, text)
	}
	return language.Clip([]byte(strings.Join(all, ",")), language.MaxText)
}

// signature returns parameters and result as they are written.
func (r *reader) signature(i int) string {
	list := r.tree.Child(i, fieldParameters)
	if list < 0 {
		return ""
	}
	end := r.tree.Nodes[list].End
	if result := r.tree.Child(i, fieldReturnType); result >= 0 {
		end = r.tree.Nodes[result].End
	}
	return language.Flat(r.tree.Source[r.tree.Nodes[list].Start:end], language.MaxSignature)
}

// openType declares a type or a trait and makes it the scope of its members.
func (r *reader) openType(i int, kind treesitter.Kind) {
	plain := r.nameOf(i)
	if plain == "" {
		return
	}
	exported := r.isPublic(i)
	if r.scope.local {
		r.names.Bind([]byte(plain))
	} else {
		d := language.Declaration{Name: plain, Kind: language.KindType, Exported: exported}
		if kind == kindTrait {
			d.Kind, d.Bases = language.KindInterface, r.superTraits(i)
		}
		r.declare(i, d)
	}
	s := r.push(i)
	s.name = language.Qualify(s.name, plain)
	s.owner = s.name
	// Fields have a visibility of their own; the rest has that of the type.
	s.exported = exported && (kind == kindTrait || kind == kindEnum)
}

// superTraits are the traits that a trait builds on.
func (r *reader) superTraits(i int) []string {
	bounds := r.tree.Child(i, fieldBounds)
	if bounds < 0 {
		return nil
	}
	var all []string
	for child := range r.tree.Children(bounds) {
		if name := r.typeName(child); name != "" && len(all) < language.MaxArguments {
			all = append(all, name)
		}
	}
	return all
}

// typeName returns the name of a type with dots, without references and type
// arguments, "" for what has none.
func (r *reader) typeName(i int) string {
	for range maxPath {
		switch r.tree.Kind(i) {
		case kindTypeIdentifier, kindScopedType, kindIdentifier, kindScoped, kindPrimitive:
			return dotted(r.tree.Text(i))
		case kindGenericType, kindReferenceType:
			if i = r.tree.Child(i, fieldType); i < 0 {
				return ""
			}
		default:
			return ""
		}
	}
	return ""
}

// maxPath bounds how many parts of a path are followed.
const maxPath = 32

// dotted returns a path with dots in place of ::, without type arguments and
// blanks.
func dotted(path []byte) string {
	if at := bytes.IndexByte(path, '<'); at > 0 {
		path = bytes.TrimSuffix(bytes.TrimSpace(path[:at]), []byte("::"))
	}
	text := bytes.ReplaceAll(path[:min(len(path), maxName)], []byte("::"), []byte("."))
	return strings.Trim(string(bytes.Join(bytes.Fields(text), nil)), ".")
}

// maxName bounds a path, in bytes.
const maxName = 300

// openImpl makes the type that an impl is for the scope.
func (r *reader) openImpl(i int) {
	typ, trait := r.tree.Child(i, fieldType), r.tree.Child(i, fieldTrait)
	s := r.push(i)
	if typ < 0 {
		return
	}
	name := r.typeName(typ)
	if name == "" {
		name = language.Flat(r.tree.Text(typ), 60)
	}
	s.name = language.Qualify(s.name, name)
	if !s.local {
		s.owner = s.name
	}
	s.exported = trait >= 0 // what a trait asks for can be called through it
	if trait >= 0 && !s.local && len(r.bases) < maxBases {
		r.bases = append(r.bases, base{owner: s.owner, trait: r.typeName(trait)})
	}
}

// maxBases bounds the impl of traits that are put to their types.
const maxBases = 500

// module declares an inline module and makes it the scope, or imports the one
// of another file.
func (r *reader) module(i int) {
	plain := r.nameOf(i)
	if plain == "" {
		return
	}
	if r.tree.Child(i, fieldBody) < 0 {
		r.importModule(i, plain)
		return
	}
	if r.scope.local {
		return
	}
	testing := r.hasAttribute(i, isConfigTest)
	r.declare(i, language.Declaration{Name: plain, Kind: language.KindModule, Exported: r.isPublic(i)})
	s := r.push(i)
	s.name = language.Qualify(s.name, plain)
	if s.module != "" {
		s.module += "::"
	}
	s.module = s.module[:min(len(s.module), maxName)] + plain
	s.owner, s.exported = "", false
	s.testing = s.testing || testing
}

// item declares what holds no others: a field, a variant, a constant, an alias.
func (r *reader) item(i int, kind treesitter.Kind) {
	plain := r.nameOf(i)
	if plain == "" {
		return
	}
	if r.scope.local {
		r.names.Bind([]byte(plain))
		return
	}
	d := language.Declaration{Name: plain, Exported: r.isPublic(i), Owner: r.scope.owner}
	switch kind {
	case kindField, kindVariant:
		d.Kind = language.KindField
	case kindConst:
		d.Kind = language.KindConstant
	case kindStatic:
		d.Kind = language.KindVariable
	default:
		d.Kind = language.KindType
	}
	if typ := r.tree.Child(i, fieldType); typ >= 0 {
		d.Signature = language.Flat(r.tree.Text(typ), language.MaxSignature)
	} else if body := r.tree.Child(i, fieldBody); body >= 0 && kind == kindVariant {
		d.Signature = language.Flat(r.tree.Text(body), language.MaxSignature)
	}
	r.declare(i, d)
	if kind == kindVariant {
		r.push(i).owner = language.Qualify(r.scope.owner, plain)
	}
}

// macroDefinition declares macro_rules!.
func (r *reader) macroDefinition(i int) {
	if plain := r.nameOf(i); plain != "" && !r.scope.local {
		exported := r.hasAttribute(i, func(text string) bool { return text == "macro_export" })
		r.declare(i, language.Declaration{Name: plain, Kind: language.KindMacro, Exported: exported})
	}
}
