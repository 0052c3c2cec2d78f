package documents

import (
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The bounds of what is told of problems.
const (
	maxProblems  = 60
	maxOfGroup   = 12
	maxFixes     = 40
	maxTrouble   = 12 // sections of documents
	maxTold      = 320
	maxFixesOf   = 2
	mostComments = 200
)

// troubleshooting tells of problems that were met and what resolved them: what
// the documents say, then the closed work items with their fixes, and the
// commits that say what they fix.
func (c *composer) troubleshooting() error {
	c.documentedTrouble().done()
	said := 0
	for _, g := range c.problems() {
		if c.problemGroup(g).done() {
			said++
		}
	}
	switch {
	case said > 0:
	case !c.in.Tracker:
		c.missingf("Closed work items: no tracker is bound to the project.")
	case len(c.in.WorkItems) == 0:
		c.missingf("Closed work items: the tracker has none, or it was not synced yet.")
	default:
		c.missingf("Closed work items with a known resolution: none of %s has a merged pull request, a commit or a comment that says what resolved it.", plural(len(c.in.WorkItems), "work item"))
	}
	if !c.fixes().done() && said == 0 {
		c.missingf("Fixes: no commit says in its message what it fixed and why.")
	}
	return nil
}

var (
	troubleHeading = lazyregexp.New(`(?i)\b(troubleshoot(ing)?|faqs?|frequently asked|known (issues|problems|limitations|bugs)|common (issues|problems|errors|mistakes)|gotchas?|caveats|pitfalls|debugging|why (does|is|do|are|can't|doesn't)|how (do|can) i|what if|problems?|errors?)\b`)
	troubleFile    = lazyregexp.New(`(?i)(troubleshoot|faq|known.?issues|gotchas)`)
)

// documentedTrouble are the sections of documents and pages that speak of trouble.
func (c *composer) documentedTrouble() *part {
	p := c.section("documented", "What the documents say")
	var list []string
	told := map[string]bool{}
	for _, file := range c.docs() {
		whole := troubleFile.MatchString(file)
		for _, s := range c.sectionsOf(file) {
			if len(list) == maxTrouble || !whole && !troubleHeading.MatchString(s.title) {
				continue
			}
			text := quote(strings.Join(strings.Fields(unmark(strings.ReplaceAll(s.text, "```", "\n"))), " "), maxTold)
			if !telling(text) || told[text] {
				continue
			}
			told[text] = true
			if mark := p.lines(file, s.start, min(s.end, s.start+maxLines-1)); mark != "" {
				list = append(list, fmt.Sprintf("**%s**: %s%s", quote(s.last, 100), text, mark))
			}
		}
	}
	for i := range c.in.Pages {
		v := &c.in.Pages[i]
		if v.Restricted || !troubleHeading.MatchString(v.Title) || len(list) == maxTrouble {
			continue
		}
		if text := firstSentences(unmark(v.Body), maxTold); telling(text) {
			list = append(list, fmt.Sprintf("**%s**: %s%s", quote(v.Title, 100), plain(text), p.page(v, text)))
		}
	}
	p.list(list)
	return p
}
