package codeindex

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/rampforgeai/rampforge"
)

const (
	maxSuggestions = 5
	// maxMisspelt is how many letters a name may differ in, and half of a name is
	// the most.
	maxMisspelt = 3
	// longestName bounds what names are compared letter by letter.
	longestName = 200
)

// suggestion is a name that may have been meant, and how far it is off.
type suggestion struct {
	name string
	off  int
}

// notFound is an error that names what may have been meant.
func notFound(message string, near []string) *rampforge.Error {
	if len(near) > 0 {
		message = strings.TrimSuffix(message, ".") + ": did you mean " + strings.Join(near, " or ") + "?"
	}
	err := rampforge.Errorf(rampforge.CodeNotFound, "%s", message)
	if len(near) > 0 {
		err.Details = map[string]any{"suggestions": near}
	}
	return err
}

// nearest returns the names of the best suggestions, best first.
func nearest(found []suggestion) []string {
	slices.SortFunc(found, func(a, b suggestion) int {
		return cmp.Or(cmp.Compare(a.off, b.off), cmp.Compare(len(a.name), len(b.name)), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, s := range found {
		if len(names) == maxSuggestions {
			break
		}
		if !slices.Contains(names, s.name) {
			names = append(names, s.name)
		}
	}
	return names
}

// nearFiles suggests files for a path that is none: those whose path ends with
// it, those of the same name in another folder, and those that are spelled
// nearly like it. A path without an ending may be meant for a folder: those that
// it is the end of, or nearly, come before files.
func (ix *Index) nearFiles(wanted string) []string {
	lower := strings.ToLower(wanted)
	stem := strings.TrimSuffix(path.Base(lower), path.Ext(lower)) // endings are alike without a meaning
	found := ix.nearFolders(lower)
	for i := range ix.Files {
		p := ix.Files[i].Path
		name := strings.ToLower(p)
		switch off, near := misspelt(stem, strings.TrimSuffix(path.Base(name), path.Ext(name))); {
		case name == lower:
			found = append(found, suggestion{p, 0})
		case strings.HasSuffix(name, "/"+lower):
			found = append(found, suggestion{p, 1})
		case near:
			// Two that differ in a letter are nearer in the same folder.
			off = 2 + 3*off
			if path.Dir(name) != path.Dir(lower) {
				off++
			}
			if path.Ext(name) != path.Ext(lower) {
				off++
			}
			found = append(found, suggestion{p, off})
		}
	}
	return nearest(found)
}

// nearFolders suggests folders, as far off as files would be that were nearer by
// a letter.
func (ix *Index) nearFolders(lower string) []suggestion {
	var found []suggestion
	if path.Ext(lower) != "" || lower == "" {
		return nil
	}
	seen := map[string]bool{}
	for i := range ix.Files {
		for folder := path.Dir(ix.Files[i].Path); folder != "." && !seen[folder]; folder = path.Dir(folder) {
			seen[folder] = true
			name := strings.ToLower(folder)
			off, near := misspelt(path.Base(lower), path.Base(name))
			switch sameParent := path.Dir(name) == path.Dir(lower); {
			case name == lower, strings.HasSuffix(name, "/"+lower):
				found = append(found, suggestion{folder + "/", 0})
			case near && sameParent:
				found = append(found, suggestion{folder + "/", 1})
			case near && off <= 1:
				found = append(found, suggestion{folder + "/", 2})
			}
		}
	}
	return found
}

// nearSymbols suggests symbols for a name that is none, as PATH#NAME.
func (ix *Index) nearSymbols(query string) []string {
	filePath, name, inFile := ix.cutFile(query)
	if !inFile {
		filePath, name = "", query
	}
	wanted := strings.ToLower(lastName(name))
	var found []suggestion
	for last, places := range ix.symbolsByLastName {
		off, near := misspelt(wanted, strings.ToLower(last))
		if !near {
			continue
		}
		for _, i := range places {
			far := 3 * off
			if inFile && ix.Files[ix.Symbols[i].File].Path != cleanPath(filePath) {
				far++
			}
			if ix.ofTest(i) {
				far += 2
			}
			found = append(found, suggestion{ix.sharedID(i), far})
		}
	}
	return nearest(found)
}

// nearComponents suggests names of components.
func (ix *Index) nearComponents(wanted string) []string {
	lower := strings.ToLower(wanted)
	var found []suggestion
	for i := range ix.Components {
		name := ix.Components[i].Name
		if off, near := misspelt(lower, strings.ToLower(name)); near {
			found = append(found, suggestion{name, off})
		} else if lower != "" && strings.Contains(strings.ToLower(name), lower) {
			found = append(found, suggestion{name, maxMisspelt + 1})
		}
	}
	return nearest(found)
}

// misspelt returns how many letters have to be changed, put in or taken out to
// make one name of the other, and whether that is few enough to think of a slip.
func misspelt(a, b string) (off int, near bool) {
	most := min(maxMisspelt, max(len(a), len(b))/2)
	if len(a) > longestName || len(b) > longestName || max(len(a)-len(b), len(b)-len(a)) > most {
		return 0, false
	}
	off = levenshtein.ComputeDistance(a, b)
	return off, off <= most
}
