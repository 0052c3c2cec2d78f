package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// near reports whether a file speaks of one of the modules: it imports it, or it
// imports no other of the family and uses, through a few files, one that does.
// Flask's from app import app is a file that names no framework.
func (s *scan) near(family []string, modules ...string) bool {
	if importing(modules...)(s.file) {
		return true
	}
	if importing(family...)(s.file) {
		return false
	}
	seen, level := map[int32]bool{s.at: true}, []int32{s.at}
	for range maxNear {
		var next []int32
		for _, at := range level {
			for _, to := range s.m.uses(&s.m.files[at]) {
				if f := &s.m.files[to]; !seen[to] && f.Facts != nil && len(seen) < maxNearFiles {
					if importing(modules...)(f) {
						return true
					}
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		level = next
	}
	return false
}

// The bounds of near: files on the way, and files looked at.
const (
	maxNear      = 3
	maxNearFiles = 200
)

// imported returns the name that a module gives to what is called here by a
// name and receiver, and whether it comes from one of the modules.
func (s *scan) imported(name, receiver string, modules ...string) (string, bool) {
	first, _, _ := strings.Cut(receiver, ".")
	look := receiver
	if receiver == "" {
		first, look = name, name
	}
	for _, l := range s.locals[first] {
		if !isBelow(s.Facts.Imports[l.imp].Path, modules) {
			continue
		}
		if receiver == "" && l.name != "" {
			return l.name, true
		}
		return name, true
	}
	// import a.b.c is called by its whole path, and from a import * names nothing.
	if receiver != "" && isBelow(look, modules) && s.importsBelow(first) {
		return name, true
	}
	for _, l := range s.locals["*"] {
		if receiver == "" && isBelow(s.Facts.Imports[l.imp].Path, modules) {
			return name, true
		}
	}
	return "", false
}

func (s *scan) importsBelow(first string) bool {
	return slices.ContainsFunc(s.Facts.Imports, func(imp language.Import) bool { return below(imp.Path, first) })
}

func isBelow(path string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return below(path, m) })
}

// namedIn is the router that a name means in a function, or at the top level.
func (s *scan) namedIn(name string, fn int32) node {
	const end = 1 << 30
	if name == "" || name == "?" {
		return none
	}
	if k, ok := s.functionName(name, fn, end); ok {
		return s.m.node(k)
	}
	if k, ok := s.m.fieldName(s.file, name, fn); ok {
		return s.m.node(k)
	}
	if k, ok := s.m.globalName(s.file, name, maxDepth); ok {
		return s.m.node(k)
	}
	if fn < 0 {
		return s.m.node(key{kind: byName, file: s.at, name: name})
	}
	return s.m.node(key{kind: byParam, file: s.at, at: fn, name: name})
}

// decoratedIn is the function around what an annotation stands on.
func (s *scan) decoratedIn(a *language.Annotation) int32 {
	if a.Function < 0 {
		return -1
	}
	return s.around[a.Function]
}

// decorated is the handler that an annotation stands on.
func (s *scan) decorated(a *language.Annotation) handler {
	h := handler{path: s.Path}
	if a.Function >= 0 {
		fn := &s.Facts.Functions[a.Function]
		if h.name, h.line = fn.Name, fn.Line; s.around[a.Function] >= 0 {
			h.name = lastName(fn.Name)
		}
	}
	if a.Declaration >= 0 {
		d := &s.Facts.Declares[a.Declaration]
		if h.doc = d.Doc; a.Function < 0 {
			h.name, h.line = d.Name, d.Line
		}
	}
	return h
}

// constant is the text of an argument: a literal, or a name whose value is one.
// A path that only the running program knows is {}; ok is false without one.
func (s *scan) constant(a *language.Argument) (text string, ok bool) {
	switch {
	case a == nil:
		return "", false
	case a.Kind == language.ArgString:
		if text, ok := s.m.textOf(s.file, a, maxConstants); ok {
			return text, true
		}
		return a.Text, true
	case a.Kind == language.ArgLiteral:
		return "", false
	case a.Kind == language.ArgName:
		if text, ok := s.m.valueOf(s.file, a.Text, maxConstants); ok {
			return text, true
		}
	}
	return "{}", true
}

// valueOf looks for the text that a variable or field holds, in the file or in
// the one that it is imported from.
func (m *model) valueOf(f *file, name string, depth int) (string, bool) {
	if depth <= 0 || name == "" {
		return "", false
	}
	first, _, dotted := strings.Cut(name, ".")
	last := lastName(name)
	f.prepare()
	if !dotted || first == "self" || first == "cls" || first == "this" || len(f.locals[first]) == 0 {
		if text, ok := m.heldText(f, last, dotted, depth); ok {
			return text, true
		}
	}
	for _, l := range f.locals[first] {
		wanted := last
		if !dotted && l.name != "" {
			wanted = l.name
		}
		for _, at := range m.filesOf(f, l) {
			if text, ok := m.heldText(&m.files[at], wanted, dotted, depth); ok {
				return text, true
			}
		}
	}
	if !dotted && len(f.locals[first]) == 0 { // in a class, one of its own fields
		return m.heldText(f, last, true, depth)
	}
	return "", false
}

// heldText is the text of a variable at the top level, or of a field too: a
// literal, or in Python a sum of those and of other names.
func (m *model) heldText(f *file, name string, fields bool, depth int) (string, bool) {
	if f.Facts == nil {
		return "", false
	}
	for i := range f.Facts.Declares {
		d := &f.Facts.Declares[i]
		if d.Name != name || !fields && d.Owner != "" {
			continue
		}
		if text, ok := literalValue(d.Signature); ok {
			return text, true
		}
		if _, sum, ok := strings.Cut(d.Signature, "= "); ok && f.Language == "Python" && strings.Contains(sum, " + ") {
			return m.valueText(f, sum, depth-1)
		}
	}
	return "", false
}

// literalValue is the text in a signature that ends with = "text". Quotes in it
// are not escaped; a sum of texts is none.
func literalValue(signature string) (string, bool) {
	if strings.HasPrefix(signature, "(") {
		return "", false
	}
	for at := 0; ; at += len("= ") {
		next := strings.Index(signature[at:], "= ")
		if next < 0 {
			return "", false
		}
		at += next
		text := signature[at+len("= "):]
		if len(text) < 2 || strings.IndexByte("'\"`", text[0]) < 0 {
			continue
		}
		quote := text[:1]
		return text[1 : len(text)-1], strings.HasSuffix(text, quote) && !strings.Contains(text, quote+" + ")
	}
}

// texts are the literal texts of a list, or of one text.
func texts(a *language.Argument) []string {
	if a == nil {
		return nil
	}
	if a.Kind == language.ArgString {
		return []string{a.Text}
	}
	var out []string
	for i := range a.List {
		switch e := &a.List[i]; e.Kind {
		case language.ArgString:
			out = append(out, e.Text)
		case language.ArgName: // http.HTTPMethod.GET
			out = append(out, lastName(e.Text))
		default:
		}
	}
	return out
}

// positional is argument n of those without a name, or the one of that name.
func positional(args []language.Argument, n int, name string) *language.Argument {
	if name != "" {
		if a := keyword(args, name); a != nil {
			return a
		}
	}
	if n >= 0 && n < len(args) && args[n].Name == "" {
		return &args[n]
	}
	return nil
}

// defineTyped defines the parameters that are written with a router's type.
func (s *scan) defineTyped(types map[string]bool) {
	for fn := range s.Facts.Functions {
		for _, p := range s.parameters(int32(fn)) {
			if types[typeName(strings.Trim(p.typ, `"'`))] {
				s.define(s.m.node(key{kind: byParam, file: s.at, at: int32(fn), name: p.name}), "")
			}
		}
	}
}
