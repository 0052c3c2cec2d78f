//go:build reference

package golang

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// TestAgainstReference compares every function of the trees in REFERENCE_TREES
// (a list of folders as in PATH) with what gocyclo and gocognit say of it:
//
//	REFERENCE_TREES=$(go env GOROOT)/src go test -tags reference -run Reference -v ./internal/analysis/language/golang
//
// The tools are built by module and version into a temporary folder, so that
// they are no dependencies of the product. Files with syntax errors, which end
// both tools, are left out, and so are those with //line directives, which move
// the tools' line numbers.
func TestAgainstReference(t *testing.T) {
	trees := filepath.SplitList(os.Getenv("REFERENCE_TREES"))
	if len(trees) == 0 {
		t.Skip("set REFERENCE_TREES to the folders to compare")
	}
	bin := t.TempDir()
	install(t, bin, "github.com/fzipp/gocyclo/cmd/gocyclo@v0.6.0")
	install(t, bin, "github.com/uudashr/gocognit/cmd/gocognit@v1.2.0")
	for _, tree := range trees {
		t.Run(filepath.Base(tree), func(t *testing.T) { compare(t, bin, tree) })
	}
}

func install(t *testing.T, bin, module string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "install", module)
	cmd.Dir = bin // outside the module, whose go.mod stays as it is
	cmd.Env = append(os.Environ(), "GOBIN="+bin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go install %s: %v\n%s", module, err, out)
	}
}

func compare(t *testing.T, bin, tree string) {
	ours := make(map[string]language.Complexity)
	var files []string
	var size, skipped int
	var spent time.Duration
	err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a link to nowhere
		}
		if err != nil {
			return err
		}
		start := time.Now()
		facts, err := Parser{}.Parse(t.Context(), path, src)
		spent += time.Since(start)
		size += len(src)
		if err != nil || facts.Broken || bytes.Contains(src, []byte("//line ")) || bytes.Contains(src, []byte("/*line ")) {
			skipped++
			return nil
		}
		files = append(files, path)
		for _, f := range facts.Functions {
			ours[key(path, f.Line, f.Name)] = f.Complexity
		}
		for _, k := range withoutBody(path, src) {
			ours[k] = language.Complexity{Cyclomatic: 1}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cyclomatic := score(t, "gocyclo", run(t, bin+"/gocyclo", "-over=0", files), ours, func(c language.Complexity) int { return c.Cyclomatic })
	cognitive := score(t, "gocognit", run(t, bin+"/gocognit", "-over=-1", files), ours, func(c language.Complexity) int { return c.Cognitive })
	t.Logf("%d files (%d left out), %d functions; gocyclo agrees on %s, gocognit on %s; %.1f MB/s",
		len(files), skipped, len(ours), cyclomatic, cognitive, float64(size)/1e6/spent.Seconds())
}

// key leaves the receiver out: the tools give up on one in parentheses.
func key(path string, line int, name string) string {
	return fmt.Sprintf("%s:%d %s", path, line, name[strings.LastIndexByte(name, '.')+1:])
}

var output = regexp.MustCompile(`^(\d+) \S+ (.+) (\S+):(\d+):(\d+)$`)

// run returns what a tool says of each function.
func run(t *testing.T, tool, flag string, files []string) map[string]int {
	t.Helper()
	result := make(map[string]int)
	for batch := range slices.Chunk(files, 500) {
		out, err := exec.CommandContext(t.Context(), tool, append([]string{flag}, batch...)...).Output()
		if err != nil {
			t.Fatalf("%s: %v", tool, err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
			m := output.FindStringSubmatch(lines.Text())
			if m == nil {
				t.Fatalf("%s printed %q", tool, lines.Text())
			}
			value, _ := strconv.Atoi(m[1])
			line, _ := strconv.Atoi(m[4])
			result[key(m[3], line, m[2])] = value
		}
	}
	return result
}

// withoutBody lists what the tools count as functions and this package does not.
func withoutBody(path string, src []byte) []string {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var keys []string
	for _, decl := range tree.Decls {
		if d, ok := decl.(*ast.FuncDecl); ok && d.Body == nil {
			keys = append(keys, key(path, fset.Position(d.Pos()).Line, d.Name.Name))
		}
	}
	return keys
}

// score counts agreement over the functions that the tool lists.
func score(t *testing.T, tool string, theirs map[string]int, ours map[string]language.Complexity, measure func(language.Complexity) int) string {
	t.Helper()
	same, compared := 0, 0
	for k, want := range theirs {
		got, ok := ours[k]
		compared++
		if !ok {
			t.Errorf("%s lists %s", tool, k)
			continue
		}
		if measure(got) == want {
			same++
		} else if compared-same <= 20 {
			t.Errorf("%s says %d, got %d: %s", tool, want, measure(got), k)
		}
	}
	return fmt.Sprintf("%d of %d", same, compared)
}
