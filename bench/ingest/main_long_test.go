//go:build long

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestLongSmall runs the measurement with little data on both databases, so
// that it still works on the day when somebody wants figures.
func TestLongSmall(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, path := range map[string]string{"rampforge": "github.com/rampforgeai/rampforge/cmd/rampforge", "ingest": "github.com/rampforgeai/rampforge/bench/ingest"} {
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, name), path).CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	var faults bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "ingest"), "-rampforge", filepath.Join(dir, "rampforge"),
		"-items", "500", "-pulls", "30", "-changes", "20", "-postgres", storetest.PostgresURL(t))
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, faults.String())
	}
	records := map[string]int{}
	for lines := json.NewDecoder(bytes.NewReader(out)); ; {
		var r result
		err := lines.Decode(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		records[r.Database+" "+r.What+" "+r.Source] = r.Records
	}
	for _, database := range []string{"sqlite", "postgres"} {
		for what, want := range map[string]int{"loop jira": 500, "loop github": 30, "full jira": 500, "full github": 30, "incremental github": 0} {
			if got := records[database+" "+what]; got != want {
				t.Errorf("%s %s: %d records, want %d", database, what, got, want)
			}
		}
		if got := records[database+" incremental jira"]; got < 20 || got > 100 {
			t.Errorf("%s: %d records after 20 changes", database, got)
		}
	}
}
