// Package feature finds what the software does for its users: HTTP endpoints,
// commands, jobs, models, pages and remote procedures, by the rules of the
// frameworks that it is built with, and groups them into named features.
//
// # Writing a rule
//
// A rule reads one file of one framework (see [rule] and the table in
// rules.go; golang.go is the worked example). It is given a [scan] and looks at
// the file's invocations and annotations; it never sees source text. What it
// finds it says to the routing model, in terms of nodes:
//
//   - A [node] stands for a router: a place that routes and other routers are
//     put on. s.result(i) is the router that invocation i evaluates to, s.on(i)
//     the one that it is called on, s.argument(i, n) the one that is handed over
//     as argument n, s.block(i, n, p) the parameter p of the function written
//     there as argument n, s.named(name, i) whatever a name means at i, s.class(d)
//     the class that declaration d is, s.fileNode() the file, s.enclosing(i) the
//     innermost block or class around i that a rule made a node of. Names are
//     followed through variables, parameters, fields, imports and files by the
//     model, so that a rule only says what stands in front of it.
//   - s.define(n, prefix) says that n is a router for certain, with a prefix of
//     its own; s.root(n) that nothing has to mount it (an application).
//   - s.mount(parent, prefix, child) puts a router on another. An empty prefix
//     says that they are the same place (an alias, With(), use()).
//   - s.route(route{on: n, method: "GET", path: p, handler: h, line: l}) puts a
//     route on a router. It becomes an endpoint only if n turns out to be a
//     router by a define somewhere, in whatever file: so app.get("/x", f) on what
//     is handed in counts, and client.get("/x", f) does not. A rule that knows
//     by itself (an annotation, a parameter's type) sets sure.
//
// A router that is handed to a function of the tree as an argument, returned
// by one, kept in a field or exported needs no word from the rule: link.go does
// it for all frameworks. Middleware is not a route: leave it out; it may be
// an argument before the handler, which mostly is the last.
//
// Paths are given in one notation, {id}, and {id...} for the rest of a path;
// paths.go has a converter for each notation that frameworks use (colon, angle,
// braces, brackets, regex). Joining and cleaning is the model's. A path that is no literal gives
// no endpoint; what is computed in a template stays {}.
//
// Methods are upper case, ANY when every method is answered. Everything else
// that a rule finds goes to s.command, s.job, s.model, s.page and s.rpc.
//
// Files of tests, documentation, vendored and generated code are never scanned.
// Fixtures are testdata/FRAMEWORK.txtar: sources, and a file endpoints with a
// line "METHOD /path handler file:line" each ("-" for a handler without a name,
// the line is where the route is registered), and files commands, jobs, models,
// pages, rpc likewise. The test fails a framework under 0.95 of precision or
// recall. Put false friends in.
//
// The package is pure and bounded for hostile input (bounds.go). It may import
// analysis/language, analysis/manifest, analysis/report, and yaml for documents.
package feature

import (
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// File is one file of the tree.
type File struct {
	Path     string // slash-separated, from the root of the tree
	Language string // Linguist's name, "" when it is not known
	Test     bool
	// Aside says that the file is documentation, test data, vendored or
	// generated: nothing in it is part of what the software does.
	Aside bool
	Facts *language.Facts // nil when no parser read it
	// Content is that of the files which Wanted names, nil for the rest.
	Content []byte
}

// Input is what features are found in.
type Input struct {
	Name     string // the repository's
	Files    []File // sorted by path, each path once
	Layout   manifest.Layout
	External []report.External
	// EntryPoints are those of the manifests.
	EntryPoints []report.EntryPoint
	// Programs are what files that build make of sources of C and C++.
	Programs []manifest.Program
	// Uses returns the files that a file uses, by its imports or by the names
	// of its package: resolving imports is the graph's. Nil for nothing.
	Uses func(path string) []string
}

// Result is what was found, each list in a stable order, never nil.
type Result struct {
	Endpoints []report.Endpoint
	Commands  []report.CLICommand
	Jobs      []report.Job
	Models    []report.Model
	Pages     []report.Page
	RPC       []report.RPC
	// RouteNames are the files that answer the routes of a name, as in Rails'
	// users_path.
	RouteNames map[string][]string
	// Applied reports whether there are rules for any language of the tree: if
	// not, that nothing was found says nothing.
	Applied bool
	// Cut names the lists that were longer than the bounds.
	Cut []string
	// Unread names the libraries of commands that are imported and with which no
	// command was found, sorted.
	Unread []string

	tags   map[string]string     // descriptions of resources by key, from documents
	groups map[commandKey]string // of commands, from documents
}

// Read finds what the software does.
func Read(in Input) *Result {
	m := newModel(in)
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside {
			continue
		}
		for r := range rules {
			m.scan(f, &rules[r])
		}
	}
	for r := range treeRules {
		if treeRules[r].readTree(m, &treeRules[r]) {
			m.applied = true
		}
	}
	m.link()
	return m.result()
}

// scan lets one rule read one file.
func (m *model) scan(f *file, r *rule) {
	if !r.speaks(f.Language) {
		return
	}
	m.applied = true
	if f.Facts == nil || r.concerns != nil && !r.concerns(f) {
		return
	}
	f.prepare()
	r.read(&scan{file: f, m: m, rule: r})
}
