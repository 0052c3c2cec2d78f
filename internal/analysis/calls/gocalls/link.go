package gocalls

import (
	"cmp"
	"slices"
)

// graph is all units together: ids are places in texts.
type graph struct {
	texts   []string
	ids     map[string]int32
	nodes   []node
	infos   []typeInfo
	ifaces  []ifaceInfo
	args    []int32
	files   []int32
	nodeAt  []int32 // text → place in nodes, -1 for none
	infoAt  []int32
	ifaceAt []int32
	checked int
}

// link joins the units, and uses them up.
func (p *program) link() *graph {
	g := &graph{ids: map[string]int32{}, checked: p.checked}
	kinds := []func(k *pkg) *unit{
		func(k *pkg) *unit { return k.unit },
		func(k *pkg) *unit { return k.inTests },
		func(k *pkg) *unit { return k.outsideUnit },
	}
	for _, of := range kinds {
		for _, k := range p.ordered {
			if u := of(k); u != nil && !u.failed {
				g.add(u)
			}
		}
	}
	return g
}

func (g *graph) add(u *unit) {
	to := make([]int32, len(u.texts))
	for i, t := range u.texts {
		id, known := g.ids[t]
		if !known {
			id = int32(len(g.texts)) //nolint:gosec // texts in memory
			g.ids[t] = id
			g.texts = append(g.texts, t)
			g.nodeAt, g.infoAt, g.ifaceAt = append(g.nodeAt, -1), append(g.infoAt, -1), append(g.ifaceAt, -1)
		}
		to[i] = id
	}
	rename := func(list []int32) {
		for i := range list {
			list[i] = to[list[i]]
		}
	}
	rename(u.files)
	rename(u.args)
	g.files, g.args = append(g.files, u.files...), append(g.args, u.args...)
	for i := range u.nodes {
		u.nodes[i].rename(to)
		g.addNode(&u.nodes[i])
	}
	for _, info := range u.infos {
		info.id = to[info.id]
		renameMethods(info.methods, to)
		rename(info.holds)
		g.addInfo(info)
	}
	for _, iface := range u.ifaces {
		iface.id = to[iface.id]
		if g.ifaceAt[iface.id] < 0 {
			renameMethods(iface.methods, to)
			g.ifaceAt[iface.id] = int32(len(g.ifaces)) //nolint:gosec // in memory
			g.ifaces = append(g.ifaces, iface)
		}
	}
}

func (n *node) rename(to []int32) {
	n.id, n.path, n.name = to[n.id], to[n.path], to[n.name]
	for i := range n.static {
		n.static[i].id = to[n.static[i].id]
	}
	for i := range n.dynamic {
		n.dynamic[i].id = to[n.dynamic[i].id]
	}
	for i := range n.invoke {
		n.invoke[i].invocation = invocation{to[n.invoke[i].iface], to[n.invoke[i].method]}
	}
	for i := range n.taken {
		n.taken[i] = taken{to[n.taken[i].function], to[n.taken[i].signature]}
	}
	for i := range n.made {
		n.made[i] = to[n.made[i]]
	}
}

// renameMethods sorts them too, by name.
func renameMethods(list []method, to []int32) {
	for i := range list {
		m := &list[i]
		m.name, m.signature = to[m.name], to[m.signature]
		if m.function >= 0 {
			m.function = to[m.function]
		}
		if m.iface >= 0 {
			m.iface = to[m.iface]
		}
	}
	slices.SortFunc(list, compareMethods)
}

func compareMethods(a, b method) int { return cmp.Compare(a.name, b.name) }

// addNode adds a function. Of two of a name the first counts.
func (g *graph) addNode(n *node) {
	if g.nodeAt[n.id] < 0 {
		g.nodeAt[n.id] = int32(len(g.nodes)) //nolint:gosec // in memory
		g.nodes = append(g.nodes, *n)
	}
}

// addInfo adds a type; tests give it methods too.
func (g *graph) addInfo(info typeInfo) {
	at := g.infoAt[info.id]
	if at < 0 {
		g.infoAt[info.id] = int32(len(g.infos)) //nolint:gosec // in memory
		g.infos = append(g.infos, info)
		return
	}
	known := &g.infos[at]
	if len(info.methods) <= len(known.methods) {
		return
	}
	for _, m := range info.methods {
		if place, ok := slices.BinarySearchFunc(known.methods, m, compareMethods); !ok {
			known.methods = slices.Insert(slices.Clip(known.methods), place, m)
		}
	}
}
