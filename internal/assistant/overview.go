package assistant

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex/diagram"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// whole are the forms of questions about the project as a whole, which no
// passage has the words of.
const (
	project    = `(this|the|your|our)?\s*(whole |entire )?(project|repo|repository|code ?base|code|app|application|software|product|system|program|library|tool|package|service)`
	ofPolite   = `(?i)^\W*((so|and|but|please|hi|hello|can you|could you)\W+)*`
	ofEnd      = `(\W+(about|for|do|used for|all about|please))*\W*$`
	ofMain     = `(main|major|most important|biggest|core|key|central|top[- ]level)`
	ofParts    = `(components?|parts?|modules?|packages?|building blocks|subsystems?|layers?)`
	ofExternal = `(technolog(y|ies)|tech(nology)? stack|stack|frameworks?|libraries|library|dependenc(y|ies)|(third[- ]party )?(packages|gems|crates|modules)|third[- ]party code|programming languages?|languages?)`
)

// pointing asks about what somebody looks at or spoke of: of the project where
// that is nothing else.
var pointing = lazyregexp.New(ofPolite + `(what is (this|it|that)|what does (this|it|that) do)` + ofEnd)

var wholes = []struct {
	intent intent
	form   *lazyregexp.Regexp
}{
	{asksAbout, lazyregexp.New(ofPolite + `(what('s| is| does| do)|tell me about|describe|explain|summari[sz]e|introduce|(give me )?an? (overview|summary|introduction) (of|to)|overview of)\W+` + project + ofEnd)},
	{asksAbout, pointing},
	{asksAbout, lazyregexp.New(ofPolite + `((give me )?an? (overview|summary)|overview)` + ofEnd)},
	{asksStart, lazyregexp.New(ofPolite + `(where|how|with what|what) (do|should|can|could|shall|must|to|would) ?(i|we|you|one|a newcomer)? ?(best )?(start|begin|read first|look at first)( to read| reading| with| to understand| understanding)?(` + `\W+` + project + `)?` + ofEnd)},
	{asksStart, lazyregexp.New(ofPolite + `(what|which files?) (should|do|must|can) (i|we|one|a newcomer) (read|look at) (first|to understand\W+` + project + `)` + ofEnd)},
	{asksParts, lazyregexp.New(ofPolite + `(what|which) (are|is) (the |its )?` + ofMain + ` ` + ofParts + `( (of|in|are there in)\W+` + project + `)?` + ofEnd)},
	{asksParts, lazyregexp.New(ofPolite + `how is\W+` + project + ` (structured|organi[sz]ed|laid out|built up|divided|put together)` + ofEnd)},
	{asksParts, lazyregexp.New(ofPolite + `(what is|what's|describe|explain|show( me)?|tell me about)\W+(the )?(overall |high[- ]level )?(architecture|structure)( of\W+` + project + `)?` + ofEnd)},
	{asksMade, lazyregexp.New(ofPolite + `(what|which) (other |external |outside )?` + ofExternal + `( (is|are|does|do)\W+(it|they|we|` + project + `))?\W*(is|are)?\W*(used|use|uses|written in|built (with|on)|made (with|of)|depend on|rely on|there)?( (in|by|here|of)\W*(` + project + `)?)?` + ofEnd)},
	{asksNeeds, lazyregexp.New(ofPolite + `(what|which) (versions?|releases?) of [\w.+#-]+( \w+)? (is|are|does|do)\b.*\b(need(ed|s)?|required?|requires|supported?|supports|used?|uses|work|works)` + ofEnd)},
	{asksNeeds, lazyregexp.New(ofPolite + `(what|which) [\w.+#-]+ versions? (is|are|does|do|should|must)\b.*\b(need(ed|s)?|required?|requires|supported?|supports|used?|uses|have|install)` + ofEnd)},
	{asksNeeds, lazyregexp.New(ofPolite + `(what|which) (are the |tools? )?(requirements|prerequisites|is (required|needed)|(do|must|should) (i|we) (need|have|install)( first| installed)*|(does|do)\W+(it|` + project + `) (need|require))( (to|for|of)\W+(run|build|start|develop|work on|use)?(ning|ing)?\W*(it|this|` + project + `)?)?` + ofEnd)},
	{asksMade, lazyregexp.New(ofPolite + `(what|which) is\W+` + project + ` (written in|built (with|on|in)|made (with|of))` + ofEnd)},
}

// And of what it offers, and under which terms.
var offers = []struct {
	intent intent
	form   *lazyregexp.Regexp
}{
	{asksTerms, lazyregexp.New(ofPolite + `(what|which|under (what|which)|what('s| is) (the|its|your)) licen[cs]e\b|` + ofPolite + `(how|what) is\W+` + project + ` licen[cs]ed|\bis (it|this|` + project + `) open[- ]source\b`)},
	{asksOffer, lazyregexp.New(ofPolite + `(what|which|list|show( me)?)( all)?( the)? ((public|http|rest|web|api)\W+)*(endpoints|routes|apis)( (are|do|does|has|have|is) ?(there|it|we|` + project + `)?( have| offer| expose| provide)?)?` + ofEnd)},
}

// wholeIntent is what a question about the project as a whole asks for, "" for
// a question about something in it.
func wholeIntent(text string) intent {
	for _, w := range wholes {
		if w.form.MatchString(text) {
			return w.intent
		}
	}
	for _, o := range offers {
		if o.form.MatchString(text) {
			return o.intent
		}
	}
	return ""
}

// The bounds of what is told of a project as a whole.
const (
	maxParts   = 8
	maxFirst   = 7
	maxOutside = 12
)

// sayWhole answers questions about the project as a whole from the report.
func (d *dossier) sayWhole(ctx context.Context, c *composition) {
	if d.code == nil {
		return
	}
	map[intent]func(context.Context, *composition){
		asksAbout: d.sayAbout, asksStart: d.sayFirst, asksParts: d.sayParts, asksMade: d.sayMade, asksNeeds: d.sayNeeds, asksTerms: d.sayTerms, asksOffer: d.sayOffer,
	}[d.asked.intent](ctx, c)
}

// sayAbout tells what the project is, in its own words, and what it is made of.
func (d *dossier) sayAbout(ctx context.Context, c *composition) {
	r := &d.code.Report
	if what := d.ownWords(ctx); what != "" {
		c.fact = true
		name := r.Name
		if r.Documentation.Title != nil {
			name = *r.Documentation.Title
		}
		c.sayf("**%s**: %s", markdown.Plain(name), what)
	}
	d.sayUnread(c)
	d.sayLanguages(ctx, c)
	if len(r.Architecture.Components) > 1 {
		d.sayParts(ctx, c)
	}
}

// sayUnread says that there is a README that was not read, and why.
func (d *dossier) sayUnread(c *composition) {
	file, reason, unread := d.code.Index.UnreadReadme()
	if !unread || d.code.Report.Documentation.Summary != nil {
		return
	}
	c.fact = true
	c.sayf("There is a README, %s, that the analysis did not read: %s. [%d]", markdown.Span(file), reason, d.cite(rampforge.Passage{
		Kind: rampforge.PassageReport, Key: "skipped " + file, Title: "Files that were not analysed", Path: file, Commit: d.code.Index.Commit, Text: file + ": " + reason,
	}, 1))
}

// ownWords is what the README, or else the analysis, says that the project is.
func (d *dossier) ownWords(ctx context.Context) string {
	r := &d.code.Report
	if r.Documentation.Readme != nil && r.Documentation.Summary != nil {
		list, err := d.Store.PassagesOf(ctx, d.question.Viewer, d.question.Project.ID, rampforge.PassageDocument, *r.Documentation.Readme)
		d.note(ctx, "the README", err)
		summary := *r.Documentation.Summary
		at := slices.IndexFunc(list, func(p rampforge.Passage) bool {
			return strings.Contains(squeeze(p.Text), squeeze(summary[:min(len(summary), 40)]))
		})
		if at < 0 && len(list) > 0 {
			at = 0 // its markup differs from the plain summary
		}
		if at >= 0 {
			return fmt.Sprintf("%s [%d]", markdown.Plain(firstSentences(summary, 500)), d.cite(list[at], 1))
		}
	}
	if r.Description != nil {
		if p, ok := d.passageOf(ctx, rampforge.PassageReport, "overview"); ok {
			return fmt.Sprintf("%s [%d]", markdown.Plain(firstSentences(*r.Description, 500)), d.cite(p, 1))
		}
	}
	return ""
}

// squeeze is a text in small letters without anything between its letters.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 {
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// sayLanguages names the languages that most of the code is in.
func (d *dossier) sayLanguages(ctx context.Context, c *composition) {
	var list []string
	for _, l := range d.code.Report.Languages {
		if l.Share >= 0.01 && len(list) < 6 {
			list = append(list, fmt.Sprintf("%s (%.0f %%)", markdown.Plain(l.Name), 100*l.Share))
		}
	}
	p, ok := d.passageOf(ctx, rampforge.PassageReport, "overview")
	if len(list) == 0 || !ok {
		return
	}
	c.fact = true
	c.sayf("It is written in %s. [%d]", strings.Join(list, ", "), d.cite(p, 0.9))
}

// sayParts names the components, the largest first, and draws how they use each
// other.
func (d *dossier) sayParts(ctx context.Context, c *composition) {
	parts := slices.DeleteFunc(slices.Clone(d.code.Report.Architecture.Components), func(v report.Component) bool {
		return v.Type != "application" && v.Type != "library"
	})
	slices.SortStableFunc(parts, func(a, b report.Component) int { return int(b.Lines - a.Lines) })
	var list []string
	for i := range parts {
		v := &parts[i]
		p, ok := d.passageOf(ctx, rampforge.PassageReport, "component "+v.Name)
		if !ok || len(list) == maxParts {
			continue
		}
		line := fmt.Sprintf("%s, %s", markdown.Span(v.Name), plural(v.Files, "file"))
		if v.Description != nil {
			line += ": " + strings.TrimSuffix(markdown.Plain(firstSentences(*v.Description, 200)), ".")
		} else if len(v.KeyFiles) > 0 {
			line += ": what most of it uses is " + markdown.Span(v.KeyFiles[0])
		}
		list = append(list, fmt.Sprintf("%s [%d]", line, d.cite(p, 0.8)))
	}
	if len(list) == 0 {
		return
	}
	c.list("Its parts, the largest first", list, len(parts))
	if g, err := d.code.Index.Graph(codeindex.GraphQuery{Level: codeindex.LevelComponent, Limit: drawn}); err == nil && len(g.Edges) > 0 && c.diagram == nil {
		text := diagram.Mermaid(g)
		c.diagram = &text
	}
}

// sayFirst tells what to read first, in the order of the report.
func (d *dossier) sayFirst(ctx context.Context, c *composition) {
	var list []string
	for _, step := range d.code.Report.ReadingOrder {
		if cited := d.citeLine(ctx, step.Path, 0); cited != "" && len(list) < maxFirst {
			list = append(list, fmt.Sprintf("%d. %s: %s%s", len(list)+1, markdown.Span(step.Path), markdown.Plain(step.Reason), cited))
		}
	}
	if len(list) > 0 {
		c.fact = true
		c.sayf("Read these first, in this order:\n\n%s", strings.Join(list, "\n"))
	}
}

// sayMade tells the languages, and the packages of others that most files use.
func (d *dossier) sayMade(ctx context.Context, c *composition) {
	d.sayLanguages(ctx, c)
	outside := slices.DeleteFunc(slices.Clone(d.code.Report.External), func(e report.External) bool { return e.Scope != "runtime" || e.Name == "" })
	slices.SortStableFunc(outside, func(a, b report.External) int { return b.Files - a.Files })
	var list []string
	for _, e := range outside[:min(len(outside), maxOutside)] {
		line := markdown.Span(e.Name)
		if e.Version != "" {
			line += " " + markdown.Plain(e.Version)
		}
		if e.Files > 0 {
			line += ", in " + plural(e.Files, "file")
		}
		list = append(list, line+d.citeLine(ctx, e.Manifest, e.Line))
	}
	c.list("It uses, the most used first", list, len(outside))
}

// sayNeeds tells the tools and versions that the project asks for: those that the
// question names, or all.
func (d *dossier) sayNeeds(ctx context.Context, c *composition) {
	all := d.code.Report.Build.Requirements
	named := slices.DeleteFunc(slices.Clone(all), func(r report.Requirement) bool { return !d.speaksOf(r.Tool) })
	if len(named) == 0 {
		if strings.Contains(strings.ToLower(d.asked.text), "version") {
			return // of something that the files do not ask for
		}
		named = all
	}
	var list []string
	for _, r := range named[:min(len(named), maxOutside)] {
		list = append(list, strings.TrimSpace(markdown.Plain(r.Tool+" "+r.Version))+", from "+markdown.Span(r.Source)+d.citeLine(ctx, r.Source, r.Line))
	}
	c.list("It needs", list, len(list))
}

// speaksOf reports whether the question has all terms of a name.
func (d *dossier) speaksOf(name string) bool {
	own := d.splitter.Terms(name)
	return len(own) > 0 && !slices.ContainsFunc(own, func(t terms.Term) bool { return !t.Whole && !slices.Contains(d.asked.terms, t.Text) })
}
