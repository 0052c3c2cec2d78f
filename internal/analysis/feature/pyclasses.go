package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// class is a declaration of a type.
type class struct {
	file int32
	at   int32 // index in Facts.Declares
}

// method is a method of a class, or of one that it extends.
type method struct {
	name    string
	in      class // its declaration
	handler handler
}

// maxBases bounds how far up classes are followed.
const maxBases = 6

// classes are the types that a name can stand for in the file, the best one
// first.
func (s *scan) classes(name string) []class { return s.m.classesOf(s.file, name) }

func (m *model) classesOf(f *file, name string) []class {
	f.prepare()
	first, rest, dotted := strings.Cut(name, ".")
	if !dotted {
		if at := f.typeNamed(name); at >= 0 {
			return []class{{f.at, at}}
		}
	}
	var out []class
	for _, l := range f.locals[first] {
		wanted := l.name
		if dotted {
			wanted = lastName(rest)
		}
		for _, at := range m.filesOf(f, l) {
			if d := m.files[at].typeNamed(wanted); d >= 0 {
				out = append(out, class{at, d})
			}
		}
		if len(out) == 0 { // passed on by the file that it is imported from
			for _, at := range m.uses(f) {
				if d := m.files[at].typeNamed(wanted); d >= 0 && len(out) < maxCandidate {
					out = append(out, class{at, d})
				}
			}
		}
	}
	return out
}

// typeNamed is the declaration of a type, -1 for none.
func (f *file) typeNamed(name string) int32 {
	if f.Facts == nil {
		return -1
	}
	return int32(slices.IndexFunc(f.Facts.Declares, func(d language.Declaration) bool { //nolint:gosec // of one file
		return d.Name == name && (d.Kind == language.KindType || d.Kind == language.KindInterface)
	}))
}

// classMethods lists the methods of a class and of the classes of the tree that
// it extends, each name once, its own first.
func (m *model) classMethods(c class, depth int) []method {
	f := &m.files[c.file]
	f.prepare()
	d := &f.Facts.Declares[c.at]
	var out []method
	qualified := language.Qualify(d.Owner, d.Name)
	for i := range f.Facts.Declares {
		e := &f.Facts.Declares[i]
		if e.Owner != qualified || e.Kind != language.KindMethod {
			continue
		}
		h := handler{name: d.Name + "." + e.Name, path: f.Path, line: e.Line, doc: e.Doc}
		out = append(out, method{e.Name, class{c.file, int32(i)}, h})
	}
	if depth == 0 {
		return out
	}
	for _, base := range d.Bases {
		for _, above := range m.classesOf(f, base) {
			if above == c {
				continue
			}
			for _, inherited := range m.classMethods(above, depth-1) {
				if !slices.ContainsFunc(out, func(own method) bool { return own.name == inherited.name }) {
					inherited.handler.name = d.Name + "." + inherited.name
					out = append(out, inherited)
				}
			}
			break
		}
	}
	return out
}

// basesOf lists the last names of the classes that a class extends, as far up
// as they are in the tree.
func (m *model) basesOf(c class, depth int) []string {
	f := &m.files[c.file]
	var out []string
	for _, base := range f.Facts.Declares[c.at].Bases {
		out = append(out, lastName(base))
		if depth == 0 {
			continue
		}
		for _, above := range m.classesOf(f, base) {
			if above != c && len(out) < maxCandidate {
				out = append(out, m.basesOf(above, depth-1)...)
			}
			break
		}
	}
	return out
}

// classField is the text that a field of a class, or of one that it extends,
// holds, "" for none.
func (m *model) classField(c class, name string, depth int) string {
	f := &m.files[c.file]
	d := &f.Facts.Declares[c.at]
	for i := range f.Facts.Declares {
		if e := &f.Facts.Declares[i]; e.Name == name && e.Owner == language.Qualify(d.Owner, d.Name) {
			if text, ok := literalValue(e.Signature); ok {
				return text
			}
		}
	}
	if depth == 0 {
		return ""
	}
	for _, base := range d.Bases {
		for _, above := range m.classesOf(f, base) {
			if text := m.classField(above, name, depth-1); above != c && text != "" {
				return text
			}
		}
	}
	return ""
}

// classHandler is a class as a handler.
func (m *model) classHandler(c class) handler {
	f := &m.files[c.file]
	d := &f.Facts.Declares[c.at]
	return handler{name: d.Name, path: f.Path, line: d.Line, doc: d.Doc}
}
