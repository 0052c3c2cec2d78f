// Command history reads the history of a repository as an analysis does, and
// does nothing else, so that its time can be held against git's own.
//
//	history REPOSITORY
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/git"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: history REPOSITORY")
		os.Exit(2)
	}
	if err := read(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(ctx context.Context, path string) error {
	repository, err := git.OpenLocal(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = repository.Close() }() // an empty folder is left at worst
	head, err := repository.Resolve(ctx, "")
	if err != nil {
		return err
	}
	begin := time.Now()
	past := repository.History(head.Hash, nil)
	complete, reason := past.Complete()
	h, err := history.Read(ctx, past.Commits(ctx), history.ReadOptions{Head: head.Hash, HeadTime: head.CommittedAt, Complete: complete, Reason: reason})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "  %d commits in %.2f s\n", h.Window().Commits, time.Since(begin).Seconds())
	return nil
}
