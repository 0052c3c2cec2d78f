package markdown

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// role is what Sphinx writes before a span of code: :attr:`name`, {attr}`name`.
var role = regexp.MustCompile("(^|[\\s(])(?::[a-z][a-z0-9:+_-]*:|\\{[a-z][a-z0-9:+_-]*\\})`")

// Quote returns what a paragraph of Markdown says, in one line that shows as it
// is: a link is its text, an image nothing, emphasis the words, code is code.
func Quote(content string) string {
	source := []byte(role.ReplaceAllString(Visible(content), "$1`"))
	q := quote{source: source}
	_ = ast.Walk(reader.Parse(text.NewReader(source)), q.visit)
	q.flush()
	if said := strings.TrimSpace(q.out.String()); said != "" && inert(said) {
		return said
	}
	return Plain(content)
}

// quote collects what the nodes of a document say.
type quote struct {
	source []byte
	out    strings.Builder
	prose  strings.Builder // not written yet, so that addresses are seen as a whole
}

func (q *quote) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		if n.Type() == ast.TypeBlock {
			q.prose.WriteByte(' ')
		}
		return ast.WalkContinue, nil
	}
	switch v := n.(type) {
	case *ast.Image, *ast.RawHTML, *ast.HTMLBlock:
		return ast.WalkSkipChildren, nil
	case *ast.CodeSpan:
		q.code(string(v.Text(q.source))) //nolint:staticcheck // a span of code has nothing but text
		return ast.WalkSkipChildren, nil
	case *ast.AutoLink:
		q.code(string(v.URL(q.source)))
	case *ast.Text:
		q.prose.Write(util.ResolveEntityNames(util.UnescapePunctuations(v.Segment.Value(q.source))))
		if v.SoftLineBreak() || v.HardLineBreak() {
			q.prose.WriteByte(' ')
		}
	case *ast.String:
		q.prose.Write(v.Value)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		lines := v.Lines()
		for i := range lines.Len() {
			at := lines.At(i)
			q.prose.Write(at.Value(q.source))
		}
	}
	return ast.WalkContinue, nil
}

func (q *quote) code(content string) {
	q.flush()
	q.out.WriteString(Span(content))
}

// flush writes the prose so far, with the spaces at its ends that it has.
func (q *quote) flush() {
	said := q.prose.String()
	q.prose.Reset()
	if said == "" {
		return
	}
	plain := Plain(said)
	if strings.TrimLeft(said, " \n") != said && q.out.Len() > 0 {
		plain = " " + plain
	}
	if strings.TrimRight(said, " \n") != said {
		plain += " "
	}
	q.out.WriteString(plain)
}
