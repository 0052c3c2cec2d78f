package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// resources reads one name of resources or resource.
func (r *rails) resources(i int32, inv *language.Invocation, c railsContext, name string) {
	single := inv.Name == "resource"
	path, known := name, name
	if word, ok := rubyWord(keyword(inv.Args, "path")); ok {
		path = word
	}
	if as, ok := rubyWord(keyword(inv.Args, "as")); ok {
		known = as
	}
	if s := keyword(inv.Args, "shallow"); s != nil {
		c.shallow = s.Text == "true"
	}
	if m, ok := rubyWord(keyword(inv.Args, "module")); ok {
		c.module += m + "/"
	}
	controller := name
	if single {
		controller = inflect.Plural(name)
	}
	if word, ok := rubyWord(keyword(inv.Args, "controller")); ok {
		controller = word
	}
	param := "id"
	if word, ok := rubyWord(keyword(inv.Args, "param")); ok {
		param = word
	}
	res, nested := c.resourceOf(path, known, param, controller, single)
	names := keyword(inv.Args, "path_names")
	res.fresh = res.base + "/" + railsPathName(names, "new")
	inner := c
	inner.resource, inner.prefix, inner.controller, inner.name, inner.of = res, nested, "", res.one, ""
	for _, a := range railsActions {
		if r.answers(inv, a.name, single) {
			more := a.more
			if more != "" {
				more = "/" + railsPathName(names, more)
			}
			target := res.controller + "#" + a.name
			at := inner.at(a.at)
			name := at.of
			if a.more != "" {
				name = joinName(a.more, name)
			}
			r.add(inner.on, a.method, at.prefix+more, target, name, int(inv.Line))
		}
	}
	r.concern(rubyWords(keyword(inv.Args, "concerns")), inner)
	if hasBlock(inv) {
		r.block(i, inner)
	}
}

// resourceOf is a resource by its paths and names, and the path that what it
// holds begins with.
func (c railsContext) resourceOf(path, known, param, controller string, single bool) (res *railsResource, nested string) {
	res = &railsResource{base: joinPrefix(c.prefix, railsPath(path)), controller: railsController(c.module, controller)}
	of := res.base
	if c.shallow && c.resource != nil {
		of = joinPrefix(c.outer, railsPath(path))
	}
	nested = of
	res.member = of
	if !single {
		res.member = of + "/{" + param + "}"
		nested = of + "/{" + lastSegment(inflect.Singular(known)) + "_" + param + "}"
	}
	res.one = joinName(c.name, inflect.Singular(known))
	if res.many = joinName(c.name, known); res.one == res.many && !single {
		res.many += "_index"
	}
	if single {
		res.one = res.many
	}
	if c.shallow && c.resource != nil && !single {
		res.one = joinName(c.outerName, inflect.Singular(known))
	}
	return res, nested
}

func lastSegment(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// railsPathName is what a path calls an action: path_names: { new: "make" }.
func railsPathName(names *language.Argument, action string) string {
	if names != nil {
		if word, ok := rubyWord(keyword(names.List, action)); ok {
			return word
		}
	}
	return action
}

// answers reports whether resources answer an action.
func (r *rails) answers(inv *language.Invocation, action string, single bool) bool {
	if single && action == "index" || r.apiOnly && (action == "new" || action == "edit") {
		return false
	}
	if only := keyword(inv.Args, "only"); only != nil {
		return slices.Contains(rubyWords(only), action)
	}
	return !slices.Contains(rubyWords(keyword(inv.Args, "except")), action)
}

func railsController(module, name string) string {
	if absolute, ok := strings.CutPrefix(name, "/"); ok {
		return absolute
	}
	return module + name
}

// railsOptions are the keywords of a route that are not paths.
var railsOptions = map[string]bool{
	"to": true, "via": true, "as": true, "on": true, "controller": true, "action": true, "constraints": true, "defaults": true,
	"format": true, "path": true, "anchor": true, "module": true, "only": true, "except": true, "param": true, "shallow": true, "at": true,
	"id": true, "internal": true, "with": true, "if": true,
}
