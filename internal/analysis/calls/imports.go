package calls

import (
	"slices"
	"strings"
)

// imports is what a file's imports call things. It is asked for with every call,
// so it is made once.
type imports struct {
	taken   map[string]string   // by the name here: what it is called where it is declared
	modules map[string][]string // by the name here: what the modules are called that it may stand for
}

// importsOf returns what the imports of a file call things.
func (r *resolver) importsOf(file int32) *imports {
	if r.imports[file] == nil {
		r.imports[file] = r.readImports(file)
	}
	return r.imports[file]
}

func (r *resolver) readImports(file int32) *imports {
	out := &imports{taken: map[string]string{}, modules: map[string][]string{}}
	take := func(local, original string) {
		if _, known := out.taken[local]; !known {
			out.taken[local] = original
		}
	}
	list := r.files[file].Facts.Imports
	for i := range list {
		imp := &list[i]
		stem := lastPart(imp.Path)
		for n, name := range imp.Names {
			if n < len(imp.Locals) {
				take(imp.Locals[n], name)
			} else {
				take(name, name)
			}
			if slices.Index(imp.Names, name) == n {
				out.modules[name] = append(out.modules[name], name) // from package import module
			}
		}
		if len(imp.Names) == 0 && !slices.Contains(imp.Locals, stem) {
			take(stem, stem) // import a.b.Name
		}
		local := stem
		if len(imp.Names) == 0 && len(imp.Locals) > 0 {
			local = imp.Locals[0]
		}
		if !slices.Contains(imp.Names, local) {
			out.modules[local] = append(out.modules[local], stem)
		}
	}
	return out
}

func lastPart(path string) string {
	path = strings.TrimRight(path, "/.*")
	name := path[strings.LastIndexAny(path, "/.:\\")+1:]
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" && strings.Contains(path, "/") {
		return lastPart(path[:len(path)-len(name)])
	}
	return name
}
