// Package terms parts text, prose and code alike, into the terms that search
// knows it by. What is indexed and what is asked for go through the same rules,
// so that "retry policies" finds RetryPolicy and retry_policy. It is pure and
// may import nothing of the product.
//
//   - a word is a run of letters, digits and underscores;
//   - its parts are its terms: parseHTTPRequest2 has parse, http, request and 2.
//     They are in lower case, and English ones without their endings (Porter's
//     second algorithm, as Snowball states it);
//   - a word of several parts is a term as a whole too, without underscores and
//     as it is, so that who writes the exact name finds it first, however it is
//     spelled there: parsehttprequest2;
//   - what has no spaces between words (Han, Hiragana, Katakana, Thai) is parted
//     into pairs of letters;
//   - the words that hold a sentence together (the, of, is) are no terms.
package terms

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

const (
	// maxTerm and maxWord are the numbers of bytes of the longest term and of the
	// longest word that has any: what is longer is data, such as a key in base64,
	// that nobody asks for.
	maxTerm = 64
	maxWord = 128
	// maxStems bounds the words whose stems are remembered.
	maxStems = 1 << 16
)

// Term is a term where it stands.
type Term struct {
	Text       string
	Start, End int  // bytes of the text that it stands for
	Whole      bool // a whole word of several parts
}

// Splitter parts texts. It remembers stems, so that one is used for many texts;
// it is not safe for concurrent use.
type Splitter struct {
	stems map[string]string
	parts []span
	lower []byte
}

type span struct{ start, end int }

// NewSplitter returns a splitter.
func NewSplitter() *Splitter { return &Splitter{stems: map[string]string{}} }

// Scan visits the terms of a text, in the order of their words, the parts of a
// word before the whole, until visit returns false.
func (s *Splitter) Scan(text string, visit func(Term) bool) {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case unspaced(r):
			end := run(text, at, unspaced)
			if !pairs(text, at, end, visit) {
				return
			}
			at = end
		case isWord(r):
			end := run(text, at, isWord)
			if !s.word(text, at, end, visit) {
				return
			}
			at = end
		default:
			at += size
		}
	}
}

// Append appends the terms of a text to dst, with a space before each.
func (s *Splitter) Append(dst []byte, text string) []byte {
	s.Scan(text, func(t Term) bool {
		dst = append(append(dst, ' '), t.Text...)
		return true
	})
	return dst
}

// Terms returns the different terms of a text in the order of their first places.
func (s *Splitter) Terms(text string) []Term {
	var out []Term
	seen := map[string]bool{}
	s.Scan(text, func(t Term) bool {
		if !seen[t.Text] {
			seen[t.Text] = true
			out = append(out, t)
		}
		return true
	})
	return out
}

// Rarity is what a term is worth that is in so many of all texts: BM25's inverse
// document frequency in the form of Lucene, which is never negative.
func Rarity(in, all int64) float64 {
	return math.Log(1 + (float64(all-in)+0.5)/(float64(in)+0.5))
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)) && !unspaced(r)
}

func unspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// run returns where the run of letters that begins at a place ends.
func run(text string, at int, in func(rune) bool) int {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !in(r) || r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// pairs visits the pairs of neighbours of a run, or its one letter.
func pairs(text string, start, end int, visit func(Term) bool) bool {
	_, size := utf8.DecodeRuneInString(text[start:end])
	if start+size == end {
		return visit(Term{Text: text[start:end], Start: start, End: end})
	}
	for first := start; ; {
		_, one := utf8.DecodeRuneInString(text[first:end])
		second := first + one
		if second >= end {
			return true
		}
		_, two := utf8.DecodeRuneInString(text[second:end])
		if !visit(Term{Text: text[first : second+two], Start: first, End: second + two}) {
			return false
		}
		first = second
	}
}

// word visits the terms of one word.
func (s *Splitter) word(text string, start, end int, visit func(Term) bool) bool {
	if end-start > maxWord {
		return true
	}
	s.split(text[start:end])
	for _, p := range s.parts {
		if term := s.stem(text[start+p.start : start+p.end]); term != "" {
			if !visit(Term{Text: term, Start: start + p.start, End: start + p.end}) {
				return false
			}
		}
	}
	if len(s.parts) < 2 || end-start > maxTerm {
		return true
	}
	whole := strings.ToLower(strings.ReplaceAll(text[start:end], "_", ""))
	return visit(Term{Text: whole, Start: start, End: end, Whole: true})
}

// split finds the parts of a word: at underscores, where digits begin and end,
// before a capital that follows a small letter, and before the last of several
// capitals that a small letter follows.
func (s *Splitter) split(word string) {
	s.parts = s.parts[:0]
	start := -1
	var before kind
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRuneInString(word[i:])
		k := kindOf(r, before)
		switch {
		case k == under:
			s.cut(start, i)
			start = -1
		case start < 0:
			start = i
		case (k == digit) != (before == digit), k == capital && before == small,
			k == capital && before == capital && smallFollows(word[i+size:]):
			s.cut(start, i)
			start = i
		}
		before = k
		i += size
	}
	s.cut(start, len(word))
}

func (s *Splitter) cut(start, end int) {
	if start >= 0 && end > start {
		s.parts = append(s.parts, span{start, end})
	}
}

type kind uint8

const (
	under kind = iota
	small
	capital
	digit
)

func kindOf(r rune, before kind) kind {
	switch {
	case r == '_':
		return under
	case unicode.IsDigit(r):
		return digit
	case unicode.IsUpper(r):
		return capital
	case unicode.Is(unicode.M, r) && before != under: // an accent belongs to its letter
		return before
	default:
		return small
	}
}

// smallFollows reports whether a small letter comes next that is not the plural
// of an abbreviation: the parts of parseURLs are parse and URLs.
func smallFollows(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if !unicode.IsLower(r) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(rest[size:])
	return r != 's' || unicode.IsLower(after)
}

// stem returns the term of a part, "" for one that is none.
func (s *Splitter) stem(part string) string {
	if len(part) > maxTerm {
		return ""
	}
	s.lower = appendLower(s.lower[:0], part)
	if known, ok := s.stems[string(s.lower)]; ok {
		return known
	}
	lower := string(s.lower)
	term := lower
	switch {
	case stopWords[lower], len(lower) == 1 && lower[0] >= 'a':
		term = ""
	case isASCII(lower) && len(lower) > 2 && lower[0] >= 'a':
		term = english.Stem(regular(lower), true)
	}
	if len(s.stems) < maxStems {
		s.stems[lower] = term
	}
	return term
}

func appendLower(dst []byte, part string) []byte {
	for i := range len(part) {
		c := part[i]
		if c >= utf8.RuneSelf {
			return append(dst[:0], strings.ToLower(part)...)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// regular returns the base form of an irregular verb, which no rule of endings
// leads to: what is sent is looked for where it says send.
func regular(word string) string {
	for _, before := range []string{"", "over", "re", "un", "under", "mis"} {
		if rest, ok := strings.CutPrefix(word, before); ok && irregular[rest] != "" {
			return before + irregular[rest]
		}
	}
	return word
}

// irregular are the forms of the irregular verbs that software does. Those that
// are words of their own, such as left, lead there too.
var irregular = func() map[string]string {
	forms := map[string]string{}
	for line := range strings.FieldsSeq(`begin:began:begun bind:bound break:broke:broken bring:brought build:built buy:bought catch:caught choose:chose:chosen
		come:came deal:dealt do:did:done draw:drew:drawn drive:drove:driven fall:fell:fallen feed:fed find:found forbid:forbade:forbidden forget:forgot:forgotten
		freeze:froze:frozen get:got:gotten give:gave:given go:went:gone grow:grew:grown hang:hung hide:hid:hidden hold:held keep:kept know:knew:known
		lead:led leave:left lend:lent lose:lost make:made mean:meant meet:met override:overrode:overridden pay:paid ride:rode:ridden rise:rose:risen run:ran
		say:said see:saw:seen sell:sold send:sent shake:shook:shaken show:shown sink:sank:sunk speak:spoke:spoken spend:spent spin:spun stand:stood
		steal:stole:stolen stick:stuck take:took:taken teach:taught tell:told think:thought throw:threw:thrown understand:understood
		wake:woke:woken wear:wore:worn win:won wind:wound withdraw:withdrew:withdrawn write:wrote:written`) {
		verb, rest, _ := strings.Cut(line, ":")
		for form := range strings.SplitSeq(rest, ":") {
			forms[form] = verb
		}
	}
	return forms
}()

// Same are the other terms that stand for the same as one: code writes address
// as addr, and who asks for either wants both. The texts keep the terms that they
// have, so that this is asked of the terms of a question.
func Same(term string) []string { return same[term] }

// same leads from the words that code writes in short to those in full, as terms,
// and back. Those that are short for several words are not in it.
var same = func() map[string][]string {
	pairs := map[string][]string{}
	for pair := range strings.FieldsSeq(`addr:address admin:administrator alloc:allocate arg:argument async:asynchronous attr:attribute auth:authentication authn:authentication authz:authorization
		btn:button buf:buffer calc:calculate cert:certificate cfg:configuration conf:configuration config:configuration cmd:command conn:connection cred:credential db:database del:delete dep:dependency dest:destination
		dev:development dir:directory doc:document dst:destination elem:element env:environment exec:execute grp:group hdr:header idx:index img:image impl:implementation info:information init:initialize
		lang:language lib:library max:maximum mem:memory mgr:manager min:minimum msg:message notif:notification num:number obj:object opt:option org:organization param:parameter passwd:password perm:permission
		pkg:package pref:preference prev:previous proc:process prod:production ptr:pointer pwd:password repo:repository req:request resp:response sess:session src:source srv:server svc:service sync:synchronize
		oidc:openid ws:websocket temp:temporary tmp:temporary tx:transaction txn:transaction usr:user ver:version`) {
		short, full, _ := strings.Cut(pair, ":")
		short, full = english.Stem(short, true), english.Stem(full, true)
		pairs[short] = append(pairs[short], full)
		pairs[full] = append(pairs[full], short)
	}
	return pairs
}()

// stopWords hold English sentences together and say nothing by themselves.
var stopWords = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`a about after all also am an and any are as at be because been being both but by can
		could did do does doing done each either for from get gets had has have having he her here him his how i if in into is it
		its itself just let like me may might more most much must my no nor not of off on once only or other our out over own
		please shall she should so some such than that the their them then there these they this those through to too under up
		us very was we were what when where which while who whom whose why will with would you your`) {
		words[word] = true
	}
	return words
}()
