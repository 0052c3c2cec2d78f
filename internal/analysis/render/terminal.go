package render

import (
	"bytes"
	"strings"

	"github.com/rivo/uniseg"
)

// The widths that a text may have, in columns.
const (
	defaultWidth = 80
	minWidth     = 40
	maxWidth     = 160 // longer lines are hard to read
)

// paint is how a piece of text stands out when colour is on: the parameter of
// the terminal's "select graphic rendition" sequence.
type paint string

const (
	plainPaint paint = ""
	bold       paint = "1"
	dim        paint = "2"
	accent     paint = "1;36"
	warning    paint = "33"
)

// terminal lays out text in columns. Widths are those of a terminal: a wide
// character takes two columns, a combining one none.
type terminal struct {
	out   bytes.Buffer
	width int
	color bool
}

func (t *terminal) painted(p paint, s string) string {
	if !t.color || p == plainPaint || s == "" {
		return s
	}
	return "\x1b[" + string(p) + "m" + s + "\x1b[0m"
}

func (t *terminal) line(s string) {
	t.out.WriteString(strings.TrimRight(s, " "))
	t.out.WriteByte('\n')
}

// heading begins a section.
func (t *terminal) heading(title string) {
	t.line("")
	t.line(t.painted(accent, title))
	t.line(t.painted(dim, strings.Repeat("─", uniseg.StringWidth(title))))
}

// paragraph writes prose, wrapped, each line indented.
func (t *terminal) paragraph(indent int, p paint, text string) {
	for _, line := range wrap(text, t.width-indent) {
		t.line(strings.Repeat(" ", indent) + t.painted(p, line))
	}
}

// wrap breaks text at white space into lines of at most width columns. A word
// that is longer than a line is broken itself.
func wrap(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		for w := uniseg.StringWidth(word); ; w = uniseg.StringWidth(word) {
			if used > 0 && used+1+w <= width {
				line, used = line+" "+word, used+1+w
				break
			}
			if used > 0 {
				lines = append(lines, line)
				line, used = "", 0
			}
			if w <= width {
				line, used = word, w
				break
			}
			start := prefix(word, width)
			if start == "" { // not even one character fits
				start = word
			}
			lines, word = append(lines, start), word[len(start):]
			if word == "" {
				break
			}
		}
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}

// prefix is the longest beginning of s of at most width columns.
func prefix(s string, width int) string {
	used, end := 0, 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		used += g.Width()
		if used > width {
			break
		}
		_, end = g.Positions()
	}
	return s[:end]
}

// suffix is the longest end of s of at most width columns.
func suffix(s string, width int) string {
	total := uniseg.StringWidth(s)
	for g := uniseg.NewGraphemes(s); g.Next() && total > width; {
		total -= g.Width()
		_, end := g.Positions()
		if total <= width {
			return s[end:]
		}
	}
	if total > width {
		return ""
	}
	return s
}

// fit shortens s in its middle to at most width columns.
func fit(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	if width < 3 {
		return prefix(s, width)
	}
	start := prefix(s, (width-1)/3)
	return start + "…" + suffix(s, width-1-uniseg.StringWidth(start))
}

// column is one column of a table.
type column struct {
	Title string
	Right bool // numbers
	Flex  bool // may be shortened when the table is too wide
}

// table writes rows under their titles. Columns that may be shortened share
// what is left of the width, the widest giving way first.
func (t *terminal) table(columns []column, rows [][]string) {
	const gap = 2
	widths := make([]int, len(columns))
	for c, column := range columns {
		widths[c] = uniseg.StringWidth(column.Title)
		for _, row := range rows {
			widths[c] = max(widths[c], uniseg.StringWidth(row[c]))
		}
	}
	shrink(columns, widths, t.width-2-gap*(len(columns)-1))
	titles := make([]string, len(columns))
	for c, column := range columns {
		titles[c] = column.Title
	}
	t.line("  " + t.painted(dim, strings.TrimRight(t.row(columns, widths, titles), " ")))
	for _, row := range rows {
		t.line("  " + t.row(columns, widths, row))
	}
}

func (t *terminal) row(columns []column, widths []int, cells []string) string {
	var out strings.Builder
	for c, cell := range cells {
		if c > 0 {
			out.WriteString("  ")
		}
		cell = fit(cell, widths[c])
		pad := strings.Repeat(" ", widths[c]-uniseg.StringWidth(cell))
		if columns[c].Right {
			out.WriteString(pad + cell)
		} else {
			out.WriteString(cell + pad)
		}
	}
	return out.String()
}

// shrink takes columns off the widest flexible ones until the sum fits.
func shrink(columns []column, widths []int, room int) {
	const least = 8
	sum := 0
	for _, w := range widths {
		sum += w
	}
	for ; sum > room; sum-- {
		widest := -1
		for c := range columns {
			if columns[c].Flex && widths[c] > least && (widest < 0 || widths[c] > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// pairs writes names and values, the values aligned and wrapped.
func (t *terminal) pairs(list []fact) {
	name := 0
	for _, f := range list {
		name = max(name, uniseg.StringWidth(f.Name))
	}
	for _, f := range list {
		p := plainPaint
		if f.Value == "" {
			p = dim
		}
		for i, line := range wrap(f.String(), t.width-name-4) {
			label := ""
			if i == 0 {
				label = f.Name
			}
			pad := strings.Repeat(" ", name-uniseg.StringWidth(label)+2)
			t.line("  " + t.painted(bold, label) + pad + t.painted(p, line))
		}
	}
}
