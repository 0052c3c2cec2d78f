package assistant

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
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
	blocks  []string // the lines that it stands below, of less depth, the nearest first
	surely  bool     // it says that this is the default
	prose   bool
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
	assigned = regexp.MustCompile(`(?:^|[\s,{(;])["']?(` + ofName + `)["']?[ \t]*(?::[ \t]*[\w.<>\[\]&?| ]{1,40}?[ \t]*=|:=|=>|\?=|=|:|(?:[ \t]+[\w.\[\]*]{1,30})[ \t]+=)[ \t]*(` + ofValue + `)[ \t]*(?:[,;)}\]]|//|#|/\*|--|[ \t]|$)`)
	defined  = regexp.MustCompile(`^\s*#\s*define\s+(\w+)\s+(` + ofValue + `)`)
	tagged   = regexp.MustCompile("^\\s*(\\w+)\\s+[\\w.*\\[\\]]+\\s+`[^`]*\\b(?:default|envDefault|env-default)\\s*[:=]\\s*\"([^\"]*)\"")
	called   = regexp.MustCompile(`(?i)\b\w*(?:flag|default|env|option|arg|setting|config|param|prop|fetch|get|int|duration|bool|string|var)\w*[("'\]]*[ \t]*[(.][^"'\n]{0,60}["']-{0,2}(` + ofName + `)["'][ \t]*,[ \t]*(` + ofValue + `)[ \t]*[,)]`)
	keyword  = regexp.MustCompile(`["']-{0,2}(?:\w, ?--)?(` + ofName + `)[^"'\n]*["'].{0,160}?\bdefault(?:_value|_value_t|Value)?[ \t]*[=:(]+[ \t]*(` + ofValue + `)`)
	fallback = regexp.MustCompile(`(` + ofName + `)["')\]]*[ \t]*(?:\|\||\?\?|\bor\b|\.unwrap_or\(|\.orElse\(|\?:)[ \t]*(` + ofValue + `)`)
	fetched  = regexp.MustCompile(`fetch\(["'](\w+)["']\)[ \t]*\{[ \t]*(` + ofValue + `)`)
	expanded = regexp.MustCompile(`\$\{([A-Za-z_][\w.-]*):[-=]?([^}$\s]{1,80})\}`)
	setEnv   = regexp.MustCompile(`^\s*ENV\s+(\w+)[ =](\S+)`)
	exposed  = regexp.MustCompile(`^\s*EXPOSE\s+(\d+)`)
	attached = regexp.MustCompile(`\bdefault_value(?:_t)?[ \t]*=[ \t]*(` + ofValue + `)`)
	declared = regexp.MustCompile(`^\s*(?:pub\s+)?(\w+)\s*:`)
	plainSet = regexp.MustCompile(`^\s*#?\s*(?:export\s+)?["']?(` + ofName + `)["']?\s*[:=]\s*([^\s#"'{}\[\]]{1,80})\s*(?:#.*|;.*)?$`)

	// ofDefaults and ofBounds are sentences that say what a value is where nobody sets
	// it, and how far it may go.
	ofDefaults = regexp.MustCompile(`(?i)\b(defaults?(?: value)?(?: is| to|:| of|s to)?|by default)\b`)
	ofBounds   = regexp.MustCompile(`(?i)\b(at most|up to|maximum|max\.?|limit(?:ed|s)?|no more than|at least|minimum|must not exceed|within|expires?|times? out|timeout|every|after|for|listens?|port)\b`)
	inProse    = regexp.MustCompile("(?i)`[^`\n]{1,60}`|\\b\\d[\\d,._]*(?:[ \\t]?(?:ms|milliseconds?|s|sec(?:ond)?s?|min(?:ute)?s?|h|hours?|days?|weeks?|months?|[kmgt]i?b|bytes?|kilobytes?|megabytes?|gigabytes?|%|percent|requests?|characters?|items?|files?|entries|times|retries|connections?))?\\b")
	configFile = regexp.MustCompile(`(?i)\.(?:env|ini|cfg|conf|properties|toml|ya?ml)$|(?:^|/)\.?env[._-]|\.env\.`)
)

// definitionsIn finds the definitions of a passage.
func definitionsIn(p *rampforge.Passage) []definition {
	if p.Kind == rampforge.PassageCommit || p.Kind == rampforge.PassageReport || p.Kind == rampforge.PassagePullRequest {
		return nil // of another time, or of no line
	}
	r := definitionReader{p: p, lines: strings.Split(p.Text, "\n")}
	document := p.Kind != rampforge.PassageCode && p.Kind != rampforge.PassageFile
	for i, line := range r.lines {
		if len(line) > 500 || strings.TrimSpace(line) == "" {
			continue
		}
		r.at = i
		if document {
			r.row(line)
		}
		r.code(line, !document)
	}
	if document {
		r.prose()
	}
	return r.out
}

type definitionReader struct {
	p       *rampforge.Passage
	lines   []string
	at      int
	columns []string // of a table: its head
	out     []definition
}

func (r *definitionReader) put(name, value string, surely bool) {
	value = strings.TrimSpace(value)
	bare := strings.Trim(value, "\"'`")
	if len(name) < 2 || bare == "" || len(strings.Fields(bare)) > 3 && !strings.ContainsAny(bare[:1], "0123456789(") || strings.ContainsAny(bare, "%{}$\\") || variableName.MatchString(bare) || strings.EqualFold(bare, name) {
		return
	}
	d := definition{passage: *r.p, name: name, value: value, text: strings.TrimSpace(r.lines[r.at]), surely: surely || strings.Contains(strings.ToLower(name), "default")}
	if r.p.StartLine > 0 {
		d.line = r.p.StartLine + r.at
	}
	for at := r.at - 1; at >= 0 && at >= r.at-4; at-- {
		bare := strings.TrimSpace(r.lines[at])
		if !remarked.MatchString(bare) {
			break
		}
		d.above = strings.TrimSpace(strings.TrimLeft(bare, "/#*-; ")) + " " + d.above
	}
	d.blocks = r.blocks()
	for i := range r.out {
		if r.out[i].line == d.line && r.out[i].value == d.value && r.out[i].name == d.name {
			return
		}
	}
	r.out = append(r.out, d)
}

// variableName is what names something else, and is no value of its own.
var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9]*_[A-Z0-9_]+$`)

// blocks are the lines that lead to the one that is read.
func (r *definitionReader) blocks() (out []string) {
	depth := depthOf(r.lines[r.at])
	for at := r.at - 1; at >= max(0, r.at-60) && depth > 0 && len(out) < 3; at-- {
		line := r.lines[at]
		if bare := strings.TrimSpace(line); bare == "" || remarked.MatchString(bare) || strings.ContainsRune("})]", rune(bare[0])) {
			continue
		}
		if d := depthOf(line); d < depth {
			depth = d
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func depthOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// remarked is a line of a comment.
var remarked = regexp.MustCompile(`^(?://|#|\*|/\*|--|;|@|"""|<!--)`)

func (r *definitionReader) code(line string, code bool) {
	line = modifiers.ReplaceAllString(line, "")
	for _, form := range []struct {
		of     *regexp.Regexp
		surely bool
	}{{tagged, true}, {called, true}, {keyword, true}, {fetched, true}, {expanded, true}, {fallback, true}, {defined, false}, {setEnv, false}, {assigned, false}} {
		if form.of == fallback && !code {
			continue
		}
		for _, m := range form.of.FindAllStringSubmatch(line, 6) {
			name := m[1]
			if typed := typedName.FindStringSubmatch(m[0]); form.of == assigned && typed != nil {
				name = typed[1]
			}
			r.put(name, m[len(m)-1], form.surely)
		}
	}
	if m := exposed.FindStringSubmatch(line); m != nil {
		r.put("port", m[1], false)
	}
	if m := attached.FindStringSubmatch(line); m != nil && r.at+1 < len(r.lines) {
		if name := declared.FindStringSubmatch(r.lines[r.at+1]); name != nil {
			r.put(name[1], m[1], true)
		}
	}
	if configFile.MatchString(r.p.Path) {
		if m := plainSet.FindStringSubmatch(line); m != nil {
			r.put(m[1], m[2], false)
		}
	}
}

// modifiers stand before what is declared, and typedName behind a type.
var (
	modifiers = regexp.MustCompile(`^\s*(?:(?:export|default|pub(?:\(\w+\))?|public|private|protected|internal|static|final|const|constexpr|inline|let|var|val|readonly|mut|local|my|our|volatile|unsigned|signed|override|lateinit)\s+)+`)
	typedName = regexp.MustCompile(`(?:^|[\s,{(;])(?:int|long|short|float|double|bool|boolean|char|byte|auto|size_t|ssize_t|u?int\d+(?:_t)?|uint|usize|string|String|Integer|Long|Duration|TimeSpan|std::\S+)[ \t]+(\w+)[ \t]*=`)
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
		r.put(strings.Trim(cells[0], "`* "), strings.Trim(cells[at], "`* "), true)
	}
}

// prose reads the sentences that give a default or a bound.
func (r *definitionReader) prose() {
	text := codeBlock.ReplaceAllStringFunc(r.p.Text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
	line := 0
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		first := line
		line += strings.Count(paragraph, "\n") + 2
		if strings.Contains(paragraph, "|") || len(paragraph) > 4000 {
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
			if value == "" {
				continue
			}
			r.at = min(first+strings.Count(paragraph[:max(0, strings.Index(paragraph, firstWords(sentence)))], "\n"), len(r.lines)-1)
			before := len(r.out)
			r.put(sentence, value, told)
			if len(r.out) > before {
				d := &r.out[len(r.out)-1]
				d.prose, d.text, d.above = true, strings.Join(strings.Fields(sentence), " "), ""
			}
		}
	}
}

// numberIn is a number of a sentence, with what it counts.
var numberIn = regexp.MustCompile(`(?i)\b\d[\d,._]*(?:[ \t]?(?:ms|milliseconds?|s|sec(?:ond)?s?|min(?:ute)?s?|h|hours?|days?|weeks?|months?|[kmgt]i?b|bytes?|kilobytes?|megabytes?|gigabytes?|%|percent|requests?|characters?|items?|files?|entries|times|retries|connections?))?\b`)

var sentenceEnds = regexp.MustCompile(`[.!?](?:\s+|$)|\n\s*[-*+•]\s`)

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
	amountIn = regexp.MustCompile(`(?i)^["'` + "`" + `(]*(-?\d[\d_,]*(?:\.\d+)?)\s*([a-z%]*)`)
	unitIn   = regexp.MustCompile(`(?i)time\.(\w+)|(?:from_?|of_?)?(milli|second|sec|minute|min|hour|day|week)s?\b|\.(seconds?|minutes?|hours?|days?|weeks?|kilobytes?|megabytes?|gigabytes?)`)
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
