package interview

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The bounds of what commits are asked about.
const (
	maxChanged  = 60 // files; a commit that changes more was made by a tool, or says little of each
	repairedIn  = 14 * 24 * time.Hour
	fewChanged  = 3 // files of one's own, fewer are no large change
	maxSubject  = 120
	maxMessages = 50_000
)

var (
	fixes    = lazyregexp.New(`(?i)\b(?:fix(?:e[sd])?|bug|regression|crash|deadlock|race|leak|hotfix|incident|outage|broken|repair|corrupt\w*|wrong|panic|CVE-\d+)\b`)
	revertOf = lazyregexp.New(`(?i)^revert:? "?(.+?)"?$`)
	reverted = lazyregexp.New(`(?i)\bthis reverts commit ([0-9a-f]{7,40})`)
	// routine are changes that nobody decided anything in.
	routine = lazyregexp.New(`(?i)^(?:merge|bump|release|prepare|version|update (?:dependenc|changelog|license|copyright|translation|docs?)|translate|typo|format|reformat|rename|lint|go fmt|gofmt|prettier|style|chore|docs?|ci|build|tests?|initial commit|import|vendor|cleanup|clean up|copyright|upgrade)\b|\b(?:typos?|whitespace|gofmt|lint(?:er|ing)?|copyright|changelog|readme|translations?|spelling|dependabot|renovate|commas?|unused|redundant|indent(?:ation)?|alignment|warnings?|CI|flaky)\b`)
	trailer = lazyregexp.New(`^[A-Z][A-Za-z-]+-[Bb]y: `)
	ticket  = lazyregexp.New(`(?:^|[\s(\[])(#\d{1,7}|![0-9]{1,7}|[A-Z][A-Z0-9]{1,9}-\d{1,7})\b`)
)

// commitIndex is the history as cases are looked for in it.
type commitIndex struct {
	byHash    map[string]int // by its first ten signs
	bySubject map[string]int // the newest
	touched   map[string][]int
}

func (m *maker) indexCommits() {
	m.commits = commitIndex{map[string]int{}, map[string]int{}, map[string][]int{}}
	m.Commits = m.Commits[:min(len(m.Commits), maxMessages)]
	for i := range m.Commits {
		c := &m.Commits[i]
		m.commits.byHash[short(c.Hash)] = i
		if _, known := m.commits.bySubject[c.Subject]; !known {
			m.commits.bySubject[c.Subject] = i
		}
		if len(c.Parents) > 1 || len(c.Changes) > maxChanged {
			continue
		}
		for _, change := range c.Changes {
			m.commits.touched[change.Path] = append(m.commits.touched[change.Path], i)
		}
	}
}

func short(hash string) string { return hash[:min(len(hash), 10)] }

// own reports whether a commit is of who is asked, and one that somebody decided
// something in.
func (m *maker) own(c *rampforge.Commit) bool {
	return m.Mine != nil && m.Mine(c.Author) && len(c.Parents) < 2 && len(c.Changes) > 0 && len(c.Changes) <= maxChanged && !strings.Contains(c.Subject, "@")
}

// central is the file that a commit is about, and its stake: the one that its
// subject names the most of, and of several the one with the highest stake.
func (m *maker) central(c *rampforge.Commit) (path string, stake float64) {
	most := -1
	words := wordsOf(c.Subject)
	for _, change := range c.Changes {
		v := m.stakeOf(change.Path)
		if v <= 0 {
			continue
		}
		if n := m.named(change.Path, c.Subject, words); n > most || n == most && v > stake {
			path, stake, most = change.Path, v, n
		}
	}
	return path, stake
}

// named counts what of a file a subject names: parts of its path, and twice what
// it declares.
func (m *maker) named(path, subject string, words []string) int {
	n, lower := 0, strings.ToLower(path)
	for _, w := range words {
		if len(w) > 3 && strings.Contains(lower, w) {
			n++
		}
	}
	for _, s := range m.Index.SymbolsOf(m.files[path]) {
		if last := s.Name[strings.LastIndexByte(s.Name, '.')+1:]; len(last) > 4 && strings.Contains(subject, last) {
			n += 2
		}
	}
	return n
}

// told names a commit in a question.
func told(c *rampforge.Commit) string {
	return fmt.Sprintf("%s of %s (“%s”)", span(short(c.Hash)), c.CommittedAt.UTC().Format("2 January 2006"), subject(c))
}

func subject(c *rampforge.Commit) string {
	s := strings.Join(strings.Fields(c.Subject), " ")
	if len(s) > maxSubject {
		s = strings.ToValidUTF8(s[:maxSubject], "") + "…"
	}
	return strings.NewReplacer("“", "", "”", "").Replace(s)
}

func (m *maker) commitCase(what, path string, c *rampforge.Commit) rampforge.InterviewCase {
	return rampforge.InterviewCase{What: what, Title: subject(c), Path: path, Related: c.Hash, Excerpt: excerpt(c)}
}

// excerpt is the beginning of what a commit says, without the people whom it
// names.
func excerpt(c *rampforge.Commit) string {
	var body []string
	for line := range strings.Lines(c.Body) {
		if !strings.Contains(line, "@") && !trailer.MatchString(line) {
			body = append(body, strings.TrimRight(line, "\r\n"))
		}
	}
	text := strings.TrimSpace(c.Subject + "\n\n" + strings.Join(body, "\n"))
	if len(text) > 600 {
		text = strings.ToValidUTF8(text[:600], "") + " …"
	}
	return text
}

// incidents asks about what broke and was repaired.
func (m *maker) incidents() {
	for i := range m.Commits {
		c := &m.Commits[i]
		path, stake := m.central(c)
		if !m.own(c) || stake <= 0 || !fixes.MatchString(c.Subject) || routine.MatchString(c.Subject) || revertOf.MatchString(c.Subject) {
			continue
		}
		worth, refers, url := 1.0, "", ""
		if keys := ticket.FindStringSubmatch(c.Subject + "\n" + c.Body); keys != nil {
			worth = 1.15
			if r, known := m.Records[keys[1]]; known {
				worth, refers, url = 1.4, fmt.Sprintf(", for %s “%s”,", keys[1], strings.NewReplacer("“", "", "”", "").Replace(r.Title)), r.URL
			}
		}
		worth *= recent(m.Commits[0].CommittedAt, c.CommittedAt)
		q := rampforge.InterviewQuestion{
			Kind: "timeline", Topic: "How “" + subject(c) + "” was found",
			Text:  fmt.Sprintf("Commit %s%s repaired %s. How did it begin: what was seen first, by whom, and in which order did you look until the cause was clear?", told(c), refers, span(path)),
			Case:  m.commitCase("incident", path, c),
			Needs: []string{NeedConcrete},
			Probes: probes("cue", "What did you see that told you that it was there and not elsewhere?", "option", "What did you take for the cause first, and what ruled it out?",
				"analogue", "Did it remind you of an earlier failure, and was it like that?", "what_if", "If it came back tonight and you were away, what should somebody look at first?"),
		}
		q.Case.URL = url
		m.ask(worth, stake, q)
	}
}

// recent is what a commit is worth by its age: of what is long ago less is
// remembered. Half in five years.
func recent(newest, at time.Time) float64 {
	years := max(newest.Sub(at).Hours()/24/365, 0)
	return 1 / (1 + years/5)
}

// failures asks about commits that were taken back, or repaired soon after.
func (m *maker) failures() {
	for i := range m.Commits {
		c := &m.Commits[i]
		if at := m.undone(c); at >= 0 {
			m.takenBack(&m.Commits[at], c)
			continue
		}
		if !m.own(c) || routine.MatchString(c.Subject) || fixes.MatchString(c.Subject) || len(c.Changes) > maxChanged/3 {
			continue
		}
		m.repaired(i, c)
	}
}

// undone is the place of the commit that one takes back, -1 for none.
func (m *maker) undone(c *rampforge.Commit) int {
	if named := reverted.FindStringSubmatch(c.Body); named != nil {
		if at, known := m.commits.byHash[short(named[1])]; known {
			return at
		}
	}
	if title := revertOf.FindStringSubmatch(c.Subject); title != nil {
		if at, known := m.commits.bySubject[title[1]]; known {
			return at
		}
	}
	return -1
}

func (m *maker) takenBack(was, by *rampforge.Commit) {
	path, stake := m.central(was)
	if !m.own(was) && !m.own(by) {
		return
	}
	m.ask(1.2*recent(m.Commits[0].CommittedAt, by.CommittedAt), stake, rampforge.InterviewQuestion{
		Kind: "error", Topic: "Why “" + subject(was) + "” was taken back",
		Text:  fmt.Sprintf("Commit %s was taken back by %s. What went wrong in %s, how was it noticed, and what would have shown it before?", told(was), span(short(by.Hash)), span(path)),
		Case:  m.commitCase("reverted", path, was),
		Needs: []string{NeedReason, NeedConcrete},
		Probes: probes("goal", "What was it meant to reach, and is that still open?", "option", "What would you do in its place today?",
			"what_if", "If somebody tries it again, what must they do differently?"),
	})
}

// repaired asks about a commit that a repair of the same file followed soon.
func (m *maker) repaired(i int, c *rampforge.Commit) {
	path, stake := m.central(c)
	if stake <= 0 {
		return
	}
	for _, at := range m.commits.touched[path] {
		later := &m.Commits[at]
		after := later.CommittedAt.Sub(c.CommittedAt)
		if at >= i || after <= 0 || after > repairedIn || !fixes.MatchString(later.Subject) || !follows(c, later) || routine.MatchString(later.Subject) || len(later.Changes) > maxChanged/3 || !m.own(later) {
			continue
		}
		m.ask(0.85*recent(m.Commits[0].CommittedAt, c.CommittedAt), stake, rampforge.InterviewQuestion{
			Kind: "error", Topic: "What “" + subject(c) + "” missed",
			Text:  fmt.Sprintf("Commit %s changed %s, and %s (“%s”) followed. Was the second a consequence of the first, and what had not been seen?", told(c), span(path), span(short(later.Hash)), subject(later)),
			Case:  m.commitCase("repaired", path, c),
			Needs: []string{NeedReason},
			Probes: probes("cue", "What showed you that something was wrong?", "what_if", "What would you check first after the next such change?",
				"error", "Where would somebody without your experience go wrong here?"),
		})
		return
	}
}

// follows reports whether a later commit is about what one before it did: it names
// it, or speaks of the same thing.
func follows(c, later *rampforge.Commit) bool {
	if strings.Contains(later.Subject+later.Body, c.Hash[:min(len(c.Hash), 7)]) {
		return true
	}
	own := map[string]bool{}
	for _, w := range wordsOf(bareSubject(c.Subject)) {
		own[w] = len(w) > 3 && !common[w] && !plainWords[w]
	}
	return slices.ContainsFunc(wordsOf(bareSubject(later.Subject)), func(w string) bool { return own[w] })
}

// plainWords are in subjects of all sorts.
var plainWords = setOf(`added adds adding fixed fixes changed change changes using used uses make makes support allow feature update updates refactor remove removes removed option options config value values function method default error errors file files code`)

// scope is what conventional commits begin with.
var scope = lazyregexp.New(`^\w+(?:\([^)]*\))?!?: `)

func bareSubject(s string) string { return s[len(scope.FindString(s)):] }

// changes asks about the changes that were largest in what somebody knows.
func (m *maker) changes() {
	for i := range m.Commits {
		c := &m.Commits[i]
		if !m.own(c) || routine.MatchString(c.Subject) || fixes.MatchString(c.Subject) || revertOf.MatchString(c.Subject) || mechanical.MatchString(c.Subject) {
			continue
		}
		touched, sum := 0, 0.0
		for _, change := range c.Changes {
			if v := m.stakeOf(change.Path); v > 0 && change.Status != rampforge.ChangeRenamed {
				touched, sum = touched+1, sum+v
			}
		}
		path, stake := m.central(c)
		if touched < fewChanged {
			continue
		}
		m.ask(min(0.65+0.02*sum, 0.9)*recent(m.Commits[0].CommittedAt, c.CommittedAt), stake, rampforge.InterviewQuestion{
			Kind: "goal", Topic: "What “" + subject(c) + "” was for",
			Text:  fmt.Sprintf("Commit %s changed %s and much around it. What was it like before, what did you want to reach, and which part of it must nobody undo?", told(c), span(path)),
			Case:  m.commitCase("change", path, c),
			Needs: []string{NeedReason},
			Probes: probes("option", "Which other ways did you think of, and why not those?", "goal", "What did you leave out on purpose?",
				"what_if", "What would make you do it again in another way?"),
		})
	}
}

// probes makes probes of pairs of kinds and texts.
func probes(pairs ...string) []rampforge.InterviewProbe {
	var out []rampforge.InterviewProbe
	for pair := range slices.Chunk(pairs, 2) {
		out = append(out, rampforge.InterviewProbe{Kind: pair[0], Text: pair[1]})
	}
	return out
}
