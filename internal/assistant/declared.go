package assistant

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// leads are the lines that lead to the one that is read, the nearest first.
func (r *definitionReader) leads() (out []string) {
	depth := depthOf(r.lines[r.at])
	for at := r.at - 1; at >= max(0, r.at-2000) && depth > 0 && len(out) < 8; at-- {
		line := r.lines[at]
		bare := strings.TrimSpace(line)
		if bare == "" || r.remark != nil && r.remark[at] || remarked.MatchString(bare) || strings.HasPrefix(bare, "#") || strings.ContainsRune("})]", rune(bare[0])) && !controls.MatchString(bare) {
			continue
		}
		d := depthOf(line)
		if d >= depth {
			continue
		}
		depth = d
		if bare == "{" { // what it opens stands above it
			for at > 0 && strings.TrimSpace(r.lines[at-1]) == "" {
				at--
			}
			if at > 0 {
				at--
				bare = strings.TrimSpace(r.lines[at]) + " {"
			}
		}
		out = append(out, bare)
	}
	return out
}

// keys are the names of what a line stands in, and of the functions apart.
func (r *definitionReader) keys() (out, functions []string) {
	for _, lead := range r.leads() {
		if m := blockOfCode.FindStringSubmatch(lead); m != nil && signature.MatchString(lead) {
			functions = append(functions, m[1])
		} else if m := blockOfCode.FindStringSubmatch(lead); m != nil {
			out = append(out, m[1])
		} else if m := blockName.FindStringSubmatch(modifiers.ReplaceAllString(lead, "")); m != nil {
			out = append(out, m[1])
		}
	}
	if configFile.MatchString(r.p.Path) {
		for at := r.at - 1; at >= 0; at-- {
			if m := section.FindStringSubmatch(r.lines[at]); m != nil {
				return append(out, m[1]), functions
			}
		}
	}
	return out, functions
}

var (
	blockOfCode = lazyregexp.New(`\b(?:class|struct|interface|object|trait|impl|module|enum|type|func|def|fn|fun|function)[ \t]+(?:\([^)]*\)[ \t]*)?(\w+)`)
	controls    = lazyregexp.New(`^\}?[ \t]*(?:if|else|elif|elsif|for|foreach|while|switch|case|try|catch|except|finally|with|unless|until|rescue|when|match|loop|select|assert|and|or|&&|\|\||raise|throw|expect)\b`)
	// functionOf is a line that opens the body of a function.
	functionOf = lazyregexp.New(`\b(?:func|def|fn|fun|function|sub|lambda|constructor)\b|(?:=>|->)[ \t]*\{?$|^[\w<>\[\],.:&*?@~ \t]*\w[ \t]*\(.*\)[\w<>\[\],.:&*? \t|]*\{$|^[\w*&: \t]+[ \t*]\w+\([^;{=]*[,(]$`)
	// signature is a line that opens, or has, the parameters of one.
	signature = lazyregexp.New(`\b(?:func|def|fn|fun|function|constructor)\b[^(]*\(`)
	ofDefault = lazyregexp.New(`(?i)default`)
	constant  = lazyregexp.New(`\b(?:const|final|readonly|constexpr|val)\b`)
	capitals  = lazyregexp.New(`^[A-Z][A-Z0-9_]+$`)
)

func depthOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// remarked is a line of a comment.
var remarked = lazyregexp.New(`^(?://|#|\*|/\*|--|;|@|"""|<!--)`)

func (r *definitionReader) code(line string) {
	if r.tabled(line) {
		return
	}
	bare := modifiers.ReplaceAllString(line, "")
	for _, form := range []*lazyregexp.Regexp{tagged, called, flagged, keyword, fetched, expanded, fallback} {
		if controls.MatchString(strings.TrimSpace(line)) {
			break
		}
		for _, m := range form.FindAllStringSubmatch(bare, 6) {
			if value := m[len(m)-1]; form == expanded || form == tagged || form == fallback || !strings.EqualFold(value, "null") && !strings.EqualFold(value, "nil") {
				r.put(m[1], value, true)
			}
		}
	}
	if m := defined.FindStringSubmatch(line); m != nil {
		r.put(m[1], m[2], false)
	}
	r.assignments(line, bare)
	if container.MatchString(r.p.Path) {
		if m := setEnv.FindStringSubmatch(line); m != nil {
			r.put(m[1], m[2], false)
		}
		if m := exposed.FindStringSubmatch(line); m != nil {
			r.put("port", m[1], false)
		}
	}
	if m := attached.FindStringSubmatch(line); m != nil && r.at+1 < len(r.lines) {
		if name := declared.FindStringSubmatch(r.lines[r.at+1]); name != nil {
			r.put(name[1], m[1], true)
		}
	}
	if configFile.MatchString(r.p.Path) {
		if m := plainSet.FindStringSubmatch(line); m != nil {
			r.put(m[1], m[2], false)
		} else if m := spaceSet.FindStringSubmatch(line); m != nil && strings.HasSuffix(r.p.Path, ".conf") {
			r.put(m[1], m[2], false)
		}
	}
}

var container = lazyregexp.New(`(?i)(?:^|/)(?:[\w.-]*\.)?(?:dockerfile|containerfile)(?:\.[\w.-]+)?$`)

// assignments reads the constants, the fields, the parameters and the settings that
// a line declares with a value. What the body of a function assigns as it runs is
// no definition.
func (r *definitionReader) assignments(line, bare string) {
	at := strings.TrimSpace(line)
	if controls.MatchString(at) {
		return
	}
	leads := r.leads()
	body := len(leads) == 0 && depthOf(line) > 0 && !r.complete // of what, is not known
	byDefault := false
	for _, lead := range leads {
		body = body || controls.MatchString(lead) || functionOf.MatchString(lead)
		byDefault = byDefault || ofDefault.MatchString(lead)
	}
	nearest := ""
	if len(leads) > 0 {
		nearest = leads[0]
	}
	parameters := strings.HasSuffix(nearest, "(") && signature.MatchString(nearest)
	arguments := strings.HasSuffix(nearest, "(") && !parameters
	if parameters {
		body = false
	}
	own := ""
	if m := leftSide.FindStringSubmatch(bare); m != nil {
		own = m[1]
	}
	plainC := strings.HasSuffix(r.p.Path, ".c") || strings.HasSuffix(r.p.Path, ".h")
	for _, m := range assigned.FindAllStringSubmatchIndex(bare, 6) {
		name, value := bare[m[2]:m[3]], bare[m[4]:m[5]]
		if typed := typedName.FindStringSubmatch(bare[m[0]:m[1]]); typed != nil {
			name = typed[1]
		}
		before := strings.TrimSpace(strings.TrimRight(bare[:m[2]], `"'`))
		pair := strings.Contains(bare[m[3]:m[4]], ":") && !strings.Contains(bare[m[3]:m[4]], "=") || strings.Contains(bare[m[3]:m[4]], "=>")
		isConstant := constant.MatchString(line) || capitals.MatchString(name)
		inside, weakly := strings.ContainsAny(before, "({["), false
		switch {
		case strings.Contains(name, ".") && !configFile.MatchString(r.p.Path) && body: // of an object
			continue
		case inside && signature.MatchString(line) && strings.Contains(before, "("): // a parameter
		case parameters && !plainC:
		case inside && strings.LastIndexAny(before, "(") > strings.LastIndexAny(before, "{["): // an argument
			if !capitals.MatchString(own) && !ofDefault.MatchString(own) || body {
				continue
			}
		case arguments && !pair:
			if m := leftSide.FindStringSubmatch(nearest); m == nil || body || !capitals.MatchString(m[1]) && !ofDefault.MatchString(m[1]) {
				continue
			}
		case plainC && !constant.MatchString(line) && !strings.Contains(nearest, "enum"):
			continue
		case body && (byDefault || ofDefault.MatchString(line)) && pair:
		case body && isConstant && !inside:
		case body && pair && (strings.HasSuffix(nearest, "{") && !functionOf.MatchString(nearest) && !controls.MatchString(nearest) || inside):
			weakly = true
		case body:
			continue
		}
		if d := r.put(name, value, byDefault || ofDefault.MatchString(own)); d != nil {
			d.weakly = weakly
			if inside && own != "" && own != name {
				d.keys = append([]string{own}, d.keys...)
			}
			if m := blockOfCode.FindStringSubmatch(line); m != nil && inside && m[1] != name {
				d.within = append(d.within, m[1])
			}
		}
	}
}

// leftSide is the name that a line gives a value to.
var leftSide = lazyregexp.New(`^\s*["']?([A-Za-z_]\w*)["']?[ \t]*(?::[^=]{1,60})?(?::?=|=>|:)`)

// tabled reads a line that calls a macro or function with a name and more, of which
// one is the default: which, says the definition of the macro. It reports whether
// the line is such a one.
func (r *definitionReader) tabled(line string) bool {
	m := tableRow.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	arguments := partsOf(m[3])
	if len(arguments) < 3 {
		return false
	}
	at := r.placeOfDefault(m[1]) - 1 // behind the name
	if at < 0 || at >= len(arguments) {
		return len(arguments) > 3
	}
	value := arguments[at]
	if constantName.MatchString(value) {
		value = r.resolve(value)
	}
	if wholeValue.MatchString(value) {
		r.put(m[2], value, true)
	}
	return true
}

var (
	tableRow     = lazyregexp.New(`^\s*(?:[\w.]+\.)?([A-Za-z_]\w*)\(\s*["']([\w.-]+)["']\s*,\s*(.+)\)`)
	constantName = lazyregexp.New(`^[A-Z][A-Z0-9_]+$`)
	wholeValue   = lazyregexp.New(`^(?:` + ofValue + `)$`)
	isDefault    = lazyregexp.New(`(?i)^(?:default|def|dflt|default_?val(?:ue)?|fallback)$`)
	lastWord     = lazyregexp.New(`(\w+)\s*(?::[^,]*)?$`)
)

// partsOf are the arguments of a call, as far as they are closed.
func partsOf(text string) (out []string) {
	depth, from, quote := 0, 0, rune(0)
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.ContainsRune("([{", c):
			depth++
		case strings.ContainsRune(")]}", c):
			if depth--; depth < 0 {
				return append(out, strings.TrimSpace(text[from:i]))
			}
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(text[from:]))
}

// placeOfDefault is the place among the parameters of what the file defines under a
// name that is called default; -1 where there is none.
func (r *definitionReader) placeOfDefault(name string) int {
	form := lazyregexp.New(`^\s*(?:#\s*define|.*\b(?:func|def|fn|function|void|int|static)\b.*?)\s+` + regexp.QuoteMeta(name) + `\s*\(([^)]*)\)`)
	for _, line := range r.lines {
		m := form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		return slices.IndexFunc(strings.Split(m[1], ","), func(s string) bool {
			w := lastWord.FindStringSubmatch(strings.TrimSpace(s))
			return w != nil && isDefault.MatchString(w[1])
		})
	}
	return -1
}

// resolve is the word that the file gives a constant in a table of words, or else
// the literal that it is defined as; "" for neither.
func (r *definitionReader) resolve(name string) string {
	word := lazyregexp.New(`\{\s*("[^"]+")\s*,\s*` + name + `\s*[,}]`)
	defines := lazyregexp.New(`^\s*(?:#\s*define\s+|(?:\w+\s+)*)` + name + `\s*=?\s*(` + ofValue + `)\s*(?:;|,|/\*|//|$)`)
	for _, line := range r.lines {
		if m := word.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	for _, line := range r.lines {
		if m := defines.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}
