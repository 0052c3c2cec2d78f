package task

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// made are the targets of a Makefile as "name@line help".
func made(files map[string]string) (targets []string, phony map[string]bool) {
	var kept []evidence.File
	for name, content := range files {
		kept = append(kept, evidence.File{Path: name, Content: []byte(content)})
	}
	r := makeReader{tree: evidence.NewTree(nil, kept), dir: ".", seen: map[string]bool{}, phony: map[string]bool{}, names: map[string]bool{}}
	r.read("Makefile")
	for _, t := range r.targets {
		targets = append(targets, strings.TrimSpace(fmt.Sprintf("%s@%s:%d %s|%s", t.name, t.source, t.line, t.help, t.does)))
	}
	return targets, r.phony
}

func TestMakefile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, makefile string
		want           []string
	}{
		{"rules and recipes", "a: b\n\t@go test\n\techo\nb c:: d\n", []string{"a@Makefile:1 |go test", "b@Makefile:4 |", "c@Makefile:4 |"}},
		{"help behind the rule", "a: b ## does a\n", []string{"a@Makefile:1 does a|"}},
		{"help above the rule", "# First line.\n# Second line.\na:\n", []string{"a@Makefile:3 First line.|"}},
		{"help that names its target", "## a: does a\na:\n", []string{"a@Makefile:2 does a|"}},
		{"a comment that stands apart", "# About the file.\n\na:\n", []string{"a@Makefile:3 |"}},
		{"a ruler", "# =====\n# does a\n# -----\na:\n", []string{"a@Makefile:4 does a|"}},
		{"assignments", "A = x: y\nB := z\nC ::= z\nD ?= z\nE += a: b\na: F = 1\nb: export G := 1\n$(H): x\nx:=1\n", nil},
		{"patterns and special targets", "%.o: %.c\n.SUFFIXES:\n.DEFAULT_GOAL: x\n_private:\na*: b\n", nil},
		{"a definition", "define X\na: b\nendef\nc:\n", []string{"c@Makefile:4 |"}},
		{"conditions", "ifeq ($(A),1)\na: b\nelse\na: c\nendif\n", []string{"a@Makefile:2 |"}},
		{"files", "out/app: x\nout.txt: y\n", []string{"out/app@Makefile:1 |", "out.txt@Makefile:2 |"}},
		{"several lines of prerequisites", "a: b \\\n\tc\nd:\n", []string{"a@Makefile:1 |c", "d@Makefile:3 |"}},
		{"carriage returns", "a: b\r\n\tgo build\r\n", []string{"a@Makefile:1 |go build"}},
		{"nothing", "", nil},
	} {
		got, _ := made(map[string]string{"Makefile": tc.makefile})
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	got, phony := made(map[string]string{
		"Makefile":  "include mk/a.mk mk/gone.mk\n-include mk/b.mk\ninclude $(X)/c.mk\ninclude ../outside.mk\nmain:\n.PHONY: main a # comment\n",
		"mk/a.mk":   "include Makefile\na:\nmain:\n",
		"mk/b.mk":   ".PHONY: b\nb:\n",
		"mk/c.mk":   "never:\n",
		"other.mk":  "never2:\n",
		"x/nope.mk": "",
	})
	want := []string{"a@mk/a.mk:2 |", "main@mk/a.mk:3 |", "b@mk/b.mk:2 |"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"main": true, "a": true, "b": true}, phony); diff != "" {
		t.Errorf("phony (-want +got):\n%s", diff)
	}
}

// commands are what a tree declares.
func commands(files map[string]string, paths ...string) []string {
	var kept []evidence.File
	for name, content := range files {
		kept = append(kept, evidence.File{Path: name, Content: []byte(content)})
	}
	f := evidence.NewFindings()
	Read(evidence.NewTree(paths, kept), f)
	var out []string
	for _, c := range f.Commands {
		out = append(out, fmt.Sprintf("%s (%d)", c.Command.Command, c.Line))
	}
	return out
}

func TestJustfile(t *testing.T) {
	t.Parallel()
	got := commands(map[string]string{"justfile": `set dotenv-load
test_dir := "x"
alias t := test

# runs the tests
test *args:
    go test {{args}}
build target:
    make {{target}}
serve port="1" host="a":
    x
@lint: build
    ruff check
[private]
setup:
    x
check: (build "x")
`})
	want := []string{"just test (6)", "just serve (10)", "just lint (12)", "just check (17)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTaskfile(t *testing.T) {
	t.Parallel()
	got := commands(map[string]string{"Taskfile.yml": "tasks:\n  test: go test ./...\n  gen:\n    cmds:\n      - cmd: x\n      - go build ./...\n  hidden:\n    internal: true\n    cmds: [go test]\n  \"lint *\":\n    cmds: [x]\n"})
	want := []string{"task test (2)", "task gen (3)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	got := commands(nil, "script/test", "scripts/setup.sh", "scripts/build.py", "bin/server", "scripts/lint.mjs", "scripts/sub/test.sh", "src/test.sh", "test.sh", "test", "configure", "scripts/test.md",
		"scripts/release.sh", "scripts/a test.sh", "setup.py", "scripts/words.sh", "dev/lint.rb", "build")
	want := []string{"./bin/server (1)", "./configure (1)", "ruby dev/lint.rb (1)", "./script/test (1)", "python scripts/build.py (1)", "node scripts/lint.mjs (1)", "./scripts/setup.sh (1)", "./test.sh (1)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestScriptsLeaveOutInstallers tells the set-up of a clone from what brings a
// release to users.
func TestScriptsLeaveOutInstallers(t *testing.T) {
	t.Parallel()
	got := commands(map[string]string{
		"scripts/install.sh": "curl -L https://example.org/shop/releases/download/$V/shop\n", "install.sh": "curl https://api.example.org/repos/shop/releases/latest\n",
		"scripts/install-deps.sh": "npm ci\n",
	})
	if diff := cmp.Diff([]string{"./scripts/install-deps.sh (1)"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a  b\tc": "a b c", "\xffx": "x", strings.Repeat("word ", 30): strings.TrimSpace(strings.Repeat("word ", 18)) + " …", strings.Repeat("é", 60): strings.Repeat("é", 45) + " …",
	} {
		if got := clip(text); got != want {
			t.Errorf("clip(%q) = %q, want %q", text, got, want)
		}
	}
}
