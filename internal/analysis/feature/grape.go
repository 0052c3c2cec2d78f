package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Grape. A path is made of the prefix, the version when it is said by the path,
// the namespaces and the route's own. What is mounted stands behind all of
// them.

var grapeMethods = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true, "options": true}

// grapeSpaces open a namespace.
var grapeSpaces = map[string]bool{"namespace": true, "resource": true, "resources": true, "group": true, "segment": true}

func readGrape(s *scan) {
	blocks := s.inside()
	for d := range s.Facts.Declares {
		class := &s.Facts.Declares[d]
		if !extends(class, "Grape::API", "Grape::API::Instance") {
			continue
		}
		n := s.class(int32(d))
		s.define(n, "")
		s.root(n)
		var top []int32
		for i := range s.Facts.Invocations {
			if inv := &s.Facts.Invocations[i]; inv.Within < 0 && inv.Function < 0 && s.classAt(int(inv.Line)) == int32(d) {
				top = append(top, int32(i))
			}
		}
		g := grape{scan: s, blocks: blocks, on: n}
		g.lines(top, "", 0)
	}
}

type grape struct {
	*scan

	blocks map[int32][]int32
	on     node
}

func (g *grape) lines(list []int32, prefix string, depth int) {
	if depth > maxDepth {
		return
	}
	own, version := "", ""
	for _, i := range list {
		inv := &g.Facts.Invocations[i]
		if inv.Receiver != "" || inv.On >= 0 {
			continue
		}
		word, _ := rubyWord(firstArgument(inv))
		switch at := joinPrefix(prefix, own, version); {
		case inv.Name == "prefix":
			own = word
		case inv.Name == "version":
			v := grapeVersion(inv)
			if hasBlock(inv) {
				g.lines(g.blocks[i], joinPrefix(prefix, own, v), depth+1)
			} else {
				version = v
			}
		case grapeSpaces[inv.Name] && hasBlock(inv):
			g.lines(g.blocks[i], joinPrefix(at, colon(word)), depth+1)
		case inv.Name == "route_param" && word != "":
			g.lines(g.blocks[i], joinPrefix(at, "{"+word+"}"), depth+1)
		case grapeMethods[inv.Name] && hasBlock(inv):
			g.add([]string{inv.Name}, inv, 0, at)
		case inv.Name == "route" && hasBlock(inv):
			g.add(rubyWords(firstArgument(inv)), inv, 1, at)
		case inv.Name == "mount":
			g.mounts(inv, at)
		case hasBlock(inv) && inv.Name != "helpers" && inv.Name != "params" && inv.Name != "rescue_from":
			g.lines(g.blocks[i], at, depth+1)
		}
	}
}

// grapeVersion is the version that a path shows, "" when a header says it.
func grapeVersion(inv *language.Invocation) string {
	if using, ok := rubyWord(keyword(inv.Args, "using")); ok && using != "path" {
		return ""
	}
	words := rubyWords(firstArgument(inv))
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// add puts the routes of get, or of route with methods.
func (g *grape) add(methods []string, inv *language.Invocation, at int, prefix string) {
	var paths []string
	for k := range inv.Args {
		if k >= at && inv.Args[k].Name == "" {
			paths = append(paths, rubyWords(&inv.Args[k])...)
		}
	}
	if len(paths) == 0 {
		paths = []string{""}
	}
	for _, path := range slices.Compact(paths) {
		for _, method := range methods {
			if method == "any" {
				method = methodAny
			}
			g.route(route{on: g.on, method: method, path: joinPrefix(prefix, colon(path)), line: int(inv.Line)})
		}
	}
}

// mounts reads mount API and mount API => "/x".
func (g *grape) mounts(inv *language.Invocation, prefix string) {
	for k := range inv.Args {
		a := &inv.Args[k]
		if word, ok := rubyWord(a); ok && isConstant(a.Name) {
			g.rubyMount(g.on, joinPrefix(prefix, colon(word)), a.Name)
		} else if a.Kind == language.ArgName && isConstant(a.Text) {
			g.rubyMount(g.on, strings.TrimSuffix(prefix, "/"), a.Text)
		}
	}
}
