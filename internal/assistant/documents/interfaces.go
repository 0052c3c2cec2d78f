package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

func (c *composer) procedures() *part {
	p := c.section("procedures", "Remote procedures")
	for i := range c.report.RPC {
		v := &c.report.RPC[i]
		mark := p.place(v.Location)
		if mark == "" || c.leave("procedure", v.Service+"."+v.Method, v.Location) || len(p.blocks) == maxCommands {
			continue
		}
		said := ""
		if v.Description != nil {
			said = ": " + quote(described(*v.Description), 220)
		}
		p.sayf("- %s (%s)%s%s", span(v.Service+"."+v.Method), plain(v.Protocol), said, mark)
	}
	return p.tight()
}

func (c *composer) commands() *part {
	p := c.section("commands", "Commands")
	for i := range c.report.Commands {
		v := &c.report.Commands[i]
		mark := p.place(v.Location)
		if mark == "" || c.leave("command", v.Name, v.Location) || len(p.blocks) == maxCommands {
			continue
		}
		said := ""
		if v.Description != nil {
			said = ": " + quote(described(*v.Description), 220)
		}
		by := ""
		if v.Handler != nil {
			by = ", handled by " + span(*v.Handler)
		}
		p.sayf("- %s (%s%s)%s%s", span(v.Name), plain(v.Framework), by, said, mark)
	}
	return p.tight()
}

func (c *composer) jobs() *part {
	p := c.section("jobs", "Jobs that start by themselves")
	for i := range c.report.Jobs {
		v := &c.report.Jobs[i]
		mark := p.symbol(v.Location)
		if mark == "" || c.leave("job", v.Name, v.Location) || len(p.blocks) == maxCommands {
			continue
		}
		when := map[string]string{"scheduled": "by the clock", "queue": "from a queue", "listener": "on an event"}[v.Kind]
		if v.Schedule != nil {
			when += ", " + span(*v.Schedule)
		}
		if v.Queue != nil {
			when += ", " + span(*v.Queue)
		}
		by := ""
		if v.Handler != nil {
			by = ", handled by " + span(*v.Handler)
		}
		p.sayf("- %s in %s, %s (%s)%s%s", span(v.Name), span(path.Base(v.Location.Path)), cmp.Or(when, plain(v.Kind)), plain(v.Framework), by, mark)
	}
	return p.tight()
}

// The most of a library's interface that is listed.
const (
	maxExported = 150
	maxOfFile   = 25
)

// exported is the interface of a library: what its most used files declare for
// others and say something of. Programs have none.
func (c *composer) exported() *part {
	p := c.section("exported", "Public interface")
	for i := range c.report.EntryPoints {
		if e := &c.report.EntryPoints[i]; (e.Kind == "program" || e.Kind == "container") && !c.isAside(e.Path) {
			return p
		}
	}
	weights := c.index.Weights()
	files := make([]int, 0, len(weights))
	for i := range weights {
		if f := &c.index.Files[i]; f.Kind == "programming" && !f.Test && !c.isAside(f.Path) && !inside.MatchString(f.Path) {
			files = append(files, i)
		}
	}
	slices.SortStableFunc(files, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	total := 0
	for _, i := range files {
		var list []string
		symbols := c.index.SymbolsOf(i)
		for j := range symbols {
			s := &symbols[j]
			if !s.Exported || s.Test || s.Doc == "" || s.Kind == "variable" || s.Kind == "constant" || total+len(list) == maxExported || len(list) == maxOfFile {
				continue
			}
			if mark := p.lines(c.index.Files[i].Path, int(s.Line), int(s.EndLine)); mark != "" {
				list = append(list, fmt.Sprintf("%s (%s): %s%s", span(cmp.Or(s.Signature, s.Name)), plain(s.Kind), quote(described(s.Doc), 220), mark))
			}
		}
		if total += len(list); len(list) > 0 {
			p.sayf("In %s:", span(c.index.Files[i].Path))
			p.list(list)
		}
	}
	return p
}

// inside are folders that a language or a habit keeps from others.
var inside = lazyregexp.New(`(^|/)(internal|private|scripts?|tools?|docs?|website)/`)

// tight makes one list of blocks that are entries of one.
func (p *part) tight() *part {
	if len(p.blocks) > 1 {
		p.blocks = []string{strings.Join(p.blocks, "\n")}
	}
	return p
}
