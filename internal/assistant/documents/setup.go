package documents

import (
	"fmt"
	"regexp"
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
