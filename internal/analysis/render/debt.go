package render

import (
	"strconv"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// debtWords is the debt in a sentence, "" when it is not known.
func debtWords(d *report.Debt) string {
	if d == nil {
		return ""
	}
	return "Rating " + d.Rating + ": mending what breaks the rules below would take " + work(d.Minutes) + ", " + percent(d.Ratio) +
		" of what writing " + plural(int(d.Lines), "line", "lines") + " again would. The files' health is " + decimal(d.Health) + " of 10."
}

// work is a time that people work, in hours from the second one on.
func work(minutes int) string {
	if minutes < 120 {
		return plural(minutes, "minute", "minutes")
	}
	return count((minutes+30)/60) + " hours"
}

// broken are the rules that are broken.
func broken(d *report.Debt) []report.DebtRule {
	var list []report.DebtRule
	for _, r := range d.Rules {
		if r.Breaches > 0 {
			list = append(list, r)
		}
	}
	return list
}

// reasons are the decisions that are in no document.
func reasons(r *report.CodeReport) []report.Decision {
	var list []report.Decision
	for _, d := range r.Decisions {
		if d.Kind != "record" {
			list = append(list, d)
		}
	}
	return list
}

// reasonSource says where a decision was read.
func reasonSource(d report.Decision) string {
	switch {
	case d.Commit != nil && d.Date != nil:
		return "commit " + shortCommit(*d.Commit) + ", " + date(*d.Date)
	case d.Path != nil:
		return at(*d.Path, d.Line)
	}
	return d.Kind
}

func reasonText(d report.Decision) string {
	if d.Reason != nil {
		return d.Title + ": " + *d.Reason
	}
	return d.Title
}

func (t *textReport) debt() {
	if t.r.Debt == nil {
		return
	}
	t.heading("Technical debt")
	t.paragraph(2, plainPaint, debtWords(t.r.Debt))
	for _, r := range broken(t.r.Debt) {
		t.paragraph(4, dim, count(r.Breaches)+" × "+r.Title)
	}
	files, more := head(t.r.Debt.Files, textList)
	for _, f := range files {
		t.paragraph(2, plainPaint, f.Path+": health "+decimal(f.Health)+", "+work(f.Minutes))
	}
	t.more(more)
}

func (t *textReport) reasons() {
	all := reasons(t.r)
	if len(all) == 0 {
		return
	}
	t.heading("Why it is as it is")
	list, more := head(all, textList)
	for _, d := range list {
		t.paragraph(2, plainPaint, reasonText(d))
		t.paragraph(4, dim, reasonSource(d))
	}
	t.more(more)
}

func (m *markdown) debt() {
	if m.r.Debt == nil {
		return
	}
	m.heading("Technical debt")
	m.printf("%s\n\n", mdText(debtWords(m.r.Debt)))
	for _, r := range broken(m.r.Debt) {
		m.printf("- %s × %s\n", count(r.Breaches), mdText(r.Title))
	}
	if len(m.r.Debt.Files) == 0 {
		return
	}
	m.printf("\n")
	mdRows(m, []string{"Least healthy files", "Health:", "Lines:", "Minutes:"}, m.r.Debt.Files, func(f report.FileHealth) []string {
		return []string{m.place(f.Path, 0), decimal(f.Health), count(f.Lines), strconv.Itoa(f.Minutes)}
	})
}

func (m *markdown) reasons() {
	all := reasons(m.r)
	if len(all) == 0 {
		return
	}
	m.heading("Why it is as it is")
	list, more := head(all, markdownList)
	for _, d := range list {
		if d.Path != nil {
			m.printf("- %s (%s)\n", mdText(reasonText(d)), m.place(*d.Path, d.Line))
		} else {
			m.printf("- %s (%s)\n", mdText(reasonText(d)), mdText(reasonSource(d)))
		}
	}
	m.more(more)
}
