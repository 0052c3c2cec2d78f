// Package kotlin reads Kotlin source up to version 2.0, scripts among it. It may
// import the packages language and treesitter beside it and the grammar.
//
// Cyclomatic complexity is McCabe's, by the pattern of Go's gocyclo and of the
// parser of Java: 1, and 1 more for each
//
//   - if, for, while, do and catch
//   - branch of when but for else; one with several conditions is one
//   - && and ||
//
// The operators ?: and ?. are none.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5: 1 and
// the level of nesting for each if, when, loop and catch; 1 for each else and else
// if, for each run of like && or || (parentheses do not end a run), for break and
// continue to a label, and once for a function that calls itself: a function of
// its name on this, with as many arguments as it has parameters. Bodies of those,
// lambdas, anonymous and local functions and object expressions raise the level.
//
// Functions are what has a body: functions at the top level and in types,
// secondary constructors, initialisers, accessors of properties, and local
// functions, which stand alone with the complexity of their own text at the level
// where they stand. A lambda or an anonymous function counts inside the function
// around it. Names are qualified by the types around: Outer.Inner.method,
// an extension String.shout, a constructor Type.Type, an initialiser Type.<init>,
// an accessor Type.property.get, a member of a companion Type.Companion.create, a
// method of the first object expression in a function Outer.method.$1.run, of an
// enum entry Color.RED.mix.
//
// Exported is what other modules can reach: all that is neither private nor
// internal and stands in such. An import keeps its dotted path, with .* for all;
// the name behind as is a local one. A call of a name that begins with a capital
// makes an object: so the language's conventions have it. A logical line is a
// statement in a block or lambda, a member, or a branch of when. Volume is not
// measured.
package kotlin

import (
	"context"

	tree_sitter_kotlin "github.com/tree-sitter-grammars/tree-sitter-kotlin/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads Kotlin. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_kotlin.Language(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"Kotlin"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "3" }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, _ string, src []byte) (*language.Facts, error) {
	return p.grammar.Read(ctx, readable(src), func(tree *treesitter.Tree) *language.Facts {
		r := newReader(tree)
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

	scope scope
	saved []savedScope

	runs      []treesitter.Kind // last operator of each run of && and || around the node
	recursive map[int]bool      // functions whose recursion is counted
	anonymous map[string]int    // object expressions so far, by what they stand in
	sites     []site            // calls around the node
	merged    map[int]bool      // calls that are one with the call around them: f(x) of f(x) { }
	declared  marked            // the last declaration that annotations can stand on
	fields    map[int]int       // declarations of parameters that are properties too, by node
	method    marked            // the last function
	takes     []int             // the node of each function, for its parameters
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
	exported   bool   // an exported member here can be reached from outside
	local      bool   // inside a function or lambda, at any depth
	inType     bool   // a type is what is innermost
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(tree *treesitter.Tree) *reader {
	return &reader{
		tree:      tree,
		facts:     &language.Facts{TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{}, anonymous: map[string]int{}, merged: map[int]bool{}, fields: map[int]int{},
		scope:    scope{function: noFunction, exported: true},
		declared: marked{-1, -1}, method: marked{-1, -1},
	}
}

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if up := r.tree.ParentKind(i); i > 0 && (kind == kindWhenEntry || up < kindEnd && holders[up] && !parts[kind]) {
		r.facts.LLOC++
	}
	r.branch(i)
	r.measure(i, kind)
	switch kind {
	case kindLineComment, kindBlockComment:
		n := &r.tree.Nodes[i]
		r.comments.Add(r.tree.Source, int(n.Start), int(n.End), int(n.Line), int(n.EndLine))
		return false
	case kindPackage:
		r.facts.Package = r.qualified(i)
		return false
	case kindImport:
		r.imports(i)
		return false
	case kindIdentifier:
		r.identifier(i)
		return false
	case kindCall:
		r.call(i)
	case kindInfix:
		r.infix(i)
	case kindAnnotation, kindFileAnnotation:
		r.annotation(i)
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
	case kindClass, kindObject, kindCompanion:
		r.openType(i, kind)
	case kindTypeAlias:
		r.declareAlias(i)
	case kindEnumEntry:
		r.openEntry(i)
	case kindObjectLiteral:
		r.openLiteral(i)
	case kindProperty:
		r.openProperty(i)
	case kindFunction, kindSecondaryConstructor, kindInitializer:
		r.openFunction(i, kind)
	case kindGetter, kindSetter:
		r.openAccessor(i, kind)
	case kindLambda:
		s := r.push(i)
		s.nesting++
		s.local, s.inType = true, false
	case kindFor, kindWhile, kindDo, kindWhen, kindCatch, kindAnonymousFunction:
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
			r.facts.Functions[at].Takes = r.taken(r.takes[at])
			r.takes[at] = -1
		}
	}
	return r.facts
}
