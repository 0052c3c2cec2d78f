// Package csharp reads C# source up to version 12 and what tree-sitter's grammar
// knows of later ones. It may import the packages language and treesitter beside
// it and the grammar.
//
// Cyclomatic complexity is McCabe's, by the pattern of Go's gocyclo and of the
// parser of Java: 1, and 1 more for each
//
//   - if, for, foreach, while, do and catch
//   - case label, and arm of a switch expression but for the discard; default is
//     none, and so is the guard of a label or catch by itself
//   - conditional expression, &&, ||, and the patterns and and or
//
// The operators ??, ??= and ?. are none. A lambda or anonymous method counts
// inside the function around it; a local function stands alone.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5: 1 and
// the level of nesting for each if, conditional expression, loop, catch and
// switch, of either form; 1 for each else and else if, for each run of like
// logical operators, pattern combinators among them (parentheses do not end a
// run), for each goto, and once for a method that calls itself: a method of its
// name on this, with as many arguments as it has parameters. Bodies of those
// statements, lambdas, anonymous methods and local functions raise the level. A
// local function has the complexity of its own text at the level where it stands.
//
// Functions are what has a body: methods, constructors, finalisers, operators,
// accessors, properties and indexers with an arrow (they are their get), and
// local functions. Names are qualified by the types around, not by the namespace:
// Outer.Inner.Method, a constructor Type.Type, a finaliser Type.~Type, an accessor
// Type.Property.get, an indexer's Type.this.get, an operator Type.operator +, a
// conversion Type.implicit operator int, an explicit implementation
// Type.IFace.Method, a local function Type.Method.local.
//
// Exported is what other assemblies can reach: public and protected members of
// types that are public, and the members of public interfaces. What is internal,
// as a type without a modifier is, is not exported.
//
// Package is the first namespace of the file. Any other one is a declaration of
// KindModule with its whole name, and holds the types inside its lines. A using
// directive is an import of the namespace or type; using static has the name *;
// global using, which reaches every file of the project, is a re-export. Every
// branch of #if is read. A logical line is a statement, declaration or label.
// Volume is not measured.
package csharp

import (
	"context"
	"path"

	tree_sitter_c_sharp "github.com/tree-sitter/tree-sitter-c-sharp/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads C#. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_c_sharp.Language(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"C#"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "2" }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, file string, src []byte) (*language.Facts, error) {
	return p.grammar.Read(ctx, src, func(tree *treesitter.Tree) *language.Facts {
		r := newReader(file, tree)
		tree.Walk(0, r.enter, r.leave)
		return r.finish()
	})
}

// reader takes the facts of one file on one walk over its tree.
type reader struct {
	tree     *treesitter.Tree
	facts    *language.Facts
	names    language.Names
	comments language.Comments
	calls    language.Calls
	invoked  language.Invocations
	program  bool // the file's name says that statements outside types are a program

	scope scope
	saved []savedScope

	runs      []treesitter.Kind // last operator of each run of logical operators around the node
	recursive map[int]bool      // functions whose recursion is counted
	sites     []site            // calls around the node
	declared  marked            // the last declaration that annotations can stand on
	method    marked            // the last function
	takes     []int             // the list of parameters of each function, -1 for none
}

// marked is a fact made of a node.
type marked struct{ node, index int }

// noFunction stands for the code outside any function.
const noFunction = -1

// scope is what the code around a node says about it.
type scope struct {
	function   int    // index in facts.Functions, or noFunction
	name       string // qualified
	owner      string // the innermost type, qualified
	plain      string // the name as it is written
	parameters int    // of the function
	nesting    int    // level for cognitive complexity
	open       bool   // members need no modifier to be exported: of interfaces
	exported   bool   // an exported member here can be reached from outside
	local      bool   // inside a function, at any depth
	namespace  string
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(file string, tree *treesitter.Tree) *reader {
	return &reader{
		tree:      tree,
		facts:     &language.Facts{TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{},
		scope:     scope{function: noFunction, exported: true},
		program:   !tree.Broken || path.Base(file) == "Program.cs",
		declared:  marked{-1, -1},
		method:    marked{-1, -1},
	}
}

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if r.isUnread(i) {
		return false
	}
	if statements[kind] {
		r.facts.LLOC++
	}
	r.branch(i)
	r.measure(i, kind)
	switch kind {
	case kindComment:
		n := &r.tree.Nodes[i]
		r.comments.Add(r.tree.Source, int(n.Start), int(n.End), int(n.Line), int(n.EndLine))
		return false
	case kindUsing:
		r.imports(i)
		return false
	case kindIdentifier, kindImplicitParameter:
		r.identifier(i)
		return false
	case kindGlobalStatement:
		r.facts.Main = r.facts.Main || r.program && r.tree.Kind(i+1) != kindPreprocessorIf && r.tree.Kind(i+1) != kindLocalFunction
	case kindInvocation:
		r.invocation(i)
		r.recursion(i)
	case kindCreation, kindImplicitCreation:
		r.creation(i, kind)
	case kindAttribute:
		r.annotation(i)
	default:
	}
	r.open(i, kind)
	return true
}

// isUnread reports whether node i has nothing to read: the symbols of #if, and the
// name of a namespace, which is no name of a type.
func (r *reader) isUnread(i int) bool {
	switch r.tree.ParentKind(i) {
	case kindPreprocessorIf, kindPreprocessorElif:
		return r.tree.Nodes[i].Field == fieldCondition
	case kindNamespace, kindFileNamespace:
		return r.tree.Nodes[i].Field == fieldName
	default:
		return false
	}
}

func (r *reader) leave(i int) {
	for n := len(r.saved); n > 0 && r.saved[n-1].node == i; n-- {
		r.scope = r.saved[n-1].scope
		r.saved = r.saved[:n-1]
	}
	if !r.isUnread(i) && r.startsRun(i) {
		r.runs = r.runs[:len(r.runs)-1]
	}
	if n := len(r.sites); n > 0 && r.sites[n-1].node == i {
		r.sites = r.sites[:n-1]
	}
}

func (r *reader) push(i int) *scope {
	r.saved = append(r.saved, savedScope{i, r.scope})
	return &r.scope
}

// open changes the scope for what is below node i.
func (r *reader) open(i int, kind treesitter.Kind) {
	switch kind {
	case kindNamespace, kindFileNamespace:
		r.openNamespace(i, kind)
	case kindClass, kindStruct, kindInterface, kindEnum, kindRecord:
		r.openType(i, kind)
	case kindDelegate:
		r.declareNamed(i, language.KindType, r.exports(r.modifiers(i), true))
	case kindEnumMember:
		r.declareNamed(i, language.KindField, r.scope.exported)
	case kindField, kindEventField:
		r.declareFields(i)
	case kindProperty, kindIndexer, kindEvent:
		r.openProperty(i, kind)
	case kindMethod, kindConstructor, kindDestructor, kindOperator, kindConversion, kindLocalFunction:
		r.openFunction(i, kind)
	case kindAccessor:
		r.openAccessor(i)
	case kindArrow:
		if parent := r.tree.ParentKind(i); parent == kindProperty || parent == kindIndexer {
			r.addFunction(i, r.tree.Parent(i), "get", 0)
		}
	case kindFor, kindForEach, kindWhile, kindDo, kindSwitch, kindSwitchExpression, kindCatch, kindTernary, kindLambda, kindAnonymousMethod:
		r.push(i).nesting++
	default:
	}
}

func (r *reader) finish() *language.Facts {
	for i := range r.facts.Functions {
		r.facts.Test = r.facts.Test || r.facts.Functions[i].Test
	}
	r.facts.References = r.names.References()
	r.facts.Calls = r.calls.List()
	r.facts.Remarks = r.comments.Remarks()
	r.facts.Invocations = r.invoked.Finish(r.facts.Annotations)
	for i := range r.facts.Invocations {
		if at := r.facts.Invocations[i].Function; at >= 0 && r.takes[at] >= 0 {
			r.facts.Functions[at].Takes = r.parameterNames(r.takes[at])
			r.takes[at] = -1
		}
	}
	return r.facts
}
