package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const operations = "../../docs/operations.md"

// block is a fenced block of commands of docs/operations.md, with what the
// comments above it say.
type block struct {
	line    int
	text    string
	typed   string           // what is typed while it runs
	shows   []*regexp.Regexp // what it must print
	runsOn  bool             // it serves until it is ended
	skipped string           // why it is not run
}

var comment = regexp.MustCompile(`^<!-- (not run|typed|shows|runs on):? ?(.*) -->$`)

// blocks reads the document. Every fence has a language, so that none is passed
// over, and every block of commands is run, unless it says why not.
func blocks(t *testing.T) (all []block) {
	t.Helper()
	content, err := os.ReadFile(operations)
	if err != nil {
		t.Fatal(err)
	}
	var next block
	said := false // something of the next block
	lines := strings.Split(string(content), "\n")
	for i := 0; i < len(lines); i++ {
		language, fence := strings.CutPrefix(lines[i], "```")
		if !fence {
			m := comment.FindStringSubmatch(lines[i])
			switch {
			case m == nil && said:
				t.Errorf("line %d: what the comment above it says is of no block", i+1)
				next, said = block{}, false
			case m == nil:
			case m[1] == "not run":
				next.skipped = m[2]
			case m[1] == "typed":
				next.typed = m[2] + "\n"
			case m[1] == "shows":
				next.shows = append(next.shows, regexp.MustCompile(m[2]))
			case m[1] == "runs on":
				next.runsOn = true
			}
			said = m != nil
			continue
		}
		next.line = i + 1
		var text []string
		for i++; i < len(lines) && lines[i] != "```"; i++ {
			text = append(text, lines[i])
		}
		next.text = strings.Join(text, "\n") + "\n"
		switch language {
		case "sh":
			all = append(all, next)
		case "yaml", "text":
		default:
			t.Errorf("line %d: a fence has the language %q: commands are sh, the rest is yaml or text", next.line, language)
		}
		next, said = block{}, false
	}
	return all
}

// TestOperationsBlocks: a block that is not run says why, at some length.
func TestOperationsBlocks(t *testing.T) {
	all := blocks(t)
	ran := 0
	for _, b := range all {
		if b.skipped == "" {
			ran++
		} else if len(strings.Fields(b.skipped)) < 3 {
			t.Errorf("line %d is not run because of %q: say what is missing", b.line, b.skipped)
		}
	}
	if ran < 20 || ran < 3*(len(all)-ran) {
		t.Errorf("%d of %d blocks are run", ran, len(all))
	}
}

// prepare makes of the copy what Debian leaves after the packages were installed:
// fresh services with their own configuration. Caddy finds no certificate authority there,
// so its own takes the place of one: authority adds it to those that are trusted.
const (
	prepare = `
mkdir -p /root/rampforge
cd /root/rampforge
cp -r /run/tree/deploy .
install -D /run/tree/bin/rampforge bin/rampforge
version=$(ls /usr/lib/postgresql | sort -V | tail -n 1)
install -d -o prometheus -g prometheus /var/lib/prometheus/metrics2 /var/lib/prometheus/alertmanager
pg_createcluster "$version" main
systemctl start postgresql redis-server caddy prometheus
`
	authority = `
grep --quiet 'tls internal' /etc/caddy/Caddyfile || { sed -i '1a tls internal' /etc/caddy/Caddyfile; systemctl reload caddy; }
root=/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt
until [ -s $root ]; do sleep 0.1; done
grep --quiet --fixed-strings "$(sed -n 2p $root)" /etc/ssl/certs/ca-certificates.crt || cat $root >> /etc/ssl/certs/ca-certificates.crt
`
	// What holds after the whole walk.
	afterwards = `
echo; echo "user=$(ps -o user= -p $(systemctl show --property=MainPID --value rampforge))"
curl --silent --show-error --fail --header 'Content-Type: application/json' \
  --data '{"email":"admin@example.com","password":"correct horse battery"}' https://rampforge.example.com/api/v1/auth/login
echo
curl --silent --show-error --fail http://127.0.0.1:9090/api/v1/rules
`
)

// TestOperations runs the commands of docs/operations.md, as they are written and
// in their order, on a copy of this machine that systemd boots.
func TestOperations(t *testing.T) {
	if os.Geteuid() != 0 {
		skip(t, errors.New("only root boots a copy of the machine"))
	}
	for _, name := range []string{"unshare", "nsenter", "pg_createcluster", "redis-server", "caddy", "promtool", "amtool", "openssl", "curl", "git"} {
		if _, err := exec.LookPath(name); err != nil {
			skip(t, err)
		}
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	exchange := t.TempDir()
	enter := boot(t, exchange)

	all := blocks(t)
	var script strings.Builder
	script.WriteString("export HOME=/root GOFLAGS= GOTOOLCHAIN=local\n" + prepare)
	write := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(exchange, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "/run/walk/" + name
	}
	for i, b := range all {
		if b.skipped != "" {
			continue
		}
		file, typed := write(fmt.Sprintf("%d.sh", i), b.text), write(fmt.Sprintf("%d.in", i), b.typed)
		if regexp.MustCompile(`curl .*https://`).MatchString(b.text) {
			script.WriteString(authority)
		}
		fmt.Fprintf(&script, "echo; echo '@@ begins %d'\n", i)
		if b.runsOn {
			fmt.Fprintf(&script, "(. %s) < %s & serving=$!\nuntil rampforge healthcheck 2>/dev/null; do kill -0 $serving; sleep 0.2; done\npkill -TERM -P $serving; wait $serving\n", file, typed)
		} else {
			fmt.Fprintf(&script, ". %s < %s\n", file, typed)
		}
		fmt.Fprintf(&script, "echo; echo '@@ ended %d'\n", i)
	}
	script.WriteString("echo '@@ afterwards'\n" + authority + afterwards)
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:" + strings.TrimSpace(string(goroot)) + "/bin"
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := enter(ctx, "env", "-i", path, "bash", "-euo", "pipefail", write("walk.sh", script.String()))
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		journal, _ := enter(t.Context(), "journalctl", "--no-pager", "--lines=40").CombinedOutput()
		where := "before the first block"
		if begun := regexp.MustCompile(`(?m)^@@ begins (\d+)$`).FindAllSubmatch(out, -1); len(begun) > 0 {
			var i int
			fmt.Sscan(string(begun[len(begun)-1][1]), &i)
			where = fmt.Sprintf("%s:%d", operations, all[i].line)
		}
		t.Fatalf("%s: %v\n%s\nthe journal:\n%s", where, err, last(out, 6000), journal)
	}
	t.Logf("%s", out)
	for i, b := range all {
		_, said, _ := bytes.Cut(out, fmt.Appendf(nil, "@@ begins %d\n", i))
		said, _, ended := bytes.Cut(said, fmt.Appendf(nil, "@@ ended %d\n", i))
		if b.skipped == "" && !ended {
			t.Errorf("%s:%d did not end", operations, b.line)
		}
		for _, want := range b.shows {
			if b.skipped == "" && !want.Match(said) {
				t.Errorf("%s:%d does not show %s:\n%s", operations, b.line, want, said)
			}
		}
	}
	_, ended, _ := bytes.Cut(out, []byte("@@ afterwards\n"))
	for _, want := range []string{`(?m)^user=rampfor`, `"access_token":`, `"name":"RampForgeErrors"[^}]*`} {
		if !regexp.MustCompile(want).Match(ended) {
			t.Errorf("at the end there is no %s:\n%s", want, ended)
		}
	}
	if bytes.Contains(ended, []byte(`"health":"err"`)) {
		t.Errorf("Prometheus cannot judge a rule:\n%s", ended)
	}
}

// boot starts the copy and returns what runs a program in it.
func boot(t *testing.T, exchange string) func(context.Context, ...string) *exec.Cmd {
	t.Helper()
	script, err := filepath.Abs("testdata/boot.sh")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command("unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child", "sh", script, t.TempDir(), exchange, tree)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // and with it, by --kill-child, all of the copy
		_ = cmd.Wait()
	})
	enter := func(ctx context.Context, args ...string) *exec.Cmd {
		child, _ := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", cmd.Process.Pid))
		return exec.CommandContext(ctx, "nsenter", append([]string{"--target", strings.TrimSpace(string(child)), "--all", "--wd=/", "--"}, args...)...)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		state, err := enter(t.Context(), "systemctl", "is-active", "walk.target").CombinedOutput()
		if err == nil {
			return enter
		}
		if time.Now().After(deadline) {
			t.Fatalf("systemd does not come up: %s\n%s", state, out.String())
		}
	}
}

// skip leaves a test out on a developer's machine, and fails where nothing may be
// left out.
func skip(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func last(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
