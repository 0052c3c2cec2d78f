package codeindex

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// maxCandidates is how many symbols an ambiguous name lists.
const maxCandidates = 20

// findFile returns the place of a file, or the error that a person gets.
func (ix *Index) findFile(p string) (int32, error) {
	clean := cleanPath(p)
	if i, ok := ix.file(clean); ok {
		return i, nil
	}
	return -1, notFound("No analysed file has this path.", ix.nearFiles(clean))
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
