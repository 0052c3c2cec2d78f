package codeindex

import (
	"slices"
	"strings"
)

// The most that an answer lists of one file.
const (
	maxSymbols   = 500
	maxNeighbors = 200
	maxFolders   = 500
)

// Browse answers what is known of a file, or what lies below a folder: its files
// by path, a page of them. "." and "" are the root.
func (ix *Index) Browse(filePath string, p Page) (*FileAnswer, error) {
	p = p.sane()
	clean := cleanPath(filePath)
	if i, ok := ix.file(clean); ok {
		return &FileAnswer{
			Commit: ix.Commit, Path: clean, Kind: "file", File: ix.fileFacts(i), Files: []FileSummary{}, Paging: paging(0, p),
		}, nil
	}
	from, upTo := ix.below(clean)
	if from == upTo || outside(clean) {
		return nil, ix.noFile(clean)
	}
	out := &FileAnswer{Commit: ix.Commit, Path: clean, Kind: "folder", Folder: ix.folderFacts(clean, from, upTo), Files: []FileSummary{}, Paging: paging(int(upTo-from), p)}
	if clean == "" {
		out.Path = "."
	}
	for i := int(from) + min(p.Offset, int(upTo-from)); i < int(upTo) && len(out.Files) < p.Limit; i++ {
		out.Files = append(out.Files, ix.summary(number(i)))
	}
	return out, nil
}

// below returns the places of the files below a folder.
func (ix *Index) below(folder string) (from, upTo int32) {
	if folder == "" {
		return 0, number(len(ix.Files))
	}
	at := func(prefix string) int32 {
		i, _ := slices.BinarySearchFunc(ix.Files, prefix, func(f File, p string) int { return strings.Compare(f.Path, p) })
		return number(i)
	}
	return at(folder + "/"), at(folder + "0") // the byte after the slash
}

func (ix *Index) summary(i int32) FileSummary {
	f := &ix.Files[i]
	return FileSummary{
		Path: f.Path, Language: f.Language, Component: ix.componentName(f.Component), Lines: f.Code, Complexity: int(f.Cognitive), Test: f.Test,
		Revisions: int(f.Revisions), LastChanged: moment(f.Changed), Ownership: bandName(f.Ownership),
	}
}

func (ix *Index) fileFacts(i int32) *FileFacts {
	f := &ix.Files[i]
	out := &FileFacts{
		FileSummary: ix.summary(i), Place: ix.place(f.Component), TotalLines: f.Lines, Functions: int(f.Functions), Cyclomatic: int(f.Cyclomatic), Cognitive: int(f.Cognitive),
		Doc: text(f.Doc), EntryPoint: text(f.Entry),
		Symbols: []SymbolRef{}, Moved: ix.coupled(i), Commits: ix.commits(i),
	}
	owners, gone := ix.parted(f.Owners)
	authors, gone2 := ix.parted(f.Authors)
	out.Owners, out.Authors, out.Left = ix.names(owners), ix.names(authors), ix.former(slices.Concat(gone, gone2))
	from, upTo := ix.symbols(i)
	declared := ix.declaredBy[i]
	out.SymbolTotal = int(upTo-from) + len(declared)
	for s := from; (s < upTo || len(declared) > 0) && len(out.Symbols) < maxSymbols; {
		if s == upTo || len(declared) > 0 && ix.Symbols[declared[0]].DeclaredLine < ix.Symbols[s].Line {
			out.Symbols, declared = append(out.Symbols, ix.symbolRef(declared[0])), declared[1:]
			continue
		}
		out.Symbols = append(out.Symbols, ix.symbolRef(s))
		s++
	}
	out.Imports, out.ImportTotal = ix.neighbors(ix.used.of(i), func(e Edge) int32 { return e.To })
	out.ImportedBy, out.ImporterTotal = ix.neighbors(ix.users.of(i), func(e Edge) int32 { return e.From })
	return out
}

// neighbors lists the paths at the other end of edges.
func (ix *Index) neighbors(edges []int32, end func(Edge) int32) ([]string, int) {
	out := []string{}
	for _, e := range edges[:min(len(edges), maxNeighbors)] {
		out = append(out, ix.Files[end(ix.Imports[e])].Path)
	}
	slices.Sort(out)
	return out, len(edges)
}

func (ix *Index) folderFacts(folder string, from, upTo int32) *FolderFacts {
	out := &FolderFacts{Files: int(upTo - from), Components: []string{}, Folders: []string{}}
	prefix := folder
	if folder != "" {
		prefix += "/"
	}
	parts := map[int32]bool{}
	for i := from; i < upTo; i++ {
		f := &ix.Files[i]
		out.Lines += f.Code
		out.Complexity += int(f.Cognitive)
		if f.Test {
			out.TestFiles++
		}
		if f.Component >= 0 {
			parts[ix.topOf[f.Component]] = true
		}
		if sub, _, ok := strings.Cut(f.Path[len(prefix):], "/"); ok {
			if n := len(out.Folders); n < maxFolders && (n == 0 || out.Folders[n-1] != prefix+sub) {
				out.Folders = append(out.Folders, prefix+sub)
			}
		}
	}
	for c := range parts {
		out.Components = append(out.Components, ix.Components[c].Name)
	}
	slices.Sort(out.Components)
	slices.Sort(out.Folders)
	out.Folders = slices.Compact(out.Folders)
	files := make([]int32, 0, upTo-from)
	for i := from; i < upTo; i++ {
		files = append(files, i)
	}
	here, left := ix.parted(mostOf(ix.knownTo(files), len(ix.People)))
	out.Owners, out.OwnerTotal = ix.names(here[:min(len(here), maxAsked)]), len(here)
	out.Left, out.LeftTotal = ix.former(left[:min(len(left), maxAsked)]), len(left)
	return out
}

// mostOf returns the keys with the highest counts.
func mostOf(counts map[int32]int, most int) []int32 {
	people := make([]int32, 0, len(counts))
	for p := range counts {
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b int32) int {
		if d := counts[b] - counts[a]; d != 0 {
			return d
		}
		return int(a - b)
	})
	return people[:min(len(people), most)]
}
