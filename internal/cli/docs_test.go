package cli_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/cli"
)

var update = flag.Bool("update", false, "write the generated parts of the documents anew")

// TestGoldenConfigReference keeps the table of variables in docs/operations.md
// as `rampforge config` knows them.
func TestGoldenConfigReference(t *testing.T) {
	const file, begin, end = "../../docs/operations.md", "<!-- config:begin (written by make generate) -->\n", "<!-- config:end -->"
	for _, kv := range os.Environ() { // the defaults, whatever the tester's shell has set
		name, _, _ := strings.Cut(kv, "=")
		if name != "PATH" && name != "HOME" && strings.ToUpper(name) == name {
			t.Setenv(name, "")
		}
	}
	t.Chdir(t.TempDir()) // away from a .env
	var out, errs bytes.Buffer
	if code := cli.Main([]string{"config", "--format", "markdown"}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("config ended with %d: %s", code, errs.String())
	}
	t.Chdir(packageDir)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(content), begin)
	table, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s has lost the marks of its table", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+out.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(out.String(), table); diff != "" {
		t.Errorf("the table is out of date; run make generate (-want +got):\n%s", diff)
	}
}

var packageDir = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()
