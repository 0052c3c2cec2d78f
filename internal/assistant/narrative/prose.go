package narrative

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var (
	htmlTag    = lazyregexp.New(`</?[A-Za-z][^<>]*>`)
	inlineLink = lazyregexp.New(`!?\[([^\]]*)\]\([^)]*\)`)
	docLink    = lazyregexp.New(`\{@\w+\s+([^}|]*)[^}]*\}`)
	role       = lazyregexp.New(":[a-z:]+:`~?([^`]*)`")
	bracketed  = lazyregexp.New(`\[([^\]\[]*)\]`)
	emphasis   = lazyregexp.New(`\*\*|__|\x60\x60`)
	// sections are where a doc comment stops to say what something is.
	sections = lazyregexp.New(`(?im)(^|\s)(@\w+|:(param|returns?|raises?|type|rtype)\b|\.\. \w+|(args|arguments|parameters|params|returns?|raises|throws|yields|examples?|usage|notes?|see also)\s*:(\s|$)|>>> )`)
	// idle begins sentences that say nothing of what something does.
	idle    = lazyregexp.New(`(?i)^[^\p{L}\p{N}]*(copyright|\(c\)|spdx|licen[sc]ed?\b|all rights|this (file|code|software|program|document|source) (is|was) (auto|generated|licen|part of|distributed|free|governed|subject|provided)|auto-?generated|(code|file) generated|do not edit|generated (by|from)|to-?do|fixme|xxx|hack|nolint|eslint|noqa|pylint|prettier|istanbul|vim:|-\*-|use of this source|permission is hereby|see |note\b|warning\b|important\b|deprecated\b|example|usage|click|build status|you should have|redistribution|unless required|contributors?:|authors?:|since |version |if |yeah|ok(ay)?,|security:|override |workaround|for now|temporary|temporarily|[\p{L}\p{N}_?!]+: |table of contents|@)`)
	nonWord = lazyregexp.New(`^[^\p{L}\p{N}]+$`)
)

// plain is prose of a document or a doc comment without its marks. What no
// reader of a description needs, such as a list of parameters, is left out.
func plain(doc string) string {
	doc = strings.ToValidUTF8(doc, "")
	if at := sections.FindStringIndex(doc); at != nil {
		doc = doc[:at[0]]
	}
	doc = inlineLink.ReplaceAllString(doc, "$1")
	doc = docLink.ReplaceAllString(doc, "$1")
	doc = role.ReplaceAllString(doc, "$1")
	doc = htmlTag.ReplaceAllString(doc, " ")
	doc = bracketed.ReplaceAllStringFunc(doc, func(m string) string {
		inner := m[1 : len(m)-1]
		if strings.Trim(inner, "0123456789, ") == "" {
			return "" // it would be read as a citation of ours
		}
		return inner
	})
	doc = emphasis.ReplaceAllString(doc, "")
	return strings.Join(strings.Fields(doc), " ")
}

// short are words with a full stop that end no sentence.
var short = map[string]bool{
	"e.g": true, "i.e": true, "etc": true, "vs": true, "cf": true, "resp": true, "approx": true, "mr": true, "mrs": true, "dr": true,
	"inc": true, "no": true, "fig": true, "al": true, "incl": true, "aka": true, "a.k.a": true, "min": true, "max": true,
}

// fullStops end sentences in scripts that have marks of their own for it.
const fullStops = "。！？｡।؟။"

// spaceless are scripts without spaces between words.
var spaceless = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// sentences are those of a plain text that say something by themselves, without
// the full stops at their ends. One that is not whole is left out.
func sentences(text string) []string {
	var out []string
	start := 0
	for i, r := range text {
		full := strings.ContainsRune(fullStops, r) // which no space has to follow
		if r != '.' && r != '!' && r != '?' && !full {
			continue
		}
		rest := text[i+utf8.RuneLen(r):]
		if rest != "" && rest[0] != ' ' && !full {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " ")); r == '.' && rest != "" {
			last := text[start:i]
			last = strings.TrimLeft(last[strings.LastIndexByte(last, ' ')+1:], "(")
			if short[strings.ToLower(last)] || unicode.IsLower(next) {
				continue
			}
		}
		if r != '?' && r != '？' && r != '؟' && tells(text[start:i]) {
			out = append(out, strings.TrimSpace(text[start:i]))
		}
		start = i + utf8.RuneLen(r)
	}
	// The first paragraph of a comment often has no full stop.
	if rest := strings.TrimSpace(text[start:]); start == 0 && utf8.RuneCountInString(rest) < maxUnended && tells(rest) && !strings.HasSuffix(rest, "…") {
		out = append(out, strings.TrimRight(rest, " ,;-"))
	}
	return out
}

const (
	// maxUnended is what of a text without a full stop is surely whole: the index
	// cuts longer ones.
	maxUnended  = 200
	minSentence = 12 // signs
	maxSentence = 320
	minWords    = 3
)

// tells reports whether a sentence says what something is or does.
func tells(sentence string) bool {
	s := strings.TrimSpace(sentence)
	size, dense := 0, 0 // in signs; one of a script without spaces says as much as two letters
	for _, r := range s {
		if size++; unicode.In(r, spaceless...) {
			size++
			dense++
		}
	}
	if size < minSentence || size > maxSentence || idle.MatchString(s) || strings.Contains(s, "://") || strings.ContainsAny(s, "{}<>|\\=") {
		return false
	}
	if strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") || strings.Count(s, "(") != strings.Count(s, ")") || strings.Count(s, "`")%2 == 1 || strings.Count(s, `"`)%2 == 1 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) && !strings.ContainsRune("`\"«„“「『《（(", first) {
		return false
	}
	words, letters := 0, 0
	for w := range strings.FieldsSeq(s) {
		if !nonWord.MatchString(w) {
			words++
		}
	}
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsMark(r) || r == ' ' {
			letters++
		}
	}
	return (words >= minWords || dense >= 2*minWords) && letters*4 >= utf8.RuneCountInString(s)*3
}

// verb is a verb that a sentence of documents is likely to have.
var verb = lazyregexp.New(`(?i)\b(is|are|was|were|be|been|has|have|had|can|will|may|must|should|does|do|makes?|takes?|holds?|keeps?|returns?|provides?|uses?|allows?|lets?|contains?|implements?|describes?|handles?|gives?|runs?|works?|helps?|supports?|represents?|defines?|adds?|reads?|writes?|needs?|includes?|offers?|comes?|brings?|turns?|serves?|stands?|says?|tells?|sets?|gets?)\b`)

// named makes a sentence of a heading such as "A small parser for dates", by the
// name of what it is about.
func named(name, sentence string) string {
	first, rest, _ := strings.Cut(sentence, " ")
	if (first == "A" || first == "An" || first == "The") && rest != "" && !verb.MatchString(sentence) {
		return codeSpan(name) + " is " + strings.ToLower(first) + " " + rest
	}
	return upper(sentence)
}

func upper(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if isName(strings.TrimRight(firstWord(s), ",:;")) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// isName reports whether a word is written as names in code are.
func isName(word string) bool {
	for i, r := range word {
		if r == '_' || r == '.' && i > 0 && i < len(word)-1 || r == '(' || i > 0 && unicode.IsUpper(r) && !allUpper(word) {
			return true
		}
	}
	return false
}

func allUpper(word string) bool { return strings.ToUpper(word) == word }

// underscored are names that Markdown would take for emphasis.
var underscored = lazyregexp.New("`[^`]*`|[A-Za-z0-9_.]*_[A-Za-z0-9_.]*(?:\\(\\))?")

// marked puts names with underscores in backticks.
func marked(sentence string) string {
	return underscored.ReplaceAllStringFunc(sentence, func(m string) string {
		if m[0] == '`' || strings.Trim(m, "_.") == "" {
			return m
		}
		return codeSpan(m)
	})
}
