package documents

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var contributeHeading = lazyregexp.New(`(?i)contribut|pull request|getting involved|help(ing)? out`)

// contributing says how one takes part: the file or the section that says it, and
// what is checked.
func (c *composer) contributing() *part {
	p := c.section("contributing", "How to contribute")
	p.s.Prose = true
	if guide := c.report.Documentation.Contributing; guide != nil {
		if mark := p.lines(*guide, 1, c.headOf(*guide)); mark != "" {
			p.sayf("%s says how%s.", span(*guide), mark)
		}
	}
	p.list(p.asked(c.guide()))
	if checks := p.checks(); len(checks) > 0 {
		p.sayf("Before you send a change, run %s.", and(checks))
	}
	if files := p.ownChecks(); len(files) > 0 {
		p.sayf("Checks that run by themselves: %s.", and(files))
	}
	return p
}

// guide is what tells how to take part: the sections of the guide, or those of the
// readme that speak of it.
func (c *composer) guide() []docSection {
	d := &c.report.Documentation
	if d.Contributing != nil {
		return c.sectionsOf(*d.Contributing)
	}
	if d.Readme == nil {
		return nil
	}
	var out []docSection
	for _, s := range c.sectionsOf(*d.Readme) {
		if contributeHeading.MatchString(s.last) {
			out = append(out, s)
		}
	}
	return out
}

// asked is what a guide asks for, a little of each of its sections.
func (p *part) asked(from []docSection) []string {
	const most = 8
	var out []string
	for i := range from {
		s := &from[i]
		lines := p.file(s.file)
		taken := 0
		for _, v := range s.prose(lines) {
			if asks(v.text) && taken < 2 {
				taken++
				out = append(out, quote(v.text, 280)+p.lines(s.file, v.first, v.last))
			}
		}
		for _, v := range s.items(lines) {
			if asks(v.text) && len(strings.Fields(v.text)) > 3 && taken < 4 {
				taken++
				out = append(out, quote(v.text, 200)+p.lines(s.file, v.first, v.last))
			}
		}
		if len(out) >= most {
			break
		}
	}
	return out[:min(len(out), most)]
}

// checks are the commands to run before a change is sent.
func (p *part) checks() []string {
	b := &p.report.Build
	var out []string
	for _, v := range append(slices.Clone(b.Lint[:min(len(b.Lint), 2)]), b.Test[:min(len(b.Test), 1)]...) {
		if mark := p.command(&v); mark != "" {
			out = append(out, span(v.Command)+mark)
		}
	}
	return out
}

// ownChecks are the files by which checks run without anybody's asking.
func (p *part) ownChecks() []string {
	var out []string
	for _, file := range p.report.Build.CI {
		if mark := p.lines(file, 1, p.headOf(file)); mark != "" && len(out) < 3 {
			out = append(out, span(file)+mark)
		}
	}
	return out
}

var politeness = lazyregexp.New(`(?i)^(thank|keywords|welcome|we (love|welcome)|hi\b|first off|table of contents)`)

// asks reports whether a text of a guide says something by itself: no thanks, no
// end of a sentence that begins elsewhere, and nothing that only leads on.
func asks(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return !unicode.IsLower(first) && !politeness.MatchString(text) && !strings.HasSuffix(text, ":")
}
