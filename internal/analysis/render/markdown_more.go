package render

import (
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func (m *markdown) knowledge() {
	m.heading("Who knows what")
	truck := truckFact(m.r)
	m.printf("%s: %s. It is %s.\n\n", truck.Name, mdText(truck.String()), truckMeaning)
	if len(m.r.Knowledge.Areas) == 0 {
		m.printf("Areas are not known: %s.\n", mdText(whyNoHistory(m.r)))
		return
	}
	mdRows(m, []string{"Area", "Ownership", "Ask", "Reviewers", "Left"}, m.r.Knowledge.Areas, func(a report.KnowledgeArea) []string {
		return []string{cellCode(a.Name), ownershipWords(a.Ownership), mdText(toAsk(a, ", ")), mdText(strings.Join(a.Reviewers, ", ")), mdText(strings.Join(a.Left, ", "))}
	})
}

func (m *markdown) externals() {
	if len(m.r.External) == 0 {
		return
	}
	m.heading("Dependencies")
	mdRows(m, []string{"Name", "Version", "From", "Scope", "Used in:", "Declared in"}, m.r.External, func(e report.External) []string {
		return []string{cellCode(e.Name), cellCode(e.Version), mdText(e.Ecosystem), mdText(e.Scope),
			plural(e.Files, "file", "files"), m.place(e.Manifest, e.Line)}
	})
}

func (m *markdown) entryPoints() {
	if len(m.r.EntryPoints) == 0 {
		return
	}
	m.heading("Entry points")
	mdRows(m, []string{"Name", "Kind", "Place"}, m.r.EntryPoints, func(e report.EntryPoint) []string {
		return []string{cellCode(e.Name), mdText(e.Kind), m.place(e.Path, e.Line)}
	})
}

func (m *markdown) complexity() {
	m.heading("Complexity of functions")
	c := m.r.Complexity
	if c.Functions == 0 {
		m.printf("Not known: %s.\n", mdText(whyNoComplexity(m.r)))
		return
	}
	mdRows(m, []string{"Measure", "Mean:", "Median:", "90 %:", "99 %:", "Highest:"}, distributions(c), func(d distribution) []string {
		return append([]string{d.Name}, d.Cells...)
	})
	if len(c.MostComplex) == 0 {
		return
	}
	m.printf("\n")
	mdRows(m, []string{"Function", "Place", "Lines:", "Cyclomatic:", "Cognitive:"}, c.MostComplex, func(f report.ComplexFunction) []string {
		return []string{cellCode(f.Name), m.place(f.Path, f.Line), count(f.Lines), count(f.Cyclomatic), count(f.Cognitive)}
	})
}

func (m *markdown) features() {
	if len(m.r.Features) == 0 {
		return
	}
	m.heading("What it does")
	mdRows(m, []string{"Feature", "Kind", "Starts with", "Files:", "Tests:", "What it is"}, m.r.Features, func(f report.Feature) []string {
		return []string{mdText(f.Name), mdText(f.Kind), mdText(featureStart(f, 4)), count(len(f.Files)), count(len(f.Tests)), mdText(orNothing(f.Description))}
	})
	m.featureTales(m.r.Features)
}

// offers lists what the features are made of.
func (m *markdown) offers() {
	for _, c := range catalogues(m.r) {
		m.heading(c.Title)
		mdRows(m, append(append([]string{}, c.Columns...), "Place"), c.Rows, func(row catalogueRow) []string {
			cells := make([]string, 0, len(row.Cells)+1)
			for _, cell := range row.Cells {
				cells = append(cells, mdText(cell))
			}
			return append(cells, m.place(row.Place.Path, row.Place.Line))
		})
	}
}

func (m *markdown) recommendations() {
	if len(m.r.Recommendations) == 0 {
		return
	}
	m.heading("Worth doing")
	list, more := head(m.r.Recommendations, markdownList)
	for _, r := range list {
		m.printf("- **%s.** %s %s\n", mdText(sentenceCase(r.Priority)), mdText(strings.TrimSpace(r.Description+" "+r.FirstStep)), mdText(r.Risk))
		files, others := head(r.AffectedFiles, 5)
		for _, path := range files {
			m.printf("  - %s\n", m.place(path, 0))
		}
		if others > 0 {
			m.printf("  - and %s more\n", count(others))
		}
	}
	m.more(more)
}

func (m *markdown) coupling() {
	if len(m.r.Coupling) == 0 {
		return
	}
	m.heading("Files that change together")
	mdRows(m, []string{"File", "changes with", "Degree:", "Commits:", "Why"}, m.r.Coupling, func(c report.ChangeCoupling) []string {
		return []string{m.place(c.A, 0), m.place(c.B, 0), strconv.Itoa(c.Degree) + " %", count(c.Shared), importsWords(c.Imports)}
	})
}

func (m *markdown) documents() {
	d := m.r.Documentation
	if len(d.Docs)+len(d.Decisions) == 0 {
		return
	}
	m.heading("Documents")
	for _, group := range []struct {
		name string
		list []report.Document
	}{{"Documents", d.Docs}, {"Decisions", d.Decisions}} {
		list, more := head(group.list, markdownList)
		for _, document := range list {
			m.printf("- %s: %s\n", m.place(document.Path, 0), mdText(document.Title))
		}
		m.more(more)
	}
}

func (m *markdown) skipped() {
	if m.r.Skipped.Total == 0 {
		return
	}
	m.heading("Not analysed")
	m.printf("%s\n\n", skippedWords(m.r))
	mdRows(m, []string{"Files:", "Why", "Size:", "Such as"}, m.r.Skipped.Reasons, func(k report.SkippedKind) []string {
		example := ""
		if len(k.Examples) > 0 {
			example = cellCode(k.Examples[0])
		}
		return []string{count(k.Files), mdText(explanation(k)), size(k.Bytes), example}
	})
}

func (m *markdown) definitions() {
	m.heading("What these numbers are")
	m.printf("History: %s\n\n", mdText(windowWords(m.r)))
	mdRows(m, []string{"Measure", "Definition"}, m.r.Definitions, func(d report.Definition) []string {
		return []string{mdText(sentenceCase(d.Measure)), mdText(strings.TrimSpace(d.Name + " " + d.Version))}
	})
	m.printf("\nShape of the report: %s\n", mdCode(m.r.Schema))
}
