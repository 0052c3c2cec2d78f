package gocalls

import (
	"context"
	"go/types"
	"slices"
	"strings"
)

// everyone stands for the place of what is checked after all packages.
const everyone = 1 << 30

// available returns the package of a path as those before a place see it: nil for
// one that is not of the tree, of a circle, or could not be checked.
func (p *program) available(importPath string, place int) *pkg {
	k := p.packages[importPath]
	if k == nil || k.place >= place || k.unit == nil || k.unit.failed {
		return nil
	}
	return k
}

// kept returns what is kept of a unit's files: seen tells what is seen of a package.
// Both keys are "" when a file's content has no name. What the files name of others
// is kept under their content, and the unit under what these names mean.
func (p *program) kept(kind, importPath string, files []int, more string, seen func(use) string) (u *unit, base string) {
	if p.tree.Cache == nil {
		return nil, ""
	}
	s := newSum(kind)
	s.text(importPath)
	s.text(more)
	for _, i := range files {
		if p.files[i].ID == "" {
			return nil, ""
		}
		s.text(p.files[i].Path)
		s.text(p.files[i].ID)
	}
	base = s.key()
	b, ok := p.tree.Cache.Get(base)
	if !ok {
		return nil, base
	}
	uses, ok := decodeUses(b)
	if !ok {
		return nil, base
	}
	if b, ok = p.tree.Cache.Get(unitKey(base, uses, seen)); !ok {
		return nil, base
	}
	if u = decodeUnit(b); u != nil {
		u.uses = uses
	}
	return u, base
}

func unitKey(base string, uses []use, seen func(use) string) string {
	s := newSum("unit")
	s.text(base)
	for _, u := range uses {
		s.text(u.path)
		s.text(seen(u))
	}
	return s.key()
}

// keep keeps a unit if all of its files could be read.
func (p *program) keep(base string, u *unit, seen func(use) string, files ...[]int) {
	p.checked++
	if base == "" {
		return
	}
	for _, list := range files {
		for _, i := range list {
			if p.files[i].Content == nil {
				return
			}
		}
	}
	p.tree.Cache.Put(base, encodeUses(u.uses))
	p.tree.Cache.Put(unitKey(base, u.uses, seen), u.encode())
}

// sees tells what those before a place see of a package.
func (p *program) sees(place int) func(use) string {
	return func(u use) string {
		switch k := p.available(u.path, place); {
		case k != nil:
			return k.unit.name + " " + k.unit.namesOf(u)
		case p.packages[u.path] != nil:
			return "-"
		}
		return ""
	}
}

// namesOf tells what the names of a use mean in the package of the unit.
func (u *unit) namesOf(used use) string {
	if used.all {
		return u.exports
	}
	s := newSum("names")
	for _, name := range used.names {
		s.text(name)
		s.text(u.sees(name))
	}
	return s.digest()
}

// content names the content of files, where what is seen of them cannot be told.
func (p *program) content(files ...[]int) string {
	s := newSum("content")
	for _, list := range files {
		for _, i := range list {
			s.text(p.files[i].Path)
			s.text(string(p.files[i].Content))
		}
	}
	return s.digest()
}

// packageUnits checks the packages that changed, and those that see a change.
func (p *program) packageUnits(ctx context.Context) error {
	if err := p.readAhead(ctx); err != nil {
		return err
	}
	for _, k := range p.ordered {
		if len(k.files) == 0 {
			continue
		}
		var key string
		if k.unit, key = p.kept("package", k.path, k.files, p.owned(k.imports.files), p.sees(k.place)); k.unit != nil {
			continue
		}
		if err := p.declare(ctx, k.imports.files, k.place, k.files); err != nil {
			return err
		}
		trees := p.checker.parse(p.files, k.files)
		t := &task{path: k.path, trees: trees, read: trees, known: p.known(k.place), own: p.isOwn}
		k.unit, k.checked = p.checker.unit(t, p.content(k.files)+p.contentOfImports(k))
		p.keep(key, k.unit, p.sees(k.place), k.files)
	}
	return nil
}

// contentOfImports tells what a package sees, for one of which it cannot be told
// what others see.
func (p *program) contentOfImports(k *pkg) string {
	s := newSum("imports")
	for _, imp := range k.imports.files {
		s.text(imp)
		s.text(p.sees(k.place)(use{path: imp, all: true}))
	}
	return s.digest()
}

func (p *program) isOwn(importPath string) bool { return p.packages[importPath] != nil }

// known returns the checked packages that those before a place see.
func (p *program) known(place int) func(importPath string) *types.Package {
	return func(importPath string) *types.Package {
		if k := p.available(importPath, place); k != nil {
			return k.checked
		}
		return nil
	}
}

// readAhead reads what a changed package and those that import it will need, at
// once: a call for each would cost more.
func (p *program) readAhead(ctx context.Context) error {
	wanted := map[*pkg]bool{}
	var list []int
	want := func(k *pkg) {
		for _, q := range p.closure(k.imports.files, k.place, wanted) {
			list = append(list, q.files...)
		}
		list = append(list, k.files...)
	}
	for _, k := range p.ordered {
		if k.dirty || slices.ContainsFunc(k.imports.files, func(imp string) bool { q := p.packages[imp]; return q != nil && q.dirty }) {
			want(k)
		}
	}
	return p.need(ctx, list)
}

// closure lists the packages that paths lead to, imported ones first, without
// those that were listed before.
func (p *program) closure(imported []string, place int, listed map[*pkg]bool) []*pkg {
	var out []*pkg
	var visit func(imported []string, place int)
	visit = func(imported []string, place int) {
		for _, imp := range imported {
			k := p.packages[imp]
			if k == nil || k.place >= place || listed[k] {
				continue
			}
			listed[k] = true
			visit(k.imports.files, k.place)
			out = append(out, k)
		}
	}
	visit(imported, place)
	return out
}

// declare makes the types of the packages that are imported, and reads files.
func (p *program) declare(ctx context.Context, imported []string, place int, files []int) error {
	list := p.closure(imported, place, map[*pkg]bool{})
	list = slices.DeleteFunc(list, func(k *pkg) bool { return k.checked != nil || k.unit == nil || k.unit.failed })
	for _, k := range list {
		files = append(slices.Clip(files), k.files...)
	}
	if err := p.need(ctx, files); err != nil {
		return err
	}
	for _, k := range list {
		t := &task{path: k.path, trees: p.checker.parse(p.files, k.files), known: p.known(k.place), own: p.isOwn}
		if k.checked, _ = p.checker.check(t, nil); k.checked != nil {
			p.checker.own[k.checked] = k.unit
		}
	}
	return ctx.Err()
}

// inside imports a package's own imports as the package does, and those of its
// tests as everyone.
func (p *program) inside(k *pkg) func(importPath string) int {
	return func(importPath string) int {
		if _, own := slices.BinarySearch(k.imports.files, importPath); own {
			return k.place
		}
		return everyone
	}
}

// owned tells which of the paths are packages of the tree.
func (p *program) owned(imported []string) string {
	var out []string
	for _, imp := range imported {
		if p.isOwn(imp) {
			out = append(out, imp)
		}
	}
	return strings.Join(out, " ")
}

func (p *program) keptTests(k *pkg) (u *unit, base string) {
	all := ""
	if k.unit != nil {
		all = k.unit.all
	}
	return p.kept("tests", k.path, k.tests, all+" "+p.owned(k.imports.files)+" "+p.owned(k.imports.tests), p.seenInside(k))
}

func (p *program) seenInside(k *pkg) func(use) string {
	place := p.inside(k)
	return func(u use) string { return p.sees(place(u.path))(u) }
}

func (p *program) keptOutside(k *pkg) (u *unit, base string) {
	return p.kept("outside", k.path, k.outside, p.owned(k.imports.outside), p.seenOutside(k))
}

func (p *program) seenOutside(k *pkg) func(use) string {
	return func(u use) string {
		if u.path == k.path && k.inTests != nil && !k.inTests.failed {
			return "tests " + k.inTests.name + " " + k.inTests.namesOf(u)
		}
		return p.sees(everyone)(u)
	}
}

// testUnits checks the tests of packages: those inside together with the package,
// whose bodies are left out, and those outside.
func (p *program) testUnits(ctx context.Context) error {
	if err := p.need(ctx, p.filesOfTests()); err != nil {
		return err
	}
	for _, k := range p.ordered {
		var variant *types.Package
		if len(k.tests) > 0 && k.inTests == nil {
			var err error
			if variant, err = p.checkTests(ctx, k); err != nil {
				return err
			}
		}
		if len(k.outside) > 0 && k.outsideUnit == nil {
			if err := p.checkOutside(ctx, k, variant); err != nil {
				return err
			}
		}
	}
	return nil
}

// filesOfTests takes what is kept of tests, and lists the files that the rest
// needs.
func (p *program) filesOfTests() []int {
	var files []int
	listed := map[*pkg]bool{}
	want := func(list []int, imported []string) {
		files = append(files, list...)
		for _, q := range p.closure(imported, everyone, listed) {
			if q.checked == nil {
				files = append(files, q.files...)
			}
		}
	}
	for _, k := range p.ordered {
		if len(k.tests) > 0 {
			if k.inTests, _ = p.keptTests(k); k.inTests == nil {
				want(slices.Concat(k.files, k.tests), slices.Concat(k.imports.files, k.imports.tests))
			}
		}
		if len(k.outside) == 0 {
			continue
		}
		if len(k.tests) == 0 || k.inTests != nil {
			k.outsideUnit, _ = p.keptOutside(k)
		}
		if k.outsideUnit == nil {
			want(slices.Concat(k.files, k.tests, k.outside), slices.Concat(k.imports.files, k.imports.tests, k.imports.outside))
		}
	}
	return files
}

// variantTask is the check of a package with its tests.
func (p *program) variantTask(ctx context.Context, k *pkg) (*task, error) {
	if err := p.declare(ctx, slices.Concat(k.imports.files, k.imports.tests), everyone, slices.Concat(k.files, k.tests)); err != nil {
		return nil, err
	}
	own, tests := p.checker.parse(p.files, k.files), p.checker.parse(p.files, k.tests)
	withoutBodies(own)
	place := p.inside(k)
	return &task{
		path: k.path, trees: slices.Concat(own, tests), read: tests, own: p.isOwn,
		known: func(importPath string) *types.Package { return p.known(place(importPath))(importPath) },
	}, nil
}

func (p *program) checkTests(ctx context.Context, k *pkg) (variant *types.Package, err error) {
	_, key := p.keptTests(k)
	t, err := p.variantTask(ctx, k)
	if err != nil {
		return nil, err
	}
	k.inTests, variant = p.checker.unit(t, p.content(k.files, k.tests)+p.contentOfImports(k))
	p.keep(key, k.inTests, p.seenInside(k), k.files, k.tests)
	return variant, nil
}

// checkOutside checks the tests of a package that are a package of their own.
// variant is the package with the tests inside, nil to make it.
func (p *program) checkOutside(ctx context.Context, k *pkg, variant *types.Package) error {
	u, key := p.keptOutside(k)
	if u != nil {
		k.outsideUnit = u
		return nil
	}
	if variant == nil && k.inTests != nil && !k.inTests.failed && slices.Contains(k.imports.outside, k.path) {
		t, err := p.variantTask(ctx, k)
		if err != nil {
			return err
		}
		if variant, _ = p.checker.check(t, nil); variant != nil {
			p.checker.own[variant] = k.inTests
		}
	}
	if err := p.declare(ctx, k.imports.outside, everyone, k.outside); err != nil {
		return err
	}
	trees := p.checker.parse(p.files, k.outside)
	t := &task{
		path: k.path + "_test", trees: trees, read: trees, own: p.isOwn,
		known: func(importPath string) *types.Package {
			if importPath == k.path && variant != nil {
				return variant
			}
			return p.known(everyone)(importPath)
		},
	}
	k.outsideUnit, _ = p.checker.unit(t, p.content(k.outside))
	p.keep(key, k.outsideUnit, p.seenOutside(k), k.outside)
	return nil
}
