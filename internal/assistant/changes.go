package assistant

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	tree "github.com/rampforgeai/rampforge/internal/analysis/source"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// What one answer tells of a period.
const (
	maxOfPeriod  = 2000 // commits that are looked at
	maxRecords   = 2000 // pull requests, and work items
	recordsPage  = 400
	maxAreas     = 8
	maxOfArea    = 5
	maxListed    = 80 // lines of the source that all is counted from
	longAfter    = 7 * 24 * time.Hour
	dependencies = "Dependencies"
	everywhere   = "Across the code"
)

// changed is a commit or a pull request of a period, or a work item.
type changed struct {
	passage rampforge.Passage
	title   string
	at      time.Time
	paths   []string
	number  int      // of a pull request
	hashes  []string // that it brought
}

// history is what changed in a period.
type history struct {
	period

	what    string // as a sentence names it, such as "since v1.2 of 3 May 2025"
	commits []changed
	all     int // commits, of which no more than maxOfPeriod are looked at
	merged  []changed
	closed  []changed
	tagged  []git.Tag
	newest  *rampforge.Passage // the newest commit at all
	span    *git.Span          // where versions bound it; the time bounds only what records are read
	aside   string             // what is to be known of how the versions stand to each other
	keys    map[string]bool    // of work items, that the commits name; nil until asked for
	unnamed bool               // there are closed work items that none of them names
}

// topicOf is what of a question about changes says which: without its time, and
// without the words that ask for changes.
func topicOf(text string, p period) []string {
	if p.words != "" {
		text = strings.Replace(text, p.words, " ", 1)
	}
	var words []string
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;:?!\"'`()", r) }) {
		if !ofChanges[strings.ToLower(strings.Trim(w, "."))] {
			words = append(words, w)
		}
	}
	return cite.Telling(terms.NewSplitter().Terms(strings.Join(words, " ")))
}

// sayChanges tells what changed in the period that is asked about, by area.
func (d *dossier) sayChanges(ctx context.Context, c *composition) error {
	h := &history{period: *d.asked.period}
	kind := kindAsked(d.question.Text)
	if kind != nil && h.ofVersion != "" && d.sayChangelog(ctx, c, h, kind) {
		return nil
	}
	if c.silence = d.bound(ctx, h); c.silence != "" {
		return nil
	}
	if err := d.readPeriod(ctx, h); err != nil {
		return err
	}
	if h.newest == nil && h.span == nil && len(h.merged)+len(h.closed) == 0 {
		c.silence = "No history of this project is known: neither commits nor records were read."
		return nil
	}
	c.fact = true
	before := len(h.commits) + len(h.merged) + len(h.closed)
	about := d.narrow(h)
	switch {
	case before == 0:
		d.sayNone(c, h)
	case len(h.commits)+len(h.merged)+len(h.closed) == 0:
		c.sayf("Of %s %s none speaks of %s or changes it, as far as their messages and files say. [%d]", plural(before, "change"), h.what, about, d.cite(d.periodPassage(h, before), 1))
	default:
		d.sayPeriod(ctx, c, h, about)
	}
	return nil
}

// bound finds what bounds a period; it returns why that cannot be.
func (d *dossier) bound(ctx context.Context, h *history) (why string) {
	if h.wrong != "" {
		return h.wrong
	}
	if h.sinceVersion+h.ofVersion != "" {
		return d.boundByVersions(ctx, h)
	}
	h.what = h.String()
	if h.recent {
		h.what = "in the last 30 days (" + h.String() + ")"
	}
	for _, t := range d.tags {
		if _, ok := releaseOf(t.Name); ok && h.has(&t.CommittedAt) {
			h.tagged = append(h.tagged, t)
		}
	}
	return ""
}

// readPeriod reads what was committed, merged and closed.
func (d *dossier) readPeriod(ctx context.Context, h *history) error {
	between := func(from, to time.Time, most int) ([]rampforge.Passage, int, error) {
		return d.Store.PassagesBetween(ctx, d.question.Viewer, d.question.Project.ID, rampforge.PassageCommit, from, to, most)
	}
	newest, _, err := between(time.Time{}, d.Now().AddDate(10, 0, 0), 1)
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		h.newest = &newest[0]
	}
	if h.span != nil {
		h.all = h.span.All
		for i := range h.span.Commits {
			h.add(inspect.CommitPassage(&h.span.Commits[i]))
		}
	} else {
		list, all, err := between(h.from, h.to, maxOfPeriod)
		if err != nil {
			return err
		}
		h.all = all
		for i := range list {
			h.add(list[i])
		}
	}
	if err := d.readMerged(ctx, h); err != nil {
		return err
	}
	return d.readClosed(ctx, h)
}

// records visits the records of a stream that changed since a time.
func (d *dossier) records(ctx context.Context, stream rampforge.Stream, since time.Time, visit func(store.ListedRecord) error) error {
	for at := 0; at < maxRecords; at += recordsPage {
		list, _, err := d.Store.ProjectRecords(ctx, d.question.Project.ID, stream, store.RecordFilter{Since: since}, store.Page{Limit: recordsPage, Offset: at})
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := visit(r); err != nil {
				return err
			}
		}
		if len(list) < recordsPage {
			return nil
		}
	}
	return nil
}

func (h *history) add(p rampforge.Passage) {
	h.commits = append(h.commits, changed{passage: p, title: p.Title, at: *p.At, paths: p.Paths, hashes: []string{p.Commit}})
}

func (h *history) has(t *time.Time) bool { return t != nil && !t.Before(h.from) && t.Before(h.to) }

// readMerged reads the pull requests that were merged; their commits are told with
// them.
func (d *dossier) readMerged(ctx context.Context, h *history) error {
	err := d.records(ctx, rampforge.StreamPullRequests, h.from, func(r store.ListedRecord) error {
		var v rampforge.PullRequest
		if err := json.Unmarshal(r.Content, &v); err != nil {
			return fmt.Errorf("reading a pull request: %w", err)
		}
		hashes := []string{v.MergeCommit, v.HeadCommit}
		for _, c := range v.Commits {
			hashes = append(hashes, c.Hash)
		}
		if h.span != nil && v.MergedAt != nil {
			// What a branch had been before it was squashed is nowhere else.
			if !slices.ContainsFunc(hashes, func(hash string) bool { return h.span.Hashes[hash] }) {
				return nil
			}
		} else if !h.has(v.MergedAt) {
			return nil
		}
		p, ok := d.passageOf(ctx, rampforge.PassagePullRequest, r.ID)
		if !ok {
			return nil // it is not indexed yet
		}
		m := changed{passage: p, title: fmt.Sprintf("#%d %s", v.Number, v.Title), at: *v.MergedAt, number: v.Number, hashes: hashes}
		h.merged = append(h.merged, m)
		return nil
	})
	if err != nil || len(h.merged) == 0 {
		return err
	}
	of := map[string]int{}
	for i := range h.merged {
		for _, hash := range h.merged[i].hashes {
			if hash != "" {
				of[hash] = i
			}
		}
		of[fmt.Sprintf("#%d", h.merged[i].number)] = i
	}
	before := len(h.commits)
	h.commits = slices.DeleteFunc(h.commits, func(c changed) bool {
		i, ok := of[c.passage.Commit]
		if m := squashed.FindStringSubmatch(c.title); !ok && m != nil {
			i, ok = of[m[1]]
		}
		if ok {
			h.merged[i].paths = append(h.merged[i].paths, c.paths...)
		}
		return ok
	})
	h.all -= before - len(h.commits)
	return nil
}

// squashed is how hosts name the pull request that a commit was squashed from.
var squashed = lazyregexp.New(`\((#\d{1,7})\)\s*$`)

// readClosed reads the work items that were closed.
func (d *dossier) readClosed(ctx context.Context, h *history) error {
	return d.records(ctx, rampforge.StreamWorkItems, h.from, func(r store.ListedRecord) error {
		var v rampforge.WorkItem
		if err := json.Unmarshal(r.Content, &v); err != nil {
			return fmt.Errorf("reading a work item: %w", err)
		}
		if v.ClosedAt == nil || h.span == nil && !h.has(v.ClosedAt) {
			return nil
		}
		if h.span != nil && !h.names(v.Key) {
			h.unnamed = true
			return nil
		}
		if p, ok := d.passageOf(ctx, rampforge.PassageWorkItem, r.ID); ok {
			h.closed = append(h.closed, changed{passage: p, title: strings.TrimSpace(v.Key + " " + v.Title), at: *v.ClosedAt})
		}
		return nil
	})
}

// names reports whether a commit or a pull request names a work item.
func (h *history) names(key string) bool {
	if h.keys == nil {
		h.keys = map[string]bool{}
		for _, list := range [][]changed{h.commits, h.merged} {
			for i := range list {
				for _, k := range search.KeysIn(list[i].passage.Title + "\n" + list[i].passage.Text) {
					h.keys[k] = true
				}
			}
		}
	}
	return key != "" && h.keys[key]
}

// narrow leaves what is of the files that the question names, or speaks of what it
// is about, and returns what that is; "" where it is about all.
func (d *dossier) narrow(h *history) (about string) {
	var fits func(c *changed) bool
	var places []string
	for _, t := range d.targets {
		if t.named {
			places = append(places, t.impact.Path)
		}
	}
	topic := topicOf(d.question.Text, h.period)
	switch {
	case len(places) > 0:
		about = markdown.Span(d.targets[0].name())
		fits = func(c *changed) bool {
			return slices.ContainsFunc(c.paths, func(p string) bool {
				return slices.ContainsFunc(places, func(of string) bool { return of == "." || p == of || strings.HasPrefix(p, of+"/") })
			})
		}
	case len(topic) > 0:
		about = d.written(topic)
		fits = func(c *changed) bool {
			if d.speaks(&c.passage, topic) {
				return true
			}
			in := 0 // one of many files that a change touches does not make it one of them
			for _, p := range c.paths {
				if d.speaks(&rampforge.Passage{Path: p}, topic) {
					in++
				}
			}
			return in > 0 && 3*in >= len(c.paths)
		}
	}
	// Subjects say of little else that they do it; what a fix or a feature is called by
	// differs too much.
	if kind := kindAsked(d.question.Text); kind != nil && (kind.name == "removed" || kind.name == "deprecated") {
		of := fits
		fits = func(c *changed) bool { return (of == nil || of(c)) && kind.has("", c.title) }
		about = strings.TrimSpace(about + " that was " + kind.name)
		if of == nil {
			about = "what was " + kind.name
		}
	}
	if fits == nil {
		return ""
	}
	for _, list := range []*[]changed{&h.commits, &h.merged, &h.closed} {
		*list = slices.DeleteFunc(*list, func(c changed) bool { return !fits(&c) })
	}
	h.all = len(h.commits)
	return about
}

// speaks reports whether a passage has half of some terms.
func (d *dossier) speaks(p *rampforge.Passage, topic []string) bool {
	has, n := d.termsOf(p), 0
	for _, t := range topic {
		if has[t] {
			n++
		}
	}
	return 2*n >= len(topic)
}

// written are terms as the question writes them.
func (d *dossier) written(list []string) string {
	var words []string
	for _, t := range d.splitter.Terms(d.question.Text) {
		if !t.Whole && slices.Contains(list, t.Text) {
			words = append(words, d.question.Text[t.Start:t.End])
		}
	}
	return markdown.Span(strings.Join(words, " "))
}

// sayNone says that nothing changed, and when something last did.
func (d *dossier) sayNone(c *composition, h *history) {
	if h.span != nil {
		c.sayf("No commit lies %s. [%d]", h.what, d.cite(d.periodPassage(h, 0), 1))
		d.sayAside(c, h)
		return
	}
	if h.newest == nil {
		c.sayf("Nothing changed %s, as far as the records say that were read. [%d]", h.what, d.cite(d.periodPassage(h, 0), 1))
		return
	}
	n := d.cite(*h.newest, 1)
	c.sayf("No commit that the analysis knows was made %s; the newest change is of %s. [%d]", h.what, h.newest.At.UTC().Format(onDay), n)
	c.sayf("- %s [%d]", headline(h.newest), n)
}

// sayPeriod says how much changed, and what, by area.
func (d *dossier) sayPeriod(ctx context.Context, c *composition, h *history, about string) {
	var counts []string
	if h.all > 0 {
		counts = append(counts, plural(h.all, "commit"))
		if len(h.merged) > 0 {
			counts[0] += " beside them"
		}
	}
	if len(h.merged) > 0 {
		counts = append([]string{plural(len(h.merged), "merged pull request")}, counts...)
	}
	if len(h.closed) > 0 {
		counts = append(counts, plural(len(h.closed), "closed work item"))
	}
	of := ""
	if about != "" {
		of = " about " + about
	}
	n := d.cite(d.periodPassage(h, h.all+len(h.merged)+len(h.closed)), 1)
	c.sayf("%s%s: %s. [%d]", strings.ToUpper(h.what[:1])+h.what[1:], of, strings.Join(counts, ", "), n)
	if h.span == nil && h.newest != nil && h.newest.At.Before(h.to.Add(-longAfter)) && !h.recent && h.to.After(d.Now()) {
		c.sayf("The newest commit that the analysis knows is of %s. [%d]", h.newest.At.UTC().Format(onDay), d.cite(*h.newest, 0.5))
	}
	if len(h.tagged) > 0 {
		var list []string
		for _, t := range h.tagged[max(0, len(h.tagged)-maxOfArea):] {
			list = append(list, fmt.Sprintf("%s (%s)", markdown.Span(t.Name), t.CommittedAt.Format(onDay)))
		}
		some := ""
		if len(h.tagged) > maxOfArea {
			some = fmt.Sprintf(" (the last %d of %d)", maxOfArea, len(h.tagged))
		}
		when := "in that time"
		if h.span != nil {
			when = "of these"
		}
		c.sayf("Tagged %s%s: %s. [%d]", when, some, strings.Join(list, ", "), n)
	}
	d.sayAside(c, h)
	d.sayAreas(ctx, c, append(slices.Clone(h.merged), h.commits...))
	d.sayList(ctx, c, "Work items that were closed", h.closed, maxOfArea)
	if h.unnamed {
		c.sayf("Work items that no commit of these names are left out.")
	}
}

// sayAreas lists changes by what of the code they are of, the most changed first.
func (d *dossier) sayAreas(ctx context.Context, c *composition, list []changed) {
	areas := map[string][]changed{}
	for _, v := range list {
		area := d.areaOf(&v)
		areas[area] = append(areas[area], v)
	}
	names := make([]string, 0, len(areas))
	for name := range areas {
		names = append(names, name)
	}
	last := func(name string) int {
		if name == dependencies || name == everywhere {
			return 1
		}
		return 0
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(len(areas[b]), len(areas[a])), cmp.Compare(a, b))
	})
	for i, name := range names {
		if i == maxAreas {
			left := 0
			for _, other := range names[i:] {
				left += len(areas[other])
			}
			c.sayf("And %s in %s.", plural(left, "more change"), plural(len(names)-i, "other part"))
			break
		}
		head := markdown.Span(name)
		if last(name) == 1 || name == theRoot {
			head = name
		}
		most := maxOfArea
		if name == dependencies {
			most = 2
		}
		d.sayList(ctx, c, "**"+head+"**", areas[name], most)
	}
}

// sayList lists changes, the newest first.
func (d *dossier) sayList(ctx context.Context, c *composition, head string, list []changed, most int) {
	slices.SortStableFunc(list, func(a, b changed) int { return b.at.Compare(a.at) })
	lines := make([]string, 0, most+1)
	for i := range list[:min(len(list), most)] {
		v := &list[i]
		if v.passage.ID == 0 && v.passage.Kind == rampforge.PassageCommit { // it may be indexed all the same
			if p, ok := d.passageOf(ctx, rampforge.PassageCommit, v.passage.Key); ok {
				v.passage = p
			}
		}
		lines = append(lines, fmt.Sprintf("%s, %s [%d]", markdown.Plain(v.title), v.at.UTC().Format("2 January 2006"), d.cite(v.passage, 0.8)))
	}
	c.list(head, lines, len(list))
}

const theRoot = "The root"

// updated is the subject of a change of a dependency, as people and bots write it.
var updated = lazyregexp.New(`(?i)^(?:(?:build|chore|fix)\(deps(?:-dev)?\)|(?:build\(deps\): )?bump \S+|update (?:dependency|module|crate|github action|actions?/)\b|upgrade \S+ (?:from|to) |lock file maintenance|pin dependenc)`)

// locks are files that hold versions of dependencies alone.
var locks = lazyregexp.New(`^(?:go\.sum|go\.mod|package(?:-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|Cargo\.(?:lock|toml)|Gemfile(?:\.lock)?|poetry\.lock|uv\.lock|composer\.(?:json|lock)|requirements[\w.-]*\.txt|pom\.xml|gradle\.lockfile|libs\.versions\.toml|mix\.(?:lock|exs)|pubspec\.(?:lock|yaml))$`)

// areaOf is the part of the code that most of what a change touches is in: a
// component, or else a folder.
func (d *dossier) areaOf(v *changed) string {
	if updated.MatchString(v.title) || len(v.paths) > 0 && !slices.ContainsFunc(v.paths, func(p string) bool { return !locks.MatchString(path.Base(p)) }) {
		return dependencies
	}
	counts := map[string]float64{}
	best := ""
	for _, p := range v.paths {
		area := d.partOf(p)
		weight := 1.0
		if tree.IsTest(p) || !tree.IsCodeByName(p) {
			weight = 0.3 // it comes along with code
		}
		counts[area] += weight
		if best == "" || counts[area] > counts[best] {
			best = area
		}
	}
	if best == "" {
		return everywhere
	}
	return best
}

// partOf is the component of a file, the innermost that the report names, or else
// the first folder of its path.
func (d *dossier) partOf(file string) string {
	best, long := "", -1
	if d.code != nil {
		for i := range d.code.Report.Architecture.Components {
			v := &d.code.Report.Architecture.Components[i]
			for _, folder := range append([]string{v.Path}, v.Paths...) {
				if folder != "" && folder != "." && (file == folder || strings.HasPrefix(file, folder+"/")) && len(folder) > long {
					best, long = v.Name, len(folder)
				}
			}
		}
	}
	if best != "" {
		return best
	}
	if first, _, inside := strings.Cut(file, "/"); inside {
		return first
	}
	return theRoot
}

// periodPassage is what the answer counts from: all of the history of a period, to
// be cited.
func (d *dossier) periodPassage(h *history, all int) rampforge.Passage {
	var lines []string
	for _, list := range [][]changed{h.merged, h.commits, h.closed} {
		for i := range list {
			v := &list[i]
			if len(lines) == maxListed {
				break
			}
			name := ""
			if v.passage.Kind == rampforge.PassageCommit {
				name = short(v.passage.Commit) + " "
			}
			lines = append(lines, fmt.Sprintf("%s %s%s", v.at.UTC().Format(time.DateOnly), name, v.title))
		}
	}
	for _, t := range h.tagged {
		lines = append(lines, fmt.Sprintf("%s tag %s", t.CommittedAt.Format(time.DateOnly), t.Name))
	}
	if h.span != nil {
		lines = append(lines, h.aside)
	} else if h.newest != nil && len(lines) == 0 {
		lines = append(lines, fmt.Sprintf("The newest commit is of %s.", h.newest.At.UTC().Format(onDay)))
	}
	commit := ""
	if d.code != nil {
		commit = d.code.Index.Commit
	}
	what := strings.ReplaceAll(h.what, "`", "")
	return rampforge.Passage{
		Kind: rampforge.PassageReport, Key: "history " + what, Title: "The history " + what, Commit: commit,
		Text: fmt.Sprintf("%s %s:\n%s", plural(all, "change"), what, strings.Join(lines, "\n")),
	}
}
