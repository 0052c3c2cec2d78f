package connector

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The longest ids, in bytes, that a record and a resource may have. Together with
// what else records are listed by they fit into one entry of PostgreSQL's index.
const (
	MaxRecordID   = 500
	MaxResourceID = 200
)

// FitID reports whether an id of at most so many bytes can be kept: it is some
// text without control characters.
func FitID(id string, most int) bool {
	return id != "" && len(id) <= most && utf8.ValidString(id) && !strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// Ident is an id that a vendor writes as a number or as a text; "" when there
// is none, and for what can be no record's.
type Ident string

// UnmarshalJSON implements json.Unmarshaler.
func (i *Ident) UnmarshalJSON(raw []byte) error {
	var text string
	var number json.Number
	if json.Unmarshal(raw, &text) != nil && json.Unmarshal(raw, &number) == nil {
		text = number.String()
	}
	// Bytes that are no text come out of the JSON as U+FFFD.
	if !FitID(text, MaxRecordID) || strings.ContainsRune(text, utf8.RuneError) {
		text = ""
	}
	*i = Ident(text)
	return nil
}
