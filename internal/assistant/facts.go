package assistant

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex/diagram"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
)

type symbolRef = codeindex.SymbolRef

// sayCommands tells the commands that the analysis found for what is to be done.
func (d *dossier) sayCommands(ctx context.Context, c *composition) {
	if d.code == nil {
		return
	}
	if d.asked.task == "" {
		d.sayCommandsFor(ctx, c)
		return
	}
	b := &d.code.Report.Build
	title := map[string]string{"test": "To run the tests", "lint": "To lint", "build": "To build", "setup": "To set up", "run": "To run it"}[d.asked.task]
	list := map[string][]report.Command{"test": b.Test, "lint": b.Lint, "build": b.Build, "setup": b.Setup, "run": b.Run}[d.asked.task]
	if len(list) == 0 {
		return
	}
	c.fact = true
	if d.asked.task == "test" && len(b.Setup) > 0 {
		c.sayf("Set it up first:")
		d.sayCommand(ctx, c, &b.Setup[0])
	}
	c.sayf("%s:", title)
	for i := range list[:min(len(list), 4)] {
		d.sayCommand(ctx, c, &list[i])
	}
	var needs []string
	for _, r := range b.Requirements {
		if len(needs) < 5 {
			needs = append(needs, strings.TrimSpace(markdown.Plain(r.Tool+" "+r.Version))+d.citeLine(ctx, r.Source, r.Line))
		}
	}
	if len(needs) > 0 && (d.asked.task == "setup" || d.asked.task == "build") {
		c.sayf("It needs %s.", strings.Join(needs, ", "))
	}
}

// sayCommandsFor tells the commands that are for what is to be done, by their
// names and by what the files say of them.
func (d *dossier) sayCommandsFor(ctx context.Context, c *composition) {
	if adding.MatchString(d.asked.text) {
		return // of what is made, not of what is run
	}
	b := &d.code.Report.Build
	said := 0
	for _, v := range slices.Concat(b.Build, b.Run, b.Test, b.Lint, b.Setup) {
		p := rampforge.Passage{Text: v.Command + "\n" + v.Why}
		if said == 3 || d.covers(&p) < leastTogether {
			continue
		}
		said++
		c.fact = true
		d.sayCommand(ctx, c, &v)
	}
}

func (d *dossier) sayCommand(ctx context.Context, c *composition, v *report.Command) {
	c.sayf("%s", markdown.Code("sh", v.Command))
	where := fmt.Sprintf("%s in %s", markdown.Plain(v.Why), markdown.Span(v.Source))
	if strings.Contains(v.Why, v.Source) || v.Why == "" {
		where = "From " + markdown.Span(v.Source)
	}
	if v.Line > 0 {
		where += fmt.Sprintf(", line %d", v.Line)
	}
	c.sayf("%s%s", where, d.citeLine(ctx, v.Source, v.Line))
}

// citeLine is the citation of a line, "" where no passage has it.
func (d *dossier) citeLine(ctx context.Context, path string, line int) string {
	p, ok := d.passageAt(ctx, path, max(line, 1))
	if !ok {
		return ""
	}
	return fmt.Sprintf(" [%d]", d.cite(around(p, line), 0.8))
}

// narrow is how many lines around one are cited of a long passage.
const narrow = 6

// around is the part of a passage around a line.
func around(p rampforge.Passage, line int) rampforge.Passage {
	if line < p.StartLine || p.EndLine-p.StartLine <= 2*narrow {
		return p
	}
	lines := strings.Split(p.Text, "\n")
	first := max(line-p.StartLine-narrow/2, 0)
	last := min(first+narrow, len(lines))
	if first >= last {
		return p
	}
	p.Text = strings.Join(lines[first:last], "\n")
	p.StartLine, p.EndLine, p.ID = p.StartLine+first, p.StartLine+last-1, 0
	return p
}

// sayPeople names whom to ask about what the question is about: alphabetical,
// without numbers, and nobody who does not want that.
func (d *dossier) sayPeople(c *composition) {
	for i, t := range d.targets {
		if i > 0 && !t.named {
			break
		}
		people := d.named(t.impact.People)
		var left []string
		for _, f := range t.impact.Left {
			if !d.code.Unnamed(f.Name) {
				left = append(left, markdown.Plain(f.Name)+lastSeen(f))
			}
		}
		if len(people)+len(left) == 0 {
			continue
		}
		c.fact = true
		what := markdown.Span(t.name())
		of := ""
		if by := t.impact.PeopleOf; by != nil && *by != t.impact.Kind && t.impact.Symbol == nil {
			of = ", by the " + *by + " that it is in"
		}
		n := d.cite(d.peoplePassage(t, people, left), 1)
		if len(people) > 0 {
			c.sayf("Ask about %s%s: %s. [%d]", what, of, strings.Join(people, ", "), n)
		} else {
			c.sayf("Nobody who knows %s made a commit in the last year. [%d]", what, n)
		}
		if len(left) > 0 {
			c.sayf("Who knew it and made no commit in the last year: %s. [%d]", strings.Join(left, ", "), n)
		}
	}
}

func lastSeen(f codeindex.Former) string {
	if f.LastSeen == "" {
		return ""
	}
	return " (until " + f.LastSeen + ")"
}

// named are people who may be named.
func (d *dossier) named(people []string) []string {
	var out []string
	for _, name := range people {
		if !d.code.Unnamed(name) {
			out = append(out, markdown.Plain(name))
		}
	}
	return out
}

// peoplePassage is what the analysis says of who knows something, to be cited.
func (d *dossier) peoplePassage(t target, people, left []string) rampforge.Passage {
	text := "To ask: " + strings.Join(people, ", ")
	if len(left) > 0 {
		text += "\nMade no commit in the last year: " + strings.Join(left, ", ")
	}
	return rampforge.Passage{
		Kind: rampforge.PassageReport, Key: "people " + t.impact.Path, Title: "Who knows " + t.name() + ", from the history of its files", Path: t.impact.Path, Commit: t.impact.Commit, Text: text,
	}
}

// sayImpact tells what a change would touch, and which tests tell.
func (d *dossier) sayImpact(ctx context.Context, c *composition) {
	for i, t := range d.targets {
		if i > 0 && !t.named {
			break
		}
		c.fact = true
		v := t.impact
		cited := ""
		if p, ok := d.passageAt(ctx, v.Path, t.line()); ok {
			cited = fmt.Sprintf(" [%d]", d.cite(p, 1))
		}
		if v.Total == 0 {
			c.sayf("Nothing in the repository that the analysis knows of uses %s%s.", markdown.Span(t.name()), cited)
		} else {
			c.sayf("A change of %s may touch %s directly and %d more through them%s.", markdown.Span(t.name()), plural(v.Direct, "place"), v.Transitive, cited)
			d.sayUsers(ctx, c, t, 8)
		}
		if len(v.Components) > 1 {
			c.sayf("The components %s are reached.", markdown.Plain(strings.Join(v.Components[:min(len(v.Components), 10)], ", ")))
		}
		if len(v.Tests) > 0 {
			var list []string
			for _, test := range v.Tests[:min(len(v.Tests), 5)] {
				list = append(list, d.mention(ctx, test.Path, nil))
			}
			c.sayf("Tests to run, the nearest first (%d in all):\n\n- %s", v.TestTotal, strings.Join(list, "\n- "))
		}
		sayCoupled(c, v)
		if c.diagram == nil {
			c.diagram = d.draw(t)
		}
	}
}

// sayCoupled names what often changed together with something.
func sayCoupled(c *composition, v *codeindex.Impact) {
	var coupled []string
	for _, m := range v.Moved {
		if !m.Imports && len(coupled) < 3 {
			coupled = append(coupled, fmt.Sprintf("%s (%d %% of the time)", markdown.Span(m.Path), m.Degree))
		}
	}
	if len(coupled) > 0 {
		c.sayf("Often changed with it, though neither imports the other: %s.", strings.Join(coupled, ", "))
	}
}

// drawn is how many things a drawing has at most.
const drawn = 12

// draw draws what is around a target; nil where there is nothing.
func (d *dossier) draw(t target) *string {
	if d.code == nil || t.impact.Kind == "folder" {
		return nil
	}
	q := codeindex.GraphQuery{Level: codeindex.LevelFile, Around: t.impact.Path, Limit: drawn}
	if s := t.impact.Symbol; s != nil {
		q = codeindex.GraphQuery{Level: codeindex.LevelSymbol, Around: s.ID, Limit: drawn}
	}
	g, err := d.code.Index.Graph(q)
	if err != nil || len(g.Edges) == 0 {
		return nil
	}
	text := diagram.Mermaid(g)
	return &text
}

// followUps are questions that come next.
func (d *dossier) followUps() []string {
	var out []string
	if len(d.targets) > 0 {
		name := d.targets[0].name()
		for _, f := range []struct {
			intent intent
			text   string
		}{
			{asksWhat, "What is `" + name + "`?"}, {asksBreaks, "What breaks if I change `" + name + "`?"},
			{asksWhy, "Why is `" + name + "` as it is?"}, {asksWho, "Who knows `" + name + "`?"},
		} {
			if f.intent != d.asked.intent && (f.intent != asksWhat || d.asked.intent != asksWhere) && !strings.ContainsAny(name, "`\n") {
				out = append(out, f.text)
			}
		}
	}
	if d.code != nil && len(d.code.Report.Build.Test) > 0 && d.asked.task != "test" {
		out = append(out, "How do I run the tests?")
	}
	if d.code != nil && len(d.code.Report.Build.Build) > 0 && d.asked.task == "test" {
		out = append(out, "How do I build it?")
	}
	return append([]string{}, out[:min(len(out), 3)]...)
}

// languageOf is what a block of code is marked with.
func languageOf(file string) string {
	ending := strings.TrimPrefix(path.Ext(file), ".")
	if slices.Contains([]string{"go", "py", "js", "ts", "tsx", "java", "rb", "rs", "c", "cpp", "cs", "php", "kt", "sh", "sql", "toml", "yaml", "json"}, ending) {
		return ending
	}
	return ""
}
