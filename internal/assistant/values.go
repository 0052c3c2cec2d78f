package assistant

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// measure is what sort of value a question asks for, and the words that names of
// such values have.
type measure struct {
	form  *lazyregexp.Regexp
	kind  string // time, size; "" for any number
	words string
}

// ofPorts are the words of names of ports.
const ofPorts = "port address addr listen"

var measures = []measure{
	{lazyregexp.New(`(?i)\bhow (large|big|small|heavy|wide|high)\b|\b(max(imum)?|min(imum)?|largest|biggest|default) (\w+ ){0,2}size\b|\bsize limit\b`), "size", "size limit max maximum bytes byte length quota mb kb"},
	{lazyregexp.New(`(?i)\b(after )?how (long|soon|quickly|old)\b|\bwhen (do|does) .*\b(expire|time out)\b`), "time", "timeout time duration ttl expiry expire expires expiration lifetime age interval deadline period delay keep retention patience seconds minutes hours days within wait validity length"},
	{lazyregexp.New(`(?i)\bhow (often|frequently)\b`), "time", "interval period every cron schedule frequency tick refresh rate"},
	{lazyregexp.New(`(?i)\bhow (many|much)\b`), "", "max maximum limit count number most attempts retries size quota min minimum default per"},
	{lazyregexp.New(`(?i)\b(which|what) (\w+ )?ports?\b|\bport (does|is|do)\b|\bdefault (\w+ )?port\b`), "", ofPorts},
	{lazyregexp.New(`(?i)\b(maximum|minimum|max|min|upper bound|lower bound|limit|limits|quota|threshold)\b`), "", "max maximum min minimum limit quota threshold bound most size count"},
	{lazyregexp.New(`(?i)\b(timeouts?|time-outs?|ttl|expiry|interval)\b`), "time", "timeout time ttl expiry expire interval deadline period seconds minutes hours days ms millis duration"},
	{lazyregexp.New(`(?i)\b(defaults?|by default|default value)\b`), "any", ""},
}

var (
	asksValueForm = lazyregexp.New(`(?i)^\W*((and|but|so|on|after|for|to|at|up)\W+)*(what|which|how (large|big|small|long|many|much|often|frequently|old|soon|quickly|high|wide|heavy)|is there)\b`)
	// certain are how often and how much something may be, not how many there are.
	permitted = lazyregexp.New(`(?i)\b(may|can|could|must|should|allowed|permitted|at most|maximum|max|limit|default|until|before|wait|waits|kept|keep|keeps|last|lasts|live|valid|stay|often|retried|retries|attempts|expire|size|long|soon|listen|listens)\b`)
	// ofMeasures are words that say only that a value is asked for.
	ofMeasures = set(`default defaults value values maximum minimum max min limit limits allowed permitted upper lower bound large big long many much often frequently old soon quickly high wide heavy small at most may can must
		should be is are does do it the a an of for on in to by listen listens bind binds serve serves run runs set configured configuration setting settings size per before until after wait waits kept keep last lasts live lives stay valid
		there which what how time number count length up one single each server application app service program project threshold quota expire expires long taken take takes port ports`)
	plainly = set(`port ports size length timeout count number time limit`)
)

// measureOf is what sort of value a question asks for; nil for none.
func measureOf(text string) *measure {
	if !asksValueForm.MatchString(text) {
		return nil
	}
	for i := range measures {
		if m := &measures[i]; m.form.MatchString(text) {
			if strings.HasPrefix(m.words, "max maximum limit count") && !permitted.MatchString(text) {
				return nil // of how many there are
			}
			return m
		}
	}
	return nil
}

// valueTopic are the terms of which value is asked for.
func valueTopic(text string) []string {
	pick := func(leave map[string]bool) []string {
		var words []string
		for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;:?!\"'`()", r) }) {
			if low := strings.ToLower(strings.Trim(w, ".")); !leave[low] {
				words = append(words, w)
			}
		}
		var out []string
		for _, t := range terms.NewSplitter().Terms(strings.Join(words, " ")) {
			if !t.Whole && (!cite.Light(t.Text) || leave == nil) {
				out = append(out, t.Text)
			}
		}
		return out
	}
	if out := pick(ofMeasures); len(out) > 0 {
		return out
	}
	// "which port", "what is the size limit": the measure is the subject.
	bare := map[string]bool{}
	for w := range ofMeasures {
		if !plainly[w] {
			bare[w] = true
		}
	}
	return pick(bare)
}

const (
	maxValues     = 4
	leastValue    = 0.7 // of the rarity of what is asked for a definition must have,
	ofMeasure     = 0.3 // what such a term is worth beside those that say of what
	leastNamed    = 0.4 // and one whose name has the rarest of it and says what is measured
	nearTheBest   = 0.35
	asGood        = 0.001
	valuePassages = 30 // of each search
)

// found is a definition with how well it fits.
type fitting struct {
	definition

	score, covers float64
	extra         int  // terms of its name that are not asked for
	whole         bool // its name says nothing but what is asked for
}

// sayValues tells the values that are asked for, from the lines that define them.
func (d *dossier) sayValues(ctx context.Context, c *composition) error {
	m := measureOf(d.asked.text)
	topic := valueTopic(d.asked.text)
	if m == nil || len(topic) == 0 {
		return nil
	}
	passages, err := d.valuePassages(ctx, m, topic)
	if err != nil {
		return err
	}
	var list []fitting
	files := d.wholeFiles(ctx, passages)
	for i := range passages {
		for _, v := range definitionsIn(&passages[i], files[passages[i].Path]) {
			if f, ok := d.fits(v, m, topic); ok {
				list = append(list, f)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b fitting) int { return cmp.Compare(b.score, a.score) })
	switch d.sayFitting(c, list); {
	case c.fact || len(c.blocks) > 0:
	case m.words != "":
		c.silence = "No constant, flag, setting or sentence that was found gives this value."
		d.ofValue = true
	default:
		c.unsure = true
		c.sayf("No line was found that gives this value. These passages speak of %s:", d.written(topic))
	}
	return nil
}

// wholeFiles are the files that passages are parts of: of a part alone one cannot
// say whether a line is of the body of a function.
func (d *dossier) wholeFiles(ctx context.Context, passages []rampforge.Passage) map[string]string {
	out := map[string]string{}
	if d.Files == nil || d.repository == nil || d.code == nil {
		return out
	}
	var paths []string
	for i := range passages {
		p := &passages[i]
		if (p.Kind == rampforge.PassageCode || p.Kind == rampforge.PassageFile) && p.Commit == d.code.Index.Commit && !besideTheCode(p.Path) && !slices.Contains(paths, p.Path) {
			paths = append(paths, p.Path)
		}
	}
	err := d.texts(ctx, paths, func(file, content string) { out[file] = content })
	d.note(ctx, "the files that values are defined in", err)
	return out
}

// sayFitting tells the definition that fits best. Others follow where they fit as
// well, or where a document gives what code defines.
func (d *dossier) sayFitting(c *composition, list []fitting) {
	var told []fitting
	said := map[string]bool{}
	for i := range list {
		f := &list[i]
		key := f.passage.Path + "\x00" + strings.ToLower(f.name) + "\x00" + f.value
		place := fmt.Sprint(f.passage.Key, "\x00", f.line)
		if said[key] || said[place] || len(told) == maxValues {
			continue
		}
		if len(told) > 0 {
			best := &told[0]
			asWell := f.score >= best.score-asGood && f.weakly == best.weakly && f.surely == best.surely
			other := f.score >= best.score-nearTheBest && isDocument(f) != isDocument(best) && f.covers >= best.covers-asGood && sameName(f, best)
			if !asWell && !other {
				continue
			}
		}
		said[key], said[place] = true, true
		told = append(told, *f)
	}
	if len(told) == 0 {
		return
	}
	c.fact = true
	different := map[string]bool{}
	for i := range told {
		if !isDocument(&told[i]) {
			different[told[i].value] = true
		}
	}
	c.cautious = told[0].weakly || told[0].extra > 0 || told[0].prose && !told[0].told || len(different) > 1
	numbers := make([]int, len(told))
	for i := range told {
		numbers[i] = d.sayDefinition(c, &told[i], i < 2)
	}
	for i := range told {
		for j := i + 1; j < len(told); j++ {
			if a, b := &told[i], &told[j]; contradict(a, b) {
				c.conflict = true
				c.sayf("The sources disagree: it is %s in one [%d] and %s in another [%d].", markdown.Span(strings.Trim(a.value, "`")), numbers[i], markdown.Span(strings.Trim(b.value, "`")), numbers[j])
				return
			}
		}
	}
}

// sayDefinition says what a line or a sentence defines, and is the number of its
// source.
func (d *dossier) sayDefinition(c *composition, f *fitting, explained bool) int {
	p := f.passage
	if f.line > 0 {
		p = around(p, f.line)
	}
	n := d.cite(p, 1)
	where := markdown.Span(p.Path)
	if p.Path == "" {
		where = headline(&p)
	}
	if f.line > 0 {
		where += fmt.Sprintf(", line %d", f.line)
	}
	if f.prose {
		c.sayf("%s says: “%s” [%d]", where, markdown.Quote(firstSentences(f.text, 300)), n)
		return n
	}
	as := "is"
	switch {
	case f.surely:
		as = "is by default"
	case f.weakly:
		as = "is set to"
	}
	of := ""
	if len(f.keys) > 0 && !strings.ContainsAny(f.name, "_.-") && f.keys[0] != f.name {
		of = " of " + markdown.Span(f.keys[0])
	}
	c.sayf("%s%s %s %s, in %s. [%d]", markdown.Span(f.name), of, as, markdown.Span(strings.Trim(f.value, "`")), where, n)
	if note := cmp.Or(f.above, f.beside); note != "" && explained {
		c.sayf("> %s [%d]", markdown.Quote(firstSentences(note, 240)), n)
	}
	return n
}

// sameName reports whether a document speaks of what code defines by its very name,
// or the other way round.
func sameName(a, b *fitting) bool {
	if isDocument(b) {
		a, b = b, a
	}
	if !a.prose {
		return squeeze(a.name) == squeeze(b.name)
	}
	s := terms.NewSplitter()
	in := map[string]bool{}
	for _, t := range s.Terms(a.text) {
		in[t.Text] = true
	}
	for _, t := range s.Terms(b.name) {
		if !t.Whole && !besides[t.Text] && !bounding[t.Text] && !has(in, t.Text) {
			return false
		}
	}
	return true
}

// bounding are terms of names that say that a value is a bound.
var bounding = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("max maximum min minimum limit size") {
		out[t.Text] = true
	}
	return out
}()

// blockName is the name that begins a block: server:, [server], SSL: &Config{.
var blockName = lazyregexp.New(`^["'\[]*([A-Za-z_][\w.-]*)["'\]]*\s*(?::=|[:=]|$)`)

// inBytes is how code writes numbers of bytes.
var inBytes = lazyregexp.New(`<<|\b1024\b`)

// contradict reports whether what a document says of a default or a bound differs
// from what code defines under that very name. An example in a document may well
// differ.
func contradict(a, b *fitting) bool {
	if a.passage.Key == b.passage.Key || a.weakly || b.weakly || isDocument(a) == isDocument(b) || !sameName(a, b) {
		return false
	}
	if said := a; isDocument(said) && !said.told && !firmBound.MatchString(said.text) {
		return false
	}
	if said := b; isDocument(said) && !said.told && !firmBound.MatchString(said.text) {
		return false
	}
	x, kind, ok := amount(a.value)
	y, other, also := amount(b.value)
	if kind == "size" && other == "" && inBytes.MatchString(b.value) || other == "size" && kind == "" && inBytes.MatchString(a.value) {
		kind = other // a bare number of bytes
	}
	return ok && also && kind == other && math.Abs(x-y) > 1e-9*math.Max(math.Abs(x), math.Abs(y))
}

// firmBound is a sentence that gives a bound.
var firmBound = lazyregexp.New(`(?i)\b(at most|no more than|must not exceed|limited to|the maximum|the limit)\b`)

func isDocument(f *fitting) bool {
	return f.passage.Kind != rampforge.PassageCode && f.passage.Kind != rampforge.PassageFile
}

// valuePassages are those in which definitions are looked for.
func (d *dossier) valuePassages(ctx context.Context, m *measure, topic []string) ([]rampforge.Passage, error) {
	seen := map[int64]bool{}
	var out []rampforge.Passage
	add := func(hits []search.Hit) {
		for i := range hits[:min(len(hits), valuePassages)] {
			if !seen[hits[i].ID] {
				seen[hits[i].ID] = true
				out = append(out, hits[i].Passage)
			}
		}
	}
	add(d.hits)
	kinds := []rampforge.PassageKind{rampforge.PassageCode, rampforge.PassageFile, rampforge.PassageDocument, rampforge.PassagePage, rampforge.PassageKnowledge}
	words := strings.Join(topic, " ")
	more := strings.Fields(m.words)
	for _, text := range []string{words + " default config", words + " " + strings.Join(more[:min(len(more), 5)], " "), "const max default " + words} {
		found, err := search.Ask(ctx, d.Store, d.question.Viewer, d.question.Project.ID, search.Question{Text: text, Kinds: kinds})
		if err != nil {
			return nil, err
		}
		for _, t := range found.Terms {
			if _, known := d.rarity[t.Term]; !known {
				d.rarity[t.Term] = t.Rarity
			}
		}
		add(found.Hits)
	}
	return out, nil
}

// fits weighs a definition: whether its name, its line, the comment above and what
// it stands in speak of what is asked for.
func (d *dossier) fits(v definition, m *measure, topic []string) (fitting, bool) {
	f := fitting{definition: v, whole: true}
	_, kind, isNumber := amount(v.value)
	if m.words == ofPorts && !listening(&v, d.asked.text) || v.prose && m.kind != "any" && !strings.ContainsAny(v.value, "0123456789") {
		return f, false
	}
	if v.prose && !v.told && (m.kind == "time" || m.kind == "size") && kind != m.kind {
		return f, false
	}
	if m.kind != "any" && !isNumber || m.kind != "" && m.kind != "any" && kind != "" && kind != m.kind {
		return f, false
	}
	if truth := strings.ToLower(v.value); m.kind == "any" && !v.surely && (nothing[v.value] || truth == "true") && !configFile.MatchString(v.passage.Path) {
		return f, false // a variable that code sets as it runs
	}
	if says := strings.Join(append(append([]string{v.name, v.above, v.beside, v.passage.Symbol}, v.keys...), v.text), " "); wrongBound(d.asked.text, v.name, says) {
		return f, false
	}
	if m.kind == "any" && v.prose && !v.told {
		return f, false
	}
	if m.kind == "any" && !isNumber && counted.MatchString(d.asked.text) {
		return f, false
	}
	measured := map[string]bool{}
	d.splitter.Scan(m.words+" default", func(t terms.Term) bool { measured[t.Text] = true; return true })
	name, above, context := d.set(v.name), d.set(v.above+" "+v.beside), d.set(v.passage.Symbol+" "+v.passage.Title+" "+v.passage.Path)
	if v.prose {
		name = d.set(v.text)
	}
	keys := d.set(strings.Join(append(v.keys, v.within...), " ") + " " + v.passage.Symbol)
	switch {
	case isDocument(&f):
		keys = d.set(v.passage.Title + " " + v.text)
	case configFile.MatchString(v.passage.Path) || inConfig.MatchString(v.passage.Path):
		maps.Copy(keys, d.set(strings.TrimSuffix(path.Base(v.passage.Path), path.Ext(v.passage.Path))))
	}
	for t := range name {
		if !v.prose && !hasAny(topic, t) && !measured[t] && !besides[t] {
			f.whole = false
			f.extra++
		}
	}
	if f.extra > 1 && countOf.MatchString(d.asked.text) {
		return f, false // it counts something else
	}
	sum, all := 0.0, 0.0
	rarest, inName := "", false
	of := 0.0 // the rarity of what the measure is of
	for _, t := range topic {
		if !ofAnything[t] {
			of = max(of, d.rarity[t], 0.1)
		}
	}
	for _, t := range topic {
		if !ofAnything[t] && !hasShort(name, t) && !hasShort(above, t) && !hasShort(keys, t) {
			return f, false // it is of something else
		}
		weight := max(d.rarity[t], 0.1)
		if ofAnything[t] && of > 0 {
			weight = ofMeasure * of
		}
		all += weight
		if rarest == "" || d.rarity[t] > d.rarity[rarest] && (!ofAnything[t] || len(topic) == 1) || ofAnything[rarest] {
			rarest = t
		}
		switch {
		case hasShort(name, t):
			sum += weight
			inName = true
		case hasShort(above, t):
			sum += 0.85 * weight
			inName = true
		case hasShort(keys, t):
			sum += 0.8 * weight
		case f.whole && hasShort(context, t): // what a name is of that says nothing else
			sum += 0.75 * weight
		}
	}
	if !v.prose && len(v.keys) > 0 && !slices.ContainsFunc(topic, func(t string) bool { return !ofAnything[t] && !ofMuch[t] }) && slices.ContainsFunc(v.keys, func(key string) bool {
		return !ofAll.MatchString(key) && !slices.ContainsFunc(topic, func(t string) bool { return hasShort(d.set(key), t) })
	}) {
		return f, false // the host of what, is not said: not that of this
	}
	if of == 0 && !f.whole && !v.prose {
		return f, false // which timeout is asked for, if any, is not said: it is no other one
	}
	if of > 0 && !v.prose && v.beside == "" && !slices.ContainsFunc(topic, func(t string) bool { return !ofAnything[t] && (hasShort(name, t) || hasShort(keys, t)) }) {
		return f, false // a comment tells of much
	}
	f.covers = sum / all
	f.score = f.covers
	isMeasured := func(in map[string]bool) bool {
		for t := range in {
			if measured[t] && t != "default" {
				return true
			}
		}
		return kind != "" && kind == m.kind
	}
	least := leastValue
	switch {
	case m.words == "":
		if !inName {
			return f, false
		}
	case isMeasured(name):
		f.score += 0.3
		if !v.prose && hasShort(name, rarest) {
			least = leastNamed
		}
	case isMeasured(above) && inName:
		f.score += 0.15
	case m.kind == "" && f.whole && inName && f.covers > 0.99: // it is called as what is counted
	default:
		return f, false
	}
	if f.covers < least {
		return f, false
	}
	if !f.whole {
		f.score -= 0.05 * float64(min(len(name), 4))
	}
	switch {
	case v.surely:
		f.score += 0.15
	case v.prose:
		f.score += 0.05
	case v.above != "" || strings.ToUpper(v.name) == v.name || configFile.MatchString(v.passage.Path):
		f.score += 0.1
	}
	if v.weakly {
		f.score -= 0.1
	}
	if nothing[strings.Trim(v.value, "\"'`")] {
		f.score -= 0.2 // it is set later
	}
	return f, true
}

// inConfig is a folder of settings that are written as code.
var inConfig = lazyregexp.New(`(?i)(?:^|/)(?:config|conf|settings)/[^/]+$`)

// listening reports whether a value is a port on which something listens: not one
// that it connects to, unless that is asked for.
func listening(v *definition, question string) bool {
	m := portOf.FindStringSubmatch(strings.Trim(v.value, "\"'`"))
	if m == nil {
		return false
	}
	if port, err := strconv.Atoi(m[1]); err != nil || port < 1 || port > 65535 {
		return false
	}
	if v.prose {
		return v.told && listens.MatchString(v.text) || listensOn.MatchString(v.text)
	}
	where := strings.Join(append([]string{v.name}, v.keys...), " ")
	for _, other := range connects.FindAllString(where, -1) {
		if !strings.Contains(strings.ToLower(question), strings.ToLower(other)) {
			return false
		}
	}
	where += " " + v.above + " " + v.beside + " " + v.passage.Path
	return v.surely && strings.EqualFold(v.name, "port") || container.MatchString(v.passage.Path) || listens.MatchString(strings.Join(strings.FieldsFunc(where, func(r rune) bool { return strings.ContainsRune("_-./", r) }), " "))
}

var (
	portOf    = lazyregexp.New(`^(?:[\w.*\[\]-]*:)?(\d{2,5})$`)
	listens   = lazyregexp.New(`(?i)\b(?:listen\w*|serve[rs]?|bind\w*|compose|dev ?server|runs? (?:on|at)|(?:web|http|app|api|vite|nuxt|puma|gunicorn|uvicorn|redis|nginx)|(?:conf|config|application)(?: ya?ml| toml| conf| properties)?$)\b|\blisten|Server\b`)
	listensOn = lazyregexp.New(`(?i)\b(?:listens?|listening|served?|runs?|running|available) (?:by default )?(?:on|at) (?:port )?\W?(?:[\w.*-]*:)?\d{2,5}\b`)
	connects  = lazyregexp.New(`(?i)ftp|smtp|mail|imap|pop3|database|mysql|mariadb|postgres\w*|pgsql|sqlsrv|mongo\w*|redis|memcached?|ldap|proxy|client|sftp|ssh|remote|mqtt|amqp|rabbit\w*|kafka|elastic\w*|meili\w*|typesense|upstream|peer|sentinel|pusher|debug\w*`)
)

var (
	asksMost  = lazyregexp.New(`(?i)\b(?:max(?:imum)?|upper bound|at most|largest|biggest)\b`)
	asksLeast = lazyregexp.New(`(?i)\b(?:min(?:imum)?|lower bound|at least|smallest)\b`)
	saysMost  = lazyregexp.New(`(?i)max|limit|most|quota|bound|\bcap\b|capacity|upper|up to|exceed|larg|more than`)
	saysLeast = lazyregexp.New(`(?i)(?:^|[^a-z])min(?:imum|[^a-z]|$)|min[A-Z]|least|lower|small|(?:^|[a-z_])Min`)
)

// wrongBound reports whether a question asks for the most, or the least, and a
// definition does not say that it is that.
func wrongBound(question, name, says string) bool {
	most, least := asksMost.MatchString(question), asksLeast.MatchString(question)
	if most == least {
		return false
	}
	if most {
		return !saysMost.MatchString(says) || saysLeast.MatchString(name) && !saysMost.MatchString(name)
	}
	return !saysLeast.MatchString(says) || saysMost.MatchString(name) && !saysLeast.MatchString(name)
}

// nothing are values that say only that there is none yet.
var nothing = map[string]bool{"0": true, "false": true, "nil": true, "null": true, "None": true, "False": true, "-1": true}

// ofAnything are terms that say what is measured and not of what.
var ofAnything = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("period interval size timeout duration length count number time limit rate seconds") {
		out[t.Text] = true
	}
	return out
}()

// ofMuch are terms of settings that many things have, and ofAll what holds those of
// the whole.
var ofMuch = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("host hostname port url uri address name path user username password key token type mode driver prefix level") {
		out[t.Text] = true
	}
	return out
}()

// countOf asks how many of something there may be.
var countOf = lazyregexp.New(`(?i)\b(?:number|count) of\b|\bhow many\b`)

var ofAll = lazyregexp.New(`(?i)server|app\b|application|main|config|default|setting|option|args|flags|common|global|http|listen|return|services|environment|env\b`)

// counted asks for a number.
var counted = lazyregexp.New(`(?i)\b(number|count|amount|size)\b`)

// besides are terms of names that say nothing of which value it is.
var besides = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("default config cfg option opt flag env setting server app value const the") {
		out[t.Text] = true
	}
	return out
}()

// set are the terms of a text.
func (d *dossier) set(text string) map[string]bool {
	out := map[string]bool{}
	d.splitter.Scan(text, func(t terms.Term) bool {
		if !t.Whole {
			out[t.Text] = true
		}
		return true
	})
	return out
}

// hasAny reports whether some terms have one, or what stands for it.
func hasAny(list []string, term string) bool {
	return slices.ContainsFunc(list, func(t string) bool {
		return t == term || slices.Contains(terms.Same(t), term) || len(term) >= 4 && strings.HasPrefix(t, term)
	})
}

// hasShort is has where names write a term in short: pass for password.
func hasShort(in map[string]bool, term string) bool {
	if has(in, term) {
		return true
	}
	for t := range in {
		if len(t) >= 4 && strings.HasPrefix(term, t) {
			return true
		}
	}
	return false
}

// has reports whether a set has a term, or what stands for the same.
func has(in map[string]bool, term string) bool {
	if in[term] {
		return true
	}
	return slices.ContainsFunc(terms.Same(term), func(other string) bool { return in[other] })
}
