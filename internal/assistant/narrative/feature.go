package narrative

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// routesOf is how a feature is entered.
type routesOf struct {
	endpoints []report.Endpoint
	pages     []report.Page
	rpcs      []report.RPC
	commands  []report.CLICommand
	jobs      []report.Job
	models    []report.Model
}

// sortRoutes finds what belongs to which feature.
func (c *composer) sortRoutes() {
	c.features = map[string]*routesOf{}
	of := func(name string) *routesOf {
		if c.features[name] == nil {
			c.features[name] = &routesOf{}
		}
		return c.features[name]
	}
	for _, v := range c.r.Endpoints {
		of(v.Feature).endpoints = append(of(v.Feature).endpoints, v)
	}
	for _, v := range c.r.Pages {
		of(v.Feature).pages = append(of(v.Feature).pages, v)
	}
	for _, v := range c.r.RPC {
		of(v.Feature).rpcs = append(of(v.Feature).rpcs, v)
	}
	for _, v := range c.r.Commands {
		of(v.Feature).commands = append(of(v.Feature).commands, v)
	}
	for _, v := range c.r.Jobs {
		of(v.Feature).jobs = append(of(v.Feature).jobs, v)
	}
	for _, v := range c.r.Models {
		if v.Kind == "model" {
			of(v.Feature).models = append(of(v.Feature).models, v)
		}
	}
}

// feature describes a feature.
func (c *composer) feature(f *report.Feature) Draft {
	routes := c.features[f.Name]
	if routes == nil {
		routes = &routesOf{}
	}
	var all []sentence
	if f.Description != nil {
		said, cites := c.quote(*f.Description, fromDocs, c.sayingOf(f, routes)...)
		if len(said) > 0 && !isCommand(said[0], routes.commands) { // which is said below, with its name
			said[0] = namedHandler(said[0], routes.endpoints)
			all = leads(f.Name, said, cites)
		}
	}
	if s := c.answers(routes.endpoints, routes.pages, routes.rpcs); s != nil {
		all = append(all, *s)
	}
	all = append(all, together(c.handled(routes))...)
	all = append(all, together(c.commanded(routes.commands))...)
	all = append(all, c.works(routes.jobs)...)
	if s := c.keeps(routes.models); s != nil {
		all = append(all, *s)
	}
	if s := c.testsOfFeature(f); s != nil {
		all = append(all, *s)
	}
	return draft(ofFeature(f), all)
}

// namedHandler marks the name of a handler that a sentence begins with, so that it
// stays as the code has it.
func namedHandler(sentence string, endpoints []report.Endpoint) string {
	first, rest, _ := strings.Cut(sentence, " ")
	for _, e := range endpoints {
		if e.Handler != nil && rest != "" && (*e.Handler)[strings.LastIndexAny(*e.Handler, ".#:/")+1:] == first {
			return codeSpan(first) + " " + rest
		}
	}
	return sentence
}

func isCommand(sentence string, commands []report.CLICommand) bool {
	return slices.ContainsFunc(commands, func(cmd report.CLICommand) bool {
		return cmd.Description != nil && slices.Contains(sentences(plain(*cmd.Description)), sentence)
	})
}

// sayingOf are the files that may hold what is said of a feature.
func (c *composer) sayingOf(f *report.Feature, routes *routesOf) []string {
	var out []string
	add := func(p string) {
		if p != "" && !slices.Contains(out, p) && len(out) < mostLooked {
			out = append(out, p)
		}
	}
	for _, m := range routes.models {
		add(m.Location.Path)
	}
	for _, e := range routes.endpoints {
		if e.Declared != nil {
			add(e.Declared.Path)
		}
		add(e.Location.Path)
	}
	for _, v := range routes.commands {
		add(v.Location.Path)
	}
	for _, v := range routes.rpcs {
		add(v.Location.Path)
	}
	for _, p := range f.Files {
		add(p)
	}
	return out
}

// handled is what the code says of requests.
func (c *composer) handled(routes *routesOf) []sentence {
	var out []sentence
	about := func(name string, description *string, at ...report.Location) {
		if description == nil || len(out) == fromCode {
			return
		}
		list := sentences(plain(*description))
		if len(list) == 0 {
			return
		}
		for _, l := range at {
			f := c.file(l.Path)
			if f == nil {
				continue
			}
			if first, last, ok := f.find(list[0], l.Line); ok {
				out = append(out, sentence{text: codeSpan(name) + documentedAs + speech(list[0]), cites: []Lines{{Path: l.Path, First: first, Last: last}}, says: true})
				return
			}
		}
	}
	for _, e := range routes.endpoints {
		places := []report.Location{e.Location}
		if e.Declared != nil {
			places = []report.Location{*e.Declared, e.Location}
		}
		about(method(e.Method)+e.Path, e.Description, places...)
	}
	for _, e := range routes.endpoints {
		if len(out) > 0 || e.Handler == nil || e.Declared == nil {
			continue
		}
		if at := c.place(e.Declared.Path, e.Declared.Line, *e.Handler); at != nil {
			out = append(out, sentence{text: codeSpan(method(e.Method)+e.Path) + " is answered by " + codeSpan(*e.Handler) + " in " + codeSpan(e.Declared.Path), cites: at, says: true})
		}
	}
	for _, r := range routes.rpcs {
		about(strings.TrimPrefix(r.Service+"."+r.Method, "."), r.Description, r.Location)
	}
	return out
}

// commanded says what commands do.
func (c *composer) commanded(commands []report.CLICommand) []sentence {
	var out []sentence
	var plainly []report.CLICommand
	for _, cmd := range commands {
		f := c.file(cmd.Location.Path)
		if f == nil {
			continue
		}
		var list []string
		if cmd.Description != nil {
			list = sentences(plain(*cmd.Description))
		}
		if len(list) == 0 || len(out) == fromCode {
			plainly = append(plainly, cmd)
			continue
		}
		first, last, ok := f.find(list[0], cmd.Location.Line)
		if !ok {
			first, last, ok = f.find(list[0], 0)
		}
		if !ok {
			plainly = append(plainly, cmd)
			continue
		}
		out = append(out, sentence{text: "The command " + codeSpan(cmd.Name) + documentedAs + speech(list[0]), cites: []Lines{{Path: f.path, First: first, Last: last}}, says: true})
	}
	if s := c.offers(plainly); s != nil {
		if len(out) > 0 && len(plainly) == 1 {
			s.text = strings.Replace(s.text, "It has the command", "It has the further command", 1)
		}
		out = append(out, *s)
	}
	return out
}

// works says what starts by itself.
func (c *composer) works(jobs []report.Job) []sentence {
	var out []sentence
	for _, j := range jobs {
		at := c.place(j.Location.Path, j.Location.Line, "")
		if at == nil || len(out) == 2 {
			continue
		}
		text := "The job " + codeSpan(j.Name)
		switch {
		case j.Schedule != nil && *j.Schedule != "":
			text += " runs on the schedule " + codeSpan(*j.Schedule)
		case j.Queue != nil && *j.Queue != "":
			text += " waits for " + codeSpan(*j.Queue)
		default:
			text += " is set up in " + codeSpan(j.Location.Path)
		}
		out = append(out, sentence{text: text, cites: at, says: true})
	}
	return out
}

// keeps says what is kept in a database.
func (c *composer) keeps(models []report.Model) *sentence {
	var names []string
	var places []Lines
	for _, m := range models {
		if at := c.place(m.Location.Path, m.Location.Line, m.Name); at != nil && len(names) < examples {
			names, places = append(names, m.Name), append(places, at...)
		}
	}
	return listed("It keeps in a database", names, places)
}

// testsOfFeature names a test in a file that is named for a feature.
func (c *composer) testsOfFeature(f *report.Feature) *sentence {
	var named []int32
	words := wordsOf(f.Name)
	for _, p := range f.Tests {
		base := strings.ToLower(path.Base(p))
		at, there := c.known[p]
		if there && len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(base, strings.TrimSuffix(w, "s")) }) {
			named = append(named, at)
		}
	}
	return c.testIn(named)
}
