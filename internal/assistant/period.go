package assistant

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// period is a span of time that a question names, in UTC.
type period struct {
	from, to time.Time // to is not in it
	words    string    // as the question has it
	// Versions that bound it, as they are written; what they are is known from the
	// tags of the repository. ofVersion is what one brought.
	sinceVersion, untilVersion, ofVersion string
	recent                                bool   // it names no bound
	wrong                                 string // why it is none
}

// recently is how far back "recently" goes.
const recently = 30 * 24 * time.Hour

const (
	ofMonths   = `(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	ofWeekdays = `(?:mon|tues?|wednes|thurs?|fri|satur|sun)day`
	ofDay      = `\d{1,2}(?:st|nd|rd|th)?`
	ofDate     = `(?:\d{4}-\d{1,2}(?:-\d{1,2})?|` + ofDay + ` (?:of )?` + ofMonths + `\.?,?(?: \d{4})?|` + ofMonths + `\.? ` + ofDay + `\b(?:,? \d{4})?|` + ofMonths + `\.?(?:,? (?:of )?\d{4})?|(?:q[1-4]|(?:first|second|third|fourth) quarter)(?: of)?(?: \d{4})?|` +
		`(?:the )?(?:start|beginning) of (?:the|this) (?:week|month|year)|last ` + ofWeekdays + `|` + ofWeekdays + `|yesterday|today|this morning|(?:last|this) (?:week|month|quarter|year)|(?:the year )?(?:19|20)\d{2})`
	ofLast = `the (?:last|latest|previous|newest|most recent) (?:release|version|tag)`
	// A version may have the name of what it is of before it; whether it is one shows
	// by the tags.
	ofVersions = `(?:` + ofLast + `|(?:(?:the )?(?:version|release|tag|commit|revision) )?["'` + "`" + `]?(?:[\w.@/+-]+ )?[\w.@/+-]*\w["'` + "`" + `]?)`
	ofNumbers  = `(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|few|couple of|several)`
	ofUnits    = `(?:day|week|fortnight|month|quarter|year|hour)s?`
)

// The ways in which a question names a period, the surest first.
var (
	betweenDates    = lazyregexp.New(`(?i)\b(?:between|from) (` + ofDate + `) (?:and|to|until|till) (` + ofDate + `)\b`)
	betweenVersions = lazyregexp.New(`(?i)\b(?:between|from) (` + ofVersions + `) (?:and|to|until|till) (` + ofVersions + `)`)
	sinceVersions   = lazyregexp.New(`(?i)\b(?:since|after|from) (` + ofVersions + `)`)
	sinceDate       = lazyregexp.New(`(?i)\b(since|after|from) (` + ofDate + `)\b(?: on(?:wards?)?)?`)
	untilDate       = lazyregexp.New(`(?i)\b(?:before|until|till|up to) (` + ofDate + `)\b`)
	rolling         = lazyregexp.New(`(?i)\b(?:(?:in|during|over|within|for|since) )?(?:(?:the|these) (?:last|past|previous)|past) (?:(` + ofNumbers + `) )?(` + ofUnits + `)\b|\b(?:in|during|over|within|for)? ?last (` + ofNumbers + `) (` + ofUnits + `)\b`)
	sinceAgo        = lazyregexp.New(`(?i)\b(?:since |from )?(` + ofNumbers + `) (` + ofUnits + `) ago\b`)
	inDate          = lazyregexp.New(`(?i)\b(?:(?:in|during|on|of|for|throughout|within) )?(?:the )?((?:week|month|year) (?:of|before last)|` + ofDate + `)\b`)
	ofVersionForm   = lazyregexp.New(`(?i)\b(?:in|with|by|of|for) (` + ofVersions + `)`)
	recentForm      = lazyregexp.New(`(?i)\b(recently|lately|these days|of late|(?:most )?(?:recent|latest|newest) (?:\w+ )?(?:changes?|commits?|work|activity|updates?|developments?|pull requests?|prs|merge requests?|merges|history|features?|fixes|news)|(?:the )?(?:last|past) (?:few |\d{1,3} )?(?:changes|commits|pull requests|prs|merge requests|merges)|(?:what'?s|what is|anything|something) new\b)`)
	bareMay         = lazyregexp.New(`(?i)\b(in|since|during|of|from|until|before|after|last) may\b|\bmay \d|\d(?:st|nd|rd|th)? (?:of )?may\b`)
)

// periodIn finds the period that a question names.
func periodIn(text string, now time.Time, names versionNames) (period, bool) {
	now = now.UTC()
	if p, ok := names.in(betweenVersions, text); ok {
		return p, true
	}
	if m := betweenDates.FindStringSubmatch(text); m != nil {
		return between(m, now), true
	}
	if m := rolling.FindStringSubmatch(text); m != nil {
		number, unit := m[1], m[2]
		if unit == "" {
			number, unit = m[3], m[4]
		}
		return period{from: unitsBefore(now, number, unit), to: now.Add(time.Second), words: m[0]}, true
	}
	if p, ok := names.in(sinceVersions, text); ok {
		return p, true
	}
	if m := sinceAgo.FindStringSubmatch(text); m != nil {
		return period{from: midnight(unitsBefore(now, m[1], m[2])), to: now.Add(time.Second), words: m[0]}, true
	}
	if m := sinceDate.FindStringSubmatch(text); m != nil && isDate(m[0]) {
		from, after, ok := dateOf(m[2], now)
		if strings.EqualFold(m[1], "after") {
			from = after
		}
		if ok {
			return period{from: from, to: now.Add(time.Second), words: m[0]}, true
		}
	}
	if m := untilDate.FindStringSubmatch(text); m != nil && isDate(m[0]) {
		if to, _, ok := dateOf(m[1], now); ok {
			return period{to: to, words: m[0]}, true
		}
	}
	if m := inDate.FindStringSubmatch(text); m != nil && isDate(m[0]) {
		if from, to, ok := dateOf(m[1], now); ok {
			return period{from: from, to: to, words: m[0]}, true
		}
	}
	if p, ok := names.in(ofVersionForm, text); ok {
		p.ofVersion, p.sinceVersion = p.sinceVersion, ""
		return p, true
	}
	if m := recentForm.FindString(text); m != "" {
		return period{from: midnight(now.Add(-recently)), to: now.Add(time.Second), words: m, recent: true}, true
	}
	return period{}, false
}

// isDate tells the month of May from what may be.
func isDate(text string) bool {
	return !strings.Contains(strings.ToLower(text), "may") || bareMay.MatchString(text)
}

// between is the time from one date to another, whichever is named first. A month
// or a day without a year is the last one before the other.
func between(m []string, now time.Time) period {
	from, after, ok := dateOf(m[1], now)
	until, to, also := dateOf(m[2], now)
	if !ok || !also {
		return period{words: m[0], wrong: fmt.Sprintf("%s is no period: one of its dates is in no calendar.", markdown.Span(m[0]))}
	}
	if until.Before(from) && !yearIn.MatchString(m[1]) && monthName.MatchString(m[1]) {
		from, after = from.AddDate(-1, 0, 0), after.AddDate(-1, 0, 0)
	}
	if until.Before(from) {
		from, to = until, after
	}
	return period{from: from, to: to, words: m[0]}
}

// versionNames are the names of the tags, and the words that may stand before a
// version, in lower case: the project's, and those that its tags begin with.
type versionNames struct{ tags, words map[string]bool }

var (
	versionForm = lazyregexp.New(`(?i)^(?:v?\d+(?:\.\d+)+[\w.+-]*|v\d+)$`)
	hashForm    = lazyregexp.New(`^[0-9a-f]{7,64}$`)
	dateForm    = lazyregexp.New(`(?i)^(?:` + ofDate + `)$`)
	nowForm     = lazyregexp.New(`(?i)^(?:now|today|head)$`)
	quoteMarks  = lazyregexp.New("[\"'`]")
	kindOfName  = lazyregexp.New(`(?i)^(?:the )?(version|release|tag|commit|revision) `)
	lastForm    = lazyregexp.New(`(?i)^` + ofLast + `$`)
)

// in finds the first versions that stand in a form, as the lower bound and the
// upper one.
func (n versionNames) in(form *lazyregexp.Regexp, text string) (period, bool) {
	for at := 0; at < len(text); {
		m := form.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		for i := range m {
			m[i] += at
		}
		alone := form != ofVersionForm // a word after "in" or "for" is seldom a tag
		since, end, ok := n.named(text[m[2]:m[3]], alone)
		p := period{sinceVersion: since}
		switch {
		case len(m) == 4:
			end += m[2]
		case nowForm.MatchString(text[m[4]:m[5]]):
			ok, end = ok && end == m[3]-m[2], m[5]
		default:
			ok = ok && end == m[3]-m[2]
			var also bool
			p.untilVersion, end, also = n.named(text[m[4]:m[5]], alone)
			ok, end = ok && also, end+m[4]
		}
		if ok {
			p.words = text[m[0]:end]
			return p, true
		}
		at = m[2]
	}
	return period{}, false
}

// named is the version that a text begins with, and how much of the text it is.
func (n versionNames) named(text string, alone bool) (version string, end int, ok bool) {
	if lastForm.MatchString(text) {
		return lastVersion, len(text), true
	}
	head := kindOfName.FindString(text)
	said := strings.ToLower(head)
	words := strings.SplitN(text[len(head):], " ", 2)
	if len(words) == 2 && n.words[strings.ToLower(quoteMarks.ReplaceAllString(words[0], ""))] {
		if bare := quoteMarks.ReplaceAllString(words[1], ""); versionForm.MatchString(bare) {
			return bare, len(text), true
		}
	}
	bare := quoteMarks.ReplaceAllString(words[0], "")
	switch {
	case dateForm.MatchString(bare):
	case versionForm.MatchString(bare), n.tags[bare] && (alone || head != "" || strings.ContainsAny(bare, "0123456789")):
		ok = true
	case hashForm.MatchString(bare) && (strings.Contains(said, "commit") || strings.Contains(said, "revision") || strings.ContainsAny(bare, "abcdef") && strings.ContainsAny(bare, "0123456789")):
		ok = true
	case head != "" && !strings.Contains(said, "commit") && strings.ContainsAny(bare, "0123456789"):
		ok = true // it is said to be one
	default:
		line, _, is := strings.Cut(strings.ToLower(bare), "-")
		ok = is && n.words[line] && strings.ContainsAny(bare, "0123456789")
	}
	return bare, len(head) + len(words[0]), ok
}

// lastVersion stands for the last version, whichever that is.
const lastVersion = "the last release"

var numbers = map[string]int{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "few": 3, "couple of": 2, "several": 5, "": 1}

// unitsBefore is a time so many units before another.
func unitsBefore(now time.Time, number, unit string) time.Time {
	n, named := numbers[strings.ToLower(number)]
	if !named {
		n, _ = strconv.Atoi(number)
	}
	switch strings.TrimSuffix(strings.ToLower(unit), "s") {
	case "hour":
		return now.Add(-time.Duration(n) * time.Hour)
	case "day":
		return now.AddDate(0, 0, -n)
	case "week":
		return now.AddDate(0, 0, -7*n)
	case "fortnight":
		return now.AddDate(0, 0, -14*n)
	case "quarter":
		return now.AddDate(0, -3*n, 0)
	case "year":
		return now.AddDate(-n, 0, 0)
	default:
		return now.AddDate(0, -n, 0)
	}
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

var (
	isoDate   = lazyregexp.New(`^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$`)
	monthName = lazyregexp.New(`(?i)\b` + ofMonths + `\b`)
	dayNumber = lazyregexp.New(`(?i)\b(\d{1,2})(?:st|nd|rd|th)?\b`)
	yearIn    = lazyregexp.New(`\b((?:19|20)\d{2})\b`)
	quarterIn = lazyregexp.New(`(?i)\b(?:q([1-4])|(first|second|third|fourth) quarter)\b`)
	weekday   = lazyregexp.New(`(?i)\b` + ofWeekdays + `\b`)
)

// dateOf reads a day, a week, a month, a quarter or a year. Where it has no year
// it is the last one that has begun.
func dateOf(text string, now time.Time) (from, to time.Time, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	today := midnight(now)
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	quarter := time.Date(now.Year(), (now.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	switch text {
	case "today", "this morning":
		return today, today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), today, true
	case "this week", "the start of this week", "the beginning of the week", "the start of the week", "start of the week", "beginning of the week":
		return monday, monday.AddDate(0, 0, 7), true
	case "last week":
		return monday.AddDate(0, 0, -7), monday, true
	case "week before last":
		return monday.AddDate(0, 0, -14), monday.AddDate(0, 0, -7), true
	case "this month", "the start of the month", "the beginning of the month", "start of the month", "beginning of the month":
		return month, month.AddDate(0, 1, 0), true
	case "last month":
		return month.AddDate(0, -1, 0), month, true
	case "month before last":
		return month.AddDate(0, -2, 0), month.AddDate(0, -1, 0), true
	case "this quarter":
		return quarter, quarter.AddDate(0, 3, 0), true
	case "last quarter":
		return quarter.AddDate(0, -3, 0), quarter, true
	case "this year", "the start of the year", "the beginning of the year", "start of the year", "beginning of the year", "the beginning of this year", "the start of this year":
		return year, year.AddDate(1, 0, 0), true
	case "last year":
		return year.AddDate(-1, 0, 0), year, true
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		y, _ := strconv.Atoi(m[1])
		mo, _ := strconv.Atoi(m[2])
		d, _ := strconv.Atoi(m[3])
		return day(y, mo, d)
	}
	if name := weekday.FindString(text); name != "" {
		for back := 1; back <= 7; back++ {
			if d := today.AddDate(0, 0, -back); strings.HasPrefix(strings.ToLower(d.Weekday().String()), name[:3]) {
				return d, d.AddDate(0, 0, 1), true
			}
		}
	}
	y := 0
	if m := yearIn.FindString(text); m != "" {
		y, _ = strconv.Atoi(m)
		text = strings.Replace(text, m, "", 1)
	}
	if m := quarterIn.FindStringSubmatch(text); m != nil {
		q := map[string]int{"1": 1, "2": 2, "3": 3, "4": 4, "first": 1, "second": 2, "third": 3, "fourth": 4}[m[1]+m[2]]
		if y == 0 {
			if y = now.Year(); time.Month(3*q-2) > now.Month() {
				y--
			}
		}
		from = time.Date(y, time.Month(3*q-2), 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(0, 3, 0), true
	}
	if name := monthName.FindString(text); name != "" {
		mo := 1
		for !strings.HasPrefix(strings.ToLower(time.Month(mo).String()), name[:3]) {
			mo++
		}
		d := 0
		if m := dayNumber.FindStringSubmatch(text); m != nil {
			d, _ = strconv.Atoi(m[1])
		}
		if y == 0 {
			if y = now.Year(); time.Date(y, time.Month(mo), max(d, 1), 0, 0, 0, 0, time.UTC).After(now) {
				y--
			}
		}
		return day(y, mo, d)
	}
	if y > 0 {
		from = time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(1, 0, 0), true
	}
	return from, to, false
}

// day is a day of a month, or all of it.
func day(y, month, d int) (from, to time.Time, ok bool) {
	if month < 1 || month > 12 || d > 31 {
		return from, to, false
	}
	if d == 0 {
		from = time.Date(y, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(0, 1, 0), true
	}
	from = time.Date(y, time.Month(month), d, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 0, 1), from.Day() == d
}

const onDay = "2 January 2006"

// String says which days a period has.
func (p *period) String() string {
	last := p.to.Add(-time.Second)
	switch {
	case p.from.IsZero():
		return "before " + p.to.Format(onDay)
	case p.from.Format(onDay) == last.Format(onDay):
		return "on " + last.Format(onDay)
	case p.from.Year() != last.Year():
		return fmt.Sprintf("from %s to %s", p.from.Format(onDay), last.Format(onDay))
	case p.from.Month() != last.Month():
		return fmt.Sprintf("from %s to %s", p.from.Format("2 January"), last.Format(onDay))
	}
	return fmt.Sprintf("from %s to %s", p.from.Format("2"), last.Format(onDay))
}

// What asks for changes, where a period is named besides.
var (
	changesForm = lazyregexp.New(`(?i)^\W*(?:(?:and|but|so|please|can you|could you)\W+)*(?:` +
		`what(?:'s| all| else)?\W+(?:\w+\W+){0,5}?(?:changed|changes?|new|happened|happening|added|fixed|merged|removed|done|updated|released|shipped|landed|going on|worked on|improved|closed|resolved|up to|committed|refactored|introduced|deprecated|different)\b` +
		`|(?:which|what|list|show|summari[sz]e|give|any|how many|tell|describe|an? (?:overview|summary)|overview|summary|recap|were|was|are|is|have|has|did|anything)\b\W*(?:[\w.-]+\W+){0,5}?(?:changes?|changed|commits?|pull requests?|prs|merge requests?|features?|fix(?:es|ed)|bugs?|work items?|tickets?|issues?|activity|updates?|work|progress|news|history|merged|added|removed|new|happened)\b` +
		`|(?:the )?(?:(?:most )?recent|latest|newest|last|new) (?:\w+ )?(?:changes?|commits?|work|activity|updates?|pull requests?|prs|merge requests?|history|features?|fixes|news)\b` +
		`|how (?:has|have|did)\W+.*\b(?:changed?|evolved?|developed?|progressed)\b)`)
	whatChanged = lazyregexp.New(`(?i)^\W*(?:what(?:'s| is| has| have)?|anything) (?:been )?(?:new|changed|happened|happening|going on)(?: (?:here|in (?:this|the) (?:project|repository|repo|code|codebase)))?\W*$`)
	// ofChanges are words that say only that changes are asked for.
	ofChanges = set(`change changed changes new news happen happened happening add added fix fixed fixes merge merged remove removed done update updated updates release released ship shipped land landed
		going work worked improve improved close closed resolve resolved commit commits committed list show summarize summarise give any many tell describe overview summary recap pull request requests pr prs
		feature features bug bugs item items ticket tickets issue issues activity progress history development team recent recently latest last lately newest project repository code codebase been there major main important
		introduced deprecated dropped deleted different we they all else up made make evolve evolved`)
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// changesIn reads a question of what changed in a period; false for any other.
func changesIn(text string, now time.Time, names versionNames) (period, bool) {
	if whatChanged.MatchString(text) {
		return period{from: midnight(now.UTC().Add(-recently)), to: now.UTC().Add(time.Second), recent: true}, true
	}
	p, named := periodIn(text, now, names)
	if !named || !changesForm.MatchString(text) {
		return period{}, false
	}
	switch intentOf(text) {
	case asksWhat, asksWhere, asksHow:
		return p, true
	}
	return period{}, false
}
