package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
)

// JavaScript and TypeScript: Node's resolution with what bundlers and tsc add.
// A relative path is tried as it stands, with the extensions, as the TypeScript
// file behind a .js, and as a folder. A bare name goes through the paths of the
// nearest tsconfig, then the packages of the tree (workspaces), then the usual
// aliases @/ and ~/; what is left is a dependency.
//
// Where the imported file only passes a name on (export … from, or an import
// that it exports again), there is an edge to it and one to the file that
// declares the name.

type nodeResolver struct {
	t        *tree
	b        *builder
	packages map[string]*manifest.NodePackage // by name
	inFolder map[string]*manifest.NodePackage
	configs  map[string]*manifest.TSConfig // by folder
	exports  map[int32]exported
	// plain says whether the file at hand is JavaScript: it prefers its own kind.
	plain bool
}

// bundledImports is how many imports a file must have, nearly all of files that
// are nowhere, to be taken for a bundle: what it requires lies inside it.
const bundledImports = 10

var nodeLanguages = []string{"JavaScript", "TypeScript", "TSX", "JSX", "Vue", "Svelte"}

func resolveNode(t *tree, b *builder) {
	files := t.spoken(nodeLanguages...)
	if len(files) == 0 {
		return
	}
	r := &nodeResolver{
		t: t, b: b, packages: map[string]*manifest.NodePackage{}, inFolder: map[string]*manifest.NodePackage{},
		configs: map[string]*manifest.TSConfig{}, exports: map[int32]exported{},
	}
	for i := range t.layout.NodePackages {
		p := &t.layout.NodePackages[i]
		if p.Name != "" && r.packages[p.Name] == nil {
			r.packages[p.Name] = p
		}
		r.inFolder[p.Dir] = p
	}
	for i := range t.layout.TSConfigs {
		c := &t.layout.TSConfigs[i]
		r.configs[c.Dir] = c
	}
	for _, i := range files {
		before := b.missing
		b.file(i, func(f *language.Facts) {
			for k := range f.Imports {
				r.resolveImport(i, &f.Imports[k])
			}
			if missing := b.missing - before; missing >= bundledImports && missing*5 > len(f.Imports)*4 {
				b.missing = before
			}
		})
	}
}

func (r *nodeResolver) resolveImport(from int32, imp *language.Import) {
	spec := cleanSpecifier(imp.Path)
	if spec == "" {
		return
	}
	to, ok := r.resolve(from, spec)
	switch {
	case isAsset(spec):
	case ok:
		r.b.internal++
		r.link(to, imp)
	case isPathLike(spec):
		r.b.missing++
	default:
		r.b.use("npm", npmName(spec))
	}
}

// cleanSpecifier takes off what loaders add: "raw-loader!./a?inline".
func cleanSpecifier(spec string) string {
	spec = spec[strings.LastIndexByte(spec, '!')+1:]
	if i := strings.IndexByte(spec, '?'); i >= 0 {
		spec = spec[:i]
	}
	return spec
}

// isPathLike reports whether a specifier can only be a file of the tree.
func isPathLike(spec string) bool {
	return strings.HasPrefix(spec, ".") || strings.HasPrefix(spec, "/") || strings.HasPrefix(spec, "#") ||
		strings.HasPrefix(spec, "@/") || strings.HasPrefix(spec, "~/")
}

var assetExtensions = words(`.css .scss .sass .less .styl .pcss .postcss .svg .png .jpg .jpeg .gif .webp .avif .ico .bmp .woff .woff2 .ttf .otf .eot
.mp3 .mp4 .webm .ogg .wav .pdf .wasm .glsl .frag .vert .html .htm .txt .md .mdx .graphql .gql .yml .yaml .node .lottie .ftl .po .zip`)

func isAsset(spec string) bool { return assetExtensions[strings.ToLower(path.Ext(spec))] }

// npmName returns the package that a bare specifier names, "" for what is
// built into a runtime or made by a bundler.
func npmName(spec string) string {
	if strings.Contains(spec, ":") || strings.HasPrefix(spec, "\x00") {
		return "" // node:fs, bun:test, virtual:x, https://…
	}
	first, rest, _ := strings.Cut(spec, "/")
	if nodeBuiltin[first] {
		return ""
	}
	if strings.HasPrefix(first, "@") {
		second, _, _ := strings.Cut(rest, "/")
		if second == "" {
			return ""
		}
		return first + "/" + second
	}
	if strings.HasPrefix(first, "$") {
		return "" // $app and $env of SvelteKit
	}
	return first
}

var nodeBuiltin = words(`assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs
http http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder sys timers tls
trace_events tty url util v8 vm wasi worker_threads zlib bun deno`)

// resolve finds the file of a specifier.
func (r *nodeResolver) resolve(from int32, spec string) (int32, bool) {
	file := r.t.files[from].Path
	dir := path.Dir(file)
	r.plain = strings.HasSuffix(file, "js") || strings.HasSuffix(file, ".jsx")
	switch {
	case strings.HasPrefix(spec, "."):
		return r.probe(path.Join(dir, spec))
	case strings.HasPrefix(spec, "#"):
		if to, ok := r.private(dir, spec); ok {
			return to, true
		}
		return r.byConfig(dir, spec)
	case strings.HasPrefix(spec, "/"):
		return r.rooted(dir, spec[1:])
	}
	if to, ok := r.byConfig(dir, spec); ok {
		return to, true
	}
	if to, ok := r.workspace(spec); ok {
		return to, true
	}
	return r.alias(dir, spec)
}

// packageOf returns the package around a folder, nil for none.
func (r *nodeResolver) packageOf(dir string) *manifest.NodePackage {
	for _, d := range ancestors(dir) {
		if p := r.inFolder[d]; p != nil {
			return p
		}
	}
	return nil
}

// private resolves "#name" by the imports of the package around it.
func (r *nodeResolver) private(dir, spec string) (int32, bool) {
	p := r.packageOf(dir)
	if p == nil {
		return notAnalysed, false
	}
	return r.target(p, p.Imports, spec)
}

// rooted resolves a path from the package around it, as bundlers do.
func (r *nodeResolver) rooted(dir, spec string) (int32, bool) {
	for _, base := range r.bases(dir) {
		for _, sub := range []string{"", "public", sourceFolder} {
			if to, ok := r.probe(path.Join(base, sub, spec)); ok {
				return to, true
			}
		}
	}
	return notAnalysed, false
}

// bases are the folder of the package around a folder and the root.
func (r *nodeResolver) bases(dir string) []string {
	if p := r.packageOf(dir); p != nil && p.Dir != "." {
		return []string{p.Dir, "."}
	}
	return []string{"."}
}

// byConfig resolves by the paths and the base of the configurations above a
// folder, the nearest first.
func (r *nodeResolver) byConfig(dir, spec string) (int32, bool) {
	for _, d := range ancestors(dir) {
		c := r.configs[d]
		if c == nil {
			continue
		}
		pattern, star := matchPattern(c.Paths, spec)
		for _, target := range c.Paths[pattern] {
			if to, ok := r.probe(path.Clean(strings.Replace(target, "*", star, 1))); ok {
				return to, true
			}
		}
		if c.BaseURL == "" {
			continue
		}
		if to, ok := r.probe(path.Join(c.BaseURL, spec)); ok {
			return to, true
		}
	}
	return notAnalysed, false
}

// matchPattern returns the key that fits a specifier best, as tsc and Node have
// it: itself, else the pattern with the longest text before its star. The
// second result is what the star stands for.
func matchPattern[V any](patterns map[string]V, spec string) (pattern, star string) {
	if _, ok := patterns[spec]; ok {
		return spec, ""
	}
	best := -1
	for p := range patterns {
		before, after, ok := strings.Cut(p, "*")
		if !ok || len(spec) < len(before)+len(after) || !strings.HasPrefix(spec, before) || !strings.HasSuffix(spec, after) {
			continue
		}
		if len(before) > best || len(before) == best && (len(p) > len(pattern) || len(p) == len(pattern) && p < pattern) {
			best, pattern, star = len(before), p, spec[len(before):len(spec)-len(after)]
		}
	}
	return pattern, star
}

// alias resolves the names that many bundlers are told of outside tsconfig: @/
// and ~/ for the sources, $lib, and folders of the package without a dot.
func (r *nodeResolver) alias(dir, spec string) (int32, bool) {
	rest, ok := strings.CutPrefix(spec, "@/")
	if !ok {
		rest, ok = strings.CutPrefix(spec, "~/")
	}
	if !ok {
		if lib, found := strings.CutPrefix(spec, "$lib"); found {
			rest, ok = "lib"+lib, true
		}
	}
	if !ok && !strings.Contains(spec, "/") {
		return notAnalysed, false
	}
	if !ok {
		rest = spec
	}
	for _, base := range r.bases(dir) {
		for _, sub := range []string{sourceFolder, "", "app", "resources/js"} {
			// Without a sign of an alias only a folder of that name will do:
			// a package may be called like a file.
			if first, _, _ := strings.Cut(rest, "/"); !ok && !r.t.hasFolder(path.Join(base, sub, first)) {
				continue
			}
			if to, found := r.probe(path.Join(base, sub, rest)); found {
				return to, true
			}
		}
	}
	return notAnalysed, false
}

// workspace resolves the name of a package of the tree.
func (r *nodeResolver) workspace(spec string) (int32, bool) {
	name := npmName(spec)
	p := r.packages[name]
	if p == nil {
		return notAnalysed, false
	}
	sub := strings.TrimPrefix(spec[len(name):], "/")
	if sub == "" {
		for _, main := range p.Main {
			if to, ok := r.source(p.Dir, main); ok {
				return to, true
			}
		}
		return r.source(p.Dir, "index")
	}
	if to, ok := r.target(p, p.Exports, "./"+sub); ok {
		return to, true
	}
	return r.source(p.Dir, sub)
}

// target resolves a key of exports or imports.
func (r *nodeResolver) target(p *manifest.NodePackage, table map[string]string, key string) (int32, bool) {
	pattern, star := matchPattern(table, key)
	target, ok := table[pattern]
	if !ok {
		return notAnalysed, false
	}
	return r.source(p.Dir, strings.ReplaceAll(target, "*", star))
}

var builtFolders = []string{"dist", "build", "lib", "out", "esm", "cjs", "es", "types", "umd", "_esm", "_cjs"}

var compiledEndings = strings.Fields(".d.ts .d.mts .d.cts .min.js .js .mjs .cjs .umd .esm")

// source finds the file of a package, or when it is built and not kept, the
// source that it is built from: dist/esm/utils.js from src/utils.ts.
func (r *nodeResolver) source(dir, file string) (int32, bool) {
	if to, ok := r.probe(path.Join(dir, file)); ok {
		return to, true
	}
	parts := strings.Split(path.Clean(file), "/")
	for len(parts) > 1 && slices.Contains(builtFolders, parts[0]) {
		parts = parts[1:]
	}
	last := parts[len(parts)-1]
	for _, ending := range compiledEndings {
		last = strings.TrimSuffix(last, ending)
	}
	parts[len(parts)-1] = last
	rest := strings.Join(parts, "/")
	for _, base := range []string{sourceFolder, "source", "", "lib"} {
		if to, ok := r.probe(path.Join(dir, base, rest)); ok {
			return to, true
		}
	}
	return notAnalysed, false
}
