package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// haloEndpoint is the interface of the endpoints that halo and its plugins add.
const haloEndpoint = "run.halo.app.core.extension.endpoint.CustomEndpoint"

// customEndpoints are the prefixes of the classes of a file that are custom
// endpoints of halo: what groupVersion returns, below /apis.
func (s *scan) customEndpoints() map[string]string {
	var out map[string]string
	for _, c := range s.jvmClasses() {
		if !s.isCustomEndpoint(c) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		prefix := "{}/{}"
		for _, of := range s.m.family(c) {
			if text, found := s.m.groupVersion(of); found {
				prefix = text
				break
			}
		}
		out[c.declaration().Name] = "apis/" + prefix
	}
	return out
}

func (s *scan) isCustomEndpoint(c jvmClass) bool {
	for _, base := range c.declaration().Bases {
		if lastName(base) != "CustomEndpoint" {
			continue
		}
		for k := range s.Facts.Imports {
			if s.Facts.Imports[k].Path == haloEndpoint {
				return true
			}
		}
		if s.Facts.Package+".CustomEndpoint" == haloEndpoint {
			return true
		}
	}
	return false
}

// groupVersion is what the method of a class returns, as far as its text tells;
// found says that the class has the method.
func (m *model) groupVersion(c jvmClass) (text string, found bool) {
	f := c.file
	for fn := range f.Facts.Functions {
		if f.Facts.Functions[fn].Name != c.qualified()+".groupVersion" {
			continue
		}
		for n := range f.Facts.Invocations {
			inv := &f.Facts.Invocations[n]
			if int(inv.Function) != fn || inv.Within >= 0 {
				continue
			}
			if text := m.madeVersion(f, inv); text != "" {
				return text, true
			}
		}
		return "{}/{}", true
	}
	return "", false
}

// madeVersion reads new GroupVersion("g", "v"), parseAPIVersion("g/v") and
// PublicApiUtils.groupVersion(new Post()), which is that of the class Post
// behind api.
func (m *model) madeVersion(f *file, inv *language.Invocation) string {
	var parts []string
	switch {
	case inv.Name == "parseAPIVersion" && len(inv.Args) == 1, inv.Name == "GroupVersion" && inv.New && len(inv.Args) == 2:
		for k := range inv.Args {
			text, ok := m.textOf(f, &inv.Args[k], maxConstants)
			if !ok {
				return ""
			}
			parts = append(parts, text)
		}
	case inv.Name == "groupVersion" && lastName(inv.Receiver) == "PublicApiUtils" && len(inv.Args) == 1 && inv.Args[0].Call >= 0:
		c, ok := m.typeNamed(f, f.Facts.Invocations[inv.Args[0].Call].Name)
		if !ok {
			return ""
		}
		kind := c.file.annotation(c.decl, "GVK")
		group, version := first(m.annotationTexts(c.file, kind, "group")), first(m.annotationTexts(c.file, kind, "version"))
		if kind == nil || version == "" {
			return ""
		}
		if group == "" {
			group = "halo.run"
		}
		parts = []string{"api." + group, version}
	}
	return strings.Join(parts, "/")
}
