package assistant

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// What of the history one answer tells.
const (
	maxReasons = 3
	maxBlamed  = 60 // lines that are blamed
	maxPulls   = 2
)

// sayReasons tells why lines are as they are: the commits that wrote them, the
// pull requests that these came with, and the work items that those name.
func (d *dossier) sayReasons(ctx context.Context, c *composition) error {
	if len(d.targets) == 0 {
		return nil
	}
	t := d.targets[0]
	commits := d.commitsBehind(ctx, t)
	said, told := 0, false
	for _, hash := range commits {
		p, ok := d.passageOf(ctx, rampforge.PassageCommit, hash)
		if !ok {
			continue
		}
		if said == 0 {
			if lines, ok := d.passageAt(ctx, t.impact.Path, t.line()); ok {
				c.sayf("%s [%d] was last written by:", markdown.Span(t.name()), d.cite(lines, 1))
			}
		}
		n := d.cite(p, 0.9)
		c.sayf("- %s [%d]", headline(&p), n)
		told = told || d.covers(&p) >= leastQuoted
		if _, body, _ := strings.Cut(p.Text, "\n\n"); strings.TrimSpace(body) != "" {
			told = told || t.named
			c.sayf("> %s [%d]", markdown.Quote(firstSentences(body, 500)), n)
		}
		behind, err := d.sayBehind(ctx, c, &p)
		if err != nil {
			return err
		}
		told = told || behind > 0
		if said++; said == maxReasons {
			break
		}
	}
	c.fact = c.fact || said > 0 && t.named
	if said > 0 && !told && len(d.about) == 0 {
		c.unsure = true
		c.sayf("None of that gives a reason.")
	}
	return nil
}

// commitsBehind are the commits that wrote the lines of a target, those that say
// most of the question first; without the repository at hand, those that touched
// its file.
func (d *dossier) commitsBehind(ctx context.Context, t target) []string {
	var commits []string
	if s := t.impact.Symbol; d.Files != nil && d.repository != nil && s != nil {
		last := min(s.EndLine, s.Line+maxBlamed)
		blamed, err := d.Files.Blame(ctx, *d.repository, t.impact.Commit, s.Path, s.Line, last)
		d.note(ctx, "the commits of some lines", err)
		counts := map[string]int{}
		for _, hash := range blamed {
			if counts[hash]++; counts[hash] == 1 {
				commits = append(commits, hash)
			}
		}
		slices.SortStableFunc(commits, func(a, b string) int { return counts[b] - counts[a] })
	}
	if len(commits) == 0 {
		for _, r := range t.impact.Commits {
			commits = append(commits, r.Hash)
		}
	}
	worth := map[string]float64{}
	for _, hash := range commits[:min(len(commits), 20)] {
		if p, ok := d.passageOf(ctx, rampforge.PassageCommit, hash); ok {
			worth[hash] = d.weigh(p.Text)
		}
	}
	slices.SortStableFunc(commits, func(a, b string) int {
		switch {
		case worth[a] > worth[b]:
			return -1
		case worth[a] < worth[b]:
			return 1
		}
		return 0
	})
	return commits
}

// sayBehind tells of the pull requests and work items that a text names, and
// returns how many there are.
func (d *dossier) sayBehind(ctx context.Context, c *composition, p *rampforge.Passage) (said int, err error) {
	for _, key := range search.References(p.Text, 6) {
		found, err := search.Ask(ctx, d.Store, d.question.Viewer, d.question.Project.ID, search.Question{
			Text: key, Kinds: []rampforge.PassageKind{rampforge.PassagePullRequest, rampforge.PassageWorkItem},
		})
		if err != nil {
			return said, err
		}
		for i := range found.Hits {
			hit := &found.Hits[i]
			if first, _, _ := strings.Cut(hit.Title, " "); first != key && first != "#"+strings.TrimPrefix(key, "!") || d.cited(hit.Passage) {
				continue
			}
			n := d.cite(hit.Passage, 0.9)
			c.sayf("- It belongs to: %s [%d]", headline(&hit.Passage), n)
			if quote := d.bestLines(&hit.Passage, 500); quote != "" {
				c.sayf("> %s [%d]", markdown.Quote(quote), n)
			}
			if said++; said == maxPulls {
				return said, nil
			}
			break
		}
	}
	return said, nil
}

// adding asks how something is done of which there may be several already.
var (
	adding = lazyregexp.New(`(?i)\b(add|create|support|implement|introduce|write|define|register|make)\b`)
	scope  = lazyregexp.New(`^[\w()/.,* -]{1,40}: `) // what a subject is about: backend/s3: …
	added  = lazyregexp.New(`(?i)^\W*(?:add|adds|added|adding|support|supports|implement|implements|implemented|introduce|introduces|introduced|create|creates|created|new)\b`)
)

// maxChanged is how many files of one change are named.
const maxChanged = 5

// sayPrecedents tells how the same was done before: the newest commits that did,
// and the files that they changed.
func (d *dossier) sayPrecedents(ctx context.Context, c *composition) error {
	if !adding.MatchString(d.asked.text) || len(d.asked.terms) == 0 {
		return nil
	}
	found, err := search.Ask(ctx, d.Store, d.question.Viewer, d.question.Project.ID, search.Question{Text: d.asked.text, Kinds: []rampforge.PassageKind{rampforge.PassageCommit}})
	if err != nil {
		return err
	}
	for _, t := range found.Terms {
		d.rarity[t.Term] = t.Rarity
	}
	var before []search.Hit
	for _, hit := range found.Hits[:min(len(found.Hits), maxHits)] {
		subject := rampforge.Passage{Title: scope.ReplaceAllString(hit.Title, "")}
		if added.MatchString(subject.Title) && len(hit.Paths) > 0 && d.covers(&subject) >= leastCovered {
			before = append(before, hit)
		}
	}
	slices.SortStableFunc(before, func(a, b search.Hit) int {
		if a.At == nil || b.At == nil {
			return 0
		}
		return b.At.Compare(*a.At)
	})
	if len(before) == 0 {
		return nil
	}
	c.fact = true
	lines := make([]string, 0, 2)
	for i := range before[:min(len(before), 2)] {
		lines = append(lines, fmt.Sprintf("%s [%d] changed %s", headline(&before[i].Passage), d.cite(before[i].Passage, 0.9), filesOf(before[i].Paths)))
	}
	c.sayf("It was done like this before:\n\n- %s", strings.Join(lines, "\n- "))
	return nil
}

func filesOf(paths []string) string {
	list := make([]string, 0, maxChanged)
	for _, p := range paths[:min(len(paths), maxChanged)] {
		list = append(list, markdown.Span(p))
	}
	if more := len(paths) - len(list); more > 0 {
		return strings.Join(list, ", ") + " and " + plural(more, "more file")
	}
	return strings.Join(list, ", ")
}

// sayHistory tells when something was changed.
func (d *dossier) sayHistory(ctx context.Context, c *composition) {
	for _, t := range d.targets {
		if !t.named || len(t.impact.Commits) == 0 {
			continue
		}
		c.fact = true
		c.sayf("The last changes of %s:", markdown.Span(t.impact.Path))
		var list []string
		for _, r := range t.impact.Commits[:min(len(t.impact.Commits), 5)] {
			line := fmt.Sprintf("%s, %s: %s", r.CommittedAt.UTC().Format("2 January 2006"), markdown.Span(short(r.Hash)), markdown.Plain(r.Subject))
			if p, ok := d.passageOf(ctx, rampforge.PassageCommit, r.Hash); ok {
				line += fmt.Sprintf(" [%d]", d.cite(p, 0.8))
			}
			list = append(list, line)
		}
		c.sayf("- %s", strings.Join(list, "\n- "))
	}
	if c.fact {
		return
	}
	d.sayCommits(c)
}

// alike is how much of the question a commit must speak of beside the one that
// speaks of the most.
const alike = 0.9

// began asks for the first of several changes.
var began = lazyregexp.New(`(?i)\b(added|introduced|created|first|started|since when)\b`)

// sayCommits names the commits that speak of what is asked about, the first of
// them first where the question is of a beginning.
func (d *dossier) sayCommits(c *composition) {
	var list []search.Hit
	most := leastTogether
	for i := range d.hits {
		if d.hits[i].Kind == rampforge.PassageCommit {
			most = max(most, alike*d.covers(&d.hits[i].Passage))
		}
	}
	for _, hit := range d.hits {
		if hit.Kind == rampforge.PassageCommit && hit.At != nil && d.covers(&hit.Passage) >= most {
			list = append(list, hit)
		}
	}
	// One that says it in its subject is of that, others only speak of it.
	if of := slices.DeleteFunc(slices.Clone(list), func(hit search.Hit) bool {
		return d.covers(&rampforge.Passage{Title: hit.Title}) < most
	}); len(of) > 0 {
		list = of
	}
	first := began.MatchString(d.asked.text)
	slices.SortStableFunc(list, func(a, b search.Hit) int {
		if first {
			return a.At.Compare(*b.At)
		}
		return b.At.Compare(*a.At)
	})
	for i := range list[:min(len(list), maxReasons)] {
		c.sayf("- %s [%d]", headline(&list[i].Passage), d.cite(list[i].Passage, list[i].Score))
		c.fact = true
	}
}
