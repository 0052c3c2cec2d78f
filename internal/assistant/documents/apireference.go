package documents

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The most that a reference lists.
const (
	maxEndpoints = 600
	maxCommands  = 150
	maxTestsOf   = 3
	maxTested    = 400 // endpoints whose tests are looked for
)

// apiReference lists what the software answers to: endpoints by what they are
// about, remote procedures, commands and jobs.
func (c *composer) apiReference() error {
	said := 0
	groups := c.groups()
	if len(groups) > 0 {
		c.reading(groups).done()
	}
	for _, g := range groups {
		if c.group(&g).done() {
			said++
		}
	}
	switch aside := len(c.left["endpoint"]); {
	case said > 0:
	case aside > 0:
		c.missingf("HTTP endpoints: none was found but those of examples and tests.")
	default:
		c.missingf("HTTP endpoints: none was found.")
	}
	for _, p := range []*part{c.procedures(), c.commands(), c.jobs(), c.exported()} {
		if p.done() {
			said++
		}
	}
	if said == 0 {
		c.missingf("Remote procedures, commands, jobs, and what a library exports: none was found.")
	}
	if said > 0 && len(groups) > 0 && !c.authSeen {
		c.missingf("Who may call what: nothing that guards an endpoint was recognised.")
	}
	return nil
}

// group is the endpoints of one resource.
type group struct {
	name      string
	endpoints []*report.Endpoint
}

// groups are the endpoints of the software by feature, or by the first name of
// their path where there is none. Those of examples and tests are none of it.
func (c *composer) groups() []group {
	at := map[string]int{}
	var out []group
	total := 0
	for i := range c.report.Endpoints {
		e := &c.report.Endpoints[i]
		if c.leave("endpoint", e.Method+" "+e.Path, e.Location) {
			continue
		}
		if total++; total > maxEndpoints {
			c.unlisted++
			continue
		}
		name := cmp.Or(e.Feature, firstName(e.Path))
		j, ok := at[name]
		if !ok {
			j = len(out)
			at[name] = j
			out = append(out, group{name: name})
		}
		out[j].endpoints = append(out[j].endpoints, e)
	}
	slices.SortStableFunc(out, func(a, b group) int { return cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return out
}

var versionName = lazyregexp.New(`^(api|v\d+|rest|public|\{.*)$`)

// firstName is the first name of a path that says something.
func firstName(p string) string {
	for name := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if name != "" && !versionName.MatchString(name) {
			return name
		}
	}
	return "/"
}

// reading says how many endpoints there are, and how to read what follows.
func (c *composer) reading(groups []group) *part {
	p := c.section("overview", "Overview")
	n, frameworks := 0, []string{}
	files := []string{}
	for _, g := range groups {
		n += len(g.endpoints)
		for _, e := range g.endpoints {
			frameworks = append(frameworks, e.Framework)
			files = append(files, e.Location.Path)
		}
	}
	p.sayf("%s, by %s%s. They are registered in %s.", plural(n, "endpoint"), and(plainAll(distinct(frameworks))), p.computed("endpoints"), some(spans(distinct(files)), 5))
	if c.unlisted > 0 {
		p.sayf("These are the first %s. %s more of the software are not listed, as a reference lists no more than that%s.", plural(n, "endpoint"), thousands(c.unlisted), p.computed("endpoints"))
	}
	for _, g := range []string{"openapi.json", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml", "swagger.yml"} {
		for _, file := range c.named(lazyregexp.New("(?i)^"+regexp.QuoteMeta(g)+"$"), 1) {
			if mark := p.lines(file, 1, 10); mark != "" {
				p.sayf("A description for machines is in %s%s.", span(file), mark)
			}
		}
	}
	return p
}

func plainAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = plain(s)
	}
	return out
}

// slug is a name as a key: small letters, digits and dashes.
func slug(name string) string {
	return strings.Trim(lazyregexp.New(`[^\p{L}\p{N}]+`).ReplaceAllString(strings.ToLower(name), "-"), "-")
}

func (c *composer) group(g *group) *part {
	p := c.section("endpoints-"+cmp.Or(slug(g.name), "root"), oneLine(g.name, 80))
	for _, e := range g.endpoints {
		if said := p.endpoint(e); said != "" {
			p.sayf("%s", said)
		}
	}
	return p
}
