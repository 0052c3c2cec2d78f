package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// tRPC: a router is a call with an object of procedures and routers. A procedure
// is a chain that begins at a name that speaks of one and ends with query,
// mutation or subscription. The service of a procedure is the path of the routers
// around it, or the name of the router that nothing holds.

const protocolTRPC = "trpc"

var trpcEnds = map[string]bool{"query": true, "mutation": true, "subscription": true}

// trpcRouter is a call that makes a router.
type trpcRouter struct {
	file int32
	at   int32
}

// trpc is what is known of the routers of a tree.
type trpc struct {
	m       *model
	rule    *rule
	routers []trpcRouter
	held    map[trpcRouter]bool // by another router
	said    map[trpcSaid]bool
	steps   int // from router to router, at most maxMounts
}

// trpcSaid is a procedure that was told.
type trpcSaid struct {
	service, name string
	file, line    int32
}

// readTRPC reads the tree: routers hold those of other files.
func readTRPC(m *model, r *rule) bool {
	t := trpc{m: m, rule: r, held: map[trpcRouter]bool{}, said: map[trpcSaid]bool{}}
	if !slices.ContainsFunc(m.files, func(f file) bool { return f.Facts != nil && !f.Test && !f.Aside && importing("@trpc/server")(&f) }) {
		return false
	}
	for k := range m.files {
		f := &m.files[k]
		if f.Facts == nil || f.Test || f.Aside || !slices.Contains(javascript, f.Language) {
			continue
		}
		for n := range f.Facts.Invocations {
			if inv := &f.Facts.Invocations[n]; isTRPCRouter(inv) {
				f.prepare()
				t.routers = append(t.routers, trpcRouter{f.at, int32(n)})
			}
		}
	}
	for _, router := range t.routers {
		t.visit(router, &m.files[router.file].Facts.Invocations[router.at].Args[0], nil, 0, func(_ []string, _ string, child trpcRouter, isRouter bool) {
			if isRouter && child != router {
				t.held[child] = true
			}
		})
	}
	for _, router := range t.routers {
		if !t.held[router] {
			t.tell(router, nil, map[trpcRouter]bool{})
		}
	}
	return true
}

func isTRPCRouter(inv *language.Invocation) bool {
	name := strings.ToLower(inv.Name)
	return strings.HasSuffix(name, "router") && len(inv.Args) == 1 && inv.Args[0].Kind == language.ArgMap && len(inv.Args[0].List) > 0
}

// tell lists the procedures of a router and of those that it holds.
func (t *trpc) tell(router trpcRouter, path []string, open map[trpcRouter]bool) {
	if t.steps++; open[router] || len(path) > maxDepth || len(t.said) >= maxRoutes || t.steps > maxMounts {
		return
	}
	open[router] = true
	defer delete(open, router)
	inv := &t.m.files[router.file].Facts.Invocations[router.at]
	t.visit(router, &inv.Args[0], path, 0, func(path []string, name string, at trpcRouter, isRouter bool) {
		if isRouter {
			t.tell(at, append(slices.Clone(path), name), open)
			return
		}
		service := strings.Join(path, ".")
		if service == "" {
			if service = inv.Result; service == "" {
				service = "router"
			}
		}
		f := &t.m.files[at.file]
		line := f.Facts.Invocations[at.at].Line
		if said := (trpcSaid{service, name, at.file, line}); !t.said[said] {
			t.said[said] = true
			t.m.at(f, t.rule).rpc(report.RPC{Service: service, Method: name, Protocol: protocolTRPC}, int(line))
		}
	})
}

// visit looks at what the object of a router holds.
func (t *trpc) visit(router trpcRouter, object *language.Argument, path []string, depth int, what func(path []string, name string, at trpcRouter, isRouter bool)) {
	f := &t.m.files[router.file]
	for k := range object.List {
		e := &object.List[k]
		switch {
		case e.Name == "":
		case e.Kind == language.ArgMap && depth < maxBases:
			t.visit(router, e, append(slices.Clone(path), e.Name), depth+1, what)
		case e.Kind == language.ArgCall && e.Call >= 0:
			t.sort(f, e.Call, path, e.Name, what)
		case e.Kind == language.ArgName:
			for _, at := range t.named(f, e.Text) {
				t.sort(&t.m.files[at.file], at.at, path, e.Name, what)
			}
		}
	}
}

// sort tells a router from a procedure.
func (t *trpc) sort(f *file, i int32, path []string, name string, what func(path []string, name string, at trpcRouter, isRouter bool)) {
	switch inv := &f.Facts.Invocations[i]; {
	case isTRPCRouter(inv):
		what(path, name, trpcRouter{f.at, i}, true)
	case trpcEnds[inv.Name] && f.isProcedure(i, maxBases):
		what(path, name, trpcRouter{f.at, i}, false)
	}
}

// isProcedure reports whether a chain begins at a procedure: by its name, or by
// what the name is bound to.
func (f *file) isProcedure(i int32, depth int) bool {
	receiver := f.Facts.Invocations[f.chainHead(i)].Receiver
	if strings.Contains(strings.ToLower(receiver), "procedure") {
		return true
	}
	first, _, _ := strings.Cut(receiver, ".")
	bound := f.bindings[first]
	return depth > 0 && slices.ContainsFunc(bound[:min(len(bound), maxBases)], func(b int32) bool { return b != i && f.isProcedure(b, depth-1) })
}

// named are the calls whose result has a name, in the file itself or the one
// that it is imported from.
func (t *trpc) named(f *file, name string) []trpcRouter {
	var out []trpcRouter
	for _, b := range f.bindings[name] {
		out = append(out, trpcRouter{f.at, b})
	}
	if len(out) > 0 {
		return out
	}
	for _, l := range f.locals[name] {
		for _, at := range t.m.filesOf(f, l) {
			other := &t.m.files[at]
			other.prepare()
			wanted := l.name
			for _, e := range other.Facts.Exports {
				if e.Name == l.name {
					wanted = e.Local
				}
			}
			for _, b := range other.bindings[wanted] {
				if len(out) < maxPlaces {
					out = append(out, trpcRouter{at, b})
				}
			}
		}
	}
	return out
}
