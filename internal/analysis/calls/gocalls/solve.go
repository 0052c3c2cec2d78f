package gocalls

import (
	"cmp"
	"slices"
)

// The confidence of edges, in percent: what the rules of the language say, what
// a method of an interface or a function value may be, by how many may be meant,
// and the same of code that nothing in the tree runs.
const (
	certain       = 100
	maxCandidates = 300 // of more none is named
	unreached     = 2   // divides the confidence
)

// confidenceOf says how sure one of n candidates is.
func confidenceOf(n int, value bool) int {
	base := 95
	if value {
		base = 70 // equal signatures say less than an interface
	}
	switch {
	case n <= 1:
		return base
	case n <= 3:
		return base * 8 / 10
	case n <= 10:
		return base * 6 / 10
	case n <= 30:
		return base * 4 / 10
	}
	return base * 2 / 10
}

// solver walks from what runs by itself to all that it may call. Types that are
// made an interface and functions that are used as values count once the code
// that does so is reached. It speaks of places in the graph's lists.
type solver struct {
	g       *graph
	reached []bool
	queue   []int32
	made    []bool
	makes   []int32           // types with methods that are made, in order
	masks   []uint64          // of their methods
	taken   map[int32][]int32 // signature → functions
	isTaken map[taken]bool
	calls   map[invocation]*call
	asked   []*asked // interfaces that something is called through
	askedAt []*asked // by place in the graph's interfaces
	// whatever is the signature that every method fits, -1 for none.
	whatever int32
}

// asked is an interface that methods are called through.
type asked struct {
	methods []method
	mask    uint64 // of the methods; a type with all of them has all of its bits
	impls   []int32
	calls   []*call
}

// call is a method that is called through an interface.
type call struct {
	method    int32
	functions []int32 // that it may be
	has       map[int32]bool
	through   []*call // methods that are called in its place, of interfaces in structs
}

func (g *graph) solve() *Calls {
	v := &solver{
		g: g, reached: make([]bool, len(g.nodes)), made: make([]bool, len(g.infos)), taken: map[int32][]int32{}, isTaken: map[taken]bool{},
		calls: map[invocation]*call{}, askedAt: make([]*asked, len(g.ifaces)), whatever: -1,
	}
	if id, ok := g.ids[whatever]; ok {
		v.whatever = id
	}
	for _, t := range g.args {
		v.make(t)
	}
	for i := range g.nodes {
		if g.nodes[i].root {
			v.reach(int32(i))
		}
	}
	v.run()
	first := v.edges()
	// What nothing runs is called by whoever uses the library.
	for i := range g.nodes {
		v.reach(int32(i))
	}
	v.run()
	return g.conclude(first, v.edges())
}

// reach notes that a function runs; -1 stands for one outside of the tree.
func (v *solver) reach(at int32) {
	if at >= 0 && !v.reached[at] {
		v.reached[at] = true
		v.queue = append(v.queue, at)
	}
}

func (v *solver) run() {
	for len(v.queue) > 0 {
		at := v.queue[len(v.queue)-1]
		v.queue = v.queue[:len(v.queue)-1]
		v.visit(&v.g.nodes[at])
	}
}

func (v *solver) visit(n *node) {
	for _, c := range n.static {
		v.reach(v.g.nodeAt[c.id])
	}
	for _, t := range n.taken {
		v.take(t)
	}
	for _, t := range n.made {
		v.make(t)
	}
	for _, c := range n.invoke {
		v.call(c.invocation)
	}
}

// take notes that a function is a value now: somebody may call it.
func (v *solver) take(t taken) {
	if v.isTaken[t] {
		return
	}
	v.isTaken[t] = true
	if at := v.g.nodeAt[t.function]; at >= 0 {
		v.taken[t.signature] = append(v.taken[t.signature], at)
		v.reach(at)
	}
}

// mask has a bit of each method; two lists with different bits differ. Those with
// the signature except have none.
func mask(methods []method, except int32) uint64 {
	bits := uint64(0)
	for _, m := range methods {
		if m.signature == except {
			continue
		}
		bits |= 1 << (uint32(m.name*31+m.signature*17) % 64) //nolint:gosec // any bit will do
	}
	return bits
}

// make notes that values of a type are in interfaces now, and those inside it.
func (v *solver) make(id int32) {
	pending := []int32{id}
	for len(pending) > 0 {
		at := v.g.infoAt[pending[len(pending)-1]]
		pending = pending[:len(pending)-1]
		if at < 0 || v.made[at] {
			continue
		}
		v.made[at] = true
		info := &v.g.infos[at]
		pending = append(pending, info.holds...)
		if len(info.methods) == 0 {
			continue
		}
		bits := mask(info.methods, -1)
		v.makes, v.masks = append(v.makes, at), append(v.masks, bits)
		for _, m := range info.methods {
			if m.exported {
				v.reach(v.g.nodeAt[m.function]) // by reflection, or from outside the tree
			}
		}
		for _, a := range v.asked {
			if a.mask&^bits == 0 {
				v.try(a, at)
			}
		}
	}
}

// call notes that a method of an interface is called.
func (v *solver) call(i invocation) *call {
	if c := v.calls[i]; c != nil {
		return c
	}
	c := &call{method: i.method, has: map[int32]bool{}}
	v.calls[i] = c
	at := v.g.ifaceAt[i.iface]
	if at < 0 {
		return c
	}
	a := v.askedAt[at]
	if a == nil {
		a = &asked{methods: v.g.ifaces[at].methods}
		a.mask = mask(a.methods, v.whatever)
		v.askedAt[at] = a
		v.asked = append(v.asked, a)
		for n, t := range v.makes {
			if a.mask&^v.masks[n] == 0 {
				v.try(a, t)
			}
		}
	}
	a.calls = append(a.calls, c)
	for _, t := range slices.Clone(a.impls) {
		v.bind(c, t)
	}
	return c
}

// try joins a type to an interface that it satisfies.
func (v *solver) try(a *asked, t int32) {
	methods := v.g.infos[t].methods
	for _, want := range a.methods {
		at, ok := slices.BinarySearchFunc(methods, want, compareMethods)
		if !ok || methods[at].signature != want.signature && want.signature != v.whatever {
			return
		}
	}
	a.impls = append(a.impls, t)
	for _, c := range slices.Clone(a.calls) {
		v.bind(c, t)
	}
}

// bind joins a method that is called to that of a type. One that the type has of
// an interface in it is called through that.
func (v *solver) bind(c *call, t int32) {
	methods := v.g.infos[t].methods
	at, ok := slices.BinarySearchFunc(methods, method{name: c.method}, compareMethods)
	if !ok {
		return
	}
	own := methods[at]
	if own.iface >= 0 {
		if other := v.call(invocation{own.iface, own.name}); other != c && !slices.Contains(c.through, other) {
			c.through = append(c.through, other)
		}
		return
	}
	if f := v.g.nodeAt[own.function]; f >= 0 && !c.has[f] {
		c.has[f] = true
		c.functions = append(c.functions, f)
		v.reach(f)
	}
}

// candidates lists what a call may be, through others too.
func (c *call) candidates() []int32 {
	if len(c.through) == 0 {
		return c.functions
	}
	var out []int32
	seen, has := map[*call]bool{c: true}, map[int32]bool{}
	for queue := []*call{c}; len(queue) > 0; {
		next := queue[0]
		queue = queue[1:]
		for _, f := range next.functions {
			if !has[f] {
				has[f] = true
				out = append(out, f)
			}
		}
		for _, other := range next.through {
			if !seen[other] {
				seen[other] = true
				queue = append(queue, other)
			}
		}
	}
	return out
}

// out is an edge from a node.
type out struct {
	to, count  int32
	confidence int
}

// edges lists what is known so far, by the node that calls.
func (v *solver) edges() [][]out {
	edges := make([][]out, len(v.g.nodes))
	l := edgeLister{solver: v, place: make([]int32, len(v.g.nodes)), through: map[*call][]int32{}, valued: map[int32][]int32{}}
	for i := range v.g.nodes {
		if n := &v.g.nodes[i]; v.reached[i] && !n.bound {
			edges[i] = l.of(n)
		}
	}
	return edges
}

// edgeLister lists the edges of one node after the other.
type edgeLister struct {
	*solver

	place   []int32 // of an edge in the node's list, plus one
	list    []out
	through map[*call][]int32 // what is called through an interface
	valued  map[int32][]int32 // what a value of a signature may be
}

func (l *edgeLister) of(n *node) []out {
	l.list = nil
	for _, c := range n.static {
		l.add(l.g.nodeAt[c.id], c.n, certain)
	}
	for _, c := range n.invoke {
		called := l.calls[c.invocation]
		list, known := l.through[called]
		if !known {
			list = called.candidates()
			l.through[called] = list
		}
		for _, f := range few(list) {
			l.add(f, c.n, confidenceOf(len(list), false))
		}
	}
	for _, c := range n.dynamic {
		list, known := l.valued[c.id]
		if !known {
			list = l.values(c.id)
			l.valued[c.id] = list
		}
		for _, f := range few(list) {
			l.add(f, c.n, confidenceOf(len(list), true))
		}
	}
	for _, e := range l.list {
		l.place[e.to] = 0
	}
	return l.list
}

// add adds an edge, or more calls of one that is there.
func (l *edgeLister) add(to, count int32, confidence int) {
	if to < 0 || l.g.nodes[to].line == 0 {
		return
	}
	if at := l.place[to]; at > 0 {
		l.list[at-1].count += count
		l.list[at-1].confidence = max(l.list[at-1].confidence, confidence)
		return
	}
	l.list = append(l.list, out{to, count, confidence})
	l.place[to] = int32(len(l.list)) //nolint:gosec // in memory
}

// values lists the functions that a value of a signature may be.
func (v *solver) values(signature int32) []int32 {
	var out []int32
	has := map[int32]bool{}
	add := func(f int32) {
		if !has[f] {
			has[f] = true
			out = append(out, f)
		}
	}
	for _, f := range v.taken[signature] {
		n := &v.g.nodes[f]
		if !n.bound {
			add(f)
			continue
		}
		for _, c := range n.invoke {
			for _, of := range v.calls[c.invocation].candidates() {
				add(of)
			}
		}
	}
	return out
}

func few(list []int32) []int32 {
	if len(list) > maxCandidates {
		return nil
	}
	return list
}

// conclude joins the edges of what runs to those of everything: what only the
// latter have is less sure, unless it is certain.
func (g *graph) conclude(first, all [][]out) *Calls {
	calls := &Calls{Known: map[string]bool{}, Checked: g.checked}
	for _, f := range g.files {
		calls.Known[g.texts[f]] = true
	}
	order := make([]int32, 0, len(g.nodes))
	for i := range g.nodes {
		if g.nodes[i].line > 0 || len(all[i]) > 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := &g.nodes[a], &g.nodes[b]
		return cmp.Or(cmp.Compare(g.texts[x.path], g.texts[y.path]), cmp.Compare(x.line, y.line), cmp.Compare(g.texts[x.name], g.texts[y.name]), cmp.Compare(g.texts[x.id], g.texts[y.id]))
	})
	number := make([]int32, len(g.nodes))
	for n, at := range order {
		number[at] = int32(n)
		calls.Functions = append(calls.Functions, Function{Path: g.texts[g.nodes[at].path], Line: int(g.nodes[at].line), Name: g.texts[g.nodes[at].name], Variable: g.nodes[at].variable})
	}
	surer := make([]int32, len(g.nodes)) // place in first, plus one
	for n, at := range order {
		for i, e := range first[at] {
			surer[e.to] = int32(i + 1)
		}
		from := len(calls.Edges)
		for _, e := range all[at] {
			outside := surer[e.to] == 0
			if !outside {
				e = first[at][surer[e.to]-1]
			} else if e.confidence < certain {
				e.confidence /= unreached
			}
			calls.Edges = append(calls.Edges, Edge{From: int32(n), To: number[e.to], Count: e.count, Confidence: uint8(e.confidence), Outside: outside}) //nolint:gosec // in memory, percent
		}
		for _, e := range first[at] {
			surer[e.to] = 0
		}
		slices.SortFunc(calls.Edges[from:], func(a, b Edge) int { return cmp.Compare(a.To, b.To) })
	}
	return calls
}
