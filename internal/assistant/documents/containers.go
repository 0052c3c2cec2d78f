package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// containers is the second level: what is started by itself.
func (c *composer) containers() *part {
	p := c.section("containers", "Containers: what is started")
	d := &drawing{}
	var list []string
	programs := 0
	for i := range c.report.EntryPoints {
		e := &c.report.EntryPoints[i]
		if e.Kind != "program" && e.Kind != "container" || composeFile.MatchString(path.Base(e.Path)) || c.leave(e.Kind, e.Name, report.Location{Path: e.Path, Line: e.Line}) {
			continue
		}
		mark := p.lines(e.Path, max(e.Line, 1), max(e.Line, 1)+4)
		if mark == "" || len(list) >= 20 {
			continue
		}
		kind := map[string]string{"program": "Program", "container": "Container"}[e.Kind]
		id := "run:" + e.Path + e.Name
		if e.Kind == "program" {
			programs++
			d.node(id, kind+": "+cmp.Or(e.Name, e.Path))
			list = append(list, fmt.Sprintf("Program %s, started in %s%s", span(cmp.Or(e.Name, e.Path)), span(e.Path), mark))
			continue
		}
		d.node(id, kind+": "+e.Path)
		_, starts, _ := strings.Cut(e.Name, ": ")
		if starts != "" {
			starts = ", which starts " + span(starts)
		}
		list = append(list, fmt.Sprintf("Container of %s%s%s", span(e.Path), starts, mark))
	}
	list = append(list, p.frontEnds(d)...)
	list = append(list, p.composed(d)...)
	list = append(list, p.background(d)...)
	if programs == 1 { // which program speaks with what is known of a single one only
		p.connect(d)
	}
	if len(list) == 0 {
		return p
	}
	p.draw(&d.graph)
	p.list(list)
	return p
}

// frontEnds are the user interfaces that are built by themselves.
func (p *part) frontEnds(d *drawing) []string {
	var out []string
	seen := map[string]bool{}
	for i := range p.report.Pages {
		v := &p.report.Pages[i]
		folder := p.manifestAbove(v.Location.Path, "package.json")
		if folder == "" || seen[folder] || p.isAside(v.Location.Path) {
			continue
		}
		seen[folder] = true
		file := path.Join(folder, "package.json")
		if mark := p.lines(file, 1, 8) + p.place(v.Location); mark != "" {
			d.node("front:"+folder, "Front end: "+folder)
			out = append(out, fmt.Sprintf("Front end **%s** (%s)%s", plain(folder), plain(v.Framework), mark))
		}
	}
	return out
}

// manifestAbove is the nearest folder at or above a file that has a manifest; ""
// for none.
func (c *composer) manifestAbove(file, manifest string) string {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if c.there(path.Join(dir, manifest)) {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// composed are the services of Compose files with what they need.
func (p *part) composed(d *drawing) []string {
	var out []string
	list := p.services()
	id := func(name string) string { return "service:" + name }
	for i := range list {
		s := &list[i]
		mark := p.lines(s.file, s.line, s.lastLine())
		if mark == "" || len(out) >= 20 {
			continue
		}
		what := "of the image " + span(shownImage(s.image))
		if shownImage(s.image) == "" {
			what = "of an image that a variable names"
		}
		if s.image == "" || s.built != "" {
			what = "built of " + span(cmp.Or(s.built, "."))
		}
		if s.image == "" && s.built == "" {
			continue
		}
		d.node(id(s.name), "Service: "+s.name)
		for _, n := range s.needs {
			d.edge(id(s.name), id(n))
		}
		needs := ""
		if len(s.needs) > 0 {
			needs = "; it needs " + and(spans(s.needs))
		}
		if s.optional != "" {
			needs += "; optional: " + plain(s.optional)
		}
		out = append(out, fmt.Sprintf("Service **%s** of %s, %s%s%s", plain(s.name), span(s.file), what, needs, mark))
	}
	return out
}

// background is the work that starts by itself.
func (p *part) background(d *drawing) []string {
	var names, queues []string
	mark := ""
	for i := range p.report.Jobs {
		v := &p.report.Jobs[i]
		if p.isAside(v.Location.Path) {
			continue
		}
		if m := p.place(v.Location); m != "" {
			names = append(names, span(v.Name))
			if v.Queue != nil {
				queues = append(queues, *v.Queue)
			}
			if strings.Count(mark, "[") < 3 && !strings.Contains(mark, m) {
				mark += m
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	d.node("jobs", fmt.Sprintf("Background work: %d jobs", len(names)))
	if queues = distinct(queues); len(queues) > 0 {
		return []string{fmt.Sprintf("Background work: %s, in the queues %s%s", some(names, 5), some(spans(queues), 5), mark)}
	}
	return []string{fmt.Sprintf("Background work: %s%s", some(names, 5), mark)}
}

// connect draws what the one program speaks with.
func (p *part) connect(d *drawing) {
	at := slices.IndexFunc(d.graph.Nodes, func(n codeindex.GraphNode) bool { return strings.HasPrefix(n.Label, "Program: ") })
	for _, s := range p.systems() {
		if s.kind == kindMonitor || s.kind == kindProxy {
			continue
		}
		d.node("out:"+s.name, label(s.kind)+": "+s.name)
		d.edge(d.graph.Nodes[at].ID, "out:"+s.name)
	}
}
