// Package php reads PHP source up to version 8.4, alone or between HTML. It may
// import the packages language and treesitter beside it and the grammar.
//
// Cyclomatic complexity is that of PHP_Depend 2.12, which PHPMD shows, its ccn2:
// 1, and 1 more for each
//
//   - if, elseif, for, foreach, while, do and catch
//   - case of a switch but for its default, and conditional expression
//   - &&, ||, and, or; not xor
//
// and, beyond it, for each arm of a match but for its default, so that a switch
// that becomes a match stays as complex. A closure counts inside the function
// around it. Methods of anonymous classes and nested functions stand alone.
//
// Cognitive complexity is that of SonarSource's white paper, version 1.5: 1 and
// the level of nesting for each if, conditional expression, loop, switch, match
// and catch; 1 for each elseif, else if and else, for each run of like && or ||
// (parentheses do not end one), for goto, for break and continue with a number
// of levels, and once for a function that calls itself. Bodies of those
// statements, closures and nested functions raise the level.
//
// Functions are functions and methods with a body, and tests of Pest, which are
// named by their title. Names are qualified by the types around with dots:
// Type.method, that of an anonymous class Type.method.$1.run. Facts.Package is
// the namespace, "App\Models".
//
// An import by use has the whole name with backslashes as its path; use
// function and use const have the namespace as path and the name in Names. What
// require and include load is a path with slashes, from the file's folder when it
// begins with a dot. Inside a function such an import is dynamic.
//
// Annotations are attributes and the annotations of Doctrine in documentation
// comments, whose names begin with a capital letter.
//
// In the facts of calls, $this->repository->find is named by dots and without a
// dollar sign. A name in an argument that is imported under an alias is written
// in full.
package php

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	tree_sitter_php "github.com/tree-sitter/tree-sitter-php/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads PHP. It is safe for concurrent use.
type Parser struct {
	grammar *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{grammar: treesitter.MustGrammar(tree_sitter_php.LanguagePHP(), kinds, fields)}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"PHP"} }

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

	runs      []treesitter.Kind // last operator of each run of && and || around the node
	counts    []int             // arguments seen so far of each list of them around the node
	recursive map[int]bool      // functions whose recursion is counted
	anonymous map[string]int    // anonymous classes so far, by what they stand in
	aliases   map[string]string // local name of an import to its whole name
	results   map[int]string    // name that the result of a call is bound to, by node
	takes     []int             // lists of parameters of facts.Functions, -1 for none
	comment   int               // node of the last documentation comment, -1
	group     comments          // the last block of comments
	file      string
	likely    bool // the path speaks of tests
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
	kind     scopeKind
	function int    // index in facts.Functions, or noFunction
	name     string // qualified
	plain    string // of the function, as it is written
	titles   string // of the suites of tests around
	testCase bool   // a class of tests
	nesting  int    // level for cognitive complexity
	local    bool   // inside a function or an anonymous class
	owner    int    // index in facts.Declares of the innermost type, -1
	within   int    // node of the invocation in whose arguments this is, -1
	argument int    // place among them
}

type savedScope struct {
	node  int
	scope scope
}

func newReader(file string, tree *treesitter.Tree) *reader {
	return &reader{
		tree:      tree,
		facts:     &language.Facts{Main: hasShebang(tree.Source), TopLevel: language.Complexity{Cyclomatic: 1}},
		recursive: map[int]bool{}, anonymous: map[string]int{}, aliases: map[string]string{}, results: map[int]string{},
		comment: -1, file: file, likely: isTestPath(file),
		scope: scope{function: noFunction, owner: -1, within: -1},
	}
}

func hasShebang(src []byte) bool {
	first, _, _ := bytes.Cut(src[:min(len(src), 100)], []byte("\n"))
	return bytes.HasPrefix(first, []byte("#!")) && bytes.Contains(first, []byte("php"))
}

func isTestPath(file string) bool {
	folders := strings.Split(file, "/")
	name := strings.TrimSuffix(folders[len(folders)-1], ".php")
	return strings.HasSuffix(name, "Test") || slices.ContainsFunc(folders[:len(folders)-1], func(folder string) bool {
		return strings.EqualFold(folder, "tests") || strings.EqualFold(folder, "test")
	})
}

// isFrontPath reports whether a web server runs the file: index.php at the root
// or in the folder that is served.
func isFrontPath(file string) bool {
	dir, base := path.Split(file)
	if base != "index.php" {
		return false
	}
	switch path.Base(path.Clean(dir)) {
	case ".", "public", "web", "www", "htdocs", "public_html", "webroot":
		return true
	}
	return false
}

func (r *reader) line(i int) int { return int(r.tree.Nodes[i].Line) }

// short is the text of a node, nothing when it is long.
func (r *reader) short(i int) []byte {
	if i < 0 {
		return nil
	}
	if text := r.tree.Text(i); len(text) <= 200 {
		return text
	}
	return nil
}

func (r *reader) enter(i int) bool {
	kind := r.tree.Kind(i)
	if kind >= kindEnd { // syntax errors
		return true
	}
	if statements[kind] {
		r.facts.LLOC++
	}
	r.place(i, kind)
	r.branch(i, kind)
	r.measure(i, kind)
	switch kind {
	case kindComment:
		r.addComment(i)
		return false
	case kindText, kindPhpTag, kindNamespaceName:
		return false
	case kindNamespaceUseDeclaration:
		r.imports(i)
		return false
	case kindVariableName:
		return false
	case kindName, kindQualifiedName, kindRelativeName:
		r.name(i, kind)
		return false
	default:
	}
	r.open(i, kind)
	return true
}

func (r *reader) leave(i int) {
	if r.tree.Kind(i) == kindArguments {
		r.counts = r.counts[:len(r.counts)-1]
	}
	if r.startsRun(i) {
		r.runs = r.runs[:len(r.runs)-1]
	}
	for n := len(r.saved); n > 0 && r.saved[n-1].node == i; n-- {
		r.scope = r.saved[n-1].scope
		r.saved = r.saved[:n-1]
	}
}

func (r *reader) push(i int) *scope {
	r.saved = append(r.saved, savedScope{i, r.scope})
	return &r.scope
}

// open changes the scope for what is below node i.
func (r *reader) open(i int, kind treesitter.Kind) {
	switch kind {
	case kindNamespaceDefinition:
		if name := r.tree.Child(i, fieldName); name >= 0 && r.facts.Package == "" {
			r.facts.Package = compact(r.short(name))
		}
	case kindClassDeclaration, kindInterfaceDeclaration, kindTraitDeclaration, kindEnumDeclaration:
		r.openType(i, kind)
	case kindAnonymousClass:
		r.openAnonymous(i)
	case kindMethodDeclaration, kindFunctionDefinition:
		r.openFunction(i, kind)
	case kindAnonymousFunction, kindArrowFunction:
		r.openClosure(i)
	case kindUseDeclaration:
		r.useTraits(i)
	case kindPropertyDeclaration, kindConstDeclaration:
		r.declareFields(i, kind)
	case kindEnumCase:
		r.declareCase(i)
	case kindFunctionCallExpression, kindMemberCallExpression, kindNullsafeMemberCallExpression, kindScopedCallExpression, kindObjectCreationExpression:
		r.call(i, kind)
	case kindArguments:
		r.counts = append(r.counts, 0)
	case kindAssignmentExpression:
		r.assign(i)
	case kindRequireExpression, kindRequireOnceExpression, kindIncludeExpression, kindIncludeOnceExpression:
		r.includes(i)
	default:
	}
}

// place notes which argument of which call node i is, or is in.
func (r *reader) place(i int, kind treesitter.Kind) {
	if i == 0 || kind == kindComment || r.tree.ParentKind(i) != kindArguments {
		return
	}
	at := &r.counts[len(r.counts)-1]
	if call := r.tree.Parent(r.tree.Parent(i)); isCall(r.tree.Kind(call)) {
		s := r.push(i)
		s.within, s.argument = call, *at
	}
	*at++
}

func isCall(kind treesitter.Kind) bool {
	switch kind {
	case kindFunctionCallExpression, kindMemberCallExpression, kindNullsafeMemberCallExpression, kindScopedCallExpression, kindObjectCreationExpression:
		return true
	default:
		return false
	}
}

func (r *reader) finish() *language.Facts {
	r.endComments()
	f := r.facts
	types := false
	for i := range f.Functions {
		f.Test = f.Test || f.Functions[i].Test
	}
	for i := range f.Declares {
		types = types || f.Declares[i].Kind == language.KindType
	}
	f.Main = f.Main || isFrontPath(r.file) && !types && f.LLOC > 0
	f.References = r.names.References()
	f.Calls = r.calls.List()
	f.Invocations = r.invocations.Finish(f.Annotations)
	for _, v := range f.Invocations {
		if v.Function >= 0 && r.takes[v.Function] >= 0 {
			f.Functions[v.Function].Takes = r.parameterNames(r.takes[v.Function])
		}
	}
	return f
}
