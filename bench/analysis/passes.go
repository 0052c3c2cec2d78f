package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// pass does one part of an analysis and nothing else.
func pass(ctx context.Context, name string, args []string) error {
	debug.SetGCPercent(200) // as rampforge analyze does
	switch {
	case name == "history" && len(args) == 1:
		return readHistory(ctx, args[0])
	case name == "lines" && len(args) == 1:
		_, err := inspect.New(inspect.Options{}).Inspect(ctx, inspect.Request{Source: args[0], AllowLocal: true, Type: rampforge.AnalysisQuick, ReportOnly: true})
		return err
	case name == "symbols" && len(args) == 1:
		return readSymbols(ctx, args[0], os.Stdin, os.Stdout)
	case name == "parses" && len(args) > 2:
		return countParses(ctx, args[0], args[1], args[2:])
	}
	return errors.New("usage: analysis pass history REPOSITORY | lines REPOSITORY | symbols LANGUAGE <FILES | parses REPOSITORY FACTS COMMIT…")
}

// readHistory reads the history of a repository as an analysis does.
func readHistory(ctx context.Context, path string) error {
	repository, err := git.OpenLocal(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = repository.Close() }() // an empty folder is left at worst
	head, err := repository.Resolve(ctx, "")
	if err != nil {
		return err
	}
	past := repository.History(head.Hash, nil)
	complete, reason := past.Complete()
	h, err := history.Read(ctx, past.Commits(ctx), history.ReadOptions{Head: head.Hash, HeadTime: head.CommittedAt, Complete: complete, Reason: reason})
	if err != nil {
		return err
	}
	fmt.Println(h.Window().Commits)
	return nil
}

// readSymbols prints what files declare, in the order of their names, parsed on
// all cores.
func readSymbols(ctx context.Context, name string, in io.Reader, out io.Writer) error {
	parsers := builtin.Parsers()
	at := slices.IndexFunc(parsers, func(p language.Parser) bool { return slices.Contains(p.Languages(), name) })
	if at < 0 {
		return fmt.Errorf("no parser reads %s", name)
	}
	var files []string
	for lines := bufio.NewScanner(in); lines.Scan(); {
		files = append(files, lines.Text())
	}
	found := make([]*language.Facts, len(files))
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				if content, err := os.ReadFile(files[i]); err == nil {
					found[i], _ = parsers[at].Parse(ctx, files[i], content) // a file that cannot be read has none
				}
			}
		})
	}
	group.Wait()
	w := bufio.NewWriter(out)
	for i, f := range found {
		if f == nil {
			continue
		}
		for _, d := range f.Declares {
			fmt.Fprintf(w, "%s\t%s\t%d\n", d.Name, files[i], d.Line)
		}
	}
	return w.Flush()
}

// counted is a parser that counts the files that it parses.
type counted struct {
	language.Parser
	parsed *atomic.Int64
}

func (c counted) Parse(ctx context.Context, path string, src []byte) (*language.Facts, error) {
	c.parsed.Add(1)
	return c.Parser.Parse(ctx, path, src)
}

// countParses analyses commits one after the other and prints how many files
// each made it parse.
func countParses(ctx context.Context, path, facts string, commits []string) error {
	var parsed atomic.Int64
	parsers := builtin.Parsers()
	for i, p := range parsers {
		parsers[i] = counted{p, &parsed}
	}
	for _, commit := range commits {
		parsed.Store(0)
		_, err := inspect.New(inspect.Options{Parsers: parsers}).Inspect(ctx, inspect.Request{
			Source: path, Ref: commit, AllowLocal: true, Type: rampforge.AnalysisQuick, FactsFile: facts,
		})
		if err != nil {
			return err
		}
		fmt.Println(parsed.Load())
	}
	return nil
}
