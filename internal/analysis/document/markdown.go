package document

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
)

// markdown reads CommonMark with tables.
func markdown(source string) []block {
	title, body, skipped := frontMatter(source)
	var out []block
	if title != "" {
		out = append(out, block{kind: blockHeading, level: 1, text: title})
	}
	src := []byte(tame(body))
	r := markdownReader{source: src, skipped: skipped}
	parser := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser()
	r.children(parser.Parse(text.NewReader(src)), 0)
	return append(out, r.out...)
}

// tame empties the lines that no person writes.
func tame(body string) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		if len(line) > maxLine || nesting(line) > maxMarkers {
			line = "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// nesting counts the quotes and lists that a line opens. A line of nothing but
// dashes or stars is a rule.
func nesting(line string) int {
	rest := strings.TrimLeft(line, ">-*+ \t")
	head := line[:len(line)-len(rest)]
	quotes := strings.Count(head, ">")
	if strings.TrimSpace(rest) == "" {
		return quotes
	}
	return quotes + strings.Count(head, "- ") + strings.Count(head, "* ") + strings.Count(head, "+ ")
}

// frontMatter takes the YAML head off a document and returns the title that it
// gives and how many lines it has.
func frontMatter(source string) (title, body string, lines int) {
	if !strings.HasPrefix(source, "---\n") && !strings.HasPrefix(source, "---\r\n") {
		return "", source, 0
	}
	end := strings.Index(source[3:], "\n---")
	if end < 0 {
		return "", source, 0
	}
	head := source[:end+3]
	for line := range strings.Lines(head) {
		if value, ok := strings.CutPrefix(line, "title:"); ok {
			title = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	rest := source[end+3+len("\n---"):]
	_, body, _ = strings.Cut(rest, "\n")
	return title, body, strings.Count(source[:len(source)-len(body)], "\n")
}

type markdownReader struct {
	source  []byte
	skipped int // lines before the source
	out     []block
	lines   []int // offsets of line starts, made when first needed
}

// maxNesting bounds the blocks inside blocks that are looked at.
const maxNesting = 8

func (r *markdownReader) children(n ast.Node, depth int) {
	for c := n.FirstChild(); c != nil && depth < maxNesting; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Heading:
			text, links := r.inline(c)
			r.out = append(r.out, block{kind: blockHeading, level: c.Level, text: text, links: links})
		case *ast.Paragraph:
			text, links := r.inline(c)
			r.out = append(r.out, block{kind: blockParagraph, text: text, links: links})
		case *ast.Blockquote:
			r.quote(c)
		case *ast.FencedCodeBlock:
			r.code(c, string(c.Language(r.source)))
		case *ast.CodeBlock:
			r.code(c, "")
		case *ast.HTMLBlock:
			r.html(c)
		case *ast.List, *ast.ListItem:
			r.codeInside(c, depth)
		case *extast.Table:
		default:
			r.children(c, depth+1)
		}
	}
}

// codeInside looks for code in a list: steps of an installation are written so.
func (r *markdownReader) codeInside(n ast.Node, depth int) {
	if depth >= maxNesting {
		return
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.FencedCodeBlock:
			r.code(c, string(c.Language(r.source)))
		case *ast.List, *ast.ListItem:
			r.codeInside(c, depth+1)
		}
	}
}

func (r *markdownReader) quote(n *ast.Blockquote) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if p, ok := c.(*ast.Paragraph); ok {
			text, links := r.inline(p)
			// GitHub's admonitions are quotes that start with [!NOTE].
			if strings.HasPrefix(text, "[!") {
				return
			}
			r.out = append(r.out, block{kind: blockQuote, text: text, links: links})
		}
	}
}

func (r *markdownReader) code(n ast.Node, language string) {
	lines := n.Lines()
	if lines.Len() == 0 {
		return
	}
	var b strings.Builder
	for i := range lines.Len() {
		segment := lines.At(i)
		b.Write(segment.Value(r.source))
	}
	r.out = append(r.out, block{kind: blockCode, text: b.String(), language: language, line: r.line(lines.At(0).Start)})
}

func (r *markdownReader) line(offset int) int {
	if r.lines == nil {
		r.lines = []int{0}
		for i, c := range r.source {
			if c == '\n' {
				r.lines = append(r.lines, i+1)
			}
		}
	}
	low, high := 0, len(r.lines)
	for low < high {
		if mid := (low + high) / 2; r.lines[mid] <= offset {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low + r.skipped
}

// html takes headings and prose out of a block of HTML: many READMEs set their
// title and a line about themselves in the middle of the page that way.
func (r *markdownReader) html(n *ast.HTMLBlock) {
	var b strings.Builder
	lines := n.Lines()
	for i := range lines.Len() {
		segment := lines.At(i)
		b.Write(segment.Value(r.source))
	}
	tokens := html.NewTokenizer(strings.NewReader(b.String()))
	h := htmlText{out: &r.out}
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			h.flush()
			return
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			h.tag(token.Data, token.Type == html.StartTagToken)
		case html.TextToken:
			h.write(string(tokens.Text()))
		default:
		}
	}
}

// htmlText collects the text of one element after the other.
type htmlText struct {
	out   *[]block
	text  strings.Builder
	links int
	level int // of the heading that is open, 0 for none
	link  bool
	skip  bool // inside a script or style
}

func (h *htmlText) tag(name string, open bool) {
	switch name {
	case "a":
		h.link = open
	case "script", "style":
		h.skip = open
	case "h1", "h2", "h3", "h4", "h5", "h6":
		h.flush()
		if open {
			h.level = int(name[1] - '0')
		}
	case "p", "div", "td", "tr", "table", "li", "ul", "br", "center", "summary", "details", "blockquote":
		if h.level == 0 {
			h.flush()
		}
	}
}

func (h *htmlText) write(text string) {
	if h.skip {
		return
	}
	text = html.UnescapeString(text)
	h.text.WriteString(text)
	if h.link {
		h.links += len(strings.TrimSpace(text))
	}
}

// flush adds what was collected: a heading, or prose set apart.
func (h *htmlText) flush() {
	if text := strings.Join(strings.Fields(h.text.String()), " "); text != "" {
		kind := blockQuote
		if h.level > 0 {
			kind = blockHeading
		}
		*h.out = append(*h.out, block{kind: kind, level: h.level, text: text, links: h.links})
	}
	h.text.Reset()
	h.links, h.level = 0, 0
}

// inline is the plain text of a block, without images and HTML, and how many
// letters of it stand in links.
func (r *markdownReader) inline(n ast.Node) (plain string, links int) {
	var b strings.Builder
	linkDepth := 0
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		switch c := c.(type) {
		case *ast.Image, *ast.RawHTML:
			return ast.WalkSkipChildren, nil
		case *ast.Link, *ast.AutoLink:
			if entering {
				linkDepth++
			} else {
				linkDepth--
			}
			if auto, ok := c.(*ast.AutoLink); ok && entering {
				label := auto.Label(r.source)
				b.Write(label)
				links += len(label)
			}
		case *ast.Text:
			if !entering {
				break
			}
			value := c.Segment.Value(r.source)
			b.Write(unescape(value))
			if linkDepth > 0 {
				links += len(value)
			}
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			if entering {
				b.Write(c.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " "), links
}

// unescape resolves entities and the backslashes before punctuation.
func unescape(value []byte) []byte {
	s := string(value)
	if strings.Contains(s, "\\") {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i+1]) >= 0 {
				i++
			}
			b.WriteByte(s[i])
		}
		s = b.String()
	}
	return []byte(html.UnescapeString(s))
}
