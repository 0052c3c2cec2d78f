package readme

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestKind(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{
		"README.md": true, "readme.rst": true, "README": true, "CONTRIBUTING.md": true, "docs/CONTRIBUTING.md": true, ".github/contributing.md": true, "HACKING.adoc": true,
		"docs/README.md": false, "docs/testing.md": false, "README.de.md": false, "README.png": false, "lib/README.md": false, "readme.go": false,
	} {
		if got := Kind(file) != ""; got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

// TestMissing checks what a command refers to against the tree.
func TestMissing(t *testing.T) {
	t.Parallel()
	f := evidence.NewFindings()
	for _, target := range []string{"make test", "just lint", "script build"} {
		f.Targets[target] = true
	}
	tree := evidence.NewTree([]string{"run.sh", "web/app.py", "requirements.txt", "web/out/x"}, nil)
	r := reader{tree: tree, findings: f}
	for _, tc := range []struct {
		command, dir, want string
	}{
		{"make test", ".", ""}, {"make gone", ".", "no target gone is declared"}, {"make test gone", ".", "no target gone is declared"}, {"make -C x gone", ".", ""}, {"make X=1", ".", ""}, {"make $X", ".", ""},
		{"make out", "web", ""}, {"just lint", ".", ""}, {"just gone", ".", "no target gone is declared"}, {"make", ".", ""},
		{"npm run build", ".", ""}, {"npm run gone", ".", "no package.json has a script gone"}, {"npm test", ".", "no package.json has a script test"}, {"npm ci", ".", ""}, {"yarn", ".", ""}, {"pnpm run -r build", ".", ""}, {"bun run gone", ".", ""},
		{"./run.sh", ".", ""}, {"./run.sh", "web", "web/run.sh is not in the tree"}, {"bash run.sh", ".", ""}, {"bash -c 'x'", ".", ""}, {"scripts/gone", ".", "scripts/gone is not in the tree"}, {"./build/made", ".", ""},
		{"python app.py", "web", ""}, {"python app.py", ".", "app.py is not in the tree"}, {"X=1 python gone.py", ".", "gone.py is not in the tree"}, {"python -m x", ".", ""}, {"python", ".", ""},
		{"go run main.go", ".", "main.go is not in the tree"}, {"go run ./cmd/x", ".", ""}, {"go test ./...", ".", ""},
		{"pip install -r requirements.txt", ".", ""}, {"pip install -r gone.txt", ".", "gone.txt is not in the tree"}, {"./*.sh", ".", ""}, {"./../x.sh", ".", ""}, {"/usr/bin/x", ".", ""}, {"", ".", ""},
	} {
		if got := r.missing(tc.command, tc.dir); got != tc.want {
			t.Errorf("%q in %s: %q, want %q", tc.command, tc.dir, got, tc.want)
		}
	}
}

// TestConfigure trusts targets of a Makefile that a configure step writes.
func TestConfigure(t *testing.T) {
	t.Parallel()
	r := reader{tree: evidence.NewTree([]string{"configure"}, nil), findings: evidence.NewFindings()}
	if got := r.missing("make check", "."); got != "" {
		t.Errorf("%q", got)
	}
}

// TestStartsServices tells what the software needs from the software.
func TestStartsServices(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		compose shell.Purpose
		command string
		want    bool
	}{
		{shell.Setup, "docker compose up mysql", true}, {shell.Setup, "docker compose up -d mysql cache", true}, {shell.Setup, "docker-compose up db", true},
		{shell.Setup, "docker compose up", false}, {shell.Setup, "docker compose run web", false}, {shell.Run, "docker compose up mysql", false},
	} {
		f := evidence.NewFindings()
		f.AddCommand(evidence.Command{Purpose: tc.compose, Dir: ".", Command: report.Command{Command: "docker compose up", Source: "compose.yaml", Line: 1}})
		if got := (reader{findings: f}).startsServices(tc.command); got != tc.want {
			t.Errorf("%q beside a file for %v: %v", tc.command, tc.compose, got)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, readme string
		want         []string
	}{
		{"prompts and output", "```\n$ go test ./...\nok\n(venv) $ make test\n% make lint\n> make build\n```\n", []string{"go test ./... :2", "make test:4", "make lint:5"}},
		{"no prompts", "```bash\n# first\ngo test ./... # all\n\nmake lint\n```\n", []string{"go test ./... :3", "make lint:5"}},
		{"other languages", "```python\nmake = 1\n```\n```yaml\nmake: test\n```\n```make\ntest:\n```\n", nil},
		{"into a folder of the tree", "```\ncd web\nmake test\ncd ..\nmake lint\n```\n", []string{"cd web && make test:3", "make lint:5"}},
		{"into the clone", "```\ngit clone x\ncd shop\nmake test\n```\n", []string{"make test:4"}},
		{"what is no command", "```\n{\"make\": 1}\nsome output here\n```\n", nil},
	} {
		files := []evidence.File{{Path: "README.md", Content: []byte(tc.readme)}}
		f := evidence.NewFindings()
		Read(evidence.NewTree([]string{"web/x"}, files), f)
		var got []string
		for _, c := range f.Commands {
			got = append(got, strings.Replace(fmt.Sprintf("%s:%d", c.Command.Command, c.Line), "...:", "... :", 1))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestJudge weakens what is for users, what is an example and what is gone.
func TestJudge(t *testing.T) {
	t.Parallel()
	r := reader{file: "README.md", tree: evidence.NewTree(nil, nil), findings: evidence.NewFindings(), sure: 0.7}
	for _, tc := range []struct {
		command, section string
		sure             float64
		why              string
		flagged          bool
	}{
		{"go test ./...", "Testing", 0.7, `README.md shows it under "Testing"`, false},
		{"go test ./...", "", 0.7, "README.md shows it", false},
		{"pip install shop", "Install", 0.4, `README.md shows it under "Install", for people who use it`, false},
		{"make gone", "Testing", 0.28, `README.md shows it under "Testing", but no target gone is declared`, true},
		{"node x", "Quick start", 0.45, `README.md shows it under "Quick start"`, false},
		{"go test ./...", strings.Repeat("é", 70), 0.7, `README.md shows it under "` + strings.Repeat("é", 60) + `…"`, false},
	} {
		sure, why, flagged := r.judge(tc.command, ".", tc.section)
		if sure < tc.sure-0.001 || sure > tc.sure+0.001 || why != tc.why || flagged != tc.flagged {
			t.Errorf("%s: %v %q %v", tc.command, sure, why, flagged)
		}
	}
}
