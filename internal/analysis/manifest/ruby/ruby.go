// Package ruby reads Gemfiles and gemspecs. They are programs; what they say in
// the usual form is read line by line. It is pure; it may import analysis/report
// and the evidence and shell packages beside it.
package ruby

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Ecosystem names gems in the report.
const Ecosystem = "rubygems"

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	switch {
	case base == "Gemfile" || base == "gems.rb":
		return "Gemfile"
	case path.Ext(base) == ".gemspec":
		return "gemspec"
	}
	return ""
}

// Read adds what the Ruby files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	specs := t.Matching(func(p string) bool { return Kind(p) == "gemspec" })
	for _, file := range specs {
		if name := gemName(file, string(t.Content(file))); evidence.PlaceOf(file) == evidence.Product {
			f.Own[Ecosystem+":"+name] = true
		}
	}
	projects := map[string]string{} // name of the gem by folder
	for _, file := range specs {
		content := string(t.Content(file))
		name := gemName(file, content)
		projects[path.Dir(file)] = name
		readSpec(f, file, content)
		addLibrary(t, f, path.Dir(file), name)
	}
	for _, file := range t.Matching(func(p string) bool { return Kind(p) == "Gemfile" }) {
		if _, ok := projects[path.Dir(file)]; !ok {
			projects[path.Dir(file)] = ""
		}
		readGemfile(f, file, string(t.Content(file)))
		addCommands(t, f, file, string(t.Content(file)))
	}
	for dir, name := range projects {
		f.Layout.RubyProjects = append(f.Layout.RubyProjects, evidence.RubyProject{Name: name, Dir: dir})
	}
}

var (
	specName   = regexp.MustCompile(`(?m)^\s*\w+\.name\s*=\s*["']([\w.-]+)["']`)
	specNeeds  = regexp.MustCompile(`^\s*\w+\.add_(runtime_|development_)?dependency\s*\(?\s*["']([\w.-]+)["'](.*)`)
	specRuby   = regexp.MustCompile(`^\s*\w+\.required_ruby_version\s*=\s*(?:Gem::Requirement\.new\()?["']([^"']+)["']`)
	gemLine    = regexp.MustCompile(`^\s*gem\s*\(?\s*["']([\w.-]+)["'](.*)`)
	rubyLine   = regexp.MustCompile(`^\s*ruby\s*\(?\s*["']([^"']+)["']`)
	groupLine  = regexp.MustCompile(`^\s*group\s*\(?\s*(.*?)\)?\s+do\b`)
	inline     = regexp.MustCompile(`\bgroups?(?::|["']?\s*=>)\s*(\[[^\]]*\]|[:"']\w+)`)
	symbol     = regexp.MustCompile(`\w+`)
	blockOpen  = regexp.MustCompile(`\bdo\b\s*(\|[^|]*\|)?\s*$|^\s*(if|unless|case|begin)\b`)
	blockClose = regexp.MustCompile(`^\s*end\b`)
	version    = regexp.MustCompile(`^\s*,\s*["']([^"']+)["']`)
	local      = regexp.MustCompile(`\bpath(?::|["']?\s*=>)`)
	requireAs  = regexp.MustCompile(`\brequire(?::|["']?\s*=>)\s*["']([\w./-]+)["']`)
)

func gemName(file, content string) string {
	if m := specName.FindStringSubmatch(content); m != nil {
		return m[1]
	}
	return strings.TrimSuffix(path.Base(file), ".gemspec")
}

func readSpec(f *evidence.Findings, file, content string) {
	number := 0
	for line := range strings.Lines(content) {
		number++
		if m := specRuby.FindStringSubmatch(line); m != nil && evidence.PlaceOf(file) == evidence.Product {
			f.AddRequirement("ruby", m[1], file, number)
		}
		m := specNeeds.FindStringSubmatch(line)
		if m == nil || f.Own[Ecosystem+":"+m[2]] {
			continue
		}
		scope := evidence.ScopeRuntime
		if m[1] == "development_" {
			scope = evidence.ScopeDevelopment
		}
		f.AddExternal(report.External{Ecosystem: Ecosystem, Name: m[2], Version: versionOf(m[3]), Scope: scope, Manifest: file, Line: number})
	}
}

// versionOf is the first constraint after a name.
func versionOf(rest string) string {
	if m := version.FindStringSubmatch(rest); m != nil {
		return m[1]
	}
	return ""
}

// readGemfile follows the groups that a gem stands in.
func readGemfile(f *evidence.Findings, file, content string) {
	scopes := []string{evidence.ScopeRuntime}
	number := 0
	for line := range strings.Lines(content) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if m := rubyLine.FindStringSubmatch(line); m != nil && evidence.PlaceOf(file) == evidence.Product {
			f.AddRequirement("ruby", m[1], file, number)
		}
		if m := gemLine.FindStringSubmatch(line); m != nil {
			addGem(f, file, number, m[1], m[2], scopes[len(scopes)-1])
		}
		switch {
		case groupLine.MatchString(line):
			scopes = append(scopes, scopeOf(groupLine.FindStringSubmatch(line)[1]))
		case blockOpen.MatchString(line):
			scopes = append(scopes, scopes[len(scopes)-1])
		case blockClose.MatchString(line) && len(scopes) > 1:
			scopes = scopes[:len(scopes)-1]
		}
	}
}

func addGem(f *evidence.Findings, file string, number int, name, rest, scope string) {
	if local.MatchString(rest) || f.Own[Ecosystem+":"+name] {
		return
	}
	if m := inline.FindStringSubmatch(rest); m != nil {
		scope = scopeOf(m[1])
	}
	e := report.External{Ecosystem: Ecosystem, Name: name, Version: versionOf(rest), Scope: scope, Manifest: file, Line: number}
	if m := requireAs.FindStringSubmatch(rest); m != nil {
		e.Imports = []string{m[1]}
	}
	f.AddExternal(e)
}

// scopeOf is the scope of the groups that a list names: that of development when
// one of them is, since a gem for tests and development serves both.
func scopeOf(groups string) string {
	names := symbol.FindAllString(groups, 20)
	switch {
	case slices.Contains(names, "production") || slices.Contains(names, "default"):
		return evidence.ScopeRuntime
	case slices.Contains(names, "test") && len(names) == 1:
		return evidence.ScopeTest
	case slices.Contains(names, "development") || slices.Contains(names, "test") || slices.Contains(names, "ci") || slices.Contains(names, "doc") || slices.Contains(names, "lint"):
		return evidence.ScopeDevelopment
	}
	return evidence.ScopeRuntime
}

// addLibrary adds the file that a gem is loaded by, and its programs.
func addLibrary(t *evidence.Tree, f *evidence.Findings, dir, name string) {
	for _, base := range []string{name, strings.ReplaceAll(name, "-", "/"), strings.ReplaceAll(name, "-", "_")} {
		if p := path.Join(dir, "lib", base+".rb"); t.Has(p) {
			f.AddEntry(p, 1, evidence.EntryLibrary, name)
			break
		}
	}
	for _, p := range t.Under(path.Join(dir, "exe")) {
		f.AddEntry(p, 1, evidence.EntryProgram, path.Base(p))
	}
}

// addCommands adds what a project with a Gemfile is worked with.
func addCommands(t *evidence.Tree, f *evidence.Findings, file, content string) {
	dir := path.Dir(file)
	if evidence.PlaceOf(file) != evidence.Product {
		return
	}
	add := func(purpose shell.Purpose, command, source, why string, sure float64) {
		f.AddCommand(evidence.Command{Purpose: purpose, Dir: dir, Command: report.Command{Command: command, Source: source, Line: 1, Why: why, Confidence: sure}})
	}
	rails := t.Has(path.Join(dir, "bin/rails"))
	if setup := path.Join(dir, "bin/setup"); t.Has(setup) {
		add(shell.Setup, "bin/setup", setup, "the project's script for its setup", evidence.SureScript)
	}
	if rails {
		source := path.Join(dir, "bin/rails")
		add(shell.Setup, "bin/rails db:prepare", source, "Rails: prepares the database", 0.6)
		add(shell.Run, "bin/rails server", source, "Rails: serves for development", 0.75)
		if t.HasDir(path.Join(dir, "test")) {
			add(shell.Test, "bin/rails test", source, "Rails: the tests in test", 0.7)
		}
	}
	if rackup := path.Join(dir, "config.ru"); t.Has(rackup) {
		f.AddEntry(rackup, 1, evidence.EntryProgram, "rackup")
		if !rails {
			add(shell.Run, "bundle exec rackup", rackup, "Rack's config.ru", 0.6)
		}
	}
	if dev := path.Join(dir, "bin/dev"); t.Has(dev) {
		add(shell.Run, "bin/dev", dev, "the project's script for development", evidence.SureScript)
	}
	if t.HasDir(path.Join(dir, "spec")) && strings.Contains(content, "rspec") {
		add(shell.Test, "bundle exec rspec", file, "RSpec is a dependency and there are specifications", 0.7)
	}
	if config := path.Join(dir, ".rubocop.yml"); t.Has(config) {
		add(shell.Lint, "bundle exec rubocop", config, "RuboCop is configured", 0.65)
	}
}
