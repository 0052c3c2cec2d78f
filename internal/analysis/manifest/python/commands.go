package python

import (
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// adder adds the commands of one project.
type adder struct {
	p *project
	t *evidence.Tree
	f *evidence.Findings
}

func (a adder) add(purpose shell.Purpose, command, base string, line int, why string, sure float64) {
	a.f.AddCommand(evidence.Command{Purpose: purpose, Dir: a.p.dir, Command: report.Command{
		Command: command, Source: a.p.file(base), Line: max(line, 1), Why: why, Confidence: sure,
	}})
}

func addCommands(p *project, t *evidence.Tree, f *evidence.Findings) {
	a := adder{p, t, f}
	if evidence.PlaceOf(p.file("x")) != evidence.Product {
		return
	}
	runner := a.setup()
	a.scripts(runner)
	a.tox()
	a.tests(runner)
	a.linters(runner)
	if t.Has(p.file("manage.py")) {
		a.add(shell.Setup, runner+"python manage.py migrate", "manage.py", 1, "Django's manage.py: prepares the database", 0.6)
		a.add(shell.Run, runner+"python manage.py runserver", "manage.py", 1, "Django's manage.py: serves for development", 0.75)
		a.add(shell.Test, runner+"python manage.py test", "manage.py", 1, "Django's manage.py", 0.6)
	}
	if requires := p.pyproject.Field("build-system"); requires != nil && p.name != "" {
		a.add(shell.Build, "python -m build", "pyproject.toml", requires.Line, "the build-system table", evidence.SureConvention-0.05)
	}
}

// setup adds how the dependencies are installed, and returns what is to stand
// in front of a command so that it runs in the environment made by that.
func (a adder) setup() (runner string) {
	tool := a.p.pyproject.Get("tool")
	has := func(base string) bool { return a.t.Has(a.p.file(base)) }
	switch {
	case has("uv.lock") || tool.Get("uv") != nil && !has("poetry.lock"):
		source := "pyproject.toml"
		if has("uv.lock") {
			source = "uv.lock"
		}
		a.add(shell.Setup, "uv sync", source, 1, "installs the packages with uv", 0.85)
		return "uv run "
	case has("poetry.lock") || tool.Get("poetry", "dependencies") != nil:
		a.add(shell.Setup, "poetry install", "pyproject.toml", tool.Get("poetry").At(), "installs the packages with Poetry", 0.85)
		return "poetry run "
	case has("pdm.lock"):
		a.add(shell.Setup, "pdm install", "pdm.lock", 1, "installs the packages with PDM", 0.85)
		return "pdm run "
	case has("Pipfile"):
		a.add(shell.Setup, "pipenv install --dev", "Pipfile", 1, "installs the packages with Pipenv", 0.85)
		return "pipenv run "
	}
	for _, file := range a.t.Matching(isRequirements) {
		rel, under := strings.CutPrefix(file, strings.TrimPrefix(a.p.dir+"/", "./"))
		if under && path.Ext(file) == ".txt" && strings.Count(rel, "/") <= 1 && evidence.PlaceOf(rel) != evidence.Aside {
			a.add(shell.Setup, "pip install -r "+rel, rel, 1, "installs what the file lists", 0.7-0.05*float64(strings.Count(rel, "/")))
		}
	}
	a.editable()
	return ""
}

// editable adds the installation of the project itself, with the extra that
// development needs.
func (a adder) editable() {
	base, line := "setup.py", 1
	switch {
	case a.p.pyproject.Get("project") != nil:
		base, line = "pyproject.toml", a.p.pyproject.Get("project").At()
	case a.p.setupPy == "" && a.p.setupCfg.Get("metadata") == nil:
		return
	case a.p.setupPy == "":
		base = "setup.cfg"
	}
	for _, extras := range []*syntax.Node{a.p.pyproject.Get("project", "optional-dependencies"), a.p.setupCfg.Get("options.extras_require")} {
		for _, name := range []string{"dev", "develop", "test", "tests", "testing"} {
			if extra := extras.Field(name); extra != nil {
				a.add(shell.Setup, `pip install -e ".[`+name+`]"`, base, extra.Line, "installs the project with its extra "+name, 0.75)
				return
			}
		}
	}
	a.add(shell.Setup, "pip install -e .", base, line, "installs the project for development", 0.65)
}

// scripts adds commands that the project declares: those it installs, and the
// tasks of Hatch, PDM and Poe.
func (a adder) scripts(runner string) {
	for _, table := range []*syntax.Node{a.p.pyproject.Get("project", "scripts"), a.p.pyproject.Get("tool", "poetry", "scripts")} {
		for _, s := range table.Each() {
			a.add(shell.Run, runner+s.Key, "pyproject.toml", s.Line, "pyproject.toml script "+s.Key, 0.65)
		}
	}
	for _, s := range a.p.consoleScripts() {
		a.add(shell.Run, runner+s.name, s.base, s.line, s.base+" script "+s.name, 0.65)
	}
	tool := a.p.pyproject.Get("tool")
	for _, env := range tool.Get("hatch", "envs").Each() {
		prefix := "hatch run " + env.Key + ":"
		if env.Key == "default" {
			prefix = "hatch run "
		}
		a.tasks(env.Value.Get("scripts"), prefix, env.Key)
	}
	a.tasks(tool.Get("pdm", "scripts"), "pdm run ", "")
	a.tasks(tool.Get("rye", "scripts"), "rye run ", "")
	a.tasks(tool.Get("poe", "tasks"), runner+"poe ", "")
	a.tasks(tool.Get("taskipy", "tasks"), runner+"task ", "")
	a.tasks(a.p.pipfile.Get("scripts"), "pipenv run ", "")
}

func (a adder) tasks(table *syntax.Node, prefix, env string) {
	base := "pyproject.toml"
	if strings.HasPrefix(prefix, "pipenv") {
		base = "Pipfile"
	}
	for _, s := range table.Each() {
		purpose, sure := shell.ForName(s.Key)
		if purpose == shell.Other {
			purpose, sure = shell.ForName(env)
		}
		a.add(purpose, prefix+s.Key, base, s.Line, "task "+s.Key+" of "+base, evidence.SureDeclared*sure)
	}
}

var (
	toxEnv     = regexp.MustCompile(`^(?:testenv:|tool:tox:|env\.)?([\w-]+)$`)
	noxSession = regexp.MustCompile(`(?m)^@nox\.session[^\n]*\n(?:@[^\n]*\n)*def (\w+)`)
)

// tox adds the environments of tox and the sessions of Nox.
func (a adder) tox() {
	if a.p.tox != nil {
		a.add(shell.Test, "tox", "tox.ini", 1, "tox.ini", 0.72)
		for _, section := range a.p.tox.Fields {
			name, ok := strings.CutPrefix(section.Key, "testenv:")
			if ok && toxEnv.MatchString(name) {
				purpose, sure := shell.ForName(name)
				a.add(purpose, "tox -e "+name, "tox.ini", section.Line, "tox environment "+name, 0.75*sure)
			}
		}
	}
	if tox := a.p.pyproject.Get("tool", "tox"); tox != nil {
		a.add(shell.Test, "tox", "pyproject.toml", tox.At(), "the tox table", 0.72)
		for _, env := range tox.Get("env").Each() {
			purpose, sure := shell.ForName(env.Key)
			a.add(purpose, "tox -e "+env.Key, "pyproject.toml", env.Line, "tox environment "+env.Key, 0.75*sure)
		}
	}
	source := string(a.t.Content(a.p.file("noxfile.py")))
	for _, m := range noxSession.FindAllStringSubmatchIndex(source, 50) {
		name := source[m[2]:m[3]]
		purpose, sure := shell.ForName(name)
		a.add(purpose, "nox -s "+name, "noxfile.py", 1+strings.Count(source[:m[2]], "\n"), "Nox session "+name, 0.8*sure)
	}
}

// tests adds pytest where it is configured.
func (a adder) tests(runner string) {
	options := a.p.pyproject.Get("tool", "pytest")
	switch {
	case options != nil:
		a.add(shell.Test, runner+"pytest", "pyproject.toml", options.At(), "pytest is configured", 0.68)
	case a.t.Has(a.p.file("pytest.ini")):
		a.add(shell.Test, runner+"pytest", "pytest.ini", 1, "pytest is configured", 0.68)
	case a.p.setupCfg.Get("tool:pytest") != nil:
		a.add(shell.Test, runner+"pytest", "setup.cfg", a.p.setupCfg.Get("tool:pytest").At(), "pytest is configured", 0.68)
	case a.p.tox.Get("pytest") != nil:
		a.add(shell.Test, runner+"pytest", "tox.ini", a.p.tox.Get("pytest").At(), "pytest is configured", 0.68)
	default:
		if conftest := a.t.FirstExisting(a.p.file("conftest.py"), a.p.file("tests/conftest.py"), a.p.file("test/conftest.py")); conftest != "" {
			rel := strings.TrimPrefix(conftest, strings.TrimPrefix(a.p.dir+"/", "./"))
			a.add(shell.Test, runner+"pytest", rel, 1, "pytest's conftest.py", 0.6)
		}
	}
}

// linters adds the linters that are configured.
func (a adder) linters(runner string) {
	for _, l := range []struct{ key, command string }{
		{"ruff", "ruff check ."}, {"mypy", "mypy ."}, {"black", "black --check ."},
	} {
		if table := a.p.pyproject.Get("tool", l.key); table != nil {
			a.add(shell.Lint, runner+l.command, "pyproject.toml", table.At(), l.key+" is configured", 0.5)
		}
	}
	if a.t.Has(a.p.file(".pre-commit-config.yaml")) {
		a.add(shell.Lint, "pre-commit run --all-files", ".pre-commit-config.yaml", 1, "pre-commit is configured", 0.65)
	}
}

// addRequirements adds the Python that a project asks for.
func addRequirements(p *project, f *evidence.Findings) {
	if evidence.PlaceOf(p.file("x")) != evidence.Product {
		return
	}
	for _, v := range []struct {
		n    *syntax.Node
		base string
	}{
		{p.pyproject.Get("project", "requires-python"), "pyproject.toml"},
		{p.pyproject.Get("tool", "poetry", "dependencies", "python"), "pyproject.toml"},
		{p.setupCfg.Get("options", "python_requires"), "setup.cfg"},
		{p.pipfile.Get("requires", "python_version"), "Pipfile"},
		{p.pipfile.Get("requires", "python_full_version"), "Pipfile"},
	} {
		if v.n.String() != "" {
			f.AddRequirement("python", v.n.String(), p.file(v.base), v.n.At())
		}
	}
	if m := pythonRequires.FindStringSubmatchIndex(p.setupPy); m != nil {
		f.AddRequirement("python", p.setupPy[m[2]:m[3]], p.file("setup.py"), 1+strings.Count(p.setupPy[:m[2]], "\n"))
	}
}

var pythonRequires = regexp.MustCompile(`python_requires\s*=\s*["']([^"'\n]+)["']`)
