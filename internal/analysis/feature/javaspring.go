package feature

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// springVerbs are the annotations that map one method.
var springVerbs = map[string]string{
	"GetMapping": "GET", "PostMapping": "POST", "PutMapping": "PUT", "DeleteMapping": "DELETE", "PatchMapping": "PATCH",
}

// readSpring reads the controllers of a file, with the mappings that they
// inherit. Interfaces of clients (@FeignClient, @HttpExchange) are no
// controllers.
func readSpring(s *scan) {
	for _, c := range s.jvmClasses() {
		if s.isController(c) {
			s.springClass(c)
		}
	}
	s.springJobs()
}

// isController reports whether a class is a controller by its annotations, or
// by an annotation of the tree that has them.
func (s *scan) isController(c jvmClass) bool {
	if c.declaration().Kind != language.KindType || s.annotation(c.decl, "FeignClient") != nil {
		return false
	}
	if a := s.annotation(c.decl, "RestController", "Controller"); a != nil {
		return !s.importsOf("io.micronaut.http")
	}
	for _, a := range s.annotations(c.decl) {
		if own, ok := s.m.typeNamed(s.file, a.Name); ok && own.file.annotation(own.decl, "RestController", "Controller") != nil {
			return true
		}
	}
	return false
}

func (s *scan) importsOf(module string) bool {
	for i := range s.Facts.Imports {
		if below(s.Facts.Imports[i].Path, module) {
			return true
		}
	}
	return false
}

func (s *scan) springClass(c jvmClass) {
	family := s.m.family(c)
	var prefixes []string
	for _, f := range family {
		if a := f.file.annotation(f.decl, "RequestMapping"); a != nil {
			prefixes = s.m.springPaths(f.file, a)
			break
		}
	}
	base := s.m.servletPath(s.file)
	for k := range prefixes {
		prefixes[k] = joinPrefix(base, prefixes[k])
	}
	if len(prefixes) == 0 {
		prefixes = []string{base}
	}
	done := map[string]bool{}
	for _, f := range family {
		for _, decl := range f.members() {
			d := &f.file.Facts.Declares[decl]
			if d.Kind != language.KindMethod && d.Kind != language.KindFunction {
				continue
			}
			key := d.Name + parameterTypes(d.Signature)
			for _, a := range f.file.annotations(decl) {
				if methods := springMethods(a); methods != nil && (f == c || !done[key]) {
					s.routeMapped(c, mapped{f, decl, a, methods, s.m.springPaths(f.file, a), prefixes})
					done[key] = true
				}
			}
		}
	}
}

// parameterTypes tells methods of one name apart.
func parameterTypes(signature string) string {
	var b strings.Builder
	for _, p := range parseParameters(signature, "Java") {
		b.WriteString("," + typeName(p.typ))
	}
	return b.String()
}

// springMethods are the methods that an annotation maps, nil when it maps none.
func springMethods(a *language.Annotation) []string {
	name := lastName(a.Name)
	if verb := springVerbs[name]; verb != "" {
		return []string{verb}
	}
	if name != "RequestMapping" {
		return nil
	}
	method := keyword(a.Args, "method")
	if method == nil {
		return []string{methodAny}
	}
	list := []language.Argument{*method}
	if method.Kind == language.ArgList {
		list = method.List
	}
	var out []string
	for k := range list {
		out = append(out, lastName(list[k].Text))
	}
	return out
}

// springPaths are the paths of a mapping. A path that cannot be told is {}.
func (m *model) springPaths(f *file, a *language.Annotation) []string {
	list := m.annotationTexts(f, a, "", "value", "path")
	for k := range list {
		list[k] = m.placeholders(f, list[k])
	}
	if len(list) == 0 {
		for _, name := range []string{"", "value", "path"} {
			for k := range a.Args {
				if a.Args[k].Name == name && a.Args[k].Kind == language.ArgName {
					return []string{"{}"}
				}
			}
		}
	}
	return list
}

// placeholders puts settings in place of ${name:default}.
func (m *model) placeholders(f *file, text string) string {
	for range maxConstants {
		before, rest, ok := strings.Cut(text, "${")
		if !ok {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			break
		}
		name, value, _ := strings.Cut(inside, ":")
		if set := m.setting(f, name); set != "" {
			value = set
		}
		if value == "" {
			value = "{}"
		}
		text = before + value + after
	}
	return text
}

// servletPath is what stands in front of every path of an application.
func (m *model) servletPath(f *file) string {
	var parts []string
	for _, name := range []string{"server.servlet.context-path", "server.servlet.contextPath", "server.context-path", "spring.mvc.servlet.path", "spring.webflux.base-path"} {
		if v := m.setting(f, name); v != "" && !strings.Contains(v, "${") {
			parts = append(parts, v)
		}
	}
	return strings.TrimSuffix(joinPrefix(parts...), "/")
}

// setting is a setting of the application that a file belongs to: that of the
// application.properties or application.yml of its module.
func (m *model) setting(f *file, name string) string {
	module, _, ok := strings.Cut("/"+f.Path, "/src/")
	if !ok {
		return ""
	}
	return m.settingsOf(strings.TrimPrefix(module, "/"))[name]
}

func (m *model) settingsOf(module string) map[string]string {
	if all, ok := m.settings[module]; ok {
		return all
	}
	all := map[string]string{}
	for i := range m.files {
		f := &m.files[i]
		folder, name := path.Split(f.Path)
		if f.Content == nil || f.Test || path.Join(module, "src/main/resources") != path.Clean(folder) && path.Join(module, "src/main/resources/config") != path.Clean(folder) {
			continue
		}
		switch name {
		case "application.properties":
			readProperties(f.Content, all)
		case "application.yml", "application.yaml":
			var node any
			// Only the first document: others are of profiles.
			if yaml.Unmarshal(f.Content, &node) == nil {
				flattenSettings("", node, all, maxDepth)
			}
		}
	}
	if m.settings == nil {
		m.settings = map[string]map[string]string{}
	}
	m.settings[module] = all
	return all
}

// maxSettings bounds the settings of one module.
const maxSettings = 5_000

func readProperties(content []byte, all map[string]string) {
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "!") || len(all) >= maxSettings {
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok {
			all[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
}

func flattenSettings(prefix string, node any, all map[string]string, depth int) {
	if depth == 0 || len(all) >= maxSettings {
		return
	}
	switch v := node.(type) {
	case map[string]any:
		for name, inner := range v {
			flattenSettings(strings.TrimPrefix(prefix+"."+name, "."), inner, all, depth-1)
		}
	case string:
		all[prefix] = v
	}
}
