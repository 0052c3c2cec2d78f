package manifest

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/cargo"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/ci"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/container"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/dotnet"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/golang"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/jvm"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/native"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/node"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/php"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/python"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/readme"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/ruby"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/task"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/toolchain"
)

// The bounds of Select: of one kind of file, and of all.
const (
	maxPerKind = 1_000
	maxFiles   = 4_000
)

// Select chooses the files of a tree that Read is to be given: those that are
// wanted, at most 1,000 of a kind and 4,000 in all, nearest to the root first.
// The result is sorted by depth, then path.
func Select(paths []string) []string {
	byKind := map[string]int{}
	out := []string{}
	for _, p := range slices.SortedFunc(slices.Values(paths), evidence.ByDepth) {
		k := kind(p)
		if k == "" || len(out) >= maxFiles || byKind[k] >= maxPerKind {
			continue
		}
		byKind[k]++
		out = append(out, p)
	}
	return out
}

// kind names the kind of a wanted file, "" for every other.
func kind(file string) string {
	if evidence.PlaceOf(file) == evidence.Ignored {
		return ""
	}
	for _, kindOf := range kinds {
		if k := kindOf(file); k != "" {
			return k
		}
	}
	return ""
}

// kinds ask each ecosystem, in turn.
var kinds = []func(string) string{
	ci.Kind, golang.Kind, node.Kind, python.Kind, jvm.Kind, ruby.Kind, php.Kind, cargo.Kind, dotnet.Kind, task.Kind, container.Kind, native.Kind, toolchain.Kind, readme.Kind, lockKind,
}
