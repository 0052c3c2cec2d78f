// Package javascript reads JavaScript, JSX, TypeScript and TSX with
// tree-sitter's grammars. It may import the packages language and treesitter
// beside it and the grammars.
//
// Every function with a body stands alone, also one inside another: it adds
// nothing to the function around it.
//
// Cyclomatic complexity is that of the rule complexity of ESLint 9, in its
// classic variant. A function has 1, and 1 more for each
//
//   - if, conditional expression, for, for-in, for-of, while, do-while
//   - case with a value
//   - catch
//   - && || ?? and &&= ||= ??=
//   - optional chaining: each ?.
//   - default value of a parameter or of a part of a pattern
//
// Static blocks are functions of their own, called Class.static. So is the
// initialiser of a class field, under the field's name, when it branches;
// there would be one for each constant otherwise.
//
// Cognitive complexity is that of the rule cognitive-complexity of
// eslint-plugin-sonarjs 4.2 (S3776): 1 and the level of nesting for each if,
// conditional expression, switch, loop and catch; 1 for each else, else if,
// break or continue to a label, and run of &&. The level starts at 0 in every
// function. The rule differs from SonarSource's white paper, version 1.5, and
// so do these numbers: || and ?? cost nothing, since they give default values,
// nor does && that renders an element in JSX; there is no cost for recursion;
// a function inside another starts afresh. They differ from the rule in one
// thing: in it, a function that is a whole branch of a conditional expression
// raises the level of everything after it, which is a fault.
//
// A logical line is a statement or a declaration, also one of a member. The
// volume is Halstead's; its operators and operands are what radon counts in
// Python: see halstead.go.
package javascript

import (
	"context"
	"path"
	"strings"

	tree_sitter_javascript "github.com/tree-sitter/tree-sitter-javascript/bindings/go"
	tree_sitter_typescript "github.com/tree-sitter/tree-sitter-typescript/bindings/go"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Parser reads the family. It is safe for concurrent use.
type Parser struct {
	javascript, typescript, tsx *treesitter.Grammar
}

// New returns a parser.
func New() *Parser {
	return &Parser{
		javascript: treesitter.MustGrammar(tree_sitter_javascript.Language(),
			without(kinds, firstTypeScript, firstJavaScript), withoutTypes(fields)),
		typescript: treesitter.MustGrammar(tree_sitter_typescript.LanguageTypescript(),
			without(without(kinds, firstJavaScript, kindEnd), firstJSX, firstTypeScript), fields),
		tsx: treesitter.MustGrammar(tree_sitter_typescript.LanguageTSX(),
			without(kinds, firstJavaScript, kindEnd), fields),
	}
}

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"JavaScript", "TypeScript", "TSX"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "5" }

// maxSecondReading is the longest file that is read with two grammars, in bytes.
const maxSecondReading = 256 << 10

// Parse reads one file. The extension chooses the grammar. JavaScript that does
// not parse is read as TSX too, which takes most of Flow's annotations, and the
// reading with less text in errors is kept. A long file is not read again: it
// is data or generated, and broken text is slow to parse.
func (p *Parser) Parse(ctx context.Context, file string, src []byte) (*language.Facts, error) {
	switch strings.ToLower(path.Ext(file)) {
	case ".ts", ".mts", ".cts":
		facts, _, err := read(ctx, p.typescript, src)
		return facts, err
	case ".tsx":
		facts, _, err := read(ctx, p.tsx, src)
		return facts, err
	}
	facts, damage, err := read(ctx, p.javascript, src)
	if err != nil || damage == 0 || len(src) > maxSecondReading {
		return facts, err
	}
	other, otherDamage, err := read(ctx, p.tsx, src)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	if err == nil && otherDamage < damage {
		return other, nil
	}
	return facts, nil
}

// read returns the facts and how much of the text is in syntax errors.
func read(ctx context.Context, grammar *treesitter.Grammar, src []byte) (*language.Facts, int, error) {
	damage := 0
	facts, err := grammar.Read(ctx, src, func(tree *treesitter.Tree) *language.Facts {
		damage = damageOf(tree)
		r := newReader(tree)
		r.walk()
		return r.finish()
	})
	return facts, damage, err
}

// damageOf counts the bytes in errors and, as one each, what the parser put in.
func damageOf(tree *treesitter.Tree) int {
	if !tree.Broken {
		return 0
	}
	damage := 1
	for i := 0; i < len(tree.Nodes); {
		n := &tree.Nodes[i]
		switch {
		case n.Missing:
			damage++
			i++
		case n.Kind == treesitter.Error:
			damage += int(n.End - n.Start)
			i = int(n.Next)
		default:
			i++
		}
	}
	return damage
}
