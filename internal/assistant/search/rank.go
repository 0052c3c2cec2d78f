package search

import (
	"cmp"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/passage"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// MaxQuestion is how many bytes of a question count.
const MaxQuestion = 4000

// candidates and votes are how many passages are put in order for one question:
// of what there is, and of commits, of which there are so many that they would
// leave no room.
const (
	candidates = 350
	votes      = 200
)

// What the parts of a score weigh. BM25F (Robertson, Zaragoza and Taylor 2004)
// has the terms of names in a field of their own, which has no length; the rest
// multiplies it. The figures are those that bench/ask was best with on
// repositories that are not among those it is reported on.
const (
	saturation = 1.2  // k1: how soon more of a term stops to count
	lengthPart = 0.6  // b: how far longer passages are held against shorter ones
	nameWeight = 2.5  // a term in a name, beside one in the text
	wholeBonus = 1.5  // a name of several parts that is the very same
	ofCentral  = 0.25 // the most central file, beside one that nobody uses
	namesPart  = 0.5  // how far more names are held against fewer ones, from usualNames on
	usualNames = 8
	ofData     = 0.7 // what data, styles and scripts of no language are worth beside code
	// Pages of the manual repeat what the code says of its flags, often from it.
	ofManual = 0.8
	// ofNamedFile is what a file is worth that the question names, beside others.
	ofNamedFile = 3
	ofTests     = 0.6 // what tests are worth where nobody asks for tests
)

// kindWeight is what the kinds are worth beside each other.
var kindWeight = map[rampforge.PassageKind]float64{
	rampforge.PassageCode: 1, rampforge.PassageFile: 0.95, rampforge.PassageDocument: 1, rampforge.PassageCommit: 0.75, rampforge.PassagePullRequest: 0.85,
	rampforge.PassageWorkItem: 0.85, rampforge.PassagePage: 1, rampforge.PassageKnowledge: 1.2, rampforge.PassageReport: 1,
}

// Source finds candidates; *store.Store does.
type Source interface {
	Search(ctx context.Context, v store.Viewer, projectID string, q store.SearchQuery) (store.Candidates, error)
}

// Question is what is looked for.
type Question struct {
	Text  string
	Kinds []rampforge.PassageKind // empty: all
	// Meaning finds passages that say the same in other words; nil: words alone.
	Meaning *Meaning
}

// Hit is a passage that was found.
type Hit struct {
	rampforge.Passage

	Score float64 // comparable within one answer only
	// Coverage is which part of the question the passage has, from 0 to 1: its
	// terms by their rarity.
	Coverage float64

	exact bool // the question names its file, or what it is of
}

// Found is what was found.
type Found struct {
	Hits []Hit // best first
	// Terms are those of the question, in its order, with the number of passages
	// that have them.
	Terms []FoundTerm
	// Meaning says whether it was found by meaning besides words.
	Meaning ByMeaning
}

// FoundTerm is a term of a question.
type FoundTerm struct {
	Term     string
	Passages int64
	Rarity   float64 // BM25's inverse document frequency
}

// Ask finds the passages of a project that a question is about, as far as v may
// see them.
func Ask(ctx context.Context, s Source, v store.Viewer, projectID string, q Question) (Found, error) {
	splitter := terms.NewSplitter()
	asked := splitter.Terms(cut(q.Text))
	asked = append(asked, Compounds(splitter, cut(q.Text), asked)...)
	list := make([]string, 0, len(asked))
	for _, t := range asked {
		list = append(list, t.Text)
	}
	aliases := aliasesOf(asked)
	for _, a := range aliases {
		list = append(list, a.text)
	}
	wanted := store.SearchQuery{Terms: list, Kinds: q.Kinds, Limit: candidates}
	if len(q.Kinds) != 1 {
		wanted.Commits = votes
	}
	near := q.Meaning.begin(ctx, v, projectID, q)
	c, err := s.Search(ctx, v, projectID, wanted)
	if err != nil {
		return Found{}, err
	}
	r := newRanker(splitter, asked, q.Text, &c)
	r.know(aliases, &c)
	found := Found{Hits: make([]Hit, 0, len(c.Passages)), Terms: r.found(asked, &c)}
	for i := range c.Passages {
		if hit := r.score(&c.Passages[i]); hit.Score > 0 {
			found.Hits = append(found.Hits, hit)
		}
	}
	slices.SortStableFunc(found.Hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	if found.Meaning = near(); found.Meaning.Used {
		err = found.join(ctx, q.Meaning, found.Meaning, r)
	}
	return found, err
}

// alias is another term for one of a question.
type alias struct{ text, of string }

// aliasesOf are the other terms for those of a question that it does not have
// itself.
func aliasesOf(asked []terms.Term) []alias {
	known := map[string]bool{}
	for _, t := range asked {
		known[t.Text] = true
	}
	var out []alias
	for _, t := range asked {
		for _, other := range terms.Same(t.Text) {
			if !known[other] && !t.Whole {
				known[other] = true
				out = append(out, alias{other, t.Text})
			}
		}
	}
	return out
}

// Compounds are the terms of neighbours that code may write as one word: "web
// mentions" is looked for as "webmention" too. They count as whole words do.
func Compounds(splitter *terms.Splitter, text string, asked []terms.Term) []terms.Term {
	known := map[string]bool{}
	for _, t := range asked {
		known[t.Text] = true
	}
	var out []terms.Term
	var before terms.Term
	splitter.Scan(text, func(t terms.Term) bool {
		if t.Whole {
			return true
		}
		if before.End > 0 && t.Start == before.End+1 && strings.ContainsAny(text[before.End:t.Start], " -") {
			for _, joined := range splitter.Terms(strings.ToLower(text[before.Start:before.End] + text[t.Start:t.End])) {
				if !known[joined.Text] {
					known[joined.Text] = true
					out = append(out, terms.Term{Text: joined.Text, Start: before.Start, End: t.End, Whole: true})
				}
			}
		}
		before = t
		return true
	})
	return out
}

func cut(text string) string {
	if len(text) > MaxQuestion {
		return strings.ToValidUTF8(text[:MaxQuestion], "")
	}
	return text
}

// ranker scores passages for one question.
type ranker struct {
	splitter *terms.Splitter
	terms    []string // all, in the order of the question, so that sums are the same each time
	rarity   map[string]float64
	whole    map[string]bool // terms that are whole words of several parts
	aliases  []alias
	all      float64  // the rarity of all terms
	length   float64  // of a passage, on average
	keys     []string // of work items, that it names
	paths    []string // that the question names
	tests    bool     // it asks for tests
	text     string   // all of the question
}

// pathLike is a path or the name of a file.
var pathLike = regexp.MustCompile(`[\w.@-]+(?:/[\w.@-]+)+|[\w-]+\.[A-Za-z]\w{0,9}\b`)

func newRanker(splitter *terms.Splitter, asked []terms.Term, text string, c *store.Candidates) *ranker {
	r := &ranker{splitter: splitter, rarity: map[string]float64{}, whole: map[string]bool{}, length: max(c.Length, 1), keys: KeysIn(cut(text)), paths: pathLike.FindAllString(cut(text), 20), text: strings.TrimSpace(text)}
	for _, t := range asked {
		in := c.Frequencies[t.Text]
		r.terms = append(r.terms, t.Text)
		r.rarity[t.Text] = terms.Rarity(in, c.Total)
		if t.Whole {
			r.whole[t.Text] = true
		} else {
			r.all += r.rarity[t.Text]
		}
		r.tests = r.tests || t.Text == "test" || t.Text == "spec"
	}
	return r
}

// know takes in other terms for those of the question. One that stands everywhere
// says as little as it does by itself.
func (r *ranker) know(aliases []alias, c *store.Candidates) {
	r.aliases = aliases
	for _, a := range aliases {
		r.rarity[a.text] = min(r.rarity[a.of], terms.Rarity(c.Frequencies[a.text], c.Total))
	}
}

func (r *ranker) found(asked []terms.Term, c *store.Candidates) []FoundTerm {
	out := make([]FoundTerm, 0, len(asked))
	for _, t := range asked {
		if !t.Whole {
			out = append(out, FoundTerm{Term: t.Text, Passages: c.Frequencies[t.Text], Rarity: r.rarity[t.Text]})
		}
	}
	return out
}

// score says how well a passage fits.
func (r *ranker) score(p *rampforge.Passage) Hit {
	inText, length := r.count(p.Text)
	inNames, names := r.count(p.Names)
	hit := Hit{Passage: *p}
	norm := 1 - lengthPart + lengthPart*float64(length)/r.length
	nameNorm := max(1, namesPart*float64(names)/usualNames+1-namesPart)
	had := 0.0
	said := r.aliased(inText, inNames)
	for _, term := range r.terms {
		rarity := r.rarity[term]
		if as, ok := said[term]; ok {
			rarity, inText[term], inNames[term] = r.rarity[as], inText[as], inNames[as]
		}
		tf := float64(inText[term])/norm + nameWeight*min(float64(inNames[term]), 2)/nameNorm
		if tf == 0 {
			continue
		}
		part := rarity * tf * (saturation + 1) / (tf + saturation)
		switch {
		case !r.whole[term]:
			had += rarity
		case inNames[term] > 0:
			part *= wholeBonus
			hit.exact = true
		}
		hit.Score += part
	}
	if r.all > 0 {
		hit.Coverage = had / r.all
	}
	named := max(r.pathFactor(p.Path), r.keyFactor(p))
	hit.exact = hit.exact || named == ofNamedFile || p.Symbol != "" && p.Symbol == r.text
	hit.Score *= (0.5 + 0.5*hit.Coverage) * kindWeight[p.Kind] * (1 + ofCentral*p.Weight) * named
	if p.Kind != rampforge.PassageDocument && p.Path != "" && !source.IsCodeByName(p.Path) {
		hit.Score *= ofData
	}
	if p.Kind == rampforge.PassageDocument && passage.IsManual(p.Path) {
		hit.Score *= ofManual
	}
	if !r.tests && p.Path != "" && source.IsTest(p.Path) {
		hit.Score *= ofTests
	}
	return hit
}

// aliased are the terms of the question that a passage has by another term only,
// with the rarest of these.
func (r *ranker) aliased(inText, inNames map[string]int) map[string]string {
	var said map[string]string
	for _, a := range r.aliases {
		if inText[a.of]+inNames[a.of] > 0 || inText[a.text]+inNames[a.text] == 0 {
			continue
		}
		if before, ok := said[a.of]; ok && r.rarity[before] >= r.rarity[a.text] {
			continue
		}
		if said == nil {
			said = map[string]string{}
		}
		said[a.of] = a.text
	}
	return said
}

// count counts the asked terms of a text, and how many terms it has.
func (r *ranker) count(text string) (counts map[string]int, length int) {
	counts = map[string]int{}
	r.splitter.Scan(text, func(t terms.Term) bool {
		if _, asked := r.rarity[t.Text]; asked {
			counts[t.Text]++
		}
		if !t.Whole {
			length++
		}
		return true
	})
	return counts, length
}

// keyFactor favours the work items and pull requests that a question names, and
// the commits that name the same.
func (r *ranker) keyFactor(p *rampforge.Passage) float64 {
	if len(r.keys) == 0 {
		return 1
	}
	first, _, _ := strings.Cut(p.Title, " ")
	for _, key := range r.keys {
		switch {
		case (p.Kind == rampforge.PassageWorkItem || p.Kind == rampforge.PassagePullRequest) && strings.EqualFold(first, key):
			return ofNamedFile
		case p.Kind == rampforge.PassageCommit && slices.Contains(KeysIn(p.Text), key):
			return 1.5
		}
	}
	return 1
}

// pathFactor favours the files that a question names.
func (r *ranker) pathFactor(file string) float64 {
	for _, named := range r.paths {
		switch {
		case file == "":
		case strings.HasSuffix("/"+file, "/"+named):
			return ofNamedFile
		case strings.Contains("/"+file, "/"+named+"/"), path.Base(file) == path.Base(named):
			return 1.5
		}
	}
	return 1
}
