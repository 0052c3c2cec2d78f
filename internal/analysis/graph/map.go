package graph

import (
	"iter"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Hints is what the map knows beside the graph. All of it can be left out.
type Hints struct {
	Name        string // the repository's name: what the code at its root is called
	EntryPoints []report.EntryPoint
	// Coupling is the pairs of files that change together. It weighs in where
	// small folders are joined.
	Coupling iter.Seq[Pair]
	// Readmes are the first paragraphs of READMEs by their folder, "." for the root.
	Readmes map[string]string
}

// Pair is two files and the number of commits that changed both.
type Pair struct {
	A, B   string
	Shared int
}
