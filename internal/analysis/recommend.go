package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// The rules below are stated in docs/measures.md. Each speaks only when its
// facts are known.
const (
	hotScore        = 0.85 // of a hotspot: both ranks are in the top tenth or nearly
	hotComplexity   = 60   // cognitive complexity of the file
	hugeFunction    = 60   // cognitive complexity of one function: four times what SonarSource allows
	tightDegree     = 60   // percent of change coupling
	lostKnowledge   = 0.5  // share of added files whose authors left
	smallArea       = 5    // files; a smaller area is read in an afternoon
	untestedCode    = 500  // lines; less needs no tests to speak of
	maxOfOneRule    = 3    // recommendations of one rule
	maxAffected     = 5    // files that one recommendation names
	priorityHigh    = "high"
	priorityMedium  = "medium"
	priorityLow     = "low"
	typeRefactor    = "refactor"
	typeKnowledge   = "knowledge"
	typeStructure   = "structure"
	typeTests       = "tests"
	typeDocument    = "documentation"
	typeAutomation  = "automation"
	hotspotsToSplit = 20 // of those listed
)

// recommend says what is worth doing, what would save the most first.
func recommend(r *report.CodeReport, files []source.File) []report.Recommendation {
	list := slices.Concat(hotspotAdvice(r), knowledgeAdvice(r), cycleAdvice(r), couplingAdvice(r), functionAdvice(r), basicsAdvice(r, files))
	rank := map[string]int{priorityHigh: 0, priorityMedium: 1, priorityLow: 2}
	slices.SortStableFunc(list, func(a, b report.Recommendation) int { return cmp.Compare(rank[a.Priority], rank[b.Priority]) })
	if list == nil {
		list = []report.Recommendation{}
	}
	return list
}

func hotspotAdvice(r *report.CodeReport) []report.Recommendation {
	var list []report.Recommendation
	for _, h := range r.Hotspots[:min(len(r.Hotspots), hotspotsToSplit)] {
		if h.Score < hotScore || h.Complexity < hotComplexity || len(list) == maxOfOneRule {
			continue
		}
		list = append(list, report.Recommendation{
			Type: typeRefactor, Priority: priorityHigh, AffectedFiles: []string{h.Path},
			Description: fmt.Sprintf("Split %s: %d commits changed it in the window, and its cognitive complexity is %d. Begin with its most complex function and give that tests first.", h.Path, h.Revisions, h.Complexity),
			Risk:        "Every change there is slow to make and slow to review, and most changes go there.",
		})
	}
	return list
}

// knowledgeAdvice speaks of areas, never of persons.
func knowledgeAdvice(r *report.CodeReport) []report.Recommendation {
	var list []report.Recommendation
	for _, area := range r.Knowledge.Areas {
		if area.Files < smallArea || len(list) == maxOfOneRule {
			continue
		}
		switch {
		case area.KnowledgeLoss != nil && *area.KnowledgeLoss > lostKnowledge:
			list = append(list, report.Recommendation{
				Type: typeKnowledge, Priority: priorityMedium, AffectedFiles: []string{area.Path},
				Description: fmt.Sprintf("Win back knowledge of %s: %.0f %% of its files were added by people who made no commit in the last year. Let whoever changes it next write down how it works.", area.Name, 100**area.KnowledgeLoss),
				Risk:        "Questions about it find nobody who knows, and changes break what nobody remembers.",
			})
		case area.TruckFactor != nil && *area.TruckFactor == 1 && area.Ownership == history.OwnershipSole:
			list = append(list, report.Recommendation{
				Type: typeKnowledge, Priority: priorityMedium, AffectedFiles: []string{area.Path},
				Description: fmt.Sprintf("Spread the knowledge of %s: one person knows most of it. A second one should review its changes and make some.", area.Name),
				Risk:        "Work on it waits when that person is away.",
			})
		}
	}
	return list
}

func cycleAdvice(r *report.CodeReport) []report.Recommendation {
	var list []report.Recommendation
	for _, cycle := range r.Architecture.Cycles[:min(len(r.Architecture.Cycles), maxOfOneRule)] {
		lightest := lightestEdge(r.Architecture.Dependencies, cycle)
		if lightest == nil {
			continue
		}
		list = append(list, report.Recommendation{
			Type: typeStructure, Priority: priorityMedium, AffectedFiles: pathsOfComponents(r.Architecture.Components, cycle),
			Description: fmt.Sprintf("Break the cycle between %s: the way from %s to %s is the lightest (%d pairs of files), so begin there.", strings.Join(cycle[:min(len(cycle), maxAffected)], ", "), lightest.From, lightest.To, lightest.Weight),
			Risk:        "None of them can be understood, tested or moved without the others.",
		})
	}
	return list
}

func lightestEdge(edges []report.Dependency, cycle []string) *report.Dependency {
	var lightest *report.Dependency
	for i := range edges {
		e := &edges[i]
		if slices.Contains(cycle, e.From) && slices.Contains(cycle, e.To) && (lightest == nil || e.Weight < lightest.Weight) {
			lightest = e
		}
	}
	return lightest
}

func pathsOfComponents(components []report.Component, names []string) []string {
	paths := []string{}
	for _, c := range components {
		if slices.Contains(names, c.Name) && len(paths) < maxAffected {
			paths = append(paths, c.Path)
		}
	}
	return paths
}

// couplingAdvice is about files that change together although neither uses
// the other: the reason is not in the code.
func couplingAdvice(r *report.CodeReport) []report.Recommendation {
	components := map[string]string{}
	for _, h := range slices.Concat(r.Hotspots, r.TestHotspots) {
		components[h.Path] = h.Component
	}
	var list []report.Recommendation
	for _, c := range r.Coupling {
		a, b := components[c.A], components[c.B]
		if c.Imports || c.Degree < tightDegree || a == "" || b == "" || a == b || len(list) == maxOfOneRule {
			continue
		}
		list = append(list, report.Recommendation{
			Type: typeStructure, Priority: priorityLow, AffectedFiles: []string{c.A, c.B},
			Description: fmt.Sprintf("Find out why %s and %s change together (%d commits, %d %%) although neither uses the other, and say it in the code.", c.A, c.B, c.Shared, c.Degree),
			Risk:        "Whoever changes one and does not know of the other leaves it behind.",
		})
	}
	return list
}

func functionAdvice(r *report.CodeReport) []report.Recommendation {
	var names, files []string
	for _, f := range r.Complexity.MostComplex {
		if f.Cognitive <= hugeFunction || len(names) == maxAffected {
			break
		}
		names = append(names, fmt.Sprintf("%s (%d)", f.Name, f.Cognitive))
		if !slices.Contains(files, f.Path) {
			files = append(files, f.Path)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []report.Recommendation{{
		Type: typeRefactor, Priority: priorityMedium, AffectedFiles: files,
		Description: "Take the most complex functions apart, by cognitive complexity: " + strings.Join(names, ", ") + ".",
		Risk:        "Nobody can keep such a function in mind, so each change to it is a guess.",
	}}
}

// basicsAdvice is about what every project needs and this one lacks.
func basicsAdvice(r *report.CodeReport, files []source.File) []report.Recommendation {
	var list []report.Recommendation
	advise := func(missing bool, kind, priority, description, risk string) {
		if missing {
			list = append(list, report.Recommendation{Type: kind, Priority: priority, AffectedFiles: []string{}, Description: description, Risk: risk})
		}
	}
	var code int64
	for i := range files {
		if f := &files[i]; f.Code() && !f.Test {
			code += f.Lines.Code
		}
	}
	if code == 0 {
		return nil // a collection of documents or data needs none of this
	}
	d := r.Documentation
	advise(d.Readme == nil, typeDocument, priorityHigh, "Write a README: what this is, who it is for, how to run it.", "A newcomer cannot tell what the code is for.")
	advise(r.Totals.TestFiles == 0 && code >= untestedCode, typeTests, priorityHigh, "Write first tests, where code changes most: no test was found.", "Nobody can tell whether a change breaks something.")
	advise(r.Totals.TestFiles > 0 && len(r.Build.Test) == 0, typeAutomation, priorityMedium, "Write down how the tests run: there are tests, and no file says how.", "A newcomer guesses, and may run half of them.")
	advise(len(r.Build.CI) == 0 && r.Totals.TestFiles > 0, typeAutomation, priorityLow, "Let a service run the tests on every change: no definition of one was found.", "A change that breaks the tests is noticed late.")
	advise(d.License == nil, typeDocument, priorityLow, "Add a licence file, or make the one there is recognisable: none was recognised.", "Others cannot tell what they may do with the code.")
	advise(d.Readme != nil && d.Summary == nil, typeDocument, priorityLow, "Begin the README with a paragraph that says what this is.", "The reader has to guess it from the rest.")
	return list
}
