package assistant

import (
	"context"
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/git"
)

// boundByVersions reads what leads to one version and not to another, by the
// ancestry of the commits and not by their dates: a release of a maintenance branch
// has none of what went on beside it.
func (d *dossier) boundByVersions(ctx context.Context, h *history) (why string) {
	if d.Files == nil || d.repository == nil {
		return "What lies between versions is read from the repository, which is not on this machine."
	}
	if len(d.tags) == 0 && !hashForm.MatchString(h.sinceVersion+h.ofVersion) {
		return "The repository has no tags that say what a version is, or it is not on this machine."
	}
	name := h.sinceVersion
	if h.ofVersion != "" {
		name = h.ofVersion
	}
	from, why := d.endOf(ctx, name)
	if why != "" {
		return why
	}
	var to git.Tag
	switch {
	case h.ofVersion != "":
		to = from
		before, ok := d.tagBefore(to)
		if !ok {
			return fmt.Sprintf("No version before %s is tagged that it could be compared with. Ask for what changed between two tags or commits.", said(to))
		}
		from = before
	case h.untilVersion != "":
		if to, why = d.endOf(ctx, h.untilVersion); why != "" {
			return why
		}
	case d.code == nil:
		return "The repository is not analysed yet, so that nothing is known of what came after a version."
	default:
		to.Commit = d.code.Index.Commit
	}
	if why = d.readSpan(ctx, h, from, to); why != "" {
		return why
	}
	if h.untilVersion != "" && h.span.All == 0 && h.span.Behind > 0 { // they are named the wrong way round
		from, to = to, from
		if why = d.readSpan(ctx, h, from, to); why != "" {
			return why
		}
	}
	if h.what = "since " + said(from); to.Name != "" {
		h.what = fmt.Sprintf("between %s and %s", said(from), said(to))
	}
	h.aside = asideOf(h.span, from, to)
	for _, t := range d.tags {
		if _, ok := releaseOf(t.Name); ok && h.span.Hashes[t.Commit] && t.Commit != to.Commit {
			h.tagged = append(h.tagged, t)
		}
	}
	return ""
}

// said names an end of a span.
func said(t git.Tag) string {
	return fmt.Sprintf("%s of %s", markdown.Span(t.Name), t.CommittedAt.Format(onDay))
}

// endOf is the commit that a tag, a version or the beginning of an id names.
func (d *dossier) endOf(ctx context.Context, name string) (end git.Tag, why string) {
	if len(d.tags) > 0 {
		if end, why = d.tagOf(name); why == "" {
			return end, ""
		}
	}
	if !hashForm.MatchString(strings.ToLower(name)) {
		return end, why
	}
	found, err := d.Files.Resolve(ctx, *d.repository, strings.ToLower(name))
	if err != nil {
		d.note(ctx, "a commit", err)
		return end, fmt.Sprintf("No commit of the repository is %s, as far as it is on this machine.", markdown.Span(name))
	}
	return git.Tag{Name: short(found.Hash), Commit: found.Hash, CommittedAt: found.CommittedAt}, ""
}

func (d *dossier) readSpan(ctx context.Context, h *history, from, to git.Tag) (why string) {
	span, err := d.Files.Span(ctx, *d.repository, from.Commit, to.Commit, maxOfPeriod)
	if err != nil {
		d.note(ctx, "what lies between two commits", err)
		return fmt.Sprintf("What came after %s could not be read from the repository: a commit of it may not be on this machine.", said(from))
	}
	h.span, h.from = &span, from.CommittedAt
	for i := range span.Commits {
		if at := span.Commits[i].CommittedAt; at.Before(h.from) {
			h.from = at
		}
	}
	return ""
}

// asideOf says how two versions stand to each other where one does not lead to the
// other; "" where it does.
func asideOf(s *git.Span, from, to git.Tag) string {
	var out []string
	end := "The analysed commit"
	if to.Name != "" {
		end = markdown.Span(to.Name)
	}
	switch {
	case s.Behind > 0 && s.Base.Hash != "":
		out = append(out, fmt.Sprintf("%s does not lead to %s: they parted after %s of %s. What is counted is what %s has beyond that; %s has %s of its own.",
			markdown.Span(from.Name), strings.ToLower(end[:1])+end[1:], markdown.Span(short(s.Base.Hash)), s.Base.CommittedAt.Format(onDay), strings.ToLower(end[:1])+end[1:], markdown.Span(from.Name), plural(s.Behind, "commit")))
	case s.Base.Hash == "":
		out = append(out, fmt.Sprintf("%s and %s have no commit in common.", markdown.Span(from.Name), strings.ToLower(end[:1])+end[1:]))
	}
	if s.Shallow {
		out = append(out, "The clone is shallow, so that there may be more.")
	}
	return strings.Join(out, " ")
}

// sayAside says how the versions of a span stand to each other.
func (d *dossier) sayAside(c *composition, h *history) {
	if h.aside != "" {
		c.sayf("%s [%d]", h.aside, d.cite(d.periodPassage(h, 0), 1))
	}
}
