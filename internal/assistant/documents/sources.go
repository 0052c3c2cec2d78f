package documents

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/passage"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

func isDocument(file string) bool { return passage.IsDocument(file) }

// docSection is a part of a document with its lines.
type docSection struct {
	file       string
	title      string // the headings that lead to it
	last       string // the heading right above it
	start, end int
	text       string // without the heading
}

// sectionsOf parts a document by its headings.
func (c *composer) sectionsOf(file string) []docSection {
	lines := c.file(file)
	if lines == nil || !isDocument(file) && !strings.HasPrefix(strings.ToUpper(path.Base(file)), "README") {
		return nil
	}
	var out []docSection
	for _, p := range passage.OfDocument(file, []byte(strings.Join(lines, "\n"))) {
		s := docSection{file: file, title: p.Title, start: p.Start, end: p.End}
		titles := strings.Split(p.Title, " › ")
		s.last = titles[len(titles)-1]
		body := strings.Split(p.Text, "\n")
		if len(body) > 0 && strings.Contains(plainText(body[0]), s.last) && s.last != file {
			body = body[1:]
			if len(body) > 0 && strings.Trim(body[0], "=-~^\"' ") == "" { // what underlines it
				body = body[1:]
			}
		}
		s.text = strings.TrimSpace(strings.Join(body, "\n"))
		if n := len(out); n > 0 && out[n-1].title == s.title { // a long section comes in parts
			out[n-1].end, out[n-1].text = s.end, out[n-1].text+"\n\n"+s.text
			continue
		}
		out = append(out, s)
	}
	return out
}

// docs are the files that tell people something: the README first, then what the
// report names.
func (c *composer) docs() []string {
	var out []string
	d := &c.report.Documentation
	if d.Readme != nil {
		out = append(out, *d.Readme)
	}
	if d.Contributing != nil {
		out = append(out, *d.Contributing)
	}
	for _, v := range d.Docs {
		out = append(out, v.Path)
	}
	return distinct(out)
}

// paths are those of all files of the tree.
func (c *composer) paths() []string {
	if c.in.Files == nil {
		return nil
	}
	return c.in.Files.Paths()
}

// there reports whether the tree has a file.
func (c *composer) there(file string) bool {
	_, ok := slices.BinarySearch(c.paths(), file)
	return ok
}

// named are the files of the tree whose names match, those nearest to the root
// first, at most so many.
func (c *composer) named(name *lazyregexp.Regexp, most int) []string {
	var out []string
	for _, p := range c.paths() {
		if name.MatchString(path.Base(p)) && !c.asideFolder(p) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return strings.Count(a, "/") - strings.Count(b, "/") })
	return out[:min(len(out), most)]
}

var (
	mdImage    = lazyregexp.New(`!\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])`)
	mdLink     = lazyregexp.New(`\[([^\]]+)\](\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])`)
	htmlTag    = lazyregexp.New(`<!--[\s\S]*?-->|</?[a-zA-Z][^>]*>`)
	emphasis   = lazyregexp.New("(\\*\\*|__|`)")
	italics    = lazyregexp.New(`(^|[\s(])(?:\*([^*\s][^*]*)\*|_([^_\s][^_]*)_)($|[\s).,:;!?])`)
	escaped    = lazyregexp.New(`\\([!-/:-@\[-` + "`" + `{-~])`)
	rstRole    = lazyregexp.New(":[a-z:]+:`([^`<]+)(?: <[^>]*>)?`")
	listMark   = lazyregexp.New(`^\s*(?:[-*+•]|\d+[.)])\s+(?:\[[ xX]\]\s+)?`)
	decoration = lazyregexp.New(`^[\p{So}\p{Sk}\p{Cf}\x{FE0F}\s]+`)
)

// plainText is a text of Markdown as it is read: links by their words, without
// images, HTML and emphasis.
func plainText(s string) string {
	s = mdImage.ReplaceAllString(s, "")
	s = mdLink.ReplaceAllString(s, "$1")
	s = rstRole.ReplaceAllString(s, "$1")
	s = htmlTag.ReplaceAllString(s, " ")
	s = italics.ReplaceAllString(emphasis.ReplaceAllString(s, ""), "$1$2$3$4")
	return escaped.ReplaceAllString(s, "$1")
}

// unmark makes one line of running text of Markdown.
func unmark(s string) string {
	var out []string
	for line := range strings.SplitSeq(plainText(s), "\n") {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "#>"))
		line = decoration.ReplaceAllString(listMark.ReplaceAllString(line, ""), "")
		if line != "" && strings.Trim(line, "=-~*_`|:+ ") != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, " ")
}

// item is an entry of a list in a document, with its line.
type item struct {
	text        string
	first, last int
}

// items are the entries of the lists of a section, those of the first level.
func (s *docSection) items(lines []string) []item {
	var out []item
	fenced := false
	for n := s.start; n <= s.end && n <= len(lines); n++ {
		line := lines[n-1]
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		switch {
		case fenced:
		case listMark.MatchString(line) && indent < 2:
			out = append(out, item{unmark(line), n, n})
		case len(out) > 0 && indent >= 2 && !listMark.MatchString(line) && strings.TrimSpace(line) != "" && out[len(out)-1].last == n-1:
			last := &out[len(out)-1]
			last.text, last.last = last.text+" "+unmark(line), n
		}
	}
	return slices.DeleteFunc(out, func(i item) bool { return len([]rune(i.text)) < 3 })
}

// paragraph is a paragraph of prose in a document, with its lines.
type paragraph struct {
	text        string
	first, last int
}

// prose are the paragraphs of a section that tell something: no code, no lists,
// no tables, no badges.
func (s *docSection) prose(lines []string) []paragraph {
	var out []paragraph
	fenced, open := false, false
	for n := s.start; n <= s.end && n <= len(lines); n++ {
		bare := strings.TrimSpace(lines[n-1])
		if strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~") {
			fenced, open = !fenced, false
			continue
		}
		text := unmark(bare)
		if fenced || text == "" || strings.HasPrefix(bare, "#") || strings.HasPrefix(bare, "|") || strings.HasPrefix(bare, "..") || listMark.MatchString(lines[n-1]) || strings.HasPrefix(lines[n-1], "    ") || strings.HasPrefix(bare, "[!") {
			open = false
			continue
		}
		if n < len(lines) && rule.MatchString(strings.TrimSpace(lines[n])) && !open {
			continue // a heading that is underlined
		}
		if open {
			last := &out[len(out)-1]
			last.text, last.last = last.text+" "+text, n
		} else {
			out = append(out, paragraph{text, n, n})
			open = true
		}
	}
	return slices.DeleteFunc(out, func(p paragraph) bool { return !telling(p.text) })
}

var rule = lazyregexp.New(`^(={3,}|-{3,}|~{3,})$`)

// telling reports whether a paragraph has a sentence: several words that are
// mostly letters, and no line that is left of a table of badges.
func telling(text string) bool {
	letters := 0
	for _, r := range text {
		if r == ' ' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 {
			letters++
		}
	}
	return len(strings.Fields(text)) >= 4 && letters*10 >= len([]rune(text))*7
}

// locate finds the lines of a file in which a text begins and ends, whatever
// marks stand between its words; 0 where it is not.
func (c *composer) locate(file, text string) (first, last int) {
	type word struct {
		text string
		line int
	}
	var have []word
	inHTML := false
	for n, line := range c.file(file) {
		if strings.Contains(line, "<!--") {
			inHTML = true
		}
		if inHTML {
			inHTML = !strings.Contains(line, "-->")
			continue
		}
		for _, w := range wordsOf(plainText(line)) {
			have = append(have, word{w, n + 1})
		}
	}
	want := wordsOf(text)
	if len(want) > 4 && strings.HasSuffix(text, "…") {
		want = want[:len(want)-1]
	}
	if len(want) == 0 {
		return 0, 0
	}
	head := min(len(want), 6)
	for i := 0; i+head <= len(have); i++ {
		match := 0
		for match < head && have[i+match].text == want[match] {
			match++
		}
		if match < head {
			continue
		}
		end := i + match
		for next := match; next < len(want) && end < len(have) && have[end].text == want[next]; next++ {
			end++
		}
		return have[i].line, have[end-1].line
	}
	return 0, 0
}

var wordRun = lazyregexp.New(`[\p{L}\p{N}]+`)

func wordsOf(s string) []string { return wordRun.FindAllString(strings.ToLower(s), -1) }

// quoted cites the place of a text in a document; the head of the document where
// it cannot be found as it is.
func (p *part) quoted(file, text string) string {
	if first, last := p.locate(file, text); first > 0 {
		return p.lines(file, first, last)
	}
	return ""
}

// place cites where an endpoint or the like is registered.
func (p *part) place(at report.Location) string { return p.lines(at.Path, max(at.Line, 1), at.Line) }
