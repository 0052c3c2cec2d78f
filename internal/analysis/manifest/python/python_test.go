package python

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
)

func TestRequirement(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"flask":                         "flask|",
		"Flask == 3.0":                  "Flask|== 3.0",
		"httpx[http2,cli] >=0.27,<1":    "httpx|>=0.27,<1",
		"a.b_c-d~=1.0":                  "a.b_c-d|~=1.0",
		"x (>=1.0)":                     "x|>=1.0",
		"x; python_version < '3.8'":     "x|",
		"x!=1.5 ; extra == 'test'":      "x|!=1.5",
		"x @ https://u:p@example.org/x": "x|@ https://example.org/x",
		"x@git+ssh://git@example.org/x": "x|@git+ssh://example.org/x",
		"x===1":                         "x|===1",
		"":                              "",
		"; marker":                      "",
		"./local":                       "",
		"-e .":                          "",
		"not a requirement":             "",
		"x y":                           "",
		"<html>":                        "",
	} {
		name, version, ok := requirement(text)
		got := name + "|" + version
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestImportNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"requests": {"requests"}, "PyYAML": {"pyyaml", "yaml"}, "python_dateutil": {"python_dateutil", "dateutil"}, "Scikit.Learn": {"scikit_learn", "sklearn"},
		"google-cloud-storage": {"google_cloud_storage", "google.cloud.storage"}, "zope.schema": {"zope_schema", "zope.schema"}, "a-b": {"a_b"},
		"protobuf": {"protobuf", "google.protobuf"},
	} {
		if diff := cmp.Diff(want, importNames(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestModulesAreNormalised keeps the table reachable: a name is looked up in
// its normalised form.
func TestModulesAreNormalised(t *testing.T) {
	t.Parallel()
	for name, provides := range modules {
		if normalise(name) != name || len(provides) == 0 {
			t.Errorf("%q is never found", name)
		}
	}
}

func TestGroupScope(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"test": evidence.ScopeTest, "requirements-test": evidence.ScopeTest, "Testing": evidence.ScopeTest, "dev": evidence.ScopeDevelopment, "dev-requirements": evidence.ScopeDevelopment,
		"docs_build": evidence.ScopeDevelopment, "redis": evidence.ScopeOptional, "": evidence.ScopeOptional, "developers": evidence.ScopeOptional, "contest": evidence.ScopeOptional,
	} {
		if got := groupScope(name, evidence.ScopeOptional); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
}

func TestIsRequirements(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{
		"requirements.txt": true, "requirements-dev.txt": true, "a/dev_requirements.in": true, "requirements/base.txt": true, "reqs/x.in": true,
		"base.txt": false, "requirements.md": false, "requirements/README.md": false, "requirements": false,
	} {
		if got := isRequirements(file); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, source, key string
		open              byte
		want              string
	}{
		{"a list", "setup(\n  install_requires=[\n    'a',  # 'no'\n    \"b>=1\",\n  ],\n  x=['c'])", "install_requires", '[', "3:a 4:b>=1 "},
		{"a variable", "install_requires = ['a']\n", "install_requires", '[', "1:a "},
		{"a dict of lists", "extras_require={'s3': ['boto3>=1'], 'x': [\n'y']}", "extras_require", '{', "1:s3 1:boto3>=1 1:x 2:y "},
		{"computed", "setup(install_requires=read('x'))", "install_requires", '[', ""},
		{"never closed", "install_requires=['a', 'b", "install_requires", '[', "1:a "},
		{"other brackets inside", "install_requires=['a[x]', f('b')]", "install_requires", '[', "1:a[x] 1:b "},
		{"nothing", "", "install_requires", '[', ""},
	} {
		got := ""
		for _, n := range literals(tc.source, tc.key, tc.open) {
			got += fmt.Sprintf("%d:%s ", n.Line, n.Text)
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestRoots finds the folders that imports start from, as each build backend
// is told.
func TestRoots(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		files map[string]string
		paths []string
		want  []string
	}{
		{"setuptools package-dir", map[string]string{"pyproject.toml": "[tool.setuptools]\npackage-dir = {\"\" = \"lib\"}\n"}, []string{"lib/a/__init__.py"}, []string{"lib", "."}},
		{"setuptools where", map[string]string{"pyproject.toml": "[tool.setuptools.packages.find]\nwhere = [\"one\", \"two\"]\n"}, []string{"one/a.py", "two/b.py"}, []string{"one", "two", "."}},
		{"poetry from", map[string]string{"pyproject.toml": "[tool.poetry]\npackages = [{include = \"a\", from = \"python\"}]\n"}, []string{"python/a/x.py"}, []string{"python", "."}},
		{"hatch packages", map[string]string{"pyproject.toml": "[tool.hatch.build.targets.wheel]\npackages = [\"source/a\"]\n"}, []string{"source/a/x.py"}, []string{"source", "."}},
		{"hatch sources", map[string]string{"pyproject.toml": "[tool.hatch.build.targets.wheel]\nsources = [\"code\"]\n"}, []string{"code/a.py"}, []string{"code", "."}},
		{"pdm", map[string]string{"pyproject.toml": "[tool.pdm.build]\npackage-dir = \"code\"\n"}, []string{"code/a.py"}, []string{"code", "."}},
		{"maturin", map[string]string{"pyproject.toml": "[tool.maturin]\npython-source = \"python\"\n"}, []string{"python/a.py"}, []string{"python", "."}},
		{"pytest", map[string]string{"pyproject.toml": "[tool.pytest.ini_options]\npythonpath = \"code\"\n"}, []string{"code/a.py"}, []string{"code", "."}},
		{"setup.cfg", map[string]string{"setup.cfg": "[options]\npackage_dir =\n    = lib\n[options.packages.find]\nwhere = more\n"}, []string{"lib/a.py", "more/b.py"}, []string{"lib", "more", "."}},
		{"setup.py", map[string]string{"setup.py": "setup(packages=find_packages(where='lib'))"}, []string{"lib/a.py"}, []string{"lib", "."}},
		{"src by custom", map[string]string{"pyproject.toml": ""}, []string{"src/a/__init__.py"}, []string{"src", "."}},
		{"src is a package", map[string]string{"pyproject.toml": ""}, []string{"src/__init__.py", "src/a.py"}, []string{"."}},
		{"a folder that is not there", map[string]string{"pyproject.toml": "[tool.pdm.build]\npackage-dir = \"gone\"\n"}, nil, []string{"."}},
		{"out of the tree", map[string]string{"pyproject.toml": "[tool.pdm.build]\npackage-dir = \"../..\"\n"}, nil, []string{"."}},
		{"requirements alone", map[string]string{"requirements.txt": "flask\n"}, []string{"app.py"}, []string{"."}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var files []evidence.File
			for name, content := range tc.files {
				files = append(files, evidence.File{Path: name, Content: []byte(content)})
			}
			f := evidence.NewFindings()
			Read(evidence.NewTree(tc.paths, files), f)
			if len(f.Layout.PythonProjects) != 1 {
				t.Fatalf("projects %+v", f.Layout.PythonProjects)
			}
			if diff := cmp.Diff(tc.want, f.Layout.PythonProjects[0].Roots); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSetup names the way of installing that the project's files tell.
func TestSetup(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"uv", map[string]string{"pyproject.toml": "", "uv.lock": ""}, []string{"uv sync"}},
		{"uv without its lock", map[string]string{"pyproject.toml": "[tool.uv]\n"}, []string{"uv sync"}},
		{"Poetry", map[string]string{"pyproject.toml": "[tool.poetry.dependencies]\n"}, []string{"poetry install"}},
		{"Poetry by its lock", map[string]string{"pyproject.toml": "[tool.uv]\n", "poetry.lock": ""}, []string{"poetry install"}},
		{"PDM", map[string]string{"pyproject.toml": "", "pdm.lock": ""}, []string{"pdm install"}},
		{"Pipenv", map[string]string{"Pipfile": ""}, []string{"pipenv install --dev"}},
		{"requirements", map[string]string{"requirements.txt": "", "requirements/dev.txt": "", "docs/requirements.txt": ""}, []string{"pip install -r requirements.txt", "pip install -r requirements/dev.txt"}},
		{"an extra", map[string]string{"pyproject.toml": "[project]\n[project.optional-dependencies]\ndev = []\n"}, []string{`pip install -e ".[dev]"`}},
		{"an extra of setup.cfg", map[string]string{"setup.cfg": "[metadata]\nname = x\n[options.extras_require]\ntests =\n  a\n"}, []string{`pip install -e ".[tests]"`}},
		{"setup.py", map[string]string{"setup.py": "setup()"}, []string{"pip install -e ."}},
		{"only tools", map[string]string{"pyproject.toml": "[tool.black]\n"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var files []evidence.File
			for name, content := range tc.files {
				files = append(files, evidence.File{Path: name, Content: []byte(content)})
			}
			f := evidence.NewFindings()
			Read(evidence.NewTree(nil, files), f)
			var got []string
			for _, c := range f.Commands {
				if c.Purpose == shell.Setup && c.Dir == "." {
					got = append(got, c.Command.Command)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
