package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// scan is one file as one rule reads it.
type scan struct {
	*file

	m    *model
	rule *rule
}

// result is the router that an invocation evaluates to.
func (s *scan) result(i int32) node {
	return s.m.node(key{kind: byResult, file: s.at, at: i})
}

// on is the router that an invocation is called on, none for a bare call.
func (s *scan) on(i int32) node {
	inv := &s.Facts.Invocations[i]
	switch {
	case inv.On >= 0:
		return s.result(inv.On)
	case inv.Receiver == "" || inv.Receiver == "?":
		return none
	}
	return s.named(inv.Receiver, i)
}

// argument is the router that an argument is, none when it cannot be one. A
// function that is written there is one by its first parameter.
func (s *scan) argument(i int32, n int) node {
	inv := &s.Facts.Invocations[i]
	if n < 0 || n >= len(inv.Args) {
		return none
	}
	return s.value(&inv.Args[n], i, n)
}

// value is the router that an argument of invocation i is.
func (s *scan) value(a *language.Argument, i int32, n int) node {
	switch a.Kind {
	case language.ArgName:
		return s.named(strings.TrimPrefix(a.Text, "&"), i)
	case language.ArgCall:
		if a.Call >= 0 {
			return s.result(a.Call)
		}
	case language.ArgFunction:
		return s.block(i, n, 0)
	default:
	}
	return none
}

// block is the router that parameter p of a function written as argument n is
// inside of it; for a block without parameters, the block itself (see
// enclosing).
func (s *scan) block(i int32, n, p int) node {
	args := s.Facts.Invocations[i].Args
	if n < 0 || n >= len(args) {
		return none
	}
	names := parameterNames(args[n].Text)
	k := key{kind: byBlock, file: s.at, at: i, arg: int32(n)} //nolint:gosec // at most MaxArguments
	if p < len(names) {
		k.name = names[p]
	}
	return s.m.node(k)
}

// enclosing is the router of the innermost function around an invocation that
// is written as an argument and that a rule made a node without a name of, or
// the file.
func (s *scan) enclosing(i int32) node {
	for range maxDepth {
		inv := &s.Facts.Invocations[i]
		if inv.Within < 0 {
			break
		}
		if n := s.m.lookup(key{kind: byBlock, file: s.at, at: inv.Within, arg: inv.Argument}); n != none {
			return n
		}
		i = inv.Within
	}
	return s.fileNode()
}

// class is the router that a class is, by its place among the declarations.
func (s *scan) class(declaration int32) node {
	return s.m.node(key{kind: byClass, file: s.at, at: declaration})
}

// fileNode is the file as a router.
func (s *scan) fileNode() node { return s.m.node(key{kind: byFile, file: s.at}) }

// define says that a node is a router, with a prefix of its own.
func (s *scan) define(n node, prefix string) {
	if n == none {
		return
	}
	r := &s.m.nodes[n]
	r.known = true
	if r.framework == "" {
		r.framework = s.rule.framework
	}
	if prefix != "" {
		r.prefix = prefix
	}
}

// root says that a router is reached without being mounted.
func (s *scan) root(n node) {
	if n != none {
		s.define(n, "")
		s.m.nodes[n].root = true
	}
}

// mount puts child on parent. Without a prefix they are one place.
func (s *scan) mount(parent node, prefix string, child node) {
	s.m.put(child, mount{parent: parent, prefix: prefix, same: prefix == ""})
}

// mountInstead puts child on parent under a prefix that stands in place of the
// child's own.
func (s *scan) mountInstead(parent node, prefix string, child node) {
	s.m.put(child, mount{parent: parent, prefix: prefix, replaces: true})
}

// route puts a route on a router.
func (s *scan) route(r route) {
	if r.on == none && !r.sure || len(s.m.routes) >= maxRoutes || len(r.path) > maxPathBytes {
		return
	}
	if s.inTests(r.line) {
		return
	}
	r.file, r.framework, r.strict = s.file, s.rule.framework, s.rule.strict
	r.method = strings.ToUpper(r.method)
	if r.method == "" || r.method == "ALL" || r.method == "*" {
		r.method = methodAny
	}
	s.m.routes = append(s.m.routes, r)
}

// inTests reports whether a line is that of a test, or of what stands beside one
// in a module of tests, as in the files of Rust.
func (f *file) inTests(line int) bool {
	if f.Facts == nil {
		return false
	}
	for fn := range f.Facts.Functions {
		at := &f.Facts.Functions[fn]
		if at.Line > line || at.EndLine < line {
			continue
		}
		module := ownerName(at.Name)
		if at.Test || f.Language == "Rust" && module != "" && slices.ContainsFunc(f.Facts.Functions, func(other language.Function) bool {
			return other.Test && ownerName(other.Name) == module
		}) {
			return true
		}
	}
	return false
}

// methodAny stands for every method.
const methodAny = "ANY"

func (s *scan) location(line int) report.Location { return report.Location{Path: s.Path, Line: line} }

// The other things that a rule finds. Location and Framework are filled in
// where they are missing.

func (s *scan) command(c report.CLICommand, line int) {
	c.Location, c.Framework = s.location(line), s.rule.framework
	s.m.out.Commands = append(s.m.out.Commands, c)
}

func (s *scan) job(j report.Job, line int) {
	j.Location, j.Framework = s.location(line), s.rule.framework
	s.m.out.Jobs = append(s.m.out.Jobs, j)
}

func (s *scan) model(d report.Model, line int) {
	if d.Kind == kindModel && s.isStep() {
		return
	}
	d.Location, d.Framework = s.location(line), s.rule.framework
	s.m.out.Models = append(s.m.out.Models, d)
}

func (s *scan) page(p report.Page, line int) {
	p.Location, p.Framework = s.location(line), s.rule.framework
	p.Path = cleanPath(p.Path)
	s.m.out.Pages = append(s.m.out.Pages, p)
}

func (s *scan) rpc(r report.RPC, line int) {
	r.Location, r.Framework = s.location(line), s.rule.framework
	s.m.out.RPC = append(s.m.out.RPC, r)
}

// text returns argument n of an invocation if it is a literal text.
func (s *scan) text(i int32, n int) (string, bool) {
	args := s.Facts.Invocations[i].Args
	if n < 0 || n >= len(args) || args[n].Kind != language.ArgString {
		return "", false
	}
	return args[n].Text, true
}

// keyword returns the argument of a name, nil for none. "Use:" and "use" are
// the same name, as keys of objects and of keyword arguments are written apart.
func keyword(args []language.Argument, name string) *language.Argument {
	for k := range args {
		if strings.TrimSuffix(args[k].Name, ":") == name {
			return &args[k]
		}
	}
	return nil
}

// last returns the last argument of an invocation, nil for none.
func (s *scan) last(i int32) *language.Argument {
	args := s.Facts.Invocations[i].Args
	if len(args) == 0 {
		return nil
	}
	return &args[len(args)-1]
}
