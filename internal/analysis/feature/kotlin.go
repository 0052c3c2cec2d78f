package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// kotlinRules are the frameworks of this family. Those of Java are read in
// Kotlin too: see jvm.
var kotlinRules = []rule{
	{framework: "Ktor", languages: []string{"Kotlin"}, concerns: importing("io.ktor.server", "io.ktor.routing", "io.ktor.application"), read: readKtor},
}

// ktorMethods register a route on the block around them.
var ktorMethods = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD", "options": "OPTIONS",
	"webSocket": "GET", "sse": "GET",
}

// ktorTypes are the types whose extension functions route.
var ktorTypes = map[string]bool{"Route": true, "Routing": true, "Application": true, "RoutingBuilder": true, "RootRoute": true}

// readKtor reads Ktor: routing begins a block, route hands a prefix to one, and
// other blocks in it, such as authenticate, are the same place. What stands in a
// block is called without a receiver.
func readKtor(s *scan) {
	s.ktorReceivers()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.On >= 0 || inv.New {
			continue
		}
		isBare := inv.Receiver == "" || inv.Receiver == "this"
		last := len(inv.Args) - 1
		hasBlock := last >= 0 && inv.Args[last].Kind == language.ArgFunction
		switch {
		case inv.Name == "routing" && hasBlock:
			s.root(s.block(i, last, 0))
		case !isBare:
		case inv.Name == "route" && len(inv.Args) > 1:
			s.ktorGroup(i, last)
		case ktorMethods[inv.Name] != "":
			s.ktorRoute(i, last)
		case hasBlock && inv.Args[last].Text == "" && s.inKtor(i):
			s.mount(s.ktorParent(i), "", s.block(i, last, 0))
		default:
			s.ktorElsewhere(i, inv)
		}
	}
}

// ktorReceivers defines what the functions of the file extend.
func (s *scan) ktorReceivers() {
	for fn := range s.Facts.Functions {
		n, ok := s.ktorReceiver(s.file, int32(fn))
		if ok {
			s.define(n, "")
			if s.ktorReceiverType(s.file, int32(fn)) == "Application" {
				s.root(n)
			}
		}
	}
}

// ktorReceiverType is the type that a function extends.
func (s *scan) ktorReceiverType(f *file, fn int32) string {
	for _, p := range f.parameters(fn) {
		if p.name == "this" {
			return typeName(p.typ)
		}
	}
	// Without a call in it that is kept, only the name tells.
	return lastName(ownerName(f.Facts.Functions[fn].Name))
}

func (s *scan) ktorReceiver(f *file, fn int32) (node, bool) {
	if !ktorTypes[s.ktorReceiverType(f, fn)] {
		return none, false
	}
	return s.m.node(key{kind: byParam, file: f.at, at: fn, name: "this"}), true
}

// inKtor reports whether an invocation stands in a block that routes.
func (s *scan) inKtor(i int32) bool { return s.ktorParent(i) != s.fileNode() }

// ktorParent is the block around an invocation, or what its function extends.
func (s *scan) ktorParent(i int32) node {
	if n := s.enclosing(i); n != s.fileNode() {
		return n
	}
	if fn := s.Facts.Invocations[i].Function; fn >= 0 {
		if n, ok := s.ktorReceiver(s.file, fn); ok {
			return n
		}
	}
	return s.fileNode()
}

// ktorGroup reads route("/x") { } and route("/x", HttpMethod.Get) { }.
func (s *scan) ktorGroup(i int32, last int) {
	inv := &s.Facts.Invocations[i]
	path, ok := s.written(i, 0)
	if !ok || inv.Args[last].Kind != language.ArgFunction {
		return
	}
	if method, ok := strings.CutPrefix(inv.Args[1].Text, "HttpMethod."); ok {
		s.route(route{on: s.ktorParent(i), method: method, path: braces(path), line: int(inv.Line)})
		return
	}
	s.mount(s.ktorParent(i), braces(path), s.block(i, last, 0))
}

// ktorRoute reads get("/x") { } and get { }. A block alone that is handed
// something is that of a resource, whose type tells the path.
func (s *scan) ktorRoute(i int32, last int) {
	inv := &s.Facts.Invocations[i]
	if last < 0 || !s.inKtor(i) {
		return
	}
	if last == 0 && strings.HasPrefix(inv.Args[0].Name, "<") {
		if path, ok := s.m.ktorResource(s.file, strings.Trim(inv.Args[0].Name, "<>"), maxBases); ok {
			s.route(route{on: s.ktorParent(i), method: ktorMethods[inv.Name], path: path, line: int(inv.Line)})
		}
		return
	}
	path, ok := s.written(i, 0)
	isBlock := last == 0 && inv.Args[0].Kind == language.ArgFunction && inv.Args[0].Text == ""
	if !ok && !isBlock {
		return
	}
	var h handler
	if inv.Args[last].Kind == language.ArgName {
		h = s.handler(&inv.Args[last], i)
	}
	s.route(route{on: s.ktorParent(i), method: ktorMethods[inv.Name], path: braces(path), handler: h, line: int(inv.Line)})
}

// ktorElsewhere joins the block around a call with what the called function
// extends: orderRoutes(service).
func (s *scan) ktorElsewhere(i int32, inv *language.Invocation) {
	parent := s.ktorParent(i)
	if parent == s.fileNode() {
		return
	}
	for _, at := range append([]int32{s.at}, s.m.uses(s.file)...) {
		f := &s.m.files[at]
		f.prepare()
		for _, fn := range f.functions[inv.Name] {
			if n, ok := s.ktorReceiver(f, fn); ok {
				s.mount(parent, "", n)
			}
		}
	}
}

// ktorResource is the path of a class that is a resource, below that of the class
// around it, or of its parent. The name is as the file writes it, Articles.Id.
func (m *model) ktorResource(f *file, name string, depth int) (path string, ok bool) {
	if depth == 0 {
		return "", false
	}
	for _, r := range m.ktorResources()[lastName(name)] {
		other := &m.files[r.file]
		d := &other.Facts.Declares[r.at]
		whole := language.Qualify(d.Owner, d.Name)
		if whole != name && !strings.HasSuffix(whole, "."+name) || r.file != f.at && !slices.Contains(m.uses(f), r.file) {
			continue
		}
		above, has := "", false
		if d.Owner != "" {
			above, has = m.ktorResource(other, d.Owner, depth-1)
		}
		if parent := other.parentType(whole); !has && parent != "" && parent != name {
			above, _ = m.ktorResource(other, parent, depth-1)
		}
		return joinPrefix(above, braces(other.resourcePath(r.at))), true
	}
	return "", false
}

// ktorResources lists the classes that are resources by their last name, once, at
// most maxCandidate of one.
func (m *model) ktorResources() map[string][]class {
	if m.resources != nil {
		return m.resources
	}
	m.resources = map[string][]class{}
	for i := range m.files {
		f := &m.files[i]
		if f.Facts == nil || f.Language != "Kotlin" || f.Test || f.Aside || !importing("io.ktor.resources", "io.ktor.server.resources")(f) {
			continue
		}
		for k := range f.Facts.Annotations {
			a := &f.Facts.Annotations[k]
			if lastName(a.Name) != "Resource" || a.Declaration < 0 || len(a.Args) == 0 || a.Args[0].Kind != language.ArgString {
				continue
			}
			name := f.Facts.Declares[a.Declaration].Name
			if list := m.resources[name]; len(list) < maxCandidate {
				m.resources[name] = append(list, class{f.at, a.Declaration})
			}
		}
	}
	return m.resources
}

// resourcePath is the path in the annotation of a class.
func (f *file) resourcePath(declaration int32) string {
	for k := range f.Facts.Annotations {
		if a := &f.Facts.Annotations[k]; a.Declaration == declaration && lastName(a.Name) == "Resource" && len(a.Args) > 0 {
			return a.Args[0].Text
		}
	}
	return ""
}

// parentType is the type of a resource's property parent, "" for none.
func (f *file) parentType(owner string) string {
	for k := range f.Facts.Declares {
		if d := &f.Facts.Declares[k]; d.Kind == language.KindField && d.Owner == owner && d.Name == "parent" {
			return strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(d.Signature), ":")), "?")
		}
	}
	return ""
}
