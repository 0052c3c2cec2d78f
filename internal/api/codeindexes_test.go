package api

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// TestIndexesAreBounded forgets those that were asked for longest ago.
func TestIndexesAreBounded(t *testing.T) {
	t.Parallel()
	index := func(files int) *codeindex.Index {
		c := codeindex.Contents{}
		for i := range files {
			c.Files = append(c.Files, codeindex.File{Path: fmt.Sprintf("%08d", i), Component: -1})
		}
		return codeindex.New(c)
	}
	one := weigh(index(1000))
	c := newCodeIndexes(3 * one)
	for _, id := range []string{"a", "b", "c"} {
		c.put(id, index(1000))
	}
	c.put("a", index(1))
	if c.get("a") == nil || len(c.get("a").Files) != 1000 {
		t.Error("an index was replaced")
	}
	c.put("d", index(1000))
	for id, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if (c.get(id) != nil) != want {
			t.Errorf("%s is kept: %t", id, !want)
		}
	}
	c.put("huge", index(10_000))
	if c.get("huge") == nil || len(c.kept) != 1 || c.bytes != weigh(index(10_000)) {
		t.Errorf("%d indexes of %d bytes", len(c.kept), c.bytes)
	}
}
