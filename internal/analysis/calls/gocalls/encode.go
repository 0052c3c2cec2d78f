package gocalls

// encode writes a finished unit. Equal units are written alike.
func (u *unit) encode() []byte {
	var w writer
	w.flag(u.failed)
	for _, digest := range []string{u.name, u.whole, u.exports, u.all} {
		w.text(digest)
	}
	w.number(len(u.seen))
	for _, s := range u.seen {
		w.text(s.name)
		w.text(s.digest)
	}
	w.list(u.texts)
	w.ids(u.files)
	w.number(len(u.nodes))
	for i := range u.nodes {
		w.node(&u.nodes[i])
	}
	w.number(len(u.infos))
	for _, info := range u.infos {
		w.id(info.id)
		w.methods(info.methods)
		w.ids(info.holds)
	}
	w.number(len(u.ifaces))
	for _, i := range u.ifaces {
		w.id(i.id)
		w.methods(i.methods)
	}
	w.ids(u.args)
	return w.bytes
}

func (w *writer) node(n *node) {
	w.ids([]int32{n.id, n.path, n.name})
	w.id(n.line)
	w.flag(n.root)
	w.flag(n.variable)
	w.flag(n.bound)
	w.counts(n.static)
	w.counts(n.dynamic)
	w.number(len(n.invoke))
	for _, call := range n.invoke {
		w.id(call.iface)
		w.id(call.method)
		w.id(call.n)
	}
	w.number(len(n.taken))
	for _, t := range n.taken {
		w.id(t.function)
		w.id(t.signature)
	}
	w.ids(n.made)
}

func (w *writer) counts(list []count) {
	w.number(len(list))
	for _, c := range list {
		w.id(c.id)
		w.id(c.n)
	}
}

// decodeUnit returns nil for what is no unit.
func decodeUnit(b []byte) *unit {
	r := reader{bytes: b}
	u := &unit{failed: r.flag(), name: r.text(), whole: r.text(), exports: r.text(), all: r.text()}
	u.seen = make([]seen, r.length())
	for i := range u.seen {
		u.seen[i] = seen{r.text(), r.text()}
	}
	u.texts = r.list()
	r.texts = int32(len(u.texts)) //nolint:gosec // bounded by length
	u.files = r.ids()
	u.nodes = make([]node, r.length())
	for i := range u.nodes {
		r.node(&u.nodes[i])
	}
	u.infos = make([]typeInfo, r.length())
	for i := range u.infos {
		u.infos[i] = typeInfo{id: r.id(), methods: r.methods(), holds: r.ids()}
	}
	u.ifaces = make([]ifaceInfo, r.length())
	for i := range u.ifaces {
		u.ifaces[i] = ifaceInfo{id: r.id(), methods: r.methods()}
	}
	u.args = r.ids()
	if r.failed || len(r.bytes) > 0 {
		return nil
	}
	return u
}

func (r *reader) node(n *node) {
	if names := r.ids(); len(names) == 3 {
		n.id, n.path, n.name = names[0], names[1], names[2]
	} else {
		r.failed = true
	}
	n.line, n.root, n.variable, n.bound = int32(r.number()), r.flag(), r.flag(), r.flag() //nolint:gosec // bounded by number
	n.static, n.dynamic = r.counts(), r.counts()
	n.invoke = make([]invoke, r.length())
	for i := range n.invoke {
		n.invoke[i] = invoke{invocation{r.id(), r.id()}, int32(r.number())} //nolint:gosec // bounded by number
	}
	n.taken = make([]taken, r.length())
	for i := range n.taken {
		n.taken[i] = taken{r.id(), r.id()}
	}
	n.made = r.ids()
}

func (r *reader) counts() []count {
	list := make([]count, r.length())
	for i := range list {
		list[i] = count{r.id(), int32(r.number())} //nolint:gosec // bounded by number
	}
	return list
}

func encodeUses(uses []use) []byte {
	var w writer
	w.number(len(uses))
	for _, u := range uses {
		w.text(u.path)
		w.flag(u.all)
		w.list(u.names)
	}
	return w.bytes
}

// decodeUses reports whether it could read what is kept.
func decodeUses(b []byte) (uses []use, ok bool) {
	r := reader{bytes: b}
	uses = make([]use, r.length())
	for i := range uses {
		uses[i] = use{path: r.text(), all: r.flag(), names: r.list()}
	}
	return uses, !r.failed && len(r.bytes) == 0
}
