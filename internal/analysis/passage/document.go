package passage

import (
	"path"
	"regexp"
	"strings"
)

// headingsOf finds the headings of documents, by how their names end.
var headingsOf = map[string]func(lines []string) []heading{
	".md": markdown, ".markdown": markdown, ".mdx": markdown,
	".rst": underlined, ".txt": underlined, "": underlined,
	".adoc": asciidoc, ".asciidoc": asciidoc,
}

// IsDocument reports whether a file is one that headings part, by its name.
func IsDocument(file string) bool {
	ext := strings.ToLower(path.Ext(file))
	return ext != "" && headingsOf[ext] != nil
}

// heading is a heading of a document.
type heading struct {
	line  int // the first of it, from 0
	level int // 1 is the highest
	text  string
}

// OfDocument parts a document by its headings. A section is what stands between
// a heading and the next one, of whatever level; its title leads to it.
func OfDocument(file string, content []byte) []Passage {
	c := cutter{file: file, lines: splitLines(content)}
	read := headingsOf[strings.ToLower(path.Ext(file))]
	if read == nil {
		read = underlined
	}
	headings := read(c.lines)
	var out []Passage
	var above []heading
	for i := -1; i < len(headings) && len(out) < maxPassages; i++ {
		start, end := 0, len(c.lines)
		if i >= 0 {
			start = headings[i].line
			for len(above) > 0 && above[len(above)-1].level >= headings[i].level {
				above = above[:len(above)-1]
			}
			above = append(above, headings[i])
		}
		if i+1 < len(headings) {
			end = headings[i+1].line
		}
		out = c.section(out, above, start, end)
	}
	return out
}

// section adds the passages of one section.
func (c *cutter) section(out []Passage, above []heading, start, end int) []Passage {
	for end > start && strings.TrimSpace(c.lines[end-1]) == "" {
		end--
	}
	titles := make([]string, len(above))
	for i, h := range above {
		titles[i] = h.text
	}
	title := strings.Join(titles, " › ")
	if title == "" {
		title = c.file
	}
	for start < end && len(out) < maxPassages {
		if strings.TrimSpace(c.lines[start]) == "" {
			start++
			continue
		}
		stop := c.part(start, end)
		out = append(out, Passage{Kind: Document, Title: title, Start: start + 1, End: stop, Names: title, Text: c.text(start, stop)})
		start = stop
	}
	return out
}

var (
	atx        = regexp.MustCompile(`^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	fence      = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")
	setext     = regexp.MustCompile(`^ {0,3}(=+|-{2,})[ \t]*$`)
	adocTitle  = regexp.MustCompile(`^(={1,6})[ \t]+(\S.*)$`)
	adocFence  = regexp.MustCompile(`^(-{4,}|\.{4,}|={4,}|\+{4,}|/{4,}|_{4,}|\|={3,})[ \t]*$`)
	rstLine    = regexp.MustCompile("^([=\\-~^\"'#*+.:_`])([=\\-~^\"'#*+.:_`]{2,})[ \t]*$")
	headingTag = regexp.MustCompile(`[ \t]*\{#[^}]*\}$`)
	picture    = regexp.MustCompile(`!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<[^<>]+>`)
	linked     = regexp.MustCompile(`\[([^\[\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
)

// markdown finds the headings of CommonMark, none inside of fenced code.
func markdown(lines []string) []heading {
	var out []heading
	open := ""
	for i := frontMatter(lines); i < len(lines); i++ {
		line := lines[i]
		if m := fence.FindStringSubmatch(line); m != nil {
			switch {
			case open == "":
				open = m[1]
			case m[1][0] == open[0] && len(m[1]) >= len(open) && strings.Trim(line, " \t`~") == "":
				open = ""
			}
			continue
		}
		if open != "" {
			continue
		}
		if m := atx.FindStringSubmatch(line); m != nil {
			out = append(out, heading{line: i, level: len(m[1]), text: plain(m[2])})
			continue
		}
		if m := setext.FindStringSubmatch(line); m != nil && i > 0 && isParagraph(lines, i-1) {
			level := 1
			if m[1][0] == '-' {
				level = 2
			}
			out = append(out, heading{line: i - 1, level: level, text: plain(lines[i-1])})
		}
	}
	return out
}

// frontMatter returns how many lines the YAML at the head of a document has.
func frontMatter(lines []string) int {
	if len(lines) == 0 || lines[0] != "---" {
		return 0
	}
	for i := 1; i < len(lines); i++ {
		if lines[i] == "---" {
			return i + 1
		}
	}
	return 0
}

// isParagraph reports whether a line is a whole paragraph of prose, as that
// above a line of dashes has to be.
func isParagraph(lines []string, i int) bool {
	line := strings.TrimSpace(lines[i])
	return line != "" && !strings.ContainsRune("#>|-*+=`~<", rune(line[0])) && (i == 0 || strings.TrimSpace(lines[i-1]) == "")
}

// plain is the text of a heading without its marks, without badges and other
// pictures, and with the words of links.
func plain(text string) string {
	text = headingTag.ReplaceAllString(strings.TrimSpace(text), "")
	bare := linked.ReplaceAllString(picture.ReplaceAllString(text, ""), "$1")
	bare = strings.TrimSpace(strings.NewReplacer("`", "", "**", "", "__", "").Replace(bare))
	if bare == "" { // nothing but a picture
		return text
	}
	return bare
}

// underlined finds the headings of reStructuredText, whose levels are those in
// which the kinds of lines come first. Plain text is read in the same way.
func underlined(lines []string) []heading {
	var out []heading
	var styles []string
	for i := 1; i < len(lines); i++ {
		m := rstLine.FindStringSubmatch(lines[i])
		text := strings.TrimRight(lines[i-1], " \t")
		if m == nil || strings.Trim(m[2], m[1]) != "" || text == "" || strings.TrimSpace(text) != text || rstLine.MatchString(text) || len(strings.TrimSpace(lines[i])) < len([]rune(text)) {
			continue
		}
		start, style := i-1, m[1]
		if i >= 2 && strings.TrimSpace(lines[i-2]) == strings.TrimSpace(lines[i]) {
			start, style = i-2, m[1]+m[1]
		}
		level := 0
		for level < len(styles) && styles[level] != style {
			level++
		}
		if level == len(styles) {
			styles = append(styles, style)
		}
		out = append(out, heading{line: start, level: level + 1, text: plain(strings.TrimSpace(text))})
	}
	return out
}

// asciidoc finds the headings of AsciiDoc, none inside of delimited blocks.
func asciidoc(lines []string) []heading {
	var out []heading
	open := ""
	for i, line := range lines {
		if adocFence.MatchString(line) {
			switch mark := strings.TrimRight(line, " \t"); open {
			case "":
				open = mark
			case mark:
				open = ""
			}
			continue
		}
		if m := adocTitle.FindStringSubmatch(line); m != nil && open == "" {
			out = append(out, heading{line: i, level: len(m[1]), text: plain(m[2])})
		}
	}
	return out
}
