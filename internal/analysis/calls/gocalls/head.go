package gocalls

import (
	"context"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
)

// head is what the top of a file says.
type head struct {
	built   bool   // part of the build
	name    string // of its package, "" when that cannot be read
	imports []string
}

func readHead(filePath string, content []byte) head {
	if !built(filePath, content) {
		return head{}
	}
	tree, _ := parser.ParseFile(token.NewFileSet(), "", content, parser.ImportsOnly)
	if tree == nil {
		return head{}
	}
	h := head{built: true, name: tree.Name.Name}
	for _, spec := range tree.Imports {
		h.imports = append(h.imports, strings.Trim(spec.Path.Value, "`\""))
	}
	slices.Sort(h.imports)
	h.imports = slices.Compact(h.imports)
	return h
}

// folder is the files of one folder, by their places.
type folder struct {
	dir   string
	files []int
	key   string // "" for one that is not kept
	heads []head
}

// readHeads reads the top of every file, or what is kept of it, and makes the
// packages.
func (p *program) readHeads(ctx context.Context) error {
	var missing []int
	folders := p.folders()
	for _, f := range folders {
		if f.heads = p.keptHeads(f); f.heads == nil {
			missing = append(missing, f.files...)
		}
	}
	if err := p.need(ctx, missing); err != nil {
		return err
	}
	for _, f := range folders {
		dirty := f.heads == nil
		if dirty {
			p.newHeads(f)
		}
		importPath, _ := p.importPath(f.dir)
		k := p.packages[importPath]
		if k == nil {
			k = &pkg{path: importPath}
			p.packages[importPath] = k
		}
		k.dirty = k.dirty || dirty
		for n, i := range f.files {
			k.add(p.files[i].Path, i, f.heads[n])
		}
	}
	for importPath, k := range p.packages {
		if len(k.files)+len(k.tests)+len(k.outside) == 0 {
			delete(p.packages, importPath)
		}
		for _, list := range []*[]string{&k.imports.files, &k.imports.tests, &k.imports.outside} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
	}
	return ctx.Err()
}

// folders lists the folders of modules.
func (p *program) folders() []*folder {
	var out []*folder
	at := map[string]*folder{}
	for i := range p.files {
		dir := path.Dir(p.files[i].Path)
		f, known := at[dir]
		if !known {
			if _, ok := p.importPath(dir); ok {
				f = &folder{dir: dir}
				out = append(out, f)
			}
			at[dir] = f
		}
		if f != nil {
			f.files = append(f.files, i)
		}
	}
	return out
}

func (p *program) keptHeads(f *folder) []head {
	if p.tree.Cache == nil {
		return nil
	}
	sum := newSum("heads")
	for _, i := range f.files {
		if p.files[i].ID == "" {
			return nil
		}
		sum.text(path.Base(p.files[i].Path))
		sum.text(p.files[i].ID)
	}
	f.key = sum.key()
	kept, ok := p.tree.Cache.Get(f.key)
	if !ok {
		return nil
	}
	heads := decodeHeads(kept)
	if len(heads) != len(f.files) {
		return nil
	}
	return heads
}

func (p *program) newHeads(f *folder) {
	f.heads = make([]head, len(f.files))
	whole := true
	for n, i := range f.files {
		whole = whole && p.files[i].Content != nil
		if p.files[i].Content != nil {
			f.heads[n] = readHead(p.files[i].Path, p.files[i].Content)
		}
	}
	if whole && f.key != "" {
		p.tree.Cache.Put(f.key, encodeHeads(f.heads))
	}
}

// add puts a file where it belongs.
func (k *pkg) add(filePath string, place int, h head) {
	switch {
	case !h.built:
	case !strings.HasSuffix(filePath, "_test.go"):
		k.files = append(k.files, place)
		k.imports.files = append(k.imports.files, h.imports...)
	case strings.HasSuffix(h.name, "_test"):
		k.outside = append(k.outside, place)
		k.imports.outside = append(k.imports.outside, h.imports...)
	default:
		k.tests = append(k.tests, place)
		k.imports.tests = append(k.imports.tests, h.imports...)
	}
}

func encodeHeads(heads []head) []byte {
	var w writer
	w.number(len(heads))
	for _, h := range heads {
		w.flag(h.built)
		w.text(h.name)
		w.list(h.imports)
	}
	return w.bytes
}

// decodeHeads returns nil for what is no list of heads.
func decodeHeads(b []byte) []head {
	r := reader{bytes: b}
	heads := make([]head, r.length())
	for i := range heads {
		heads[i] = head{built: r.flag(), name: r.text(), imports: r.list()}
	}
	if r.failed || len(r.bytes) > 0 {
		return nil
	}
	return heads
}
