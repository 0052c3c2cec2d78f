// Command imports prints which files of a folder use which others, as the
// product's import graph has it, for the scripts beside it to compare with what
// a language's own tools say: one edge a line, two paths parted by a tab.
//
// Usage: imports FOLDER LANGUAGE[,LANGUAGE…]
package main

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/graph"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

const largest = 1 << 20 // bytes of a file that is read

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: imports FOLDER LANGUAGE[,LANGUAGE…]")
		os.Exit(2)
	}
	if err := run(os.Args[1], strings.Split(os.Args[2], ",")); err != nil {
		fmt.Fprintln(os.Stderr, "imports:", err)
		os.Exit(1)
	}
}

func run(root string, languages []string) error {
	tree, err := read(root, languages)
	if err != nil {
		return err
	}
	uses := graph.Resolve(tree).Uses
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, f := range tree.Files {
		for _, to := range uses(f.Path) {
			fmt.Fprintf(out, "%s\t%s\n", f.Path, to)
		}
	}
	return nil
}

// read reads a folder as an analysis does.
func read(root string, languages []string) (graph.Tree, error) {
	var tree graph.Tree
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error { //nolint:gosec // whoever runs it names the folder
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if rel, err := filepath.Rel(root, p); err == nil && d.Type().IsRegular() {
			tree.Paths = append(tree.Paths, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		return tree, err
	}
	slices.Sort(tree.Paths)
	var manifests []manifest.File
	for _, p := range manifest.Select(tree.Paths) {
		content, err := os.ReadFile(filepath.Join(root, p)) //nolint:gosec // whoever runs it names the folder
		if err != nil {
			return tree, err
		}
		manifests = append(manifests, manifest.File{Path: p, Content: content})
	}
	tree.Layout = manifest.Read(tree.Paths, manifests).Layout
	attributes := source.ReadAttributes(nil)
	for _, p := range tree.Paths {
		content, err := os.ReadFile(filepath.Join(root, p)) //nolint:gosec // whoever runs it names the folder
		if err != nil || len(content) > largest {
			continue
		}
		s := source.ByPath(rampforge.TreeFile{Path: p, Mode: rampforge.ModeFile, Size: int64(len(content))}, attributes, largest)
		if s.Skip == "" {
			s = source.Read(s, content, attributes)
		}
		if !slices.Contains(languages, s.Language) {
			continue
		}
		facts, err := parse(p, s.Language, content)
		if err != nil {
			return tree, err
		}
		tree.Files = append(tree.Files, graph.File{Path: p, Language: s.Language, Kind: source.KindProgramming, Code: s.Lines.Code, Test: s.Test, Facts: facts})
	}
	return tree, nil
}

func parse(path, lang string, content []byte) (*language.Facts, error) {
	for _, p := range builtin.Parsers() {
		if slices.Contains(p.Languages(), lang) {
			return p.Parse(context.Background(), path, content)
		}
	}
	return nil, fmt.Errorf("no parser reads %s", lang)
}
