package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// readme says what the software is, what it does, how one begins, where what
// stands, how one takes part, and under which licence.
func (c *composer) readme() error {
	if !c.about().done() {
		if file, reason, unread := c.index.UnreadReadme(); unread {
			c.missingf("What the software is for: %s was not read (%s), and no other file says it.", span(file), reason)
		} else {
			c.missingf("What the software is for: no README and no other file says it.")
		}
	}
	if !c.features().done() {
		c.missingf("What the software does: no list of features, no endpoint, command or page was found.")
	}
	if !c.quickStart().done() {
		c.missingf("How to build and run it: no file gives a command.")
	}
	c.layout().done()
	if !c.contributing().done() {
		c.missingf("How to contribute: no file says it.")
	}
	if !c.licence().done() {
		c.missingf("The licence: no file of the tree gives one that is known.")
	}
	c.further().done()
	return nil
}

// about says what it is, in its own words, and what it is written in.
func (c *composer) about() *part {
	p := c.section("about", "What it is")
	p.s.Prose = true
	d := &c.report.Documentation
	if d.Readme != nil && d.Summary != nil {
		if mark := p.quoted(*d.Readme, *d.Summary); mark != "" {
			p.sayf("> %s%s", quote(*d.Summary, maxQuoted), mark)
		}
	}
	if said := ""; d.Summary == nil || len(p.blocks) == 0 {
		if c.report.Description != nil && d.Readme != nil {
			said = p.quoted(*d.Readme, *c.report.Description)
		}
		if said != "" {
			p.sayf("> %s%s", quote(*c.report.Description, maxQuoted), said)
		}
	}
	if manifest, line, text := c.manifestDescription(); text != "" {
		if mark := p.lines(manifest, line, line); mark != "" {
			p.sayf("Its manifest calls it: “%s”%s.", quote(text, 300), mark)
		}
	}
	if said := len(p.blocks) > 0; said {
		if languages := c.languages(); languages != "" {
			p.sayf("It is written in %s%s.", languages, p.computed("languages"))
		}
	}
	return p
}

// languages are those that it is written in, with their shares.
func (c *composer) languages() string {
	var out []string
	for _, l := range c.report.Languages {
		if l.Kind == "programming" && l.Share >= 0.05 && len(out) < 4 {
			out = append(out, fmt.Sprintf("%s (%.0f %%)", plain(l.Name), 100*l.Share))
		}
	}
	return and(out)
}

var descriptionLine = lazyregexp.New(`^\s*(?:"description"\s*:\s*"((?:[^"\\]|\\.)*)"|description\s*=\s*["']([^"']+)["']|\s*(?:spec|s|gem)\.(?:summary|description)\s*=\s*["']([^"']+)["'])`)

// manifestDescription is what a manifest near the root says that the software is.
func (c *composer) manifestDescription() (file string, line int, text string) {
	candidates := append([]string{"package.json", "Cargo.toml", "pyproject.toml", "setup.cfg", "composer.json"}, c.named(lazyregexp.New(`\.gemspec$`), 2)...)
	for _, file := range candidates {
		if strings.Contains(file, "/") {
			continue
		}
		for n, l := range c.file(file) {
			if m := descriptionLine.FindStringSubmatch(l); m != nil {
				if text := cmp.Or(m[1], m[2], m[3]); len(strings.Fields(text)) > 1 {
					return file, n + 1, text
				}
			}
		}
	}
	return "", 0, ""
}

var featureHeading = lazyregexp.New(`(?i)^\W*(key |main |core )?(features?|highlights|what (it|you) (does|can do|get)|capabilities|why)\b`)

// The most that is listed.
const (
	maxFeatures  = 15
	maxTopFolder = 20
)

// features are those that the README lists, and what the code shows of it.
func (c *composer) features() *part {
	p := c.section("features", "What it does")
	p.s.Prose = true
	d := &c.report.Documentation
	if d.Readme != nil {
		for _, s := range c.sectionsOf(*d.Readme) {
			if !featureHeading.MatchString(s.last) {
				continue
			}
			var list []string
			items := s.items(c.file(s.file))
			for _, i := range items[:min(len(items), maxFeatures)] {
				list = append(list, quote(i.text, 240)+p.lines(s.file, i.first, i.last))
			}
			if len(list) > 0 {
				p.sayf("The README names:")
				p.list(list)
				break
			}
		}
	}
	var list []string
	for i := range c.report.Features {
		if f := &c.report.Features[i]; len(list) < maxFeatures {
			if said := p.feature(f); said != "" {
				list = append(list, said)
			}
		}
	}
	if len(list) > 0 {
		if len(p.blocks) > 0 {
			p.sayf("The code shows:")
		}
		p.list(list)
	}
	return p
}

// feature says what a feature offers, by where one enters it.
func (p *part) feature(f *report.Feature) string {
	var names []string
	mark := ""
	add := func(name string, at report.Location) {
		if p.isAside(at.Path) {
			return
		}
		names = append(names, span(name))
		if mark == "" {
			mark = p.place(at)
		}
	}
	for i := range p.report.Endpoints {
		if e := &p.report.Endpoints[i]; e.Feature == f.Name {
			add(e.Method+" "+e.Path, e.Location)
		}
	}
	for i := range p.report.Pages {
		if e := &p.report.Pages[i]; e.Feature == f.Name {
			add("page "+e.Path, e.Location)
		}
	}
	for i := range p.report.Commands {
		if e := &p.report.Commands[i]; e.Feature == f.Name {
			add(e.Name, e.Location)
		}
	}
	for i := range p.report.RPC {
		if e := &p.report.RPC[i]; e.Feature == f.Name {
			add(e.Service+"."+e.Method, e.Location)
		}
	}
	for i := range p.report.Jobs {
		if e := &p.report.Jobs[i]; e.Feature == f.Name {
			add(e.Name, e.Location)
		}
	}
	if names = distinct(names); len(names) == 0 || mark == "" {
		return ""
	}
	return fmt.Sprintf("**%s**: %s%s", plain(f.Name), some(names, 3), mark)
}

// quickStart is the shortest way to run it.
func (c *composer) quickStart() *part {
	p := c.section("quick_start", "Quick start")
	b := &c.report.Build
	var needs []string
	for _, r := range b.Requirements {
		if mark := p.lines(r.Source, r.Line, r.Line); mark != "" && len(needs) < 6 && r.Version != "" {
			needs = append(needs, plain(strings.TrimSpace(r.Tool+" "+r.Version))+mark)
		}
	}
	if len(needs) > 0 {
		p.sayf("It needs %s.", and(needs))
	}
	steps := []struct {
		title string
		list  []report.Command
		most  int
	}{{"Set up", b.Setup, 2}, {"Build", b.Build, 1}, {"Run", b.Run, 1}, {"Test", b.Test, 1}}
	var list []string
	for _, s := range steps {
		for _, v := range s.list[:min(len(s.list), s.most)] {
			if mark := p.command(&v); mark != "" {
				list = append(list, fmt.Sprintf("%s: %s%s", s.title, span(v.Command), mark))
			}
		}
	}
	if len(list) == 0 {
		return c.section("quick_start", "Quick start")
	}
	p.list(list)
	return p
}

// command cites the line that a command is from. Of a script the first lines
// speak; a manifest that a command is customary with is cited as a whole.
func (p *part) command(v *report.Command) string {
	if v.Line > 1 {
		return p.lines(v.Source, v.Line, v.Line)
	}
	return p.lines(v.Source, 1, min(len(p.file(v.Source)), 12))
}

// layout says where what stands.
func (c *composer) layout() *part {
	p := c.section("layout", "Layout of the code")
	var list []string
	components := slices.Clone(c.report.Architecture.Components)
	for i := range components {
		v := &components[i]
		if len(list) == maxTopFolder {
			list = append(list, fmt.Sprintf("and %s more%s", plural(len(components)-maxTopFolder, "component"), p.computed("components")))
			break
		}
		list = append(list, fmt.Sprintf("%s (%s): %s, %s of code%s%s", folders(v), plain(v.Type), plural(v.Files, "file"), plural(int(v.Lines), "line"), languagesOf(v), p.counted(v)))
	}
	p.list(list)
	return p
}

// counted cites the report, which figures before it are of, and says what the
// component is for with the lines that say so.
func (p *part) counted(v *report.Component) string {
	mark := p.computed("components")
	out := mark
	if v.Description != nil {
		out += ". " + strings.TrimSuffix(quote(*v.Description, 220), ".") + cmp.Or(p.componentSource(v), mark)
	}
	if holds := p.holds(v); holds != "" {
		out += "; holds " + holds + mark
	}
	return out
}

func languagesOf(v *report.Component) string {
	if len(v.Languages) == 0 {
		return ""
	}
	names := v.Languages[:min(len(v.Languages), 3)]
	return " in " + and(names)
}

// folders are those of a component, as code.
func folders(v *report.Component) string {
	var out []string
	for _, f := range v.Paths {
		if f == "." {
			out = append(out, "the root")
			continue
		}
		out = append(out, span(f+"/"))
	}
	if len(out) == 0 {
		return span(v.Name)
	}
	return some(out, 4)
}

// componentSource cites what speaks for a component: the documentation that its
// description is from, else its most central file.
func (p *part) componentSource(v *report.Component) string {
	if v.Description != nil {
		for i := range p.index.Files {
			f := &p.index.Files[i]
			if f.Doc != "" && within(f.Path, v.Paths) && samePlainStart(f.Doc, *v.Description) {
				if first, last := p.locate(f.Path, *v.Description); first > 0 {
					return p.lines(f.Path, first, last)
				}
			}
		}
		for _, folder := range v.Paths {
			for _, name := range []string{"README.md", "readme.md", "README.rst", "README", "doc.go"} {
				file := path.Join(folder, name)
				if first, last := p.locate(file, *v.Description); first > 0 {
					return p.lines(file, first, last)
				}
			}
		}
	}
	for _, file := range append(slices.Clone(v.EntryPoints), v.KeyFiles...) {
		if mark := p.lines(file, 1, p.headOf(file)); mark != "" {
			return mark
		}
	}
	return ""
}

// headOf is where the head of a file ends: at its first symbol, or soon.
func (c *composer) headOf(file string) int {
	const most = 15
	return min(most, max(1, len(c.file(file))))
}

func within(file string, folders []string) bool {
	for _, f := range folders {
		if path.Dir(file) == f || f != "." && strings.HasPrefix(file, f+"/") {
			return true
		}
	}
	return false
}

func samePlainStart(a, b string) bool {
	x, y := wordsOf(a), wordsOf(b)
	n := min(len(x), len(y), 5)
	return n > 0 && slices.Equal(x[:n], y[:n])
}

var licenceFile = lazyregexp.New(`(?i)^(licen[sc]e|copying|unlicense)([.-].*)?$`)

// licence names it, with the file that gives it.
func (c *composer) licence() *part {
	p := c.section("licence", "Licence")
	id := c.report.Documentation.License
	if id == nil {
		return p
	}
	for _, file := range c.named(licenceFile, 4) {
		if mark := p.lines(file, 1, min(len(c.file(file)), 5)); mark != "" {
			p.sayf("%s, by %s%s.", plain(*id), span(file), mark)
			return p
		}
	}
	for _, file := range []string{"package.json", "Cargo.toml", "pyproject.toml", "composer.json", "setup.py", "setup.cfg"} {
		for n, line := range c.file(file) {
			if strings.Contains(strings.ToLower(line), "license") && strings.Contains(line, *id) {
				p.sayf("%s, by %s%s.", plain(*id), span(file), p.lines(file, n+1, n+1))
				return p
			}
		}
	}
	return p
}

// further names the other documents of the repository.
func (c *composer) further() *part {
	p := c.section("documents", "Further documents")
	const most = 25
	var list []string
	for _, d := range slices.Concat(c.report.Documentation.Docs, c.report.Documentation.Decisions) {
		if mark := p.lines(d.Path, 1, 1); mark != "" && len(list) < most {
			list = append(list, fmt.Sprintf("%s: %s%s", span(d.Path), quote(d.Title, 120), mark))
		}
	}
	for i := range c.in.Pages {
		if v := &c.in.Pages[i]; !v.Restricted && len(list) < most {
			list = append(list, "Wiki: "+quote(v.Title, 120)+p.page(v, ""))
		}
	}
	p.list(list)
	return p
}
