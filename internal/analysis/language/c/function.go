package c

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// openFunction adds a function that has a body and makes it the scope.
func (r *reader) openFunction(i int) {
	d := r.declaratorOf(r.tree.Child(i, fieldDeclarator))
	if d.name < 0 || d.parameters < 0 || r.isMissing(d.name) {
		return
	}
	scope, plain := r.qualifiedName(d.name)
	if plain == "" {
		return
	}
	if statementWords[plain] || plain == "else" || plain == "do" {
		r.misreadStatement(i, plain)
		return
	}
	body := r.tree.Child(i, fieldBody)
	if body < 0 && r.tree.ChildOfKind(i, kindTry) < 0 { // = default, = delete
		r.declareFunction(i, d, scope, plain)
		return
	}
	if r.isMacroDefinition(i, scope, plain) {
		r.openMacro(i, r.macroName(plain, r.argumentsOf(d.parameters)), r.isTestMacro(plain))
		return
	}
	r.declareFunction(i, d, scope, plain)
	f := language.Function{
		Name:       language.Qualify(r.scope.name, language.Qualify(scope, plain)),
		Parameters: r.countParameters(d.parameters),
		Exported:   r.isExported(i),
		Test:       r.isTestFunction(plain) || r.inTests(i),
	}
	r.facts.Main = r.facts.Main || !r.scope.local && r.scope.kind != scopeType && scope == "" && mains[plain] && r.startsProgram(i)
	r.addFunction(i, i, f, plain)
}

// misreadStatement counts a statement that stands after a macro without a
// semicolon, MACRO(a) if (b) { … }: the grammar takes both for a function.
func (r *reader) misreadStatement(i int, word string) {
	c := r.complexity()
	switch word {
	case "if", "while", "for":
		c.Cyclomatic++
		c.Cognitive += 1 + r.scope.nesting
	case "switch", "catch":
		c.Cognitive += 1 + r.scope.nesting
	default:
		return
	}
	r.push(i).nesting++
}

// mains are the functions with which a program starts.
var mains = set(`main wmain _tmain WinMain wWinMain _tWinMain`)

// addFunction appends a function from the first line of one node to the last of
// another, and makes it the scope of the latter.
func (r *reader) addFunction(from, i int, f language.Function, plain string) {
	f.Line, f.EndLine = int(r.tree.Nodes[from].Line), int(r.tree.Nodes[i].EndLine)
	if n := len(r.facts.Functions); n > 0 {
		f.Line = max(f.Line, r.facts.Functions[n-1].Line)
	}
	f.EndLine = max(f.EndLine, f.Line)
	f.Cyclomatic = 1
	r.facts.Functions = append(r.facts.Functions, f)
	s := r.push(i)
	s.kind, s.function, s.name = scopeFunction, len(r.facts.Functions)-1, f.Name
	s.plain, s.parameters = plain, f.Parameters
	s.local, s.owner = true, ""
}

// isExported reports whether a function can be reached from other files.
func (r *reader) isExported(i int) bool {
	return r.reachable() && (r.header || r.scope.kind == scopeType || !r.hasWord(i, kindStorage, "static"))
}

// declareFunction declares a function with a body. One whose name has a scope
// is a method, unless the scope is a namespace of the file.
func (r *reader) declareFunction(i int, d declarator, scope, plain string) {
	if r.scope.local {
		return
	}
	out := language.Declaration{Name: plain, Kind: language.KindFunction, Owner: r.scope.owner, Exported: r.isExported(i), Signature: r.signature(i, d)}
	if scope != "" {
		if whole := language.Qualify(r.scope.name, scope); !r.namespaces[whole] {
			out.Owner = whole
		}
	}
	if out.Owner != "" {
		out.Kind = language.KindMethod
	}
	r.declare(i, out)
}

// countParameters counts parameters; (void) is none, and dots are none.
func (r *reader) countParameters(list int) int {
	n := 0
	for child := range r.tree.Children(list) {
		switch r.tree.Kind(child) {
		case kindParameter:
			if string(r.tree.Text(child)) != "void" {
				n++
			}
		case kindOptionalParameter, kindVariadicParameter, kindIdentifier:
			n++
		default:
		}
	}
	return n
}

// isMacroDefinition reports whether a function without a type is what a macro
// makes of it: NAME(a, b) { … }. A constructor has no type either.
func (r *reader) isMacroDefinition(i int, scope, plain string) bool {
	return r.cpp && scope == "" && r.scope.kind != scopeType && r.tree.Child(i, fieldType) < 0 &&
		plain != r.scope.plain && !strings.HasPrefix(plain, "~") && !strings.HasPrefix(plain, "operator") && !mains[plain]
}

// openMacroFunction makes a function of a block that follows what looks like a
// call, outside of any function: a macro that defines one, or a function of old
// C without a type.
func (r *reader) openMacroFunction(i int) {
	call := r.call
	if call < 0 || r.tree.Nodes[call].End > r.tree.Nodes[i].Start || !r.onlyBlanks(int(r.tree.Nodes[call].End), int(r.tree.Nodes[i].Start)) {
		return
	}
	callee, list := r.tree.Child(call, fieldFunction), r.tree.Child(call, fieldArguments)
	if callee < 0 || list < 0 || r.tree.Kind(callee) != kindIdentifier {
		return
	}
	plain := string(r.tree.Text(callee))
	arguments := r.argumentsOf(list)
	if isMacro([]byte(plain)) || testMacros[plain] {
		r.openMacroAt(call, i, r.macroName(plain, arguments), r.isTestMacro(plain))
		return
	}
	r.facts.Main = r.facts.Main || mains[plain] && r.scope.kind != scopeType && r.startsProgram(i)
	r.declare(call, language.Declaration{Name: plain, Kind: language.KindFunction, Exported: r.reachable()})
	r.addFunction(call, i, language.Function{Name: language.Qualify(r.scope.name, plain), Exported: r.reachable(), Test: r.inTests(i), Parameters: len(arguments)}, plain)
}

func (r *reader) openMacro(i int, name string, test bool) { r.openMacroAt(i, i, name, test) }

func (r *reader) openMacroAt(from, i int, name string, test bool) {
	r.openTests = r.openTests || test && !r.inTests(i)
	r.addFunction(from, i, language.Function{Name: language.Qualify(r.scope.name, name), Test: test || r.inTests(i), Exported: !test && r.reachable()}, name)
}

// onlyBlanks reports whether nothing but blanks and a semicolon that was not
// written stands between two offsets.
func (r *reader) onlyBlanks(from, to int) bool {
	return to-from < 400 && strings.TrimSpace(string(r.tree.Source[from:to])) == ""
}

// argumentsOf returns the texts of arguments or parameters.
func (r *reader) argumentsOf(list int) []string {
	var all []string
	for child := range r.tree.Children(list) {
		if kind := r.tree.Kind(child); kind != kindComment && len(all) < language.MaxArguments {
			all = append(all, language.Flat(r.tree.Text(child), maxName))
		}
	}
	return all
}

// macroName is the name of a function that a macro defines.
func (r *reader) macroName(macro string, arguments []string) string {
	switch {
	case len(arguments) == 0:
		return macro
	case suiteMacros[macro] && len(arguments) > 1:
		return arguments[0] + "." + arguments[1]
	}
	return macro + "(" + strings.Trim(arguments[0], `"`) + ")"
}
