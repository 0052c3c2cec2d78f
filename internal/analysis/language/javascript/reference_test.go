//go:build reference

package javascript

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// TestAgainstReference compares every function of the trees in REFERENCE_TREES
// (a list of folders as in PATH) with what ESLint and eslint-plugin-sonarjs say
// of it:
//
//	REFERENCE_TREES=~/src/a:~/src/b go test -tags reference -run Reference -v ./internal/analysis/language/javascript
//
// The packages come from npm into a temporary folder, or from the folder
// REFERENCE_MODULES, so that they are no dependencies of the product. Files
// that either side cannot parse are left out and counted.
func TestAgainstReference(t *testing.T) {
	trees := filepath.SplitList(os.Getenv("REFERENCE_TREES"))
	if len(trees) == 0 {
		t.Skip("set REFERENCE_TREES to the folders to compare")
	}
	modules := os.Getenv("REFERENCE_MODULES")
	if modules == "" {
		modules = t.TempDir()
		cmd := exec.CommandContext(t.Context(), "npm", "install", "--prefix", modules, "--no-audit", "--no-fund",
			"eslint@9.39.5", "eslint-plugin-sonarjs@4.2.2", "@typescript-eslint/parser@8", "typescript@5")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm install: %v\n%s", err, out)
		}
	}
	for _, tree := range trees {
		t.Run(filepath.Base(tree), func(t *testing.T) { compare(t, modules, tree) })
	}
}

type theirs struct {
	File      string
	Error     string
	Functions []struct {
		Line, End             int
		Type                  string
		Cyclomatic, Cognitive int
	}
}

func compare(t *testing.T, modules, tree string) {
	files := sources(t, tree)
	parser := New()
	result := reference(t, modules, files)
	var tally tally
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		facts, err := parser.Parse(t.Context(), file, src)
		tally.spent += time.Since(start)
		tally.bytes += len(src)
		tally.files++
		switch their := result[file]; {
		case err != nil:
			t.Errorf("%s: %v", file, err)
		case their.Error != "":
			tally.refused++
			if !facts.Broken {
				t.Logf("only ESLint fails: %s: %s", file, their.Error)
			}
		case facts.Broken:
			tally.broken++
			t.Logf("only tree-sitter fails: %s", file)
		default:
			tally.file(t, file, facts, their)
		}
	}
	t.Logf("%d files, %d that ESLint's parser refuses, %d that only tree-sitter fails on (%.2f %%); %d functions, %d cyclomatic the same (%.3f %%), %d cognitive (%.3f %%); %.2f MB/s",
		tally.files, tally.refused, tally.broken, percent(tally.broken, tally.files), tally.functions,
		tally.cyclomatic, percent(tally.cyclomatic, tally.functions), tally.cognitive, percent(tally.cognitive, tally.functions),
		float64(tally.bytes)/1e6/tally.spent.Seconds())
}

type tally struct {
	files, refused, broken, bytes    int
	functions, cyclomatic, cognitive int
	spent                            time.Duration
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }

// file compares the functions of one file, found by their first and last line;
// those that share both are compared in order of their measures.
func (y *tally) file(t *testing.T, file string, facts *language.Facts, their theirs) {
	type measures struct {
		cyclomatic, cognitive int
		name                  string
	}
	type lines struct{ line, end int }
	ours, want := map[lines][]measures{}, map[lines][]measures{}
	for _, f := range facts.Functions {
		at := lines{f.Line, f.EndLine}
		ours[at] = append(ours[at], measures{f.Cyclomatic, f.Cognitive, f.Name})
	}
	for _, f := range their.Functions {
		if !strings.Contains(f.Type, "Function") && f.Type != "StaticBlock" {
			if f.Cyclomatic == 1 {
				continue // an initialiser that does not branch
			}
			f.Cognitive = -1 // the rule does not know initialisers
		}
		if f.Type == "StaticBlock" {
			f.Cognitive = -1
		}
		at := lines{f.Line, f.End}
		want[at] = append(want[at], measures{f.Cyclomatic, f.Cognitive, f.Type})
	}
	order := func(a, b measures) int {
		if a.cyclomatic != b.cyclomatic {
			return a.cyclomatic - b.cyclomatic
		}
		return a.cognitive - b.cognitive
	}
	for at, list := range want {
		mine := ours[at]
		delete(ours, at)
		slices.SortFunc(list, order)
		slices.SortFunc(mine, order)
		for i, w := range list {
			y.functions++
			if i >= len(mine) {
				t.Errorf("%s:%d-%d: not found, %s %d %d", file, at.line, at.end, w.name, w.cyclomatic, w.cognitive)
				continue
			}
			if mine[i].cyclomatic == w.cyclomatic {
				y.cyclomatic++
			} else {
				t.Errorf("%s:%d %s: cyclomatic %d, ESLint says %d", file, at.line, mine[i].name, mine[i].cyclomatic, w.cyclomatic)
			}
			if mine[i].cognitive == w.cognitive || w.cognitive < 0 {
				y.cognitive++
			} else {
				t.Errorf("%s:%d %s: cognitive %d, sonarjs says %d", file, at.line, mine[i].name, mine[i].cognitive, w.cognitive)
			}
		}
		for _, m := range mine[min(len(list), len(mine)):] {
			t.Errorf("%s:%d: %s is not a function to ESLint", file, at.line, m.name)
		}
	}
	for at, rest := range ours {
		t.Errorf("%s:%d-%d: %v is not a function to ESLint", file, at.line, at.end, rest)
	}
}

func reference(t *testing.T, modules string, files []string) map[string]theirs {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "--stack-size=4000", "testdata/reference.mjs", modules)
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	result := make(map[string]theirs)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var one theirs
		if err := dec.Decode(&one); errors.Is(err, io.EOF) {
			return result
		} else if err != nil {
			t.Fatal(fmt.Errorf("reading node's output: %w", err))
		}
		result[one.File] = one
	}
}

func sources(t *testing.T, tree string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		switch filepath.Ext(path) {
		case ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts":
			if info, err := d.Info(); err == nil && info.Size() < 1<<20 && !strings.HasSuffix(path, ".min.js") {
				files = append(files, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
