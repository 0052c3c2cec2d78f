// Command files holds which files of a Go module use which others against its
// types.
//
//	go run ./test/oracles/files DIR
//
// A file uses another when an identifier in it means something that the other
// declares: a name of a package, a method, a field. Methods and fields are left out
// of what has to be found, as the product does not look for them, but a file that
// only they lead to is not held against it.
package main

import (
	"context"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/rampforgeai/rampforge/internal/analysis/graph"
	"github.com/rampforgeai/rampforge/internal/analysis/language/golang"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
)

// edge is two files, by their paths in the module.
type edge struct{ from, to string }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: files DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "files:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	named, uses, files, err := theirs(dir)
	if err != nil {
		return err
	}
	ours, err := read(dir, files)
	if err != nil {
		return err
	}
	type count struct{ right, wrong int }
	var counts [2][101]count // in a package, between packages
	var found [2]int
	shown := map[bool]int{}
	for e, sure := range ours {
		place := &counts[between(e)][sure]
		if uses[e] {
			place.right++
			continue
		}
		place.wrong++
		if shown[sure == 100]++; shown[sure == 100] <= 12 {
			fmt.Printf("only here, %d %%: %s → %s\n", sure, e.from, e.to)
		}
	}
	total := [2]int{}
	missed := 0
	for e := range named {
		total[between(e)]++
		if _, ok := ours[e]; ok {
			found[between(e)]++
		} else if missed++; missed <= 12 {
			fmt.Printf("only there: %s → %s\n", e.from, e.to)
		}
	}
	for k, name := range []string{"inside packages", "between packages"} {
		for sure, c := range counts[k] {
			if c.right+c.wrong > 0 {
				fmt.Printf("%s, confidence %d %%: %d right, %d wrong, precision %.4f\n", name, sure, c.right, c.wrong, float64(c.right)/float64(c.right+c.wrong))
			}
		}
		fmt.Printf("%s: %d of %d found that names of packages tell, recall %.4f\n", name, found[k], total[k], float64(found[k])/float64(max(total[k], 1)))
	}
	return nil
}

func between(e edge) int {
	if filepath.Dir(e.from) == filepath.Dir(e.to) {
		return 0
	}
	return 1
}

// theirs are the edges by types: those of names of packages, and all.
func theirs(dir string) (named, all map[edge]bool, files []string, err error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedForTest, Dir: dir, Tests: true}, "./...")
	if err != nil {
		return nil, nil, nil, err
	}
	named, all = map[edge]bool{}, map[edge]bool{}
	local := func(path string) (string, bool) {
		rel, err := filepath.Rel(dir, path)
		return filepath.ToSlash(rel), err == nil && !strings.HasPrefix(rel, "..")
	}
	for _, p := range loaded {
		if p.TypesInfo == nil {
			continue
		}
		for _, tree := range p.Syntax {
			from, ok := local(p.Fset.Position(tree.Package).Filename)
			if !ok {
				continue
			}
			files = append(files, from)
			ast.Inspect(tree, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				obj := p.TypesInfo.Uses[id]
				if !ok || obj == nil || !obj.Pos().IsValid() {
					return true
				}
				to, ok := local(p.Fset.Position(obj.Pos()).Filename)
				if !ok || to == from {
					return true
				}
				all[edge{from, to}] = true
				if obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
					named[edge{from, to}] = true
				}
				return true
			})
		}
	}
	slices.Sort(files)
	files = slices.Compact(files)
	for e := range named { // into what no pattern names, as testdata
		if _, ok := slices.BinarySearch(files, e.to); !ok {
			delete(named, e)
		}
	}
	return named, all, files, nil
}

// read is what the product says of the same files.
func read(dir string, files []string) (map[edge]uint8, error) {
	tree := graph.Tree{}
	var manifests []manifest.File
	if content, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil { //nolint:gosec // whoever runs it names the folder
		manifests = append(manifests, manifest.File{Path: "go.mod", Content: content})
		tree.Paths = append(tree.Paths, "go.mod")
	}
	for _, path := range files {
		content, err := os.ReadFile(filepath.Join(dir, path)) //nolint:gosec // whoever runs it names the folder
		if err != nil {
			return nil, err
		}
		facts, err := golang.Parser{}.Parse(context.Background(), path, content)
		if err != nil {
			return nil, err
		}
		tree.Paths = append(tree.Paths, path)
		tree.Files = append(tree.Files, graph.File{Path: path, Language: "Go", Kind: "programming", Code: 1, Test: strings.HasSuffix(path, "_test.go"), Facts: facts})
	}
	tree.Layout = manifest.Read(tree.Paths, manifests).Layout
	out := map[edge]uint8{}
	for e := range graph.Resolve(tree).Edges() {
		out[edge{e.From, e.To}] = e.Confidence
	}
	return out, nil
}
