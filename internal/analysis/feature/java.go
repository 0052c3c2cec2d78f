package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// jvm are the languages whose annotations and classes work alike.
var jvm = []string{"Java", "Kotlin"}

// javaRules are the frameworks of this family.
var javaRules = []rule{
	{framework: "Spring", languages: jvm, concerns: importing("org.springframework"), read: readSpring},
	{framework: "Spring WebFlux", languages: jvm, concerns: importing("org.springframework.web.reactive.function.server", "org.springframework.web.servlet.function"), read: readRouterFunctions},
	{framework: "JAX-RS", languages: jvm, concerns: importing("jakarta.ws.rs", "javax.ws.rs"), read: readJAXRS},
	{framework: "Micronaut", languages: jvm, concerns: importing("io.micronaut"), read: readMicronaut},
	{framework: "Quarkus", languages: jvm, concerns: importing("io.quarkus"), read: readQuarkus},
	{framework: "Javalin", languages: jvm, concerns: importing("io.javalin"), read: readJavalin},
	{framework: "picocli", languages: jvm, concerns: importing("picocli"), read: readPicocli},
	{framework: "JPA", languages: jvm, concerns: importing("jakarta.persistence", "javax.persistence"), read: readJPA},
	{framework: "MongoDB", languages: jvm, concerns: importing("org.springframework.data.mongodb"), read: readDocuments},
}

// jvmClass is a type in a file.
type jvmClass struct {
	file *file
	decl int32
}

func (c jvmClass) declaration() *language.Declaration { return &c.file.Facts.Declares[c.decl] }

// qualified is the name that members have as their owner.
func (c jvmClass) qualified() string {
	d := c.declaration()
	return language.Qualify(d.Owner, d.Name)
}

// annotations are those on a declaration itself, not on parameters.
func (f *file) annotations(decl int32) []*language.Annotation {
	if f.annotated == nil {
		f.annotated = map[int32][]int32{}
		for k := range f.Facts.Annotations {
			if a := &f.Facts.Annotations[k]; a.Declaration >= 0 && a.Parameter == "" {
				f.annotated[a.Declaration] = append(f.annotated[a.Declaration], int32(k))
			}
		}
	}
	var out []*language.Annotation
	for _, k := range f.annotated[decl] {
		out = append(out, &f.Facts.Annotations[k])
	}
	return out
}

// annotation is the annotation of one of the names on a declaration, nil for
// none.
func (f *file) annotation(decl int32, names ...string) *language.Annotation {
	for _, a := range f.annotations(decl) {
		for _, name := range names {
			if lastName(a.Name) == name {
				return a
			}
		}
	}
	return nil
}

// jvmClasses are the types that a file declares.
func (s *scan) jvmClasses() []jvmClass {
	var out []jvmClass
	for k := range s.Facts.Declares {
		if kind := s.Facts.Declares[k].Kind; kind == language.KindType || kind == language.KindInterface {
			out = append(out, jvmClass{s.file, int32(k)})
		}
	}
	return out
}

// members are the declarations of a class.
func (c jvmClass) members() []int32 {
	owner := c.qualified()
	var out []int32
	for k := range c.file.Facts.Declares {
		if c.file.Facts.Declares[k].Owner == owner {
			out = append(out, int32(k))
		}
	}
	return out
}

// typeNamed finds a type by the name that a file knows it by: its own, one of
// its package, or an imported one.
func (m *model) typeNamed(f *file, name string) (jvmClass, bool) {
	name = lastName(strings.TrimSpace(name))
	if name == "" {
		return jvmClass{}, false
	}
	f.prepare()
	look := func(at int32) (jvmClass, bool) {
		other := &m.files[at]
		if other.Facts == nil {
			return jvmClass{}, false
		}
		for k := range other.Facts.Declares {
			if d := &other.Facts.Declares[k]; d.Name == name && (d.Kind == language.KindType || d.Kind == language.KindInterface) {
				return jvmClass{other, int32(k)}, true
			}
		}
		return jvmClass{}, false
	}
	if c, ok := look(f.at); ok {
		return c, true
	}
	for _, at := range m.uses(f) {
		if c, ok := look(at); ok {
			return c, true
		}
	}
	for _, at := range m.folders[folderOf(f.Path)] {
		if fileStem(m.files[at].Path) == name {
			if c, ok := look(at); ok {
				return c, true
			}
		}
	}
	return jvmClass{}, false
}

// family is a class with what it extends and implements, itself first.
func (m *model) family(c jvmClass) []jvmClass {
	out := []jvmClass{c}
	for at := 0; at < len(out) && len(out) < maxPlaces; at++ {
		for _, base := range out[at].declaration().Bases {
			b, ok := m.typeNamed(out[at].file, base)
			known := false
			for _, o := range out {
				known = known || o == b
			}
			if ok && !known {
				out = append(out, b)
			}
		}
	}
	return out
}

// annotationTexts are the texts of the first of the arguments that is given;
// "" is the one without a name.
func (m *model) annotationTexts(f *file, a *language.Annotation, names ...string) []string {
	if a == nil {
		return nil
	}
	for _, name := range names {
		for k := range a.Args {
			if a.Args[k].Name == name {
				if list := m.texts(f, &a.Args[k]); len(list) > 0 {
					return list
				}
			}
		}
	}
	return nil
}

// methodHandler is a method of a class as a handler: as the class at hand
// declares it, or else where it comes from.
func (m *model) methodHandler(c, from jvmClass, decl int32) handler {
	name := from.file.Facts.Declares[decl].Name
	h := handler{name: c.declaration().Name + "." + name, path: from.file.Path, line: from.file.Facts.Declares[decl].Line, doc: from.file.Facts.Declares[decl].Doc}
	if c == from {
		return h
	}
	for _, own := range c.members() {
		if d := &c.file.Facts.Declares[own]; d.Name == name && d.Kind == language.KindMethod {
			h.path, h.line = c.file.Path, d.Line
			if d.Doc != "" {
				h.doc = d.Doc
			}
			break
		}
	}
	return h
}

// mapped is a method of a class that answers requests.
type mapped struct {
	from     jvmClass
	decl     int32
	at       *language.Annotation
	methods  []string
	paths    []string
	prefixes []string
}

// routeMapped makes routes of a method: one for each prefix, path and method.
func (s *scan) routeMapped(c jvmClass, r mapped) {
	if len(r.paths) == 0 {
		r.paths = []string{""}
	}
	if len(r.prefixes) == 0 {
		r.prefixes = []string{""}
	}
	from := &scan{file: r.from.file, m: s.m, rule: s.rule}
	h := s.m.methodHandler(c, r.from, r.decl)
	for _, prefix := range r.prefixes {
		for _, path := range r.paths {
			for _, method := range r.methods {
				from.route(route{on: none, sure: true, method: method, path: braces(joinPrefix(prefix, path)), handler: h, line: int(r.at.Line)})
			}
		}
	}
}
