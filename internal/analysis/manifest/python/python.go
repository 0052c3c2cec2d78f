// Package python reads pyproject.toml, setup.cfg, setup.py, requirements
// files, Pipfile, tox.ini and noxfile.py. It is pure; it may import
// analysis/report and the evidence, shell and syntax packages beside it.
package python

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// Ecosystem names Python packages in the report.
const Ecosystem = "pypi"

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	switch base {
	case "pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "tox.ini", "noxfile.py", "pytest.ini", ".pre-commit-config.yaml":
		return base
	}
	if isRequirements(file) {
		return "requirements.txt"
	}
	return ""
}

// isRequirements reports whether a file is a list of requirements by its name
// or its folder's.
func isRequirements(file string) bool {
	ext := path.Ext(file)
	if ext != ".txt" && ext != ".in" {
		return false
	}
	dir := path.Base(path.Dir(file))
	return strings.Contains(path.Base(file), "requirements") || dir == "requirements" || dir == "reqs"
}

// project is one folder with a Python project, and what its files say.
type project struct {
	dir       string
	pyproject *syntax.Node // nil when there is none
	setupCfg  *syntax.Node
	setupPy   string
	pipfile   *syntax.Node
	tox       *syntax.Node
	name      string
	roots     []string
}

func (p *project) file(name string) string { return path.Join(p.dir, name) }

// Read adds what the Python files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	projects := find(t)
	own := map[string]bool{}
	for _, p := range projects {
		if p.name != "" && evidence.PlaceOf(p.file("x")) == evidence.Product {
			own[normalise(p.name)] = true
		}
	}
	d := dependencies{tree: t, findings: f, own: own}
	for _, p := range projects {
		f.Layout.PythonProjects = append(f.Layout.PythonProjects, evidence.PythonProject{Name: p.name, Dir: p.dir, Roots: p.roots})
		d.pyproject(p)
		d.setup(p)
		d.pipfile(p)
		addRequirements(p, f)
		addCommands(p, t, f)
		addEntries(p, t, f)
	}
	for _, file := range t.Matching(isRequirements) {
		d.requirements(file)
	}
	addFiles(t, f)
}

// find reads the projects: every folder with a manifest, and the folders that
// programs are started from.
func find(t *evidence.Tree) []*project {
	byDir := map[string]*project{}
	at := func(file string) *project {
		dir := path.Dir(file)
		if byDir[dir] == nil {
			byDir[dir] = &project{dir: dir}
		}
		return byDir[dir]
	}
	for _, file := range t.Named("pyproject.toml") {
		at(file).pyproject, _ = syntax.TOML(t.Content(file)) // what stands before a fault counts
	}
	for _, file := range t.Named("setup.cfg") {
		at(file).setupCfg, _ = syntax.INI(t.Content(file))
	}
	for _, file := range t.Named("setup.py") {
		at(file).setupPy = string(t.Content(file))
	}
	for _, file := range t.Named("Pipfile") {
		at(file).pipfile, _ = syntax.TOML(t.Content(file))
	}
	for _, file := range t.Named("tox.ini") {
		at(file).tox, _ = syntax.INI(t.Content(file))
	}
	for _, file := range t.Named("requirements.txt") {
		if base := path.Base(path.Dir(file)); base != "requirements" && base != "reqs" {
			at(file)
		}
	}
	for _, file := range t.Under(".") {
		if path.Base(file) == "manage.py" {
			at(file)
		}
	}
	out := make([]*project, 0, len(byDir))
	for _, p := range byDir {
		if evidence.PlaceOf(p.file("x")) == evidence.Ignored {
			continue
		}
		p.name = p.readName()
		p.roots = p.readRoots(t)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *project) int { return evidence.ByDepth(a.file("x"), b.file("x")) })
	return out
}

func (p *project) readName() string {
	for _, n := range []*syntax.Node{
		p.pyproject.Get("project", "name"), p.pyproject.Get("tool", "poetry", "name"),
		p.pyproject.Get("tool", "flit", "metadata", "module"), p.setupCfg.Get("metadata", "name"),
	} {
		if n.String() != "" {
			return n.String()
		}
	}
	if m := setupName.FindStringSubmatch(p.setupPy); m != nil {
		return m[1]
	}
	return ""
}
