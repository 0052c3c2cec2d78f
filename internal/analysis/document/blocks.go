package document

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The bounds of what is read of a document for its structure, in bytes. What a
// newcomer reads first stands at the top. The time of a Markdown parser grows
// with the square of what a hostile document nests or leaves open, so long
// lines and deep nesting are left out before it sees them.
const (
	maxText    = 128 << 10
	maxHead    = 8 << 10 // for a title
	maxLine    = 16 << 10
	maxMarkers = 30 // of lists and quotes at the start of one line
)

// blockKind is what a block of a document is.
type blockKind uint8

const (
	blockHeading blockKind = iota + 1
	blockParagraph
	blockQuote // prose set apart: the second choice for a summary
	blockCode
)

// block is a part of a document, whatever the format.
type block struct {
	kind     blockKind
	text     string // plain text; of code the code itself
	level    int    // of a heading, 1 for a title
	line     int    // of code: its first line
	language string // of code
	links    int    // letters of the text that stand in links
}

// blocks reads the structure of a document by the format that its name tells.
func blocks(file string, content []byte) []block {
	if len(content) > maxText {
		content = content[:maxText]
	}
	text := strings.TrimPrefix(strings.ToValidUTF8(string(content), "\ufffd"), "\ufeff")
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".markdown", ".mdx":
		return markdown(text)
	case ".adoc", ".asciidoc":
		return asciidoc(text)
	}
	// reStructuredText reads plain text as well: headings are underlined.
	return restructured(text)
}

// Code is a block of code in a document.
type Code struct {
	Language string // "" when the document names none
	Text     string
	Line     int    // of the first line of the code, from 1
	Section  string // the heading above it, "" for none
}

// Codes returns the blocks of code of a document.
func Codes(file string, content []byte) []Code {
	var out []Code
	section := ""
	for _, b := range blocks(file, content) {
		switch b.kind {
		case blockHeading:
			section = b.text
		case blockCode:
			out = append(out, Code{Language: strings.ToLower(b.language), Text: b.text, Line: b.line, Section: section})
		default:
		}
	}
	return out
}

// Summary returns the title of a document and its first real paragraph of
// prose, as plain text of at most 600 bytes that ends with a sentence where
// one ends. Both are "" when there are none.
func Summary(file string, content []byte) (title, summary string) {
	quote := ""
	skipping, late, first, pointed := false, false, true, false
	for _, b := range blocks(file, content) {
		switch b.kind {
		case blockHeading:
			if text := headingID.ReplaceAllString(b.text, ""); title == "" && isTitle(text, b.level, first) {
				title = text
			}
			first = false
			skipping = asideSection(b.text)
			late = lateSection.MatchString(b.text)
		case blockParagraph, blockQuote:
			if skipping || !isProse(b) || announcement.MatchString(b.text) || pointed && !saysOf(b.text, title) {
				continue
			}
			if isPointer(b.text) {
				pointed = true
				continue
			}
			if late && leadsOn(b.text) {
				skipping = true // steps to take, and none says what this is
				continue
			}
			if quote != "" && leadsOn(b.text) {
				continue
			}
			if b.kind == blockQuote && saysOf(b.text, title) {
				return title, clip(b.text, maxSummary) // a line below the logo that says what this is
			}
			if b.kind == blockParagraph && (!late || quote == "") {
				return title, clip(wholeSentences(b.text), maxSummary)
			}
			if quote == "" {
				quote = clip(b.text, maxSummary)
			}
		default:
		}
	}
	return title, quote
}

// announcement is news, which soon is none and says little of what the software
// is.
var announcement = lazyregexp.New(`(?i)^[^.!?]*\b(announc(e|es|ed|ing)|(is|are) now available|has been released)\b`)

// pointer begins a sentence that leads elsewhere.
var pointer = lazyregexp.New(`(?i)^(please )?(see|visit|refer to|for (more|further|full|details|documentation)|(the )?(documentation|docs) (is|are|can))\b`)

// maxPointer is the number of words of the longest paragraph that only leads
// elsewhere.
const maxPointer = 20

// isPointer reports whether a paragraph only leads elsewhere: "See our web site
// for details". What follows it speaks of other things, unless it says what the
// software is.
func isPointer(text string) bool {
	return pointer.MatchString(text) && len(strings.Fields(text)) <= maxPointer
}

// definition is what stands between a name and what it means.
var definition = lazyregexp.New(` is (an?|the) `)

// saysOf reports whether a paragraph begins by saying what the software of that
// title is.
func saysOf(text, title string) bool {
	at := definition.FindStringIndex(text)
	if at == nil || title == "" {
		return false
	}
	subject, title := strings.ToLower(strings.TrimSpace(text[:at[0]])), strings.ToLower(title)
	return subject != "" && (strings.Contains(title, subject) || strings.HasPrefix(subject, "this "))
}

// lateSection are headings below which a paragraph hardly says what the
// software is: a line set apart above it is the better summary.
var lateSection = lazyregexp.New(`(?i)install|usage|configur|set ?up|deploy|getting started|quick ?start|example|requirement|contribut|build|\brun|feature|support`)

// maxTitle is the length of the longest title, in bytes.
const maxTitle = 200

// isTitle reports whether a heading names the document: one of the first
// level, or the first of all when it is no section of its own.
func isTitle(text string, level int, first bool) bool {
	if text == "" || len(text) > maxTitle || asideSection(text) || strings.Count(text, " | ") >= 2 {
		return false
	}
	return level <= 1 || first && !lateSection.MatchString(text) && !strings.Contains(text, ". ")
}

// headingID is the anchor that some generators let a heading end with.
var headingID = lazyregexp.New(`\s*\{\s*[#.:][^}]*\}\s*$`)

// leadsOn reports whether a paragraph is one sentence that leads to what follows:
// "From the root of this repository run:".
func leadsOn(text string) bool {
	text = strings.TrimSpace(text)
	return (strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：")) && !strings.Contains(text, ". ") && !strings.Contains(text, "。")
}

// wholeSentences drops a last sentence that only leads to a list: "It has two
// parts:".
func wholeSentences(text string) string {
	trimmed := strings.TrimRight(text, ": ")
	if trimmed == text {
		return text
	}
	if at := strings.LastIndex(trimmed, ". "); at > 0 {
		return trimmed[:at+1]
	}
	return trimmed
}

// asideSections are headings whose text does not say what the software is.
var asideSections = []string{"sponsor", "backer", "table of contents", "contents", "news", "status", "announc", "what s new", "what's new", "latest", "badges", "build status", "announcement", "translations", "languages", "license", "licence"}

func asideSection(heading string) bool {
	lower := strings.ToLower(strings.TrimFunc(heading, func(r rune) bool { return !unicode.IsLetter(r) }))
	for _, s := range asideSections {
		if strings.HasPrefix(lower, s) {
			return true
		}
	}
	return strings.Contains(lower, "sponsor") || strings.Contains(lower, "backers")
}

// spaceless are scripts without spaces between words: two signs are about one.
var spaceless = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// isProse reports whether a paragraph tells something: several words, mostly
// letters, not a row of links, not an admonition.
func isProse(b block) bool {
	text := strings.TrimSpace(b.text)
	letters, dense := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			letters++
		}
		if unicode.In(r, spaceless...) {
			dense++
		}
	}
	words := len(strings.Fields(text)) + dense/2
	switch {
	case letters+dense < 15, words < 3, letters*2 < utf8.RuneCountInString(text):
		return false
	case b.links*10 > letters*6 && !strings.ContainsAny(text, ".。"):
		return false
	case strings.Count(text, " | ")+strings.Count(text, " • ")+strings.Count(text, " · ") >= 2:
		return false
	}
	lower := strings.ToLower(text)
	for _, start := range []string{"note:", "warning:", "important:", "caution:", "tip:", "notice:", "[!", "!!!", "documentation:", "source code:", "http://", "https://", "read this in", "english |", "copyright "} {
		if strings.HasPrefix(lower, start) {
			return false
		}
	}
	return true
}

// clip shortens a text to a number of bytes: at the end of a sentence when one
// ends in the second half, else at a word.
func clip(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= most {
		return s
	}
	cut := strings.ToValidUTF8(s[:most-len(" …")], "")
	if at := strings.LastIndexAny(cut, "。！？"); at >= most/3 {
		_, size := utf8.DecodeRuneInString(cut[at:])
		return cut[:at+size]
	}
	for i := len(cut) - 1; i >= most/3; i-- {
		if strings.IndexByte(".!?", cut[i]) >= 0 && i+1 < len(s) && s[i+1] == ' ' {
			return cut[:i+1]
		}
	}
	if at := strings.LastIndexByte(cut, ' '); at > 0 {
		cut = cut[:at]
	}
	return cut + " …"
}
