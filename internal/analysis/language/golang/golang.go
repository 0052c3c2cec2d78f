// Package golang reads Go source files with the standard library's parser.
//
// Definitions: cyclomatic complexity is that of gocyclo v0.6.0 and cognitive
// complexity that of gocognit v1.2.0, so function literals count inside the
// declaration around them; see measure.go. It may import the language package
// and the standard library only.
package golang

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// version counts the changes of what this package reads from an unchanged file.
const version = "3"

// Parser reads Go. Its zero value is ready and holds no state.
type Parser struct{}

// Languages returns the Linguist name of Go.
func (Parser) Languages() []string { return []string{"Go"} }

// Version names the definitions and the toolchain, whose parser decides what is
// a syntax error.
func (Parser) Version() string { return version + "/" + runtime.Version() }

// Parse reads one Go file. Its name decides only whether its functions may be
// tests. The work is linear in the size of src, so ctx is asked before and
// after the parse and between declarations.
func (Parser) Parse(ctx context.Context, path string, src []byte) (facts *language.Facts, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// go/parser limits the nesting it accepts; a panic is a fault of ours or of
	// the parser, and must cost one file's facts and not the analysis.
	defer func() {
		if r := recover(); r != nil {
			facts, err = nil, fmt.Errorf("reading Go: %v", r)
		}
	}()
	fset := token.NewFileSet()
	// Without AllErrors the parser drops the whole tree at the tenth error.
	tree, parseErr := parser.ParseFile(fset, path, src, parser.ParseComments|parser.AllErrors)
	if tree == nil {
		return nil, fmt.Errorf("reading Go: %w", parseErr)
	}
	f := file{
		tree:  tree,
		src:   src,
		lines: fset.File(tree.FileStart),
		test:  strings.HasSuffix(path, "_test.go"),
		facts: &language.Facts{Package: tree.Name.Name, Doc: packageDoc(tree), Broken: parseErr != nil},
	}
	if f.facts.Package == "_" { // stands for a package clause that does not parse
		f.facts.Package = ""
	}
	if err := f.read(ctx); err != nil {
		return nil, err
	}
	return f.facts, nil
}

// file is one file while it is read.
type file struct {
	tree  *ast.File
	src   []byte
	lines *token.File
	test  bool // the file's name ends in _test.go
	facts *language.Facts
}

// line is where p is in this file, whatever its //line directives say.
func (f *file) line(p token.Pos) int { return f.lines.PositionFor(p, false).Line }

func (f *file) read(ctx context.Context) error {
	f.imports()
	c := newCalls(f)
	m := newMeter(c)
	for _, decl := range f.tree.Decls {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch d := decl.(type) {
		case *ast.FuncDecl:
			f.function(m, d)
		case *ast.GenDecl:
			f.general(m, d)
		}
	}
	f.facts.LLOC = m.statements
	f.facts.Volume = m.volume()
	f.facts.TopLevel = m.top
	f.facts.References = f.references(m)
	f.remarks()
	c.finish()
	return nil
}

// function reads a function or method. One without a body is written in
// assembly or linked by name: it is declared and does nothing here.
func (f *file) function(m *meter, d *ast.FuncDecl) {
	m.statements++
	name, kind := d.Name.Name, language.KindFunction
	exported := d.Name.IsExported()
	receiver := receiverName(d.Recv)
	if d.Recv != nil {
		kind = language.KindMethod
		if receiver != "" {
			name = receiver + "." + name
			exported = exported && ast.IsExported(receiver)
		}
	}
	f.declare(d.Name, d.Pos(), d.End(), language.Declaration{
		Kind: kind, Exported: exported, Owner: receiver, Doc: docOf(d.Doc), Signature: f.signature(d.Type),
	})
	if d.Body == nil {
		m.outside(d)
		return
	}
	m.calls.enter(len(f.facts.Functions), d.Type)
	m.calls.returned(d)
	test := d.Recv == nil && f.test && isTestName(d.Name.Name)
	f.facts.Test = f.facts.Test || test
	f.facts.Main = f.facts.Main || f.tree.Name.Name == "main" && name == "main"
	f.facts.Functions = append(f.facts.Functions, language.Function{
		Name:       name,
		Line:       f.line(d.Pos()),
		EndLine:    f.line(d.End()),
		Exported:   exported,
		Test:       test,
		Parameters: d.Type.Params.NumFields(),
		Complexity: m.function(d.Name, d),
	})
}

// general reads an import, const, type or var declaration.
func (f *file) general(m *meter, d *ast.GenDecl) {
	var typed string
	for _, spec := range d.Specs {
		// A group in parentheses is many declarations; one without is the spec.
		start := spec.Pos()
		var own *ast.CommentGroup
		if !d.Lparen.IsValid() {
			start, own = d.Pos(), d.Doc
		}
		switch s := spec.(type) {
		case *ast.ImportSpec:
			m.statements++
		case *ast.TypeSpec:
			f.typeSpec(s, start, own)
			m.outside(s)
		case *ast.ValueSpec:
			typed = f.valueSpec(d.Tok, s, start, own, typed)
			f.values(m, s)
		}
	}
}

// valueSpec declares constants or variables. In a group of constants those
// without a type and a value of their own have those of the one before, whose
// type is given and returned.
func (f *file) valueSpec(tok token.Token, s *ast.ValueSpec, start token.Pos, doc *ast.CommentGroup, typed string) string {
	kind := language.KindVariable
	if tok == token.CONST {
		kind = language.KindConstant
	}
	if kind == language.KindVariable || s.Type != nil || len(s.Values) > 0 {
		typed = f.text(s.Type)
	}
	for i, name := range s.Names {
		d := language.Declaration{Kind: kind, Exported: name.IsExported(), Doc: docOf(s.Doc, doc, s.Comment), Signature: typed}
		if i < len(s.Values) && kind == language.KindConstant {
			d.Signature = f.constant(typed, s.Values[i])
		}
		declared := f.declare(name, start, s.End(), d)
		if t, ok := s.Type.(*ast.StructType); ok && declared && i == 0 && kind == language.KindVariable {
			f.fields(t, name.Name, d.Exported, 1)
		}
	}
	return typed
}

// values reads the right sides of a var declaration. A literal that is the
// whole value is a function named by its variable, as gocyclo has it; one
// deeper inside, in a table of handlers, counts into the code outside functions.
func (f *file) values(m *meter, s *ast.ValueSpec) {
	m.statements++
	m.calls.variables(s, true)
	if s.Type != nil {
		m.outside(s.Type)
	}
	for i, value := range s.Values {
		literal, ok := value.(*ast.FuncLit)
		if !ok || i >= len(s.Names) || literal.Body == nil {
			m.outside(value)
			continue
		}
		m.calls.enter(len(f.facts.Functions), literal.Type)
		f.facts.Functions = append(f.facts.Functions, language.Function{
			Name:       s.Names[i].Name,
			Line:       f.line(literal.Pos()),
			EndLine:    f.line(literal.End()),
			Exported:   s.Names[i].IsExported(),
			Parameters: literal.Type.Params.NumFields(),
			Complexity: m.function(nil, literal.Type, literal.Body),
		})
	}
}

// imports reads the import declarations, import "C" of cgo among them. Names
// stays nil: a Go import takes the package as a whole.
func (f *file) imports() {
	for _, spec := range f.tree.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || path == "" || !isText(path) {
			continue
		}
		if f.test && path == "testing" {
			f.facts.Test = true
		}
		imp := language.Import{Path: path, Line: f.line(spec.Pos())}
		if spec.Name != nil {
			imp.Locals = []string{spec.Name.Name}
		}
		f.facts.Imports = append(f.facts.Imports, imp)
	}
}

// receiverName returns the name of the type that a method belongs to, "" when
// the receiver is not a named type.
func receiverName(recv *ast.FieldList) string {
	if recv.NumFields() == 0 {
		return ""
	}
	for expr := recv.List[0].Type; ; {
		switch e := expr.(type) {
		case *ast.Ident:
			return e.Name
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		default:
			return ""
		}
	}
}

// isTestName reports whether go test runs a function of this name: the prefix
// and then nothing, or no lower-case letter. Testify's suites and TestMain are
// no tests of their own.
func isTestName(name string) bool {
	if name == "TestMain" {
		return false
	}
	for _, prefix := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			r, _ := utf8.DecodeRuneInString(rest)
			return rest == "" || !unicode.IsLower(r)
		}
	}
	return false
}
