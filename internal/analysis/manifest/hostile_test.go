package manifest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// everyKind is one path of every kind of file that is read.
var everyKind = []string{
	"go.mod", "go.work", "package.json", "pnpm-workspace.yaml", "tsconfig.json", "pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "tox.ini",
	"noxfile.py", "pytest.ini", ".pre-commit-config.yaml", "requirements.txt", "pom.xml", "build.gradle", "build.gradle.kts", "gradle.properties", "gradle/libs.versions.toml",
	"gradle/wrapper/gradle-wrapper.properties", ".mvn/wrapper/maven-wrapper.properties", "Makefile", "Taskfile.yml", "justfile", ".github/workflows/ci.yml",
	".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml", "Jenkinsfile", "bitbucket-pipelines.yml", "Dockerfile", "docker-compose.yml", "Procfile",
	".devcontainer/devcontainer.json", "serverless.yml", ".nvmrc", "runtime.txt", ".tool-versions", "mise.toml", "rust-toolchain.toml", "global.json", "README.md", "CONTRIBUTING.rst", "HACKING.adoc", "LICENSE",
}

// bombs are contents that have brought parsers down.
func bombs() map[string]string {
	aliases := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		aliases += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	entities := `<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a0 "ha">`
	for i := 1; i < 20; i++ {
		entities += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	return map[string]string{
		"empty":              "",
		"zeros":              strings.Repeat("\x00", 1<<14),
		"invalid UTF-8":      "\xff\xfe\xfd" + strings.Repeat("\xc3\x28\n", 1000),
		"deep brackets":      strings.Repeat("[", 1<<16),
		"deep braces":        strings.Repeat(`{"a":`, 1<<14),
		"deep parentheses":   "test: (\n" + strings.Repeat("(", 1<<16),
		"deep shell":         "test:\n\t" + strings.Repeat("$(", 1<<15) + "\n",
		"deep run step":      "jobs:\n  a:\n    steps:\n    - run: |\n        " + strings.Repeat("$(", 1<<13) + "\n",
		"deep quotes":        strings.Repeat(">", 1<<16) + " a",
		"deep lists":         strings.Repeat("- ", 1<<15) + "a",
		"deep indentation":   deepIndentation(600),
		"deep XML":           strings.Repeat("<a>", 1<<14),
		"entity bomb":        entities + `]><project><artifactId>&a19;</artifactId></project>`,
		"alias bomb":         aliases + "jobs: *a11\ntasks: *a11\nservices: *a11\n",
		"alias cycle":        "jobs: &a\n  b: *a\n",
		"merge cycle":        "jobs: &a\n  <<: *a\n  steps: [*a]\n",
		"one long line":      "[project]\ndependencies = [\"" + strings.Repeat("a", 1<<16) + "\"]\n",
		"many keys":          manyKeys(),
		"many tables":        strings.Repeat("[a.b]\nc = 1\n", 1<<11),
		"many targets":       manyTargets(),
		"backslashes":        strings.Repeat("RUN a \\\n", 1<<12),
		"emphasis":           strings.Repeat("*a _b ", 1<<11),
		"links":              strings.Repeat("[a](", 1<<11),
		"reference links":    strings.Repeat("[a]: b\n", 1<<11) + strings.Repeat("[a]", 1<<12),
		"open code":          "```sh\n" + strings.Repeat("make test\n", 1<<12),
		"unclosed table":     strings.Repeat("|a", 1<<15) + "\n" + strings.Repeat("|-", 1<<15),
		"adornments":         strings.Repeat("=\n", 1<<12),
		"properties of each": `<project><properties><a>${b}${b}</a><b>${a}${a}</b></properties><dependencies><dependency><groupId>${a}</groupId><artifactId>x</artifactId></dependency></dependencies></project>`,
		"own parent":         `<project><parent><artifactId>x</artifactId><relativePath>./pom.xml</relativePath></parent><artifactId>x</artifactId></project>`,
		"extends itself":     `{"extends": ["./tsconfig.json", "./tsconfig"], "compilerOptions": {"paths": {"*": ["*"]}}}`,
		"includes itself":    "include Makefile\n-include ./Makefile\n-r requirements.txt\n-r ./requirements.txt\n",
		"absolute paths":     `{"main": "/etc/passwd", "bin": "../../../../etc/passwd", "exports": {".": {"import": "../../x"}}, "compilerOptions": {"baseUrl": "/", "paths": {"a": ["../../.."]}}}`,
	}
}

func deepIndentation(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", min(i, 400)) + "a:\n")
	}
	return b.String()
}

func manyKeys() string {
	var b strings.Builder
	for i := range 3_000 {
		fmt.Fprintf(&b, "k%d = 1\n", i)
	}
	return b.String()
}

func manyTargets() string {
	var b strings.Builder
	for i := range 2_500 {
		fmt.Fprintf(&b, "test%d: a b\n\tgo test\n", i)
	}
	return b.String()
}

// TestHostile reads every bomb as every kind of file: nothing panics, runs
// into the time limit of tests or gives out what a page could not show.
func TestHostile(t *testing.T) {
	t.Parallel()
	for name, content := range bombs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := make([]manifest.File, 0, len(everyKind))
			for _, p := range everyKind {
				files = append(files, manifest.File{Path: p, Content: []byte(content)})
			}
			r := manifest.Read(everyKind, files)
			documentation := document.Read(everyKind, files, nil)
			checkPresentable(t, r)
			if documentation.Summary != nil && len(*documentation.Summary) > 700 {
				t.Errorf("a summary of %d bytes", len(*documentation.Summary))
			}
		})
	}
}

// checkPresentable checks what holds for every result.
func checkPresentable(t *testing.T, r *manifest.Result) {
	t.Helper()
	for _, list := range [][]report.Command{r.Build.Setup, r.Build.Build, r.Build.Run, r.Build.Test, r.Build.Lint} {
		if list == nil || len(list) > 8 {
			t.Errorf("a list of %d commands (nil: %v)", len(list), list == nil)
		}
		for _, c := range list {
			if strings.ContainsAny(c.Command, "\n\r\x00") || len(c.Command) > 500 || c.Line < 1 || c.Confidence <= 0 || c.Confidence > 1 {
				t.Errorf("command %+v", c)
			}
		}
	}
	for _, e := range r.External {
		if e.Name == "" || e.Line < 1 || e.Ecosystem == "" || len(e.Version) > 200 || e.Imports == nil {
			t.Errorf("dependency %+v", e)
		}
	}
	for _, e := range r.EntryPoints {
		if e.Path == "" || e.Line < 1 || e.Kind == "" {
			t.Errorf("entry point %+v", e)
		}
	}
	for _, c := range r.Layout.TSConfigs {
		for _, targets := range c.Paths {
			for _, target := range targets {
				if strings.HasPrefix(target, "/") || strings.HasPrefix(target, "..") {
					t.Errorf("a path out of the tree: %s", target)
				}
			}
		}
	}
	for _, p := range r.Layout.NodePackages {
		for _, target := range append(p.Main, p.Exports["."]) {
			if strings.HasPrefix(target, "/") || strings.HasPrefix(target, "..") {
				t.Errorf("a path out of the package: %s", target)
			}
		}
	}
}

// FuzzRead reads any content as any kind of file.
func FuzzRead(f *testing.F) {
	for i := range everyKind {
		f.Add(uint8(i), []byte("[project]\nname = \"a\"\ndependencies = [\"b>=1\"]\n"))
		f.Add(uint8(i), []byte("{\"scripts\": {\"test\": \"jest\"}, \"jobs\": {\"a\": {\"steps\": [{\"run\": \"make test\"}]}}}"))
		f.Add(uint8(i), []byte("test: ## runs them\n\tgo test ./...\n"))
	}
	f.Fuzz(func(t *testing.T, kind uint8, content []byte) {
		if len(content) > 4<<10 {
			t.Skip()
		}
		files := []manifest.File{{Path: everyKind[int(kind)%len(everyKind)], Content: content}}
		checkPresentable(t, manifest.Read(everyKind, files))
		document.Read(everyKind, files, nil)
	})
}
