package assistant

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/store"
)

// How many knowledge items about the code of a question are told: to who asks why
// it is so, and to others.
const (
	maxKnown = 3
	oneKnown = 1
)

// readKnown reads the knowledge items that were found, and those about the code
// that is asked about. What is not approved any more is left out, whatever the
// search says.
func (d *dossier) readKnown(ctx context.Context) error {
	d.items = map[string]*rampforge.KnowledgeItem{}
	var hits []search.Hit
	for _, hit := range d.hits {
		if hit.Kind != rampforge.PassageKnowledge {
			hits = append(hits, hit)
			continue
		}
		k, err := d.Store.KnowledgeItem(ctx, store.Reader{Viewer: d.question.Viewer}, d.question.Project.ID, hit.Key)
		if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		if k.State == rampforge.KnowledgeApproved { // an author finds their drafts elsewhere
			d.items[k.ID] = &k
			hits = append(hits, hit)
		}
	}
	d.hits = hits
	for _, t := range d.targets {
		list, err := d.Store.KnowledgeAbout(ctx, d.question.Viewer, d.question.Project.ID, t.impact.Path)
		if err != nil {
			return err
		}
		near := map[string]int{}
		for i := range list {
			near[list[i].ID] = nearness(&list[i], t.impact)
		}
		slices.SortStableFunc(list, func(a, b rampforge.KnowledgeItem) int { return cmp.Compare(near[b.ID], near[a.ID]) })
		for i := range list {
			if near[list[i].ID] > 0 && !slices.ContainsFunc(d.about, func(k *rampforge.KnowledgeItem) bool { return k.ID == list[i].ID }) {
				d.items[list[i].ID] = &list[i]
				d.about = append(d.about, &list[i])
			}
		}
	}
	return nil
}

// nearness says how near an item is to what is asked about: 3 of the symbol
// itself, 2 of its lines, 1 of its file; 0 of another part of the file.
func nearness(k *rampforge.KnowledgeItem, of *codeindex.Impact) int {
	best := 0
	for i := range k.Links {
		l := &k.Links[i]
		s := of.Symbol
		switch {
		case s == nil && (l.Path == of.Path || of.Kind == "folder"):
			best = max(best, 2)
		case s == nil || l.Path != s.Path:
		case l.Symbol == s.Name:
			best = 3
		case l.StartLine == nil:
			best = max(best, 1)
		case *l.StartLine <= s.EndLine && s.Line <= *l.EndLine:
			best = max(best, 2)
		}
	}
	return best
}

// sayKnown tells what people know of the code that is asked about.
func (d *dossier) sayKnown(ctx context.Context, c *composition, most int) {
	said := 0
	for _, k := range d.about {
		p, ok := d.passageOf(ctx, rampforge.PassageKnowledge, k.ID)
		if !ok || d.cited(p) {
			continue
		}
		d.sayItem(c, k, p, 1)
		if said++; said == most {
			break
		}
	}
	if said > 0 && d.asked.intent == asksWhy {
		c.fact = true
	}
}

// sayItem quotes a knowledge item with who wrote it, when, and whether the code
// has moved on since.
func (d *dossier) sayItem(c *composition, k *rampforge.KnowledgeItem, p rampforge.Passage, score float64) {
	n := d.cite(p, score)
	c.sayf("**%s**, %s [%d]", markdown.Plain(k.Title), byline(k), n)
	if quote := d.bestLines(&p, 600); quote != "" {
		c.sayf("> %s [%d]", markdown.Plain(quote), n)
	}
	if k.Stale {
		c.sayf("%s [%d]", markdown.Plain(moved(k)), n)
	}
}

// byline says who wrote an item, where they may be named, and when it was
// approved.
func byline(k *rampforge.KnowledgeItem) string {
	by := "written by somebody of the project"
	if name := authorOf(k); name != "" {
		by = "written by " + markdown.Plain(name)
	}
	if k.ApprovedAt != nil {
		by += " and approved " + approver(k) + "on " + k.ApprovedAt.UTC().Format("2 January 2006")
	}
	return by
}

// approver says that it was not the author who approved an item.
func approver(k *rampforge.KnowledgeItem) string {
	if k.ApprovedBy == nil || k.Author != nil && k.Author.UserID == k.ApprovedBy.UserID {
		return ""
	}
	return "by a lead "
}

func authorOf(k *rampforge.KnowledgeItem) string {
	if k.Author == nil || k.Unnamed {
		return ""
	}
	return k.Author.Name
}

// moved says in which way the code of an item has moved on.
func moved(k *rampforge.KnowledgeItem) string {
	for i := range k.Links {
		if l := &k.Links[i]; l.State != rampforge.LinkCurrent {
			return fmt.Sprintf("This may be out of date: %s has changed since it was written. %s", l.Path, l.Detail)
		}
	}
	return "This may be out of date: the code has changed since it was written."
}

// sayStale says of the cited items, where a model wrote the answer, which are of
// code that has moved on.
func (w *writer) sayStale() error {
	for _, s := range w.citedSources() {
		if k := w.items[s.Key]; s.Kind == rampforge.PassageKnowledge && k != nil && k.Stale {
			if err := w.block(fmt.Sprintf("%s [%d]", markdown.Plain(moved(k)), s.n)); err != nil {
				return err
			}
		}
	}
	return nil
}
