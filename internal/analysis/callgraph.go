package analysis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"path"
	"runtime"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/calls/gocalls"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// goCalls is what the types of Go say about calls, and of which files.
type goCalls struct {
	Edges []gocalls.Edge
	Known map[string]bool
}

// goCallsVersion counts the changes of what gocalls finds in unchanged files.
const goCallsVersion = "gocalls/1/"

// readGoCalls resolves the calls of the tree's Go modules by their types. Types
// need all of a module at a time, so that files which did not change are read
// for them too. What was found of the same files is kept.
func (a *assembly) readGoCalls(ctx context.Context) error {
	defer func() { a.read.goSources = nil }()
	files := a.goFiles()
	if len(files) == 0 {
		return nil
	}
	modules := a.goModules()
	key := goCallsKey(modules, files)
	if facts := a.options.Facts; facts != nil {
		if kept, ok := facts.Get(key); ok && gob.NewDecoder(bytes.NewReader(kept)).Decode(&a.goCalls) == nil {
			return nil
		}
		a.goCalls = goCalls{}
	}
	sources, err := a.goSources(ctx, files)
	if err != nil {
		return err
	}
	if a.goCalls.Edges, a.goCalls.Known, err = gocalls.Resolve(ctx, modules, sources); err != nil {
		return err
	}
	var kept bytes.Buffer
	if a.options.Facts != nil && gob.NewEncoder(&kept).Encode(a.goCalls) == nil {
		a.options.Facts.Put(key, kept.Bytes())
	}
	return nil
}

// goSources returns the content of files: of those that the cache knew, from the
// tree.
func (a *assembly) goSources(ctx context.Context, files []*source.File) ([]gocalls.File, error) {
	var sources []gocalls.File
	var paths, ids []string
	for _, f := range files {
		if content, ok := a.read.goSources[f.Path]; ok {
			sources = append(sources, gocalls.File{Path: f.Path, Content: content})
		} else {
			paths, ids = append(paths, f.Path), append(ids, f.Blob)
		}
	}
	if len(ids) == 0 {
		return sources, nil
	}
	at := 0
	err := a.read.tree.Blobs(ctx, ids, func(_ string, content []byte) error {
		if content != nil {
			sources = append(sources, gocalls.File{Path: paths[at], Content: bytes.Clone(content)})
		}
		at++
		return nil
	})
	return sources, err
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

func goCallsKey(modules []gocalls.Module, files []*source.File) string {
	sum := sha256.New()
	text := func(parts ...string) { sum.Write([]byte(strings.Join(parts, "\x00") + "\x01")) }
	text(runtime.Version())
	for _, m := range modules {
		text(m.Path, m.Dir)
	}
	for _, f := range files {
		text(f.Path, f.Blob)
	}
	return goCallsVersion + hex.EncodeToString(sum.Sum(nil))
}
