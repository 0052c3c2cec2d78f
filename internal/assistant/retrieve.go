package assistant

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// source is a passage that an answer may cite.
type source struct {
	rampforge.Passage

	n     int  // as it is cited
	gone  bool // it does not stand where it says
	score float64
}

// dossier is what was found for one question.
type dossier struct {
	*Assistant

	question   Question
	asked      *understood
	code       *Code // nil where nothing is known of the repository
	repository *rampforge.Repository
	hits       []search.Hit // best first
	ofValue    bool         // it asks for a value that no line was found to give
	byMeaning  bool         // some of them were found by meaning
	wordsAlone string       // why they were not found by meaning, too, where they could be
	rarity     map[string]float64
	read       map[int64]map[string]bool // the terms of passages, by id
	splitter   *terms.Splitter           // remembers the stems of what is read for this question
	targets    []target                  // what of the code the question names, or is about
	unknown    []string                  // names in the question that nothing has
	tags       []git.Tag                 // of the repository, where the question may be of changes
	sources    []*source
	items      map[string]*rampforge.KnowledgeItem // that were found, by id
	about      []*rampforge.KnowledgeItem          // of the targets, the nearest first
}

// target is a file, a folder or a symbol that a question is about.
type target struct {
	impact *codeindex.Impact
	named  bool // by the question itself
}

// name is what a target is called.
func (t target) name() string {
	if s := t.impact.Symbol; s != nil {
		return s.Name
	}
	return t.impact.Path
}

// retrieve finds what the answer may rest on.
func (a *Assistant) retrieve(ctx context.Context, q Question) (*dossier, error) {
	d := &dossier{Assistant: a, question: q, asked: understand(q.Text), rarity: map[string]float64{}, read: map[int64]map[string]bool{}, splitter: terms.NewSplitter()}
	if n := len(q.Earlier); n > 0 {
		d.asked = d.asked.after(understand(q.Earlier[n-1].Question))
	}
	if q.Focus.Path != "" && len(d.asked.paths)+len(d.asked.names) == 0 {
		d.asked.paths = add(d.asked.paths, strings.Trim(q.Focus.Path, "/"))
	}
	if q.Focus.WorkItem != "" {
		d.asked.items = add(d.asked.items, q.Focus.WorkItem)
	}
	if q.Focus != (Focus{}) && pointing.MatchString(d.asked.text) {
		d.asked.intent = asksWhat
	}
	if err := d.readCode(ctx); err != nil {
		return nil, err
	}
	if d.code != nil && d.asked.intent == asksWhat && d.asked.namesWhole(d.wholeNames()...) {
		d.asked.intent = asksAbout
	}
	d.readTags(ctx)
	if p, ok := changesIn(q.Text, a.Now(), d.versionNames()); ok {
		d.asked.intent, d.asked.period = asksChanges, &p
	} else {
		d.nameCapitals()
	}
	if err := d.search(ctx); err != nil {
		return nil, err
	}
	d.findTargets()
	if d.asked.intent == asksChanges {
		d.hits = nil // that have the words of the question say nothing of when they changed
	}
	return d, d.readKnown(ctx)
}

// capital is a word with a capital that begins no sentence.
var capital = lazyregexp.New(`[\w,;:)] +([A-Z][A-Za-z0-9]+)\b`)

// nameCapitals takes a word with a capital for a name where the code has a symbol
// that is called so: in English it may be one or not.
func (d *dossier) nameCapitals() {
	if d.code == nil || len(d.asked.names)+len(d.asked.paths) > 0 {
		return
	}
	words := map[string]bool{}
	for _, m := range capital.FindAllStringSubmatch(d.asked.text, 10) {
		words[m[1]] = true
	}
	if len(words) == 0 {
		return
	}
	for i := range d.code.Index.Symbols {
		if name := d.code.Index.Symbols[i].Name; words[name] {
			d.asked.names = add(d.asked.names, name)
		}
	}
}

// readCode reads the index of the project's repository.
func (d *dossier) readCode(ctx context.Context) error {
	id := d.question.Project.RepositoryID
	if id == nil {
		return nil
	}
	r, err := d.Store.Repository(ctx, d.question.Viewer, *id)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	d.repository = &r
	d.code, err = d.Code(ctx, d.question.Viewer, *id)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil
	}
	return err
}

// maxHits is how many passages are looked at.
const maxHits = 40

// search asks the question as it is, and once more for its names alone.
func (d *dossier) search(ctx context.Context) error {
	queries := []string{strings.Join(append([]string{d.asked.subject()}, d.asked.paths...), " ")}
	if len(d.asked.names) > 0 {
		queries = append(queries, strings.Join(d.asked.names, " "))
	}
	queries = append(queries, d.asked.items...)
	if c := d.question.Focus.Component; c != "" {
		queries[0] += " " + c
	}
	if d.asked.intent == asksWhen {
		queries = append(queries, d.asked.text)
	}
	byID := map[int64]int{}
	for i, text := range queries {
		q := search.Question{Text: text}
		if d.wordsAlone == "" { // who waited in vain once does not again
			q.Meaning = d.Meaning
		}
		if i == len(queries)-1 && d.asked.intent == asksWhen {
			q.Kinds = []rampforge.PassageKind{rampforge.PassageCommit}
		}
		found, err := search.Ask(ctx, d.Store, d.question.Viewer, d.question.Project.ID, q)
		if err != nil {
			return err
		}
		if d.wordsAlone == "" {
			d.wordsAlone = found.Meaning.Note
		}
		d.byMeaning = d.byMeaning || found.Meaning.Used
		for _, t := range found.Terms {
			d.rarity[t.Term] = t.Rarity
		}
		for _, hit := range found.Hits[:min(len(found.Hits), maxHits)] {
			hit.Score /= found.Hits[0].Score
			if i > 0 {
				hit.Score *= 0.9 // names alone say less than the question
			}
			at, known := byID[hit.ID]
			if !known {
				byID[hit.ID] = len(d.hits)
				d.hits = append(d.hits, hit)
			} else if hit.Score > d.hits[at].Score {
				d.hits[at].Score = hit.Score
			}
		}
	}
	slices.SortStableFunc(d.hits, func(a, b search.Hit) int { return cmp.Compare(b.Score, a.Score) })
	d.hits = d.hits[:min(len(d.hits), maxHits)]
	return nil
}

// maxTargets is how many things of the code one answer is about.
const maxTargets = 4

// findTargets finds what the question names in the code, and where it names
// nothing what the best passage of code is of.
func (d *dossier) findTargets() {
	if d.code == nil {
		return
	}
	for _, p := range d.asked.paths {
		d.aim(codeindex.ImpactQuery{Path: p}, p, true)
	}
	for _, name := range d.asked.names {
		d.aim(codeindex.ImpactQuery{Symbol: name}, name, true)
	}
	if c := d.question.Focus.Component; c != "" {
		if at := slices.IndexFunc(d.code.Report.Architecture.Components, func(v report.Component) bool { return v.Name == c }); at >= 0 {
			d.aim(codeindex.ImpactQuery{Path: d.code.Report.Architecture.Components[at].Path}, c, true)
		}
	}
	if len(d.targets)+len(d.unknown) > 0 {
		return
	}
	if area := d.areaNamed(); area != "" {
		if d.aim(codeindex.ImpactQuery{Path: area}, area, false); len(d.targets) > 0 {
			return
		}
	}
	for _, hit := range d.hits[:min(len(d.hits), 5)] {
		if hit.Kind != rampforge.PassageCode && hit.Kind != rampforge.PassageFile || hit.Score < 0.75 || d.covers(&hit.Passage) < leastCovered {
			continue
		}
		q := codeindex.ImpactQuery{Path: hit.Path}
		if hit.Symbol != "" {
			q = codeindex.ImpactQuery{Symbol: hit.Path + "#" + hit.Symbol}
		}
		if d.aim(q, hit.Path, false); len(d.targets) > 0 {
			return
		}
	}
}

// wholeNames are what the project is called.
func (d *dossier) wholeNames() []string {
	r := &d.code.Report
	names := []string{r.Name, d.question.Project.Name}
	if t := r.Documentation.Title; t != nil {
		first, _, _ := strings.Cut(*t, " ")
		names = append(names, *t, first)
	}
	return names
}

// aim adds a target; a name that several have is that of the one that the
// passages speak of most.
func (d *dossier) aim(q codeindex.ImpactQuery, name string, named bool) {
	if len(d.targets) >= maxTargets {
		return
	}
	found, err := d.code.Index.Impact(q)
	if of, last, ok := cutLast(q.Symbol); ok && rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		// The name of a package or a module before that of what it declares.
		q.Symbol = d.inside(of, last)
		found, err = d.code.Index.Impact(q)
	}
	if candidates := candidatesOf(err); len(candidates) > 0 {
		q.Symbol = d.likeliest(candidates)
		found, err = d.code.Index.Impact(q)
	}
	if err != nil && q.Path != "" {
		// A path from somewhere inside, such as store.go.
		if full := d.pathEnding(q.Path); full != "" {
			found, err = d.code.Index.Impact(codeindex.ImpactQuery{Path: full})
		}
	}
	if err != nil {
		if named {
			d.unknown = append(d.unknown, name)
		}
		return
	}
	d.targets = append(d.targets, target{found, named})
}

// cutLast parts a name at its last dot.
func cutLast(name string) (of, last string, ok bool) {
	at := strings.LastIndexByte(name, '.')
	if at < 0 || strings.Contains(name, "#") {
		return "", name, false
	}
	return name[:at], name[at+1:], true
}

// inside is the symbol of a name in a file that is, or that lies in a folder that
// is, called as its qualifier is, a function before a method; the name alone where
// there is none.
func (d *dossier) inside(qualifier, name string) string {
	of := strings.ToLower(qualifier[strings.LastIndexByte(qualifier, '.')+1:])
	method := ""
	for i := range d.code.Index.Symbols {
		s := &d.code.Index.Symbols[i]
		if s.Name != name && !strings.HasSuffix(s.Name, "."+name) {
			continue
		}
		file := d.code.Index.Files[s.File].Path
		base, _, _ := strings.Cut(path.Base(file), ".")
		if strings.ToLower(base) != of && strings.ToLower(path.Base(path.Dir(file))) != of {
			continue
		}
		if s.Name == name {
			return file + "#" + name
		}
		if method == "" || strings.EqualFold(s.Name, of+"."+name) {
			method = file + "#" + s.Name
		}
	}
	return cmp.Or(method, qualifier+"."+name)
}

func candidatesOf(err error) []string {
	e, ok := err.(*rampforge.Error) //nolint:errorlint // the index returns it as it is
	if !ok {
		return nil
	}
	candidates, _ := e.Details["candidates"].([]string)
	return candidates
}

// likeliest is the symbol, of several of one name, whose file was found first.
func (d *dossier) likeliest(candidates []string) string {
	for _, hit := range d.hits {
		for _, c := range candidates {
			if file, name, _ := strings.Cut(c, "#"); file == hit.Path && (hit.Symbol == "" || hit.Symbol == name) {
				return c
			}
		}
	}
	return candidates[0]
}

// pathEnding is the one file whose path ends with the given one, of several the
// one that was found first.
func (d *dossier) pathEnding(ending string) string {
	var found []string
	for i := range d.code.Index.Files {
		if f := d.code.Index.Files[i].Path; strings.HasSuffix("/"+f, "/"+ending) {
			found = append(found, f)
		}
	}
	for _, hit := range d.hits {
		if slices.Contains(found, hit.Path) {
			return hit.Path
		}
	}
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// cite makes a passage one of the sources and returns its number.
func (d *dossier) cite(p rampforge.Passage, score float64) int {
	for _, s := range d.sources {
		if s.ID == p.ID && p.ID != 0 || p.ID == 0 && s.Kind == p.Kind && s.Key == p.Key && s.StartLine == p.StartLine {
			return s.n
		}
	}
	d.sources = append(d.sources, &source{Passage: p, n: len(d.sources) + 1, score: score})
	return len(d.sources)
}

// passageAt is the passage of a file that a line is in.
func (d *dossier) passageAt(ctx context.Context, file string, line int) (rampforge.Passage, bool) {
	for _, hit := range d.hits {
		if hit.Path == file && hit.Kind != rampforge.PassageFile && hit.StartLine <= line && line <= hit.EndLine {
			return hit.Passage, true
		}
	}
	for _, kind := range []rampforge.PassageKind{rampforge.PassageCode, rampforge.PassageDocument, rampforge.PassageFile} {
		list, err := d.Store.PassagesOf(ctx, d.question.Viewer, d.question.Project.ID, kind, file)
		d.note(ctx, "a passage", err)
		for i := range list {
			if list[i].StartLine <= line && line <= list[i].EndLine {
				return list[i], true
			}
		}
	}
	return rampforge.Passage{}, false
}

// passageOf is the passage of one key, such as a commit.
func (d *dossier) passageOf(ctx context.Context, kind rampforge.PassageKind, key string) (rampforge.Passage, bool) {
	list, err := d.Store.PassagesOf(ctx, d.question.Viewer, d.question.Project.ID, kind, key)
	d.note(ctx, "a passage", err)
	if len(list) == 0 {
		return rampforge.Passage{}, false
	}
	return list[0], true
}
