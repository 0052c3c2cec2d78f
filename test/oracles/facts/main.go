// Command facts prints what the product's parsers read from the files whose
// paths it is given on its standard input, for the scripts beside it to compare
// with other tools: one function or declaration a line, fields parted by tabs.
//
//	functions: path, first line, last line, name, cyclomatic, cognitive
//	declares:  path, line, kind, owner, name
//	lines:     path, language, code, comment, blank; of files that an analysis counts
//
// Usage: find . -name '*.c' | facts functions C, or find . -type f | facts lines any
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// patience is how long one file may take.
const patience = 30 * time.Second

// largest is how many bytes a file may have whose lines are counted.
const largest = 1 << 20

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 3 {
		return errors.New("usage: facts functions|declares|none|lines LANGUAGE < paths")
	}
	if os.Args[1] == "lines" {
		return showLines()
	}
	parser := parserOf(os.Args[2])
	if parser == nil {
		return fmt.Errorf("no parser reads %s", os.Args[2])
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	paths := bufio.NewScanner(os.Stdin)
	for paths.Scan() {
		src, err := os.ReadFile(paths.Text())
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		facts, err := parser.Parse(ctx, paths.Text(), src)
		cancel()
		if err != nil {
			fmt.Fprintln(os.Stderr, paths.Text(), err)
			continue
		}
		show(out, os.Args[1], paths.Text(), facts)
	}
	return paths.Err()
}

// showLines prints what is counted of each file. No .gitattributes is read.
func showLines() error {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	attributes := source.ReadAttributes(nil)
	paths := bufio.NewScanner(os.Stdin)
	for paths.Scan() {
		name := paths.Text()
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tree := rampforge.TreeFile{Path: strings.TrimPrefix(name, "./"), Mode: rampforge.ModeFile, Size: int64(len(src))}
		f := source.ByPath(tree, attributes, largest)
		if f.Skip == "" {
			f = source.Read(f, src, attributes)
		}
		if f.Skip == "" {
			fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%d\n", name, f.Language, f.Lines.Code, f.Lines.Comment, f.Lines.Blank)
		}
	}
	return paths.Err()
}

func parserOf(name string) language.Parser {
	for _, p := range builtin.Parsers() {
		if slices.Contains(p.Languages(), name) {
			return p
		}
	}
	return nil
}

var kindNames = [...]string{"none", "function", "method", "type", "interface", "variable", "constant", "field", "module", "macro"}

func show(out *bufio.Writer, what, path string, f *language.Facts) {
	switch what {
	case "functions":
		for _, n := range f.Functions {
			fmt.Fprintf(out, "%s\t%d\t%d\t%s\t%d\t%d\n", path, n.Line, n.EndLine, n.Name, n.Cyclomatic, n.Cognitive)
		}
	case "declares":
		for _, d := range f.Declares {
			fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\n", path, d.Line, kindNames[d.Kind], d.Owner, d.Name)
		}
	}
}
