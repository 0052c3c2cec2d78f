package render

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// How many entries of each list an answer shows in a terminal.
const (
	answerTests   = 15
	answerList    = 10
	answerChanges = 15
)

// made is a deep copy of an answer in which every string is harmless to show.
func made[T any](answer *T) *T {
	out := new(T)
	cleanInto(reflect.ValueOf(out).Elem(), reflect.ValueOf(answer).Elem(), false)
	return out
}

func newAnswer(width int) *terminal {
	if width == 0 {
		width = defaultWidth
	}
	return &terminal{width: min(max(width, minWidth), maxWidth)}
}

// rest says how many entries of a list are not shown.
func (t *terminal) rest(n int) {
	if n > 0 {
		t.paragraph(2, plainPaint, fmt.Sprintf("… and %s more; --format json has them", count(n)))
	}
}

// Impact writes what a change may touch for a terminal of width columns, as
// [TextOptions] has them. It fails when w does.
func Impact(w io.Writer, answer *codeindex.Impact, width int) error {
	a, t := made(answer), newAnswer(width)
	name := a.Path
	if a.Symbol != nil {
		name = a.Symbol.ID
	}
	t.paragraph(0, bold, name)
	about := "Commit " + shortCommit(a.Commit)
	switch a.Kind {
	case "folder":
		about += ", a folder of " + plural(a.Files, "file", "files")
		if a.Component != "" {
			about += ", component " + a.Component
		}
	default:
		about += ", component " + orNone(a.Component)
	}
	t.paragraph(0, dim, about)
	t.dependents(a)
	if len(a.Tests) > 0 {
		t.heading("Tests to run")
		shown, more := head(a.Tests, answerTests)
		rows := make([][]string, len(shown))
		for i, test := range shown {
			rows[i] = []string{test.Path, testReasons[test.Reason], percent(test.Confidence)}
		}
		t.table([]column{{Title: "Test", Flex: true}, {Title: "Because it"}, {Title: "Sure", Right: true}}, rows)
		t.rest(more + a.TestTotal - len(a.Tests))
	}
	t.whomToAsk(a)
	if len(a.Moved) > 0 {
		t.heading("What changed with it before")
		shown, more := head(a.Moved, answerList)
		rows := make([][]string, len(shown))
		for i, c := range shown {
			rows[i] = []string{c.Path, strconv.Itoa(c.Degree) + " %", count(c.Shared)}
		}
		t.table([]column{{Title: "File", Flex: true}, {Title: "Degree", Right: true}, {Title: "Commits", Right: true}}, rows)
		t.rest(more)
	}
	if len(a.Commits) > 0 {
		t.heading("Last commits")
		shown, _ := head(a.Commits, answerList)
		rows := make([][]string, len(shown))
		for i, c := range shown {
			rows[i] = []string{date(c.CommittedAt), shortCommit(c.Hash), c.Subject}
		}
		t.table([]column{{Title: "Date"}, {Title: "Commit"}, {Title: "Subject", Flex: true}}, rows)
	}
	return write(w, t.out.Bytes())
}

// whomToAsk names who is still here, and apart from them who is not.
func (t *terminal) whomToAsk(a *codeindex.Impact) {
	t.heading("Whom to ask")
	switch {
	case len(a.People) > 0:
		text := strings.Join(a.People, ", ")
		if of := a.PeopleOf; of != nil && *of != "file" && *of != a.Kind {
			text += ", who know its " + *of + ": nobody who knew it is still here"
		}
		t.paragraph(2, plainPaint, text+".")
	case len(a.Left) > 0:
		t.paragraph(2, dim, "Nobody who knows it made a commit in the last year.")
	default:
		t.paragraph(2, dim, "Nobody is known to know it.")
	}
	left := make([]string, len(a.Left))
	for i, f := range a.Left {
		left[i] = f.Name
		if f.LastSeen != "" {
			left[i] += " (last seen in " + f.LastSeen + ")"
		}
	}
	if len(left) > 0 {
		t.paragraph(2, dim, "Left: "+strings.Join(left, ", ")+".")
	}
}

// testReasons are those to run a test, as the end of a sentence.
var testReasons = map[string]string{
	"calls": "calls it", "imports": "imports it", "requests": "asks for its routes", "changed_together": "changed with it", "same_name": "has its name", "in_folder": "is in it",
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (t *terminal) dependents(a *codeindex.Impact) {
	t.heading("What depends on it")
	if a.Total == 0 {
		t.paragraph(2, dim, "Nothing in this repository, as far as it can be seen.")
		return
	}
	text := plural(a.Direct, "depends on it directly", "depend on it directly")
	if a.Transitive > 0 {
		text += ", " + count(a.Transitive) + " over others"
	}
	if len(a.Components) > 0 {
		text += ", in " + strings.Join(a.Components, ", ")
	}
	t.paragraph(2, plainPaint, text+".")
	if a.Truncated {
		t.paragraph(2, warning, "There are more: the search ended at its bound.")
	}
	rows := make([][]string, len(a.Dependents))
	for i, d := range a.Dependents {
		name := d.Path
		if d.Symbol != nil {
			name = d.Symbol.ID
		}
		rows[i] = []string{name, strconv.Itoa(d.Distance), percent(d.Confidence)}
	}
	t.table([]column{{Title: "What", Flex: true}, {Title: "Steps", Right: true}, {Title: "Sure", Right: true}}, rows)
	t.rest(a.Total - len(a.Dependents))
}

// Comparison writes what changed between two commits for a terminal of width
// columns, as [TextOptions] has them. It fails when w does.
func Comparison(w io.Writer, answer *codeindex.Comparison, width int) error {
	c, t := made(answer), newAnswer(width)
	t.paragraph(0, bold, "From "+shortCommit(c.From)+" to "+shortCommit(c.To))
	if !c.Comparable {
		t.paragraph(0, warning, "The two follow different definitions: numbers may differ for that alone.")
	}
	before := t.out.Len()
	t.measures(c.Measures)
	for _, l := range []struct {
		title, name string
		changes     []codeindex.Change
	}{
		{"Endpoints", "endpoints", c.Endpoints}, {"Features", "features", c.Features}, {"Entry points", "entry_points", c.EntryPoints},
		{"Components", "components", c.Components}, {"Uses between components", "dependencies", c.Dependencies}, {"Cycles", "cycles", c.Cycles},
		{"External dependencies", "external_dependencies", c.External}, {"Hotspots", "hotspots", c.Hotspots},
	} {
		t.changes(l.title, l.changes, c.Totals[l.name])
	}
	t.fileChanges(c)
	if len(c.Functions) > 0 {
		t.heading("Functions that became more or less complex")
		shown, _ := head(c.Functions, answerChanges)
		rows := make([][]string, len(shown))
		for i, f := range shown {
			rows[i] = []string{f.ID, count(f.From), count(f.To)}
		}
		t.table([]column{{Title: "Function", Flex: true}, {Title: "From", Right: true}, {Title: "To", Right: true}}, rows)
		t.rest(c.Totals["functions"] - len(shown))
	}
	if t.out.Len() == before {
		t.paragraph(0, plainPaint, "Nothing that is measured changed.")
	}
	return write(w, t.out.Bytes())
}

func (t *terminal) measures(list []codeindex.MeasureChange) {
	if len(list) == 0 {
		return
	}
	t.heading("Measures")
	value := func(x *float64) string {
		if x == nil {
			return "not known"
		}
		return strconv.FormatFloat(*x, 'f', -1, 64)
	}
	rows := make([][]string, len(list))
	for i, m := range list {
		rows[i] = []string{strings.ReplaceAll(m.Measure, "_", " "), value(rounded(m.From)), value(rounded(m.To))}
	}
	t.table([]column{{Title: "Measure"}, {Title: "From", Right: true}, {Title: "To", Right: true}}, rows)
}

// rounded keeps three digits after the point.
func rounded(x *float64) *float64 {
	if x == nil {
		return nil
	}
	text := strconv.FormatFloat(*x, 'f', 3, 64)
	y, _ := strconv.ParseFloat(text, 64) // it was written a line above
	return &y
}

// signs mark what came, went and changed.
var signs = map[string]string{"added": "+", "removed": "-", "changed": "~", "renamed": ">", "moved": ">", "joined": "<", "split": "<"}

func (t *terminal) changes(title string, list []codeindex.Change, total int) {
	if len(list) == 0 {
		return
	}
	t.heading(fmt.Sprintf("%s (%s)", title, count(total)))
	shown, _ := head(list, answerChanges)
	for _, c := range shown {
		text := signs[c.Change] + " " + c.Name
		if c.Detail != "" {
			text += ": " + c.Detail
		}
		t.paragraph(2, plainPaint, text)
	}
	t.rest(total - len(shown))
}

func (t *terminal) fileChanges(c *codeindex.Comparison) {
	if len(c.Files) == 0 {
		return
	}
	t.heading(fmt.Sprintf("Files (%s)", count(c.FileTotal)))
	shown, _ := head(c.Files, answerChanges)
	rows := make([][]string, len(shown))
	for i, f := range shown {
		name := f.Path
		if f.OldPath != nil {
			name = *f.OldPath + " → " + f.Path
		}
		rows[i] = []string{signs[f.Change] + " " + name, fmt.Sprintf("%+d", f.Lines), fmt.Sprintf("%+d", f.Complexity)}
	}
	t.table([]column{{Title: "File", Flex: true}, {Title: "Lines", Right: true}, {Title: "Complexity", Right: true}}, rows)
	t.rest(c.FileTotal - len(shown))
}
