// Command calls holds the call graph of a Go module against rapid type analysis
// of golang.org/x/tools, which has the source of everything the module imports. Of
// a folder with a go.work it takes the modules that this names together.
//
//	go run ./test/oracles/calls [-keep FILE] DIR
//
// With -keep the reference's answer is written to a file, or taken from it when it
// is there: of a module with large dependencies it takes minutes.
//
// Compared are edges between functions that the module declares, of callers that
// the reference reaches from the programs and tests of the module. A function
// literal belongs to the function around it; a call of one, of a wrapper, of the
// initialisation of a package or of what go test runs is no edge. Edges that only
// whoever uses the module as a library makes are counted apart. The exit status is 1 below a
// precision of 0.97 or a recall of 0.9.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/callgraph/rta"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/rampforgeai/rampforge/internal/analysis/calls/gocalls"
)

// edge names two functions by where they stand.
type edge struct{ from, to string }

// found is how sure an edge of ours is, and whether only code that nothing in the
// module runs makes it: the reference begins at programs and tests.
type found struct {
	confidence uint8
	outside    bool
}

func main() {
	show := flag.Int("show", 20, "differences to print of each kind")
	alone := flag.Bool("alone", false, "leave the reference out, to measure time and memory")
	keep := flag.String("keep", "", "file that keeps the reference's answer")
	flag.Parse()
	if err := run(flag.Arg(0), *show, *alone, *keep); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, show int, alone bool, keep string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	modules, err := modulesOf(dir)
	if err != nil {
		return err
	}
	start := time.Now()
	ours, err := ourEdges(dir, modules)
	if err != nil {
		return err
	}
	fmt.Printf("ours: %d edges in %v\n", len(ours), time.Since(start).Round(time.Millisecond))
	if alone {
		return nil
	}
	start = time.Now()
	theirs, reached, err := kept(dir, modules, keep)
	if err != nil {
		return err
	}
	fmt.Printf("reference: %d edges in %v\n", len(theirs), time.Since(start).Round(time.Millisecond))
	return compare(ours, theirs, reached, show)
}

// modulesOf lists the folders of the modules of a workspace, or the folder itself.
func modulesOf(dir string) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, "go.work"))
	if errors.Is(err, fs.ErrNotExist) {
		return []string{dir}, nil
	}
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork("go.work", content, nil)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, use := range work.Use {
		out = append(out, filepath.Join(dir, use.Path))
	}
	return out, nil
}

func ourEdges(dir string, own []string) (map[edge]found, error) {
	var files []gocalls.File
	var modules []gocalls.Module
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != dir && (name == "vendor" || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != dir && !slices.Contains(own, p) {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil || !strings.HasSuffix(name, ".go") && name != "go.mod" {
			return err
		}
		content, err := os.ReadFile(p) //nolint:gosec // whoever runs it names the folder
		if err != nil {
			return err
		}
		if name == "go.mod" {
			modules = append(modules, gocalls.Module{Path: modfile.ModulePath(content), Dir: filepath.ToSlash(filepath.Dir(rel))})
		} else {
			files = append(files, gocalls.File{Path: filepath.ToSlash(rel), Size: int64(len(content)), Content: content})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	calls, err := gocalls.Resolve(context.Background(), gocalls.Tree{Modules: modules, Files: files})
	if err != nil {
		return nil, err
	}
	place := func(function int32) string {
		f := calls.Functions[function]
		return fmt.Sprintf("%s:%d", f.Path, f.Line)
	}
	out := map[edge]found{}
	for _, e := range calls.Edges {
		from, to := calls.Functions[e.From], calls.Functions[e.To]
		if e.From == e.To || runByTesting(to.Path, to.Name) || from.Variable || to.Variable || from.Line == 0 {
			continue // recursion, or what the reference gives to no function
		}
		out[edge{place(e.From), place(e.To)}] = found{e.Confidence, e.Outside}
	}
	return out, nil
}

// answer is what the reference said, by places.
type answer struct {
	Edges   map[string][]string // callers → callees
	Reached []string
}

// kept returns the reference's edges, from a file when there is one.
func kept(dir string, modules []string, file string) (edges map[edge]bool, reached map[string]bool, err error) {
	if content, err := os.ReadFile(file); err == nil {
		var known answer
		if err := json.Unmarshal(content, &known); err != nil {
			return nil, nil, err
		}
		edges, reached = map[edge]bool{}, map[string]bool{}
		for from, list := range known.Edges {
			for _, to := range list {
				edges[edge{from, to}] = true
			}
		}
		for _, at := range known.Reached {
			reached[at] = true
		}
		return edges, reached, nil
	}
	edges, reached, err = theirEdges(dir, modules)
	if err != nil || file == "" {
		return edges, reached, err
	}
	known := answer{Edges: map[string][]string{}, Reached: slices.Collect(maps.Keys(reached))}
	for e := range edges {
		known.Edges[e.from] = append(known.Edges[e.from], e.to)
	}
	content, err := json.Marshal(known)
	if err != nil {
		return nil, nil, err
	}
	return edges, reached, os.WriteFile(file, content, 0o600)
}

// runByTesting reports whether the program that go test makes uses a function as a
// value: to the reference it is called wherever a func() is.
func runByTesting(file, name string) bool {
	prefixed := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	return strings.HasSuffix(file, "_test.go") && slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz", "Example"}, prefixed)
}

// theirEdges runs the reference.
func theirEdges(dir string, modules []string) (edges map[edge]bool, reached map[string]bool, err error) {
	var patterns []string
	for _, m := range modules {
		patterns = append(patterns, m+"/...")
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: dir, Tests: true}, patterns...)
	if err != nil {
		return nil, nil, err
	}
	if n := packages.PrintErrors(loaded); n > 0 {
		fmt.Fprintf(os.Stderr, "the reference has %d errors and knows less than it could\n", n)
	}
	prog, initial := ssautil.AllPackages(loaded, ssa.InstantiateGenerics)
	prog.Build()
	var roots []*ssa.Function
	for _, p := range initial {
		if p == nil || p.Pkg.Name() != "main" {
			continue
		}
		for _, name := range []string{"init", "main"} {
			if f := p.Func(name); f != nil {
				roots = append(roots, f)
			}
		}
	}
	if len(roots) == 0 {
		return nil, nil, errors.New("the module has neither programs nor tests")
	}
	result := rta.Analyze(roots, true)
	edges, reached = map[edge]bool{}, map[string]bool{}
	c := collapser{prog: prog, dir: dir}
	for _, n := range result.CallGraph.Nodes {
		from := c.place(n.Func)
		if from == "" {
			continue
		}
		reached[from] = true
		for _, to := range c.callees(n) {
			if to != from {
				edges[edge{from, to}] = true
			}
		}
	}
	for f := range result.Reachable {
		if at := c.place(f); at != "" {
			reached[at] = true
		}
	}
	return edges, reached, nil
}

type collapser struct {
	prog *ssa.Program
	dir  string
}

// place says where the declared function stands that holds f, "" for one that
// is not of the module.
func (c *collapser) place(f *ssa.Function) string {
	if f == nil || f.Synthetic != "" && f.Origin() == nil {
		return ""
	}
	for f.Parent() != nil {
		f = f.Parent()
	}
	if f.Origin() != nil {
		f = f.Origin()
	}
	if f.Syntax() == nil {
		return ""
	}
	at := c.prog.Fset.Position(f.Syntax().Pos())
	rel, err := filepath.Rel(c.dir, at.Filename)
	if err != nil || strings.HasPrefix(rel, "..") {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.ToSlash(rel), at.Line)
}

// callees lists the declared functions that a node calls, through wrappers.
func (c *collapser) callees(n *callgraph.Node) []string {
	var out []string
	seen := map[*callgraph.Node]bool{n: true}
	for queue := []*callgraph.Node{n}; len(queue) > 0; {
		next := queue[0]
		queue = queue[1:]
		for _, e := range next.Out {
			f := e.Callee.Func
			switch {
			case f.Parent() != nil: // a function literal
			case f.Synthetic != "" && f.Origin() == nil:
				if f.Name() != "init" && !seen[e.Callee] {
					seen[e.Callee] = true
					queue = append(queue, e.Callee)
				}
			default:
				if at := c.place(f); at != "" && !runByTesting(at[:strings.LastIndexByte(at, ':')], f.Name()) {
					out = append(out, at)
				}
			}
		}
	}
	return out
}

func compare(ours map[edge]found, theirs map[edge]bool, reached map[string]bool, show int) error {
	var both, more, less, outside int
	var extra, missing []edge
	byConfidence := map[uint8][2]int{}
	for e, f := range ours {
		if !reached[e.from] {
			continue
		}
		if f.outside && !theirs[e] {
			outside++
			continue
		}
		count := byConfidence[f.confidence]
		if theirs[e] {
			both++
			count[0]++
		} else {
			more++
			count[1]++
			extra = append(extra, e)
		}
		byConfidence[f.confidence] = count
	}
	for e := range theirs {
		if _, ok := ours[e]; !ok {
			less++
			missing = append(missing, e)
		}
	}
	told := func(title string, list []edge) {
		slices.SortFunc(list, func(a, b edge) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
		step := max(1, len(list)/max(show, 1))
		for i := 0; i < len(list) && show > 0; i += step {
			fmt.Printf("%s %s → %s (%d%%)\n", title, list[i].from, list[i].to, ours[list[i]].confidence)
		}
	}
	told("only ours", extra)
	told("only reference", missing)
	for confidence := range uint8(101) {
		if n := byConfidence[confidence]; n[0]+n[1] > 0 {
			fmt.Printf("confidence %3d%%: %d right, %d not in the reference\n", confidence, n[0], n[1])
		}
	}
	fmt.Printf("%d more that only whoever uses the module as a library makes\n", outside)
	precision, recall := float64(both)/float64(max(both+more, 1)), float64(both)/float64(max(both+less, 1))
	fmt.Printf("precision %.4f, recall %.4f over %d edges\n", precision, recall, both+less)
	if precision < 0.97 || recall < 0.9 {
		return errors.New("below 0.97 or 0.9")
	}
	return nil
}
