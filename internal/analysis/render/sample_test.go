package render

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// at2026 is a time in 2026, n days after its first.
func at2026(n int) time.Time { return time.Date(2026, 1, 1+n, 9, 30, 0, 0, time.UTC) }

func percentiles(p50, p90, p99, highest float64) report.Distribution {
	return report.Distribution{N: 400, Mean: new(p50 + 1), P50: new(p50), P90: new(p90), P99: new(p99), Max: new(highest)}
}

// empty is the report of a repository in which nothing could be found.
func empty() *report.CodeReport {
	return &report.CodeReport{
		Schema: report.SchemaVersion, Name: "nothing", Commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904", AnalysisType: "full",
		Definitions: []report.Definition{}, Languages: []report.Language{}, Notes: []report.Note{},
	}
}

// small is a made-up repository of four components.
func small() *report.CodeReport {
	r := empty()
	r.Name, r.Ref, r.CommittedAt = "lighthouse", "main", new(at2026(300))
	r.WebURL = new("https://github.com/example/lighthouse")
	r.ComplexityScore = new(3.4)
	r.Documentation = report.Documentation{
		Readme: new("README.md"), License: new("MIT"),
		Summary:   new("Lighthouse collects positions of ships from many receivers, joins them into voyages, and answers where a ship was and where it will be. It keeps a year of history on one machine."),
		Docs:      []report.Document{{Path: "docs/operations.md", Title: "Operating Lighthouse"}, {Path: "docs/formats.md", Title: "Wire formats"}},
		Decisions: []report.Document{{Path: "docs/decisions/0001-one-writer.md", Title: "One writer per voyage"}},
	}
	r.Window = report.HistoryWindow{From: new(at2026(-900)), To: new(at2026(300)), Commits: 2841, Merges: 310, Contributors: 17, Complete: true, HotspotFrom: new(at2026(-65))}
	r.Languages = []report.Language{
		{Name: "Go", Kind: "programming", Files: 312, Bytes: 1_900_000, Lines: report.Lines{Total: 62000, Code: 48210, Comment: 6100, Blank: 7690}, Share: 0.71, Parsed: true},
		{Name: "TypeScript", Kind: "programming", Files: 120, Bytes: 640_000, Lines: report.Lines{Total: 18000, Code: 15400, Comment: 900, Blank: 1700}, Share: 0.24, Parsed: true},
		{Name: "CSS", Kind: "markup", Files: 9, Bytes: 90_000, Lines: report.Lines{Total: 3000, Code: 2600, Comment: 90, Blank: 310}, Share: 0.034},
		{Name: "Shell", Kind: "programming", Files: 12, Bytes: 22_000, Lines: report.Lines{Total: 700, Code: 520, Comment: 80, Blank: 100}, Share: 0.016},
		{Name: "Markdown", Kind: "prose", Files: 31, Bytes: 210_000, Lines: report.Lines{Total: 4100, Code: 3200, Blank: 900}},
	}
	r.Totals = report.Totals{Files: 560, AnalysedFiles: 484, ParsedFiles: 432, Bytes: 9_400_000, Lines: report.Lines{Total: 87800, Code: 69930, Comment: 7170, Blank: 10700},
		Functions: 3120, TestFiles: 96, TestFunctions: 612, TestRatio: new(0.62)}
	r.Architecture = architecture()
	r.Hotspots, r.TestHotspots = hotspots(), hotspots()[3:5]
	r.Knowledge = report.Knowledge{TruckFactor: new(3), Areas: []report.KnowledgeArea{
		{Name: "api", Path: "internal/api", Files: 44, Ownership: "spread", People: []string{"Ana Example", "Bo Sample", "Chi Placeholder"}, TruckFactor: new(2), KnowledgeLoss: new(0.08)},
		{Name: "cmd/lighthouse", Path: "cmd/lighthouse", Files: 6, Ownership: "major", People: []string{"Bo Sample", "李 例"}, TruckFactor: new(1), KnowledgeLoss: new(0.0)},
		{Name: "voyage", Path: "internal/voyage", Files: 38, Ownership: "sole", People: []string{"Chi Placeholder"}, TruckFactor: new(1), KnowledgeLoss: new(0.43), OrphanedFiles: new(9), Reviewers: []string{"Ana Example", "Bo Sample"}, AgeMonths: new(5.0)},
		{Name: "web", Path: "web", Files: 120, Ownership: "major", People: []string{"Ana Example"}, Left: []string{"Gil Former"}},
		{Name: "tools", Path: "tools", Files: 3, Ownership: "sole", Left: []string{"Gil Former", "Hal Former"}},
	}}
	r.Complexity = report.Complexity{Functions: 3120, Cyclomatic: percentiles(2, 7, 21, 64), Cognitive: percentiles(1, 8, 30, 112), Length: percentiles(11, 38, 96, 402),
		Maintainability: new(71.3), MostComplex: []report.ComplexFunction{
			{Name: "(*Joiner).Join", Path: "internal/voyage/join.go", Line: 88, Lines: 402, Cyclomatic: 64, Cognitive: 112},
			{Name: "decodeAIS", Path: "internal/receiver/ais/decode.go", Line: 31, Lines: 230, Cyclomatic: 48, Cognitive: 61},
		}}
	r.Coupling = []report.ChangeCoupling{
		{A: "internal/voyage/join.go", B: "internal/voyage/join_test.go", Degree: 81, Shared: 44, Imports: false},
		{A: "internal/api/ships.go", B: "web/src/ships.ts", Degree: 63, Shared: 31, Imports: false},
		{A: "internal/store/voyages.go", B: "internal/voyage/join.go", Degree: 42, Shared: 18, Imports: true},
	}
	r.Build = buildOf()
	r.External = []report.External{
		{Ecosystem: "go", Name: "github.com/jackc/pgx/v5", Version: "v5.12.0", Scope: "runtime", Manifest: "go.mod", Line: 7, Files: 14},
		{Ecosystem: "npm", Name: "react", Version: "^19.0.0", Scope: "runtime", Manifest: "web/package.json", Line: 21, Files: 66},
		{Ecosystem: "npm", Name: "vitest", Version: "4.1.12", Scope: "development", Manifest: "web/package.json", Line: 30, Files: 20},
	}
	r.EntryPoints = []report.EntryPoint{
		{Path: "cmd/lighthouse/main.go", Line: 12, Kind: "program", Name: "lighthouse"},
		{Path: "Dockerfile", Line: 19, Kind: "container", Name: "ENTRYPOINT /lighthouse"},
		{Path: "web/src/main.tsx", Line: 1, Kind: "program", Name: "web"},
	}
	r.ReadingOrder = []report.ReadingStep{
		{Path: "internal/ship/ship.go", Component: "ship", Reason: "The vocabulary: 61 files use the types in it.", Lines: 240},
		{Path: "internal/receiver/receiver.go", Component: "receiver", Reason: "Defines what a receiver is; six packages implement it.", Lines: 96},
		{Path: "internal/voyage/join.go", Component: "voyage", Reason: "The heart of the product, and its largest hotspot.", Lines: 812},
		{Path: "cmd/lighthouse/main.go", Component: "cmd/lighthouse", Reason: "Where the program starts and everything is wired.", Lines: 64},
	}
	r.Narrative = &rampforge.Narrative{Text: "Lighthouse follows ships [1]. The program `lighthouse` starts in `cmd/lighthouse/main.go` [2].", Citations: []rampforge.Citation{
		{N: 1, Path: "README.md", StartLine: new(3), EndLine: new(5)}, {N: 2, Path: "cmd/lighthouse/main.go", StartLine: new(12), EndLine: new(12)},
	}}
	r.FeatureCount = new(2)
	r.Features = []report.Feature{
		{Name: "Ships", Kind: "api", Description: new("Where a ship is, was and will be."), EntryPoints: []string{"GET /ships/{id}", "GET /ships", "page /ships", "model Ship"}, Files: []string{"internal/api/ships.go", "web/src/ships.ts"}, Tests: []string{"internal/api/ships_test.go"}, Complexity: new(2.5)},
		{Name: "Import", Kind: "commands", EntryPoints: []string{"command import"}, Files: []string{"cmd/lighthouse/import.go"}, Tests: []string{}, Narrative: &rampforge.Narrative{
			Text: "The command `import` is documented as “Reads a file of positions” [1].", Citations: []rampforge.Citation{{N: 1, Path: "cmd/lighthouse/import.go", StartLine: new(9), EndLine: new(9)}},
		}},
	}
	r.Endpoints = []report.Endpoint{
		{Method: "GET", Path: "/ships", Handler: new("listShips"), Framework: "net/http", Feature: "Ships", Confidence: 0.95, Location: report.Location{Path: "internal/api/server.go", Line: 41}},
		{Method: "GET", Path: "/ships/{id}", Framework: "net/http", Feature: "Ships", Confidence: 0.95, Location: report.Location{Path: "internal/api/server.go", Line: 42}},
	}
	r.Pages = []report.Page{{Path: "/ships", Component: new("ShipsPage"), Framework: "React Router", Feature: "Ships", Location: report.Location{Path: "web/src/app.tsx", Line: 12}}}
	r.Commands = []report.CLICommand{{Name: "import", Description: new("Reads a file of positions."), Framework: "cobra", Feature: "Import", Location: report.Location{Path: "cmd/lighthouse/import.go", Line: 9}}}
	r.Jobs = []report.Job{{Name: "sweep", Kind: "scheduled", Schedule: new("0 3 * * *"), Framework: "cron", Location: report.Location{Path: "deploy/crontab", Line: 3}}}
	r.Models = []report.Model{{Name: "Ship", Kind: "model", Table: new("ships"), Framework: "GORM", Feature: "Ships", Location: report.Location{Path: "internal/ship/ship.go", Line: 8}}, {Name: "0001_init", Kind: "migration", Framework: "SQL", Location: report.Location{Path: "migrations/0001_init.sql", Line: 1}}}
	r.RPC = []report.RPC{{Service: "Ships", Method: "Watch", Protocol: "grpc", Framework: "gRPC", Feature: "Ships", Location: report.Location{Path: "proto/ships.proto", Line: 7}}}
	r.Recommendations = []report.Recommendation{
		{Type: "knowledge", Priority: "high", Description: "Let a second person work on voyage.", AffectedFiles: []string{"internal/voyage/join.go", "internal/voyage/gap.go"}, Risk: "One person alone knows it."},
		{Type: "refactor", Priority: "medium", Description: "Split Join: 402 lines with a cognitive complexity of 112.", FirstStep: "Begin with its last branch.", AffectedFiles: []string{"internal/voyage/join.go"}, Risk: "Each change to it is slow to review."},
	}
	r.Debt = &report.Debt{
		Minutes: 4210, Lines: 48210, MinutesPerLine: 30, Ratio: 0.0029, Rating: "A", Health: 8.7,
		Rules:      []report.DebtRule{{ID: "cognitive-complexity", Title: "functions of a cognitive complexity above 15", Breaches: 61, Minutes: 3900}, {ID: "parameters", Title: "functions of more than 7 parameters"}},
		Files:      []report.FileHealth{{Path: "internal/voyage/join.go", Lines: 1204, Minutes: 171, Ratio: 0.0047, Health: 4.2}, {Path: "internal/voyage/gap.go", Lines: 312, Minutes: 25, Ratio: 0.0027, Health: 7.9}},
		FilesTotal: 2,
	}
	r.Decisions = []report.Decision{
		{Kind: "record", Title: "One writer per voyage", Path: new("docs/decisions/0001-one-writer.md"), Status: new("accepted")},
		{Kind: "commit", Title: "Switch from polling to a feed", Reason: new("Positions came late, because a poll takes a minute."), Commit: new("3f1c0de3f1c0de3f1c0de3f1c0de3f1c0de3f1c0"), Date: new(at2026(20))},
		{Kind: "comment", Title: "Gaps are filled here and not later, so that a voyage is never shown with a hole", Path: new("internal/voyage/gap.go"), Line: 41},
	}
	r.Activity = report.Activity{Months: months(24), CommitLines: report.Distribution{N: 100, P50: new(31.0), P90: new(240.0)}, CommitSize: percentiles(2, 9, 31, 120), TestsWithCode: new(0.58), CommitFolders: percentiles(1, 3, 9, 40), ReviewedCommits: new(0.41),
		Trailers: []report.TrailerUse{{Name: "Co-authored-by", Share: 0.04}, {Name: "Reviewed-by", Share: 0.41}},
		People:   []report.PeoplePeriod{{Period: "2026-Q2", Joined: []string{"Ana Example", "李 例"}, Left: []string{}}, {Period: "2025-Q3", Joined: []string{}, Left: []string{"Dora Specimen"}}}}
	r.CodeAge = report.CodeAge{Months: percentiles(7, 25, 30, 31), Bands: []report.AgeBand{{From: 0, To: new(3), Files: 90, Share: 0.3}, {From: 3, Files: 342, Share: 0.7}}}
	r.HotspotWindows = []report.HotspotWindow{{Name: "quarter", From: at2026(210), Commits: 204, Files: hotspots()[:2]}, {Name: "all", From: at2026(-900), Commits: 2531, Files: hotspots()[:6]}}
	r.Skipped = report.Skipped{Total: 76, Reasons: []report.SkippedKind{
		{Reason: report.SkipVendored, Explanation: report.SkipVendored.Explanation(), Files: 51, Bytes: 4_100_000, Examples: []string{"third_party/proj/proj.c"}},
		{Reason: report.SkipBinary, Explanation: report.SkipBinary.Explanation(), Files: 25, Bytes: 2_300_000, Examples: []string{"web/public/ship.png", "docs/map.pdf"}},
	}}
	r.Definitions = []report.Definition{{Measure: "cyclomatic complexity of Go", Name: "gocyclo", Version: "v0.6.0"}, {Measure: "cognitive complexity", Name: "SonarSource white paper", Version: "v1.5"}}
	r.Notes = []report.Note{{Code: "parse_failed", Message: "Two files did not parse: their functions and imports are not known."}}
	return r
}

func architecture() report.Architecture {
	component := func(name, kind, description string, files int, lines int64, uses ...string) report.Component {
		c := report.Component{Name: name, Type: kind, Path: name, Files: files, Lines: lines, Complexity: new(float64(files%9) + 0.5),
			Dependencies: uses, Owners: []string{"Ana Example"}, KeyFiles: []string{name + "/" + name + ".go"}}
		if description != "" {
			c.Description = new(description)
		}
		return c
	}
	a := report.Architecture{
		Components: []report.Component{
			component("cmd/lighthouse", "application", "The program and its wiring.", 6, 640, "api", "receiver", "store"),
			component("api", "library", "HTTP handlers and the contract.", 44, 9200, "voyage", "store", "ship"),
			component("receiver", "library", "What hears ships: AIS, satellite, files.", 61, 14800, "ship"),
			component("voyage", "library", "Joins positions into voyages.", 38, 12100, "ship", "store"),
			component("store", "library", "", 29, 8100, "ship", "voyage"),
			component("ship", "library", "The vocabulary.", 12, 1400),
			component("web", "application", "The console.", 120, 15400),
			component("test/end-to-end", "tests", "", 18, 3900, "api", "cmd/lighthouse"),
			component("docs", "docs", "", 31, 0),
		},
		Cycles: [][]string{{"store", "voyage"}}, Layers: [][]string{{"test/end-to-end"}, {"cmd/lighthouse"}, {"api", "receiver"}, {"store", "voyage"}, {"ship"}, {"web", "docs"}},
		Modularity: new(0.51), FileGraph: report.GraphTotals{Nodes: 432, Edges: 1650, Internal: 1650, External: 900, Unresolved: 12},
	}
	a.FolderAgreement = new(0.92)
	a.Components[2].Inside = &report.Inside{
		Components: []report.Component{
			component("receiver/ais", "library", "Reads what ships send by radio.", 31, 8300, "receiver (own files)"),
			component("receiver/satellite", "library", "Asks for what satellites heard.", 19, 4100, "receiver (own files)"),
			component("receiver (own files)", "library", "", 11, 2400),
		},
		Dependencies: []report.Dependency{{From: "receiver/ais", To: "receiver (own files)", Type: "import", Weight: 14}, {From: "receiver/satellite", To: "receiver (own files)", Type: "import", Weight: 9}},
		Cycles:       [][]string{}, Layers: [][]string{{"receiver/ais", "receiver/satellite"}, {"receiver (own files)"}},
	}
	for i, c := range a.Components {
		for _, to := range c.Dependencies {
			a.Dependencies = append(a.Dependencies, report.Dependency{From: c.Name, To: to, Type: "import", Weight: 3 + 17*i})
		}
	}
	return a
}

func hotspots() []report.Hotspot {
	paths := []string{"internal/voyage/join.go", "internal/api/ships.go", "internal/receiver/ais/decode.go", "internal/store/voyages.go", "web/src/map/Map.tsx",
		"internal/api/server.go", "internal/voyage/gap.go", "web/src/ships.ts", "internal/receiver/satellite/poll.go", "cmd/lighthouse/main.go", "internal/ship/ship.go", "internal/store/open.go", "internal/api/errors.go"}
	out := make([]report.Hotspot, len(paths))
	for i, p := range paths {
		out[i] = report.Hotspot{Path: p, Component: "voyage", Revisions: 140 / (i + 1), Complexity: 420 / (i*i/3 + 1), Lines: int64(900 / (i + 1)),
			Score: 0.98 - 0.05*float64(i), LastChanged: at2026(299 - 7*i)}
	}
	return out
}

func months(n int) []report.Month {
	out := make([]report.Month, n)
	for i := range out {
		out[i] = report.Month{Month: time.Date(2024, time.December, 1, 0, 0, 0, 0, time.UTC).AddDate(0, i, 0).Format("2006-01"), Commits: (i * 37) % 90, Contributors: 1 + i%7}
	}
	return out
}

func buildOf() report.Build {
	return report.Build{
		Setup:        []report.Command{{Command: "npm ci --prefix web", Source: "Makefile", Line: 14, Why: "Makefile target deps", Confidence: 0.9}},
		Build:        []report.Command{{Command: "make build", Source: "Makefile", Line: 20, Why: "Makefile target build", Confidence: 0.9}},
		Run:          []report.Command{{Command: "docker compose up --build && open 'http://localhost:8080'", Source: "README.md", Line: 41, Why: "README, “Running”", Confidence: 0.4}},
		Test:         []report.Command{{Command: "go test -race ./...", Source: ".github/workflows/ci.yml", Line: 33, Why: "the CI job test", Confidence: 0.95}, {Command: "npm test --prefix web", Source: ".github/workflows/ci.yml", Line: 40, Why: "the CI job web", Confidence: 0.95}},
		CI:           []string{".github/workflows/ci.yml"},
		Requirements: []report.Requirement{{Tool: "Go", Version: "1.26", Source: "go.mod", Line: 3}, {Tool: "Node.js", Version: "", Source: "web/package.json", Line: 8}},
	}
}

// taleOf is a description of strings from a repository.
func taleOf(word func() string) *rampforge.Narrative {
	bare := func() string { return strings.ReplaceAll(word(), "`", "") } // which parts it otherwise
	return &rampforge.Narrative{Text: bare() + " [1] `x " + bare() + "` " + bare() + " [2][9].", Citations: []rampforge.Citation{
		{N: 1, Path: word(), Title: word(), StartLine: new(3), EndLine: new(4)}, {N: 2, Path: word()},
	}}
}

// random is a made-up report of n files with strings from pick.
func random(seed uint64, n int, pick func(*rand.Rand) string) *report.CodeReport {
	rng := rand.New(rand.NewPCG(seed, 1))
	r := small()
	word := func() string { return pick(rng) }
	r.Name, r.Ref, r.Description = word(), word(), new(word())
	r.Narrative = taleOf(word)
	r.Documentation.Summary, r.Documentation.License = new(word()), new(word())
	r.Notes = []report.Note{{Code: "x", Message: word()}}
	a := report.Architecture{Components: make([]report.Component, min(n, 4000))}
	for i := range a.Components {
		a.Components[i] = report.Component{Name: word() + fmt.Sprint(i), Type: word(), Path: word(), Description: new(word()), Narrative: taleOf(word), Lines: rng.Int64N(9000),
			Files: rng.IntN(90), Dependencies: []string{word()}, KeyFiles: []string{word()}}
		if i > 0 && rng.IntN(3) == 0 { // the one before, and with it what is inside that
			outer, inner := &a.Components[i], a.Components[i-1]
			inner.Name = word() + fmt.Sprint(i) + "in"
			outer.Inside = &report.Inside{Components: []report.Component{inner}, Dependencies: []report.Dependency{{From: inner.Name, To: word()}}, Layers: [][]string{{inner.Name}}}
		}
	}
	for range 3 * len(a.Components) {
		a.Dependencies = append(a.Dependencies, report.Dependency{From: a.Components[rng.IntN(len(a.Components))].Name, To: a.Components[rng.IntN(len(a.Components))].Name, Weight: rng.IntN(99)})
	}
	layer := []string{}
	for _, c := range a.Components {
		if layer = append(layer, c.Name); rng.IntN(3) == 0 {
			a.Layers, layer = append(a.Layers, layer), []string{}
		}
	}
	a.Cycles = [][]string{{word(), word()}}
	r.Architecture = a
	fillLists(r, n, rng, word)
	return r
}

func fillLists(r *report.CodeReport, n int, rng *rand.Rand, word func() string) {
	r.Hotspots, r.Coupling, r.External, r.EntryPoints, r.ReadingOrder, r.Features, r.Recommendations = nil, nil, nil, nil, nil, nil, nil
	r.Debt, r.Decisions = &report.Debt{Rating: word(), Lines: 1}, nil
	r.Endpoints, r.Commands, r.Jobs = nil, nil, nil
	r.Complexity.MostComplex, r.Knowledge.Areas, r.Documentation.Docs, r.Build.Test = nil, nil, nil, nil
	r.Activity.People, r.HotspotWindows = nil, nil
	for range n {
		line := rng.IntN(4000)
		r.Hotspots = append(r.Hotspots, report.Hotspot{Path: word(), Component: word(), Revisions: rng.IntN(500), Complexity: rng.IntN(4000), Lines: rng.Int64N(2000), Score: rng.Float64()})
		r.Coupling = append(r.Coupling, report.ChangeCoupling{A: word(), B: word(), Degree: rng.IntN(100), Shared: rng.IntN(90)})
		r.External = append(r.External, report.External{Name: word(), Version: word(), Ecosystem: word(), Scope: word(), Manifest: word(), Line: line})
		r.EntryPoints = append(r.EntryPoints, report.EntryPoint{Path: word(), Name: word(), Kind: word(), Line: line})
		r.ReadingOrder = append(r.ReadingOrder, report.ReadingStep{Path: word(), Component: word(), Reason: word()})
		r.Features = append(r.Features, report.Feature{Name: word(), Kind: word(), Description: new(word()), Narrative: taleOf(word), EntryPoints: []string{word(), word()}})
		r.Endpoints = append(r.Endpoints, report.Endpoint{Method: word(), Path: word(), Handler: new(word()), Feature: word(), Location: report.Location{Path: word(), Line: line}})
		r.Commands = append(r.Commands, report.CLICommand{Name: word(), Description: new(word()), Feature: word(), Location: report.Location{Path: word(), Line: line}})
		r.Jobs = append(r.Jobs, report.Job{Name: word(), Kind: word(), Schedule: new(word()), Location: report.Location{Path: word(), Line: line}})
		r.Recommendations = append(r.Recommendations, report.Recommendation{Priority: word(), Description: word(), FirstStep: word(), Risk: word(), AffectedFiles: []string{word()}})
		r.Decisions = append(r.Decisions, report.Decision{Kind: "comment", Title: word(), Reason: new(word()), Path: new(word()), Line: line}, report.Decision{Kind: "commit", Title: word(), Commit: new(word()), Date: new(at2026(line))})
		r.Debt.Files = append(r.Debt.Files, report.FileHealth{Path: word(), Health: 10 * rng.Float64()})
		r.Debt.Rules = append(r.Debt.Rules, report.DebtRule{ID: word(), Title: word(), Breaches: 1})
		r.Complexity.MostComplex = append(r.Complexity.MostComplex, report.ComplexFunction{Name: word(), Path: word(), Line: line})
		r.Knowledge.Areas = append(r.Knowledge.Areas, report.KnowledgeArea{Name: word(), Path: word(), People: []string{word()}, Ownership: word(), Reviewers: []string{word()}})
		r.Activity.People = append(r.Activity.People, report.PeoplePeriod{Period: word(), Joined: []string{word()}, Left: []string{word()}})
		r.HotspotWindows = append(r.HotspotWindows, report.HotspotWindow{Name: word(), Files: []report.Hotspot{{Path: word()}}})
		r.Documentation.Docs = append(r.Documentation.Docs, report.Document{Path: word(), Title: word()})
		r.Build.Test = append(r.Build.Test, report.Command{Command: word(), Source: word(), Why: word(), Line: line})
	}
}
