package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Sinatra, classic and modular, and the files of Rack that say under which
// prefix an application runs.

func speaksSinatra(f *file) bool {
	return strings.HasSuffix(f.Path, ".ru") || importing("sinatra")(f) || extending("Sinatra::Base", "Sinatra::Application")(f) || extendsLocally(f)
}

// extendsLocally reports whether a class extends one that is likely a Sinatra
// application of the tree, by the name that is usual.
func extendsLocally(f *file) bool {
	for i := range f.Facts.Declares {
		for _, base := range f.Facts.Declares[i].Bases {
			if lastConstantOf(base) == "ApplicationController" || lastConstantOf(base) == "BaseController" || lastConstantOf(base) == "Base" || lastConstantOf(base) == "App" {
				return true
			}
		}
	}
	return false
}

func lastConstantOf(constant string) string { return constant[strings.LastIndexByte(constant, ':')+1:] }

var sinatraMethods = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true, "options": true, "link": true, "unlink": true}

func readSinatra(s *scan) {
	if strings.HasSuffix(s.Path, ".ru") {
		s.rackup()
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Receiver != "" || inv.On >= 0 || inv.Function >= 0 || len(inv.Args) == 0 {
			continue
		}
		on := s.sinatraRouter(int(inv.Line))
		if on == none {
			continue
		}
		path, literal := s.text(i, 0)
		switch {
		case sinatraMethods[inv.Name] && literal && s.answersBlock(inv):
			h := handler{}
			if last := s.last(i); last.Kind == language.ArgCall {
				h = s.methodObject(last)
			}
			s.route(route{on: on, method: inv.Name, path: joinPrefix(s.sinatraPrefix(i), colon(path)), handler: h, line: int(inv.Line)})
		case inv.Name == "use" && inv.Args[0].Kind == language.ArgName:
			s.rubyMount(on, "", inv.Args[0].Text)
		}
	}
}

func (s *scan) answersBlock(inv *language.Invocation) bool {
	last := inv.Args[len(inv.Args)-1]
	return last.Kind == language.ArgFunction || len(inv.Args) > 1 && last.Kind == language.ArgCall
}

// methodObject is the handler that &method(:name) hands over.
func (s *scan) methodObject(a *language.Argument) handler {
	if a.Call < 0 {
		return handler{}
	}
	inv := &s.Facts.Invocations[a.Call]
	if name, ok := rubyWord(firstArgument(inv)); ok && inv.Name == "method" {
		return handler{name: name}
	}
	return handler{}
}

func firstArgument(inv *language.Invocation) *language.Argument {
	if len(inv.Args) == 0 {
		return nil
	}
	return &inv.Args[0]
}

// sinatraRouter is the application that a line belongs to: the class around it,
// or the file of a classic one.
func (s *scan) sinatraRouter(line int) node {
	if d := s.classAt(line); d >= 0 {
		if !s.isSinatra(&s.Facts.Declares[d], maxDepth) {
			return none
		}
		n := s.class(d)
		if !s.m.nodes[n].root {
			s.root(n)
			s.inherits(n, &s.Facts.Declares[d])
		}
		return n
	}
	for k := range s.Facts.Imports {
		if p := s.Facts.Imports[k].Path; p == "sinatra" || p == "sinatra/main" {
			s.root(s.fileNode())
			return s.fileNode()
		}
	}
	return none
}

// isSinatra reports whether a class extends Sinatra's, itself or by another of
// the tree.
func (s *scan) isSinatra(d *language.Declaration, depth int) bool {
	if extends(d, "Sinatra::Base", "Sinatra::Application") {
		return true
	}
	if depth == 0 {
		return false
	}
	for _, base := range d.Bases {
		if at, above, ok := s.rubyClass(base); ok {
			other := &s.m.files[at].Facts.Declares[above]
			if other != d && s.isSinatra(other, depth-1) {
				return true
			}
		}
	}
	return false
}

// inherits says that an application answers the routes of the one that it
// extends too.
func (s *scan) inherits(n node, d *language.Declaration) {
	for _, base := range d.Bases {
		if at, above, ok := s.rubyClass(base); ok && &s.m.files[at].Facts.Declares[above] != d {
			s.mount(n, "", s.m.node(key{kind: byClass, file: at, at: above}))
		}
	}
}

// sinatraPrefix is that of the namespaces around an invocation.
func (s *scan) sinatraPrefix(i int32) string {
	prefix := ""
	for range maxDepth {
		i = s.Facts.Invocations[i].Within
		if i < 0 {
			break
		}
		if inv := &s.Facts.Invocations[i]; inv.Name == "namespace" {
			if path, ok := s.text(i, 0); ok {
				prefix = joinPrefix(colon(path), prefix)
			}
		}
	}
	return prefix
}

// rackup reads map "/x" do run App end.
func (s *scan) rackup() {
	s.root(s.fileNode())
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name != "run" && inv.Name != "use" || len(inv.Args) == 0 {
			continue
		}
		prefix := ""
		for within := inv.Within; within >= 0; within = s.Facts.Invocations[within].Within {
			if path, ok := s.text(within, 0); ok && s.Facts.Invocations[within].Name == "map" {
				prefix = joinPrefix(colon(path), prefix)
			}
		}
		app := inv.Args[0].Text
		if inv.Args[0].Kind == language.ArgCall && inv.Args[0].Call >= 0 {
			app = s.Facts.Invocations[inv.Args[0].Call].Receiver
		}
		app, _, _ = strings.Cut(strings.ReplaceAll(app, ".new", ""), ".freeze")
		if prefix != "" && isConstant(app) {
			s.rubyMount(s.fileNode(), prefix, app)
		}
	}
}
