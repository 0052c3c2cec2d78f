package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/debt"
	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
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
	fewWhoKnow      = 2    // truck factor of an area
	smallArea       = 5    // files; a smaller area is read in an afternoon
	untestedCode    = 500  // lines; less needs no tests to speak of
	worthBeginning  = 10   // cognitive complexity of a function: one with less is easy enough as it is
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

// recommend says what is worth doing, what would save the most first: by
// priority, then by how often the code that it is about is changed. revisions
// are the commits that changed a file in the window; nil when they are unknown.
func recommend(r *report.CodeReport, files []source.File, component func(string) string, revisions func(path string) int) []report.Recommendation {
	list := slices.Concat(hotspotAdvice(r, files), knowledgeAdvice(r), cycleAdvice(r), couplingAdvice(r, files, component), functionAdvice(r, files), basicsAdvice(r, files))
	for i := range list {
		rec := &list[i]
		if revisions != nil && len(rec.AffectedFiles) > 0 && rec.Changes == nil {
			rec.Changes = new(0)
			for _, p := range rec.AffectedFiles {
				*rec.Changes += revisions(p)
			}
		}
		if rec.Evidence == nil {
			rec.Evidence = []report.Location{}
		}
	}
	rank := map[string]int{priorityHigh: 0, priorityMedium: 1, priorityLow: 2}
	slices.SortStableFunc(list, func(a, b report.Recommendation) int {
		return cmp.Or(cmp.Compare(rank[a.Priority], rank[b.Priority]), cmp.Compare(changes(b), changes(a)))
	})
	if list == nil {
		list = []report.Recommendation{}
	}
	return list
}

// changes orders what is unknown after what is known.
func changes(r report.Recommendation) int {
	if r.Changes == nil {
		return -1
	}
	return *r.Changes
}

func hotspotAdvice(r *report.CodeReport, files []source.File) []report.Recommendation {
	var list []report.Recommendation
	for _, h := range r.Hotspots[:min(len(r.Hotspots), hotspotsToSplit)] {
		hardest := hardestFunction(files, h.Path)
		if h.Score < hotScore || h.Complexity < hotComplexity || hardest == nil || len(list) == maxOfOneRule {
			continue
		}
		first, evidence := fmt.Sprintf("Begin with %s, which has %d of it, and give that tests first.", hardest.Name, hardest.Cognitive), report.Location{Path: h.Path, Line: hardest.Line}
		if hardest.Cognitive < worthBeginning {
			first, evidence.Line = "Most of it is code outside of functions, or in many small ones: move what belongs together into a file of its own.", 0
		}
		list = append(list, report.Recommendation{
			Type: typeRefactor, Priority: priorityHigh, AffectedFiles: []string{h.Path},
			Description: fmt.Sprintf("Split %s: %d commits changed it in the window, and its cognitive complexity is %d.", h.Path, h.Revisions, h.Complexity),
			FirstStep:   first,
			Evidence:    []report.Location{evidence}, Changes: new(h.Revisions), EffortMinutes: effort(files, h.Path),
			Risk: "Changes there are slow to make and slow to review, and much of the work goes there.",
		})
	}
	return list
}

// effort is what mending all that breaks a rule of the debt takes in files; nil
// when nothing does.
func effort(files []source.File, paths ...string) *int {
	sum := 0
	for _, p := range paths {
		if i, ok := slices.BinarySearchFunc(files, p, func(f source.File, p string) int { return strings.Compare(f.Path, p) }); ok {
			sum += debt.Minutes(&files[i])
		}
	}
	if sum == 0 {
		return nil
	}
	return &sum
}

// hardestFunction is the function of a file with the highest cognitive
// complexity, the first of them among equals; nil when no parser read it.
func hardestFunction(files []source.File, filePath string) *language.Function {
	i, ok := slices.BinarySearchFunc(files, filePath, func(f source.File, p string) int { return strings.Compare(f.Path, p) })
	if !ok || files[i].Facts == nil {
		return nil
	}
	var hardest *language.Function
	for k := range files[i].Facts.Functions {
		if fn := &files[i].Facts.Functions[k]; hardest == nil || fn.Cognitive > hardest.Cognitive {
			hardest = fn
		}
	}
	return hardest
}

// knowledgeAdvice speaks of areas, never of persons. Where most of an area's
// files were added by people who left, and few are left who know it, its
// knowledge is to be won back; in an old repository the first alone says
// little.
func knowledgeAdvice(r *report.CodeReport) []report.Recommendation {
	areas := slices.Clone(r.Knowledge.Areas)
	slices.SortStableFunc(areas, func(a, b report.KnowledgeArea) int { return cmp.Compare(b.Files, a.Files) })
	var lost, sole []report.KnowledgeArea
	for _, area := range areas {
		switch {
		case area.Files < smallArea || area.TruckFactor == nil:
		case area.KnowledgeLoss != nil && *area.KnowledgeLoss > lostKnowledge && *area.TruckFactor <= fewWhoKnow:
			lost = append(lost, area)
		case *area.TruckFactor == 1 && area.Ownership == history.OwnershipSole:
			sole = append(sole, area)
		}
	}
	var list []report.Recommendation
	if names, paths := namesOfAreas(lost); len(names) > 0 {
		list = append(list, report.Recommendation{
			Type: typeKnowledge, Priority: priorityMedium, AffectedFiles: paths,
			Description: fmt.Sprintf("Win back knowledge of %s: most files there were added by people who made no commit in the last year, and one or two people know the most.", strings.Join(names, ", ")),
			FirstStep:   "Let whoever changes it next write down how it works, beside the code.",
			Risk:        "Questions about it find nobody who knows, and changes break what nobody remembers.",
		})
	}
	if names, paths := namesOfAreas(sole); len(names) > 0 {
		list = append(list, report.Recommendation{
			Type: typeKnowledge, Priority: priorityMedium, AffectedFiles: paths,
			Description: fmt.Sprintf("Spread the knowledge of %s: one person made most of the changes there.", strings.Join(names, ", ")),
			FirstStep:   "Let a second one review the next change there, and make the one after.",
			Risk:        "Work there waits when that person is away.",
		})
	}
	return list
}

// namesOfAreas returns the first few, which are the largest.
func namesOfAreas(areas []report.KnowledgeArea) (names, paths []string) {
	for _, area := range areas[:min(len(areas), maxAffected)] {
		names, paths = append(names, area.Name), append(paths, area.Path)
	}
	return names, paths
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
			Description:   fmt.Sprintf("Break the cycle between %s: none of them is below the others.", strings.Join(cycle[:min(len(cycle), maxAffected)], ", ")),
			FirstStep:     fmt.Sprintf("Cut the way from %s to %s, which is the lightest: %s.", lightest.From, lightest.To, pairsOfFiles(lightest.Weight)),
			EffortMinutes: new(lightest.Weight * debt.CycleMinutes),
			Risk:          "None of them can be understood, tested or moved without the others.",
		})
	}
	return list
}

func pairsOfFiles(n int) string {
	if n == 1 {
		return "one file uses one other"
	}
	return fmt.Sprintf("%d pairs of files", n)
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
func couplingAdvice(r *report.CodeReport, files []source.File, component func(string) string) []report.Recommendation {
	code := map[string]bool{}
	for i := range files {
		if f := &files[i]; f.Facts != nil && !f.Test {
			code[f.Path] = true
		}
	}
	var list []report.Recommendation
	for _, c := range r.Coupling {
		apart := code[c.A] && code[c.B] && component(c.A) != component(c.B)
		if c.Imports || c.Degree < tightDegree || !apart || len(list) == maxOfOneRule {
			continue
		}
		list = append(list, report.Recommendation{
			Type: typeStructure, Priority: priorityLow, AffectedFiles: []string{c.A, c.B},
			Description: fmt.Sprintf("Find out why %s and %s change together (%d commits, %d %%) although neither uses the other.", c.A, c.B, c.Shared, c.Degree),
			FirstStep:   "Read the last commits that changed both, and say the reason in the code of one of them.",
			Evidence:    []report.Location{{Path: c.A}, {Path: c.B}},
			Risk:        "Whoever changes one and does not know of the other leaves it behind.",
		})
	}
	return list
}

func functionAdvice(r *report.CodeReport, all []source.File) []report.Recommendation {
	var names, files []string
	var evidence []report.Location
	for _, f := range r.Complexity.MostComplex {
		if f.Cognitive <= hugeFunction || len(names) == maxAffected {
			break
		}
		names = append(names, fmt.Sprintf("%s (%d)", f.Name, f.Cognitive))
		evidence = append(evidence, report.Location{Path: f.Path, Line: f.Line})
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
		FirstStep:   "Write a test of the first as it is, then take its deepest branch out into a function with a name.",
		Evidence:    evidence, EffortMinutes: effort(all, files...),
		Risk: "Nobody can keep such a function in mind, so each change to it is a guess.",
	}}
}

// isLicense reports whether a file of the root is a licence, known or not.
func isLicense(filePath string) bool {
	name := strings.ToLower(filePath)
	return !strings.Contains(name, "/") && (strings.Contains(name, "license") || strings.Contains(name, "licence") || strings.HasPrefix(name, "copying"))
}

// basicsAdvice is about what every project needs and this one lacks.
func basicsAdvice(r *report.CodeReport, files []source.File) []report.Recommendation {
	var list []report.Recommendation
	advise := func(missing bool, kind, priority, description, first, risk string) {
		if missing {
			list = append(list, report.Recommendation{Type: kind, Priority: priority, AffectedFiles: []string{}, Description: description, FirstStep: first, Risk: risk})
		}
	}
	var code int64
	license, readme := r.Documentation.License != nil, r.Documentation.Readme != nil
	for i := range files {
		f := &files[i]
		if f.Code() && !f.Test {
			code += f.Lines.Code
		}
		license = license || isLicense(f.Path)
		// A link to one elsewhere in the tree is one as well.
		readme = readme || !strings.Contains(f.Path, "/") && strings.HasPrefix(strings.ToLower(f.Path), "readme")
	}
	if code == 0 {
		return nil // a collection of documents or data needs none of this
	}
	d := r.Documentation
	advise(!readme, typeDocument, priorityHigh, "Write a README: what this is, who it is for, how to run it.", "Write down how you started it on your own machine the last time.", "A newcomer cannot tell what the code is for.")
	tested := r.Totals.TestFiles > 0 || r.Totals.TestFunctions > 0 // in files of tests, or beside the code
	advise(!tested && code >= untestedCode, typeTests, priorityHigh, "Write first tests, where code changes most: no test was found.", "Test the next fault before it is mended.", "Nobody can tell whether a change breaks something.")
	advise(tested && len(r.Build.Test) == 0, typeAutomation, priorityMedium, "Write down how the tests run: there are tests, and no file says how.", "Add a target test to the file that builds the code.", "A newcomer guesses, and may run half of them.")
	advise(len(r.Build.CI) == 0 && tested, typeAutomation, priorityLow, "Let a service run the tests on every change: no definition of one was found.", "Let it run what is run by hand today, and nothing more.", "A change that breaks the tests is noticed late.")
	advise(!license, typeDocument, priorityLow, "Add a licence file: none was found.", "Ask who owns the code which licence it has.", "Others cannot tell what they may do with the code.")
	advise(d.Readme != nil && d.Summary == nil, typeDocument, priorityLow, "Begin the README with a paragraph that says what this is.", "Finish the sentence: this is …, for …, who need ….", "The reader has to guess it from the rest.")
	return list
}
