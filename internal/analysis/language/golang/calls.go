package golang

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// calls collects the calls and invocations of a file while the meter walks it.
//
// Left out of the invocations, since no framework reads them, are calls of the
// standard library but for net/http and the like, calls that write a log, and
// those of test files. What a composite literal Type{field: f()} of the file's
// own makes is bound to Type.field.
type calls struct {
	f        *file
	list     language.Calls
	sites    language.Invocations
	packages map[string]bool // by the name they have here: whether a framework could be in it
	function int             // index in Facts.Functions of what is walked now, -1 outside
	takes    []*ast.FuncType // of each function
	handed   map[string]bool // parameters of the function that are of other packages' types
	within   int             // key of the invocation in whose arguments it is walked, -1
	argument int
	last     int // key of the call or literal that was walked last, -1 when it is no invocation
	bound    []binding
	alone    ast.Expr // the call that is a statement of its own
	receiver []byte   // the names before the call's own, reused

	commands   bool                    // the file imports a library of commands
	commanders bool                    // one of commanderLibraries
	libraries  map[string]bool         // of commands, by the name they have here
	closures   map[*ast.FuncLit]string // the variables that function literals are in
	inside     string                  // the variable of the one that is walked now
}

// binding is a name for the result of a call that is not walked yet.
type binding struct {
	value    ast.Expr
	name     string
	exported bool
	field    bool // of the file's own type: what stands there may be used in any function
}

func newCalls(f *file) *calls {
	c := &calls{
		f: f, packages: make(map[string]bool, len(f.tree.Imports)), function: -1, within: -1, last: -1,
		libraries: map[string]bool{}, closures: map[*ast.FuncLit]string{},
	}
	for _, spec := range f.tree.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := packageName(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		c.packages[name] = !isQuiet(path)
		commander := isOneOf(path, commanderLibraries)
		if !f.test && (commander || isOneOf(path, commandLibraries)) {
			c.commands, c.libraries[name] = true, true
			c.commanders = c.commanders || commander
		}
	}
	return c
}

// quiet are the parts of the standard library, by the first element of their
// path, in which nothing is registered that a reader of features looks for.
var quiet = map[string]bool{
	"archive": true, "bufio": true, "bytes": true, "cmp": true, "compress": true, "container": true, "context": true, "crypto": true,
	"debug": true, "encoding": true, "errors": true, "fmt": true, "go": true, "hash": true, "html": true, "image": true, "index": true,
	"io": true, "iter": true, "log": true, "maps": true, "math": true, "mime": true, "os": true, "path": true, "reflect": true,
	"regexp": true, "runtime": true, "slices": true, "sort": true, "strconv": true, "strings": true, "sync": true, "syscall": true,
	"testing": true, "text": true, "time": true, "unicode": true, "unique": true, "unsafe": true,
}

func isQuiet(path string) bool {
	first, rest, _ := strings.Cut(path, "/")
	if first == "net" {
		return !strings.HasPrefix(rest, "http") && !strings.HasPrefix(rest, "rpc")
	}
	return quiet[first]
}

// logs are the methods of loggers and of errors that wrap others: every one of
// them has a literal text, and none is a route or command.
var logs = map[string]bool{
	"Debug": true, "Debugf": true, "Debugw": true, "Debugln": true, "DebugContext": true, "Info": true, "Infof": true, "Infow": true,
	"Infoln": true, "InfoContext": true, "InfoS": true, "Warn": true, "Warnf": true, "Warnw": true, "Warnln": true, "WarnContext": true, "Warning": true,
	"Warningf": true, "Error": true, "Errorf": true, "Errorw": true, "Errorln": true, "ErrorContext": true, "ErrorS": true, "Fatal": true,
	"Fatalf": true, "Fatalln": true, "Panicf": true, "Print": true, "Printf": true, "Println": true, "Fprintf": true, "Sprintf": true,
	"Tracef": true, "Logf": true, "Wrap": true, "Wrapf": true, "WithMessage": true, "Msg": true, "Msgf": true,
}

// call walks a call and notes it.
func (m *meter) call(n *ast.CallExpr) {
	c := m.calls
	alone := c.alone == n
	m.walk(n.Fun)
	within, argument := c.within, c.argument
	key := c.note(n, alone)
	if key >= 0 {
		c.within = key
	}
	for i, arg := range n.Args {
		if key >= 0 {
			c.argument = i
		}
		m.walk(arg)
	}
	c.within, c.argument, c.last = within, argument, key
}

// note keeps a call and returns its key, -1 when it is no invocation.
// Conversions, built-in functions and what is called through an expression
// without a name are no calls.
func (c *calls) note(n *ast.CallExpr, alone bool) int {
	b := c.take(n)
	name := c.name(n.Fun)
	if name == nil {
		return -1
	}
	line := c.f.line(name.Pos())
	c.list.Add(c.receiver, []byte(name.Name), c.function, line, false)
	if c.f.test || logs[name.Name] || c.isQuiet(n.Fun) {
		return -1
	}
	v := c.invocation(name.Name, line, c.f.line(n.End()), b)
	v.Receiver = string(c.receiver)
	if v.Receiver == "?" && c.last >= 0 && isChain(n.Fun) {
		v.Receiver, v.On = "", int32(c.last) //nolint:gosec // offsets in one file
	}
	if len(n.Args) > 0 {
		v.Args = make([]language.Argument, 0, min(len(n.Args), language.MaxArguments))
	}
	for i := 0; i < len(n.Args) && i < language.MaxArguments; i++ {
		v.Args = append(v.Args, c.render(n.Args[i], nil, 0))
	}
	key := c.f.lines.Offset(n.Lparen)
	c.add(key, n, v, b.field || c.hands(v.Args, alone))
	return key
}

func (c *calls) invocation(name string, line, end int, b binding) language.Invocation {
	v := language.Invocation{
		Name: name, On: -1, Within: int32(c.within), Argument: -1, Function: int32(c.function), //nolint:gosec // of one file
		Line: int32(line), EndLine: int32(max(line, end)), Result: b.name, Exported: b.exported, //nolint:gosec // of one file
	}
	if c.within >= 0 {
		v.Argument = int32(c.argument) //nolint:gosec // of one file
	}
	return v
}

func (c *calls) add(key int, n ast.Node, v language.Invocation, keep bool) {
	c.sites.Add(key, uint32(c.f.lines.Offset(n.Pos())), uint32(c.f.lines.Offset(n.End())), v, keep) //nolint:gosec // files are far smaller
}

// hands reports whether arguments pass on a thing that routes or the like may
// be added to: any name when nothing is done with the result, else a parameter
// of another package's type.
func (c *calls) hands(args []language.Argument, alone bool) bool {
	for _, a := range args {
		if a.Kind == language.ArgName && a.Text != "ctx" && a.Text != "err" && (alone || c.handed[a.Text]) {
			return true
		}
	}
	return false
}

// name finds the called name, and puts what stands before it into c.receiver.
func (c *calls) name(fun ast.Expr) *ast.Ident {
	c.receiver = c.receiver[:0]
	switch fun := bare(fun).(type) {
	case *ast.Ident:
		if isBuiltin(fun) || fun.Obj != nil && fun.Obj.Kind == ast.Typ {
			return nil
		}
		return fun
	case *ast.SelectorExpr:
		c.receiver = appendDotted(c.receiver, fun.X)
		return fun.Sel
	default:
		return nil
	}
}

func isBuiltin(id *ast.Ident) bool {
	return id.Obj == nil && types.Universe.Lookup(id.Name) != nil
}

// isQuiet reports whether a function is one of a quiet package.
func (c *calls) isQuiet(fun ast.Expr) bool {
	name, ok := c.packageOf(fun)
	return ok && !c.packages[name]
}

// packageOf returns what the package is called of which e is a name.
func (c *calls) packageOf(e ast.Expr) (string, bool) {
	s, ok := bare(e).(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	id, ok := s.X.(*ast.Ident)
	if !ok || id.Obj != nil {
		return "", false
	}
	_, imported := c.packages[id.Name]
	return id.Name, imported
}

// isChain reports whether a method is called on the result of a call or on a
// literal.
func isChain(fun ast.Expr) bool {
	s, ok := bare(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch made(s.X).(type) {
	case *ast.CallExpr, *ast.CompositeLit:
		return true
	default:
		return false
	}
}

// made takes parentheses, & and * away from what makes a value.
func made(e ast.Expr) ast.Expr {
	for {
		switch t := e.(type) {
		case *ast.ParenExpr:
			e = t.X
		case *ast.UnaryExpr:
			e = t.X
		case *ast.StarExpr:
			e = t.X
		default:
			return e
		}
	}
}

// bare takes parentheses and type arguments away.
func bare(e ast.Expr) ast.Expr {
	for {
		switch t := e.(type) {
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			if isElement(t) {
				return e
			}
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		default:
			return e
		}
	}
}

// isElement reports whether an index is a place and no type argument, as far as
// that can be told: a literal, a computed value, a variable of this file.
func isElement(e *ast.IndexExpr) bool {
	switch index := e.Index.(type) {
	case *ast.Ident:
		return index.Obj != nil && index.Obj.Kind != ast.Typ
	case *ast.SelectorExpr, *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.InterfaceType, *ast.StructType, *ast.ChanType, *ast.IndexExpr, *ast.IndexListExpr:
		return false
	default:
		return true
	}
}

// maxDots is more names than a receiver has that somebody wrote.
const maxDots = 16

// appendDotted appends names joined by dots, "?" for what is computed.
func appendDotted(dst []byte, e ast.Expr) []byte {
	var names [maxDots]string
	for n := 0; ; {
		switch t := e.(type) {
		case *ast.Ident:
			start := len(dst)
			dst = append(dst, t.Name...)
			for n--; n >= 0; n-- {
				dst = append(append(dst, '.'), names[n]...)
			}
			if len(dst)-start > language.MaxText {
				return append(dst[:start], '?')
			}
			return dst
		case *ast.ParenExpr:
			e = t.X
		case *ast.StarExpr:
			e = t.X
		case *ast.SelectorExpr:
			if n == maxDots {
				return append(dst, '?')
			}
			names[n], e = t.Sel.Name, t.X
			n++
		default:
			return append(dst, '?')
		}
	}
}
