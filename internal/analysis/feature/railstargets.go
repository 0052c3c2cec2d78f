package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// What routes of Rails lead to: actions of controllers, and what is mounted.

func (r *rails) rootRoute(inv *language.Invocation, c railsContext) {
	to := keyword(inv.Args, "to")
	if to == nil && len(inv.Args) > 0 {
		to = &inv.Args[0]
	}
	r.add(c.on, "GET", c.prefix, r.target(inv, to, "", railsContext{module: c.module}), joinName(c.name, "root"), int(inv.Line))
}

// mounted reads mount App => "/x" and mount App, at: "/x".
func (r *rails) mounted(inv *language.Invocation, c railsContext) {
	app, at := "", ""
	for k := range inv.Args {
		a := &inv.Args[k]
		word, ok := rubyWord(a)
		switch {
		case a.Name == "at" && ok:
			at = word
		case ok && isConstant(a.Name):
			app, at = a.Name, word
		case a.Name == "" && a.Kind == language.ArgName && app == "":
			app = a.Text
		}
	}
	if !isConstant(app) || at == "" {
		return
	}
	app, _, _ = strings.Cut(app, ".")
	for _, prefix := range forms(joinPrefix(c.prefix, railsPath(at))) {
		r.mountAt(inv, c, prefix, app)
	}
}

func (r *rails) mountAt(inv *language.Invocation, c railsContext, prefix, app string) {
	if strings.HasSuffix(app, "::Engine") {
		if n := r.m.lookup(key{kind: byName, file: -1, name: lastEngine(app)}); n != none || r.declaresEngine(app) {
			r.mount(c.on, prefix, r.m.node(key{kind: byName, file: -1, name: lastEngine(app)}))
			return
		}
	} else if r.rubyMount(c.on, prefix, app) {
		return
	}
	r.route(route{on: c.on, path: prefix, handler: handler{name: app}, line: int(inv.Line), sure: true})
}

// declaresEngine reports whether an engine is of the tree.
func (r *rails) declaresEngine(app string) bool {
	_, _, ok := r.rubyClass(app)
	return ok
}

// add puts a route to an action. The name is that of its path helper, "" for
// none.
func (r *rails) add(on node, method, path, target, name string, line int) {
	h := handler{name: target}
	if controller, action, ok := strings.Cut(target, "#"); ok {
		h = r.action(controller, action)
	}
	if name != "" && h.path != "" {
		r.m.nameRoute(name, h.path)
	}
	for _, form := range forms(path) {
		r.route(route{on: on, method: method, path: form, handler: h, line: line, sure: true})
	}
}

// action finds the method of a controller. One that is inherited, or that is a
// template alone, is declared where the controller is.
func (r *rails) action(controller, action string) handler {
	h := handler{name: controller + "#" + action}
	dir := ""
	if at := strings.Index(r.Path, "config/"); at > 0 {
		dir = r.Path[:at]
	}
	p := dir + "app/controllers/" + controller + "_controller.rb"
	at, ok := r.m.byPath[p]
	if !ok || r.m.files[at].Facts == nil {
		return h
	}
	for i := range r.m.files[at].Facts.Declares {
		switch d := &r.m.files[at].Facts.Declares[i]; {
		case d.Name == action && d.Kind == language.KindMethod:
			h.path, h.line, h.doc = p, d.Line, d.Doc
			return h
		case h.path == "" && d.Kind == language.KindType && strings.HasSuffix(d.Name, "Controller"):
			h.path, h.line = p, d.Line
		}
	}
	return h
}

// maxNamed is how many files one name of a route may lead to.
const maxNamed = 8

// nameRoute notes the file that answers a route by its name. Engines may have a
// route of the same name.
func (m *model) nameRoute(name, file string) {
	if list := m.out.RouteNames[name]; len(list) < maxNamed && !slices.Contains(list, file) {
		m.out.RouteNames[name] = append(list, file)
	}
}
