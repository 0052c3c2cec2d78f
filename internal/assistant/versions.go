package assistant

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// release is a version that a name has, such as jq-1.8.2rc1.
type release struct {
	line    string // what stands before, without a v: tags of one package of several are kept apart by it
	numbers []int
	stage   int    // of what comes before a release; 0 for a release
	round   int    // of the stage
	suffix  string // what else stands after, such as scripting: it is a version beside the others
}

var (
	versionIn = lazyregexp.New(`(?i)^(?:(.*?[^a-z0-9.])??v?|(.*[a-z])(?:[-_/@]?v)?)(\d+(?:[._]\d+)*)(?:[-._]?(dev|snapshot|nightly|canary|alpha|beta|preview|pre|milestone|ea|rc|cr)[-._]?(\d+)?(?:\.\d+)*|(a|b|c|m)(\d+))?([-._+]?[a-z0-9][\w.+-]*)?$`)
	stages    = map[string]int{"dev": 1, "snapshot": 1, "nightly": 1, "canary": 1, "ea": 2, "milestone": 2, "m": 2, "alpha": 3, "a": 3, "beta": 4, "b": 4, "preview": 5, "pre": 5, "c": 6, "rc": 6, "cr": 6}
	finished  = lazyregexp.New(`(?i)^(?:[-._]?(?:stable|final|release|ga|post\d*|lts)|\+.*)$`)
)

// releaseOf reads the version in the name of a tag; false where it names none.
func releaseOf(name string) (release, bool) {
	m := versionIn.FindStringSubmatch(name)
	if m == nil {
		return release{}, false
	}
	r := release{line: strings.Trim(strings.ToLower(m[1]+m[2]), "-_/@ "), stage: stages[strings.ToLower(m[4]+m[6])], suffix: strings.ToLower(m[8])}
	if r.line == "v" {
		r.line = ""
	}
	for digits := range strings.FieldsFuncSeq(m[3], func(c rune) bool { return c == '.' || c == '_' }) {
		n, err := strconv.Atoi(digits)
		if err != nil {
			return release{}, false
		}
		r.numbers = append(r.numbers, n)
	}
	for len(r.numbers) > 1 && r.numbers[len(r.numbers)-1] == 0 {
		r.numbers = r.numbers[:len(r.numbers)-1] // 1.2 is 1.2.0
	}
	r.round, _ = strconv.Atoi(m[5] + m[7])
	if finished.MatchString(r.suffix) {
		r.suffix = ""
	}
	return r, true
}

func (r *release) isFinal() bool { return r.stage == 0 && r.suffix == "" }

// compare orders versions of one line.
func (r *release) compare(other *release) int {
	stage := func(v *release) int {
		if v.stage == 0 {
			return 99
		}
		return v.stage
	}
	return cmp.Or(slices.Compare(r.numbers, other.numbers), cmp.Compare(stage(r), stage(other)), cmp.Compare(r.round, other.round), cmp.Compare(r.suffix, other.suffix))
}

// readTags reads the tags where the question may be of what changed since one.
func (d *dossier) readTags(ctx context.Context) {
	if d.Files == nil || d.repository == nil || !changesForm.MatchString(d.question.Text) && !whatChanged.MatchString(d.question.Text) {
		return
	}
	tags, err := d.Files.Tags(ctx, *d.repository)
	d.note(ctx, "the tags", err)
	d.tags = tags
}

// versionNames are the names that a version may be asked for by.
func (d *dossier) versionNames() versionNames {
	n := versionNames{tags: map[string]bool{}, words: map[string]bool{"v": true}}
	for _, t := range d.tags {
		n.tags[t.Name] = true
		if r, ok := releaseOf(t.Name); ok && r.line != "" {
			n.words[r.line] = true
		}
	}
	n.words[strings.ToLower(d.question.Project.Name)] = true
	if d.repository != nil {
		n.words[strings.ToLower(d.repository.Name)] = true
		n.words[strings.ToLower(strings.TrimSuffix(path.Base(d.repository.URL), ".git"))] = true
	}
	return n
}

// tagOf finds the tag of a version: the very name, or else the same version, of the
// line that has no name or the project's where there are several. why says why
// there is none.
func (d *dossier) tagOf(version string) (tag git.Tag, why string) {
	if version == lastVersion {
		for _, t := range slices.Backward(d.tags) {
			if r, ok := releaseOf(t.Name); ok && r.isFinal() {
				return t, ""
			}
		}
		return tag, "No tag of the repository names a release."
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		if at := slices.IndexFunc(d.tags, func(t git.Tag) bool { return same(t.Name, version) }); at >= 0 {
			return d.tags[at], ""
		}
	}
	var found []git.Tag
	lines := map[string]bool{}
	if want, ok := releaseOf(version); ok {
		for _, t := range d.tags {
			if have, ok := releaseOf(t.Name); ok && want.compare(&have) == 0 && (want.line == "" || want.line == have.line || d.versionNames().words[want.line]) {
				found, lines[have.line] = append(found, t), true
			}
		}
		for _, line := range []string{want.line, "", strings.ToLower(d.question.Project.Name), "release", "rel", "version"} {
			if len(lines) > 1 && lines[line] {
				found = slices.DeleteFunc(found, func(t git.Tag) bool { r, _ := releaseOf(t.Name); return r.line != line })
				lines = map[string]bool{line: true}
			}
		}
	}
	switch {
	case len(lines) > 1:
		return tag, fmt.Sprintf("Several tags are %s: %s and %s, for instance. Ask for one by its whole name.", markdown.Span(version), markdown.Span(found[0].Name), markdown.Span(found[1].Name))
	case len(found) > 0:
		return found[len(found)-1], ""
	}
	newest := d.tags[len(d.tags)-1]
	for _, t := range slices.Backward(d.tags) {
		if r, ok := releaseOf(t.Name); ok && r.isFinal() {
			newest = t
			break
		}
	}
	return tag, fmt.Sprintf("No tag of the repository is %s; the newest is %s of %s.", markdown.Span(version), markdown.Span(newest.Name), newest.CommittedAt.Format(onDay))
}

// tagBefore is the release that a version comes after: of x.y.z the last before it
// of x.y, of x.y.0 the last x.*.0 before it, of x.0.0 the last *.*.0. What comes before a
// release is compared with what came before it of the same, or else as the release
// is. Where no tag is so numbered it is the last lower version.
func (d *dossier) tagBefore(tag git.Tag) (before git.Tag, ok bool) {
	at, is := releaseOf(tag.Name)
	if !is {
		return before, false
	}
	significant := len(at.numbers) - 1 // the part that was counted up
	fits := []func(r *release) bool{
		func(r *release) bool {
			return !at.isFinal() && r.suffix == at.suffix && r.stage > 0 && slices.Equal(r.numbers, at.numbers)
		},
		func(r *release) bool {
			return r.isFinal() && len(r.numbers) <= max(significant+1, 2) && slices.Equal(part(r.numbers, significant), part(at.numbers, significant)) && !slices.Equal(r.numbers, at.numbers)
		},
		func(r *release) bool { return r.isFinal() && !slices.Equal(r.numbers, at.numbers) },
	}
	for _, fit := range fits {
		var best release
		for _, t := range d.tags {
			r, is := releaseOf(t.Name)
			if is && r.line == at.line && t.Commit != tag.Commit && r.compare(&at) < 0 && fit(&r) && (!ok || r.compare(&best) >= 0) {
				best, before, ok = r, t, true
			}
		}
		if ok {
			return before, true
		}
	}
	return before, false
}

// part is the first numbers of a version, those that are left out being 0.
func part(numbers []int, n int) []int {
	out := make([]int, n)
	copy(out, numbers)
	return out
}
