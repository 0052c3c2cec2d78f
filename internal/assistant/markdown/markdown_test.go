package markdown_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
)

// leads is HTML that loads something or leads somewhere.
var leads = regexp.MustCompile(`(?i)<(img|a|iframe|script|form|link|object|embed|svg|video|audio|style|base|meta)\b|\bon\w+\s*=\s*"`)

// rendered shows Markdown as a careless page would: HTML goes through.
func rendered(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestSafe states what stays and what is shown as text.
func TestSafe(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"Plain **bold** text [1], [2].":                 "Plain **bold** text [1], [2].",
		"- one\n- two `a[i](x)`":                        "- one\n- two `a[i](x)`",
		"```go\nm[k](x) // <b>\n```":                    "```go\nm[k](x) // <b>\n```",
		"![x](https://evil.example/?q=1)":               "!\\[x]\\(`https://evil.example/?q=1`)",
		"[here](javascript:alert(1))":                   "[here]\\(`javascript:alert(1`))",
		"see https://evil.example/a.":                   "see `https://evil.example/a`.",
		"[a][b]\n\n[b]: https://evil.example":           "[a]\\[b]\n\n[b]\\: `https://evil.example`",
		"<img src=x onerror=alert(1)>":                  "&lt;img src=x onerror=alert(1)>",
		"1 file: what data: is":                         "1 file: what data: is",
		"write to a@evil.example now":                   "write to `a@evil.example` now",
		"```mermaid\nclick A \"https://evil\"\n```":     "```text\nclick A \"https://evil\"\n```",
		"an open `span\n![a](b) closed` here":           "an open \\`span\n!\\[a]\\(b) closed\\` here",
		"```\nnever closed\n![x](https://evil.example)": "```\nnever closed\n![x](https://evil.example)\n```",
		"hid\u200bden \u202etxt\x00":                    "hidden txt",
	} {
		if got := markdown.Safe(from); got != want {
			t.Errorf("%q is %q, not %q", from, got, want)
		}
	}
}

// TestSafeNesting says that blocks of code that end by themselves hide nothing.
func TestSafeNesting(t *testing.T) {
	t.Parallel()
	for _, from := range []string{
		"- ```\n  code\n\n![x](https://evil.example/a.png)",
		"> ```\n> code\n\n[x](https://evil.example)",
		"1. ~~~\n\n<img src=\"https://evil.example\">",
		"    ```\n![x](https://evil.example)",
		"| a | b |\n|---|---|\n| `x | ![y](https://evil.example)` |",
		"```a`b\n![x](https://evil.example)\n```",
	} {
		if out := rendered(t, markdown.Safe(from)); leads.MatchString(out) {
			t.Errorf("%q leads somewhere: %s", from, out)
		}
	}
}

// TestParts keeps what is put into a line or a block where it is.
func TestParts(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		markdown.Span("a``b"):                 "``` a``b ```",
		markdown.Span(" \n"):                  "",
		markdown.Code("go", "a := \"```\"\n"): "````go\na := \"```\"\n````",
		markdown.Plain("a [b](c) *d*\n|e|"):   "a \\[b\\](c) \\*d\\* \\|e\\|",
		markdown.Plain("see www.x.example/a"): "see `www.x.example/a`",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzSafe(f *testing.F) {
	for _, s := range []string{"[a](b)", "![x][y]\n[y]: z", "<b>`<c>`", "- ```\n\n[a](b)", "a@b.c www.x.y", "[![a](b)](c)", "\\[a](b)", "]\\(", "**[a**](b)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, from string) {
		for _, s := range []string{markdown.Safe(from), markdown.Plain(from), markdown.Span(from), markdown.Code("x", from)} {
			if out := rendered(t, s); leads.MatchString(out) {
				t.Errorf("%q became %q, which shows %s", from, s, out)
			}
		}
	})
}

// TestQuote states what is left of Markdown that is quoted.
func TestQuote(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"See the [manual](https://example.com/m) and <https://example.com/n>.": "See the manual and `https://example.com/n`.",
		"![build](https://evil.example/b.svg) **Fast** and\nsmall.":            "Fast and small.",
		"Call `a[i](x)`, then b\\_c.":                                          "Call `a[i](x)`, then b\\_c.",
		"<img src=x> text &amp; <b>more</b>":                                   "text \\& more",
		"a < b":                                                                "a &lt; b",
		"- one\n- two":                                                         "one two",
		"![only](https://evil.example/a.png)":                                  "\\!\\[only\\](`https://evil.example/a.png)`",
		"":                                                                     "",
	} {
		got := markdown.Quote(from)
		if got != want {
			t.Errorf("%q is quoted as %q, not %q", from, got, want)
		}
		if shown := rendered(t, markdown.Safe(got)); leads.MatchString(shown) {
			t.Errorf("%q leads somewhere: %s", from, shown)
		}
	}
}

// TestOutside changes prose alone, whatever backticks stand in it.
func TestOutside(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"a `a` a":                     "b `a` b",
		"a \\` a [a]":                 "b \\` b [b]",
		"a \\`` a ` a":                "b \\`` a ` b",
		"a \\\\`a` a":                 "b \\\\`a` b",
		"a `` a ` a `` a":             "b `` a ` a `` b",
		"a ` a\na ` a":                "b ` b\nb ` b",
		"a\n```go\na ` a\n```\na":     "b\n```go\na ` a\n```\nb",
		"~~~\na\n```\na\n~~~\na `` a": "~~~\na\n```\na\n~~~\nb `` b",
	} {
		if got := markdown.Outside(from, func(s string) string { return strings.ReplaceAll(s, "a", "b") }); got != want {
			t.Errorf("%q becomes %q, not %q", from, got, want)
		}
	}
}

// TestSafeKeepsEscapes leaves a backtick that is a letter one.
func TestSafeKeepsEscapes(t *testing.T) {
	t.Parallel()
	if got := markdown.Safe("Paint " + markdown.Plain("walrus ` bridge") + " again"); got != "Paint walrus \\` bridge again" {
		t.Errorf("it becomes %q", got)
	}
}
