package assistant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// setting is a name with the value that it has: port = 8000, "timeout": 30s,
// `--workers` defaults to 4, a default of 10 retries is not read.
var setting = regexp.MustCompile("(?i)(?:^|[\\s\"'`(,{;-])([A-Za-z][A-Za-z0-9_.-]{1,60})[\"'`]?\\s*(?::=|=|:|\\bis\\b|\\bdefaults to\\b)\\s*[\"'`]?(\\d[\\d_.]*(?:[ \\t]?(?:ms|s|m|h|kb|mb|gb|%|seconds?|minutes?|hours?|days?))?|true|false)\\b")

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
		for _, m := range setting.FindAllStringSubmatch(s.Text, 200) {
			key := d.keyOf(m[1])
			if key == "" {
				continue
			}
			if values[key] == nil {
				order = append(order, key)
			}
			values[key] = append(values[key], value{m[1], strings.Join(strings.Fields(strings.ToLower(m[2])), " "), s})
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
