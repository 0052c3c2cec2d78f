package ruby

import (
	"iter"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// methodName returns the name of the method that a call calls.
func (r *reader) methodName(call int) string {
	if method := r.tree.Child(call, fieldMethod); method >= 0 {
		return string(r.short(method))
	}
	return ""
}

// receiverText returns what stands before a call's dot.
func (r *reader) receiverText(call int) []byte {
	if receiver := r.tree.Child(call, fieldReceiver); receiver >= 0 {
		return r.short(receiver)
	}
	return nil
}

// computed stands for a receiver that is no name.
const computed = "?"

// maxChain is how many calls without arguments a receiver may join.
const maxChain = 8

// dotted returns node i as names joined by dots, computed when it is not.
func (r *reader) dotted(i, left int) string {
	switch r.tree.Kind(i) {
	case kindIdentifier, kindSelf, kindInstanceVariable, kindClassVariable, kindGlobalVariable, kindConstant, kindSuper:
		if text := r.short(i); len(text) > 0 {
			return string(text)
		}
	case kindScopeResolution:
		if text := r.short(i); isConstantPath(text) {
			return dots(text)
		}
	case kindCall:
		name := r.methodName(i)
		if left == 0 || name == "" || r.tree.Child(i, fieldArguments) >= 0 || r.tree.Child(i, fieldBlock) >= 0 {
			break
		}
		receiver := r.tree.Child(i, fieldReceiver)
		if receiver < 0 {
			return name
		}
		if before := r.dotted(receiver, left-1); before != computed {
			return before + "." + name
		}
	default:
	}
	return computed
}

// call reads a call: what it means to Ruby, to the graph and to frameworks.
func (r *reader) call(i int) {
	name := r.methodName(i)
	if name == "" {
		return
	}
	receiverNode, receiver := r.tree.Child(i, fieldReceiver), ""
	if receiverNode >= 0 {
		receiver = r.dotted(receiverNode, maxChain)
	}
	if receiver == "" || receiver == "self" {
		r.recursion([]byte(name))
	}
	if receiver == "" || receiver == "Kernel" {
		r.macro(i, name)
	}
	if receiver == "" && keywords[name] {
		if name == "include" || name == "extend" {
			r.invocation(i, name, receiver, receiverNode)
		}
		return
	}
	r.addCall(i, name, receiver)
	r.invocation(i, name, receiver, receiverNode)
}

func (r *reader) addCall(i int, name, receiver string) {
	isNew := false
	if name == "new" && receiver != "" && receiver != computed && isUpper(receiver) {
		isNew = true
		name, receiver = receiver, ""
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
			receiver, name = name[:dot], name[dot+1:]
		}
	} else if !keywords[name] {
		r.names.UseMember([]byte(name))
	}
	r.calls.Add([]byte(receiver), []byte(name), r.scope.function, r.line(i), isNew)
}

func isUpper(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != "" && last[0] >= 'A' && last[0] <= 'Z'
}

// super calls the method of the same name above.
func (r *reader) super(i int) {
	if r.scope.function == noFunction || r.scope.plain == "" || r.facts.Functions[r.scope.function].Test {
		return
	}
	if r.tree.ParentKind(i) == kindCall && r.tree.Nodes[i].Field == fieldReceiver {
		return
	}
	r.calls.Add([]byte("super"), []byte(r.scope.plain), r.scope.function, r.line(i), false)
}

// macro reads the calls that declare or import something.
func (r *reader) macro(i int, name string) {
	list := r.tree.Child(i, fieldArguments)
	switch name {
	case "require", "require_relative", "load", "autoload":
		r.imports(i, name)
		return
	}
	if r.scope.kind != scopeType || r.scope.function != noFunction || list < 0 {
		return
	}
	switch name {
	case wordPrivate, wordProtected, "private_constant", wordPrivateMethod:
		r.setExported(list, false)
	case wordPublic, "public_class_method":
		r.setExported(list, true)
	case "attr_reader", "attr_writer", "attr_accessor", "cattr_accessor", "mattr_accessor", "class_attribute", "thread_mattr_accessor":
		r.declareFields(list, !r.scope.hidden && !r.isHidden(i, kindCall))
	case "include", "extend", "prepend":
		for base := range r.tree.Children(list) {
			r.addBase(r.scope.owner, r.baseName(base))
		}
	case "alias_method":
		for alias, node := range r.literals(list) {
			r.declare(node, language.KindMethod, r.scope.name, alias, r.scope.exported && !r.scope.hidden)
			break
		}
	}
}

// literals yields the texts of the symbols and strings of a list.
func (r *reader) literals(list int) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for child := range r.tree.Children(list) {
			name := ""
			switch r.tree.Kind(child) {
			case kindSimpleSymbol:
				name = strings.TrimPrefix(string(r.short(child)), ":")
			case kindString:
				name = r.plainString(child)
			default:
			}
			if name != "" && !yield(name, child) {
				return
			}
		}
	}
}

// openBlock opens the block of a call: its body is that of a method, a test, a
// suite of tests, a class that is made here, or of the function around.
func (r *reader) openBlock(i int) {
	call := r.tree.Parent(i)
	if r.tree.Kind(call) != kindCall {
		return
	}
	name, list := r.methodName(call), r.tree.Child(call, fieldArguments)
	outer := r.scope
	s := r.push(i)
	s.within, s.argument = call, r.count(list)
	if outer.function != noFunction {
		s.nesting++
		return
	}
	if name == "define_method" && list >= 0 {
		r.defineMethod(i, call, list)
		return
	}
	receiver := string(r.receiverText(call))
	if receiver != "" && receiver != "RSpec" {
		return
	}
	switch {
	case suites[name] && (r.likely || receiver != "" || outer.suite):
		r.facts.Test = true
		s.suite, s.titles = true, r.title(outer.titles, list, name)
	case tests[name] && receiver == "" && (outer.suite || r.likely && (outer.testCase || outer.kind == scopeFile)):
		r.openFunction(call, i, r.title(outer.titles, list, name), "", -1, false, true)
		r.scope.suite = true
	}
}

func (r *reader) defineMethod(block, call, list int) {
	for plain := range r.literals(list) {
		parameters := r.tree.Child(block, fieldParameters)
		exported := r.scope.exported && !r.scope.hidden && !r.scope.suite
		if at := r.declare(call, language.KindMethod, r.scope.name, plain, exported); at >= 0 {
			r.members[language.Qualify(r.scope.name, plain)] = member{declaration: at, function: len(r.facts.Functions)}
		}
		r.openFunction(call, block, language.Qualify(r.scope.name, plain), plain, parameters, exported, false)
		return
	}
}

// tests declare a test by a title and a block, suites a group of them.
var (
	tests  = set("it specify example scenario test fit xit fspecify xspecify fexample xexample xscenario fscenario should it_behaves_like")
	suites = set("describe context feature fdescribe xdescribe fcontext xcontext xfeature ffeature example_group shared_examples shared_examples_for shared_context")
)

// maxTitle bounds the title of a test, in bytes.
const maxTitle = 200

// title puts the title of a test or suite behind those around it.
func (r *reader) title(outer string, list int, otherwise string) string {
	var words []string
	if list >= 0 {
		for child := range r.tree.Children(list) {
			switch r.tree.Kind(child) {
			case kindString:
				words = append(words, r.stringText(child))
			case kindConstant, kindScopeResolution, kindSimpleSymbol:
				if len(words) == 0 {
					words = append(words, string(r.short(child)))
				}
			default:
			}
		}
	}
	own := language.Flat([]byte(strings.Join(words, " ")), maxTitle)
	if own == "" {
		own = otherwise
	}
	if outer == "" {
		return own
	}
	return language.Clip([]byte(outer+" > "+own), 2*maxTitle)
}
