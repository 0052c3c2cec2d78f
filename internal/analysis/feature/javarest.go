package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// jaxVerbs are the annotations that name a method.
var jaxVerbs = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}

// readJAXRS reads resources: classes with a path, with the annotations that
// they inherit. An interface with a path and no class that implements it is a
// client.
func readJAXRS(s *scan) {
	for _, c := range s.jvmClasses() {
		if c.declaration().Kind != language.KindType || s.annotation(c.decl, "RegisterRestClient", "FeignClient") != nil {
			continue
		}
		for _, f := range s.m.family(c) {
			if a := f.file.annotation(f.decl, "Path"); a != nil {
				s.jaxResource(c, []string{s.m.restRoot(s.file), first(s.m.annotationTexts(f.file, a, "", "value"))}, 4)
				break
			}
		}
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// jaxResource reads the methods of a resource. A method with a path and no
// method of HTTP gives the resource below that path.
func (s *scan) jaxResource(c jvmClass, prefix []string, depth int) {
	for _, f := range s.m.family(c) {
		for _, decl := range f.members() {
			d := &f.file.Facts.Declares[decl]
			if d.Kind != language.KindMethod && d.Kind != language.KindFunction {
				continue
			}
			path := f.file.annotation(decl, "Path")
			own := first(s.m.annotationTexts(f.file, path, "", "value"))
			verbs := 0
			for _, verb := range jaxVerbs {
				if a := f.file.annotation(decl, verb); a != nil && len(a.Args) == 0 {
					verbs++
					s.routeMapped(c, mapped{f, decl, jaxPlace(a, path), []string{verb}, []string{own}, []string{joinPrefix(prefix...)}})
				}
			}
			if verbs == 0 && path != nil && depth > 0 {
				if sub, ok := s.m.typeNamed(f.file, resultType(d.Signature)); ok && sub != c {
					s.jaxResource(sub, append(slices.Clip(prefix), own), depth-1)
				}
			}
		}
	}
}

// jaxPlace is the annotation that stands first.
func jaxPlace(verb, path *language.Annotation) *language.Annotation {
	if path != nil && path.Line < verb.Line {
		return path
	}
	return verb
}

// resultType is the type that a method gives: T of "(int a) T" and "(…) Class<T>".
func resultType(signature string) string {
	n := group(signature)
	if n == 0 {
		return ""
	}
	t := strings.TrimLeft(strings.TrimSpace(signature[n:]), ": ")
	if inner, ok := strings.CutPrefix(t, "Class<"); ok {
		t = strings.TrimSuffix(inner, ">")
	}
	return typeName(t)
}

// restRoot is what stands in front of the resources of a module: the path of
// its application class, and what Quarkus is set to.
func (m *model) restRoot(f *file) string {
	module, _, ok := strings.Cut("/"+f.Path, "/src/")
	if !ok {
		module = ""
	}
	if m.restRoots == nil {
		m.restRoots = map[string]string{}
		for i := range m.files {
			other := &m.files[i]
			if other.Facts == nil || other.Test || other.Aside {
				continue
			}
			for k := range other.Facts.Annotations {
				a := &other.Facts.Annotations[k]
				if lastName(a.Name) == "ApplicationPath" {
					of, _, cut := strings.Cut("/"+other.Path, "/src/")
					if !cut {
						of = ""
					}
					m.restRoots[of] = first(m.annotationTexts(other, a, "", "value"))
				}
			}
		}
	}
	root := m.restRoots[module]
	for _, name := range []string{"quarkus.http.root-path", "quarkus.rest.path", "quarkus.resteasy.path", "quarkus.resteasy-reactive.path"} {
		if v := m.setting(f, name); v != "" && v != "/" && !strings.Contains(v, "${") {
			root = joinPrefix(v, root)
		}
	}
	return root
}

// micronautVerbs are the annotations that map a method.
var micronautVerbs = map[string]string{
	"Get": "GET", "Post": "POST", "Put": "PUT", "Delete": "DELETE", "Patch": "PATCH", "Head": "HEAD", "Options": "OPTIONS", "Trace": "TRACE",
}

// readMicronaut reads controllers. A template's query {?page,size} is no part
// of the path.
func readMicronaut(s *scan) {
	if s.importsOf("io.micronaut.http.annotation") {
		for _, c := range s.jvmClasses() {
			if a := s.annotation(c.decl, "Controller"); a != nil && c.declaration().Kind == language.KindType {
				base := s.m.setting(s.file, "micronaut.server.context-path")
				s.micronautClass(c, joinPrefix(base, first(s.m.annotationTexts(s.file, a, "", "value"))))
			}
		}
	}
	s.springJobs()
}

func (s *scan) micronautClass(c jvmClass, prefix string) {
	for _, f := range s.m.family(c) {
		for _, decl := range f.members() {
			for _, a := range f.file.annotations(decl) {
				verb := micronautVerbs[lastName(a.Name)]
				if verb == "" {
					continue
				}
				paths := s.m.annotationTexts(f.file, a, "", "value", "uri", "uris")
				for k := range paths {
					paths[k], _, _ = strings.Cut(paths[k], "{?")
					paths[k] = strings.ReplaceAll(paths[k], "{/", "/{")
				}
				s.routeMapped(c, mapped{f, decl, a, []string{verb}, paths, []string{prefix}})
			}
		}
	}
}

// readQuarkus reads reactive routes: @Route(path = "/x", methods = GET).
func readQuarkus(s *scan) {
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if lastName(a.Name) != "Route" || a.Declaration < 0 || a.Parameter != "" || !s.importsOf("io.quarkus.vertx.web") {
			continue
		}
		method := methodAny
		if arg := keyword(a.Args, "methods"); arg != nil && arg.Kind == language.ArgName {
			method = lastName(arg.Text)
		}
		path := first(s.m.annotationTexts(s.file, a, "path", "regex"))
		d := &s.Facts.Declares[a.Declaration]
		s.route(route{on: none, sure: true, method: method, path: colon(path), line: int(a.Line), handler: handler{name: lastName(d.Owner) + "." + d.Name, path: s.Path, line: d.Line, doc: d.Doc}})
	}
	s.springJobs()
}
