package feature

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The confidence of an endpoint: how sure it is that the software answers this
// method and path.
const (
	usualConfidence = 0.95
	unmounted       = 0.7 // of it, when the router is mounted nowhere
	computed        = 0.8 // of it, when a part of the path is computed
)

// place is where a router is reached.
type place struct {
	prefix string
	root   bool // the way there begins at an application
	// mounted says that a router on the way is mounted on another.
	mounted bool
}

// places walks from routers to what they are mounted on.
type places struct {
	m    *model
	done map[node][]place
	open map[node]bool
}

func (p *places) of(n node, depth int) []place {
	if list, ok := p.done[n]; ok {
		return list
	}
	if p.open[n] || depth > maxDepth {
		return nil
	}
	p.open[n] = true
	defer delete(p.open, n)
	r := &p.m.nodes[n]
	var list []place
	for _, e := range r.parents {
		for _, above := range p.of(e.parent, depth+1) {
			own := r.prefix
			if e.replaces {
				own = ""
			}
			at := place{joinPrefix(above.prefix, e.prefix, own), above.root || r.root, above.mounted || !e.same}
			if len(at.prefix) <= maxPathBytes && len(list) < maxPlaces && !slices.Contains(list, at) {
				list = append(list, at)
			}
		}
	}
	if len(list) == 0 {
		list = []place{{prefix: r.prefix, root: r.root}}
	}
	// A router that is mounted does not also stand where it was made.
	if slices.ContainsFunc(r.parents, func(e mount) bool { return !e.same }) && slices.ContainsFunc(list, func(at place) bool { return at.mounted }) {
		list = slices.DeleteFunc(list, func(at place) bool { return !at.mounted })
	}
	// A router that is mounted does not also stand by itself.
	if slices.ContainsFunc(list, func(at place) bool { return at.root }) {
		list = slices.DeleteFunc(list, func(at place) bool { return !at.root })
	}
	p.done[n] = list
	return list
}

func joinPrefix(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		if part != "" {
			if b.Len() > 0 {
				b.WriteByte('/')
			}
			b.WriteString(part)
		}
	}
	return b.String()
}

// result makes endpoints of routes and puts everything in order.
func (m *model) result() *Result {
	routers := m.routers()
	m.spread()
	p := &places{m: m, done: map[node][]place{}, open: map[node]bool{}}
	for i := range m.routes {
		r := &m.routes[i]
		if slices.ContainsFunc(r.unless, func(n node) bool { return n != none && routers[n] }) {
			continue
		}
		switch {
		case r.on == none:
			m.endpoint(r, place{root: true})
			continue
		case !r.sure && !m.nodes[r.on].known:
			continue
		}
		if owner := m.nodes[r.on].framework; r.strict && !r.sure && owner != r.framework {
			continue
		}
		for _, at := range p.of(r.on, 0) {
			m.endpoint(r, at)
		}
	}
	m.commands()
	m.out.Unread = m.unread()
	m.described()
	for i := range m.endpoints {
		m.out.Endpoints = append(m.out.Endpoints, m.endpoints[i].Endpoint)
	}
	m.out.Applied, m.out.tags, m.out.groups = m.applied, m.tags, m.groups
	m.order()
	return &m.out
}

func (m *model) endpoint(r *route, at place) {
	path := cleanPath(joinPrefix(at.prefix, r.path))
	if len(path) > maxPathBytes {
		return
	}
	e := report.Endpoint{
		Method: r.method, Path: path, Framework: r.framework,
		Location: report.Location{Path: r.file.Path, Line: r.line},
	}
	confidence := cmp.Or(r.confidence, usualConfidence)
	if !at.root {
		confidence *= unmounted
	}
	if strings.Contains(path, "{}") {
		confidence *= computed
	}
	e.Confidence = math.Round(confidence*100) / 100
	if r.handler.name != "" {
		e.Handler = &r.handler.name
	}
	if r.handler.path != "" {
		e.Declared = &report.Location{Path: r.handler.path, Line: r.handler.line}
	}
	if text := cmp.Or(r.summary, r.handler.doc); text != "" {
		e.Description = &text
	}
	m.endpoints = append(m.endpoints, found{e, r.document})
}

// order sorts every list, takes out what was said twice, and cuts.
func (m *model) order() {
	out := &m.out
	slices.SortStableFunc(out.Endpoints, func(a, b report.Endpoint) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(b.Confidence, a.Confidence), byLocation(a.Location, b.Location))
	})
	out.Endpoints = slices.CompactFunc(out.Endpoints, func(a, b report.Endpoint) bool {
		return a.Path == b.Path && a.Method == b.Method && a.Location == b.Location
	})
	out.Endpoints = cut(m, "endpoints", out.Endpoints, maxEndpoints)
	slices.SortStableFunc(out.Commands, func(a, b report.CLICommand) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), byLocation(a.Location, b.Location))
	})
	out.Commands = slices.CompactFunc(out.Commands, func(a, b report.CLICommand) bool { return a.Name == b.Name && a.Location == b.Location })
	out.Commands = cut(m, "commands", out.Commands, maxListed)
	slices.SortStableFunc(out.Jobs, func(a, b report.Job) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), byLocation(a.Location, b.Location))
	})
	out.Jobs = cut(m, "jobs", out.Jobs, maxListed)
	slices.SortStableFunc(out.Models, func(a, b report.Model) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), byLocation(a.Location, b.Location))
	})
	out.Models = cut(m, "models", out.Models, maxListed)
	slices.SortStableFunc(out.Pages, func(a, b report.Page) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), byLocation(a.Location, b.Location))
	})
	out.Pages = cut(m, "pages", slices.Compact(out.Pages), maxListed)
	slices.SortStableFunc(out.RPC, func(a, b report.RPC) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Method, b.Method), byLocation(a.Location, b.Location))
	})
	out.RPC = cut(m, "rpc", out.RPC, maxListed)
}

func byLocation(a, b report.Location) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
}

func cut[T any](m *model, name string, list []T, most int) []T {
	if len(list) > most {
		m.out.Cut = append(m.out.Cut, name)
		list = slices.Clone(list[:most])
	}
	return list
}
