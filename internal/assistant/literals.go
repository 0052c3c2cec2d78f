package assistant

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	tree "github.com/rampforgeai/rampforge/internal/analysis/source"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// definition is a line that gives a name a value: a constant, a flag, a tag, a
// default of a variable, a setting of a file, or a sentence of a document.
type definition struct {
	passage rampforge.Passage
	line    int // 0 where the passage has no lines
	name    string
	value   string
	text    string   // the line, or the sentence
	above   string   // the comment above it
	beside  string   // and behind it
	keys    []string // the names of what it stands in, the nearest first
	within  []string // and of the functions
	surely  bool     // it says that this is the default
	weakly  bool     // it is what code passes on, perhaps in one case of several
	prose   bool
	told    bool // by a row or a sentence that says that it is the default
}

// Values that are written out, in the languages that there are.
const (
	ofNumber = `-?\d[\d_]*(?:\.\d+)?(?:[eE]\d+)?(?:[ \t]?(?:ms|us|ns|sec|min|[smhd]|[kKMGT]i?[bB]?|%)\b)?`
	ofValue  = `(?:\(?(?:time\.\w+[ \t]*\*[ \t]*)?` + ofNumber + `(?:[ \t]*(?:\*|<<|\+)[ \t]*[\w.]+)*\)?(?:\.(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|kilobytes?|megabytes?|gigabytes?))?` +
		`|time\.(?:Second|Minute|Hour)\b|\w*(?:[dD]uration|timedelta|TimeSpan)(?:::|\.)?\w*\([\w= ,.]{1,30}\)` +
		`|"[^"\n]{0,80}"|'[^'\n]{0,80}'|` + "`[^`\n]{0,80}`" + `|\b(?:true|false|True|False|nil|null|None)\b)`
	ofName = `[A-Za-z_][\w.-]*`
)

var (
	assigned = lazyregexp.New(`(?:^|[\s,{(;])["']?(` + ofName + `)["']?[ \t]*(?::[ \t]*[\w.<>\[\]&?| ]{1,40}?[ \t]*=|:=|=>|\?=|=|:|(?:[ \t]+[\w.\[\]*]{1,30})[ \t]+=)[ \t]*(` + ofValue + `)[ \t]*(?:[,;)}\]]|//|#|/\*|--|$)`)
	defined  = lazyregexp.New(`^\s*#\s*define\s+(\w+)\s+(` + ofValue + `)`)
	tagged   = lazyregexp.New("^\\s*(\\w+)\\s+[\\w.*\\[\\]]+\\s+`[^`]*\\b(?:default|envDefault|env-default)\\s*[:=]\\s*\"([^\"]*)\"")
	called   = lazyregexp.New(`(?i)\b(?:\w*(?:default|env|option|setting|config)\w*|environ\.get|config\.get)[ \t]*(?:\.\w+)?\([ \t]*["'](` + ofName + `)["'][ \t]*,[ \t]*(` + ofValue + `)[ \t]*\)`)
	flagged  = lazyregexp.New(`\.(?:Bool|Int|Int64|Uint|Uint64|Float64|Duration|String)(?:Var)?P?\((?:&[\w.\[\]]+,[ \t]*)?"(` + ofName + `)",[ \t]*(?:"\w?",[ \t]*)?(` + ofValue + `),[ \t]*["` + "`" + `]`)
	keyword  = lazyregexp.New(`["']-{0,2}(?:\w, ?--)?(` + ofName + `)[^"'\n]*["'].{0,160}?\bdefault(?:_value|_value_t|Value)?[ \t]*[=:(]+[ \t]*(` + ofValue + `)`)
	fallback = lazyregexp.New(`(?:^|[\s=(,:{])(?:[\w.]+\.)?(?i:env|environ|getenv|options?|opts|conf|config|cfg|settings|props|params|argv|args|flags)\b[.?!\["'(]+(` + ofName + `)["')\]]*[ \t]*(?:\|\||\?\?|\bor\b|\.unwrap_or\(|\.orElse\(|\?:)[ \t]*(` + ofValue + `)[ \t]*(?:[,;)}\]]|//|#|$)`)
	fetched  = lazyregexp.New(`fetch\(["'](\w+)["']\)[ \t]*\{[ \t]*(` + ofValue + `)`)
	expanded = lazyregexp.New(`\$\{([A-Za-z_][\w.-]*):[-=]?([^}$\s]{1,80})\}`)
	setEnv   = lazyregexp.New(`^\s*ENV\s+(\w+)[ =](\S+)`)
	exposed  = lazyregexp.New(`^\s*EXPOSE\s+(\d+)`)
	attached = lazyregexp.New(`\bdefault_value(?:_t)?[ \t]*=[ \t]*(` + ofValue + `)`)
	declared = lazyregexp.New(`^\s*(?:pub\s+)?(\w+)\s*:`)
	plainSet = lazyregexp.New(`^\s*(?:export\s+)?["']?(` + ofName + `)["']?\s*[:=]\s*([^\s#"'{}\[\]]{1,80})\s*(?:#.*|;.*)?$`)

	spaceSet = lazyregexp.New(`^[ \t]*([a-z][\w-]*)[ \t]+([\w.:-]{1,80})[ \t]*;?[ \t]*$`)
	section  = lazyregexp.New(`^\s*\[+["']?([\w. -]+)["']?\]+\s*$`)

	// ofDefaults and ofBounds are sentences that say what a value is where nobody sets
	// it, and how far it may go.
	ofDefaults = lazyregexp.New(`(?i)\b(defaults?(?: value)?(?: is| to|:| of|s to)?|by default)\b`)
	ofBounds   = lazyregexp.New(`(?i)\b(at most|up to|maximum|max\.?|limit(?:ed|s)?|no more than|at least|minimum|must not exceed|within|expires?|times? out|timeout|every|after|for|listens?|port)\b`)
	inProse    = lazyregexp.New("(?i)`[^`\n]{1,60}`|\\b\\d[\\d,._]*(?:[ \\t]?(?:ms|milliseconds?|s|sec(?:ond)?s?|min(?:ute)?s?|h|hours?|days?|weeks?|months?|[kmgt]i?b|bytes?|kilobytes?|megabytes?|gigabytes?|%|percent|requests?|characters?|items?|files?|entries|times|retries|connections?))?\\b")
	configFile = lazyregexp.New(`(?i)\.(?:env|ini|cfg|conf|properties|toml|ya?ml)$|(?:^|/)\.?env[._-]|\.env\.`)
)

// definitionsIn finds the definitions of a passage. file is the whole file that it
// is a part of, "" where that cannot be read.
func definitionsIn(p *rampforge.Passage, file string) []definition {
	if p.Kind == rampforge.PassageCommit || p.Kind == rampforge.PassageReport || p.Kind == rampforge.PassagePullRequest || besideTheCode(p.Path) || changelog.MatchString(path.Base(p.Path)) {
		return nil // of another time, of no line, or of something else than what runs
	}
	r := definitionReader{p: p, lines: strings.Split(p.Text, "\n"), first: p.StartLine}
	if p.Kind != rampforge.PassageCode && p.Kind != rampforge.PassageFile {
		// Code in a document is an example of what one may write.
		for r.at = range r.lines {
			if line := r.lines[r.at]; len(line) <= longLine && strings.TrimSpace(line) != "" {
				r.row(line)
			}
		}
		r.prose()
		return r.out
	}
	from, to := 0, len(r.lines)
	if file != "" && p.StartLine > 0 {
		r.lines, r.first, r.complete = strings.Split(file, "\n"), 1, true
		from, to = min(p.StartLine-1, len(r.lines)), min(p.EndLine, len(r.lines))
	}
	r.remarks()
	for r.at = from; r.at < to; r.at++ {
		if line := r.lines[r.at]; len(line) <= longLine && strings.TrimSpace(line) != "" && !r.remark[r.at] {
			r.code(line)
		}
	}
	return r.out
}

const longLine = 500

// besideTheCode reports whether a file says nothing of what runs: a test, an
// example, what others wrote, or how it is built, locked and checked.
func besideTheCode(file string) bool {
	return file != "" && (tree.IsTest(file) || notOurs.MatchString(file))
}

var notOurs = lazyregexp.New(`(?i)(?:^|/)(?:examples?|samples?|demos?|playground|fixtures?|testdata|bench(?:marks?)?|vendor|node_modules|third[_-]party|deps|stubs?|\.github|\.gitlab|\.circleci|\.vscode|\.idea|\.husky)/` +
	`|(?:^|/)(?:[\w.-]*lock(?:\.\w+)?|[\w.-]*lockfile|go\.sum|go\.mod|[jt]sconfig[\w.-]*\.json|package\.json|composer\.json|Cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|mkdocs\.ya?ml|\.?(?:travis|appveyor|codecov|pre-commit-config|gitlab-ci|goreleaser|golangci|readthedocs|eslintrc|prettierrc|editorconfig)[\w.-]*|(?:phpunit|phpstan|psalm)[\w.-]*|config\.(?:sub|guess)|configure(?:\.ac)?|[\w.-]+\.m4)$`)

type definitionReader struct {
	p        *rampforge.Passage
	lines    []string
	first    int    // the number of the first line
	complete bool   // lines are the whole file
	remark   []bool // lines of comments
	at       int
	columns  []string // of a table: its head
	out      []definition
}

// remarks finds the lines of comments.
func (r *definitionReader) remarks() {
	r.remark = make([]bool, len(r.lines))
	python := strings.HasSuffix(r.p.Path, ".py")
	end := ""
	for i, line := range r.lines {
		bare := strings.TrimSpace(line)
		switch {
		case end != "":
			r.remark[i] = true
			if strings.Contains(bare, end) {
				end = ""
			}
		case python && strings.Count(bare, `"""`) == 1:
			end, r.remark[i] = `"""`, true
		case !python && strings.HasPrefix(bare, "/*") && !strings.Contains(bare, "*/"):
			end, r.remark[i] = "*/", true
		case strings.HasPrefix(bare, "<!--") && !strings.Contains(bare, "-->"):
			end, r.remark[i] = "-->", true
		default:
			r.remark[i] = commented.MatchString(bare) && !directive.MatchString(bare)
			if at := strings.LastIndex(line, "/*"); !python && at > 0 && !strings.Contains(line[at:], "*/") && strings.Count(line[:at], `"`)%2 == 0 && strings.Count(line[:at], "'")%2 == 0 {
				end = "*/"
			}
		}
	}
}

// commented is a line that is nothing but a comment, and directive one that only
// looks so: a macro, an attribute.
var (
	commented = lazyregexp.New(`^(?://|#|\*|/\*|--|;|"""|<!--|%|(?i:rem|dnl)\b)`)
	directive = lazyregexp.New(`^#\s*define\b|^#\[`)
)

func (r *definitionReader) put(name, value string, surely bool) *definition {
	value = balanced(strings.TrimSpace(value))
	bare := strings.Trim(value, "\"'`")
	if len(name) < 2 || bare == "" || len(strings.Fields(bare)) > 3 && !strings.ContainsAny(bare[:1], "0123456789(") || strings.ContainsAny(bare, "%{}$\\") || variableName.MatchString(bare) || strings.EqualFold(bare, name) ||
		patternLike.MatchString(bare) || !ofLiterals(value) {
		return nil
	}
	d := definition{passage: *r.p, name: name, value: value, text: strings.TrimSpace(r.lines[r.at]), surely: surely || strings.Contains(strings.ToLower(name), "default")}
	if r.first > 0 {
		d.line = r.first + r.at
	}
	for at := r.at - 1; at >= 0 && at >= r.at-4; at-- {
		bare := strings.TrimSpace(r.lines[at])
		if !remarked.MatchString(bare) || processed.MatchString(bare) {
			break
		}
		d.above = strings.TrimSpace(strings.TrimLeft(bare, "/#*-; ")) + " " + d.above
	}
	if m := trailing.FindStringSubmatch(r.lines[r.at]); m != nil {
		d.beside = m[1]
	} else if m := explanation.FindStringSubmatch(r.lines[r.at]); m != nil && surely {
		d.beside = m[1]
	}
	d.keys, d.within = r.keys()
	if len(d.keys) > 0 && namesDefault.MatchString(name) { // default: 5, below the name of a property
		d.name, d.keys, d.surely = d.keys[0], d.keys[1:], true
	}
	for i := range r.out {
		if r.out[i].line == d.line && r.out[i].value == d.value && r.out[i].name == d.name {
			return nil
		}
	}
	r.out = append(r.out, d)
	return &r.out[len(r.out)-1]
}

var (
	// variableName is what names something else, and is no value of its own.
	variableName = lazyregexp.New(`^[A-Z][A-Z0-9]*_[A-Z0-9_]+$`)
	// patternLike is a pattern that values must match.
	patternLike  = lazyregexp.New(`\.[*+]|\(\?|^\^|\[[^\]]*\]|\||<\w+`)
	trailing     = lazyregexp.New(`[;,)\s](?://|/\*|#)[ \t]*(.{3,200}?)(?:\*/)?[ \t]*$`)
	explanation  = lazyregexp.New("[\"'`]([^\"'`]+ [^\"'`]+ [^\"'`]+)[\"'`]\\W*$")
	processed    = lazyregexp.New(`^#\s*(?:if|ifdef|ifndef|elif|else|endif|define|undef|include|pragma|error)\b`)
	namesDefault = lazyregexp.New(`^(?:default|default_?[vV]alue)$`)
	operand      = lazyregexp.New(`^(?:\d[\w.]*|[A-Z][A-Z0-9_]+|(?:time|Duration|TimeUnit)\.\w+)$`)
)

// balanced is a value without the brackets that it stands in.
func balanced(value string) string {
	if strings.HasPrefix(value, "(") && strings.HasSuffix(value, ")") && !strings.ContainsAny(value[1:len(value)-1], "()") {
		return strings.TrimSpace(value[1 : len(value)-1])
	}
	for strings.HasSuffix(value, ")") && strings.Count(value, ")") > strings.Count(value, "(") {
		value = strings.TrimSpace(value[:len(value)-1])
	}
	if strings.HasPrefix(value, "(") && strings.Count(value, "(") > strings.Count(value, ")") {
		value = strings.TrimSpace(value[1:])
	}
	return value
}

// ofLiterals reports whether a sum or product is of numbers and units alone.
func ofLiterals(value string) bool {
	if !strings.ContainsAny(value, "*+<") || strings.ContainsAny(value[:1], "\"'`") {
		return true
	}
	for part := range strings.FieldsFuncSeq(strings.Trim(value, "()"), func(c rune) bool { return strings.ContainsRune("*+< \t", c) }) {
		if !operand.MatchString(part) {
			return false
		}
	}
	return true
}

// modifiers stand before what is declared, and typedName behind a type.
var (
	modifiers = lazyregexp.New(`^\s*(?:(?:export|default|pub(?:\(\w+\))?|public|private|protected|internal|static|final|const|constexpr|inline|let|var|val|readonly|mut|local|my|our|volatile|unsigned|signed|override|lateinit)\s+)+`)
	typedName = lazyregexp.New(`(?:^|[\s,{(;])(?:int|long|short|float|double|bool|boolean|char|byte|auto|size_t|ssize_t|u?int\d+(?:_t)?|uint|usize|string|String|Integer|Long|Duration|TimeSpan|std::\S+)[ \t]+(\w+)[ \t]*=`)
)

// row reads a row of a table that has a column of defaults.
func (r *definitionReader) row(line string) {
	if !strings.Contains(line, "|") {
		r.columns = nil
		return
	}
	cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	at := slices.IndexFunc(r.columns, func(s string) bool { return strings.Contains(strings.ToLower(s), "default") })
	switch {
	case r.columns == nil:
		r.columns = cells
	case at > 0 && at < len(cells) && !strings.HasPrefix(cells[at], "--") && !strings.HasPrefix(cells[at], ":-"):
		if d := r.put(strings.Trim(cells[0], "`* "), strings.Trim(cells[at], "`* "), true); d != nil {
			d.told, d.above = true, ""
		}
	}
}

// prose reads the sentences that give a default or a bound.
func (r *definitionReader) prose() {
	text := codeBlock.ReplaceAllStringFunc(r.p.Text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
	line := 0
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		first := line
		line += strings.Count(paragraph, "\n") + 2
		if strings.Contains(paragraph, "|") || len(paragraph) > 4000 || shellOf.MatchString(paragraph) {
			continue
		}
		for _, sentence := range sentencesOf(paragraph) {
			told := ofDefaults.MatchString(sentence)
			if !told && !ofBounds.MatchString(sentence) {
				continue
			}
			value := ""
			if at := ofDefaults.FindStringIndex(sentence); at != nil {
				if value = inProse.FindString(sentence[at[1]:]); value == "" {
					value = inProse.FindString(sentence)
				}
			} else {
				value = numberIn.FindString(sentence)
			}
			if value == "" || strings.ContainsAny(sentence, "<>") { // of markup
				continue
			}
			r.at = min(first+strings.Count(paragraph[:max(0, strings.Index(paragraph, firstWords(sentence)))], "\n"), len(r.lines)-1)
			if d := r.put(sentence, value, told); d != nil {
				d.prose, d.text, d.above, d.told = true, strings.Join(strings.Fields(sentence), " "), "", told
			}
		}
	}
}

// shellOf is a paragraph that is code: indented, or behind a prompt.
var shellOf = lazyregexp.New(`^\n*(?: {4}|\t| {0,3}(?:\$|%|>>>) )`)

// numberIn is a number of a sentence, with what it counts.
var numberIn = lazyregexp.New(`(?i)\b\d[\d,._]*(?:[ \t]?(?:ms|milliseconds?|s|sec(?:ond)?s?|min(?:ute)?s?|h|hours?|days?|weeks?|months?|[kmgt]i?b|bytes?|kilobytes?|megabytes?|gigabytes?|%|percent|requests?|characters?|items?|files?|entries|times|retries|connections?))?\b`)

var sentenceEnds = lazyregexp.New(`[.!?](?:\s+|$)|\n\s*[-*+•]\s`)

func sentencesOf(paragraph string) []string {
	var out []string
	for {
		at := sentenceEnds.FindStringIndex(paragraph)
		if at == nil {
			return append(out, paragraph)
		}
		out = append(out, paragraph[:at[0]+1])
		paragraph = paragraph[at[1]:]
	}
}

func firstWords(sentence string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(sentence), "\n")
	return line
}

// Amounts that are written in different ways.
var (
	amountIn = lazyregexp.New(`(?i)^["'` + "`" + `(]*(-?\d[\d_,]*(?:\.\d+)?)\s*([a-z%]*)`)
	unitIn   = lazyregexp.New(`(?i)time\.(\w+)|(?:from_?|of_?)?(milli|second|sec|minute|min|hour|day|week)s?\b|\.(seconds?|minutes?|hours?|days?|weeks?|kilobytes?|megabytes?|gigabytes?)`)
)

var units = map[string]struct {
	kind string
	of   float64
}{
	"ms": {"time", 0.001}, "millisecond": {"time", 0.001}, "milli": {"time", 0.001}, "s": {"time", 1}, "sec": {"time", 1}, "second": {"time", 1}, "min": {"time", 60}, "minute": {"time", 60}, "m": {"time", 60}, "h": {"time", 3600}, "hour": {"time", 3600},
	"d": {"time", 86400}, "day": {"time", 86400}, "week": {"time", 604800}, "byte": {"size", 1}, "b": {"size", 1}, "kb": {"size", 1024}, "kib": {"size", 1024}, "k": {"size", 1024}, "kilobyte": {"size", 1024},
	"mb": {"size", 1 << 20}, "mib": {"size", 1 << 20}, "megabyte": {"size", 1 << 20}, "gb": {"size", 1 << 30}, "gib": {"size", 1 << 30}, "gigabyte": {"size", 1 << 30}, "%": {"share", 1}, "percent": {"share", 1},
}

// amount is the number that a value is, and what of: a time in seconds, a size in
// bytes, or "" for a bare one; false where it is no number.
func amount(value string) (n float64, kind string, ok bool) {
	bare := strings.Trim(strings.TrimSpace(value), "\"'`()")
	factor := 1.0
	if m := unitIn.FindStringSubmatch(value); m != nil {
		name := strings.TrimSuffix(strings.ToLower(m[1]+m[2]+m[3]), "s")
		if u, known := units[name]; known {
			kind, factor = u.kind, u.of
		}
	}
	if strings.HasPrefix(strings.ToLower(bare), "time.") && !strings.Contains(bare, "*") {
		return factor, kind, kind != ""
	}
	total, some := 1.0, false
	for _, part := range strings.FieldsFunc(bare, func(r rune) bool { return r == '*' }) {
		left, right, shifted := strings.Cut(part, "<<")
		m := amountIn.FindStringSubmatch(strings.TrimSpace(left))
		if m == nil {
			if digits := numberIn.FindString(part); digits != "" && !strings.HasPrefix(strings.TrimSpace(part), "time.") {
				m = amountIn.FindStringSubmatch(digits)
			}
			if m == nil {
				continue
			}
		}
		v, err := strconv.ParseFloat(strings.NewReplacer("_", "", ",", "").Replace(m[1]), 64)
		if err != nil {
			return 0, "", false
		}
		if shifted {
			by, err := strconv.Atoi(strings.TrimSpace(right))
			if err != nil || by < 0 || by > 50 {
				return 0, "", false
			}
			v *= float64(int64(1) << by)
		}
		if u, known := units[strings.TrimSuffix(strings.ToLower(m[2]), "s")]; known && kind == "" {
			kind, factor = u.kind, u.of
		} else if strings.ToLower(m[2]) == "s" && kind == "" {
			kind, factor = "time", 1
		}
		total, some = total*v, true
	}
	return total * factor, kind, some
}
