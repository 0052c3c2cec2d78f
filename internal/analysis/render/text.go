package render

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TextOptions say what the terminal can show.
type TextOptions struct {
	Width int  // columns, kept within 40–160; 0 means 80
	Color bool // use colour
}

// How many entries of each list the text shows: a terminal is for the top of
// things.
const (
	textComponents = 15
	textList       = 10
	textCommands   = 4
	textExternals  = 15
	textFeatures   = 20
)

// Text writes the report for a terminal. Control characters of the repository
// never reach it. It fails when w does.
func Text(w io.Writer, r *report.CodeReport, options TextOptions) error {
	width := options.Width
	if width == 0 {
		width = defaultWidth
	}
	t := &textReport{r: cleaned(r), terminal: terminal{width: min(max(width, minWidth), maxWidth), color: options.Color}}
	for _, section := range []func(){
		t.header, t.notes, t.features, t.languages, t.components, t.reading, t.commands, t.hotspots, t.change, t.knowledge,
		t.complexity, t.coupling, t.externals, t.entryPoints, t.offers, t.debt, t.recommendations, t.reasons, t.skipped, t.definitions,
	} {
		section()
	}
	return write(w, t.out.Bytes())
}

type textReport struct {
	terminal
	r *report.CodeReport
}

func (t *textReport) header() {
	r := t.r
	t.paragraph(0, bold, r.Name)
	where := "Commit " + shortCommit(r.Commit)
	if r.Ref != "" {
		where += " of " + r.Ref
	}
	if r.CommittedAt != nil {
		where += ", " + date(*r.CommittedAt)
	}
	t.paragraph(0, dim, where)
	t.line("")
	if text := summary(r); text != nil {
		t.paragraph(0, plainPaint, *text)
	} else {
		t.paragraph(0, dim, noSummary)
	}
	t.line("")
	t.pairs(facts(r))
}

func (t *textReport) notes() {
	if len(t.r.Notes) == 0 {
		return
	}
	t.heading("Read this first")
	for _, note := range t.r.Notes {
		t.paragraph(2, warning, note.Message)
	}
}

// more says that a list was cut.
func (t *textReport) more(n int) {
	if n > 0 {
		t.paragraph(2, dim, seeJSON(n))
	}
}

func (t *textReport) languages() {
	t.heading("Languages")
	if len(t.r.Languages) == 0 {
		t.paragraph(2, dim, "No file of a known language was found.")
		return
	}
	list, more := head(t.r.Languages, textList)
	rows := make([][]string, len(list))
	for i, l := range list {
		share := ""
		if l.Share > 0 {
			share = percent(l.Share)
		}
		rows[i] = []string{l.Name, share, count(l.Files), count(l.Lines.Code), count(l.Lines.Comment), count(l.Lines.Blank)}
	}
	t.table([]column{{Title: "Language", Flex: true}, {Title: "Share", Right: true}, {Title: "Files", Right: true},
		{Title: "Code", Right: true}, {Title: "Comments", Right: true}, {Title: "Blank", Right: true}}, rows)
	t.more(more)
}

func (t *textReport) components() {
	t.heading("Components")
	a := t.r.Architecture
	if len(a.Components) == 0 {
		t.paragraph(2, dim, "No components were found.")
		return
	}
	list, more := head(a.Components, textComponents)
	rows := make([][]string, len(list))
	for i, c := range list {
		rows[i] = []string{c.Name, c.Type, count(c.Files), count(c.Lines), strings.Join(c.Dependencies, listSeparator)}
	}
	t.table([]column{{Title: "Component", Flex: true}, {Title: "Type", Flex: true}, {Title: "Files", Right: true},
		{Title: "Code", Right: true}, {Title: "Uses", Flex: true, List: true}}, rows)
	t.more(more)
	cycles, moreCycles := head(a.Cycles, textList)
	for _, cycle := range cycles {
		t.paragraph(2, warning, "Cycle: "+cycleWords(cycle))
	}
	t.more(moreCycles)
	var inside [][]string
	for _, c := range list {
		if c.Inside != nil {
			inside = append(inside, []string{c.Name, partNames(c)})
		}
	}
	if len(inside) > 0 {
		t.heading("Inside the components")
		t.table([]column{{Title: "Component", Flex: true}, {Title: "Parts, most code first", Flex: true, List: true}}, inside)
	}
}

// cycleWords names a cycle's members; an enormous one by its first few.
func cycleWords(cycle []string) string {
	names, more := head(cycle, 8)
	names = slices.Clone(names)
	if more > 0 {
		return strings.Join(names, " ↔ ") + " … and " + count(more) + " more"
	}
	return strings.Join(names, " ↔ ")
}

func (t *textReport) reading() {
	t.heading("Where to start reading")
	if len(t.r.ReadingOrder) == 0 {
		t.paragraph(2, dim, "No order could be found: no file was parsed.")
		return
	}
	list, more := head(t.r.ReadingOrder, textList)
	for i, step := range list {
		number := strconv.Itoa(i+1) + ". "
		t.paragraph(2, plainPaint, number+step.Path)
		t.paragraph(2+len(number), dim, step.Reason)
	}
	t.more(more)
}

func (t *textReport) commands() {
	t.heading("Set up, build, run, test")
	for _, group := range commandGroups(t.r.Build, textCommands) {
		if len(group.Commands) == 0 {
			t.paragraph(2, dim, group.Empty)
			continue
		}
		t.line("  " + t.painted(bold, group.Name))
		for _, c := range group.Commands {
			// Not wrapped: a command must stay one line to be copied.
			t.line("    " + c.Command)
			t.paragraph(6, dim, at(c.Source, c.Line)+" · "+c.Why)
		}
		t.more(group.More)
	}
	if len(t.r.Build.Requirements) > 0 {
		list, more := head(t.r.Build.Requirements, textList)
		t.line("  " + t.painted(bold, "Needs"))
		for _, q := range list {
			t.paragraph(4, plainPaint, strings.TrimSpace(q.Tool+" "+q.Version)+" ("+at(q.Source, q.Line)+")")
		}
		t.more(more)
	}
}

func (t *textReport) hotspots() {
	t.heading("Hotspots: where change and complexity meet")
	if since := hotspotWindow(t.r); since != "" {
		t.paragraph(2, dim, "Changes counted "+since+".")
	}
	if len(t.r.Hotspots) == 0 {
		t.paragraph(2, dim, t.noHotspots())
		return
	}
	list, more := head(t.r.Hotspots, textList)
	rows := make([][]string, len(list))
	for i, h := range list {
		rows[i] = []string{h.Path, count(h.Revisions), complexityOf(h), count(h.Lines), strconv.FormatFloat(h.Score, 'f', 2, 64)}
	}
	t.table([]column{{Title: "File", Flex: true}, {Title: "Changes", Right: true}, {Title: "Complexity", Right: true},
		{Title: "Code", Right: true}, {Title: "Score", Right: true}}, rows)
	t.more(more)
}

func (t *textReport) noHotspots() string { return noHotspots(t.r) }

func (t *textReport) knowledge() {
	t.heading("Who knows what")
	truck := truckFact(t.r)
	t.paragraph(2, plainPaint, truck.Name+": "+truck.String()+".")
	if len(t.r.Knowledge.Areas) == 0 {
		t.paragraph(2, dim, "Areas are not known: "+whyNoHistory(t.r)+".")
		return
	}
	list, more := head(t.r.Knowledge.Areas, textComponents)
	rows := make([][]string, len(list))
	for i, a := range list {
		rows[i] = []string{a.Name, ownershipWords(a.Ownership), toAsk(a, listSeparator), strings.Join(a.Reviewers, listSeparator)}
	}
	t.table([]column{{Title: "Area", Flex: true}, {Title: "Ownership", Flex: true}, {Title: "Ask", Flex: true, List: true}, {Title: "Reviewers", Flex: true, List: true}}, rows)
	t.more(more)
}
