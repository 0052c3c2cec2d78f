package feature

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// viewSetActions are what a ModelViewSet does.
var viewSetActions = []struct {
	name, method string
	detail       bool
	mixin        string
}{
	{"list", "GET", false, "ListModelMixin"}, {"create", "POST", false, "CreateModelMixin"}, {"retrieve", "GET", true, "RetrieveModelMixin"},
	{"update", "PUT", true, "UpdateModelMixin"}, {"partial_update", "PATCH", true, "UpdateModelMixin"}, {"destroy", "DELETE", true, "DestroyModelMixin"},
}

// viewSet routes to the actions of a class that a router is given.
func (s *scan) viewSet(i int32) {
	inv := &s.Facts.Invocations[i]
	prefix, ok := s.constant(&inv.Args[0])
	if !ok || inv.Args[0].Kind != language.ArgString || inv.Args[1].Kind != language.ArgName {
		return
	}
	r := route{on: s.on(i), line: int(inv.Line)}
	for _, c := range s.classes(inv.Args[1].Text) {
		s.viewSetRoutes(c, pattern(prefix), r)
		return
	}
}

func (s *scan) viewSetRoutes(c class, prefix string, r route) {
	methods, bases := s.m.classMethods(c, maxBases), s.m.basesOf(c, maxBases)
	lookup := s.m.classField(c, "lookup_url_kwarg", maxBases)
	if lookup == "" {
		lookup = s.m.classField(c, "lookup_field", maxBases)
	}
	if lookup == "" {
		lookup = "pk"
	}
	one := prefix + "/{" + word(lookup) + "}"
	self := s.m.classHandler(c)
	for _, action := range viewSetActions {
		h := handler{name: self.name + "." + action.name, path: self.path, line: self.line, doc: self.doc}
		own := slices.IndexFunc(methods, func(m method) bool { return m.name == action.name })
		if own >= 0 {
			h = methods[own].handler
		}
		if own < 0 && !slices.Contains(bases, action.mixin) && !slices.Contains(bases, "ModelViewSet") &&
			(!slices.Contains(bases, "ReadOnlyModelViewSet") || action.method != methodGet) {
			continue
		}
		r.method, r.handler, r.path = action.method, h, prefix
		if action.detail {
			r.path = one
		}
		s.route(r)
	}
	for _, m := range methods {
		s.extraAction(m, prefix, one, r)
	}
}

// extraAction routes to a method with the decorator action.
func (s *scan) extraAction(m method, prefix, one string, r route) {
	f := &s.m.files[m.in.file]
	for k := range f.Facts.Annotations {
		a := &f.Facts.Annotations[k]
		if a.Declaration != m.in.at || lastName(a.Name) != "action" && lastName(a.Name) != "detail_route" && lastName(a.Name) != "list_route" {
			continue
		}
		at := prefix
		if detail := keyword(a.Args, "detail"); detail != nil && detail.Text == "True" || lastName(a.Name) == "detail_route" {
			at = one
		}
		path := m.name
		if text, ok := s.constant(keyword(a.Args, "url_path")); ok {
			path = pattern(text)
		}
		r.path, r.handler = at+"/"+path, m.handler
		s.routes(methodsOf(keyword(a.Args, "methods"), methodGet), r)
	}
}
