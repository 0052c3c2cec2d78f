// Package php reads composer.json and composer.lock. It is pure; it may import
// analysis/report and the evidence, shell and syntax packages beside it.
package php

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Ecosystem names the packages of Composer in the report.
const Ecosystem = "composer"

const (
	manifestName = "composer.json"
	lockName     = "composer.lock"
)

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	if base := path.Base(file); base == manifestName || base == lockName {
		return base
	}
	return ""
}

// locked is what a lock file says of a package.
type locked struct {
	license    string
	namespaces []string
}

// project is one composer.json.
type project struct {
	file, dir string
	doc       *syntax.Node
	lock      map[string]locked
}

// Read adds what the Composer files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	var projects []project
	for _, file := range t.Named(manifestName) {
		doc, err := syntax.JSON(t.Content(file))
		if err != nil {
			continue
		}
		p := project{file: file, dir: path.Dir(file), doc: doc, lock: readLock(t.Content(path.Join(path.Dir(file), lockName)))}
		projects = append(projects, p)
		if name := doc.Get("name").String(); name != "" && evidence.PlaceOf(file) == evidence.Product {
			f.Own[Ecosystem+":"+name] = true
		}
		for _, r := range doc.Get("replace").Each() {
			f.Own[Ecosystem+":"+r.Key] = true
		}
	}
	for _, p := range projects {
		p.layout(f)
		p.needs(f, "require", evidence.ScopeRuntime)
		p.needs(f, "require-dev", evidence.ScopeDevelopment)
		if evidence.PlaceOf(p.file) == evidence.Product {
			p.scripts(f)
			p.commands(t, f)
		}
	}
}

// readLock reads the packages of a lock file by name.
func readLock(content []byte) map[string]locked {
	out := map[string]locked{}
	if len(content) == 0 {
		return out
	}
	doc, err := syntax.JSON(content)
	if err != nil {
		return out
	}
	for _, key := range []string{"packages", "packages-dev"} {
		for _, pkg := range doc.Get(key).List() {
			var l locked
			var licenses []string
			for _, license := range pkg.Get("license").List() {
				licenses = append(licenses, license.String())
			}
			l.license = strings.Join(licenses, " OR ")
			for _, standard := range []string{"psr-4", "psr-0"} {
				for _, prefix := range pkg.Get("autoload", standard).Each() {
					if name := strings.Trim(prefix.Key, `\_`); name != "" {
						l.namespaces = append(l.namespaces, name)
					}
				}
			}
			out[pkg.Get("name").String()] = l
		}
	}
	return out
}

// layout says where the types of the package lie.
func (p project) layout(f *evidence.Findings) {
	c := evidence.ComposerPackage{Name: p.doc.Get("name").String(), Dir: p.dir, PSR4: map[string][]string{}}
	for _, key := range []string{"autoload", "autoload-dev"} {
		for _, prefix := range p.doc.Get(key, "psr-4").Each() {
			folders := prefix.Value.List()
			if len(folders) == 0 {
				folders = []*syntax.Node{prefix.Value}
			}
			for _, folder := range folders {
				if dir := path.Join(p.dir, folder.String()); !strings.HasPrefix(dir, "..") {
					c.PSR4[prefix.Key] = append(c.PSR4[prefix.Key], dir)
				}
			}
		}
	}
	f.Layout.ComposerPackages = append(f.Layout.ComposerPackages, c)
}

// needs adds what a package requires: other packages, PHP itself.
func (p project) needs(f *evidence.Findings, key, scope string) {
	for _, need := range p.doc.Get(key).Each() {
		name := need.Key
		switch {
		case name == "php":
			if scope == evidence.ScopeRuntime && evidence.PlaceOf(p.file) == evidence.Product {
				f.AddRequirement("php", need.Value.String(), p.file, need.Line)
			}
			continue
		case !strings.Contains(name, "/") || f.Own[Ecosystem+":"+name]:
			continue // an extension of PHP, or a package of the tree
		}
		in := scope
		if scope == evidence.ScopeDevelopment && isTesting(name) {
			in = evidence.ScopeTest
		}
		e := report.External{Ecosystem: Ecosystem, Name: name, Version: need.Value.String(), Scope: in, Manifest: p.file, Line: need.Line}
		if l, ok := p.lock[name]; ok {
			e.Imports = l.namespaces
			if l.license != "" {
				e.License = &l.license
			}
		}
		f.AddExternal(e)
	}
}

func isTesting(name string) bool {
	vendor, _, _ := strings.Cut(name, "/")
	switch vendor {
	case "phpunit", "pestphp", "mockery", "behat", "codeception", "fakerphp", "phpspec":
		return true
	}
	return false
}

// events are the scripts that Composer runs by itself.
var events = map[string]bool{"auto-scripts": true}

func (p project) scripts(f *evidence.Findings) {
	for _, s := range p.doc.Get("scripts").Each() {
		if events[s.Key] || strings.HasPrefix(s.Key, "pre-") || strings.HasPrefix(s.Key, "post-") {
			continue
		}
		f.Targets["composer "+s.Key] = true
		f.Targets["composer run "+s.Key] = true
		purpose, sure := shell.ForName(s.Key)
		f.AddCommand(evidence.Command{Purpose: purpose, Dir: p.dir, Command: report.Command{
			Command: "composer " + s.Key, Source: p.file, Line: max(s.Line, 1), Why: "composer.json script " + s.Key, Confidence: evidence.SureDeclared * sure,
		}})
	}
	for _, bin := range p.doc.Get("bin").List() {
		f.AddEntry(path.Join(p.dir, bin.String()), 1, evidence.EntryProgram, path.Base(bin.String()))
	}
}

// commands adds what is done by custom where a tool's files are there.
func (p project) commands(t *evidence.Tree, f *evidence.Findings) {
	add := func(purpose shell.Purpose, command, why string, sure float64, files ...string) {
		for _, name := range files {
			if file := path.Join(p.dir, name); t.Has(file) {
				f.AddCommand(evidence.Command{Purpose: purpose, Dir: p.dir, Command: report.Command{Command: command, Source: file, Line: 1, Why: why, Confidence: sure}})
				return
			}
		}
	}
	add(shell.Setup, "php artisan migrate", "Laravel's artisan: prepares the database", 0.6, "artisan")
	add(shell.Run, "php artisan serve", "Laravel's artisan: serves for development", 0.75, "artisan")
	tests := "vendor/bin/phpunit"
	if p.doc.Get("require-dev", "pestphp/pest") != nil {
		tests = "vendor/bin/pest"
	}
	add(shell.Test, tests, "the tests are configured", 0.7, "phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
	add(shell.Lint, "vendor/bin/phpstan analyse", "PHPStan is configured", 0.6, "phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon")
	add(shell.Lint, "vendor/bin/php-cs-fixer fix --dry-run --diff", "PHP CS Fixer is configured", 0.6, ".php-cs-fixer.php", ".php-cs-fixer.dist.php")
	add(shell.Lint, "vendor/bin/pint --test", "Pint is configured", 0.6, "pint.json")
	for _, front := range []string{"public/index.php", "web/index.php", "index.php"} {
		if file := path.Join(p.dir, front); t.Has(file) {
			f.AddEntry(file, 1, evidence.EntryProgram, "web")
			break
		}
	}
	for _, console := range []string{"artisan", "bin/console"} {
		if file := path.Join(p.dir, console); t.Has(file) {
			f.AddEntry(file, 1, evidence.EntryProgram, path.Base(console))
		}
	}
}
