package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// link carries routers over calls: what is handed to a function is what its
// parameter is there, and the result of a call is what the function returns.
// It goes on until nothing new is found, since a function that is handed a
// router may hand it on.
func (m *model) link() {
	free := m.freeNames()
	for range maxDepth {
		before := m.mounts + len(m.nodes)
		for i := range m.files {
			if f := &m.files[i]; f.prepared {
				m.linkInvocations(f, free)
			}
		}
		if m.mounts+len(m.nodes) == before {
			break
		}
		free = m.freeNames()
	}
	m.linkCalls(free)
	m.linkFields()
}

// freeNames lists for each function the parameters that rules speak of.
func (m *model) freeNames() map[function][]node {
	out := map[function][]node{}
	for n := range m.nodes {
		if k := m.nodes[n].key; k.kind == byParam {
			fn := function{k.file, k.at}
			out[fn] = append(out[fn], node(n))
		}
	}
	return out
}

// linkInvocations looks through the calls whose arguments are known.
func (m *model) linkInvocations(f *file, free map[function][]node) {
	for n := range f.Facts.Invocations {
		i := int32(n)
		inv := &f.Facts.Invocations[i]
		if inv.On >= 0 && inv.Name != "()" {
			continue
		}
		result := m.lookup(key{kind: byResult, file: f.at, at: i})
		if result == none && !m.handsOver(f, inv, i) {
			continue
		}
		for _, fn := range m.called(f, inv) {
			m.handOver(f, inv, i, fn, free[fn])
			if result != none {
				m.returns(fn, result)
			}
		}
	}
}

// called are the functions that an invocation may call: of require("./x")(app)
// those that the module exports.
func (m *model) called(f *file, inv *language.Invocation) []function {
	if inv.On < 0 {
		return m.callee(f, inv.Name, inv.Receiver, inv.Function)
	}
	var out []function
	for _, at := range m.requiredFiles(f, inv.On) {
		m.files[at].prepare()
		for _, fn := range m.files[at].exportedFunctions() {
			out = append(out, function{at, fn})
		}
	}
	return out
}

// handsOver reports whether an argument is a router.
func (m *model) handsOver(f *file, inv *language.Invocation, i int32) bool {
	for k := range inv.Args {
		if m.handed(f, &inv.Args[k], i) != none {
			return true
		}
	}
	return false
}

// handed is the router that an argument is, none when no rule spoke of it.
func (m *model) handed(f *file, a *language.Argument, i int32) node {
	switch {
	case a.Kind == language.ArgName:
		return m.named(f, a.Text, i, false)
	case a.Kind == language.ArgCall && a.Call >= 0:
		return m.lookup(key{kind: byResult, file: f.at, at: a.Call})
	}
	return none
}

// handOver joins the routers among the arguments with the parameters.
func (m *model) handOver(f *file, inv *language.Invocation, i int32, fn function, free []node) {
	callee := &m.files[fn.file]
	parameters := callee.parameters(fn.at)
	for k := range inv.Args {
		n := m.handed(f, &inv.Args[k], i)
		if n == none {
			continue
		}
		name := inv.Args[k].Name
		if name == "" && k < len(parameters) {
			name = parameters[k].name
		}
		for _, p := range free {
			if m.nodes[p].key.name == name || len(parameters) == 0 && len(free) == 1 {
				m.put(p, mount{parent: n, same: true})
			}
		}
	}
}

// returns says that the result of a call is what a function returns: the
// routers that it makes and mounts nowhere.
func (m *model) returns(fn function, result node) {
	back := m.node(key{kind: byReturn, file: fn.file, at: fn.at})
	m.put(back, mount{parent: result, same: true})
	f := &m.files[fn.file]
	f.prepare()
	for n := range f.Facts.Invocations {
		if f.Facts.Invocations[n].Function != fn.at {
			continue
		}
		made := m.lookup(key{kind: byResult, file: fn.file, at: int32(n)})
		if made != none && (m.nodes[made].known || f.Facts.Invocations[n].Within < 0) && !m.mountedIn(made, fn) {
			m.put(made, mount{parent: back, same: true})
		}
	}
}

// mountedIn reports whether a router is mounted on another of the same function.
func (m *model) mountedIn(n node, fn function) bool {
	for _, e := range m.nodes[n].parents {
		if k := m.nodes[e.parent].key; k.kind != byReturn && k.file == fn.file {
			return true
		}
	}
	return false
}

// linkCalls joins what is left: a function with one router calls another whose
// parameter is one that nothing was handed to, as far as arguments tell.
func (m *model) linkCalls(free map[function][]node) {
	own := m.routersOf()
	for i := range m.files {
		f := &m.files[i]
		if !f.prepared || len(own[f.at]) == 0 {
			continue
		}
		for c := range f.Facts.Calls {
			call := &f.Facts.Calls[c]
			from := own[f.at][call.Function]
			if len(from) == 0 || call.New {
				continue
			}
			for _, fn := range m.callee(f, call.Name, call.Receiver, call.Function) {
				m.guess(free[fn], from)
			}
		}
	}
}

// routersOf lists the routers of each file by the function that they are in.
func (m *model) routersOf() map[int32]map[int32][]node {
	out := map[int32]map[int32][]node{}
	for n := range m.nodes {
		k := m.nodes[n].key
		fn := k.at
		switch {
		case k.kind == byResult && m.nodes[n].known:
			fn = m.files[k.file].Facts.Invocations[k.at].Function
		case k.kind != byParam:
			continue
		}
		if out[k.file] == nil {
			out[k.file] = map[int32][]node{}
		}
		out[k.file][fn] = append(out[k.file][fn], node(n))
	}
	return out
}

// guess joins a parameter with the only router there is, or the one of the
// same name.
func (m *model) guess(free, from []node) {
	for _, p := range free {
		if len(m.nodes[p].parents) > 0 {
			continue
		}
		if len(from) == 1 {
			m.put(p, mount{parent: from[0], same: true})
			continue
		}
		for _, n := range from {
			if m.nameOf(n) == m.nodes[p].key.name {
				m.put(p, mount{parent: n, same: true})
			}
		}
	}
}

// nameOf is the variable or parameter that a router is in.
func (m *model) nameOf(n node) string {
	k := m.nodes[n].key
	if k.kind == byResult {
		return m.files[k.file].Facts.Invocations[k.at].Result
	}
	return k.name
}

// linkFields joins fields with what is assigned to them: self.app = App(), or
// Server{router: r}.
func (m *model) linkFields() {
	fields := map[string][]node{} // by folder and field, whatever the type
	for n := range m.nodes {
		if k := m.nodes[n].key; k.kind == byField {
			folder, name, _ := strings.Cut(k.name, ":")
			short := folder + ":" + lastName(name)
			fields[short] = append(fields[short], node(n))
		}
	}
	for i := range m.files {
		f := &m.files[i]
		if !f.prepared {
			continue
		}
		for n := range f.Facts.Invocations {
			at := int32(n)
			inv := &f.Facts.Invocations[n]
			m.linkAssigned(f, inv, at, fields)
			if inv.New {
				m.linkLiteral(f, inv, at)
			}
		}
	}
}

// linkAssigned joins a field with what is assigned to it. Where the type of the
// object is not written, it is the only field of that name in the folder.
func (m *model) linkAssigned(f *file, inv *language.Invocation, at int32, fields map[string][]node) {
	made := m.lookup(key{kind: byResult, file: f.at, at: at})
	if made == none || !strings.Contains(inv.Result, ".") {
		return
	}
	if k, ok := m.fieldName(f, inv.Result, inv.Function); ok {
		if field := m.lookup(k); field != none {
			m.put(field, mount{parent: made, same: true})
		}
		return
	}
	if same := fields[folderOf(f.Path)+":"+lastName(inv.Result)]; len(same) == 1 {
		m.put(same[0], mount{parent: made, same: true})
	}
}

func (m *model) linkLiteral(f *file, inv *language.Invocation, at int32) {
	for k := range inv.Args {
		a := &inv.Args[k]
		field := m.lookup(key{kind: byField, file: -1, name: folderOf(f.Path) + ":" + inv.Name + "." + a.Name})
		if n := m.handed(f, a, at); a.Name != "" && field != none && n != none {
			m.put(field, mount{parent: n, same: true})
		}
	}
}

// spread marks as routers what is one place with a router, and what is mounted
// on one.
func (m *model) spread() {
	down := make([][]node, len(m.nodes))
	var queue []node
	for n := range m.nodes {
		for _, e := range m.nodes[n].parents {
			if e.perhaps {
				continue
			}
			down[e.parent] = append(down[e.parent], node(n))
		}
		if m.nodes[n].known {
			queue = append(queue, node(n))
		}
	}
	mark := func(n, from node) {
		if !m.nodes[n].known {
			m.nodes[n].known, m.nodes[n].framework = true, m.nodes[from].framework
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, child := range down[n] {
			mark(child, n)
		}
		for _, e := range slices.Clone(m.nodes[n].parents) {
			if e.same {
				mark(e.parent, n)
			}
		}
	}
}

// routers tells which nodes are one place with a router that a rule defined.
// Unlike spread it leaves out what is mounted on one, which may be a handler.
func (m *model) routers() []bool {
	same := make([][]node, len(m.nodes))
	var queue []node
	found := make([]bool, len(m.nodes))
	for n := range m.nodes {
		for _, e := range m.nodes[n].parents {
			if e.same {
				same[e.parent] = append(same[e.parent], node(n))
				same[n] = append(same[n], e.parent)
			}
		}
		if m.nodes[n].known {
			found[n], queue = true, append(queue, node(n))
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, other := range same[n] {
			if !found[other] {
				found[other], queue = true, append(queue, other)
			}
		}
	}
	return found
}
