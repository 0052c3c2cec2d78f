package deploy_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// TestDockerfile reads the file as BuildKit does, with its linter.
func TestDockerfile(t *testing.T) {
	content, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Error(w.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, description, url, message string, _ []parser.Range) { t.Errorf("%s: %s", rule, message) }})
	stages, _, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		t.Fatal(err)
	}
	last := stages[len(stages)-1]
	var user string
	var health, entry, command []string
	for _, c := range last.Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.HealthCheckCommand:
			health = c.Health.Test
		case *instructions.EntrypointCommand:
			entry = c.CmdLine
		case *instructions.CmdCommand:
			command = c.CmdLine
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				known(t, "the Dockerfile", []string{kv.Key})
			}
		case *instructions.AddCommand:
			t.Error("ADD unpacks and fetches: COPY is meant")
		}
	}
	if user != "10001:10001" || !slices.Equal(entry, []string{"/usr/local/bin/rampforge"}) || !slices.Equal(command, []string{"serve"}) ||
		!slices.Equal(health, []string{"CMD", "/usr/local/bin/rampforge", "healthcheck"}) {
		t.Errorf("the image runs %v %v as %s, and is asked by %v", entry, command, user, health)
	}
	for _, s := range stages {
		if name := s.BaseName; !strings.Contains(name, ":") && s.BaseName != "scratch" {
			t.Errorf("%s has no version", name)
		}
	}
}

// TestContext: all that the program is built of goes into the build, and neither
// history nor data nor keys.
func TestContext(t *testing.T) {
	file, err := os.Open("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	ignored := func(path string) bool {
		out, err := matcher.MatchesOrParentMatches(path)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, path := range []string{".git/config", ".env", "web/.env", "data/rampforge.db", "data/secret.key", "bin/rampforge", "web/node_modules/vite/package.json", "internal/cli/testdata/script/ask.txtar", "internal/api/api_test.go"} {
		if !ignored(path) {
			t.Errorf("%s would be sent to the build", path)
		}
	}
	seen := 0
	root := os.DirFS("../..")
	for _, pattern := range []string{"*.go", "cmd/*/*.go", "internal/*/*.go", "internal/database/migrations/*/*.sql", "web/*.json", "web/.npmrc", "web/src/*", "web/*.go"} {
		paths, err := filepath.Glob("../../" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			p = strings.TrimPrefix(p, "../../")
			if strings.HasSuffix(p, "_test.go") {
				continue
			}
			seen++
			if ignored(p) {
				t.Errorf("%s is built of and would be missing", p)
			}
		}
	}
	if seen < 100 {
		t.Error(fmt.Sprint("only ", seen, " files were looked at in ", root))
	}
}
