package cite

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// Overlap of words says nothing of a "not". What a claim denies its sources must
// deny, and what they deny it must not state.

// denials are the words with which languages deny. Those of a language count where
// a text is in it: "sin" denies in Spanish alone.
var denials = map[string]map[string]bool{
	"en": set(`not no never none nothing nobody nowhere neither nor without cannot hardly barely rarely seldom non`),
	"de": set(`nicht nichts nie niemals niemand nirgends kein keine keinen keinem keiner keines ohne weder`),
	"fr": set(`ne pas jamais rien aucun aucune sans ni`),
	"es": set(`no nunca jamás nada nadie ningún ninguna ninguno sin ni tampoco`),
	"pt": set(`não nunca jamais nada ninguém nenhum nenhuma sem nem`),
	"it": set(`non mai niente nulla nessuno nessuna nessun senza né`),
	"nl": set(`niet niets nooit niemand nergens geen zonder noch`),
	"sv": set(`inte inget ingen inga aldrig utan varken`),
	"da": set(`ikke intet ingen aldrig uden hverken uten`),
	"pl": set(`nie nigdy nic nikt żaden żadna bez ani`),
	"ru": set(`не нет никогда ничего никто без ни нельзя`),
}

// spoken are words that tell languages apart.
var spoken = map[string]map[string]bool{
	"en": set(`the is are of and to in a an it that with for on when be by this which from as`),
	"de": set(`der die das und ist sind wird werden ein eine mit für von den dem zu im auf des`),
	"fr": set(`le la les est sont et des du un une dans pour avec que qui par sur il au`),
	"es": set(`el la los las es son y del un una en para con que por se al lo`),
	"pt": set(`o os as é são e do da um uma em para com que por se ao dos`),
	"it": set(`il lo gli è sono e di del della un una in per con che si da al nel`),
	"nl": set(`de het een en is zijn van voor met dat op wordt worden te bij`),
	"sv": set(`och är det att en ett som för med av på den till`),
	"da": set(`og er det at en et som for med af på den til der`),
	"pl": set(`i jest są w na z do się że dla przez oraz o`),
}

// denying are words that deny without a "not"; code denies by its signs, too.
var (
	denying     = lazyregexp.New(`(?i)\b(unless|except|fails? to|failed to|unable|refuses?|refused|rejects?|rejected|ignores?|ignored|skips?|skipped|lacks?|lacking|missing|absent|prevents?|prevented|forbids?|forbidden|den(?:y|ies|ied)|disabled?|disables|off|empty|removed|dropped|instead of|rather than|un(?:set|used|known|supported|authenticated|authorized|available|changed|limited)|in(?:valid|active)|false|zero)\b`)
	conditional = lazyregexp.New(`(?i)\b(unless|if|when|where|until|except)\b`)
	codeDenies  = lazyregexp.New(`![\w(.]|!=|<>|~=|\b(?:nil|null|None|undefined|false|False|not|isnt|no|skip\w*|ignore\w*|continue|disabled?|deny|denied|reject\w*|without)\b|\b(?:no|not|skip|disable|ignore|without|non|un)(?:[A-Z_]\w*)|[a-z](?:Not|No|Without|Disabled?|Skip)[A-Z]\w*`)
	codeLine    = lazyregexp.New(`[{};]\s*$|\)\s*$|:=|[!=<>]=|=>|->|\w\(\)|^\s*(?:func|def|class|return|if \(|for \(|import|package|const|let|var|use|pub|fn|switch|case)\b|^\s*[\w.\[\]"']+\s*=\s|[,({\[]\s*$`)
	remark      = lazyregexp.New(`^\s*(?://+!?|#+|\*+/?|/\*+|--|;+|"""|<!--|>)\s?`)
	item        = lazyregexp.New(`^\s*(?:[-*+•|]|\d+[.)])\s`)
	spoke       = lazyregexp.New(`[\p{L}\p{M}]+(?:['’][\p{L}]+)*`)
	clauseEnd   = lazyregexp.New(`(?i)[,;:()]|[.!?](?:\s|$)|\s[–—]\s|\b(?:but|and|while|because|whereas|although|though|so|when|if|unless|until|aber|und|sondern|wenn|weil|mais|et|si|pero|y|cuando|mas|ma|quando|maar|en|als|но|и|если)\b`)
	sentenceEnd = lazyregexp.New(`[.!?](?:["')\]]*)(?:\s+|$)`)
	spanned     = lazyregexp.New("`[^`\n]*`")
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// unlessIn says where a denial does not hold.
var unlessIn = lazyregexp.New(`(?i)\b(?:unless|except (?:if|when|where)|until)\b`)

// behindCode is a comment behind code.
var behindCode = lazyregexp.New(`(?:[;,){}\s])(?://+|#|/\*|--)\s*(\S+\s+\S.*?)(?:\*/)?\s*$`)

// scoped is how many terms behind a denial it is held to deny.
const scoped = 5

// unit is a sentence of a source, or a line of code.
type unit struct {
	terms   map[string]bool
	around  map[string]bool // of code: with those of the lines beside it
	denies  [][]string      // the terms of what each denial denies
	perhaps bool            // it denies in other words, or by a sign of code
	poles   map[int]pole    // the sides that it takes of opposites
	unless  bool            // it denies, and says where not
}

// languageOf guesses the language of a text that is not English, "en" otherwise.
func languageOf(words []string) string {
	count := func(of string) (n int) {
		for _, w := range words {
			if spoken[of][w] {
				n++
			}
		}
		return n
	}
	best, most := "en", count("en")
	for _, of := range []string{"de", "fr", "es", "pt", "it", "nl", "sv", "da", "pl"} {
		if n := count(of); n > most && n > 1 {
			best, most = of, n
		}
	}
	return best
}

// unspacedDenials deny in languages that part no words.
var unspacedDenials = []string{"不", "没", "沒", "未", "ない", "ません", "無", "ไม่", "않", "없", "못"}

// denialsOf are the terms of what each denial of a sentence denies: those behind
// it in its clause, or those before it where nothing is behind.
func (c *Checker) denialsOf(text string) [][]string {
	text = spanned.ReplaceAllStringFunc(text, func(s string) string { // names deny nothing
		return strings.Map(func(r rune) rune {
			if r == '`' {
				return ' '
			}
			return r
		}, strings.ReplaceAll(strings.ReplaceAll(s, "-", "_"), " ", "_"))
	})
	places := spoke.FindAllStringIndex(text, -1)
	words := make([]string, len(places))
	russian := false
	for i, at := range places {
		words[i] = strings.ReplaceAll(strings.ToLower(text[at[0]:at[1]]), "’", "'")
		russian = russian || strings.ContainsFunc(words[i], func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
	}
	language := languageOf(words)
	var out [][]string
	for i, at := range places {
		w := words[i]
		denied := denials["en"][w] || denials[language][w] || strings.HasSuffix(w, "n't") || russian && denials["ru"][w]
		if !denied || partOfAName(text, at[0], at[1], w) {
			continue
		}
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if w == "not" && (next == "only" || next == "necessarily") || i > 1 && words[i-1] == "or" && words[i-2] == "whether" ||
			w == "no" && strings.HasPrefix(strings.TrimLeft(text[at[1]:], ". "), "0") {
			continue
		}
		behind := text[at[1]:]
		if denial := adverse.MatchString(behind); denial && w != "without" { // not disabled: enabled
			continue
		}
		if end := clauseEnd.FindStringIndex(behind); end != nil {
			behind = behind[:end[0]]
		}
		scope := c.firstTerms(behind, scoped)
		if len(scope) == 0 {
			before := text[:at[0]]
			scope = c.lastTerms(before, 3)
		}
		out = append(out, scope)
	}
	for _, sign := range unspacedDenials {
		if at := strings.Index(text, sign); at >= 0 {
			scope := c.firstTerms(text[at+len(sign):], scoped)
			out = append(out, append(scope, c.lastTerms(text[:at], scoped)...))
		}
	}
	return out
}

// partOfAName reports whether a word is a part of a name or a flag: --no-cache.
func partOfAName(text string, start, end int, word string) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return strings.ContainsRune("-_./\\", before) && start > 0 || strings.ContainsRune("_/\\", after) || after == '-' && word != "non"
}

// passing are terms that say nothing of what is denied.
var passing = map[string]bool{"longer": true, "more": true, "long": true, "ani": true, "any": true, "ever": true, "yet": true}

func (c *Checker) firstTerms(text string, most int) []string {
	var out []string
	c.splitter.Scan(text, func(t terms.Term) bool {
		if !t.Whole && !passing[t.Text] {
			out = append(out, t.Text)
		}
		return len(out) < most
	})
	return out
}

func (c *Checker) lastTerms(text string, most int) []string {
	if at := strings.LastIndexAny(text, ",;:.!?()"); at >= 0 {
		text = text[at+1:]
	}
	all := c.firstTerms(text, 50)
	return all[max(0, len(all)-most):]
}

// units are the sentences and the lines of code of a source.
func (c *Checker) units(t *sourceText) []unit {
	if t.units != nil {
		return t.units
	}
	t.units = []unit{}
	var prose strings.Builder
	flush := func() {
		text := prose.String()
		prose.Reset()
		for text != "" {
			end := len(text)
			if at := sentenceEnd.FindStringIndex(text); at != nil {
				end = at[1]
			}
			t.units = append(t.units, c.unit(text[:end], text[:end], false))
			text = text[end:]
		}
	}
	lines := strings.Split(t.text, "\n")
	for i, line := range lines {
		bare := remark.ReplaceAllString(line, "")
		said := bare != line
		switch {
		case strings.TrimSpace(bare) == "":
			flush()
		case !said && codeLine.MatchString(line):
			flush()
			around := strings.Join(lines[max(0, i-1):min(len(lines), i+2)], "\n")
			u := c.unit(around, line, true)
			if m := behindCode.FindStringSubmatch(line); m != nil {
				said := c.unit(m[1], m[1], false)
				u.denies, u.poles, u.unless = said.denies, said.poles, said.unless
			}
			t.units = append(t.units, u)
		default:
			if item.MatchString(line) {
				flush()
			}
			prose.WriteString(strings.TrimSpace(bare) + " ")
		}
	}
	flush()
	return t.units
}

// unit reads a sentence, or a line of code among its neighbours.
func (c *Checker) unit(around, text string, code bool) unit {
	u := unit{terms: c.termSet(text)}
	if u.around = u.terms; code {
		u.around = c.termSet(around)
		u.perhaps = codeDenies.MatchString(around)
		return u
	}
	u.denies = c.denialsOf(text)
	u.poles = c.polesOf(text)
	u.unless = len(u.denies) > 0 && unlessIn.MatchString(text)
	if at := denying.FindStringIndex(text); at != nil {
		u.perhaps = !conditional.MatchString(text[:at[1]])
	}
	return u
}

func (c *Checker) termSet(text string) map[string]bool {
	out := map[string]bool{}
	c.splitter.Scan(text, func(t terms.Term) bool {
		if !t.Whole {
			out[t.Text] = true
		}
		return true
	})
	return out
}

// share is which part of some terms a set has.
func share(has map[string]bool, list []string) float64 {
	if len(list) == 0 {
		return 0
	}
	n := 0
	for _, t := range list {
		if has[t] {
			n++
		}
	}
	return float64(n) / float64(len(list))
}

func overlaps(a, b []string) int {
	n := 0
	for _, x := range a {
		for _, y := range b {
			if x == y {
				n++
				break
			}
		}
	}
	return n
}

// Which part of a claim's terms a sentence must have to be the one that the claim
// is of, and how near to it another must come to bear it as well.
const (
	ofTheClaim = 0.6
	asWell     = 0.9
	atLeast    = 0.5
)

// turns reports whether a claim denies what its sources do not deny, or states
// what they deny.
func (c *Checker) turns(claim string, words []terms.Term, cited []int) bool {
	own := make([]string, 0, len(words))
	for _, t := range words {
		if !t.Whole {
			own = append(own, t.Text)
		}
	}
	denied := c.denialsOf(claim)
	var all []*unit
	for _, n := range cited {
		if t := c.text(n); t != nil {
			list := c.units(t)
			for i := range list {
				all = append(all, &list[i])
			}
		}
	}
	poles := c.polesOf(claim)
	if opposed(all, poles, own) {
		return true
	}
	if condition.MatchString(claim) { // no X unless Y: X only where Y
		all = slices.DeleteFunc(all, func(u *unit) bool { return u.unless && len(denied) == 0 })
	}
	for _, scope := range denied {
		if !deniedBy(all, scope, own) && !sided(all, poles, own) {
			return true
		}
	}
	return len(denied) == 0 && !denying.MatchString(claim) && stated(all, own)
}

// deniedBy reports whether a sentence of the sources denies what a claim does.
func deniedBy(all []*unit, scope, own []string) bool {
	for _, u := range all {
		near := share(u.terms, scope) >= atLeast
		for _, theirs := range u.denies {
			if near && (overlaps(scope, theirs) > 0 || len(theirs) == 0) || len(scope) == 0 && share(u.terms, own) >= atLeast {
				return true
			}
			// The same denied of the same, in other words: of what a claim is, and not of
			// something else in the sentence.
			if share(u.terms, own) >= ofTheClaim && float64(overlaps(theirs, own)) >= atLeast*float64(len(theirs)) {
				return true
			}
		}
		if u.perhaps && (share(u.around, scope) >= atLeast || share(u.around, own) >= atLeast) {
			return true
		}
	}
	return false
}

// stated reports whether the sentence that a claim is of denies what the claim
// states, and no other sentence bears it.
func stated(all []*unit, own []string) bool {
	best, other := 0.0, 0.0
	for _, u := range all {
		part := share(u.terms, own)
		denies := false
		for _, theirs := range u.denies {
			denies = denies || len(theirs) > 0 && float64(overlaps(theirs, own)) > atLeast*float64(len(theirs)) ||
				len(theirs) > 0 && len(theirs) <= 2 && overlaps(theirs, own) > 0
		}
		if denies {
			best = max(best, part)
		} else {
			other = max(other, part)
		}
	}
	return best >= ofTheClaim && other < asWell*best
}
