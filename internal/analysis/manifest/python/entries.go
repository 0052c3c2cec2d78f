package python

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// consoleScript is an entry point as setup.py and setup.cfg write it.
var consoleScript = regexp.MustCompile(`^\s*([\w.-]+)\s*=\s*([\w.]+)(?::[\w.]+)?`)

// addEntries adds the commands that a project installs, with the files of
// their modules.
func addEntries(p *project, t *evidence.Tree, f *evidence.Findings) {
	if evidence.PlaceOf(p.file("x")) != evidence.Product {
		return
	}
	commands := 0
	add := func(name, target string) {
		commands++
		module, _, _ := strings.Cut(target, ":")
		f.AddEntry(p.moduleFile(t, module), 1, evidence.EntryProgram, name)
	}
	groups := p.pyproject.Get("project", "entry-points")
	for _, table := range []*syntax.Node{
		p.pyproject.Get("project", "scripts"), p.pyproject.Get("project", "gui-scripts"),
		p.pyproject.Get("tool", "poetry", "scripts"), groups.Get("console_scripts"), groups.Get("gui_scripts"), p.pyproject.Get("tool", "flit", "scripts"),
	} {
		for _, s := range table.Each() {
			target := s.Value.String()
			if target == "" {
				target = s.Value.Get("reference").String()
			}
			add(s.Key, target)
		}
	}
	for _, s := range p.consoleScripts() {
		add(s.name, s.module)
	}
	if commands == 0 {
		p.addLibrary(t, f)
	}
}

// installed is a command that an installation makes.
type installed struct {
	name, module string
	base         string // the file that says it
	line         int
}

// consoleScripts are the commands that setup.cfg and setup.py declare.
func (p *project) consoleScripts() []installed {
	var out []installed
	add := func(base string, line int, text string) {
		if m := consoleScript.FindStringSubmatch(text); m != nil {
			out = append(out, installed{m[1], m[2], base, line})
		}
	}
	declared := p.setupCfg.Get("options.entry_points")
	for _, n := range append(declared.Get("console_scripts").List(), declared.Get("gui_scripts").List()...) {
		add("setup.cfg", n.At(), n.Text)
	}
	for _, key := range []string{"console_scripts[\"']", "gui_scripts[\"']"} {
		for _, n := range consoleLiterals(p.setupPy, key) {
			add("setup.py", 1+strings.Count(p.setupPy[:max(0, strings.Index(p.setupPy, n.Text))], "\n"), n.Text)
		}
	}
	return out
}

// startNames are modules of a package that is run, not imported.
var startNames = []string{"__main__.py", "main.py", "app.py", "wsgi.py", "asgi.py", "manage.py"}

// addLibrary adds the package that a project publishes for others to import:
// one that is built, and has a package of its own name with nothing in it that
// is started.
func (p *project) addLibrary(t *evidence.Tree, f *evidence.Findings) {
	if p.name == "" || p.setupPy == "" && p.pyproject.Get("build-system") == nil {
		return
	}
	for _, module := range importNames(p.name) {
		file := p.moduleFile(t, module)
		started := slices.ContainsFunc(startNames, func(name string) bool { return t.Has(path.Join(path.Dir(file), name)) })
		if path.Base(file) == "__init__.py" && !started {
			f.AddEntry(file, 1, evidence.EntryLibrary, p.name)
			return
		}
	}
}

// consoleLiterals are the literals of setup.py's dict entry of that key.
func consoleLiterals(source, key string) []*syntax.Node {
	at := regexp.MustCompile(key + `\s*:\s*\[`).FindStringIndex(source)
	if at == nil {
		return nil
	}
	return literals("x=["+source[at[1]:], "x", '[')
}

// addFiles adds the files that start a program by their name.
func addFiles(t *evidence.Tree, f *evidence.Findings) {
	django := slices.ContainsFunc(t.Under("."), func(p string) bool { return path.Base(p) == "manage.py" })
	for _, p := range t.Under(".") {
		base := path.Base(p)
		if !strings.HasSuffix(base, ".py") || evidence.PlaceOf(p) != evidence.Product {
			continue
		}
		switch base {
		case "__main__.py":
			f.AddEntry(p, 1, evidence.EntryProgram, "python -m "+path.Base(path.Dir(p)))
		case "manage.py":
			f.AddEntry(p, 1, evidence.EntryScript, "manage.py")
		case "wsgi.py", "asgi.py":
			if django {
				f.AddEntry(p, 1, evidence.EntryProgram, base)
			}
		}
	}
}
