// Package python reads Python source, version 3 and what tree-sitter's grammar
// knows of version 2, and type stubs. It may import the packages language and
// treesitter beside it and the grammar.
//
// Cyclomatic complexity is that of radon 6 (radon/visitors.py). A function has
// 1, and 1 more for each
//
//   - if, elif, conditional expression
//   - for, async for and while, and for the else of one
//   - except clause, and for the else of a try; nothing for a try with except*
//   - and, or
//   - for in a comprehension, and for each if in one
//   - assert, whatever is in it
//   - case of a match, but for one: a case that is a bare name or _
//
// and nothing for with, finally, lambda and the guard of a case by itself.
// Decorators, parameters with their defaults and the head of a class do not
// count. A nested function stands alone and adds nothing to the one around it,
// as in radon since 1.0.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5:
// 1 and the level of nesting for each if, conditional expression, for, while,
// except and match; 1 for each elif and else, for each run of like boolean
// operators, and once for a function that calls itself. Blocks of those
// statements, lambdas and nested functions raise the level; classes set it back
// to 0. With Python's exception for decorators: a function that holds nothing
// but one nested function, its return and a docstring does not raise the level
// of the nested one. A nested function has the complexity of its own text, at
// the level where it stands; so the sum over a function and those in it is what
// the paper gives for the outer one.
//
// Code of class bodies outside methods counts into the top level. A logical
// line is a statement, the header of a clause or a decorator. The volume is
// Halstead's as radon counts it: see halstead.go.
package python

import (
	"bytes"
	"context"
	"path"
	"strings"

	tree_sitter_python "github.com/tree-sitter/tree-sitter-python/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads Python. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_python.Language(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"Python"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "6" }

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
	tree     *treesitter.Tree
	facts    *language.Facts
	names    language.Names
	halstead halstead

	scope scope
	saved []savedScope

	runs       []treesitter.Kind // last operator of each chain of boolean operators around the node
	recursive  map[int]bool      // functions whose recursion is counted
	aliases    map[string]string // local name of an import to the name in its module
	variables  map[string]bool   // variables declared so far, by qualified name
	owners     []string          // qualified names of facts.Declares
	listed     map[string]bool   // names in __all__, nil without one
	likelyTest bool              // the path or an import speaks of tests

	calls       language.Calls
	invocations language.Invocations
	remarks     language.Remarks
	openCalls   []openCall
	heads       []int // nodes of the parameters of facts.Functions
	pending     []int // annotations whose definition comes next
}

func newReader(file string, tree *treesitter.Tree) *reader {
	r := &reader{
		tree:       tree,
		facts:      &language.Facts{Main: path.Base(file) == "__main__.py", TopLevel: language.Complexity{Cyclomatic: 1}},
		halstead:   newHalstead(),
		recursive:  map[int]bool{},
		aliases:    map[string]string{},
		variables:  map[string]bool{},
		likelyTest: isTestPath(file),
		scope:      scope{function: noFunction, decisions: true, operators: true, exported: true},
	}
	r.facts.Doc = r.docstring(0)
	return r
}

// noFunction stands for the code outside any function.
const noFunction = -1

type scopeKind uint8

const (
	scopeModule scopeKind = iota
	scopeClass
	scopeFunction
)

// scope is what the code around a node says about it.
type scope struct {
	kind      scopeKind
	function  int    // index in facts.Functions, or noFunction
	name      string // qualified
	plain     string // the name as it is written
	body      int    // node of the body
	nesting   int    // level for cognitive complexity
	decisions bool   // decisions count here: not in assert, nor in the head of a function or class
	operators bool   // operators count here: not in the head of a function
	context   int32  // of halstead: the innermost function's name
	exported  bool   // a public name here is exported
	local     bool   // inside a function, at any depth
	method    bool   // the function stands directly in a class
	class     string // of a method of a class that others can see: its qualified name
	// classExported says that a public field of class is exported.
	classExported bool
	testClass     bool
	typeOnly      bool
	listing       bool // strings here are names in __all__
}

type savedScope struct {
	node  int
	scope scope
}

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if statements[kind] {
		r.facts.LLOC++
	}
	r.measure(i, kind)
	if r.scope.operators {
		r.halstead.count(r.tree, i, kind, r.scope.context)
	}
	switch kind {
	case kindImport, kindImportFrom, kindFuture:
		r.imports(i, kind)
		return false
	case kindIdentifier:
		r.identifier(i)
		return false
	case kindCall:
		r.call(i)
	case kindString:
		r.listedName(i)
	case kindList, kindTuple, kindDictionary:
		r.boundList(i)
	case kindComment:
		r.comment(i)
	case kindDecorator:
		r.decorator(i)
		r.facts.Test = r.facts.Test || bytes.HasPrefix(r.tree.Text(i), []byte("@pytest."))
	default:
	}
	r.open(i, kind)
	return true
}

func (r *reader) leave(i int) {
	if n := len(r.saved); n > 0 && r.saved[n-1].node == i {
		r.scope = r.saved[n-1].scope
		r.saved = r.saved[:n-1]
	}
	if n := len(r.openCalls); n > 0 && r.openCalls[n-1].node == i {
		r.openCalls = r.openCalls[:n-1]
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
	case kindFunction:
		r.openFunction(i)
	case kindClass:
		r.openClass(i)
	case kindBlock:
		r.openBlock(i)
	case kindDecorator:
		s := r.push(i)
		s.decisions = false
		s.operators = s.operators && r.tree.ChildOfKind(r.tree.Parent(i), kindFunction) < 0
	case kindLambda, kindConditional:
		r.push(i).nesting++
	case kindAssert:
		r.push(i).decisions = false
	case kindTypeAlias:
		if name := r.tree.Child(i, fieldLeft); name >= 0 && len(r.tree.Text(name)) > 0 && !r.scope.local {
			r.declare(language.KindType, string(r.tree.Text(name)), i)
		}
	case kindAssignment, kindAugmented:
		if r.scope.kind == scopeModule && string(r.leftText(i)) == "__all__" {
			r.push(i).listing = true
		}
	case kindCall:
		if r.scope.kind == scopeModule && bytes.HasPrefix(r.tree.Text(i), []byte("__all__.")) {
			r.push(i).listing = true
		}
	default:
	}
}

func (r *reader) leftText(i int) []byte {
	if left := r.tree.Child(i, fieldLeft); left >= 0 {
		return r.tree.Text(left)
	}
	return nil
}

func (r *reader) openBlock(i int) {
	parent := r.tree.Parent(i)
	switch r.tree.Kind(parent) {
	case kindFunction, kindClass:
		s := r.push(i)
		s.decisions, s.operators = true, true
	case kindIf:
		s := r.push(i)
		s.nesting++
		if condition := r.tree.Child(parent, fieldCondition); condition >= 0 {
			r.guarded(s, condition)
		}
	case kindElif, kindElse, kindFor, kindWhile, kindExcept, kindCase:
		r.push(i).nesting++
	default: // module, with, try, finally, and the block of a match
	}
}

// guarded reads the two conditions with a meaning of their own.
func (r *reader) guarded(s *scope, condition int) {
	text := strings.Join(strings.Fields(string(r.tree.Text(condition))), "")
	switch strings.ReplaceAll(text, `"`, `'`) {
	case "TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING":
		s.typeOnly = true
	case "__name__=='__main__'", "'__main__'==__name__", "(__name__=='__main__')":
		if s.kind == scopeModule {
			r.facts.Main = true
		}
	}
}

// finish settles what only the whole file can say.
func (r *reader) finish() *language.Facts {
	for i := range r.facts.Functions {
		f := &r.facts.Functions[i]
		f.Exported = f.Exported && r.isListed(f.Name)
		r.facts.Test = r.facts.Test || f.Test
	}
	for i := range r.facts.Declares {
		d := &r.facts.Declares[i]
		d.Exported = d.Exported && r.isListed(r.owners[i])
	}
	r.dropOverloads()
	r.facts.References = r.names.References()
	r.facts.Volume = r.halstead.volume()
	r.deeper()
	return r.facts
}

// isListed reports whether a qualified name begins with one in __all__.
func (r *reader) isListed(qualified string) bool {
	if r.listed == nil {
		return true
	}
	first, _, _ := strings.Cut(qualified, ".")
	return r.listed[first]
}

// docstring returns the first paragraph of the string that starts body.
func (r *reader) docstring(body int) string {
	for statement := range r.tree.Children(body) {
		switch r.tree.Kind(statement) {
		case kindComment:
			continue
		case kindExpressionStatement:
			if text, ok := r.literal(statement + 1); ok && int(r.tree.Nodes[statement+1].Next) == int(r.tree.Nodes[statement].Next) {
				return printable(language.FirstParagraph(text))
			}
		default:
		}
		return ""
	}
	return ""
}

// literal returns the content of a string without parts that are computed. Its
// escapes stay as they are written.
func (r *reader) literal(i int) ([]byte, bool) {
	if i >= len(r.tree.Nodes) || r.tree.Kind(i) != kindString {
		return nil, false
	}
	start, end := -1, -1
	for child := range r.tree.Children(i) {
		switch r.tree.Kind(child) {
		case kindStringStart:
			if bytes.ContainsAny(r.tree.Text(child), "fFtTbB") {
				return nil, false
			}
			start = int(r.tree.Nodes[child].End)
		case kindInterpolation:
			return nil, false
		default:
		}
		end = int(r.tree.Nodes[child].Start)
	}
	if start < 0 || end < start {
		return nil, false
	}
	return r.tree.Source[start:end], true
}

// printable returns text without control characters.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if isControl(c) {
			return -1
		}
		return c
	}, text)
}
