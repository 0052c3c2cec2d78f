package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

var statement = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`)

// TestEveryQueryPrepares prepares every SQL constant of this package on both
// databases, so that a text that only one of them reads is found at once.
func TestEveryQueryPrepares(t *testing.T) {
	t.Parallel()
	queries := constants(t)
	if len(queries) < 50 {
		t.Fatalf("only %d statements were found: does the test still look in the right place?", len(queries))
	}
	storetest.Each(t, func(t *testing.T, _ *store.Store, db *database.DB) {
		for name, text := range queries {
			if of, bound := dialect(name); bound && of != db.Engine() {
				continue
			}
			prepared, err := db.Write().PrepareContext(t.Context(), text)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, text)
				continue
			}
			if err := prepared.Close(); err != nil { //nolint:sqlclosecheck // at once: there are many
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// dialect says which database alone reads a statement, by the end of its name:
// full-text search is the one subject that has two texts.
func dialect(name string) (database.Engine, bool) {
	switch {
	case strings.HasSuffix(name, "SQLite"):
		return database.SQLite, true
	case strings.HasSuffix(name, "Postgres"):
		return database.Postgres, true
	}
	return "", false
}

// constants returns the SQL statements among the constants of the package.
func constants(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	values, set := map[string]ast.Expr{}, token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				if n.Tok == token.CONST {
					for _, spec := range n.Specs {
						v := spec.(*ast.ValueSpec)
						for i, name := range v.Names {
							if i < len(v.Values) {
								values[name.Name] = v.Values[i]
							}
						}
					}
				}
			case *ast.BasicLit:
				// A statement that is not a constant would escape this test.
				if text, ok := unquote(n); ok && statement.MatchString(text) && !within(values, n) {
					t.Errorf("%s: a statement outside a constant: %.60s", file, text)
				}
			}
			return true
		})
	}
	queries := map[string]string{}
	for name, expr := range values {
		if text, ok := evaluate(expr, values); ok && statement.MatchString(text) {
			queries[name] = text
		}
	}
	return queries
}

func within(values map[string]ast.Expr, lit *ast.BasicLit) bool {
	for _, v := range values {
		if v.Pos() <= lit.Pos() && lit.End() <= v.End() {
			return true
		}
	}
	return false
}

func unquote(lit *ast.BasicLit) (string, bool) {
	if lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// evaluate joins literals and other constants; anything else is no text.
func evaluate(expr ast.Expr, values map[string]ast.Expr) (string, bool) {
	switch e := expr.(type) {
	case *ast.BasicLit:
		return unquote(e)
	case *ast.Ident:
		v, ok := values[e.Name]
		if !ok {
			return "", false
		}
		return evaluate(v, values)
	case *ast.BinaryExpr:
		left, okLeft := evaluate(e.X, values)
		right, okRight := evaluate(e.Y, values)
		return left + right, okLeft && okRight && e.Op == token.ADD
	}
	return "", false
}
