package eventlog

import "strings"

// Guard makes a text safe to open in a spreadsheet, which takes a cell that
// begins with one of = + - @, a tab or a line break, blanks before it or not,
// for a formula (OWASP, CSV Injection): an apostrophe is written before it. So
// it is before one that begins with an apostrophe and would be taken for
// guarded: ReadCSV takes off what was written here, and every text comes back.
func Guard(s string) string {
	if dangerous(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && dangerous(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return s
}

func dangerous(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '\t' || s[0] == '\r' || s[0] == '\n' {
		return true
	}
	s = strings.TrimLeft(s, " \u00a0")
	return strings.HasPrefix(s, "=") || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "@") ||
		// Some spreadsheets take the wide forms for the narrow ones.
		strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠")
}
