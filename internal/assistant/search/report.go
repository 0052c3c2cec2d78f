package search

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// The bounds of what is searched of one report.
const (
	maxReportParts = 2000 // components, features and decisions
	maxNamedFiles  = 30   // of one of them
)

// reportSources makes the passages of a report: what it says of the repository,
// of each component and feature, of how it is built, and the decisions. Each
// names in Paths where that comes from. What the lines of files say themselves,
// such as documents, is not said again.
func reportSources(text []byte, told map[string]rampforge.Narrative) ([]inspect.PassageSource, error) {
	var r report.CodeReport
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("reading a report: %w", err)
	}
	if len(told) > 0 {
		narrative.Attach(&r, told)
	}
	m := reportMaker{}
	m.overview(&r)
	for i := range r.Architecture.Components {
		m.component(&r.Architecture.Components[i])
	}
	for i := range r.Features {
		m.feature(&r.Features[i])
	}
	m.build(&r.Build)
	for i := range r.Decisions {
		m.decision(&r.Decisions[i])
	}
	return m.out[:min(len(m.out), maxReportParts)], nil
}

// reportMaker makes the passages of one report, each under a key of its own.
type reportMaker struct {
	out []inspect.PassageSource
}

// say adds a passage. Sentences that are empty are left out.
func (m *reportMaker) say(key, title, names string, paths []string, sentences ...string) {
	sentences = slices.DeleteFunc(sentences, func(s string) bool { return strings.TrimSpace(s) == "" })
	if len(sentences) == 0 {
		return
	}
	p := rampforge.Passage{
		Kind: rampforge.PassageReport, Key: key, Title: title, Names: names, Text: title + "\n\n" + strings.Join(sentences, "\n"),
		Paths: paths[:min(len(paths), maxNamedFiles)],
	}
	p.Version = versionOf([]byte(p.Text + "\x00" + strings.Join(p.Paths, "\x00")))
	m.out = append(m.out, inspect.PassageSource{Kinds: []rampforge.PassageKind{rampforge.PassageReport}, Key: key, Passages: []rampforge.Passage{p}})
}

func (m *reportMaker) overview(r *report.CodeReport) {
	var paths, languages []string
	if r.Documentation.Readme != nil {
		paths = append(paths, *r.Documentation.Readme)
	}
	for _, l := range r.Languages {
		if l.Share > 0 {
			languages = append(languages, l.Name)
		}
	}
	var patterns []string
	for _, p := range r.Patterns {
		patterns = append(patterns, p.Name)
	}
	m.say("overview", "What "+r.Name+" is", r.Name, paths, text(r.Description), text(r.Documentation.Summary), tale(r.Narrative),
		list("Languages", languages), list("Patterns", patterns))
}

func (m *reportMaker) component(c *report.Component) {
	m.say("component "+c.Name, "Component "+c.Name, c.Name+"\n"+c.Path, slices.Concat(c.KeyFiles, c.EntryPoints), text(c.Description), tale(c.Narrative),
		list("Folders", c.Paths), list("Languages", c.Languages), list("Uses", c.Dependencies), list("Used by", c.Dependents), list("Starts at", c.EntryPoints), list("Key files", c.KeyFiles))
	if c.Inside != nil {
		for i := range c.Inside.Components {
			m.component(&c.Inside.Components[i])
		}
	}
}

func (m *reportMaker) feature(f *report.Feature) {
	m.say("feature "+f.Kind+" "+f.Name, "Feature "+f.Name, f.Name, f.Files, text(f.Description), tale(f.Narrative),
		list("Starts at", f.EntryPoints), list("Files", f.Files[:min(len(f.Files), maxNamedFiles)]), list("Tests", f.Tests[:min(len(f.Tests), maxNamedFiles)]))
}

func (m *reportMaker) build(b *report.Build) {
	for _, part := range []struct {
		title    string
		commands []report.Command
	}{{"How to set it up", b.Setup}, {"How to build it", b.Build}, {"How to run it", b.Run}, {"How to test it", b.Test}, {"How to lint it", b.Lint}} {
		var paths, lines []string
		for _, c := range part.commands {
			lines = append(lines, fmt.Sprintf("%s (%s, %s:%d)", c.Command, c.Why, c.Source, c.Line))
			if !slices.Contains(paths, c.Source) {
				paths = append(paths, c.Source)
			}
		}
		m.say("build "+part.title, part.title, part.title, paths, lines...)
	}
}

func (m *reportMaker) decision(d *report.Decision) {
	if d.Kind == "commit" || d.Reason == nil { // the commit is a passage itself
		return
	}
	var paths []string
	if d.Path != nil {
		paths = []string{*d.Path}
	}
	m.say(fmt.Sprintf("decision %s:%d %s", text(d.Path), d.Line, d.Title), "Decision: "+d.Title, d.Title, paths, *d.Reason, list("Status", []string{text(d.Status)}))
}

// tale is a description without the numbers of its citations.
func tale(n *rampforge.Narrative) string {
	if n == nil {
		return ""
	}
	return strings.Join(strings.Fields(cite.Reference.ReplaceAllString(n.Text, "")), " ")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// list names some things; none are no sentence.
func list(what string, names []string) string {
	if names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" }); len(names) == 0 {
		return ""
	}
	return what + ": " + strings.Join(names, ", ")
}
