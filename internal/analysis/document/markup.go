package document

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// underline is a line that marks the one above it as a heading in
// reStructuredText.
var underline = lazyregexp.New(`^([=\-~^"'#*+.:_` + "`" + `])[=\-~^"'#*+.:_` + "`" + `]{2,}$`)

var (
	rstRole = lazyregexp.New("(?::[\\w:.-]+:)?`([^`<]*?)\\s*(?:<[^>`]*>)?`_{0,2}")
	rstRef  = lazyregexp.New(`\b(\w+)_\b`)
	rstCode = lazyregexp.New(`^\.\.\s+(?:code-block|code|sourcecode|prompt)::\s*(\S*)`)
)

// rstText is the plain text of inline markup.
func rstText(s string) string {
	s = strings.ReplaceAll(s, "``", "\x00")
	s = rstRole.ReplaceAllString(s, "$1")
	s = rstRef.ReplaceAllString(s, "$1")
	s = strings.NewReplacer("\x00", "", "**", "", "*", "", "\\ ", "").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

// lineReader goes through a document line by line.
type lineReader struct {
	lines []string
	at    int
	out   []block
}

func newLineReader(text string) *lineReader {
	return &lineReader{lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")}
}

// line is a line counted from the current one, "" beyond the end.
func (r *lineReader) line(ahead int) string {
	if r.at+ahead >= len(r.lines) || r.at+ahead < 0 {
		return ""
	}
	return strings.TrimRight(r.lines[r.at+ahead], " \t")
}

func indented(line string) bool { return line != "" && (line[0] == ' ' || line[0] == '\t') }

// restructured reads the parts of reStructuredText that say what a document is
// about. Plain text comes out as paragraphs.
func restructured(text string) []block {
	r := newLineReader(text)
	levels := ""
	for r.at < len(r.lines) {
		line := r.line(0)
		switch {
		case line == "":
			r.at++
		case underline.MatchString(line) && r.line(1) != "" && r.line(2) == line: // a line above as well
			levels = r.heading(1, line[0], levels)
			r.at += 3
		case !indented(line) && underline.MatchString(r.line(1)) && len([]rune(r.line(1))) >= min(3, len([]rune(line))) && !underline.MatchString(line):
			levels = r.heading(0, r.line(1)[0], levels)
			r.at += 2
		case strings.HasPrefix(line, ".. ") || line == "..":
			r.directive()
		case indented(line):
			r.indentedBlock("")
		default:
			r.paragraph()
		}
	}
	return r.out
}

// heading adds the heading on a line. Levels are in the order in which the
// marks first appear.
func (r *lineReader) heading(ahead int, mark byte, levels string) string {
	at := strings.IndexByte(levels, mark)
	if at < 0 {
		levels += string(mark)
		at = len(levels) - 1
	}
	r.out = append(r.out, block{kind: blockHeading, level: at + 1, text: rstText(r.line(ahead))})
	return levels
}

// directive skips a directive with its indented content, unless it is code.
func (r *lineReader) directive() {
	m := rstCode.FindStringSubmatch(r.line(0))
	r.at++
	if m == nil {
		for r.at < len(r.lines) && (r.line(0) == "" || indented(r.line(0))) {
			r.at++
		}
		return
	}
	for strings.HasPrefix(strings.TrimSpace(r.line(0)), ":") && indented(r.line(0)) {
		r.at++ // options
	}
	language := m[1]
	if strings.HasPrefix(m[0], ".. prompt") {
		language = "console"
	}
	r.indentedBlock(language)
}

// indentedBlock adds indented lines as code.
func (r *lineReader) indentedBlock(language string) {
	for r.at < len(r.lines) && r.line(0) == "" {
		r.at++
	}
	start := r.at
	var b strings.Builder
	for r.at < len(r.lines) && (r.line(0) == "" || indented(r.line(0))) {
		b.WriteString(strings.TrimSpace(r.line(0)) + "\n")
		r.at++
	}
	if text := strings.TrimRight(b.String(), "\n"); text != "" {
		r.out = append(r.out, block{kind: blockCode, text: text + "\n", line: start + 1, language: language})
	}
}

// noParagraph starts what is a list, a table, a field or a badge.
var noParagraph = lazyregexp.New(`^([-*+•]\s|\d+[.)]\s|#\.\s|\||\+[-=]|:[\w -]+:|=+\s+=|!\[|<)`)

func (r *lineReader) paragraph() {
	skip := noParagraph.MatchString(r.line(0))
	var b strings.Builder
	for r.at < len(r.lines) && r.line(0) != "" {
		b.WriteString(r.line(0) + " ")
		r.at++
		if underline.MatchString(r.line(1)) && !underline.MatchString(r.line(0)) {
			break
		}
	}
	text := strings.TrimSpace(b.String())
	links := 0
	for _, m := range rstRole.FindAllStringSubmatch(text, 200) {
		if strings.HasSuffix(m[0], "_") {
			links += len(m[1])
		}
	}
	if !skip {
		r.out = append(r.out, block{kind: blockParagraph, text: rstText(text), links: links})
	}
}

var (
	adocHeading = lazyregexp.New(`^(={1,6})\s+(.+)$`)
	adocSource  = lazyregexp.New(`^\[(?:source\s*,\s*)?([\w-]*)`)
	adocLink    = lazyregexp.New(`(?:link:|https?://|xref:|mailto:)[^\s\[\]]*\[([^\]]*)\]`)
	adocImage   = lazyregexp.New(`image::?[^\s\[]*\[[^\]]*\]`)
	adocSkip    = lazyregexp.New(`^(:[\w-]+!?:|image::|include::|toc::|//|ifdef::|ifndef::|endif::|ifeval::|\.[A-Za-z]|[*.-]+\s|\|===|NOTE:|WARNING:|TIP:|IMPORTANT:|CAUTION:|'''|\+$)`)
)

// asciidoc reads the parts of AsciiDoc that say what a document is about.
func asciidoc(text string) []block {
	r := newLineReader(text)
	language := ""
	for r.at < len(r.lines) {
		line := r.line(0)
		heading := adocHeading.FindStringSubmatch(line)
		switch {
		case heading != nil:
			r.out = append(r.out, block{kind: blockHeading, level: len(heading[1]), text: adocText(heading[2])})
			r.at++
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			if m := adocSource.FindStringSubmatch(line); m != nil {
				language = m[1]
			}
			r.at++
			continue
		case line == "----" || line == "....":
			r.fence(line, language)
		case line == "====" || line == "****" || line == "--" || line == "|===" || line == "____" || line == "++++" || line == "////":
			r.skipTo(line)
		case line == "" || adocSkip.MatchString(line):
			r.at++
		default:
			r.adocParagraph()
		}
		language = ""
	}
	return r.out
}

func (r *lineReader) skipTo(end string) {
	for r.at++; r.at < len(r.lines) && r.line(0) != end; r.at++ {
	}
	r.at++
}

func (r *lineReader) fence(end, language string) {
	start := r.at + 1
	r.skipTo(end)
	if stop := min(r.at-1, len(r.lines)); stop > start {
		r.out = append(r.out, block{kind: blockCode, text: strings.Join(r.lines[start:stop], "\n") + "\n", line: start + 1, language: language})
	}
}

func (r *lineReader) adocParagraph() {
	var b strings.Builder
	for r.at < len(r.lines) && r.line(0) != "" && r.line(0) != "----" {
		b.WriteString(r.line(0) + " ")
		r.at++
	}
	text := b.String()
	links := 0
	for _, m := range adocLink.FindAllStringSubmatch(text, 200) {
		links += len(m[1])
	}
	r.out = append(r.out, block{kind: blockParagraph, text: adocText(text), links: links})
}

func adocText(s string) string {
	s = adocImage.ReplaceAllString(s, "")
	s = adocLink.ReplaceAllString(s, "$1")
	s = strings.NewReplacer("*", "", "`", "", "_", " ").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}
