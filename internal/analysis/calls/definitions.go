package calls

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Definitions tells, for declarations of C and C++ that stand for others, which
// these are: the prototype of a function, or a method in a class, stands for the
// definition; a function that a file of C defines once for each platform for the
// first of them. Functions that a file keeps to itself stand for themselves.
func Definitions(files []File) map[Symbol]Symbol {
	d := newDefiner(files)
	for i := range files {
		if files[i].Facts == nil || !isC(files[i].Language) {
			continue
		}
		for k := range files[i].Facts.Declares {
			s := Symbol{int32(i), int32(k)}
			if decl := d.at(s); !d.body[s] && (decl.Kind == language.KindFunction || decl.Kind == language.KindMethod) {
				if to, ok := d.choose(s, d.byName[nameOf(decl)]); ok {
					d.of[s] = to
				}
			}
		}
	}
	return d.of
}

func isC(lang string) bool { return slices.Contains(language.CFamily, lang) }

// definer looks for definitions.
type definer struct {
	files  []File
	body   map[Symbol]bool
	byName map[string][]Symbol // definitions that other files can use, of one file the first of each name and signature
	of     map[Symbol]Symbol
}

func newDefiner(files []File) *definer {
	d := &definer{files: files, body: map[Symbol]bool{}, byName: map[string][]Symbol{}, of: map[Symbol]Symbol{}}
	for i := range files {
		f := &files[i]
		if f.Facts == nil || !isC(f.Language) {
			continue
		}
		first := map[string]Symbol{}
		for n, k := range owners(f.Facts) {
			if k < 0 || f.Facts.Declares[k].Name != last(f.Facts.Functions[n].Name) {
				continue
			}
			s := Symbol{int32(i), k}
			decl := d.at(s)
			d.body[s] = true
			if f.Language == "C" && decl.Owner == "" {
				if one, known := first[decl.Name]; known && one != s {
					d.of[s] = one
					continue
				}
				first[decl.Name] = s
			}
			if decl.Exported || decl.Kind == language.KindMethod {
				d.byName[nameOf(decl)] = append(d.byName[nameOf(decl)], s)
			}
		}
	}
	return d
}

func (d *definer) at(s Symbol) *language.Declaration {
	return &d.files[s.File].Facts.Declares[s.Declaration]
}

// nameOf is what a definition shares with its declaration: the name, after that
// of the type. Namespaces may be opened or written.
func nameOf(d *language.Declaration) string {
	if d.Owner == "" {
		return d.Name
	}
	return last(d.Owner) + "." + d.Name
}

// choose picks the definition that a declaration stands for: the only one, else
// the only one in files that use the file of the declaration, that are called
// like it, or that lie in its folder. Of several in one file, overloads, it is the
// one with the same parameters.
func (d *definer) choose(s Symbol, found []Symbol) (Symbol, bool) {
	header := d.files[s.File].Path
	for _, near := range []func(f *File) bool{
		func(*File) bool { return true },
		func(f *File) bool { return slices.Contains(f.Uses, s.File) },
		func(f *File) bool { return stemOf(f.Path) == stemOf(header) },
		func(f *File) bool { return path.Dir(f.Path) == path.Dir(header) },
	} {
		var list []Symbol
		for _, to := range found {
			if near(&d.files[to.File]) {
				list = append(list, to)
			}
		}
		if len(list) > 0 && !slices.ContainsFunc(list, func(to Symbol) bool { return to.File != list[0].File }) {
			for _, to := range list {
				if d.at(to).Signature == d.at(s).Signature {
					return to, true
				}
			}
			return list[0], true
		}
	}
	return Symbol{}, false
}

func stemOf(p string) string { return strings.TrimSuffix(path.Base(p), path.Ext(p)) }

// defined puts definitions in the place of what stands for them. A function that
// one file alone defines for others is what a program calls by that name.
func (r *resolver) defined(list []found) []found {
	if len(r.definitions) == 0 {
		return list
	}
	out := list[:0]
	for _, f := range list {
		to, stands := r.definitions[f.symbol]
		if stands {
			f.symbol = to
			if d := r.declaration(to); d.Owner == "" && d.Exported && f.confidence == sureImport {
				f.confidence = surePackage
			}
		}
		if at := slices.IndexFunc(out, func(o found) bool { return o.symbol == f.symbol }); at >= 0 {
			out[at].confidence = max(out[at].confidence, f.confidence)
			continue
		}
		out = append(out, f)
	}
	return out
}
