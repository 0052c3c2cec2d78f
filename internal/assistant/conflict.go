package assistant

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// setting is a name with the value that it has: port = 8000, "timeout": 30s,
// `--workers` defaults to 4, a default of 10 retries is not read.
var setting = lazyregexp.New("(?i)(?:^|[\\s\"'`(,{;-])([A-Za-z][A-Za-z0-9_.-]{1,60})[\"'`]?\\s*(?::=|=|:|\\bis\\b|\\bdefaults to\\b)\\s*[\"'`]?(\\d[\\d_.]*(?:[ \\t]?(?:ms|s|m|h|kb|mb|gb|%|seconds?|minutes?|hours?|days?))?|true|false)\\b")

// value is what a source says that something is.
type value struct {
	name, text string
	source     *source
}

// conflict says where two of the cited sources disagree on a value that the
// question asks about; "" where they do not.
func (d *dossier) conflict() string { return d.conflictOf(d.sources) }

func (d *dossier) conflictOf(sources []*source) string {
	values := map[string][]value{}
	var order []string
	for _, s := range sources {
		if s.Kind == rampforge.PassageCommit || s.Kind == rampforge.PassageReport {
			continue // of another time
		}
		document := s.Kind != rampforge.PassageCode && s.Kind != rampforge.PassageFile
		for line := range strings.SplitSeq(s.Text, "\n") {
			for _, at := range setting.FindAllStringSubmatchIndex(line, 5) {
				name, text := line[at[2]:at[3]], line[at[4]:at[5]]
				key := d.keyOf(name)
				if key == "" || besideTheCode(s.Path) || !defines(line, at[2], line[at[3]:at[4]], document) {
					continue
				}
				if values[key] == nil {
					order = append(order, key)
				}
				values[key] = append(values[key], value{name, strings.Join(strings.Fields(strings.ToLower(text)), " "), s})
			}
		}
	}
	for _, key := range order {
		if a, b, ok := disagree(values[key]); ok {
			return fmt.Sprintf("The sources disagree: %s is %s in one [%d] and %s in another [%d].",
				markdown.Span(a.name), markdown.Span(a.text), a.source.n, markdown.Span(b.text), b.source.n)
		}
	}
	return ""
}

// defines reports whether a line says what something is, and not what it may be set
// to: in a document a sentence or a row, not an example; in code a declaration of no
// function's body.
func defines(line string, at int, between string, document bool) bool {
	if said := strings.ContainsAny(between, "s"); said || ofDefault.MatchString(line) { // is, defaults to
		return true
	}
	return !document && depthOf(line) == 0 && !commented.MatchString(line) && !strings.ContainsAny(line[:at], "({[") && !controls.MatchString(line)
}

// keyOf is what a name is compared by, "" for one that the question does not ask
// about: all its terms must be in the question.
func (d *dossier) keyOf(name string) string {
	var parts []string
	for _, t := range terms.NewSplitter().Terms(name) {
		if t.Whole {
			continue
		}
		if !slices.Contains(d.asked.terms, t.Text) {
			return ""
		}
		parts = append(parts, t.Text)
	}
	return strings.Join(parts, " ")
}

// disagree finds two sources of different files that say different values, where
// neither says the other's too.
func disagree(list []value) (a, b value, found bool) {
	says := map[*source][]string{}
	for _, v := range list {
		says[v.source] = append(says[v.source], v.text)
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.source.Key != b.source.Key && a.text != b.text && len(says[a.source]) == 1 && len(says[b.source]) == 1 {
				return a, b, true
			}
		}
	}
	return a, b, false
}
