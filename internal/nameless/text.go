package nameless

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text puts the pseudonyms into a text that people or programs wrote, in place of
// addresses, of @handles, and of names of two words or more. Whole words count
// alone: what a longer word holds stays, and so do names of one word, nicknames,
// and what is spelled otherwise. It reports whether anything changed.
func (r *Register) Text(text string) (string, bool) {
	if !r.Any() || len(text) < 3 {
		return text, false
	}
	text, changed := r.addressesIn(text)
	text, named := r.namesIn(text)
	return text, changed || named
}

// Message is Text of a commit's message, whose lines for others name somebody by
// an address: Signed-off-by, Co-authored-by and the like. The name before an address
// goes with it, whatever it is.
func (r *Register) Message(message string) (string, bool) {
	if !r.Any() {
		return message, false
	}
	lines, changed := strings.Split(message, "\n"), false
	for n, line := range lines {
		head, who, ok := strings.Cut(line, ": ")
		open := strings.LastIndexByte(who, '<')
		if !ok || open < 0 || strings.ContainsAny(head, " ") {
			continue
		}
		if pseudonym := r.Address(strings.TrimRight(who[open+1:], "> \r")); pseudonym != "" {
			lines[n], changed = head+": "+pseudonym+" <"+PseudonymAddress(pseudonym)+">", true
		}
	}
	if changed {
		message = strings.Join(lines, "\n")
	}
	message, more := r.Text(message)
	return message, changed || more
}

// addressesIn replaces addresses and handles: both are found by their @.
func (r *Register) addressesIn(text string) (string, bool) {
	var out strings.Builder
	done, from := 0, 0 // what is written, and where the next look begins
	for {
		at := strings.IndexByte(text[from:], '@')
		if at < 0 {
			break
		}
		at += from
		from = at + 1
		start, end := at, at+1
		for start > done {
			c, size := utf8.DecodeLastRuneInString(text[done:start])
			if !wordRune(c) && !strings.ContainsRune(".+_%'-!#$&*=~", c) {
				break
			}
			start -= size
		}
		for end < len(text) {
			c, size := utf8.DecodeRuneInString(text[end:])
			if !wordRune(c) && c != '.' && c != '-' && (c != '_' || start < at) {
				break
			}
			end += size
		}
		var now string
		if start < at {
			now, start, end = r.addressAt(text, start, at, end)
		} else {
			now, end = r.handleAt(text, at, end)
		}
		if now != "" {
			out.WriteString(text[done:start])
			out.WriteString(now)
			done, from = end, end
		}
	}
	if done == 0 {
		return text, false
	}
	out.WriteString(text[done:])
	return out.String(), true
}

// addressAt looks at what may be an address, and at what is left of it without
// the marks that may stand around one.
func (r *Register) addressAt(text string, start, at, end int) (now string, from, upTo int) {
	for end > at+1 && strings.ContainsRune(".-", rune(text[end-1])) {
		end--
	}
	for start < at {
		if pseudonym := r.Address(text[start:end]); pseudonym != "" {
			return PseudonymAddress(pseudonym), start, end
		}
		if !strings.ContainsRune("'=*&#!$.-_~", rune(text[start])) {
			break
		}
		start++
	}
	return "", start, end
}

func (r *Register) handleAt(text string, at, end int) (now string, upTo int) {
	if end < len(text) && text[end] == '/' { // a team, or the scope of a package
		return "", end
	}
	for end > at+1 {
		if pseudonym := r.find(kindHandle, handleKey(text[at+1:end])); pseudonym != "" {
			return pseudonym, end
		}
		if !strings.ContainsRune(".-_", rune(text[end-1])) {
			break
		}
		end--
	}
	return "", end
}

// word is one of a text.
type word struct {
	start, end int
	folded     string
	begins     bool // a name
}

// between are the characters that may stand between two words of one name; a
// comma besides where the second stands first.
const between = " \t\r\n\u00a0.-_'\u2019"

// maxBetween is how many of them may, in bytes: a line may break within a name, and
// the next be set in.
const maxBetween = 12

// namesIn replaces names of two words or more.
func (r *Register) namesIn(text string) (string, bool) {
	words := r.words(text)
	var out strings.Builder
	done := 0
	for i := 0; i < len(words); {
		n, pseudonym := r.nameAt(text, words[i:])
		if n == 0 {
			i++
			continue
		}
		out.WriteString(text[done:words[i].start])
		out.WriteString(pseudonym)
		i += n
		done = words[i-1].end
	}
	if done == 0 {
		return text, false
	}
	out.WriteString(text[done:])
	return out.String(), true
}

// words are those of a text that may be of a name: those that one begins with, and
// those after them.
func (r *Register) words(text string) []word {
	var words []word
	after := 0 // how many words are still of interest
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if !wordRune(c) {
			i += size
			continue
		}
		start := i
		for i < len(text) {
			if c, size = utf8.DecodeRuneInString(text[i:]); !wordRune(c) && !unicode.Is(unicode.Mn, c) {
				break
			}
			i += size
		}
		folded := fold(text[start:i])
		if begins := r.first(folded); begins || after > 0 {
			words = append(words, word{start, i, folded, begins})
			if after--; begins {
				after = maxWords - 1
			}
		}
	}
	return words
}

// nameAt returns of how many words the name is that a list of words begins with,
// the longest of several, and what stands in its place.
func (r *Register) nameAt(text string, words []word) (n int, pseudonym string) {
	if !words[0].begins {
		return 0, ""
	}
	key := words[0].folded
	for i := 1; i < min(len(words), maxWords); i++ {
		gap := text[words[i-1].end:words[i].start]
		comma := strings.Contains(gap, ",")
		if len(gap) > maxBetween || strings.Trim(gap, between) != "" && (!comma || strings.Trim(gap, between+",") != "") {
			break
		}
		if i == 1 && !r.ofAddress(text, words[1].end) {
			if found := r.find(kindTurned, key+" "+words[1].folded); found != "" {
				n, pseudonym = 2, found
			}
		}
		if comma {
			break
		}
		key += " " + words[i].folded
		if found := r.find(kindName, key); found != "" && !r.ofAddress(text, words[i].end) {
			n, pseudonym = i+1, found
		}
	}
	return n, pseudonym
}

// ofAddress reports whether what ends here is the beginning of an address: it is
// another's, since those of who was erased were replaced before.
func (*Register) ofAddress(text string, end int) bool { return end < len(text) && text[end] == '@' }
