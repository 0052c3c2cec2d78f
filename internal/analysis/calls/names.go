package calls

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// bare resolves f(): a function of the file, of the type around it where the
// language allows that, of the package, of what is imported.
func (r *resolver) bare(from Symbol, name string) []found {
	if list := r.in(from.File, name, atTop); len(list) > 0 {
		return r.constructors(sure(list, sureSelf))
	}
	if owner := r.declaration(from).Owner; owner != "" && impliesThis(r.files[from.File].Language) {
		if list := r.member(from.File, owner, name); len(list) > 0 {
			return list
		}
	}
	if list := r.around(from.File, name, atTop); len(list) > 0 {
		return r.constructors(sure(list, surePackage))
	}
	return r.constructors(r.imported(from.File, name))
}

func impliesThis(lang string) bool {
	return lang == "Java" || lang == "Kotlin" || lang == "C#" || lang == "C++" || lang == "Ruby"
}

// around lists what the other files of the package declare. Tests are seen by
// tests only.
func (r *resolver) around(file int32, name string, want func(*language.Declaration) bool) []Symbol {
	test := r.files[file].Test
	var out []Symbol
	for _, s := range r.nearby[file][name] {
		if s.File != file && (test || !r.files[s.File].Test) && want(r.declaration(s)) {
			out = append(out, s)
		}
	}
	return out
}

// imported lists what the files that are used declare. A name that the import
// takes is surer than one that comes with a whole module.
func (r *resolver) imported(file int32, name string) []found {
	original, taken := r.takenName(file, name)
	confidence := sureImport
	if taken {
		confidence = surePackage
	}
	var list []Symbol
	for _, used := range r.files[file].Uses {
		list = append(list, r.in(used, original, func(d *language.Declaration) bool { return atTop(d) && (d.Exported || taken) })...)
	}
	return sure(list, confidence)
}

// takenName finds a name among those that imports take, and what it is called
// where it is declared.
func (r *resolver) takenName(file int32, name string) (string, bool) {
	if original, taken := r.importsOf(file).taken[name]; taken {
		return original, true
	}
	return name, false
}

// constructors makes a call of a type one of its constructor, where it declares
// one.
func (r *resolver) constructors(list []found) []found {
	for i, f := range list {
		d := r.declaration(f.symbol)
		if !isType(d) {
			continue
		}
		own := func(m *language.Declaration) bool { return m.Owner == d.Name && m.Kind == language.KindMethod }
		for _, name := range []string{"__init__", "constructor", "initialize", "__construct", d.Name, "new"} {
			if made := r.in(f.symbol.File, name, own); len(made) > 0 {
				list[i].symbol = made[0]
				break
			}
		}
	}
	return list
}

// bySelf resolves self.f() and self.field.f().
func (r *resolver) bySelf(from Symbol, rest, name string) []found {
	owner := r.declaration(from).Owner
	if owner == "" {
		return nil
	}
	if rest == "" {
		return r.member(from.File, owner, name)
	}
	field, more, deep := strings.Cut(rest, ".")
	if deep && more != "" {
		return nil
	}
	return r.byField(from.File, owner, field, name)
}

// byField resolves a member of the type that is written for a field.
func (r *resolver) byField(file int32, owner, field, name string) []found {
	for _, s := range r.in(file, field, func(d *language.Declaration) bool { return d.Owner == owner && d.Kind == language.KindField }) {
		if list := r.ofTypes(file, words(r.declaration(s).Signature), name); len(list) > 0 {
			return list
		}
	}
	return r.members(file, name)
}

// byReceiver resolves x.f(): x is a type, a module, a parameter, or something
// that is not known.
func (r *resolver) byReceiver(from Symbol, receiver, name string) []found {
	if list := r.ofTypes(from.File, []string{receiver}, name); len(list) > 0 {
		return list
	}
	d := r.declaration(from)
	if written := besides(d.Signature, receiver); len(written) > 0 {
		return r.ofTypes(from.File, written, name) // of a type that is not in the tree, or its own
	}
	if list, known := r.ofModule(from.File, receiver, name); known {
		return list
	}
	if receiver == receiverName(r.files[from.File].Language, d) && d.Owner != "" {
		return r.member(from.File, d.Owner, name)
	}
	if d.Owner != "" {
		fields := r.in(from.File, receiver, func(f *language.Declaration) bool { return f.Owner == d.Owner && f.Kind == language.KindField })
		if len(fields) > 0 {
			return r.byField(from.File, d.Owner, receiver, name)
		}
	}
	return r.members(from.File, name)
}

// receiverName is what a Go method calls the value that it is of: its
// signature does not say it, so the first letter of the type stands for it.
func receiverName(lang string, d *language.Declaration) string {
	if lang != "Go" || d.Owner == "" {
		return ""
	}
	return strings.ToLower(d.Owner[:1])
}

// byPath resolves a.b.f(): a module and a type, or a receiver and its field.
func (r *resolver) byPath(from Symbol, c *language.Call) []found {
	parts := strings.Split(c.Receiver, ".")
	if list := r.ofTypes(from.File, parts[len(parts)-1:], c.Name); len(list) > 0 {
		return list
	}
	if list, known := r.ofModule(from.File, parts[len(parts)-1], c.Name); known && len(list) > 0 {
		return list
	}
	d := r.declaration(from)
	if len(parts) == 2 && d.Owner != "" && parts[0] == receiverName(r.files[from.File].Language, d) {
		return r.byField(from.File, d.Owner, parts[1], c.Name)
	}
	return r.members(from.File, c.Name)
}

// ofModule resolves f of an imported module; known says that the receiver is
// one, so that it is nothing else.
func (r *resolver) ofModule(file int32, receiver, name string) (list []found, known bool) {
	stems := r.importsOf(file).modules[receiver]
	for _, stem := range stems {
		for _, used := range r.files[file].Uses {
			if !inModule(r.files[used].Path, stem) {
				continue
			}
			list = append(list, sure(r.in(used, name, func(d *language.Declaration) bool { return atTop(d) && d.Exported }), surePackage)...)
		}
	}
	return r.constructors(list), len(stems) > 0
}

// inModule reports whether a path is of a module: the file or a folder above it
// is called so.
func inModule(path, stem string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if name, _, _ := strings.Cut(part, "."); name == stem || strings.TrimPrefix(name, "go-") == stem {
			return true
		}
	}
	return false
}

// ofTypes resolves a member of the first of some names that is a type in sight.
func (r *resolver) ofTypes(file int32, names []string, member string) []found {
	for _, name := range names {
		for _, s := range r.typesNamed(file, name) {
			if list := r.member(s.File, r.declaration(s).Name, member); len(list) > 0 {
				for i := range list {
					list[i].confidence = min(list[i].confidence, sureType)
				}
				return list
			}
		}
	}
	return nil
}

// maxNamesakes bounds the types of one name that are looked through. A package
// can have hundreds (Builder, in Java), each of which extends others of that
// name; those of the file itself come first.
const maxNamesakes = 8

// typesNamed lists the types of a name that a file sees. The list is shared.
func (r *resolver) typesNamed(file int32, name string) []Symbol {
	key := typeKey{file, name}
	if list, known := r.types[key]; known {
		return list
	}
	list := append(r.in(file, name, isType), r.around(file, name, isType)...)
	if len(list) == 0 {
		original, _ := r.takenName(file, name)
		for _, used := range r.files[file].Uses {
			list = append(list, r.in(used, original, isType)...)
		}
		list = list[:min(len(list), maxAmbiguous)]
	}
	list = list[:min(len(list), maxNamesakes)]
	if r.remembered += 1 + len(list); r.remembered > maxRemembered {
		clear(r.types)
		r.remembered = 0
	}
	r.types[key] = list
	return list
}

// typeKey is a type that is looked for by its name, as a file sees it.
type typeKey struct {
	file int32
	name string
}

// memberKey is a member that is looked for in a type, as a file sees it.
type memberKey struct {
	file        int32
	owner, name string
}

// maxRemembered bounds what is kept of the members, and of the types, that were
// looked for.
const maxRemembered = 1_000_000

// member finds a member of a type, or of what it extends: one or none. Calls ask
// for the same few again and again, and the way through what a type extends
// is long where nothing is found.
func (r *resolver) member(file int32, owner, name string) []found {
	key := memberKey{file, owner, name}
	f, known := r.ofType[key]
	if !known {
		if list := r.lookUp(file, owner, &search{name: name, seen: map[Symbol]bool{}, done: map[memberKey]bool{}}); len(list) > 0 {
			f = list[0]
		}
		if len(r.ofType) == maxRemembered {
			clear(r.ofType)
		}
		r.ofType[key] = f
	}
	if f.confidence == 0 {
		return nil
	}
	return []found{f}
}

// search is the way to a member through what types extend.
type search struct {
	name string
	seen map[Symbol]bool    // types whose bases were followed
	done map[memberKey]bool // types in which it was looked for in vain
}

// maxFollowed bounds the types whose bases are followed.
const maxFollowed = 20

// lookUp is member, apart from where the search was before.
func (r *resolver) lookUp(file int32, owner string, way *search) []found {
	key := memberKey{file, owner, way.name}
	if way.done[key] {
		return nil
	}
	own := func(d *language.Declaration) bool {
		return d.Owner == owner && (d.Kind == language.KindMethod || d.Kind == language.KindFunction)
	}
	if list := r.in(file, way.name, own); len(list) > 0 {
		return sure(list[:1], sureSelf) // overloads are one
	}
	if list := r.around(file, way.name, own); len(list) > 0 {
		return sure(list[:1], sureSelf)
	}
	for _, s := range r.typesNamed(file, owner) {
		if len(way.seen) > maxFollowed {
			break
		}
		if way.seen[s] {
			continue
		}
		way.seen[s] = true
		for _, base := range r.declaration(s).Bases {
			for _, t := range r.typesNamed(s.File, last(base)) {
				if list := r.lookUp(t.File, r.declaration(t).Name, way); len(list) > 0 {
					list[0].confidence = min(list[0].confidence, sureBase)
					return list
				}
			}
		}
	}
	way.done[key] = true
	return nil
}

// members lists the members of a name in sight: of the file, its package and
// what it uses.
func (r *resolver) members(file int32, name string) []found {
	isMember := func(d *language.Declaration) bool { return d.Owner != "" && d.Kind == language.KindMethod }
	list := append(r.in(file, name, isMember), r.around(file, name, isMember)...)
	for _, used := range r.files[file].Uses {
		list = append(list, r.in(used, name, isMember)...)
		if len(list) > maxAmbiguous {
			return nil
		}
	}
	return sure(list, guessMember)
}

// words lists the names in the text of a type.
func words(signature string) []string {
	return strings.FieldsFunc(signature, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' })
}

// besides lists the names that stand for the type of a parameter: those between
// it and the next comma in "name: Type" and "name Type", the one before it in
// "Type name".
func besides(signature, parameter string) []string {
	var out []string
	for piece := range strings.SplitSeq(strings.Trim(signature, "()"), ",") {
		w := words(piece)
		if at := slices.Index(w, parameter); at >= 0 {
			out = append(append(out, w[at+1:]...), w[:at]...)
		}
	}
	return out
}
