package render

import (
	"bytes"
	"fmt"
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
	longest := 0
	for _, line := range wrap(title, t.width) {
		longest = max(longest, uniseg.StringWidth(line))
		t.line(t.painted(accent, line))
	}
	t.line(t.painted(dim, strings.Repeat("─", longest)))
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
	for word := range strings.FieldsSeq(text) {
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

// listSeparator stands between the items of a cell that is a list.
const listSeparator = ", "

// fitList shortens a list to at most width columns by leaving out items at its
// end: "api, store, +3". The first item is cut itself where it does not fit.
func fitList(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	items := strings.Split(s, listSeparator)
	more := ""
	for n := len(items) - 1; n > 0; n-- {
		more = fmt.Sprintf("%s+%d", listSeparator, len(items)-n)
		short := strings.Join(items[:n], listSeparator) + more
		if uniseg.StringWidth(short) <= width {
			return short
		}
	}
	if more == "" || width-len(more) < 3 {
		return fit(s, width)
	}
	return fit(items[0], width-len(more)) + more
}

// column is one column of a table.
type column struct {
	Title string
	Right bool // numbers
	Flex  bool // may be shortened when the table is too wide
	List  bool // cells are lists: whole items are left out, and counted
}

// gap is what stands between two columns.
const gap = 2

// table writes rows under their titles. Columns that may be shortened share
// what is left of the width, the widest giving way first; when that is not
// enough, other columns of text do too, and then the last columns are left out.
// Numbers are never cut: a part of a number is another number.
func (t *terminal) table(columns []column, rows [][]string) {
	columns, widths := columnsFor(columns, rows, t.width-2)
	titles := make([]string, len(columns))
	for c, column := range columns {
		titles[c] = column.Title
	}
	t.line("  " + t.painted(dim, strings.TrimRight(t.row(columns, widths, titles), " ")))
	for _, row := range rows {
		t.line("  " + t.row(columns, widths, row[:len(columns)]))
	}
}

// columnsFor returns the columns that have a place in room, and their widths.
func columnsFor(columns []column, rows [][]string, room int) (shown []column, widths []int) {
	const comfortable, least = 8, 6
	for n := len(columns); ; n-- {
		shown, widths = columns[:n], naturalWidths(columns[:n], rows)
		left := room - gap*(n-1)
		fits := shrink(widths, left, comfortable, func(c int) bool { return columns[c].Flex }) ||
			shrink(widths, left, least, func(c int) bool { return !columns[c].Right })
		if fits || n == 1 {
			return shown, widths
		}
	}
}

func naturalWidths(columns []column, rows [][]string) []int {
	widths := make([]int, len(columns))
	for c, column := range columns {
		widths[c] = uniseg.StringWidth(column.Title)
		for _, row := range rows {
			widths[c] = max(widths[c], uniseg.StringWidth(row[c]))
		}
	}
	return widths
}

func (t *terminal) row(columns []column, widths []int, cells []string) string {
	var out strings.Builder
	for c, cell := range cells {
		if c > 0 {
			out.WriteString(strings.Repeat(" ", gap))
		}
		if columns[c].List {
			cell = fitList(cell, widths[c])
		} else {
			cell = fit(cell, widths[c])
		}
		pad := strings.Repeat(" ", widths[c]-uniseg.StringWidth(cell))
		if columns[c].Right {
			out.WriteString(pad + cell)
		} else {
			out.WriteString(cell + pad)
		}
	}
	return out.String()
}

// shrink takes columns off the widest that may give until the sum fits into
// room, and reports whether it does. None becomes narrower than least.
func shrink(widths []int, room, least int, may func(c int) bool) bool {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	for ; sum > room; sum-- {
		widest := -1
		for c, w := range widths {
			if may(c) && w > least && (widest < 0 || w > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			return false
		}
		widths[widest]--
	}
	return true
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
