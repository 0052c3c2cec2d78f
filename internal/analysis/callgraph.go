package analysis

import (
	"bytes"
	"context"
	"path"

	"github.com/rampforgeai/rampforge/internal/analysis/calls/gocalls"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// readGoCalls resolves the calls of the tree's Go modules by their types. Types
// need all of a module at a time, so that files which did not change may be read
// for them too. What was found of packages that see no change is kept.
func (a *assembly) readGoCalls(ctx context.Context) error {
	defer func() { a.read.goSources = nil }()
	files := a.goFiles()
	if len(files) == 0 {
		return nil
	}
	tree := gocalls.Tree{Modules: a.goModules(), Read: func(ctx context.Context, places []int, visit func(int, []byte)) error {
		return a.goSources(ctx, files, places, visit)
	}}
	if a.options.Facts != nil {
		tree.Cache = a.options.Facts
	}
	for _, f := range files {
		tree.Files = append(tree.Files, gocalls.File{Path: f.Path, Size: f.Size, ID: f.Blob, Content: a.read.goSources[f.Path]})
	}
	var err error
	a.goCalls, err = gocalls.Resolve(ctx, tree)
	return err
}

// goSources reads the content of files of which the cache knew the facts.
func (a *assembly) goSources(ctx context.Context, files []*source.File, places []int, visit func(int, []byte)) error {
	ids := make([]string, len(places))
	for i, place := range places {
		ids[i] = files[place].Blob
	}
	at := 0
	return a.read.tree.Blobs(ctx, ids, func(_ string, content []byte) error {
		if content != nil {
			visit(places[at], bytes.Clone(content))
		}
		at++
		return nil
	})
}

// goFiles are the files that types are read from: generated ones too, which
// others need. None when they are more than is read.
func (a *assembly) goFiles() []*source.File {
	var files []*source.File
	size := int64(0)
	for i := range a.files {
		f := &a.files[i]
		if path.Ext(f.Path) != ".go" || !regular(f.TreeFile) || f.TestData || f.Size < 0 || f.Size > a.options.Limits.FileBytes {
			continue
		}
		if partOfCode(f) || f.Skip == report.SkipGenerated {
			files = append(files, f)
			size += f.Size
		}
	}
	if size > gocalls.MaxBytes {
		return nil
	}
	return files
}

func (a *assembly) goModules() []gocalls.Module {
	modules := make([]gocalls.Module, 0, len(a.manifest.Layout.GoModules))
	for _, m := range a.manifest.Layout.GoModules {
		modules = append(modules, gocalls.Module{Path: m.Path, Dir: m.Dir})
	}
	return modules
}
