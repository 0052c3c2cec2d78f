package inspect

import (
	"math"
	"path/filepath"
	"testing"
)

// TestFactsLeaveSpace has a disk on which nothing may be written any more: the
// facts are lost, the file is whole, and what it had stays.
func TestFactsLeaveSpace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "facts")
	for _, step := range []struct {
		spare uint64
		key   string
		kept  bool
	}{{0, "first", true}, {math.MaxUint64 / 2, "second", false}} {
		f := openFacts(path, nil)
		if f == nil {
			t.Fatal("no file")
		}
		f.spare = step.spare
		bucket{f, blobBucket}.Put(step.key, []byte("value"))
		f.close()
		again := openFacts(path, nil)
		if _, ok := (bucket{again, blobBucket}).Get(step.key); ok != step.kept {
			t.Errorf("%s is kept: %t", step.key, ok)
		}
		if _, ok := (bucket{again, blobBucket}).Get("first"); !ok {
			t.Error("what was kept is lost")
		}
		again.close()
	}
}
