package render

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// How many entries of each list the Markdown shows.
const (
	markdownList     = 25
	markdownCommands = 8
)

// Markdown writes the report as GitHub-flavoured Markdown with a Mermaid
// diagram of the components. Nothing that the repository says can become
// markup. It fails when w does.
func Markdown(w io.Writer, r *report.CodeReport) error {
	clean := cleaned(r)
	m := &markdown{r: clean, links: newLinker(clean)}
	for _, section := range []func(){
		m.header, m.features, m.languages, m.components, m.reading, m.commands, m.hotspots, m.change, m.knowledge, m.externals,
		m.entryPoints, m.complexity, m.offers, m.debt, m.recommendations, m.reasons, m.coupling, m.documents, m.skipped, m.definitions,
	} {
		section()
	}
	return write(w, m.out.Bytes())
}

type markdown struct {
	out   bytes.Buffer
	r     *report.CodeReport
	links linker
}

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(&m.out, format, args...) }

func (m *markdown) heading(title string) { m.printf("\n## %s\n\n", title) }

func (m *markdown) more(n int) {
	if n > 0 {
		m.printf("\n%s\n", seeJSON(n))
	}
}

// mdText makes s plain text: what Markdown or HTML would read as markup is
// escaped, the bar of tables included.
func mdText(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]()#+-!|~$:@", r):
			// A backslash before any ASCII punctuation is the character itself;
			// the colon and the at sign are here so that no address becomes a
			// link and no name a mention by itself.
			out.WriteByte('\\')
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return mdListStart(out.String())
}

// mdListStart keeps text such as "1. x" from beginning a numbered list.
func mdListStart(s string) string {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 && digits < len(s) && s[digits] == '.' {
		return s[:digits] + `\` + s[digits:]
	}
	return s
}

// mdCode makes s a code span, whatever backticks it holds.
func mdCode(s string) string {
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) != s {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cellCode is a code span inside a table, where a bar ends the cell even
// within code.
func cellCode(s string) string { return strings.ReplaceAll(mdCode(s), "|", `\|`) }

// mdPlace is a file, linked when its address is known.
func (m *markdown) place(path string, line int) string {
	code := cellCode(at(path, line))
	address := m.links.file(path, line)
	if address == "" {
		return code
	}
	return "[" + code + "](<" + strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E").Replace(address) + ">)"
}

func longestRun(s string, of byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == of {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// table writes a table; cells are finished Markdown. A colon at the end of a
// title aligns its column to the right.
func (m *markdown) table(titles []string, rows [][]string) {
	var rule strings.Builder
	m.out.WriteString("|")
	for _, title := range titles {
		name, right := strings.CutSuffix(title, ":")
		m.printf(" %s |", name)
		if right {
			rule.WriteString(" ---: |")
		} else {
			rule.WriteString(" --- |")
		}
	}
	m.printf("\n|%s\n", rule.String())
	for _, row := range rows {
		m.printf("| %s |\n", strings.Join(row, " | "))
	}
}

// list writes at most markdownList rows of a table made of list.
func mdRows[T any](m *markdown, titles []string, list []T, row func(T) []string) {
	list, more := head(list, markdownList)
	rows := make([][]string, len(list))
	for i, element := range list {
		rows[i] = row(element)
	}
	m.table(titles, rows)
	m.more(more)
}

func (m *markdown) header() {
	r := m.r
	m.printf("# %s\n\n", mdText(r.Name))
	if r.Narrative != nil {
		m.printf("%s\n\n", m.told(r.Narrative))
	} else if text := summary(r); text != nil {
		m.printf("%s\n\n", mdText(*text))
	} else {
		m.printf("*%s*\n\n", noSummary)
	}
	m.printf("Commit %s", mdCode(shortCommit(r.Commit)))
	if r.Ref != "" {
		m.printf(" of %s", mdCode(r.Ref))
	}
	if r.CommittedAt != nil {
		m.printf(", %s", date(*r.CommittedAt))
	}
	m.printf(".\n\n")
	for _, note := range r.Notes {
		m.printf("> **Read this first:** %s\n\n", mdText(note.Message))
	}
	mdFacts(m, facts(r))
}

func mdFacts(m *markdown, list []fact) {
	rows := make([][]string, len(list))
	for i, f := range list {
		rows[i] = []string{f.Name, mdText(f.String())}
	}
	m.table([]string{"Figure", "Value"}, rows)
}

func (m *markdown) languages() {
	m.heading("Languages")
	if len(m.r.Languages) == 0 {
		m.printf("No file of a known language was found.\n")
		return
	}
	mdRows(m, []string{"Language", "Share:", "Files:", "Code:", "Comments:", "Blank:"}, m.r.Languages, func(l report.Language) []string {
		share := ""
		if l.Share > 0 {
			share = mdText(percent(l.Share))
		}
		return []string{mdText(l.Name), share, count(l.Files), count(l.Lines.Code), count(l.Lines.Comment), count(l.Lines.Blank)}
	})
}

func (m *markdown) components() {
	a := m.r.Architecture
	m.heading("Map of components")
	if len(a.Components) == 0 {
		m.printf("No components were found.\n")
		return
	}
	m.printf("An arrow points from a component to what it uses.\n\n```mermaid\n%s```\n\n", mermaid(a))
	mdRows(m, []string{"Component", "Type", "Files:", "Code:", "What it is"}, a.Components, func(c report.Component) []string {
		description := ""
		if c.Description != nil {
			description = mdText(*c.Description)
		}
		return []string{cellCode(c.Name), mdText(c.Type), count(c.Files), count(c.Lines), description}
	})
	if inner := nestedIn(a.Components); len(inner) > 0 {
		m.printf("\n### Inside the components\n\n")
		mdRows(m, []string{"Part", "Of", "Type", "Files:", "Code:"}, inner, func(c nested) []string {
			return []string{cellCode(c.Name), cellCode(c.outer), mdText(c.Type), count(c.Files), count(c.Lines)}
		})
	}
	m.componentTales()
	cycles, more := head(a.Cycles, markdownList)
	for _, cycle := range cycles {
		m.printf("\n- Cycle: %s\n", mdText(cycleWords(cycle)))
	}
	m.more(more)
}

func (m *markdown) reading() {
	m.heading("Where to start reading")
	if len(m.r.ReadingOrder) == 0 {
		m.printf("No order could be found: no file was parsed.\n")
		return
	}
	list, more := head(m.r.ReadingOrder, markdownList)
	for i, step := range list {
		m.printf("%d. %s: %s\n", i+1, m.place(step.Path, 0), mdText(step.Reason))
	}
	m.more(more)
}

func (m *markdown) commands() {
	m.heading("Set up, build, run, test")
	for _, group := range commandGroups(m.r.Build, markdownCommands) {
		m.printf("### %s\n\n", group.Name)
		if len(group.Commands) == 0 {
			m.printf("%s\n\n", group.Empty)
			continue
		}
		for _, c := range group.Commands {
			fence := strings.Repeat("`", max(3, longestRun(c.Command, '`')+1))
			m.printf("%ssh\n%s\n%s\n\nFrom %s: %s\n\n", fence, c.Command, fence, m.place(c.Source, c.Line), mdText(c.Why))
		}
		m.more(group.More)
	}
	if len(m.r.Build.Requirements) > 0 {
		m.printf("### Needs\n\n")
		mdRows(m, []string{"Tool", "Version", "Asked for in"}, m.r.Build.Requirements, func(q report.Requirement) []string {
			return []string{mdText(q.Tool), cellCode(q.Version), m.place(q.Source, q.Line)}
		})
	}
}

func (m *markdown) hotspots() {
	m.heading("Hotspots")
	m.printf("Where change and complexity meet. ")
	if since := hotspotWindow(m.r); since != "" {
		m.printf("Changes are counted %s.", since)
	}
	m.printf("\n\n")
	if len(m.r.Hotspots) == 0 {
		m.printf("%s\n", noHotspots(m.r))
		return
	}
	mdRows(m, []string{"File", "Changes:", "Complexity:", "Code:", "Score:"}, m.r.Hotspots, func(h report.Hotspot) []string {
		return []string{m.place(h.Path, 0), count(h.Revisions), complexityOf(h), count(h.Lines), strconv.FormatFloat(h.Score, 'f', 2, 64)}
	})
}
