package codeindex

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// maxCandidates is how many symbols an ambiguous name lists.
const maxCandidates = 20

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

// noFile is the error of a clean path at which there is no file.
func (ix *Index) noFile(clean string) error {
	if outside(clean) {
		return rampforge.Errorf(rampforge.CodeNotFound, "This path leads out of the repository.")
	}
	if err := ix.skipped(clean); err != nil {
		return err
	}
	return notFound("No analysed file has this path or lies below it.", ix.nearFiles(clean))
}

// cleanPath reads a path as people write it: "./a//b/" is "a/b", the root is "".
// A path that leads out of the repository stays one: "../a".
func cleanPath(p string) string {
	p = path.Clean(strings.TrimLeft(strings.TrimSpace(p), "/"))
	if p == "." {
		return ""
	}
	return p
}

// outside reports whether a clean path leads out of the repository.
func outside(clean string) bool { return clean == ".." || strings.HasPrefix(clean, "../") }

// findSymbol reads PATH#NAME, PATH#NAME:LINE, Type.method or name. Tests stand
// back where the name is that of something else too. What shares a name in a
// file, such as overloads, is one answer unless the line says which; of several
// files it is an error that lists them.
func (ix *Index) findSymbol(query string) ([]int32, error) {
	query = strings.TrimSpace(query)
	found := ix.candidates(query)
	file, _, inFile := ix.cutFile(query)
	if inFile && len(found) == 0 {
		if err := ix.skipped(cleanPath(file)); err != nil {
			return nil, err
		}
	}
	if !inFile && slices.ContainsFunc(found, func(i int32) bool { return !ix.ofTest(i) }) {
		found = slices.DeleteFunc(found, ix.ofTest)
	}
	if len(found) == 0 {
		return nil, notFound("No symbol has this name.", ix.nearSymbols(query))
	}
	ids := make([]string, 0, len(found))
	for _, i := range found {
		ids = append(ids, ix.sharedID(i))
	}
	if ids = slices.Compact(ids); len(ids) == 1 || inFile {
		return found, nil
	}
	err := rampforge.Invalid(rampforge.FieldIssue{Field: "symbol", Issue: fmt.Sprintf("%d symbols have this name: say which one, as PATH#NAME", len(ids))})
	err.Details = map[string]any{"candidates": ids[:min(len(ids), maxCandidates)], "total": len(ids)}
	return nil, err
}

// findSymbols finds the symbols of a name, and where there is none of the name
// those of the file or folder at that path.
func (ix *Index) findSymbols(query string) ([]int32, error) {
	found, err := ix.findSymbol(query)
	if err == nil {
		return found, nil
	}
	files, _, noFile := ix.findFiles(query)
	if _, _, inFile := ix.cutFile(query); noFile != nil && inFile || len(ix.candidates(strings.TrimSpace(query))) > 0 {
		return nil, err
	}
	if noFile != nil {
		if strings.Contains(query, "/") {
			return nil, noFile // a path was meant
		}
		return nil, err
	}
	for _, file := range files {
		for i, upTo := ix.symbols(file); i < upTo; i++ {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil, notFound("Nothing is declared there that the analysis knows.", nil)
	}
	return found, nil
}

// ofTest reports whether a symbol is a test or exists for tests, which a file of
// the product may hold.
func (ix *Index) ofTest(symbol int32) bool {
	s := &ix.Symbols[symbol]
	return s.Test || ix.Files[s.File].Test
}

// cutFile parts PATH#NAME. Both may hold that sign: the path is that of a file
// if it can be, and else what stands before the first.
func (ix *Index) cutFile(query string) (file, name string, inFile bool) {
	for at := range len(query) {
		if query[at] == '#' {
			if _, known := ix.file(cleanPath(query[:at])); known {
				return query[:at], query[at+1:], true
			}
		}
	}
	return strings.Cut(query, "#")
}

// candidates lists the symbols of a name; a name without its type means the
// members of any.
func (ix *Index) candidates(query string) []int32 {
	filePath, name, inFile := ix.cutFile(query)
	if !inFile {
		filePath, name = "", query
	}
	line := 0
	if before, after, ok := strings.Cut(name, ":"); ok && inFile {
		if n, err := strconv.Atoi(after); err == nil && n > 0 {
			name, line = before, n
		}
	}
	var out []int32
	for _, i := range ix.symbolsByLastName[lastName(name)] {
		s := &ix.Symbols[i]
		if inFile && ix.Files[s.File].Path != cleanPath(filePath) && (s.DeclaredLine == 0 || ix.Files[s.DeclaredIn].Path != cleanPath(filePath)) {
			continue
		}
		if line > 0 && int(s.Line) != line {
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

// sharedID is PATH#NAME, which overloads and the like have in common.
func (ix *Index) sharedID(i int32) string {
	s := &ix.Symbols[i]
	return ix.Files[s.File].Path + "#" + s.Name
}

// symbolID is PATH#NAME, with the line where that is the name of several.
func (ix *Index) symbolID(i int32) string {
	if ix.shared[i] {
		return ix.sharedID(i) + ":" + strconv.Itoa(int(ix.Symbols[i].Line))
	}
	return ix.sharedID(i)
}

func (ix *Index) symbolRef(i int32) SymbolRef {
	s := &ix.Symbols[i]
	var declared *report.Location
	if s.DeclaredLine > 0 {
		declared = &report.Location{Path: ix.Files[s.DeclaredIn].Path, Line: int(s.DeclaredLine)}
	}
	return SymbolRef{
		Declared: declared, ID: ix.symbolID(i), Name: s.Name, Kind: s.Kind, Path: ix.Files[s.File].Path, Line: int(s.Line), EndLine: int(s.EndLine),
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

// coupled lists what changes with some files and is none of them, highest degree
// first: of each other file the strongest couple.
func (ix *Index) coupled(files ...int32) []Coupled {
	strongest := map[int32]Coupled{}
	for _, file := range files {
		for _, at := range ix.couplesOf[file] {
			c := ix.Couples[at]
			other := c.A
			if other == file {
				other = c.B
			}
			was := strongest[other]
			if cmp.Or(cmp.Compare(was.Degree, int(c.Degree)), cmp.Compare(was.Shared, int(c.Shared))) >= 0 {
				continue
			}
			f := &ix.Files[other]
			strongest[other] = Coupled{
				Path: f.Path, Component: ix.componentName(f.Component), Degree: int(c.Degree), Shared: int(c.Shared),
				Imports: ix.imports(file, other) || ix.imports(other, file),
			}
		}
	}
	for _, file := range files {
		delete(strongest, file)
	}
	out := slices.AppendSeq([]Coupled{}, maps.Values(strongest))
	slices.SortFunc(out, func(a, b Coupled) int {
		return cmp.Or(cmp.Compare(b.Degree, a.Degree), cmp.Compare(b.Shared, a.Shared), cmp.Compare(a.Path, b.Path))
	})
	return out[:min(len(out), maxCoupled)]
}

func (ix *Index) imports(from, to int32) bool {
	return slices.ContainsFunc(ix.used.of(from), func(e int32) bool { return ix.Imports[e].To == to })
}

// commits lists the last commits of some files, newest first.
func (ix *Index) commits(files ...int32) []CommitRef {
	var places []int32
	for _, file := range files {
		places = append(places, ix.Files[file].Recent...)
	}
	if len(files) > 1 {
		slices.Sort(places) // Commits is newest first
		places = slices.Compact(places)
	}
	out := []CommitRef{}
	for _, at := range places[:min(len(places), maxRecent)] {
		c := ix.Commits[at]
		out = append(out, CommitRef{Hash: c.Hash, CommittedAt: time.Unix(c.When, 0).UTC(), Subject: c.Subject})
	}
	return out
}
