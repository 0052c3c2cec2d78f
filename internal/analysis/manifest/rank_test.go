package manifest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"npm test", "npm run test", "npm  test"}, {"yarn build", "yarn run build"}, {"pnpm lint", "pnpm run lint"}, {"npm install", "npm i"}, {"yarn", "yarn install"},
		{"python -m build", "python3 -m build"}, {"pip install -e .", "python -m pip install -e .", "python3 -m pip install -e ."}, {"scripts/test.sh", "./scripts/test.sh", "bash scripts/test.sh"},
	} {
		for _, other := range same[1:] {
			if canonical(other) != canonical(same[0]) {
				t.Errorf("%q and %q differ: %q, %q", same[0], other, canonical(same[0]), canonical(other))
			}
		}
	}
	for _, different := range [][2]string{{"npm test", "npm run test:e2e"}, {"npm install", "npm init"}, {"make test", "make tests"}} {
		if canonical(different[0]) == canonical(different[1]) {
			t.Errorf("%v meet", different)
		}
	}
}

func command(text, source string, sure float64, ci bool) evidence.Command {
	return evidence.Command{Purpose: shell.Test, Dir: ".", CI: ci, Command: report.Command{Command: text, Source: source, Line: 1, Why: "why", Confidence: sure}}
}

func ranked(commands ...evidence.Command) []string {
	var out []string
	for _, c := range rankPurpose(commands, shell.Test) {
		out = append(out, fmt.Sprintf("%.2f %s %s %s", c.Confidence, c.Command, c.Source, c.Why))
	}
	return out
}

func TestRank(t *testing.T) {
	t.Parallel()
	deep, aside, flagged := command("cd a/b && make test", "a/b/Makefile", 0.9, false), command("cd docs && make test", "docs/Makefile", 0.9, false), command("make gone", "README.md", 0.1, false)
	deep.Dir, aside.Dir, flagged.Flagged = "a/b", "docs", true
	for _, tc := range []struct {
		name     string
		commands []evidence.Command
		want     []string
	}{
		{"best first", []evidence.Command{command("a", "x", 0.5, false), command("b", "x", 0.9, false)}, []string{"0.90 b x why", "0.50 a x why"}},
		{"nearest to the root first", []evidence.Command{command("a", "z/y", 0.5, false), command("b", "y", 0.5, false)}, []string{"0.50 b y why", "0.50 a z/y why"}},
		{"CI confirms", []evidence.Command{command("npm test", "ci.yml", 0.85, true), command("npm run test", "package.json", 0.9, false)}, []string{"0.96 npm run test package.json why; CI runs it (ci.yml)"}},
		{"CI alone", []evidence.Command{command("a", "ci.yml", 0.85, true), command("a", "more.yml", 0.5, true)}, []string{"0.85 a ci.yml why"}},
		{"two say it", []evidence.Command{command("a", "README.md", 0.7, false), command("a", "Makefile", 0.9, false)}, []string{"0.90 a Makefile why"}},
		{"never quite sure", []evidence.Command{command("a", "x", 0.99, false)}, []string{"0.97 a x why"}},
		{"deep and beside", []evidence.Command{deep, aside}, []string{"0.70 cd a/b && make test a/b/Makefile why", "0.40 cd docs && make test docs/Makefile why"}},
		{"too unsure", []evidence.Command{command("a", "x", 0.2, false)}, nil},
		{"unsure and worth it", []evidence.Command{flagged}, []string{"0.10 make gone README.md why"}},
		{"alike", []evidence.Command{command("go test ./...", "a", 0.9, false), command("go test -race ./...", "b", 0.8, false), command("go test -v ./...", "c", 0.7, false), command("go test -short", "d", 0.6, false)}, []string{"0.90 go test ./... a why", "0.80 go test -race ./... b why", "0.70 go test -v ./... c why"}},
	} {
		if diff := cmp.Diff(tc.want, ranked(tc.commands...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestRankOfSetup puts what the project says before what CI alone installs, and
// what fills a database behind the tools for it.
func TestRankOfSetup(t *testing.T) {
	t.Parallel()
	commands := []evidence.Command{
		command("npm run prisma:migrate", "package.json", 0.9, false), command("./ci-tools.sh", "ci.yml", 0.85, true),
		command("npm ci", "package-lock.json", 0.7, false), command("pip install tox", "ci.yml", 0.4, true),
	}
	for i := range commands {
		commands[i].Purpose = shell.Setup
	}
	var got []string
	for _, c := range rankPurpose(commands, shell.Setup) {
		got = append(got, c.Command)
	}
	want := []string{"npm ci", "./ci-tools.sh", "pip install tox", "npm run prisma:migrate"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("setup (-want +got):\n%s", diff)
	}
}

// TestRankKeepsTheDatabase does not lose the last step of the set-up behind many
// that are less sure.
func TestRankKeepsTheDatabase(t *testing.T) {
	t.Parallel()
	commands := []evidence.Command{command("./manage.py migrate", "README.md", 0.7, false)}
	for i := range 10 {
		commands = append(commands, command(fmt.Sprintf("pip install p%d", i), "README.md", 0.4, false))
	}
	for i := range commands {
		commands[i].Purpose = shell.Setup
	}
	got := rankPurpose(commands, shell.Setup)
	if len(got) != maxPerPurpose || got[maxPerPurpose-1].Command != "./manage.py migrate" {
		t.Errorf("%+v", got)
	}
}

// TestRankLeavesOutBuildsOfTests keeps what is built among the tests from being
// a build of the software.
func TestRankLeavesOutBuildsOfTests(t *testing.T) {
	t.Parallel()
	var commands []evidence.Command
	for _, dir := range []string{".", "regress", "tools"} {
		c := command("make all in "+dir, dir+"/Makefile", 0.9, false)
		c.Purpose, c.Dir = shell.Build, dir
		commands = append(commands, c)
	}
	var got []string
	for _, c := range rankPurpose(commands, shell.Build) {
		got = append(got, c.Command)
	}
	if diff := cmp.Diff([]string{"make all in .", "make all in tools"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRankIsShort gives a newcomer a list that can be read.
func TestRankIsShort(t *testing.T) {
	t.Parallel()
	var many []evidence.Command
	for i := range 30 {
		many = append(many, command(fmt.Sprintf("make test%d", i), "Makefile", 0.9, false))
	}
	if got := ranked(many...); len(got) != maxPerPurpose {
		t.Errorf("%d commands", len(got))
	}
}

// TestRequirements says every version once, and what CI installs only where
// nothing else says it.
func TestRequirements(t *testing.T) {
	t.Parallel()
	f := evidence.NewFindings()
	f.CI = []string{".github/workflows/ci.yml"}
	f.AddRequirement("go", "1.26", "deep/go.mod", 3)
	f.AddRequirement("go", "1.26", "go.mod", 3)
	f.AddRequirement("go", "1.25", ".github/workflows/ci.yml", 9)
	f.AddRequirement("nodejs", "22", ".github/workflows/ci.yml", 10)
	f.AddRequirement("go", "1.20", "examples/go.mod", 3)
	f.AddRequirement("go", "1.19", "vendor/go.mod", 3)
	want := []report.Requirement{
		{Tool: "go", Version: "1.26", Source: "go.mod", Line: 3}, {Tool: "node", Version: "22", Source: ".github/workflows/ci.yml", Line: 10},
	}
	if diff := cmp.Diff(want, requirements(f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
