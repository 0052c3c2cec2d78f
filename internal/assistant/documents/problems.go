package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// problem is a closed work item with what resolved it.
type problem struct {
	item    *rampforge.WorkItem
	people  int // who wrote about it
	twins   int // that were closed as the same
	pulls   []*rampforge.PullRequest
	commits []*Commit
	comment *rampforge.Comment
	group   string
}

type problemGroup struct {
	name string
	list []problem
}

var (
	problemType  = lazyregexp.New(`(?i)\b(bug|defect|incident|problem|error|regression|crash|support|question|hotfix)\b`)
	problemTitle = lazyregexp.New(`(?i)\b(error|fail(s|ed|ing|ure)?|crash(es|ed|ing)?|broken|breaks?|not work(ing)?|doesn'?t|can'?t|cannot|unable|exception|panic|wrong|incorrect|missing|time(s|d)?[ -]?out|leak|stuck|hang(s|ing)?|slow|bug|issue with|problem|regression|invalid|unexpected|denied|refused|lost|corrupt(ed)?|deadlock|race|40\d|50\d)\b`)
	otherType    = lazyregexp.New(`(?i)\b(feature|enhancement|epic|story|initiative|improvement|task|chore|documentation|docs|spike|dependencies)\b`)
	unresolved   = lazyregexp.New(`(?i)(won.?t|not.?planned|duplicate|invalid|wontfix|cannot reproduce|incomplete|obsolete|abandoned|by design|declined|rejected)`)
	solution     = lazyregexp.New(`(?i)\b(fixed (in|by|with)|fixes? (is|was|in)|resolved (by|in|with)|solved|the (cause|reason|problem|issue|solution|fix) (is|was)|turn(s|ed) out|work(s|ed)? (for me|after|now|if|when)|workaround|try (to )?(set|us|add|remov|updat|upgrad|restart|run)\w*|you (need|have|must) to|should (set|use|add|be)|upgrad(e|ing) to|by (setting|adding|using|removing|changing|updating)|instead of|make sure)\b`)
	noise        = lazyregexp.New(`(?i)^(\s*(closing|thanks?|thank you|\+1|same( here)?|any (news|update)|bump|stale|this issue (has been|was) automatically|marked as stale|👍)\b|\s*\+1)`)
)

// problems are the closed work items that tell of trouble and whose resolution is
// known, by label or component, those that many met first.
func (c *composer) problems() []problemGroup {
	twins := c.twins()
	pulls := c.closing()
	commits := c.naming()
	var all []problem
	for i := range c.in.WorkItems {
		w := &c.in.WorkItems[i]
		if !closed(w) || !troublesome(w) || unresolved.MatchString(w.Resolution) {
			continue
		}
		v := problem{item: w, people: writers(w), twins: twins[strings.ToLower(w.Key)]}
		for _, p := range pulls[strings.ToLower(w.Key)] {
			if sameHost(w.Key, w.URL, p.URL) {
				v.pulls = append(v.pulls, p)
			}
		}
		web := ""
		if c.report.WebURL != nil {
			web = *c.report.WebURL
		}
		for _, m := range commits[strings.ToLower(w.Key)] {
			if sameHost(w.Key, w.URL, web) {
				v.commits = append(v.commits, m)
			}
		}
		v.comment = resolving(w)
		if len(v.pulls)+len(v.commits) > 0 || v.comment != nil {
			v.group = c.groupOf(&v)
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, func(a, b problem) int {
		return cmp.Or(cmp.Compare(b.people+3*b.twins, a.people+3*a.twins), b.closedAt().Compare(a.closedAt()), cmp.Compare(a.item.Key, b.item.Key))
	})
	at := map[string]int{}
	var out []problemGroup
	for _, v := range all[:min(len(all), maxProblems)] {
		i, ok := at[v.group]
		if !ok {
			i = len(out)
			at[v.group] = i
			out = append(out, problemGroup{name: v.group})
		}
		out[i].list = append(out[i].list, v)
	}
	return out
}

func closed(w *rampforge.WorkItem) bool {
	return w.StatusCategory == rampforge.StatusDone || w.ClosedAt != nil
}

func troublesome(w *rampforge.WorkItem) bool {
	kinds := strings.Join(append([]string{w.Type}, w.Labels...), " | ")
	switch {
	case problemType.MatchString(kinds):
		return true
	case otherType.MatchString(kinds):
		return false
	}
	return problemTitle.MatchString(w.Title)
}

// writers counts who wrote about a work item, bots apart.
func writers(w *rampforge.WorkItem) int {
	seen := map[string]bool{}
	if w.Reporter != nil {
		seen[w.Reporter.ID] = true
	}
	for i := range w.Comments {
		if a := w.Comments[i].Author; a != nil && !a.Bot {
			seen[a.ID] = true
		}
	}
	return len(seen)
}

// twins counts by key the work items that are duplicates of others.
func (c *composer) twins() map[string]int {
	out := map[string]int{}
	for i := range c.in.WorkItems {
		for _, l := range c.in.WorkItems[i].Links {
			if strings.Contains(l.Kind, "duplicate") && !strings.Contains(l.Kind, "duplicated_by") {
				out[strings.ToLower(l.Key)]++
			}
		}
	}
	return out
}

var (
	closingWord = lazyregexp.New(`(?i)\b(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?)[:\s]+((?:[\w.-]+/[\w.-]+)?#\d{1,7}|https?://\S+/issues/\d+|[A-Z][A-Z0-9]{1,9}-\d{1,7})`)
	anyKey      = lazyregexp.New(`\b([A-Z][A-Z0-9]{1,9}-\d{1,7})\b`)
	numberAtEnd = lazyregexp.New(`#?(\d+)$`)
)

// closedKeys are the keys of work items that a change says to close; of trackers with
// keys of their own those that it names at all.
func closedKeys(title, body string) []string {
	var out []string
	for _, m := range closingWord.FindAllStringSubmatch(title+"\n"+body, 20) {
		key := m[1]
		if n := numberAtEnd.FindStringSubmatch(key); n != nil && (strings.Contains(key, "#") || strings.Contains(key, "://")) {
			key = "#" + n[1]
		}
		out = append(out, strings.ToLower(key))
	}
	for _, m := range anyKey.FindAllStringSubmatch(title, 10) {
		out = append(out, strings.ToLower(m[1]))
	}
	return distinct(out)
}

// closing are the merged pull requests by the keys of what they close.
func (c *composer) closing() map[string][]*rampforge.PullRequest {
	out := map[string][]*rampforge.PullRequest{}
	for i := range c.in.PullRequests {
		p := &c.in.PullRequests[i]
		if p.State != "merged" && p.MergedAt == nil {
			continue
		}
		for _, key := range closedKeys(p.Title+" "+p.SourceBranch, p.Body) {
			out[key] = append(out[key], p)
		}
	}
	return out
}

// naming are the commits by the keys of what they close.
func (c *composer) naming() map[string][]*Commit {
	out := map[string][]*Commit{}
	for i := range c.in.Commits {
		m := &c.in.Commits[i]
		for _, key := range closedKeys(m.Subject, m.Body) {
			out[key] = append(out[key], m)
		}
	}
	return out
}

// sameHost reports whether a number means the same thing at two addresses: those
// of one repository. Keys with a name in them mean one thing everywhere.
func sameHost(key, a, b string) bool {
	if !strings.HasPrefix(key, "#") || a == "" || b == "" {
		return true
	}
	return rampforge.RepositoryKey(repositoryOf(a)) == rampforge.RepositoryKey(repositoryOf(b))
}

var recordPath = lazyregexp.New(`/(-/)?(issues|pull|pulls|merge_requests|work_items)/.*$`)

func repositoryOf(address string) string { return recordPath.ReplaceAllString(address, "") }

// resolving is the comment that says what resolved a work item, nil for none: of
// those that say so the last.
func resolving(w *rampforge.WorkItem) *rampforge.Comment {
	list := w.Comments[max(0, len(w.Comments)-mostComments):]
	for i := len(list) - 1; i >= 0; i-- {
		v := &list[i]
		if v.Author != nil && v.Author.Bot || noise.MatchString(v.Body) {
			continue
		}
		if text := firstSentences(unmark(withoutQuotes(v.Body)), maxTold); solution.MatchString(text) && telling(text) {
			return v
		}
	}
	return nil
}

var codeBlock = lazyregexp.New("(?s)```.*?(```|$)|~~~.*?(~~~|$)")

// withoutQuotes is what somebody wrote, without code and without what others
// wrote before.
func withoutQuotes(body string) string {
	var out []string
	for line := range strings.SplitSeq(codeBlock.ReplaceAllString(body, " "), "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), ">") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

var genericLabel = lazyregexp.New(`(?i)^\W*(type|kind|status|priority|p\d|s\d|severity|good first issue|help wanted|bug|defect|regression|confirmed|released|fixed|question|support|triage|needs?[ -].*|wontfix|stale|duplicate|resolved|done|v?\d+[\d.]*|hacktoberfest|high|low|medium|critical|major|minor)\b`)

// groupOf is the label that a problem has, or the component that its fix changed.
func (c *composer) groupOf(v *problem) string {
	for _, l := range v.item.Labels {
		name := l
		if kind, rest, ok := strings.Cut(l, ":"); ok && lazyregexp.New(`(?i)^(area|component|module|package|pkg|scope|team|platform)$`).MatchString(strings.TrimSpace(kind)) {
			return oneLine(rest, 60)
		}
		if !genericLabel.MatchString(name) {
			return oneLine(name, 60)
		}
	}
	for _, m := range v.commits {
		if name := c.componentOf(m.Paths); name != "" {
			return name
		}
	}
	return "Other"
}

// componentOf is the component that most of some paths are in, "" for none.
func (c *composer) componentOf(paths []string) string {
	counts := map[string]int{}
	best := ""
	for _, p := range paths {
		i, ok := c.byPath[p]
		if !ok || c.index.Files[i].Test {
			continue
		}
		name := ""
		for at := c.index.Files[i].Component; at >= 0; at = c.index.Components[at].Parent {
			name = c.index.Components[at].Name
		}
		if counts[name]++; name != "" && (best == "" || counts[name] > counts[best] || counts[name] == counts[best] && name < best) {
			best = name
		}
	}
	return best
}

func (v *problem) closedAt() time.Time {
	if v.item.ClosedAt != nil {
		return *v.item.ClosedAt
	}
	return v.item.UpdatedAt
}

func (c *composer) problemGroup(g problemGroup) *part {
	title := "Problems: " + g.name
	if g.name == "Other" {
		title = "Other problems"
	}
	p := c.section("problems-"+cmp.Or(slug(g.name), "other"), title)
	for i := range g.list[:min(len(g.list), maxOfGroup)] {
		p.sayf("%s", p.problem(&g.list[i]))
	}
	return p
}

// problem tells of one: what was met, and what resolved it.
func (p *part) problem(v *problem) string {
	w := v.item
	told := firstSentences(unmark(withoutQuotes(templateless(w.Body))), maxTold)
	quotedText := w.Title + "\n\n" + told
	comment := ""
	if v.comment != nil {
		comment = firstSentences(unmark(withoutQuotes(v.comment.Body)), maxTold)
		quotedText += "\n\n" + comment
	}
	mark := p.workItem(w, quotedText)
	var out strings.Builder
	fmt.Fprintf(&out, "- **%s** (%s)", quote(w.Title, 160), plain(w.Key))
	if v.people > 2 || v.twins > 0 {
		fmt.Fprintf(&out, ", %s wrote about it", plural2(v.people, "person", "people"))
		if v.twins > 0 {
			fmt.Fprintf(&out, ", reported %s more", times(v.twins))
		}
	}
	out.WriteString(mark)
	if telling(told) {
		fmt.Fprintf(&out, "\n  - met: %s%s", plain(told), mark)
	}
	for _, m := range v.pulls[:min(len(v.pulls), maxFixesOf)] {
		fmt.Fprintf(&out, "\n  - resolved by the pull request #%d: %s%s", m.Number, quote(m.Title, 160), p.pullRequest(m))
	}
	if len(v.pulls) == 0 {
		for _, m := range v.commits[:min(len(v.commits), maxFixesOf)] {
			fmt.Fprintf(&out, "\n  - resolved by the commit %s: %s%s", span(m.Hash[:min(len(m.Hash), 10)]), quote(m.Subject, 160), p.commit(m.Hash, m.Subject, m.Body))
			if cause := firstSentences(unmark(withoutQuotes(messageOf(m.Body))), maxTold); telling(cause) {
				fmt.Fprintf(&out, "\n  - cause, as the commit says: %s%s", plain(cause), p.commit(m.Hash, m.Subject, m.Body))
			}
		}
	}
	if comment != "" {
		fmt.Fprintf(&out, "\n  - said there: “%s”%s", plain(comment), mark)
	}
	return out.String()
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func plural2(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

var templateLine = lazyregexp.New(`(?i)^\s*(#{1,6}\s|\*\*.*\*\*:?\s*$|- \[[ x]\]|_?no response_?\s*$|<!--|(please|describe|a clear and concise)\b.*$)`)

// templateless is the text of a work item without the lines of its template.
func templateless(body string) string {
	body = htmlTag.ReplaceAllString(body, " ")
	var out []string
	for line := range strings.SplitSeq(body, "\n") {
		if !templateLine.MatchString(line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
