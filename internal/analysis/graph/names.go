package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// declared is a name that a file declares.
type declared struct {
	name string
	file int32
	// member says that it belongs to a type: it is no name of the package.
	member   bool
	exported bool
}

// names are the declarations of a package or a file, by name, then file. A
// sorted list costs a third of the memory of a map of lists.
type names []declared

// declarations lists what files declare, each name once a file.
func (t *tree) declarations(files ...int32) names {
	var out names
	for _, i := range files {
		facts := t.facts(i)
		if facts == nil {
			continue
		}
		for j := range facts.Declares {
			// A field is reached through its type alone: its name tells nothing.
			if d := &facts.Declares[j]; d.Kind != language.KindField {
				out = append(out, declared{name: d.Name, file: i, member: d.Kind == language.KindMethod, exported: d.Exported})
			}
		}
	}
	return out.sorted()
}

// isMember reports whether a declaration is reached through a type alone.
func isMember(d *language.Declaration) bool {
	return d.Kind == language.KindMethod || d.Kind == language.KindField
}

// declaredBy counts what a file declares, without fields.
func declaredBy(facts *language.Facts) int {
	n := 0
	for i := range facts.Declares {
		if facts.Declares[i].Kind != language.KindField {
			n++
		}
	}
	return n
}

// sorted puts the list in order, each name once a file.
func (n names) sorted() names {
	slices.SortFunc(n, func(a, b declared) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.file, b.file), boolCompare(a.member, b.member), boolCompare(b.exported, a.exported))
	})
	// A function and a method of the same name: the function stands first.
	n = slices.CompactFunc(n, func(a, b declared) bool { return a.name == b.name && a.file == b.file })
	return slices.Clip(n)
}

// of returns the declarations of one name.
func (n names) of(name string) names {
	start, ok := slices.BinarySearchFunc(n, name, func(d declared, name string) int { return strings.Compare(d.name, name) })
	if !ok {
		return nil
	}
	end := start + 1
	for end < len(n) && n[end].name == name {
		end++
	}
	return n[start:end]
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// nearest chooses the file that shares most of its path with the one at hand,
// and among equals what is no test.
func (t *tree) nearest(from int32, found names) (int32, bool) {
	if len(found) == 0 {
		return notAnalysed, false
	}
	best, most := found[0].file, -1
	for _, d := range found {
		shared := 2 * sharedFolders(t.files[from].Path, t.files[d.file].Path)
		if !t.files[d.file].Test {
			shared++
		}
		if shared > most {
			best, most = d.file, shared
		}
	}
	return best, true
}
