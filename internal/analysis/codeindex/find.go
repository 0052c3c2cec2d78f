package codeindex

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// maxCandidates is how many symbols an ambiguous name lists.
const maxCandidates = 20

// findFile returns the place of a file, or the error that a person gets.
func (ix *Index) findFile(p string) (int32, error) {
	clean := cleanPath(p)
	if i, ok := ix.file(clean); ok {
		return i, nil
	}
	if err := ix.skipped(clean); err != nil {
		return -1, err
	}
	return -1, notFound("No analysed file has this path.", ix.nearFiles(clean))
}

// skipped is the error for a file that the tree has and the analysis left out,
// or for a folder of nothing else; nil where there is none.
func (ix *Index) skipped(clean string) error {
	i, exact := slices.BinarySearchFunc(ix.Skipped, clean, func(s Skipped, p string) int { return strings.Compare(s.Path, p) })
	what := "This file was skipped"
	if !exact {
		what = "All files in this folder were skipped"
		i, _ = slices.BinarySearchFunc(ix.Skipped, clean+"/", func(s Skipped, p string) int { return strings.Compare(s.Path, p) })
		if from, upTo := ix.below(clean); clean == "" || from < upTo || i == len(ix.Skipped) || !strings.HasPrefix(ix.Skipped[i].Path, clean+"/") {
			return nil
		}
	}
	reason := ix.Skipped[i].Reason
	if !exact {
		what += ", the first"
	}
	err := rampforge.Errorf(rampforge.CodeNotFound, "%s as %s: %s.", what, strings.ReplaceAll(reason, "_", " "), report.SkipReason(reason).Explanation())
	err.Details = map[string]any{"skipped": reason}
	return err
}

// cleanPath reads a path as people write it: "./a//b/" is "a/b", the root is ".".
func cleanPath(p string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.TrimSpace(p)), "/")
}

// findSymbol reads PATH#NAME, Type.method or name. Tests stand back where the
// name is that of something else too. Several that are left are an error that
// lists them.
func (ix *Index) findSymbol(query string) (int32, error) {
	query = strings.TrimSpace(query)
	found := ix.candidates(query)
	if file, _, inFile := strings.Cut(query, "#"); inFile && len(found) == 0 {
		if err := ix.skipped(cleanPath(file)); err != nil {
			return -1, err
		}
	}
	if !strings.Contains(query, "#") && slices.ContainsFunc(found, func(i int32) bool { return !ix.ofTest(i) }) {
		found = slices.DeleteFunc(found, ix.ofTest)
	}
	switch {
	case len(found) == 0:
		return -1, notFound("No symbol has this name.", ix.nearSymbols(query))
	case len(found) == 1 || strings.Contains(query, "#"):
		return found[0], nil
	}
	ids := make([]string, 0, maxCandidates)
	for _, i := range found[:min(len(found), maxCandidates)] {
		ids = append(ids, ix.symbolID(i))
	}
	err := rampforge.Invalid(rampforge.FieldIssue{Field: "symbol", Issue: fmt.Sprintf("%d symbols have this name: say which one, as PATH#NAME", len(found))})
	err.Details = map[string]any{"candidates": ids, "total": len(found)}
	return -1, err
}

// ofTest reports whether a symbol is a test or exists for tests, which a file of
// the product may hold.
func (ix *Index) ofTest(symbol int32) bool {
	s := &ix.Symbols[symbol]
	return s.Test || ix.Files[s.File].Test
}

// candidates lists the symbols of a name; a name without its type means the
// members of any.
func (ix *Index) candidates(query string) []int32 {
	filePath, name, inFile := strings.Cut(query, "#")
	if !inFile {
		filePath, name = "", query
	}
	var out []int32
	for _, i := range ix.symbolsByLastName[lastName(name)] {
		s := &ix.Symbols[i]
		if inFile && ix.Files[s.File].Path != cleanPath(filePath) {
			continue
		}
		if s.Name == name || !inFile && strings.HasSuffix(s.Name, "."+name) {
			out = append(out, i)
		}
	}
	exact := func(i int32) bool { return ix.Symbols[i].Name == name }
	if slices.ContainsFunc(out, exact) {
		out = slices.DeleteFunc(out, func(i int32) bool { return !exact(i) })
	}
	return out
}

func (ix *Index) symbolID(i int32) string {
	s := &ix.Symbols[i]
	return ix.Files[s.File].Path + "#" + s.Name
}

func (ix *Index) symbolRef(i int32) SymbolRef {
	s := &ix.Symbols[i]
	return SymbolRef{
		ID: ix.symbolID(i), Name: s.Name, Kind: s.Kind, Path: ix.Files[s.File].Path, Line: int(s.Line), EndLine: int(s.EndLine),
		Exported: s.Exported, Signature: text(s.Signature), Doc: text(s.Doc),
	}
}

// text is a text that may not be known.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

const (
	maxCoupled = 20
	maxRecent  = 20
)

// coupled lists what changes with a file, highest degree first.
func (ix *Index) coupled(file int32) []Coupled {
	out := []Coupled{}
	for _, at := range ix.couplesOf[file] {
		c := ix.Couples[at]
		other := c.A
		if other == file {
			other = c.B
		}
		f := &ix.Files[other]
		out = append(out, Coupled{
			Path: f.Path, Component: ix.componentName(f.Component), Degree: int(c.Degree), Shared: int(c.Shared),
			Imports: ix.imports(file, other) || ix.imports(other, file),
		})
	}
	slices.SortFunc(out, func(a, b Coupled) int {
		return cmp.Or(cmp.Compare(b.Degree, a.Degree), cmp.Compare(b.Shared, a.Shared), cmp.Compare(a.Path, b.Path))
	})
	return out[:min(len(out), maxCoupled)]
}

func (ix *Index) imports(from, to int32) bool {
	return slices.ContainsFunc(ix.used.of(from), func(e int32) bool { return ix.Imports[e].To == to })
}

func (ix *Index) commits(file int32) []CommitRef {
	out := []CommitRef{}
	for _, at := range ix.Files[file].Recent {
		c := ix.Commits[at]
		out = append(out, CommitRef{Hash: c.Hash, CommittedAt: time.Unix(c.When, 0).UTC(), Subject: c.Subject})
	}
	return out[:min(len(out), maxRecent)]
}

// knowing returns the people who know a file: its owners and its authors.
func (ix *Index) knowing(file int32) []string {
	f := &ix.Files[file]
	return ix.names(slices.Concat(f.Owners, f.Authors))
}
