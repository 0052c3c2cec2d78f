package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// containers is the second level: what is started by itself.
func (c *composer) containers() *part {
	p := c.section("containers", "Containers: what is started")
	d := &drawing{}
	var list []string
	var starts []start
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
		starts = append(starts, start{id, []string{e.Path}})
		if e.Kind == "program" {
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
	list = append(list, p.frontEnds(d, &starts)...)
	list = append(list, p.composed(d)...)
	list = append(list, p.background(d)...)
	p.connect(d, starts)
	if len(list) == 0 {
		return p
	}
	p.draw(&d.graph)
	p.list(list)
	return p
}

// frontEnds are the user interfaces that are built by themselves.
func (p *part) frontEnds(d *drawing, starts *[]start) []string {
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
			*starts = append(*starts, start{"front:" + folder, p.pagesIn(folder)})
		}
	}
	return out
}

// pagesIn are the files of the pages of a front end.
func (p *part) pagesIn(folder string) []string {
	var out []string
	for i := range p.report.Pages {
		if at := p.report.Pages[i].Location.Path; folder == "." || strings.HasPrefix(at, folder+"/") {
			out = append(out, at)
		}
	}
	return distinct(out)
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

// start is something that is started, with the files in which it begins.
type start struct {
	node  string
	files []string
}

// connect draws which of what is started speaks with what: where a file that imports
// what speaks with a system is reached from where it starts, by what imports what.
// Where that is not known, no line is drawn.
func (p *part) connect(d *drawing, starts []start) {
	systems := slices.DeleteFunc(p.systems(), func(s system) bool { return s.kind == kindMonitor || s.kind == kindProxy || len(s.usedIn) == 0 })
	if len(systems) == 0 {
		return
	}
	for _, from := range starts {
		reached := p.reach(from.files)
		for i := range systems {
			s := &systems[i]
			if slices.ContainsFunc(s.usedIn, func(file string) bool { at, ok := p.byPath[file]; return ok && reached[int32(at)] }) {
				d.node("out:"+s.name, label(s.kind)+": "+s.name)
				d.edge(from.node, "out:"+s.name)
			}
		}
	}
}

// reach are the files of the software that are loaded with some others. In Go, what
// lies beside a file is a part of it.
func (c *composer) reach(files []string) map[int32]bool {
	if c.uses == nil {
		c.uses, c.besides = map[int32][]int32{}, map[string][]int32{}
		for _, e := range c.index.Imports {
			c.uses[e.From] = append(c.uses[e.From], e.To)
		}
		for i := range c.index.Files {
			if f := &c.index.Files[i]; f.Language == "Go" && !f.Test {
				dir := path.Dir(f.Path)
				c.besides[dir] = append(c.besides[dir], int32(i)) //nolint:gosec // an index has fewer files
			}
		}
	}
	reached := map[int32]bool{}
	var open []int32
	take := func(i int32) {
		if !reached[i] && !c.index.Files[i].Test {
			reached[i] = true
			open = append(open, i)
		}
	}
	for _, file := range files {
		if at, ok := c.byPath[file]; ok {
			take(int32(at)) //nolint:gosec // an index has fewer files
		}
	}
	for len(open) > 0 {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		for _, to := range c.uses[i] {
			take(to)
		}
		if f := &c.index.Files[i]; f.Language == "Go" {
			for _, to := range c.besides[path.Dir(f.Path)] {
				take(to)
			}
		}
	}
	return reached
}
