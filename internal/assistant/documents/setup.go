package documents

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// setup tells how to get from a fresh machine to running tests.
func (c *composer) setup() error {
	if !c.requirements().done() {
		c.missingf("Which tools it needs, in which versions: no file says it.")
	}
	c.servicesNeeded().done()
	b := &c.report.Build
	for _, s := range []struct {
		key, title, none string
		list             []report.Command
	}{
		{"install", "Install", "How to install what it depends on", b.Setup},
		{"build", "Build", "How to build it", b.Build},
		{"run", "Run", "How to run it", b.Run},
		{"test", "Test", "How to test it", b.Test},
		{"lint", "Check and format", "How the code is checked", b.Lint},
	} {
		if !c.commandsOf(s.key, s.title, s.list).done() {
			c.missingf("%s: no file gives a command.", s.none)
		}
	}
	if !c.environment().done() {
		c.missingf("Environment variables: neither an example file, nor Compose, nor the code shows any.")
	}
	c.said().done()
	c.conflicts().done()
	return nil
}

// requirements are the tools with the versions that files ask for.
func (c *composer) requirements() *part {
	p := c.section("requirements", "What it needs")
	var list []string
	for _, r := range c.report.Build.Requirements {
		mark := p.lines(r.Source, r.Line, r.Line)
		if mark == "" {
			continue
		}
		version := ""
		if r.Version != "" {
			version = " " + span(r.Version)
		}
		list = append(list, fmt.Sprintf("%s%s, by %s%s", plain(r.Tool), version, span(r.Source), mark))
	}
	p.list(list)
	return p
}

// servicesNeeded are what has to run beside it.
func (c *composer) servicesNeeded() *part {
	p := c.section("services", "Services beside it")
	var list []string
	for _, s := range p.systems() {
		if s.kind != kindDatabase && s.kind != kindCache && s.kind != kindQueue && s.kind != kindSearch && s.kind != kindStorage && s.kind != kindMail && s.kind != kindIdentity {
			continue
		}
		list = append(list, fmt.Sprintf("**%s** (%s): %s", plain(s.name), s.kind, and(s.evidence)))
	}
	if len(list) > 0 {
		p.sayf("What it depends on, or what is started beside it. A dependency shows that it can be used, not that it must be:")
		p.list(list)
	}
	var ports []string
	services := p.services()
	for i := range services {
		s := &services[i]
		if len(s.ports) > 0 {
			if mark := p.lines(s.file, s.line, s.lastLine()); mark != "" {
				ports = append(ports, fmt.Sprintf("%s at %s%s", span(s.name), and(spans(s.ports)), mark))
			}
		}
	}
	if len(ports) > 0 {
		p.sayf("Ports that Compose opens:")
		p.list(ports)
	}
	return p
}

// surest is from where on a command is offered with the best of its kind.
const surest = 0.6

// commandsOf lists commands, the surest first.
func (c *composer) commandsOf(key, title string, list []report.Command) *part {
	p := c.section(key, title)
	var out []string
	for i := range list {
		v := &list[i]
		if len(out) >= 8 || len(out) > 0 && v.Confidence < surest && list[0].Confidence >= surest && len(out) >= 3 {
			break
		}
		mark := p.command(v)
		if mark == "" {
			continue
		}
		why := ""
		if v.Why != "" {
			why = ": " + plain(v.Why)
		}
		if !strings.Contains(v.Why, v.Source) {
			why += ", in " + span(v.Source)
			if v.Why == "" {
				why = ": in " + span(v.Source)
			}
		}
		out = append(out, span(v.Command)+why+mark)
	}
	p.list(out)
	return p
}

// said is what the documents say of setting it up, section by section.
func (c *composer) said() *part {
	p := c.section("documented", "What the documents say of it")
	const most = 8
	var list []string
	for _, file := range c.docs() {
		for _, s := range c.sectionsOf(file) {
			if !setupHeading.MatchString(s.last) || len(list) == most || s.start < 4 && s.title == s.last { // the title of the document
				continue
			}
			lines := c.file(file)
			mark := p.lines(file, s.start, min(s.end, s.start+maxLines-1))
			text := ""
			if said := s.prose(lines); len(said) > 0 {
				text = ": " + quote(said[0].text, 220)
			} else if items := s.items(lines); len(items) > 0 {
				text = ": " + quote(items[0].text, 160)
			}
			if mark != "" && text != "" {
				list = append(list, fmt.Sprintf("%s, “%s”%s%s", span(file), quote(s.last, 80), text, mark))
			}
		}
	}
	p.list(list)
	return p
}

var setupHeading = regexp.MustCompile(`(?i)\b(install(ation|ing)?|set(ting)?[ -]?up|getting started|quick ?start|build(ing)?|run(ning)?|develop(ment|ing)|local|prerequisites?|requirements?|docker|test(s|ing)?|configur(e|ation|ing))\b`)

// claimedVersion is a version of a tool that a document names.
var claimedVersion = regexp.MustCompile(`(?i)\b(go|golang|node(?:\.?js)?|python|ruby|java|jdk|rust|php|\.net|dotnet)\s*(?:version\s*)?[:(]?\s*(>=|≥|>|at least\s+)?\s*v?(\d+(?:\.\d+){0,2})(\+|\s*(?:or|and)\s+(?:newer|later|higher|above|up))?`)

var toolNames = map[string]string{
	"golang": "go", "go": "go", "node": "node", "nodejs": "node", "node.js": "node", "python": "python", "ruby": "ruby", "java": "java", "jdk": "java", "rust": "rust", "php": "php", ".net": "dotnet", "dotnet": "dotnet",
}

// conflicts says where files contradict each other.
func (c *composer) conflicts() *part {
	p := c.section("conflicts", "Where the files disagree")
	p.list(slices.Concat(p.versionConflicts(), p.targetConflicts()))
	return p
}

func (p *part) versionConflicts() []string {
	var out []string
	wanted := map[string][]report.Requirement{}
	for _, r := range p.report.Build.Requirements {
		if r.Version != "" && digits.MatchString(r.Version) {
			tool := strings.ToLower(r.Tool)
			wanted[tool] = append(wanted[tool], r)
		}
	}
	said := map[string]bool{}
	for _, r := range p.report.Build.Requirements { // in the order of the report
		for _, other := range wanted[strings.ToLower(r.Tool)] {
			key := r.Tool + min(r.Source, other.Source) + max(r.Source, other.Source)
			if r.Source == other.Source || said[key] || r.Version == "" || agree(r.Version, false, other.Version) || agree(other.Version, false, r.Version) {
				continue
			}
			said[key] = true
			a, b := p.lines(r.Source, r.Line, r.Line), p.lines(other.Source, other.Line, other.Line)
			if a != "" && b != "" {
				out = append(out, fmt.Sprintf("%s: %s says %s%s, %s says %s%s", plain(r.Tool), span(r.Source), span(r.Version), a, span(other.Source), span(other.Version), b))
			}
		}
	}
	for _, file := range p.docs() {
		if strings.Count(file, "/") > 1 || strings.Contains(strings.ToLower(file), "changelog") {
			continue
		}
		for n, line := range p.file(file) {
			for _, m := range claimedVersion.FindAllStringSubmatch(plainText(line), -1) {
				tool := toolNames[strings.ToLower(m[1])]
				for _, r := range wanted[tool] {
					key := tool + file + m[3] + r.Source
					if said[key] || agree(m[3], m[2] != "" || m[4] != "", r.Version) {
						continue
					}
					said[key] = true
					a, b := p.lines(file, n+1, n+1), p.lines(r.Source, r.Line, r.Line)
					if a != "" && b != "" {
						out = append(out, fmt.Sprintf("%s: %s speaks of %s%s, %s asks for %s%s", plain(r.Tool), span(file), span(strings.TrimSpace(m[2]+m[3]+m[4])), a, span(r.Source), span(r.Version), b))
					}
				}
			}
		}
	}
	return out[:min(len(out), 12)]
}

var digits = regexp.MustCompile(`\d+(?:\.\d+)*`)

// agree reports whether a version that is spoken of fits one that a file asks
// for: the one begins as the other, or what is spoken of is the least and the
// other no less. Ranges of files are read by their first number.
func agree(said string, least bool, asked string) bool {
	a, b := digits.FindString(said), digits.FindString(asked)
	if a == "" || b == "" {
		return true
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	n := min(len(x), len(y))
	if slices.Equal(x[:n], y[:n]) {
		return true
	}
	less := compareVersions(x, y) <= 0
	if least && less {
		return true
	}
	// A range asks for that version or more: a larger one that is named fits it.
	ranged := strings.ContainsAny(asked, "><^~*|") || strings.Contains(asked, "+") || strings.ContainsAny(said, "><^~*|")
	return ranged && (!less || strings.ContainsAny(asked, "|"))
}

func compareVersions(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if d := cmp.Or(cmp.Compare(len(a[i]), len(b[i])), cmp.Compare(a[i], b[i])); d != 0 {
			return d
		}
	}
	return 0
}

var (
	makeCall   = regexp.MustCompile("(?:^|[`$ ])make +([a-zA-Z][\\w./-]*)")
	scriptCall = regexp.MustCompile("(?:^|[`$ ])(npm run|yarn run|yarn|pnpm run|pnpm) +([a-zA-Z][\\w:.-]*)")
	makeTarget = regexp.MustCompile(`^([\w./%$()\- ]+?)\s*::?(?:[^=]|$)`)
	ownScripts = regexp.MustCompile(`^\s*"([^"]+)"\s*:`)
	// builtin commands of package managers, which are no scripts
	packageCommands = regexp.MustCompile(`^(install|add|remove|create|global|dlx|exec|init|link|up(grade|date)?|why|workspaces?|set|config|cache|publish|pack|audit|i|ci|node|info|list|outdated|version|run|import|patch|store|dedupe|help|if|for|and|or|is|to|the|as|in|with|package|packages|berry|classic)$`)
)

// targetConflicts are commands that documents name and no file has.
func (p *part) targetConflicts() []string {
	targets := p.makeTargets()
	scripts := p.scripts()
	var out []string
	said := map[string]bool{}
	add := func(file string, n int, command, where string) {
		if said[command] || len(out) == 8 {
			return
		}
		if mark := p.lines(file, n, n); mark != "" {
			said[command] = true
			out = append(out, fmt.Sprintf("%s says %s%s, and %s", span(file), span(command), mark, where))
		}
	}
	for _, file := range p.docs() {
		if strings.Contains(strings.ToLower(file), "changelog") {
			continue
		}
		fenced := false
		for n, line := range p.file(file) {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			if !fenced && !strings.Contains(line, "`") && !strings.Contains(line, "$ ") {
				continue // prose: "make sure" is no command
			}
			code := line
			if !fenced {
				code = strings.Join(codeSpan.FindAllString(line, -1), " ")
			}
			for _, m := range makeCall.FindAllStringSubmatch(code, -1) {
				if targets != nil && !targets[m[1]] && !strings.Contains(code, "make -C") && !strings.Contains(code, "=") {
					add(file, n+1, "make "+m[1], "no Makefile of the tree has that target")
				}
			}
			for _, m := range scriptCall.FindAllStringSubmatch(code, -1) {
				if scripts != nil && !scripts[m[2]] && !packageCommands.MatchString(m[2]) {
					add(file, n+1, m[1]+" "+m[2], "no package.json of the tree has that script")
				}
			}
		}
	}
	return out
}

var codeSpan = regexp.MustCompile("`[^`]+`")

// makeTargets are those of all Makefiles; nil where there is none, or where one
// takes in others or makes targets by patterns, so that nobody can tell.
func (c *composer) makeTargets() map[string]bool {
	files := c.named(regexp.MustCompile(`(?i)^(GNU)?makefile$|\.mk$`), 30)
	if len(files) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, file := range files {
		for _, line := range c.file(file) {
			if strings.HasPrefix(line, "include ") || strings.HasPrefix(line, "-include ") || strings.HasPrefix(line, "$(eval") {
				return nil
			}
			if m := makeTarget.FindStringSubmatch(line); m != nil && !strings.HasPrefix(line, "\t") {
				if strings.ContainsAny(m[1], "%$") {
					return nil
				}
				for name := range strings.FieldsSeq(m[1]) {
					out[name] = true
				}
			}
		}
	}
	return out
}

// scripts are those of all package.json files; nil where there is none.
func (c *composer) scripts() map[string]bool {
	files := c.named(regexp.MustCompile(`^package\.json$`), 50)
	if len(files) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, file := range files {
		for _, line := range c.file(file) { // every key: a dependency is a program too
			if m := ownScripts.FindStringSubmatch(line); m != nil {
				out[m[1]] = true
				out[path.Base(m[1])] = true
			}
		}
	}
	return out
}
