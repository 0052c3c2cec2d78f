package interview

import (
	"fmt"
	"path"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/decision"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The bounds of what code is asked about.
const (
	hardFunction  = 20 // cognitive complexity: SonarSource asks for a change from 15 on
	closelyChange = 50 // percent of the commits of either file
	oftenTogether = 5  // commits
	bareFunctions = 3
	maxReason     = 240
	mostChecked   = 40 // files whose tests are looked for
)

// mechanical are changes of how something is written, everywhere it stands.
var mechanical = lazyregexp.New(`(?i)^(?:\w+(?:\([^)]*\))?!?: )?(?:use|replace|remove|drop|switch to|migrate to|adopt) (?:the |deprecated |old )?(?:\S*{}|\x60\S*{}\x60|any|ioutil|new|modern|stdlib|slices|maps|min|max|strings\.\w+|errors\.\w+|fmt\.\w+|f-strings?|const|let|arrow|http\.Method\w*|range|t\.\w+|testify|require|assert)(?:\b|\s|$)`)

// quoteOf is what of a remark or a reason is quoted: whole words.
func quoteOf(text string) string {
	text = strings.NewReplacer("“", "", "”", "").Replace(strings.Join(strings.Fields(text), " "))
	if len(text) <= maxReason {
		return text
	}
	head := strings.ToValidUTF8(text[:maxReason], "")
	if at := strings.LastIndexByte(head, ' '); at > 0 {
		head = head[:at]
	}
	return head + " …"
}

// decisions asks about what was decided without a reason that is written down,
// and about reasons that may not hold any more.
func (m *maker) decisions() {
	for i := range m.Report.Decisions {
		d := &m.Report.Decisions[i]
		switch d.Kind {
		case decision.KindCommit:
			m.decidedIn(d)
		case decision.KindComment:
			m.saidThere(d)
		case decision.KindRecord:
			m.recorded(d)
		}
	}
}

func (m *maker) decidedIn(d *report.Decision) {
	if d.Commit == nil {
		return
	}
	at, known := m.commits.byHash[short(*d.Commit)]
	if !known || !m.own(&m.Commits[at]) {
		return
	}
	c := &m.Commits[at]
	file, stake := m.central(c)
	if revertOf.MatchString(c.Subject) || mechanical.MatchString(c.Subject) {
		return
	}
	q := rampforge.InterviewQuestion{
		Kind: "option", Topic: "Why “" + subject(c) + "”",
		Text:  fmt.Sprintf("Commit %s decided something. What else was there to choose from, what decided it, and what would make you decide otherwise today?", told(c)),
		Case:  m.commitCase("decision", file, c),
		Needs: []string{NeedReason},
		Probes: probes("option", "Who would have done it another way, and what did they have in mind?", "cue", "What did you see that made it urgent then?",
			"error", "What have you run into since that you had not expected?"),
	}
	worth := 0.95
	if d.Reason != nil {
		worth = 0.7
		q.Text = fmt.Sprintf("Commit %s gives a reason: “%s” What did it rule out, and does it still hold?", told(c), quoteOf(*d.Reason))
	}
	m.ask(worth*recent(m.Commits[0].CommittedAt, c.CommittedAt), stake, q)
}

// learned are words of reasons that somebody had to find out; others tell as
// often how a function behaves.
var learned = lazyregexp.New(`(?i)\b(?:because|workaround|work around|to (?:avoid|prevent)|deliberately|intentionally|on purpose|trade-?off|must not|the reason|instead of|unfortunately)\b`)

// experienced reports whether a remark gives a reason of experience, and does not
// only document what stands below it.
func (m *maker) experienced(file, text string) bool {
	if !learned.MatchString(text) {
		return false
	}
	at, known := m.files[file]
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if !known || first == "" {
		return false
	}
	for _, s := range m.Index.SymbolsOf(at) {
		if s.Name[strings.LastIndexByte(s.Name, '.')+1:] == strings.TrimRight(first, ":,()") {
			return strings.Contains(strings.ToLower(text), "because") || strings.Contains(text, "orkaround") || strings.Contains(text, "o avoid")
		}
	}
	return true
}

func (m *maker) saidThere(d *report.Decision) {
	if d.Path == nil || strings.Contains(d.Title, "@") || !m.experienced(*d.Path, d.Title) {
		return
	}
	m.ask(0.65, m.stakeOf(*d.Path), rampforge.InterviewQuestion{
		Kind: "cue", Topic: "What is behind the remark in " + path.Base(*d.Path),
		Text:  fmt.Sprintf("%s says in line %d: “%s” When did you meet that last, how did it show, and does it still hold?", span(*d.Path), d.Line, quoteOf(d.Title)),
		Case:  rampforge.InterviewCase{What: "decision", Title: clip(d.Title, ""), Path: *d.Path, StartLine: new(d.Line), EndLine: new(d.Line + 1), Excerpt: d.Title},
		Needs: []string{NeedConcrete},
		Probes: probes("option", "What else did you try, and what came of it?", "what_if", "How would somebody notice that it holds no longer?",
			"risk", "What breaks, and where, when somebody does not know that?"),
	})
}

// recorded asks about a record that who is asked wrote.
func (m *maker) recorded(d *report.Decision) {
	if d.Path == nil || !m.chosen(*d.Path) {
		return
	}
	for _, at := range m.commits.touched[*d.Path] {
		c := &m.Commits[at]
		if !m.own(c) {
			continue
		}
		m.ask(0.6*recent(m.Commits[0].CommittedAt, c.CommittedAt), 0.5, rampforge.InterviewQuestion{
			Kind: "option", Topic: "What the record “" + clip(d.Title, "") + "” leaves out", Why: "You wrote the record of this decision.",
			Text:  fmt.Sprintf("The record “%s” (%s) tells what was decided. What was on the table that it does not tell, and what has changed since so that you would decide otherwise?", clip(d.Title, ""), span(*d.Path)),
			Case:  rampforge.InterviewCase{What: "record", Title: clip(d.Title, ""), Path: *d.Path, Related: c.Hash},
			Needs: []string{NeedReason},
			Probes: probes("goal", "What mattered most to whom at the time?", "risk", "What did it cost that nobody wrote down?",
				"what_if", "What would have to happen for it to be taken back?"),
		})
		return
	}
}

// complexCode asks about the functions that are hardest to follow.
func (m *maker) complexCode() {
	for i := range m.Index.Files {
		stake := m.stakes[i]
		if stake <= 0 {
			continue
		}
		symbols := m.Index.SymbolsOf(i)
		var hardest *codeindex.Symbol
		for k := range symbols {
			if s := &symbols[k]; s.Cognitive >= hardFunction && !s.Test && (hardest == nil || s.Cognitive > hardest.Cognitive) {
				hardest = s
			}
		}
		if hardest == nil {
			continue
		}
		s, file := hardest, m.Index.Files[i].Path
		m.ask(0.5+min(float64(s.Cognitive)/400, 0.15), stake, rampforge.InterviewQuestion{
			Kind: "cue", Topic: "How to work on " + s.Name,
			Text:  fmt.Sprintf("%s in %s (lines %d–%d) has more branches than most of what you know. Take the last time that you changed it or looked for a fault in it: what did you watch for, in which order, and which branch surprises people?", span(s.Name), span(file), s.Line, s.EndLine),
			Case:  rampforge.InterviewCase{What: "complex", Title: s.Name, Path: file, Symbol: s.Name, StartLine: new(int(s.Line)), EndLine: new(int(s.EndLine)), Excerpt: m.lines(file, int(s.Line), int(s.Line)+5)},
			Needs: []string{NeedConcrete},
			Probes: probes("cue", "What do you look at to know that it went right?", "goal", "Which order of its steps must stay as it is, and why?",
				"error", "What did somebody break here before, without noticing?", "what_if", "If you had a week for it, what would you take apart first?"),
		})
	}
}

// coupled asks about files that change together, though neither imports the
// other.
func (m *maker) coupled() {
	for _, c := range m.Report.Coupling {
		a, okA := m.files[c.A]
		b, okB := m.files[c.B]
		if c.Imports || !okA || !okB || c.Degree < closelyChange || c.Shared < oftenTogether || twins(c.A, c.B) || !m.counts(a) || !m.counts(b) {
			continue
		}
		file, other := c.A, c.B
		if m.stakes[b] > m.stakes[a] {
			file, other = c.B, c.A
		}
		m.ask(0.65+float64(c.Degree)/1000, m.stakeOf(file), rampforge.InterviewQuestion{
			Kind: "cue", Topic: "What ties " + path.Base(file) + " and " + path.Base(other),
			Text:  fmt.Sprintf("%s and %s change together, and neither imports the other. What ties them, and what goes wrong when only one is changed?", span(file), span(other)),
			Case:  rampforge.InterviewCase{What: "coupling", Title: path.Base(file) + " and " + path.Base(other), Path: file, Related: other},
			Needs: []string{NeedReason},
			Probes: probes("cue", "How do you notice that one was forgotten?", "option", "Was there a try to have it in one place, and what came of it?",
				"what_if", "What else would have to change with them if a third came?"),
		})
	}
}

// twins are files that go together by their names: a header and its source, a
// component and its styles, the same file in two folders for two platforms.
func twins(a, b string) bool {
	stem := func(p string) string {
		base, _, _ := strings.Cut(path.Base(p), ".")
		return strings.ToLower(base)
	}
	x, y := stem(a), stem(b)
	return x == y || strings.HasPrefix(x, y+"_") || strings.HasPrefix(y, x+"_")
}

// bare asks about code that others use, and that neither says what it is nor has
// a test.
func (m *maker) bare() {
	list := Wanted(m.Sources)
	for _, file := range list[:min(len(list), mostChecked)] {
		i := m.files[file]
		f := &m.Index.Files[i]
		users := m.users(i)
		if f.Doc != "" || int(f.Functions) < bareFunctions || users == 0 {
			continue
		}
		impact, err := m.Index.Impact(codeindex.ImpactQuery{Path: file})
		if err != nil || impact.TestTotal > 0 {
			continue
		}
		first, last, symbol := m.entrance(i)
		where := ""
		if symbol != "" {
			where = " from " + span(symbol) + " on"
		}
		m.ask(0.5, m.stakes[i], rampforge.InterviewQuestion{
			Kind: "risk", Topic: "What to know before changing " + path.Base(file),
			Text:  fmt.Sprintf("%s has no test that the analysis knows of, and says nothing of itself, while other files use it%s. What must somebody know before they change it, and how do you find out that it still works?", span(file), where),
			Case:  rampforge.InterviewCase{What: "untested", Title: path.Base(file), Path: file, Symbol: symbol, StartLine: first, EndLine: last, Excerpt: m.lines(file, line(first), line(first)+5)},
			Needs: []string{NeedReason},
			Probes: probes("cue", "What do you try by hand after a change?", "error", "What broke here before that no test would have shown?",
				"contact", "Who notices first when it does not work, and how do you hear of it?"),
		})
	}
}

// entrance is the first exported function of a file, else its first one.
func (m *maker) entrance(file int) (first, last *int, name string) {
	symbols := m.Index.SymbolsOf(file)
	for _, exported := range []bool{true, false} {
		for i := range symbols {
			s := &symbols[i]
			if (s.Kind == "function" || s.Kind == "method" || s.Kind == "type") && (s.Exported || !exported) && s.EndLine >= s.Line {
				return new(int(s.Line)), new(int(s.EndLine)), s.Name
			}
		}
	}
	return nil, nil, ""
}

// hotspots asks about the files where change and complexity meet.
func (m *maker) hotspots() {
	for i := range m.Report.Hotspots {
		h := &m.Report.Hotspots[i]
		at, known := m.files[h.Path]
		if !known {
			continue
		}
		first, last, symbol := m.entrance(at)
		m.ask(0.3+0.15*h.Score, m.stakes[at], rampforge.InterviewQuestion{
			Kind: "risk", Topic: "What keeps changing in " + path.Base(h.Path),
			Text:  span(h.Path) + " changes more often than most, and is harder to follow than most. What keeps changing there, who asks for it, and what is easily broken by it?",
			Case:  rampforge.InterviewCase{What: "hotspot", Title: path.Base(h.Path), Path: h.Path, Symbol: symbol, StartLine: first, EndLine: last, Excerpt: m.lines(h.Path, line(first), line(first)+5)},
			Needs: []string{NeedConcrete},
			Probes: probes("cue", "How do you see at a glance whether a change of it is harmless?", "error", "Which change of it do you regret?",
				"what_if", "What change will be asked for next, and where would it go?"),
		})
	}
}

// lines are some lines of a file that was read, "" for one that was not.
func (m *maker) lines(file string, first, last int) string {
	content, read := m.Contents[file]
	if !read || first < 1 {
		return ""
	}
	all := strings.Split(string(content), "\n")
	if first > len(all) {
		return ""
	}
	text := strings.Join(all[first-1:min(last, len(all))], "\n")
	return strings.ToValidUTF8(text[:min(len(text), 800)], "")
}
