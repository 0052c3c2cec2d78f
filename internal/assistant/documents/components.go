package documents

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// components is the third level: what the code is made of.
func (c *composer) components() *part {
	p := c.section("components", "Components: what the code is made of")
	if g, err := c.index.Graph(codeindex.GraphQuery{Level: codeindex.LevelComponent, Limit: 30}); err == nil && len(g.Nodes) > 1 {
		p.draw(g)
	}
	components := c.report.Architecture.Components
	for i := range components[:min(len(components), 30)] {
		v := &components[i]
		text := fmt.Sprintf("**%s** (%s, %s, %s)%s", plain(v.Name), plain(v.Type), plural(v.Files, "file"), plural(int(v.Lines), "line"), p.counted(v))
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
