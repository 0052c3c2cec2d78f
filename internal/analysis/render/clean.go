package render

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// How many characters of one string are shown. Paths and names are cut in the
// middle, sentences at their end.
const (
	maxName  = 300
	maxProse = 1500
)

// proseFields are the fields that hold sentences: a line break in them is
// white space and nothing more. In every other field, such as a path, a line
// break is a character that must be seen.
var proseFields = map[string]bool{
	"Description": true, "Summary": true, "Message": true, "Reason": true,
	"Risk": true, "FirstStep": true, "Title": true, "Why": true, "Explanation": true, "Text": true,
}

// cleaned returns a deep copy of the report in which every string is harmless
// to show. It walks the whole value instead of trusting each renderer to
// remember, so a new field of the report is safe on the day it is added.
func cleaned(r *report.CodeReport) *report.CodeReport {
	out := new(report.CodeReport)
	cleanInto(reflect.ValueOf(out).Elem(), reflect.ValueOf(r).Elem(), false)
	return out
}

func cleanInto(dst, src reflect.Value, prose bool) {
	switch src.Kind() {
	case reflect.String:
		if prose {
			dst.SetString(sentence(src.String()))
		} else {
			dst.SetString(cutMiddle(visible(src.String()), maxName))
		}
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(reflect.New(src.Type().Elem()))
			cleanInto(dst.Elem(), src.Elem(), prose)
		}
	case reflect.Slice:
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			cleanInto(dst.Index(i), src.Index(i), prose)
		}
	case reflect.Struct:
		cleanStruct(dst, src)
	default:
		dst.Set(src)
	}
}

func cleanStruct(dst, src reflect.Value) {
	if src.Type() == reflect.TypeFor[time.Time]() {
		dst.Set(src)
		return
	}
	for i := range src.NumField() {
		// SkippedKind.Reason is a code with a type of its own, not a sentence.
		field := src.Type().Field(i)
		prose := proseFields[field.Name] && field.Type != reflect.TypeFor[report.SkipReason]()
		cleanInto(dst.Field(i), src.Field(i), prose)
	}
}

// visible replaces what a terminal or a browser would obey instead of show:
// control characters, characters that turn the direction of writing, invisible
// ones, line separators, and bytes that are not UTF-8. The joiners that many
// scripts and emoji need stay.
func visible(s string) string {
	if plain(s) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r < 0x100 && unicode.IsControl(r):
			fmt.Fprintf(&out, `\x%02x`, r)
		case obeyed(r):
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
		i += size
	}
	return out.String()
}

// plain is the fast path: nearly every path is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func obeyed(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = 0x200c, 0x200d
	if r == zeroWidthNonJoiner || r == zeroWidthJoiner {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// sentence makes one line of prose.
func sentence(s string) string {
	runes := []rune(visible(strings.Join(strings.Fields(s), " ")))
	if len(runes) > maxProse {
		return strings.TrimRight(string(runes[:maxProse-1]), " ") + "…"
	}
	return string(runes)
}

// cutMiddle shortens s to at most n characters and keeps both ends: the end of
// a path says more than its middle.
func cutMiddle(s string, n int) string {
	if len(s) <= n {
		return s
	}
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	head := (n - 1) / 3
	return string(runes[:head]) + "…" + string(runes[len(runes)-(n-1-head):])
}
