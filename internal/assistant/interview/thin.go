package interview

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// Why an answer is thin.
const (
	ThinEvasive  = "evasive"      // "it depends", "historical reasons", "see the code"
	ThinRestates = "restates"     // says what the question or the code says
	ThinReason   = "no_reason"    // a reason was asked for
	ThinConcrete = "not_concrete" // no name, value or condition
	ThinShort    = "short"
)

// What an answer should hold.
const (
	NeedReason   = "reason"
	NeedConcrete = "concrete"
)

// Verdict says why an answer is thin, and what to ask again.
type Verdict struct {
	Thin  []string // empty where it will do
	Probe string   // "" where nothing is to be asked
}

// The bounds of the rules.
const (
	fewWords     = 8  // fewer do not tell a story
	newTerms     = 3  // fewer words of its own, and an answer says again what was known
	quotedWords  = 12 // of an answer in what is asked again
	enoughToTell = 10 // words from which on it shows whether a text is English
	englishShare = 0.12
)

var (
	unknownForm = lazyregexp.New(`(?i)^\W*(?:sorry\W+)?(?:i (?:really |honestly |simply |just )?)?(?:(?:do not|don['’]?t|did not|didn['’]?t|cannot|can not|can['’]?t|no longer) (?:really )?(?:know|remember|recall|say)|never knew|have no (?:idea|clue)|no (?:idea|clue))(?:[\s,;]+(?:any ?more|that|this|it|why|either|sorry|at all|of that))*\W*$|^\W*unknown\W*$`)
	hedge       = lazyregexp.New(`(?i)\bnobody (?:really )?knows\b|\b(?:do not|don['’]?t) (?:really )?(?:know|remember)\b|\bnot (?:really |quite |entirely )?sure\b|\bno idea\b|\bcan['’]?t remember\b`)
	referral    = lazyregexp.New(`(?i)\b(?:ask|talk to|speak to|contact|would know|look (?:in|at)|documented in|written (?:down )?in)\b`)

	reasonForm = lazyregexp.New(`(?i)\b(?:because|since|so that|otherwise|or else|in order to|due to|thanks to|as a result|the reason|that['’]?s why|which is why|caused?|led to|leads to|to (?:avoid|prevent|keep|make sure|stop|allow|save|be able|protect|not)|requires?d?|needs? to|needed|must(?: not)?|has to|have to|had to|only accepts?|would (?:have|be|not|lose|break|fail|crash|get|send|block|run)|if (?:we|you|it|the|they|one|that|this|somebody|a|an)|without|so (?:a|an|the|we|it|they|you|nobody|no|there)|cannot|can['’]?t|could(?: not|n['’]t)|unless|until|breaks?|broke|broken|fail(?:s|ed|ing|ure)?|crash(?:es|ed)?|hangs?|hung|deadlock(?:s|ed)?|times? out|timed out|timeouts?|rejects?|rejected|refuses?|blocks?|blocked|locks?|locked|loses?|lost|corrupts?|corrupted|overflow(?:s|ed)?|leaks?|leaked|duplicates?|duplicated|race|races|drops?|dropped|overwrites?|overwritten|ignores?|ignored|strips?|stripped|skips?|skipped|doubles?|doubled|grows?|grew|measured|picked|chose|chosen|guess(?:ed)?|copied from|taken from|comes from|limit(?:s|ed)?|complain(?:s|ed)?|too (?:slow|large|big|long|many|late|early|small))\b`)

	number   = lazyregexp.New(`(?i)\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|hundred|thousand|million|half|twice|first|second|third|fourth|fifth)\b`)
	codeLike = lazyregexp.New("`[^`]+`|\\b[a-z]+[A-Z]\\w*|\\b\\w+_\\w+\\b|\\b\\w+\\(\\)|\\b[\\w-]+\\.(?:go|py|js|ts|tsx|java|kt|rb|rs|c|h|cpp|cs|php|sql|ya?ml|toml|json|sh|md)\\b|\\b\\w+/\\w+|--\\w+")
	acronym  = lazyregexp.New(`\b[A-Z]{2,}[A-Z0-9]*s?\b`)
	// A name is told from the first word of a sentence by what stands before it.
	properName = lazyregexp.New(`[A-Za-z,;:)]['’”"]? +([A-Z][a-z]+)`)
	condition  = lazyregexp.New(`(?i)\b(?:if|when|whenever|unless|until|after|before|while|during|as soon as|every|only (?:on|in|for|with)|at (?:night|startup|start|boot|shutdown|least|most)|on (?:windows|linux|mac\w*|startup|shutdown|restart|every)|weekdays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|weekends?|monthly|daily|nightly|hourly|yearly|midnight)\b`)
)

// atTheCode is which of the evasions points at the code.
const atTheCode = 2

// evasions are phrases that stand in the place of an answer, each with what to
// ask about it.
var evasions = []struct {
	form  *lazyregexp.Regexp
	probe string // with the phrase and the case
}{
	{lazyregexp.New(`(?i)(?:^\W*|\b(?:it|that|this) (?:all |really |just )?)depends\b(?: on \w+(?: \w+)?)?`), "You say “%s”. What decides it? Take the last time it mattered at %s: how was it then, and what did you do?"},
	{lazyregexp.New(`(?i)\b(?:historical(?:ly)?(?: reasons?)?|legacy(?: reasons?)?|always (?:been|was) (?:like )?(?:that|this|so)|that['’]?s how it (?:is|was|has always been)|grown over time|for some reason)\b`), "You say “%s”. What happened back then at %s, about when, and does it still hold?"},
	{lazyregexp.New(`(?i)\b(?:see|read|look at|check|it['’]?s (?:all )?in) the (?:code|source|docs?|documentation|tests?|commit)\b|\bself[- ]explanatory\b|\b(?:it is|it['’]?s|pretty|quite|fairly) (?:obvious|clear|straightforward|simple)\b|\bobvious(?:ly)?\b|\bit just works\b`), "You say “%s”. The code shows what it does and not why. What would go wrong if somebody changed %s without knowing what you know?"},
	{lazyregexp.New(`(?i)\b(?:as usual|the usual|whatever|and so on|best practi[cs]es?|common sense|standard (?:stuff|practi[cs]e|procedure)|nothing special|various reasons|several reasons|many reasons|long story|etc)\b`), "You say “%s”. Which one, for instance? Name one that mattered at %s."},
	{hedge, "You say “%s”. What would you look at, or whom would you ask, to find out about %s?"},
}

// vague are words that stand in the place of a name, a value or a condition, each
// with what to ask about it.
var vague = []struct {
	form  *lazyregexp.Regexp
	probe string
}{
	{lazyregexp.New(`(?i)\b(?:some(?:body|one)|they|them|the other (?:team|side|people|guys)|another team|some team|a (?:vendor|customer|client|partner|colleague)|the (?:vendor|customer|client|partner|provider)s?|people|users|support|ops)\b`), "You say “%s”. Who is that: which team, system or person?"},
	{lazyregexp.New(`(?i)\b(?:very |too |quite |pretty )?(?:big|large|huge|small|many|few|several|a lot|lots|slow|fast|long|short|high|low|enough|heavy|much)\b`), "You say “%s”. How much is that: a number, or the most that you have seen?"},
	{lazyregexp.New(`(?i)\b(?:sometimes|often|usually|rarely|occasionally|now and then|from time to time|mostly|normally|generally|at some point|back then|soon|later|under certain (?:conditions|circumstances)|in (?:some|certain|rare|special) cases|under load|certain|special)\b`), "You say “%s”. When was it the last time, and what set it off?"},
	{lazyregexp.New(`(?i)\b(?:some(?:thing|how|where)|stuff|things?|issues?|problems?|bugs?|trouble|errors?|weird|strange|odd|better|cleaner|safer|nicer|easier|simpler|optimi[sz]ed?|performance|stability|reliability|compatibility|security)\b`), "You say “%s”. What is that in one case you remember: what did you see, and where?"},
}

// Judge says whether an answer to a question is thin. The rules and their reasons
// are in docs/knowledge.md; their words are English, so that an answer in another
// language is held against its length and its own words alone.
func Judge(q *rampforge.InterviewQuestion, answer string) Verdict {
	j := judged{q: q, text: strings.TrimSpace(answer)}
	j.bare = substance(j.text)
	j.words = wordsOf(j.bare)
	j.english = isEnglish(j.text)
	j.reason, j.concrete = reasonForm.MatchString(j.bare), isConcrete(j.bare)
	refers := referral.MatchString(j.text) && isConcrete(j.text) && (hedge.MatchString(j.text) || len(j.words) < fewWords) && !evasions[atTheCode].form.MatchString(j.text)
	if wordsOf(j.text) == nil || isUnknown(j.text) || refers {
		return Verdict{Thin: []string{}}
	}
	return j.verdict()
}

// substance is an answer without the phrases that stand in the place of one, and
// without what it says twice: sentences, and words in a row.
func substance(text string) string {
	for i := range evasions {
		text = evasions[i].form.ReplaceAllString(text, " ")
	}
	said := map[string]bool{}
	var out []string
	for _, sentence := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("!?;\n。！？", r) }) {
		for part := range strings.SplitSeq(sentence, ". ") {
			key := strings.Join(wordsOf(part), " ")
			if key == "" || said[key] {
				continue
			}
			said[key] = true
			out = append(out, once(part))
		}
	}
	return strings.Join(out, ". ")
}

// paddedFrom is how many words a sentence has at least that can be told to be
// padded, and mostRepeated the part of them that may be there before.
const (
	paddedFrom   = 8
	mostRepeated = 0.5
)

// once leaves out the words of a sentence that stand there already, where these are
// most of it or follow each other.
func once(sentence string) string {
	fields := strings.Fields(sentence)
	seen := map[string]bool{}
	for _, w := range fields {
		seen[strings.ToLower(w)] = true
	}
	padded := len(fields) >= paddedFrom && float64(len(fields)-len(seen)) > mostRepeated*float64(len(fields))
	clear(seen)
	var out []string
	last := ""
	for _, w := range fields {
		key := strings.Trim(strings.ToLower(w), ".,;:!?…-\"'")
		if key == last || padded && seen[key] {
			continue
		}
		seen[key], last = true, key
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func isUnknown(text string) bool { return unknownForm.MatchString(strings.TrimSpace(text)) }

// judged is an answer that is looked at.
type judged struct {
	q                 *rampforge.InterviewQuestion
	text              string
	bare              string // without what says nothing
	words             []string
	english           bool
	reason, concrete  bool
	reasons           []string
	probes            []string
	needsWhy, needsIt bool
}

func (j *judged) thin(why, probe string) {
	j.reasons, j.probes = append(j.reasons, why), append(j.probes, probe)
}

func (j *judged) verdict() Verdict {
	j.needsWhy, j.needsIt = slices.Contains(j.q.Needs, NeedReason), slices.Contains(j.q.Needs, NeedConcrete)
	own := j.ownTerms()
	enough := j.reason && j.concrete && own >= newTerms
	if j.english && !enough {
		j.evades()
	}
	if own < newTerms && (!enough || len(j.words) < fewWords) {
		j.thin(ThinRestates, fmt.Sprintf("That is what %s says already. What is not written there, and you would tell whoever takes it over?", j.place()))
	}
	if j.english && len(j.reasons) == 0 {
		if j.needsWhy && !j.reason {
			j.thin(ThinReason, fmt.Sprintf("You say “%s”. What made it necessary: what went wrong, or would go wrong, without it?", j.clause("")))
		}
		if j.needsIt && !j.concrete {
			j.thin(ThinConcrete, j.concretely())
		}
	}
	if len(j.words) < fewWords && (!enough || len(j.words) < fewWords/2) {
		j.thin(ThinShort, fmt.Sprintf("“%s” is all that will be left. Take the last time that it mattered: what did you see first, and what did you do then?", j.clause("")))
	}
	return Verdict{Thin: append([]string{}, j.reasons...), Probe: j.fresh()}
}

func (j *judged) evades() {
	for _, e := range evasions {
		if phrase := e.form.FindString(j.text); phrase != "" {
			j.thin(ThinEvasive, fmt.Sprintf(e.probe, strings.ToLower(phrase), j.place()))
			return
		}
	}
}

// concretely asks for what a vague word hides, or else for an example.
func (j *judged) concretely() string {
	for _, v := range vague {
		if word := v.form.FindString(j.text); word != "" {
			return fmt.Sprintf(v.probe, j.clause(word))
		}
	}
	return fmt.Sprintf("You say “%s”. Can you give one example: a name, a value, or the condition under which it is so?", j.clause(""))
}

// fresh is the first of the probes that was not asked yet; one of the question's
// own where all were.
func (j *judged) fresh() string {
	if len(j.reasons) == 0 {
		return ""
	}
	asked := map[string]bool{}
	for _, v := range j.q.Versions {
		asked[v.FollowUp] = true
	}
	for _, p := range j.q.Probes {
		j.probes = append(j.probes, p.Text)
	}
	for _, p := range j.probes {
		if !asked[p] {
			return p
		}
	}
	return ""
}

// place is what the question is about, as a reader knows it.
func (j *judged) place() string {
	c := &j.q.Case
	switch {
	case c.Symbol != "" && c.Path != "":
		return span(c.Symbol)
	case c.Path != "":
		return span(c.Path)
	}
	return "this case"
}

// clause is the part of the answer that is asked about: that with a phrase, else
// the first.
func (j *judged) clause(with string) string {
	parts := strings.FieldsFunc(j.text, func(r rune) bool { return strings.ContainsRune(".!?;\n", r) })
	for _, part := range parts {
		if with == "" || strings.Contains(part, with) {
			return clip(strings.TrimSpace(part), with)
		}
	}
	return clip(j.text, with)
}

// clip is some words of a text around a phrase.
func clip(text, around string) string {
	words := strings.Fields(strings.NewReplacer("“", "", "”", "", `"`, "").Replace(text))
	if len(words) <= quotedWords {
		return strings.Join(words, " ")
	}
	at := 0
	if around != "" {
		first := strings.Fields(around)[0]
		for i, w := range words {
			if strings.Contains(w, first) {
				at = i
				break
			}
		}
	}
	from := max(0, min(at-quotedWords/2, len(words)-quotedWords))
	out := strings.Join(words[from:from+quotedWords], " ")
	if from > 0 {
		out = "… " + out
	}
	if from+quotedWords < len(words) {
		out += " …"
	}
	return out
}

// ownTerms counts the terms of the answer that neither the question nor its case
// has.
func (j *judged) ownTerms() int {
	s := terms.NewSplitter()
	known := map[string]bool{}
	for _, text := range []string{j.q.Text, j.q.Topic, j.q.Case.Title, j.q.Case.Excerpt, j.q.Case.Symbol, j.q.Case.Path} {
		s.Scan(text, func(t terms.Term) bool {
			known[t.Text] = true
			return true
		})
	}
	own := map[string]bool{}
	s.Scan(j.bare, func(t terms.Term) bool {
		if !t.Whole && !known[t.Text] && !empty[t.Text] {
			own[t.Text] = true
		}
		return true
	})
	return len(own)
}

func isConcrete(text string) bool {
	return number.MatchString(text) || codeLike.MatchString(text) || acronym.MatchString(text) || properName.MatchString(text) || condition.MatchString(text)
}

// wordsOf are the words of a text in lower case. Of a script that writes no spaces
// between them, two signs are a word.
func wordsOf(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '_'
	}) {
		var run []rune
		for _, r := range w {
			if !isSpaceless(r) {
				run = append(run, r)
				continue
			}
			if n := len(run); n > 0 && !isSpaceless(run[n-1]) || n == 2 {
				out, run = append(out, string(run)), nil
			}
			run = append(run, r)
		}
		if len(run) > 0 {
			out = append(out, string(run))
		}
	}
	return out
}

func isSpaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// isEnglish reports whether the common words of English are among those of a
// text; too few words do not tell, and are taken for English where they are in its
// letters.
func isEnglish(text string) bool {
	latin, letters := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(unicode.Latin, r) {
				latin++
			}
		}
	}
	if 2*latin < letters {
		return false
	}
	words := wordsOf(text)
	if len(words) < enoughToTell {
		return true
	}
	n := 0
	for _, w := range words {
		if common[w] {
			n++
		}
	}
	return float64(n) >= englishShare*float64(len(words))
}

// common are words that nearly every English text of some length has, and empty
// the terms that say nothing by themselves.
var (
	common = setOf(`the a an and or but is are was were be been to of in on at for with from by as it its that this these those we you i they he she not no if when because so than then there what which who how do does did has have had can could would will must should only`)
	empty  = func() map[string]bool {
		s, out := terms.NewSplitter(), map[string]bool{}
		for w := range common {
			s.Scan(w, func(t terms.Term) bool {
				out[t.Text] = true
				return true
			})
		}
		for _, t := range s.Terms("just really very quite thing stuff way lot some more most also still such about into over out up use used using make made get got code file function value constant number here need work works " +
			"bla blah lorem ipsum dolor asdf qwerty foo bar baz test tbd todo yes no ok okay maybe idea know usual usually something somehow somewhere anything whatever obviously basically actually honestly simply reason reasons good nice fine") {
			out[t.Text] = true
		}
		return out
	}()
)

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// span is a text as code in Markdown.
func span(s string) string { return "`" + strings.NewReplacer("`", "'", "\n", " ").Replace(s) + "`" }
