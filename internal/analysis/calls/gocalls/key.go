package gocalls

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// typeKey writes a type so that identical types, and only they, are written
// alike, also when the package was checked twice, with its tests and without.
// Names of parameters are left out.
func typeKey(t types.Type, fset *token.FileSet) string {
	w := keyWriter{fset: fset}
	w.write(t, 0)
	return w.String()
}

type keyWriter struct {
	strings.Builder
	fset *token.FileSet
	// mention is told of named types, for what is to be told apart from everything
	// that a checker could: then interfaces are written with what they embed.
	mention func(*types.TypeName)
	cut     bool // something was left out
}

// maxKey bounds a key: aliases that double each other would fill the memory.
const maxKey = 1 << 18

// maxKeyDepth bounds types that hold each other without a name.
const maxKeyDepth = 20

func (w *keyWriter) write(t types.Type, depth int) {
	if depth > maxKeyDepth || t == nil || w.Len() > maxKey {
		w.cut = true
		w.WriteByte('?')
		return
	}
	depth++
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		w.WriteString(basicName(t))
	case *types.Named:
		w.named(t, depth)
	case *types.Pointer:
		w.WriteByte('*')
		w.write(t.Elem(), depth)
	case *types.Slice:
		w.WriteString("[]")
		w.write(t.Elem(), depth)
	case *types.Array:
		w.WriteString("[" + strconv.FormatInt(t.Len(), 10) + "]")
		w.write(t.Elem(), depth)
	case *types.Map:
		w.WriteString("map[")
		w.write(t.Key(), depth)
		w.WriteByte(']')
		w.write(t.Elem(), depth)
	case *types.Chan:
		w.WriteString("chan" + strconv.Itoa(int(t.Dir())) + " ")
		w.write(t.Elem(), depth)
	case *types.Signature:
		w.WriteString("func")
		w.signature(t, depth)
	case *types.Tuple:
		w.tuple(t, false, depth)
	case *types.TypeParam:
		w.WriteString("$" + strconv.Itoa(t.Index()))
	case *types.Struct:
		w.fields(t, depth)
	case *types.Interface:
		w.methods(t, depth)
	case *types.Union:
		for term := range t.Terms() {
			if term.Tilde() {
				w.WriteByte('~')
			}
			w.write(term.Type(), depth)
			w.WriteByte('|')
		}
	default:
		w.WriteString(t.String())
	}
}

func (w *keyWriter) fields(t *types.Struct, depth int) {
	w.WriteString("struct{")
	for i := range t.NumFields() {
		f := t.Field(i)
		if f.Embedded() {
			w.WriteByte('!')
		}
		w.WriteString(f.Id() + " ")
		w.write(f.Type(), depth)
		w.WriteString(strconv.Quote(t.Tag(i)) + ";")
	}
	w.WriteByte('}')
}

func (w *keyWriter) methods(t *types.Interface, depth int) {
	w.WriteString("interface{")
	for m := range t.Methods() { // sorted
		w.WriteString(m.Id())
		w.write(m.Type(), depth)
		w.WriteByte(';')
	}
	for i := 0; w.mention != nil && i < t.NumEmbeddeds(); i++ {
		w.WriteByte('!')
		w.write(t.EmbeddedType(i), depth)
	}
	w.WriteByte('}')
}

func basicName(t *types.Basic) string {
	switch t.Name() {
	case "byte":
		return "uint8"
	case "rune":
		return "int32"
	}
	return t.Name()
}

// named writes a type with its package; one that is declared in a function with
// its place.
func (w *keyWriter) named(t *types.Named, depth int) {
	obj := t.Obj()
	if pkg := obj.Pkg(); pkg != nil {
		if w.mention != nil {
			w.mention(obj)
		}
		w.WriteString(pkg.Path() + ".")
		if obj.Pos().IsValid() && obj.Parent() != nil && obj.Parent() != pkg.Scope() {
			at := w.fset.PositionFor(obj.Pos(), false)
			w.WriteString("@" + at.Filename + ":" + strconv.Itoa(at.Offset) + ".")
		}
	}
	w.WriteString(obj.Name())
	if args := t.TypeArgs(); args != nil {
		w.WriteByte('[')
		for t := range args.Types() {
			w.write(t, depth)
			w.WriteByte(',')
		}
		w.WriteByte(']')
	}
}

func (w *keyWriter) signature(t *types.Signature, depth int) {
	w.tuple(t.Params(), t.Variadic(), depth)
	w.tuple(t.Results(), false, depth)
}

func (w *keyWriter) tuple(t *types.Tuple, variadic bool, depth int) {
	w.WriteByte('(')
	for i := range t.Len() {
		if variadic && i == t.Len()-1 {
			w.WriteString("...")
		}
		w.write(t.At(i).Type(), depth)
		w.WriteByte(',')
	}
	w.WriteByte(')')
}

// signatureKey is the key of a function's type without its receiver.
func signatureKey(s *types.Signature, fset *token.FileSet) string {
	w := keyWriter{fset: fset}
	w.signature(s, 0)
	return w.String()
}

// object writes all that others can see of what a package declares.
func (w *keyWriter) object(obj types.Object) {
	w.WriteString(obj.Name() + " ")
	switch obj := obj.(type) {
	case *types.Const:
		w.WriteString("const " + obj.Val().ExactString() + " ")
		w.write(obj.Type(), 0)
	case *types.Var:
		w.WriteString("var ")
		w.write(obj.Type(), 0)
	case *types.Func:
		w.WriteString("func ")
		w.function(obj)
	case *types.TypeName:
		w.typeName(obj)
	}
}

func (w *keyWriter) typeName(obj *types.TypeName) {
	if alias, ok := obj.Type().(*types.Alias); ok {
		w.WriteString("alias ")
		w.parameters(alias.TypeParams())
		w.write(alias.Rhs(), 0)
		return
	}
	named, ok := obj.Type().(*types.Named)
	if !ok {
		w.write(obj.Type(), 0)
		return
	}
	w.WriteString("type ")
	w.parameters(named.TypeParams())
	w.write(named.Underlying(), 0)
	for i := range named.NumMethods() {
		w.WriteString(" " + named.Method(i).Id())
		w.function(named.Method(i))
	}
}

func (w *keyWriter) function(f *types.Func) {
	signature, ok := f.Type().(*types.Signature)
	if !ok {
		return
	}
	if recv := signature.Recv(); recv != nil {
		if _, pointer := types.Unalias(recv.Type()).(*types.Pointer); pointer {
			w.WriteByte('*')
		}
	}
	w.parameters(signature.TypeParams())
	w.signature(signature, 0)
}

// parameters writes what type parameters may be.
func (w *keyWriter) parameters(list *types.TypeParamList) {
	for tparam := range list.TypeParams() {
		w.WriteByte('$')
		w.write(tparam.Constraint(), 0)
	}
}
