// Package golang reads go.mod and go.work. It is pure; it may import
// analysis/report and the evidence and shell packages beside it.
package golang

import (
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Ecosystem names Go modules in the report.
const Ecosystem = "go"

// maxPrograms bounds the programs that are named as commands.
const maxPrograms = 4

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	if base := path.Base(file); base == "go.mod" || base == "go.work" {
		return base
	}
	return ""
}

// Read adds what the go.mod files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	type parsed struct {
		file string
		mod  *modfile.File
	}
	var mods []parsed
	for _, file := range t.Named("go.mod") {
		mod := parse(file, t.Content(file))
		if mod == nil || evidence.PlaceOf(file) == evidence.Ignored {
			continue
		}
		mods = append(mods, parsed{file, mod})
		f.Own["go:"+mod.Module.Mod.Path] = true
	}
	work := workReplacements(t)
	for _, m := range mods {
		addLayout(m.file, m.mod, work, t, f)
		addExternal(m.file, m.mod, f)
		addRequirements(m.file, m.mod.Go, m.mod.Toolchain, f)
		addCommands(m.file, m.mod, t, f)
	}
	for _, file := range t.Named("go.work") {
		if w, err := modfile.ParseWork(file, t.Content(file), nil); err == nil {
			addRequirements(file, w.Go, w.Toolchain, f)
		}
	}
}

// parse reads a go.mod. What a newer Go added to the format is skipped, as the
// go command does for the modules that it does not own; nil for what is no
// go.mod at all.
func parse(file string, content []byte) *modfile.File {
	mod, err := modfile.Parse(file, content, nil)
	if err != nil {
		mod, err = modfile.ParseLax(file, content, nil)
	}
	if err != nil || mod.Module == nil || mod.Module.Mod.Path == "" {
		return nil
	}
	return mod
}

// workReplacements are the replacements of go.work files, by module path, with
// folders of the tree.
func workReplacements(t *evidence.Tree) map[string]string {
	out := map[string]string{}
	for _, file := range t.Named("go.work") {
		w, err := modfile.ParseWork(file, t.Content(file), nil)
		if err != nil {
			continue
		}
		for _, r := range w.Replace {
			if dir, ok := localReplacement(file, r, t); ok {
				out[r.Old.Path] = dir
			}
		}
	}
	return out
}

// localReplacement is the folder of the tree that a replacement points to.
func localReplacement(file string, r *modfile.Replace, t *evidence.Tree) (string, bool) {
	if r.New.Version != "" || !strings.HasPrefix(r.New.Path, ".") {
		return "", false
	}
	dir := evidence.Join(path.Dir(file), r.New.Path)
	return dir, dir != "" && t.HasDir(dir)
}

func addLayout(file string, mod *modfile.File, work map[string]string, t *evidence.Tree, f *evidence.Findings) {
	m := evidence.GoModule{Path: mod.Module.Mod.Path, Dir: path.Dir(file), Replace: map[string]string{}}
	for _, r := range mod.Replace {
		if dir, ok := localReplacement(file, r, t); ok {
			m.Replace[r.Old.Path] = dir
		}
	}
	maps.Copy(m.Replace, work)
	f.Layout.GoModules = append(f.Layout.GoModules, m)
}

func addExternal(file string, mod *modfile.File, f *evidence.Findings) {
	for _, r := range mod.Require {
		name := r.Mod.Path
		if f.Own["go:"+name] {
			continue
		}
		scope := evidence.ScopeRuntime
		if r.Indirect {
			scope = evidence.ScopeIndirect
			// A tool's module is kept as indirect unless the code imports it too.
			if slices.ContainsFunc(mod.Tool, func(tool *modfile.Tool) bool { return tool.Path == name || strings.HasPrefix(tool.Path, name+"/") }) {
				scope = evidence.ScopeDevelopment
			}
		}
		f.AddExternal(report.External{
			Ecosystem: Ecosystem, Name: name, Version: r.Mod.Version, Scope: scope,
			Manifest: file, Line: r.Syntax.Start.Line, Imports: []string{name},
		})
	}
}

func addRequirements(file string, g *modfile.Go, toolchain *modfile.Toolchain, f *evidence.Findings) {
	if g != nil {
		f.AddRequirement("go", g.Version, file, g.Syntax.Start.Line)
	}
	if toolchain != nil {
		f.AddRequirement("go toolchain", toolchain.Name, file, toolchain.Syntax.Start.Line)
	}
}

// addCommands adds what the go command can do with any module: less sure than
// what the project itself says.
func addCommands(file string, mod *modfile.File, t *evidence.Tree, f *evidence.Findings) {
	if evidence.PlaceOf(file) != evidence.Product || strings.Count(file, "/") > 1 {
		return
	}
	line := mod.Module.Syntax.Start.Line
	add := func(purpose shell.Purpose, command, why string, sure float64) {
		f.AddCommand(evidence.Command{Purpose: purpose, Command: report.Command{
			Command: command, Source: file, Line: line, Why: why, Confidence: sure,
		}})
	}
	add(shell.Setup, "go mod download", "fetches the modules that go.mod names", evidence.SureConvention-0.1)
	add(shell.Build, "go build ./...", "builds every package of the Go module", evidence.SureConvention)
	add(shell.Test, "go test ./...", "runs every test of the Go module", evidence.SureConvention)
	for _, dir := range programs(path.Dir(file), t) {
		add(shell.Run, "go run "+dir, "main.go in that folder", evidence.SureConvention)
	}
}

// programs are the folders of a module where a program usually stands: its
// root and cmd/*, as arguments of go run.
func programs(root string, t *evidence.Tree) []string {
	var out []string
	if t.Has(path.Join(root, "main.go")) {
		out = append(out, ".")
	}
	for _, p := range t.Under(path.Join(root, "cmd")) {
		if path.Base(p) == "main.go" && evidence.PlaceOf(p) == evidence.Product && len(out) < maxPrograms {
			out = append(out, "./"+strings.TrimPrefix(path.Dir(p), strings.TrimPrefix(root+"/", "./")))
		}
	}
	return out
}
