package codeindex

import (
	"errors"
	"testing"
)

// FuzzDecode reads plain contents that nobody wrote.
func FuzzDecode(f *testing.F) {
	c := Contents{People: []Person{{Name: "Ada", Here: true, Quarter: 8091}}, Files: []File{{Path: "a"}, {Path: "ab", Authors: []int32{0}}}, Symbols: []Symbol{{File: 1, Name: "x", Kind: "type"}}, Imports: []Edge{{From: 0, To: 1, Weight: 1, Confidence: 9}}, Components: []Component{{Name: "c", Parent: -1}}}
	f.Add(c.encode())
	f.Fuzz(func(t *testing.T, plain []byte) {
		ix, err := Decode(compress(plain))
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		for i := range min(len(ix.Files), 3) {
			if _, err := ix.Impact(ImpactQuery{Path: ix.Files[i].Path}); err != nil && ix.Files[i].Path == cleanPath(ix.Files[i].Path) {
				t.Error(err)
			}
		}
		ix.Simulate([]string{"Ada"}, Page{})
	})
}
