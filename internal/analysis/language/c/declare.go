package c

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declare adds a declaration of node i, with the comment before it.
func (r *reader) declare(i int, d language.Declaration) {
	node := &r.tree.Nodes[i]
	d.Line, d.EndLine = r.line(int(node.Line)), int(node.EndLine)
	d.EndLine = max(d.EndLine, d.Line)
	if d.Doc == "" {
		d.Doc = r.docOf(i)
	}
	r.names.Declare([]byte(d.Name))
	r.facts.Declares = append(r.facts.Declares, d)
}

// line keeps declarations in the order of their lines.
func (r *reader) line(line int) int {
	if n := len(r.facts.Declares); n > 0 {
		return max(line, r.facts.Declares[n-1].Line)
	}
	return line
}

// openNamespace makes a namespace the scope. The anonymous one hides what is in
// it.
func (r *reader) openNamespace(i int) {
	name := r.tree.Child(i, fieldName)
	s := r.push(i)
	s.kind = scopeNamespace
	if name < 0 || r.isMissing(name) {
		s.exported = false
		return
	}
	plain := string(bytes.ReplaceAll(bytes.ReplaceAll(r.tree.Text(name), []byte("::"), []byte(".")), []byte(" "), nil))
	plain = language.Flat([]byte(plain), maxName)
	s.name = language.Qualify(s.name, plain)
	r.namespaces[s.name] = true
	if len(r.saved) < 2 || !r.scope.local {
		r.declare(i, language.Declaration{Name: plain, Kind: language.KindModule, Exported: s.exported})
	}
}

// reachable reports whether a member or a name declared here can be used from
// outside.
func (r *reader) reachable() bool { return r.scope.exported && r.scope.public && !r.scope.local }

// openType declares a type with a body and makes it the scope. One that is only
// named is a reference.
func (r *reader) openType(i int, kind treesitter.Kind) {
	if r.tree.Child(i, fieldBody) < 0 {
		return
	}
	plain, at := r.typeNameOf(i)
	exported := r.reachable()
	outer := r.scope
	if plain != "" && !outer.local {
		r.declare(at, language.Declaration{Name: plain, Kind: language.KindType, Exported: exported, Owner: outer.owner, Bases: r.bases(i)})
	} else if plain != "" {
		r.names.Bind([]byte(plain))
	}
	s := r.push(i)
	s.kind, s.function, s.exported = scopeType, noFunction, exported
	s.public = kind != kindClass
	s.nesting = 0
	if outer.local {
		s.nesting = outer.nesting + 1
	}
	if plain != "" {
		s.plain, s.name = plain, language.Qualify(outer.name, plain)
		s.owner = s.name
	} else if outer.local {
		s.function = outer.function
	}
	s.local = outer.local
}

// typeNameOf returns the name of a type and the node that declares it: of a
// struct without a name in a typedef, the first name of the typedef.
func (r *reader) typeNameOf(i int) (name string, at int) {
	if node := r.tree.Child(i, fieldName); node >= 0 {
		_, name = r.qualifiedName(node)
		return name, i
	}
	if parent := r.tree.Parent(i); r.tree.Kind(parent) == kindTypedef {
		if d := r.declaratorOf(r.tree.Child(parent, fieldDeclarator)); d.name >= 0 && d.parameters < 0 {
			return language.Flat(r.tree.Text(d.name), maxName), i
		}
	}
	return "", i
}

// bases returns what a class inherits from, without template arguments.
func (r *reader) bases(i int) []string {
	clause := r.tree.ChildOfKind(i, kindBases)
	if clause < 0 {
		return nil
	}
	var all []string
	for child := range r.tree.Children(clause) {
		switch r.tree.Kind(child) {
		case kindTypeIdentifier, kindQualified, kindTemplateType:
			scope, name := r.qualifiedName(child)
			if name != "" && len(all) < language.MaxArguments {
				all = append(all, language.Qualify(scope, name))
			}
		default:
		}
	}
	return all
}

// openEnum declares an enumeration with its enumerators.
func (r *reader) openEnum(i int) {
	if r.tree.Child(i, fieldBody) < 0 {
		return
	}
	plain, at := r.typeNameOf(i)
	if plain != "" && !r.scope.local {
		r.declare(at, language.Declaration{Name: plain, Kind: language.KindType, Exported: r.reachable(), Owner: r.scope.owner})
	}
	exported := r.reachable()
	s := r.push(i)
	s.exported = exported
	if plain != "" {
		s.owner = language.Qualify(s.name, plain)
	}
	s.kind = scopeType
	// The names of enum class need the type before them: they are its members.
	// Those of a plain enum are names of the scope around.
	s.public = !r.isScopedEnum(i)
}

func (r *reader) isScopedEnum(i int) bool {
	text := r.tree.Text(i)
	text = bytes.TrimSpace(bytes.TrimPrefix(text[:min(len(text), 40)], []byte("enum")))
	return bytes.HasPrefix(text, []byte("class")) || bytes.HasPrefix(text, []byte("struct"))
}

func (r *reader) enumerator(i int) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) {
		return
	}
	text := r.tree.Text(name)
	if r.scope.local {
		r.names.Bind(text)
		return
	}
	kind := language.KindField
	if r.scope.public {
		kind = language.KindConstant
	}
	r.declare(i, language.Declaration{Name: string(text), Kind: kind, Exported: r.scope.exported, Owner: r.scope.owner})
}

// typedef declares the names of a typedef, but for that of the struct in it.
func (r *reader) typedef(i int) {
	typ := r.tree.Child(i, fieldType)
	own := ""
	if typ >= 0 && r.tree.Child(typ, fieldBody) >= 0 {
		own, _ = r.typeNameOf(typ)
	}
	for child := range r.tree.Children(i) {
		if r.tree.Nodes[child].Field != fieldDeclarator {
			continue
		}
		d := r.declaratorOf(child)
		if d.name < 0 || r.isMissing(d.name) {
			continue
		}
		text := r.tree.Text(d.name)
		switch {
		case r.scope.local:
			r.names.Bind(text)
		case string(text) != own:
			r.declare(i, language.Declaration{
				Name: string(text), Kind: language.KindType, Exported: r.reachable(), Owner: r.scope.owner,
				Signature: r.variableType(i, child, d),
			})
		}
	}
}

// alias declares using T = … and concepts.
func (r *reader) alias(i int) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) {
		return
	}
	if r.scope.local {
		r.names.Bind(r.tree.Text(name))
		return
	}
	d := language.Declaration{Name: string(r.tree.Text(name)), Kind: language.KindType, Exported: r.reachable(), Owner: r.scope.owner}
	if typ := r.tree.Child(i, fieldType); typ >= 0 {
		d.Signature = language.Flat(r.tree.Text(typ), language.MaxSignature)
	}
	r.declare(i, d)
}

// declarators declares the variables, fields and functions without a body of a
// declaration.
func (r *reader) declarators(i int, kind treesitter.Kind) {
	if r.scope.local || r.tree.ParentKind(i) == kindFriend || r.tree.ParentKind(i) == kindFunction { // the latter in the old style of C
		return
	}
	static := r.hasWord(i, kindStorage, "static")
	if !r.header && kind == kindDeclaration && r.scope.kind != scopeType && r.hasWord(i, kindStorage, "extern") {
		return
	}
	constant := bytes.Contains(clip(r.tree.Source[r.tree.Nodes[i].Start:r.specifiersEnd(i)]), []byte("const"))
	for child := range r.tree.Children(i) {
		if r.tree.Nodes[child].Field == fieldDeclarator {
			r.declarator(i, child, static, constant)
		}
	}
}

// specifiersEnd returns the offset of the first declarator.
func (r *reader) specifiersEnd(i int) uint32 {
	if first := r.tree.Child(i, fieldDeclarator); first >= 0 {
		return r.tree.Nodes[first].Start
	}
	return r.tree.Nodes[i].Start
}

func (r *reader) declarator(i, child int, static, constant bool) {
	d := r.declaratorOf(child)
	if d.name < 0 || r.isMissing(d.name) {
		return
	}
	scope, name := r.qualifiedName(d.name)
	member := r.scope.kind == scopeType
	if name == "" || scope != "" || d.parameters >= 0 && !member && !r.header {
		return // Type::member = …, or of a function that stands elsewhere
	}
	out := language.Declaration{Name: name, Owner: r.scope.owner, Exported: r.reachable() && (!static || r.header || member)}
	switch {
	case d.parameters >= 0:
		out.Kind, out.Signature = language.KindFunction, r.signature(i, d)
		if member {
			out.Kind = language.KindMethod
		}
	case member:
		out.Kind, out.Signature = language.KindField, r.variableType(i, child, d)
	default:
		out.Kind, out.Signature = language.KindVariable, r.variableType(i, child, d)
		if constant {
			out.Kind = language.KindConstant
		}
	}
	r.declare(i, out)
}

// maxMacros bounds the macros of one file: lists of registers have a hundred
// thousand.
const maxMacros = 2000

// macro declares what a #define defines. Include guards are none.
func (r *reader) macro(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) || r.macros >= maxMacros {
		return
	}
	body := r.tree.Child(i, fieldValue)
	if body < 0 && kind == kindDefine && r.header && r.macros == 0 && len(r.facts.Declares) == 0 {
		return
	}
	r.macros++
	d := language.Declaration{Name: string(r.tree.Text(name)), Kind: language.KindMacro, Exported: r.header}
	if list := r.tree.Child(i, fieldParameters); list >= 0 {
		d.Signature = language.Flat(r.tree.Text(list), language.MaxSignature)
	}
	r.declare(i, d)
}
