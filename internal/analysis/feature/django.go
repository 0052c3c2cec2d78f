package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// speaksDjango reports whether a file can hold URLs of Django: a module of them
// may import only a router of the tree's own.
func speaksDjango(f *file) bool {
	return importing("django", "rest_framework")(f) || strings.HasPrefix(fileStem(f.Path), "url")
}

// readDjango reads Django and its REST framework. A module of URLs is a router:
// include puts it on another. Paths stand in lists, so that it is the list
// around a path, or the module, that it is put on.
func readDjango(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.imported(inv.Name, inv.Receiver, "django", "rest_framework", "rest_framework_nested")
		switch {
		case ok && (name == "path" || name == "re_path" || name == "url"):
			s.djangoPath(i, name)
		case ok && strings.HasSuffix(name, "Router"), !ok && strings.HasSuffix(inv.Name, "Router") && s.extendsRouter(inv):
			s.djangoRouter(i)
		case inv.Name == "register" && len(inv.Args) > 1:
			s.viewSet(i)
		}
	}
	s.djangoRoot()
}

// extendsRouter reports whether what is called is a class of the tree that leads
// to a router of the REST framework.
func (s *scan) extendsRouter(inv *language.Invocation) bool {
	name := inv.Name
	if inv.Receiver != "" {
		name = inv.Receiver + "." + inv.Name
	}
	for _, c := range s.classes(name) {
		if bases := s.m.basesOf(c, maxBases); slices.Contains(bases, "DefaultRouter") || slices.Contains(bases, "SimpleRouter") {
			return true
		}
	}
	return false
}

// djangoRoot finds the module that stands above all others: the settings name
// it, as ROOT_URLCONF.
func (s *scan) djangoRoot() {
	if module, ok := s.m.heldText(s.file, "ROOT_URLCONF", false, maxConstants); ok {
		if at := s.m.pythonModule(module, s.Path); at >= 0 {
			s.root(s.m.node(key{kind: byFile, file: at}))
		}
	}
}

// pythonModule is the file of a dotted module, the nearest one to a file that
// names it, -1 for none.
func (m *model) pythonModule(module, from string) int32 {
	p := strings.ReplaceAll(module, ".", "/")
	best, shared := int32(-1), -1
	for i := range m.files {
		f := &m.files[i]
		if f.Language != "Python" || f.Test || f.Aside {
			continue
		}
		stem := strings.TrimSuffix(strings.TrimSuffix(f.Path, ".py"), "/__init__")
		if stem != p && !strings.HasSuffix(stem, "/"+p) {
			continue
		}
		if n := sharedFolders(f.Path, from); n > shared {
			best, shared = f.at, n
		}
	}
	return best
}

// sharedFolders counts the folders at the front that two paths share.
func sharedFolders(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x)-1 && n < len(y)-1 && x[n] == y[n] {
		n++
	}
	return n
}

// djangoNode is the list that a path stands in: an include around it, a list of
// a name, or the module.
func (s *scan) djangoNode(i int32) node {
	for range maxDepth {
		inv := &s.Facts.Invocations[i]
		if inv.Within < 0 {
			break
		}
		if outer := &s.Facts.Invocations[inv.Within]; outer.Name == "include" {
			return s.result(inv.Within)
		}
		i = inv.Within
	}
	name, list := strings.CutSuffix(s.Facts.Invocations[i].Result, "[]")
	if list && name != "urlpatterns" {
		return s.m.node(key{kind: byName, file: s.at, name: name + "[]"})
	}
	n := s.fileNode()
	s.define(n, "")
	return n
}

func (s *scan) djangoPath(i int32, name string) {
	inv := &s.Facts.Invocations[i]
	text, ok := s.constant(positional(inv.Args, 0, "route"))
	if literal := positional(inv.Args, 0, "regex"); !ok && literal != nil {
		text, ok = s.constant(literal)
	}
	view := positional(inv.Args, 1, "view")
	if !ok || view == nil {
		return
	}
	path := angle(text)
	if name != "path" {
		path = pattern(text)
	}
	on := s.djangoNode(i)
	s.define(on, "")
	if view.Kind == language.ArgCall && view.Call >= 0 && s.Facts.Invocations[view.Call].Name == "include" {
		s.djangoInclude(on, path, view.Call)
		return
	}
	if view.Kind == language.ArgName && strings.HasSuffix(view.Text, ".urls") { // admin.site.urls
		if strings.HasSuffix(view.Text, ".site.urls") {
			s.route(route{on: on, path: path + "/{rest...}", handler: handler{name: view.Text}, line: int(inv.Line), sure: true})
		} else {
			s.mount(on, path, s.named(strings.TrimSuffix(view.Text, ".urls"), i))
		}
		return
	}
	s.djangoView(view, i, route{on: on, path: path, line: int(inv.Line), sure: true})
}

// djangoInclude mounts what include is given: a module by its name or as a
// module, a list, a pair of one and a name, or the urls of a router.
func (s *scan) djangoInclude(on node, path string, call int32) {
	inv := &s.Facts.Invocations[call]
	child := positional(inv.Args, 0, "arg")
	if child == nil {
		return
	}
	if child.Kind == language.ArgList && len(child.List) > 0 && child.List[0].Kind != language.ArgCall {
		child = &child.List[0]
	}
	switch child.Kind {
	case language.ArgString:
		if at := s.m.pythonModule(child.Text, s.Path); at >= 0 && at != s.at {
			s.mountPath(on, path, s.m.node(key{kind: byFile, file: at}))
		}
	case language.ArgName:
		s.mountPath(on, path, s.includedName(child.Text, call))
	default:
	}
	s.mountPath(on, path, s.result(call)) // paths that are written there
}

// mountPath mounts under a path; the empty one is a place too.
func (s *scan) mountPath(on node, path string, child node) {
	if child == none {
		return
	}
	s.define(child, "")
	s.m.put(child, mount{parent: on, prefix: path})
}

// includedName is what include(name) names: a list of the file, the urls of a
// router, or a module.
func (s *scan) includedName(name string, i int32) node {
	if router, ok := strings.CutSuffix(name, ".urls"); ok {
		if n := s.m.named(s.file, router, i, false); n != none && s.m.nodes[n].key.kind != byFile {
			return n
		}
		if k, ok := s.m.keyOf(s.file, router, i); ok && (k.kind == byResult || k.kind == byName && k.file != s.at) {
			return s.m.node(k)
		}
	}
	if k := (key{kind: byName, file: s.at, name: name + "[]"}); len(s.bindings[name+"[]"]) > 0 {
		return s.m.node(k)
	}
	first, rest, _ := strings.Cut(name, ".")
	for _, l := range s.locals[first] {
		if at := s.includedModule(l, rest); at >= 0 {
			return s.m.node(key{kind: byFile, file: at})
		}
		wanted := l.name
		if rest != "" && rest != "urls" {
			wanted = rest
		}
		for _, at := range s.m.filesOf(s.file, l) {
			f := &s.m.files[at]
			f.prepare()
			if len(f.bindings[wanted+"[]"]) > 0 && wanted != "urlpatterns" {
				return s.m.node(key{kind: byName, file: at, name: wanted + "[]"})
			}
			return s.m.node(key{kind: byFile, file: at})
		}
	}
	return none
}

// includedModule is the file of the tree that an imported name means by the path
// of its import, -1 when that is none: several modules of a tree are called urls.
func (s *scan) includedModule(l local, rest string) int32 {
	module := s.Facts.Imports[l.imp].Path
	dots := len(module) - len(strings.TrimLeft(module, "."))
	parts := slices.DeleteFunc(append(strings.Split(module[dots:], "."), l.name, rest), func(part string) bool { return part == "" })
	if dots == 0 {
		return s.m.pythonModule(strings.Join(parts, "."), s.Path)
	}
	folder := folderOf(s.Path)
	for range dots - 1 {
		folder = folderOf(folder)
	}
	stem := path.Join(append([]string{folder}, strings.Split(strings.Join(parts, "."), ".")...)...)
	for _, p := range []string{stem + ".py", stem + "/__init__.py"} {
		if at, ok := s.m.byPath[p]; ok {
			return at
		}
	}
	return -1
}

// djangoView routes to a function, or a class by as_view.
func (s *scan) djangoView(view *language.Argument, i int32, r route) {
	call := s.viewCall(view, maxDepth)
	if call < 0 {
		r.handler = s.handler(view, i)
		s.routes(s.functionMethods(view, i), r)
		return
	}
	inv := &s.Facts.Invocations[call]
	classes := s.classes(inv.Receiver)
	if len(inv.Args) > 0 && inv.Args[0].Kind == language.ArgMap { // as_view({"get": "list"})
		for _, a := range inv.Args[0].List {
			if verbs[a.Name] != "" {
				r.method, r.handler = verbs[a.Name], handler{name: inv.Receiver + "." + a.Text}
				s.route(r)
			}
		}
		return
	}
	if len(classes) == 0 {
		r.handler = handler{name: inv.Receiver}
		s.routes(genericMethods([]string{lastName(inv.Receiver)}), r)
		return
	}
	s.classViewRoutes(classes[0], r)
}

// viewCall is the call of as_view that an argument is, with decorators around
// it, -1 for none.
func (s *scan) viewCall(view *language.Argument, depth int) int32 {
	if view.Kind != language.ArgCall || view.Call < 0 || depth == 0 {
		return -1
	}
	inv := &s.Facts.Invocations[view.Call]
	if inv.Name == "as_view" {
		return view.Call
	}
	for k := range inv.Args {
		if call := s.viewCall(&inv.Args[k], depth-1); call >= 0 {
			return call
		}
	}
	return -1
}

// classViewRoutes routes to the methods of a class, or those that its generic
// base has.
func (s *scan) classViewRoutes(c class, r route) {
	methods := s.m.classMethods(c, maxBases)
	generic := genericMethods(s.m.basesOf(c, maxBases))
	var done []string
	for _, m := range methods {
		if method := verbs[m.name]; method != "" {
			r.method, r.handler = method, m.handler
			s.route(r)
			done = append(done, method)
		}
	}
	if len(done) > 0 && slices.Contains(generic, methodAny) {
		return
	}
	r.handler = s.m.classHandler(c)
	for _, method := range generic {
		if !slices.Contains(done, method) {
			r.method = method
			s.route(r)
		}
	}
}

// generics are the methods that the views of Django and of the REST framework
// answer, by the end of their names; those that hold the others come first.
var generics = []struct {
	name    string
	methods []string
}{
	{"RetrieveUpdateDestroyAPIView", []string{"GET", "PUT", "PATCH", "DELETE"}},
	{"RetrieveDestroyAPIView", []string{"GET", "DELETE"}},
	{"RetrieveUpdateAPIView", []string{"GET", "PUT", "PATCH"}},
	{"ListCreateAPIView", []string{"GET", "POST"}},
	{"DestroyAPIView", []string{"DELETE"}},
	{"UpdateAPIView", []string{"PUT", "PATCH"}},
	{"CreateAPIView", []string{"POST"}},
	{"RetrieveAPIView", []string{"GET"}},
	{"ListAPIView", []string{"GET"}},
	{"CreateView", []string{"GET", "POST"}},
	{"UpdateView", []string{"GET", "POST"}},
	{"DeleteView", []string{"GET", "POST"}},
	{"FormView", []string{"GET", "POST"}},
	{"LoginView", []string{"GET", "POST"}},
	{"LogoutView", []string{"POST"}},
	{"TemplateView", []string{"GET"}},
	{"RedirectView", []string{methodAny}},
	{"ListView", []string{"GET"}},
	{"DetailView", []string{"GET"}},
	{"ArchiveIndexView", []string{"GET"}},
}

func genericMethods(bases []string) []string {
	var out []string
	for _, base := range bases {
		for _, g := range generics {
			if strings.HasSuffix(base, g.name) {
				for _, method := range g.methods {
					if !slices.Contains(out, method) {
						out = append(out, method)
					}
				}
				break
			}
		}
	}
	if len(out) == 0 {
		return []string{methodAny}
	}
	return out
}

// functionMethods are the methods that decorators let a view answer: all of
// them without one.
func (s *scan) functionMethods(view *language.Argument, i int32) []string {
	for range maxDepth { // inside what wraps it: cache_page(60)(view)
		if view.Kind != language.ArgCall || view.Call < 0 {
			break
		}
		view = s.last(view.Call)
		if view == nil {
			return []string{methodAny}
		}
	}
	if view.Kind != language.ArgName {
		return []string{methodAny}
	}
	for _, fn := range s.m.callee(s.file, lastName(view.Text), ownerName(view.Text), s.Facts.Invocations[i].Function) {
		f := &s.m.files[fn.file]
		for k := range f.Facts.Annotations {
			a := &f.Facts.Annotations[k]
			if a.Function != fn.at {
				continue
			}
			switch lastName(a.Name) {
			case "api_view", "require_http_methods":
				return methodsOf(positional(a.Args, 0, "http_method_names"), methodGet)
			case "require_GET", "require_safe":
				return []string{methodGet}
			case "require_POST":
				return []string{"POST"}
			}
		}
	}
	return []string{methodAny}
}

// djangoRouter defines a router of the REST framework, or one inside another's
// objects.
func (s *scan) djangoRouter(i int32) {
	inv := &s.Facts.Invocations[i]
	n := s.result(i)
	s.define(n, "")
	if prefix, ok := s.text(i, 1); ok && strings.Contains(inv.Name, "Nested") && inv.Args[0].Kind == language.ArgName {
		lookup := "nested_" + strings.ReplaceAll(prefix, "/", "_")
		if a := keyword(inv.Args, "lookup"); a != nil && a.Kind == language.ArgString {
			lookup = a.Text
		}
		s.mountPath(s.named(inv.Args[0].Text, i), pattern(prefix)+"/{"+lookup+"_pk}", n)
		return
	}
	// urlpatterns = router.urls is no call: a router of a module of URLs that
	// nothing in it includes stands there.
	if strings.Contains(fileStem(s.Path), "url") && inv.Result != "" && !s.includes(inv.Result+".urls") {
		s.mountPath(s.fileNode(), "", n)
	}
}

func (s *scan) includes(name string) bool {
	return slices.ContainsFunc(s.Facts.Invocations, func(inv language.Invocation) bool {
		return (inv.Name == "include" || inv.Name == "path" || inv.Name == "url" || inv.Name == "extend") && slices.ContainsFunc(inv.Args, func(a language.Argument) bool {
			return a.Text == name || slices.ContainsFunc(a.List, func(e language.Argument) bool { return e.Text == name })
		})
	})
}
