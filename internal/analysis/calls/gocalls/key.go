package gocalls

import (
	"go/types"
	"strconv"
	"strings"
)

// typeKey writes a type so that identical types, and only they, are written
// alike, also when the package was checked twice, with its tests and without.
// Names of parameters are left out.
func typeKey(t types.Type) string {
	var w keyWriter
	w.write(t, 0)
	return w.String()
}

type keyWriter struct{ strings.Builder }

// maxKeyDepth bounds types that hold each other without a name.
const maxKeyDepth = 20

func (w *keyWriter) write(t types.Type, depth int) {
	if depth > maxKeyDepth || t == nil {
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
		w.WriteString("struct{")
		for i := range t.NumFields() {
			f := t.Field(i)
			w.WriteString(f.Id() + " ")
			w.write(f.Type(), depth)
			w.WriteString(strconv.Quote(t.Tag(i)) + ";")
		}
		w.WriteByte('}')
	case *types.Interface:
		w.WriteString("interface{")
		for i := range t.NumMethods() { // sorted
			m := t.Method(i)
			w.WriteString(m.Id())
			w.write(m.Type(), depth)
			w.WriteByte(';')
		}
		w.WriteByte('}')
	default:
		w.WriteString(t.String())
	}
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
		w.WriteString(pkg.Path() + ".")
		if obj.Parent() != nil && obj.Parent() != pkg.Scope() {
			w.WriteString("@" + strconv.Itoa(int(obj.Pos())) + ".")
		}
	}
	w.WriteString(obj.Name())
	if args := t.TypeArgs(); args != nil {
		w.WriteByte('[')
		for i := range args.Len() {
			w.write(args.At(i), depth)
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
func signatureKey(s *types.Signature) string {
	var w keyWriter
	w.signature(s, 0)
	return w.String()
}
