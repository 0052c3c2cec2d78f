package python

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// dependencies adds what projects depend on.
type dependencies struct {
	tree     *evidence.Tree
	findings *evidence.Findings
	own      map[string]bool // normalised names of the tree's own projects
}

func (d dependencies) add(name, version, scope, file string, line int) {
	if d.own[normalise(name)] {
		return
	}
	d.findings.AddExternal(report.External{
		Ecosystem: Ecosystem, Name: name, Version: version, Scope: scope, Manifest: file, Line: line, Imports: importNames(name),
	})
}

// list adds a list of PEP 508 requirements.
func (d dependencies) list(items []*syntax.Node, scope, file string) {
	for _, item := range items {
		if name, version, ok := requirement(item.Text); ok {
			d.add(name, version, scope, file, item.Line)
		}
	}
}

// groupScope is the scope of an extra, a dependency group or an environment,
// by its name; otherwise is for names that say nothing.
func groupScope(name, otherwise string) string {
	for _, word := range regexp.MustCompile(`[A-Za-z]+`).FindAllString(strings.ToLower(name), -1) {
		switch word {
		case "test", "tests", "testing", "pytest", "coverage", "e2e":
			return evidence.ScopeTest
		case "dev", "develop", "development", "lint", "linting", "doc", "docs", "documentation", "build", "ci", "typing", "types", "mypy", "style", "tools", "local", "release", "debug", "format":
			return evidence.ScopeDevelopment
		}
	}
	return otherwise
}

func (d dependencies) pyproject(p *project) {
	if p.pyproject == nil {
		return
	}
	file := p.file("pyproject.toml")
	d.list(p.pyproject.Get("build-system", "requires").List(), evidence.ScopeDevelopment, file)
	d.list(p.pyproject.Get("project", "dependencies").List(), evidence.ScopeRuntime, file)
	for _, extra := range p.pyproject.Get("project", "optional-dependencies").Each() {
		d.list(extra.Value.List(), groupScope(extra.Key, evidence.ScopeOptional), file)
	}
	for _, group := range p.pyproject.Get("dependency-groups").Each() {
		d.list(group.Value.List(), groupScope(group.Key, evidence.ScopeDevelopment), file)
	}
	tool := p.pyproject.Get("tool")
	d.list(tool.Get("uv", "dev-dependencies").List(), evidence.ScopeDevelopment, file)
	for _, group := range tool.Get("pdm", "dev-dependencies").Each() {
		d.list(group.Value.List(), groupScope(group.Key, evidence.ScopeDevelopment), file)
	}
	for _, env := range tool.Get("hatch", "envs").Each() {
		for _, key := range []string{"dependencies", "extra-dependencies"} {
			d.list(env.Value.Get(key).List(), groupScope(env.Key, evidence.ScopeDevelopment), file)
		}
	}
	d.list(tool.Get("flit", "metadata", "requires").List(), evidence.ScopeRuntime, file)
	d.poetry(tool.Get("poetry"), p)
}

func (d dependencies) poetry(poetry *syntax.Node, p *project) {
	d.table(poetry.Get("dependencies"), evidence.ScopeRuntime, p, "pyproject.toml")
	d.table(poetry.Get("dev-dependencies"), evidence.ScopeDevelopment, p, "pyproject.toml")
	for _, group := range poetry.Get("group").Each() {
		scope := groupScope(group.Key, evidence.ScopeDevelopment)
		if group.Value.Get("optional").String() != "true" && (group.Key == "main" || group.Key == "prod") {
			scope = evidence.ScopeRuntime
		}
		d.table(group.Value.Get("dependencies"), scope, p, "pyproject.toml")
	}
}

// table adds dependencies that are keys of a table, as Poetry and Pipenv write
// them.
func (d dependencies) table(table *syntax.Node, scope string, p *project, base string) {
	for _, f := range table.Each() {
		if f.Key == "python" {
			continue
		}
		version, optional, local := tableVersion(f.Value)
		if local {
			continue
		}
		s := scope
		if optional && s == evidence.ScopeRuntime {
			s = evidence.ScopeOptional
		}
		d.add(f.Key, version, s, p.file(base), f.Line)
	}
}

// tableVersion reads a version, a table with one, or a list of such tables for
// several platforms.
func tableVersion(n *syntax.Node) (version string, optional, local bool) {
	switch {
	case n.Is(syntax.List):
		var versions []string
		for _, item := range n.List() {
			if v := item.Get("version").String(); v != "" {
				versions = append(versions, v)
			}
		}
		return strings.Join(versions, ", "), false, false
	case n.Is(syntax.Map):
		version = n.Get("version").String()
		for _, key := range []string{"git", "url"} {
			if address := n.Get(key).String(); version == "" && address != "" {
				version = hideUser(address)
			}
		}
		return version, n.Get("optional").String() == "true", n.Get("path") != nil || n.Get("workspace").String() == "true"
	}
	return n.String(), false, false
}

func (d dependencies) pipfile(p *project) {
	d.table(p.pipfile.Get("packages"), evidence.ScopeRuntime, p, "Pipfile")
	d.table(p.pipfile.Get("dev-packages"), evidence.ScopeDevelopment, p, "Pipfile")
}

// setup reads setup.cfg and the lists of setup.py that are written out.
func (d dependencies) setup(p *project) {
	options := p.setupCfg.Get("options")
	file := p.file("setup.cfg")
	d.list(options.Get("install_requires").List(), evidence.ScopeRuntime, file)
	d.list(options.Get("tests_require").List(), evidence.ScopeTest, file)
	d.list(options.Get("setup_requires").List(), evidence.ScopeDevelopment, file)
	for _, extra := range p.setupCfg.Get("options.extras_require").Each() {
		d.list(extra.Value.List(), groupScope(extra.Key, evidence.ScopeOptional), file)
	}
	file = p.file("setup.py")
	for _, list := range []struct{ key, scope string }{
		{"install_requires", evidence.ScopeRuntime}, {"tests_require", evidence.ScopeTest}, {"setup_requires", evidence.ScopeDevelopment},
	} {
		d.list(literals(p.setupPy, list.key, '['), list.scope, file)
	}
	for _, item := range literals(p.setupPy, "extras_require", '{') {
		if name, version, ok := requirement(item.Text); ok && version != "" {
			d.add(name, version, evidence.ScopeOptional, file, item.Line)
		}
	}
}

// literals are the string literals of a list or dict that a keyword or a
// variable of setup.py is given, with their lines.
func literals(source, key string, open byte) []*syntax.Node {
	start := regexp.MustCompile(`\b` + key + `\s*=\s*` + regexp.QuoteMeta(string(open))).FindStringIndex(source)
	if start == nil {
		return nil
	}
	var out []*syntax.Node
	line := 1 + strings.Count(source[:start[1]], "\n")
	depth := 1
	for i := start[1]; i < len(source) && depth > 0; i++ {
		switch c := source[i]; c {
		case '\n':
			line++
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth--
		case '#':
			for i+1 < len(source) && source[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			end := strings.IndexByte(source[i+1:], c)
			if end < 0 {
				return out
			}
			text := source[i+1 : i+1+end]
			out = append(out, &syntax.Node{Kind: syntax.Scalar, Text: text, Line: line, Quoted: true})
			line += strings.Count(text, "\n")
			i += end + 1
		}
	}
	return out
}

// requirements reads a requirements file. What it includes with -r is a file
// of its own, so a cycle of includes cannot arise.
func (d dependencies) requirements(file string) {
	content := d.tree.Content(file)
	// A compiled list is a lock file when the list that it came from is there.
	stem := strings.TrimSuffix(file, ".txt")
	if stem != file && d.tree.Has(stem+".in") {
		return
	}
	scope := groupScope(strings.TrimSuffix(path.Base(file), path.Ext(file)), evidence.ScopeRuntime)
	number, first := 0, 0
	joined := ""
	for raw := range bytes.Lines(content) {
		number++
		if joined == "" {
			first = number
		}
		text, more := strings.CutSuffix(strings.TrimRight(string(raw), "\r\n \t"), "\\")
		joined += text
		if more && len(joined) < 4096 {
			continue
		}
		d.requirementLine(joined, scope, file, first)
		joined = ""
	}
}

func (d dependencies) requirementLine(text, scope, file string, line int) {
	text = strings.TrimSpace(text)
	if at := strings.Index(text, " #"); at >= 0 {
		text = strings.TrimSpace(text[:at])
	}
	if text == "" || text[0] == '#' {
		return
	}
	if at := strings.Index(text, " --"); at >= 0 {
		text = text[:at] // --hash and other options of the line
	}
	rest, editable := strings.CutPrefix(text, "-e ")
	if !editable {
		rest, editable = strings.CutPrefix(text, "--editable ")
	}
	if editable || strings.Contains(text, "://") && !strings.Contains(text, " @ ") {
		address := strings.TrimSpace(rest)
		if m := egg.FindStringSubmatch(address); m != nil {
			address, _, _ = strings.Cut(address, "#")
			d.add(m[1], hideUser(address), scope, file, line)
		}
		return
	}
	if name, version, ok := requirement(text); ok {
		d.add(name, version, scope, file, line)
	}
}
