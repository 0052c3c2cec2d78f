package gocalls

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxSteps bounds the ways from type to type that are followed in a package.
const maxSteps = 2_000_000

// shape is what a package declares under a name, without the types that it names.
type shape struct {
	digest string
	inside []string // types of the package that it names
	beyond []string // digests of types of other packages
}

// digest tells what others see of a package. Where that would be too long, it
// stands for the whole content.
func (c *checker) digest(u *unit, t *task, k *types.Package, content string) {
	u.name = k.Name()
	shapes, cut := c.shapes(k)
	exports, all := newSum("exports"), newSum("all")
	exports.text(k.Name())
	all.text(k.Name())
	steps := 0
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		digest := closed(shapes, name, &steps)
		if steps > maxSteps {
			cut = true
			break
		}
		u.seen = append(u.seen, seen{name, digest})
		all.text(name + " " + digest)
		if k.Scope().Lookup(name).Exported() {
			exports.text(name + " " + digest)
		}
	}
	for _, unknown := range sortedKeys(c.external.scan(t.trees, t.own)) {
		all.text(unknown)
	}
	u.exports, u.all = exports.digest(), all.digest()
	if cut {
		u.seen, u.whole, u.exports, u.all = nil, content, content, content
	}
}

// shapes lists what a package declares. cut tells of one that is too long.
func (c *checker) shapes(k *types.Package) (shapes map[string]*shape, cut bool) {
	shapes = map[string]*shape{}
	for _, name := range k.Scope().Names() {
		s := &shape{}
		w := keyWriter{fset: c.fset}
		named := map[*types.TypeName]bool{}
		w.mention = func(obj *types.TypeName) {
			if named[obj] {
				return
			}
			named[obj] = true
			if obj.Pkg() == k {
				s.inside = append(s.inside, obj.Name())
			} else if other := c.own[obj.Pkg()]; other != nil {
				s.beyond = append(s.beyond, obj.Pkg().Path()+" "+obj.Name()+" "+other.sees(obj.Name()))
			}
		}
		w.object(k.Scope().Lookup(name))
		cut = cut || w.cut
		text := newSum("shape")
		text.text(w.String())
		s.digest = text.digest()
		shapes[name] = s
	}
	return shapes, cut
}

// closed is the digest of a name with all types that can be reached from it.
func closed(shapes map[string]*shape, name string, steps *int) string {
	reached := map[string]bool{name: true}
	var beyond []string
	for queue := []string{name}; len(queue) > 0; {
		s := shapes[queue[0]]
		queue = queue[1:]
		if s == nil {
			continue // declared in a function
		}
		*steps += 1 + len(s.inside) + len(s.beyond)
		beyond = append(beyond, s.beyond...)
		for _, next := range s.inside {
			if !reached[next] {
				reached[next] = true
				queue = append(queue, next)
			}
		}
	}
	all := newSum("closed")
	for _, next := range slices.Sorted(maps.Keys(reached)) {
		all.text(next)
		if s := shapes[next]; s != nil {
			all.text(s.digest)
		}
	}
	slices.Sort(beyond)
	for _, text := range slices.Compact(beyond) {
		all.text(text)
	}
	return all.digest()
}

// uses lists what the read files may name of packages of the tree: more, where a
// variable is called like a package.
func (t *task) uses() []use {
	found := map[string]map[string]bool{}
	dots := map[string]bool{}
	for _, tree := range t.read {
		paths := map[string]string{}
		for _, spec := range tree.Imports {
			importPath := strings.Trim(spec.Path.Value, "`\"")
			if !t.own(importPath) {
				continue
			}
			if found[importPath] == nil {
				found[importPath] = map[string]bool{}
			}
			switch k := t.known(importPath); {
			case spec.Name != nil && spec.Name.Name == ".":
				dots[importPath] = true
			case spec.Name != nil:
				paths[spec.Name.Name] = importPath
			case k != nil:
				paths[k.Name()] = importPath
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := x.X.(*ast.Ident); ok && paths[id.Name] != "" {
					found[paths[id.Name]][x.Sel.Name] = true
				}
			}
			return true
		})
	}
	var out []use
	for _, importPath := range slices.Sorted(maps.Keys(found)) {
		out = append(out, use{path: importPath, names: slices.Sorted(maps.Keys(found[importPath])), all: dots[importPath]})
	}
	return out
}

func sortedKeys(found map[string]map[string]int) []string {
	var out []string
	for importPath, names := range found {
		for name, parameters := range names {
			out = append(out, importPath+" "+name+" "+strconv.Itoa(min(parameters, 9)))
		}
	}
	slices.Sort(out)
	return out
}
