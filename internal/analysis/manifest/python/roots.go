package python

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// setup.py is a program: what it says is read by pattern, as most are written.
var (
	setupName     = regexp.MustCompile(`(?m)^\s*name\s*=\s*["']([\w.-]+)["']`)
	setupDir      = regexp.MustCompile(`package_dir\s*=\s*\{\s*["']["']\s*:\s*["']([\w./-]+)["']`)
	setupPackages = regexp.MustCompile(`find(?:_namespace)?_packages\(\s*(?:where\s*=\s*)?["']([\w./-]+)["']`)
)

// readRoots are the folders that imports start from: what the build backends
// are told, a src folder with code in it, and the project's own folder, which
// Python itself looks into when a program or test runs there.
func (p *project) readRoots(t *evidence.Tree) []string {
	var roots []string
	add := func(rel string) {
		if rel == "" {
			return
		}
		dir := evidence.Join(p.dir, rel)
		if dir != "" && t.HasDir(dir) && !slices.Contains(roots, dir) {
			roots = append(roots, dir)
		}
	}
	tool := p.pyproject.Get("tool")
	add(tool.Get("setuptools", "package-dir", "").String())
	for _, where := range tool.Get("setuptools", "packages", "find", "where").Scalars() {
		add(where.Text)
	}
	for _, pkg := range tool.Get("poetry", "packages").List() {
		add(pkg.Get("from").String())
	}
	wheel := tool.Get("hatch", "build", "targets", "wheel")
	for _, pkg := range wheel.Get("packages").Scalars() {
		add(path.Dir(path.Clean(pkg.Text)))
	}
	for _, source := range slices.Concat(wheel.Get("sources").Scalars(), tool.Get("hatch", "build", "sources").Scalars(), tool.Get("pytest", "ini_options", "pythonpath").Scalars()) {
		add(source.Text)
	}
	add(tool.Get("pdm", "build", "package-dir").String())
	add(tool.Get("uv", "build-backend", "module-root").String())
	add(tool.Get("maturin", "python-source").String())
	for _, line := range p.setupCfg.Get("options", "package_dir").List() {
		if name, dir, ok := strings.Cut(line.Text, "="); ok && strings.TrimSpace(name) == "" {
			add(strings.TrimSpace(dir))
		}
	}
	add(p.setupCfg.Get("options.packages.find", "where").String())
	for _, pattern := range []*regexp.Regexp{setupDir, setupPackages} {
		if m := pattern.FindStringSubmatch(p.setupPy); m != nil {
			add(m[1])
		}
	}
	if hasCode(t, path.Join(p.dir, "src")) {
		add("src")
	}
	add(".")
	return roots
}

// hasCode reports whether a folder holds Python packages or modules, and is
// no package itself.
func hasCode(t *evidence.Tree, dir string) bool {
	if t.Has(path.Join(dir, "__init__.py")) {
		return false
	}
	return slices.ContainsFunc(t.Under(dir), func(p string) bool { return strings.HasSuffix(p, ".py") })
}

// moduleFile is the file of a module, "" when it is not in the tree.
func (p *project) moduleFile(t *evidence.Tree, module string) string {
	rel := strings.ReplaceAll(strings.TrimSpace(module), ".", "/")
	if rel == "" || strings.Contains(rel, "//") {
		return ""
	}
	for _, root := range p.roots {
		if file := t.FirstExisting(path.Join(root, rel+".py"), path.Join(root, rel, "__init__.py")); file != "" {
			return file
		}
	}
	return ""
}
