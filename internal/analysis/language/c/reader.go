package c

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// reader takes the facts of one file on one walk over its tree.
type reader struct {
	tree   *treesitter.Tree
	facts  *language.Facts
	names  language.Names
	calls  language.Calls
	cpp    bool
	header bool

	scope scope
	saved []savedScope

	runs       []treesitter.Kind // last operator of each run of && and || around the node
	recursive  map[int]bool      // functions whose recursion is counted
	namespaces map[string]bool   // qualified names of namespaces in the file
	doc        comments
	docs       bool // the file's own comment may still come
	macros     int
	framework  string     // the test framework that is included, for C's plain functions
	tests      []testSpan // see lexer.tests
	openTests  bool       // a test stands outside of them
	call       int        // the last call outside any function, which may define one
}

// noFunction stands for the code outside any function.
const noFunction = -1

type scopeKind uint8

const (
	scopeFile scopeKind = iota
	scopeNamespace
	scopeType
	scopeFunction
)

// scope is what the code around a node says about it.
type scope struct {
	kind       scopeKind
	function   int    // index in facts.Functions, or noFunction
	name       string // qualified
	plain      string // the name as it is written
	owner      string // the type around, qualified, "" for none
	parameters int    // of the function
	nesting    int    // level for cognitive complexity
	exported   bool   // what is declared here can be reached from outside
	public     bool   // the access specifier at hand lets members be reached
	local      bool   // inside a function, at any depth
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(file string, tree *treesitter.Tree, cpp bool, tests []testSpan) *reader {
	return &reader{
		tree: tree, cpp: cpp, header: headers[strings.ToLower(path.Ext(file))],
		facts:     &language.Facts{TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{}, namespaces: map[string]bool{},
		scope: scope{function: noFunction, exported: true, public: true},
		docs:  true, call: -1, tests: tests,
	}
}

// isMissing reports whether the parser made up a name.
func (r *reader) isMissing(i int) bool { return r.tree.Nodes[i].Start == r.tree.Nodes[i].End }

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if kind == kindComment {
		r.comment(i)
		return false
	}
	if statements[kind] {
		r.facts.LLOC++
		r.docs = r.docs && (kind == kindInclude || kind == kindDefine)
	}
	r.branch(i)
	r.measure(i, kind)
	switch kind {
	case kindInclude:
		r.include(i)
		return false
	case kindDefine, kindDefineFunction:
		r.macro(i, kind)
		return false
	case kindIdentifier, kindFieldIdentifier, kindTypeIdentifier, kindNamespaceName:
		r.identifier(i, kind)
		return false
	case kindCall, kindNew:
		r.callOf(i, kind)
	case kindInitializerList:
		r.row(i)
	case kindAccess:
		if r.scope.kind == scopeType {
			r.scope.public = string(r.tree.Text(i)) == "public"
		}
	default:
	}
	r.open(i, kind)
	return true
}

func (r *reader) leave(i int) {
	for n := len(r.saved); n > 0 && r.saved[n-1].node == i; n-- {
		r.scope = r.saved[n-1].scope
		r.saved = r.saved[:n-1]
	}
	if r.startsRun(i) {
		r.runs = r.runs[:len(r.runs)-1]
	}
}

func (r *reader) push(i int) *scope {
	r.saved = append(r.saved, savedScope{i, r.scope})
	return &r.scope
}

// open declares what node i declares and changes the scope for what is below.
func (r *reader) open(i int, kind treesitter.Kind) {
	switch kind {
	case kindNamespace:
		r.openNamespace(i)
	case kindStruct, kindUnion, kindClass:
		r.openType(i, kind)
	case kindEnum:
		r.openEnum(i)
	case kindEnumerator:
		r.enumerator(i)
	case kindFunction:
		r.openFunction(i)
	case kindBlock:
		if !r.scope.local {
			r.openMacroFunction(i)
		}
	case kindTypedef:
		r.typedef(i)
	case kindAlias, kindConcept:
		r.alias(i)
	case kindDeclaration, kindField:
		r.declarators(i, kind)
	case kindFor, kindForRange, kindWhile, kindDo, kindSwitch, kindCatch, kindConditional, kindLambda:
		if kind == kindLambda {
			r.push(i).local = true
			r.scope.nesting++
			break
		}
		r.push(i).nesting++
	default:
	}
}

func (r *reader) finish(l *lexer) *language.Facts {
	r.droppedCalls(l)
	r.facts.Test = r.isTest()
	r.facts.References = r.names.References()
	r.facts.Calls = r.calls.List()
	return r.facts
}
