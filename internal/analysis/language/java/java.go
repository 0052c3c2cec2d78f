// Package java reads Java source up to version 21 and what tree-sitter's
// grammar knows of later ones. It may import the packages language and
// treesitter beside it and the grammar.
//
// Cyclomatic complexity is McCabe's, by the pattern of Go's gocyclo and radon:
// 1, and 1 more for each
//
//   - if, for, for each, while, do and catch
//   - case label, of either form of switch; a label with several constants is
//     one, a group of two labels is two, default is none, and so is the guard
//     of a label by itself
//   - conditional expression, && and ||
//
// A lambda counts inside the method around it. Methods of anonymous and local
// classes stand alone.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5, read
// as SonarSource's own analyser for Java does: 1 and the level of nesting for
// each if, conditional expression, loop, catch and switch, of either form; 1 for
// each else and else if, for each run of like && or || (parentheses do not end
// a run), for break and continue to a label, and once for a method that calls
// itself: a method of its name on this, with as many arguments as it has
// parameters. Bodies of those statements, lambdas, and anonymous and local
// classes raise the level. A method of such a class has the complexity of its
// own text, at the level where it stands; so the sum over a method and those
// in it is what the paper gives for the outer one.
//
// Functions are methods and constructors with a body and initialisers. Names
// are qualified by the types around: Outer.Inner.method, a constructor
// Type.Type, a static initialiser Type.<clinit>, another one Type.<init>, a
// method of the first anonymous class in a method Outer.method.$1.run, of one
// in a field's initialiser Outer.$1.run, of an enum constant Color.RED.mix.
//
// A static import of a.b.C.name is an import of a.b.C with the name, or with
// the name * for all. The requirement of a module is an import of the module.
// A logical line is a statement, declaration or label, after JavaNCSS. Volume
// is not measured.
package java

import (
	"context"
	"path"

	tree_sitter_java "github.com/tree-sitter/tree-sitter-java/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads Java. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_java.Language(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"Java"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "3" }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, path string, src []byte) (*language.Facts, error) {
	return p.grammar.Read(ctx, readable(src), func(tree *treesitter.Tree) *language.Facts {
		r := newReader(path, tree)
		tree.Walk(0, r.enter, r.leave)
		return r.finish()
	})
}

// reader takes the facts of one file on one walk over its tree.
type reader struct {
	tree  *treesitter.Tree
	facts *language.Facts
	names language.Names
	calls language.Calls

	invocations language.Invocations
	quiet       bool     // a test by its path: no invocations and annotations
	begun       bool     // the package, an import or a type was seen
	doc         int      // the block comment seen last, -1
	comments    comments // line comments that may go on

	scope scope
	saved []savedScope

	runs      []treesitter.Kind // last operator of each run of && and || around the node
	recursive map[int]bool      // functions whose recursion is counted
	anonymous map[string]int    // anonymous classes so far, by what they stand in
	lists     []int             // of each function: the node of its parameters, -1
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
	kind       scopeKind
	function   int    // index in facts.Functions, or noFunction
	name       string // qualified
	plain      string // the name as it is written
	parameters int    // of the function
	nesting    int    // level for cognitive complexity
	open       bool   // members need no modifier to be exported: of interfaces
	exported   bool   // an exported member here can be reached from outside
	local      bool   // inside a function, at any depth
	testCase   bool   // extends a TestCase: methods named test… are tests
	testAll    bool   // marked as a test: public methods are tests
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(file string, tree *treesitter.Tree) *reader {
	r := &reader{
		tree:      tree,
		facts:     &language.Facts{TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{},
		anonymous: map[string]int{},
		scope:     scope{function: noFunction, exported: true},
		quiet:     isQuiet(file),
		doc:       -1,
	}
	r.facts.Doc = r.fileDoc(path.Base(file))
	return r
}

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if statements[kind] {
		r.facts.LLOC++
	}
	r.branch(i)
	r.measure(i, kind)
	switch kind {
	case kindLineComment, kindBlockComment:
		r.comment(i, kind)
		return false
	case kindPackage:
		r.begun = true
		r.facts.Package = r.dotted(i)
		return false
	case kindImport:
		r.begun = true
		r.imports(i)
		return false
	case kindRequires:
		r.requires(i)
		return false
	case kindExports, kindOpens: // packages of the module itself
		return false
	case kindIdentifier:
		r.identifier(i)
		return false
	case kindTypeIdentifier:
		r.typeName(i)
		return false
	case kindInvocation:
		r.recursion(i)
		r.call(i, kind)
	case kindCreation:
		r.call(i, kind)
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

// open changes the scope for what is below node i.
func (r *reader) open(i int, kind treesitter.Kind) {
	switch kind {
	case kindClass, kindInterface, kindEnum, kindRecord, kindAnnotationType:
		r.begun = true
		r.openType(i, kind)
	case kindMethod, kindConstructor, kindCompactConstructor, kindStaticInitializer:
		r.openFunction(i, kind)
	case kindBlock:
		if r.tree.ParentKind(i) == kindClassBody || r.tree.ParentKind(i) == kindEnumBodyDeclarations {
			r.openFunction(i, kind)
		}
	case kindClassBody:
		r.openAnonymous(i)
	case kindEnumConstant:
		r.declareMember(i, language.Declaration{Kind: language.KindField, Exported: r.scope.exported, Doc: r.docOf(i)})
		r.annotate(i, r.lastDeclared(), noFunction, "")
	case kindAnnotationElement:
		r.declareMember(i, language.Declaration{Kind: language.KindMethod, Exported: r.scope.exported, Doc: r.docOf(i), Signature: r.typeText(r.tree.Child(i, fieldType))})
	case kindField, kindConstantDeclaration:
		r.declareFields(i, kind)
	case kindFor, kindForEach, kindWhile, kindDo, kindSwitch, kindCatch, kindTernary, kindLambda:
		r.push(i).nesting++
	default:
	}
}

func (r *reader) finish() *language.Facts {
	for i := range r.facts.Functions {
		r.facts.Test = r.facts.Test || r.facts.Functions[i].Test
	}
	r.flush()
	r.facts.References = r.names.References()
	r.facts.Calls = r.calls.List()
	r.facts.Invocations = r.invocations.Finish(r.facts.Annotations)
	for _, v := range r.facts.Invocations {
		if fn := v.Function; fn >= 0 && r.facts.Functions[fn].Takes == "" {
			r.facts.Functions[fn].Takes = r.takes(r.lists[fn])
		}
	}
	return r.facts
}
