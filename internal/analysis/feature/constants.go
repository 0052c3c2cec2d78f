package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// maxConstants bounds the constants that one constant is made of.
const maxConstants = 6

// written returns argument n of an invocation if it is a text: a literal, a
// constant of the tree, or a sum of both. What stays unknown in it is {}.
func (s *scan) written(i int32, n int) (string, bool) {
	args := s.Facts.Invocations[i].Args
	if n < 0 || n >= len(args) {
		return "", false
	}
	return s.m.textOf(s.file, &args[n], maxConstants)
}

// textOf is the text of an argument in a file.
func (m *model) textOf(f *file, a *language.Argument, depth int) (string, bool) {
	switch a.Kind {
	case language.ArgName:
		return m.constantOf(f, a.Text, depth)
	case language.ArgString:
	default:
		return "", false
	}
	text := a.Text
	if len(a.List) == 0 {
		return text, true
	}
	var b strings.Builder
	for k := range a.List {
		before, after, ok := strings.Cut(text, "{}")
		if !ok {
			break
		}
		b.WriteString(before)
		value, known := m.textOf(f, &a.List[k], depth)
		if !known {
			value = "{}"
		}
		b.WriteString(value)
		text = after
	}
	b.WriteString(text)
	return b.String(), b.Len() <= maxPathBytes
}

// constantOf is the value of a constant by the name that it has in a file.
func (m *model) constantOf(f *file, name string, depth int) (string, bool) {
	if depth <= 0 || name == "" {
		return "", false
	}
	if f.Language == "Python" {
		return m.valueOf(f, name, depth)
	}
	owner, last := ownerName(name), lastName(name)
	f.prepare()
	if text, ok := m.declaredText(f, lastName(owner), last, depth); ok {
		return text, true
	}
	first, _, _ := strings.Cut(name, ".")
	for _, l := range f.locals[first] {
		for _, at := range m.filesOf(f, l) {
			of := lastName(owner)
			if f.Language == "Go" {
				of = ""
			}
			if text, ok := m.declaredText(&m.files[at], of, last, depth); ok {
				return text, true
			}
		}
	}
	if f.Language == "Go" && owner != "" {
		return "", false
	}
	for _, at := range m.folders[folderOf(f.Path)] {
		if at != f.at && m.files[at].Language == f.Language && (f.Language == "Go" || owner != "") {
			if text, ok := m.declaredText(&m.files[at], lastName(owner), last, depth); ok {
				return text, true
			}
		}
	}
	return m.inheritedText(f, owner, last, depth)
}

// inheritedText looks a constant of Java up in the types that a file's types
// extend, and in the one file that is called as its type.
func (m *model) inheritedText(f *file, owner, name string, depth int) (string, bool) {
	if f.Language == "Go" {
		return "", false
	}
	wanted := []string{lastName(owner)}
	if owner == "" {
		wanted = nil
		for i := range f.Facts.Declares {
			wanted = append(wanted, f.Facts.Declares[i].Bases...)
		}
	}
	for _, base := range wanted[:min(len(wanted), maxDepth)] {
		for _, at := range m.uses(f) {
			if other := &m.files[at]; fileStem(other.Path) == lastName(base) && other.Facts != nil {
				if text, ok := m.declaredText(other, lastName(base), name, depth); ok {
					return text, true
				}
			}
		}
	}
	return "", false
}

// declaredText is the value of a constant that a file declares, in a type where
// one is given.
func (m *model) declaredText(f *file, owner, name string, depth int) (string, bool) {
	if f.Facts == nil {
		return "", false
	}
	for i := range f.Facts.Declares {
		d := &f.Facts.Declares[i]
		if d.Name != name || d.Kind != language.KindConstant || owner != "" && lastName(d.Owner) != owner {
			continue
		}
		if _, value, ok := strings.Cut(d.Signature, "= "); ok && !strings.HasSuffix(value, "…") {
			return m.valueText(f, value, depth-1)
		}
	}
	return "", false
}

// valueText reads "a" + B + c.D.
func (m *model) valueText(f *file, value string, depth int) (string, bool) {
	var b strings.Builder
	for value = strings.TrimSpace(value); value != ""; value = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(value), "+")) {
		if strings.IndexByte("\"`", value[0]) >= 0 {
			end := closing(value)
			if end < 0 {
				return "", false
			}
			b.WriteString(value[1:end])
			value = value[end+1:]
			continue
		}
		n := 0
		for n < len(value) && (identifier(value[n]) || value[n] == '.') {
			n++
		}
		text, ok := m.constantOf(f, value[:n], depth)
		if n == 0 || !ok {
			return "", false
		}
		b.WriteString(text)
		value = value[n:]
	}
	return b.String(), b.Len() <= maxPathBytes
}

// closing is the place of the quote that ends the text at the beginning of s.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0]:
			return i
		}
	}
	return -1
}

// texts are the texts of an argument that is one or a list of them.
func (m *model) texts(f *file, a *language.Argument) []string {
	if a == nil {
		return nil
	}
	list := []language.Argument{*a}
	if a.Kind == language.ArgList {
		list = a.List
	}
	var out []string
	for k := range list {
		if text, ok := m.textOf(f, &list[k], maxConstants); ok && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
