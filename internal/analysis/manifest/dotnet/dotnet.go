// Package dotnet reads what MSBuild, NuGet and the dotnet command read: project
// files, Directory.Build.props, Directory.Packages.props, packages.config,
// solutions and the list of local tools. Of conditions it knows those that ask for
// the project's name; an item under another one counts, a shared property does
// not. It is pure; it may import analysis/report and the evidence, shell and syntax
// packages beside it.
package dotnet

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Ecosystem names the packages of .NET in the report.
const Ecosystem = "nuget"

const (
	buildProps    = "Directory.Build.props"
	buildTargets  = "Directory.Build.targets"
	packagesProps = "Directory.Packages.props"
	legacyName    = "packages.config"
	toolsName     = "dotnet-tools.json"
)

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	switch base := path.Base(file); {
	case isProject(file):
		return "project"
	case isSolution(file):
		return "solution"
	case base == buildProps, base == buildTargets, base == packagesProps, base == legacyName, base == toolsName:
		return base
	}
	return ""
}

func isProject(file string) bool {
	switch path.Ext(file) {
	case ".csproj", ".fsproj", ".vbproj":
		return true
	}
	return false
}

func isSolution(file string) bool { return path.Ext(file) == ".sln" || path.Ext(file) == ".slnx" }

// Read adds what the files of .NET in a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	s := readShared(t)
	var projects []*project
	for _, file := range t.Matching(isProject) {
		if b := readBuild(file, t.Content(file)); b != nil {
			p := &project{build: b, shared: s}
			projects = append(projects, p)
			f.Own[Ecosystem+":"+p.packageName()] = true
		}
	}
	s.addPackages(f)
	for _, p := range projects {
		p.addPackages(f)
		p.addLayout(f)
		p.addProgram(t, f)
	}
	addLegacy(t, f)
	addRequirement(t, f, projects)
	addCommands(t, f, projects)
}

// addLegacy adds the packages of projects of the older form.
func addLegacy(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Named(legacyName) {
		doc, err := syntax.XML(t.Content(file))
		if err != nil {
			continue
		}
		for _, p := range doc.All("package") {
			scope := evidence.ScopeRuntime
			switch {
			case strings.EqualFold(p.Get("@developmentDependency").String(), "true"):
				scope = evidence.ScopeDevelopment
			case isTesting(p.Get("@id").String()):
				scope = evidence.ScopeTest
			}
			addPackage(f, p.Get("@id").String(), p.Get("@version").String(), scope, file, p.At())
		}
	}
}

func addPackage(f *evidence.Findings, name, version, scope, file string, line int) {
	if strings.Contains(name, "$(") {
		return // a property that is set elsewhere
	}
	f.AddExternal(report.External{
		Ecosystem: Ecosystem, Name: name, Version: version, Scope: scope, Manifest: file, Line: line, Imports: append([]string{name}, namespaces[strings.ToLower(name)]...),
	})
}

// namespaces are those of packages that name them otherwise.
var namespaces = map[string][]string{
	"xunit": {"Xunit"}, "xunit.v3": {"Xunit"}, "xunit.core": {"Xunit"}, "xunit.assert": {"Xunit"}, "nunit": {"NUnit.Framework"},
	"mstest": {"Microsoft.VisualStudio.TestTools.UnitTesting"}, "mstest.testframework": {"Microsoft.VisualStudio.TestTools.UnitTesting"},
	"autofixture.xunit2": {"AutoFixture.Xunit2"}, "awssdk.core": {"Amazon"}, "awssdk.s3": {"Amazon.S3"}, "awssdk.sqs": {"Amazon.SQS"},
	"commandlineparser": {"CommandLine"}, "google.protobuf": {"Google.Protobuf"}, "mysql.data": {"MySql.Data"}, "mailkit": {"MailKit", "MimeKit"},
	"ardalis.specification": {"Ardalis.Specification"}, "dotnetzip": {"Ionic.Zip"}, "entityframework": {"System.Data.Entity"},
	"microsoft.data.sqlclient": {"Microsoft.Data.SqlClient"}, "prometheus-net": {"Prometheus"}, "prometheus-net.aspnetcore": {"Prometheus"},
	"rabbitmq.client": {"RabbitMQ.Client"}, "sharpcompress": {"SharpCompress"}, "swashbuckle.aspnetcore": {"Swashbuckle.AspNetCore", "Microsoft.OpenApi"},
	"system.commandline": {"System.CommandLine"}, "taglibsharp": {"TagLib"}, "tmdblib": {"TMDbLib"}, "libse": {"Nikse.SubtitleEdit.Core"},
	"fscheck.xunit": {"FsCheck.Xunit"}, "fscheck.xunit.v3": {"FsCheck.Xunit"},
}

// addRequirement adds the newest .NET that a project of the product is built for,
// unless a file pins the tools themselves.
func addRequirement(t *evidence.Tree, f *evidence.Findings, projects []*project) {
	if t.Has("global.json") {
		return
	}
	best, source, line := "", "", 0
	for _, p := range projects {
		if evidence.PlaceOf(p.file) != evidence.Product {
			continue
		}
		if version, file, at := p.framework(); newer(version, best) {
			best, source, line = version, file, at
		}
	}
	if best != "" {
		f.AddRequirement("dotnet", best, source, max(line, 1))
	}
}

// newer compares versions of one number or two, such as 8.0; none is the oldest.
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// addCommands adds what the dotnet command does with the solution, or with the
// project where there is none.
func addCommands(t *evidence.Tree, f *evidence.Findings, projects []*project) {
	add := func(purpose shell.Purpose, file, command, why string, sure float64) {
		f.AddCommand(evidence.Command{Purpose: purpose, Dir: path.Dir(file), Command: report.Command{Command: command, Source: file, Line: 1, Why: why, Confidence: sure}})
	}
	for _, file := range t.Named(toolsName) {
		if dir := strings.TrimSuffix(path.Dir(file), ".config"); evidence.PlaceOf(file) == evidence.Product {
			f.AddCommand(evidence.Command{Purpose: shell.Setup, Dir: path.Clean(dir), Command: report.Command{
				Command: "dotnet tool restore", Source: file, Line: 1, Why: "installs the tools that it lists", Confidence: evidence.SureContainer,
			}})
		}
	}
	tested := slices.ContainsFunc(projects, (*project).isTest)
	for _, file := range buildRoots(t, projects) {
		of := ""
		if several(t, file) {
			of = " " + path.Base(file)
		}
		add(shell.Setup, file, "dotnet restore"+of, "fetches the packages", 0.68)
		add(shell.Build, file, "dotnet build"+of, "builds all projects of "+path.Base(file), 0.7)
		if tested {
			add(shell.Test, file, "dotnet test"+of, "runs the test projects of "+path.Base(file), 0.7)
		}
	}
}

// buildRoots are the solutions of the product nearest to the root, else its
// projects there: what lies deeper is a part, or something else.
func buildRoots(t *evidence.Tree, projects []*project) []string {
	roots := t.Matching(isSolution)
	if len(roots) == 0 {
		for _, p := range projects {
			roots = append(roots, p.file)
		}
	}
	roots = slices.DeleteFunc(roots, func(file string) bool { return evidence.PlaceOf(file) != evidence.Product })
	for i, file := range roots {
		if strings.Count(file, "/") > strings.Count(roots[0], "/") {
			return roots[:i]
		}
	}
	return roots
}

// several reports whether the folder of a solution or project has another one, so
// that the dotnet command asks which is meant.
func several(t *evidence.Tree, file string) bool {
	dir, n := path.Dir(file), 0
	for _, other := range t.Matching(func(p string) bool { return path.Dir(p) == dir && (isSolution(p) || isProject(p)) }) {
		if isSolution(other) == isSolution(file) {
			n++
		}
	}
	return n > 1
}
