package assistant

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
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
