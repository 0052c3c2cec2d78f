package codeindex

import (
	"path"
	"slices"
)

// maxAsked is how many people are named to ask about a folder or a component,
// and as those who left.
const maxAsked = 10

// whom is who knows something.
type whom struct {
	here []int32 // to ask
	left []int32
	of   string // what those to ask know
}

// toAsk finds whom to ask about some files: who owns or wrote them and is still
// here. Where nobody is left, who knows the folder around them is asked, and
// then who knows their component; those who left are told apart, as what they
// wrote cannot be asked about any more.
func (ix *Index) toAsk(files []int32, of string) whom {
	most := maxAsked
	if len(files) == 1 {
		most = len(ix.People) // as many as the file has
	}
	here, left := ix.parted(mostOf(ix.knownTo(files), len(ix.People)))
	w := whom{here: here[:min(len(here), most)], left: left[:min(len(left), most)], of: of}
	if len(w.here) > 0 || len(files) == 0 {
		return w
	}
	first := &ix.Files[files[0]]
	if len(files) == 1 {
		from, upTo := int32(0), int32(0)
		if folder := path.Dir(first.Path); folder != "." {
			from, upTo = ix.below(folder)
		}
		around := make([]int32, 0, upTo-from)
		for i := from; i < upTo; i++ {
			around = append(around, i)
		}
		if w.here = ix.stillHere(around); len(w.here) > 0 {
			w.of = kindFolder
			return w
		}
	}
	inOne := !slices.ContainsFunc(files, func(i int32) bool { return ix.Files[i].Component != first.Component })
	if first.Component >= 0 && inOne {
		if w.here = ix.stillHere(ix.membersOf[first.Component]); len(w.here) > 0 {
			w.of = LevelComponent
		}
	}
	return w
}

// stillHere returns those who know the most of some files and are still here.
func (ix *Index) stillHere(files []int32) []int32 {
	here, _ := ix.parted(mostOf(ix.knownTo(files), len(ix.People)))
	return here[:min(len(here), maxAsked)]
}

// knownTo counts for each person the files that they own or are an author of.
func (ix *Index) knownTo(files []int32) map[int32]int {
	known := map[int32]int{}
	for _, i := range files {
		f := &ix.Files[i]
		for _, p := range f.Owners {
			known[p]++
		}
		for _, p := range f.Authors {
			if !slices.Contains(f.Owners, p) {
				known[p]++
			}
		}
	}
	return known
}
