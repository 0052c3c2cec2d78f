package render

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// piece is a part of a description: text, code, or the number of a citation with
// its place.
type piece struct {
	Text    string
	Code    bool
	N       int
	Where   string // of a citation: its file and lines
	Address string // "" where none is known
}

// reference are numbers of citations in a description.
var reference = regexp.MustCompile(`\[(\d{1,3})\]`)

// unescaped is what stands behind the escapes of Markdown that is safe to show.
var unescaped = strings.NewReplacer("&lt;", "<", `\[`, "[", `\]`, "]")

// told parts a description. nil for none.
func (l linker) told(n *rampforge.Narrative) []piece {
	if n == nil {
		return nil
	}
	var out []piece
	for rest := n.Text; rest != ""; {
		at := strings.IndexByte(rest, '`')
		if at < 0 {
			return append(out, l.prose(n, rest)...)
		}
		out = append(out, l.prose(n, rest[:at])...)
		rest = rest[at:]
		ticks := rest[:len(rest)-len(strings.TrimLeft(rest, "`"))]
		end := strings.Index(rest[len(ticks):], ticks)
		if end < 0 {
			return append(out, piece{Text: rest})
		}
		code := rest[len(ticks) : len(ticks)+end]
		if len(ticks) > 1 {
			code = strings.TrimSpace(code)
		}
		out = append(out, piece{Text: code, Code: true})
		rest = rest[2*len(ticks)+end:]
	}
	return out
}

// prose parts what is no code at its citations.
func (l linker) prose(n *rampforge.Narrative, text string) []piece {
	var out []piece
	add := func(s string) {
		if s != "" {
			out = append(out, piece{Text: unescaped.Replace(s)})
		}
	}
	for {
		m := reference.FindStringSubmatchIndex(text)
		if m == nil {
			add(text)
			return out
		}
		number, _ := strconv.Atoi(text[m[2]:m[3]])
		if number < 1 || number > len(n.Citations) {
			add(text[:m[1]])
			text = text[m[1]:]
			continue
		}
		add(text[:m[0]])
		c := n.Citations[number-1]
		out = append(out, piece{N: number, Text: strconv.Itoa(number), Where: linesWords(c), Address: l.lines(c)})
		text = text[m[1]:]
	}
}

// lines is the address of what is cited.
func (l linker) lines(c rampforge.Citation) string {
	if c.StartLine == nil || c.EndLine == nil {
		return l.file(c.Path, 0)
	}
	address := l.file(c.Path, *c.StartLine)
	if address == "" || *c.EndLine <= *c.StartLine {
		return address
	}
	return address + l.upTo + strconv.Itoa(*c.EndLine)
}

func linesWords(c rampforge.Citation) string {
	switch {
	case c.StartLine == nil || c.EndLine == nil:
		return c.Path
	case *c.EndLine > *c.StartLine:
		return fmt.Sprintf("%s:%d-%d", c.Path, *c.StartLine, *c.EndLine)
	}
	return fmt.Sprintf("%s:%d", c.Path, *c.StartLine)
}

// Told shows a description on the page.
func (p *pageData) Told(n *rampforge.Narrative) []piece { return p.links.told(n) }

// told writes a description with the places that it cites.
func (m *markdown) told(n *rampforge.Narrative) string {
	var out strings.Builder
	var places []string
	seen := map[int]bool{}
	for _, p := range m.links.told(n) {
		switch {
		case p.N > 0:
			mark := `\[` + p.Text + `\]`
			out.WriteString(mark)
			if !seen[p.N] {
				seen[p.N] = true
				places = append(places, mark+" "+linked(mdCode(p.Where), p.Address))
			}
		case p.Code:
			out.WriteString(mdCode(p.Text))
		default:
			out.WriteString(mdText(p.Text))
		}
	}
	return out.String() + " (" + strings.Join(places, ", ") + ")"
}

// linked makes finished Markdown lead to an address, where one is known.
func linked(text, address string) string {
	if address == "" {
		return text
	}
	return "[" + text + "](<" + strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E").Replace(address) + ">)"
}

// tales lists what describes some things, by their names.
func (m *markdown) tales(names []string, all []*rampforge.Narrative) {
	list := make([]string, 0, len(names))
	for i, n := range all {
		if n != nil {
			list = append(list, "- **"+mdText(names[i])+":** "+m.told(n))
		}
	}
	list, more := head(list, markdownList)
	if len(list) > 0 {
		m.printf("\n%s\n", strings.Join(list, "\n"))
	}
	m.more(more)
}

// componentTales describes the components, the outer ones first.
func (m *markdown) componentTales() {
	var names []string
	var all []*rampforge.Narrative
	for _, c := range m.r.Architecture.Components {
		names, all = append(names, c.Name), append(all, c.Narrative)
	}
	for _, c := range nestedIn(m.r.Architecture.Components) {
		names, all = append(names, c.Name), append(all, c.Narrative)
	}
	m.tales(names, all)
}

func (m *markdown) featureTales(features []report.Feature) {
	var names []string
	var all []*rampforge.Narrative
	for _, f := range features {
		names, all = append(names, f.Name), append(all, f.Narrative)
	}
	m.tales(names, all)
}
