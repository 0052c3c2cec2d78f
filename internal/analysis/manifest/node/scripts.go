package node

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// locks tells the package manager by the lock file that it writes.
var locks = []struct{ file, manager, install string }{
	{"pnpm-lock.yaml", "pnpm", "pnpm install"},
	{"yarn.lock", "yarn", "yarn install"},
	{"bun.lock", "bun", "bun install"},
	{"bun.lockb", "bun", "bun install"},
	{"package-lock.json", "npm", "npm ci"},
	{"npm-shrinkwrap.json", "npm", "npm ci"},
}

// lifecycle are scripts that the package manager runs by itself.
var lifecycle = []string{"preinstall", "install", "postinstall", "prepare", "prepublish", "prepublishOnly", "prepack", "postpack", "preversion", "version", "postversion", "dependencies"}

// manager is how the packages of a folder are installed.
type manager struct {
	name, install string
	source        string // what says so
	line          int
	dir           string // where the lock file lies
}

// managerOf finds the package manager of a folder: the packageManager field,
// or the nearest lock file on the way to the root; npm when nothing says so.
func (p pkg) managerOf(t *evidence.Tree) manager {
	found := manager{name: "npm", install: "npm install", source: p.file, line: 1, dir: p.dir}
	for dir := p.dir; ; dir = path.Dir(dir) {
		for _, lock := range locks {
			if file := path.Join(dir, lock.file); t.Has(file) {
				found = manager{name: lock.manager, install: lock.install, source: file, line: 1, dir: dir}
				break
			}
		}
		if found.source != p.file || dir == "." || dir == "/" {
			break
		}
	}
	if f := p.doc.Field("packageManager"); f != nil {
		name, _, _ := strings.Cut(f.Value.String(), "@")
		if name != found.name && slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, name) {
			found = manager{name: name, install: name + " install", source: p.file, line: f.Line, dir: p.dir}
		}
	}
	return found
}

// run is the command line for a script.
func (m manager) run(script string) string {
	switch {
	case script == "test" && m.name != "bun", script == "start" && m.name != "bun":
		return m.name + " " + script
	case m.name == "yarn":
		return "yarn " + script
	}
	return m.name + " run " + script
}

func (p pkg) addCommands(t *evidence.Tree, f *evidence.Findings) {
	m := p.managerOf(t)
	if m.dir == p.dir && evidence.PlaceOf(p.file) == evidence.Product {
		f.AddCommand(evidence.Command{Purpose: shell.Setup, Dir: p.dir, Command: report.Command{
			Command: m.install, Source: m.source, Line: m.line, Why: "installs the packages with " + m.name, Confidence: 0.8,
		}})
	}
	scripts := p.doc.Get("scripts")
	for _, s := range scripts.Each() {
		f.Targets["script "+s.Key] = true
		if slices.Contains(lifecycle, s.Key) || strings.ContainsAny(s.Key, " \t'\"$`;&|<>") {
			continue
		}
		// pre… and post… run with the script that they are named for.
		if base := strings.TrimPrefix(strings.TrimPrefix(s.Key, "pre"), "post"); base != s.Key && scripts.Get(base) != nil {
			continue
		}
		purpose, sure := p.purpose(s.Key, s.Value.String())
		f.AddCommand(evidence.Command{Purpose: purpose, Command: report.Command{
			Command: m.run(s.Key), Source: p.file, Line: s.Line, Why: "package.json script " + s.Key, Confidence: evidence.SureDeclared * sure,
		}})
	}
}

// purpose is what a script is for: by its name, else by what it does.
func (p pkg) purpose(name, does string) (shell.Purpose, float64) {
	if does == "" || strings.Contains(does, "no test specified") {
		return shell.Other, 0
	}
	if purpose, sure := shell.ForName(name); purpose != shell.Other {
		return purpose, sure
	}
	if shell.IsAside(name) {
		return shell.Other, 0
	}
	return shell.For(does), 0.6
}

func (p pkg) addEntries(t *evidence.Tree, f *evidence.Findings) {
	if evidence.PlaceOf(p.file) != evidence.Product {
		return
	}
	bin := p.bin()
	for _, command := range slices.Sorted(maps.Keys(bin)) {
		f.AddEntry(sourceOf(t, p.dir, bin[command]), 1, evidence.EntryProgram, command)
	}
	for _, main := range p.layout().Main {
		if file := sourceOf(t, p.dir, main); file != "" && !slices.Contains(slices.Collect(maps.Values(bin)), main) {
			f.AddEntry(file, 1, evidence.EntryLibrary, p.name)
			break
		}
	}
	for _, script := range []string{"start", "dev", "serve"} {
		if file := scriptFile(t, p.dir, p.doc.Get("scripts", script).String()); file != "" {
			f.AddEntry(file, 1, evidence.EntryProgram, "script "+script)
		}
	}
	p.addNestEntries(t, f)
}

// sourceOf is the file of the tree behind a target of a package: the target
// itself, or the source that it is built from when it names a build folder.
// "" when neither is there.
func sourceOf(t *evidence.Tree, dir, target string) string {
	target = relative(target)
	if target == "" {
		return ""
	}
	if found := existing(t, dir, target); found != "" {
		return found
	}
	first, rest, ok := strings.Cut(target, "/")
	if !ok || !slices.Contains([]string{"dist", "lib", "build", "out", "es", "esm", "cjs"}, first) {
		return ""
	}
	if found := existing(t, dir, path.Join("src", rest)); found != "" {
		return found
	}
	_, rest, ok = strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return existing(t, dir, path.Join("src", rest))
}

func existing(t *evidence.Tree, dir, target string) string {
	base := strings.TrimSuffix(target, path.Ext(target))
	base = strings.TrimSuffix(base, ".d")
	candidates := []string{path.Join(dir, target)}
	for _, stem := range []string{target, base} {
		for _, ext := range []string{".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs", ".jsx", "/index.ts", "/index.js"} {
			candidates = append(candidates, path.Join(dir, stem+ext))
		}
	}
	return t.FirstExisting(candidates...)
}
