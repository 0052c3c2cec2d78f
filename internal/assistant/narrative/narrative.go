// Package narrative describes a repository, its components and its features in a
// few sentences, each with the lines that it rests on.
//
// [Compose] makes them of what the repository says itself: sentences of its
// documents and doc comments, and facts of the report, each cited to lines. Where
// nothing says anything there is no description. A [Describer] brings what is kept
// of a repository up to date after an analysis: a description whose cited lines
// are what they were stays, wherever they moved to; the others are composed anew
// or, where every project of the repository permits it, written by a model from
// numbered sources and held against them. [Attach] puts descriptions into a
// report, and says which of them are stale.
//
// Text of a repository is data: a description has no link, no image and no HTML,
// and secrets are masked. It may import floors one and two, and inspect.
package narrative

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The bounds of one analysis.
const (
	maxComponents = 250
	maxFeatures   = 200
	maxSentences  = 5
)

// Kind is what is described.
type Kind string

// The kinds.
const (
	Repository Kind = "repository"
	Component  Kind = "component"
	Feature    Kind = "feature"
)

// Subject is one thing that is described.
type Subject struct {
	Kind Kind
	Name string
	Of   string // of a feature its kind
}

// Key names a subject among those of one repository.
func (s Subject) Key() string {
	switch s.Kind {
	case Component:
		return "component " + s.Name
	case Feature:
		return "feature " + s.Of + " " + s.Name
	default:
		return string(Repository)
	}
}

func ofComponent(c *report.Component) Subject { return Subject{Kind: Component, Name: c.Name} }

func ofFeature(f *report.Feature) Subject { return Subject{Kind: Feature, Name: f.Name, Of: f.Kind} }

// eachComponent visits the components of a report, the outer ones first, until
// visit returns false.
func eachComponent(components []report.Component, visit func(*report.Component) bool) {
	level := make([]*report.Component, 0, len(components))
	for i := range components {
		level = append(level, &components[i])
	}
	for len(level) > 0 {
		var next []*report.Component
		for _, c := range level {
			if !visit(c) {
				return
			}
			if c.Inside != nil {
				for i := range c.Inside.Components {
					next = append(next, &c.Inside.Components[i])
				}
			}
		}
		level = next
	}
}

// enumerate writes a list as a sentence does.
func enumerate(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
