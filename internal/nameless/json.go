package nameless

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// naming are the fields of reports and facts whose lists are names and nothing
// else, so that a name of one word is one there, too.
var naming = map[string]bool{"people": true, "owners": true, "authors": true, "left": true, "joined": true, "reviewers": true}

var errNoJSON = errors.New("this is no whole JSON")

// JSON is Text of every text in a document. What does not change keeps its bytes.
func (r *Register) JSON(document []byte) ([]byte, bool, error) {
	if !r.Any() {
		return document, false, nil
	}
	var out bytes.Buffer
	type level struct {
		list bool
		key  string // the last; of a list, that of the object around it
	}
	var open []level
	done := 0
	for i := 0; i < len(document); i++ {
		switch document[i] {
		case '{', '[':
			l := level{list: document[i] == '['}
			if len(open) > 0 && l.list {
				l.key = open[len(open)-1].key
			}
			open = append(open, l)
		case '}', ']':
			if len(open) == 0 {
				return nil, false, errNoJSON
			}
			open = open[:len(open)-1]
		case '"':
			end := endOfText(document, i)
			if end < 0 {
				return nil, false, errNoJSON
			}
			var was string
			if err := json.Unmarshal(document[i:end], &was); err != nil {
				return nil, false, err
			}
			named := false
			if n := len(open); n > 0 {
				named = open[n-1].list && naming[open[n-1].key]
				if !open[n-1].list && isKey(document, end) {
					open[n-1].key = was
				}
			}
			if now, changed := r.field(was, named); changed {
				text, err := plainJSON(now)
				if err != nil {
					return nil, false, err
				}
				out.Write(document[done:i])
				out.Write(text)
				done = end
			}
			i = end - 1
		}
	}
	if len(open) > 0 {
		return nil, false, errNoJSON
	}
	if done == 0 {
		return document, false, nil
	}
	out.Write(document[done:])
	return out.Bytes(), true, nil
}

func (r *Register) field(text string, named bool) (string, bool) {
	if named {
		if p := r.name(text); p != "" {
			return p, true
		}
	}
	return r.Text(text)
}

// endOfText returns where a text ends that begins with a quotation mark; -1 is
// nowhere.
func endOfText(document []byte, start int) int {
	for i := start + 1; i < len(document); i++ {
		switch document[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// isKey reports whether the text that ends here is the key of an object.
func isKey(document []byte, end int) bool {
	for ; end < len(document); end++ {
		if !strings.ContainsRune(" \t\r\n", rune(document[end])) {
			return document[end] == ':'
		}
	}
	return false
}

// plainJSON writes a text as reports are written: HTML stays what it is.
func plainJSON(text string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(text)
	return bytes.TrimSpace(out.Bytes()), err
}
