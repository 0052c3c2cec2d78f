package documents

import (
	"cmp"
	"fmt"
	"path"
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
			if l := at(i); !p.isAside(l.Path) {
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
		return report.Location{Path: "examples/"} // counts for nothing
	}
	return report.Location{Path: e.Path, Line: e.Line}
}

// programAt is where a program starts, nowhere for what is none.
func programAt(e *report.EntryPoint) report.Location {
	if e.Kind != "program" {
		return report.Location{Path: "examples/"}
	}
	return report.Location{Path: e.Path, Line: e.Line}
}

// containers is the second level: what is started by itself.
func (c *composer) containers() *part {
	p := c.section("containers", "Containers: what is started")
	d := &drawing{}
	var list []string
	programs := 0
	for i := range c.report.EntryPoints {
		e := &c.report.EntryPoints[i]
		if e.Kind != "program" && e.Kind != "container" || c.isAside(e.Path) || composeFile.MatchString(path.Base(e.Path)) {
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
		what := "of the image " + span(s.image)
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

// components is the third level: what the code is made of.
func (c *composer) components() *part {
	p := c.section("components", "Components: what the code is made of")
	if g, err := c.index.Graph(codeindex.GraphQuery{Level: codeindex.LevelComponent, Limit: 30}); err == nil && len(g.Nodes) > 1 {
		p.draw(g)
	}
	components := c.report.Architecture.Components
	for i := range components[:min(len(components), 30)] {
		v := &components[i]
		mark := p.componentSource(v)
		if mark == "" {
			mark = p.computed("components")
		}
		text := fmt.Sprintf("**%s** (%s, %s, %s)%s%s", plain(v.Name), plain(v.Type), plural(v.Files, "file"), plural(int(v.Lines), "line"), p.responsibility(v), mark)
		if len(v.Dependencies) > 0 {
			text += "\n  - uses " + some(spans(v.Dependencies), 8)
		}
		if len(v.Dependents) > 0 {
			text += "\n  - used by " + some(spans(v.Dependents), 8)
		}
		if files := v.KeyFiles; len(files) > 0 {
			text += "\n  - most used files: " + and(spans(files[:min(len(files), 3)]))
		}
		if len(v.Dependencies)+len(v.Dependents)+len(v.KeyFiles) > 0 {
			text += p.computed("components")
		}
		p.sayf("- %s", text)
	}
	if len(p.blocks) > 1 { // one list, not many
		first := 0
		if strings.HasPrefix(p.blocks[0], "```") {
			first = 1
		}
		p.blocks = append(p.blocks[:first:first], strings.Join(p.blocks[first:], "\n"))
	}
	return p
}

// responsibility is what a component is for: what it says of itself, and what of
// the software's interfaces stands in it.
func (p *part) responsibility(v *report.Component) string {
	out := ""
	if v.Description != nil {
		out = ". " + strings.TrimSuffix(quote(*v.Description, 220), ".")
	}
	if holds := p.holds(v); holds != "" {
		out += "; holds " + holds
	}
	return out
}

// holds counts what of the software's interfaces stands in a component.
func (p *part) holds(v *report.Component) string {
	r := p.report
	in := func(at report.Location) bool { return within(at.Path, v.Paths) && p.ownFile(v, at.Path) }
	var out []string
	count := func(noun string, n int, at func(int) report.Location, name func(int) string) {
		total, first := 0, ""
		for i := range n {
			if in(at(i)) && !p.isAside(at(i).Path) {
				if total++; total == 1 {
					first = name(i)
				}
			}
		}
		if total > 0 {
			out = append(out, fmt.Sprintf("%s (such as %s)", plural(total, noun), span(first)))
		}
	}
	count("endpoint", len(r.Endpoints), func(i int) report.Location {
		if d := r.Endpoints[i].Declared; d != nil {
			return *d
		}
		return r.Endpoints[i].Location
	}, func(i int) string { return r.Endpoints[i].Method + " " + r.Endpoints[i].Path })
	count("command", len(r.Commands), func(i int) report.Location { return r.Commands[i].Location }, func(i int) string { return r.Commands[i].Name })
	count("job", len(r.Jobs), func(i int) report.Location { return r.Jobs[i].Location }, func(i int) string { return r.Jobs[i].Name })
	count("page", len(r.Pages), func(i int) report.Location { return r.Pages[i].Location }, func(i int) string { return r.Pages[i].Path })
	models := modelsOf(r)
	count("model", len(models), func(i int) report.Location { return models[i].Location }, func(i int) string { return models[i].Name })
	return and(out)
}

// ownFile reports whether the index has a file in a component, of whatever level
// below it; folders alone do not tell where one lies in another.
func (c *composer) ownFile(v *report.Component, file string) bool {
	i, ok := c.byPath[file]
	if !ok {
		return true
	}
	for at := c.index.Files[i].Component; at >= 0; at = c.index.Components[at].Parent {
		if c.index.Components[at].Name == v.Name {
			return true
		}
	}
	return false
}

// modelsOf are the models that are kept, without migrations.
func modelsOf(r *report.CodeReport) []report.Model {
	var out []report.Model
	for i := range r.Models {
		if r.Models[i].Kind == "model" {
			out = append(out, r.Models[i])
		}
	}
	return out
}

// layers says which components use which: those above use those below.
func (c *composer) layers() *part {
	p := c.section("layers", "Layers")
	layers := c.report.Architecture.Layers
	if len(layers) < 2 {
		return p
	}
	p.sayf("From the top down, a layer uses those below it only, circles apart%s:", p.computed("layers"))
	var list []string
	for i, l := range layers {
		list = append(list, fmt.Sprintf("%d. %s", i+1, some(spans(l), 12)))
	}
	p.sayf("%s", strings.Join(list, "\n"))
	return p
}

// cycles names the components that use each other in a circle, with imports that
// show it.
func (c *composer) cycles() *part {
	p := c.section("cycles", "Circles")
	for _, cycle := range c.report.Architecture.Cycles[:min(len(c.report.Architecture.Cycles), 5)] {
		p.sayf("%s use each other in a circle%s.", and(spans(cycle)), p.computed("cycles"))
		p.list(p.imports(cycle, 6))
	}
	return p
}

// imports shows files by which components use each other, one of each pair.
func (p *part) imports(names []string, most int) []string {
	top := func(file int32) string {
		name := ""
		for at := p.index.Files[file].Component; at >= 0; at = p.index.Components[at].Parent {
			name = p.index.Components[at].Name
		}
		return name
	}
	said := map[[2]string]bool{}
	var out []string
	for _, e := range p.index.Imports {
		from, to := top(e.From), top(e.To)
		pair := [2]string{from, to}
		if from == to || said[pair] || !slices.Contains(names, from) || !slices.Contains(names, to) || p.index.Files[e.From].Test || len(out) == most {
			continue
		}
		a, b := p.index.Files[e.From].Path, p.index.Files[e.To].Path
		if mark := p.importLine(a, b); mark != "" {
			said[pair] = true
			out = append(out, fmt.Sprintf("%s uses %s: %s imports %s%s", span(from), span(to), span(a), span(b), mark))
		}
	}
	return out
}

// importLine cites the line of a file that names another, by its name or by that
// of its folder; "" where none is seen to.
func (p *part) importLine(file, other string) string {
	stem := strings.TrimSuffix(path.Base(other), path.Ext(other))
	names := []string{stem}
	if dir := path.Base(path.Dir(other)); dir != "." && dir != "/" {
		names = append(names, dir+`"`, dir+"'", dir)
	}
	if stem == "index" || stem == "mod" || stem == "__init__" {
		names = names[1:]
	}
	for _, name := range names {
		for n, line := range p.file(file) {
			bare := strings.TrimSpace(line)
			if strings.Contains(bare, name) && (strings.HasPrefix(bare, "import") || strings.HasPrefix(bare, "from") || strings.HasPrefix(bare, "use ") || strings.HasPrefix(bare, "require") ||
				strings.HasPrefix(bare, `"`) || strings.HasPrefix(bare, "#include") || strings.Contains(bare, "require(") || strings.Contains(bare, "from ") || strings.HasPrefix(bare, "mod ") || strings.HasPrefix(bare, "using ")) {
				return p.lines(file, n+1, n+1)
			}
		}
	}
	return ""
}

// data says what the software keeps.
func (c *composer) data() *part {
	p := c.section("data", "What it keeps")
	const most = 60
	var list []string
	models := modelsOf(c.report)
	models = slices.DeleteFunc(models, func(m report.Model) bool { return c.isAside(m.Location.Path) })
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

// decisions are those that are recorded, and those whose reason a commit or a
// comment gives.
func (c *composer) decisions() *part {
	p := c.section("decisions", "Decisions")
	p.s.Prose = true
	const most = 15
	var list []string
	for _, kind := range []string{"record", "commit", "comment"} {
		said := 0
		for i := range c.report.Decisions {
			v := &c.report.Decisions[i]
			if v.Kind != kind || len(list) == most || !telltale(v) || kind == "comment" && said == maxComments {
				continue
			}
			if text := p.decision(v); text != "" {
				said++
				list = append(list, text)
			}
		}
	}
	p.list(list)
	return p
}

// maxComments is how many comments are told as decisions.
const maxComments = 6

// telltale reports whether something says why: a record, a commit with a reason
// that is not its subject again, a comment that is a whole sentence.
func telltale(v *report.Decision) bool {
	switch v.Kind {
	case "record":
		return true
	case "commit":
		return v.Reason != nil && !strings.HasPrefix(v.Title, strings.TrimSuffix(*v.Reason, "."))
	}
	text := strings.TrimSpace(v.Title)
	return strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!")
}

func (p *part) decision(v *report.Decision) string {
	reason := ""
	if v.Reason != nil {
		reason = ": “" + quote(*v.Reason, 300) + "”"
	}
	switch {
	case v.Kind == "commit" && v.Commit != nil:
		on := ""
		if v.Date != nil {
			on = v.Date.UTC().Format(" (2 January 2006)")
		}
		body := ""
		if v.Reason != nil {
			body = *v.Reason
		}
		return fmt.Sprintf("%s%s%s%s", quote(v.Title, 160), on, reason, p.commit(*v.Commit, v.Title, body))
	case v.Path != nil:
		line := max(v.Line, 1)
		mark := p.lines(*v.Path, line, line+5)
		if mark == "" {
			return ""
		}
		status := ""
		if v.Status != nil {
			status = " (" + plain(*v.Status) + ")"
		}
		if v.Kind == "record" {
			return fmt.Sprintf("%s in %s%s%s%s", quote(v.Title, 160), span(*v.Path), status, reason, mark)
		}
		return fmt.Sprintf("A comment in %s: “%s”%s", span(*v.Path), quote(v.Title, 260), mark)
	}
	return ""
}
