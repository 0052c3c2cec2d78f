package assistant

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// maxNoted is how many lines of a changelog one answer tells.
const maxNoted = 20

// kindOfChange is what a question asks for alone of what changed.
type kindOfChange struct {
	name  string
	asked *lazyregexp.Regexp
	head  *lazyregexp.Regexp // of a heading
	item  *lazyregexp.Regexp // of an entry, or of a commit's subject
}

// kindsOfChange are those that entries are told by, the surest first: what is said
// to be deprecated and removed now is removed.
var kindsOfChange = []kindOfChange{
	{"removed", lazyregexp.New(`(?i)\b(?:removed|dropped|deleted)\b`), lazyregexp.New(`(?i)\b(?:remov|drop|delet)`), lazyregexp.New(`(?i)(?:^|[:\]] )\W*(?:remove[sd]?|drop(?:s|ped)?|delete[sd]?)\b|\b(?:is|are|was|were|been|now|got) (?:\w+ )?(?:removed|dropped|deleted)\b`)},
	{"deprecated", lazyregexp.New(`(?i)\bdeprecated\b`), lazyregexp.New(`(?i)\bdeprecat`), lazyregexp.New(`(?i)\bdeprecat`)},
	{"fixed", lazyregexp.New(`(?i)\bfixed\b`), lazyregexp.New(`(?i)\b(?:bug|fix)`), lazyregexp.New(`(?i)^\W*(?:bug ?)?fix(?:e[sd])?\b|^\W*correct`)},
	{"added", lazyregexp.New(`(?i)\badded\b`), lazyregexp.New(`(?i)\b(?:add|new|feature|enhancement)`), lazyregexp.New(`(?i)^\W*(?:add(?:s|ed)?|introduce[sd]?|new|expose[sd]?)\b|\b(?:is|are|was|were) added\b`)},
}

// kindAsked is the kind that a question asks for; nil where it asks for several, or
// for none.
func kindAsked(text string) *kindOfChange {
	var found *kindOfChange
	for i := range kindsOfChange {
		if kindsOfChange[i].asked.MatchString(text) {
			if found != nil {
				return nil
			}
			found = &kindsOfChange[i]
		}
	}
	return found
}

// has reports whether an entry is of the kind, by its heading or else by itself.
func (k *kindOfChange) has(heading, entry string) bool {
	for i := range kindsOfChange {
		if kindsOfChange[i].head.MatchString(heading) {
			return k.name == kindsOfChange[i].name
		}
	}
	for i := range kindsOfChange {
		if kindsOfChange[i].item.MatchString(entry) {
			return k.name == kindsOfChange[i].name
		}
	}
	return false
}

var (
	changelogName  = lazyregexp.New(`(?i)^(?:change[-_ ]?log|changes|history|news|releases?|(?:\d+-)?release[-_ ]?notes)(?:\.(?:md|markdown|rst|txt|adoc))?$`)
	versionInTitle = lazyregexp.New(`(?i)\bv?\d+(?:\.\d+)+(?:[-+.\w]*\w)?`)
	entryStart     = lazyregexp.New(`^ {0,3}[-*+•] +(.*)$`)
	boldLine       = lazyregexp.New(`^\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*:?\s*$`)
)

// changelogs are the files that say what versions brought, that of the whole
// repository first.
func (d *dossier) changelogs(line string) []string {
	if d.code == nil {
		return nil
	}
	var out []string
	for i := range d.code.Index.Files {
		p := d.code.Index.Files[i].Path
		folder := path.Base(path.Dir(p))
		if changelogName.MatchString(path.Base(p)) && (strings.Count(p, "/") <= 1 || line != "" && strings.EqualFold(folder, path.Base(line))) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		of := func(p string) int {
			if line != "" && strings.EqualFold(path.Base(path.Dir(p)), path.Base(line)) {
				return -1
			}
			return strings.Count(p, "/")
		}
		return cmp.Compare(of(a), of(b))
	})
	return out[:min(len(out), 3)]
}

// entry is one of a changelog.
type entry struct {
	text, heading string
	passage       int // of the section
}

// sayChangelog tells what the section of a version in a changelog says of one kind
// of change; false where there is none, or none of it.
func (d *dossier) sayChangelog(ctx context.Context, c *composition, h *history, kind *kindOfChange) bool {
	version := h.ofVersion
	if version == lastVersion {
		t, why := d.tagOf(version)
		if why != "" {
			return false
		}
		version = t.Name
	}
	want, ok := releaseOf(version)
	if !ok {
		return false
	}
	topic := topicOf(d.question.Text, h.period)
	for _, file := range d.changelogs(want.line) {
		list, err := d.Store.PassagesOf(ctx, d.question.Viewer, d.question.Project.ID, rampforge.PassageDocument, file)
		d.note(ctx, "a changelog", err)
		list = slices.DeleteFunc(list, func(p rampforge.Passage) bool { return !isOfVersion(p.Title, &want) })
		var lines []string
		all := 0
		for _, e := range entriesOf(list) {
			if !kind.has(e.heading, e.text) || len(topic) > 0 && !d.speaks(&rampforge.Passage{Text: e.text + " " + e.heading}, topic) {
				continue
			}
			if all++; all <= maxNoted {
				lines = append(lines, fmt.Sprintf("%s [%d]", markdown.Quote(firstSentences(e.text, 400)), d.cite(list[e.passage], 1)))
			}
		}
		if all > 0 {
			c.list(fmt.Sprintf("%s has as %s in %s", markdown.Span(file), kind.name, markdown.Span(version)), lines, all)
			return true
		}
	}
	return false
}

// isOfVersion reports whether a section stands below the heading of a version.
func isOfVersion(title string, want *release) bool {
	for heading := range strings.SplitSeq(title, " › ") {
		if r, ok := releaseOf(versionInTitle.FindString(heading)); ok && r.compare(want) == 0 {
			return true
		}
	}
	return false
}

// entriesOf are the entries of the sections of one version, each with the heading
// that says of which kind it is.
func entriesOf(list []rampforge.Passage) []entry {
	var out []entry
	for i := range list {
		titles := strings.Split(list[i].Title, " › ")
		heading := titles[len(titles)-1]
		if versionInTitle.MatchString(heading) {
			heading = ""
		}
		open := false // an entry goes on in the lines after it
		for line := range strings.Lines(list[i].Text) {
			line = strings.TrimRight(line, " \t\r\n")
			bold := boldLine.FindStringSubmatch(line)
			start := entryStart.FindStringSubmatch(line)
			switch {
			case bold != nil:
				heading, open = strings.Trim(bold[1], ": "), false
			case start != nil:
				out, open = append(out, entry{text: start[1], heading: heading, passage: i}), true
			case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"):
				open = false
			case open:
				out[len(out)-1].text += " " + strings.TrimSpace(line)
			}
		}
	}
	return out
}
