package passage

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// headingsOf finds the headings of documents, by how their names end.
var headingsOf = map[string]func(lines []string) []heading{
	".md": markdown, ".markdown": markdown, ".mdx": markdown,
	".rst": underlined, ".rest": underlined, ".txt": plainText, ".text": plainText, "": plainText,
	".adoc": asciidoc, ".asciidoc": asciidoc, ".org": org, ".pod": pod,
}

var (
	// named are documents by their names alone, whatever their ending.
	named = lazyregexp.New(`(?i)^(?:readme|install|installing|hacking|contributing|changelog|changes|history|news|releases?|upgrading|faq|todo|design|architecture|security|usage|manual|guide|tutorial|protocol|porting|building|development)(?:[-._][A-Za-z][A-Za-z-]{0,15})?$`)
	// ofPrograms are texts that programs read.
	ofPrograms = lazyregexp.New(`(?i)^(?:cmakelists|.*requirements.*|constraints.*|robots|runtime|top_level|sources|dependencies|entry_points|.*wordlist.*|.*-words|words)\.txt$`)
	// manual is the name of a page of the manual: git.1, printf.3p; no version, and no
	// library.
	manual      = lazyregexp.New(`(?i)^[A-Za-z][\w+@.:-]*\.(?:[1-9][a-z]{0,2}|man|mdoc)(?:\.in)?$`)
	noManual    = lazyregexp.New(`(?i)\.so\.|\d\.\d|\.(?:log|out|bak|orig|json|sql|gz)\.\d`)
	programText = lazyregexp.New(`\.(?:sh|py|rb|pl|js|ts|go|c|h|bat|ps1|mk|cmake|json|ya?ml|toml|lock|xml|html?)$`)
)

// reader finds the headings of a document, nil for a file that is none.
func reader(file string) func(lines []string) []heading {
	base, ext := path.Base(file), strings.ToLower(path.Ext(file))
	switch {
	case ofPrograms.MatchString(base):
		return nil
	case ext != "" && headingsOf[ext] != nil:
		return headingsOf[ext]
	case IsManual(file):
		return roff
	case named.MatchString(base) && !programText.MatchString(base):
		return plainText
	}
	return nil
}

// IsDocument reports whether a file is one that headings part, by its name.
func IsDocument(file string) bool {
	return reader(file) != nil
}

// IsManual reports whether a file is a page of the manual, by its name.
func IsManual(file string) bool {
	base := path.Base(file)
	return headingsOf[strings.ToLower(path.Ext(base))] == nil && manual.MatchString(base) && !noManual.MatchString(base)
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
	read := reader(file)
	if read == nil {
		read = plainText
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
		p := Passage{Kind: Document, Title: title, Start: start + 1, End: stop, Names: title, Text: c.text(start, stop)}
		if IsManual(c.file) {
			p.Names += emphasised(p.Text)
		}
		out = append(out, p)
		start = stop
	}
	return out
}

var (
	atx        = lazyregexp.New(`^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	fence      = lazyregexp.New("^ {0,3}(`{3,}|~{3,})")
	setext     = lazyregexp.New(`^ {0,3}(=+|-{2,})[ \t]*$`)
	adocTitle  = lazyregexp.New(`^(={1,6})[ \t]+(\S.*)$`)
	adocFence  = lazyregexp.New(`^(-{4,}|\.{4,}|={4,}|\+{4,}|/{4,}|_{4,}|\|={3,})[ \t]*$`)
	rstLine    = lazyregexp.New("^([=\\-~^\"'#*+.:_`])([=\\-~^\"'#*+.:_`]{2,})[ \t]*$")
	headingTag = lazyregexp.New(`[ \t]*\{#[^}]*\}$`)
	picture    = lazyregexp.New(`!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<[^<>]+>`)
	linked     = lazyregexp.New(`\[([^\[\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
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

var (
	numbered  = lazyregexp.New(`^(\d{1,2}(?:\.\d{1,2}){0,4})\.?[ \t]+(\p{Lu}[^.!?;]{1,70})$`)
	capitals  = lazyregexp.New(`^[\p{Lu}][\p{Lu}\d &/,:()'-]{2,60}$`)
	labelled  = lazyregexp.New(`^\p{Lu}[\w /'-]{2,60}:$`)
	orgLine   = lazyregexp.New(`^(\*{1,6})[ \t]+(?:(?:TODO|DONE|NEXT)[ \t]+)?(\S.*?)(?:[ \t]+:[\w@:]+:)?[ \t]*$`)
	orgBlock  = lazyregexp.New(`(?i)^[ \t]*#\+(begin|end)_`)
	podLine   = lazyregexp.New(`^=head([1-6])[ \t]+(\S.*)$`)
	roffLine  = lazyregexp.New(`^[.']\s*(TH|SH|SS|Sh|Ss|Dt)(?:\s+(.*))?$`)
	roffFont  = lazyregexp.New(`\\f(?:[A-Z]|\([A-Z]{2}|\[\w*\])|\\s[-+]?\d`)
	roffQuote = strings.NewReplacer(`"`, "", `\-`, "-", `\&`, "", `\(aq`, "'", `\e`, `\`)
)

// plainText finds the headings of plain text: those that are underlined, and where
// there are none lines that stand alone, in capitals or with the number of a section
// before them or a colon behind.
func plainText(lines []string) []heading {
	if out := underlined(lines); len(out) > 0 {
		return out
	}
	var out []heading
	for i, line := range lines {
		text := strings.TrimRight(line, " \t")
		if i > 0 && strings.TrimSpace(lines[i-1]) != "" || i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" && !labelled.MatchString(text) {
			continue
		}
		switch m := numbered.FindStringSubmatch(text); {
		case m != nil:
			out = append(out, heading{line: i, level: 1 + strings.Count(m[1], "."), text: text})
		case capitals.MatchString(text):
			out = append(out, heading{line: i, level: 1, text: text})
		case labelled.MatchString(text):
			out = append(out, heading{line: i, level: 2, text: strings.TrimSuffix(text, ":")})
		}
	}
	return out
}

// org finds the headings of Org, none inside of blocks.
func org(lines []string) []heading {
	var out []heading
	open := false
	for i, line := range lines {
		if m := orgBlock.FindStringSubmatch(line); m != nil {
			open = strings.EqualFold(m[1], "begin")
		} else if m := orgLine.FindStringSubmatch(line); m != nil && !open {
			out = append(out, heading{line: i, level: len(m[1]), text: plain(m[2])})
		}
	}
	return out
}

// pod finds the headings of Perl's documents.
func pod(lines []string) []heading {
	var out []heading
	for i, line := range lines {
		if m := podLine.FindStringSubmatch(line); m != nil {
			out = append(out, heading{line: i, level: int(m[1][0] - '0'), text: plain(m[2])})
		}
	}
	return out
}

// roff finds the headings of pages of the manual, in man's macros and in mdoc's. A
// heading may stand on the line below its macro.
func roff(lines []string) []heading {
	var out []heading
	for i, line := range lines {
		m := roffLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := m[2]
		if text == "" && i+1 < len(lines) {
			text = strings.TrimPrefix(lines[i+1], ".B ")
		}
		level := map[string]int{"TH": 1, "Dt": 1, "SH": 2, "Sh": 2, "SS": 3, "Ss": 3}[m[1]]
		if text = strings.TrimSpace(roffQuote.Replace(roffFont.ReplaceAllString(text, ""))); text != "" && level > 0 {
			if level == 1 { // its name and section
				fields := strings.Fields(text)
				text = strings.ToLower(strings.Join(fields[:min(len(fields), 2)], " "))
			}
			out = append(out, heading{line: i, level: level, text: text})
		}
	}
	return out
}

// set is what a page of the manual sets in another font, whose marks would else be a
// part of its words.
var set = lazyregexp.New(`\\f[BI]([^\\\n]{2,60})\\f[PR]`)

// maxEmphasised is how many words of one passage are found by themselves.
const maxEmphasised = 40

func emphasised(text string) string {
	var out strings.Builder
	seen := map[string]bool{}
	for _, m := range set.FindAllStringSubmatch(text, 4*maxEmphasised) {
		if word := strings.TrimSpace(m[1]); !seen[word] && len(seen) < maxEmphasised {
			seen[word] = true
			out.WriteString("\n" + word)
		}
	}
	return out.String()
}
