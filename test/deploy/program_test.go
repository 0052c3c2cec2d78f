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

// TestUnits lets systemd read the units, and say how exposed the services are.
func TestUnits(t *testing.T) {
	const folder = "../../deploy/systemd/"
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		skip(t, err)
	}
	// What is to be started must exist for systemd: the program of this tree.
	here, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copies := t.TempDir()
	for _, name := range []string{"rampforge.service", "rampforge-backup.service", "rampforge-backup.timer"} {
		content, err := os.ReadFile(folder + name)
		if err != nil {
			t.Fatal(err)
		}
		content = regexp.MustCompile(`/usr/local/s?bin/[a-z-]+`).ReplaceAll(content, []byte(here))
		if err := os.WriteFile(copies+"/"+name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(string(content), -1) {
			for _, set := range strings.Fields(m[1]) {
				name, _, _ := strings.Cut(set, "=")
				known(t, "the unit", []string{name})
			}
		}
	}
	verify := exec.Command("systemd-analyze", "verify", "rampforge.service", "rampforge-backup.service", "rampforge-backup.timer")
	verify.Dir, verify.Env = copies, append(os.Environ(), "SYSTEMD_UNIT_PATH="+copies+":")
	if out, err := verify.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "" {
		t.Errorf("verify: %v\n%s", err, out)
	}
	for _, name := range []string{"rampforge.service", "rampforge-backup.service"} {
		if out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", copies+"/"+name).CombinedOutput(); err != nil {
			t.Errorf("%s is more exposed than 2.0: %v\n%s", name, err, out)
		}
	}
}
