package gocalls

import (
	"go/types"
	"strings"
)

// summary is what is left of the packages once they are checked: texts and
// numbers, no types.
type summary struct {
	names  map[string]int32 // every text once
	texts  []string
	nodes  map[int32]*node // functions by the text of their full name
	order  []int32
	types  map[int32]*typeInfo // types that are made an interface somewhere
	ifaces map[int32][]method  // interfaces that methods are called through
	args   []int32             // types that type parameters stand for
}

// node is a function with a body, or the initialisation of a package.
type node struct {
	at       Function
	root     bool // runs without being called
	exported bool
	static   map[int32]int32 // functions that it calls → how often
	dynamic  map[int32]int32 // signatures of function values
	invoke   map[invocation]int32
	taken    map[taken]bool // functions that it uses as values
	made     map[int32]bool // types that it makes an interface
}

type invocation struct{ iface, method int32 }

type taken struct{ function, signature int32 }

// method is a method of a type or an interface.
type method struct {
	name, signature int32
	function        int32 // of a type: which function it is
	exported        bool
}

// typeInfo is what there is to know of a type.
type typeInfo struct {
	methods map[int32]method
	holds   []int32 // types of fields, elements and the like
}

func newSummary() *summary {
	return &summary{names: map[string]int32{}, nodes: map[int32]*node{}, types: map[int32]*typeInfo{}, ifaces: map[int32][]method{}}
}

func (s *summary) text(t string) int32 {
	id, ok := s.names[t]
	if !ok {
		id = int32(len(s.texts)) //nolint:gosec // texts in memory
		t = strings.Clone(t)
		s.names[t] = id
		s.texts = append(s.texts, t)
	}
	return id
}

// node returns the function of a name, and makes it.
func (s *summary) node(id int32) *node {
	n := s.nodes[id]
	if n == nil {
		n = &node{static: map[int32]int32{}, dynamic: map[int32]int32{}, invoke: map[invocation]int32{}, taken: map[taken]bool{}, made: map[int32]bool{}}
		s.nodes[id] = n
		s.order = append(s.order, id)
	}
	return n
}

// function is the text of a function's full name: without type arguments.
func (s *summary) function(f *types.Func) int32 { return s.text(f.Origin().FullName()) }

// signature is the text of a function's type.
func (s *summary) signature(t *types.Signature) int32 { return s.text(signatureKey(t)) }

// maxHeld bounds how deep the types inside a type are looked for.
const maxHeld = 12

// typ notes a type with its methods, and those inside it.
func (s *summary) typ(t types.Type, depth int) int32 {
	t = types.Unalias(t)
	id := s.text(typeKey(t))
	if s.types[id] != nil || depth > maxHeld {
		return id
	}
	info := &typeInfo{}
	s.types[id] = info
	if !types.IsInterface(t) {
		info.methods = s.methodsOf(t)
	}
	hold := func(inner types.Type) { info.holds = append(info.holds, s.typ(inner, depth+1)) }
	// A value can be had by its address through reflection, and what it points to.
	switch u := t.(type) {
	case *types.Named:
		if _, isInterface := u.Underlying().(*types.Interface); !isInterface {
			hold(types.NewPointer(t))
			hold(u.Underlying())
		}
	case *types.Pointer:
		hold(u.Elem())
	case *types.Slice:
		hold(u.Elem())
	case *types.Array:
		hold(u.Elem())
	case *types.Chan:
		hold(u.Elem())
	case *types.Map:
		hold(u.Key())
		hold(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			hold(u.Field(i).Type())
		}
	case *types.Signature:
		for i := range u.Params().Len() {
			hold(u.Params().At(i).Type())
		}
		for i := range u.Results().Len() {
			hold(u.Results().At(i).Type())
		}
	}
	return id
}

func (s *summary) methodsOf(t types.Type) map[int32]method {
	set := types.NewMethodSet(t)
	if set.Len() == 0 {
		return nil
	}
	out := make(map[int32]method, set.Len())
	for i := range set.Len() {
		selection := set.At(i)
		f, ok := selection.Obj().(*types.Func)
		if !ok {
			continue
		}
		signature, ok := selection.Type().(*types.Signature)
		if !ok {
			continue
		}
		m := method{name: s.text(f.Id()), signature: s.signature(signature), function: s.function(f), exported: f.Exported()}
		out[m.name] = m
	}
	return out
}

// iface notes an interface through which a method is called.
func (s *summary) iface(t *types.Interface) int32 {
	id := s.text(typeKey(t))
	if _, known := s.ifaces[id]; known {
		return id
	}
	methods := make([]method, 0, t.NumMethods())
	for i := range t.NumMethods() {
		if signature, ok := t.Method(i).Type().(*types.Signature); ok {
			methods = append(methods, method{name: s.text(t.Method(i).Id()), signature: s.signature(signature)})
		}
	}
	s.ifaces[id] = methods
	return id
}
