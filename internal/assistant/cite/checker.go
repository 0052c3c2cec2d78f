package cite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// How much of a claim the cited sources must have, by the rarity of its terms
// among the sources: to stand, to be given a source that it does not name, and to
// be shown with a mark.
const (
	bears   = 0.5
	adopts  = 0.65
	nearly  = 0.4
	unborne = " (not found in the sources)"
)

// Checker holds claims against the sources that they cite. It is for one text:
// it remembers the sources that it read. It is not safe for concurrent use.
type Checker struct {
	// Strict leaves out what is nearly borne out, which is marked else, and
	// sentences that claim nothing: for text that nobody asked for.
	Strict bool

	sources  Sources
	mark     Mark
	splitter *terms.Splitter
	secret   map[string]bool // runs of words of the instructions
	texts    map[int]*sourceText
	borne    int
	marked   int
}

// sourceText is a source as claims are held against it.
type sourceText struct {
	terms   map[string]bool
	plain   string // in lower case
	text    string
	figures map[string]bool
	units   []unit // nil until they are asked for
}

// NewChecker returns a checker of what a model writes from sources between
// marks, told instructions: a block that gives these or the mark away is not
// borne out, whatever it cites. The splitter may be shared within one goroutine;
// nil is a new one.
func NewChecker(sources Sources, mark Mark, instructions string, splitter *terms.Splitter) *Checker {
	if splitter == nil {
		splitter = terms.NewSplitter()
	}
	c := &Checker{sources: sources, mark: mark, splitter: splitter, secret: map[string]bool{}, texts: map[int]*sourceText{}}
	for _, run := range runs(instructions) {
		c.secret[run] = true
	}
	return c
}

// Borne is how many claims, and blocks of code, stood so far.
func (c *Checker) Borne() int { return c.borne }

// Confidence says how much of what was written so far is borne out.
func (c *Checker) Confidence() rampforge.Confidence {
	switch {
	case c.borne == 0:
		return rampforge.ConfidenceLow
	case c.marked == 0:
		return rampforge.ConfidenceHigh
	case c.borne > 2*c.marked:
		return rampforge.ConfidenceMedium
	}
	return rampforge.ConfidenceLow
}

// told is how many words in a row give the instructions away.
const told = 8

// runs are all runs of so many words of a text.
func runs(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	var out []string
	for i := 0; i+told <= len(words); i++ {
		out = append(out, strings.Join(words[i:i+told], " "))
	}
	return out
}

// gives reports whether a text gives the instructions or the mark away.
func (c *Checker) gives(text string) bool {
	if strings.Contains(text, string(c.mark)) || strings.Contains(text, c.mark.nonce()) {
		return true
	}
	for _, run := range runs(text) {
		if c.secret[run] {
			return true
		}
	}
	return false
}

// text is a source by its number, nil where there is none that may be cited.
func (c *Checker) text(n int) *sourceText {
	if t, ok := c.texts[n]; ok {
		return t
	}
	if n < 1 || n > c.sources.Len() {
		return nil
	}
	s, may := c.sources.Source(n)
	if !may {
		return nil
	}
	t := &sourceText{terms: map[string]bool{}, text: s.Text + "\n\n" + s.Title, plain: strings.ToLower(s.Text + "\n" + s.Title + "\n" + s.Path + "\n" + s.Symbol)}
	c.splitter.Scan(t.plain+"\n"+s.Text+"\n"+s.Names, func(term terms.Term) bool {
		t.terms[term.Text] = true
		return true
	})
	t.figures = figures(t.plain)
	c.texts[n] = t
	return t
}

// Check returns what of a block of Markdown is borne out: sentences, with the
// citations of sources that there are, and blocks of code whose lines all stand
// in the sources. "" is nothing. Headings claim what nothing bears and are left
// out. A sentence that cites nothing is given the source that has most of it.
func (c *Checker) Check(block string) string {
	if c.gives(block) {
		return ""
	}
	var out []string
	var code []string
	open := ""
	for line := range strings.SplitSeq(strings.TrimRight(block, "\n"), "\n") {
		bare := strings.TrimSpace(line)
		fenced := strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~")
		switch {
		case open == "" && fenced:
			open, code = bare[:3], []string{line}
		case open != "":
			code = append(code, line)
			if bare == open {
				open = ""
				out = append(out, c.code(code)...)
			}
		default:
			if kept := c.line(line); kept != "" {
				out = append(out, kept)
			}
		}
	}
	if open != "" {
		out = append(out, c.code(append(code, open))...)
	}
	return strings.Join(out, "\n")
}

// code returns a block of code whose lines stand in the sources.
func (c *Checker) code(lines []string) []string {
	stood, all := 0, 0
	for _, line := range lines[1 : len(lines)-1] {
		bare := strings.ToLower(strings.TrimSpace(line))
		if len(bare) < 3 {
			continue
		}
		all++
		for n := range c.sources.Len() {
			if t := c.text(n + 1); t != nil && strings.Contains(t.plain, bare) {
				stood++
				break
			}
		}
	}
	if all == 0 || stood < all {
		return nil // one line that is made up is one too many to be run
	}
	c.borne++
	return lines
}

// sentences end at a full stop, the citations behind it included.
var sentence = lazyregexp.New(`[^.!?]*(?:[.!?](?:\s*\[\d[\d,\s]*\])*(?:\s+|$)|[.!?]|$)`)

// line returns what of a line of prose is borne out.
func (c *Checker) line(line string) string {
	bare := strings.TrimLeft(line, " \t>#*-+0123456789.)")
	lead := line[:len(line)-len(bare)]
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return "" // headings claim what nothing bears
	}
	var out strings.Builder
	var part strings.Builder
	for _, piece := range sentence.FindAllString(bare, -1) {
		part.WriteString(piece)
		if trimmed := strings.TrimRight(piece, " \t"); trimmed == piece && !strings.HasSuffix(bare, part.String()) {
			continue // a full stop inside a name or a number
		}
		out.WriteString(c.claim(part.String()))
		part.Reset()
	}
	out.WriteString(c.claim(part.String()))
	if strings.TrimSpace(out.String()) == "" {
		return ""
	}
	return lead + strings.TrimRight(out.String(), " \t")
}

// claim returns a sentence that is borne out, marked where it nearly is, and ""
// where it is not.
func (c *Checker) claim(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	var cited []int
	for _, m := range Reference.FindAllString(text, -1) {
		for _, n := range Numbers(m) {
			if c.text(n) != nil {
				cited = append(cited, n)
			}
		}
	}
	bare := Reference.ReplaceAllString(text, "")
	words := c.splitter.Terms(bare)
	if len(Telling(words)) == 0 && len(quoted.FindAllString(bare, -1)) == 0 {
		if c.Strict {
			return ""
		}
		return bare // it claims nothing
	}
	if len(cited) > 0 {
		switch borne := c.borneBy(bare, words, cited); {
		case borne >= bears:
			c.borne++
			return keepCited(text, cited)
		case borne >= nearly && !c.Strict:
			c.marked++
			return strings.TrimRight(bare, " \t.") + unborne + ". "
		}
		return ""
	}
	best, most := 0, 0.0
	for n := range c.sources.Len() {
		if c.text(n+1) == nil {
			continue
		}
		if borne := c.borneBy(bare, words, []int{n + 1}); borne > most {
			best, most = n+1, borne
		}
	}
	if most < adopts {
		return ""
	}
	c.borne++
	return strings.TrimRight(bare, " \t") + " [" + strconv.Itoa(best) + "] "
}

// keepCited takes the citations of what is not there out of a text.
func keepCited(text string, cited []int) string {
	return Reference.ReplaceAllStringFunc(text, func(m string) string {
		var out strings.Builder
		for _, n := range Numbers(m) {
			if slices.Contains(cited, n) {
				out.WriteString("[" + strconv.Itoa(n) + "]")
			}
		}
		return out.String()
	})
}

// quoted is what a claim says exactly.
var quoted = lazyregexp.New("`([^`\n]{1,200})`|\"([^\"\n]{1,200})\"")

// figure is a number, its thousands apart or not.
var figure = lazyregexp.New(`\d+(?:[,_]\d{3})*(?:\.\d+)?`)

// figures are the numbers in a text as a whole: 50 says nothing of 5.
func figures(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range figure.FindAllString(text, -1) {
		out[strings.NewReplacer(",", "", "_", "").Replace(m)] = true
	}
	return out
}

// borneBy is which part of a claim some sources have, from 0 to 1. What it says
// exactly, in backticks and in figures, they must have exactly, and what it denies
// they must deny.
func (c *Checker) borneBy(claim string, words []terms.Term, cited []int) float64 {
	for _, m := range quoted.FindAllStringSubmatch(claim, -1) {
		if m[1] != "" && !c.any(cited, func(t *sourceText) bool {
			return strings.Contains(t.plain, strings.ToLower(strings.TrimSuffix(m[1], "()")))
		}) {
			return 0
		}
	}
	for m := range figures(claim) {
		if !c.any(cited, func(t *sourceText) bool { return t.figures[m] }) {
			return 0
		}
	}
	had, all := 0.0, 0.0
	stand, said := 0.0, 0.0 // each word as one: a rare one must not speak for the rest
	for _, t := range words {
		if t.Whole || Light(t.Text) {
			continue
		}
		weight := c.weight(t.Text)
		all += weight
		said++
		if c.any(cited, func(s *sourceText) bool { return s.terms[t.Text] }) {
			had += weight
			stand++
		}
	}
	if all == 0 {
		if c.turns(claim, words, cited) {
			return 0
		}
		return 1
	}
	borne := min(had/all, stand/said)
	if borne >= nearly && c.turns(claim, words, cited) {
		return 0
	}
	return borne
}

func (c *Checker) any(cited []int, has func(*sourceText) bool) bool {
	for _, n := range cited {
		if t := c.text(n); t != nil && has(t) {
			return true
		}
	}
	return false
}

// weight is how rare a term is among the sources. One that none of them has may
// be of the model's own words and weighs as one that half of them have.
func (c *Checker) weight(term string) float64 {
	var in, all int64
	for n := range c.sources.Len() {
		if t := c.text(n + 1); t != nil {
			all++
			if t.terms[term] {
				in++
			}
		}
	}
	if in == 0 {
		in = (all + 1) / 2
	}
	return terms.Rarity(in, all)
}
