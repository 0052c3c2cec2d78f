package node

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// The files in which frameworks and build tools say what a project starts.
const (
	nestFile = "nest-cli.json"
	nxFile   = "project.json"
)

// addNestEntries adds the programs that nest start runs: no script names their
// files. Without nest-cli.json, and where it leaves something out, Nest's own
// defaults hold.
func (p pkg) addNestEntries(t *evidence.Tree, f *evidence.Findings) {
	doc, err := syntax.JSON(t.Content(path.Join(p.dir, nestFile)))
	if err != nil {
		doc = nil
	}
	seen := map[string]bool{}
	for _, s := range p.doc.Get("scripts").Each() {
		words := strings.Fields(s.Value.String())
		at := slices.Index(words, "nest") + 1
		if at == 0 || at == len(words) || words[at] != "start" {
			continue
		}
		var project *syntax.Node // of a workspace of several, by its name
		if at+1 < len(words) {
			project = doc.Get("projects", words[at+1])
		}
		root := cmp.Or(project.Get("sourceRoot").String(), doc.Get("sourceRoot").String(), "src")
		entry := cmp.Or(project.Get("entryFile").String(), doc.Get("entryFile").String(), "main")
		file := t.FirstExisting(sourceNames(evidence.Join(p.dir, root), entry)...)
		if !seen[file] {
			seen[file] = true
			f.AddEntry(file, 1, evidence.EntryProgram, "script "+s.Key)
		}
	}
}

// sourceNames are the files that may be meant by a name without its ending.
func sourceNames(dir, name string) []string {
	stem := evidence.Join(dir, name)
	if dir == "" || stem == "" {
		return nil
	}
	return []string{stem + ".ts", stem + ".js", stem}
}

// addNxEntries adds the programs that projects of Nx build: an application names
// its main file. Paths are relative to the root of the workspace.
func addNxEntries(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Named(nxFile) {
		dir := path.Dir(file)
		doc, err := syntax.JSON(t.Content(file))
		if err != nil || evidence.PlaceOf(file) != evidence.Product || doc.Get("projectType").String() != "application" {
			continue
		}
		options := doc.Get("targets", "build", "options")
		for _, key := range []string{"main", "browser"} {
			main := options.Get(key).String()
			main = strings.TrimPrefix(strings.ReplaceAll(main, "{projectRoot}", dir), "{workspaceRoot}/")
			if main == "" || !isSource(main) {
				continue
			}
			f.AddEntry(t.FirstExisting(evidence.Join(workspaceOf(t, dir), main), evidence.Join(".", main)), 1, evidence.EntryProgram, cmp.Or(doc.Get("name").String(), path.Base(dir)))
			break
		}
	}
}

// workspaceOf is the nearest folder on the way to the root that has an nx.json,
// "." when there is none.
func workspaceOf(t *evidence.Tree, dir string) string {
	for ; dir != "." && dir != "/"; dir = path.Dir(dir) {
		if t.Has(path.Join(dir, "nx.json")) {
			return dir
		}
	}
	return "."
}

// nodePrograms run the file that is their first argument.
var nodePrograms = []string{"node", "nodemon", "ts-node", "tsx", "bun", "deno", "ts-node-dev", "pm2"}

// valued are their options whose value is a word of its own.
var valued = []string{
	"-r", "--require", "--import", "--loader", "--experimental-loader", "--conditions", "-e", "--eval", "-p", "--print", "-P", "--project", "--tsconfig", "--cwd", "--dir",
	"-O", "--compilerOptions", "-I", "--ignore", "-D", "--ignoreDiagnostics", "-w", "--watch-path", "--ext", "-x", "--exec", "-i", "-d", "--delay", "-c", "--config",
	"--env-file", "--preload", "--import-map", "-n", "--name", "--interpreter", "--signal", "--ignore-watch",
}

// scriptFile is the file of the tree that a script starts.
func scriptFile(t *evidence.Tree, dir, script string) string {
	words := strings.Fields(script)
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	for i, w := range words {
		if !slices.Contains(nodePrograms, w) {
			continue
		}
		if file := argumentFile(t, dir, w, words[i+1:]); file != "" {
			return file
		}
	}
	return ""
}

// argumentFile is the file that a program is given to run. A word that follows
// an option which is not known may be its value: it counts only when it is a
// source of the tree.
func argumentFile(t *evidence.Tree, dir, program string, args []string) string {
	option := ""
	for _, arg := range args {
		switch {
		case strings.ContainsAny(arg, "&|;"):
			return ""
		case strings.HasPrefix(arg, "-"):
			option = arg
			continue
		case slices.Contains(valued, option) || program == "nodemon" && option == "--watch":
			option = ""
			continue
		case arg == "run" || arg == "start" || arg == "watch":
			continue
		}
		if file := sourceOf(t, dir, arg); file != "" && isSource(file) {
			return file
		}
		if option == "" || strings.Contains(option, "=") {
			return ""
		}
		option = ""
	}
	return ""
}

// isSource reports whether a file is one that Node or a program like it runs.
func isSource(file string) bool {
	return slices.Contains([]string{".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".coffee", ""}, path.Ext(file))
}
