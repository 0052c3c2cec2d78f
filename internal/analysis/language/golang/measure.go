package golang

import (
	"go/ast"
	"go/token"
	"math"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// meter walks declarations once and takes every measure of a file on the way.
//
// Cyclomatic, as gocyclo v0.6.0: 1, and 1 for each if, for, range, case that is
// not default, communication clause that is not default, && and ||.
//
// Cognitive, as gocognit v1.2.0: if, switch, type switch, select, for and range
// cost 1 and the nesting around them; else, else if, a jump to a label, a call
// of the function itself and each run of like && or || cost 1. The bodies of
// those statements and of function literals nest, that of else does not.
//
// Logical lines: statements, and declarations, one for each line of a group.
// Blocks, labels, cases and the guard of a type switch are parts of statements.
//
// Halstead volume, as radon counts Python: the operators are those of binary
// and unary expressions and of assignments that compute (+=, ++); operands are
// theirs, told apart by name or text within one function.
type meter struct {
	statements int
	top        language.Complexity // of the code outside functions
	selectors  []*ast.SelectorExpr // fields and methods picked with a dot
	calls      *calls

	unit      *language.Complexity // what is measured now
	name      *ast.Ident           // of the function walked now, for recursion
	nesting   int
	elseIf    bool // the next if continues a chain
	context   int  // number of the function walked now, 0 outside
	functions int
	operator  map[token.Token]struct{}
	operand   map[operandKey]struct{}
	unnamed   int // operands that have no name are all different
	total     int // operators and operands
}

type operandKey struct {
	context int
	text    string
}

func newMeter(c *calls) *meter {
	m := &meter{calls: c, operator: make(map[token.Token]struct{}), operand: make(map[operandKey]struct{})}
	m.top.Cyclomatic = 1
	m.unit = &m.top
	return m
}

// outside walks code that belongs to no function.
func (m *meter) outside(n ast.Node) {
	m.unit, m.name, m.nesting, m.context = &m.top, nil, 0, 0
	m.calls.enter(-1, nil)
	ast.Walk(m, n)
}

// function measures a declared function or method, whose parts are given.
func (m *meter) function(name *ast.Ident, parts ...ast.Node) language.Complexity {
	c := language.Complexity{Cyclomatic: 1}
	m.functions++
	m.unit, m.name, m.nesting, m.context = &c, name, 0, m.functions
	for _, n := range parts {
		m.walk(n)
	}
	return c
}

// Visit implements ast.Visitor.
func (m *meter) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.Ident, *ast.BasicLit, nil, *ast.CommentGroup: // nothing below them; most nodes are of these
		return nil
	case ast.Stmt:
		return m.statement(n)
	case ast.Expr:
		return m.expression(n)
	case ast.Spec: // inside a function; the file's own are counted by their reader
		m.statements++
		if s, ok := n.(*ast.ValueSpec); ok {
			m.calls.variables(s, false)
		}
	}
	return m
}

func (m *meter) statement(n ast.Stmt) ast.Visitor {
	switch n.(type) {
	case *ast.BlockStmt, *ast.EmptyStmt, *ast.LabeledStmt, *ast.CaseClause, *ast.CommClause, *ast.DeclStmt, *ast.BadStmt:
	default:
		m.statements++
	}
	switch n := n.(type) {
	case *ast.IfStmt:
		return m.ifStatement(n)
	case *ast.ForStmt:
		m.unit.Cyclomatic++
		return m.structure(n.Body, n.Init, n.Cond, n.Post)
	case *ast.RangeStmt:
		m.unit.Cyclomatic++
		return m.structure(n.Body, n.Key, n.Value, n.X)
	case *ast.SwitchStmt:
		return m.structure(n.Body, n.Init, n.Tag)
	case *ast.TypeSwitchStmt:
		// The guard is part of the switch and no statement of its own.
		m.statements--
		return m.structure(n.Body, n.Init, n.Assign)
	case *ast.SelectStmt:
		return m.structure(n.Body)
	case *ast.CaseClause:
		if n.List != nil {
			m.unit.Cyclomatic++
		}
	case *ast.CommClause:
		if n.Comm != nil {
			m.unit.Cyclomatic++
		}
	case *ast.BranchStmt:
		if n.Label != nil {
			m.unit.Cognitive++
		}
	case *ast.ExprStmt:
		m.calls.alone = n.X
	case *ast.ReturnStmt:
		m.calls.gives(n)
	case *ast.AssignStmt:
		m.calls.assign(n)
		if n.Tok != token.ASSIGN && n.Tok != token.DEFINE && len(n.Lhs) == 1 && len(n.Rhs) == 1 {
			m.operation(n.Tok, n.Lhs[0], n.Rhs[0])
		}
	case *ast.IncDecStmt:
		m.operation(n.Tok, n.X)
	}
	return m
}

// structure walks a statement whose body nests.
func (m *meter) structure(body *ast.BlockStmt, header ...ast.Node) ast.Visitor {
	m.unit.Cognitive += m.nesting + 1
	for _, n := range header {
		m.walk(n)
	}
	m.nested(body)
	return nil
}

func (m *meter) nested(body *ast.BlockStmt) {
	m.nesting++
	m.walk(body)
	m.nesting--
}

func (m *meter) ifStatement(n *ast.IfStmt) ast.Visitor {
	m.unit.Cyclomatic++
	if m.elseIf {
		m.elseIf = false
		m.unit.Cognitive++
	} else {
		m.unit.Cognitive += m.nesting + 1
	}
	m.walk(n.Init)
	m.walk(n.Cond)
	m.nested(n.Body)
	switch n.Else.(type) {
	case *ast.BlockStmt:
		m.unit.Cognitive++
		m.walk(n.Else)
	case *ast.IfStmt:
		m.elseIf = true
		m.walk(n.Else)
	}
	return nil
}

func (m *meter) expression(n ast.Expr) ast.Visitor {
	switch n := n.(type) {
	case *ast.FuncLit:
		around := m.calls.inside
		m.calls.inside = m.calls.closures[n]
		m.calls.parameters(n.Type)
		m.walk(n.Type)
		m.nested(n.Body)
		m.calls.inside = around
		return nil
	case *ast.BinaryExpr:
		m.binary(n, token.ILLEGAL)
		return nil
	case *ast.UnaryExpr:
		m.operation(n.Op, n.X)
	case *ast.CallExpr:
		// The comparison is gocognit's: a method never resolves to an object, so
		// for it a call counts when the name is not declared in the file.
		if id, ok := n.Fun.(*ast.Ident); ok && m.name != nil && id.Obj == m.name.Obj && id.Name == m.name.Name {
			m.unit.Cognitive++
		}
		m.call(n)
		return nil
	case *ast.CompositeLit:
		m.composite(n, nil)
		return nil
	case *ast.SelectorExpr:
		m.selectors = append(m.selectors, n)
	}
	return m
}

// binary walks a tree of binary expressions in the order of the source. It
// takes the logical operator seen last and returns the one seen last after n:
// each change costs 1. Parentheses begin a new tree.
func (m *meter) binary(n *ast.BinaryExpr, last token.Token) token.Token {
	m.operation(n.Op, n.X, n.Y)
	last = m.side(n.X, last)
	if n.Op == token.LAND || n.Op == token.LOR {
		m.unit.Cyclomatic++
		if n.Op != last {
			m.unit.Cognitive++
		}
		last = n.Op
	}
	return m.side(n.Y, last)
}

func (m *meter) side(e ast.Expr, last token.Token) token.Token {
	if b, ok := e.(*ast.BinaryExpr); ok {
		return m.binary(b, last)
	}
	m.walk(e)
	return last
}

// walk goes on into n, which may be absent: a nil pointer in the interface
// when the statement has no such part, or when the file is broken.
func (m *meter) walk(n ast.Node) {
	switch n := n.(type) {
	case nil:
		return
	case *ast.BlockStmt:
		if n == nil {
			return
		}
	case *ast.FuncType:
		if n == nil {
			return
		}
	}
	ast.Walk(m, n)
}

// operation counts one operator and its operands.
func (m *meter) operation(op token.Token, operands ...ast.Expr) {
	m.operator[op] = struct{}{}
	m.total += 1 + len(operands)
	for _, o := range operands {
		text := operandText(o)
		if text == "" {
			m.unnamed++
			continue
		}
		m.operand[operandKey{m.context, text}] = struct{}{}
	}
}

func operandText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.BasicLit:
		return e.Value
	case *ast.SelectorExpr:
		return e.Sel.Name
	default:
		return ""
	}
}

// volume is Halstead's N·log2(n) in bits.
func (m *meter) volume() float64 {
	distinct := len(m.operator) + len(m.operand) + m.unnamed
	if distinct == 0 {
		return 0
	}
	return float64(m.total) * math.Log2(float64(distinct))
}
