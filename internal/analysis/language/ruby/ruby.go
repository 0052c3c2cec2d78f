// Package ruby reads Ruby source up to version 3.3 and what tree-sitter's
// grammar knows of later ones. It may import the packages language and
// treesitter beside it and the grammar.
//
// Cyclomatic complexity is that of RuboCop 1.39's Metrics/CyclomaticComplexity.
// A method has 1, and 1 more for each
//
//   - if, unless, elsif, conditional expression, in every form
//   - while, until and for
//   - when of a case and in of a pattern match; nothing for a guard
//   - &&, ||, and, or, ||= and &&=
//   - beginning of rescue clauses, however many follow, and rescue modifier
//   - block, or method given as one, of a method of Ruby's core that iterates
//   - call with &., once for a local variable until it is assigned
//
// and nothing for default values of its parameters. A method inside another
// stands alone; other blocks and lambdas count inside the method around them.
// What define_method is given with a literal name is a method.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5: 1 and
// the level of nesting for each if, unless, conditional expression, loop by a
// keyword, case and rescue; 1 for each elsif and else of an if, for each run of
// like boolean operators (parentheses do not end one) and once for a method
// that calls itself. Bodies of those statements and, inside a method, blocks
// and lambdas raise the level.
//
// Functions are methods, what define_method is given, and tests that are
// declared by a title and a block; those are named by the titles around them.
// Names are qualified by the classes and modules around with dots: A.B.name.
// Facts.Package is the modules around everything that the file declares, "A::B".
// A reference to a constant is the whole path as it is written: "A::B".
//
// An import by require_relative begins with a dot, one by require or load does
// not unless it is written so; autoload gives the constant's name as well. An
// import inside a method is dynamic.
//
// Invocations are kept as language.Invocation says; a symbol is a literal. In a
// method, a block alone does not make a call one: it may just iterate.
package ruby

import (
	"context"
	"path"
	"regexp"
	"strings"

	tree_sitter_ruby "github.com/tree-sitter/tree-sitter-ruby/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads Ruby. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_ruby.Language(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"Ruby"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "3" }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, path string, src []byte) (*language.Facts, error) {
	return p.grammar.Read(ctx, src, func(tree *treesitter.Tree) *language.Facts {
		r := newReader(path, tree)
		tree.Walk(0, r.enter, r.leave)
		return r.finish()
	})
}

// reader takes the facts of one file on one walk over its tree.
type reader struct {
	tree        *treesitter.Tree
	facts       *language.Facts
	names       language.Names
	calls       language.Calls
	invocations language.Invocations

	scope scope
	saved []savedScope

	runs      []treesitter.Kind // last operator of each run of boolean operators around the node
	counts    []int             // arguments seen so far of each list of them around the node
	recursive map[int]bool      // functions whose recursion is counted
	constants map[string]bool   // declared so far, qualified
	members   map[string]member // of types, qualified: the last of a name
	comment   comment           // the last block of comments
	takes     []int             // lists of parameters of facts.Functions, -1 for none
	results   map[int]string    // name that the result of a call is bound to, by node
	likely    bool              // the path speaks of tests
}

// noFunction stands for the code outside any function.
const noFunction = -1

type scopeKind uint8

const (
	scopeFile scopeKind = iota
	scopeType
	scopeFunction
)

// scope is what the code around a node says about it.
type scope struct {
	kind      scopeKind
	function  int    // index in facts.Functions, or noFunction
	name      string // qualified
	plain     string // of the function, as it is written
	titles    string // of the suites of tests around
	suite     bool   // inside a suite of tests
	testCase  bool   // a class of tests: methods named test… are tests
	owner     int    // index in facts.Declares of the innermost type, -1
	nesting   int    // level for cognitive complexity
	counted   bool   // decisions count here: not among the parameters of a method
	hidden    bool   // methods defined from here on are private or protected
	own       bool   // inside class << self
	exported  bool   // what is declared here can be reached from outside
	within    int    // node of the invocation in whose arguments this is, -1
	argument  int    // place among them
	variables map[string]bool
	safe      map[string]bool // local variables that have been asked with &.
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(file string, tree *treesitter.Tree) *reader {
	base := path.Base(file)
	return &reader{
		tree:      tree,
		facts:     &language.Facts{Main: base == "config.ru" || hasShebang(tree.Source) && !isBinstub(file, tree.Source), TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{}, constants: map[string]bool{}, members: map[string]member{}, results: map[int]string{},
		likely: isTestPath(file),
		scope: scope{
			function: noFunction, owner: -1, within: -1, counted: true, exported: true,
			variables: map[string]bool{}, safe: map[string]bool{},
		},
	}
}

func hasShebang(src []byte) bool {
	first, _, _ := strings.Cut(string(src[:min(len(src), 100)]), "\n")
	return strings.HasPrefix(first, "#!") && (strings.Contains(first, "ruby") || strings.Contains(first, "rails"))
}

// binstubs are programs in bin that Bundler and Rails write: they start tools,
// not the software.
var binstubs = set("bundle setup update rails rake rubocop brakeman bundler-audit spring yarn importmap ci dev kamal rspec thrust jobs vite standardrb erb_lint")

func isBinstub(file string, source []byte) bool {
	return path.Base(path.Dir(file)) == "bin" && (binstubs[path.Base(file)] || startsGem.Match(source))
}

// startsGem is how a file ends that Bundler wrote to start the program of a gem.
var startsGem = regexp.MustCompile(`(?m)^\s*load (?:Gem|Bundler)\.bin_path\(|^# This file was generated by Bundler\.`)

func isTestPath(file string) bool {
	folders := strings.Split(file, "/")
	name := strings.TrimSuffix(folders[len(folders)-1], ".rb")
	if strings.HasSuffix(name, "_spec") || strings.HasSuffix(name, "_test") || strings.HasPrefix(name, "test_") {
		return true
	}
	for _, folder := range folders[:len(folders)-1] {
		if folder == "spec" || folder == "test" || folder == "tests" {
			return true
		}
	}
	return false
}

func (r *reader) line(i int) int { return int(r.tree.Nodes[i].Line) }

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if r.isStatement(i, kind) {
		r.facts.LLOC++
	}
	r.place(i, kind)
	r.branch(i, kind)
	r.measure(i, kind)
	switch kind {
	case kindComment:
		r.addComment(i)
		return false
	case kindUninterpreted:
		return false
	case kindIdentifier:
		r.identifier(i)
	case kindConstant, kindScopeResolution:
		return r.constant(i, kind)
	case kindAlias:
		r.alias(i)
		return false
	case kindUndef:
		return false
	case kindHashKeySymbol:
		r.patternKey(i)
	default:
	}
	r.open(i, kind)
	return true
}

func (r *reader) leave(i int) {
	if r.tree.Kind(i) == kindArgumentList {
		r.counts = r.counts[:len(r.counts)-1]
	}
	if r.startsRun(i) {
		r.runs = r.runs[:len(r.runs)-1]
	}
	for n := len(r.saved); n > 0 && r.saved[n-1].node == i; n-- {
		hidden, inType := r.scope.hidden, r.scope.kind == scopeType
		r.scope = r.saved[n-1].scope
		// A block or a condition in a class can set the visibility for what follows.
		if inType && r.scope.kind == scopeType && r.scope.owner >= 0 && !isTypeNode(r.tree.Kind(i)) {
			r.scope.hidden = hidden
		}
		r.saved = r.saved[:n-1]
	}
}

func isTypeNode(kind treesitter.Kind) bool {
	return kind == kindClass || kind == kindModule || kind == kindSingletonClass
}

func (r *reader) push(i int) *scope {
	r.saved = append(r.saved, savedScope{i, r.scope})
	return &r.scope
}

// open changes the scope for what is below node i.
func (r *reader) open(i int, kind treesitter.Kind) {
	switch kind {
	case kindClass, kindModule:
		r.openType(i, kind)
	case kindSingletonClass:
		s := r.push(i)
		s.own, s.hidden = true, false
	case kindMethod, kindSingletonMethod:
		r.openMethod(i, kind)
	case kindMethodParameters:
		r.push(i).counted = false
	case kindCall:
		r.call(i)
	case kindArgumentList:
		r.counts = append(r.counts, 0)
	case kindBlock, kindDoBlock:
		r.openBlock(i)
	case kindLambda:
		if r.scope.function != noFunction {
			r.push(i).nesting++
		}
	case kindAssignment:
		r.assign(i)
	case kindOperatorAssignment:
		r.assigned(r.tree.Child(i, fieldLeft))
	case kindSuper:
		r.super(i)
	case kindBinary:
		r.mainCheck(i)
	default:
	}
}

// place notes which argument of which call node i is, or is in.
func (r *reader) place(i int, kind treesitter.Kind) {
	if i == 0 || kind == kindComment || r.tree.ParentKind(i) != kindArgumentList {
		return
	}
	at := &r.counts[len(r.counts)-1]
	call := r.tree.Parent(r.tree.Parent(i))
	if r.tree.Kind(call) == kindCall {
		s := r.push(i)
		s.within, s.argument = call, *at
	}
	*at++
}

// statementHolders are the nodes whose children are logical lines.
var statementHolders = table(kindProgram, kindBodyStatement, kindBlockBody, kindThen, kindElse, kindDo, kindBegin, kindEnsure,
	kindParenthesizedStatements, kindBeginBlock, kindEndBlock, kindInterpolation)

// clauses are logical lines of their own.
var clauses = table(kindElsif, kindElse, kindWhen, kindInClause, kindRescue, kindEnsure)

func (r *reader) isStatement(i int, kind treesitter.Kind) bool {
	if kind == kindComment || kind == kindEmptyStatement || kind == kindUninterpreted || kind == kindHeredocBody || i == 0 {
		return false
	}
	parent := r.tree.ParentKind(i)
	return clauses[kind] || parent < kindEnd && parent != kindInterpolation && statementHolders[parent]
}

// mainCheck finds the question by which a file asks whether it is the program.
func (r *reader) mainCheck(i int) {
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if left < 0 || right < 0 {
		return
	}
	a, b := string(r.short(left)), string(r.short(right))
	if a != "__FILE__" {
		a, b = b, a
	}
	if a == "__FILE__" && (b == "$0" || b == "$PROGRAM_NAME") {
		r.facts.Main = true
	}
}

// short is the text of a node, nothing when it is long.
func (r *reader) short(i int) []byte {
	if text := r.tree.Text(i); len(text) <= 200 {
		return text
	}
	return nil
}

func (r *reader) finish() *language.Facts {
	r.endComment()
	for i := range r.facts.Functions {
		r.facts.Test = r.facts.Test || r.facts.Functions[i].Test
	}
	r.facts.Package = r.packageName()
	r.facts.References = r.names.References()
	r.facts.Calls = r.calls.List()
	r.facts.Invocations = r.invocations.Finish(nil)
	for _, v := range r.facts.Invocations {
		if v.Function >= 0 && r.takes[v.Function] >= 0 {
			r.facts.Functions[v.Function].Takes = r.parameterNames(r.takes[v.Function])
		}
	}
	return r.facts
}

// table returns a set of kinds that is read by index.
func table(members ...treesitter.Kind) [kindEnd]bool {
	var set [kindEnd]bool
	for _, kind := range members {
		set[kind] = true
	}
	return set
}
