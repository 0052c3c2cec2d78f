// Package markdown makes text of others safe to be shown as Markdown: whatever
// it says, it loads nothing, leads nowhere and holds no HTML. It is pure.
package markdown

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

var (
	// address is what some renderers make a link of by themselves. Schemes that
	// need no slashes are among them.
	address = regexp.MustCompile(`(?i)(?:[a-z][a-z0-9+.-]*://|www\.|\b(?:mailto|data|javascript|vbscript|xmpp|tel|file):)[^\s` + "`" + `]+|[^\s` + "`" + `@]+@[^\s` + "`" + `@]+\.[^\s` + "`" + `]+`)
	fence   = regexp.MustCompile("^( *)(`{3,}|~{3,})(.*)$")
	spans   = regexp.MustCompile("`+")
	// active is what makes links, images and HTML of text.
	active = strings.NewReplacer("<", "&lt;", "![", `!\[`, "](", `]\(`, "]:", `]\:`, "][", `]\[`)
)

// Safe returns text as Markdown that is shown and never obeyed: addresses are
// code, links and images their own source, HTML is text, drawings are code.
// Emphasis, lists, tables, headings and code stay.
func Safe(from string) string {
	from = Visible(from)
	lines := strings.Split(from, "\n")
	var out []string
	open := "" // the fence that is open
	for _, line := range lines {
		m := fence.FindStringSubmatch(line)
		switch {
		case open != "":
			if m != nil && strings.HasPrefix(m[2], open) && strings.TrimSpace(m[3]) == "" {
				open = ""
			}
			out = append(out, line)
		case m != nil && (m[2][0] == '~' || !strings.Contains(m[3], "`")):
			open = m[2]
			out = append(out, m[1]+m[2]+info(m[3]))
		default:
			out = append(out, inline(line))
		}
	}
	if open != "" {
		out = append(out, open)
	}
	if safe := strings.Join(out, "\n"); inert(safe) {
		return safe
	}
	// Something nests in a way that the lines do not show: as code it is shown too.
	return Code("text", from)
}

// Code returns text as a block of code that nothing in it can end.
func Code(language, content string) string {
	ticks := "```"
	for _, run := range spans.FindAllString(content, -1) {
		if len(run) >= len(ticks) {
			ticks = run + "`"
		}
	}
	return ticks + info(language) + "\n" + strings.TrimRight(Visible(content), "\n") + "\n" + ticks
}

// Span returns text as code within a line.
func Span(content string) string {
	content = strings.Join(strings.Fields(Visible(content)), " ")
	if content == "" {
		return ""
	}
	ticks := "`"
	for _, run := range spans.FindAllString(content, -1) {
		if len(run) >= len(ticks) {
			ticks = run + "`"
		}
	}
	if len(ticks) > 1 {
		return ticks + " " + content + " " + ticks
	}
	return ticks + content + ticks
}

// special is what means something to Markdown within a line, besides <.
var special = regexp.MustCompile("[\\\\`*_\\[\\]>!|~&$]")

// Plain returns text that shows as it is, in one line; addresses are code.
func Plain(content string) string {
	content = strings.Join(strings.Fields(Visible(content)), " ")
	var out strings.Builder
	for rest := content; ; {
		at := address.FindStringIndex(rest)
		if at == nil {
			out.WriteString(escape(rest))
			break
		}
		out.WriteString(escape(rest[:at[0]]) + Span(rest[at[0]:at[1]]))
		rest = rest[at[1]:]
	}
	if safe := out.String(); inert(safe) {
		return safe
	}
	return Span(content)
}

// escape writes < as an entity, as Safe does, which leaves that alone.
func escape(s string) string {
	return strings.ReplaceAll(special.ReplaceAllString(s, `\$0`), "<", "&lt;")
}

// Visible returns valid text without control characters and without those that
// change how others are shown.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// info is the language of a block of code. One that renderers draw is text.
func info(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	word = strings.Map(func(r rune) rune {
		if r == '+' || r == '-' || r == '#' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, word)
	switch word {
	case "mermaid", "math", "geojson", "topojson", "stl", "plantuml", "dot", "graphviz", "svg":
		return "text"
	}
	return word
}

// inline makes a line safe that is in no block of code.
func inline(line string) string {
	var out strings.Builder
	for line != "" {
		start, end := opening(line)
		if start < 0 {
			break
		}
		ticks := line[start:end]
		closed := closing(line[end:], ticks)
		if closed < 0 { // it closes nowhere in this line: another line must not
			out.WriteString(prose(line[:start]) + strings.Repeat("\\`", len(ticks)))
			line = line[end:]
			continue
		}
		closed += end
		out.WriteString(prose(line[:start]) + line[start:closed])
		line = line[closed:]
	}
	return out.String() + prose(line)
}

// opening is the first run of backticks that may open a span of code, -1 for
// none: one behind a backslash is a letter.
func opening(line string) (start, end int) {
	for _, at := range spans.FindAllStringIndex(line, -1) {
		before := line[:at[0]]
		if slashes := len(before) - len(strings.TrimRight(before, `\`)); slashes%2 == 1 {
			at[0]++
		}
		if at[0] < at[1] {
			return at[0], at[1]
		}
	}
	return -1, -1
}

// closing returns where the run that closes a span ends, -1 for nowhere.
func closing(rest, ticks string) int {
	for _, at := range spans.FindAllStringIndex(rest, -1) {
		if at[1]-at[0] == len(ticks) {
			return at[1]
		}
	}
	return -1
}

// Outside changes what of Markdown is in no block of code and in no span.
func Outside(from string, change func(string) string) string {
	var out strings.Builder
	open := "" // the fence that is open
	for line := range strings.SplitAfterSeq(from, "\n") {
		m := fence.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		switch {
		case open != "":
			if m != nil && strings.HasPrefix(m[2], open) && strings.TrimSpace(m[3]) == "" {
				open = ""
			}
			out.WriteString(line)
		case m != nil && (m[2][0] == '~' || !strings.Contains(m[3], "`")):
			open = m[2]
			out.WriteString(line)
		default:
			out.WriteString(outsideSpans(line, change))
		}
	}
	return out.String()
}

func outsideSpans(line string, change func(string) string) string {
	var out strings.Builder
	at := 0 // up to where it is written
	for look := 0; ; {
		start, end := opening(line[look:])
		if start < 0 {
			break
		}
		start, end = start+look, end+look
		closed := closing(line[end:], line[start:end])
		if closed < 0 {
			look = end
			continue
		}
		closed += end
		out.WriteString(change(line[at:start]) + line[start:closed])
		at, look = closed, closed
	}
	return out.String() + change(line[at:])
}

func prose(s string) string {
	var out strings.Builder
	for {
		at := address.FindStringIndex(s)
		if at == nil {
			out.WriteString(active.Replace(s))
			return out.String()
		}
		found := s[at[0]:at[1]]
		after := strings.TrimRight(found, ".,;:!?)]}'\"*_>")
		out.WriteString(active.Replace(s[:at[0]]))
		if after != "" {
			out.WriteString("`" + after + "`")
		}
		out.WriteString(active.Replace(found[len(after):]))
		s = s[at[1]:]
	}
}

var reader = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// inert reports whether Markdown holds nothing that leads or loads, as a reader
// of GitHub's flavour has it.
func inert(s string) bool {
	harmless := true
	source := []byte(s)
	_ = ast.Walk(reader.Parse(text.NewReader(source)), func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindLink, ast.KindImage, ast.KindAutoLink, ast.KindRawHTML, ast.KindHTMLBlock:
			harmless = false
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return harmless
}
