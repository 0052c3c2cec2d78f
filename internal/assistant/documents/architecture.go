package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex/diagram"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// architecture tells of the system from the outside in: who and what it speaks
// with, what of it is started, what it is made of, and why.
func (c *composer) architecture() error {
	c.scale().done()
	if p := c.context(); !p.done() {
		c.missingf("What the system speaks with: no dependency, no Compose file and no interface shows it.")
	}
	if !c.containers().done() {
		c.missingf("What of it is started: no program, container or front end was found.")
	}
	if !c.components().done() {
		c.missingf("Components: the code could not be parted.")
	}
	c.layers().done()
	c.cycles().done()
	if !c.data().done() {
		c.missingf("What it keeps: no model and no table was found.")
	}
	if !c.decisions().done() {
		c.missingf("Decisions: no decision record was found, and neither commits nor comments give reasons.")
	}
	return nil
}

// scale says how large it is.
func (c *composer) scale() *part {
	p := c.section("overview", "At a glance")
	p.s.Prose = true
	t := &c.report.Totals
	if t.AnalysedFiles == 0 {
		return p
	}
	said := fmt.Sprintf("%s has %s with %s of code", plain(cmp.Or(c.name(), "The repository")), plural(t.AnalysedFiles, "file"), plural(int(t.Lines.Code), "line"))
	if l := c.languages(); l != "" {
		said += ", mostly in " + l
	}
	p.sayf("%s%s.", said, p.computed("totals"))
	a := &c.report.Architecture
	if n := len(a.Components); n > 0 {
		said := "It is made of " + plural(n, "component")
		if n := len(a.Dependencies); n > 0 {
			said += fmt.Sprintf(" with %s between them", plural(n, "dependency"))
		}
		switch len(a.Cycles) {
		case 0:
			said += "; none of them use each other in a circle"
		case 1:
			said += "; one group of them uses each other in a circle"
		default:
			said += fmt.Sprintf("; %d groups of them use each other in circles", len(a.Cycles))
		}
		p.sayf("%s%s.", said, p.computed("components"))
	}
	if t.TestFiles > 0 {
		p.sayf("%s test it%s.", plural(t.TestFiles, "file"), p.computed("tests"))
	}
	return p
}

// drawing is a diagram as it grows. Its nodes have numbers of ours and its names
// are labels, which package diagram writes so that none can break it.
type drawing struct{ graph codeindex.Graph }

func (d *drawing) node(id, label string) {
	if !slices.ContainsFunc(d.graph.Nodes, func(n codeindex.GraphNode) bool { return n.ID == id }) {
		d.graph.Nodes = append(d.graph.Nodes, codeindex.GraphNode{ID: id, Label: label})
	}
}

func (d *drawing) edge(from, to string) {
	d.graph.Edges = append(d.graph.Edges, codeindex.GraphEdge{From: from, To: to, Weight: 1})
}

// draw adds a diagram.
func (p *part) draw(g *codeindex.Graph) {
	if len(g.Nodes) > 1 {
		p.sayf("```mermaid\n%s```", diagram.Mermaid(g))
	}
}

// context is the first level: the system, who uses it, and what it speaks with.
func (c *composer) context() *part {
	p := c.section("context", "Context: who uses it, and what it speaks with")
	d := &drawing{}
	name := cmp.Or(c.name(), "the system")
	d.node("system", "System: "+name)
	users := p.users(d)
	systems := p.systems()
	if len(users) == 0 && len(systems) == 0 {
		return c.section("context", "")
	}
	for _, s := range systems {
		d.node("out:"+s.name, label(s.kind)+": "+s.name)
		d.edge("system", "out:"+s.name)
	}
	p.draw(&d.graph)
	if len(users) > 0 {
		p.sayf("**Who uses it**, by the interfaces that it offers:")
		p.list(users)
	}
	if len(systems) > 0 {
		p.sayf("**What it speaks with**, by what shows it:")
		list := make([]string, len(systems))
		for i, s := range systems {
			list[i] = fmt.Sprintf("**%s** (%s): %s", plain(s.name), s.kind, and(s.evidence))
		}
		p.list(list)
	}
	return p
}

func label(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] }

// users are those for whom it has an interface.
func (p *part) users(d *drawing) []string {
	r := p.report
	var list []string
	add := func(id, who, how, noun string, total int, at []report.Location) {
		mark := ""
		for _, l := range at {
			if mark = p.place(l); mark != "" {
				break
			}
		}
		if mark == "" {
			return
		}
		d.node(id, who)
		d.edge(id, "system")
		list = append(list, fmt.Sprintf("**%s**: %s%s", who, fmt.Sprintf(how, plural(total, noun)), mark))
	}
	own := func(n int, at func(int) report.Location) []report.Location {
		var out []report.Location
		for i := range n {
			if l := at(i); l.Path != "" && !p.isAside(l.Path) {
				out = append(out, l)
			}
		}
		return out
	}
	if at := own(len(r.Pages), func(i int) report.Location { return r.Pages[i].Location }); len(at) > 0 {
		add("people", "People with a browser", "it has %s", "page", len(at), at)
	}
	if at := own(len(r.Endpoints), func(i int) report.Location { return r.Endpoints[i].Location }); len(at) > 0 {
		add("clients", "Clients over HTTP", "it answers at %s", "endpoint", len(at), at)
	}
	if at := own(len(r.RPC), func(i int) report.Location { return r.RPC[i].Location }); len(at) > 0 {
		add("callers", "Callers of remote procedures", "it offers %s", "procedure", len(at), at)
	}
	if at := own(len(r.Commands), func(i int) report.Location { return r.Commands[i].Location }); len(at) > 0 {
		add("terminal", "People at a terminal", "it has %s", "command", len(at), at)
	}
	if at := own(len(r.EntryPoints), func(i int) report.Location { return libraryAt(&r.EntryPoints[i]) }); len(at) > 0 && len(list) == 0 {
		add("programs", "Programs that use it as a library", "it has %s", "entry point", len(at), at)
	}
	if at := own(len(r.EntryPoints), func(i int) report.Location { return programAt(&r.EntryPoints[i]) }); len(at) > 0 && len(list) == 0 {
		add("starters", "Who starts it", "it has %s", "program", len(at), at)
	}
	return list
}

// libraryAt is where a library is entered, nowhere for what is none.
func libraryAt(e *report.EntryPoint) report.Location {
	if e.Kind != "library" {
		return report.Location{} // counts for nothing
	}
	return report.Location{Path: e.Path, Line: e.Line}
}

// programAt is where a program starts, nowhere for what is none.
func programAt(e *report.EntryPoint) report.Location {
	if e.Kind != "program" {
		return report.Location{}
	}
	return report.Location{Path: e.Path, Line: e.Line}
}

// data says what the software keeps.
func (c *composer) data() *part {
	p := c.section("data", "What it keeps")
	const most = 60
	var list []string
	models := modelsOf(c.report)
	models = slices.DeleteFunc(models, func(m report.Model) bool { return c.leave("model", m.Name, m.Location) })
	for i := range models {
		v := &models[i]
		mark := p.symbol(v.Location)
		if mark == "" {
			continue
		}
		if len(list) == most {
			list = append(list, fmt.Sprintf("and %d more", len(models)-most))
			break
		}
		var facts []string
		if v.Table != nil {
			facts = append(facts, "table "+span(*v.Table))
		}
		if v.Fields != nil {
			facts = append(facts, plural(*v.Fields, "field"))
		}
		facts = append(facts, plain(v.Framework))
		list = append(list, fmt.Sprintf("**%s** (%s)%s%s", plain(v.Name), strings.Join(facts, ", "), p.docOf(v.Location), mark))
	}
	p.list(list)
	return p
}

// docOf is what the code says of the symbol that is declared at a place, behind
// a colon; "" for nothing.
func (c *composer) docOf(at report.Location) string {
	s := c.symbolAt(at.Path, at.Line)
	if s == nil || s.Doc == "" || int(s.Line) != at.Line {
		return ""
	}
	return ": " + quote(s.Doc, 200)
}
