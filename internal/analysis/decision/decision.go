// Package decision finds what was decided and why something is as it is: in
// architecture decision records, in the messages of commits that change
// direction, and in comments that give a reason. It is pure and may import the
// root package, analysis/language and analysis/report.
//
// It quotes and judges nothing. Addresses of people are in no quotation: a
// sentence that holds one is left out.
package decision

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The bounds of a report.
const (
	MaxRecords  = 100
	MaxCommits  = 40
	MaxComments = 40
	maxOfFile   = 3 // comments of one file: one much explained file must not fill the list
)

// The kinds of decisions.
const (
	KindRecord  = "record"
	KindCommit  = "commit"
	KindComment = "comment"
)

// before is what may stand before a subject: a conventional prefix (feat!:,
// refactor(api):) or the key of an issue (ABC-12:, [ABC-12]).
var before = lazyregexp.New(`^(?:\w+(?:\([^)]*\))?!?:\s*|\[?[A-Z][A-Z0-9]*-\d+\]?[:;,]?\s+)`)

// A subject that changes direction, whatever its message gives for a reason.
var turns = lazyregexp.New(`(?i)^(?:` + strings.Join([]string{
	`switch(?:ed)? (?:\S+ ){0,6}?(?:to|over to)\b`,
	`migrate[ds]? (?:\S+ ){0,6}?(?:to|from)\b`,
	`replace[ds]? (?:\S+ ){1,6}?(?:with|by)\b`,
	`use[ds]? (?:\S+ ){1,5}?instead of\b`,
	`prefer(?:red|s)? (?:\S+ ){1,5}?(?:over|to)\b`,
	`drop(?:ped|s)? (?:support|compatibility)\b`,
	`(?:remove|end)[ds]? support (?:for|of)\b`,
	`deprecate[ds]?\b`,
	`adopt(?:ed|s)?\b`,
	`rewrite \S.* in\b`,
	`decide[ds]?\b`,
	`require[ds]? (?:go|node|python|java|ruby|php|rust|\.net|jdk)\b`,
}, "|") + `)`)

// A subject that may be one, when its message says why.
var mayTurn = lazyregexp.New(`(?i)^(?:revert|disable[ds]?|stop(?:ped|s)?|introduce[ds]?|move[ds]?|split|merge[ds]?|remove[ds]?|avoid(?:ed|s)?|don'?t|do not|never|always)\b`)

// beginnings are the first letters of the words that turns and mayTurn look for:
// most subjects have none of them, and the expressions are slow.
var beginnings = []string{
	"swi", "mig", "rep", "use", "pre", "dro", "rem", "end", "dep", "ado", "rew", "dec", "req",
	"rev", "dis", "sto", "int", "mov", "spl", "mer", "avo", "don", "do ", "nev", "alw",
}

// turned reports whether a subject, with or without what stands before it,
// changes direction, and whether it may.
func turned(subject string) (does, may bool) {
	for _, s := range []string{subject, strings.TrimPrefix(subject, before.FindString(subject))} {
		if len(s) >= 3 && slices.Contains(beginnings, strings.ToLower(s[:3])) {
			does, may = does || turns.MatchString(s), may || mayTurn.MatchString(s)
		}
	}
	return does, may || does
}

// small is what a subject speaks of that turns in itself, but in nothing that a
// newcomer would ask about: tests, the wording of a line, hard-coded values. It
// counts like any other subject: when its message says why.
var small = lazyregexp.New(`(?i)^(?:tests?|docs?|chore|style|typos?)(?:\([^)]*\))?!?:|\bin ?(?:the )?(?:\S+ )?tests?\b|\btests?$|\b(?:typos?|whitespace|wording|hard-?coded|icons?|graphics|screenshots?|links?|variable names?)\b|^(?:\S+ )?replaced? ['"\x60]\w+['"\x60] (?:with|by) ['"\x60]\w+['"\x60]$`)

// breaking is how a message tells of a change that breaks, by the convention of
// conventionalcommits.org.
var breaking = lazyregexp.New(`(?m)^(?:BREAKING CHANGE|BREAKING-CHANGE): `)

var trailer = lazyregexp.New(`^[A-Za-z][A-Za-z-]*: \S`)

// Commits collects the decisions of a history, in whatever order its commits
// come. The zero value is ready.
type Commits struct{ list []report.Decision }

// Add looks at a commit. Merges decide nothing by themselves.
func (c *Commits) Add(commit *rampforge.Commit) {
	if len(commit.Parents) > 1 || strings.Contains(commit.Subject, "@") || !isText(commit.Subject) {
		return
	}
	broken := strings.Contains(commit.Body, "BREAKING") && breaking.MatchString(commit.Body)
	turn, may := turned(commit.Subject)
	if !may && !broken {
		return
	}
	turn = turn && !small.MatchString(commit.Subject)
	reason := reasonOf(commit.Body)
	if !turn && reason == nil { // one that breaks says what; it is a decision when it says why
		return
	}
	d := report.Decision{Kind: KindCommit, Title: language.Clip([]byte(commit.Subject), language.MaxRemark), Reason: reason, Commit: new(commit.Hash), Date: new(commit.CommittedAt.UTC())}
	c.list = append(c.list, d)
	if len(c.list) >= 8*MaxCommits { // what is old would not be listed
		c.cut()
	}
}

func (c *Commits) cut() {
	slices.SortFunc(c.list, func(a, b report.Decision) int {
		return cmp.Or(b.Date.Compare(*a.Date), strings.Compare(*a.Commit, *b.Commit))
	})
	// A change that was made again says nothing new: the newest stands.
	titles := map[string]bool{}
	c.list = slices.DeleteFunc(c.list, func(d report.Decision) bool {
		known := titles[d.Title]
		titles[d.Title] = true
		return known
	})
	c.list = c.list[:min(len(c.list), MaxCommits)]
}

// Newest returns the newest of them, newest first. A clock that runs ahead counts
// as of head, the analysed commit's time.
func (c *Commits) Newest(head time.Time) []report.Decision {
	for i := range c.list {
		if !head.IsZero() && c.list[i].Date.After(head) {
			c.list[i].Date = new(head.UTC())
		}
	}
	c.cut()
	return slices.Clone(c.list)
}

func isText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) < 0
}

// reasonOf returns the first sentence of a message that gives a reason.
func reasonOf(body string) *string {
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n") {
		lines := strings.Split(paragraph, "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return trailer.MatchString(l) && !breaking.MatchString(l) })
		for _, sentence := range sentences(strings.Join(lines, " ")) {
			if strings.Contains(sentence, "@") {
				continue
			}
			if r, ok := language.RemarkOf([]byte(sentence), 1); ok && r.Kind == language.RemarkWhy {
				return &r.Text
			}
		}
	}
	return nil
}

// sentences cuts a text after a full stop, exclamation or question mark that
// white space follows.
func sentences(text string) []string {
	var list []string
	start := 0
	for i := 0; i+1 < len(text); i++ {
		if strings.IndexByte(".!?", text[i]) >= 0 && text[i+1] == ' ' {
			list, start = append(list, text[start:i+1]), i+2
		}
	}
	return append(list, text[min(start, len(text)):])
}

// File is a file whose comments are looked at, and how much the rest of the code
// rests on it.
type File struct {
	Path    string
	Remarks []language.Remark
	Weight  float64
}

// Comments returns the reasons in the comments of files, those of the files with
// the most weight first.
func Comments(files []File) []report.Decision {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Path, b.Path)) })
	var list []report.Decision
	seen := map[string]bool{}
	for _, f := range files {
		of := 0
		for _, r := range f.Remarks {
			if r.Kind != language.RemarkWhy || seen[r.Text] || strings.Contains(r.Text, "| |") || strings.Contains(r.Text, "@") || of == maxOfFile {
				continue
			}
			if len(list) == MaxComments {
				return list
			}
			seen[r.Text] = true
			of++
			list = append(list, report.Decision{Kind: KindComment, Title: r.Text, Path: new(f.Path), Line: r.Line})
		}
	}
	return list
}

// Records returns the decision records, with the status that each gives itself.
// content may return nil for one that was not kept.
func Records(documents []report.Document, content func(path string) []byte) []report.Decision {
	var list []report.Decision
	for _, d := range documents[:min(len(documents), MaxRecords)] {
		list = append(list, report.Decision{Kind: KindRecord, Title: d.Title, Path: new(d.Path), Status: status(string(content(d.Path)))})
	}
	return list
}

var (
	statusLine    = lazyregexp.New(`(?im)^[\s*_>-]*status[*_]*\s*:[*_\s]*([\p{L}][\p{L}\d -]{1,38}[\p{L}\d])`)
	statusHeading = lazyregexp.New(`(?im)^#{1,4}[ \t]*status[ \t]*#*[ \t]*\n+[*_\s]*([\p{L}][\p{L}\d -]{1,38}[\p{L}\d])`)
)

// status is what a record says of itself: "Status: accepted" in a line or in
// front matter, or the first words under a heading Status.
func status(text string) *string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, form := range []*lazyregexp.Regexp{statusHeading, statusLine} {
		if m := form.FindStringSubmatch(text); m != nil {
			return new(strings.ToLower(strings.TrimSpace(m[1])))
		}
	}
	return nil
}
