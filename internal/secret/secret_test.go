package secret_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rampforgeai/rampforge/internal/secret"
)

func TestLoadOrCreateKeepsOneKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")

	keys := make([]string, 16)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			key, err := secret.LoadOrCreate(dir)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	group.Wait()
	for _, key := range keys {
		if key != keys[0] || len(key) != 64 {
			t.Fatalf("starts at once got different or short keys: %q", keys)
		}
	}

	info, err := os.Stat(filepath.Join(dir, secret.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, want 0600", info.Mode().Perm())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %v, want the key alone", entries)
	}
}

func TestLoadOrCreateRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, content, want string
		mode                os.FileMode
	}{
		{"open to others", strings.Repeat("k", 64), "chmod 600", 0o644},
		{"empty", "", "32 characters", 0o600},
		{"short", "abc\n", "32 characters", 0o600},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, secret.KeyFile)
			if err := os.WriteFile(path, []byte(test.content), test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := secret.LoadOrCreate(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if kept, _ := os.ReadFile(path); string(kept) != test.content {
				t.Errorf("the file was changed to %q", kept)
			}
		})
	}
}

func TestDerive(t *testing.T) {
	t.Parallel()
	a, err := secret.Derive("a key", "tokens")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := secret.Derive("a key", "tokens")
	other, _ := secret.Derive("a key", "credentials")
	otherKey, _ := secret.Derive("another key", "tokens")
	if len(a) != 32 || !bytes.Equal(a, again) {
		t.Errorf("the same key and purpose gave %x and %x", a, again)
	}
	if bytes.Equal(a, other) || bytes.Equal(a, otherKey) {
		t.Error("another purpose or key gave the same derived key")
	}
}
