package evidence

import (
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The kinds of entry points.
const (
	EntryProgram   = "program"
	EntryScript    = "script"
	EntryLibrary   = "library"
	EntryContainer = "container"
	EntryJob       = "job"
)

// How sure a command is, by what says so. The manifests' readers multiply it
// by how sure a name is.
const (
	SureCI         = 0.85 // a CI definition runs it
	SureDeclared   = 0.9  // the project declares it: a target, a script
	SureScript     = 0.75 // a file in scripts/ or bin/ is named for it
	SureDocumented = 0.7  // the README shows it
	SureContainer  = 0.6  // a container does it
	SureConvention = 0.55 // the ecosystem's way, nothing in the tree says it
)

// The bounds of what one tree can give: beyond them the rest is dropped, as no
// reader and no page could use it.
const (
	maxExternal = 20_000
	maxCommands = 5_000
	maxEntries  = 2_000
	maxTools    = 500
)

// Command is a command found, with its purpose.
type Command struct {
	report.Command

	Purpose shell.Purpose
	Dir     string // folder to run it in, "." for the root
	CI      bool   // a CI definition runs it
	Flagged bool   // it conflicts with the tree: worth showing although it is not sure
}

// Program is a program that is built from sources of the tree.
type Program struct {
	Name     string
	Manifest string   // the file that builds it
	Sources  []string // in the order in which they are written
	Internal bool     // it is not put into the system
}

// Findings is what the readers collect. The readers of ecosystems add to it in
// a fixed order over sorted files, so it is deterministic.
type Findings struct {
	Layout       Layout
	External     []report.External
	Commands     []Command
	Requirements []report.Requirement
	EntryPoints  []report.EntryPoint
	Programs     []Program
	CI           []string
	// Targets are the commands that are known to exist, such as "make test" or
	// "npm run build": what a README shows is checked against them.
	Targets map[string]bool
	// Launched are the sources of programs that a script for people starts.
	Launched map[string]bool
	// Own are the names that projects of the tree publish, by ecosystem:
	// "npm:@scope/name". They are no external dependencies.
	Own map[string]bool

	external map[externalKey]int
}

type externalKey struct{ ecosystem, name, manifest string }

// NewFindings returns findings without content.
func NewFindings() *Findings {
	return &Findings{Targets: map[string]bool{}, Own: map[string]bool{}, external: map[externalKey]int{}}
}

// AddExternal adds a dependency in the scope that its manifest's place allows.
// One that a manifest declares twice keeps the stronger scope.
func (f *Findings) AddExternal(e report.External) {
	place := PlaceOf(e.Manifest)
	if e.Name == "" || place == Ignored || len(e.Name) > 300 || len(f.External) >= maxExternal {
		return
	}
	if len(e.Version) > 200 {
		e.Version = ""
	}
	e.Scope = ScopeIn(place, e.Scope)
	key := externalKey{e.Ecosystem, e.Name, e.Manifest}
	if i, ok := f.external[key]; ok {
		if ScopeRank(e.Scope) < ScopeRank(f.External[i].Scope) {
			f.External[i] = e
		}
		return
	}
	f.external[key] = len(f.External)
	f.External = append(f.External, e)
}

// toolNames are the names that version managers have for the same tools.
var toolNames = map[string]string{"nodejs": "node", "golang": "go", "python3": "python"}

// AddRequirement adds a tool that a file asks for.
func (f *Findings) AddRequirement(tool, version, source string, line int) {
	if tool == "" || len(tool) > 200 || len(version) > 200 || PlaceOf(source) == Ignored || len(f.Requirements) >= maxTools {
		return
	}
	if known, ok := toolNames[tool]; ok {
		tool = known
	}
	if strings.ContainsAny(version, "$%{}") {
		version = "" // a variable that nothing fills in
	}
	f.Requirements = append(f.Requirements, report.Requirement{Tool: tool, Version: version, Source: source, Line: line})
}

// AddEntry adds an entry point.
func (f *Findings) AddEntry(file string, line int, kind, name string) {
	if file == "" || PlaceOf(file) == Ignored || len(f.EntryPoints) >= maxEntries {
		return
	}
	f.EntryPoints = append(f.EntryPoints, report.EntryPoint{Path: file, Line: max(line, 1), Kind: kind, Name: name})
}

// safeDir is a folder name that needs no quoting in a shell.
var safeDir = regexp.MustCompile(`^[\w@%+:,./-]+$`)

// AddCommand adds a command that is run in the folder of its source, or in the
// one named. A command that Clean refuses is dropped.
func (f *Findings) AddCommand(c Command) {
	if c.Purpose == shell.Other || PlaceOf(c.Source) == Ignored || len(f.Commands) >= maxCommands {
		return
	}
	text, ok := shell.Clean(c.Command.Command)
	if !ok {
		return
	}
	c.Command.Command = text
	if c.Dir == "" {
		c.Dir = path.Dir(c.Source)
	}
	if c.Dir != "." {
		if !safeDir.MatchString(c.Dir) || c.Dir[0] == '-' {
			return
		}
		c.Command.Command = "cd " + c.Dir + " && " + text
	}
	f.Commands = append(f.Commands, c)
}
