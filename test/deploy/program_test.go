package deploy_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// program is the built program; the Makefile builds it first.
const program = "../../bin/rampforge"

var variables = sync.OnceValues(func() ([]string, error) {
	cmd := exec.Command(program, "config", "--format", "markdown")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	out, err := cmd.Output()
	var names []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)`").FindAllSubmatch(out, -1) {
		names = append(names, string(m[1]))
	}
	return names, err
})

// known fails where a delivered file sets a variable that the program does not
// read: it would be set in vain.
func known(t *testing.T, where string, names []string) {
	t.Helper()
	list, err := variables()
	if err != nil || len(list) < 40 {
		t.Fatalf("the program lists %d variables: %v; run make build first", len(list), err)
	}
	for _, name := range names {
		if !slices.Contains(list, strings.TrimSuffix(name, "_FILE")) && name != "HOME" {
			t.Errorf("%s sets %s, which the program does not read", where, name)
		}
	}
}

// TestRoles: what containers run is what the program takes.
func TestRoles(t *testing.T) {
	out, err := exec.Command(program, "serve", "--help").Output()
	if err != nil || !strings.Contains(string(out), "--role") {
		t.Errorf("serve --help: %v\n%s", err, out)
	}
	if out, err := exec.Command(program, "healthcheck", "--help").Output(); err != nil {
		t.Errorf("healthcheck --help: %v\n%s", err, out)
	}
}

// TestUnit lets systemd read the unit, and say how exposed the service is.
func TestUnit(t *testing.T) {
	const unit = "../../deploy/systemd/rampforge.service"
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	content, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	// What is to be started must exist for systemd: the program of this tree.
	file := t.TempDir() + "/rampforge.service"
	here, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(content), "/usr/local/bin/rampforge", here)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", file).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "" {
		t.Errorf("verify: %v\n%s", err, out)
	}
	if out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", file).CombinedOutput(); err != nil {
		t.Errorf("the service is more exposed than 2.0: %v\n%s", err, out)
	}
	for _, m := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(string(content), -1) {
		for _, set := range strings.Fields(m[1]) {
			name, _, _ := strings.Cut(set, "=")
			known(t, "the unit", []string{name})
		}
	}
}
