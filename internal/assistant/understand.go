package assistant

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// intent is what a question asks for.
type intent string

const (
	asksWhere  intent = "where"
	asksWhat   intent = "what"
	asksHow    intent = "how" // how one does something here
	asksWhy    intent = "why"
	asksWho    intent = "who"
	asksBreaks intent = "breaks" // what a change would touch
	asksWhen   intent = "when"
	// asksChanges is of what changed in a period.
	asksChanges intent = "changes"

	// Of the project as a whole.
	asksAbout intent = "about"
	asksStart intent = "start" // what to read first
	asksParts intent = "parts"
	asksMade  intent = "made"  // what it is written in, and what it uses
	asksNeeds intent = "needs" // which tools, of which versions
	asksTerms intent = "terms" // under which licence
	asksOffer intent = "offer" // which endpoints
)

// forms tells the intents by the words of a question, the surest first.
var forms = []struct {
	intent intent
	form   *lazyregexp.Regexp
}{
	{asksBreaks, lazyregexp.New(`(?i)\b(what|which) tests? (cover|covers|exercise|exercises|check|checks)\b|\b(what|which|who)\b.*\b(breaks?|affected|impact(ed)?|depends?|relies|rely|uses|calls|imports)\b|\b(safe|risky|ok) to (change|remove|delete|rename|move)\b|\bimpact of\b|\bif (i|we|you|one|somebody) (change|remove|delete|rename|move)|\bwhat happens (if|when) (i|we|you) (change|remove|delete|rename|move)`)},
	// Who knows, made or looks after something; who may do it, or gets it, is what the code decides.
	{asksWho, lazyregexp.New(`(?i)^\W*(and |but |so )?(who|whom|whose)\b.*\b(knows?|owns?|owners?|maintains?|maintainers?|maintained|understands?|understood|wrote|written|authors?|authored|made|built|created|added|changed|edited|modified|touched|fixed|designed|implemented|introduced|committed|contributed|reviews?|reviewed|works? (on|with)|work(ed|ing) (on|with)|expert|experts|expertise|familiar|experienced|responsible|in charge|looks? after|takes? care|can help|could help|helps|(can|should|do|could|to|must|would) (i |we )?(ask|talk|speak|turn|contact|call|ping))\b|^\W*(and |but |so )?(who|whose) (is|are|was|were) (it|this|that|these|they|behind)\b|^\W*(and |but |so )?(who|whom)\W*$|\b(whom|who) (can|should|do|could) (i|we) (ask|talk|contact)|\bexperts? (on|for|of|in)\b|\bowners? of\b`)},
	{asksWhy, lazyregexp.New(`(?i)^\W*(and |but |so )?why\b|\b(the )?(reason|rationale|motivation) (for|behind|of)\b|\bhow come\b|\bwhat is the reason\b`)},
	{asksWhen, lazyregexp.New(`(?i)^\W*(since )?when (was|were|did|has|have)\b|^\W*(and |but |so )?when\b.*\b(added|changed|removed|introduced|last)\b|\b(which|what) (commit|release|version) (added|introduced|changed|removed)\b|\bsince when\b`)},
	{asksHow, lazyregexp.New(`(?i)\bhow (do|can|could|should|would|must) (i|we|you|one|somebody|a newcomer)\b|\bhow to\b|\bwhat (command|commands) (do|does|to|runs?|builds?|tests?)\b|\bwhich commands?\b|^\W*(run|build|install|set ?up|start|lint|deploy|debug) `)},
	{asksWhere, lazyregexp.New(`(?i)\bwhere\b|\b(which|what) (file|files|function|functions|method|class|type|module|package|code|component|place|part|struct|handler|endpoint)s?\b|\b(find|locate|show me)\b`)},
}

// tasks are what people do to a repository, and the words that tell them apart.
var tasks = []struct {
	name string
	form *lazyregexp.Regexp
}{
	{"test", lazyregexp.New(`(?i)\b(run|execute|start|launch)\b.*\btests?\b|\btests?\b.*\b(run|executed|locally)\b|\btest (this|it|the (code|project|repository|repo|suite))\b|\bunit tests?\b`)},
	{"lint", lazyregexp.New(`(?i)\b(lint(er|ers|ing)?|code style checks?|static (analysis|checks?)|format the code)\b`)},
	{"build", lazyregexp.New(`(?i)\b(build|compile)\b( (this|it|the (code|project|repository|repo|binary|app|application|program|image)|from source|locally))?\W*$|\b(build|compile) (this|it|the (code|project|repository|repo|binary|app|application|program)|from source)\b`)},
	{"setup", lazyregexp.New(`(?i)\b(set ?up|set (this|it|that|them|everything|things|the \w+( \w+)?|(this|my|your) \w+( \w+)?) up|install( the)? (dependencies|it|this|requirements|everything)|get started|development environment|dev environment|prepare my machine|clone)\b`)},
	{"run", lazyregexp.New(`(?i)\b(run|start|launch|serve)\b( (this|it|the (code|project|app|application|server|program|service|thing)|locally|everything))?\W*$|\b(run|start|launch) (this|it|the (app|application|server|project|program|service))\b`)},
}

var (
	// quoted and codeName are what a question names of the code.
	quoted   = lazyregexp.New("`([^`\n]{1,200})`|\"([^\"\n]{1,200})\"")
	codeName = lazyregexp.New(`[A-Za-z_$][\w$]*(?:(?:\.|::|#|->)[A-Za-z_$][\w$]*)*(?:\(\))?`)
	pathName = lazyregexp.New(`[\w@.-]+(?:/[\w@.-]+)+/?|\b[\w-]+\.(?:[A-Za-z][A-Za-z0-9]{0,9})\b`)
	// back leads to what was talked of before.
	back = lazyregexp.New(`(?i)^\W*(and|but|so|then|also)\b|\b(it|its|that|this|they|them|these|those|there)\b`)
)

// understood is what a question asks.
type understood struct {
	text   string
	intent intent
	task   string   // of asksHow: a task of building; "" for another
	names  []string // of code, as they are written
	paths  []string
	items  []string // keys of work items, numbers with #
	terms  []string // that an answer must speak of
	joined [][3]string
	period *period // of asksChanges
}

// understand reads a question.
func understand(text string) *understood {
	u := &understood{text: strings.TrimSpace(text)}
	u.intent = intentOf(u.text)
	if u.intent == asksHow {
		for _, t := range tasks {
			if t.form.MatchString(u.text) {
				u.task = t.name
				break
			}
		}
	}
	for _, key := range search.KeysIn(u.text) {
		u.items = add(u.items, key)
	}
	u.nameThings()
	u.terms = telling(u.text)
	return u
}

func intentOf(text string) intent {
	if whole := wholeIntent(text); whole != "" {
		return whole
	}
	for _, f := range forms {
		if f.form.MatchString(text) {
			return f.intent
		}
	}
	return asksWhat
}

// nameThings finds the names of code and the paths.
func (u *understood) nameThings() {
	rest := quoted.ReplaceAllStringFunc(u.text, func(s string) string {
		inner := strings.TrimSuffix(s[1:len(s)-1], "()")
		switch {
		case pathName.FindString(inner) == inner && looksLikePath(inner):
			u.paths = add(u.paths, strings.Trim(inner, "/"))
		case codeName.FindString(inner) == inner || strings.Contains(inner, "#"):
			u.names = add(u.names, inner)
		}
		return " "
	})
	rest = pathName.ReplaceAllStringFunc(rest, func(s string) string {
		s = strings.Trim(strings.TrimRight(s, "."), "/")
		if !looksLikePath(s) {
			return s
		}
		u.paths = add(u.paths, s)
		return " "
	})
	for _, name := range codeName.FindAllString(rest, -1) {
		if bare := strings.TrimSuffix(name, "()"); bare != name || isCode(bare) {
			u.names = add(u.names, strings.NewReplacer("::", ".", "->", ".").Replace(bare))
		}
	}
}

// looksLikePath tells paths from names of members, such as Store.Close, and from
// words with a stroke between, such as and/or.
func looksLikePath(s string) bool {
	if strings.Contains(s, "/") {
		return strings.Count(s, "/") > 1 || strings.ContainsAny(s, ".") || len(s) > 8
	}
	_, ending, _ := strings.Cut(s, ".")
	return knownEndings[strings.ToLower(ending)]
}

var knownEndings = func() map[string]bool {
	known := map[string]bool{}
	for e := range strings.FieldsSeq("go py js ts tsx jsx mjs cjs java kt rb rs c h cc cpp hpp cs php swift scala sql md txt toml yaml yml json xml html css scss vue sh gradle tf proto lock cfg ini mod") {
		known[e] = true
	}
	return known
}()

// isCode reports whether a word is written as names in code are: with a capital
// inside, an underscore, a dot or a digit between letters.
func isCode(word string) bool {
	if strings.ContainsAny(word, "_.#") {
		return len(word) > 2
	}
	small, inner := false, false
	for i, r := range word {
		if i > 0 && r >= 'A' && r <= 'Z' && small {
			inner = true
		}
		small = small || r >= 'a' && r <= 'z'
	}
	return inner
}

func add(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) || len(list) >= 10 {
		return list
	}
	return append(list, s)
}

// compounds are what two neighbours of the question make as one word, with the
// two: code that says webmention speaks of web mentions.
func (u *understood) compounds(splitter *terms.Splitter) [][3]string {
	if u.joined != nil {
		return u.joined
	}
	u.joined = [][3]string{}
	all := splitter.Terms(u.text)
	for _, c := range search.Compounds(splitter, u.text, all) {
		var parts []string
		for _, t := range all {
			if !t.Whole && t.Start >= c.Start && t.End <= c.End {
				parts = append(parts, t.Text)
			}
		}
		if len(parts) == 2 {
			u.joined = append(u.joined, [3]string{c.Text, parts[0], parts[1]})
		}
	}
	return u.joined
}

// subject is the question without the words that only say what is asked of it:
// of who knows a reader and of why it is so, the reader.
func (u *understood) subject() string {
	switch u.intent {
	case asksWho, asksWhy, asksBreaks, asksWhen:
	default:
		return u.text
	}
	if len(cite.Telling(terms.NewSplitter().Terms(u.text))) == 0 {
		return u.text
	}
	var out strings.Builder
	at := 0
	terms.NewSplitter().Scan(u.text, func(t terms.Term) bool {
		if !t.Whole && t.Start >= at && cite.Light(t.Text) {
			out.WriteString(u.text[at:t.Start] + " ")
			at = t.End
		}
		return true
	})
	out.WriteString(u.text[at:])
	return out.String()
}

// namesWhole reports whether a question asks what something is and names only
// that, by one of its names.
func (u *understood) namesWhole(names ...string) bool {
	m := whatIs.FindStringSubmatch(u.text)
	return m != nil && slices.ContainsFunc(names, func(name string) bool { return name != "" && squeeze(m[1]) == squeeze(name) })
}

var whatIs = lazyregexp.New(`(?i)^\W*(?:what(?:'s| is| does| are)|tell me about|explain|describe) (.{1,100}?)(?: do| about| for| used for|,? and what (?:does|do) it do|,? and what is it for)*\W*$`)

// telling are the terms of a question that say what it is about; all, where no
// word does.
func telling(text string) []string {
	all := terms.NewSplitter().Terms(text)
	if own := cite.Telling(all); len(own) > 0 {
		return own
	}
	var out []string
	for _, t := range all {
		if !t.Whole {
			out = append(out, t.Text)
		}
	}
	return out
}

// after reads a question that follows others: one that only points back is about
// what the one before was about.
func (u *understood) after(before *understood) *understood {
	if len(u.names)+len(u.paths)+len(u.items) > 0 || !back.MatchString(u.text) && len(u.terms) > 1 {
		return u
	}
	own := cite.Telling(terms.NewSplitter().Terms(u.text))
	if len(own) > 3 {
		return u
	}
	if pointing.MatchString(u.text) {
		u.intent = asksWhat
	}
	u.names, u.paths, u.items = before.names, before.paths, before.items
	u.terms = own
	for _, t := range before.terms {
		if !slices.Contains(u.terms, t) {
			u.terms = append(u.terms, t)
		}
	}
	u.text += "\n" + before.text
	return u
}
