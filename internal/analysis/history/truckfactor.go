package history

import (
	"cmp"
	"slices"
)

// TruckFactor is the number of people who would have to leave before more than
// half of the given source files have no author left: Avelino et al. 2016, as
// in the authors' own tool. The people with the most authored files are taken
// away one after the other, those with more changes first among equals, while
// at least half of the files keep an author; of those taken away, the ones with
// less than a tenth of the first one's files are not counted.
//
// It is nil for a partial history, and when no given file has an author. A nil
// list of paths stands for the whole tree.
func (t *Tree) TruckFactor(paths []string) *int {
	if !t.h.complete {
		return nil
	}
	files := t.authored(paths)
	if n := truckFactor(files); n > 0 {
		return &n
	}
	return nil
}

// authored returns the authorships of the files at paths that have any.
func (t *Tree) authored(paths []string) [][]authorship {
	var files [][]authorship
	if paths == nil {
		for _, a := range t.authors {
			if len(a) > 0 {
				files = append(files, a)
			}
		}
		return files
	}
	for _, p := range sortedOnce(paths) {
		if i, ok := t.file(p); ok && len(t.authors[i]) > 0 {
			files = append(files, t.authors[i])
		}
	}
	return files
}

func sortedOnce(paths []string) []string {
	paths = slices.Clone(paths)
	slices.Sort(paths)
	return slices.Compact(paths)
}

// holder is a person and what is theirs among some files.
type holder struct {
	person  int32
	files   []int32 // that they are an author of
	changes int
}

func truckFactor(files [][]authorship) int {
	people := holders(files)
	left := make([]int32, len(files)) // authors that a file still has
	covered := 0
	for _, p := range people {
		for _, f := range p.files {
			if left[f]++; left[f] == 1 {
				covered++
			}
		}
	}
	gone := 0
	for gone < len(people) && covered*2 >= len(files) {
		for _, f := range people[gone].files {
			if left[f]--; left[f] == 0 {
				covered--
			}
		}
		gone++
	}
	for gone > 0 && len(people[gone-1].files)*10 < len(people[0].files) {
		gone--
	}
	return gone
}

// holders lists the authors of files, those with the most files first.
func holders(files [][]authorship) []holder {
	at := map[int32]int{}
	var people []holder
	for f, file := range files {
		for _, a := range file {
			i, ok := at[a.person]
			if !ok {
				i = len(people)
				at[a.person] = i
				people = append(people, holder{person: a.person})
			}
			people[i].changes += int(a.changes)
			if a.author {
				people[i].files = append(people[i].files, number(f))
			}
		}
	}
	people = slices.DeleteFunc(people, func(h holder) bool { return len(h.files) == 0 })
	slices.SortFunc(people, func(a, b holder) int {
		return cmp.Or(cmp.Compare(len(b.files), len(a.files)), cmp.Compare(b.changes, a.changes), cmp.Compare(a.person, b.person))
	})
	return people
}
