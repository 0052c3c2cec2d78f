// Package rust reads Rust. It may import the packages language and treesitter
// beside it and the grammar.
//
// Cyclomatic complexity is McCabe's, the number of independent paths: 1, and 1
// more for each
//
//   - if and if let, while and while let, for and loop
//   - arm of a match beyond the first, and guard of an arm
//   - let … else
//   - && and ||, in conditions with let as well
//
// The operator ? is none: it says that an error is passed on. What stands in
// the arguments of a macro is text to the grammar and not counted. A closure
// counts inside the function around it; nested functions stand alone.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5: 1 and
// the level of nesting for each if, loop, match and let … else; 1 for each else
// and else if, for each run of like && or || (parentheses do not end a run), for
// break and continue to a label, and once for a function that calls itself.
// Bodies of those, closures and nested functions raise the level.
//
// Functions are those with a body. Names are qualified by the modules of the
// file and by the type that an impl is for: tests.adds, Type.method.
//
// Exported is what is pub without a restriction, the variants of such an enum,
// the members of such a trait, and the methods of a trait that a type
// implements.
//
// An import is a use: the path without its last name and that name, with * for
// all and none when a path of one name or self is used. The path is written
// with ::, as in the file. A module in another file is an import of mod::name,
// after the inline modules around it; with a path attribute of that path and
// the name. In an inline module super and self are written as they are from the
// file, and what is taken from the file itself is no import. A path that begins with crate, super or self, and the first name of one in lower case,
// is an import wherever it stands: nothing else has to announce it.
//
// A file is a test when it has test functions outside a module for tests; the
// module at the end of most files makes none of them.
package rust

import (
	"context"
	"path"
	"slices"

	tree_sitter_rust "github.com/tree-sitter/tree-sitter-rust/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads Rust. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_rust.Language(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"Rust"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "3" }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, file string, src []byte) (*language.Facts, error) {
	return p.grammar.Read(ctx, src, func(tree *treesitter.Tree) *language.Facts {
		r := newReader(path.Base(file), tree)
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
	build       bool // the file is a build script: its main starts no program
	tested      bool // a test stands outside of the modules for tests

	scope scope
	saved []savedScope

	runs       []treesitter.Kind // last operator of each run of && and || around the node
	recursive  map[int]bool      // functions whose recursion is counted
	doc        []int             // documentation comments without a gap, up to the last
	attributes []int             // attributes without a gap, up to the last
	paths      map[string]bool   // paths that are imports already
	bases      []base
}

// base says that a type implements a trait.
type base struct{ owner, trait string }

// noFunction stands for the code outside any function.
const noFunction = -1

// scope is what the code around a node says about it.
type scope struct {
	function   int    // index in facts.Functions, or noFunction
	name       string // qualified
	plain      string // the name of the function as it is written
	module     string // inline modules around, with ::
	owner      string // the type or trait around, qualified, "" for none
	parameters int
	nesting    int
	exported   bool // what is declared here is so without pub: members of traits, variants
	local      bool // inside a function
	testing    bool // inside a module for tests
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(base string, tree *treesitter.Tree) *reader {
	r := &reader{
		tree: tree, build: base == "build.rs",
		facts:     &language.Facts{TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{}, paths: map[string]bool{},
		scope: scope{function: noFunction},
	}
	r.facts.Doc = r.fileDoc()
	return r
}

// isMissing reports whether the parser made up a name.
func (r *reader) isMissing(i int) bool { return r.tree.Nodes[i].Start == r.tree.Nodes[i].End }

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
		r.comment(i)
		return false
	case kindAttribute:
		r.attribute(i)
		return false
	case kindInnerAttribute:
		r.innerAttribute(i)
		return false
	case kindUse:
		r.use(i)
		return false
	case kindExternCrate:
		r.externCrate(i)
		return false
	case kindVisibility, kindLifetime, kindMacroDefinition:
		if kind == kindMacroDefinition {
			r.macroDefinition(i)
		}
		return false
	case kindIdentifier, kindTypeIdentifier, kindFieldIdentifier, kindShorthandField:
		r.identifier(i, kind)
		return false
	case kindScoped, kindScopedType:
		r.scopedPath(i)
	case kindCall:
		r.call(i)
	case kindMacroCall:
		r.macroCall(i)
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
	case kindFunction, kindSignature:
		r.function(i)
	case kindStruct, kindUnion, kindEnum, kindTrait:
		r.openType(i, kind)
	case kindImpl:
		r.openImpl(i)
	case kindModule:
		r.module(i)
	case kindField, kindVariant, kindTypeAlias, kindAssociatedType, kindConst, kindStatic:
		r.item(i, kind)
	case kindFor, kindWhile, kindLoop, kindMatch, kindClosure:
		r.push(i).nesting++
		if kind == kindClosure {
			r.scope.local = true
		}
	default:
	}
}

func (r *reader) finish() *language.Facts {
	f := r.facts
	for _, b := range r.bases {
		for k := range f.Declares {
			d := &f.Declares[k]
			if (d.Kind == language.KindType || d.Kind == language.KindInterface) && language.Qualify(d.Owner, d.Name) == b.owner && len(d.Bases) < language.MaxArguments {
				d.Bases = append(d.Bases, b.trait)
				break
			}
		}
	}
	// A unit test at the end of a file does not make a test of the code in it.
	f.Test = f.Test || r.tested && !f.Main && !slices.ContainsFunc(f.Functions, func(fn language.Function) bool { return fn.Exported })
	f.References = r.names.References()
	f.Calls = r.calls.List()
	f.Invocations = r.invocations.Finish(f.Annotations)
	return f
}
