package gocalls

import (
	"cmp"
	"crypto/sha256"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// unit is what is left of a package, or of its tests, once it was checked: texts
// and numbers, no types. Ids are places in texts.
type unit struct {
	name   string // of the package
	failed bool   // nothing is known, and nobody can import it
	// What others see of the package, as digests: of each thing that it declares
	// with all that can be reached from its type, sorted by name; of what is
	// exported; of everything. whole stands for every name when it is not empty.
	seen                []seen
	whole, exports, all string
	uses                []use // what it names of packages of the tree

	texts  []string
	files  []int32
	nodes  []node
	infos  []typeInfo // types that are made an interface somewhere, or could be by another unit
	ifaces []ifaceInfo
	args   []int32 // types that type parameters stand for

	names   map[string]int32 // every text once, while the unit is made
	bodies  []*body
	bodyOf  map[int32]*body
	infoOf  map[int32]bool
	ifaceOf map[int32]bool
	fset    *token.FileSet
	own     func(*types.Package) bool // whether a package's types are described by its own unit
}

// seen is a name that a package declares.
type seen struct{ name, digest string }

// use is the names of a package that a unit's files may mean, sorted.
type use struct {
	path  string
	names []string
	all   bool // names stand without the package's
}

// sees returns the digest of a name, "" when it is not declared.
func (u *unit) sees(name string) string {
	if u.whole != "" {
		return u.whole
	}
	if at, ok := slices.BinarySearchFunc(u.seen, name, func(s seen, name string) int { return cmp.Compare(s.name, name) }); ok {
		return u.seen[at].digest
	}
	return ""
}

// node is a function with a body, a variable of a package with what its value
// calls, or all else that runs when a file is loaded.
type node struct {
	id       int32 // its full name
	path     int32 // of its file
	line     int32 // 0 for what runs when the file is loaded
	name     int32
	root     bool    // runs without being called
	variable bool    // of a package, and no function
	bound    bool    // a method of an interface that is used as a value: what it may be is called
	static   []count // functions that it calls
	dynamic  []count // signatures of function values
	invoke   []invoke
	taken    []taken // functions that it uses as values
	made     []int32 // types that it makes an interface
}

// count is how often something is called.
type count struct{ id, n int32 }

type invoke struct {
	invocation
	n int32
}

// body is what a function does, while it is read.
type body struct {
	node
	static  map[int32]int32
	dynamic map[int32]int32
	invoke  map[invocation]int32
	taken   map[taken]bool
	made    map[int32]bool
}

type invocation struct{ iface, method int32 }

type taken struct{ function, signature int32 }

// method is a method of a type or an interface.
type method struct {
	name, signature int32
	function        int32 // of a type: which function it is; -1 of an interface
	iface           int32 // of a type: the interface that it is taken from by embedding, else -1
	exported        bool
}

// typeInfo is what there is to know of a type. A named type and its pointer are
// one: each can be had of the other by reflection.
type typeInfo struct {
	id      int32
	methods []method // sorted by name
	holds   []int32  // types of fields, elements and the like
}

type ifaceInfo struct {
	id      int32
	methods []method
}

func newUnit(fset *token.FileSet, own func(*types.Package) bool) *unit {
	return &unit{names: map[string]int32{}, bodyOf: map[int32]*body{}, infoOf: map[int32]bool{}, ifaceOf: map[int32]bool{}, fset: fset, own: own}
}

// maxText is the length from which a text is kept as a digest.
const maxText = 48

func (u *unit) text(t string) int32 {
	if len(t) > maxText {
		digest := sha256.Sum256([]byte(t))
		t = "#" + string(digest[:16])
	}
	return u.plain(t)
}

// plain is the id of a text that is wanted as it is.
func (u *unit) plain(t string) int32 {
	id, ok := u.names[t]
	if !ok {
		id = int32(len(u.texts)) //nolint:gosec // texts in memory
		t = strings.Clone(t)
		u.names[t] = id
		u.texts = append(u.texts, t)
	}
	return id
}

// body returns the function of a name, and makes it.
func (u *unit) body(id int32) *body {
	n := u.bodyOf[id]
	if n == nil {
		n = &body{node: node{id: id}, static: map[int32]int32{}, dynamic: map[int32]int32{}, invoke: map[invocation]int32{}, taken: map[taken]bool{}, made: map[int32]bool{}}
		u.bodyOf[id] = n
		u.bodies = append(u.bodies, n)
	}
	return n
}

// finish drops what only making the unit takes.
func (u *unit) finish() {
	for _, b := range u.bodies {
		n := b.node
		n.static, n.dynamic = counts(b.static), counts(b.dynamic)
		for _, call := range slices.SortedFunc(maps.Keys(b.invoke), compareInvocations) {
			n.invoke = append(n.invoke, invoke{call, b.invoke[call]})
		}
		n.taken = slices.SortedFunc(maps.Keys(b.taken), compareTaken)
		n.made = slices.Sorted(maps.Keys(b.made))
		u.nodes = append(u.nodes, n)
	}
	u.names, u.bodies, u.bodyOf, u.infoOf, u.ifaceOf, u.fset, u.own = nil, nil, nil, nil, nil, nil, nil
}

func counts(from map[int32]int32) []count {
	var out []count
	for _, id := range slices.Sorted(maps.Keys(from)) {
		out = append(out, count{id, from[id]})
	}
	return out
}

func compareInvocations(a, b invocation) int {
	return cmp.Or(cmp.Compare(a.iface, b.iface), cmp.Compare(a.method, b.method))
}

func compareTaken(a, b taken) int {
	return cmp.Or(cmp.Compare(a.function, b.function), cmp.Compare(a.signature, b.signature))
}

// function is the text of a function's full name: without type arguments.
func (u *unit) function(f *types.Func) int32 { return u.text(f.Origin().FullName()) }

// signature is the text of a function's type.
func (u *unit) signature(t *types.Signature) int32 { return u.text(signatureKey(t, u.fset)) }

func (u *unit) key(t types.Type) int32 { return u.text(typeKey(t, u.fset)) }

// maxHeld bounds how deep the types inside a type are looked for.
const maxHeld = 12

// nothing is the id of a type of which there is nothing to know.
const nothing = -1

// typ notes a type with its methods, and those inside it. A type that a package of
// the tree declares is described by the unit of that package.
func (u *unit) typ(t types.Type, depth int) int32 {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		if named, ok := types.Unalias(p.Elem()).(*types.Named); ok {
			t = named
		}
	}
	switch x := t.(type) {
	case *types.Basic, *types.TypeParam, *types.Interface, *types.Tuple:
		return nothing
	case *types.Named:
		obj := x.Obj()
		switch {
		case types.IsInterface(x):
			return nothing
		case x.TypeArgs() != nil:
		case obj.Pkg() == nil || !u.own(obj.Pkg()):
			return nothing // of another module: none of its methods is in the tree
		case obj.Parent() == obj.Pkg().Scope():
			return u.key(x)
		}
	}
	return u.describe(t, depth)
}

// describe notes a type that no other unit describes.
func (u *unit) describe(t types.Type, depth int) int32 {
	id := u.key(t)
	if u.infoOf[id] || depth > maxHeld {
		return id
	}
	u.infoOf[id] = true
	info := typeInfo{id: id, methods: u.methodsOf(t)}
	for inner := range inside(t) {
		if held := u.typ(inner, depth+1); held != nothing {
			info.holds = append(info.holds, held)
		}
	}
	u.infos = append(u.infos, info)
	return id
}

// inside yields the types that can be had of a value by reflection.
func inside(t types.Type) func(yield func(types.Type) bool) {
	return func(yield func(types.Type) bool) {
		switch t := t.Underlying().(type) {
		case *types.Pointer:
			yield(t.Elem())
		case *types.Slice:
			yield(t.Elem())
		case *types.Array:
			yield(t.Elem())
		case *types.Chan:
			yield(t.Elem())
		case *types.Map:
			_ = yield(t.Key()) && yield(t.Elem())
		case *types.Struct:
			for field := range t.Fields() {
				if !yield(field.Type()) {
					return
				}
			}
		case *types.Signature:
			for _, list := range []*types.Tuple{t.Params(), t.Results()} {
				for v := range list.Variables() {
					if !yield(v.Type()) {
						return
					}
				}
			}
		}
	}
}

func (u *unit) methodsOf(t types.Type) []method {
	if _, ok := t.(*types.Named); ok {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	out := make([]method, 0, set.Len())
	for selection := range set.Methods() {
		f, ok := selection.Obj().(*types.Func)
		if !ok {
			continue
		}
		signature, ok := selection.Type().(*types.Signature)
		if !ok {
			continue
		}
		m := method{name: u.text(f.Id()), signature: u.signature(signature), function: u.function(f), iface: -1, exported: f.Exported()}
		if iface := interfaceOf(selection); iface != nil {
			m.iface = u.iface(iface)
		}
		out = append(out, m)
	}
	return out
}

// whatever stands for the signature of a method that speaks of type parameters: of
// what stands for them only the names of methods tell whether a type fits.
const whatever = "*"

// wanted is the signature that a method of an interface asks for.
func (u *unit) wanted(t *types.Signature) int32 {
	key := signatureKey(t, u.fset)
	if strings.Contains(key, "$") {
		return u.text(whatever)
	}
	return u.text(key)
}

// iface notes an interface through which a method is called.
func (u *unit) iface(t *types.Interface) int32 {
	id := u.key(t)
	if u.ifaceOf[id] {
		return id
	}
	u.ifaceOf[id] = true
	methods := make([]method, 0, t.NumMethods())
	for m := range t.Methods() {
		if signature, ok := m.Type().(*types.Signature); ok {
			methods = append(methods, method{name: u.text(m.Id()), signature: u.wanted(signature), function: -1, iface: -1})
		}
	}
	u.ifaces = append(u.ifaces, ifaceInfo{id, methods})
	return id
}

// declared describes the types that a package declares, those of the files for
// which want holds, with a method there or declared there.
func (u *unit) declared(k *types.Package, want func(token.Pos) bool) {
	for _, name := range k.Scope().Names() {
		obj, ok := k.Scope().Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		named, ok := obj.Type().(*types.Named)
		if !ok || named.TypeParams() != nil || types.IsInterface(named) {
			continue
		}
		here := want(obj.Pos())
		for method := range named.Methods() {
			here = here || want(method.Pos())
		}
		if here {
			u.describe(named, 0)
		}
	}
}
