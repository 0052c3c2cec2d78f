package documents

import (
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// decisions are those that are recorded, and those whose reason a commit or a
// comment gives.
func (c *composer) decisions() *part {
	p := c.section("decisions", "Decisions")
	p.s.Prose = true
	const most = 15
	var list []string
	for _, kind := range []string{"record", "commit", "comment"} {
		said := 0
		for i := range c.report.Decisions {
			v := &c.report.Decisions[i]
			if v.Kind != kind || len(list) == most || !telltale(v) || kind == "comment" && said == maxComments {
				continue
			}
			if text := p.decision(v); text != "" {
				said++
				list = append(list, text)
			}
		}
	}
	p.list(list)
	return p
}

// maxComments is how many comments are told as decisions.
const maxComments = 6

// telltale reports whether something says why: a record, a commit with a reason
// that is not its subject again, a comment that is a whole sentence.
func telltale(v *report.Decision) bool {
	switch v.Kind {
	case "record":
		return true
	case "commit":
		return v.Reason != nil && !strings.HasPrefix(v.Title, strings.TrimSuffix(*v.Reason, "."))
	}
	text := strings.TrimSpace(v.Title)
	return strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!")
}

func (p *part) decision(v *report.Decision) string {
	reason := ""
	if v.Reason != nil {
		reason = ": “" + quote(*v.Reason, 300) + "”"
	}
	switch {
	case v.Kind == "commit" && v.Commit != nil:
		on := ""
		if v.Date != nil {
			on = v.Date.UTC().Format(" (2 January 2006)")
		}
		body := ""
		if v.Reason != nil {
			body = *v.Reason
		}
		return fmt.Sprintf("%s%s%s%s", quote(v.Title, 160), on, reason, p.commit(*v.Commit, v.Title, body))
	case v.Path != nil:
		line := max(v.Line, 1)
		mark := p.lines(*v.Path, line, line+5)
		if mark == "" {
			return ""
		}
		status := ""
		if v.Status != nil {
			status = " (" + plain(*v.Status) + ")"
		}
		if v.Kind == "record" {
			return fmt.Sprintf("%s in %s%s%s%s", quote(v.Title, 160), span(*v.Path), status, reason, mark)
		}
		return fmt.Sprintf("A comment in %s: “%s”%s", span(*v.Path), quote(v.Title, 260), mark)
	}
	return ""
}
