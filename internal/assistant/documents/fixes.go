package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var (
	fixSubject = lazyregexp.New(`(?i)^(?:\[?(?:bug ?)?fix(?:es|ed)?\]?|bugfix|hotfix)(?:\(([^)]{1,60})\))?!?[:\s]\s*(.{8,})$`)
	trailer    = lazyregexp.New(`^(?i)(signed-off-by|co-authored-by|reviewed-by|tested-by|change-id|fixes|closes|refs?|see|cc|bug|issue|pr|acked-by|reported-by|resolves|link|\(cherry picked)\b[:\s#]`)
	trivialFix = lazyregexp.New(`(?i)\b(typos?|lint(er)?|formatting|whitespace|indentation|comments?|spelling|grammar|readme|docs?|ci|workflows?|tests?|flaky|changelog|dependabot|deps|badges?|imports?|warnings?)\b`)
)

var (
	reasoned    = lazyregexp.New(`(?i)\b(because|caus(ed|es|ing)|prevent(s|ed)?|no longer|didn'?t|wasn'?t|isn'?t|weren'?t|never|instead of|avoid(s|ed)?|security|attacker|workaround|otherwise|should (have|not)|could|even (if|though)|only (if|when))\b`)
	squashed    = lazyregexp.New(`(?i)^(\w+ )?(fix|fixup!|feat|chore|refactor|test|docs)(\([^)]*\))?!?:`)
	issueNumber = lazyregexp.New(`^#?\d+\s*[-:–]?\s+|\s*\(#\d+\)`)
	around      = lazyregexp.New(`^(\.github|\.gitlab|\.circleci|docs?|\.devcontainer)/|\.md$|^\.`)
)

// onlyAround reports whether a commit changed only what stands around the code.
func (c *composer) onlyAround(paths []string) bool {
	return len(paths) > 0 && !slices.ContainsFunc(paths, func(p string) bool { return !around.MatchString(p) })
}

// fixes are what commits say that they fixed, and why, by component.
func (c *composer) fixes() *part {
	p := c.section("fixes", "What commits fixed")
	type fix struct {
		group string
		text  string
	}
	var list []fix
	for i := range c.in.Commits {
		m := &c.in.Commits[i]
		found := fixSubject.FindStringSubmatch(m.Subject)
		if found == nil || trivialFix.MatchString(m.Subject) || len(list) == maxFixes {
			continue
		}
		told := firstSentences(unmark(withoutQuotes(messageOf(m.Body))), maxTold)
		if !telling(told) || !problemTitle.MatchString(m.Subject+" "+told) && !reasoned.MatchString(told) || c.onlyAround(m.Paths) || squashed.MatchString(told) {
			continue
		}
		group := cmp.Or(c.componentOf(m.Paths), found[1], "Other")
		list = append(list, fix{group, fmt.Sprintf("**%s** (%s): %s%s", quote(issueNumber.ReplaceAllString(found[2], ""), 140), m.When.UTC().Format("2 January 2006"), plain(told), p.commit(m.Hash, m.Subject, m.Body))})
	}
	var order []string
	of := map[string][]string{}
	for _, f := range list {
		if of[f.group] == nil {
			order = append(order, f.group)
		}
		of[f.group] = append(of[f.group], f.text)
	}
	slices.SortStableFunc(order, func(a, b string) int {
		if a == "Other" || b == "Other" {
			return cmp.Compare(strings.Count(a, "Other"), strings.Count(b, "Other"))
		}
		return cmp.Compare(len(of[b]), len(of[a]))
	})
	for _, name := range order {
		switch {
		case name == "Other" && len(order) > 1:
			p.sayf("Elsewhere:")
		case len(order) > 1:
			p.sayf("In %s:", span(name))
		}
		p.list(of[name])
	}
	return p
}

// messageOf is the body of a commit without its trailers and lists of what was
// squashed.
func messageOf(body string) string {
	var out []string
	for line := range strings.SplitSeq(body, "\n") {
		if trailer.MatchString(strings.TrimSpace(line)) {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
