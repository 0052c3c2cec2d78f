package documents

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The most documents that are looked through for definitions.
const maxDefining = 60

// isDefinition is a sentence that says what its subject is: "A hat is a title that
// …". The subject has five words at most.
var isDefinition = lazyregexp.New(`^(?i:an? |the )?([\p{L}\p{N}][\p{L}\p{N}._/-]*(?: [\p{L}\p{N}][\p{L}\p{N}._/-]*){0,4}?) (?:\([^()]{1,40}\) )?(?:is|are|means|refers to|stands for|represents|describes) (?:an?|the|one|any|all|where|what|when|how|how many|every|each|some|something|someone|somebody) \S`)

// sentenceEnd is between two sentences.
var sentenceEnd = lazyregexp.New(`[.!?][)"”']?\s+`)

// defined are the words of the code that documents say the meaning of, wherever in
// them: in a list that begins with the word, or in a sentence of the form "A … is a
// …". Words that the code does not have are none of the project's own.
func (g *glossary) defined() []entry {
	own := g.own()
	var out []entry
	seen := map[string]bool{}
	take := func(e entry) {
		key := keyOf(e.term)
		if own[key] && !seen[key] && len(strings.Fields(e.text)) > 3 && !questions.MatchString(e.text) {
			seen[key] = true
			out = append(out, e)
		}
	}
	docs := g.docs()
	for _, file := range docs[:min(len(docs), maxDefining)] {
		if isChangelog(file) || g.asideFolder(file) {
			continue
		}
		lines := g.file(file)
		for _, s := range g.sectionsOf(file) {
			for _, e := range g.entries(&s, true) {
				take(e)
			}
			for _, v := range s.prose(lines) {
				for _, sentence := range sentenceEnd.Split(v.text, -1) {
					if m := isDefinition.FindStringSubmatch(sentence); m != nil {
						take(entry{m[1], strings.TrimRight(strings.TrimSpace(sentence), ".") + ".", file, v.first, v.last})
					}
				}
			}
		}
	}
	return out
}

var questions = lazyregexp.New(`\?\s*$`)

// own are the words of the project, as keys: the names of types and of what is kept
// that are none of programs in general, and the words that names in the code are
// made of; and the project's own name.
func (g *glossary) own() map[string]bool {
	out := map[string]bool{}
	for _, v := range g.candidates() {
		if !plainWords[keyOf(v.name)] && !genericWords[keyOf(v.name)] {
			out[keyOf(v.name)] = true
		}
	}
	for _, w := range g.dominant() {
		out[keyOf(w.word)] = true
	}
	if name := path.Base(g.name()); len(name) > 2 {
		out[keyOf(name)] = true
	}
	return out
}

// definedBelow is a term whose definition follows in the next line, behind a colon,
// as lists of definitions have it.
func definedBelow(lines []string, n, end int) (string, bool) {
	term := strings.TrimSpace(lines[n-1])
	if n >= end || n >= len(lines) || term == "" || len(strings.Fields(term)) > 5 || strings.ContainsAny(term, "|#`<>:") {
		return "", false
	}
	next := lines[n]
	return unmark(term), strings.HasPrefix(next, ": ") && len(strings.Fields(next)) > 3
}
