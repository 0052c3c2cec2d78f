package documents

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
)

// The bounds of one document.
const (
	maxExcerpt = 1200     // bytes of a citation
	maxQuoted  = 700      // bytes of a quotation
	maxLines   = 60       // of one citation
	maxFile    = 1 << 20  // bytes of a file that is read
	maxRead    = 64 << 20 // bytes that one document reads
)

// composer composes one document.
type composer struct {
	ctx    context.Context //nolint:containedctx // it lives for one call of Compose
	in     Inputs
	report *report.CodeReport
	index  *codeindex.Index
	draft  Draft
	files  map[string][]string // lines by path; nil for one that cannot be read
	read   int
	err    error            // that ended the reading of files
	byPath map[string]int   // places in the index
	byName map[string][]int // functions by the last of their names; nil before it is asked for

	left  map[string]map[thing]bool // by noun: what was left out as none of the software
	nouns []string                  // of left, in the order in which they came up

	uses    map[int32][]int32  // imports by file; nil before it is asked for
	besides map[string][]int32 // files of Go by folder

	asking *askedFor // what tests ask for; nil before it is asked for

	authSeen bool // something that guards an endpoint was recognised
	unlisted int  // endpoints that a reference has no room for
	tested   int  // endpoints whose tests were looked for
}

func newComposer(ctx context.Context, in Inputs) *composer {
	c := &composer{ctx: ctx, in: in, report: in.Report, index: in.Index, files: map[string][]string{}, left: map[string]map[thing]bool{}, byPath: map[string]int{}}
	if c.index == nil {
		c.index = codeindex.New(codeindex.Contents{})
	}
	for i := range c.index.Files {
		c.byPath[c.index.Files[i].Path] = i
	}
	return c
}

func (c *composer) name() string {
	return strings.Join(strings.Fields(markdown.Visible(c.report.Name)), " ")
}

// missingf says what no source says.
func (c *composer) missingf(format string, args ...any) {
	c.draft.NotFound = append(c.draft.NotFound, fmt.Sprintf(format, args...))
}

// file returns the lines of a file, nil where it cannot be read or is too large.
func (c *composer) file(path string) []string {
	if lines, known := c.files[path]; known {
		return lines
	}
	c.files[path] = nil
	if c.in.Files == nil || path == "" || c.read > maxRead || c.err != nil {
		return nil
	}
	var content []byte
	err := c.in.Files.Read(c.ctx, []string{path}, func(_ string, read []byte) error {
		content = read
		return nil
	})
	if err != nil {
		c.err = err
	}
	if err != nil || content == nil || len(content) > maxFile {
		return nil // a claim that needs it is not made
	}
	c.read += len(content)
	text := strings.TrimSuffix(strings.ReplaceAll(strings.ToValidUTF8(string(content), "\uFFFD"), "\r\n", "\n"), "\n")
	if strings.IndexByte(text, 0) >= 0 {
		return nil
	}
	c.files[path] = strings.Split(text, "\n")
	return c.files[path]
}

// part is a section as it is written.
type part struct {
	*composer

	s      Section
	blocks []string
	at     map[string]int // citations by what they are of

	neededOnly bool // services that somebody can do without are left out
}

func (c *composer) section(key, title string) *part {
	return &part{composer: c, s: Section{Key: key, Title: title, Citations: []rampforge.Citation{}}, at: map[string]int{}}
}

// sayf adds a block of Markdown.
func (p *part) sayf(format string, args ...any) {
	p.blocks = append(p.blocks, fmt.Sprintf(format, args...))
}

// list adds a list.
func (p *part) list(items []string) {
	if len(items) > 0 {
		p.sayf("- %s", strings.Join(items, "\n- "))
	}
}

// done adds the section to the document, where it says something and cites
// something. It reports whether it does.
func (p *part) done() bool {
	if len(p.blocks) == 0 || len(p.s.Citations) == 0 {
		return false
	}
	p.s.Text = strings.Join(p.blocks, "\n\n")
	p.tidy()
	if len(p.s.Citations) == 0 {
		return false
	}
	p.s.Hash = hashOf(&p.s)
	p.draft.Sections = append(p.draft.Sections, p.s)
	return true
}

// tidy drops the sources that the text does not name after all, and numbers the
// rest in the order in which a reader meets them.
func (p *part) tidy() {
	numbers := map[int]int{}
	var cites []rampforge.Citation
	var texts []string
	markdown.Outside(p.s.Text, func(s string) string {
		for _, m := range citationMark.FindAllStringSubmatch(s, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil || n < 1 || n > len(p.s.Citations) || numbers[n] != 0 {
				continue
			}
			v := p.s.Citations[n-1]
			numbers[n] = len(cites) + 1
			v.N = numbers[n]
			cites, texts = append(cites, v), append(texts, p.s.texts[n-1])
		}
		return s
	})
	p.s.Text = renumber(p.s.Text, numbers)
	p.s.Citations, p.s.texts = cites, texts
}

// cite numbers a source and returns its mark, " [3]". text is all of it that was
// read.
func (p *part) cite(v rampforge.Citation, text string) string {
	key := fmt.Sprint(v.Kind, "\x00", v.Title, "\x00", v.Path, "\x00", v.Commit, "\x00", v.URL, "\x00", valueOf(v.StartLine), "\x00", valueOf(v.EndLine))
	n, known := p.at[key]
	if !known {
		n = len(p.s.Citations) + 1
		p.at[key] = n
		v.N = n
		v.Excerpt = cut(markdown.Visible(text), maxExcerpt)
		p.s.Citations = append(p.s.Citations, v)
		p.s.texts = append(p.s.texts, text)
	}
	return fmt.Sprintf(" [%d]", n)
}

func valueOf(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// lines cites lines of a file; "" where there are none such, so that whoever
// claims something can leave it out. last below first is the one line.
func (p *part) lines(path string, first, last int) string {
	lines := p.file(path)
	first = max(first, 1)
	last = min(max(last, first), first+maxLines-1, len(lines))
	if first > len(lines) {
		return ""
	}
	kind := rampforge.PassageCode
	if isDocument(path) {
		kind = rampforge.PassageDocument
	}
	v := rampforge.Citation{Kind: kind, Title: path, Path: path, StartLine: &first, EndLine: &last, Commit: p.report.Commit}
	if p.report.WebURL != nil {
		v.URL = render.LinesURL(*p.report.WebURL, v.Commit, path, first, last)
	}
	v.Title = markdown.Visible(v.Title)
	return p.cite(v, strings.Join(lines[first-1:last], "\n"))
}

// symbol cites the lines of the symbol that is declared at a line, or the line
// alone where none is known.
func (p *part) symbol(at report.Location) string {
	if s := p.symbolAt(at.Path, at.Line); s != nil {
		return p.lines(at.Path, int(s.Line), int(s.EndLine))
	}
	return p.lines(at.Path, at.Line, at.Line)
}

// symbolAt is the symbol that begins at a line, or the smallest around it.
func (c *composer) symbolAt(path string, line int) *codeindex.Symbol {
	i, ok := c.byPath[path]
	if !ok || line <= 0 {
		return nil
	}
	var best *codeindex.Symbol
	symbols := c.index.SymbolsOf(i)
	for j := range symbols {
		s := &symbols[j]
		if int(s.Line) > line || int(s.EndLine) < line {
			continue
		}
		if best == nil || s.EndLine-s.Line < best.EndLine-best.Line {
			best = s
		}
	}
	return best
}

// computed cites the report: what was counted over all of the code.
func (p *part) computed(what string) string {
	v := rampforge.Citation{Kind: rampforge.PassageReport, Title: "Code report: " + what, Commit: p.report.Commit}
	if p.report.WebURL != nil {
		v.URL = render.CommitURL(*p.report.WebURL, v.Commit)
	}
	return p.cite(v, "")
}

// commit cites a commit.
func (p *part) commit(hash, subject, body string) string {
	v := rampforge.Citation{Kind: rampforge.PassageCommit, Title: oneLine(subject, 200), Commit: hash}
	if p.report.WebURL != nil {
		v.URL = render.CommitURL(*p.report.WebURL, hash)
	}
	return p.cite(v, strings.TrimSpace(subject+"\n\n"+body))
}

// nameOf is a name as code; what is too long is cut.
func span(name string) string { return markdown.Span(cut(oneLine(name, 200), 200)) }

func plain(text string) string { return markdown.Plain(text) }

// quote is text of others in a line, whole sentences where that can be.
func quote(text string, most int) string { return markdown.Plain(firstSentences(unmark(text), most)) }

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " …"
}

func oneLine(s string, most int) string {
	return cut(strings.Join(strings.Fields(markdown.Visible(s)), " "), most)
}

// firstSentences is the beginning of a text, whole sentences where that can be.
func firstSentences(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= most {
		return text
	}
	head := strings.ToValidUTF8(text[:most], "")
	if at := lastEnd(head); at > most/4 {
		return head[:at]
	}
	if at := strings.LastIndexByte(head, ' '); at > 0 {
		head = head[:at]
	}
	return head + " …"
}

// lastEnd is where the last whole sentence of a text ends, 0 for nowhere.
func lastEnd(text string) int {
	for i := len(text) - 2; i > 0; i-- {
		if strings.IndexByte(".!?", text[i]) >= 0 && text[i+1] == ' ' && text[i-1] != '.' {
			return i + 1
		}
	}
	return 0
}

func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%s %sies", thousands(n), strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%s %ss", thousands(n), noun)
}

// thousands writes a number as a person reads it: 12,345.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// and joins names as a person does: a, b and c.
func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// some joins at most so many of the names, and says how many there are more.
func some(names []string, most int) string {
	if len(names) <= most+1 { // "and 1 more" would take as much room
		return and(names)
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

func spans(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = span(n)
	}
	return out
}

func distinct(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		had := seen[s]
		seen[s] = true
		return had || s == ""
	})
}
