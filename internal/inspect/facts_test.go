package inspect

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestFactsSurviveTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "facts")
	f := openFacts(path, nil)
	if f == nil {
		t.Fatal("no file could be made")
	}
	blobs, commits := bucket{f, blobBucket}, bucket{f, commitBucket}
	big := bytes.Repeat([]byte("x"), 1<<20)
	for i := range 20 { // more than one batch
		blobs.Put(fmt.Sprint("key", i), append(big, byte(i)))
	}
	commits.Put("key0", []byte("another kind"))
	if got, ok := blobs.Get("key19"); !ok || got[len(got)-1] != 19 {
		t.Error("what was put is not read before the file is closed")
	}
	f.close()

	f = openFacts(path, nil)
	if f == nil {
		t.Fatal("the file cannot be opened again")
	}
	defer f.close()
	if got, ok := (bucket{f, blobBucket}).Get("key3"); !ok || len(got) != 1<<20+1 || got[1<<20] != 3 {
		t.Errorf("key3 was lost: %d bytes, %t", len(got), ok)
	}
	if got, _ := (bucket{f, commitBucket}).Get("key0"); string(got) != "another kind" {
		t.Errorf("the kinds are mixed up: %q", got)
	}
	if _, ok := (bucket{f, blobBucket}).Get("nothing"); ok {
		t.Error("a key that was never put is found")
	}
}

func TestFactsFileHeldByAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "facts")
	first := openFacts(path, nil)
	if first == nil {
		t.Fatal("no file could be made")
	}
	defer first.close()
	if second := openFacts(path, nil); second != nil {
		t.Error("two hold one file")
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file that another holds was removed: %v", err)
	}
	var none bucket
	none.Put("a", nil)
	if _, ok := none.Get("a"); ok {
		t.Error("without a file something is known")
	}
}

func TestDamagedFactsFileIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(content []byte) []byte{
		"cut":     func(c []byte) []byte { return c[:len(c)/3] },
		"empty":   func([]byte) []byte { return nil },
		"garbage": func(c []byte) []byte { return bytes.Repeat([]byte{0xA5}, len(c)) },
		"inside": func(c []byte) []byte { // what a power cut may leave
			for i := 8192; i < len(c); i += 7 {
				c[i] ^= 0x55
			}
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "facts")
			f := openFacts(path, nil)
			for i := range 500 {
				bucket{f, blobBucket}.Put(fmt.Sprint("key", i), bytes.Repeat([]byte("value"), 100))
			}
			f.close()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(content), 0o600); err != nil {
				t.Fatal(err)
			}
			f = openFacts(path, nil)
			if f == nil {
				return // it works without
			}
			for i := range 500 {
				if got, ok := (bucket{f, blobBucket}).Get(fmt.Sprint("key", i)); ok && !bytes.Equal(got, bytes.Repeat([]byte("value"), 100)) {
					t.Errorf("a damaged value is taken for a fact: %q", got[:20])
				}
			}
			bucket{f, blobBucket}.Put("new", []byte("value"))
			f.close()
		})
	}
}
