package telemetry

import (
	"regexp"
	"strings"
)

// What errors quote comes from outside: a line of a repository, a name, a value.
var (
	addresses = regexp.MustCompile(`[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*`)
	quoted    = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|'[^'\n]{2,}'|“[^”]*”|«[^»]*»")
	queries   = regexp.MustCompile(`(https?://[^\s?#"']*)[?#][^\s"']*`)
	named     = regexp.MustCompile(`\b[a-z]{2,8}_[0-9a-z]{16,}\b`)
	numbers   = regexp.MustCompile(`\b(?:[0-9a-fA-F]{12,}|[0-9]+)\b`)
)

// maxSaid bounds the text of an error that is told, in bytes.
const maxSaid = 500

// scrub is text without secrets, e-mail addresses, queries of addresses and what
// is quoted.
func scrub(text string) string {
	text = Redact(text)
	text = queries.ReplaceAllString(text, "$1")
	text = quoted.ReplaceAllString(text, `"…"`)
	text = addresses.ReplaceAllString(text, "[e-mail]")
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "…"
	}
	return text
}

// shape is what texts of one kind have in common: ids and numbers are left out.
func shape(text string) string {
	return numbers.ReplaceAllString(named.ReplaceAllString(text, "#"), "#")
}
