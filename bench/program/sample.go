package program

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// SampleRepository makes a repository with a file for each commit.
func SampleRepository(path string, commits int) error {
	var script strings.Builder
	script.WriteString("set -e\ngit init -q -b main .\n")
	for n := range commits {
		fmt.Fprintf(&script, "mkdir -p p%d\nprintf 'package p%d\\n\\nfunc F%d(n int) int {\\n\\tif n > %d {\\n\\t\\treturn n\\n\\t}\\n\\treturn -n\\n}\\n' > p%d/f%d.go\ngit add -A\ngit commit -q -m 'Commit %d'\n", n%7, n%7, n, n, n%7, n, n)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	cmd := exec.Command("sh", "-c", script.String())
	cmd.Dir = path
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Bench", "GIT_AUTHOR_EMAIL=bench@example.com",
		"GIT_COMMITTER_NAME=Bench", "GIT_COMMITTER_EMAIL=bench@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("making a repository: %w\n%s", err, out)
	}
	return nil
}
