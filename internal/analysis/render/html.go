package render

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// How many entries of each list the page shows.
const (
	pageList     = 50
	pageLong     = 300 // dependencies and entry points
	pageCommands = 12
	pageFiles    = 10 // files of one recommendation
	pageReading  = 20
)

//go:embed page
var pageSource embed.FS

var (
	style  = mustRead("page/style.css")
	script = mustRead("page/script.js")
	page   = template.Must(template.New("page.html").Funcs(pageFuncs).ParseFS(pageSource, "page/*.html"))
	policy = contentPolicy(style, script)
)

var pageFuncs = template.FuncMap{
	"count": func(n any) string {
		switch n := n.(type) {
		case int:
			return count(n)
		case int64:
			return count(n)
		}
		return fmt.Sprint(n)
	},
	"size": size, "percent": percent, "decimal": decimal, "date": date, "at": at, "commit": shortCommit,
	"ownership": ownershipWords, "imports": importsWords, "explanation": explanation, "cycle": cycleWords,
	"score": func(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) },
	"title": sentenceCase, "breaks": breaks, "madeOf": madeOf,
	"beyond": func(list []string, n int) int { return max(0, len(list)-n) },
	"files":  func(n int) string { return plural(n, "file", "files") },
	"work":   work, "complexityOf": complexityOf, "reason": reasonText, "reasonSource": reasonSource,
}

// breaks cuts a path after each slash: there its line may be broken.
func breaks(path string) []string { return strings.SplitAfter(path, "/") }

// mustRead reads a file that is part of the program.
func mustRead(name string) string {
	data, err := pageSource.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// contentPolicy allows exactly our own style sheet and script, by their
// hashes, and no request at all. So even markup that somebody slipped past the
// escaping could do nothing.
func contentPolicy(style, script string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) +
		"; img-src data:; base-uri 'none'; form-action 'none'"
}

// HTML writes the report as one page that needs nothing else: no network, no
// script (one adds comfort), no other file. It fails when w does.
func HTML(w io.Writer, r *report.CodeReport) error {
	var out bytes.Buffer
	if err := page.Execute(&out, newPage(cleaned(r))); err != nil {
		return fmt.Errorf("render the page: %w", err)
	}
	return write(w, out.Bytes())
}

// cut is the part of a list that is shown.
type cut[T any] struct {
	List []T
	More string // says what is left out, "" for nothing
}

// How many entries of a list stand open, and from how many on the others are
// folded: one does not unfold two.
const (
	pageOpen   = 10
	pageFolded = pageOpen + 3
)

// Folded is how many entries are shown once the list is unfolded, 0 for a list
// that is short enough to stand open.
func (c cut[T]) Folded() int { return folded(len(c.List)) }

func folded(n int) int {
	if n < pageFolded {
		return 0
	}
	return n
}

func newCut[T any](list []T, n int) cut[T] {
	shown, more := head(list, n)
	c := cut[T]{List: shown}
	if more > 0 {
		c.More = seeJSON(more)
	}
	return c
}

// pageData is what the template shows. Whatever needs a decision is decided
// here, so that the template only lays out.
type pageData struct {
	*report.CodeReport
	links linker

	Style  template.CSS
	Script template.JS
	Policy string

	About         *string
	NoSummary     string
	Facts         []fact
	Bar           []languagePart
	LanguageTable cut[report.Language]
	Map           *mapView
	Components    cut[report.Component]
	Inside        []insideView
	CycleList     cut[[]string]
	Reading       cut[report.ReadingStep]
	Commands      []commandGroup
	Needs         cut[report.Requirement]
	Scatter       *scatter
	Hot           cut[report.Hotspot]
	TestHot       cut[report.Hotspot]
	NoHotspots    string
	HotspotSince  string
	Truck         fact
	TruckMeaning  string
	Areas         cut[report.KnowledgeArea]
	NoHistory     string
	Externals     cut[report.External]
	Entries       cut[report.EntryPoint]
	Distributions []distribution
	Complex       cut[report.ComplexFunction]
	NoComplexity  string
	Maintain      fact
	FeatureTable  cut[report.Feature]
	Offers        []offer
	PatternTable  cut[report.Pattern]
	Advice        []advice
	MoreAdvice    string
	Coupled       cut[report.ChangeCoupling]
	Months        []monthBar
	MonthsWidth   int
	Change        []fact
	HotNow        []hotNow
	PeopleList    cut[report.PeoplePeriod]
	PeopleMeaning string
	Documents     cut[report.Document]
	DecisionList  cut[report.Document]
	CIFiles       cut[string]
	SkippedText   string
	WindowText    string
	Arrows        []string // classes of the map's arrows
	DebtText      string
	BrokenRules   []report.DebtRule
	Unhealthy     cut[report.FileHealth]
	Reasons       cut[report.Decision]
}

// advice is a recommendation with the part of its files that is shown.
type advice struct {
	report.Recommendation
	Files cut[string]
}

// offer is a catalogue with the part of its rows that is shown.
type offer struct {
	catalogue

	Cut cut[catalogueRow]
}

func offers(r *report.CodeReport) []offer {
	var out []offer
	for _, c := range catalogues(r) {
		out = append(out, offer{c, newCut(c.Rows, pageLong)})
	}
	return out
}

func newPage(r *report.CodeReport) *pageData {
	p := &pageData{
		CodeReport: r, links: newLinker(r),
		Style: template.CSS(style), Script: template.JS(script), Policy: policy, //nolint:gosec // both are our own files, embedded
		About: summary(r), NoSummary: noSummary, Facts: facts(r),
		Bar: languageBar(r.Languages), LanguageTable: newCut(r.Languages, pageList),
		Map: newMap(r.Architecture), Components: newCut(r.Architecture.Components, pageList),
		CycleList: newCut(r.Architecture.Cycles, 10), Reading: newCut(r.ReadingOrder, pageReading),
		Commands: commandGroups(r.Build, pageCommands), Needs: newCut(r.Build.Requirements, pageList),
		CIFiles: newCut(r.Build.CI, 20),
		Scatter: newScatter(measured(r.Hotspots)), Hot: newCut(r.Hotspots, pageList), TestHot: newCut(r.TestHotspots, 20),
		NoHotspots: noHotspots(r), HotspotSince: hotspotWindow(r),
		Truck: truckFact(r), TruckMeaning: truckMeaning, Areas: newCut(r.Knowledge.Areas, pageList), NoHistory: whyNoHistory(r),
		Externals: newCut(r.External, pageLong), Entries: newCut(r.EntryPoints, pageLong),
		Distributions: distributions(r.Complexity), Complex: newCut(r.Complexity.MostComplex, pageList), NoComplexity: whyNoComplexity(r),
		Maintain:     known("Maintainability", r.Complexity.Maintainability, func(x float64) string { return decimal(x) + " of 100" }, whyNoMaintainability(r)),
		FeatureTable: newCut(r.Features, pageLong), Offers: offers(r), PatternTable: newCut(r.Patterns, pageList),
		Coupled: newCut(r.Coupling, pageList), Months: monthBars(r.Activity.Months),
		Change: changeFacts(r), HotNow: hotNows(r), PeopleList: newCut(r.Activity.People, pageList), PeopleMeaning: peopleMeaning,
		Documents: newCut(r.Documentation.Docs, pageList), DecisionList: newCut(r.Documentation.Decisions, pageList),
		SkippedText: skippedWords(r), WindowText: windowWords(r), Arrows: []string{"plain", "cycle"},
	}
	p.MonthsWidth = len(p.Months) * monthWidth
	p.Inside = p.insides(r.Architecture.Components)
	for _, v := range p.Inside {
		p.Map.opens(v.Name, v.ID)
	}
	if p.DebtText = debtWords(r.Debt); r.Debt != nil {
		p.BrokenRules, p.Unhealthy = broken(r.Debt), newCut(r.Debt.Files, pageList)
	}
	p.Reasons = newCut(reasons(r), pageList)
	recommendations := newCut(r.Recommendations, pageList)
	p.MoreAdvice = recommendations.More
	for _, recommendation := range recommendations.List {
		p.Advice = append(p.Advice, advice{recommendation, newCut(recommendation.AffectedFiles, pageFiles)})
	}
	return p
}

// Start shows where a feature begins.
func (p *pageData) Start(f report.Feature) string { return featureStart(f, 5) }

// place is a file with the address of its line, "" when none is known.
type place struct{ Text, Address string }

// Place shows a line of a file.
func (p *pageData) Place(path string, line int) place {
	return place{at(path, line), p.links.file(path, line)}
}

// hotspotRow is a row of a table of hotspots.
type hotspotRow struct {
	report.Hotspot
	Place place
}

// Spot shows a hotspot.
func (p *pageData) Spot(h report.Hotspot) hotspotRow { return hotspotRow{h, p.File(h.Path)} }

// Ending shows a file by the last two names of its path: in a narrow column a long
// path would be many lines.
func (p *pageData) Ending(file string) place {
	shown := p.File(file)
	if parts := strings.Split(file, "/"); len(parts) > 2 {
		shown.Text = "…/" + strings.Join(parts[len(parts)-2:], "/")
	}
	return shown
}

// File shows a file.
func (p *pageData) File(path string) place { return p.Place(path, 0) }
