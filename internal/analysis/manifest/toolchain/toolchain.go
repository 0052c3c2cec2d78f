// Package toolchain reads the files that pin tools to versions, and knows what
// the tools of some ecosystems do by custom. It is pure; it may import
// analysis/report and the evidence, shell and syntax packages beside it.
package toolchain

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// pins are files whose first word is a version.
var pins = map[string]string{
	".nvmrc": "node", ".node-version": "node", ".python-version": "python", ".ruby-version": "ruby", ".java-version": "java",
	".go-version": "go", ".terraform-version": "terraform", "runtime.txt": "", "rust-toolchain": "rust",
}

var tables = []string{".tool-versions", "mise.toml", ".mise.toml", "rust-toolchain.toml", ".sdkmanrc", "global.json", "Cargo.toml"}

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	if _, ok := pins[base]; ok {
		return base
	}
	if slices.Contains(tables, base) {
		return base
	}
	return ""
}

// Read adds the tools that files ask for.
func Read(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Kept() {
		if evidence.PlaceOf(file) != evidence.Product {
			continue
		}
		base, content := path.Base(file), t.Content(file)
		if tool, ok := pins[base]; ok {
			addPin(f, tool, file, string(content))
			continue
		}
		switch base {
		case ".tool-versions":
			addLines(f, file, string(content), " ")
		case ".sdkmanrc":
			addLines(f, file, string(content), "=")
		case "mise.toml", ".mise.toml", "rust-toolchain.toml", "Cargo.toml":
			addTOML(f, file, content)
		case "global.json":
			if doc, err := syntax.JSON(content); err == nil {
				v := doc.Get("sdk", "version")
				f.AddRequirement(only(v, "dotnet"), v.String(), file, v.At())
			}
		}
	}
	addCustoms(t, f)
}

// only is the tool's name when there is a version.
func only(version *syntax.Node, tool string) string {
	if version.String() == "" {
		return ""
	}
	return tool
}

func addPin(f *evidence.Findings, tool, file, content string) {
	number := 0
	for line := range strings.Lines(content) {
		number++
		version := strings.TrimSpace(line)
		if version == "" || version[0] == '#' || strings.ContainsAny(version, " \t[") {
			continue
		}
		// runtime.txt says python-3.12.1.
		if tool == "" {
			var ok bool
			if tool, version, ok = strings.Cut(version, "-"); !ok {
				return
			}
		}
		f.AddRequirement(tool, version, file, number)
		return
	}
}

// addLines reads a tool and its version from every line.
func addLines(f *evidence.Findings, file, content, between string) {
	number := 0
	for line := range strings.Lines(content) {
		number++
		line, _, _ = strings.Cut(line, "#")
		tool, version, ok := strings.Cut(strings.TrimSpace(line), between)
		if ok && tool != "" {
			f.AddRequirement(tool, strings.TrimSpace(version), file, number)
		}
	}
}

func addTOML(f *evidence.Findings, file string, content []byte) {
	doc, _ := syntax.TOML(content) // what stands before a fault counts
	switch path.Base(file) {
	case "rust-toolchain.toml":
		v := doc.Get("toolchain", "channel")
		f.AddRequirement(only(v, "rust"), v.String(), file, v.At())
		return
	case "Cargo.toml":
		v := doc.Get("package", "rust-version")
		f.AddRequirement(only(v, "rust"), v.String(), file, v.At())
		return
	}
	for _, tool := range doc.Get("tools").Each() {
		version := tool.Value.String()
		if tool.Value.Is(syntax.List) && len(tool.Value.Scalars()) > 0 {
			version = tool.Value.Scalars()[0].Text
		}
		if tool.Value.Is(syntax.Map) {
			version = tool.Value.Get("version").String()
		}
		f.AddRequirement(tool.Key, version, file, tool.Line)
	}
	for _, task := range doc.Get("tasks").Each() {
		f.Targets["mise run "+task.Key] = true
		purpose, sure := shell.ForName(task.Key)
		f.AddCommand(evidence.Command{Purpose: purpose, Command: report.Command{
			Command: "mise run " + task.Key, Source: file, Line: task.Line, Why: "mise task " + task.Key, Confidence: evidence.SureDeclared * sure,
		}})
	}
}

// The customs that need more than their file: a program to run, and a script that
// is made first.
const (
	cargoRun  = "cargo run"
	autotools = "autoreconf -fi && ./configure"
)

// customs are what the tools of an ecosystem do with any project that has the
// file. They stand behind everything that the project says itself.
var customs = []struct {
	file     string
	commands []string
}{
	{"Cargo.toml", []string{"cargo build", "cargo test", cargoRun, "cargo clippy"}},
	{"Gemfile", []string{"bundle install"}},
	{"Rakefile", []string{"bundle exec rake test"}},
	{"composer.json", []string{"composer install"}},
	{"phpunit.xml.dist", []string{"vendor/bin/phpunit"}},
	{"mix.exs", []string{"mix deps.get", "mix test"}},
	{"Package.swift", []string{"swift build", "swift test"}},
	{"CMakeLists.txt", []string{"cmake -B build", "cmake --build build", "ctest --test-dir build"}},
	{"configure.ac", []string{autotools, "make"}},
	{"meson.build", []string{"meson setup build", "meson compile -C build", "meson test -C build"}},
	{"MODULE.bazel", []string{"bazel build //...", "bazel test //..."}},
	{"stack.yaml", []string{"stack build", "stack test"}},
	{"build.sbt", []string{"sbt compile", "sbt test"}},
}

// customPurposes are the purposes that the command itself does not tell.
var customPurposes = map[string]shell.Purpose{
	"vendor/bin/phpunit": shell.Test, "meson setup build": shell.Setup, "meson compile -C build": shell.Build, "meson test -C build": shell.Test, "cmake -B build": shell.Setup, autotools: shell.Setup,
	"stack build": shell.Build, "stack test": shell.Test, "sbt compile": shell.Build, "sbt test": shell.Test,
}

// addCustoms adds what is done by custom with the files in the root.
func addCustoms(t *evidence.Tree, f *evidence.Findings) {
	for _, c := range customs {
		if !t.Has(c.file) || c.file == "Rakefile" && t.Has("bin/rails") { // Rails has tests by another command
			continue
		}
		for _, command := range c.commands {
			if command == cargoRun && !startsCrate(f) || c.file == "configure.ac" && (t.Has("configure") || t.Has("Makefile")) {
				continue
			}
			purpose, ok := customPurposes[command]
			if !ok {
				purpose = shell.For(command)
			}
			f.AddCommand(evidence.Command{Purpose: purpose, Dir: ".", Command: report.Command{
				Command: command, Source: c.file, Line: 1, Why: "customary with " + c.file, Confidence: evidence.SureConvention - 0.05,
			}})
		}
	}
}

// startsCrate reports whether a crate of the product has a program.
func startsCrate(f *evidence.Findings) bool {
	return slices.ContainsFunc(f.Layout.RustCrates, func(c evidence.RustCrate) bool {
		return len(c.Bins) > 0 && evidence.PlaceOf(c.Dir+"/") == evidence.Product
	})
}
