package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Java: a type is found by its package and name, whatever source root or module
// it lies in; where several modules have it, the one nearest to the importing
// file is meant. Types of the same package are found by the names that the file
// uses. Kotlin shares the packages, and has functions and properties in them
// beside the types. Types of Groovy and Scala, which no parser reads, are found
// by their path.

type javaResolver struct {
	t        *tree
	b        *builder
	packages map[string]names // types by package
	foreign  map[string]int32 // other JVM languages, by package folder and type: "org/example/Thing"
}

func resolveJava(t *tree, b *builder) {
	files := t.spoken("Java", "Kotlin")
	if len(files) == 0 {
		return
	}
	r := &javaResolver{t: t, b: b, packages: map[string]names{}, foreign: map[string]int32{}}
	members := map[string][]int32{}
	for _, i := range files {
		members[t.files[i].Facts.Package] = append(members[t.files[i].Facts.Package], i)
	}
	for pkg, list := range members {
		r.packages[pkg] = r.types(list)
	}
	r.findForeign()
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
}

// types lists the types that files declare, and each file by its own name. A
// type inside another is left out: half of all packages have several Builders.
func (r *javaResolver) types(files []int32) names {
	var out names
	for _, i := range files {
		file := &r.t.files[i]
		end, isKotlin := 0, file.Language == "Kotlin"
		for _, d := range file.Facts.Declares {
			isType := d.Line > end && (d.Kind == language.KindType || d.Kind == language.KindInterface)
			if isType && !isKotlin || isKotlin && d.Owner == "" {
				out = append(out, declared{name: d.Name, file: i, exported: d.Exported})
				end = d.EndLine
			}
		}
		name := stem(file.Path)
		if isKotlin {
			name += "Kt" // what Java calls the functions by
		}
		out = append(out, declared{name: name, file: i, exported: true})
	}
	return out.sorted()
}

// jvmExtensions are the other languages that Java code imports from.
var jvmExtensions = []string{".kt", ".groovy", ".scala"}

// findForeign lists the files of other JVM languages by the folders that their
// packages are spelled in.
func (r *javaResolver) findForeign() {
	note := func(p string, i int32) {
		extension := path.Ext(p)
		if !slices.Contains(jvmExtensions, extension) {
			return
		}
		for _, root := range []string{"/java/", "/kotlin/", "/groovy/", "/scala/"} {
			_, rest, ok := strings.Cut("/"+p, root)
			rest = strings.TrimSuffix(rest, extension)
			if _, known := r.foreign[rest]; ok && !known {
				r.foreign[rest] = i
			}
		}
	}
	for i := range r.t.files {
		note(r.t.files[i].Path, int32(i))
	}
	for p := range r.t.others {
		note(p, notAnalysed)
	}
}

func (r *javaResolver) resolve(i int32, f *language.Facts) {
	imported := map[string]bool{}
	for k := range f.Imports {
		for _, written := range spelled(&f.Imports[k]) {
			r.resolveImport(i, written, imported)
		}
	}
	r.linkUsed(i, f.Package, imported)
}

// spelled returns the import with each name that is taken from it. Facts may
// give a.b.C with the name c, or a.b.C.c.
func spelled(imp *language.Import) []string {
	if len(imp.Names) == 0 {
		return []string{imp.Path}
	}
	out := make([]string, 0, len(imp.Names))
	for _, name := range imp.Names {
		if imp.Path == name || strings.HasSuffix(imp.Path, "."+name) {
			out = append(out, imp.Path)
		} else {
			out = append(out, imp.Path+"."+name)
		}
	}
	return out
}

// resolveImport resolves a.b.C, a.b.C.D, a.b.C.method, a.b.* and a.b.C.*.
func (r *javaResolver) resolveImport(from int32, written string, imported map[string]bool) {
	dotted, star := strings.CutSuffix(written, ".*")
	if star && r.packages[dotted] != nil {
		r.b.internal++
		r.linkUsed(from, dotted, imported)
		return
	}
	for at := strings.LastIndexByte(dotted, '.'); at >= 0; at = strings.LastIndexByte(dotted[:at], '.') {
		pkg := dotted[:at]
		name, _, _ := strings.Cut(dotted[at+1:], ".")
		if types := r.packages[pkg]; types != nil {
			if to, ok := r.nearest(from, types.of(name)); ok {
				imported[name] = true
				r.b.internal++
				r.b.add(to, name, r.b.uses[name], 1)
				return
			}
		}
		if to, ok := r.foreign[strings.ReplaceAll(pkg, ".", "/")+"/"+name]; ok {
			r.b.internal++
			r.b.add(to, name, r.b.uses[name], 1)
			return
		}
	}
	r.outside(dotted, star)
}

// outside counts an import that no file of the tree answers. When the package
// itself is in the tree the type is missing, such as one that is generated.
func (r *javaResolver) outside(dotted string, star bool) {
	pkg := dotted
	if at := strings.LastIndexByte(dotted, '.'); at >= 0 && !star {
		pkg = dotted[:at]
	}
	switch {
	case r.packages[pkg] != nil:
		r.b.missing++
	case isJavaPlatform(pkg):
		r.b.use("maven", "")
	default:
		r.b.use("maven", lowerPackage(pkg))
	}
}

func isJavaPlatform(pkg string) bool {
	first, rest, _ := strings.Cut(pkg, ".")
	switch first {
	case "java", "jdk", "sun", "kotlin":
		return true
	case "javax":
		return !strings.HasPrefix(rest, "inject") && !strings.HasPrefix(rest, "persistence") && !strings.HasPrefix(rest, "servlet") && !strings.HasPrefix(rest, "ws")
	case "com":
		return strings.HasPrefix(rest, "sun.")
	case "org":
		return strings.HasPrefix(rest, "w3c.dom") || strings.HasPrefix(rest, "xml.sax")
	}
	return false
}

// lowerPackage cuts the types off a.b.Outer: packages are written in lower case.
func lowerPackage(dotted string) string {
	parts := strings.Split(dotted, ".")
	for i, p := range parts {
		if i > 0 && p != "" && p[0] >= 'A' && p[0] <= 'Z' {
			return strings.Join(parts[:i], ".")
		}
	}
	return dotted
}

// linkUsed joins a file with the types of a package that it uses, but for those
// that it imports by name from elsewhere.
func (r *javaResolver) linkUsed(from int32, pkg string, imported map[string]bool) {
	types := r.packages[pkg]
	for _, ref := range r.b.refs {
		if imported[ref.Name] {
			continue
		}
		found := types.of(ref.Name)
		if to, ok := r.nearest(from, found); ok {
			r.b.add(to, ref.Name, ref.Count, len(found))
		}
	}
}

func (r *javaResolver) nearest(from int32, found names) (int32, bool) {
	return r.t.nearest(from, found)
}

// sharedFolders counts the folders from the root on that two paths share.
func sharedFolders(a, b string) int {
	n := 0
	for i := 0; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}
