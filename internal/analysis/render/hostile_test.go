package render

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// hostileStrings are names that try to be something else.
var hostileStrings = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</style><script>x</script>`,
	`javascript:alert(1)`, `{{.Secret}}`, `]]>`, `<!--`, `-->`, `&lt;b&gt;`, `a|b|c`, "`code` **bold** [x](javascript:y)", "line\nbreak\r\nmore",
	"\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\u009b2J", "\u202egnp.exe", "\u2066x\u2069", "a\u0000b", "bad\xff\xfeutf8", "\u2028", "zero\u200bwidth",
	strings.Repeat("very/long/path/", 300) + "end.go", strings.Repeat("x", 5000), "漢字/ひらがな.go", "👩‍👩‍👧‍👦", "مرحبا", "", " ", "%%{init: {\"theme\":\"dark\"}}%%",
	"end", "graph TD; a-->b", "```\nfence", "~~~", "1. item", "# heading", "- list", "@team #12 https://example.com", "$x$", `\`, "\t", "a\"b", "%3Cscript%3E", "..", "/etc/passwd", "c:\\x",
}

func hostile(rng *rand.Rand) string {
	s := hostileStrings[rng.IntN(len(hostileStrings))]
	if rng.IntN(3) == 0 {
		s += hostileStrings[rng.IntN(len(hostileStrings))]
	}
	return s
}

// skeleton is what a page consists of apart from text: elements and names of
// attributes. Two reports of the same shape have the same skeleton, whatever
// their strings are, unless a string became markup.
func skeleton(tb testing.TB, page string) (elements map[string]int, attributes map[string]int) {
	tb.Helper()
	elements, attributes = map[string]int{}, map[string]int{}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		tb.Fatal(err)
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			elements[n.Data]++
			for _, a := range n.Attr {
				attributes[a.Key]++
				checkAttribute(tb, n, a)
			}
		case html.CommentNode:
			tb.Errorf("a comment came into the page: %q", n.Data)
		}
	}
	return elements, attributes
}

func checkAttribute(tb testing.TB, n *html.Node, a html.Attribute) {
	tb.Helper()
	switch {
	case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "formaction":
		tb.Errorf("<%s> has the attribute %s=%q", n.Data, a.Key, a.Val)
	case a.Key == "src" || a.Key == "href" && n.Data == "link" && a.Val != "data:,":
		tb.Errorf("<%s> would load %q", n.Data, a.Val)
	case a.Key == "href" && n.Data == "a" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://github.com/example/lighthouse/blob/"):
		tb.Errorf("a link leads to %q", a.Val)
	}
}

// allowed are the elements that our template has.
var allowed = strings.Fields(`html head meta title link style body a header p h1 h2 h3 bdi code div nav ol ul li main section dl dt dd span svg rect
	circle defs marker path g text line table sup caption thead tbody tr th td small br wbr pre time strong footer script details summary`)

func checkPage(tb testing.TB, page string) {
	tb.Helper()
	elements, _ := skeleton(tb, page)
	for name := range elements {
		if !slices.Contains(allowed, name) {
			tb.Errorf("the element <%s> came into the page", name)
		}
	}
	for _, once := range []string{"script", "style", "h1", "main", "body"} {
		if elements[once] != 1 {
			tb.Errorf("the page has %d elements <%s>, want 1", elements[once], once)
		}
	}
	checkCharacters(tb, page)
}

// checkCharacters fails on what a terminal or a browser would obey.
func checkCharacters(tb testing.TB, text string) {
	tb.Helper()
	if !utf8.ValidString(text) {
		tb.Error("not UTF-8")
	}
	for i, r := range text {
		if r != '\n' && (unicode.IsControl(r) || obeyed(r)) {
			tb.Errorf("character %U at %q", r, text[max(0, i-40):i])
			return
		}
	}
}

func TestHostileStringsStayText(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := random(seed, 15, hostile)
		checkPage(t, rendered(t, HTML, r))
		checkCharacters(t, rendered(t, Markdown, r))
		checkText(t, r, 80)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

// The shape of a page must not depend on what its strings say.
func TestSkeletonIsIndependentOfStrings(t *testing.T) {
	t.Parallel()
	for _, name := range hostileStrings {
		if name = cutMiddle(name, 100); strings.TrimSpace(name) == "" || strings.Contains(name, "/") {
			continue // an empty name is shown differently; a slash is followed by <wbr>
		}
		pages := [2]string{}
		for i, s := range []string{"plain", name} {
			r := random(3, 4, func(*rand.Rand) string { return s })
			r.WebURL = nil                         // links need plain paths
			r.Architecture = report.Architecture{} // labels are cut into lines by their width
			r.Hotspots = nil
			pages[i] = rendered(t, HTML, r)
		}
		plain, _ := skeleton(t, pages[0])
		got, _ := skeleton(t, pages[1])
		for element, n := range plain {
			if got[element] != n {
				t.Errorf("%q: %d elements <%s>, want %d", name, got[element], element, n)
			}
		}
	}
}

func checkText(tb testing.TB, r *report.CodeReport, width int) {
	tb.Helper()
	r.Build = report.Build{} // a command stays on one line, to be copied
	var out strings.Builder
	if err := Text(&out, r, TextOptions{Width: width}); err != nil {
		tb.Fatal(err)
	}
	checkCharacters(tb, out.String())
	for line := range strings.SplitSeq(out.String(), "\n") {
		if w := uniseg.StringWidth(line); w > width {
			tb.Errorf("a line is %d columns wide, more than %d: %q", w, width, line)
		}
	}
}

func TestTextFitsEveryWidth(t *testing.T) {
	t.Parallel()
	for width := minWidth; width <= maxWidth; width += 13 {
		checkText(t, small(), width)
		checkText(t, random(uint64(width), 12, hostile), width)
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range hostileStrings {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkPage(t, rendered(t, HTML, random(1, 2, func(*rand.Rand) string { return s })))
	})
}

func FuzzText(f *testing.F) {
	for _, s := range hostileStrings {
		f.Add(s, 80)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		checkText(t, random(1, 2, func(*rand.Rand) string { return s }), minWidth+((width%120)+120)%120)
	})
}
