package render

import (
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func (t *textReport) complexity() {
	t.heading("Complexity of functions")
	c := t.r.Complexity
	if c.Functions == 0 {
		t.paragraph(2, dim, "Not known: "+whyNoComplexity(t.r)+".")
		return
	}
	var rows [][]string
	for _, d := range distributions(c) {
		rows = append(rows, append([]string{d.Name}, d.Cells...))
	}
	t.table([]column{{Title: "", Flex: true}, {Title: "Mean", Right: true}, {Title: "Median", Right: true},
		{Title: "90 %", Right: true}, {Title: "99 %", Right: true}, {Title: "Highest", Right: true}}, rows)
	list, more := head(c.MostComplex, textList)
	if len(list) == 0 {
		return
	}
	t.line("")
	rows = nil
	for _, f := range list {
		rows = append(rows, []string{f.Name, at(f.Path, f.Line), strconv.Itoa(f.Cyclomatic), strconv.Itoa(f.Cognitive)})
	}
	t.table([]column{{Title: "Function", Flex: true}, {Title: "Place", Flex: true}, {Title: "Cyclomatic", Right: true},
		{Title: "Cognitive", Right: true}}, rows)
	t.more(more)
}

func (t *textReport) coupling() {
	if len(t.r.Coupling) == 0 {
		return
	}
	t.heading("Files that change together")
	list, more := head(t.r.Coupling, textList)
	for _, c := range list {
		t.paragraph(2, plainPaint, c.A+" ↔ "+c.B)
		t.paragraph(4, dim, strconv.Itoa(c.Degree)+" % of their changes, "+plural(c.Shared, "commit", "commits")+"; "+importsWords(c.Imports))
	}
	t.more(more)
}

func (t *textReport) externals() {
	if len(t.r.External) == 0 {
		return
	}
	t.heading("Dependencies")
	list, more := head(t.r.External, textExternals)
	rows := make([][]string, len(list))
	for i, e := range list {
		rows[i] = []string{e.Name, e.Version, e.Ecosystem, e.Scope, count(e.Files)}
	}
	t.table([]column{{Title: "Name", Flex: true}, {Title: "Version", Flex: true}, {Title: "From"}, {Title: "Scope"},
		{Title: "Used in", Right: true}}, rows)
	t.more(more)
}

func (t *textReport) entryPoints() {
	if len(t.r.EntryPoints) == 0 {
		return
	}
	t.heading("Entry points")
	list, more := head(t.r.EntryPoints, textExternals)
	rows := make([][]string, len(list))
	for i, e := range list {
		rows[i] = []string{e.Name, e.Kind, at(e.Path, e.Line)}
	}
	t.table([]column{{Title: "Name", Flex: true}, {Title: "Kind"}, {Title: "Place", Flex: true}}, rows)
	t.more(more)
}

func (t *textReport) features() {
	if len(t.r.Features) == 0 {
		return
	}
	t.heading("What it does")
	list, more := head(t.r.Features, textFeatures)
	rows := make([][]string, len(list))
	for i, f := range list {
		rows[i] = []string{f.Name, f.Kind, featureStart(f, 3), count(len(f.Files)), count(len(f.Tests))}
	}
	t.table([]column{{Title: "Feature", Flex: true}, {Title: "Kind"}, {Title: "Starts with", Flex: true}, {Title: "Files", Right: true}, {Title: "Tests", Right: true}}, rows)
	t.more(more)
}

// offers lists what the features are made of.
func (t *textReport) offers() {
	for _, c := range catalogues(t.r) {
		t.heading(c.Title)
		list, more := head(c.Rows, textExternals)
		columns := make([]column, 0, len(c.Columns)+1)
		for _, title := range c.Columns {
			columns = append(columns, column{Title: title, Flex: true})
		}
		rows := make([][]string, len(list))
		for i, row := range list {
			rows[i] = append(append([]string{}, row.Cells...), at(row.Place.Path, row.Place.Line))
		}
		t.table(append(columns, column{Title: "Place", Flex: true}), rows)
		t.more(more)
	}
}

func (t *textReport) recommendations() {
	if len(t.r.Recommendations) == 0 {
		return
	}
	t.heading("Worth doing")
	list, more := head(t.r.Recommendations, textList)
	for _, r := range list {
		t.paragraph(2, plainPaint, "["+r.Priority+"] "+r.Description)
		if r.FirstStep != "" {
			t.paragraph(4, plainPaint, r.FirstStep)
		}
		t.paragraph(4, dim, r.Risk)
		if len(r.AffectedFiles) > 0 {
			files, others := head(r.AffectedFiles, 3)
			text := strings.Join(files, ", ")
			if others > 0 {
				text += " and " + count(others) + " more"
			}
			t.paragraph(4, dim, text)
		}
	}
	t.more(more)
}

func (t *textReport) skipped() {
	s := t.r.Skipped
	if s.Total == 0 {
		return
	}
	t.heading("Not analysed")
	t.paragraph(2, plainPaint, skippedWords(t.r))
	rows := make([][]string, len(s.Reasons))
	for i, k := range s.Reasons {
		example := ""
		if len(k.Examples) > 0 {
			example = k.Examples[0]
		}
		rows[i] = []string{count(k.Files), explanation(k), size(k.Bytes), example}
	}
	t.table([]column{{Title: "Files", Right: true}, {Title: "Why", Flex: true}, {Title: "Size", Right: true},
		{Title: "Such as", Flex: true}}, rows)
}

func explanation(k report.SkippedKind) string {
	if k.Explanation != "" {
		return k.Explanation
	}
	return k.Reason.Explanation()
}

func skippedWords(r *report.CodeReport) string {
	return plural(r.Skipped.Total, "file", "files") + " of " + count(r.Totals.Files) + " were left out, wholly or in part."
}

func noHotspots(r *report.CodeReport) string {
	if r.Window.Commits == 0 {
		return "Not known: " + whyNoHistory(r) + "."
	}
	return "None: no file both changes often and is complex."
}

func (t *textReport) definitions() {
	t.heading("What these numbers are")
	t.paragraph(2, plainPaint, "History: "+windowWords(t.r))
	for _, d := range t.r.Definitions {
		t.paragraph(2, dim, sentenceCase(d.Measure)+": "+strings.TrimSpace(d.Name+" "+d.Version))
	}
	t.paragraph(2, dim, "Shape of the report: "+t.r.Schema)
}
