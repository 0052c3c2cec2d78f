package git

import (
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/rampforgeai/rampforge"
)

// TestClassify holds words of git that tests with real servers cannot provoke.
func TestClassify(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output":               ReasonNoSpace,
		"fatal: Out of memory, malloc failed (tried to allocate 5000000000 bytes)":                                ReasonTooLarge,
		"fatal: transport 'file' not allowed":                                                                     ReasonBlockedAddress,
		"fatal: unable to access 'https://ssl.example.com/x/': Could not resolve host: ssl.example.com":           ReasonUnreachable,
		"fatal: unable to access 'x': server certificate verification failed. CAfile: none":                       ReasonUnreachable,
		"fatal: unable to access 'x': Operation too slow. Less than 1 bytes/sec transferred the last 120 seconds": ReasonTimeout,
		"fatal: could not read Username for 'https://example.com': terminal prompts disabled":                     ReasonAuthenticationRequired,
		"remote: Repository not found.\nfatal: repository 'https://example.com/x/' not found":                     ReasonUnreachable,
		"error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly\nfatal: early EOF":                     ReasonUnreachable,
		"fatal: unable to create '/x/HEAD.lock': Permission denied":                                               ReasonPermissionDenied,
		"fatal: pack has bad object at offset 12: inflate returned -3":                                            ReasonCorrupt,
		"remote: fatal: unable to read 1234\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output":      ReasonCorrupt,
		"fatal: bad object 1234": ReasonCorrupt,
		"":                       ReasonCorrupt,
		"error: index-pack died of signal 9\nfatal: index-pack failed\nfatal: early EOF": ReasonKilled,
	} {
		err := classify(&exitError{command: "fetch", code: 128, stderr: text}, "https://tls.example.com/no-space")
		if Reason(err) != want || !strings.HasSuffix(rampforge.ErrorMessage(err), ".") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for want, cause := range map[string]error{
		ReasonGitMissing: exec.ErrNotFound, ReasonNoSpace: syscall.ENOSPC, ReasonPermissionDenied: fs.ErrPermission,
		ReasonTimeout: errTimeout, ReasonTooLarge: errTooLarge, "": syscall.EIO,
	} {
		if err := classify(fmt.Errorf("somewhere: %w", cause), "x"); Reason(err) != want || !strings.Contains(err.Error(), cause.Error()) {
			t.Errorf("%v: %v", cause, err)
		}
	}
	if err := classify(&exitError{stderr: "fatal: tls-tools is damaged"}, "tls-tools"); Reason(err) != ReasonCorrupt {
		t.Errorf("a repository's name is taken for a word of git: %v", err)
	}
}

// A git that the system ended, which it cannot tell itself, found no damage.
func TestKilledIsNoDamage(t *testing.T) {
	t.Parallel()
	p := &program{what: "shop", env: environ(), config: readConfig()}
	run, err := p.start(t.Context(), "hash-object", "--stdin")
	if err != nil {
		t.Fatal(err)
	}
	if err := run.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	err = run.wait()
	want := "git was ended from outside while it read shop, most likely because memory was scarce: try again."
	if Reason(err) != ReasonKilled || rampforge.ErrorMessage(err) != want {
		t.Errorf("it came to %v", err)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	got := redact("fatal: https://user:word@example.com/x s3cret/a s3cret%2Fa\nAuthorization: Basic abc\n> bearer xyz\xff", []string{"s3cret/a", ""})
	for _, secret := range []string{"word", "user", "s3cret", "abc", "xyz"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q holds %q", got, secret)
		}
	}
	if !strings.Contains(got, "https://example.com/x") {
		t.Errorf("%q has lost the address", got)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var kept tail
	for i := range 10_000 {
		fmt.Fprintln(&kept, i)
	}
	for i := range 10_000 {
		fmt.Fprintf(&kept, "Receiving objects: %d\r", i)
	}
	if got := kept.String(); len(got) != tailBytes || !strings.HasSuffix(got, "9998\n9999\n") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-10:])
	}
}
