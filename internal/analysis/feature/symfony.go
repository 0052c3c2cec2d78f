package feature

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Symfony: attributes and annotations on classes and methods, and the routes of
// YAML files, which also say under which prefix a folder of controllers stands.

func speaksSymfony(f *file) bool {
	if !importing(`Symfony\Component\Routing`, `Symfony\Bundle\FrameworkBundle`, `FOS\RestBundle`, `Sensio\Bundle`)(f) {
		return false
	}
	return slices.ContainsFunc(f.Facts.Annotations, func(a language.Annotation) bool { return symfonyMethods(&a) != nil })
}

// symfonyMethods are the methods that an annotation is about: Route says them
// itself (an empty list), Get and its like of FOSRest by their name. Nil for
// every other annotation.
func symfonyMethods(a *language.Annotation) []string {
	switch name := lastName(a.Name); name {
	case "Route":
		return append([]string{}, literals(keyword(a.Args, "methods"))...)
	case "Get", "Post", "Put", "Patch", "Delete", "Options", "Head":
		if strings.HasPrefix(a.Name, "Rest.") || strings.HasPrefix(a.Name, "FOSRest.") {
			return []string{name}
		}
	}
	return nil
}

// symfonyPaths are the paths of a route: one, or one for each language.
func symfonyPaths(a *language.Annotation) []string {
	p := keyword(a.Args, "path")
	if p == nil && len(a.Args) > 0 && a.Args[0].Name == "" {
		p = &a.Args[0]
	}
	if p == nil {
		return []string{""}
	}
	if p.Kind == language.ArgString {
		return []string{p.Text}
	}
	return literals(p)
}

func readSymfony(s *scan) {
	prefixes := s.m.symfonyPrefixes(s)
	for d := range s.Facts.Declares {
		class := &s.Facts.Declares[d]
		if class.Kind != language.KindType || class.Owner != "" {
			continue
		}
		n := s.class(int32(d))
		s.define(n, prefixes.of(s.Path))
		s.root(n)
		s.symfonyClass(int32(d), class, n)
	}
}

// symfonyClass reads the routes of one class.
func (s *scan) symfonyClass(d int32, class *language.Declaration, n node) {
	var heads, routes []*language.Annotation
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		switch {
		case a.Declaration < 0 || a.Parameter != "" || symfonyMethods(a) == nil:
		case a.Declaration == d:
			heads = append(heads, a)
		case s.Facts.Declares[a.Declaration].Owner == class.Name && s.Facts.Declares[a.Declaration].Kind == language.KindMethod:
			routes = append(routes, a)
		}
	}
	prefix, methods := []string{""}, []string(nil)
	if len(heads) > 0 {
		prefix, methods = symfonyPaths(heads[0]), symfonyMethods(heads[0])
	}
	if len(routes) == 0 {
		for _, head := range heads { // the class itself is the handler
			s.symfonyRoutes(head, []string{""}, nil, n, s.phpMethod(class.Name, ""))
		}
		return
	}
	for _, a := range routes {
		method := &s.Facts.Declares[a.Declaration]
		s.symfonyRoutes(a, prefix, methods, n, handler{name: class.Name + "::" + method.Name, path: s.Path, line: method.Line, doc: method.Doc})
	}
}

// symfonyRoutes puts the routes of one annotation.
func (s *scan) symfonyRoutes(a *language.Annotation, prefixes, otherwise []string, on node, h handler) {
	methods := symfonyMethods(a)
	if len(methods) == 0 {
		methods = otherwise
	}
	if len(methods) == 0 {
		methods = []string{methodAny}
	}
	for _, prefix := range prefixes {
		for _, p := range symfonyPaths(a) {
			for _, method := range methods {
				s.route(route{on: on, method: method, path: joinPrefix(braces(prefix), braces(p)), handler: h, line: int(a.Line)})
			}
		}
	}
}

// symfonyPlaces are the prefixes of folders of controllers.
type symfonyPlaces []struct{ dir, prefix string }

func (p symfonyPlaces) of(file string) string {
	best, prefix := -1, ""
	for _, place := range p {
		if rest, ok := strings.CutPrefix(file, place.dir); ok && len(place.dir) > best && (rest == "" || rest[0] == '/') {
			best, prefix = len(place.dir), place.prefix
		}
	}
	return prefix
}

// symfonyEntry is one route, or one import of routes, of a YAML file.
type symfonyEntry struct {
	Resource   yaml.Node `yaml:"resource"`
	Prefix     yaml.Node `yaml:"prefix"`
	Path       yaml.Node `yaml:"path"`
	Controller string    `yaml:"controller"`
	Methods    yaml.Node `yaml:"methods"`
	Defaults   struct {
		Controller string `yaml:"_controller"`
	} `yaml:"defaults"`
}

// maxYAML bounds the files of routes that are read, in bytes.
const maxYAML = 256 << 10

// symfonyPrefixes reads the routes of the tree's YAML files once: those that are
// written there become routes.
func (m *model) symfonyPrefixes(s *scan) symfonyPlaces {
	if m.symfonyRead {
		return m.symfony
	}
	m.symfonyRead = true
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside || len(f.Content) == 0 || len(f.Content) > maxYAML || !isSymfonyRoutes(f.Path) {
			continue
		}
		m.symfonyFile(&scan{file: f, m: m, rule: s.rule})
	}
	return m.symfony
}

func isSymfonyRoutes(p string) bool {
	ext := path.Ext(p)
	return (ext == ".yaml" || ext == ".yml") && (underConfig(p) || strings.TrimSuffix(path.Base(p), ext) == "routes" || strings.TrimSuffix(path.Base(p), ext) == "routing")
}

func (m *model) symfonyFile(s *scan) {
	var doc yaml.Node
	if yaml.Unmarshal(s.Content, &doc) != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return
	}
	root := doc.Content[0]
	on := s.fileNode()
	for k := 0; k+1 < len(root.Content) && k < 2*maxListed; k += 2 {
		var e symfonyEntry
		if strings.HasPrefix(root.Content[k].Value, "when@") || root.Content[k+1].Decode(&e) != nil {
			continue
		}
		if e.Path.Value != "" {
			s.root(on)
			m.symfonyYAML(s, on, &e, root.Content[k].Line)
			continue
		}
		m.symfonyImport(s, &e)
	}
}

// symfonyImport notes the prefix of a folder of controllers, or puts a file of
// routes under one.
func (m *model) symfonyImport(s *scan, e *symfonyEntry) {
	resource := e.Resource.Value
	if e.Resource.Kind == yaml.MappingNode {
		var of struct {
			Path string `yaml:"path"`
		}
		if e.Resource.Decode(&of) != nil {
			return
		}
		resource = of.Path
	}
	if resource == "" || strings.HasPrefix(resource, "@") {
		return
	}
	target := path.Join(folderOf(s.Path), resource)
	if resource == "routing.controllers" { // all classes of the application with routes
		target = path.Join(folderOf(s.Path), "../src")
	}
	if at, ok := m.byPath[target]; ok && isSymfonyRoutes(target) {
		s.mount(s.fileNode(), braces(e.Prefix.Value), m.node(key{kind: byFile, file: at}))
		return
	}
	if len(m.symfony) < maxListed {
		m.symfony = append(m.symfony, struct{ dir, prefix string }{strings.TrimSuffix(target, "/"), braces(e.Prefix.Value)})
	}
}

func (m *model) symfonyYAML(s *scan, on node, e *symfonyEntry, line int) {
	controller := e.Controller
	if controller == "" {
		controller = e.Defaults.Controller
	}
	class, method, _ := strings.Cut(controller, "::")
	h := handler{}
	if class != "" {
		h = s.phpMethod(class, method)
		h.name = strings.ReplaceAll(h.name, "@", "::")
	}
	methods := []string{methodAny}
	if e.Methods.Kind == yaml.SequenceNode {
		methods = nil
		for _, n := range e.Methods.Content {
			methods = append(methods, n.Value)
		}
	} else if e.Methods.Value != "" {
		methods = strings.FieldsFunc(e.Methods.Value, func(c rune) bool { return c == '|' || c == ',' || c == ' ' })
	}
	for _, verb := range methods {
		s.route(route{on: on, method: verb, path: braces(e.Path.Value), handler: h, line: line})
	}
}
