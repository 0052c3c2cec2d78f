package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/container"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// setup tells how to get from a fresh machine to running tests.
func (c *composer) setup() error {
	if !c.requirements().done() {
		c.missingf("Which tools it needs, in which versions: no file says it.")
	}
	c.servicesNeeded().done()
	for _, s := range c.steps() {
		if !c.commandsOf(s.key, s.title, s.list).done() && s.none != "" {
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

// step is a step on the way from a clone to running tests.
type step struct {
	key, title string
	none       string // what is not known where no command is; "" for what not everything needs
	list       []report.Command
}

// steps are in the order in which they work: what runs beside the software, what it
// is built of, what prepares the database, and then the software.
func (c *composer) steps() []step {
	b := &c.report.Build
	services := step{key: "start-services", title: "Start the services"}
	install := step{key: "install", title: "Install", none: "How to install what it depends on"}
	database := step{key: "database", title: "Prepare the database"}
	run := step{key: "run", title: "Run", none: "How to run it"}
	build := step{key: "build", title: "Build", none: "How to build it"}
	test := step{key: "test", title: "Test", none: "How to test it"}
	sortOut := func(list []report.Command, to *step) {
		for i := range list {
			v := list[i]
			switch stage := shell.StageOf(v.Command); {
			case stage == shell.StartServices && container.ForTests(v.Source):
				test.list = append(test.list, v)
			case stage == shell.StartServices && to == &install:
				services.list = append(services.list, v)
			case stage >= shell.MakeDatabase && goesOn(v.Command):
				run.list = append(run.list, v) // it is all steps at once
			case stage >= shell.MakeDatabase:
				database.list = append(database.list, v)
			default:
				to.list = append(to.list, v)
			}
		}
	}
	sortOut(b.Setup, &install)
	sortOut(b.Build, &build)
	sortOut(b.Run, &run)
	test.list = append(test.list, b.Test...)
	if len(services.list) == 0 {
		services.list = c.alone()
	}
	slices.SortStableFunc(database.list, func(x, y report.Command) int {
		return cmp.Compare(shell.StageOf(x.Command), shell.StageOf(y.Command))
	})
	return []step{
		services, install, database, build, run,
		test, {key: "lint", title: "Check and format", none: "How the code is checked", list: b.Lint},
	}
}

// goesOn reports whether a line of several commands does not end with what prepares
// a database: it starts the software behind it.
func goesOn(command string) bool {
	parts := strings.Split(command, "&&")
	return len(parts) > 1 && shell.StageOf(parts[len(parts)-1]) < shell.MakeDatabase
}

// alone are the commands that start what the software needs without the software,
// one of each Compose file that starts both.
func (c *composer) alone() []report.Command {
	var out []report.Command
	services := c.services()
	for from := 0; from < len(services); {
		file, built := services[from].file, false
		var names []string
		line := 0
		for ; from < len(services) && services[from].file == file; from++ {
			s := &services[from]
			built = built || s.built != ""
			if s.built == "" && s.image != "" && s.optional == "" && plainName.MatchString(s.name) {
				names = append(names, s.name)
				line = cmp.Or(line, s.line)
			}
		}
		if !built || len(names) == 0 || strings.Contains(file, "/") {
			continue
		}
		with := ""
		if base := strings.ToLower(file); !slices.Contains([]string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}, base) {
			with = "-f " + file + " "
		}
		out = append(out, report.Command{Command: "docker compose " + with + "up -d " + strings.Join(names, " "), Source: file, Line: line, Why: "starts what the software needs, and not the software itself", Confidence: surest})
	}
	return out
}

var plainName = lazyregexp.New(`^[A-Za-z0-9][\w.-]*$`)

// requirements are the tools with the versions that files ask for.
func (c *composer) requirements() *part {
	p := c.section("requirements", "What it needs")
	var list []string
	for _, r := range c.report.Build.Requirements {
		mark := p.lines(r.Source, r.Line, r.Line)
		if mark == "" || strings.EqualFold(r.Tool, c.name()) && manifest.IsContainer(r.Source) {
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

// servicesNeeded are what has to run beside it. What is optional, or runs inside of
// it, is none.
func (c *composer) servicesNeeded() *part {
	p := c.section("services", "Services beside it")
	p.neededOnly = true
	var list []string
	for _, s := range p.systems() {
		if s.kind != kindDatabase && s.kind != kindCache && s.kind != kindQueue && s.kind != kindSearch && s.kind != kindStorage && s.kind != kindMail && s.kind != kindIdentity {
			continue
		}
		if s.name == embedded {
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
		if len(s.ports) > 0 && s.optional == "" {
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

// embedded is the database that runs inside of what uses it.
const embedded = "SQLite"

// surest is from where on a command is offered with the best of its kind.
const surest = 0.6

// commandsOf lists commands, the surest first; those that prepare a database in the
// order in which they work.
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

var setupHeading = lazyregexp.New(`(?i)\b(install(ation|ing)?|set(ting)?[ -]?up|getting started|quick ?start|build(ing)?|run(ning)?|develop(ment|ing)|local|prerequisites?|requirements?|docker|test(s|ing)?|configur(e|ation|ing))\b`)
