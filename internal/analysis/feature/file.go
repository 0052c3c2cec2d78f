package feature

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// file is a file with what is looked up in it. The indexes are made when the
// first rule concerns itself with the file, or a name leads to it.
type file struct {
	*File

	at        int32
	prepared  bool
	bindings  map[string][]int32 // invocations by the name that their result is bound to
	functions map[string][]int32 // by last name
	inner     map[int32]bool     // invocations that another is called on
	around    []int32            // by function: the function around it, -1
	declared  []int32            // by function: its declaration, -1
	variables map[string]bool    // at the top level, nil before they are asked for
	annotated map[int32][]int32  // annotations by declaration
	locals    map[string][]local // what is imported, by the name that it has here
	canonical []int32            // of an invocation: the one whose result it returns, nil when each has its own
}

// local is one name that an import brings.
type local struct {
	imp  int32  // index in Facts.Imports
	name string // in the other file, "" for the module as a whole
}

func (f *file) prepare() {
	if f.prepared || f.Facts == nil {
		return
	}
	f.prepared = true
	f.bindings, f.functions, f.inner = map[string][]int32{}, map[string][]int32{}, map[int32]bool{}
	for i := range f.Facts.Invocations {
		if on := f.Facts.Invocations[i].On; on >= 0 {
			f.inner[on] = true
		}
		if name := f.Facts.Invocations[i].Result; name != "" {
			f.bindings[name] = append(f.bindings[name], int32(i))
		}
	}
	for i := range f.Facts.Functions {
		name := lastName(f.Facts.Functions[i].Name)
		f.functions[name] = append(f.functions[name], int32(i))
	}
	f.nest()
	f.declare()
	f.importLocals()
	f.canon()
}

// nest finds for each function the innermost one around it.
func (f *file) nest() {
	all := f.Facts.Functions
	order := make([]int32, len(all))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(all[a].Line, all[b].Line), cmp.Compare(all[b].EndLine, all[a].EndLine))
	})
	f.around = make([]int32, len(all))
	var open []int32
	for _, i := range order {
		for len(open) > 0 && all[open[len(open)-1]].EndLine < all[i].EndLine {
			open = open[:len(open)-1]
		}
		f.around[i] = -1
		if len(open) > 0 && all[open[len(open)-1]].Line <= all[i].Line {
			f.around[i] = open[len(open)-1]
		}
		open = append(open, i)
	}
}

// declare joins functions with their declarations, by line and name.
func (f *file) declare() {
	type place struct {
		line int
		name string
	}
	at := map[place]int32{}
	for i := range f.Facts.Declares {
		d := &f.Facts.Declares[i]
		if d.Kind == language.KindField {
			continue
		}
		if _, ok := at[place{d.Line, d.Name}]; !ok {
			at[place{d.Line, d.Name}] = int32(i)
		}
	}
	f.declared = make([]int32, len(f.Facts.Functions))
	for i := range f.declared {
		fn := &f.Facts.Functions[i]
		f.declared[i] = -1
		if d, ok := at[place{fn.Line, lastName(fn.Name)}]; ok {
			f.declared[i] = d
		}
	}
}

// importLocals lists the names that imports bring.
func (f *file) importLocals() {
	f.locals = map[string][]local{}
	add := func(as string, l local) {
		if as != "" {
			f.locals[as] = append(f.locals[as], l)
		}
	}
	for i := range f.Facts.Imports {
		imp := &f.Facts.Imports[i]
		if len(imp.Names) == 0 {
			as := moduleName(imp.Path)
			if len(imp.Locals) > 0 {
				as = imp.Locals[0]
			}
			add(as, local{imp: int32(i)})
			continue
		}
		for k, name := range imp.Names {
			as := name
			if k < len(imp.Locals) {
				as = imp.Locals[k]
			}
			add(as, local{imp: int32(i), name: name})
		}
	}
}

// moduleName is what a module is called after its path: the last part, without
// an extension, before a major version of Go.
func moduleName(path string) string {
	var parts []string
	if strings.Contains(path, "/") || strings.HasPrefix(path, ".") {
		parts = strings.Split(path, "/")
	} else {
		parts = strings.FieldsFunc(path, func(r rune) bool { return r == '\\' || r == ':' || r == '.' })
	}
	for len(parts) > 0 {
		last := parts[len(parts)-1]
		if i := strings.IndexByte(last, '.'); i > 0 {
			last = last[:i]
		}
		if last == "" || last == "." || last == "index" || len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
			parts = parts[:len(parts)-1]
			continue
		}
		return last
	}
	return ""
}

// lastName is a qualified name without what qualifies it.
func lastName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// ownerName is what qualifies a name, "" for none.
func ownerName(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }

// signature is that of a function, "" when it is not known.
func (f *file) signature(fn int32) string {
	if fn < 0 || int(fn) >= len(f.declared) || f.declared[fn] < 0 {
		return ""
	}
	return f.Facts.Declares[f.declared[fn]].Signature
}

// parameter is a parameter of a function, with its type if that is written.
type parameter struct{ name, typ string }

// parameters are those of a function, without the receiver of a method.
func (f *file) parameters(fn int32) []parameter {
	if fn < 0 || int(fn) >= len(f.Facts.Functions) {
		return nil
	}
	if takes := f.Facts.Functions[fn].Takes; takes != "" {
		return takenParameters(takes)
	}
	return parseParameters(f.signature(fn), f.Language)
}

// takenParameters reads the parameters as an ArgFunction tells them.
func takenParameters(takes string) []parameter {
	var out []parameter
	for i, part := range splitTop(takes) {
		name, typ, _ := strings.Cut(part, ":")
		if name = strings.TrimSpace(name); i > 0 || name != "self" && name != "cls" {
			out = append(out, parameter{name, strings.TrimSpace(typ)})
		}
	}
	return out
}

// typeFirst are the languages that write the type before the name.
var typeFirst = map[string]bool{"Java": true, "C#": true, "PHP": true, "C": true, "C++": true}

// parseParameters reads the first parentheses of a signature.
func parseParameters(signature, lang string) []parameter {
	start := strings.IndexByte(signature, '(')
	if start < 0 {
		return nil
	}
	n := group(signature[start:])
	if n < 2 {
		return nil
	}
	var out []parameter
	for _, part := range splitTop(signature[start+1 : start+n-1]) {
		if p := parseParameter(part, lang); p.name != "" && (len(out) > 0 || p.name != "self" && p.name != "cls") {
			out = append(out, p)
		}
	}
	if lang == "Go" {
		spreadTypes(out)
	}
	return out
}

func parseParameter(part, lang string) parameter {
	part, _, _ = strings.Cut(part, "=")
	part = strings.TrimSpace(part)
	if name, typ, ok := strings.Cut(part, ":"); ok && !typeFirst[lang] && lang != "Go" {
		fields := strings.Fields(strings.Trim(name, "?*&"))
		if len(fields) == 0 {
			return parameter{}
		}
		return parameter{strings.TrimLeft(fields[len(fields)-1], "*&"), strings.TrimSpace(typ)}
	}
	fields := strings.Fields(part)
	switch {
	case len(fields) == 0:
		return parameter{}
	case typeFirst[lang]:
		return parameter{strings.TrimLeft(fields[len(fields)-1], "$&*."), strings.Join(fields[:len(fields)-1], " ")}
	case len(fields) == 1:
		return parameter{name: strings.TrimLeft(fields[0], "*&")}
	}
	return parameter{strings.TrimLeft(fields[0], "*&"), strings.Join(fields[1:], " ")}
}

// spreadTypes gives a, b int the type of b to a too.
func spreadTypes(list []parameter) {
	for i := len(list) - 2; i >= 0; i-- {
		if list[i].typ == "" {
			list[i].typ = list[i+1].typ
		}
	}
}

// splitTop splits at the commas outside of brackets.
func splitTop(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{', '<':
			depth++
		case ')', ']', '}', '>':
			depth--
		case ',':
			if depth == 0 {
				out, start = append(out, s[start:i]), i+1
			}
		}
	}
	return append(out, s[start:])
}

// parameterNames are the names in the text of an ArgFunction.
func parameterNames(text string) []string {
	if text == "" {
		return nil
	}
	names := splitTop(text)
	for i := range names {
		name, _, _ := strings.Cut(names[i], ":")
		names[i] = strings.TrimSpace(name)
	}
	return names
}
