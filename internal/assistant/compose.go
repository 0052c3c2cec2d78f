package assistant

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/passage"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// composition is an answer made of facts and quotations, without a model.
type composition struct {
	blocks  []string // Markdown whose [n] are sources
	diagram *string
	// fact says that the code index or the report answers the question, so that
	// no passage need have its words.
	fact     bool
	conflict bool // it says that sources disagree
	// silence says why the facts that were looked for are not there.
	silence string
	// unsure says that what was asked for was not found, only what is near to it.
	unsure bool
	// cautious says that a fact is not all that certain to be what was asked for.
	cautious bool
}

func (c *composition) sayf(format string, args ...any) {
	c.blocks = append(c.blocks, fmt.Sprintf(format, args...))
}

// list says some facts, the first of so many; nothing where there are none.
func (c *composition) list(head string, facts []string, all int) {
	if len(facts) == 0 {
		return
	}
	c.fact = true
	if all > len(facts) {
		head += fmt.Sprintf(" (%d of %d)", len(facts), all)
	}
	c.sayf("%s:\n\n- %s", head, strings.Join(facts, "\n- "))
}

// compose makes an answer of what was found.
func (d *dossier) compose(ctx context.Context) (*composition, error) {
	c := &composition{}
	switch d.asked.intent {
	case asksChanges:
		return c, d.sayChanges(ctx, c)
	case asksHow:
		d.sayCommands(ctx, c)
	case asksWho:
		d.sayPeople(c)
	case asksBreaks:
		d.sayImpact(ctx, c)
	case asksWhy:
		d.sayKnown(ctx, c, maxKnown)
		if err := d.sayReasons(ctx, c); err != nil {
			return nil, err
		}
	case asksWhen:
		d.sayHistory(ctx, c)
	case asksAbout, asksStart, asksParts, asksMade, asksNeeds, asksTerms, asksOffer:
		d.sayWhole(ctx, c)
	case asksWhere, asksWhat:
		d.sayNamed(ctx, c)
		if !c.fact {
			if err := d.sayVariables(ctx, c); err != nil {
				return nil, err
			}
		}
		if d.asked.intent == asksWhat && !c.fact {
			if err := d.sayValues(ctx, c); err != nil {
				return nil, err
			}
		}
	}
	d.sayEndpoint(ctx, c)
	if len(c.blocks) == 0 || !c.fact || d.asked.intent == asksWhy {
		if len(d.unknown) > 0 && !c.fact && len(c.blocks) == 0 && d.variableNamed() == "" {
			c.unsure = true
			c.sayf("No file and no symbol that the analysis knows is called %s. These passages speak of it:", markdown.Span(d.unknown[0]))
		}
		d.sayPassages(c)
	}
	if d.asked.intent == asksHow && d.asked.task == "" {
		if err := d.sayPrecedents(ctx, c); err != nil {
			return nil, err
		}
	}
	if c.fact && (d.asked.intent == asksWhat || d.asked.intent == asksBreaks || d.asked.intent == asksWhere) {
		d.sayKnown(ctx, c, oneKnown)
	}
	if conflict := d.conflict(); conflict != "" && !c.conflict {
		c.sayf("%s", conflict)
	}
	return c, nil
}

// sayNamed tells where what the question names is, what it is, and who uses it.
func (d *dossier) sayNamed(ctx context.Context, c *composition) {
	for _, t := range d.targets {
		if !t.named {
			continue
		}
		p, ok := d.passageAt(ctx, t.impact.Path, t.line())
		if !ok {
			continue
		}
		n := d.cite(p, 1)
		c.fact = true
		c.sayf("%s [%d]", d.introduce(t), n)
		if s := t.impact.Symbol; s != nil && s.Doc != nil {
			c.sayf("> %s [%d]", markdown.Quote(firstSentences(*s.Doc, 300)), n)
		} else if s == nil {
			if quote := d.bestLines(&p, 300); quote != "" && p.Kind == rampforge.PassageDocument {
				c.sayf("> %s [%d]", markdown.Quote(quote), n)
			}
		}
		if s := t.impact.Symbol; s != nil && s.Signature != nil && s.Kind != "" {
			c.sayf("%s", markdown.Code(languageOf(t.impact.Path), *s.Signature))
		} else if s != nil && s.EndLine-s.Line < shown {
			c.sayf("%s", markdown.Code(languageOf(t.impact.Path), linesOf(&p, s.Line, s.EndLine)))
		}
		d.sayUsers(ctx, c, t, 5)
		if c.diagram == nil {
			c.diagram = d.draw(t)
		}
	}
}

// shown is how many lines of what has no signature, such as a constant with its
// value, are shown.
const shown = 8

// linesOf are some lines of a file that a passage has.
func linesOf(p *rampforge.Passage, first, last int) string {
	lines := strings.Split(p.Text, "\n")
	from, to := max(first-p.StartLine, 0), min(last-p.StartLine+1, len(lines))
	if from >= to {
		return p.Text
	}
	return strings.Join(lines[from:to], "\n")
}

// introduce says what a target is and where.
func (d *dossier) introduce(t target) string {
	if s := t.impact.Symbol; s != nil {
		return fmt.Sprintf("**%s** is a %s in %s, lines %d–%d", markdown.Plain(s.Name), markdown.Plain(s.Kind), markdown.Span(s.Path), s.Line, s.EndLine) + inComponent(t)
	}
	if t.impact.Kind == "folder" {
		return fmt.Sprintf("%s is a folder of %s", markdown.Span(t.impact.Path+"/"), plural(t.impact.Files, "file"))
	}
	return markdown.Span(t.impact.Path) + " is a file" + inComponent(t)
}

func inComponent(t target) string {
	if t.impact.Component == "" {
		return ""
	}
	return ", part of the component " + markdown.Span(t.impact.Component)
}

func (t target) line() int {
	if s := t.impact.Symbol; s != nil {
		return s.Line
	}
	return 1
}

// sayUsers names the nearest things that use a target.
func (d *dossier) sayUsers(ctx context.Context, c *composition, t target, most int) {
	var list []string
	for i := range t.impact.Dependents {
		use := &t.impact.Dependents[i]
		if use.Distance > 1 || use.Test || len(list) == most {
			continue
		}
		list = append(list, d.mention(ctx, use.Path, use.Symbol))
	}
	if len(list) > 0 {
		c.sayf("It is used by:\n\n- %s", strings.Join(list, "\n- "))
	}
}

// mention names a symbol or a file, with a source where a passage has it.
func (d *dossier) mention(ctx context.Context, path string, s *symbolRef) string {
	line, text := 1, markdown.Span(path)
	if s != nil {
		line, text = s.Line, fmt.Sprintf("%s in %s, line %d", markdown.Span(s.Name), markdown.Span(path), s.Line)
	}
	if p, ok := d.passageAt(ctx, path, line); ok {
		text += fmt.Sprintf(" [%d]", d.cite(p, 0.5))
	}
	return text
}

// quoted is how many passages are quoted where no fact answers, and nearly how
// much the last must say beside the first.
const (
	maxQuoted  = 3
	worthwhile = 0.6
)

// sayPassages quotes the best passages.
func (d *dossier) sayPassages(c *composition) {
	said := map[string]int{}
	ordered := d.ordered()
	for i := range ordered {
		hit := &ordered[i]
		if len(said) == maxQuoted || hit.Score < worthwhile*ordered[0].Score {
			break
		}
		if name := d.variableNamed(); name != "" && !strings.Contains(hit.Text, name) {
			continue
		}
		if d.covers(&hit.Passage) < leastQuoted || d.cited(hit.Passage) || said[hit.Key] > 0 || !d.tells(hit.Kind) {
			continue
		}
		said[hit.Key]++
		d.sayPassage(c, hit)
		if c.diagram == nil && len(d.targets) > 0 && hit.Path == d.targets[0].impact.Path && d.asked.intent != asksHow {
			c.diagram = d.draw(d.targets[0])
		}
	}
}

// variableNamed is the name of an environment variable that is asked for and that
// passages speak of: it need be no symbol. "" for none.
func (d *dossier) variableNamed() string {
	if len(d.unknown) == 0 || !variableName.MatchString(d.unknown[0]) && !ofVariable.MatchString(d.asked.text) {
		return ""
	}
	for i := range d.hits {
		if strings.Contains(d.hits[i].Text, d.unknown[0]) && d.covers(&d.hits[i].Passage) >= leastQuoted {
			return d.unknown[0]
		}
	}
	return ""
}

var ofVariable = lazyregexp.New(`(?i)\b(?:environment|env)[ -]?(?:variables?|vars?|settings?)\b`)

// What the kinds of passages are worth to a reader, beside their scores: what a
// document explains is worth more than code that does it, and a change of long ago
// says little of what is.
var (
	worthHow  = map[rampforge.PassageKind]float64{rampforge.PassageDocument: 1.4, rampforge.PassagePage: 1.4, rampforge.PassageKnowledge: 1.4, rampforge.PassageCommit: 0.6, rampforge.PassagePullRequest: 0.8}
	worthWhat = map[rampforge.PassageKind]float64{rampforge.PassageDocument: 1.15, rampforge.PassagePage: 1.15, rampforge.PassageKnowledge: 1.15, rampforge.PassageCommit: 0.6, rampforge.PassagePullRequest: 0.8, rampforge.PassageReport: 0.8}
)

// worthPast is what a changelog is worth: it says what was, often in the very words
// of the question.
const worthPast = 0.5

var changelog = lazyregexp.New(`(?i)^(?:changes?|change-?log|history|news|releases?|release[-_]?notes)(?:[-_.]v?[\d.x]+)?(?:\.\w+)?$`)

// ordered are the passages that were found in the order in which they tell what
// is asked for.
func (d *dossier) ordered() []search.Hit {
	worth := map[intent]map[rampforge.PassageKind]float64{asksHow: worthHow, asksWhat: worthWhat, asksWhere: worthWhat}[d.asked.intent]
	out := slices.Clone(d.hits)
	for i := range out {
		if w, ok := worth[out[i].Kind]; ok {
			out[i].Score *= w
		}
		if changelog.MatchString(path.Base(out[i].Path)) {
			out[i].Score *= worthPast
		}
	}
	slices.SortStableFunc(out, func(a, b search.Hit) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// tells reports whether passages of a kind can say what is asked for: code does
// not say why it is, and the head of a file not how one does something.
func (d *dossier) tells(kind rampforge.PassageKind) bool {
	switch d.asked.intent {
	case asksWhy:
		return kind != rampforge.PassageFile && kind != rampforge.PassageCode
	case asksHow:
		return kind != rampforge.PassageFile
	default:
		return true
	}
}

func (d *dossier) sayPassage(c *composition, hit *search.Hit) {
	if k := d.items[hit.Key]; hit.Kind == rampforge.PassageKnowledge && k != nil {
		d.sayItem(c, k, hit.Passage, hit.Score)
		return
	}
	n := d.cite(hit.Passage, hit.Score)
	c.sayf("%s [%d]", headline(&hit.Passage), n)
	if hit.Kind != rampforge.PassageCode && hit.Kind != rampforge.PassageFile {
		d.sayQuote(c, hit.Passage, n)
		return
	}
	if d.code != nil && hit.Symbol != "" {
		known, err := d.code.Index.Impact(codeindex.ImpactQuery{Symbol: hit.Path + "#" + hit.Symbol})
		if err == nil && known.Symbol.Doc != nil {
			c.sayf("> %s [%d]", markdown.Quote(firstSentences(*known.Symbol.Doc, 300)), n)
		}
	}
	found := search.Found{Terms: d.foundTerms()}
	c.sayf("%s", markdown.Code(languageOf(hit.Path), search.SnippetOf(hit, &found).Text))
}

func (d *dossier) cited(p rampforge.Passage) bool {
	for _, s := range d.sources {
		if s.ID == p.ID && p.ID != 0 {
			return true
		}
	}
	return false
}

func (d *dossier) foundTerms() []search.FoundTerm {
	out := make([]search.FoundTerm, 0, len(d.rarity))
	for _, term := range d.asked.terms {
		out = append(out, search.FoundTerm{Term: term, Rarity: d.rarity[term]})
	}
	return out
}

// headline says what a passage is and where.
func headline(p *rampforge.Passage) string {
	switch p.Kind {
	case rampforge.PassageCode, rampforge.PassageFile, rampforge.PassageDocument:
		where := markdown.Span(p.Path)
		if p.StartLine > 0 {
			where += fmt.Sprintf(", lines %d–%d", p.StartLine, p.EndLine)
		}
		if p.Symbol != "" {
			return fmt.Sprintf("**%s** in %s", markdown.Plain(p.Symbol), where)
		}
		return where
	case rampforge.PassageCommit:
		return fmt.Sprintf("Commit %s%s: %s", markdown.Span(short(p.Commit)), on(p), markdown.Plain(p.Title))
	default:
		return fmt.Sprintf("%s%s: %s", nouns[p.Kind], on(p), markdown.Plain(p.Title))
	}
}

var nouns = map[rampforge.PassageKind]string{
	rampforge.PassagePullRequest: "Pull request", rampforge.PassageWorkItem: "Work item", rampforge.PassagePage: "Page",
	rampforge.PassageKnowledge: "Knowledge", rampforge.PassageReport: "Report",
}

func on(p *rampforge.Passage) string {
	if p.At == nil {
		return ""
	}
	return " of " + p.At.UTC().Format("2 January 2006")
}

func short(hash string) string { return hash[:min(len(hash), 10)] }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// firstSentences is the beginning of a text, whole sentences where that can be.
func firstSentences(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= most {
		return text
	}
	head := strings.ToValidUTF8(text[:most], "")
	if at := strings.LastIndexAny(head, ".!?"); at > most/3 {
		return head[:at+1]
	}
	return head + " …"
}

// underlined is a heading with a line of marks below it, and perhaps above it;
// tabled is a row of a table.
var (
	underlined = lazyregexp.New("^(?:[=\\-~^\"'*+#.]{3,}\\s*\\n)?[^\\n]+\\n[=\\-~^\"'*+#.]{3,}\\s*$")
	tabled     = lazyregexp.New(`^(?:\+[-=+]{3,}|\|.*\|\s*(?:\n|$)|={3,}\s)`)
)

// sayQuote quotes what of a passage says the most about the question.
func (d *dossier) sayQuote(c *composition, p rampforge.Passage, n int) {
	if p.Kind == rampforge.PassageCommit { // its subject stands above
		_, p.Text, _ = strings.Cut(p.Text, "\n\n")
	}
	if quote := d.bestLines(&p, 400); quote != "" {
		c.sayf("> %s [%d]", markdown.Quote(quote), n)
	} else if code := codeIn(p.Text); code != "" {
		c.sayf("%s", code)
	}
}

// codeBlock is a block of code in Markdown that begins a line.
var codeBlock = lazyregexp.New("(?ms)^ {0,3}(`{3,}|~{3,})([^\n`]*)\n(.*?)(?:^ {0,3}(?:`{3,}|~{3,})[ \t]*$|\\z)")

// maxCodeLines is how many lines of code in a document are shown.
const maxCodeLines = 12

// codeIn is the first block of code of a document.
func codeIn(text string) string {
	m := codeBlock.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	lines := strings.SplitAfterN(m[3], "\n", maxCodeLines+1)
	return markdown.Code(strings.TrimSpace(m[2]), strings.Join(lines[:min(len(lines), maxCodeLines)], ""))
}

// bestLines is the paragraph of a text that says the most about the question,
// headings and blocks of code aside.
func (d *dossier) bestLines(p *rampforge.Passage, most int) string {
	best, worth := "", -1.0
	text := passage.Prose(p.Path, p.Text)
	if ext := strings.ToLower(path.Ext(p.Path)); ext != ".rst" && ext != ".txt" { // where ~~~ is below a heading
		text = codeBlock.ReplaceAllString(text, "\n")
	}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" || !strings.Contains(paragraph, "\n") && strings.HasSuffix(p.Title, paragraph) || strings.HasPrefix(paragraph, "#") && !strings.Contains(paragraph, "\n") || underlined.MatchString(paragraph) || tabled.MatchString(paragraph) {
			continue
		}
		if w := d.weigh(paragraph); w > worth {
			best, worth = paragraph, w
		}
	}
	return firstSentences(strings.TrimLeft(best, "#>*- \t"), most)
}

// weigh is how much of the question a text has, by the rarity of its terms.
func (d *dossier) weigh(text string) float64 {
	has := map[string]bool{}
	d.splitter.Scan(text, func(t terms.Term) bool {
		has[t.Text] = true
		return true
	})
	sum := 0.0
	for _, term := range d.asked.terms {
		if has[term] {
			sum += d.rarity[term]
		}
	}
	return sum
}
