package documents

import (
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var (
	// lifts are names of what lets pass whoever calls.
	lifts = lazyregexp.New(`(?i)(exempt|allow_?any|allow_?anonymous|permit_?all|no_?auth|not_?required|without|disable|skip_)`)
	// setting is a name of what is set, in capitals.
	setting = lazyregexp.New(`^[A-Z][A-Z0-9_]*$`)
	// keyword is what an argument is given to: name="login", as: :login.
	keyword = lazyregexp.New(`^[\s({\[]*(\w+)\s*(?:=[^=>]|:[^:])`)
	// guarding are names of arguments that take guards.
	guarding = lazyregexp.New(`(?i)^(dependencies|pre_?handlers?|pre_?validation|on_?request|middlewares?|guards?|decorators|before|permissions?|permission_classes|authentication_classes|auth|security|policies)$`)
	// takesNames is a call that takes guards by their names: ->middleware('auth')
	takesNames = lazyregexp.New(`(?i)(middleware|guard|can)\(\[?\s*(["'][\w:.]*["']\s*,\s*)*$`)
	// mounted are arguments that begin with a path: what is put there stands before
	// what lies below it alone.
	mounted = lazyregexp.New("^\\s*[\"'`]/")
	asView  = lazyregexp.New(`[\w.]+\.as_view\([^()]*\)`)
)

// guardsIn are the names of guards in a line: no texts, no settings, and of
// arguments with a name those that take guards.
func guardsIn(text string) []string {
	quotes := quotedParts(text)
	var out []string
	for _, at := range guard.FindAllStringIndex(text, -1) {
		start := at[0]
		for start < at[1] && strings.IndexByte(":.@", text[start]) >= 0 {
			start++
		}
		open := quotes[start]
		if open >= 0 && !takesNames.MatchString(text[:open]) {
			continue
		}
		bare, _, _ := strings.Cut(text[start:at[1]], "(")
		if setting.MatchString(lastOf(bare)) {
			continue
		}
		if m := keyword.FindStringSubmatch(text[argumentAt(text, quotes, start):]); m != nil && !guarding.MatchString(m[1]) {
			continue
		}
		out = append(out, text[at[0]:at[1]])
	}
	return out
}

// quotedParts tells of each byte of a line where the text around it opens, -1 for
// none.
func quotedParts(text string) []int {
	out := make([]int, len(text)+1)
	open := -1
	for i := range len(text) {
		out[i] = open
		switch ch := text[i]; {
		case open < 0 && (ch == '"' || ch == '\'' || ch == '`'):
			open = i
		case open >= 0 && ch == text[open] && text[i-1] != '\\':
			open = -1
		}
	}
	out[len(text)] = open
	return out
}

// argumentAt is where the argument begins that a place of a line is in: behind
// the comma before it that stands in the same brackets or around them.
func argumentAt(text string, quotes []int, at int) int {
	depth := 0
	for i := at - 1; i >= 0; i-- {
		if quotes[i] >= 0 {
			continue
		}
		switch text[i] {
		case ')', ']', '}':
			depth++
		case '(', '{':
			if depth == 0 && (i == 0 || text[i] == '{' || !strings.Contains(text[:i], ",")) {
				return i + 1
			}
			depth = max(depth-1, 0)
		case '[':
			depth = max(depth-1, 0)
		case ',':
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// withoutHandler is what is given to a registration without its handler, whatever
// place that stands in; what is wrapped around it stays. The handler without a
// name is the last of them.
func withoutHandler(arguments string, handler *string) string {
	arguments = asView.ReplaceAllString(arguments, "")
	name := ""
	if handler != nil {
		name = lastOf(strings.TrimSuffix(*handler, ".as_view"))
	}
	if name == "" {
		return arguments[:max(strings.LastIndexByte(arguments, ','), 0)]
	}
	// What stands in its place is a part of no name.
	return lazyregexp.New(`[\w.:]*\b`+regexp.QuoteMeta(name)+`\b`).ReplaceAllString(arguments, "\x00")
}
