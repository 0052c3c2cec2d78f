package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Rails. What a line of config/routes.rb means depends on all blocks around it,
// so the rule interprets the blocks as Rails does instead of mounting routers
// on each other. Only engines are routers that are mounted. Update is answered
// to PATCH and PUT, as rails routes shows. Routes that gems add (devise_for) and
// those that are drawn in a loop are not known.

// drawsRoutes reports whether a file draws routes for the application or for an
// engine.
func drawsRoutes(f *file) bool {
	return slices.ContainsFunc(f.Facts.Invocations, isDraw)
}

func isDraw(inv language.Invocation) bool {
	return inv.Name == "draw" && (inv.Receiver == "routes" || strings.HasSuffix(inv.Receiver, ".routes")) && hasBlock(&inv)
}

// railsContext is what the blocks around a route say.
type railsContext struct {
	on         node
	prefix     string // of what stands directly in the block
	outer      string // the same without the resources around: of shallow routes
	module     string // of controllers, "admin/"
	controller string
	resource   *railsResource // in whose block this is
	shallow    bool
	depth      int
	name       string // that names of routes begin with, "admin_story"
	outerName  string // the same without the resources around: of shallow routes
	of         string // what names of actions end with: "story" on one, "stories" on the list
}

// railsResource is a resource or a list of them.
type railsResource struct {
	base       string // path of the list, or of the one
	member     string // path of one
	fresh      string // path of a new one
	one, many  string // names of routes
	controller string // with its module
}

// rails interprets one file.
type rails struct {
	*scan

	blocks   map[int32][]int32
	concerns map[string]int32
	apiOnly  bool
}

func readRails(s *scan) {
	r := &rails{scan: s, blocks: s.inside(), concerns: map[string]int32{}, apiOnly: s.m.railsAPI()}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if !isDraw(*inv) {
			continue
		}
		on, module := s.fileNode(), ""
		if engine, ok := strings.CutSuffix(inv.Receiver, ".routes"); ok && strings.HasSuffix(engine, "Engine") {
			on = s.m.node(key{kind: byName, file: -1, name: lastEngine(strings.ReplaceAll(engine, ".", "::"))})
			module = s.isolated(engine)
		}
		s.root(on)
		r.block(i, railsContext{on: on, module: module})
	}
}

// lastEngine is what tells an engine: Shop::Engine of ::Acme::Shop::Engine.
func lastEngine(constant string) string {
	parts := strings.Split(strings.TrimPrefix(constant, "::"), "::")
	return strings.Join(parts[max(0, len(parts)-2):], "::")
}

// isolated is the module of the controllers of an engine that has a namespace of
// its own: "blog/".
func (s *scan) isolated(engine string) string {
	at, _, ok := s.rubyClass(engine)
	if !ok {
		return ""
	}
	for _, inv := range s.m.files[at].Facts.Invocations {
		if inv.Name == "isolate_namespace" && len(inv.Args) > 0 {
			return inflect.Underscore(inv.Args[0].Text) + "/"
		}
	}
	return ""
}

// railsAPI reports whether the application has no pages: its controllers have no
// forms, so there are no routes to them.
func (m *model) railsAPI() bool {
	at, ok := m.byPath["app/controllers/application_controller.rb"]
	if !ok || m.files[at].Facts == nil {
		return false
	}
	return slices.ContainsFunc(m.files[at].Facts.Declares, func(d language.Declaration) bool { return extends(&d, "ActionController::API") })
}

func (r *rails) block(i int32, c railsContext) {
	if c.depth++; c.depth > maxDepth {
		return
	}
	for _, inner := range r.blocks[i] {
		if inv := &r.Facts.Invocations[inner]; inv.Receiver == "" && inv.On < 0 && int(inv.Argument) == len(r.Facts.Invocations[i].Args)-1 {
			r.line(inner, inv, c)
		}
	}
}

// line interprets one call in a block of routes.
func (r *rails) line(i int32, inv *language.Invocation, c railsContext) {
	switch inv.Name {
	case "resources", "resource":
		for k := range inv.Args {
			if name, ok := rubyWord(&inv.Args[k]); ok && inv.Args[k].Name == "" {
				r.resources(i, inv, c, name)
			}
		}
	case "namespace", "scope":
		r.scoped(i, inv, c)
	case "member", "collection", "new":
		r.block(i, c.at(inv.Name))
	case "nested":
		r.block(i, c)
	case "shallow":
		c.shallow = true
		r.block(i, c)
	case "controller":
		if name, ok := rubyWord(&inv.Args[0]); ok {
			c.controller = name
		}
		r.block(i, c)
	case "concern":
		if name, ok := rubyWord(&inv.Args[0]); ok && hasBlock(inv) {
			r.concerns[name] = i
		}
	case "concerns":
		for k := range inv.Args {
			r.concern(rubyWords(&inv.Args[k]), c)
		}
	case "draw":
		if name, ok := rubyWord(&inv.Args[0]); ok {
			r.draw(name, c)
		}
	case "root":
		r.rootRoute(inv, c)
	case "mount":
		r.mounted(inv, c)
	case "get", "post", "put", "patch", "delete", "options", "match":
		r.verb(inv, c)
	case "devise_for":
		r.devise(inv, c)
	case "devise_scope":
		r.block(i, c)
	case "direct", "resolve":
	default:
		if hasBlock(inv) {
			r.block(i, c)
		}
	}
}

// at is the context of a block, or of a route on: the member, collection or new.
func (c railsContext) at(place string) railsContext {
	if c.resource == nil {
		return c
	}
	switch place {
	case "member":
		c.prefix, c.of = c.resource.member, c.resource.one
	case "collection":
		c.prefix, c.of = c.resource.base, c.resource.many
	case "new":
		c.prefix, c.of = c.resource.fresh, "new_"+c.resource.one
	}
	return c
}

// scoped reads namespace and scope.
func (r *rails) scoped(i int32, inv *language.Invocation, c railsContext) {
	add := ""
	var addSb191 strings.Builder
	for k := range inv.Args {
		if word, ok := rubyWord(&inv.Args[k]); ok && inv.Args[k].Name == "" {
			addSb191.WriteString("/" + word)
		} else if inv.Args[k].Name == "" && inv.Args[k].Kind == language.ArgName && !isConstant(inv.Args[k].Text) {
			add += "/{}"
		}
	}
	add += addSb191.String()
	module := strings.TrimPrefix(add, "/")
	if inv.Name == "scope" {
		module = ""
	}
	if path := keyword(inv.Args, "path"); path != nil {
		word, ok := rubyWord(path)
		if add = "/" + word; !ok {
			add = ""
		}
	}
	if m := keyword(inv.Args, "module"); m != nil {
		module, _ = rubyWord(m)
	}
	if name, ok := rubyWord(keyword(inv.Args, "controller")); ok {
		c.controller = name
	}
	if s := keyword(inv.Args, "shallow"); s != nil && s.Text == "true" {
		c.shallow = true
	}
	if module != "" {
		c.module += module + "/"
	}
	as, named := rubyWord(keyword(inv.Args, "as"))
	if first, ok := rubyWord(firstArgument(inv)); !named && ok && inv.Name == "namespace" {
		as = strings.ReplaceAll(strings.Trim(first, "/"), "/", "_")
	}
	c.name, c.outerName = joinName(c.name, as), joinName(c.outerName, as)
	if at, ok := rubyWord(keyword(inv.Args, "shallow_path")); ok {
		c.outer = joinPrefix(c.outer, railsPath(at))
	}
	add = railsPath(add)
	c.prefix, c.outer = joinPrefix(c.prefix, add), joinPrefix(c.outer, add)
	r.block(i, c)
}

// concern interprets the blocks of concerns where they are used.
func (r *rails) concern(names []string, c railsContext) {
	for _, name := range names {
		if i, ok := r.concerns[name]; ok {
			r.block(i, c)
		}
	}
}

// draw interprets config/routes/NAME.rb.
func (r *rails) draw(name string, c railsContext) {
	dir := strings.TrimSuffix(r.Path, ".rb")
	if at := strings.Index(r.Path, "config/routes"); at >= 0 {
		dir = r.Path[:at] + "config/routes"
	}
	at, ok := r.m.byPath[dir+"/"+name+".rb"]
	if !ok || r.m.files[at].Facts == nil || c.depth > maxDepth {
		return
	}
	f := &r.m.files[at]
	f.prepare()
	other := &rails{scan: &scan{file: f, m: r.m, rule: r.rule}, blocks: f.inside(), concerns: r.concerns, apiOnly: r.apiOnly}
	c.depth++
	for n := range f.Facts.Invocations {
		if inv := &f.Facts.Invocations[n]; inv.Within < 0 && inv.Function < 0 && inv.Receiver == "" && inv.On < 0 {
			other.line(int32(n), inv, c)
		}
	}
}

// The actions of resources, in the order of rails routes.
var railsActions = []struct{ name, method, at, more string }{
	{"index", "GET", "collection", ""},
	{"create", "POST", "collection", ""},
	{"new", "GET", "new", ""},
	{"edit", "GET", "member", "edit"},
	{"show", "GET", "member", ""},
	{"update", "PATCH", "member", ""},
	{"update", "PUT", "member", ""},
	{"destroy", "DELETE", "member", ""},
}

// verb reads get, post … and match.
func (r *rails) verb(inv *language.Invocation, c railsContext) {
	methods := []string{inv.Name}
	if inv.Name == "match" {
		methods = rubyWords(keyword(inv.Args, "via"))
	}
	if on, ok := rubyWord(keyword(inv.Args, "on")); ok {
		c = c.at(on)
	}
	for k := range inv.Args {
		a := &inv.Args[k]
		path, ok := rubyWord(a)
		target := keyword(inv.Args, "to")
		switch {
		case a.Name != "" && !railsOptions[a.Name]:
			path, target = a.Name, a
		case !ok || a.Name != "":
			continue
		}
		action := path
		if word, ok := rubyWord(keyword(inv.Args, "path")); ok {
			path = word
		}
		handler := r.target(inv, target, action, c)
		for _, method := range methods {
			r.add(c.on, method, joinPrefix(c.prefix, railsPath(path)), handler, c.routeName(inv, path), int(inv.Line))
		}
	}
}

// joinName joins the parts of a route's name.
func joinName(before, after string) string {
	if before == "" || after == "" {
		return before + after
	}
	return before + "_" + after
}

// routeName is the name of a route, "" for none: what as says, else its path,
// where that has no parameters.
func (c railsContext) routeName(inv *language.Invocation, path string) string {
	name, ok := rubyWord(keyword(inv.Args, "as"))
	if !ok {
		path, _, _ = strings.Cut(path, "(")
		if name = strings.ReplaceAll(strings.Trim(path, "/"), "/", "_"); name == "" || strings.ContainsAny(name, ":*.") {
			return ""
		}
		name = strings.ReplaceAll(name, "-", "_")
	}
	if c.of != "" {
		return joinName(name, c.of)
	}
	return joinName(c.name, name)
}

// target is what a route leads to: "users#show", "" for what is no action.
func (r *rails) target(inv *language.Invocation, to *language.Argument, action string, c railsContext) string {
	controller := c.controller
	if c.resource != nil {
		controller = "/" + c.resource.controller
	}
	if word, ok := rubyWord(keyword(inv.Args, "controller")); ok {
		controller = word
	}
	if word, ok := rubyWord(keyword(inv.Args, "action")); ok {
		action = word
	} else if to == nil && controller == "" && strings.Contains(strings.Trim(action, "/"), "/") {
		action = strings.Trim(action, "/")
		at := strings.LastIndexByte(action, '/')
		controller, action = action[:at], action[at+1:]
	}
	switch {
	case to == nil:
	case to.Kind == language.ArgName && isConstant(to.Text):
		return to.Text
	default:
		word, ok := rubyWord(to)
		if !ok {
			return ""
		}
		if before, after, found := strings.Cut(word, "#"); found {
			return railsController(c.module, before) + "#" + after
		}
		action = word
	}
	if controller == "" {
		return ""
	}
	return railsController(c.module, controller) + "#" + strings.NewReplacer("/", "_", "-", "_").Replace(strings.Trim(action, "/"))
}
