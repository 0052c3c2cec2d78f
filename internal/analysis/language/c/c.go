// Package c reads C and C++. It may import the packages language and
// treesitter beside it and the grammars.
//
// Headers do not say which of the two they are: one named .h is C++ when it
// holds what only C++ has. Before parsing, conditional compilation is resolved
// to one text and macros among specifiers are blanked, see conditional.go and
// specifier.go, as the grammars know neither.
//
// Cyclomatic complexity is what pmccabe 2.8 prints as traditional McCabe: 1, and
// 1 more for each
//
//   - if, for, while and do
//   - case, default is none
//   - conditional expression, && and ||, also as and and or
//
// catch is none. A lambda counts inside the function around it; methods of
// local classes stand alone. What macros stand for is not counted, and of
// #if … #else inside a function the first branch that is not #if 0.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5: 1 and
// the level of nesting for each if, conditional expression, loop, switch and
// catch; 1 for each else and else if, for each run of like && or || (parentheses
// do not end a run), for each goto, and once for a function that calls itself.
// Bodies of those statements and lambdas raise the level. Directives are no
// part of it.
//
// Invocations are what a program is given by those who run it, see
// invocations.go.
//
// Functions are those with a body. Names are qualified by namespaces and types:
// ns.Type.method, also when they are defined outside; the anonymous namespace
// has no name, template arguments are left out. What a macro defines is called
// by the macro and its first argument, SYSCALL_DEFINE2(read), and a test of
// GoogleTest by its suite and its own name.
//
// Exported is, in C, what is not static, and all in a header; in C++ besides
// what is not in an anonymous namespace and not private or protected. A
// declaration without a body counts in headers only: elsewhere it is of
// something that another file holds.
//
// What is compiled for tests alone, #ifdef SHOP_TEST … #endif, is a test: its
// functions are, its main starts no program, and the rest of the file is not. A
// file is a test when the greater part of it is, see testing.go.
//
// An import is an include as it is written, with <> for the system's. A logical
// line is a statement, declaration, label of a switch, #include or #define.
// Volume is not measured.
package c

import (
	"context"
	"path"
	"regexp"
	"strings"

	tree_sitter_c "github.com/tree-sitter/tree-sitter-c/bindings/go"
	tree_sitter_cpp "github.com/tree-sitter/tree-sitter-cpp/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads the family. It is safe for concurrent use.
type Parser struct {
	c, cpp *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{
		c:   treesitter.MustGrammar(tree_sitter_c.Language(), kindsOf(false), fieldsOf(false)),
		cpp: treesitter.MustGrammar(tree_sitter_cpp.Language(), kindsOf(true), fieldsOf(true)),
	}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"C", "C++"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "5" }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, file string, src []byte) (*language.Facts, error) {
	// What is read without the grammar has the offsets and lines that it has.
	src = treesitter.Normalise(src)
	cpp := isCPlusPlus(file, src)
	grammar := p.c
	if cpp {
		grammar = p.cpp
	}
	l := newLexer(src, cpp)
	l.run()
	return grammar.Read(ctx, l.out, func(tree *treesitter.Tree) *language.Facts {
		r := newReader(file, tree, cpp, l.tests)
		tree.Walk(0, r.enter, r.leave)
		return r.finish(l)
	})
}

// headers are the extensions of files that others include.
var headers = set(`.h .hh .hpp .hxx .h++ .hp .inl .ipp .tpp .tcc .txx .ixx .cppm .cuh`)

// plainC are the extensions of C alone.
var plainC = set(`.c .cats .idc`)

// onlyCPlusPlus finds in a header what C does not have.
var onlyCPlusPlus = regexp.MustCompile(`(?m)^[ \t]*(?:namespace\b|template[ \t]*<|using[ \t]+\w|class[ \t]+\w+[^;*(]*$|class[ \t]+\w+[^;]*[{:]|(?:public|private|protected)[ \t]*:|constexpr\b|#[ \t]*include[ \t]*<(?:c[a-z]+|string|vector|map|set|list|array|memory|functional|utility|iostream|[io]stream|sstream|atomic|mutex|thread|type_traits|unordered_\w+|optional|algorithm|chrono|tuple|variant)>)|\bstd::\w`)

// forCPlusPlus is what a C header holds for C++ as well.
var forCPlusPlus = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*if[^\n]*__cplusplus`)

// isCPlusPlus tells which of the two languages a file is in.
func isCPlusPlus(file string, src []byte) bool {
	extension := strings.ToLower(path.Ext(file))
	switch {
	case path.Ext(file) == ".C":
		return true
	case plainC[extension]:
		return false
	case extension != ".h" && extension != ".inc":
		return true
	}
	// What stands under #ifdef __cplusplus says that the rest is C.
	return onlyCPlusPlus.Match(src) && !forCPlusPlus.Match(src)
}

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}
