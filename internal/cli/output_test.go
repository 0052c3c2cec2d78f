package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func hello(w io.Writer) error {
	_, err := io.WriteString(w, "hello")
	return err
}

func wantContent(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || string(content) != "hello" || info.Mode() != mode {
		t.Errorf("%s holds %q with mode %v (%v), want mode %v", path, content, info.Mode(), err, mode)
	}
}

func TestOutputReplacesFilesOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	private, link, fresh := filepath.Join(dir, "private"), filepath.Join(dir, "link"), filepath.Join(dir, "fresh")
	if err := errors.Join(os.WriteFile(private, []byte("before"), 0o600), os.Symlink("private", link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, fresh} {
		if err := errors.Join(outputWritable(path), writeOutput(nil, path, hello)); err != nil {
			t.Fatal(err)
		}
	}
	wantContent(t, private, 0o600)
	wantContent(t, fresh, 0o644)
	if target, err := os.Readlink(link); err != nil || target != "private" {
		t.Errorf("the link leads to %q, %v", target, err)
	}
	if err := os.Remove(private); err != nil {
		t.Fatal(err)
	}
	if err := outputWritable(link); !errors.Is(err, errDangling) {
		t.Errorf("a link that leads nowhere: %v", err)
	}
}

// A pipe stands for every file that is no regular one, devices too.
func TestOutputWritesIntoPipes(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		content, err := os.ReadFile(pipe)
		if err != nil {
			content = []byte(err.Error())
		}
		got <- string(content)
	}()
	if err := errors.Join(outputWritable(pipe), writeOutput(nil, pipe, hello)); err != nil {
		t.Fatal(err)
	}
	if content := <-got; content != "hello" {
		t.Errorf("the reader got %q", content)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is now %v, %v", info.Mode(), err)
	}
}
